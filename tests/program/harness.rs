//! Makes a tree in a temporary folder, runs the program in it, and looks at what came of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;

use octavo_plugin::Digest;
use serde_json::Value as Json;
use walkdir::WalkDir;

/// Files by path, with `/` between folders.
pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// The smallest project file.
pub(crate) const CONFIG: &str = "octavo = \"1\"\ntitle = \"Test\"\n";

/// Ends all tests with one line if what plugins are written in is missing: they would fail one by one.
fn need_python() {
    static ASKED: Once = Once::new();
    ASKED.call_once(|| {
        let version = "import sys; sys.exit(sys.version_info < (3, 9))";
        let asked = Command::new("python3").args(["-c", version]).stderr(Stdio::null()).status();
        if !asked.is_ok_and(|status| status.success()) {
            // What a test prints is shown only if it fails; this is not printed but written.
            let _ = std::io::stderr().write_all(b"error: these tests need `python3`, version 3.9 or later\n");
            std::process::exit(1);
        }
    });
}

/// A folder of its own, gone at the end of the test.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    /// In memory if the system has such a place: what is tested is not the disk.
    pub(crate) fn new() -> Self {
        need_python();
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self(folder.expect("there is a place for temporary files"))
    }

    /// With these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let place = Self::new();
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    /// A project of these files and the smallest `octavo.toml`.
    pub(crate) fn project(files: &[(&str, &str)]) -> Self {
        let place = Self::with(&[("octavo.toml", CONFIG)]);
        for (path, text) in files {
            place.write(&format!("experiments/{path}"), text);
        }
        place
    }

    /// A copy of the small project with every analysis.
    pub(crate) fn small() -> Self {
        let place = Self::new();
        for (path, bytes) in read_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/small")) {
            place.write(&path, bytes);
        }
        place
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("the path is below the folder"))
            .expect("folders can be made");
        fs::write(path, bytes).expect("the file can be written");
    }

    /// Replaces a text that must be there by another.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        assert_ne!(from, to, "an edit that changes nothing tests nothing");
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is not in {path}:\n{text}");
        self.write(path, text.replace(from, to));
    }

    pub(crate) fn read(&self, path: &str) -> String {
        let bytes = fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        String::from_utf8(bytes).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// All files below a folder; none if it is not there.
    pub(crate) fn tree(&self, path: &str) -> Tree {
        read_tree(&self.path(path))
    }

    /// The program with these arguments, started here. It does not inherit variables that it reads.
    pub(crate) fn octavo(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_octavo"));
        for name in ["OCTAVO_FAULT", "OCTAVO_SIMD", "NO_COLOR", "SOURCE_DATE_EPOCH", "GLIBC_TUNABLES"] {
            command.env_remove(name);
        }
        for name in ["OCTAVO_STORE_REMOTE", "OCTAVO_STORE_TOKEN", "OCTAVO_STORE_PUSH", "OCTAVO_STORE_CA"] {
            command.env_remove(name);
        }
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
            command.env_remove(name);
        }
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            command.env_remove(name);
        }
        command.current_dir(self.0.path()).args(arguments).stdin(Stdio::null());
        Run(command)
    }

    /// Builds, which must go well, and says what was done.
    pub(crate) fn build(&self) -> Published {
        self.octavo(&["build", "--log-format", "json"]).run().exits(0).published()
    }
}

pub(crate) fn read_tree(folder: &Path) -> Tree {
    let entries = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| !entry.file_type().is_dir());
    let read = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(folder).expect("it is below").to_string_lossy().into_owned();
        let bytes = match entry.path_is_symlink() {
            true => fs::read_link(entry.path()).map(|to| to.into_os_string().into_encoded_bytes()),
            false => fs::read(entry.path()),
        };
        (path, bytes.expect("the file can be read"))
    };
    files.map(read).collect()
}

/// A program about to run.
pub(crate) struct Run(Command);

impl Run {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn command(mut self) -> Command {
        self.0.stdout(Stdio::piped()).stderr(Stdio::piped());
        self.0
    }

