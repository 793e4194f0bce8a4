//! The author's own pictures: figures with a caption, a number and a label, films, and galleries of several.
//!
//! ```text
//! ![Caption](plot.png){#fig:plot width=60%}      ![](film.mp4)
//! ```

use std::ops::Range;

use super::Builder;
use crate::attributes::{self, Attributes};
use crate::document::{Block, Inline, PictureBlock, Shown, plain_text};
use crate::label::{Label, LabelKind, slug};
use crate::link::{LinkForm, classify};
use octavo_definition::diagnostic::Diagnostic;

/// Attributes that a picture takes.
const KNOWN: &[&str] = &["width", "height", "alt"];

impl Builder<'_> {
    /// `{#fig:name width=60%}` right behind a picture belongs to it.
    pub(super) fn take_attributes(&mut self, out: &mut [Inline], scanned: &mut [Inline]) {
        let Some(Inline::Image { target, attributes, span, .. }) = out.last_mut() else { return };
        let Some(Inline::Text(text)) = scanned.first_mut() else { return };
        let Some((found, length)) = attributes::parse(text) else { return };
        *text = text[length..].to_owned();
        let place = span.end..span.end + length;
        let own = !matches!(classify(target), LinkForm::Figure(_) | LinkForm::Table(_));
        **attributes = found.clone();
        self.check_attributes(&found, own, &place);
    }

    fn check_attributes(&mut self, found: &Attributes, own: bool, place: &Range<usize>) {
        for (name, value) in &found.pairs {
            let problem = if !own || !KNOWN.contains(&name.as_str()) {
                let problem = Diagnostic::warning("attribute", format!("`{name}` has no effect here"));
                if own {
                    problem.nearest(name, KNOWN.iter().copied())
                } else {
                    problem.help("a figure of results has the width of the text")
                }
            } else if name != "alt" && attributes::length(value).is_none() {
                Diagnostic::error("attribute", format!("`{value}` is no {name}"))
                    .help("write a number with `%`, `px`, `em`, `cm`, `mm`, `in` or `pt`, as in `width=60%`")
            } else {
                continue;
            };
            self.notes.report(problem, place);
        }
        for class in &found.classes {
            let problem = Diagnostic::warning("attribute", format!("`{class}` has no effect here"));
            self.notes.report(problem.help("remove it"), place);
        }
    }

    /// A picture that stands alone, as a figure.
    pub(super) fn picture(
        &mut self,
        shown: Shown,
        attributes: &Attributes,
        caption: Vec<Inline>,
        span: &Range<usize>,
    ) -> Block {
        self.refuse_misplaced(&caption);
        let (number, id) = self.own_figure(attributes.label.as_deref(), &shown.target, &caption, span);
        Block::Picture(PictureBlock { number, id, shown: vec![shown], caption })
    }

    /// The number and id of a figure of the author's own: named by its label, else by its file.
    fn own_figure(
        &mut self,
        label: Option<&str>,
        file: &str,
        caption: &[Inline],
        span: &Range<usize>,
    ) -> (usize, String) {
        self.counts.figures += 1;
        let number = self.counts.figures;
        let name = match label {
            Some(label) => self.own_name("fig", label, span),
            None => {
                let stem = file.rsplit('/').next().unwrap_or(file);
                let stem = stem.split('.').next().unwrap_or(stem);
                if stem.is_empty() { plain_text(caption) } else { stem.to_owned() }
            }
        };
        let id = self.take_own(LabelKind::Figure, "fig", &name, label.is_some(), number, span);
        (number, id)
    }

    /// The name of a label, `plot` of `fig:plot`.
    pub(super) fn own_name(&mut self, kind: &str, label: &str, span: &Range<usize>) -> String {
        let prefixes: &[&str] =
            if kind == "fig" { &["fig:", "fig-"] } else { &["tab:", "tbl:", "tab-", "tbl-"] };
        if let Some(name) = prefixes.iter().find_map(|prefix| label.strip_prefix(prefix)) {
            return name.to_owned();
        }
        let other =
            ["fig:", "tab:", "tbl:", "eq:", "sec:", "ex:"].iter().find(|prefix| label.starts_with(*prefix));
        if other.is_some() {
            let problem = Diagnostic::error("label", format!("`{label}` is the label of something else"));
            self.notes.report(problem.help(format!("write `{{#{kind}:name}}` here")), span);
        }
        label.to_owned()
    }

    /// Takes an id for something of the author's own, and makes it known under its name.
    pub(super) fn take_own(
        &mut self,
        kind: LabelKind,
        prefix: &str,
        name: &str,
        labelled: bool,
        number: usize,
        span: &Range<usize>,
    ) -> String {
        let wish = format!("{prefix}-{}", slug(name));
        let id = if labelled && self.labels.claim(&wish) {
            wish
        } else {
            if labelled {
                self.duplicate(&format!("{prefix}:{name}"), span);
            }
            self.labels.take(&wish)
        };
        self.labels.name(kind, name, Label { id: id.clone(), text: number.to_string(), exact: true });
        id
    }

    /// Several pictures side by side.
    pub(super) fn gallery(&mut self, inline: Inline) -> Result<Block, Inline> {
        let Inline::Gallery { shown, caption, label, span } = inline else { return Err(inline) };
        let first = shown.first().map(|shown| shown.target.clone()).unwrap_or_default();
        let caption: Vec<Inline> =
            caption.map(|caption| vec![Inline::Short(caption)]).into_iter().flatten().collect();
        let (number, id) = self.own_figure(label.as_deref(), &first, &caption, &span);
        Ok(Block::Picture(PictureBlock { number, id, shown, caption }))
    }
}
