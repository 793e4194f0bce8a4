//! Files as they are on disk: only regular ones are opened, and only UTF-8 is text.

use std::borrow::Cow;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::OFlags;
use unicode_normalization::UnicodeNormalization as _;

use crate::diagnostic::Diagnostic;
use crate::source::{Location, SourceFile};

/// Most bytes of the bad line that are shown after the place where a text is no UTF-8.
const SHOWN: usize = 60;

/// A path in composed letters (NFC): one name has two forms, and systems differ in which they give.
pub(crate) fn composed(path: &str) -> Cow<'_, str> {
    // Those without accents, nearly all, are composed as they are.
    if path.is_ascii() { Cow::Borrowed(path) } else { Cow::Owned(path.nfc().collect()) }
}

/// Opens a regular file. A pipe, socket or device is refused before it is opened: it may never answer, or may do something
/// when it is opened. Should another file take the name in between, it is looked at again and has not been waited for.
///
/// # Errors
/// If there is no such file, if it may not be read, or if it is none of the kind.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    refuse_other(fs::metadata(path)?.file_type())?;
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = fs::OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    refuse_other(file.metadata()?.file_type())?;
    Ok(file)
}

/// The bytes of a regular file.
///
/// # Errors
/// As for [`open`].
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn refuse_other(kind: FileType) -> io::Result<()> {
    match kind.is_file() {
        true => Ok(()),
        false => Err(io::Error::other(format!("it is {}, and only regular files are read", name_of(kind)))),
    }
}

/// What a file is that is no regular one.
pub(super) fn name_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_symlink() {
        "a link"
    } else {
        "a device"
    }
}

/// What went wrong with a file, in one sentence.
pub(crate) fn unreadable(file: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{file}`"),
        _ => format!("`{file}` cannot be read: {error}"),
    }
}

/// A place for what is wrong with a file as a whole, whose text does not matter or cannot be had.
pub(super) fn place(shown: &str) -> Location {
    Location::new(&SourceFile::new(shown, ""), 0..0)
}

/// Reads a file as text. `shown` is how people are told of it.
pub(super) fn read_text(path: &Path, shown: &str, problems: &mut Vec<Diagnostic>) -> Option<Arc<SourceFile>> {
    match read(path) {
        Ok(bytes) => text(shown, bytes).map_err(|problem| problems.push(problem)).ok(),
        Err(error) => {
            let problem = Diagnostic::error("unreadable", unreadable(shown, &error));
            problems.push(problem.at(place(shown)));
            None
        }
    }
}

/// Bytes as text, without the mark that some editors put before it.
pub(super) fn text(shown: &str, bytes: Vec<u8>) -> Result<Arc<SourceFile>, Diagnostic> {
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(shown, error.as_bytes()))?;
    Ok(SourceFile::new(shown, text.strip_prefix('\u{feff}').unwrap_or(&text)))
}

/// A text that is no UTF-8, with the place of its first bad byte.
pub(super) fn not_utf8(shown: &str, bytes: &[u8]) -> Diagnostic {
    let good = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let rest = &bytes[good.len()..];
    let rest = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let rest = String::from_utf8_lossy(&rest[..rest.len().min(SHOWN)]);
    let source = SourceFile::new(shown, format!("{good}{rest}"));
    let bad = bytes.get(good.len()).copied().unwrap_or_default();
    let help = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16; save it as UTF-8",
        _ => "save it as UTF-8",
    };
    Diagnostic::error("not-utf8", format!("`{shown}` is not UTF-8 text"))
        .at(Location::new(&source, good.len()..good.len() + '\u{fffd}'.len_utf8()))
        .label(format!("the byte `\\x{bad:02x}`"))
        .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};

    #[test]
    fn only_regular_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        mknodat(CWD, path("pipe"), Kind::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        std::os::unix::fs::symlink("pipe", path("link")).unwrap();
        fs::write(path("file"), "text").unwrap();
        let why = |path: &Path| unreadable("x", &read(path).unwrap_err());
        assert_eq!(why(&path("pipe")), "`x` cannot be read: it is a pipe, and only regular files are read");
        assert!(why(&path("link")).contains("a pipe") && why(&path("socket")).contains("a socket"));
        assert!(why(folder.path()).contains("a folder") && why(Path::new("/dev/null")).contains("a device"));
        assert_eq!(why(&path("none")), "there is no file `x`");
        assert_eq!(read(&path("file")).unwrap(), b"text");
    }

    #[test]
    fn the_first_byte_that_is_no_text_has_its_place() {
        let place = |bytes: &[u8]| {
            let problem = text("a.md", bytes.to_vec()).unwrap_err();
            let at = problem.location.unwrap();
            (at.source.line_column(at.span.start), problem.label)
        };
        assert_eq!(place(b"caf\xe9\n"), ((1, 4), "the byte `\\xe9`".to_owned()));
        assert_eq!(place("é\nü\u{1f4c8}".as_bytes().split_last().unwrap().1).0, (2, 2));
        assert_eq!(place(b"\xff\xfe#\0 \0T\0").0, (1, 1));
        assert_eq!(place(b"one\r\n\r\ntwo \xc3(\n").0, (3, 5));
        assert_eq!(text("a.md", b"\xef\xbb\xbf# T".to_vec()).unwrap().text, "# T");
    }
}
