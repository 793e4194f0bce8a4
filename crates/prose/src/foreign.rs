//! Markup of other programs, which would be published as text: it is told at its place, with what to write instead. Code,
//! mathematics and raw HTML are not looked at.

mod inline;
mod pandoc;

pub(super) use inline::is_mathematics;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag};

use super::notes::Notes;
use octavo_definition::diagnostic::Diagnostic;

/// The code of what is told here.
const CODE: &str = "foreign-markup";

/// What the parser says about the text.
struct Known {
    /// Code, mathematics, raw HTML, in order.
    opaque: Vec<Range<usize>>,
    /// Code within the text.
    code: Vec<Range<usize>>,
    /// Links and pictures, the outermost.
    links: Vec<Range<usize>>,
    tables: Vec<Range<usize>>,
    headings: Vec<Range<usize>>,
    /// Where pictures end: attributes may follow.
    picture_ends: Vec<usize>,
}

impl Known {
    fn new(
        events: &[(Event<'_>, Range<usize>)],
        formulas: Vec<Range<usize>>,
        text: &str,
        body: usize,
    ) -> Self {
        let mut known = Self {
            opaque: formulas,
            code: Vec::new(),
            links: Vec::new(),
            tables: Vec::new(),
            headings: Vec::new(),
            picture_ends: Vec::new(),
        };
        for (event, span) in events {
            match event {
                Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) | Event::InlineHtml(_) => {
                    known.opaque.push(span.clone());
                }
                Event::Code(_) => {
                    known.opaque.push(span.clone());
                    known.code.push(span.clone());
                }
                Event::Start(Tag::Table(_)) => known.tables.push(span.clone()),
                Event::Start(Tag::Heading { .. }) => known.headings.push(span.clone()),
                Event::Start(tag @ (Tag::Image { .. } | Tag::Link { .. })) => {
                    if matches!(tag, Tag::Image { .. }) {
                        known.picture_ends.push(span.end);
                    }
                    if known.links.last().is_none_or(|last| last.end <= span.start) {
                        known.links.push(span.clone());
                    }
                }
                _ => {}
            }
        }
        known.opaque.extend(substitutions(text, body));
        known.opaque = joined(known.opaque);
        known.picture_ends.sort_unstable();
        known
    }

    fn is_opaque(&self, at: usize) -> bool {
        holds(&self.opaque, at)
    }
}

/// Everything between `{{` and `}}` on a line: its formats have signs of their own.
fn substitutions(text: &str, body: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // The end of a line is searched for once, however many of them it holds.
    let (mut at, mut line) = (body, body);
    while let Some(start) = text[at..].find("{{").map(|start| at + start) {
        if start >= line {
            line = text[start..].find('\n').map_or(text.len(), |end| start + end);
        }
        at = match text[start..line].find("}}") {
            Some(end) => {
                found.push(start..start + end + 2);
                start + end + 2
            }
            None => line,
        };
    }
    found
}

/// Ranges in order, those that overlap as one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// Whether one of the ranges, which are in order and apart, holds the byte.
fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    let index = ranges.partition_point(|range| range.start <= at);
    index > 0 && ranges[index - 1].contains(&at)
}

/// Takes away what is told of foreign markup within a formula that is told to be broken, or behind the beginning of one without an end.
pub(super) fn settle(text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let broken = |problem: &Diagnostic| {
        let span = problem.location.as_ref().filter(|_| problem.code == "math")?.span.clone();
        let paragraph = || text[span.end..].find("\n\n").map_or(text.len(), |end| span.end + end);
        let begun = matches!(text.get(span.clone()), Some("$$" | "\\[" | "\\("));
        let end = if begun { paragraph() } else { span.end };
        Some(span.start..end)
    };
    let broken = joined(diagnostics.iter().filter_map(broken).collect());
    diagnostics.retain(|problem| {
        let at = problem.location.as_ref().filter(|_| problem.code == CODE);
        !at.is_some_and(|at| holds(&broken, at.span.start))
    });
}

