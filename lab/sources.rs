// From which sources a module comes: read by the build script of the program and by what packs the modules, so that both say the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The folders of sources of a module, from the project's root: the crates of ours that it is made of, and this one.
pub(crate) fn folders(root: &Path, analysis: &str) -> io::Result<BTreeSet<PathBuf>> {
    let features = fs::read_to_string(root.join("lab/Cargo.toml"))?;
    let own = features.lines().find_map(|line| line.strip_prefix(analysis)?.strip_prefix(" = ["));
    let own = own.ok_or_else(|| io::Error::other(format!("lab/Cargo.toml has no feature `{analysis}`")))?;
    let mut found = BTreeSet::from([PathBuf::from("lab")]);
    let mut next: Vec<String> =
        own.split('"').filter_map(|word| word.strip_prefix("dep:")).map(str::to_owned).collect();
    next.push("octavo-plugin".to_owned());
    while let Some(name) = next.pop() {
        let name = match name.trim_start_matches("octavo-") {
            "plugin" => "api",
            other => other,
        };
        let places = ["plugins", "crates"].map(|folder| PathBuf::from(folder).join(name));
        let folder = places.into_iter().find(|folder| root.join(folder).is_dir());
        let folder = folder.ok_or_else(|| io::Error::other(format!("no folder has the crate `{name}`")))?;
        if found.insert(folder.clone()) {
            let manifest = fs::read_to_string(root.join(&folder).join("Cargo.toml"))?;
            let own = manifest.split("[dev-dependencies]").next().unwrap_or_default();
            let used = own.lines().filter(|line| line.starts_with("octavo-"));
            next.extend(used.filter_map(|line| Some(line.split(['.', ' ']).next()?.to_owned())));
        }
    }
    Ok(found.into_iter().map(|folder| folder.join("src")).collect())
}

/// A digest of the sources of a module, 16 hexadecimal digits. Comments on lines of their own, empty lines and tests
/// in files of their own are no part of it. It says whether something was changed, and is no protection.
pub(crate) fn digest(root: &Path, analysis: &str) -> io::Result<String> {
    let mut files = Vec::new();
    for folder in folders(root, analysis)? {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([b'\n']) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for file in files {
        let place = file.strip_prefix(root).unwrap_or(&file);
        add(&place.to_string_lossy().replace('\\', "/"));
        let text = fs::read_to_string(&file)?;
        let lines = text.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with("//")).for_each(&mut add);
    }
    Ok(format!("{state:016x}"))
}

/// The Rust files below a folder, but for tests.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    Ok(())
}
