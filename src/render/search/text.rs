//! The text of a written page, section by section. What stands in figures, code, navigation and lists of other pages is left out, and
//! what a template marks with `data-unsearched`.

/// What is left out with all that it holds.
const LEFT_OUT: &[&str] = &[
    "annotation",
    "annotation-xml",
    "button",
    "form",
    "h1",
    "nav",
    "pre",
    "script",
    "style",
    "svg",
    "template",
];
/// What stands in a line of text.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "small",
    "span", "strong", "sub", "sup", "time", "u", "wbr",
];
/// What nothing stands in.
const EMPTY: &[&str] = &["br", "hr", "img", "input", "source", "track", "wbr"];
/// Between the signs of a formula: they are no word, and nobody sees it.
const SIGN_END: char = '\u{200b}';

/// What stands under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// The heading's id; empty before the first one.
    pub id: String,
    /// The heading.
    pub heading: String,
    /// The text below it, with single spaces.
    pub text: String,
}

/// The sections of a page, those with a heading or a text.
pub(super) fn sections(html: &str) -> Vec<Section> {
    let main = html.find("<main").map_or("", |start| &html[start..]);
    let mut reader = Reader { sections: vec![Section::default()], heading: None, formula: false };
    let mut rest = main.split_once("</main>").map_or(main, |(main, _)| main);
    while let Some(start) = rest.find('<') {
        reader.text(&rest[..start]);
        let tag = Tag::at(&rest[start..]);
        rest = &rest[start + tag.length..];
        if tag.is_left_out() {
            rest = after(rest, tag.name);
        } else {
            reader.tag(&tag);
        }
    }
    reader.text(rest);
    let mut sections = reader.sections;
    for section in &mut sections {
        for text in [&mut section.heading, &mut section.text] {
            text.truncate(text.trim_end_matches([' ', SIGN_END]).len());
        }
    }
    sections.retain(|section| !(section.heading.is_empty() && section.text.is_empty()));
    sections
}

/// A tag, or a comment.
struct Tag<'a> {
    name: &'a str,
    whole: &'a str,
    closes: bool,
    length: usize,
}

impl<'a> Tag<'a> {
    fn at(text: &'a str) -> Self {
        let end =
            if text.starts_with("<!--") { text.find("-->").map(|end| end + 3) } else { end_of_tag(text) };
        let length = end.unwrap_or(text.len());
        let whole = &text[..length];
        let inside = whole.trim_start_matches('<');
        let closes = inside.starts_with('/');
        let name = inside.trim_start_matches('/');
        let name = &name[..name.find(|c: char| !(c.is_alphanumeric() || c == '-')).unwrap_or(name.len())];
        Self { name, whole, closes, length }
    }

    fn is_left_out(&self) -> bool {
        let role = |role: &str| self.whole.contains(role);
        let marked = || role(" data-unsearched") || role("role=\"doc-noteref\"") || role("class=\"back\"");
        let one = || LEFT_OUT.contains(&self.name) || marked();
        !self.closes && !EMPTY.contains(&self.name) && !self.whole.ends_with("/>") && one()
    }

    fn id(&self) -> Option<String> {
        let (_, rest) = self.whole.split_once(" id=\"")?;
        Some(decoded(rest.split_once('"')?.0))
    }
}

/// Where a tag ends that a text begins with: a `>` within quotation marks is none.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'>', None) => return Some(at + 1),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

/// What follows an element that was opened just now.
fn after<'a>(text: &'a str, name: &str) -> &'a str {
    let (mut rest, mut depth) = (text, 1);
    while let Some(start) = rest.find('<') {
        let tag = Tag::at(&rest[start..]);
        rest = &rest[start + tag.length..];
        if tag.name == name && !tag.whole.ends_with("/>") {
            depth = if tag.closes { depth - 1 } else { depth + 1 };
            if depth == 0 {
                return rest;
            }
        }
    }
    // What an author never closed hides nothing.
    text
}

struct Reader {
    sections: Vec<Section>,
    /// The name of the heading that is open.
    heading: Option<String>,
    formula: bool,
}

