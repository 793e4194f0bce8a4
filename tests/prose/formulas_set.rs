//! How formulas are set: sizes, lines, spaces, chemistry. A part of the markup that each must have.

use octavo::prose::to_mathml;

/// The markup of a formula without its source.
fn markup(tex: &str) -> String {
    let mathml = to_mathml(tex, true).unwrap_or_else(|reason| panic!("{tex}: {reason}"));
    mathml.split("<annotation").next().expect("a part").to_owned()
}

#[track_caller]
fn holds(tex: &str, parts: &[&str]) {
    let found = markup(tex);
    for part in parts {
        assert!(found.contains(part), "{tex}: {part}\n{found}");
    }
}

/// The letters and signs of a formula, scripts in brackets behind `_` and `^`.
fn letters(tex: &str) -> String {
    let mut text = String::new();
    for piece in markup(tex).split('<') {
        let (tag, inside) = piece.split_once('>').unwrap_or((piece, ""));
        match tag.split(' ').next().unwrap_or_default() {
            "msub" | "munder" => text.push('_'),
            "msup" | "mover" => text.push('^'),
            "msubsup" | "munderover" => text.push_str("_^"),
            "mspace" => text.push(' '),
            _ => text.push_str(inside),
        }
    }
    text
}

#[test]
fn sized_delimiters_keep_their_size_under_scripts() {
    for (tex, size) in
        [(r"\bigl\|x\bigr\|_2^2", "1.2em"), (r"\bigg\rvert_{x=0}", "2.4em"), (r"\Bigl( a \Bigr)^2", "1.8em")]
    {
        let found = markup(tex);
        assert!(found.contains(&format!("minsize=\"{size}\"")), "{found}");
        for script in ["<msub>", "<msup>", "<msubsup>"] {
            assert!(!found.contains(&format!("{script}<mo")), "{found}");
        }
    }
    holds(r"\biggl.\frac{a}{b}\biggr|_{0}", &["<msub><mrow><mo", "<mfrac>"]);
}

#[test]
fn derivatives_with_several_variables() {
    for tex in [r"\pdv{f}{x}{y}", r"\pdv{f}{x,y}"] {
        holds(
            tex,
            &[
                "<msup><mi>∂</mi><mrow><mn>2</mn></mrow></msup><mi>f</mi></mrow><mrow><mi>∂</mi><mi>x</mi>",
                "<mi>∂</mi><mi>y</mi></mrow></mfrac>",
            ],
        );
    }
    holds(r"\pdv[3]{f}{x}", &["<msup><mi>x</mi><mrow><mn>3</mn></mrow></msup></mrow></mfrac>"]);
    holds(r"\dv{f}{x} {y}", &["</mfrac><mrow><mi>y</mi>"]);
}

#[test]
fn lines_of_arrays_are_no_rows() {
    let rows = |tex: &str| markup(tex).matches("<mtr").count();
    let table = r"\begin{array}{c|c} \hline a & b \\ \hline\hline c & d \\ \hline \end{array}";
    assert_eq!(rows(table), 2);
    holds(
        table,
        &["<mtr class=\"menv-hline\">", "<mtr class=\"menv-hline-below menv-double-above menv-hline\">"],
    );
    let ragged = r"\begin{array}{cc} a & b \\ c \\ \hline\hline \end{array}";
    assert_eq!(rows(ragged), 2);
    holds(ragged, &["menv-double-below", "<mi>c</mi></mtd><mtd></mtd>"]);
    holds(r"\begin{pmatrix} a \\ \hdashline\end{pmatrix}", &["<mtr class=\"menv-hdashline-below\">"]);
}

#[test]
fn letters_as_signs_keep_their_shape_and_have_space() {
    let space = "<mspace width=\"0.2778em\" />";
    let found = markup(r"x \mathrel{R}_1 y");
    assert!(found.contains("<mi>R</mi>") && found.matches(space).count() == 2, "{found}");
    assert!(markup(r"a \mathbin{\mathrm{op}} b").matches("<mspace width=\"0.2222em\" />").count() == 2);
    holds(r"a \mathop{dx}", &["<mi>d</mi><mi>x</mi>"]);
    holds(r"\mathop{\mathrm{argmax}}_x f", &["<mi>argmax</mi>"]);
    holds(r"x \mathrel{:=} y", &["<mo>≔</mo>"]);
    assert!(!markup(r"x \mathrel{\overset{d}{=}} y").contains("mspace"));
    assert_eq!(to_mathml(r"x \tag*{Hyp.~1}", true).map(|_| ()), Ok(()));
    holds(r"\text{``quoted'' -- `x' --- don't}", &["“quoted” – ‘x’ — don’t"]);
    holds(r"\texttt{a--b}", &["--"]);
}

