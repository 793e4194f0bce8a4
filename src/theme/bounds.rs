//! What a template may cost. It is a project's own text, and nothing in it may end the process: what it nests is bounded
//! before it is parsed, what it does and makes is paid for with fuel, and both happen on a thread whose stack is known.

use std::cell::Cell;
use std::io;
use std::ops::Range;
use std::panic::resume_unwind;
use std::thread::{self, Scope, ScopedJoinHandle};

/// Most words and signs within the tags of one template. Whatever a parser, a compiler or a value nests, it takes a word or a
/// sign a level.
pub(super) const MAX_TOKENS: usize = 5_000;

/// Deepest nesting of blocks, loops, macros and inclusions while a template is rendered; an inclusion counts for ten, a
/// macro for four.
pub(super) const MAX_RECURSION: usize = 100;

/// What one rendering may do: a step each, and a step for 64 bytes that it makes.
pub(super) const FUEL: u64 = 5_000_000;

/// Enough for [`MAX_TOKENS`] levels of syntax, and for a value of `MAX_TOKENS / 2` brackets in each of [`MAX_RECURSION`]
/// calls, with a factor of two; only what is used is taken from memory.
const STACK: usize = 256 << 20;

thread_local! {
    /// Whether this thread was started by [`spawn`].
    static SUFFICES: Cell<bool> = const { Cell::new(false) };
}

