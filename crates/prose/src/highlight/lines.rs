//! Lines of code that were parsed before. What a line means depends on its text and on what the lines before it leave open, and on nothing
//! else: a line that comes again after the same (`}`, an import, a whole block on another page) is not parsed again.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use syntect::parsing::{ParseState, ScopeStack, SyntaxReference};

use super::parse_line;

/// The class of a part of a line, and where it ends in the line.
pub(super) type Piece = (&'static str, usize);

/// What is known of one syntax is forgotten when there are so many bytes of lines, or so many states.
const MOST_BYTES: usize = 1 << 20;
const MOST_STATES: usize = 256;

thread_local! {
    /// The lines of each language by its name. Each thread has its own: they wait for nobody.
    static KNOWN: RefCell<IndexMap<String, Lines>> = RefCell::default();
}

/// The parts of a line, and the state after it.
type Meaning = (Rc<[Piece]>, usize);

/// The lines of one language.
pub(super) struct Lines {
    /// What lines leave open, each once; the first is that of an empty text.
    states: Vec<(ParseState, ScopeStack)>,
    /// By state, what each text means there.
    known: Vec<IndexMap<String, Meaning>>,
    bytes: usize,
}

/// Gives what is known of a language to some work; nothing if it has no syntax, which is looked for once.
pub(super) fn with_lines<T>(
    language: &str,
    syntax: impl FnOnce() -> Option<&'static SyntaxReference>,
    work: impl FnOnce(&mut Lines) -> T,
) -> Option<T> {
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(language) {
            let lines = Lines {
                states: vec![(ParseState::new(syntax()?), ScopeStack::new())],
                known: vec![IndexMap::new()],
                bytes: 0,
            };
            known.insert(language.to_owned(), lines);
        }
        known.get_mut(language).map(work)
    })
}

impl Lines {
    /// The state before the first line.
    pub(super) const START: usize = 0;

    /// The parts of a line in a state, and the state after it.
    pub(super) fn line(&mut self, at: usize, line: &str) -> Meaning {
        if let Some((pieces, next)) = self.known[at].get(line) {
            return (Rc::clone(pieces), *next);
        }
        let (mut state, mut stack) = self.states[at].clone();
        let pieces: Rc<[Piece]> = parse_line(&mut state, &mut stack, line).into();
        if self.bytes > MOST_BYTES || self.states.len() > MOST_STATES {
            self.forget();
            return (pieces, self.number(state, stack));
        }
        let next = self.number(state, stack);
        self.bytes += line.len();
        self.known[at].insert(line.to_owned(), (Rc::clone(&pieces), next));
        (pieces, next)
    }

    /// Forgets all but the state before the first line.
    fn forget(&mut self) {
        self.states.truncate(1);
        self.known = vec![IndexMap::new()];
        self.bytes = 0;
    }

    /// The number of a state.
    fn number(&mut self, state: ParseState, stack: ScopeStack) -> usize {
        let state = (state, stack);
        self.states.iter().position(|known| *known == state).unwrap_or_else(|| {
            self.states.push(state);
            self.known.push(IndexMap::new());
            self.states.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::highlight;

    #[test]
    fn a_line_means_what_it_means_after_the_lines_before_it() {
        let same = "let a = 1; // \"\n";
        let alone = highlight("rust", same).unwrap();
        assert!(alone.contains("<span class=\"hl-keyword\">let</span> "), "{alone}");
        let open = highlight("rust", &format!("/*\n{same}*/\n{same}")).unwrap();
        assert_eq!(open, format!("<span class=\"hl-comment\">/*\n{}*/\n</span>{alone}", crate::escape(same)));
        let within = highlight("rust", &format!("\"\n{same}")).unwrap();
        assert_eq!(
            within, "<span class=\"hl-string\">&quot;\nlet a = 1; // &quot;\n</span>",
            "a text that is closed by the line"
        );
        assert_eq!(highlight("rust", same).unwrap(), alone);
    }

    #[test]
    fn what_is_known_is_bounded_and_forgetting_changes_nothing() {
        let block = |number: usize| format!("fn f{number}() {{\n    \"{number}\"\n}}\n{}", "x\n".repeat(500));
        let first: Vec<String> = (0..100).map(|number| highlight("rust", &block(number)).unwrap()).collect();
        let long = "// long\n".repeat(200_000);
        let plain = format!("<span class=\"hl-comment\">{long}</span>");
        assert_eq!(highlight("rust", &long).unwrap(), plain);
        let again: Vec<String> = (0..100).map(|number| highlight("rust", &block(number)).unwrap()).collect();
        assert_eq!(first, again);
    }

    #[test]
    fn nested_states_without_end_are_not_kept() {
        let deep: String = (0..2_000).map(|at| if (at * at / 7) % 3 == 0 { "[\n" } else { "(\n" }).collect();
        let one = highlight("python", &deep).unwrap();
        assert_eq!(highlight("python", &deep).unwrap(), one);
        assert!(one.starts_with("[\n"), "{one}");
        assert_eq!(highlight("python", "[1]\n").unwrap(), "[<span class=\"hl-number\">1</span>]\n");
    }
}
