//! What the converter writes, set as a typographer would.

use super::lines::Numbered;
use super::mark::{BARS, DECIMAL, Mark};
use super::tree::Node;
use super::{spacing, table};

/// Signs that are accents over a letter, and the same signs in forms that stretch.
const WIDE: &[(&str, &str)] = &[("^", "\u{302}"), ("~", "\u{2dc}")];

/// Mends a formula.
pub(super) fn polish(xml: &str, numbers: &[Numbered]) -> String {
    let mut nodes = Node::parse(xml);
    nodes.iter_mut().for_each(node);
    if numbers.iter().any(|numbered| numbered.row.is_some())
        && let Some(rows) = nodes.iter_mut().find_map(table::first)
    {
        table::number_rows(rows, numbers);
    }
    nodes.iter_mut().for_each(styled);
    let mut written = String::with_capacity(xml.len());
    nodes.iter().for_each(|node| node.write(&mut written));
    written
}

fn node(node_: &mut Node) {
    if node_.name() == "annotation" {
        return;
    }
    let scripts = matches!(node_.name(), "munder" | "mover" | "munderover" | "msub" | "msup" | "msubsup");
    if let Some(children) = node_.children_mut() {
        children.iter_mut().for_each(node);
        // Lines without a class of their own, unless they stand in a script.
        for child in children.iter_mut().filter(|_| !scripts) {
            if child.tag() == "mtable" {
                child.set_tag("mtable class=\"menv-gathered\"");
            }
        }
        siblings(children);
        spacing::neighbours(children);
    }
    leaf(node_);
    spacing::leaf(node_);
    spacing::scripts(node_);
    lines(node_);
    wide_accent(node_);
    accent(node_);
    long_arrow(node_);
    sized_base(node_);
    marked(node_);
    if node_.name() == "mtr" {
        table::intertext(node_);
    }
    if node_.name() == "mtable" {
        table::ruled(node_);
    }
    if node_.tag() == "mrow class=\"mop-negated\"" {
        node_.set_tag("mrow class=\"cancel\"");
    }
}

/// A group that sets a style of its own is an `mstyle`: the standard of HTML has no such attributes on an `mrow`.
fn styled(node: &mut Node) {
    let attributes = node
        .tag()
        .strip_prefix("mrow ")
        .filter(|rest| rest.starts_with("displaystyle=") || rest.starts_with("scriptlevel="));
    if let Some(tag) = attributes.map(|rest| format!("mstyle {rest}")) {
        node.set_tag(&tag);
    }
    if let Some(children) = node.children_mut() {
        children.iter_mut().for_each(styled);
    }
}

/// What depends on what stands beside it: numbers, stretched bars.
fn siblings(children: &mut Vec<Node>) {
    let mut index = 0;
    while index < children.len() {
        // `1{,}3` is one number with a decimal comma, not two with a separator between them.
        while let Some(mark) = children.get(index..index + 3).and_then(decimal_mark) {
            let part = |node: &Node| node.text().unwrap_or_default().to_owned();
            let text = format!("{}{mark}{}", part(&children[index]), part(&children[index + 2]));
            children[index].set_text(&text);
            children.drain(index + 1..index + 3);
        }
        // `.05` is a number, unless it goes on with one.
        let point = children[index].is("mo", ".")
            && children.get(index + 1).is_some_and(|next| next.name() == "mn")
            && (index == 0 || !matches!(children[index - 1].name(), "mn" | "mi"));
        if point {
            let text = format!(".{}", children[index + 1].text().unwrap_or_default());
            children[index + 1].set_text(&text);
            children.remove(index);
        }
        if children[index].name() == "mi" && mark_of(&children[index]) == Some(Mark::Middle) {
            children.remove(index);
            if let Some(next) = children.get_mut(index) {
                next.set_tag("mo stretchy=\"true\" symmetric=\"true\" lspace=\"0em\" rspace=\"0em\"");
            }
        }
        index += 1;
    }
}

/// The sign between the digits of a number: a comma or a full stop in braces, or the mark of the page's language.
fn decimal_mark(three: &[Node]) -> Option<char> {
    let [before, sign, after] = three else { return None };
    let numbers = [before, after].iter().all(|node| node.name() == "mn" && node.text().is_some());
    let inner = match sign.children() {
        [inner] if sign.tag() == "mrow" => inner,
        _ if sign.text().is_some_and(|text| text.starts_with(DECIMAL)) => return numbers.then_some(DECIMAL),
        _ => return None,
    };
    let mark = inner.text().filter(|_| inner.name() == "mo").filter(|text| matches!(*text, "," | "."))?;
    mark.chars().next().filter(|_| numbers)
}

