//! Markup, SVG above all: whether it can run a script or load something.
//!
//! This reads XML strictly and knows less of it than browsers do. Whatever it does not understand counts as active.

use super::style;

/// Elements that run scripts, hold pages, or load files, in whatever namespace.
const ELEMENTS: &[&str] = &[
    "script",
    "foreignobject",
    "handler",
    "listener",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "html",
    "body",
    "form",
    "meta",
    "link",
    "base",
    "import",
    "animation",
    "stylesheet",
];

/// Parts of the names of namespaces whose elements do more than to be drawn: HTML, XSLT, XBL, XUL, events.
const NAMESPACES: &[&str] = &["xhtml", "xsl", "xbl", "gatekeeper", "xml-events"];

/// Schemes that a link may have.
const SCHEMES: &[&str] = &["http:", "https:", "mailto:", "tel:"];

/// Encodings in which `<` is what it looks like.
const ENCODINGS: &[&str] = &["utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1"];

/// Looks through a whole file.
///
/// # Errors
/// What makes it active.
pub(super) fn look(bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    let mut scan =
        Scan { rest: text.strip_prefix('\u{feff}').unwrap_or(text), open: Vec::new(), style: None };
    while let Some(at) = scan.rest.find('<') {
        let (before, rest) = scan.rest.split_at(at);
        if let Some((_, style)) = &mut scan.style {
            style.push_str(&decode(before)?);
        }
        scan.rest = &rest[1..];
        scan.markup()?;
    }
    if scan.open.is_empty() { Ok(()) } else { Err(malformed()) }
}

/// What is left of the text, and where it stands.
struct Scan<'a> {
    rest: &'a str,
    /// Elements that are open.
    open: Vec<&'a str>,
    /// The style element that is open: how many elements were open with it, and its text.
    style: Option<(usize, String)>,
}

impl<'a> Scan<'a> {
    /// What comes after `<`.
    fn markup(&mut self) -> Result<(), String> {
        if self.take("!--") {
            return self.until("-->").map(drop);
        }
        if self.take("![CDATA[") {
            let text = self.until("]]>")?;
            self.style.iter_mut().for_each(|(_, style)| style.push_str(text));
            return Ok(());
        }
        if self.take("!DOCTYPE") {
            return self.doctype();
        }
        if self.take("?") {
            return instruction(self.until("?>")?);
        }
        if self.take("/") {
            let name = self.until(">")?.trim_end();
            return if self.open.pop() == Some(name) { self.close() } else { Err(malformed()) };
        }
        self.element()
    }

    fn take(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, end: &str) -> Result<&'a str, String> {
        let (text, rest) = self.rest.split_once(end).ok_or_else(malformed)?;
        self.rest = rest;
        Ok(text)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    /// A document type may name a definition elsewhere, which browsers do not load; one of its own may define anything.
    fn doctype(&mut self) -> Result<(), String> {
        loop {
            let at = self.rest.find(['>', '[', '"', '\'']).ok_or_else(malformed)?;
            let found = &self.rest[at..=at];
            self.rest = &self.rest[at + 1..];
            match found {
                ">" => return Ok(()),
                "[" => return Err("has a document type that defines entities".to_owned()),
                quote => drop(self.until(quote)?),
            }
        }
    }

    fn element(&mut self) -> Result<(), String> {
        let name = self.name()?;
        let own = local(name);
        if ELEMENTS.contains(&own.as_str()) {
            return Err(format!("has an element `{name}`"));
        }
        loop {
            self.skip_space();
            if self.take("/>") {
                return Ok(());
            }
            if self.take(">") {
                self.open.push(name);
                if own == "style" {
                    self.style.get_or_insert((self.open.len(), String::new()));
                }
                return Ok(());
            }
            self.attribute(&own)?;
        }
    }

    /// The end of an element: a style is looked at as a whole, however it was cut into pieces.
    fn close(&mut self) -> Result<(), String> {
        let closed = self.style.take_if(|(depth, _)| self.open.len() < *depth);
        closed.map_or(Ok(()), |(_, style)| style::look(&style))
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let end =
            self.rest.find([' ', '\t', '\r', '\n', '/', '>', '=', '<', '"', '\'']).ok_or_else(malformed)?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let good = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':')
            && !name.contains(|c: char| c.is_control() || c.is_whitespace());
        if good { Ok(name) } else { Err(malformed()) }
    }

    fn attribute(&mut self, element: &str) -> Result<(), String> {
        let name = self.name()?;
        self.skip_space();
        if !self.take("=") {
            return Err(malformed());
        }
        self.skip_space();
        let quote = if self.take("\"") { "\"" } else { "'" };
        if quote == "'" && !self.take("'") {
            return Err(malformed());
        }
        let value = self.until(quote)?;
        if value.contains('<') {
            return Err(malformed());
        }
        attribute(element, name, &decode(value)?)
    }
}

