//! Markdown events to a document: running text.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag};

use super::{Builder, is_block};
use crate::cut::{self, Cut};
use crate::directive::parse_call;
use crate::document::Inline;
use crate::gallery;
use crate::label::LabelKind;
use crate::link::{LinkForm, classify, decoded};
use crate::math::{self, Formula, Slot};
use crate::reference::ReferenceKind;
use crate::run::Run;
use crate::scan::scan;
use octavo_definition::diagnostic::Diagnostic;

impl<'a> Builder<'a> {
    /// Running text up to a block or the end of what it stands in.
    pub(super) fn inlines(&mut self) -> Vec<Inline> {
        let mut out = Vec::new();
        let mut run = Run::default();
        loop {
            match self.peek() {
                None | Some(Event::End(_) | Event::Rule) => break,
                Some(Event::Start(tag)) if is_block(tag) => break,
                Some(_) => {}
            }
            let Some((event, span)) = self.next() else { break };
            if let Some(gallery) = self.whole_gallery(&event, &span, &mut run) {
                self.flush(&mut run, &mut out);
                out.extend(gallery);
                continue;
            }
            match event {
                Event::Text(text) => self.text(&text, &span, &mut run, &mut out),
                Event::SoftBreak => run.push("\n", span.start),
                other => {
                    self.flush(&mut run, &mut out);
                    self.previous_end = span.start;
                    let made = self.inline(other, &span);
                    self.push_inline(made, &span, &mut out);
                }
            }
            self.previous_end = self.previous_end.max(span.end);
        }
        self.flush(&mut run, &mut out);
        self.cited(out)
    }

    /// Text between single tildes is not struck: `~5 to ~6` says "about" twice.
    fn push_inline(&self, made: Option<Inline>, span: &Range<usize>, out: &mut Vec<Inline>) {
        match made {
            Some(Inline::Strikethrough(inner)) if !self.notes.source.text[span.start..].starts_with("~~") => {
                out.push(Inline::Text("~".to_owned()));
                out.extend(inner);
                out.push(Inline::Text("~".to_owned()));
            }
            made => out.extend(made),
        }
    }

    /// A gallery is read from the source: its captions have marks of their own, which the parser took for markup.
    fn whole_gallery(
        &mut self,
        event: &Event<'a>,
        span: &Range<usize>,
        run: &mut Run,
    ) -> Option<Option<Inline>> {
        let Event::Text(text) = event else { return None };
        let rest = text.strip_prefix("{{")?.trim_start();
        if !rest.starts_with("gallery") {
            return None;
        }
        let source = std::sync::Arc::clone(self.notes.source);
        let end = span.start + source.text[span.start..].find("}}")? + 2;
        let call = parse_call(&source.text[span.start + 2..end - 2])?;
        let last = self.skip_to(end)?;
        let gallery = gallery::gallery(&call, &(span.start..end), &mut self.notes);
        self.previous_end = end;
        let last = last.max(span.end);
        if last > end {
            run.push(&source.text[end..last], end);
        }
        Some(gallery)
    }

    fn flush(&mut self, run: &mut Run, out: &mut Vec<Inline>) {
        if !run.is_empty() {
            let mut scanned = scan(&std::mem::take(run), &mut self.notes);
            self.take_equation_label(out, &mut scanned);
            self.take_attributes(out, &mut scanned);
            out.extend(scanned);
        }
    }

    /// Text as in the source joins the run; escaped characters and entities stay as they are.
    fn text(&mut self, text: &CowStr<'_>, span: &Range<usize>, run: &mut Run, out: &mut Vec<Inline>) {
        if self.masked.get(span.clone()) != Some(text.as_ref()) {
            self.flush(run, out);
            out.push(Inline::Verbatim(text.to_string()));
            return;
        }
        let mut at = span.start;
        for index in cut::within(&self.cuts, span) {
            let cut = self.cuts[index].clone();
            self.plain(at..cut.span.start, run, out);
            self.flush(run, out);
            out.extend(self.formula(&cut));
            at = cut.span.end;
            self.previous_end = at;
        }
        self.plain(at..span.end, run, out);
    }

