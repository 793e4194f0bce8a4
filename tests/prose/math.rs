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
        (r"\frac{a}", "two arguments"),
        (r"{a", "no `}`"),
        (r"\nosuchcommand x", "unknown"),
        (r"x^a^b", "raised twice"),
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

/// The markup of a formula without its source.
fn markup(tex: &str, display: bool) -> String {
    let mathml = to_mathml(tex, display).unwrap_or_else(|reason| panic!("{tex}: {reason}"));
    mathml.split("<annotation").next().expect("a part").to_owned()
}

#[track_caller]
fn holds(tex: &str, parts: &[&str]) {
    let found = markup(tex, true);
    for part in parts {
        assert!(found.contains(part), "{tex}: {part}\n{found}");
    }
}

#[test]
fn changes_of_style_end_with_their_group() {
    holds(
        r"\dfrac{a}{b} + c",
        &["<mstyle displaystyle=\"true\" scriptlevel=\"0\"><mfrac>", "</mstyle><mo>+</mo><mi>c</mi>"],
    );
    holds(r"{\displaystyle a} + 1{,}5", &["<mo>+</mo><mn>1,5</mn>"]);
    holds(r"\displaystyle x + 1{,}5 + \overline{ab}", &["<mn>1,5</mn>", "<mrow class=\"overline\">"]);
    holds(r"\begin{matrix} \textstyle a & b \end{matrix}", &["</mstyle></mtd><mtd><mi>b</mi></mtd>"]);
    holds(r"\left( \color{red} a \right) b", &["</mrow><mo stretchy=\"true\">)</mo></mrow><mi>b</mi>"]);
}

#[test]
fn arguments_are_neither_dropped_nor_printed() {
    let sideset = markup(r"\sideset{_1^2}{_3^4}\sum_{i}^n", true);
    for part in [">1<", ">2<", ">3<", ">4<", "∑", ">i<", ">n<"] {
        assert!(sideset.contains(part), "{sideset}");
    }
    for tex in [
        r"\begin{aligned}[t] a &= b \end{aligned}",
        r"\begin{gathered} [b] a \end{gathered}",
        r"\begin{array}[c]{l} a \end{array}",
    ] {
        let found = markup(tex, true);
        assert!(!found.contains('[') && !found.contains("<mi>t</mi>"), "{found}");
    }
    holds(r"\begin{array}{@{}l *{2}{c|} r@{}} a & b & c & d \end{array}", &["<mi>d</mi>"]);
    holds(r"\begin{cases} a \\ b \end {cases}", &["<mi>b</mi>"]);
    holds(r"a \\[2pt] b", &["<mi>b</mi>"]);
    holds(r"a \\ [b] c", &["<mi>c</mi>", ">]</mo>"]);
}

#[test]
fn wide_accents_and_arrows_stretch() {
    holds(r"\widehat{abc}", &["<mo stretchy=\"true\">\u{302}</mo>"]);
    holds(r"\widetilde{abc}", &["<mo stretchy=\"true\">\u{2dc}</mo>"]);
    holds(r"\overrightarrow{abc}", &["<mo stretchy=\"true\">→</mo>"]);
    holds(r"\xrightarrow[n]{\text{law}}", &["<munderover><mo stretchy=\"true\">→</mo>"]);
    holds(r"\underline{abc}", &["<mrow class=\"underline\">"]);
    holds(r"\hat x", &["<mover accent=\"true\"><mi>x</mi><mo stretchy=\"false\">\u{2c6}</mo></mover>"]);
}

#[test]
fn bars_signs_and_numbers_are_spaced_as_what_they_are() {
    holds(
        r"a\lvert x\rvert b",
        &["stretchy=\"false\" form=\"prefix\">|</mo>", "stretchy=\"false\" form=\"postfix\">|</mo>"],
    );
    holds(
        r"\left\{ x \middle| y \right\}",
        &["<mo stretchy=\"true\" symmetric=\"true\" lspace=\"0em\" rspace=\"0em\">|</mo>"],
    );
    holds(r"\bigl| x \bigr|", &["form=\"prefix\">|", "form=\"postfix\">|"]);
    holds("x := 1", &["<mo>≔</mo>"]);
    holds("p < .05", &["<mo>&lt;</mo><mn>.05</mn>"]);
    holds("a.5 + 1.5", &["<mn>1.5</mn>"]);
    holds("(0,1)", &["<mn>0</mn><mo>,</mo><mn>1</mn>"]);
    holds(r"\{1,2,3\}", &["<mn>1</mn><mo>,</mo><mn>2</mn><mo>,</mo><mn>3</mn>"]);
    holds("f(1{,}5,2)", &["<mn>1,5</mn><mo>,</mo><mn>2</mn>"]);
    holds(r"f\colon X", &["<mo lspace=\"0em\" rspace=\"0.2222em\">:</mo>"]);
    assert_ne!(markup(r"\mathscr{L}", false), markup(r"\mathcal{L}", false));
    holds(
        r"x'_i + f''^2",
        &[
            "<msubsup><mi>x</mi>",
            "<msup><mrow><mi>f</mi><mi>′</mi><mi>′</mi></mrow><mrow><mn>2</mn></mrow></msup>",
        ],
    );
}

