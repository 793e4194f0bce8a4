//! The corpus: every formula converts, is well-formed, and keeps its letters, numbers and Greek.

use octavo::prose::to_mathml;

use crate::html;

const GREEK: &[(&str, char)] = &[
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Xi", 'Ξ'),
    ("Pi", 'Π'),
    ("Sigma", 'Σ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("infty", '∞'),
    ("partial", '∂'),
    ("nabla", '∇'),
    ("ell", 'ℓ'),
    ("hbar", 'ℏ'),
    ("sum", '∑'),
    ("int", '∫'),
    ("prod", '∏'),
    ("le", '≤'),
    ("ge", '≥'),
    ("lt", '<'),
    ("gt", '>'),
    ("in", '∈'),
    ("cdot", '⋅'),
    ("times", '×'),
    ("to", '→'),
    ("pm", '±'),
    ("neq", '≠'),
    ("approx", '≈'),
    ("langle", '⟨'),
    ("lfloor", '⌊'),
];

/// Words that a formula shows as words.
const FUNCTIONS: &[&str] = &[
    "log", "ln", "exp", "sin", "cos", "tan", "arcsin", "sinh", "cosh", "max", "min", "lim", "sup", "inf",
    "det", "gcd", "Pr", "dim", "ker", "deg",
];

/// How many parts an element of MathML has.
const PARTS: &[(&str, usize)] = &[
    ("mfrac", 2),
    ("mroot", 2),
    ("msub", 2),
    ("msup", 2),
    ("munder", 2),
    ("mover", 2),
    ("msubsup", 3),
    ("munderover", 3),
    ("semantics", 2),
];

/// The first element with a wrong number of parts: a browser would draw it as an error or drop a part.
fn malformed(pieces: &[html::Piece]) -> Option<String> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    for piece in pieces {
        match piece {
            html::Piece::Open { name, .. } => {
                if let Some((_, parts)) = open.last_mut() {
                    *parts += 1;
                }
                if name != "mspace" {
                    open.push((name, 0));
                }
            }
            html::Piece::Close(_) => {
                let (name, parts) = open.pop()?;
                if PARTS.iter().any(|(known, wanted)| *known == name && *wanted != parts) {
                    return Some(format!("{name} with {parts} parts"));
                }
            }
            html::Piece::Text(_) => {}
        }
    }
    None
}

/// What the output must hold: words, single letters, digits, signs. Read off the source by its own small rules.
fn wanted(tex: &str) -> Vec<String> {
    let mut wanted = Vec::new();
    let mut rest = tex;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\\' {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let name = &rest[..end];
            rest = &rest[end.max(rest.chars().next().map_or(0, char::len_utf8))..];
            if ["begin", "end", "color", "textcolor"].contains(&name) {
                rest = rest.split_once('}').expect("an environment has a name").1;
                if rest.starts_with("{c") || rest.starts_with("{rc") {
                    rest = rest.split_once('}').expect("an environment has a name").1;
                }
            } else if FUNCTIONS.contains(&name) {
                wanted.push(name.to_owned());
            } else if let Some((_, sign)) = GREEK.iter().find(|(known, _)| *known == name) {
                wanted.push(sign.to_string());
            }
        } else if c.is_alphanumeric() {
            wanted.push(c.to_string());
        }
    }
    wanted
}

/// Mathematical alphabets as plain letters.
fn plain(c: char) -> char {
    const LETTERLIKE: &[(char, char)] = &[
        ('ℝ', 'R'),
        ('ℕ', 'N'),
        ('ℤ', 'Z'),
        ('ℚ', 'Q'),
        ('ℂ', 'C'),
        ('ℒ', 'L'),
        ('ℱ', 'F'),
        ('ℙ', 'P'),
        ('ℑ', 'I'),
        ('ℜ', 'R'),
        ('\u{2212}', '-'),
    ];
    if let Some((_, letter)) = LETTERLIKE.iter().find(|(known, _)| *known == c) {
        return *letter;
    }
    let code = u32::from(c);
    match code {
        0x1d400..=0x1d6a3 => {
            let index = u8::try_from((code - 0x1d400) % 52).expect("below 52");
            char::from(if index < 26 { b'A' + index } else { b'a' + index - 26 })
        }
        0x1d736 => 'α',
        0x1d73d => 'θ',
        0x1d7ce..=0x1d7ff => char::from(b'0' + u8::try_from((code - 0x1d7ce) % 10).expect("below 10")),
        _ => c,
    }
}

