//! The seam to the disk: every file operation of store and publisher is one of the functions below.
//!
//! What survives a power cut: bytes that were synced; a name after its folder was synced. A rename, a link or an exchange
//! is all or nothing on any journaling file system, but until the folder is synced it may be undone. Whoever needs a
//! name to stand for complete bytes therefore writes under a temporary name, syncs, and only then renames
//! ([`write_durably`] does all of it).
//!
//! Each operation has a number, and [`fault`] can make any of them fail.

pub mod fault;
mod look;

use std::ffi::OsString;
use std::fs::{self, DirEntry, File, FileType, Metadata, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use fault::{Needs, Verdict, operation};

pub use look::Look;

/// A file operation failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} `{}`: {source}", path.display())]
pub struct DiskError {
    /// What was tried, such as `write`.
    pub verb: &'static str,
    /// On which file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl DiskError {
    /// Whether the disk, or the user's share of it, is full.
    pub fn is_full(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// Whether it is the file that cannot be read, now or later, and by whoever runs this.
    pub fn is_of_the_file(&self) -> bool {
        let errno = Errno::from_io_error(&self.source);
        matches!(errno, Some(Errno::IO | Errno::ACCESS | Errno::PERM | Errno::ISDIR | Errno::STALE))
    }

    /// The next step, where there is an obvious one.
    pub fn help(&self) -> Option<&'static str> {
        match self.source.kind() {
            _ if self.is_full() => Some("free some space and run the command again; nothing is lost"),
            io::ErrorKind::PermissionDenied => {
                Some("make the folder writable for you, or choose another one")
            }
            io::ErrorKind::ReadOnlyFilesystem => Some("the file system is read-only; choose another folder"),
            _ => None,
        }
    }
}

type Result<T> = std::result::Result<T, DiskError>;

fn act<T>(
    verb: &'static str,
    path: &Path,
    needs: Needs,
    run: impl FnOnce(Verdict) -> io::Result<T>,
) -> Result<T> {
    operation(verb, path, needs, run).map_err(|source| DiskError { verb, path: path.to_owned(), source })
}

/// `None` where there is no such file.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A new file under a temporary name. It is removed when dropped, unless it was given its final name.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
    placed: bool,
}

impl Temporary {
    /// An empty file in a folder, named after `stem`, the process and a counter.
    pub fn create(folder: &Path, stem: &str) -> Result<(Self, File)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{stem}{}-{number}", std::process::id()));
            match create(&path) {
                Ok(file) => return Ok((Self { path, placed: false }, file)),
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Its temporary name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its final name, in place of what had that name.
    pub fn rename(mut self, to: &Path) -> Result<()> {
        rename(&self.path, to)?;
        self.placed = true;
        Ok(())
    }

    /// Gives it its final name if nothing has that name; says whether it did.
    pub fn place_if_free(mut self, to: &Path) -> Result<bool> {
        match link(&self.path, to)? {
            Link::Made => Ok(true),
            Link::Taken => Ok(false),
            Link::Impossible => {
                rename(&self.path, to)?;
                self.placed = true;
                Ok(true)
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            // A leftover is removed when the store is next opened alone.
            let _ = remove_file(&self.path);
        }
    }
}

/// Writes a file so that at every moment, also after a power cut, its name stands for all of the old bytes or all of the
/// new ones; once this returns, for the new ones. A process killed in between may leave a file named `.NAME.PID-N`.
pub fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    write_durably_from(folder_of(path), path, bytes)
}

/// The same, with the temporary name in another folder of the same file system.
pub fn write_durably_from(folder: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (temporary, file) = Temporary::create(folder, &format!(".{name}."))?;
    write(&file, temporary.path(), bytes)?;
    sync(&file, temporary.path())?;
    temporary.rename(path)?;
    sync_all(&[folder_of(path).to_owned()])
}

/// The folder that a path is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Appends bytes to an open file. They survive a power cut once synced.
pub fn write(mut file: &File, path: &Path, bytes: &[u8]) -> Result<()> {
    act("write", path, Needs::RoomForBytes, |verdict| {
        if verdict == Verdict::Half {
            file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(Errno::NOSPC.into());
        }
        file.write_all(bytes)
    })
}

/// Waits until an open file's bytes and attributes are on the disk.
pub fn sync(file: &File, path: &Path) -> Result<()> {
    act("sync", path, Needs::Room, |_| file.sync_all())
}

/// More files than this are synced by one call for their whole file system, where there is one. Each single sync costs a
/// flush of the disk's cache (0.1 ms on a virtual disk, so over a second for the 10,000 folders of a large site); the one
/// call took 0.06 to 0.14 s for them. It also waits for what other programs wrote, so a few files are synced singly.
const TOGETHER: usize = 32;

/// Waits until files and folders are on the disk: bytes, attributes, and the names in the folders. All are on one file
/// system.
pub fn sync_all(paths: &[PathBuf]) -> Result<()> {
    if cfg!(target_os = "linux") && paths.len() > TOGETHER {
        return sync_filesystem(&paths[0]);
    }
    paths.par_iter().try_for_each(|path| act("sync", path, Needs::Room, |_| File::open(path)?.sync_all()))
}

#[cfg(target_os = "linux")]
fn sync_filesystem(path: &Path) -> Result<()> {
    act("sync", path, Needs::Room, |_| Ok(rustix::fs::syncfs(File::open(path)?)?))
}

#[cfg(not(target_os = "linux"))]
fn sync_filesystem(path: &Path) -> Result<()> {
    act("sync", path, Needs::Room, |_| File::open(path)?.sync_all())
}

/// Moves a file or folder within one file system, in place of a file, or of an empty folder.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    act("rename", from, Needs::Room, |_| fs::rename(from, to))
}

