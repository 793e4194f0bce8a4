//! Running text.

use std::fmt::Write as _;

use super::text::{label, push_text, string};
use super::tree::{Element, Node};
use super::{Writer, math};

impl Writer<'_> {
    /// Running text. A citation of several works is one.
    pub(super) fn inlines(&mut self, nodes: &[Node]) {
        let mut at = 0;
        while at < nodes.len() {
            if let Some(taken) = self.citation(&nodes[at..]) {
                at += taken;
                continue;
            }
            match &nodes[at] {
                Node::Text(text) => push_text(&mut self.out, text),
                Node::Element(element) => self.inline(element),
            }
            at += 1;
        }
    }

    fn inline(&mut self, element: &Element) {
        match element.name.as_str() {
            "em" | "i" | "cite" => self.around("emph", element),
            "strong" | "b" => self.around("strong", element),
            "del" => self.around("strike", element),
            "sup" if element.elements().any(|one| one.is("footnote")) => self.note(element),
            "sup" => self.around("super", element),
            "sub" => self.around("sub", element),
            "code" => {
                let _ = write!(self.out, "#raw({});", string(&element.words()));
            }
            "math" => self.formula(element, None),
            "br" => self.out.push_str(" #linebreak() "),
            "a" => self.link(element),
            "img" => self.picture(element),
            "video" | "audio" => self.block(element),
            "span" if element.is("failed") => {
                self.problem(format!("the text has no result where it says “{}”", element.words()));
            }
            _ => self.inlines(&element.children),
        }
    }

    fn around(&mut self, function: &str, element: &Element) {
        let _ = write!(self.out, "#{function}[");
        self.inlines(&element.children);
        self.out.push_str("];");
    }

    /// A formula with its TeX as its alternative text; a block with what names it, if it has a number.
    pub(super) fn formula(&mut self, element: &Element, number: Option<&str>) {
        let tex = math::source(element);
        let body = match math::formula(element) {
            Ok(body) => body,
            Err(what) => {
                self.problem(format!("the formula `{tex}` has `{what}`, which Typst has no word for"));
                string(&tex)
            }
        };
        let alt = string(&tex);
        let _ = match (element.attribute("display"), number) {
            ("block", Some(number)) => write!(
                self.out,
                "#math.equation(block: true, alt: {alt}, numbering: _ => {}, $ {body} $)",
                string(number)
            ),
            ("block", None) => write!(self.out, "#math.equation(block: true, alt: {alt}, $ {body} $)"),
            _ => write!(self.out, "#math.equation(alt: {alt}, ${body}$);"),
        };
    }

    /// A note where the text refers to it. What refers again points at the note.
    fn note(&mut self, element: &Element) {
        let Some(link) = element.find(&|one| one.is("footnote")) else { return };
        let id = link.attribute("href").trim_start_matches('#').to_owned();
        let name = label(&id);
        let Some(note) = self.notes.remove(id.as_str()) else {
            let _ = write!(self.out, "#footnote(<{name}>);");
            return;
        };
        self.out.push_str("#footnote[");
        let paragraphs: Vec<&Element> = note.elements().filter(|one| one.name != "a").collect();
        for (index, paragraph) in paragraphs.iter().enumerate() {
            if index > 0 {
                self.out.push_str("#parbreak();");
            }
            match paragraph.name.as_str() {
                "p" => self.inlines(&paragraph.children),
                _ => self.block(paragraph),
            }
        }
        self.out.truncate(self.out.trim_end().len());
        let _ = write!(self.out, "] <{name}>");
    }

    fn link(&mut self, element: &Element) {
        let to = element.attribute("href");
        if element.is("back") {
            return;
        }
        let place = to.strip_prefix('#').map(label);
        match place {
            Some(place) if element.is("reference") && self.is_counted(&place) => {
                let _ = write!(self.out, "#ref(<{place}>);");
            }
            Some(place) if self.labels.contains(&place) => self.linked(&format!("<{place}>"), element),
            Some(_) => self.inlines(&element.children),
            None => match super::address(self.around, to).filter(|_| !element.is("term")) {
                Some(address) => self.linked(&string(&address), element),
                None => self.inlines(&element.children),
            },
        }
    }

    fn linked(&mut self, to: &str, element: &Element) {
        let _ = write!(self.out, "#link({to})[");
        self.inlines(&element.children);
        self.out.push_str("];");
    }

    /// Whether a place is a figure or table, which Typst counts as the page does.
    fn is_counted(&self, place: &str) -> bool {
        (place.starts_with("fig-") || place.starts_with("tab-")) && self.labels.contains(place)
    }

    /// A citation that begins here, and how many nodes it takes: `(A 2001; B 2002)` with its brackets, or `A (2001)`.
    fn citation(&mut self, nodes: &[Node]) -> Option<usize> {
        if let Node::Element(one) = &nodes[0]
            && let Some(key) = cited(one)
        {
            // With brackets of its own it is part of the sentence.
            let form = if one.words().contains(['(', '[']) { "prose" } else { "normal" };
            self.cite(&key, form);
            return Some(1);
        }
        let (Node::Text(before), Some(Node::Element(first))) = (&nodes[0], nodes.get(1)) else { return None };
        let open = before.strip_suffix(['(', '['])?;
        let mut keys = vec![cited(first)?];
        let mut at = 2;
        while let (Some(Node::Text(between)), Some(Node::Element(next))) = (nodes.get(at), nodes.get(at + 1))
            && matches!(between.trim(), ";" | "," | "\u{202f};")
            && let Some(key) = cited(next)
        {
            keys.push(key);
            at += 2;
        }
        let Some(Node::Text(after)) = nodes.get(at) else { return None };
        let after = after.strip_prefix([')', ']'])?;
        push_text(&mut self.out, open);
        keys.iter().for_each(|key| self.cite(key, "normal"));
        push_text(&mut self.out, after);
        Some(at + 1)
    }

    fn cite(&mut self, key: &str, form: &str) {
        self.page.cites = true;
        let form = if form == "normal" { String::new() } else { format!(", form: {}", string(form)) };
        let _ = write!(self.out, "#cite(label({}){form});", string(key));
    }
}

/// The work that a link cites.
fn cited(element: &Element) -> Option<String> {
    let key = element.attribute("href").strip_prefix("#ref-")?;
    element.is("citation").then(|| key.to_owned())
}
