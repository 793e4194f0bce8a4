//! MathML, as formulas of pages have it, to formulas of Typst.

use super::text::string;
use super::tree::{Element, Node};

/// Signs that stand over or under something, and what Typst calls them there.
const OVER: &[(&str, &str)] = &[
    ("¯", "overline"),
    ("‾", "overline"),
    ("―", "overline"),
    ("_", "underline"),
    ("^", "hat"),
    ("ˆ", "hat"),
    ("~", "tilde"),
    ("˜", "tilde"),
    ("˙", "dot"),
    (".", "dot"),
    ("¨", "dot.double"),
    ("→", "arrow"),
    ("⃗", "arrow"),
    ("ˇ", "caron"),
    ("˘", "breve"),
    ("´", "acute"),
    ("`", "grave"),
    ("⏞", "overbrace"),
    ("⏟", "underbrace"),
];

/// A formula, or the name of an element that has no counterpart.
pub(super) fn formula(math: &Element) -> Result<String, String> {
    let inside = math.find(&|one| one.name == "semantics").unwrap_or(math);
    let inside: Vec<&Element> = inside.elements().filter(|one| one.name != "annotation").collect();
    if let [row] = inside.as_slice()
        && let Some(table) = only_table(row)
    {
        return lines(table);
    }
    row(&inside)
}

/// The TeX that a formula was written in.
pub(super) fn source(math: &Element) -> String {
    math.find(&|one| one.name == "annotation").map(Element::words).unwrap_or_default()
}

/// The table that is all of a row: lines that are aligned.
fn only_table(element: &Element) -> Option<&Element> {
    match (element.name.as_str(), element.elements().collect::<Vec<_>>().as_slice()) {
        ("mtable", _) if element.attribute("class").contains("menv-align") => Some(element),
        ("mrow", [one]) => only_table(one),
        _ => None,
    }
}

/// Aligned lines.
fn lines(table: &Element) -> Result<String, String> {
    let lines: Result<Vec<String>, String> = table.elements().map(|line| cells(line, " & ")).collect();
    Ok(lines?.join(" \\\n  "))
}

fn cells(line: &Element, between: &str) -> Result<String, String> {
    let cells: Result<Vec<String>, String> = line.elements().map(group).collect();
    Ok(cells?.join(between))
}

/// Everything in an element as a row.
fn group(element: &Element) -> Result<String, String> {
    row(&element.elements().collect::<Vec<_>>())
}

/// Pieces one after another. What reaches from one sign to its partner is told by their ends.
fn row(pieces: &[&Element]) -> Result<String, String> {
    if let Some(fenced) = fenced(pieces) {
        return fenced;
    }
    let mut out = String::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let next = pieces.get(at + 1);
        let text = match (piece.words().as_str(), next) {
            ("{", Some(table)) if is_mo(piece) && cases(table).is_some() => {
                at += 1;
                cases(table).unwrap_or_else(|| Ok(String::new()))?
            }
            _ => one(piece)?,
        };
        push(&mut out, &text);
        at += 1;
    }
    Ok(out)
}

/// Adds a piece. Between words and what is beside them a space would be seen.
fn push(out: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    if !(out.is_empty() || out.ends_with('"') || text.starts_with('"')) {
        out.push(' ');
    }
    out.push_str(text);
}

fn is_mo(element: &Element) -> bool {
    element.name == "mo"
}

/// A row between two signs that grow with it; binomials among them.
fn fenced(pieces: &[&Element]) -> Option<Result<String, String>> {
    let [first, inside @ .., last] = pieces else { return None };
    let grows = |one: &Element| is_mo(one) && one.attribute("stretchy") != "false";
    let is_fence = |one: &Element| one.words().chars().all(|c| "()[]{}|‖⌊⌋⌈⌉⟨⟩∣".contains(c));
    if inside.is_empty() || !is_mo(first) || !is_mo(last) || !is_fence(first) || !is_fence(last) {
        return None;
    }
    if let [stack] = inside
        && stack.name == "mfrac"
        && is_thin(stack)
        && (first.words().as_str(), last.words().as_str()) == ("(", ")")
    {
        return Some(call("binom", &stack.elements().collect::<Vec<_>>()));
    }
    if !grows(first) || !grows(last) {
        return None;
    }
    let inner = match row(inside) {
        Ok(inner) => inner,
        Err(why) => return Some(Err(why)),
    };
    let sign = |one: &Element| one.words().chars().map(escaped).collect::<String>();
    Some(Ok(format!("lr({} {inner} {})", sign(first), sign(last))))
}

