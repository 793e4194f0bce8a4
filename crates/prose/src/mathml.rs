//! What the TeX converter writes, repaired and verified.
//!
//! The converter writes `<`, `>` and `&` of a formula unescaped, glues two attributes of sized delimiters together and uses
//! an entity that XML does not know; the space before a function with a script it puts inside the script, where it takes the
//! place of the base (`2\log_2 x`). [`repair`] mends these; [`check`]
//! then proves that the result is well-formed and has nothing in it but known elements and attributes, so that no formula can
//! become anything else.

const ELEMENTS: &[&str] = &[
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mphantom",
    "mstyle",
    "mpadded",
];

const ATTRIBUTES: &[&str] = &[
    "display",
    "encoding",
    "mathvariant",
    "stretchy",
    "symmetric",
    "minsize",
    "maxsize",
    "largeop",
    "movablelimits",
    "linethickness",
    "width",
    "height",
    "depth",
    "class",
    "style",
    "displaystyle",
    "scriptlevel",
    "accent",
    "accentunder",
    "form",
    "lspace",
    "rspace",
    "id",
    "columnspan",
];

/// Entities that stay.
const ENTITIES: &[&str] = &["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];

/// Elements with a fixed number of children.
const ARITY: &[(&str, usize)] = &[
    ("mfrac", 2),
    ("mroot", 2),
    ("msub", 2),
    ("msup", 2),
    ("munder", 2),
    ("mover", 2),
    ("msubsup", 3),
    ("munderover", 3),
];

/// The space that the converter puts before a function.
const FUNCTION_SPACE: &str = "<mspace width=\"0.1667em\" />";

/// The converter's output as well-formed XML.
pub(super) fn repair(raw: &str) -> String {
    let mut xml = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['<', '>', '&']) {
        xml.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match rest.as_bytes()[0] {
            b'<' => push_tag(&mut xml, rest),
            b'&' => push_entity(&mut xml, rest),
            _ => {
                xml.push_str("&gt;");
                1
            }
        };
        rest = &rest[taken..];
    }
    xml.push_str(rest);
    xml
}

/// A tag, or the character `<` if none begins here. Returns the number of bytes taken.
fn push_tag(xml: &mut String, rest: &str) -> usize {
    let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_lowercase() || c == '/');
    let Some(end) = rest.find('>').filter(|_| is_tag) else {
        xml.push_str("&lt;");
        return 1;
    };
    let tag = &rest[..=end];
    if tag == FUNCTION_SPACE {
        let at = before_scripts(xml);
        xml.insert_str(at, tag);
        return tag.len();
    }
    let mut inside = false;
    let mut chars = tag.chars().peekable();
    while let Some(c) = chars.next() {
        xml.push(c);
        if c == '"' {
            inside = !inside;
            if !inside && chars.peek().is_some_and(char::is_ascii_alphabetic) {
                xml.push(' ');
            }
        }
    }
    tag.len()
}

/// Where a space can stand that would be the first child of a script: before the elements that have just opened.
fn before_scripts(xml: &str) -> usize {
    let mut end = xml.len();
    while let Some(start) = xml[..end].rfind('<').filter(|_| xml[..end].ends_with('>')) {
        let name = xml[start + 1..end - 1].split(' ').next().unwrap_or_default();
        if !ARITY.iter().any(|(known, _)| *known == name) {
            break;
        }
        end = start;
    }
    end
}

fn push_entity(xml: &mut String, rest: &str) -> usize {
    // The converter's control space, which it escapes once more inside of text.
    if let Some(space) = ["&nbsp;", "&amp;nbsp;"].into_iter().find(|space| rest.starts_with(*space)) {
        xml.push('\u{a0}');
        return space.len();
    }
    if let Some(entity) = ENTITIES.iter().find(|entity| rest.starts_with(**entity)) {
        xml.push_str(entity);
        return entity.len();
    }
    xml.push_str("&amp;");
    1
}

/// Whether this is one well-formed `<math>` element of known elements and attributes.
///
/// # Errors
/// What it is not.
pub(super) fn check(xml: &str) -> Result<(), String> {
    // Names and numbers of children of the elements that are open.
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        check_text(&rest[..at], open.is_empty())?;
        rest = &rest[at + 1..];
        let end = rest.find('>').ok_or("a tag has no end")?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let children = match open.pop() {
                Some((opened, children)) if opened == name => children,
                _ => return Err(format!("`{name}` closes nothing")),
            };
            if ARITY.iter().any(|(known, wanted)| *known == name && *wanted != children) {
                return Err(format!("`{name}` has {children} parts"));
            }
            if open.is_empty() && !rest.is_empty() {
                return Err("something follows the formula".to_owned());
            }
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if !ELEMENTS.contains(&name) || open.is_empty() != (name == "math") {
            return Err(format!("`{name}` is not allowed here"));
        }
        check_attributes(attributes)?;
        if let Some((_, children)) = open.last_mut() {
            *children += 1;
        }
        if !empty {
            open.push((name, 0));
        }
    }
    if open.is_empty() && !xml.is_empty() { Ok(()) } else { Err("an element has no end".to_owned()) }
}

fn check_text(text: &str, outside: bool) -> Result<(), String> {
    if outside && !text.is_empty() {
        return Err("text outside the formula".to_owned());
    }
    if text.contains('>') || text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("a character that is not allowed".to_owned());
    }
    let loose =
        text.match_indices('&').any(|(at, _)| !ENTITIES.iter().any(|name| text[at..].starts_with(name)));
    if loose { Err("an entity that is not known".to_owned()) } else { Ok(()) }
}

fn check_attributes(text: &str) -> Result<(), String> {
    let mut rest = text.trim();
    let mut seen: Vec<&str> = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").ok_or("an attribute has no value")?;
        let (value, after) = after.split_once('"').ok_or("a value has no end")?;
        if !ATTRIBUTES.contains(&name)
            || seen.contains(&name)
            || value.contains(['<', '&', '\\'])
            || value.contains("url")
        {
            return Err(format!("attribute `{name}` is not allowed"));
        }
        if !(after.is_empty() || after.starts_with(' ')) {
            return Err("attributes without a space between them".to_owned());
        }
        seen.push(name);
        rest = after.trim_start();
    }
    Ok(())
}

/// The TeX source of a formula, from its annotation.
pub(super) fn text(mathml: &str) -> String {
    let source = mathml
        .split_once("<annotation encoding=\"application/x-tex\">")
        .and_then(|(_, rest)| rest.split_once("</annotation>"))
        .map_or("", |(source, _)| source);
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(source.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
