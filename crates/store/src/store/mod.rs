//! Remembered work, in the folder `.octavo` of a project: what was computed (blobs, by the digest of their bytes) and
//! which outputs belong to which key (actions, by the digest of their inputs). The meaning of keys is the caller's.
//!
//! ```text
//! .octavo/version        `octavo store 1`; another version is refused
//! .octavo/lock           held shared by every command, alone by `gc` and `clean`
//! .octavo/publish.lock   held by the one command that publishes
//! .octavo/blobs/ab/cd..  bytes, read-only
//! .octavo/actions/ab/cd.. records with a checksum (action.rs)
//! .octavo/found/1234abcd the keys that the last build of a checkout had the results of, if they are many (found.rs)
//! .octavo/uses/1234abcd  which keys a checkout's builds used, and when, for `gc` (uses.rs)
//! .octavo/releases/12..  how the files of a published site looked (publish/standing.rs)
//! .octavo/builds/12..    how all looked that a good build was made from (`build/standing.rs` of the program)
//! .octavo/program        the digest of the program that built last, and how its file looked (`build/program.rs`)
//! .octavo/sheets         what is known of each text of the project (`build/sheets.rs`)
//! .octavo/external-links what other hosts answered within a day (`external.rs`)
//! .octavo/code           blocks of code as markup (`render/code.rs`)
//! .octavo/clusters/      what was submitted to clusters and is not known to be over (`cli/submit/batch.rs`)
//! .octavo/tmp/           files being written
//! .octavo/damaged/       what was found in place of an entry
//! ```
//!
//! Promises. Several processes may use a store at once; those that write the same key or bytes keep one result. A
//! file gets its name only when its bytes are on the disk. After a kill or a power cut, an entry written in the last
//! seconds may be missing, but none is wrong: whatever is read is checked against its digest, and an entry that fails the check,
//! or a folder, pipe or link in its place, is reported ([`Store::take_warnings`]), set aside, and counts as missing. Nothing
//! here is needed to be kept: deleting the folder costs time only.

mod action;
mod archive;
mod blob;
mod contents;
mod far;
mod found;
mod gc;
mod item;
mod lock;
mod notes;
mod uses;
mod ustar;
mod verify;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use octavo_plugin::Digest;

use crate::disk::{self, DiskError};
use octavo_definition::diagnostic::Diagnostic;

use blob::{Entry, read_entry};

pub use action::{ActionRecord, Output};
pub use archive::{ArchiveError, Exported, Imported};
pub use contents::{Contents, Tally};
pub use far::{Brought, Moved, Teller, together};
pub use found::Found;
pub use gc::{CleanReport, ExclusiveStore, GcReport, Keep};
pub use lock::{Access, acquire, acquire_now, wait_for};
pub use notes::Notes;
pub use uses::USES_EVERY;
pub use verify::VerifyReport;

/// The store's folder in a project.
pub const FOLDER: &str = ".octavo";

/// The folders that every store has.
const FOLDERS: [&str; 4] = ["blobs", "actions", "uses", "tmp"];

/// The content of the file `version`.
const VERSION: &str = "octavo store 1\n";

/// The store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Another version of the program wrote it.
    #[error("the store `{}` has the format `{found}`, this program reads `{}`", folder.display(), VERSION.trim_end())]
    Version {
        /// The store's folder.
        folder: PathBuf,
        /// What its `version` file says.
        found: String,
    },
    /// The folder holds something else.
    #[error("the folder `{}` holds `{}`, so it is not a store", folder.display(), stranger.escape_debug())]
    NotAStore {
        /// The folder.
        folder: PathBuf,
        /// The first name in it that no store has.
        stranger: String,
    },
}

impl StoreError {
    /// The next step, where there is an obvious one.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Disk(error) => error.help().map(str::to_owned),
            Self::Version { .. } => Some(
                "run `octavo clean` to start a new one (results are computed again), or use the other version".into(),
            ),
            Self::NotAStore { folder, .. } => Some(format!("move `{}` away", folder.display())),
        }
    }

    /// The error as all others are shown.
    pub fn diagnostic(&self) -> Diagnostic {
        with_help(Diagnostic::error("store", self.to_string()), self.help())
    }
}

