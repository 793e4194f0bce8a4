//! Names the commit that the program is built from, for `octavo --version` (nothing else of a build may depend on it: src/commit.rs), and
//! lists the modules of analyses that are built in (lab/modules), with whether each comes from the sources of today.
#![allow(clippy::disallowed_methods, reason = "cargo tells a build script everything by its environment")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "lab/sources.rs"]
mod sources;

/// What stands for a commit that is not known.
const UNKNOWN: &str = "----------------------------------------";

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package lies"));
    // Without any such line, cargo would run this for every file that changes.
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=commit");
    println!("cargo:rerun-if-env-changed=OCTAVO_COMMIT");
    let given = env::var("OCTAVO_COMMIT").ok();
    let commit = given.and_then(hash).or_else(|| archived(&folder)).or_else(|| of_git(&folder));
    println!("cargo:rustc-env=OCTAVO_COMMIT={}", commit.as_deref().unwrap_or(UNKNOWN));
    modules(&folder);
    // The linker would mark the program with a digest of all its bytes, and the commit would be in there.
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo:rustc-link-arg-bins=-Wl,--build-id=none");
    }
}

/// Writes the list of modules that `src/render/lab/modules.rs` includes. One that is older than its sources is in there without its bytes.
fn modules(root: &Path) {
    println!("cargo:rerun-if-changed=lab/modules");
    println!("cargo:rerun-if-changed=lab/sources.rs");
    println!("cargo:rerun-if-changed=lab/Cargo.toml");
    let known = fs::read_to_string(root.join("lab/modules/sources.txt")).unwrap_or_default();
    let mut list = String::new();
    for (name, digest) in known.lines().filter_map(|line| line.split_once(' ')) {
        for folder in sources::folders(root, name).expect("the manifests of lab and plugins can be read") {
            println!("cargo:rerun-if-changed={}", folder.display());
        }
        let now = sources::digest(root, name).expect("the sources of an analysis can be read");
        let packed = if now == digest {
            format!("Some(include_bytes!({:?}))", root.join(format!("lab/modules/{name}.wasm.gz")))
        } else {
            println!(
                "cargo:warning=lab/modules/{name}.wasm.gz is older than its sources: its figures have no button; run `just lab`"
            );
            "None".to_owned()
        };
        list += &format!("    Module {{ analysis: {name:?}, packed: {packed} }},\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join("modules.rs"), format!("&[\n{list}]\n")).expect("the output folder can be written");
}

/// A whole commit, 40 hexadecimal digits; nothing for any other text.
fn hash(text: impl AsRef<str>) -> Option<String> {
    let text = text.as_ref().trim();
    let good = text.len() == 40 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    good.then(|| text.to_owned())
}

/// What `git archive`, and with it the archives of forges, wrote into the file `commit` (`.gitattributes`).
fn archived(folder: &Path) -> Option<String> {
    hash(fs::read_to_string(folder.join("commit")).ok()?)
}

/// The commit that is checked out here. A repository around an unpacked archive is another one.
fn of_git(folder: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let done = Command::new("git").current_dir(folder).args(arguments).output().ok()?;
        let text = String::from_utf8(done.stdout).ok()?;
        done.status.success().then(|| text.trim().to_owned())
    };
    let top = git(&["rev-parse", "--show-toplevel"])?;
    (fs::canonicalize(top).ok()? == fs::canonicalize(folder).ok()?).then_some(())?;
    // Each of these changes when another commit is checked out or made. What is not there would make cargo run this every time.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]).map(|path| folder.join(path))
            && path.exists()
        {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
    hash(git(&["rev-parse", "HEAD"])?)
}
