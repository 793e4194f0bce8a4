//! Markdown events to a document: blocks.

mod cite;
mod inline;
mod own_table;
mod picture;
mod place;
mod raw;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::callout::{self, Marker};
use super::cut::{self, Cut};
use super::document::{Block, Definition, HeadingBlock, Inline, has_results, plain_text};
use super::label::Labels;
use super::math::Macros;
use super::notes::Notes;
use super::prose::{Body, Prose, ProseOptions};
use super::{foreign, front_matter};
use octavo_definition::diagnostic::Diagnostic;
use octavo_definition::source::SourceFile;

/// Lists, quotes and emphasis nested deeper than this are refused: everything that walks a document recurses.
const MAX_DEPTH: usize = 48;

impl Prose {
    /// Reads a page. There is always a result; what is wrong with it is said beside it.
    pub fn parse(source: &Arc<SourceFile>, options: &ProseOptions) -> (Self, Vec<Diagnostic>) {
        parse(source, options)
    }

    /// The same page with its body.
    pub(super) fn read_again(&self) -> Self {
        let options =
            ProseOptions { raw_html: self.raw_html, macros: self.macros.clone(), taken: self.taken };
        parse(&self.source, &options).0
    }
}

fn parse(source: &Arc<SourceFile>, options: &ProseOptions) -> (Prose, Vec<Diagnostic>) {
    let (front, body, diagnostics) = front_matter::parse(source);
    let macros = options.macros.with(&front.macros);
    let (masked, cuts) = without_formulas(&source.text, body);
    let events = events(&masked, body);
    let mut notes = Notes {
        source,
        diagnostics,
        references: Vec::new(),
        addresses: Vec::new(),
        cross_references: Vec::new(),
        fragments: Vec::new(),
        numerals: Vec::new(),
        links: 0,
    };
    let formulas = cuts.iter().map(|cut| cut.span.clone()).collect();
    foreign::check(&events, formulas, body, &mut notes);
    let mut builder = Builder::new(events, &masked, cuts, options.raw_html, macros.clone(), notes);
    for id in options.taken {
        builder.labels.claim(id);
    }
    let mut blocks = builder.blocks();
    let title = place::take_title(&mut blocks, front.title.as_deref());
    place::settle(&mut blocks, &mut builder);
    let Builder { mut notes, labels, footnotes, has_math, .. } = builder;
    foreign::settle(&source.text, &mut notes.diagnostics);
    notes.references.sort_by_key(|reference| reference.location.span.start);
    let body =
        Body { title, blocks, footnotes, labels, has_math, numerals: std::mem::take(&mut notes.numerals) };
    let prose = Prose {
        front,
        source: Arc::clone(source),
        raw_html: options.raw_html,
        taken: options.taken,
        macros,
        title: body.title.as_ref().map(|heading| plain_text(&heading.inlines)),
        title_has_results: body.title.as_ref().is_some_and(|heading| has_results(&heading.inlines)),
        references: notes.references,
        addresses: notes.addresses,
        anchors: body
            .labels
            .ids()
            .iter()
            .filter(|id| !options.taken.contains(&id.as_str()))
            .cloned()
            .collect(),
        body: Some(Box::new(body)),
    };
    (prose, notes.diagnostics)
}

/// What a page's Markdown says, with places in the whole source.
fn events(text: &str, body: usize) -> Vec<(Event<'_>, Range<usize>)> {
    let markdown = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST;
    Parser::new_ext(&text[body..], markdown)
        .into_offset_iter()
        .map(|(event, span)| (event, span.start + body..span.end + body))
        .collect()
}

/// The text with a word in the place of every formula, and the formulas. What turns out to stand elsewhere than in running
/// text, such as in the address of a link, is no formula.
fn without_formulas(text: &str, body: usize) -> (String, Vec<Cut>) {
    const TRIES: usize = 4;
    let mut cuts = cut::cut(text, body);
    for _ in 0..TRIES {
        let masked = cut::masked(text, &cuts);
        let found = in_running_text(&events(&masked, body), &masked, &cuts);
        if found.len() == cuts.len() {
            return (masked, cuts);
        }
        cuts = cuts
            .into_iter()
            .enumerate()
            .filter(|(index, _)| found.contains(index))
            .map(|(_, cut)| cut)
            .collect();
    }
    (text.to_owned(), Vec::new())
}

/// Which formulas stand in running text.
fn in_running_text(events: &[(Event<'_>, Range<usize>)], masked: &str, cuts: &[Cut]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut raw = false;
    for (event, span) in events {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) => raw = true,
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock) => raw = false,
            Event::Text(text) if !raw && masked.get(span.clone()) == Some(text.as_ref()) => {
                found.extend(cut::within(cuts, span));
            }
            _ => {}
        }
    }
    found
}

