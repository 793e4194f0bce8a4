//! Formulas, cut out of the source before Markdown reads it.
//!
//! A formula is no Markdown: a line of it may begin with `-`, `#` or `>`, be blank, or hold stars and brackets. So the
//! source is read here once, with just enough knowledge of Markdown to see where none can stand (code, HTML) and where a
//! block ends, and [`masked`] puts a word of the same length in the place of every formula: all offsets stay what they are.
//! Whatever Markdown then does not deliver as running text (see [`Cut::span`]) was none, and is put back.
//!
//! Formulas are `$x$`, `$$x$$`, `\(x\)`, `\[x\]` and `\begin{align} ... \end{align}`. Money is none, by Pandoc's rule: after
//! an opening `$` comes no white space, before a closing one neither, and after it no digit.

mod blocks;

use std::collections::BTreeMap;
use std::ops::Range;

use super::run::Run;
use blocks::{Line, TableRow, end_of_fence, end_of_html, end_of_leaf, tag_end};

/// Longer formulas are none: their end is not searched for.
const MAX_BYTES: usize = 20_000;
/// The same for formulas within a line of text.
const MAX_INLINE_BYTES: usize = 4_000;

/// Environments that are formulas on lines of their own; each may have a star behind its name.
const ENVIRONMENTS: &[&str] =
    &["align", "alignat", "displaymath", "eqnarray", "equation", "flalign", "gather", "math", "multline"];

/// A formula of the source.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// Whether it stands on a line of its own.
    pub(super) display: bool,
    /// All of it, with what begins and ends it, in bytes of the source.
    pub(super) span: Range<usize>,
    /// Its text, without the marks of a quotation at the beginnings of its lines.
    pub(super) tex: Run,
}

/// All formulas of a text from this byte on.
pub(super) fn cut(text: &str, body: usize) -> Vec<Cut> {
    let mut cutter = Cutter {
        text,
        cuts: Vec::new(),
        item: 0,
        after_blank: true,
        row: None,
        code: Code::default(),
        last_end: BTreeMap::new(),
    };
    let mut at = body;
    while at < text.len() {
        at = cutter.block(at);
    }
    cutter.cuts
}

/// The text with a word of the same length in the place of every formula.
pub(super) fn masked(text: &str, cuts: &[Cut]) -> String {
    let mut masked = String::with_capacity(text.len());
    for Cut { span, .. } in cuts {
        masked.push_str(&text[masked.len()..span.start]);
        // Dollar signs, so that emphasis beside a formula is what it is beside punctuation.
        masked.push('$');
        masked.extend(std::iter::repeat_n('x', span.len() - 2));
        masked.push('$');
    }
    masked.push_str(&text[masked.len()..]);
    masked
}

/// The numbers of the formulas that stand wholly within these bytes.
pub(super) fn within(cuts: &[Cut], span: &Range<usize>) -> Range<usize> {
    let first = cuts.partition_point(|cut| cut.span.start < span.start);
    let last = cuts.partition_point(|cut| cut.span.end <= span.end);
    first..last.max(first)
}

struct Cutter<'a> {
    text: &'a str,
    cuts: Vec<Cut>,
    /// Column at which the text of the last list item begins; 0 outside of lists.
    item: usize,
    after_blank: bool,
    /// The row of a table that is read.
    row: Option<TableRow>,
    code: Code,
    /// Where the last of these ends in the whole text, so that none is searched for that is not there.
    last_end: BTreeMap<&'static str, usize>,
}

