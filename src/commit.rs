//! Which commit the program is built from. It is told and nothing more: two programs that differ in it alone have one identity, so
//! that a commit that changes no code makes no figure and no page anew.

use memchr::memmem;
use octavo_plugin::{Digest, DigestOf};

/// Where the commit stands in the program's file: between two marks, in as many bytes whatever it is.
static SLOT: &str = concat!("octavo is built from the commit <", env!("OCTAVO_COMMIT"), "> (src/commit.rs)");
const BEFORE: &[u8] = b"octavo is built from the commit <";
const AFTER: &[u8] = b"> (src/commit.rs)";
/// Hexadecimal digits of a commit.
const LENGTH: usize = 40;
const WHOLE: usize = BEFORE.len() + LENGTH + AFTER.len();

/// The commit, as 40 hexadecimal digits; `None` if what it was built from did not say.
pub fn commit() -> Option<&'static str> {
    // The marks must be in the program's file, although only what is between them is used.
    let slot = std::hint::black_box(SLOT);
    slot.get(BEFORE.len()..BEFORE.len() + LENGTH).filter(|text| !text.starts_with('-'))
}

/// A digest of a program's file, taken piece by piece, without the commit that is named in it.
#[derive(Default)]
pub struct ProgramDigest {
    digest: DigestOf,
    /// The end of what came so far, in which a slot may have begun.
    held: Vec<u8>,
}

impl ProgramDigest {
    /// Takes the next bytes of the file.
    pub fn update(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
        blank(&mut self.held);
        let done = self.held.len().saturating_sub(WHOLE - 1);
        self.digest.update(&self.held[..done]);
        self.held.drain(..done);
    }

    /// The digest of everything.
    pub fn finish(mut self) -> Digest {
        self.digest.update(&self.held);
        self.digest.finish()
    }
}

/// Writes the commit of each whole slot over.
fn blank(bytes: &mut [u8]) {
    let found: Vec<usize> = memmem::find_iter(bytes, BEFORE).collect();
    for at in found {
        let commit = at + BEFORE.len()..at + BEFORE.len() + LENGTH;
        if bytes.get(commit.end..).is_some_and(|rest| rest.starts_with(AFTER)) {
            bytes[commit].fill(b'-');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(bytes: &[u8], piece: usize) -> Digest {
        let mut digest = ProgramDigest::default();
        bytes.chunks(piece).for_each(|piece| digest.update(piece));
        digest.finish()
    }

    fn program(commit: &str, end: &str) -> Vec<u8> {
        [b"code", BEFORE, commit.as_bytes(), AFTER, end.as_bytes()].concat()
    }

    #[test]
    fn a_program_is_the_same_whatever_its_commit() {
        let [a, b, none] = ["a", "b", "-"].map(|letter| letter.repeat(LENGTH));
        let expected = Digest::of(&program(&none, "more code"));
        for piece in [1, 7, WHOLE - 1, WHOLE, WHOLE + 1, 1000] {
            assert_eq!(digest(&program(&a, "more code"), piece), expected, "{piece}");
            assert_eq!(digest(&program(&b, "more code"), piece), expected, "{piece}");
            assert_ne!(digest(&program(&a, "more cide"), piece), expected, "{piece}");
        }
        // A file without a slot, or with something else behind the mark, is what it is.
        for plain in [&b""[..], b"x", &program(&a[1..], "y")] {
            assert_eq!(digest(plain, 3), Digest::of(plain));
        }
        assert_eq!(digest(&program(&a, "")[..WHOLE], 9), Digest::of(&program(&a, "")[..WHOLE]), "cut off");
    }

    #[test]
    fn the_running_program_has_a_slot() {
        let slot = SLOT.as_bytes();
        assert!(slot.starts_with(BEFORE) && slot.ends_with(AFTER) && slot.len() == WHOLE);
        assert!(commit().is_none_or(|commit| commit.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
