//! Folders that a plugin and the host share. The plugin may have put anything there.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use octavo_plugin::process::Folder;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, openat, statat, unlinkat};
use rustix::io::Errno;

/// Most bytes that the values of a result take in memory, for each byte that it may have as messages and files.
const MEMORY: u64 = 8;

/// A folder, held open: whatever its name is moved to, files are looked for in it and nowhere else.
#[derive(Debug)]
pub(super) struct SharedFolder {
    path: PathBuf,
    open: OwnedFd,
    /// Most bytes of a file that is read.
    limit: u64,
    /// Bytes of memory that values took.
    spent: Cell<u64>,
    /// Files as they were when they were written.
    written: BTreeMap<String, Stamp>,
}

/// What tells a file that was touched from one that was not. No program can choose the time of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    size: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(file: &File) -> std::io::Result<Self> {
        let about = file.metadata()?;
        Ok(Self {
            file: (about.dev(), about.ino()),
            size: about.len(),
            changed: (about.ctime(), about.ctime_nsec()),
        })
    }
}

impl SharedFolder {
    /// Makes the folder if it is not there.
    pub(super) fn make(path: PathBuf, limit: u64) -> std::io::Result<Self> {
        if path.to_str().is_none() {
            let message =
                "the folder for temporary files has a name that is not UTF-8; let `TMPDIR` name another";
            return Err(std::io::Error::other(message));
        }
        match fs::create_dir(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = openat(rustix::fs::CWD, &path, flags, Mode::empty())?;
        Ok(Self { path, open, limit, spent: Cell::new(0), written: BTreeMap::new() })
    }

    pub(super) fn path_text(&self) -> String {
        self.path.display().to_string()
    }

    /// Bytes of all files below, as far as they can be seen.
    pub(super) fn size(&self) -> u64 {
        size_below(&self.path, 0)
    }

    /// Removes what the plugin left; what cannot be removed stays until the process's folder goes.
    pub(super) fn remove(&self) {
        let _ = fs::remove_dir_all(&self.path);
    }

    fn open_file(&self, name: &str) -> Result<File, String> {
        // A pipe must not be waited for, and a link must not be followed.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = openat(&self.open, name, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::LOOP => format!("`{name}` is a link, and only regular files are read"),
            Errno::NOENT => format!("there is no file `{name}` in the run's folder"),
            other => format!("`{name}` cannot be read: {other}"),
        })?;
        let stat = fstat(&open).map_err(|errno| format!("`{name}` cannot be read: {errno}"))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(format!("`{name}` is no regular file"));
        }
        if u64::try_from(stat.st_size).unwrap_or(u64::MAX) > self.limit {
            return Err(format!("`{name}` is larger than the limit on output, {}", mebibytes(self.limit)));
        }
        Ok(File::from(open))
    }
}

/// Bytes for people.
pub(super) fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

