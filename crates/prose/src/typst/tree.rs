//! A page's HTML as a tree. It is read as Octavo writes it: every element is closed, or is one that has no end.

/// Elements without an end.
const VOID: &[&str] = &["br", "hr", "img", "input", "col", "link", "meta", "source", "wbr"];

/// A piece of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    Element(Element),
}

/// An element with what is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
}

impl Element {
    /// The text of an attribute; empty if it is not there.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether it is of a class.
    pub(super) fn is(&self, class: &str) -> bool {
        self.attribute("class").split_whitespace().any(|own| own == class)
    }

    /// The elements right in it.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element anywhere in it that is wanted.
    pub(super) fn find(&self, wanted: &dyn Fn(&Self) -> bool) -> Option<&Self> {
        self.elements().find_map(|one| if wanted(one) { Some(one) } else { one.find(wanted) })
    }

    /// All elements anywhere in it that are wanted, without looking into these.
    pub(super) fn all<'a>(&'a self, wanted: &dyn Fn(&Self) -> bool, found: &mut Vec<&'a Self>) {
        for one in self.elements() {
            if wanted(one) {
                found.push(one);
            } else {
                one.all(wanted, found);
            }
        }
    }

    /// Its text without markup.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        push_words(&self.children, &mut words);
        words
    }
}

fn push_words(nodes: &[Node], words: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => words.push_str(text),
            Node::Element(element) => push_words(&element.children, words),
        }
    }
}

/// Reads a page, as an element without a name that has all of it.
pub(super) fn read(html: &str) -> Element {
    let mut open = vec![Element::default()];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&mut open, &rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!") {
            let end = if comment.starts_with("--") { "-->" } else { ">" };
            rest = comment.split_once(end).map_or("", |(_, after)| after);
        } else if let Some(tag) = rest.strip_prefix("</") {
            let (name, after) = tag.split_once('>').unwrap_or((tag, ""));
            close(&mut open, name.trim());
            rest = after;
        } else {
            rest = opened(&mut open, &rest[1..]);
        }
    }
    push_text(&mut open, rest);
    while open.len() > 1 {
        shut(&mut open);
    }
    open.pop().unwrap_or_default()
}

/// Reads a tag behind its `<`, and gives what follows it. Scripts and styles are no text.
fn opened<'a>(open: &mut Vec<Element>, tag: &'a str) -> &'a str {
    let end = tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(end);
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            push(open, Node::Element(element));
            return after;
        }
        if let Some(after) = rest.strip_prefix('>') {
            if VOID.contains(&name) {
                push(open, Node::Element(element));
            } else if matches!(name, "script" | "style") {
                return after.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
            } else {
                open.push(element);
            }
            return after;
        }
        if rest.is_empty() {
            return rest;
        }
        rest = attribute(&mut element, rest);
    }
}

/// Reads an attribute and gives what follows it.
fn attribute<'a>(element: &mut Element, text: &'a str) -> &'a str {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end.max(1).min(text.len()));
    let (value, after) = match rest.strip_prefix("=\"") {
        Some(value) => value.split_once('"').unwrap_or((value, "")),
        None => ("", rest.strip_prefix('=').unwrap_or(rest)),
    };
    element.attributes.push((name.to_owned(), plain(value)));
    after
}

fn push(open: &mut [Element], node: Node) {
    if let Some(last) = open.last_mut() {
        last.children.push(node);
    }
}

fn push_text(open: &mut [Element], text: &str) {
    if !text.is_empty() {
        push(open, Node::Text(plain(text)));
    }
}

/// Ends the innermost element.
fn shut(open: &mut Vec<Element>) {
    if let Some(element) = open.pop() {
        push(open, Node::Element(element));
    }
}

/// Ends the innermost element with this name, and what is open in it.
fn close(open: &mut Vec<Element>, name: &str) {
    let Some(at) = open.iter().skip(1).rposition(|element| element.name == name) else { return };
    while open.len() > at + 1 {
        shut(open);
    }
}

/// A text without the entities of HTML.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').map(|end| &rest[1..end]).filter(|name| name.len() < 9);
        let known = entity.and_then(|name| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "nbsp" => Some('\u{a0}'),
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (known, entity) {
            (Some(c), Some(name)) => {
                out.push(c);
                rest = &rest[name.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_is_written() {
        let page = read(
            "<!doctype html><p class=\"a b\" hidden>x &lt; <em>y</em><br>&#233;</p><svg><path d=\"M0 0\"/></svg>",
        );
        let names: Vec<&str> = page.elements().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["p", "svg"]);
        let paragraph = page.elements().next().unwrap();
        assert!(paragraph.is("b") && !paragraph.is("c"));
        assert_eq!(paragraph.words(), "x < yé");
        assert_eq!(page.find(&|one| one.name == "path").unwrap().attribute("d"), "M0 0");
    }

    #[test]
    fn what_is_never_closed_ends_with_the_page() {
        for html in ["<p><em>x", "<p", "<p a=\"", "</p>x", "<", "<p>&", "<!--", "<script>x"] {
            let _ = read(html);
        }
        assert_eq!(read("<ul><li>a<p>b</ul>c").words(), "abc");
    }
}