    /// Text between formulas.
    fn plain(&mut self, span: Range<usize>, run: &mut Run, out: &mut Vec<Inline>) {
        if span.is_empty() {
            return;
        }
        let source = self.notes.source.text.as_str();
        let text = &source[span.clone()];
        let escaped = span.start > self.previous_end && source.as_bytes()[span.start - 1] == b'\\';
        let first = text.chars().next().filter(|_| escaped).map_or(0, char::len_utf8);
        if first > 0 {
            self.flush(run, out);
            out.push(Inline::Verbatim(text[..first].to_owned()));
        }
        if text.len() > first {
            run.push(&text[first..], span.start + first);
        }
    }

    fn inline(&mut self, event: Event<'a>, span: &Range<usize>) -> Option<Inline> {
        match event {
            Event::Code(code) => Some(Inline::Code(code.to_string())),
            Event::InlineHtml(html) | Event::Html(html) => self.raw_html(&html, span),
            Event::FootnoteReference(label) => {
                self.footnotes_used.insert(label.to_string());
                Some(Inline::FootnoteReference(label.to_string()))
            }
            Event::HardBreak => Some(Inline::HardBreak),
            Event::TaskListMarker(done) => Some(Inline::Task(done)),
            Event::Start(tag) if self.enter(span) => {
                let link = usize::from(matches!(tag, Tag::Link { .. }));
                self.notes.links += link;
                let inlines = self.inlines();
                self.notes.links -= link;
                self.leave();
                self.wrapped(tag, inlines, span)
            }
            _ => None,
        }
    }

    fn formula(&mut self, cut: &Cut) -> Option<Inline> {
        self.has_math = true;
        let span = cut.span.clone();
        let source = &self.notes.source.text[span.clone()];
        if cut.tex.is_empty() && source.starts_with('\\') {
            let message = format!("`{source}` begins a formula that has no end");
            let help =
                "end it on the lines of its paragraph; for a bracket in the text write the bracket alone";
            self.notes.report(Diagnostic::error("math", message).help(help), &span);
            return None;
        }
        match Formula::read(cut.tex.text(), cut.display, &mut self.macros) {
            Ok(formula) => {
                let formula = self.names_of(formula?, cut);
                Some(if cut.display {
                    Inline::DisplayMath { formula, label: None, span }
                } else {
                    Inline::Math(formula)
                })
            }
            Err(math::Problem { message, help, at }) => {
                let place = at.filter(|at| at.end <= cut.tex.text().len() && !at.is_empty());
                let place = place.map_or(span, |at| cut.tex.span(at));
                self.notes.report(Diagnostic { help, ..Diagnostic::error("math", message) }, &place);
                None
            }
        }
    }

    /// What a formula names is named by the page, with its place in the source.
    fn names_of(&mut self, mut formula: Formula, cut: &Cut) -> Formula {
        for slot in &mut formula.slots {
            match slot {
                Slot::Value { target, at, .. } => {
                    *at = cut.tex.span(at.clone());
                    self.notes.refer(ReferenceKind::Value, target, at);
                }
                Slot::Reference { name, at } => {
                    *at = cut.tex.span(at.clone());
                    self.notes.refer(ReferenceKind::CrossRef, &format!("eq:{name}"), at);
                    self.notes.cross_references.push((LabelKind::Equation, name.clone(), at.clone()));
                }
            }
        }
        for (_, at) in formula.numbers.iter_mut().filter_map(|numbered| numbered.label.as_mut()) {
            *at = cut.tex.span(at.clone());
        }
        formula
    }

