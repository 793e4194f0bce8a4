//! What becomes of the LaTeX of a field.

use super::*;

fn html(text: &str) -> String {
    let (rich, wrong) = rich(text);
    assert_eq!(wrong, [], "{text}");
    let mut html = String::new();
    rich.push_html(&mut html);
    html.replace('\u{a0}', "_").replace('\u{202f}', ",")
}

#[test]
fn letters_and_accents() {
    for (tex, expected) in [
        (r"Garc{\'\i}a", "García"),
        (r"Garc\'{\i}a, \'{I}, {\'i}, \'i, \'\i a", "García, Í, í, í, ía"),
        (r"\v{S}ime\v ckov\'a, {\v{C}}ech, \v Sev, Dvo{\v r}{\'a}k", "Šimečková, Čech, Šev, Dvořák"),
        (r"Fran\c{c}ois, \c Ceng, Ra\c{s}cu, Ha\c ca", "François, Çeng, Raşcu, Haça"),
        (r"W\k{a}s, \k{E}, Erd\H{o}s, \H os, {\r{u}}, \r A", "Wąs, Ę, Erdős, ős, ů, Å"),
        (
            r#"Stra{\ss}e, \o re, {\O}stergaard, {\L}ukasiewicz, \l{}, {\aa}, \AA ngstr\"om"#,
            "Straße, øre, Østergaard, Łukasiewicz, ł, å, Ångström",
        ),
        (
            r"\ae, {\AE}, \oe{}uvre, \OE, \i, \j, \dh, \DJ, \th, \TH, \ng, \SS",
            "æ, Æ, œuvre, Œ, ı, ȷ, ð, Đ, þ, Þ, ŋ, ẞ",
        ),
        (
            r#"G{\"o}del, G\"odel, \"{\i}, \^o, \`a, \~n, \=a, \.z, \u{g}, \d{h}, \b{d}, \^{\i}"#,
            "Gödel, Gödel, ï, ô, à, ñ, ā, ż, ğ, ḥ, ḏ, î",
        ),
        (r"\'{\^e}, \h{o}, \G{a}, \textcommabelow{s}", "ế, ỏ, ȁ, ș"),
        (r"\^{} \~{} \'{}", "^ ~ ´"),
        (r"Nguy{\~{\^e}}n, Ph\'{u}c", "Nguyễn, Phúc"),
    ] {
        assert_eq!(html(tex), expected, "{tex}");
    }
}

#[test]
fn marks_and_spaces() {
    for (tex, expected) in [
        ("``a'' and `b', \"c\" -- it's---so", "“a” and ‘b’, “c” – it’s—so"),
        (r"A.~B.\ C.\,D. \& 5\% \$1 \#2 a\_b \{x\}", "A._B. C.,D. &amp; 5% $1 #2 a_b {x}"),
        ("  one\n   two\t three ", "one two three"),
        (r"{The {LaTeX} {C}ompanion} \LaTeX{} and \TeX\ now", "The LaTeX Companion LaTeX and TeX now"),
        (r"a\dots b\ldots{} c\textellipsis", "a…b… c…"),
        (r"10\textdegree{}C\textendash 20 \copyright\ \S3", "10°C–20 © §3"),
        (r"\guillemotleft x\guillemotright, ?`no? !`s{\'\i}!", "«x», ¿no? ¡sí!"),
        ("a } b", "a b"),
    ] {
        assert_eq!(html(tex), expected, "{tex}");
    }
}

#[test]
fn markup() {
    for (tex, expected) in [
        (r"\emph{x} \textit{y} {\em z} {\it w} u", "<em>x</em> <em>y</em> <em>z</em> <em>w</em> u"),
        (r"\textbf{a <b>} {\bf c}", "<strong>a &lt;b&gt;</strong> <strong>c</strong>"),
        (r"\texttt{a--b 'c'} {\tt d}", "<code>a--b &#39;c&#39;</code> <code>d</code>"),
        (
            r"\textsc{Nasa} 2\textsuperscript{nd} H\textsubscript{2}O",
            "<span class=\"small-capitals\">Nasa</span> 2<sup>nd</sup> H<sub>2</sub>O",
        ),
        (r"\url{https://a.b/c_d~e%20}", "<a href=\"https://a.b/c_d~e%20\">https://a.b/c_d~e%20</a>"),
        (r"\href{http://a.b/\%7Ec}{\emph{here}}", "<a href=\"http://a.b/%7Ec\"><em>here</em></a>"),
        (r"\url{javascript:alert(1)} \href{data:x}{y}", "javascript:alert(1) y"),
        (r"\mbox{a b} \enquote{q} \uppercase{x} {\noopsort{1973b}}c", "a b “q” X c"),
        (r"\emph{a \textbf{b}}", "<em>a <strong>b</strong></em>"),
    ] {
        assert_eq!(html(tex), expected, "{tex}");
    }
}

#[test]
fn formulas_are_typeset() {
    for tex in ["The $L^p$ norm", r"The \(L^p\) norm", r"The \ensuremath{L^p} norm", "The $$L^p$$ norm"] {
        let set = html(tex);
        assert!(set.starts_with("The <math") && set.ends_with("</math> norm"), "{set}");
        assert!(!set.contains('$'), "{set}");
    }
}

#[test]
fn what_is_not_known_is_told_at_its_place() {
    for (tex, shown, place) in [
        (r"a \nosuch{b} c", "a b c", r"\nosuch"),
        (r"a \nosuch c", "a nosuchc", r"\nosuch"),
        ("costs $5", "costs $5", "$"),
        (r"x $\nosuch{a}$", r"x <code>\nosuch{a}</code>", r"$\nosuch{a}$"),
    ] {
        let (rich, wrong) = rich(tex);
        let mut html = String::new();
        rich.push_html(&mut html);
        assert_eq!(html, shown);
        assert_eq!(wrong.len(), 1, "{tex}");
        assert_eq!(&tex[wrong[0].0.clone()], place);
    }
}
