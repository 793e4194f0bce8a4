//! YAML as a tree of texts. Nothing becomes a number: version 1.10 is not 1.1.

use saphyr_parser::{Event, Parser};

/// So deep a file may go: who writes more means harm.
const DEPTH: usize = 64;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Scalar(String),
    List(Vec<Node>),
    /// Keys that are no text are left out.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The keys of a map with their values; nothing for what is none.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Node)> {
        let entries: &[_] = if let Self::Map(entries) = self { entries } else { &[] };
        entries.iter().map(|(key, node)| (key.as_str(), node))
    }
}

/// The first document of a text.
///
/// # Errors
/// What is wrong, and at which byte.
pub(super) fn tree(text: &str) -> Result<Node, (String, usize)> {
    let mut open: Vec<(Node, Option<String>)> = Vec::new();
    let byte = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| (error.info().to_owned(), byte(error.marker().index())))?;
        let done = match event {
            Event::Scalar(value, ..) => Node::Scalar(value.into_owned()),
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == DEPTH => {
                return Err((format!("it is nested more than {DEPTH} deep"), byte(span.start.index())));
            }
            Event::SequenceStart(..) => {
                open.push((Node::List(Vec::new()), None));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((Node::Map(Vec::new()), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some((node, _)) => node,
                None => continue,
            },
            Event::Alias(_) => {
                let message = "it refers to another place by `*`, which is not read here".to_owned();
                return Err((message, byte(span.start.index())));
            }
            _ => continue,
        };
        match open.last_mut() {
            None => return Ok(done),
            Some(parent) => add(parent, done),
        }
    }
    Ok(Node::Map(Vec::new()))
}

/// Adds a value to a list, or to a map a key and then its value.
fn add((parent, key): &mut (Node, Option<String>), done: Node) {
    match parent {
        Node::List(items) => items.push(done),
        Node::Map(entries) => match (key.take(), done) {
            (Some(name), value) => entries.push((name, value)),
            (None, Node::Scalar(name)) => *key = Some(name),
            // Its value would be taken for a key.
            (None, _) => *key = Some(String::new()),
        },
        Node::Scalar(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Scalar(text.to_owned())
    }

    #[test]
    fn maps_lists_and_texts() {
        let found = tree("a: 1.10\nb: [x, {c: 'd'}]\n? [odd]\n: lost\ne: >-\n  two\n  lines\n").unwrap();
        let expected = [
            ("a", text("1.10")),
            ("b", Node::List(vec![text("x"), Node::Map(vec![("c".to_owned(), text("d"))])])),
            ("", text("lost")),
            ("e", text("two lines")),
        ];
        assert_eq!(found.entries().collect::<Vec<_>>(), expected.each_ref().map(|(key, node)| (*key, node)));
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        assert_eq!(tree("é: [\n").unwrap_err().1, 6);
        let nested = |depth: usize| tree(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        assert!(nested(64).is_ok());
        let (message, at) = nested(65).unwrap_err();
        assert_eq!((message.as_str(), at), ("it is nested more than 64 deep", 64));
        // However deep, it ends.
        assert!(nested(100_000).is_err());
        assert!(tree("a: &x 1\nb: *x\n").unwrap_err().0.contains('*'));
        assert_eq!(tree(""), Ok(Node::Map(Vec::new())));
    }
}
