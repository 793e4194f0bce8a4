//! A document to HTML: its running text.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Note, Renderer};
use crate::cited::Cited;
use crate::csl::located;
use crate::document::{CiteItem, Inline, Shown};
use crate::host::{ProseHost, ShownValue, ShownVerdict};
use crate::inline_text::inline_html;
use crate::label::{LabelKind, slug};
use crate::link::{LinkForm, classify, decoded};
use crate::math::{self, Formula, Slot, Tag};
use crate::prose::Prose;
use crate::safe_html::{escape, escape_into};
use crate::typography::{Leaf, typeset, typeset_text};
use octavo_definition::diagnostic::Diagnostic;

/// What may not begin a line after a formula.
const CLOSING: &str = ".,;:!?)]}»”’…-\u{2011}\u{a0}\u{202f}";
/// What may not end a line before one.
const OPENING: &str = "([{«“‘\u{a0}\u{202f}";

const GLUED: &str = "<span class=\"glued\">";

/// Writes a formula, within one unbreakable span with what opens before it: browsers break lines on both sides of a
/// formula, also where punctuation stands. If a text follows, [`close_math`] must end the span, which begins where this says.
fn write_math(mathml: &str, text_follows: bool, html: &mut String) -> Option<usize> {
    let opening = html.trim_end_matches(|c| OPENING.contains(c)).len();
    let opened = html.split_off(opening);
    if !text_follows && opened.is_empty() {
        html.push_str(mathml);
        return None;
    }
    let _ = write!(html, "{GLUED}{opened}{mathml}");
    if !text_follows {
        html.push_str("</span>");
    }
    text_follows.then_some(opening)
}

/// Takes what closes at the beginning of the text into the span of the formula before it, or drops a span that keeps
/// nothing together. Says how many bytes of the text it took.
fn close_math(start: usize, text: &str, html: &mut String) -> usize {
    let mut closing = text.find(|c| !CLOSING.contains(c)).unwrap_or(text.len());
    if text[..closing].ends_with('-') {
        let rest = &text[closing..];
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        // An ordinal, such as the `th` of `n-th`.
        closing += if rest[..letters].chars().count() <= 4 { letters } else { 0 };
    }
    if closing == 0 && html[start + GLUED.len()..].starts_with("<math") {
        html.replace_range(start..start + GLUED.len(), "");
    } else {
        escape_into(html, &text[..closing]);
        html.push_str("</span>");
    }
    closing
}

