//! What is in a file that a task reads? It is found and digested when the plan is made, and read while the task runs: in
//! the task's time, under `limits.input`, and at the cost of that task alone.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use octavo_plugin::delimited::TextForm;
use octavo_plugin::input::InputContent;
use octavo_plugin::{Digest, DigestOf, Failure, Input, InputLimits};

use crate::file;

/// Bytes that are read between two questions whether to go on.
const PIECE: usize = 1 << 20;

/// Where the bytes of a file come from, each time from its start.
pub trait Open: fmt::Debug + Send + Sync {
    /// Opens the file.
    ///
    /// # Errors
    /// What the system says.
    fn open(&self) -> io::Result<Box<dyn Read>>;
}

impl Open for PathBuf {
    fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(file::open(self)?))
    }
}

/// A file that tasks read. Its digest, which identifies it, was found without holding it.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// What the definition calls it.
    name: String,
    /// Bytes when the plan was made.
    size: u64,
    /// `None` for a file that is too large to be read.
    digest: Option<Digest>,
    source: Arc<dyn Open>,
}

impl InputFile {
    /// Digests a file of this size, unless it is larger than the limits allow: a task that needs it says so.
    ///
    /// # Errors
    /// What the system says of a file that cannot be read.
    pub fn new(name: &str, source: Arc<dyn Open>, size: u64, limits: InputLimits) -> io::Result<Self> {
        let mut file = Self { name: name.to_owned(), size, digest: None, source };
        if size <= limits.bytes() {
            let (mut digest, mut read) = (DigestOf::default(), 0);
            file.pieces(limits, &mut |piece| {
                digest.update(piece);
                read += piece.len() as u64;
                Ok(())
            })?;
            file.size = read;
            file.digest = (read <= limits.bytes()).then(|| digest.finish());
        }
        Ok(file)
    }

    /// The input that parameters hold in its place: its content's address.
    pub fn input(&self) -> Input {
        match self.digest {
            Some(digest) => Input::at(digest, &self.extension()),
            None => Input::File { file: self.name.clone(), form: TextForm::default() },
        }
    }

    /// The digest of its content; `None` for a file that is too large to be read.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads it, asking between pieces whether to go on.
    ///
    /// # Errors
    /// [`FailureKind::Resource`](octavo_plugin::FailureKind::Resource) for one that is too large; for one that is not what it
    /// was when the plan was made; whatever `go_on` says.
    pub fn load(
        &self,
        limits: InputLimits,
        go_on: &dyn Fn() -> Result<(), Failure>,
    ) -> Result<InputContent, Failure> {
        let digest = self.digest.ok_or_else(|| self.too_large(limits))?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        let mut stopped = Ok(());
        let read = self.pieces(limits, &mut |piece| {
            stopped = go_on();
            bytes.extend_from_slice(piece);
            stopped.clone().map_err(io::Error::other)
        });
        stopped?;
        read.map_err(|error| Failure::user(format!("`{}` cannot be read: {error}", self.name)))?;
        if Digest::of(&bytes) != digest {
            let message = format!("`{}` changed while the build ran", self.name);
            return Err(Failure::user(message).help("build again"));
        }
        Ok(InputContent::File { extension: self.extension(), bytes })
    }

    fn extension(&self) -> String {
        self.name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase()
    }

    fn too_large(&self, limits: InputLimits) -> Failure {
        let size = self.size.div_ceil(1 << 20);
        Failure::resource(format!("`{}` has {size} MiB, and at most {} MiB are read", self.name, limits.size))
            .help("raise `limits.input.size` in octavo.toml or in the experiment, or give a smaller file")
    }

    /// Gives the bytes piece by piece, and at most one more than the limits allow.
    fn pieces(&self, limits: InputLimits, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut source = self.source.open()?.take(limits.bytes().saturating_add(1));
        let mut piece = vec![0; PIECE];
        loop {
            match source.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => each(&piece[..read])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::FailureKind;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Bytes without end, and how many were asked for.
    #[derive(Debug, Default)]
    struct Endless(Arc<AtomicU64>);

    impl Open for Endless {
        fn open(&self) -> io::Result<Box<dyn Read>> {
            Ok(Box::new(Counted(Arc::clone(&self.0))))
        }
    }

    struct Counted(Arc<AtomicU64>);

    impl Read for Counted {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            into.fill(b'7');
            self.0.fetch_add(into.len() as u64, Ordering::SeqCst);
            Ok(into.len())
        }
    }

    const SMALL: InputLimits = InputLimits { size: 2, ..InputLimits::NONE };

    #[test]
    fn what_is_too_large_is_not_even_opened() {
        let source = Endless::default();
        let asked = Arc::clone(&source.0);
        let file = InputFile::new("a.bin", Arc::new(source), 5 << 30, SMALL).unwrap();
        assert_eq!(file.input(), Input::File { file: "a.bin".to_owned(), form: TextForm::default() });
        let failure = file.load(SMALL, &|| Ok(())).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Resource);
        assert_eq!(failure.message, "`a.bin` has 5120 MiB, and at most 2 MiB are read");
        assert_eq!(asked.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_file_that_grows_without_end_is_read_up_to_its_limit() {
        let source = Endless::default();
        let asked = Arc::clone(&source.0);
        let file = InputFile::new("a.bin", Arc::new(source), 10, SMALL).unwrap();
        assert!(file.load(SMALL, &|| Ok(())).unwrap_err().message.contains("at most 2 MiB are read"));
        assert!(asked.load(Ordering::SeqCst) <= (2 << 20) + PIECE as u64);
    }

    #[test]
    fn reading_ends_when_the_task_is_asked_to_stop() {
        let (a, b) = (tempfile::NamedTempFile::new().unwrap(), InputLimits::default());
        std::fs::write(a.path(), vec![b'7'; 5 * PIECE]).unwrap();
        let path = a.path().to_path_buf();
        let file = InputFile::new("a.CSV", Arc::new(path), 5 * PIECE as u64, b).unwrap();
        let asked = AtomicU64::new(0);
        let stop_at_third = || match asked.fetch_add(1, Ordering::SeqCst) {
            2 => Err(Failure::resource("the time limit has passed")),
            _ => Ok(()),
        };
        let failure = file.load(b, &stop_at_third).unwrap_err();
        assert_eq!(
            (failure.message.as_str(), asked.load(Ordering::SeqCst)),
            ("the time limit has passed", 3)
        );
        let content = file.load(b, &|| Ok(())).unwrap();
        let InputContent::File { extension, bytes } = content else { panic!("a file is a file") };
        assert_eq!((extension.as_str(), bytes.len()), ("csv", 5 * PIECE));
        std::fs::write(a.path(), "other").unwrap();
        assert_eq!(file.load(b, &|| Ok(())).unwrap_err().message, "`a.CSV` changed while the build ran");
    }
}
