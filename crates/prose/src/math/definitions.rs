//! Definitions of commands: `\newcommand`, `\def`, `\let`, `\DeclareMathOperator`.

use std::ops::Range;

use super::Problem;
use super::expand::{Expander, plain};
use super::macros::Macro;
use super::rewrite::named;
use super::token::{Token, TokenKind};

/// The name of the command that a definition defines.
fn defined_name(tokens: &[Token], command: &str, at: &Range<usize>) -> Result<String, Problem> {
    let mut names = tokens.iter().filter(|token| token.kind != TokenKind::Space);
    match (names.next().and_then(Token::command), names.next()) {
        (Some(name), None) => Ok(name.to_owned()),
        _ => Err(Problem::at(format!("`\\{command}` defines a command: `\\{command}{{\\name}}{{...}}`"), at)),
    }
}

fn define(
    expander: &mut Expander<'_>,
    name: &str,
    definition: Macro,
    at: &Range<usize>,
) -> Result<(), Problem> {
    definition.check(name, at)?;
    expander.macros.insert(name, definition);
    expander.defines = true;
    Ok(())
}

/// `\newcommand{\name}[1]{...}` and its kind.
pub(super) fn definition(
    expander: &mut Expander<'_>,
    command: &str,
    at: &Range<usize>,
) -> Result<(), Problem> {
    expander.star();
    let name = defined_name(&expander.argument(command, at)?, command, at)?;
    let count = expander.optional().map(|count| plain(&count));
    let default = expander.optional().map(|default| source(&default));
    let body = source(&named(expander, command, at)?);
    let wrong = |_| Problem::at(format!("`\\{name}` needs a number of parameters in its brackets"), at);
    let parameters = count.map_or(Ok(0), |count| count.parse()).map_err(wrong)?;
    define(expander, &name, Macro::new(parameters, default, body), at)
}

/// `\def\name#1#2{...}`.
pub(super) fn plain_definition(
    expander: &mut Expander<'_>,
    command: &str,
    at: &Range<usize>,
) -> Result<(), Problem> {
    let first: Vec<Token> = expander.next_token().into_iter().collect();
    let name = defined_name(&first, command, at)?;
    let mut parameters = 0;
    while let Some(next) = expander.peek().filter(|next| !next.is_char('{')) {
        let next = next.clone();
        expander.next_token();
        let digit = expander.next_token();
        parameters += 1;
        let expected = char::from_digit(parameters, 10);
        if !next.is_char('#') || !digit.is_some_and(|digit| expected.is_some_and(|c| digit.is_char(c))) {
            let message = format!("between `\\{name}` and its body stand `#1`, `#2` and so on, nothing else");
            return Err(Problem::at(message, &next.at));
        }
    }
    let body = source(&named(expander, command, at)?);
    define(expander, &name, Macro::new(parameters as usize, None, body), at)
}

/// `\let\name=\other`.
pub(super) fn alias(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let first: Vec<Token> = expander.next_token().into_iter().collect();
    let name = defined_name(&first, "let", at)?;
    if expander.peek().is_some_and(|next| next.is_char('=')) {
        expander.next_token();
    }
    let other =
        expander.next_token().ok_or_else(|| Problem::at("`\\let` needs what the name stands for", at))?;
    let body = match other.command().and_then(|other| expander.macros.get(other)).cloned() {
        Some(known) => known,
        None => Macro::new(0, None, source(&[other])),
    };
    define(expander, &name, body, at)
}

/// `\DeclareMathOperator{\name}{...}`.
pub(super) fn operator_definition(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<(), Problem> {
    let star = if expander.star() { "*" } else { "" };
    let name = defined_name(&expander.argument("DeclareMathOperator", at)?, "DeclareMathOperator", at)?;
    let body = source(&named(expander, "DeclareMathOperator", at)?);
    define(expander, &name, Macro::new(0, None, format!("\\operatorname{star}{{{body}}}")), at)
}

/// Tokens as they stood in their source.
fn source(tokens: &[Token]) -> String {
    super::token::Text::of(tokens).tex
}