impl Renderer<'_> {
    /// Running text, set by the habits of the language as one whole.
    pub(super) fn inlines(&mut self, inlines: &[Inline], html: &mut String) {
        let mut leaves = Vec::new();
        collect(inlines, &mut leaves);
        let mut texts = typeset(&leaves, self.locale).into_iter();
        self.pieces(inlines, &mut texts, html);
    }

    /// Writes pieces; every piece that is no container takes one text.
    fn pieces(&mut self, inlines: &[Inline], texts: &mut dyn Iterator<Item = String>, html: &mut String) {
        let mut glued = None;
        for (index, inline) in inlines.iter().enumerate() {
            match inline {
                Inline::Math(formula) => {
                    let mathml = self.formula(formula);
                    let text = texts.next().unwrap_or_default();
                    debug_assert!(text.is_empty(), "mathematics is not set as text");
                    let follows = matches!(inlines.get(index + 1), Some(Inline::Text(_)));
                    glued = write_math(&mathml, follows, html);
                }
                Inline::Text(_) => {
                    let text = texts.next().unwrap_or_default();
                    let closing = match glued.take() {
                        Some(start) => close_math(start, &text, html),
                        None => 0,
                    };
                    self.text(&text[closing..], html);
                }
                Inline::Emphasis(inner) => self.element_around("em", inner, texts, html),
                Inline::Strong(inner) => self.element_around("strong", inner, texts, html),
                Inline::Strikethrough(inner) => self.element_around("del", inner, texts, html),
                Inline::Link { target, title, inlines, span } => {
                    let link = self.link(target, title, span);
                    html.push_str(link.as_deref().unwrap_or_default());
                    self.without_words(|renderer| renderer.pieces(inlines, texts, html));
                    if link.is_some() {
                        html.push_str("</a>");
                    }
                }
                leaf => {
                    texts.next();
                    self.leaf(leaf, html);
                }
            }
        }
    }

    fn element_around(
        &mut self,
        name: &str,
        inner: &[Inline],
        texts: &mut dyn Iterator<Item = String>,
        html: &mut String,
    ) {
        let _ = write!(html, "<{name}>");
        self.pieces(inner, texts, html);
        let _ = write!(html, "</{name}>");
    }

    fn leaf(&mut self, leaf: &Inline, html: &mut String) {
        match leaf {
            Inline::Verbatim(text) => escape_into(html, text),
            Inline::Code(code) => {
                let _ = write!(html, "<code>{}</code>", escape(code));
            }
            // Checked markup of our own converter.
            Inline::DisplayMath { formula, .. } => {
                let mathml = self.formula(formula);
                html.push_str(&mathml);
            }
            Inline::Value { target, format, span } => {
                self.result(target, format.as_deref(), span, html);
            }
            Inline::Verdict { target, words, span } => self.verdict(target, words.as_ref(), span, html),
            Inline::CrossReference { kind, name } => self.cross_reference(*kind, name, html),
            Inline::EquationNumber { name, bare } => self.equation_number(name, *bare, html),
            Inline::Citation { narrative, items } => {
                self.without_words(|renderer| renderer.citation(*narrative, items, html));
            }
            Inline::FootnoteReference(label) => self.footnote_reference(label, html),
            Inline::HardBreak => html.push_str("<br>\n"),
            Inline::Html(raw) => self.raw(raw, html),
            Inline::Task(done) => {
                let (mark, word) = if *done { ('\u{2611}', "done") } else { ('\u{2610}', "to-do") };
                let word = escape(self.locale.word(word));
                let _ = write!(html, "<span role=\"img\" aria-label=\"{word}\">{mark}</span> ");
            }
            Inline::Image { target, title, alt, attributes, span } => {
                let alt = attributes.get("alt").map_or_else(|| self.alternative(alt), str::to_owned);
                self.shown(&Shown::within_text(target, alt, title, attributes, span), html);
            }
            Inline::Script { raised, text } => {
                let name = if *raised { "sup" } else { "sub" };
                let _ = write!(html, "<{name}>{}</{name}>", escape(text));
            }
            Inline::Short(text) => html.push_str(inline_html(text, self.locale, &self.prose.macros).as_str()),
            Inline::Gallery { .. } => self.failed("gallery", html),
            // Reported where the page was parsed: it needs a paragraph of its own.
            Inline::Directive { target, .. } => self.failed(target, html),
            Inline::Text(_)
            | Inline::Math(_)
            | Inline::Key(_)
            | Inline::Emphasis(_)
            | Inline::Strong(_)
            | Inline::Strikethrough(_)
            | Inline::Link { .. } => {}
        }
    }

    /// What results say of a claim.
    fn verdict(&mut self, target: &str, words: Option<&[String; 3]>, span: &Range<usize>, html: &mut String) {
        match self.host.verdict(target) {
            Ok(verdict) => {
                let text = typeset_text(&said(&verdict, words), self.locale);
                html.push_str(&escape(&text));
            }
            Err(reason) => self.no_result(reason, span, html),
        }
    }

    /// A number or text that comes from results.
    fn result(&mut self, target: &str, format: Option<&str>, span: &Range<usize>, html: &mut String) {
        match self.host.value(target, format) {
            Ok(ShownValue { text, stale: Some(reason), .. }) => {
                self.stale(&text, &reason, html);
                self.report(Diagnostic::error("value", reason), span);
            }
            Ok(value) => {
                push_value(html, &value.text);
                if let Some(why) = value.missing {
                    let message = format!("the value `{target}` is missing: {why}");
                    self.report(Diagnostic::warning("missing-value", message), span);
                }
            }
            Err(reason) => self.no_result(reason, span, html),
        }
    }

    fn no_result(&mut self, reason: String, span: &Range<usize>, html: &mut String) {
        // The reason may be long, and is nothing for the middle of a sentence.
        let words = escape(self.locale.word("failed"));
        let _ = write!(html, "<span class=\"failed\" title=\"{}\">{words}</span>", escape(&reason));
        self.report(Diagnostic::error("value", reason), span);
    }

    /// A formula with its results, and with the numbers of the equations that it names.
    pub(super) fn formula(&mut self, formula: &Formula) -> String {
        let fillings: Vec<(String, String)> = formula
            .slots
            .iter()
            .map(|slot| (self.slot(slot), plain_slot(slot, self.prose, self.host)))
            .collect();
        let mut fillings = fillings.into_iter();
        formula.mathml(&self.locale.decimal, |_| fillings.next().unwrap_or_default())
    }

    /// What stands in a formula, as MathML.
    fn slot(&mut self, slot: &Slot) -> String {
        let (target, format, span) = match slot {
            Slot::Value { target, format, at } => (target, format, at),
            Slot::Reference { name, .. } => {
                return format!("<mtext>{}</mtext>", escape(&number_of(name, false, self.prose)));
            }
        };
        match self.host.value(target, format.as_deref()) {
            Ok(ShownValue { text, stale: Some(reason), .. }) => {
                self.report(Diagnostic::error("value", reason), span);
                format!("<mrow>{}<mtext>\u{2020}</mtext></mrow>", math::filling(&text))
            }
            Ok(value) => {
                if let Some(why) = value.missing {
                    let message = format!("the value `{target}` is missing: {why}");
                    self.report(Diagnostic::warning("missing-value", message), span);
                }
                math::filling(&value.text)
            }
            Err(reason) => {
                self.report(Diagnostic::error("value", reason), span);
                format!("<mtext>{}</mtext>", escape(self.locale.word("failed")))
            }
        }
    }

    fn equation_number(&self, name: &str, bare: bool, html: &mut String) {
        let Ok(label) = self.prose.body().labels.resolve(LabelKind::Equation, name) else {
            self.failed(name, html);
            return;
        };
        let (id, text) = (escape(&label.id), escape(&number_of(name, bare, self.prose)));
        let _ = write!(html, "<a class=\"reference\" href=\"#{id}\">{text}</a>");
    }

    /// A value that is not today's, with a mark that is read aloud, too.
    fn stale(&self, text: &str, reason: &str, html: &mut String) {
        let (failed, stale) = (self.locale.word("failed"), self.locale.word("stale"));
        let words = escape(&format!("{failed}{} {reason}. {stale}.", self.locale.word("colon")));
        html.push_str("<span class=\"stale\">");
        push_value(html, text);
        let _ =
            write!(html, "<sup role=\"img\" aria-label=\"{words}\" title=\"{words}\">\u{2020}</sup></span>");
    }

    pub(super) fn failed(&self, what: &str, html: &mut String) {
        let _ = write!(html, "<span class=\"failed\">{}</span>", escape(what));
    }

    /// The beginning of a link; nothing if it may not lead where it should.
    fn link(&mut self, target: &str, title: &str, span: &Range<usize>) -> Option<String> {
        if let LinkForm::Term(name) = classify(target) {
            return self.linked_word(name);
        }
        let href = self.address(target, span)?;
        Some(format!("<a href=\"{}\"{}>", escape(&href), title_attribute(title)))
    }

    /// Where a link leads; nothing if it may not lead there.
    fn address(&mut self, target: &str, span: &Range<usize>) -> Option<String> {
        match classify(target) {
            LinkForm::External(address) => Some(address.to_owned()),
            LinkForm::Fragment(fragment) => Some(format!("#{}", decoded(fragment).replace(' ', "%20"))),
            LinkForm::Local(local) => self.resolved(local, span),
            // Reported where the page was parsed.
            LinkForm::Figure(_) | LinkForm::Table(_) | LinkForm::Term(_) | LinkForm::Refused(_) => None,
        }
    }

    pub(super) fn resolved(&mut self, local: &str, span: &Range<usize>) -> Option<String> {
        let address = match self.host.link(local) {
            Ok(address) => address,
            Err(reason) => {
                self.report(Diagnostic::error("link", reason), span);
                return None;
            }
        };
        // What a host makes of a link is held to the same rules as a link.
        match classify(&address) {
            LinkForm::Refused(reason) => {
                self.report(Diagnostic::error("link", reason), span);
                None
            }
            _ => Some(address),
        }
    }

    /// Running text without markup, values included: for an image's alternative, a title, an outline.
    pub(super) fn alternative(&self, inlines: &[Inline]) -> String {
        plain_words(inlines, self.prose, self.host)
    }

    fn citation(&mut self, narrative: bool, items: &[CiteItem], html: &mut String) {
        let cited: Vec<Cited<'_>> = items
            .iter()
            .map(|item| {
                let (locator, suffix) = located(self.citations.csl(), &item.suffix);
                Cited {
                    key: &item.key,
                    prefix: self.inline_html(&item.prefix),
                    suffix: self.inline_html(&suffix),
                    locator,
                    suppressed: item.suppressed,
                }
            })
            .collect();
        match cited.split_first() {
            Some((first, further)) if narrative => self.citations.narrate(first, further, html),
            _ => self.citations.cite(&cited, html),
        }
    }

    fn cross_reference(&self, kind: LabelKind, name: &str, html: &mut String) {
        let Ok(label) = self.prose.body().labels.resolve(kind, name) else {
            // Reported where the page was parsed.
            self.failed(name, html);
            return;
        };
        let word = match kind {
            LabelKind::Figure => "figure",
            LabelKind::Table => "table",
            LabelKind::Equation => "equation",
            LabelKind::Exercise => "exercise",
            LabelKind::Section => "",
        };
        let text = if word.is_empty() {
            typeset_text(&label.text, self.locale)
        } else {
            format!("{}\u{a0}{}", self.locale.word(word), label.text)
        };
        let _ = write!(html, "<a class=\"reference\" href=\"#{}\">{}</a>", escape(&label.id), escape(&text));
    }

    fn footnote_reference(&mut self, label: &str, html: &mut String) {
        if !self.notes.contains_key(label) {
            let name = self.note_ids.take(&slug(label));
            self.notes.insert(label.to_owned(), Note { name, count: 0 });
        }
        let number = self.notes.get_index_of(label).unwrap_or_default() + 1;
        let Some(note) = self.notes.get_mut(label) else { return };
        note.count += 1;
        let _ = write!(
            html,
            "<sup><a class=\"footnote\" id=\"fnref-{0}-{1}\" href=\"#fn-{0}\" role=\"doc-noteref\">{number}</a></sup>",
            note.name, note.count
        );
    }
}

