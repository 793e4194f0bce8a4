//! Running text: substitutions, cross-references and citations found in it.

use std::ops::Range;

use super::directive::{Call, parse_call, parse_key};
use super::document::{BlockDirective, CiteKey, Inline};
use super::foreign::is_mathematics;
use super::label::LabelKind;
use super::notes::Notes;
use super::numeral::numerals;
use super::reference::ReferenceKind;
use super::run::Run;
use super::{gallery, plain_marks};
use octavo_definition::diagnostic::Diagnostic;
use octavo_tables::number::Format;

/// Turns a run into pieces.
pub(super) fn scan(run: &Run, notes: &mut Notes<'_>) -> Vec<Inline> {
    let mut out = Vec::new();
    let text = run.text();
    report_broken_formulas(run, notes);
    let last_close = text.rfind("}}");
    // Everything before `kept` is written, everything before `at` is looked at.
    let (mut kept, mut at) = (0, 0);
    while let Some(found) = text[at..].find(['{', '[', '@', ':', 'w', '^', '~', '\\']) {
        let start = at + found;
        let hit = if text[start..].starts_with('\\') {
            no_break_space(run, start, notes).or_else(|| equation_number(run, start, notes))
        } else if text[start..].starts_with("{{") {
            // Without an end none is searched for: a page may begin many that it does not end.
            let ended = last_close.is_some_and(|close| close > start);
            Some(if ended { substitution(run, start, notes) } else { unended(run, start, notes) })
        } else if text[start..].starts_with('@') {
            key(run, start, notes).filter(|(_, begin, _)| *begin >= kept).map(|(inline, begin, end)| {
                push_text(&mut out, run, kept..begin, notes);
                kept = start;
                (Some(inline), end)
            })
        } else if !text[start..].starts_with(['[', '{']) {
            let found = plain_marks::find(text, start, notes).filter(|found| found.begin >= kept);
            found.map(|found| {
                push_text(&mut out, run, kept..found.begin, notes);
                kept = start;
                let (span, end) = (run.span(found.begin..found.end), found.end);
                let inline = found.inline(&span);
                if let Inline::Link { target, .. } = &inline {
                    notes.lead_out(target, &span);
                }
                (Some(inline), end)
            })
        } else {
            if text[start..].starts_with("[^") {
                missing_footnote(run, start, notes);
            }
            None
        };
        if let Some((inline, end)) = hit {
            push_text(&mut out, run, kept..start, notes);
            out.extend(inline);
            (kept, at) = (end, end);
        } else {
            at = start + 1;
        }
    }
    push_text(&mut out, run, kept..text.len(), notes);
    out
}

/// What begins like a formula and was not taken for one, since its braces do not match or its end is missing: formulas
/// that were taken for one are not in the running text.
fn report_broken_formulas(run: &Run, notes: &mut Notes<'_>) {
    let text = run.text();
    let mut at = 0;
    while let Some(start) = text[at..].find(['$', '\\']).map(|found| at + found) {
        let escaped = notes.source.text[..run.source_at(start)].ends_with('\\');
        let broken = if escaped { None } else { broken_formula(&text[start..]) };
        let length = text[start..].chars().take_while(|c| *c == '$').count().max(1);
        at = start + broken.as_ref().map_or(length, |(length, _)| *length);
        if let Some((_, problem)) = broken {
            notes.report(problem, &run.span(start..at));
        }
    }
}

/// How long that is which begins here like a formula and is none, and what is wrong with it.
fn broken_formula(text: &str) -> Option<(usize, Diagnostic)> {
    let problem = |message: String, help: &str| Diagnostic::error("math", message).help(help);
    if let Some(rest) = text.strip_prefix("\\begin{") {
        let name = rest.split(['}', '\n']).next().filter(|name| is_mathematics(name))?;
        let message =
            format!("`\\begin{{{name}}}` is no formula that stands without dollar signs and has an end");
        let help =
            "write `$$` before it and `$$` behind its `\\end{...}`; for the text itself write `\\\\begin`";
        return Some((7 + name.len(), problem(message, help)));
    }
    if let Some(rest) = text.strip_prefix("\\ref{") {
        // One without a brace at its end names nothing.
        let (name, _) = rest.split_once('}')?;
        if name.starts_with("eq:") || name.contains('\n') {
            return None;
        }
        let help = format!("write `[@{name}]`, which gives the word and the number, such as “Figure 1”");
        return Some((
            6 + name.len(),
            problem(format!("`\\ref{{{name}}}` is read for equations only"), &help),
        ));
    }
    let rest = text.strip_prefix('$')?;
    if rest.starts_with('$') && !rest.starts_with("$$") {
        let help = "a formula on lines of its own ends with another `$$`, in the same quotation or list item; for two \
                    dollar signs in the text write `\\$\\$`";
        return Some((2, problem("`$$` begins a formula that has no end".to_owned(), help)));
    }
    let close = rest.find('$');
    let inner = &rest[..close.unwrap_or_else(|| rest.find(char::is_whitespace).unwrap_or(rest.len()))];
    let length = 1 + inner.len() + usize::from(close.is_some());
    if inner.starts_with(char::is_whitespace) || !has_command(inner) {
        return None;
    }
    let message = format!("`{}` is no whole formula", &text[..length]);
    let help = "every `{` needs its `}`, and every `$` another one, behind which no digit stands; a dollar sign itself is `\\$`";
    Some((length, problem(message, help)))
}