/// Walks the events once.
struct Builder<'a> {
    events: Vec<(Event<'a>, Range<usize>)>,
    cursor: usize,
    depth: usize,
    /// Where the last event ended: a backslash between there and a text escapes its first character.
    previous_end: usize,
    /// The source with a word in the place of every formula.
    masked: &'a str,
    /// The formulas, in the order of the source.
    cuts: Vec<Cut>,
    raw_html: bool,
    notes: Notes<'a>,
    labels: Labels,
    footnotes: IndexMap<String, Vec<Block>>,
    footnote_spans: IndexMap<String, Range<usize>>,
    footnotes_used: BTreeSet<String>,
    counts: place::Counts,
    has_math: bool,
    /// Ids of raw HTML that are those of the lists at the end of a page, which not every page has.
    raw_lists: Vec<(String, Range<usize>)>,
    /// Commands of the project, of the page, and of the formulas so far.
    macros: Macros,
}

impl<'a> Builder<'a> {
    fn new(
        events: Vec<(Event<'a>, Range<usize>)>,
        masked: &'a str,
        cuts: Vec<Cut>,
        raw_html: bool,
        macros: Macros,
        notes: Notes<'a>,
    ) -> Self {
        let mut labels = Labels::default();
        for list in place::LISTS {
            labels.claim(list);
        }
        Self {
            events,
            cursor: 0,
            depth: 0,
            previous_end: 0,
            masked,
            cuts,
            raw_html,
            notes,
            labels,
            footnotes: IndexMap::new(),
            footnote_spans: IndexMap::new(),
            footnotes_used: BTreeSet::new(),
            counts: place::Counts::default(),
            has_math: false,
            raw_lists: Vec::new(),
            macros,
        }
    }

    fn peek(&self) -> Option<&Event<'a>> {
        self.events.get(self.cursor).map(|(event, _)| event)
    }

    fn next(&mut self) -> Option<(Event<'a>, Range<usize>)> {
        let next = self.events.get(self.cursor).cloned();
        self.cursor += 1;
        next
    }

    /// Passes over what begins before a byte of the source; nothing if that would tear something apart. Returns where the
    /// last of it ends.
    fn skip_to(&mut self, end: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut cursor = self.cursor;
        let mut last = 0;
        while let Some((event, span)) = self.events.get(cursor) {
            match event {
                Event::Start(_) if span.start < end => depth += 1,
                Event::End(_) if depth > 0 => depth -= 1,
                Event::End(_) => break,
                _ if span.start >= end => break,
                _ => {}
            }
            if depth == 0 {
                last = span.end;
            }
            cursor += 1;
        }
        (depth == 0).then(|| {
            self.cursor = cursor;
            last
        })
    }

