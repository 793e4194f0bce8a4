//! What stands on lines of its own: figures, tables, claims, equations; and the names of everything on a page.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Builder;
use crate::callout::trimmed;
use crate::directive;
use crate::document::{
    Block, BlockDirective, Definition, HeadingBlock, Inline, PlacedBlock, Shown, plain_text,
};
use crate::label::{Label, LabelKind, Unresolved, slug};
use crate::link::{LinkForm, classify};
use crate::math::{Formula, Numbered, Tag};
use crate::reference::ReferenceKind;
use octavo_definition::diagnostic::{Diagnostic, Suggestions};
use octavo_definition::ids::ItemRef;

/// The ids of the lists at the end of a page.
pub(super) const LISTS: [&str; 2] = ["references", "footnotes"];

/// How many of each there are so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) figures: usize,
    pub(super) tables: usize,
    equations: usize,
    exercises: usize,
}

impl Builder<'_> {
    /// Splits running text into paragraphs and what stands between them.
    pub(super) fn place(&mut self, inlines: Vec<Inline>, tight: bool, blocks: &mut Vec<Block>) {
        let mut current = Vec::new();
        let whole = !tight && is_picture(&inlines);
        let mut rest = inlines.into_iter().peekable();
        while let Some(inline) = rest.next() {
            let alone = ends_line(&current) && rest.peek().is_none_or(begins_line);
            match self.block_of(inline, alone, whole) {
                Ok(block) => {
                    self.flush_paragraph(&mut current, tight, blocks);
                    blocks.push(block);
                }
                Err(inline) => current.push(inline),
            }
        }
        self.flush_paragraph(&mut current, tight, blocks);
    }

    fn flush_paragraph(&mut self, current: &mut Vec<Inline>, tight: bool, blocks: &mut Vec<Block>) {
        let inlines = trimmed(std::mem::take(current));
        if inlines.is_empty() {
            return;
        }
        self.refuse_misplaced(&inlines);
        blocks.push(if tight { Block::Plain(inlines) } else { Block::Paragraph(inlines) });
    }

    /// The block that an inline piece makes if it is one, alone on its line.
    fn block_of(&mut self, inline: Inline, alone: bool, whole: bool) -> Result<Block, Inline> {
        match inline {
            Inline::DisplayMath { formula, label, span } => Ok(self.equation(formula, label, &span)),
            Inline::Directive { directive: BlockDirective::Claim, target, span } if alone => {
                self.notes.refer(ReferenceKind::Claim, &target, &span);
                let id = self.labels.take(&format!("claim-{}", slug(ItemRef::parse(&target).name)));
                Ok(Block::Claim { target, id })
            }
            Inline::Directive { directive: BlockDirective::Table { rows }, target, span } if alone => {
                let placed = self.result_table(&target, Vec::new(), &span);
                Ok(Block::ResultTable(PlacedBlock { rows, ..placed }))
            }
            Inline::Gallery { .. } if alone => self.gallery(inline),
            Inline::Image { target, title, alt, attributes, span } if alone => match classify(&target) {
                LinkForm::Figure(name) => {
                    let placed = self.figure(name, alt, &span);
                    self.name_again(LabelKind::Figure, &placed, attributes.label.as_deref(), &span);
                    Ok(Block::Figure(placed))
                }
                LinkForm::Table(name) => {
                    let placed = self.result_table(name, alt, &span);
                    self.name_again(LabelKind::Table, &placed, attributes.label.as_deref(), &span);
                    Ok(Block::ResultTable(placed))
                }
                LinkForm::Local(_) if attributes.label.is_some() || (whole && !alt.is_empty()) => {
                    let words = attributes.get("alt").map_or_else(|| plain_text(&alt), str::to_owned);
                    let style = attributes.style();
                    let shown = Shown { target, alt: words, title, words: None, style, span: span.clone() };
                    Ok(self.picture(shown, &attributes, alt, &span))
                }
                _ => Err(Inline::Image { target, title, alt, attributes, span }),
            },
            other => Err(other),
        }
    }

    /// A figure or table of results that has a label, too, is known by both names.
    fn name_again(
        &mut self,
        kind: LabelKind,
        placed: &PlacedBlock,
        label: Option<&str>,
        span: &Range<usize>,
    ) {
        let Some(label) = label else { return };
        let name = self.own_name(if kind == LabelKind::Figure { "fig" } else { "tab" }, label, span);
        self.labels.name(
            kind,
            &name,
            Label { id: placed.id.clone(), text: placed.number.to_string(), exact: true },
        );
    }

    fn figure(&mut self, target: &str, caption: Vec<Inline>, span: &Range<usize>) -> PlacedBlock {
        self.refuse_misplaced(&caption);
        self.notes.refer(ReferenceKind::Figure, target, span);
        self.counts.figures += 1;
        self.placed(LabelKind::Figure, self.counts.figures, target, caption)
    }

    fn result_table(&mut self, target: &str, caption: Vec<Inline>, span: &Range<usize>) -> PlacedBlock {
        self.refuse_misplaced(&caption);
        self.notes.refer(ReferenceKind::Table, target, span);
        self.counts.tables += 1;
        self.placed(LabelKind::Table, self.counts.tables, target, caption)
    }

    fn placed(&mut self, kind: LabelKind, number: usize, target: &str, caption: Vec<Inline>) -> PlacedBlock {
        let prefix = if kind == LabelKind::Figure { "fig" } else { "tab" };
        let id = self.labels.take_placed(prefix, target);
        let label = Label { id: id.clone(), text: number.to_string(), exact: true };
        let name = ItemRef::parse(target).name;
        if name != target {
            self.labels.name(kind, name, Label { exact: false, ..label.clone() });
        }
        self.labels.name(kind, target, label);
        PlacedBlock { target: target.to_owned(), id, number, caption, rows: None }
    }

    /// A formula on lines of its own, with the numbers and names of the formula or of its lines.
    fn equation(&mut self, mut formula: Formula, label: Option<String>, span: &Range<usize>) -> Block {
        let numbers = formula.numbers.clone();
        if let [Numbered { row: Some(_), .. }, ..] = numbers.as_slice() {
            if let Some(label) = label {
                let problem =
                    Diagnostic::error("label", format!("`{label}`: the lines of this formula have names"));
                self.notes.report(problem.help("write `\\label{...}` on the line that is meant"), span);
            }
            let rows: Vec<(String, String)> = numbers
                .iter()
                .map(|row| {
                    let (id, tag) = self.number(row.label.clone(), row.tag.clone());
                    (id.unwrap_or_default(), tag.shown())
                })
                .collect();
            formula.set_numbers(&rows);
            return Block::Equation { formula, id: None, number: None };
        }
        let own = numbers.into_iter().next().unwrap_or_default();
        if let (Some(label), Some((name, at))) = (&label, &own.label) {
            let problem =
                Diagnostic::error("label", format!("this formula is called `{name}`, and `{label}`"));
            self.notes.report(problem.help("give it one name"), at);
        }
        let label = own.label.or_else(|| label.map(|label| (label, span.clone())));
        if label.is_none() && own.tag.is_none() {
            return Block::Equation { formula, id: None, number: None };
        }
        let (id, number) = self.number(label, own.tag);
        Block::Equation { formula, id, number: Some(number) }
    }

    /// The id and the number of an equation that has a name, or something else in the place of a number.
    fn number(&mut self, label: Option<(String, Range<usize>)>, tag: Option<Tag>) -> (Option<String>, Tag) {
        let tag = tag.unwrap_or_else(|| {
            self.counts.equations += 1;
            Tag { text: self.counts.equations.to_string(), bare: false }
        });
        let Some((name, span)) = label else { return (None, tag) };
        let id = format!("eq-{}", slug(&name));
        if !self.labels.claim(&id) {
            self.duplicate(&format!("eq:{name}"), &span);
        }
        let label = Label { id: id.clone(), text: tag.text.clone(), exact: true };
        self.labels.name(LabelKind::Equation, &name, label);
        (Some(id), tag)
    }

    /// `{#eq:name}` after a display formula names it.
    pub(super) fn take_equation_label(&mut self, out: &mut [Inline], scanned: &mut [Inline]) {
        let Some(Inline::DisplayMath { label, span, .. }) = out.last_mut() else { return };
        let Some(Inline::Text(text)) = scanned.first_mut() else { return };
        let start = text.trim_start_matches([' ', '\t']);
        let Some(end) = start.find('}').filter(|_| start.starts_with("{#")) else { return };
        let name = directive::parse_label(&start[..=end]).and_then(|name| name.strip_prefix("eq:"));
        match name {
            Some(name) => *label = Some(name.to_owned()),
            None => {
                let problem =
                    Diagnostic::error("label", format!("`{}` is no label of an equation", &start[..=end]))
                        .help("write `{#eq:name}` with letters, digits and hyphens");
                let span = span.clone();
                self.notes.report(problem, &span);
            }
        }
        *text = start[end + 1..].to_owned();
    }

    /// An exercise, numbered and named.
    pub(super) fn exercise(
        &mut self,
        label: Option<&str>,
        title: Vec<Inline>,
        blocks: Vec<Block>,
        span: &Range<usize>,
    ) -> Block {
        self.counts.exercises += 1;
        let number = self.counts.exercises;
        let name = label.map(|label| label.strip_prefix("ex:").unwrap_or(label).to_owned());
        let words = plain_text(&title);
        let id = match &name {
            Some(name) => {
                let id = format!("ex-{}", slug(name));
                if !self.labels.claim(&id) {
                    self.duplicate(&format!("ex:{name}"), span);
                }
                id
            }
            None if words.is_empty() => self.labels.take("ex"),
            None => self.labels.take(&format!("ex-{}", slug(&words))),
        };
        let name = name.unwrap_or_else(|| id.trim_start_matches("ex-").to_owned());
        self.labels.name(
            LabelKind::Exercise,
            &name,
            Label { id: id.clone(), text: number.to_string(), exact: true },
        );
        Block::Exercise { number, id, title, blocks }
    }

    pub(super) fn duplicate(&mut self, name: &str, span: &Range<usize>) {
        let problem = Diagnostic::error("label", format!("`{name}` names two things on this page"));
        self.notes.report(problem.help("give one of them another name"), span);
    }

    /// Reports what needs a paragraph of its own and stands elsewhere.
    pub(super) fn refuse_misplaced(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            let (what, span) = match inline {
                Inline::Image { target, span, .. } => match classify(target) {
                    LinkForm::Figure(_) => ("a figure", span),
                    LinkForm::Table(_) => ("a table of results", span),
                    _ => continue,
                },
                Inline::Gallery { span, .. } => ("a gallery", span),
                Inline::Directive { directive: BlockDirective::Claim, span, .. } => ("a claim", span),
                Inline::Directive { directive: BlockDirective::Table { .. }, span, .. } => {
                    ("a table of results", span)
                }
                Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
                    self.refuse_misplaced(inner);
                    continue;
                }
                Inline::Link { inlines, .. } => {
                    self.refuse_misplaced(inlines);
                    continue;
                }
                _ => continue,
            };
            let problem = Diagnostic::error("placement", format!("{what} stands in a paragraph of its own"));
            self.notes.report(problem.help("leave an empty line before and after it"), span);
        }
    }
}

