//! MathML as a tree, so that what the converter wrote can be mended element by element.

/// An element, a text, or an element without an end tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Element {
        /// What stands in its first tag, as it was written.
        tag: String,
        children: Vec<Node>,
    },
    /// Escaped text, or an empty element as it was written.
    Text(String),
}

impl Node {
    /// An element.
    pub(super) fn new(tag: &str, children: Vec<Self>) -> Self {
        Self::Element { tag: tag.to_owned(), children }
    }

    /// An element of one text.
    pub(super) fn leaf(tag: &str, text: &str) -> Self {
        Self::new(tag, vec![Self::Text(text.to_owned())])
    }

    /// The name of the element, empty for a text.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Element { tag, .. } => {
                let end = tag.bytes().position(|byte| byte == b' ');
                end.map_or(tag, |end| &tag[..end])
            }
            Self::Text(_) => "",
        }
    }

    pub(super) fn tag(&self) -> &str {
        match self {
            Self::Element { tag, .. } => tag,
            Self::Text(_) => "",
        }
    }

    pub(super) fn set_tag(&mut self, new: &str) {
        if let Self::Element { tag, .. } = self {
            new.clone_into(tag);
        }
    }

    pub(super) fn children(&self) -> &[Self] {
        match self {
            Self::Element { children, .. } => children,
            Self::Text(_) => &[],
        }
    }

    pub(super) fn children_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Element { children, .. } => Some(children),
            Self::Text(_) => None,
        }
    }

    /// The text of an element that has nothing but one text.
    pub(super) fn text(&self) -> Option<&str> {
        match self.children() {
            [Self::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether this is such an element with such a text.
    pub(super) fn is(&self, name: &str, text: &str) -> bool {
        self.name() == name && self.text() == Some(text)
    }

    /// Whether this, or anything in it, is such an element.
    pub(super) fn has(&self, name: &str) -> bool {
        self.name() == name || self.children().iter().any(|child| child.has(name))
    }

    pub(super) fn set_text(&mut self, new: &str) {
        if let Self::Element { children, .. } = self {
            *children = vec![Self::Text(new.to_owned())];
        }
    }

    /// Reads well-formed markup.
    pub(super) fn parse(xml: &str) -> Vec<Self> {
        let mut open: Vec<(String, Vec<Self>)> = vec![(String::new(), Vec::new())];
        let mut rest = xml;
        while let Some(start) = rest.find('<') {
            let (text, after) = rest.split_at(start);
            let (tag, after) = after[1..].split_once('>').unwrap_or((&after[1..], ""));
            rest = after;
            if let Some((_, children)) = open.last_mut() {
                if !text.is_empty() {
                    children.push(Self::Text(text.to_owned()));
                }
                if tag.ends_with('/') {
                    children.push(Self::Text(format!("<{tag}>")));
                    continue;
                }
            }
            if !tag.starts_with('/') {
                open.push((tag.to_owned(), Vec::new()));
            } else if open.len() > 1
                && let Some((tag, children)) = open.pop()
                && let Some((_, parent)) = open.last_mut()
            {
                parent.push(Self::Element { tag, children });
            }
        }
        let mut all = Vec::new();
        // What is not closed is left to the check that follows.
        for (tag, children) in open {
            all.extend(children);
            if !tag.is_empty() {
                all.push(Self::Text(format!("<{tag}>")));
            }
        }
        all
    }

    /// Writes it.
    pub(super) fn write(&self, xml: &mut String) {
        match self {
            Self::Text(text) => xml.push_str(text),
            Self::Element { tag, children } => {
                xml.push('<');
                xml.push_str(tag);
                xml.push('>');
                children.iter().for_each(|child| child.write(xml));
                xml.push_str("</");
                xml.push_str(self.name());
                xml.push('>');
            }
        }
    }
}