impl Cutter<'_> {
    /// Reads a line, or the block that begins with it, and says where the next begins.
    fn block(&mut self, at: usize) -> usize {
        let line = Line::read(self.text, at);
        if line.is_blank() {
            self.after_blank = true;
            return line.next;
        }
        if line.marker {
            self.item = line.column;
        } else if self.after_blank && line.indent < self.item {
            self.item = 0;
        }
        if self.after_blank && !line.marker && line.indent >= self.item + 4 {
            return line.next;
        }
        self.after_blank = false;
        let skipped = end_of_fence(self.text, &line).or_else(|| end_of_html(self.text, &line));
        if let Some(end) = skipped {
            self.after_blank = true;
            return end;
        }
        self.leaf(&line)
    }

    /// Running text.
    fn leaf(&mut self, line: &Line<'_>) -> usize {
        let mut end = end_of_leaf(self.text, line);
        let table = blocks::table_columns(self.text, line, end);
        let mut at = line.content;
        while at < end {
            if let Some(columns) = table
                && self.row.as_ref().is_none_or(|row| row.end <= at)
            {
                self.row = Some(TableRow::read(self.text, at, columns));
            }
            let next = self.step(at, end);
            // A formula on lines of its own may go on beyond what looked like the end of the text.
            if next > end {
                end = end_of_leaf(self.text, &Line::rest(self.text, next, line));
            }
            at = next;
        }
        self.row = None;
        end
    }

    fn step(&mut self, at: usize, end: usize) -> usize {
        match self.text.as_bytes()[at] {
            b'\\' => self.backslash(at, end),
            b'`' => self.code.end(self.text, at, end),
            b'<' => tag_end(self.text, at, end).unwrap_or(at + 1),
            b'$' => self.dollars(at, end),
            _ => at + 1,
        }
    }

    fn dollars(&mut self, at: usize, end: usize) -> usize {
        let count = run_of(self.text, at, b'$');
        let formula = match count {
            1 => self.inline(at, end).map(|close| {
                // Some write $`x`$.
                let ticks = close > at + 3
                    && self.text[at + 1..close].starts_with('`')
                    && self.text[..close].ends_with('`');
                let ticks = usize::from(ticks);
                (false, at + 1 + ticks..close - ticks, close + 1)
            }),
            2 => self.closing(at, at + 2, "$$").map(|close| (true, at + 2..close, close + 2)),
            4 => Some((true, at + 2..at + 2, at + 4)),
            _ => None,
        };
        match formula {
            Some((display, tex, after)) => self.keep(display, at..after, tex),
            None => at + count,
        }
    }

    fn keep(&mut self, display: bool, span: Range<usize>, tex: Range<usize>) -> usize {
        let end = span.end;
        let tex = self.run(span.start, tex);
        self.cuts.push(Cut { display, span, tex });
        end
    }

    /// The text of a formula: its lines without the marks of the quotation in which it begins.
    fn run(&self, start: usize, tex: Range<usize>) -> Run {
        let quotes = Line::around(self.text, start).quotes;
        let mut run = Run::default();
        let mut at = tex.start;
        loop {
            let end = self.text[at..tex.end].find('\n').map_or(tex.end, |newline| at + newline + 1);
            run.push(&self.text[at..end], at);
            if end == tex.end {
                return run;
            }
            at = Line::without_quotes(self.text, end, quotes).unwrap_or(end).min(tex.end);
        }
    }

    /// The `$` that ends a formula in the text, which is none within code. A formula may be broken before a sign that would begin a list, if it can be
    /// nothing else.
    fn inline(&self, at: usize, end: usize) -> Option<usize> {
        self.inline_within(at, end).or_else(|| {
            let line = Line::around(self.text, at);
            if line.marker || self.item > 0 || self.row.is_some() || line.is_heading() {
                return None;
            }
            let until = blocks::end_of_paragraph(self.text, &line);
            let close =
                (until > end).then(|| self.inline_within(at, until))?.filter(|close| *close >= end)?;
            let inside = &self.text[at + 1..close];
            (inside.contains(['\\', '^', '_', '=']) && !inside.contains('`')).then_some(close)
        })
    }

    fn inline_within(&self, at: usize, leaf_end: usize) -> Option<usize> {
        let start = at + 1;
        let end = leaf_end.min(self.text.floor_char_boundary(start + MAX_INLINE_BYTES));
        let end = self.row.as_ref().map_or(end, |row| row.end.min(end));
        let bytes = self.text.as_bytes();
        if self.text[start..].starts_with(char::is_whitespace) {
            return None;
        }
        let mut depth = 0_usize;
        let mut index = start;
        let mut code = Code::default();
        let code_ends = leaf_end.min(start + MAX_BYTES);
        while index < end {
            match bytes[index] {
                b'\\' => index += 1,
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                b'|' if self.row.as_ref().is_some_and(|row| row.needs_pipes) => return None,
                b'$' if depth == 0 => break,
                b'`' if depth == 0 => {
                    index = code.end(self.text, index, code_ends);
                    continue;
                }
                _ => {}
            }
            index += 1;
        }
        let inside = self.text.get(start..index).filter(|inside| index < end && !inside.is_empty())?;
        let after = bytes.get(index + 1).copied();
        let behind_number = at > 0 && bytes[at - 1].is_ascii_digit();
        let money = is_between_sentences(inside) || (behind_number && is_between_sums(inside));
        let closes = !inside.ends_with(char::is_whitespace)
            && !after.is_some_and(|after| after.is_ascii_digit())
            && !money;
        closes.then_some(index)
    }

    /// Where a formula on lines of its own ends, if it does: not in a quotation or list item that ends before, nor beyond what
    /// can be no part of it.
    fn closing(&mut self, start: usize, from: usize, close: &'static str) -> Option<usize> {
        let text = self.text;
        if self.last_of(close) < from {
            return None;
        }
        let opening = Line::around(text, start);
        let limit = text.floor_char_boundary(from + MAX_BYTES);
        let mut at = from;
        let mut after_blank = false;
        let mut seeker = Seeker::default();
        loop {
            let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1);
            if let Some(found) = seeker.find(text, at, end, close) {
                return Some(found);
            }
            if end >= limit || end == text.len() || self.row.is_some() {
                return None;
            }
            at = Line::without_quotes(text, end, opening.quotes)?;
            let line = Line::read(text, at);
            let heading = after_blank && line.is_heading();
            let item = line.marker && self.item > 0 && line.indent < self.item;
            // TeX ends the paragraph at an empty line. Behind other text none is in a formula; in one on lines of its own it is told.
            let torn = line.is_blank() && opening.content != start;
            if torn || heading || item || line.is_fence() || begins_formulas(&line, close) {
                return None;
            }
            after_blank = line.is_blank();
        }
    }

    /// Where this stands for the last time.
    fn last_of(&mut self, close: &'static str) -> usize {
        let text = self.text;
        *self.last_end.entry(close).or_insert_with(|| text.rfind(close).unwrap_or(0))
    }

    fn backslash(&mut self, at: usize, end: usize) -> usize {
        let rest = &self.text[at + 1..];
        let next = rest.chars().next().map_or(at + 1, |c| at + 1 + c.len_utf8());
        let formula = match rest.as_bytes().first() {
            Some(b'(') if self.last_of(r"\)") > at => Seeker::default()
                .find(self.text, at + 2, end.min(at + MAX_INLINE_BYTES), r"\)")
                .filter(|close| is_mathematics(&self.text[at + 2..*close], false))
                .map(|close| (false, at + 2..close, close + 2)),
            Some(b'[') => self
                .closing(at, at + 2, r"\]")
                .filter(|close| {
                    let alone = Line::around(self.text, at).content == at;
                    is_mathematics(&self.text[at + 2..*close], alone)
                })
                .map(|close| (true, at + 2..close, close + 2)),
            Some(b'b') => self.environment(at).map(|after| (true, at..after, after)),
            _ => None,
        };
        match formula {
            Some((display, tex, after)) => self.keep(display, at..after, tex),
            None if self.begins_only(at, end) => self.keep(rest.starts_with('['), at..next, next..next),
            None => next,
        }
    }

    /// Whether `\[` or `\(` begins what can only be a formula, and does not end.
    fn begins_only(&self, at: usize, end: usize) -> bool {
        const SEEN: usize = 400;
        let rest = &self.text[at + 1..self.text.floor_char_boundary(end.min(at + SEEN)).max(at + 1)];
        let line = rest.lines().next().unwrap_or_default();
        let close = if line.starts_with('[') { r"\]" } else { r"\)" };
        let command = |(at, _): (usize, &str)| line[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
        line.starts_with(['[', '(']) && !line.contains(close) && line.match_indices('\\').any(command)
    }

    /// Where an environment ends that begins here and is a formula.
    fn environment(&mut self, at: usize) -> Option<usize> {
        let name = self.text[at..].strip_prefix(r"\begin{")?.split('}').next()?;
        if !ENVIRONMENTS.contains(&name.strip_suffix('*').unwrap_or(name)) {
            return None;
        }
        let mut from = at;
        while let Some(end) = self.closing(at, from, r"\end") {
            let rest = self.text[end + 4..].trim_start_matches(' ');
            let after = rest.strip_prefix('{').and_then(|rest| rest.strip_prefix(name));
            if let Some(after) = after.and_then(|rest| rest.strip_prefix('}')) {
                return Some(self.text.len() - after.len());
            }
            from = end + 4;
        }
        None
    }
}