/// A verdict in words: those of the author, or of the interface. What explores is not decided.
fn said(shown: &ShownVerdict, words: Option<&[String; 3]>) -> String {
    match (words, shown.verdict.as_str()) {
        (Some([holds, ..]), "holds") => holds.clone(),
        (Some([_, refuted, _]), "refuted") => refuted.clone(),
        (Some([.., open]), _) => open.clone(),
        (None, _) => shown.words.clone(),
    }
}

/// Running text without markup, values included.
pub(super) fn plain_words(inlines: &[Inline], prose: &Prose, host: &dyn ProseHost) -> String {
    let plain = |inline: &Inline| match inline {
        Inline::Value { target, format, .. } => {
            host.value(target, format.as_deref()).unwrap_or_default().text
        }
        Inline::Verdict { target, words, .. } => match host.verdict(target) {
            Ok(verdict) => said(&verdict, words.as_ref()),
            Err(_) => String::new(),
        },
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
            plain_words(inner, prose, host)
        }
        Inline::Math(formula) | Inline::DisplayMath { formula, .. } => {
            let fill = |slot: &Slot| (String::new(), plain_slot(slot, prose, host));
            crate::mathml::text(&formula.mathml(".", fill))
        }
        Inline::EquationNumber { name, bare } => number_of(name, *bare, prose),
        other => crate::document::plain_text(std::slice::from_ref(other)),
    };
    inlines.iter().map(plain).collect()
}