/// Whether a paragraph is one picture and nothing else.
fn is_picture(inlines: &[Inline]) -> bool {
    let blank = |inline: &&Inline| !matches!(inline, Inline::Text(text) if text.trim().is_empty());
    let mut pieces = inlines.iter().filter(blank);
    matches!(pieces.next(), Some(Inline::Image { .. })) && pieces.next().is_none()
}

/// Whether what comes next begins a line.
fn ends_line(current: &[Inline]) -> bool {
    match current.last() {
        None | Some(Inline::HardBreak) => true,
        Some(Inline::Text(text)) => {
            let text = text.trim_end_matches([' ', '\t']);
            text.ends_with('\n') || (text.is_empty() && current.len() == 1)
        }
        Some(_) => false,
    }
}

/// Whether this begins with the end of a line.
fn begins_line(next: &Inline) -> bool {
    match next {
        Inline::HardBreak | Inline::DisplayMath { .. } => true,
        Inline::Text(text) => {
            let text = text.trim_start_matches([' ', '\t']);
            text.is_empty() || text.starts_with('\n')
        }
        _ => false,
    }
}

/// Takes the page's title off its blocks: a first heading of the first level, unless the front matter has another title.
pub(super) fn take_title(blocks: &mut Vec<Block>, front: Option<&str>) -> Option<HeadingBlock> {
    let Some(Block::Heading(heading)) = blocks.first() else { return None };
    if heading.level != 1 || front.is_some_and(|title| title != plain_text(&heading.inlines)) {
        return None;
    }
    match blocks.remove(0) {
        Block::Heading(heading) => Some(heading),
        _ => None,
    }
}

