//! Commands that need more than another text: each takes what belongs to it.

use std::ops::Range;

use super::expand::{Expander, Opened, plain};
use super::lines::Tag;
use super::mark::Mark;
use super::token::{Token, TokenKind, tokens_at};
use super::{Problem, chemistry, definitions, environment, operators, physics, unit};

/// Commands whose argument is set in another way, by a mark.
const MARKED: &[(&str, Mark)] = &[
    ("boxed", Mark::Boxed),
    ("fbox", Mark::Boxed),
    ("phantom", Mark::Phantom),
    ("hphantom", Mark::HorizontalPhantom),
    ("vphantom", Mark::VerticalPhantom),
    ("smash", Mark::Smash),
    ("mathllap", Mark::LapLeft),
    ("llap", Mark::LapLeft),
    ("mathrlap", Mark::LapRight),
    ("rlap", Mark::LapRight),
    ("mathclap", Mark::LapBoth),
    ("clap", Mark::LapBoth),
    ("cancel", Mark::Cancel),
    ("bcancel", Mark::BackCancel),
    ("xcancel", Mark::CrossCancel),
];

/// Commands between the two halves of a group, and what they are written with.
const INFIX: &[(&str, &str)] = &[
    ("over", r"\frac"),
    ("choose", r"\binom"),
    ("atop", r"\genfrac{}{}{0pt}{}"),
    ("brace", r"\genfrac\{\}{0pt}{}"),
    ("brack", r"\genfrac[]{0pt}{}"),
];

/// Commands that are refused, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("href", "put the link around the formula: `[$x$](https://...)`"),
    ("cline", "write `\\hline` for a line across all columns"),
    ("multicolumn", "write cells of one column each"),
    ("verb", "close the formula before it"),
    ("includegraphics", "write `![](picture.png)` outside of the formula"),
    ("cite", "write `[@key]` outside of the formula"),
];