pub(crate) fn with_help(diagnostic: Diagnostic, help: Option<String>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// An entry that failed its check. It counts as missing, so its content is made again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoreWarning {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// The bytes are not those that were written.
    CorruptBlob,
    /// A record names this blob, and it is not there.
    MissingBlob,
    /// The record's checksum, form or key is wrong.
    CorruptAction,
    /// Something could not be written, so it is not remembered.
    Unwritable,
    /// The memory of last good results is not what was written.
    CorruptLastGood,
}

impl fmt::Display for StoreWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.problem {
            Problem::CorruptBlob => write!(f, "the stored result `{path}` is damaged and is made again"),
            Problem::MissingBlob => write!(f, "the stored result `{path}` is missing and is made again"),
            Problem::CorruptAction => write!(f, "the record `{path}` is damaged; its work is done again"),
            Problem::CorruptLastGood => {
                write!(f, "the memory of last good results, `{path}`, is damaged and starts anew")
            }
            Problem::Unwritable => {
                write!(f, "`{path}` cannot be written; what it would hold is made again next time")
            }
        }
    }
}

/// An open store, shared with other processes. Its clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    project: PathBuf,
    folder: PathBuf,
    /// Held for as long as the store, or a clone of it, is there.
    _lock: Arc<File>,
    warnings: Arc<Mutex<Vec<StoreWarning>>>,
    /// A store on another machine behind this one.
    far: Option<Arc<far::Far>>,
    used: Arc<Mutex<BTreeSet<Digest>>>,
}

impl Store {
    /// Opens the store of a project, and makes it if there is none. Waits while `gc` or `clean` runs.
    pub fn open(project: &Path) -> Result<Self, StoreError> {
        Self::open_telling(project, &mut |_| {})
    }

    /// The same; `waiting` is told, once, for whom it waits.
    pub fn open_telling(project: &Path, waiting: &mut dyn FnMut(&str)) -> Result<Self, StoreError> {
        Self::open_with(project, Access::Shared, waiting)
    }

    fn open_with(project: &Path, access: Access, waiting: &mut dyn FnMut(&str)) -> Result<Self, StoreError> {
        let folder = project.join(FOLDER);
        disk::create_folders(&folder)?;
        let lock = acquire(&folder.join("lock"), access, waiting)?;
        prepare(&folder, &lock, access)?;
        Ok(Self {
            project: project.to_owned(),
            folder,
            _lock: Arc::new(lock),
            warnings: Arc::default(),
            far: None,
            used: Arc::default(),
        })
    }

    /// The project's folder.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// The store's own folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The entries that failed their check since this was last asked, in the order of their paths.
    pub fn take_warnings(&self) -> Vec<StoreWarning> {
        let mut warnings = std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner));
        warnings.sort();
        // What was set aside is then missing: that is no second problem.
        warnings.dedup_by(|one, other| one.path == other.path);
        warnings
    }

    /// Whether such a warning waits to be taken.
    pub fn has_warned_of(&self, problem: Problem) -> bool {
        let warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.iter().any(|warning| warning.problem == problem)
    }

    /// How many results were found damaged or missing since warnings were last taken.
    pub fn losses(&self) -> usize {
        let warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = |warning: &&StoreWarning| {
            matches!(warning.problem, Problem::CorruptBlob | Problem::MissingBlob | Problem::CorruptAction)
        };
        warnings.iter().filter(lost).count()
    }

    /// Notes that something could not be remembered, for [`Store::take_warnings`].
    pub fn warn_of(&self, error: &StoreError) {
        let path = match error {
            StoreError::Disk(error) => &error.path,
            StoreError::Version { folder, .. } | StoreError::NotAStore { folder, .. } => folder,
        };
        self.warn(path, Problem::Unwritable);
    }

    /// Notes what is wrong with an entry, for [`Store::take_warnings`].
    pub fn warn(&self, path: &Path, problem: Problem) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(StoreWarning { path: path.to_owned(), problem });
    }

    /// Frees the name of an entry that is no good. What stood there is kept until `gc` or `clean`, as it may be somebody's.
    pub fn set_aside(&self, path: &Path, problem: Problem) -> Result<(), DiskError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        self.warn(path, problem);
        self.forget_found()?;
        let folder = self.folder.join("damaged");
        disk::create_folders(&folder)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        match disk::rename(path, &folder.join(format!("{name}.{}-{number}", std::process::id()))) {
            // Another process was quicker.
            Err(error) if error.source.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// The bytes of a file that stands beside the entries; one that cannot be read is told.
    pub fn read_beside(&self, path: &Path, problem: Problem) -> Result<Option<Vec<u8>>, StoreError> {
        match read_entry(path)? {
            Entry::Missing => Ok(None),
            Entry::Read(_, bytes) => Ok(Some(bytes)),
            Entry::Unreadable => {
                self.warn(path, problem);
                Ok(None)
            }
        }
    }

    fn temporary_folder(&self) -> PathBuf {
        self.folder.join("tmp")
    }
}

