//! A document as a tree of bounded size and depth.

use super::xml::{Event, Reader};

/// Deepest nesting of elements.
const DEEPEST: usize = 64;
/// Most elements.
const MOST: usize = 300_000;

/// An element as it was written.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
    /// Where it begins, from 1.
    pub(super) line: usize,
}

/// What stands in an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// An attribute by name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The texts in it.
    pub(super) fn text(&self) -> String {
        self.children
            .iter()
            .filter_map(|node| if let Node::Text(text) = node { Some(text.as_str()) } else { None })
            .collect()
    }
}

/// The root of a document.
///
/// # Errors
/// A sentence with the line, if it is not well-formed, or too deep or large.
pub(super) fn read(text: &str) -> Result<Element, String> {
    let mut reader = Reader::new(text);
    grow(&mut reader).map_err(|message| format!("line {}: {message}", reader.line()))
}

fn grow(reader: &mut Reader<'_>) -> Result<Element, String> {
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut count = 0;
    // Counted from one element to the next: the lines of all of them from the beginning would take the square of the time.
    let (mut line, mut counted) = (1, 0);
    loop {
        let at = reader.at();
        let Some(event) = reader.next()? else { break };
        if root.is_some() && !matches!(&event, Event::Text(text) if text.trim().is_empty()) {
            return Err("something stands after its end".to_owned());
        }
        let closed = match event {
            Event::Text(text) => {
                match open.last_mut() {
                    Some(element) => element.children.push(Node::Text(text)),
                    None if text.trim().is_empty() => {}
                    None => return Err("it does not begin with an element".to_owned()),
                }
                None
            }
            Event::Open { name, attributes, empty } => {
                count += 1;
                if open.len() == DEEPEST || count > MOST {
                    return Err(format!(
                        "it has more than {MOST} elements, or they are nested deeper than {DEEPEST}: draw less, or save it as PNG"
                    ));
                }
                line += reader.lines_between(counted, at);
                counted = at;
                let attributes = attributes.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
                let element = Element { name: name.to_owned(), attributes, children: Vec::new(), line };
                open.push(element);
                if empty { open.pop() } else { None }
            }
            Event::Close(name) => {
                let element = open.pop().filter(|element| element.name == name);
                Some(element.ok_or_else(|| "an element ends that did not begin".to_owned())?)
            }
        };
        if let Some(element) = closed {
            match open.last_mut() {
                Some(parent) => parent.children.push(Node::Element(element)),
                None => root = Some(element),
            }
        }
    }
    root.ok_or_else(|| "it ends before its root element does".to_owned())
}
