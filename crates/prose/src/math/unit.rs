//! Quantities with units, as siunitx writes them: `\qty{9.81}{\metre\per\second\squared}`. A small table.

use std::ops::Range;

use super::Problem;
use super::expand::{Expander, plain};
use super::mark::DECIMAL;
use super::token::{Token, TokenKind};
use octavo_definition::diagnostic::nearest;

/// Units by name, with their symbol in TeX.
const UNITS: &[(&str, &str)] = &[
    ("ampere", "A"),
    ("angstrom", "\u{c5}"),
    ("bar", "bar"),
    ("becquerel", "Bq"),
    ("bit", "bit"),
    ("byte", "B"),
    ("candela", "cd"),
    ("celsius", "{}^{\\circ}C"),
    ("coulomb", "C"),
    ("dalton", "Da"),
    ("day", "d"),
    ("decibel", "dB"),
    ("degree", "{}^{\\circ}"),
    ("degreeCelsius", "{}^{\\circ}C"),
    ("electronvolt", "eV"),
    ("farad", "F"),
    ("gram", "g"),
    ("gray", "Gy"),
    ("hectare", "ha"),
    ("henry", "H"),
    ("hertz", "Hz"),
    ("hour", "h"),
    ("joule", "J"),
    ("kelvin", "K"),
    ("kg", "kg"),
    ("kilogram", "kg"),
    ("km", "km"),
    ("liter", "L"),
    ("litre", "L"),
    ("lumen", "lm"),
    ("lux", "lx"),
    ("meter", "m"),
    ("metre", "m"),
    ("minute", "min"),
    ("mole", "mol"),
    ("newton", "N"),
    ("ohm", "\\Omega"),
    ("pascal", "Pa"),
    ("percent", "\\%"),
    ("radian", "rad"),
    ("second", "s"),
    ("siemens", "S"),
    ("sievert", "Sv"),
    ("steradian", "sr"),
    ("tesla", "T"),
    ("tonne", "t"),
    ("volt", "V"),
    ("watt", "W"),
    ("weber", "Wb"),
];

const PREFIXES: &[(&str, &str)] = &[
    ("atto", "a"),
    ("centi", "c"),
    ("deca", "da"),
    ("deci", "d"),
    ("exa", "E"),
    ("femto", "f"),
    ("giga", "G"),
    ("hecto", "h"),
    ("kilo", "k"),
    ("mega", "M"),
    ("micro", "\\mu"),
    ("milli", "m"),
    ("nano", "n"),
    ("peta", "P"),
    ("pico", "p"),
    ("tera", "T"),
];

/// Symbols that are commands by themselves.
const SYMBOLS: &[&str] = &[
    "A", "GHz", "GeV", "Hz", "J", "K", "MHz", "MeV", "N", "Pa", "V", "W", "cm", "eV", "g", "h", "kHz", "kPa",
    "keV", "kg", "km", "m", "mm", "mol", "ms", "nm", "ns", "s",
];

/// Takes `\qty`, `\SI`, `\num`, `\unit`, `\si` or `\ang`.
pub(super) fn command(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<(), Problem> {
    expander.optional();
    let mut tex = String::new();
    if !matches!(name, "unit" | "si") {
        tex.push_str(&number(&plain(&expander.argument(name, at)?), at)?);
    }
    match name {
        "ang" => tex.push_str("{}^{\\circ}"),
        "num" => {}
        _ => {
            let unit = unit(&expander.argument(name, at)?)?;
            let space = if tex.is_empty() || unit.starts_with("{}^{\\circ}\\,") { "" } else { "\\," };
            tex = format!("{tex}{space}{}", unit.trim_end_matches("\\,"));
        }
    }
    expander.insert_text(&format!("{{{tex}}}"), &[], at);
    Ok(())
}

/// A number, with `e` for its power of ten and `+-` for its uncertainty.
fn number(text: &str, at: &Range<usize>) -> Result<String, Problem> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (mantissa, exponent) =
        text.split_once(['e', 'E']).map_or((text.as_str(), None), |(m, e)| (m, Some(e)));
    let digits = |text: &str| {
        text.chars().all(|c| c.is_ascii_digit() || "+-.,()".contains(c) || c == '\u{2212}')
            || text.contains("\\pm")
    };
    if !digits(mantissa) || !exponent.is_none_or(digits) {
        return Err(Problem::at(format!("`{text}` is no number"), at));
    }
    let mantissa = mantissa.replace("+-", "\\pm ").replace([',', '.'], &DECIMAL.to_string());
    Ok(match exponent {
        Some(exponent) if mantissa.is_empty() => format!("10^{{{exponent}}}"),
        Some(exponent) => format!("{mantissa}\\times 10^{{{exponent}}}"),
        None => mantissa,
    })
}