/// `<?xml ...?>` names the encoding; a style sheet may be a program; others are for nobody.
fn instruction(text: &str) -> Result<(), String> {
    let target = text.split([' ', '\t', '\r', '\n']).next().unwrap_or_default().to_ascii_lowercase();
    if target != "xml" {
        return match target.starts_with("xml") {
            true => Err(format!("has an instruction `{target}`")),
            false => Ok(()),
        };
    }
    let Some((_, encoding)) = text.split_once("encoding") else { return Ok(()) };
    let encoding = encoding.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
    let encoding = encoding.split(['"', '\'']).next().unwrap_or_default().to_ascii_lowercase();
    if ENCODINGS.contains(&encoding.as_str()) { Ok(()) } else { Err("is not UTF-8 text".to_owned()) }
}

/// An attribute of an element, with its value.
fn attribute(element: &str, name: &str, value: &str) -> Result<(), String> {
    let own = local(name);
    let squeezed = squeezed(value);
    if own.starts_with("on") {
        return Err(format!("has an attribute `{name}`"));
    }
    if name == "xmlns" || name.starts_with("xmlns:") {
        let bad = NAMESPACES.iter().any(|part| squeezed.contains(part));
        return if bad { Err(format!("has elements of `{value}`")) } else { Ok(()) };
    }
    if ["javascript:", "vbscript:"].iter().any(|scheme| squeezed.contains(scheme)) {
        return Err("has a link to a script".to_owned());
    }
    match own.as_str() {
        "href" | "src" if element == "a" => link(&squeezed),
        "href" | "src" if squeezed.starts_with('#') || is_passive_data(&squeezed) => Ok(()),
        "href" | "src" => Err(format!("loads another file (`{name}` of `{element}`)")),
        "base" => Err(format!("has an attribute `{name}`")),
        // An animation may put an address or a script where there was none.
        "attributename" if squeezed.starts_with("on") || squeezed.ends_with("href") => {
            Err(format!("has an animation of `{value}`"))
        }
        "style" => style::look(value),
        _ if squeezed.contains("url(") || (squeezed.contains('\\') && !name.contains(':')) => {
            style::look(value)
        }
        _ => Ok(()),
    }
}

/// Where a link leads that a reader follows.
fn link(address: &str) -> Result<(), String> {
    let scheme = address.find([':', '/', '?', '#']).filter(|at| address[*at..].starts_with(':'));
    match scheme {
        Some(at) if !SCHEMES.contains(&&address[..=at]) => {
            Err("has a link with an unusual scheme".to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether this is a picture or font in itself. SVG is not: it may hold anything.
pub(super) fn is_passive_data(address: &str) -> bool {
    const PICTURES: &[&str] = &["png", "jpeg", "jpg", "gif", "webp", "avif", "bmp"];
    let Some(kind) = address.strip_prefix("data:") else { return false };
    let kind = kind.split([';', ',']).next().unwrap_or_default();
    let picture = kind.strip_prefix("image/").is_some_and(|kind| PICTURES.contains(&kind));
    picture || ["font/", "application/font", "application/x-font"].iter().any(|font| kind.starts_with(font))
}

/// A text in lower case without spaces and control characters, which browsers skip in addresses.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>().to_lowercase()
}

/// The part of a name after its prefix, in lower case.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_lowercase()
}

/// A text with its references replaced.
fn decode(text: &str) -> Result<String, String> {
    let mut parts = text.split('&');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').ok_or_else(malformed)?;
        decoded.push(reference(name).ok_or_else(|| format!("has an unknown entity `{name}`"))?);
        decoded.push_str(rest);
    }
    Ok(decoded)
}

fn reference(name: &str) -> Option<char> {
    let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix("#x") {
            Some(digits) => code(digits, 16),
            None => code(name.strip_prefix('#')?, 10),
        },
    }
}

fn malformed() -> String {
    "is no XML that can be looked through".to_owned()
}
