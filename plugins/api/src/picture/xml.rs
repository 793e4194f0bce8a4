//! The part of XML that pictures are written in: elements, attributes, texts. There are no entities of one's own, so that nothing can grow by itself.

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// `<name a="b">`; `empty` if it ends at once.
    Open { name: &'a str, attributes: Vec<(&'a str, String)>, empty: bool },
    /// `</name>`
    Close(&'a str),
    /// Characters between.
    Text(String),
}

/// Most attributes of an element.
const MOST_ATTRIBUTES: usize = 200;

/// Reads a document piece by piece.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0 }
    }

    /// The line at which it is, from 1.
    pub(super) fn line(&self) -> usize {
        self.text[..self.at].matches('\n').count() + 1
    }

    /// The place in bytes at which it is.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The number of lines that end between two places.
    pub(super) fn lines_between(&self, from: usize, to: usize) -> usize {
        self.text[from..to].matches('\n').count()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next piece; nothing at the end.
    ///
    /// # Errors
    /// What is not well-formed or not understood.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, String> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return Ok(None);
            }
            if rest.starts_with("<!--") {
                self.skip_past("<!--", "-->")?;
            } else if rest.starts_with("<![CDATA[") {
                let inner = self.skip_past("<![CDATA[", "]]>")?;
                return Ok(Some(Event::Text(checked(inner.to_owned())?)));
            } else if rest.starts_with("<!DOCTYPE") {
                self.doctype()?;
            } else if rest.starts_with("<?xml") && self.at == 0 && !rest.starts_with("<?xml-") {
                self.skip_past("<?xml", "?>")?;
            } else if rest.starts_with("<?") {
                return Err("an instruction `<?...?>` may not stand in a picture: leave it out".to_owned());
            } else if rest.starts_with("</") {
                let inner = self.skip_past("</", ">")?;
                return Ok(Some(Event::Close(inner.trim_end())));
            } else if rest.starts_with('<') {
                return self.open().map(Some);
            } else {
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Ok(Some(Event::Text(unescaped(&rest[..end])?)));
            }
        }
    }

    /// What stands between two marks, of which the first is here.
    fn skip_past(&mut self, begin: &str, end: &str) -> Result<&'a str, String> {
        let rest = &self.rest()[begin.len()..];
        let length = rest.find(end).ok_or_else(|| format!("`{begin}` has no end `{end}`"))?;
        self.at += begin.len() + length + end.len();
        Ok(&rest[..length])
    }

    /// A document type says nothing that is needed. One with definitions of its own could say much.
    fn doctype(&mut self) -> Result<(), String> {
        let inner = self.skip_past("<!DOCTYPE", ">")?;
        if inner.contains('[') || inner.contains("<!") {
            return Err("it defines entities or a document type of its own: save it without".to_owned());
        }
        Ok(())
    }

    fn open(&mut self) -> Result<Event<'a>, String> {
        self.at += 1;
        let name = self.name()?;
        let mut attributes: Vec<(&str, String)> = Vec::new();
        loop {
            let before = self.at;
            self.skip_blanks();
            let rest = self.rest();
            if rest.starts_with("/>") {
                self.at += 2;
                return Ok(Event::Open { name, attributes, empty: true });
            }
            if rest.starts_with('>') {
                self.at += 1;
                return Ok(Event::Open { name, attributes, empty: false });
            }
            if before == self.at {
                return Err(format!("the element `{name}` is not well-formed"));
            }
            let (key, value) = self.attribute(name)?;
            if attributes.iter().any(|(other, _)| *other == key) || attributes.len() == MOST_ATTRIBUTES {
                return Err(format!("the element `{name}` has `{key}` twice, or too many attributes"));
            }
            attributes.push((key, value));
        }
    }

    fn attribute(&mut self, element: &str) -> Result<(&'a str, String), String> {
        let key = self.name()?;
        self.skip_blanks();
        let wrong = || format!("`{key}` of the element `{element}` has no value in quotation marks");
        self.at += usize::from(self.rest().starts_with('='));
        self.skip_blanks();
        let rest = self.rest();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or_else(wrong)?;
        let inner = &rest[1..];
        let length = inner.find(quote).ok_or_else(wrong)?;
        let value = &inner[..length];
        if value.contains('<') {
            return Err(wrong());
        }
        self.at += length + 2;
        Ok((key, unescaped(value)?))
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let rest = self.rest();
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-' | '.');
        let end = rest.find(|c: char| !inner(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || end > 100 {
            return Err("a name of an element or attribute is not well-formed".to_owned());
        }
        self.at += end;
        Ok(name)
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }
}

/// A text with the five marks of XML and numbers of characters resolved.
fn unescaped(text: &str) -> Result<String, String> {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (mark, rest) = part.split_once(';').ok_or("a `&` stands alone: write `&amp;`")?;
        let character = match mark {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => mark.strip_prefix('#').and_then(|number| match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok().and_then(char::from_u32),
                None => number.parse().ok().and_then(char::from_u32),
            }),
        };
        let shown: String = mark.chars().take(40).flat_map(char::escape_default).collect();
        plain.push(
            character.ok_or_else(|| format!("the entity `&{shown};` is not known: write its character"))?,
        );
        plain.push_str(rest);
    }
    checked(plain)
}

/// The text, if XML allows all of its characters.
fn checked(text: String) -> Result<String, String> {
    let bad =
        |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(bad) {
        return Err("it holds a control character: leave it out".to_owned());
    }
    Ok(text)
}

/// A text with its markup characters escaped.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    escaped
}
