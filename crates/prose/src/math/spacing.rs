//! Space around signs: TeX gives a full stop and a slash none, a colon that of a relation, and nothing to relations side by side.

use super::tree::Node;

/// A sign by itself.
pub(super) fn leaf(node: &mut Node) {
    if node.tag() != "mo" {
        return;
    }
    let space = match node.text() {
        Some("." | "/") => "0em",
        // One that is punctuation is written `\colon`.
        Some(":") => "0.2778em",
        // Arrows up and down are as high as they are, but for those behind `\left`.
        Some("↑" | "↓" | "↕" | "⇑" | "⇓" | "⇕") => {
            node.set_tag("mo stretchy=\"false\"");
            return;
        }
        _ => return,
    };
    around(node, space);
}

fn around(node: &mut Node, space: &str) {
    node.set_tag(&format!("mo lspace=\"{space}\" rspace=\"{space}\""));
}

/// A colon in a script has no space: `x_{a:b}`.
pub(super) fn scripts(node: &mut Node) {
    fn tight(node: &mut Node) {
        if node.is("mo", ":") {
            around(node, "0em");
        }
        node.children_mut().into_iter().flatten().for_each(tight);
    }
    if matches!(node.name(), "msub" | "msup" | "msubsup") {
        node.children_mut().into_iter().flatten().skip(1).for_each(tight);
    }
}

/// Two relations with less than no space between them are one sign: `\perp\!\!\!\perp`.
pub(super) fn neighbours(children: &mut [Node]) {
    let narrow = |node: &Node| matches!(node, Node::Text(text) if text.starts_with("<mspace width=\"-"));
    for first in 0..children.len() {
        let spaces = children[first + 1..].iter().take_while(|node| narrow(node)).count();
        let second = first + 1 + spaces;
        if spaces > 0
            && children[first].tag() == "mo"
            && children.get(second).is_some_and(|node| node.name() == "mo")
        {
            let own = children[first].tag().to_owned();
            children[first].set_tag(&format!("{own} rspace=\"0em\""));
            let own = children[second].tag().to_owned();
            if !own.contains("lspace") {
                children[second].set_tag(&format!("{own} lspace=\"0em\""));
            }
        }
    }
}
