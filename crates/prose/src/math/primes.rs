//! Primes before other scripts: `f'^2`, `x'_i`.

use super::Problem;
use super::expand::Expander;
use super::rewrite::{braced, scripts};
use super::token::{Token, TokenKind};

/// Letters that are commands.
const GREEK: &[&str] = &[
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "vartheta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
    "ell",
];

/// Takes primes. Before a script, the converter would take the prime for what carries it.
pub(super) fn take(expander: &mut Expander<'_>, first: Token) -> Result<(), Problem> {
    let at = first.at.clone();
    let mut primes = vec![first];
    while expander.peek_close().is_some_and(|next| next.is_char('\'')) {
        primes.extend(expander.next_token());
    }
    let script = expander.peek().is_some_and(|next| next.is_char('^') || next.is_char('_'));
    // `x_i'^2` has its base further back.
    let after_script =
        expander.out.iter().rev().nth(1).is_some_and(|token| token.is_char('_') || token.is_char('^'));
    if !script || after_script {
        expander.out.extend(primes);
        return Ok(());
    }
    let (below, above) = scripts(expander)?;
    let sign = |c| Token::new(TokenKind::Char(c), &at);
    let letter = expander.out.last().is_some_and(|base| is_letter(&base.kind));
    let mut written = Vec::new();
    if letter && below.is_none() {
        // A prime is raised already: the exponent stands behind it.
        let base = expander.out.pop();
        expander.out.push(sign('{'));
        expander.out.extend(base);
        expander.out.extend(primes);
        expander.out.push(sign('}'));
    } else {
        if let Some(below) = below {
            written.push(sign('_'));
            written.extend(braced(below, &at));
        }
        let mut raised: Vec<Token> = primes
            .iter()
            .map(|prime| Token::new(TokenKind::Command("prime".to_owned()), &prime.at))
            .collect();
        raised.extend(above.into_iter().flatten());
        written.push(sign('^'));
        written.extend(braced(raised, &at));
        expander.insert(written);
        return Ok(());
    }
    if let Some(above) = above {
        written.push(sign('^'));
        written.extend(braced(above, &at));
    }
    expander.insert(written);
    Ok(())
}

/// Whether this is one letter, so that it can be the base of a script by itself.
fn is_letter(kind: &TokenKind) -> bool {
    match kind {
        TokenKind::Char(c) => c.is_alphanumeric(),
        TokenKind::Command(name) => GREEK.contains(&name.as_str()),
        _ => false,
    }
}
