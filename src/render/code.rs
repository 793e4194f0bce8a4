//! Blocks of code as they were written before: a page that is written anew takes those that did not change, so that no syntax is made
//! ready for them.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use octavo_plugin::{ContentHasher, Digest};

use crate::lines::{self, Lines};
use crate::prose::CodeMarkup;
use crate::store::Store;

const FILE: &str = "code";
/// More bytes of blocks are not remembered.
const MOST_BYTES: usize = 8 << 20;

/// The blocks of code of a project.
pub struct Code<'a> {
    folder: &'a Path,
    program: Digest,
    /// Those of before, read when the first is asked for.
    known: OnceLock<Lines>,
    made: Mutex<Made>,
}

/// What was written now, and the bytes of it.
#[derive(Default)]
struct Made {
    lines: Lines,
    bytes: usize,
}

impl<'a> Code<'a> {
    /// Those that a store has of this program.
    pub fn of(store: &'a Store, program: Digest) -> Self {
        Self { folder: store.folder(), program, known: OnceLock::new(), made: Mutex::default() }
    }

    fn known(&self) -> &Lines {
        self.known.get_or_init(|| lines::read(self.folder, FILE, self.program))
    }

    /// The inside of a block as it was written before, or as `write` gives it.
    ///
    /// # Errors
    /// Those of `write`.
    pub(super) fn get_or_write(
        &self,
        language: &str,
        text: &str,
        write: &dyn Fn() -> CodeMarkup,
    ) -> CodeMarkup {
        // What has no language is written as it is, which takes no time.
        if language.is_empty() {
            return write();
        }
        let key = ContentHasher::new("octavo code").text(language).text(text).finish();
        let known = self.known().get(&key).cloned().or_else(|| self.made().lines.get(&key).cloned());
        if let Some(html) = known.and_then(|json| serde_json::from_str(&json).ok()) {
            return Ok(html);
        }
        let html = write()?;
        if let Ok(json) = serde_json::to_string(&html) {
            let mut made = self.made();
            if made.bytes + json.len() <= MOST_BYTES {
                made.bytes += json.len();
                made.lines.insert(key, json);
            }
        }
        Ok(html)
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what was written now beside what was there, or alone where that is too much.
    pub fn remember(&self) {
        let Made { mut lines, bytes } = std::mem::take(&mut *self.made());
        if lines.is_empty() {
            return;
        }
        let known = self.known();
        if bytes + known.values().map(String::len).sum::<usize>() <= MOST_BYTES {
            lines.extend(known.iter().map(|(key, json)| (*key, json.clone())));
        }
        lines::write(self.folder, FILE, self.program, &lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &Code<'_>, language: &str, text: &str) -> bool {
        code.get_or_write(language, text, &|| Err(None)).is_ok()
    }

    fn keep(code: &Code<'_>, language: &str, text: &str, html: &str) {
        assert_eq!(code.get_or_write(language, text, &|| Ok(html.to_owned())), Ok(html.to_owned()));
    }

    #[test]
    fn a_block_is_found_by_language_and_text_and_by_the_program_that_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let [one, other] = [b"a", b"b"].map(|text| Digest::of(text));
        let code = Code::of(&store, one);
        assert!(!found(&code, "rust", "x\n"), "what cannot be written is not remembered");
        keep(&code, "rust", "x\n", "<b>x</b>\n");
        keep(&code, "", "x\n", "x\n");
        assert!(found(&code, "rust", "x\n") && !found(&code, "", "x\n"));
        code.remember();
        let later = Code::of(&store, one);
        let html = later.get_or_write("rust", "x\n", &|| panic!("it was written before"));
        assert_eq!(html.as_deref(), Ok("<b>x</b>\n"));
        assert!(!found(&later, "python", "x\n") && !found(&later, "rust", "x"));
        assert!(!found(&Code::of(&store, other), "rust", "x\n"));
        keep(&later, "toml", "y", "y");
        later.remember();
        let last = Code::of(&store, one);
        assert!(found(&last, "rust", "x\n") && found(&last, "toml", "y"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let code = Code::of(&store, Digest::of(b"a"));
        for number in 0..40 {
            keep(&code, "rust", &number.to_string(), &"x".repeat(MOST_BYTES / 16));
        }
        code.remember();
        let length = std::fs::metadata(store.folder().join(FILE)).unwrap().len();
        assert!(length > 0 && length < (MOST_BYTES + 4096) as u64, "{length} bytes");
        let code = Code::of(&store, Digest::of(b"a"));
        keep(&code, "rust", "new", &"y".repeat(MOST_BYTES / 8));
        code.remember();
        assert!(found(&Code::of(&store, Digest::of(b"a")), "rust", "new"));
    }
}
