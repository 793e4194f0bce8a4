//! Environments: which there are, what they are written with, and where their lines end.

use std::ops::Range;

use super::Problem;
use super::expand::{Expander, Opened, plain};
use super::mark::Mark;
use super::token::{Token, TokenKind};
use octavo_definition::diagnostic::nearest;

/// An environment that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Environment {
    /// Its name in the source.
    pub(super) name: String,
    /// What ends it in the output.
    close: String,
    /// Whether its lines have numbers.
    numbered: bool,
    /// Whether each of its cells is set as on a line of its own.
    display_cells: bool,
}

/// Those that the converter takes by the same name.
const KNOWN: &[&str] = &[
    "Bmatrix",
    "Bmatrix*",
    "Vmatrix",
    "Vmatrix*",
    "align",
    "align*",
    "alignat",
    "alignat*",
    "aligned",
    "alignedat",
    "array",
    "bmatrix",
    "bmatrix*",
    "cases",
    "gather",
    "gather*",
    "gathered",
    "matrix",
    "matrix*",
    "multline",
    "pmatrix",
    "pmatrix*",
    "rcases",
    "split",
    "subarray",
    "vmatrix",
    "vmatrix*",
];

/// Those with another name, or with something around them: name, beginning, end.
const WRITTEN: &[(&str, &str, &str)] = &[
    ("displaymath", "", ""),
    ("equation", "", ""),
    ("equation*", "", ""),
    ("math", "", ""),
    ("subequations", "", ""),
    ("dcases", r"\begin{cases}", r"\end{cases}"),
    ("drcases", r"\begin{rcases}", r"\end{rcases}"),
    ("eqnarray", r"\begin{array}{rcl}", r"\end{array}"),
    ("eqnarray*", r"\begin{array}{rcl}", r"\end{array}"),
    ("flalign", r"\begin{align*}", r"\end{align*}"),
    ("flalign*", r"\begin{align*}", r"\end{align*}"),
    ("multline*", r"\begin{multline}", r"\end{multline}"),
    ("multlined", r"\begin{multline}", r"\end{multline}"),
    ("smallmatrix", r"{\scriptstyle\begin{matrix}", r"\end{matrix}}"),
];

/// Those whose lines may have numbers.
const NUMBERED: &[&str] = &["align", "alignat", "eqnarray", "flalign", "gather"];
/// Those that are aligned with their surroundings by a letter in brackets, which is dropped.
const PLACED: &[&str] = &["aligned", "alignedat", "array", "gathered", "multlined", "split"];
/// Those that draw and do not typeset.
const REFUSED: &[&str] = &["CD", "tikzcd", "tikzpicture", "xy", "picture", "tabular"];

