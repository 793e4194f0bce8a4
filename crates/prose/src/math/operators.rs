//! Large operators and functions with what says where their scripts stand, and commands whose arguments are missing.

use std::ops::Range;

use super::Problem;
use super::expand::Expander;
use super::token::{Token, TokenKind};

/// Functions whose scripts the converter lets stand beside them only.
const FUNCTIONS: &[&str] = &[
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp",
    "hom", "ker", "lg", "ln", "log", "sec", "sgn", "sin", "sinh", "tan", "tanh",
];

/// What the converter takes `\limits` and `\nolimits` behind.
const OPERATORS: &[&str] = &[
    "lim",
    "Pr",
    "sup",
    "max",
    "inf",
    "gcd",
    "min",
    "liminf",
    "limsup",
    "sum",
    "prod",
    "coprod",
    "bigvee",
    "bigwedge",
    "bigcup",
    "bigcap",
    "biguplus",
    "bigoplus",
    "bigotimes",
    "bigodot",
    "bigsqcup",
    "bigsqcap",
    "bigtimes",
    "intop",
    "int",
    "iint",
    "iiint",
    "smallint",
    "iiiint",
    "intcap",
    "intcup",
    "oint",
    "varointclockwise",
    "intclockwise",
    "oiint",
    "pointint",
    "rppolint",
    "scpolint",
    "oiiint",
    "intlarhk",
    "sqint",
    "intx",
    "intbar",
    "intBar",
    "fint",
];

/// Takes a function whose scripts stand elsewhere than the converter would set them, and `\limits` and `\nolimits`.
pub(super) fn command(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<bool, Problem> {
    if FUNCTIONS.contains(&name) {
        let modified =
            expander.peek().is_some_and(|next| matches!(next.command(), Some("limits" | "nolimits")));
        // The scripts of `\det` stand below it on a line of its own.
        if name != "det" && !modified {
            return Ok(false);
        }
        let command = if name == "det" { "mathop" } else { "operatorname" };
        expander.out.push(Token::new(TokenKind::Words { command, words: name.to_owned() }, at));
        return Ok(true);
    }
    if !matches!(name, "limits" | "nolimits") {
        return Ok(false);
    }
    let last = expander.out.iter().rev().find(|token| token.kind != TokenKind::Space);
    let operator = last.is_some_and(|last| match &last.kind {
        TokenKind::Words { command, .. } => matches!(*command, "mathop" | "operatorname"),
        TokenKind::Command(name) => {
            OPERATORS.contains(&name.as_str()) || matches!(name.as_str(), "limits" | "nolimits")
        }
        _ => false,
    });
    if operator {
        expander.out.push(Token::new(TokenKind::Command(name.to_owned()), at));
    } else if name == "nolimits" || !last.is_some_and(|last| last.is_char('}')) {
        let problem = Problem::at(format!("`\\{name}` stands behind an operator, such as `\\sum`"), at);
        return Err(
            problem.help("remove it, or make an operator of what stands before it: `\\operatorname*{...}`")
        );
    }
    Ok(true)
}

/// How many arguments commands of the converter take, and an example.
const ARGUMENTS: &[(&[&str], usize, &str)] = &[
    (&["frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom"], 2, "{a}{b}"),
    (&["overset", "underset", "stackrel"], 2, "{a}{=}"),
    (&["sqrt"], 1, "{x}"),
    (
        &[
            "hat",
            "bar",
            "tilde",
            "vec",
            "dot",
            "ddot",
            "acute",
            "grave",
            "check",
            "breve",
            "mathring",
            "widehat",
            "widetilde",
            "overline",
            "underline",
            "overbrace",
            "underbrace",
            "overrightarrow",
            "overleftarrow",
            "mathrm",
            "mathbf",
            "mathit",
            "mathbb",
            "mathcal",
            "mathfrak",
            "mathsf",
            "mathtt",
            "boldsymbol",
        ],
        1,
        "{x}",
    ),
];

/// Whether all arguments of a command follow: the converter says what is missing, but not of what.
///
/// # Errors
/// What is missing, at the command.
pub(super) fn arguments_follow(
    expander: &mut Expander<'_>,
    name: &str,
    at: &Range<usize>,
) -> Result<(), Problem> {
    let Some((_, count, example)) = ARGUMENTS.iter().find(|(names, ..)| names.contains(&name)) else {
        return Ok(());
    };
    if expander.following(*count, name == "sqrt") >= *count {
        return Ok(());
    }
    let parts = if *count == 1 { "an argument" } else { "two arguments" };
    let problem = Problem::at(format!("`\\{name}` needs {parts}"), at);
    Err(problem.help(format!("write `\\{name}{example}`")))
}

/// A sign of a script behind which nothing stands.
pub(super) fn empty_script(sign: char, at: &Range<usize>) -> Problem {
    let what = if sign == '^' { "raise" } else { "lower" };
    let problem = Problem::at(format!("`{sign}` has nothing to {what}"), at);
    let itself = if sign == '_' { "; the sign itself is `\\_`" } else { "" };
    problem.help(format!("write `x{sign}{{2}}`{itself}"))
}