/// Takes a command that is rewritten, if this is one.
pub(super) fn command(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<bool, Problem> {
    if let Some((_, mark)) = MARKED.iter().find(|(known, _)| *known == name) {
        if name == "smash" {
            expander.optional();
        }
        let argument = expander.argument(name, at)?;
        marked(expander, *mark, argument, at);
        return Ok(true);
    }
    if let Some((_, written)) = INFIX.iter().find(|(known, _)| *known == name) {
        infix(expander, written, at);
        return Ok(true);
    }
    if let Some((_, help)) = REFUSED.iter().find(|(known, _)| *known == name) {
        return Err(Problem::at(format!("`\\{name}` is not typeset"), at).help((*help).to_owned()));
    }
    if operators::command(expander, name, at)? {
        return Ok(true);
    }
    match name {
        "mathscr" => {
            let mut letters = tokens_at(r"\mathcal", at);
            letters.extend(braced(expander.argument(name, at)?, at));
            marked(expander, Mark::Script, letters, at);
        }
        "displaystyle" | "textstyle" | "scriptstyle" | "scriptscriptstyle" => style(expander, name, None, at),
        "color" => {
            let colour = expander.argument(name, at)?;
            style(expander, name, Some(colour), at);
        }
        "textcolor" | "colorbox" | "fcolorbox" => coloured(expander, name, at)?,
        "left" | "right" | "middle" => fence(expander, name, at)?,
        "\\" | "cr" | "newline" => line_break(expander, at)?,
        "begin" => environment::begin(expander, at)?,
        "end" => environment::end(expander, at)?,
        "genfrac" => genfrac(expander, at)?,
        "sideset" => sideset(expander, at)?,
        "hspace" => {
            expander.star();
            expander.out.push(Token::new(TokenKind::Command("hspace".to_owned()), at));
        }
        "vspace" => {
            expander.star();
            expander.argument(name, at)?;
        }
        "unicode" | "symbol" | "char" => character(expander, name, at)?,
        "dv" | "pdv" => physics::derivative(expander, name, at)?,
        "mathbin" | "mathrel" => physics::relation(expander, name, at)?,
        "big" | "Big" | "bigg" | "Bigg" | "bigl" | "Bigl" | "biggl" | "Biggl" | "bigr" | "Bigr" | "biggr"
        | "Biggr" | "bigm" | "Bigm" | "biggm" | "Biggm" => sized(expander, name, at)?,
        _ => return of_the_page(expander, name, at),
    }
    Ok(true)
}

/// Definitions, names and numbers, units.
fn of_the_page(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<bool, Problem> {
    match name {
        "newcommand" | "renewcommand" | "providecommand" => definitions::definition(expander, name, at)?,
        "def" | "gdef" => definitions::plain_definition(expander, name, at)?,
        "let" => definitions::alias(expander, at)?,
        "DeclareMathOperator" => definitions::operator_definition(expander, at)?,
        "tag" => {
            let bare = expander.star();
            let text = plain(&named(expander, name, at)?).replace(['$', '{', '}'], "").replace('~', "\u{a0}");
            expander.lines.tag(Tag { text, bare }, at)?;
        }
        "label" => {
            let label = plain(&named(expander, name, at)?);
            expander.lines.label(&label, at)?;
        }
        "nonumber" | "notag" => {}
        "eqref" | "ref" => {
            let label = plain(&named(expander, name, at)?);
            let label = label.strip_prefix("eq:").unwrap_or(&label).to_owned();
            let slot = expander.slots + expander.references.len();
            expander.references.push((label, at.clone()));
            expander.out.push(Token::new(TokenKind::Slot(slot), at));
        }
        "intertext" | "shortintertext" => environment::intertext(expander, name, at)?,
        "ce" => chemistry::command(expander, at)?,
        "SI" | "qty" | "num" | "si" | "unit" | "ang" => unit::command(expander, name, at)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// An argument that is a name, in which no result can stand.
pub(super) fn named(
    expander: &mut Expander<'_>,
    name: &str,
    at: &Range<usize>,
) -> Result<Vec<Token>, Problem> {
    let argument = expander.argument(name, at)?;
    match argument.iter().find(|token| matches!(token.kind, TokenKind::Slot(_))) {
        Some(slot) => Err(Problem::at(format!("a result inside of `\\{name}`"), &slot.at)),
        None => Ok(argument),
    }
}

fn one(kind: TokenKind, at: &Range<usize>) -> Token {
    Token::new(kind, at)
}

/// Tokens within braces.
pub(super) fn braced(inner: Vec<Token>, at: &Range<usize>) -> Vec<Token> {
    let mut all = vec![one(TokenKind::Char('{'), at)];
    all.extend(inner);
    all.push(one(TokenKind::Char('}'), at));
    all
}

pub(super) fn marked(expander: &mut Expander<'_>, mark: Mark, argument: Vec<Token>, at: &Range<usize>) {
    let mut all = vec![one(TokenKind::Char(mark.character()), at)];
    all.extend(braced(argument, at));
    expander.insert(braced(all, at));
}

/// A change that holds up to the end of its group becomes a group of its own: the converter would let it leak.
fn style(expander: &mut Expander<'_>, name: &str, argument: Option<Vec<Token>>, at: &Range<usize>) {
    let rest = expander.rest_of_group();
    expander.out.push(one(TokenKind::Char('{'), at));
    expander.open(Opened::Brace, at.clone());
    expander.out.push(one(TokenKind::Command(name.to_owned()), at));
    if let Some(argument) = argument {
        expander.out.extend(braced(argument, at));
    }
    let mut rest = rest;
    rest.push(one(TokenKind::Char('}'), at));
    expander.insert(rest);
}

/// The colours of a command go to the converter as they are: `#` stands in them.
fn coloured(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    let colours = if name == "fcolorbox" { 2 } else { 1 };
    expander.out.push(one(TokenKind::Command(name.to_owned()), at));
    for _ in 0..colours {
        let colour = expander.argument(name, at)?;
        expander.out.extend(braced(colour, at));
    }
    Ok(())
}

fn infix(expander: &mut Expander<'_>, written: &str, at: &Range<usize>) {
    let first = expander.out.split_off(expander.start());
    let rest = expander.rest_of_group();
    expander.write(written, at);
    expander.out.extend(braced(first, at));
    expander.insert(braced(rest, at));
}

/// The delimiter that comes next, as the converter wants it.
fn delimiter(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<Token, Problem> {
    let missing = || Problem::at(format!("behind `\\{name}` stands a bracket, a bar, an arrow or `.`"), at);
    let mut token = expander.next_token().ok_or_else(missing)?;
    if token.is_char('{') || token.is_char('}') || token.is_char('&') {
        return Err(missing());
    }
    let named = if token.is_char('<') {
        Some("langle")
    } else if token.is_char('>') {
        Some("rangle")
    } else {
        None
    };
    if let Some(named) = named {
        token.kind = TokenKind::Command(named.to_owned());
    }
    Ok(token)
}

fn fence(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    let delimiter = delimiter(expander, name, at)?;
    if name == "right" {
        match expander.groups.last().map(|group| &group.kind) {
            Some(Opened::Left) => drop(expander.groups.pop()),
            _ => return Err(Problem::at("this `\\right` has no `\\left` in its group", at)),
        }
    }
    if name == "middle" {
        expander.out.push(one(TokenKind::Char(Mark::Middle.character()), at));
    }
    expander.out.push(one(TokenKind::Command(name.to_owned()), at));
    expander.out.push(delimiter);
    if name == "left" {
        expander.open(Opened::Left, at.clone());
    }
    Ok(())
}

/// A delimiter of a given size; bars open or close as the command says.
fn sized(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    let mut delimiter = delimiter(expander, name, at)?;
    let single = delimiter.is_char('|') || delimiter.command() == Some("vert");
    let double = matches!(delimiter.command(), Some("|" | "Vert"));
    let bar = match (name.ends_with('l'), name.ends_with('r')) {
        (true, _) if single => Some("lvert"),
        (true, _) if double => Some("lVert"),
        (_, true) if single => Some("rvert"),
        (_, true) if double => Some("rVert"),
        _ => None,
    };
    if let Some(bar) = bar {
        delimiter.kind = TokenKind::Command(bar.to_owned());
    }
    // `\bigl.` is no delimiter.
    if delimiter.is_char('.') {
        expander.write("{}", at);
        return Ok(());
    }
    expander.out.push(one(TokenKind::Command(name.to_owned()), at));
    expander.out.push(delimiter);
    Ok(())
}

fn line_break(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    if expander.peek_close().is_some_and(|next| next.is_char('*')) {
        expander.star();
    }
    let spacing =
        if expander.peek_close().is_some_and(|next| next.is_char('[')) { expander.optional() } else { None };
    if expander.groups.is_empty() {
        expander.breaks.get_or_insert_with(|| at.clone());
    }
    environment::next_line(expander);
    expander.out.push(one(TokenKind::Command("\\".to_owned()), at));
    match spacing {
        Some(spacing) if is_length(&plain(&spacing)) => {
            expander.out.push(one(TokenKind::Char('['), at));
            expander.out.extend(spacing);
            expander.out.push(one(TokenKind::Char(']'), at));
        }
        Some(other) => {
            // Brackets of the formula, not a length.
            expander.write("{}", at);
            let mut all = vec![one(TokenKind::Char('['), at)];
            all.extend(other);
            all.push(one(TokenKind::Char(']'), at));
            expander.insert(all);
        }
        None if expander.peek().is_some_and(|next| next.is_char('[')) => expander.write("{}", at),
        None => {}
    }
    expander.cell();
    environment::cell_style(expander, at);
    Ok(())
}

fn is_length(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || "+-. ".contains(c));
    ["pt", "em", "ex", "mm", "cm", "in", "mu", "bp", "pc"].contains(&unit.trim()) && unit.len() < text.len()
}

/// `\genfrac` with its delimiters in braces.
fn genfrac(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    expander.out.push(one(TokenKind::Command("genfrac".to_owned()), at));
    for _ in 0..2 {
        let delimiter = expander.argument("genfrac", at)?;
        match delimiter.as_slice() {
            [] => expander.write("{}", at),
            [single] => expander.out.push(single.clone()),
            _ => return Err(Problem::at("the first two arguments of `\\genfrac` are delimiters", at)),
        }
    }
    for _ in 0..2 {
        let argument = expander.argument("genfrac", at)?;
        expander.out.extend(braced(argument, at));
    }
    Ok(())
}

/// What stands below and above.
pub(super) type Scripts = (Option<Vec<Token>>, Option<Vec<Token>>);

/// The scripts that come next.
pub(super) fn scripts(expander: &mut Expander<'_>) -> Result<Scripts, Problem> {
    let (mut below, mut above) = (None, None);
    while let Some(next) = expander.peek().cloned() {
        if matches!(next.command(), Some("limits" | "nolimits")) {
            expander.next_token();
        } else if next.is_char('_') && below.is_none() {
            expander.next_token();
            below = Some(expander.argument("_", &next.at)?);
        } else if next.is_char('^') && above.is_none() {
            expander.next_token();
            above = Some(expander.argument("^", &next.at)?);
        } else {
            break;
        }
    }
    Ok((below, above))
}

/// Something that carries the scripts behind it below and above.
pub(super) fn with_limits(
    expander: &mut Expander<'_>,
    base: Vec<Token>,
    at: &Range<usize>,
) -> Result<(), Problem> {
    let (below, above) = scripts(expander)?;
    let mut all = braced(base, at);
    for (script, command) in [(above, r"\overset"), (below, r"\underset")] {
        if let Some(script) = script {
            let mut wrapped = tokens_at(command, at);
            wrapped.extend(braced(script, at));
            wrapped.extend(braced(all, at));
            all = wrapped;
        }
    }
    expander.insert(all);
    Ok(())
}

fn sideset(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let left = expander.argument("sideset", at)?;
    let right = expander.argument("sideset", at)?;
    let operator = expander.argument("sideset", at)?;
    let mut base = Vec::new();
    if !left.is_empty() {
        base.extend(tokens_at(r"\vphantom", at));
        base.extend(braced(operator.clone(), at));
        base.extend(left);
        base.extend(tokens_at(r"\!", at));
    }
    base.extend(operator);
    base.extend(tokens_at(r"\nolimits", at));
    base.extend(right);
    with_limits(expander, base, at)
}

fn character(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    let code = plain(&expander.argument(name, at)?);
    let number = match code.strip_prefix(['x', 'X', '"']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => code.parse(),
    };
    let c = number.ok().and_then(char::from_u32);
    let c = c.filter(|c| !c.is_control() && !super::token::is_private(*c));
    let wrong = || Problem::at(format!("`{code}` is no code of a character; write `\\unicode{{x2211}}`"), at);
    expander.out.push(one(TokenKind::Char(c.ok_or_else(wrong)?), at));
    Ok(())
}