/// What became of a hard link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It was made.
    Made,
    /// Its name is taken.
    Taken,
    /// The file system, its owner rules or the limit of links per file forbid it.
    Impossible,
}

/// Gives a file a second name.
pub fn link(from: &Path, to: &Path) -> Result<Link> {
    act("link", to, Needs::Room, |_| {
        if fault::no_link() {
            return Ok(Link::Impossible);
        }
        let error = match fs::hard_link(from, to) {
            Ok(()) => return Ok(Link::Made),
            Err(error) => error,
        };
        match Errno::from_io_error(&error) {
            Some(Errno::EXIST) => Ok(Link::Taken),
            Some(Errno::XDEV | Errno::MLINK | Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => {
                Ok(Link::Impossible)
            }
            _ => Err(error),
        }
    })
}

/// Lets an empty file share the blocks of another, which no write to either can then change in the other; `false` where the
/// file system cannot.
#[cfg(target_os = "linux")]
pub fn share_blocks(from: &File, to: &File, path: &Path) -> Result<bool> {
    act("write", path, Needs::Room, |_| Ok(!fault::no_link() && rustix::fs::ioctl_ficlone(to, from).is_ok()))
}

/// No other system is asked.
#[cfg(not(target_os = "linux"))]
pub fn share_blocks(_from: &File, _to: &File, _path: &Path) -> Result<bool> {
    Ok(false)
}

/// Exchanges two names in one step; `false` where the file system cannot.
pub fn exchange(one: &Path, other: &Path) -> Result<bool> {
    act("exchange", other, Needs::Room, |_| {
        if fault::no_exchange() {
            return Ok(false);
        }
        match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            // EXDEV: an overlay that cannot move a folder of its lower layer.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::XDEV) => Ok(false),
            Err(error) => Err(error.into()),
        }
    })
}

/// Removes a file or a symbolic link, if it is there.
pub fn remove_file(path: &Path) -> Result<()> {
    act("remove", path, Needs::Nothing, |_| found(fs::remove_file(path)).map(|_| ()))
}

/// Removes a folder with all it holds, or a file, if it is there. Symbolic links are removed, not followed.
pub fn remove_tree(path: &Path) -> Result<()> {
    match metadata(path)? {
        None => Ok(()),
        Some(metadata) if metadata.is_dir() => remove_folder(path),
        Some(_) => remove_file(path),
    }
}

fn remove_folder(path: &Path) -> Result<()> {
    list(path)?.into_par_iter().try_for_each(|(name, kind)| match kind.is_dir() {
        true => remove_folder(&path.join(name)),
        false => remove_file(&path.join(name)),
    })?;
    act("remove", path, Needs::Nothing, |_| found(fs::remove_dir(path)).map(|_| ()))
}

/// Makes a folder and its parents, as far as they are missing.
pub fn create_folders(path: &Path) -> Result<()> {
    act("create", path, Needs::Room, |_| fs::create_dir_all(path))
}

/// Makes a folder that must not be there yet.
pub fn create_folder(path: &Path) -> Result<()> {
    act("create", path, Needs::Room, |_| fs::create_dir(path))
}