fn plain_slot(slot: &Slot, prose: &Prose, host: &dyn ProseHost) -> String {
    match slot {
        Slot::Value { target, format, .. } => host.value(target, format.as_deref()).unwrap_or_default().text,
        Slot::Reference { name, .. } => number_of(name, false, prose),
    }
}

/// The number of an equation, in brackets unless it stands bare.
fn number_of(name: &str, bare: bool, prose: &Prose) -> String {
    match prose.body().labels.resolve(LabelKind::Equation, name) {
        Ok(label) => Tag { text: label.text.clone(), bare }.shown(),
        // Reported where the page was parsed.
        Err(_) => name.to_owned(),
    }
}

pub(super) fn title_attribute(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(title)) }
}

/// A value, escaped; the exponent of `10⁻⁹` as raised text.
fn push_value(html: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.find(SUPERSCRIPTS) {
        let (before, after) = rest.split_at(at);
        escape_into(html, before);
        let end = after.find(|c| !SUPERSCRIPTS.contains(&c)).unwrap_or(after.len());
        if before.strip_suffix("10").is_some_and(|head| !head.ends_with(char::is_alphanumeric)) {
            let plain =
                after[..end].chars().filter_map(|c| SUPERSCRIPTS.iter().position(|known| *known == c));
            let plain: String = plain.filter_map(|index| "0123456789\u{2212}".chars().nth(index)).collect();
            let _ = write!(html, "<sup>{plain}</sup>");
        } else {
            escape_into(html, &after[..end]);
        }
        rest = &after[end..];
    }
    escape_into(html, rest);
}

const SUPERSCRIPTS: [char; 11] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁻'];

/// The pieces that are no containers, in order, as the typography sees them.
fn collect<'a>(inlines: &'a [Inline], leaves: &mut Vec<Leaf<'a>>) {
    for inline in inlines {
        match inline {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
                collect(inner, leaves);
            }
            Inline::Link { inlines, .. } => collect(inlines, leaves),
            Inline::Text(text) => leaves.push(Leaf::Text(text)),
            Inline::Verbatim(text) => leaves.push(Leaf::Fixed(text.chars().last().unwrap_or('x'))),
            Inline::Value { .. }
            | Inline::Verdict { .. }
            | Inline::CrossReference { .. }
            | Inline::EquationNumber { .. } => {
                leaves.push(Leaf::Fixed('0'));
            }
            Inline::Citation { .. } => leaves.push(Leaf::Fixed(')')),
            Inline::Script { text, .. } | Inline::Short(text) => {
                leaves.push(Leaf::Fixed(text.chars().last().unwrap_or('x')));
            }
            Inline::HardBreak | Inline::Task(_) => leaves.push(Leaf::Fixed('\n')),
            _ => leaves.push(Leaf::Fixed('x')),
        }
    }
}
