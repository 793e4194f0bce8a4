//! The call of a gallery: several pictures side by side, each perhaps with words below it.
//!
//! ```text
//! {{ gallery("a.png | Before", "b.png | After", caption="Two states", label="fig:states") }}
//! ```

use std::ops::Range;

use super::attributes;
use super::directive::{Call, parse_label};
use super::document::{Inline, Shown};
use super::link::{LinkForm, classify};
use super::notes::Notes;
use super::reference::ReferenceKind;
use octavo_definition::diagnostic::Diagnostic;

const GALLERY: &str = "write `{{ gallery(\"a.png | Before\", \"b.png | After\", caption=\"Two states\", label=\"fig:states\") }}`";

/// Reads a gallery: files, each perhaps with words behind ` | `.
pub(super) fn gallery(call: &Call<'_>, span: &Range<usize>, notes: &mut Notes<'_>) -> Option<Inline> {
    let named = |name: &str| {
        call.named.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    let width = named("width");
    let label = named("label");
    let mut wrong: Vec<String> = Vec::new();
    if call.arguments.is_empty() {
        wrong.push("a gallery needs pictures".to_owned());
    }
    let unknown = call.named.iter().filter(|(name, _)| !["caption", "label", "width"].contains(name));
    wrong.extend(unknown.map(|(name, _)| format!("a gallery has no `{name}`")));
    let style = width.as_deref().map(|width| (attributes::length(width), width));
    if let Some((None, width)) = style {
        wrong.push(format!("`{width}` is no width"));
    }
    if label.as_ref().is_some_and(|label| parse_label(&format!("{{#{label}}}")).is_none()) {
        wrong.push("a label has letters, digits and hyphens".to_owned());
    }
    let good = wrong.is_empty();
    for message in wrong {
        notes.report(Diagnostic::error("substitution", message).help(GALLERY), span);
    }
    let style = style.and_then(|(length, _)| length).map(|length| format!("width:{length}"));
    let shown = call.arguments.iter().map(|argument| member(argument, style.clone(), span, notes)).collect();
    good.then(|| Inline::Gallery { shown, caption: named("caption"), label, span: span.clone() })
}

/// One picture of a gallery.
fn member(argument: &str, style: Option<String>, span: &Range<usize>, notes: &mut Notes<'_>) -> Shown {
    let (file, words) = argument.split_once('|').unwrap_or((argument, ""));
    let (target, words) = (file.trim(), words.trim());
    match classify(target) {
        LinkForm::Local(local) => notes.refer(ReferenceKind::Link, local, span),
        _ => {
            let problem = Diagnostic::error("link", format!("`{target}` is no file beside the page"));
            notes.report(problem.help(GALLERY), span);
        }
    }
    Shown {
        target: target.to_owned(),
        alt: words.replace(['*', '`', '$'], ""),
        title: String::new(),
        words: (!words.is_empty()).then(|| words.to_owned()),
        style,
        span: span.clone(),
    }
}