fn corpus() -> impl Iterator<Item = (&'static str, bool, Vec<String>)> {
    include_str!("formulas.txt").lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (tex, expected) = line.split_once(" => ").map_or((line, None), |(tex, list)| (tex, Some(list)));
        let (tex, display) = tex.strip_prefix("$$").map_or((tex, false), |tex| (tex, true));
        let expected =
            expected.map_or_else(|| wanted(tex), |list| list.split_whitespace().map(str::to_owned).collect());
        (tex, display, expected)
    })
}

#[test]
fn every_formula_converts_and_loses_nothing() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (tex, display, expected) in corpus() {
        count += 1;
        let mathml = match to_mathml(tex, display) {
            Ok(mathml) => mathml,
            Err(reason) => {
                wrong.push(format!("{tex}: {reason}"));
                continue;
            }
        };
        let pieces = match html::read(&mathml) {
            Ok(pieces) => pieces,
            Err(reason) => {
                wrong.push(format!("{tex}: not well-formed: {reason}\n    {mathml}"));
                continue;
            }
        };
        let mut text: String = html::text(&pieces).chars().map(plain).collect();
        if let Some(what) = malformed(&pieces) {
            wrong.push(format!("{tex}: {what}\n    {mathml}"));
        }
        if text.contains('\\') {
            wrong.push(format!("{tex}: prints a command\n    {mathml}"));
        }
        for item in &expected {
            match text.find(item.as_str()) {
                Some(at) => text.replace_range(at..at + item.len(), "\u{0}"),
                None => wrong.push(format!("{tex}: lost {item}\n    {mathml}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 220, "only {count} formulas");
}

#[test]
fn the_source_of_a_formula_is_kept_escaped() {
    let mathml = to_mathml(r"a < b \& \text{</math><script>}", false).unwrap();
    assert!(mathml.contains(
        "<annotation encoding=\"application/x-tex\">a &lt; b \\&amp; \\text{&lt;/math&gt;&lt;script&gt;}"
    ));
    assert!(html::read(&mathml).is_ok(), "{mathml}");
}

#[test]
fn decimal_commas_and_control_spaces_are_characters() {
    let comma = to_mathml("1{,}3 + f(x, y)", false).unwrap();
    assert!(comma.contains("<mn>1,3</mn>") && comma.contains("<mo>,</mo>"), "{comma}");
    let space = to_mathml(r"a,\ 0", false).unwrap();
    assert!(space.contains('\u{a0}') && !space.contains("nbsp"), "{space}");
}

#[test]
fn a_line_over_a_formula_is_drawn_over_all_of_it() {
    let mean = to_mathml(r"\overline{\log \overline{p} + \vec{v}}", false).unwrap();
    assert_eq!(mean.matches("<mrow class=\"overline\">").count(), 2, "{mean}");
    assert_eq!(mean.matches("<mover").count(), 1, "the arrow stays: {mean}");
    assert!(!mean.contains('\u{203e}') && html::read(&mean).is_ok(), "{mean}");
}

#[test]
fn wrong_formulas_say_why() {
    for (tex, part) in [
        (r"\frac{a}", "token"),
        (r"{a", "no `}`"),
        (r"\nosuchcommand x", "unknown"),
        (r"x^a^b", "superscript"),
        (r"\text{if \alpha}", r"`\alpha` inside of a text"),
        (r"\text{if $x}", "no second one"),
        (r"\begin{nosuch} x \end{nosuch}", "environment"),
    ] {
        let reason = to_mathml(tex, false).unwrap_err();
        assert!(reason.contains(part), "{tex}: {reason}");
        assert!(!reason.contains('\n'), "{reason}");
    }
    assert!(to_mathml(&"{".repeat(5000), false).unwrap_err().contains("nested"));
}