    pub(crate) fn run(mut self) -> Done {
        let arguments: Vec<_> = self.0.get_args().map(|a| a.to_string_lossy().into_owned()).collect();
        let output = self.0.output().expect("the program can be started");
        Done {
            what: format!("octavo {}", arguments.join(" ")),
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("standard output is text"),
            err: String::from_utf8(output.stderr).expect("standard error is text"),
        }
    }
}

/// What a run left behind.
pub(crate) struct Done {
    what: String,
    /// `None` if it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    fn shown(&self) -> String {
        format!("`{}` ended with {:?}\n-- out\n{}\n-- err\n{}", self.what, self.code, self.out, self.err)
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.shown());
        self
    }

    /// Standard error has each of these parts.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "`{part}` is not said by {}", self.shown());
        }
        self
    }

    /// Standard output has each of these parts.
    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.out.contains(part), "`{part}` is not printed by {}", self.shown());
        }
        self
    }

    /// Nothing is on standard output.
    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Self {
        assert_eq!(self.out, "", "{}", self.shown());
        self
    }

    /// Nothing is on standard error.
    #[track_caller]
    pub(crate) fn says_nothing(self) -> Self {
        assert_eq!(self.err, "", "{}", self.shown());
        self
    }

    /// Standard error does not have this.
    #[track_caller]
    pub(crate) fn says_nothing_of(self, part: &str) -> Self {
        assert!(!self.err.contains(part), "`{part}` is said by {}", self.shown());
        self
    }

    /// Standard error, one JSON object a line.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Json> {
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {}", self.shown()));
        self.err.lines().map(parse).collect()
    }

    /// The last event of a build.
    #[track_caller]
    pub(crate) fn published(&self) -> Published {
        let lines = self.lines();
        let event = lines.iter().find(|line| line["event"] == "published");
        let event = event.unwrap_or_else(|| panic!("nothing was published: {}", self.shown()));
        let count = |name: &str| event[name].as_u64().unwrap_or_else(|| panic!("no `{name}`: {event}"));
        Published {
            ran: count("run"),
            remembered: count("remembered"),
            failed: count("failed"),
            touched: count("added") + count("changed") + count("removed"),
            unchanged: count("unchanged"),
        }
    }
}

/// What a build says that it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) ran: u64,
    pub(crate) remembered: u64,
    pub(crate) failed: u64,
    /// Files added, changed and removed.
    pub(crate) touched: u64,
    pub(crate) unchanged: u64,
}

/// Where two trees differ, in words; empty if they are equal.
pub(crate) fn differences(one: &Tree, other: &Tree) -> String {
    let mut text = String::new();
    for path in one.keys().chain(other.keys()).collect::<std::collections::BTreeSet<_>>() {
        match (one.get(path), other.get(path)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => {
                let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
                let near = |bytes: &[u8]| {
                    let part = &bytes[at.saturating_sub(40)..bytes.len().min(at + 40)];
                    String::from_utf8_lossy(part).into_owned()
                };
                let _ = writeln!(text, "{path} at byte {at}: {:?} and {:?}", near(a), near(b));
            }
            (Some(_), None) => drop(writeln!(text, "{path} is only in the first")),
            _ => drop(writeln!(text, "{path} is only in the second")),
        }
    }
    text
}

/// A published tree is exactly what its `octavo.json` says.
#[track_caller]
pub(crate) fn assert_whole(site: &Tree) {
    let manifest: Json = serde_json::from_slice(&site["octavo.json"]).expect("the manifest is JSON");
    let said: BTreeMap<String, String> =
        serde_json::from_value(manifest["files"].clone()).expect("the manifest lists files");
    let there = site.iter().filter(|(path, _)| *path != "octavo.json");
    let there: BTreeMap<String, String> =
        there.map(|(path, bytes)| (path.clone(), Digest::of(bytes).to_string())).collect();
    assert_eq!(said, there);
}
