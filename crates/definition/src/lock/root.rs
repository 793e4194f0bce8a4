//! `octavo.lock` beside `octavo.toml`: of which form the locks of experiments are, and under which numerics their results were accepted.

use std::sync::Arc;

use serde::Deserialize;

use super::RESTORE;
use crate::diagnostic::Diagnostic;
use crate::source::{Location, SourceFile};

/// The name of the file.
pub const ROOT_LOCK: &str = "octavo.lock";

/// The form of locks that this program writes, and the newest one that it reads.
pub const LOCK_FORMAT: u32 = 1;

/// What the locks of a project have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct RootLock {
    /// Their form.
    pub format: u32,
    /// The numerics revision of the program that found the results as they were accepted.
    pub numerics: u32,
}

impl RootLock {
    /// That of this program under a numerics revision.
    pub fn new(numerics: u32) -> Self {
        Self { format: LOCK_FORMAT, numerics }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// A text that is no such lock, or one that a later program wrote.
    pub fn parse(source: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        let lock: Self = toml::from_str(&source.text).map_err(|error| {
            let place = Location { source: source.clone(), span: error.span().unwrap_or(0..0) };
            Diagnostic::error("bad-lock", error.message().to_owned()).at(place).help(RESTORE)
        })?;
        if lock.format > LOCK_FORMAT {
            let message = format!(
                "the locks of this project have the format {}, and this program reads those up to {LOCK_FORMAT}",
                lock.format
            );
            let at = source.text.find("format").unwrap_or(0);
            let place =
                Location { source: source.clone(), span: at..(at + "format".len()).min(source.text.len()) };
            let help = "use the version of Octavo that wrote them, or a later one";
            return Err(Diagnostic::error("newer-lock", message).at(place).help(help));
        }
        Ok(lock)
    }

    /// The text of the file.
    pub fn text(self) -> String {
        let Self { format, numerics } = self;
        format!(
            "# Written by `octavo build` and `octavo lock`. Commit it; do not edit it.\nformat = {format}\nnumerics = {numerics}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_newer_is_told() {
        let read = |text: &str| RootLock::parse(&SourceFile::new(ROOT_LOCK, text));
        let lock = RootLock::new(7);
        assert_eq!(read(&lock.text()), Ok(lock));
        assert_eq!(
            read(&lock.text().replace("format = 1", "format = 2\nmore = 3")).unwrap_err().code,
            "newer-lock"
        );
        assert_eq!(read("numerics = 1\n").unwrap_err().code, "bad-lock");
    }
}