/// Whether a line begins as many formulas as it ends: then the one before it has no end.
fn begins_formulas(line: &Line<'_>, close: &str) -> bool {
    let content = line.text();
    close == "$$" && content.starts_with("$$") && content.matches("$$").count().is_multiple_of(2)
}

/// Whether this begins with the end of a sentence or of a part of one, as in `20$, then 30$`.
fn is_between_sentences(inside: &str) -> bool {
    inside.starts_with([',', '.', ';', ':', ')']) && inside[1..].starts_with(char::is_whitespace)
}

/// Whether this stands between two sums of money with the sign behind them, as in `5$–6$`.
fn is_between_sums(inside: &str) -> bool {
    let range = inside.starts_with(['–', '—', '-', '/', '+', ','])
        && inside.chars().skip(1).all(|c| c.is_ascii_digit() || ".,' \u{a0}\u{202f}".contains(c));
    range && inside.chars().count() > 1
}

/// Whether what stands between `\(` and `\)` is a formula and not words in escaped brackets.
fn is_mathematics(inside: &str, alone: bool) -> bool {
    let inside = inside.trim();
    if inside.is_empty() || inside.starts_with(['@', '^']) {
        return false;
    }
    let word = |word: &str| word.len() > 2 && word.chars().all(char::is_alphabetic);
    inside.contains(['\\', '^', '_', '=', '<', '>', '+'])
        || (alone && !inside.split_whitespace().any(word))
        || {
            let one = inside.split_whitespace().count() == 1;
            one && inside.starts_with(|c: char| c.is_ascii_alphabetic())
                && !word(inside)
                && !inside.contains(['-', '.'])
        }
}