fn leaf(node: &mut Node) {
    if node.name() == "mo"
        && let Some(text) = node.text()
        && let Some((_, bar, form)) = BARS.iter().find(|(mark, ..)| text.starts_with(*mark))
    {
        let tag = format!("{} form=\"{form}\"", node.tag());
        node.set_tag(&tag);
        node.set_text(bar.encode_utf8(&mut [0; 4]));
    }
    // Two bars are a fence and not the sign of parallel lines, which is the one that mathematical fonts have.
    if node.is("mo", "‖") {
        let tag = format!("{} lspace=\"0em\" rspace=\"0em\"", node.tag());
        node.set_tag(&tag);
        node.set_text("∥");
    }
    // `\colon` is punctuation: a space behind it and none before it.
    if node.is("mi", ":") {
        node.set_tag("mo lspace=\"0em\" rspace=\"0.2222em\"");
    }
}

/// Lines over and under a formula are borders: a letter does not stretch.
fn lines(node: &mut Node) {
    let class = match (node.name(), node.children()) {
        ("mover", [_, over]) if over.is("mi", "\u{203e}") => "overline",
        ("munder", [_, under]) if under.is("mo", "_") => "underline",
        _ => return,
    };
    node.set_tag(&format!("mrow class=\"{class}\""));
    if let Some(children) = node.children_mut() {
        children.truncate(1);
    }
}

fn wide_accent(node: &mut Node) {
    if !matches!(node.name(), "mover" | "munder") {
        return;
    }
    if let Some([_, accent]) = node.children_mut().map(Vec::as_mut_slice)
        && accent.tag() == "mo stretchy=\"true\""
        && let Some((_, wide)) = WIDE.iter().find(|(sign, _)| accent.text() == Some(*sign))
    {
        accent.set_text(wide);
    }
}

/// An accent over a letter is as large as the letter and close to it.
fn accent(node: &mut Node) {
    const SIGNS: &[(&str, &str)] = &[
        ("^", "\u{2c6}"),
        ("~", "\u{2dc}"),
        ("`", "\u{2cb}"),
        ("´", "´"),
        ("˙", "˙"),
        ("¨", "¨"),
        ("˘", "˘"),
        ("ˇ", "ˇ"),
        ("˚", "˚"),
    ];
    if node.tag() != "mover" {
        return;
    }
    if let Some([_, accent]) = node.children_mut().map(Vec::as_mut_slice)
        && accent.name() == "mi"
        && let Some((_, sign)) = SIGNS.iter().find(|(sign, _)| accent.text() == Some(*sign))
    {
        accent.set_tag("mo stretchy=\"false\"");
        accent.set_text(sign);
        node.set_tag("mover accent=\"true\"");
    }
}

/// An arrow is as long as what stands over and under it, and a little longer.
fn long_arrow(node: &mut Node) {
    const SPACE: &str = "<mspace width=\"0.4em\" />";
    if !matches!(node.name(), "mover" | "munder" | "munderover") {
        return;
    }
    let under = node.name() == "munder";
    let Some([base, scripts @ ..]) = node.children_mut().map(Vec::as_mut_slice) else { return };
    if base.tag() != "mo"
        || !base
            .text()
            .is_some_and(|arrow| matches!(arrow, "→" | "←" | "⟶" | "⟵" | "⟹" | "⟸" | "⟺" | "⟷" | "↪" | "⟼"))
    {
        return;
    }
    let arrow = match base.text() {
        Some("⟶") => "→",
        Some("⟵") => "←",
        Some("⟹") => "⇒",
        Some("⟸") => "⇐",
        Some("⟺") => "⇔",
        Some("⟷") => "↔",
        Some("⟼") => "↦",
        Some(other) => other,
        None => return,
    }
    .to_owned();
    base.set_tag("mo stretchy=\"true\"");
    base.set_text(&arrow);
    let classes: &[&str] = match scripts.len() {
        2 => &["arrow-below", "arrow-above"],
        _ if under => &["arrow-below"],
        _ => &["arrow-above"],
    };
    for (script, class) in scripts.iter_mut().zip(classes) {
        let space = || Node::Text(SPACE.to_owned());
        let inner = std::mem::replace(script, space());
        *script = Node::new(&format!("mrow class=\"{class}\""), vec![space(), inner, space()]);
    }
}