/// Begins an environment.
pub(super) fn begin(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let name = plain(&expander.argument("begin", at)?);
    if REFUSED.contains(&name.as_str()) {
        let help = "draw it with another program and place the picture: `![](diagram.svg)`";
        return Err(Problem::at(format!("the environment `{name}` is not typeset"), at).help(help.to_owned()));
    }
    let plain_name = name.strip_suffix('*').unwrap_or(&name);
    let top = expander
        .groups
        .iter()
        .all(|group| matches!(&group.kind, Opened::Environment(open) if open.close.is_empty()));
    let numbered = top && NUMBERED.contains(&plain_name);
    let close = match WRITTEN.iter().find(|(known, ..)| *known == name) {
        Some((_, open, close)) => {
            expander.write(open, at);
            (*close).to_owned()
        }
        None if KNOWN.contains(&name.as_str()) => {
            expander.write(&format!("\\begin{{{name}}}"), at);
            format!("\\end{{{name}}}")
        }
        None => {
            let all = KNOWN.iter().copied().chain(WRITTEN.iter().map(|(known, ..)| *known));
            let help = nearest(&name, all);
            let problem = Problem::at(format!("there is no environment `{name}` in formulas"), at);
            return Err(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
        }
    };
    if PLACED.contains(&plain_name) {
        expander.optional();
    }
    match name.as_str() {
        "array" => columns(expander, at)?,
        "alignat" | "alignat*" | "alignedat" | "subarray" => {
            let argument = expander.argument(&name, at)?;
            expander.out.extend(super::rewrite::braced(argument, at));
        }
        _ => {}
    }
    let display_cells = matches!(name.as_str(), "dcases" | "drcases");
    if numbered {
        expander.lines.row = Some(0);
    }
    expander.open(Opened::Environment(Environment { name, close, numbered, display_cells }), at.clone());
    cell_style(expander, at);
    Ok(())
}

/// Ends an environment.
pub(super) fn end(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let name = plain(&expander.argument("end", at)?);
    match expander.groups.pop().map(|group| group.kind) {
        Some(Opened::Environment(open)) if open.name == name => {
            let below = lines_below(expander);
            // A break behind the last line makes no line.
            while let Some(last) = expander.out.last()
                && (last.kind == TokenKind::Space || (last.command() == Some("\\") && !open.close.is_empty()))
            {
                expander.out.pop();
            }
            expander
                .out
                .extend(below.into_iter().map(|mark| Token::new(TokenKind::Char(mark.character()), at)));
            expander.write(&open.close, at);
            if open.numbered {
                expander.lines.row = None;
            }
            Ok(())
        }
        Some(Opened::Environment(open)) => Err(Problem::at(
            format!("`\\end{{{name}}}` stands where `\\begin{{{}}}` should end", open.name),
            at,
        )),
        Some(Opened::Left) => Err(Problem::at("a `\\left` before this has no `\\right`", at)),
        _ => Err(Problem::at(format!("`\\end{{{name}}}` has no `\\begin`"), at)),
    }
}

/// Takes the lines below the last row off the output: the converter would make a row of each.
fn lines_below(expander: &mut Expander<'_>) -> Vec<Mark> {
    let mut below = Vec::new();
    let begins = expander.out.iter().rposition(|token| {
        token.kind != TokenKind::Space && !matches!(token.command(), Some("hline" | "hdashline"))
    });
    if begins.is_some_and(|at| expander.out[at].command() == Some("\\")) {
        let last = begins.map_or(0, |at| at + 1);
        for token in expander.out.split_off(last) {
            match token.command() {
                Some("hline") => below.push(Mark::LineBelow),
                Some("hdashline") => below.push(Mark::DashesBelow),
                _ => {}
            }
        }
    }
    below
}

/// The columns of an array, without what cannot be set: spaces between them, widths.
fn columns(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let tokens = expander.argument("begin{array}", at)?;
    let mut columns = String::new();
    read_columns(&tokens, &mut columns, 0)?;
    expander.write(&format!("{{{columns}}}"), at);
    Ok(())
}

fn read_columns(tokens: &[Token], columns: &mut String, depth: usize) -> Result<(), Problem> {
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        let group = |from: usize| -> (usize, Vec<Token>) {
            let close = tokens[from.min(tokens.len())..].iter().position(|token| token.is_char('}'));
            let close = close.map_or(tokens.len(), |close| from + close);
            (close + 1, tokens.get(from + 1..close).unwrap_or_default().to_vec())
        };
        match token.kind {
            TokenKind::Char(c @ ('c' | 'l' | 'r' | '|' | ':')) => columns.push(c),
            TokenKind::Char('@' | '!' | '>' | '<') => index = group(index).0,
            TokenKind::Char('p' | 'm' | 'b') => {
                columns.push('l');
                index = group(index).0;
            }
            TokenKind::Char('*') if depth < 2 => {
                let (next, count) = group(index);
                let (end, inner) = group(next);
                let count = plain(&count).parse::<usize>().unwrap_or(0).min(50);
                for _ in 0..count {
                    read_columns(&inner, columns, depth + 1)?;
                }
                index = end;
            }
            TokenKind::Space => {}
            _ => return Err(Problem::at("the columns of an array are `c`, `l`, `r` and `|`", &token.at)),
        }
    }
    Ok(())
}

/// The next line of an environment whose lines have numbers.
pub(super) fn next_line(expander: &mut Expander<'_>) {
    let numbered = matches!(
        expander.groups.last(),
        Some(group) if matches!(&group.kind, Opened::Environment(open) if open.numbered)
    );
    if numbered && let Some(row) = &mut expander.lines.row {
        *row += 1;
    }
}

/// What begins a cell.
pub(super) fn cell_style(expander: &mut Expander<'_>, at: &Range<usize>) {
    let display = matches!(
        expander.groups.last(),
        Some(group) if matches!(&group.kind, Opened::Environment(open) if open.display_cells)
    );
    if display {
        expander.insert(vec![Token::new(TokenKind::Command("displaystyle".to_owned()), at)]);
    }
}

/// Words on a line of their own between two lines.
pub(super) fn intertext(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    let words = expander.argument(name, at)?;
    if !matches!(expander.groups.last(), Some(group) if matches!(group.kind, Opened::Environment(_))) {
        return Err(Problem::at(format!("`\\{name}` stands between two lines of an environment"), at));
    }
    let begins = expander.out[expander.start()..].iter().all(|token| token.kind == TokenKind::Space);
    let mark = format!("{}\\text{{#1}}\\\\", Mark::Intertext.character());
    let text = if begins { mark } else { format!("\\\\{mark}") };
    expander.insert_text(&text, &[words], at);
    Ok(())
}