/// Gives every heading its id, then checks every reference within the page.
pub(super) fn settle(blocks: &mut [Block], builder: &mut Builder<'_>) {
    let mut footnotes = std::mem::take(&mut builder.footnotes);
    // The ids that authors chose come first: a generated one gives way.
    for explicit in [true, false] {
        each_heading(blocks, &mut |heading| settle_heading(heading, explicit, builder));
        for content in footnotes.values_mut() {
            each_heading(content, &mut |heading| settle_heading(heading, explicit, builder));
        }
    }
    builder.footnotes = footnotes;
    check_cross_references(builder);
    settle_lists(builder);
    check_fragments(builder);
    check_footnotes(builder);
}

fn settle_heading(heading: &mut HeadingBlock, explicit: bool, builder: &mut Builder<'_>) {
    if heading.explicit != explicit {
        return;
    }
    let text = plain_text(&heading.inlines);
    if explicit {
        heading.id = heading.id.strip_prefix("sec:").unwrap_or(&heading.id).to_owned();
        if !builder.labels.claim(&heading.id) {
            builder.duplicate(&heading.id, &heading.span);
        }
    } else {
        heading.id = builder.labels.take(&slug(&text));
    }
    if heading.level == 1 && !explicit {
        let problem = Diagnostic::warning("heading", "a page has one heading of the first level: its title");
        builder.notes.report(problem.help("begin this one with `##`"), &heading.span);
    }
    builder.labels.name(LabelKind::Section, &heading.id, Label { id: heading.id.clone(), text, exact: true });
}