/// A delimiter of a given size that carries scripts itself would be as large as browsers like: in a row of its own it keeps
/// its size.
fn sized_base(node: &mut Node) {
    if !matches!(node.name(), "msub" | "msup" | "msubsup" | "munder" | "mover" | "munderover") {
        return;
    }
    if let Some([base, ..]) = node.children_mut().map(Vec::as_mut_slice)
        && base.tag().contains("minsize")
    {
        let inner = std::mem::replace(base, Node::Text(String::new()));
        *base = Node::new("mrow", vec![inner]);
    }
}

pub(super) fn mark_of(node: &Node) -> Option<Mark> {
    Mark::of(node.text()?)
}

/// A group that begins with a mark becomes what the mark says.
fn marked(node: &mut Node) {
    let Some(mark) = node.children().first().filter(|_| node.name() == "mrow").and_then(mark_of) else {
        return;
    };
    let Some(children) = node.children_mut() else { return };
    children.remove(0);
    let inner = std::mem::take(children);
    let class = |class: &str| Node::new(&format!("mrow class=\"{class}\""), inner.clone());
    *node = match mark {
        Mark::Boxed => class("boxed"),
        Mark::Cancel => class("cancel"),
        Mark::BackCancel => class("cancel-back"),
        Mark::CrossCancel => class("cancel-cross"),
        Mark::Phantom => Node::new("mphantom", inner),
        Mark::HorizontalPhantom => {
            Node::new("mpadded height=\"0\" depth=\"0\"", vec![Node::new("mphantom", inner)])
        }
        Mark::VerticalPhantom => Node::new("mpadded width=\"0\"", vec![Node::new("mphantom", inner)]),
        Mark::Smash => Node::new("mpadded height=\"0\" depth=\"0\"", inner),
        Mark::LapRight => Node::new("mpadded width=\"0\"", inner),
        Mark::LapLeft => Node::new("mpadded width=\"0\"", vec![class("lap-left")]),
        Mark::LapBoth => Node::new("mpadded width=\"0\"", vec![class("lap-both")]),
        Mark::Script => {
            let mut inner = inner;
            inner.iter_mut().for_each(script);
            Node::new("mrow", inner)
        }
        Mark::Relation => spaced("0.2778em", inner),
        Mark::Binary => spaced("0.2222em", inner),
        // Operators within have their own space.
        Mark::Operator if inner.iter().any(|node| node.has("mo")) => Node::new("mrow", inner),
        Mark::Operator => spaced("0.1667em", inner),
        Mark::Middle | Mark::Intertext | Mark::LineBelow | Mark::DashesBelow => Node::new("mrow", inner),
    };
}

/// A group with space on both sides, unless it is one sign that has its own; signs within have none.
fn spaced(width: &str, mut inner: Vec<Node>) -> Node {
    fn sign(node: &Node) -> bool {
        match node.name() {
            "mo" => true,
            "mrow" | "munder" | "mover" | "munderover" | "msub" | "msup" | "msubsup" => {
                let single = node.name() != "mrow" || node.children().len() == 1;
                single && node.children().first().is_some_and(sign)
            }
            _ => false,
        }
    }
    fn tight(node: &mut Node) {
        if node.name() == "mo" {
            let missing = ["lspace", "rspace"].into_iter().filter(|side| !node.tag().contains(side));
            let space: String = missing.map(|side| format!(" {side}=\"0em\"")).collect();
            let tag = format!("{}{space}", node.tag());
            node.set_tag(&tag);
        } else if let Some(children) = node.children_mut() {
            children.iter_mut().for_each(tight);
        }
    }
    if let [only] = inner.as_slice()
        && sign(only)
    {
        return Node::new("mrow", inner);
    }
    inner.iter_mut().for_each(tight);
    let space = || Node::Text(format!("<mspace width=\"{width}\" />"));
    inner.insert(0, space());
    inner.push(space());
    Node::new("mrow", inner)
}

/// Script capitals as such, and not calligraphic ones: Unicode has one letter for both and tells them apart by a selector.
fn script(node: &mut Node) {
    const ROUNDHAND: char = '\u{fe01}';
    if let Some(letter) = node.text().filter(|_| node.name() == "mi") {
        let code = letter.chars().next().map_or(0, u32::from);
        let capital = (0x1d49c..=0x1d4b5).contains(&code) || "ℬℰℱℋℐℒℳℛ".contains(letter);
        if capital && !letter.is_empty() {
            let text = format!("{letter}{ROUNDHAND}");
            node.set_text(&text);
        }
    }
    if let Some(children) = node.children_mut() {
        children.iter_mut().for_each(script);
    }
}
