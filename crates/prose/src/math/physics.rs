//! Derivatives, and what is spaced as a sign between two others is.

use std::ops::Range;

use super::Problem;
use super::expand::Expander;
use super::mark::Mark;
use super::rewrite::{braced, marked, scripts};
use super::token::{Token, TokenKind, tokens_at};

/// `\dv` and `\pdv` of the package physics: `\pdv[2]{f}{x}`, and `\pdv{f}{x}{y}` or `\pdv{f}{x,y}` with two variables.
pub(super) fn derivative(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    let partial = name == "pdv";
    let order = expander.optional();
    expander.star();
    let mut groups = vec![expander.argument(name, at)?];
    while groups.len() < (if partial { 3 } else { 2 })
        && expander.peek().is_some_and(|next| next.is_char('{'))
    {
        groups.push(expander.argument(name, at)?);
    }
    let function = if groups.len() > 1 { groups.remove(0) } else { Vec::new() };
    let variables: Vec<Vec<Token>> = groups
        .iter()
        .flat_map(|group| if partial { variables(group) } else { vec![group.clone()] })
        .collect();
    if variables.len() > 1 && order.is_some() {
        let problem = Problem::at(format!("`\\{name}` with an order has one variable"), at);
        return Err(problem.help("write the fraction: `\\frac{\\partial^3 f}{\\partial x^2 \\partial y}`"));
    }
    let d = tokens_at(if partial { r"\partial " } else { r"\mathrm{d}" }, at);
    let count = || variables.len().to_string().chars().map(|c| Token::new(TokenKind::Char(c), at)).collect();
    let power: Option<Vec<Token>> = order.or_else(|| (variables.len() > 1).then(count));
    let raised = |tokens: &mut Vec<Token>, power: &[Token]| {
        tokens.push(Token::new(TokenKind::Char('^'), at));
        tokens.extend(braced(power.to_vec(), at));
    };
    let (mut above, mut below) = (d.clone(), Vec::new());
    if let Some(power) = &power {
        raised(&mut above, power);
    }
    above.extend(function);
    for variable in &variables {
        if !below.is_empty() {
            below.extend(tokens_at(r"\,", at));
        }
        below.extend(d.iter().cloned().chain(variable.iter().cloned()));
    }
    if let ([_], Some(power)) = (variables.as_slice(), &power) {
        raised(&mut below, power);
    }
    let mut all = tokens_at(r"\frac", at);
    all.extend(braced(above, at));
    all.extend(braced(below, at));
    expander.insert(all);
    Ok(())
}

/// The variables between commas.
fn variables(group: &[Token]) -> Vec<Vec<Token>> {
    let mut depth = 0_i32;
    let mut all = vec![Vec::new()];
    for token in group {
        depth += i32::from(token.is_char('{')) - i32::from(token.is_char('}'));
        if depth == 0 && token.is_char(',') {
            all.push(Vec::new());
        } else if let Some(last) = all.last_mut() {
            last.push(token.clone());
        }
    }
    all
}

/// `\mathrel` and `\mathbin`: a sign goes to the converter, which gives it its space. It would set letters upright: what is no
/// single sign is a group of its own with the space, and with its scripts, around which the space stands.
pub(super) fn relation(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    let argument = expander.argument(name, at)?;
    let mut written = argument.iter().filter(|token| token.kind != TokenKind::Space);
    if let (Some(single), None) = (written.next(), written.next())
        && matches!(single.kind, TokenKind::Char(c) if !c.is_alphanumeric())
    {
        expander.out.push(Token::new(TokenKind::Command(name.to_owned()), at));
        expander.out.extend(braced(argument, at));
        return Ok(());
    }
    let (below, above) = scripts(expander)?;
    let mut inner = braced(argument, at);
    for (script, sign) in [(below, '_'), (above, '^')] {
        if let Some(script) = script {
            inner.push(Token::new(TokenKind::Char(sign), at));
            inner.extend(braced(script, at));
        }
    }
    marked(expander, if name == "mathrel" { Mark::Relation } else { Mark::Binary }, inner, at);
    Ok(())
}
