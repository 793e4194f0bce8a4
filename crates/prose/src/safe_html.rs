//! Text that may reach a browser as it is.

use std::fmt;

/// Markup that is safe by construction. Templates print it without escaping, so whatever makes one vouches for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Declares markup safe. Only what writes markup itself may call it (this crate, and templates that escape), with markup
    /// whose every text and attribute went through [`escape`]. Text from a definition, a plugin or a data file never
    /// becomes markup.
    pub fn trusted(markup: String) -> Self {
        Self(markup)
    }

    /// Any text, escaped.
    pub fn text(text: &str) -> Self {
        Self(escape(text))
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The markup, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text as HTML, good between tags and inside a quoted attribute. Control characters that no XML may hold are dropped.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 8);
    escape_into(&mut html, text);
    html
}

/// Appends a text as HTML.
pub(crate) fn escape_into(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' => html.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        assert_eq!(
            SafeHtml::text("<a href=\"x\" b='c'>&\u{0}\u{7f}").as_str(),
            "&lt;a href=&quot;x&quot; b=&#39;c&#39;&gt;&amp;"
        );
    }
}