fn check_cross_references(builder: &mut Builder<'_>) {
    let Builder { notes, labels, .. } = builder;
    let mut suggestions: BTreeMap<LabelKind, Suggestions<'_>> = BTreeMap::new();
    for (kind, name, span) in std::mem::take(&mut notes.cross_references) {
        let help = match labels.resolve(kind, &name) {
            Ok(_) => continue,
            Err(Unresolved::Unknown) if labels.names(kind).next().is_none() => {
                Some("there is none of this kind on this page".to_owned())
            }
            Err(Unresolved::Unknown) => {
                let known = suggestions.entry(kind).or_insert_with(|| Suggestions::new(labels.names(kind)));
                known.help(&name)
            }
            Err(Unresolved::Ambiguous) => {
                let help = "several of this name stand on this page; write the experiment's id before it, as in \
                            `folder/slug#name`";
                Some(help.to_owned())
            }
        };
        let problem = Diagnostic::error("cross-reference", format!("`{name}` is not on this page"));
        notes.report(Diagnostic { help, ..problem }, &span);
    }
}

/// Gives the ids of lists that the page has not to raw HTML, or to nothing.
fn settle_lists(builder: &mut Builder<'_>) {
    let cites = builder.notes.references.iter().any(|reference| reference.kind.is_work());
    let raw = std::mem::take(&mut builder.raw_lists);
    for (list, there) in LISTS.into_iter().zip([cites, !builder.footnotes_used.is_empty()]) {
        let own: Vec<_> = raw.iter().filter(|(id, _)| id == list).collect();
        for (_, span) in own.iter().skip(usize::from(!there)) {
            builder.duplicate(list, span);
        }
        if !there && own.is_empty() {
            builder.labels.release(list);
        }
    }
}

fn check_fragments(builder: &mut Builder<'_>) {
    let Builder { notes, labels, .. } = builder;
    let mut suggestions = Suggestions::new(labels.ids().iter().map(String::as_str));
    for (fragment, span) in std::mem::take(&mut notes.fragments) {
        if !fragment.is_empty() && !labels.ids().contains(&fragment) {
            let problem = Diagnostic::error("link", format!("there is no `#{fragment}` on this page"));
            let help = match fragment.as_str() {
                "references" => {
                    Some("a page that cites a work, `[@key]`, ends with its references".to_owned())
                }
                "footnotes" => Some("a page that has a note, `^[text]`, ends with its notes".to_owned()),
                _ => suggestions.help(&fragment),
            };
            notes.report(Diagnostic { help, ..problem }, &span);
        }
    }
}

fn check_footnotes(builder: &mut Builder<'_>) {
    for (label, span) in std::mem::take(&mut builder.footnote_spans) {
        if !builder.footnotes_used.contains(&label) {
            let problem = Diagnostic::warning("footnote", format!("nothing refers to footnote `{label}`"));
            builder
                .notes
                .report(problem.help(format!("write `[^{label}]` where it belongs, or remove it")), &span);
        }
    }
}

fn each_heading(blocks: &mut [Block], action: &mut dyn FnMut(&mut HeadingBlock)) {
    for block in blocks {
        match block {
            Block::Heading(heading) => action(heading),
            Block::Quote(inner)
            | Block::Callout { blocks: inner, .. }
            | Block::Exercise { blocks: inner, .. }
            | Block::Solution { blocks: inner, .. } => each_heading(inner, action),
            Block::List { items, .. } => items.iter_mut().for_each(|item| each_heading(item, action)),
            Block::Definitions(parts) => {
                for part in parts {
                    if let Definition::Meaning(inner) = part {
                        each_heading(inner, action);
                    }
                }
            }
            _ => {}
        }
    }
}
