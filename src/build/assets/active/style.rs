//! Styles in markup: whether they load anything.

use super::markup::{is_passive_data, squeezed};

/// What styles can do that is more than looks.
const FORBIDDEN: &[(&str, &str)] = &[
    ("\\", "an escape in a style"),
    ("@import", "a style with `@import`"),
    ("image-set(", "a style with `image-set`"),
    ("src(", "a style with `src()`"),
    ("expression(", "a style with `expression`"),
    ("-moz-binding", "a style with a binding"),
    ("behavior:", "a style with a behaviour"),
];

/// Looks through a style sheet or the value of a style attribute.
///
/// # Errors
/// What it does beyond looks.
pub(super) fn look(text: &str) -> Result<(), String> {
    let squeezed = squeezed(text);
    if let Some((_, what)) = FORBIDDEN.iter().find(|(forbidden, _)| squeezed.contains(forbidden)) {
        return Err(format!("has {what}"));
    }
    for address in squeezed.split("url(").skip(1) {
        let address = address.trim_start_matches(['"', '\'']);
        if !(address.starts_with('#') || is_passive_data(address)) {
            return Err("has a style that loads another file".to_owned());
        }
    }
    Ok(())
}