/// A unit: names of units and prefixes, or symbols such as `m/s^2`. Factors have a thin space behind them.
fn unit(tokens: &[Token]) -> Result<String, Problem> {
    let mut tex = String::new();
    let (mut prefix, mut power) = (String::new(), String::new());
    let mut per = false;
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenKind::Command(name) = &token.kind else {
            push_symbol(&mut tex, &token.kind);
            continue;
        };
        if let Some((_, symbol)) = PREFIXES.iter().find(|(known, _)| known == name) {
            prefix = format!("{symbol} ");
        } else if let Some(symbol) = symbol(name) {
            let raised = std::mem::take(&mut power);
            let raised = match (std::mem::take(&mut per), raised.as_str()) {
                (true, "") => "^{-1}".to_owned(),
                (true, power) => format!("^{{-{power}}}"),
                (false, "") => String::new(),
                (false, power) => format!("^{{{power}}}"),
            };
            tex.push_str(&format!("\\mathrm{{{}{symbol}}}{raised}\\,", std::mem::take(&mut prefix)));
        } else {
            match name.as_str() {
                "per" => per = true,
                "square" => "2".clone_into(&mut power),
                "cubic" => "3".clone_into(&mut power),
                "squared" => raise(&mut tex, "2"),
                "cubed" => raise(&mut tex, "3"),
                "tothe" => {
                    let exponent: Vec<Token> =
                        tokens.by_ref().skip(1).take_while(|token| !token.is_char('}')).cloned().collect();
                    raise(&mut tex, &plain(&exponent));
                }
                "," | " " => {}
                "%" => tex.push_str("\\%\\,"),
                _ => return Err(unknown(name, &token.at)),
            }
        }
    }
    Ok(tex)
}

fn unknown(name: &str, at: &Range<usize>) -> Problem {
    let problem = Problem::at(format!("`\\{name}` is no unit that is known here"), at);
    let names = UNITS.iter().chain(PREFIXES).map(|(known, _)| *known).chain(["per", "squared", "cubed"]);
    let near = nearest(name, names).filter(|near| near.starts_with("did you mean"));
    problem.help(match near {
        Some(near) => near.replacen('`', "`\\", 1),
        None => "write its symbol, as in `\\qty{5}{mol/L}`".to_owned(),
    })
}

fn symbol(name: &str) -> Option<&'static str> {
    let named = UNITS.iter().find(|(known, _)| *known == name).map(|(_, symbol)| *symbol);
    named.or_else(|| SYMBOLS.iter().copied().find(|known| *known == name))
}

fn push_symbol(tex: &mut String, kind: &TokenKind) {
    match kind {
        TokenKind::Char('.' | '~') => tex.push_str("\\,"),
        TokenKind::Char(c) if c.is_alphabetic() => tex.push_str(&format!("\\mathrm{{{c}}}")),
        TokenKind::Char('/') => tex.push_str("{/}"),
        TokenKind::Char(c) => tex.push(*c),
        _ => {}
    }
}

/// Raises the unit that was written last.
fn raise(tex: &mut String, power: &str) {
    let inner = tex.strip_suffix("\\,").unwrap_or(tex).to_owned();
    *tex = match inner.strip_suffix("^{-1}") {
        Some(base) => format!("{base}^{{-{power}}}\\,"),
        None => format!("{inner}^{{{power}}}\\,"),
    };
}