    /// The blocks up to the end of what they stand in.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        loop {
            match self.peek() {
                None | Some(Event::End(_)) => return blocks,
                Some(Event::Rule) => {
                    self.next();
                    blocks.push(Block::Rule);
                }
                Some(Event::Start(tag)) if is_block(tag) => {
                    self.nested_block(&mut blocks);
                    self.caption_table(&mut blocks);
                }
                Some(_) => {
                    let inlines = self.inlines();
                    self.place(inlines, true, &mut blocks);
                }
            }
        }
    }

    fn nested_block(&mut self, blocks: &mut Vec<Block>) {
        let Some((Event::Start(tag), span)) = self.next() else { return };
        self.previous_end = span.start;
        if self.enter(&span) {
            self.block(tag, span, blocks);
            self.leave();
        }
    }

    /// One level deeper; too deep, everything inside is skipped and `false` returned.
    fn enter(&mut self, span: &Range<usize>) -> bool {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            return true;
        }
        self.notes.report(Diagnostic::error("nesting", format!("nested more than {MAX_DEPTH} deep")), span);
        let mut open = 1_usize;
        while open > 0 {
            match self.next() {
                Some((Event::Start(_), _)) => open += 1,
                Some((Event::End(_), _)) => open -= 1,
                None => return false,
                Some(_) => {}
            }
        }
        false
    }

    /// Takes the end of what was entered.
    fn leave(&mut self) {
        self.depth -= 1;
        if let Some((_, span)) = self.next() {
            self.previous_end = span.end;
        }
    }

    fn block(&mut self, tag: Tag<'a>, span: Range<usize>, blocks: &mut Vec<Block>) {
        match tag {
            Tag::Paragraph => {
                let inlines = self.inlines();
                self.place(inlines, false, blocks);
            }
            Tag::Heading { level, .. } => {
                let inlines = self.inlines();
                let heading = self.heading(level as u8, inlines, span);
                blocks.push(Block::Heading(heading));
            }
            Tag::BlockQuote(_) => self.quote(&span, blocks),
            Tag::CodeBlock(kind) => blocks.push(self.code(&kind, span)),
            Tag::HtmlBlock => self.html_block(&span, blocks),
            Tag::List(start) => {
                let items = self.containers(|builder| builder.blocks());
                blocks.push(Block::List { start, items });
            }
            Tag::FootnoteDefinition(label) => {
                let content = self.blocks();
                self.footnote_spans.entry(label.to_string()).or_insert(span);
                self.footnotes.entry(label.to_string()).or_insert(content);
            }
            Tag::DefinitionList => self.definitions(blocks),
            Tag::Table(alignments) => self.table(alignments, blocks),
            _ => blocks.extend(self.blocks()),
        }
    }

    /// The contents of the tags that follow, each read by `read`.
    fn containers<T>(&mut self, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut all = Vec::new();
        while let Some(Event::Start(_)) = self.peek() {
            let Some((_, span)) = self.next() else { break };
            self.previous_end = span.start;
            if self.enter(&span) {
                all.push(read(self));
                self.leave();
            }
        }
        all
    }

    fn heading(&mut self, level: u8, inlines: Vec<Inline>, span: Range<usize>) -> HeadingBlock {
        let mut inlines = callout::trimmed(inlines);
        self.refuse_misplaced(&inlines);
        let label = self.take_label(&mut inlines, &span);
        HeadingBlock { level, explicit: label.is_some(), id: label.unwrap_or_default(), inlines, span }
    }

    fn quote(&mut self, span: &Range<usize>, blocks: &mut Vec<Block>) {
        let mut inner = self.blocks();
        let Some((marker, mut title)) = callout::take_marker(&mut inner) else {
            blocks.push(Block::Quote(inner));
            return;
        };
        self.refuse_misplaced(&title);
        match marker {
            Marker::Callout(kind) => blocks.push(Block::Callout { kind, title, blocks: inner }),
            Marker::Solution => blocks.push(Block::Solution { title, blocks: inner }),
            Marker::Exercise => {
                let label = self.take_label(&mut title, span);
                blocks.push(self.exercise(label.as_deref(), title, inner, span));
            }
            Marker::Unknown(word) => {
                let problem = Diagnostic::error("callout", format!("there is no callout `{word}`"))
                    .nearest(&word, callout::words());
                self.notes.report(problem, span);
                blocks.push(Block::Quote(inner));
            }
        }
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>, span: Range<usize>) -> Block {
        let mut text = String::new();
        while let Some(Event::Text(_)) = self.peek() {
            if let Some((Event::Text(part), _)) = self.next() {
                text.push_str(&part);
            }
        }
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.as_ref(),
            CodeBlockKind::Indented => "",
        };
        let language = info.split([' ', ',', '{']).next().unwrap_or_default().to_owned();
        Block::Code { language, text, span }
    }

    fn html_block(&mut self, span: &Range<usize>, blocks: &mut Vec<Block>) {
        let mut html = String::new();
        while let Some(Event::Html(_) | Event::Text(_)) = self.peek() {
            if let Some((Event::Html(part) | Event::Text(part), _)) = self.next() {
                html.push_str(&part);
            }
        }
        match self.raw_html(&html, span) {
            Some(Inline::Html(html)) => blocks.push(Block::Html(html)),
            Some(text) => blocks.push(Block::Paragraph(vec![text])),
            None => {}
        }
    }

    fn definitions(&mut self, blocks: &mut Vec<Block>) {
        let mut parts = Vec::new();
        while let Some(Event::Start(tag)) = self.peek() {
            let term = matches!(tag, Tag::DefinitionListTitle);
            let Some((_, span)) = self.next() else { break };
            self.previous_end = span.start;
            if !self.enter(&span) {
                continue;
            }
            parts.push(if term {
                let inlines = self.inlines();
                self.refuse_misplaced(&inlines);
                Definition::Term(callout::trimmed(inlines))
            } else {
                Definition::Meaning(self.blocks())
            });
            self.leave();
        }
        blocks.push(Block::Definitions(parts));
    }

    fn table(&mut self, alignments: Vec<pulldown_cmark::Alignment>, blocks: &mut Vec<Block>) {
        let mut rows = self.containers(|row| {
            let start = row.previous_end;
            let cells = row.containers(|cell| {
                let inlines = cell.inlines();
                cell.refuse_misplaced(&inlines);
                inlines
            });
            row.refuse_surplus(start);
            cells
        });
        if !rows.is_empty() {
            let head = rows.remove(0);
            blocks.push(Block::Table { alignments, head, rows, caption: None });
        }
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
}