/// Does some work on a thread with a stack that is known to suffice.
///
/// # Errors
/// If the system gives no such thread.
pub(super) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    if SUFFICES.get() {
        return Ok(work());
    }
    thread::scope(|scope| {
        let worker = spawn(scope, work)?;
        Ok(worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Starts such a thread.
///
/// # Errors
/// If the system gives none.
pub(super) fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    let builder = thread::Builder::new().name("template".to_owned()).stack_size(STACK);
    builder.spawn_scoped(scope, || {
        SUFFICES.set(true);
        work()
    })
}

/// The first word or sign beyond [`MAX_TOKENS`], if there are so many. This reads tags exactly as the template engine does,
/// so that nothing is hidden from it; of numbers and operators it may see more parts.
pub(super) fn beyond(text: &str) -> Option<Range<usize>> {
    let mut scan = Scan { text, at: 0, balance: 0, left: MAX_TOKENS };
    while let Some(tag) = scan.next_tag() {
        if let Err(range) = scan.tag(tag) {
            return Some(range);
        }
    }
    None
}

/// How a tag ends.
type End = &'static str;

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Opening less closing brackets: a tag ends where it is 0.
    balance: isize,
    /// Words and signs that may still come.
    left: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes behind the next `{{` or `{%`, past comments and raw text.
    fn next_tag(&mut self) -> Option<End> {
        loop {
            self.at += self.rest().find('{')?;
            let sign = self.rest()[1..].chars().next();
            match sign {
                Some('#') => self.at += 2 + self.rest()[2..].find("#}")? + 2,
                Some('{' | '%') => {
                    self.at += 2;
                    self.at += usize::from(self.rest().starts_with(['-', '+']));
                    match (sign, basic_tag(self.rest(), "raw")) {
                        (Some('%'), Some(length)) => {
                            self.at += length;
                            self.pass_raw()?;
                        }
                        (Some('%'), None) => return Some("%}"),
                        _ => return Some("}}"),
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// Goes behind `{% endraw %}`.
    fn pass_raw(&mut self) -> Option<()> {
        loop {
            self.at += self.rest().find("{%")? + 2;
            let inner = self.rest().strip_prefix(['-', '+']).unwrap_or(self.rest());
            if let Some(length) = basic_tag(inner, "endraw") {
                self.at += self.rest().len() - inner.len() + length;
                return Some(());
            }
        }
    }

    /// Counts the words and signs of a tag and goes behind it; the first that is too many is an error.
    fn tag(&mut self, end: End) -> Result<(), Range<usize>> {
        loop {
            let skipped = self.rest().trim_start_matches(|c: char| c.is_ascii_whitespace());
            self.at = self.text.len() - skipped.len();
            let marked = skipped.strip_prefix(['-', '+']).unwrap_or(skipped);
            if let (0, Some(rest)) = (self.balance, skipped.strip_prefix(end).or(marked.strip_prefix(end))) {
                self.at = self.text.len() - rest.len();
                return Ok(());
            }
            let Some(first) = skipped.chars().next() else { return Ok(()) };
            let length = match first {
                '"' | '\'' => string(skipped, first),
                c if is_word(c) => skipped.find(|c| !is_word(c)).unwrap_or(skipped.len()),
                c => c.len_utf8(),
            };
            match first {
                '(' | '[' | '{' => self.balance += 1,
                ')' | ']' | '}' => self.balance -= 1,
                _ => {}
            }
            if self.left == 0 {
                return Err(self.at..self.at + length);
            }
            self.left -= 1;
            self.at += length;
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Bytes of a text in quotes, or of all that is left if it does not end.
fn string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// Bytes of ` NAME %}` behind `{%`, if this is such a tag.
fn basic_tag(text: &str, name: &str) -> Option<usize> {
    let blank = |c: char| c.is_ascii_whitespace();
    let rest = text.trim_start_matches(blank).strip_prefix(name)?.trim_start_matches(blank);
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest).strip_prefix("%}")?;
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A template of so many words and signs, and what of it is marked.
    fn marked(text: &str) -> Option<&str> {
        beyond(text).map(|range| &text[range])
    }

    #[test]
    fn words_and_signs_are_counted_within_tags_alone() {
        let most = |tag: &str, each: &str, parts: usize| tag.replace('~', &each.repeat(MAX_TOKENS / parts));
        for (text, found) in [
            (most("{{~}}", " +1", 2), None),
            (most("{{~-}} {{ last }}", " +1", 2), Some("last")),
            (most("{%-~%}{%+ last %}", "not ", 1), Some("last")),
            (most("{{~}}{# last #}", "a|b.c\n", 5), None),
            (most("{{~}}{% raw %}{{ last }}{{ ' {%- endraw -%} {{ last }}", " +1", 2), Some("last")),
            (most("{{~}}{%- raw -%}{% endraw %}", " +1", 2), None),
            (most("{{ '}}' ~ }}", "+'%}\\''", 2), Some("'%}\\''")),
            (most("{{ {'a': {}} }}{{~}}", " +1", 2), Some("+")),
            (most("{{ (1 }}~", " +1", 2), Some("+")),
            (most("{% 1) %}~", " +1", 2), Some("+")),
            (most("~", "a + b { c } {", 1), None),
            (most("{{~", " +1", 2), None),
            (most("{{~1", "é+", 2), Some("1")),
            (most("{{ \"~\" }}", "1 + 2 }} {{", 1), None),
        ] {
            assert_eq!(marked(&text), found, "{} ...", &text[..text.len().min(40)]);
        }
    }

    #[test]
    fn no_text_makes_the_scan_panic_or_go_on_for_ever() {
        for text in [
            "",
            "{",
            "{{",
            "{%",
            "{#",
            "{% raw %}",
            "{% raw %}{%",
            "{{ '",
            "{{ \"\\",
            "{%-",
            "{{é",
            "}}",
            "{{}}}",
        ] {
            assert_eq!(marked(text), None, "{text}");
        }
    }

    #[test]
    fn work_has_a_deep_stack_and_a_panic_comes_through() {
        fn deep(levels: usize) -> usize {
            if levels == 0 { 0 } else { std::hint::black_box(deep(levels - 1)) + 1 }
        }
        assert_eq!(with_stack(|| deep(1_000_000)).unwrap(), 1_000_000);
        assert!(std::panic::catch_unwind(|| with_stack(|| panic!("a defect"))).is_err());
    }
}