/// Whether there is a command of TeX, such as `\frac`.
fn has_command(text: &str) -> bool {
    text.match_indices('\\').any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn push_text(out: &mut Vec<Inline>, run: &Run, range: Range<usize>, notes: &mut Notes<'_>) {
    let text = &run.text()[range.clone()];
    if !text.is_empty() {
        out.push(Inline::Text(text.to_owned()));
    }
    let typed = numerals(text).into_iter();
    notes
        .numerals
        .extend(typed.map(|(numeral, at)| (numeral, run.span(range.start + at.start..range.start + at.end))));
}

/// A substitution that begins at `start` and ends somewhere, and where. A wrong one is reported and left out.
fn substitution(run: &Run, start: usize, notes: &mut Notes<'_>) -> (Option<Inline>, usize) {
    let text = run.text();
    let end = start + text[start..].find("}}").map_or(2, |length| length + 2);
    let span = run.span(start..end);
    (call(&text[start + 2..end - 2], &span, notes), end)
}

/// A substitution without an end.
fn unended(run: &Run, start: usize, notes: &mut Notes<'_>) -> (Option<Inline>, usize) {
    let problem = Diagnostic::error("substitution", "`{{` has no `}}`");
    let help = "for braces in the text write `\\{{`; code and mathematics are never touched";
    notes.report(problem.help(help), &run.span(start..start + 2));
    (Some(Inline::Verbatim("{{".to_owned())), start + 2)
}

/// Most rows of a table that a page may ask for.
const MOST_ROWS: u32 = 10_000;

/// How many rows of a table are shown, if the call says so; `None` if it says something else.
fn rows(call: &Call<'_>) -> Option<Option<u32>> {
    match call.named.as_slice() {
        [] => Some(None),
        [("rows", number)] => number.parse().ok().filter(|rows| (1..=MOST_ROWS).contains(rows)).map(Some),
        _ => None,
    }
}

fn call(inner: &str, span: &Range<usize>, notes: &mut Notes<'_>) -> Option<Inline> {
    const USAGE: &str = "write `{{ value(\"name\", \"%.2f\") }}`, `{{ claim(\"name\") }}`, `{{ verdict(\"name\") }}` or `{{ table(\"name\") }}`; \
                         for braces in the text write `\\{{`";
    let Some(call) = parse_call(inner) else {
        let shortcode = inner.trim_start().starts_with(['<', '%']);
        let message = if shortcode {
            "shortcodes of other programs are not processed"
        } else {
            "this is no substitution"
        };
        let help = if shortcode {
            "write Markdown: `![](film.mp4)` for a film, `![Caption](file.png)` for a picture; for braces in the text write `\\{{`"
        } else {
            USAGE
        };
        notes.report(Diagnostic::error("substitution", message).help(help), span);
        return None;
    };
    if call.name == "gallery" {
        return gallery::gallery(&call, span, notes);
    }
    match (call.name, call.arguments.as_slice()) {
        ("table", [target]) if rows(&call).is_some() => {
            Some(block(BlockDirective::Table { rows: rows(&call).flatten() }, target, span))
        }
        (name, _) if let [(key, _), ..] = call.named.as_slice() => {
            let message = format!("`{name}` takes no such `{key}`");
            let help = format!(
                "a table takes how many rows are shown, 1 to {MOST_ROWS}: `{{{{ table(\"name\", rows = 20) }}}}`"
            );
            notes.report(Diagnostic::error("substitution", message).help(help), span);
            None
        }
        ("value", [target]) => Some(value(target, None, span, notes)),
        ("value", [target, format]) => Some(value(target, Some(format), span, notes)),
        ("verdict", [target]) => Some(verdict(target, None, span, notes)),
        ("verdict", [target, holds, refuted, open]) => {
            let words = [holds, refuted, open].map(|text| (*text).to_owned());
            Some(verdict(target, Some(words), span, notes))
        }
        ("claim", [target]) => Some(block(BlockDirective::Claim, target, span)),
        ("value" | "verdict" | "claim" | "table", _) => {
            let problem =
                Diagnostic::error("substitution", format!("`{}` has a wrong number of texts", call.name));
            notes.report(problem.help(USAGE), span);
            None
        }
        (name, _) => {
            let problem = Diagnostic::error("substitution", format!("there is no substitution `{name}`"));
            notes.report(problem.nearest(name, ["value", "verdict", "claim", "table", "gallery"]), span);
            None
        }
    }
}

fn value(target: &str, format: Option<&str>, span: &Range<usize>, notes: &mut Notes<'_>) -> Inline {
    let checked = format.map(Format::parse).transpose();
    if let Err(reason) = &checked {
        notes.report(Diagnostic::error("number-format", reason.as_str()), span);
    }
    let format = format.filter(|_| checked.is_ok());
    notes.refer(ReferenceKind::Value, target, span);
    Inline::Value { target: target.to_owned(), format: format.map(str::to_owned), span: span.clone() }
}

fn verdict(target: &str, words: Option<[String; 3]>, span: &Range<usize>, notes: &mut Notes<'_>) -> Inline {
    notes.refer(ReferenceKind::Claim, target, span);
    Inline::Verdict { target: target.to_owned(), words, span: span.clone() }
}

fn block(directive: BlockDirective, target: &str, span: &Range<usize>) -> Inline {
    Inline::Directive { directive, target: target.to_owned(), span: span.clone() }
}

/// A backslash before a space keeps the words beside it on one line, as in Pandoc and LaTeX: `20\ °C`. One between spaces, or
/// at the end of a path, is a sign of its own.
fn no_break_space(run: &Run, start: usize, notes: &Notes<'_>) -> Option<(Option<Inline>, usize)> {
    let next = run.text()[start..].strip_prefix("\\ ")?;
    let before = notes.source.text[..run.source_at(start)].chars().last()?;
    let sign = before.is_whitespace() || matches!(before, '\\' | '/' | ':' | '(' | '[' | '{');
    let between = !sign && !next.is_empty() && !next.starts_with(char::is_whitespace);
    between.then(|| (Some(Inline::Text("\u{a0}".to_owned())), start + 2))
}

/// `\eqref{name}`, or `\ref{eq:name}` for the number alone.
fn equation_number(run: &Run, start: usize, notes: &mut Notes<'_>) -> Option<(Option<Inline>, usize)> {
    let rest = &run.text()[start..];
    let (bare, inside) = match rest.strip_prefix("\\eqref{") {
        Some(inside) => (false, inside),
        None => (true, rest.strip_prefix("\\ref{").filter(|inside| inside.starts_with("eq:"))?),
    };
    let (name, after) = inside.split_once('}').filter(|(name, _)| !name.contains(['\n', '{']))?;
    let name = name.strip_prefix("eq:").unwrap_or(name).to_owned();
    let end = run.text().len() - after.len();
    let span = run.span(start..end);
    notes.refer(ReferenceKind::CrossRef, &format!("eq:{name}"), &span);
    notes.cross_references.push((LabelKind::Equation, name.clone(), span));
    Some((Some(Inline::EquationNumber { name, bare }), end))
}

/// A work or place named by `@` at `start`: where it begins, with a `-` that leaves the author out, and where it ends. An `@`
/// within a word, as in an address, is ordinary text.
fn key(run: &Run, start: usize, notes: &Notes<'_>) -> Option<(Inline, usize, usize)> {
    let text = run.text();
    let free = |before: Option<char>| {
        before.is_none_or(|c| c.is_whitespace() || "([{;,:—–\"'“‘«*_\u{a0}\u{202f}".contains(c))
    };
    let before = &notes.source.text[..run.source_at(start)];
    // Brackets that are escaped are ordinary, with all that stands in them, and so is the text of a link.
    if before.ends_with("\\[") || notes.links > 0 {
        return None;
    }
    let bare = before.strip_suffix('-').filter(|before| free(before.chars().last()));
    if bare.is_none() && !free(before.chars().last()) {
        return None;
    }
    let (target, length) = parse_key(&text[start + 1..])?;
    let (begin, end) = (start - usize::from(bare.is_some()), start + 1 + length);
    let span = run.span(begin..end);
    Some((Inline::Key(CiteKey { target, suppressed: bare.is_some(), span }), begin, end))
}

/// The parser turns a reference to a footnote that is not there into text.
fn missing_footnote(run: &Run, start: usize, notes: &mut Notes<'_>) {
    let text = run.text();
    let rest = &text[start + 2..];
    let length = rest.find(|c: char| matches!(c, '[' | ']') || c.is_whitespace());
    let Some(length) = length.filter(|length| *length > 0 && rest[*length..].starts_with(']')) else {
        return;
    };
    let label = &rest[..length];
    let problem = Diagnostic::error("footnote", format!("there is no footnote `{label}`")).help(format!(
        "write `[^{label}]: ...` in a paragraph of its own, or `\\[^` for brackets in the text"
    ));
    notes.report(problem, &run.span(start..start + 2 + length + 1));
}