/// Where a digest's file is, below the folder of its kind.
fn sharded(folder: &Path, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    folder.join(&hex[..2]).join(&hex[2..])
}

/// Checks the version, makes what is missing, and removes what killed processes left.
fn prepare(folder: &Path, lock: &File, access: Access) -> Result<(), StoreError> {
    match read_version(folder)? {
        Some(found) if found == VERSION.as_bytes() => {}
        // A version without a word says nothing against the entries, each of which is checked when it is read.
        Some(found) if found.trim_ascii().is_empty() => create(folder)?,
        Some(found) => {
            let found = String::from_utf8_lossy(&found).lines().next().unwrap_or_default().to_owned();
            return Err(StoreError::Version { folder: folder.to_owned(), found });
        }
        None => create(folder)?,
    }
    // What copies a store may leave empty folders out.
    for name in FOLDERS {
        if disk::metadata(&folder.join(name))?.is_none() {
            disk::create_folders(&folder.join(name))?;
        }
    }
    let temporary = folder.join("tmp");
    if !disk::list(&temporary)?.is_empty() && lock::alone(lock, folder)? {
        for (name, _) in disk::list(&temporary)? {
            disk::remove_tree(&temporary.join(name))?;
        }
        if access == Access::Shared {
            lock::share(lock, folder)?;
        }
    }
    Ok(())
}

/// The file `version`; what else has its name says nothing, as an empty file does.
fn read_version(folder: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    let path = folder.join("version");
    match read_entry(&path)? {
        Entry::Missing => Ok(None),
        Entry::Read(_, bytes) => Ok(Some(bytes)),
        Entry::Unreadable => disk::remove_tree(&path).map(|()| None),
    }
}

/// Refuses a folder with anything in it that no store has.
fn refuse_strangers(folder: &Path) -> Result<(), StoreError> {
    let ours = [
        "lock",
        "publish.lock",
        "uses.lock",
        "version",
        "blobs",
        "actions",
        "uses",
        "releases",
        "builds",
        "causes",
        "clusters",
        found::FOLDER,
        "tmp",
        "damaged",
        "plugins",
        "last-good",
        "last-good.json",
        "program",
        "sheets",
        "external-links",
        "code",
        ".gitignore",
        "CACHEDIR.TAG",
    ];
    let names = disk::list(folder)?;
    let stranger = names.iter().find(|(name, _)| !ours.iter().any(|known| name == *known));
    stranger.map_or(Ok(()), |(name, _)| {
        Err(StoreError::NotAStore {
            folder: folder.to_owned(),
            stranger: name.to_string_lossy().into_owned(),
        })
    })
}

/// The version file comes last: a store that has it is complete. Two processes may do this at once, as they write the
/// same.
fn create(folder: &Path) -> Result<(), StoreError> {
    refuse_strangers(folder)?;
    for name in FOLDERS {
        disk::create_folders(&folder.join(name))?;
    }
    // Backup programs skip a folder with this file: https://bford.info/cachedir/
    let tag = b"Signature: 8a477f597d28d172789f06886806bc55\n";
    let write = |name, bytes: &[u8]| disk::write_durably_from(&folder.join("tmp"), &folder.join(name), bytes);
    write(".gitignore", b"*\n")?;
    write("CACHEDIR.TAG", tag)?;
    write("version", VERSION.as_bytes())?;
    Ok(())
}