#[test]
fn commands_in_daily_use() {
    for (tex, parts) in [
        (r"\boxed{E = mc^2}", &["<mrow class=\"boxed\">"][..]),
        (r"\mbox{if $x > 0$, then}", &["<mtext>if\u{a0}</mtext>", "<mo>&gt;</mo>", "<mtext>, then</mtext>"]),
        (
            r"a \phantom{b} \hphantom{c} \vphantom{d}",
            &["<mphantom>", "<mpadded height=\"0\" depth=\"0\"><mphantom>"],
        ),
        (r"{n \choose k} + {a \over b} + {a \atop b}", &["<mfrac linethickness=\"0em\">", "<mfrac>"]),
        (r"a \over b", &["<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"]),
        (r"\genfrac{[}{]}{1pt}{0}{a}{b}", &["linethickness=\"0.996", ">[</mo>"]),
        (r"\pmb{x} \bm\beta", &["𝒙", "𝜷"]),
        (r"\mathds{1} \Bbb R", &["𝟙", "ℝ"]),
        (r"\bra{a} \ket{b} \braket{a|b}", &["<mo symmetric=\"false\" stretchy=\"false\">⟨</mo>", "⟩"]),
        (r"\begin{eqnarray} a &=& b \end{eqnarray}", &["<mtable"]),
        (
            r"\begin{align} a &= b \intertext{so} c &= d \end{align}",
            &["columnspan=\"20\"><mtext>so</mtext></mtd>"],
        ),
        (r"\cancel{x} \bcancel{y}", &["class=\"cancel\"", "class=\"cancel-back\""]),
        (r"\sum_{\mathclap{i<j}} x", &["<mpadded width=\"0\"><mrow class=\"lap-both\">"]),
        (r"\dv[2]{f}{x} \pdv{u}{t}", &["<mi mathvariant=\"normal\">d</mi>", "<mi>∂</mi>"]),
        (
            r"\qty{3.5e-9}{\kilo\metre\per\hour}",
            &["<mn>3.5</mn>", "<mi mathvariant=\"normal\">k</mi>", "<mi mathvariant=\"normal\">h</mi>"],
        ),
        (r"\DeclareMathOperator{\KL}{KL} \KL(p)", &["<mi>KL</mi>"]),
        (r"\newcommand{\R}{\mathbb{R}} \R^n", &["<mi>ℝ</mi>"]),
        (r"\operatorname*{ess\,sup}_{x} f", &["<munder><mi>ess\u{2009}sup</mi>"]),
        (
            r"\begin{dcases} \frac{a}{b} \\ \frac{c}{d} \end{dcases}",
            &["<mstyle displaystyle=\"true\" scriptlevel=\"0\"><mfrac>"],
        ),
        (r"\textcolor{#ff0000}{x} \text{caf\'e}", &["color: rgb(255 0 0)", "cafe\u{301}"]),
        (r"\qty{1}{\kg\per\m\cubed}", &["<mn>3</mn>"]),
        (
            r"\ce{2H2 + O2 -> 2H2O}",
            &["<mn>2</mn>", "<msub><mrow><mi mathvariant=\"normal\">H</mi></mrow>", "⟶", "<mo>+</mo>"],
        ),
        (
            r"\ce{SO4^2-} + \ce{Na+}",
            &[
                "<msubsup>",
                "<msup><mrow><mi mathvariant=\"normal\">N</mi><mi mathvariant=\"normal\">a</mi></mrow>",
            ],
        ),
        (r"a \\ b", &["<mtable class=\"menv-gathered\">"]),
    ] {
        holds(tex, parts);
    }
}

#[test]
fn only_elements_and_attributes_of_mathml_core() {
    for (tex, display, _) in corpus() {
        let found = to_mathml(tex, display).unwrap();
        for other in
            ["<mfenced", "<menclose", "mathvariant=\"b", "mathvariant=\"d", "mathvariant=\"i", "mathcolor"]
        {
            assert!(!found.contains(other), "{tex}: {other}");
        }
    }
}