impl Reader {
    fn tag(&mut self, tag: &Tag<'_>) {
        let name = tag.name;
        let is_heading = matches!(name, "h2" | "h3" | "h4" | "h5" | "h6");
        match (tag.closes, &self.heading) {
            (true, Some(open)) if open == name => self.heading = None,
            (false, None) if is_heading && tag.id().is_some() => {
                let id = tag.id().unwrap_or_default();
                self.sections.push(Section { id, ..Section::default() });
                self.heading = Some(name.to_owned());
            }
            _ if name == "math" => self.formula = !tag.closes,
            _ if self.formula => self.push(SIGN_END),
            _ if INLINE.contains(&name) => {}
            _ => self.push(' '),
        }
    }

    fn out(&mut self) -> &mut String {
        let section = self.sections.last_mut().expect("there is a first section");
        if self.heading.is_some() { &mut section.heading } else { &mut section.text }
    }

    fn text(&mut self, text: &str) {
        for c in decoded(text).chars() {
            let space = c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}');
            self.push(if space { ' ' } else { c });
        }
    }

    /// Adds a letter, but no second space and no end of a sign without a sign.
    fn push(&mut self, c: char) {
        let out = self.out();
        let last = out.chars().next_back();
        let idle = match c {
            ' ' => matches!(last, None | Some(' ')),
            SIGN_END => matches!(last, None | Some(' ' | SIGN_END)),
            _ => false,
        };
        if !idle {
            out.push(c);
        }
    }
}

/// A text with its entities as letters.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match entity.and_then(|(name, after)| Some((letter(name)?, after))) {
            Some((letter, after)) => {
                out.push(letter);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

fn letter(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
            char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(main: &str) -> Vec<(String, String, String)> {
        let html = format!("<body><p>before</p><main id=\"main\">{main}</main><p>after</p></body>");
        sections(&html).into_iter().map(|one| (one.id, one.heading, one.text)).collect()
    }

    fn text(main: &str) -> String {
        read(main).into_iter().map(|(.., text)| text).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_text_of_a_page() {
        for (main, wanted) in [
            ("<p>One <em>w</em>ord.</p>\n<p>Two</p>", "One word. Two"),
            ("<ul><li>a</li><li>b</li></ul>c", "a b c"),
            ("<p>a &amp; b &lt;c&gt; &#39;d&#39; &#x3b5; &unknown; &</p>", "a & b <c> 'd' ε &unknown; &"),
            ("<p title=\"a > b\">x</p><img alt=\"y\"><br>z", "x z"),
            ("a<!-- <p>no</p> -->b", "a b"),
            ("a<svg><g><svg>no</svg>no</g></svg>b<pre><code>no</code></pre>", "ab"),
            ("<div class=\"row\" data-unsearched><div>no</div>no</div>b", "b"),
            ("note<sup><a role=\"doc-noteref\" href=\"#x\">1</a></sup>, x<sup>2</sup>", "note, x2"),
            (
                "<math><mi>x</mi><mo>=</mo><mi>ε</mi><annotation>no</annotation></math> so",
                "x\u{200b}=\u{200b}ε\u{200b} so",
            ),
            ("<p>never closed <span", "never closed"),
            ("<svg>never <b>closed</b>", "never closed"),
        ] {
            assert_eq!(text(main), wanted, "{main}");
        }
    }

    #[test]
    fn headings_with_a_place_begin_sections() {
        let main =
            "<h1>Title</h1>intro<h2 id=\"a-&amp;\">A <em>b</em></h2><p>x</p><h3>none</h3><h3 id=\"c\">C</h3>";
        let section =
            |id: &str, heading: &str, text: &str| (id.to_owned(), heading.to_owned(), text.to_owned());
        let wanted = [section("", "", "intro"), section("a-&", "A b", "x none"), section("c", "C", "")];
        assert_eq!(read(main), wanted);
        assert_eq!(read(""), []);
        assert_eq!(sections("<p>no main</p>"), []);
    }
}