fn run_of(text: &str, at: usize, byte: u8) -> usize {
    text.as_bytes()[at..].iter().take_while(|found| **found == byte).count()
}

/// Where code within a text ends.
#[derive(Default)]
struct Code {
    /// Lengths of runs of grave accents for which there is no second one up to this byte.
    unclosed: BTreeMap<usize, usize>,
}

impl Code {
    /// Behind the code that begins with the grave accents here, or behind these if no second ones end it.
    fn end(&mut self, text: &str, at: usize, end: usize) -> usize {
        let ticks = run_of(text, at, b'`');
        if self.unclosed.get(&ticks).is_some_and(|until| *until >= end) {
            return at + ticks;
        }
        let bytes = text.as_bytes();
        let mut next = at + ticks;
        while let Some(found) = (next..end).find(|index| bytes[*index] == b'`') {
            let length = run_of(text, found, b'`');
            next = found + length;
            if length == ticks {
                return next;
            }
        }
        self.unclosed.insert(ticks, end);
        at + ticks
    }
}

/// Looks for the end of a formula, line by line. Code goes before formulas, so that none ends within some; in braces a grave
/// accent is a quotation mark of TeX.
#[derive(Default)]
struct Seeker {
    depth: usize,
    code: Code,
    /// Where code ends that began before, and where none goes on.
    code_end: usize,
    lines_end: usize,
}

impl Seeker {
    /// Where this stands without a backslash before it, and outside of code.
    fn find(&mut self, text: &str, from: usize, end: usize, what: &str) -> Option<usize> {
        let end = text.floor_char_boundary(end);
        let mut at = from.max(self.code_end);
        while at < end {
            let rest = &text[at..end];
            if rest.starts_with(what) {
                return Some(at);
            }
            let mut chars = rest.chars();
            let first = chars.next()?;
            match first {
                '{' => self.depth += 1,
                '}' => self.depth = self.depth.saturating_sub(1),
                '`' if self.depth == 0 => {
                    if at >= self.lines_end {
                        self.lines_end = blocks::end_of_lines(text, at, MAX_BYTES);
                    }
                    at = self.code.end(text, at, self.lines_end);
                    self.code_end = at;
                    continue;
                }
                _ => {}
            }
            let escaped = if first == '\\' { chars.next() } else { None };
            at += first.len_utf8() + escaped.map_or(0, char::len_utf8);
        }
        None
    }
}