/// The names in a folder with their kinds, sorted by name.
pub fn list(path: &Path) -> Result<Vec<(OsString, FileType)>> {
    let describe = |entry: DirEntry| Ok((entry.file_name(), entry.file_type()?));
    let mut names: Vec<_> = act("list", path, Needs::Nothing, |_| {
        fs::read_dir(path)?.map(|entry| entry.and_then(describe)).collect()
    })?;
    names.sort_by(|one: &(OsString, FileType), other| one.0.cmp(&other.0));
    Ok(names)
}

/// What is known of a file without opening it; links are not followed. `None` where there is none.
pub fn metadata(path: &Path) -> Result<Option<Metadata>> {
    act("look at", path, Needs::Nothing, |_| found(fs::symlink_metadata(path)))
}

/// How a file or folder looks, or what a link leads to; `None` where there is nothing.
pub fn look(path: &Path) -> Result<Option<Look>> {
    let metadata = act("look at", path, Needs::Nothing, |_| found(fs::metadata(path)))?;
    Ok(metadata.as_ref().map(Look::from))
}

/// What is known of an open file.
pub fn metadata_open(file: &File, path: &Path) -> Result<Metadata> {
    act("look at", path, Needs::Nothing, |_| file.metadata())
}

/// The absolute path of an existing file or folder, without symbolic links, `.` and `..`.
pub fn real_path(path: &Path) -> Result<PathBuf> {
    act("look at", path, Needs::Nothing, |_| fs::canonicalize(path))
}

/// How many bytes may still be written where a file or folder is.
pub fn free_space(path: &Path) -> Result<u64> {
    act("look at", path, Needs::Nothing, |_| {
        let space = rustix::fs::statvfs(path)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    })
}

/// Opens a file for reading; `None` where there is none.
pub fn open(path: &Path) -> Result<Option<File>> {
    act("open", path, Needs::Nothing, |_| found(File::open(path)))
}

/// Opens a plain file for reading: `None` where there is none, or where something else has its name (a folder, a pipe, a
/// link). It never waits for the other end of a pipe.
pub fn open_plain(path: &Path) -> Result<Option<File>> {
    act("open", path, Needs::Nothing, |_| {
        let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
        let flags = i32::try_from(flags.bits()).expect("flags of the system are an int");
        let opened = File::options().read(true).custom_flags(flags).open(path);
        let special = |error: &io::Error| {
            matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::NXIO | Errno::ISDIR))
        };
        match opened {
            Ok(file) => Ok(file.metadata()?.is_file().then_some(file)),
            Err(error) if special(&error) => Ok(None),
            Err(error) => found(Err(error)),
        }
    })
}

/// Makes a file that must not be there yet.
pub fn create(path: &Path) -> Result<File> {
    act("create", path, Needs::Room, |_| File::options().read(true).write(true).create_new(true).open(path))
}

/// Opens a file to lock it, and makes it if it is missing.
pub fn open_lock(path: &Path) -> Result<File> {
    act("open", path, Needs::Room, |_| {
        File::options().read(true).write(true).create(true).truncate(false).open(path)
    })
}

/// All bytes of an open file.
pub fn read_open(mut file: &File, path: &Path) -> Result<Vec<u8>> {
    act("read", path, Needs::Nothing, |_| {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

/// The next bytes of an open file: so many, unless it ends before.
pub fn read_next(file: &File, path: &Path, size: u64) -> Result<Vec<u8>> {
    act("read", path, Needs::Nothing, |_| {
        let mut bytes = Vec::new();
        file.take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

/// The last bytes of an open file: so many, unless it has fewer.
pub fn read_last(mut file: &File, path: &Path, size: u64) -> Result<Vec<u8>> {
    act("read", path, Needs::Nothing, |_| {
        let begins = file.metadata()?.len().saturating_sub(size);
        file.seek(SeekFrom::Start(begins))?;
        let mut bytes = Vec::new();
        file.take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

/// All bytes of a file; `None` where there is none.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    open(path)?.map(|file| read_open(&file, path)).transpose()
}

/// Lets everybody read an open file and nobody write it.
pub fn set_read_only(file: &File, path: &Path) -> Result<()> {
    act("protect", path, Needs::Nothing, |_| file.set_permissions(Permissions::from_mode(0o444)))
}

/// Gives a file or folder these permissions.
pub fn set_permissions(path: &Path, permissions: &Permissions) -> Result<()> {
    act("set the permissions of", path, Needs::Nothing, |_| fs::set_permissions(path, permissions.clone()))
}
