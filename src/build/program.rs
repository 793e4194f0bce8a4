//! Which program builds: other code may draw other pictures and write other pages.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use octavo_plugin::Digest;
use serde::{Deserialize, Serialize};

use crate::commit::ProgramDigest;
use crate::disk::{self, Look};
use crate::environment;
use crate::store::Store;

/// The file in the store that says which program was the last.
const FILE: &str = "program";

/// A program's file that was read. It is the same as long as it looks the same: [`Look`] says what that is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    path: PathBuf,
    look: Look,
    digest: Digest,
}

/// Digest of the running program but for the commit that it names. Its file, of some 25 MB, is read if it is not the one that built last.
///
/// # Errors
/// If the program's own file cannot be read.
pub fn program_digest(store: &Store) -> io::Result<Digest> {
    digest_of(&environment::program()?, store)
}

fn digest_of(path: &Path, store: &Store) -> io::Result<Digest> {
    let began = environment::now();
    let mut file = File::open(path)?;
    let look = Look::from(&file.metadata()?);
    if let Some(known) = read(store.folder()).filter(|known| known.path == path && known.look == look) {
        return Ok(known.digest);
    }
    let (mut digest, mut piece) = (ProgramDigest::default(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => digest.update(&piece[..length]),
        }
    }
    let digest = digest.finish();
    // What is written to while it is read looks otherwise by now, but for what happens within one step of the clock of files.
    if Look::from(&file.metadata()?) == look && super::standing::is_settled(&look, began) {
        remember(store, &Known { path: path.to_owned(), look, digest });
    }
    Ok(digest)
}

/// Digest of the running program as the store in this folder knows it.
pub(super) fn known(folder: &Path) -> Option<Digest> {
    let path = environment::program().ok()?;
    let look = disk::look(&path).ok().flatten()?;
    read(folder).filter(|known| known.path == path && known.look == look).map(|known| known.digest)
}

fn read(folder: &Path) -> Option<Known> {
    let bytes = disk::read(&folder.join(FILE)).ok().flatten()?;
    let (checksum, json) = std::str::from_utf8(&bytes).ok()?.split_once('\n')?;
    (checksum == Digest::of(json.as_bytes()).hex()).then_some(())?;
    serde_json::from_str(json).ok()
}

/// It is worth nothing but time: what goes wrong is no trouble.
fn remember(store: &Store, known: &Known) {
    let Ok(json) = serde_json::to_string(known) else { return };
    let text = format!("{}\n{json}", Digest::of(json.as_bytes()).hex());
    let _ =
        disk::write_durably_from(&store.folder().join("tmp"), &store.folder().join(FILE), text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[test]
    fn another_program_has_another_digest_however_it_came_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let program = folder.path().join("program");
        let settle = || std::thread::sleep(Duration::from_millis(150));
        let of = |bytes: &[u8]| {
            settle();
            assert_eq!(digest_of(&program, &store).unwrap(), Digest::of(bytes));
            settle();
            assert_eq!(digest_of(&program, &store).unwrap(), Digest::of(bytes), "as it was remembered");
        };
        fs::write(&program, "one").unwrap();
        of(b"one");
        fs::write(&program, "two").unwrap();
        of(b"two");
        let times = fs::metadata(&program).unwrap().modified().unwrap();
        fs::write(folder.path().join("new"), "six").unwrap();
        File::options().write(true).open(folder.path().join("new")).unwrap().set_modified(times).unwrap();
        fs::rename(folder.path().join("new"), &program).unwrap();
        of(b"six");
        // What was remembered is damaged, or is of another file.
        let remembered = store.folder().join(FILE);
        let text = fs::read_to_string(&remembered).unwrap();
        fs::write(&remembered, text.replace("program", "prograx")).unwrap();
        of(b"six");
        fs::copy(&program, folder.path().join("other")).unwrap();
        assert_eq!(digest_of(&folder.path().join("other"), &store).unwrap(), Digest::of(b"six"));
        assert!(digest_of(&folder.path().join("none"), &store).is_err());
    }

    #[test]
    fn what_was_changed_a_moment_ago_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let program = folder.path().join("program");
        fs::write(&program, "one").unwrap();
        digest_of(&program, &store).unwrap();
        assert!(read(store.folder()).is_none());
    }
}