/// Reports foreign markup in the text from `body` on; `formulas` are where formulas stand.
pub(super) fn check(
    events: &[(Event<'_>, Range<usize>)],
    formulas: Vec<Range<usize>>,
    body: usize,
    notes: &mut Notes<'_>,
) {
    let source = std::sync::Arc::clone(notes.source);
    let known = Known::new(events, formulas, &source.text, body);
    for (event, span) in events {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = event {
            fence(info, span, notes);
        }
    }
    let mut at = body;
    let mut previous = "";
    // Nothing but empty lines so far.
    let mut fresh = true;
    for line in source.text[body..].split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        if !known.is_opaque(start) {
            let following = source.text[at + line.len()..].lines();
            let pandoc = || pandoc::of_line(line.trim(), previous, following);
            if let Some((length, message, help)) = of_line(line.trim(), previous, fresh) {
                warn(notes, start..start + length, message, help);
            } else if let Some((length, message, help)) = pandoc().filter(|_| !holds(&known.tables, start)) {
                warn(notes, start..start + length, message, help);
            } else if is_row(line.trim()) && !holds(&known.tables, start) {
                let message = "this looks like a row of a table, but is none";
                warn(
                    notes,
                    start..start + 1,
                    message,
                    "a table has a line `|---|---|` below its head, as many cells as that has",
                );
            }
        }
        previous = line.trim();
        fresh = fresh && previous.is_empty();
        at += line.len();
    }
    inline::check(&source.text, body, &known, notes);
}

fn warn(notes: &mut Notes<'_>, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
    notes.report(Diagnostic::warning(CODE, message).help(help), &span);
}

/// A fence of code whose language is in braces.
fn fence(info: &str, span: &Range<usize>, notes: &mut Notes<'_>) {
    let Some(inner) = info.trim().strip_prefix('{').filter(|inner| !inner.starts_with(['.', '#'])) else {
        return;
    };
    let name = inner.split(['}', ' ', ',']).next().unwrap_or_default();
    let (message, help) = if super::callout::words().any(|word| word.eq_ignore_ascii_case(name)) {
        (
            format!("`{{{name}}}` is a directive of another program"),
            format!("write `> [!{}]` and begin its lines with `>`", name.to_uppercase()),
        )
    } else {
        (
            format!("`{{{name}}}` is published as code, and not run"),
            format!(
                "write `{name}` without braces for its colours; what is computed stands in an experiment"
            ),
        )
    };
    warn(notes, span.start..span.start + 3, message, help);
}

type Found = (usize, String, &'static str);

/// What begins a block of another program, and what to write instead.
const BLOCKS: &[(&[&str], &str, &str)] = &[
    (
        &["!!! ", "??? ", "???+ "],
        "an admonition of this form is not processed",
        "write `> [!NOTE] Title` and begin its lines with `>`",
    ),
    (
        &["#+"],
        "a keyword of Org is not processed",
        "what a page says about itself is TOML between lines of `+++`; code stands between fences",
    ),
];

/// Whether a line looks like a row of several cells. (`|z| < 2` is none.)
fn is_row(line: &str) -> bool {
    line.starts_with("| ") && line.ends_with(" |") && line.matches(" | ").count() > 0
}

/// A line that means something to another program: how many bytes of it, what it is, and what to write instead.
fn of_line(line: &str, previous: &str, first: bool) -> Option<Found> {
    let found = |(message, help): (&str, &'static str)| (line.len(), message.to_owned(), help);
    let block = BLOCKS.iter().find_map(|(marks, message, help)| {
        let rest = marks.iter().find_map(|mark| line.strip_prefix(mark))?;
        (word(rest) > 0).then_some((*message, *help))
    });
    let directive =
        line.strip_prefix(".. ").filter(|rest| word(rest) > 0 && rest[word(rest)..].starts_with("::"));
    if line.starts_with(":::") {
        let help = "for a callout write `> [!NOTE]` and begin its lines with `>`; otherwise remove the line";
        return Some(found(("`:::` does not make a block here", help)));
    }
    if directive.is_some() {
        let help = "write Markdown: `> [!NOTE]`, `![Caption](file.png)`, a fence of code";
        return Some(found(("a directive of reStructuredText is not processed", help)));
    }
    block.or_else(|| of_whole_line(line, first)).or_else(|| other_table(line, previous)).map(found).or_else(
        || {
            let name = line.strip_prefix('\\')?;
            let command = name.len() > 1 && name.chars().all(|c| c.is_ascii_alphabetic());
            let message = format!("the command `\\{name}` of LaTeX is not processed");
            command.then_some((line.len(), message, "remove it, or write Markdown instead"))
        },
    )
}

/// The bytes of the word that a text begins with.
fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(text.len())
}

/// Lines that are one mark, and those that only the first may be.
fn of_whole_line(line: &str, first: bool) -> Option<(&'static str, &'static str)> {
    const CONTENTS: &[&str] = &["[toc]", "[[toc]]", "[[_toc_]]", "{:toc}", "{toc}", "\\tableofcontents"];
    if CONTENTS.contains(&line.to_ascii_lowercase().as_str()) {
        return Some((
            "a table of contents needs no mark",
            "remove the line: every page has its contents beside it",
        ));
    }
    if first && line == "+++" {
        return Some(("front matter begins in the first line", "remove the lines before it"));
    }
    let title = first && line.strip_prefix("% ").is_some_and(|rest| !rest.is_empty());
    title.then_some(("a title block is not processed", "write `# Title`, or TOML between two lines of `+++`"))
}

/// Lines of tables that other programs draw.
fn other_table(line: &str, previous: &str) -> Option<(&'static str, &'static str)> {
    const HELP: &str = "write a table with `|` between its cells and a line `|---|---|` below its head";
    let drawn = line.chars().all(|c| "+-=:".contains(c)) && line.contains(['-', '=']);
    // The second of its lines would only repeat it.
    if line.len() > 3 && line.starts_with('+') && line.ends_with('+') && drawn && !previous.starts_with('|') {
        return Some(("a grid table is not processed", HELP));
    }
    let parts = || line.split(' ').filter(|part| !part.is_empty());
    let dashes = parts().all(|part| part.len() > 1 && part.chars().all(|c| c == '-'));
    (dashes && parts().count() > 1).then_some(("a table of dashes is not processed", HELP))
}
