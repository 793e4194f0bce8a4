//! The part of CSS that drawings need: properties that paint and set type, and no function that could fetch something.

/// Properties that may stand in `style` and as attributes.
const PROPERTIES: &[&str] = &[
    "alignment-baseline",
    "background",
    "background-color",
    "baseline-shift",
    "clip",
    "clip-path",
    "clip-rule",
    "color",
    "color-interpolation",
    "color-interpolation-filters",
    "color-rendering",
    "direction",
    "display",
    "dominant-baseline",
    "fill",
    "fill-opacity",
    "fill-rule",
    "filter",
    "flood-color",
    "flood-opacity",
    "font",
    "font-family",
    "font-feature-settings",
    "font-kerning",
    "font-size",
    "font-size-adjust",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-variant-caps",
    "font-variant-east-asian",
    "font-variant-ligatures",
    "font-variant-numeric",
    "font-variant-position",
    "font-variation-settings",
    "font-weight",
    "glyph-orientation-vertical",
    "image-rendering",
    "isolation",
    "kerning",
    "letter-spacing",
    "line-height",
    "marker",
    "marker-end",
    "marker-mid",
    "marker-start",
    "mask",
    "mask-type",
    "mix-blend-mode",
    "opacity",
    "overflow",
    "paint-order",
    "pointer-events",
    "shape-padding",
    "shape-rendering",
    "solid-color",
    "solid-opacity",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "text-align",
    "text-anchor",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-style",
    "text-indent",
    "text-orientation",
    "text-rendering",
    "text-transform",
    "transform",
    "transform-box",
    "transform-origin",
    "unicode-bidi",
    "vector-effect",
    "visibility",
    "white-space",
    "word-spacing",
    "writing-mode",
];

/// Properties that mean nothing to a drawing, or to one that stands alone.
const LEFT_OUT: &[&str] = &[
    "cursor",
    "enable-background",
    "margin",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "position",
];

/// Functions that may stand in a value. `url` leads to something in the same file.
const FUNCTIONS: &[&str] = &[
    "hsl",
    "hsla",
    "matrix",
    "rect",
    "rgb",
    "rgba",
    "rotate",
    "rotatex",
    "scale",
    "scalex",
    "scaley",
    "skew",
    "skewx",
    "skewy",
    "translate",
    "translatex",
    "translatey",
    "url",
];

/// Whether this property paints or sets type.
pub(super) fn is_property(name: &str) -> bool {
    PROPERTIES.binary_search(&name).is_ok()
}

/// Holds a value against the functions that may stand in it.
///
/// # Errors
/// What else it asks for.
pub(super) fn check_value(value: &str) -> Result<(), String> {
    if value.contains(['\\', '<', '@', '{', '}']) || value.contains("/*") {
        return Err("a value holds one of `\\ < @ { }` or a comment: leave it out".to_owned());
    }
    let mut rest = value;
    while let Some(at) = rest.find('(') {
        let name_start = rest[..at]
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .map_or(0, |last| last + rest[last..].chars().next().map_or(1, char::len_utf8));
        let name = rest[name_start..at].to_ascii_lowercase();
        if !FUNCTIONS.contains(&name.as_str()) {
            return Err(format!("`{}(...)` may not stand in a picture: leave it out", shown(&name)));
        }
        let inner = &rest[at + 1..];
        if name == "url" && target(inner).is_none() {
            return Err(
                "`url(...)` leads out of the file: what is used must stand in it, as `url(#name)`".to_owned()
            );
        }
        rest = inner;
    }
    Ok(())
}

/// The id in what stands after `url(`.
fn target(inner: &str) -> Option<&str> {
    let (target, _) = inner.split_once(')')?;
    let target = target.trim();
    let bare = ['"', '\''].into_iter().find_map(|quote| target.strip_prefix(quote)?.strip_suffix(quote));
    let id = bare.unwrap_or(target).strip_prefix('#')?;
    is_id(id).then_some(id)
}

/// Whether this can name something in a file.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && !id.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | '#'))
}

/// All ids that a value uses.
pub(super) fn targets(value: &str) -> impl Iterator<Item = &str> {
    value.match_indices('(').filter_map(|(at, _)| target(&value[at + 1..]))
}

/// The declarations of a `style`, as they may stand; those of `left_out` are left out.
///
/// # Errors
/// What may not.
pub(super) fn declarations(style: &str, left_out: &[&str]) -> Result<String, String> {
    let mut kept = Vec::new();
    for declaration in style.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let (name, value) = declaration
            .split_once(':')
            .ok_or_else(|| format!("`{}` is no declaration of a style", shown(declaration)))?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        // Those of a program for its own use.
        if name.starts_with('-') || LEFT_OUT.contains(&name.as_str()) || left_out.contains(&name.as_str()) {
            continue;
        }
        if !is_property(&name) {
            return Err(format!("the property `{}` may not stand in a picture: leave it out", shown(&name)));
        }
        check_value(value)?;
        if ['"', '\''].into_iter().any(|quote| value.matches(quote).count() % 2 == 1) {
            return Err(format!("a quotation mark of `{name}` is not closed, or a `;` stands within"));
        }
        kept.push(format!("{name}:{value}"));
    }
    Ok(kept.join(";"))
}

/// The rules of a style sheet, as they may stand.
///
/// # Errors
/// What may not: `@import` and its like, properties that do not draw, values that fetch.
pub(super) fn sheet(text: &str) -> Result<String, String> {
    let mut rules = String::new();
    let plain = without_comments(text)?;
    let mut rest = plain.trim();
    while !rest.is_empty() {
        let (selector, after) = rest.split_once('{').ok_or("a style sheet has a rule without `{`")?;
        let (body, after) = after.split_once('}').ok_or("a style sheet has a rule without `}`")?;
        let selector = selector.trim();
        let good = |c: char| c.is_alphanumeric() || c.is_whitespace() || "*.#_,->:()".contains(c);
        if selector.is_empty() || !selector.chars().all(good) {
            return Err(format!(
                "the rule `{}` of a style sheet may not stand in a picture: leave it out",
                shown(selector)
            ));
        }
        let selector = selector.split_whitespace().collect::<Vec<_>>().join(" ");
        rules.push_str(&format!("{selector}{{{}}}", declarations(body, &[])?));
        rest = after.trim();
    }
    Ok(rules)
}

fn without_comments(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        plain.push(' ');
        rest = after.split_once("*/").ok_or("a comment of a style sheet does not end")?.1;
    }
    plain.push_str(rest);
    Ok(plain)
}

/// A length of CSS in pixels.
pub(super) fn pixels_of(length: &str) -> Option<f64> {
    let units = [
        ("px", 1.0),
        ("pt", 96.0 / 72.0),
        ("pc", 16.0),
        ("mm", 96.0 / 25.4),
        ("cm", 96.0 / 2.54),
        ("in", 96.0),
    ];
    let with_unit = units.iter().find_map(|(unit, scale)| Some((length.strip_suffix(unit)?, *scale)));
    let (number, scale) = with_unit.unwrap_or((length, 1.0));
    number.trim().parse::<f64>().ok().map(|number| number * scale).filter(|pixels| pixels.is_finite())
}

/// The beginning of a text from anywhere, for a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_default).collect()
}
