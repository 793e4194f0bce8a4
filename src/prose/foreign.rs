//! Markup of other programs, which would be published as text: it is told at its place, with what to write instead. Code,
//! mathematics and raw HTML are not looked at.

mod inline;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag};

use super::scan::Notes;
use crate::diagnostic::Diagnostic;

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
    fn new(events: &[(Event<'_>, Range<usize>)]) -> Self {
        let mut known = Self {
            opaque: Vec::new(),
            code: Vec::new(),
            links: Vec::new(),
            tables: Vec::new(),
            headings: Vec::new(),
            picture_ends: Vec::new(),
        };
        for (event, span) in events {
            match event {
                Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::InlineHtml(_) => known.opaque.push(span.clone()),
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
        known.opaque.sort_by_key(|span| span.start);
        known.picture_ends.sort_unstable();
        known
    }

    fn is_opaque(&self, at: usize) -> bool {
        holds(&self.opaque, at)
    }
}

/// Whether one of the ranges, which are in order and apart, holds the byte.
fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    let index = ranges.partition_point(|range| range.start <= at);
    index > 0 && ranges[index - 1].contains(&at)
}

/// Reports foreign markup in the text from `body` on.
pub(super) fn check(events: &[(Event<'_>, Range<usize>)], body: usize, notes: &mut Notes<'_>) {
    let source = std::sync::Arc::clone(notes.source);
    let known = Known::new(events);
    for (event, span) in events {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = event {
            fence(info, span, notes);
        }
    }
    let mut at = body;
    let mut previous = "";
    for line in source.text[body..].split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        if !known.is_opaque(start) {
            if let Some((length, message, help)) = of_line(line.trim(), previous, at == body) {
                warn(notes, start..start + length, message, help);
            } else if line.trim().starts_with('|') && !holds(&known.tables, start) {
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
        at += line.len();
    }
    inline::check(&source.text, body, &known, notes);
}

fn warn(notes: &mut Notes<'_>, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
    notes.report(Diagnostic::warning("foreign-markup", message).help(help), &span);
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

/// A line that means something to another program: how many bytes of it, what it is, and what to write instead.
fn of_line(line: &str, previous: &str, first: bool) -> Option<Found> {
    let word = |text: &str| -> usize {
        text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(text.len())
    };
    let whole = |message: &str, help| Some((line.len(), message.to_owned(), help));
    if line.starts_with(":::") {
        return whole(
            "`:::` does not make a block here",
            "for a callout write `> [!NOTE]` and begin its lines with `>`; otherwise remove the line",
        );
    }
    if let Some(rest) = line.strip_prefix(".. ") {
        let end = word(rest);
        if end > 0 && rest[end..].starts_with("::") {
            return whole(
                "a directive of reStructuredText is not processed",
                "write Markdown: `> [!NOTE]`, `![Caption](file.png)`, a fence of code",
            );
        }
    }
    if let Some(rest) =
        line.strip_prefix("!!! ").or_else(|| line.strip_prefix("??? ")).or_else(|| line.strip_prefix("???+ "))
    {
        if word(rest) > 0 {
            return whole(
                "an admonition of this form is not processed",
                "write `> [!NOTE] Title` and begin its lines with `>`",
            );
        }
    }
    if let Some(rest) = line.strip_prefix("#+") {
        if word(rest) > 0 {
            return whole(
                "a keyword of Org is not processed",
                "what a page says about itself is TOML between lines of `+++`; code stands between fences",
            );
        }
    }
    if matches!(
        line.to_ascii_lowercase().as_str(),
        "[toc]" | "[[toc]]" | "[[_toc_]]" | "{:toc}" | "{toc}" | "\\tableofcontents"
    ) {
        return whole(
            "a table of contents needs no mark",
            "remove the line: every page has its contents beside it",
        );
    }
    let border = |line: &str| {
        line.len() > 3
            && line.starts_with('+')
            && line.ends_with('+')
            && line.chars().all(|c| "+-=:".contains(c))
            && line.contains(['-', '='])
    };
    // The second of its lines would only repeat it.
    if border(line) && !previous.starts_with('|') && line != "+++" {
        return whole(
            "a grid table is not processed",
            "write a table with `|` between its cells and a line `|---|---|` below its head",
        );
    }
    let dashes = |line: &str| {
        line.split(' ')
            .filter(|part| !part.is_empty())
            .all(|part| part.len() > 1 && part.chars().all(|c| c == '-'))
    };
    if line.contains("- ") && line.starts_with("--") && dashes(line) {
        return whole(
            "a table of dashes is not processed",
            "write a table with `|` between its cells and a line `|---|---|` below its head",
        );
    }
    if first && line.strip_prefix("% ").is_some_and(|rest| !rest.is_empty()) {
        return whole(
            "a title block is not processed",
            "write `# Title`, or TOML between two lines of `+++`",
        );
    }
    let command = line
        .strip_prefix('\\')
        .filter(|name| name.len() > 1 && name.chars().all(|c| c.is_ascii_alphabetic()));
    if let Some(name) = command {
        return whole(
            &format!("the command `\\{name}` of LaTeX is not processed"),
            "remove it, or write Markdown instead",
        );
    }
    if line == "+++" && first {
        return whole("front matter begins in the first line", "remove the lines before it");
    }
    None
}