fn is_thin(fraction: &Element) -> bool {
    fraction.attribute("linethickness").starts_with('0')
}

/// The cases of a table of some.
fn cases(element: &Element) -> Option<Result<String, String>> {
    let table = match element.name.as_str() {
        "mtable" => element,
        _ => element.find(&|one| one.name == "mtable")?,
    };
    let rows = || -> Result<String, String> {
        let rows: Result<Vec<String>, String> = table.elements().map(|line| cells(line, " & ")).collect();
        Ok(format!("cases({})", rows?.join(", ")))
    };
    table.attribute("class").contains("menv-cases").then(rows)
}

/// A function of Typst with these as its arguments.
fn call(name: &str, arguments: &[&Element]) -> Result<String, String> {
    let arguments: Result<Vec<String>, String> = arguments.iter().map(|one| self::one(one)).collect();
    Ok(format!("{name}({})", arguments?.join(", ")))
}

/// One piece.
fn one(element: &Element) -> Result<String, String> {
    let parts: Vec<&Element> = element.elements().collect();
    Ok(match (element.name.as_str(), parts.as_slice()) {
        ("mi", _) => identifier(element),
        ("mn", _) => number(&element.words()),
        ("mo", _) => sign(&element.words()),
        ("mtext", _) => string(&element.words()),
        ("mspace", _) => space(element.attribute("width")),
        ("mrow" | "mpadded", _) if element.is("overline") => format!("overline({})", row(&parts)?),
        ("mrow" | "mpadded", _) => row(&parts)?,
        ("mstyle", _) => styled(element, row(&parts)?),
        ("mphantom", _) => format!("hide({})", row(&parts)?),
        ("mfrac", [above, below]) if is_thin(element) => {
            format!("vec(delim: #none, {}, {})", one(above)?, one(below)?)
        }
        ("mfrac", [_, _]) => call("frac", &parts)?,
        ("msqrt", _) => format!("sqrt({})", row(&parts)?),
        ("mroot", [inside, index]) => call("root", &[index, inside])?,
        ("msub", [base, below]) => attached(base, Some(below), None, false)?,
        ("msup", [base, above]) => attached(base, None, Some(above), false)?,
        ("msubsup", [base, below, above]) => attached(base, Some(below), Some(above), false)?,
        ("munder", [base, below]) => accented(base, below, true)?,
        ("mover", [base, above]) => accented(base, above, false)?,
        ("munderover", [base, below, above]) => attached(base, Some(below), Some(above), true)?,
        ("mtable", _) => table(element)?,
        (other, _) => return Err(other.to_owned()),
    })
}

fn styled(element: &Element, inner: String) -> String {
    match element.attribute("displaystyle") {
        "true" => format!("display({inner})"),
        "false" => format!("inline({inner})"),
        _ => inner,
    }
}

/// Something with what is lowered and raised beside it, or below and above it.
fn attached(
    base: &Element,
    below: Option<&Element>,
    above: Option<&Element>,
    limits: bool,
) -> Result<String, String> {
    let inner = match (one(base)?, limits) {
        // What has a script and no base, such as the index before a letter.
        (empty, _) if empty.is_empty() => "zws".to_owned(),
        (inner, true) => format!("limits({inner})"),
        (inner, false) => inner,
    };
    let mut out = format!("attach({inner}");
    for (name, script) in [("b", below), ("t", above)] {
        if let Some(script) = script {
            out.push_str(&format!(", {name}: {}", one(script)?));
        }
    }
    out.push(')');
    Ok(out)
}

/// Something with a sign over or under it, or with what belongs there as a limit.
fn accented(base: &Element, script: &Element, is_under: bool) -> Result<String, String> {
    let known = OVER.iter().find(|(sign, _)| is_mo(script) && script.words().trim() == *sign);
    if let Some((_, name)) = known {
        let name = if is_under && *name == "overline" { "underline" } else { name };
        return Ok(format!("{name}({})", one(base)?));
    }
    // Words over or under a brace belong to it.
    let is_brace = |part: &Element| part.elements().any(|one| matches!(one.words().trim(), "⏞" | "⏟"));
    if matches!(base.name.as_str(), "munder" | "mover") && is_brace(base) {
        let brace = one(base)?;
        let open = brace.strip_suffix(')').unwrap_or(&brace);
        return Ok(format!("{open}, {})", one(script)?));
    }
    if is_under { attached(base, Some(script), None, true) } else { attached(base, None, Some(script), true) }
}