    fn wrapped(&mut self, tag: Tag<'a>, mut inlines: Vec<Inline>, span: &Range<usize>) -> Option<Inline> {
        Some(match tag {
            Tag::Emphasis => Inline::Emphasis(inlines),
            Tag::Strong => Inline::Strong(inlines),
            Tag::Strikethrough => match self.lowered(&inlines, span) {
                Some(text) => Inline::Script { raised: false, text },
                None => Inline::Strikethrough(inlines),
            },
            Tag::Link { link_type, dest_url, title, .. } => {
                if matches!(link_type, LinkType::Autolink | LinkType::Email) {
                    inlines.iter_mut().for_each(keep_as_is);
                }
                let address = if link_type == LinkType::Email {
                    format!("mailto:{dest_url}")
                } else {
                    dest_url.to_string()
                };
                self.refuse_results(&title, span);
                self.link(&address, span);
                Inline::Link { target: address, title: title.to_string(), inlines, span: span.clone() }
            }
            Tag::Image { dest_url, title, .. } => {
                self.refuse_results(&title, span);
                self.image(&dest_url, span);
                Inline::Image {
                    target: dest_url.to_string(),
                    title: title.to_string(),
                    alt: inlines,
                    attributes: Box::default(),
                    span: span.clone(),
                }
            }
            _ => return None,
        })
    }

    /// `~2~`, which the parser takes for struck text if it begins a word.
    fn lowered(&self, inlines: &[Inline], span: &Range<usize>) -> Option<String> {
        let [Inline::Text(text)] = inlines else { return None };
        let source = self.notes.source.text.get(span.clone())?;
        let short = text.chars().count() <= 3 && !text.contains(char::is_whitespace);
        (short && !source.starts_with("~~")).then(|| text.clone())
    }

    /// The title of a link or an image is no running text.
    fn refuse_results(&mut self, title: &str, span: &Range<usize>) {
        if math::substitution_in(title).is_some() {
            let problem = Diagnostic::error(
                "substitution",
                format!("`{title}` stands for nothing in the title of a link"),
            );
            self.notes.report(problem.help("results are put into running text: write it there"), span);
        }
    }

    fn link(&mut self, target: &str, span: &Range<usize>) {
        match classify(target) {
            LinkForm::External(address) => self.notes.lead_out(address, span),
            LinkForm::Local(target) => self.notes.refer(ReferenceKind::Link, target, span),
            LinkForm::Fragment(fragment) => self.notes.fragments.push((decoded(fragment), span.clone())),
            LinkForm::Figure(name) | LinkForm::Table(name) => {
                let problem = Diagnostic::error("link", format!("`{name}` is placed as an image, `![Caption]({target})`"))
                    .help("to point at it write `[@fig:name]` or `[@tab:name]`, or link to `#fig-name` or `#tab-name`");
                self.notes.report(problem, span);
            }
            LinkForm::Term(name) => self.notes.refer(ReferenceKind::Term, name, span),
            LinkForm::Refused(reason) => self.notes.report(Diagnostic::error("link", reason), span),
        }
    }

    fn image(&mut self, target: &str, span: &Range<usize>) {
        let problem = match classify(target) {
            LinkForm::Figure(_) | LinkForm::Table(_) => return,
            LinkForm::Local(target) => {
                self.notes.refer(ReferenceKind::Link, target, span);
                return;
            }
            LinkForm::External(_) => Diagnostic::error("link", "an image may not come from another host")
                .help("put the file beside the page: a page makes no request to another host"),
            LinkForm::Refused(reason) => Diagnostic::error("link", reason),
            LinkForm::Fragment(_) | LinkForm::Term(_) => Diagnostic::error("link", "an image needs a file"),
        };
        self.notes.report(problem, span);
    }

    /// Raw HTML where it is allowed, else its text and a report; nothing for a comment.
    pub(super) fn raw_html(&mut self, html: &str, span: &Range<usize>) -> Option<Inline> {
        if self.raw_html {
            return Some(Inline::Html(self.raw_pieces(html, span)));
        }
        let comment = html.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
        if comment.is_some_and(|inside| !inside.contains("-->")) {
            return None;
        }
        let problem = Diagnostic::error("raw-html", "raw HTML is not allowed").help(
            "write Markdown, or `\\<` for the character; `raw_html = true` in `octavo.toml` allows it on every page",
        );
        self.notes.report(problem, span);
        Some(Inline::Verbatim(html.trim_end().to_owned()))
    }
}

fn keep_as_is(inline: &mut Inline) {
    if let Inline::Text(text) = inline {
        *inline = Inline::Verbatim(std::mem::take(text));
    }
}
