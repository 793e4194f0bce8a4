//! Code with classes for its parts, written at build time: a page shows its code without a script.
//!
//! A page decides colours with eight classes (`templates/assets/highlight.css`), so one block serves light and dark.

mod lines;

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};
use syntect::util::LinesWithEndings;

use super::safe_html::{escape, escape_into};
use lines::{Lines, Piece};
use octavo_definition::diagnostic::nearest;

/// The syntaxes are loaded when the first block of code asks for one.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Beginnings of scope names and the class they get; the first that fits the innermost scope decides.
static CLASSES: LazyLock<Vec<(Scope, &'static str)>> = LazyLock::new(|| {
    const TABLE: &[(&str, &str)] = &[
        ("comment", "hl-comment"),
        ("meta.interpolation", ""),
        ("constant.character.escape", "hl-number"),
        ("string", "hl-string"),
        ("constant", "hl-number"),
        ("keyword.operator", ""),
        ("keyword", "hl-keyword"),
        ("storage", "hl-keyword"),
        ("entity.name.function", "hl-function"),
        ("support.function", "hl-function"),
        ("variable.function", "hl-function"),
        ("entity.other.attribute-name", "hl-name"),
        ("entity.name.tag", "hl-name"),
        ("support.type.property-name", "hl-name"),
        ("entity.name.section", "hl-keyword"),
        ("entity.name", "hl-type"),
        ("support.type", "hl-type"),
        ("support.class", "hl-type"),
        ("markup.heading", "hl-keyword"),
        ("markup.inserted", "hl-string"),
        ("markup.deleted", "hl-deleted"),
    ];
    TABLE
        .iter()
        .map(|(name, class)| (Scope::new(name).expect("a scope name has at most eight parts"), *class))
        .collect()
});

/// Languages that are no language.
const PLAIN: &[&str] = &["", "text", "txt", "plain", "plaintext", "output"];

/// A block of code as the inside of a `<code>` element.
///
/// # Errors
/// For a language that is not known: the nearest names. The text is then to be written plain.
pub(super) fn highlight(language: &str, text: &str) -> Result<String, Option<String>> {
    if PLAIN.contains(&language) {
        return Ok(escape(text));
    }
    let syntax = || SYNTAXES.find_syntax_by_token(language);
    lines::with_lines(language, syntax, |lines| marked(lines, text))
        .ok_or_else(|| nearest(&language.to_lowercase(), names().iter().map(String::as_str)))
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = SYNTAXES
        .syntaxes()
        .iter()
        .filter(|syntax| !syntax.hidden)
        .map(|syntax| syntax.name.to_lowercase())
        .filter(|name| !name.contains(' '))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn marked(lines: &mut Lines, text: &str) -> String {
    let mut writer = Writer::default();
    let mut at = Lines::START;
    for line in LinesWithEndings::from(text) {
        let (pieces, next) = lines.line(at, line);
        let mut written = 0;
        for (class, end) in pieces.iter() {
            writer.push(class, &line[written..*end]);
            written = *end;
        }
        at = next;
    }
    writer.finish()
}

/// Where the parts of a line end, each with its class, and what the line leaves to the next one.
fn parse_line(state: &mut ParseState, stack: &mut ScopeStack, line: &str) -> Vec<Piece> {
    // A syntax that gives up on a line leaves it plain.
    let operations = state.parse_line(line, &SYNTAXES).unwrap_or_default();
    let mut pieces = Vec::new();
    let mut written = 0;
    for (at, operation) in operations {
        if at > written {
            pieces.push((class(stack), at));
            written = at;
        }
        if stack.apply(&operation).is_err() {
            break;
        }
    }
    pieces.push((class(stack), line.len()));
    pieces
}

fn class(stack: &ScopeStack) -> &'static str {
    stack
        .as_slice()
        .iter()
        .rev()
        .find_map(|scope| CLASSES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)))
        .map_or("", |(_, class)| *class)
}

/// Joins neighbours of one class.
#[derive(Default)]
struct Writer {
    html: String,
    class: &'static str,
    text: String,
}

impl Writer {
    fn push(&mut self, class: &'static str, text: &str) {
        // White space takes the class of what stands before it.
        if class != self.class && !text.trim().is_empty() {
            self.flush();
            self.class = class;
        }
        self.text.push_str(text);
    }

    fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        if self.class.is_empty() {
            escape_into(&mut self.html, &self.text);
        } else {
            self.html.push_str("<span class=\"");
            self.html.push_str(self.class);
            self.html.push_str("\">");
            escape_into(&mut self.html, &self.text);
            self.html.push_str("</span>");
        }
        self.text.clear();
    }

    fn finish(mut self) -> String {
        self.flush();
        self.html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_get_classes_and_the_text_stays() {
        let toml = highlight("toml", "# a\nfolds = 10\nname = \"<b>\"\n").unwrap();
        assert!(toml.contains("<span class=\"hl-comment\"># a\n</span>"), "{toml}");
        assert!(toml.contains("<span class=\"hl-number\">10"), "{toml}");
        assert!(toml.contains("<span class=\"hl-string\">&quot;&lt;b&gt;&quot;"), "{toml}");
        let rust = highlight("rust", "fn main() {}\n").unwrap();
        assert!(
            rust.contains("<span class=\"hl-keyword\">fn </span><span class=\"hl-function\">main"),
            "{rust}"
        );
    }

    #[test]
    fn unknown_languages_name_near_ones() {
        assert_eq!(highlight("pyhton", "x"), Err(Some("did you mean `python`?".to_owned())));
        assert_eq!(highlight("text", "<"), Ok("&lt;".to_owned()));
    }
}