/// A matrix; signs around it are pieces of their own.
fn table(element: &Element) -> Result<String, String> {
    if let Some(cases) = cases(element) {
        return cases;
    }
    let rows: Result<Vec<String>, String> = element.elements().map(|line| cells(line, ", ")).collect();
    Ok(format!("mat(delim: #none, {})", rows?.join("; ")))
}

fn space(width: &str) -> String {
    match width.strip_suffix("em").and_then(|width| width.parse::<f64>().ok()) {
        Some(width) => format!("#h({width}em)"),
        None => String::new(),
    }
}

/// A letter, or the name of a function.
fn identifier(element: &Element) -> String {
    let text = element.words();
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if element.attribute("mathvariant") == "normal" && letter.is_alphabetic() => {
            format!("upright({})", escaped(letter))
        }
        (Some(letter), None) => escaped(letter),
        (None, _) => String::new(),
        _ => format!("op({})", string(&text)),
    }
}

/// A number; one with a comma or with spaces is a text.
fn number(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.')
        && text.chars().filter(|c| *c == '.').count() < 2;
    if plain && text.starts_with(|c: char| c.is_ascii_digit()) && !text.ends_with('.') {
        return text.to_owned();
    }
    string(text)
}

/// A sign; those that are never seen are left out.
fn sign(text: &str) -> String {
    let seen = text.chars().filter(|c| !matches!(c, '\u{2061}'..='\u{2064}' | '\u{200b}'));
    seen.map(escaped).collect::<Vec<_>>().join("")
}

/// A character as a formula of Typst has it.
fn escaped(c: char) -> String {
    match c {
        '+' | '=' | '<' | '>' | '!' | '.' | '-' | '*' | '?' => c.to_string(),
        c if c.is_ascii_punctuation() => format!("\\{c}"),
        c => c.to_string(),
    }
}

/// Whether a node is a formula.
pub(super) fn is_formula(node: &Node) -> bool {
    matches!(node, Node::Element(element) if element.name == "math")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::to_mathml;
    use crate::typst::tree::read;

    fn typst(tex: &str) -> String {
        let page = read(&to_mathml(tex, true).unwrap());
        let math = page.elements().next().unwrap();
        assert_eq!(source(math), tex);
        formula(math).unwrap()
    }

    #[test]
    fn formulas_are_written_as_typst_has_them() {
        for (tex, expected) in [
            ("x_1 + y^2", "attach(x, b: 1) + attach(y, t: 2)"),
            (r"\frac{a}{b}", "frac(a, b)"),
            (r"\sqrt{2}", "sqrt(2)"),
            (r"\sqrt[3]{x}", "root(3, x)"),
            (r"\left( \frac{a}{b} \right)", r"lr(\( frac(a, b) \))"),
            (r"f(x, y)", r"f \( x \, y \)"),
            (r"\binom{n}{k}", "binom(n, k)"),
            (r"\bar{x}", "overline(x)"),
            (r"\log_2 n", r#"attach(op("log"), b: 2) n"#),
            (r"a \text{ if } b", "a\"\u{a0}if\u{a0}\"b"),
        ] {
            let found = typst(tex);
            assert_eq!(found.replace("#h(0.1667em) ", ""), expected, "{tex}");
        }
    }

    #[test]
    fn tables_are_cases_matrices_or_lines() {
        let cases = typst(r"\begin{cases} a & x > 0 \\ b & \text{else} \end{cases}");
        assert_eq!(cases, "cases(a & x > 0, b &\"else\")".replace("&\"", "& \""));
        let lines = typst(r"\begin{aligned} a &= b \\ c &= d \end{aligned}");
        assert_eq!(lines, "a & = b \\\n  c & = d");
        let matrix = typst(r"\begin{matrix} a & b \\ c & d \end{matrix}");
        assert_eq!(matrix, "mat(delim: #none, a, b; c, d)");
    }

    #[test]
    fn what_has_no_counterpart_is_named() {
        let page = read("<math><menclose><mi>x</mi></menclose></math>");
        assert_eq!(formula(page.elements().next().unwrap()), Err("menclose".to_owned()));
    }
}