fn size_below(folder: &Path, depth: usize) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let each = entries.filter_map(Result::ok).map(|entry| match entry.metadata() {
        // Deeper than anybody needs: the rest is not counted.
        Ok(metadata) if metadata.is_dir() && depth < 8 => size_below(&entry.path(), depth + 1),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    each.sum()
}

impl Folder for SharedFolder {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let file = self.open_file(name)?;
        file.take(self.limit)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        Ok(bytes)
    }

    fn picture(&self, name: &str) -> Result<(usize, usize, Vec<f64>), String> {
        let bytes = self.read(name)?;
        let bad = |error: png::DecodingError| format!("`{name}` is no PNG that can be read: {error}");
        let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().map_err(bad)?;
        let info = reader.info();
        let (width, height, depth) = (info.width, info.height, info.bit_depth);
        let deep = match depth {
            png::BitDepth::Eight => false,
            png::BitDepth::Sixteen => true,
            _ => return Err(format!("`{name}` has another depth than 8 or 16 bits")),
        };
        if info.color_type != png::ColorType::Grayscale {
            return Err(format!("`{name}` is not grey; pictures are grey without transparency"));
        }
        let size = reader.output_buffer_size().ok_or_else(|| format!("`{name}` is too large"))?;
        // A sample becomes a float.
        self.spend((u64::from(width) * u64::from(height)).saturating_mul(8).saturating_add(size as u64))?;
        let mut samples = vec![0; size];
        reader.next_frame(&mut samples).map_err(bad)?;
        let values = if deep {
            samples.chunks_exact(2).map(|pair| f64::from(u16::from_be_bytes([pair[0], pair[1]]))).collect()
        } else {
            samples.iter().map(|sample| f64::from(*sample)).collect()
        };
        Ok((width as usize, height as usize, values))
    }

    fn spend(&self, bytes: u64) -> Result<(), String> {
        let most = self.limit.saturating_mul(MEMORY);
        self.spent.set(self.spent.get().saturating_add(bytes));
        if self.spent.get() > most {
            return Err(format!("its result takes more than {} of memory", mebibytes(most)));
        }
        Ok(())
    }

    /// Files are named by their content: one that is there and was not touched stays.
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let found = self.open_file(name).ok().and_then(|file| Stamp::of(&file).ok());
        if found.is_some() && found.as_ref() == self.written.get(name) {
            return Ok(());
        }
        let failed = |error: std::io::Error| format!("the input `{name}` cannot be written: {error}");
        // Whatever the plugin put there.
        if statat(&self.open, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            unlinkat(&self.open, name, AtFlags::empty()).map_err(|errno| failed(errno.into()))?;
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = openat(&self.open, name, flags, Mode::from_raw_mode(0o444));
        let mut file = File::from(open.map_err(|errno| failed(errno.into()))?);
        file.write_all(bytes).map_err(failed)?;
        self.written.insert(name.to_owned(), Stamp::of(&file).map_err(failed)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_gives_its_samples() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plugin-protocol/v1/files");
        let folder = SharedFolder::make(golden, 1 << 20).unwrap();
        assert_eq!(folder.picture("map.png"), Ok((3, 1, vec![255.0, 128.0, 0.0])));
        assert!(folder.picture("decay.csv").unwrap_err().contains("no PNG"));
    }

    #[test]
    fn links_pipes_and_large_files_are_not_read() {
        let temporary = tempfile::tempdir().unwrap();
        let secret = temporary.path().join("secret.csv");
        fs::write(&secret, "x\n1\n").unwrap();
        let folder = SharedFolder::make(temporary.path().join("run"), 10).unwrap();
        std::os::unix::fs::symlink(&secret, temporary.path().join("run/link.csv")).unwrap();
        fs::write(temporary.path().join("run/large.csv"), [b'x'; 11]).unwrap();
        fs::create_dir(temporary.path().join("run/folder.csv")).unwrap();
        fs::write(temporary.path().join("run/good.csv"), "good").unwrap();
        let error = |name: &str| folder.read(name).unwrap_err();
        assert!(error("link.csv").contains("is a link"), "{}", error("link.csv"));
        assert!(error("large.csv").contains("larger than the limit"));
        assert!(error("folder.csv").contains("no regular file"));
        assert!(error("none.csv").contains("there is no file"));
        assert_eq!(folder.read("good.csv").unwrap(), b"good");
        // The folder's name may be taken by something else; the folder stays the same.
        fs::rename(temporary.path().join("run"), temporary.path().join("moved")).unwrap();
        std::os::unix::fs::symlink("/", temporary.path().join("run")).unwrap();
        assert_eq!(folder.read("good.csv").unwrap(), b"good");
    }

    #[test]
    fn an_input_is_read_only_and_written_again_if_it_was_touched() {
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = SharedFolder::make(temporary.path().join("inputs"), 100).unwrap();
        let file = temporary.path().join("inputs/a.csv");
        folder.write("a.csv", b"x\n1\n").unwrap();
        let before = fs::metadata(&file).unwrap();
        assert!(before.permissions().readonly());
        folder.write("a.csv", b"x\n1\n").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().ino(), before.ino(), "it was not touched");
        // A plugin has the same rights as its host.
        fs::remove_file(&file).unwrap();
        fs::write(&file, "x\n2\n").unwrap();
        folder.write("a.csv", b"x\n1\n").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"x\n1\n");
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
        folder.write("a.csv", b"x\n1\n").unwrap();
        assert!(fs::symlink_metadata(&file).unwrap().is_file());
    }

    #[test]
    fn memory_of_values_is_a_small_multiple_of_the_limit() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SharedFolder::make(temporary.path().join("run"), 1 << 20).unwrap();
        assert_eq!(folder.spend(8 << 20), Ok(()));
        assert!(folder.spend(1).unwrap_err().contains("more than 8 MiB of memory"));
    }
}
