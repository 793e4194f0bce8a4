//! A strict reader of markup: every element closes, every attribute is quoted, every `<` and `&` means what it says.

/// A tag or a text.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    Open { name: String, attributes: Vec<(String, String)> },
    Close(String),
    Text(String),
}

/// HTML elements without an end.
const VOID: &[&str] = &["img", "br", "hr"];

/// Reads markup.
pub(crate) fn read(markup: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        push_text(&rest[..at], &mut pieces)?;
        let end = rest.find('>').ok_or("a tag without end")?;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(format!("</{name}> closes nothing, in {open:?} of {markup}"));
            }
            pieces.push(Piece::Close(name.to_owned()));
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = read_tag(tag)?;
        if !empty && !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        pieces.push(Piece::Open { name, attributes });
    }
    push_text(rest, &mut pieces)?;
    if open.is_empty() { Ok(pieces) } else { Err(format!("{open:?} never close")) }
}

fn push_text(text: &str, pieces: &mut Vec<Piece>) -> Result<(), String> {
    if text.contains('>') {
        return Err(format!("a loose > in {text:?}"));
    }
    pieces.push(Piece::Text(decode(text)?));
    Ok(())
}

fn read_tag(tag: &str) -> Result<(String, Vec<(String, String)>), String> {
    let end = tag.find(' ').unwrap_or(tag.len());
    let name = tag[..end].to_owned();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        return Err(format!("{name:?} is no element"));
    }
    let mut attributes: Vec<(String, String)> = Vec::new();
    let mut rest = tag[end..].trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").ok_or_else(|| format!("no value in {tag:?}"))?;
        let (value, after) = after.split_once('"').ok_or_else(|| format!("no end of a value in {tag:?}"))?;
        if !name.chars().all(|c| c.is_ascii_lowercase() || c == '-') || value.contains('<') {
            return Err(format!("attribute {name:?}={value:?}"));
        }
        if !after.is_empty() && !after.starts_with(' ') || attributes.iter().any(|(known, _)| known == name) {
            return Err(format!("attributes of {tag:?}"));
        }
        attributes.push((name.to_owned(), decode(value)?));
        rest = after.trim_start();
    }
    Ok((name, attributes))
}

/// Text with its entities resolved.
pub(crate) fn decode(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let (entity, after) =
            rest[at + 1..].split_once(';').ok_or_else(|| format!("a loose & in {text:?}"))?;
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            _ => return Err(format!("entity &{entity};")),
        });
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// All text, but for the sources of formulas.
pub(crate) fn text(pieces: &[Piece]) -> String {
    let mut out = String::new();
    let mut annotation = false;
    for piece in pieces {
        match piece {
            Piece::Open { name, .. } if name == "annotation" => annotation = true,
            Piece::Close(name) if name == "annotation" => annotation = false,
            Piece::Text(text) if !annotation => out.push_str(text),
            _ => {}
        }
    }
    out
}
