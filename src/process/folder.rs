//! Folders that a plugin and the host share. The plugin may have put anything there.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use octavo_plugin::process::Folder;
use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use rustix::io::Errno;

/// Most numbers of a picture.
const MAX_SAMPLES: u64 = 1 << 27;

/// A folder, held open: whatever its name is moved to, files are looked for in it and nowhere else.
#[derive(Debug)]
pub(super) struct SharedFolder {
    path: PathBuf,
    open: OwnedFd,
    /// Most bytes of a file that is read.
    limit: u64,
}

impl SharedFolder {
    /// Makes the folder if it is not there.
    pub(super) fn make(path: PathBuf, limit: u64) -> std::io::Result<Self> {
        match fs::create_dir(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = openat(rustix::fs::CWD, &path, flags, Mode::empty())?;
        Ok(Self { path, open, limit })
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
        if u64::from(width) * u64::from(height) > MAX_SAMPLES {
            return Err(format!("`{name}` has {width} times {height} samples, more than is read"));
        }
        let size = reader.output_buffer_size().ok_or_else(|| format!("`{name}` is too large"))?;
        let mut samples = vec![0; size];
        reader.next_frame(&mut samples).map_err(bad)?;
        let values = if deep {
            samples.chunks_exact(2).map(|pair| f64::from(u16::from_be_bytes([pair[0], pair[1]]))).collect()
        } else {
            samples.iter().map(|sample| f64::from(*sample)).collect()
        };
        Ok((width as usize, height as usize, values))
    }

    /// Files are named by their content: one that is there stays.
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let path = self.path.join(name);
        if path.is_file() {
            return Ok(());
        }
        fs::write(&path, bytes).map_err(|error| format!("the input `{name}` cannot be written: {error}"))
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
}
