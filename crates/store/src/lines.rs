//! Many small things that were found before, in one file: a line of text under a digest each. They are good for the program that wrote
//! them, and worth nothing but time: a file that is damaged, or that another program wrote, has none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use std::path::Path;

use octavo_plugin::Digest;

use crate::disk;

/// What a file begins with, before the digest of the program and that of the lines below.
const HEADER: &str = "octavo lines 1 ";

/// Lines by the digest of all that decides them but for the program. None holds the end of a line.
pub type Lines = BTreeMap<Digest, String>;

/// The lines in a file of a store's folder.
pub fn read(folder: &Path, name: &str, program: Digest) -> Lines {
    let lines = || {
        let bytes = disk::read(&folder.join(name)).ok().flatten()?;
        let (header, body) = std::str::from_utf8(&bytes).ok()?.split_once('\n')?;
        (header == self::header(program, body)).then_some(())?;
        let line = |line: &str| {
            let (key, text) = line.split_once(' ')?;
            Some((key.parse().ok()?, text.to_owned()))
        };
        body.lines().map(line).collect::<Option<Lines>>()
    };
    lines().unwrap_or_default()
}

/// Writes such a file. What goes wrong is no trouble.
pub fn write(folder: &Path, name: &str, program: Digest, lines: &Lines) {
    let mut body = String::new();
    for (key, text) in lines {
        let _ = writeln!(body, "{} {text}", key.hex());
    }
    let text = format!("{}\n{body}", header(program, &body));
    let _ = disk::write_durably_from(&folder.join("tmp"), &folder.join(name), text.as_bytes());
}

fn header(program: Digest, body: &str) -> String {
    format!("{HEADER}{} {}", program.hex(), Digest::of(body.as_bytes()).hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_to_the_program_that_wrote_them_and_any_changed_byte_loses_them() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        let [one, other] = [b"a", b"b"].map(|text| Digest::of(text));
        let lines = Lines::from([(one, "{\"a\": 1}".to_owned()), (other, String::new())]);
        assert_eq!(read(folder.path(), "x", one), Lines::new());
        write(folder.path(), "x", one, &lines);
        assert_eq!(read(folder.path(), "x", one), lines);
        assert_eq!(read(folder.path(), "x", other), Lines::new());
        let path = folder.path().join("x");
        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, bad).unwrap();
            assert_eq!(read(folder.path(), "x", one), Lines::new(), "byte {at}");
        }
        write(folder.path(), "x", one, &Lines::new());
        assert_eq!(read(folder.path(), "x", one), Lines::new());
    }
}
