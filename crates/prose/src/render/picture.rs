//! A document to HTML: the author's own pictures, films and sounds, and captions.

use std::fmt::Write as _;

use super::Renderer;
use super::inline::title_attribute;
use crate::attributes::Attributes;
use crate::document::{Inline, PictureBlock, Shown};
use crate::inline_text::inline_html;
use crate::link::{LinkForm, classify};
use crate::safe_html::escape;
use crate::typography::typeset_text;

impl Shown {
    /// A picture within running text.
    pub(super) fn within_text(
        target: &str,
        alt: String,
        title: &str,
        attributes: &Attributes,
        span: &std::ops::Range<usize>,
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
        let alt = typeset_text(&shown.alt, self.locale);
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
        let title = title_attribute(&shown.title);
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
