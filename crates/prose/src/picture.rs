//! The author's own pictures: figures with a caption, a number and a label, films, and galleries of several.
//!
//! ```text
//! ![Caption](plot.png){#fig:plot width=60%}      ![](film.mp4)
//! ```

use std::fmt::Write as _;
use std::ops::Range;

use super::attributes::{self, Attributes};
use super::document::{Block, Inline, PictureBlock, Shown, plain_text};
use super::inline_text::inline_html;
use super::label::{Label, LabelKind, slug};
use super::link::{LinkForm, classify};
use super::parse::Builder;
use super::render::Renderer;
use super::safe_html::escape;
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

impl Shown {
    /// A picture within running text.
    pub(super) fn within_text(
        target: &str,
        alt: String,
        title: &str,
        attributes: &Attributes,
        span: &Range<usize>,
    ) -> Self {
        let (target, title) = (target.to_owned(), title.to_owned());
        Self { target, alt, title, words: None, style: attributes.style(), span: span.clone() }
    }
}

/// What plays a file.
fn player(target: &str) -> Option<&'static str> {
    let path = target.split(['?', '#']).next().unwrap_or(target);
    let (_, ending) = path.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "mp4" | "webm" | "ogv" | "mov" | "m4v" => Some("video"),
        "mp3" | "ogg" | "oga" | "wav" | "flac" | "m4a" | "opus" => Some("audio"),
        _ => None,
    }
}

impl Renderer<'_> {
    /// A figure of the author's own.
    pub(super) fn own_picture(&mut self, picture: &PictureBlock, html: &mut String) {
        let PictureBlock { number, id, shown, caption } = picture;
        self.note_figure(id);
        let _ = writeln!(html, "<figure id=\"{}\" class=\"figure own\">", escape(id));
        if let [one @ Shown { words: None, .. }] = shown.as_slice() {
            self.shown(one, html);
            html.push('\n');
        } else {
            html.push_str("<div class=\"gallery\">\n");
            for each in shown {
                html.push_str("<div>");
                self.shown(each, html);
                if let Some(words) = &each.words {
                    let _ = write!(html, "<p>{}</p>", inline_html(words, self.locale, &self.prose.macros));
                }
                html.push_str("</div>\n");
            }
            html.push_str("</div>\n");
        }
        self.own_caption("figure", *number, id, caption, html);
        html.push_str("</figure>\n");
    }

    /// `Figure 1. Caption`, as the templates of figures and tables of results have it.
    pub(super) fn own_caption(
        &mut self,
        word: &str,
        number: usize,
        id: &str,
        caption: &[Inline],
        html: &mut String,
    ) {
        let word = escape(self.locale.word(word));
        let _ = write!(
            html,
            "<figcaption><p><span class=\"number\"><a href=\"#{}\">{word}\u{a0}{number}.</a></span> ",
            escape(id)
        );
        self.inlines(caption, html);
        html.truncate(html.trim_end_matches(' ').len());
        html.push_str("</p></figcaption>\n");
    }

    /// A picture, film or sound.
    pub(super) fn shown(&mut self, shown: &Shown, html: &mut String) {
        let alt = super::typography::typeset_text(&shown.alt, self.locale);
        let address = match classify(&shown.target) {
            LinkForm::Local(local) => self.resolved(local, &shown.span),
            _ => None,
        };
        let Some(address) = address else {
            self.failed(&alt, html);
            return;
        };
        let (src, alt) = (escape(&address), escape(&alt));
        let style =
            shown.style.as_ref().map_or(String::new(), |style| format!(" style=\"{}\"", escape(style)));
        let title = super::render_inline::title_attribute(&shown.title);
        let _ = match player(&shown.target) {
            Some(element) => {
                let label = if alt.is_empty() { String::new() } else { format!(" aria-label=\"{alt}\"") };
                write!(
                    html,
                    "<{element} src=\"{src}\" controls=\"\" preload=\"metadata\"{label}{style}{title}></{element}>"
                )
            }
            None => write!(html, "<img src=\"{src}\" alt=\"{alt}\" loading=\"lazy\"{style}{title}>"),
        };
    }
}