#[test]
fn operators_say_where_their_scripts_stand() {
    holds(r"\det_x", &["<munder><mi>det</mi>"]);
    holds(r"\det\nolimits_x", &["<msub><mi>det</mi>"]);
    holds(r"\log\limits_x", &["<munder><mi>log</mi>"]);
    holds(r"\lim\nolimits_x", &["<msub><mi>lim</mi>"]);
    holds(r"\operatorname{tr}\limits_x", &["<munder><mi>tr</mi>"]);
    holds(r"\underbrace{a}\limits_n", &["<munder>"]);
    holds(r"\idotsint f", &["∫", "⋯"]);
}

#[test]
fn chemistry() {
    for (tex, expected) in [
        (r"\ce{CuSO4.5H2O}", "_CuSO4⋅5 _H2O"),
        (r"\ce{CuSO4*5H2O}", "_CuSO4⋅5 _H2O"),
        (r"\ce{NO_x + n A}", "_NOx+n A"),
        (r"\ce{Fe^{II}Fe^{III}2O4}", "^FeII_^Fe2III_O4"),
        (r"\ce{Y^{99}+}", "^Y99+"),
        (r"\ce{Y^99+}", "^Y99+"),
        (r"\ce{^{227}_{90}Th+}", "_^90227^Th+"),
        (r"\ce{A->B <=> C}", "A⟶B⇌C"),
        (r"\ce{A ->[H2O][\Delta] B}", "A_^→ Δ  _H2O B"),
        (r"\ce{A ->[heat] B}", "A_^→   heat B"),
        (r"\ce{[AgCl2]- + OH- + e-}", "[_AgCl2^]−+^OH−+^e−"),
        (r"\ce{1/2 O2}", "12 _O2"),
        (r"\ce{KCl_{(aq)} v}", "_KCl(aq)↓"),
    ] {
        assert_eq!(letters(tex), expected, "{tex}\n{}", markup(tex));
    }
    holds(r"\ce{BaSO4 v}", &["<mo stretchy=\"false\">↓</mo>"]);
    holds(r"\ce{C=O}", &["<mi>=</mi>"]);
    holds(r"\ce{Fe^{II}}", &["<mi mathvariant=\"normal\">I</mi>"]);
}

#[test]
fn units_have_percent() {
    holds(r"\SI{5}{\%} \qty{5}{\percent}", &["<mi>%</mi>"]);
}

#[test]
fn stops_slashes_and_colons_have_the_space_of_tex() {
    let none = "lspace=\"0em\" rspace=\"0em\"";
    holds("x = 0.", &[&format!("<mo {none}>.</mo>")]);
    holds("1{.}5", &["<mn>1.5</mn>"]);
    holds(
        "a/b + x^{1/2}",
        &[&format!("<mi>a</mi><mo {none}>/</mo>"), &format!("<mn>1</mn><mo {none}>/</mo>")],
    );
    let relation = "<mo lspace=\"0.2778em\" rspace=\"0.2778em\">:</mo>";
    for tex in
        [r"\{x : x>0\}", r"\{x: x>0\}", "1:2", r"P(X : Y)", r"\{f : A \to B\}", r"\left\{ x: y \right\}"]
    {
        holds(tex, &[relation]);
    }
    for tex in [r"f: A \to B", r"f:A\to B", r"f\colon A", r"\{a\}, f: A"] {
        holds(tex, &["<mo lspace=\"0em\" rspace=\"0.2222em\">:</mo>"]);
    }
    holds("x_{a:b}", &[&format!("<mo {none}>:</mo>")]);
    holds(r"x \perp\!\!\!\perp y", &["<mo rspace=\"0em\">⟂</mo>", "<mo lspace=\"0em\">⟂</mo>"]);
    holds(r"\xrightarrow[n]{d}", &["<mrow class=\"arrow-below\">", "<mrow class=\"arrow-above\">"]);
}

#[test]
fn numbers_of_quantities_have_the_decimal_mark_of_the_page() {
    for (language, expected) in [("en", "<mn>1.5</mn>"), ("fr", "<mn>1,5</mn>")] {
        for tex in [r"\num{1.5e-3}", r"\SI{1,5}{\metre}", r"\qty{1.5(2)}{\%}"] {
            let host = crate::host::Host::new(language);
            let (rendered, messages) = crate::host::page(&format!("${tex}$"), &host, false);
            assert_eq!(messages, Vec::<String>::new());
            assert!(rendered.html.as_str().contains(expected), "{language} {tex}: {}", rendered.html);
        }
    }
    holds(r"\num{1.5}", &["<mn>1.5</mn>"]);
}
