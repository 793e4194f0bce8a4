//! The files that decide what a plugin computes, and their digest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use octavo_plugin::{ContentHasher, Digest};
use walkdir::WalkDir;

use super::glob;
use crate::plain;

/// Digest of the command and of these files of the project.
///
/// # Errors
/// A sentence that says which file cannot be read.
pub(super) fn digest(root: &Path, command: &[String], files: &BTreeSet<String>) -> Result<Digest, String> {
    let mut hasher = ContentHasher::new("octavo plugin");
    hasher.number(command.len() as u64);
    for word in command {
        hasher.text(word);
    }
    for path in files {
        let bytes = fs::read(root.join(path)).map_err(|error| format!("`{path}` cannot be read: {error}"))?;
        hasher.text(path).bytes(&bytes);
    }
    Ok(hasher.finish())
}

/// The contents of these files of the project.
///
/// # Errors
/// A sentence that says which file cannot be read.
pub(super) fn contents(root: &Path, files: BTreeSet<String>) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let read = |path: String| match fs::read(root.join(&path)) {
        Ok(bytes) => Ok((path, bytes)),
        Err(error) => Err(format!("`{path}` cannot be read: {error}")),
    };
    files.into_iter().map(read).collect()
}

/// The project's files that the command names, and those that match `inputs`: paths relative to the project, sorted.
///
/// # Errors
/// A sentence that says which pattern or file cannot be used.
pub(super) fn files(root: &Path, command: &[String], inputs: &[String]) -> Result<BTreeSet<String>, String> {
    let mut found: BTreeSet<String> = command.iter().filter_map(|word| named(root, word)).collect();
    for pattern in inputs {
        if !is_inside(pattern) {
            return Err(format!("the pattern `{pattern}` leads out of the project; use a path below it"));
        }
        let before = found.len();
        let folder = pattern.split('/').take_while(|part| !part.contains(['*', '?'])).collect::<Vec<_>>();
        // A pattern without a star is a file itself.
        let folder = if folder.len() == pattern.split('/').count() { Vec::new() } else { folder };
        if folder.is_empty() && !pattern.contains(['*', '?']) {
            if !root.join(pattern).is_file() {
                return Err(format!("there is no file `{pattern}`"));
            }
            found.insert(pattern.clone());
            continue;
        }
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        };
        let mut any = false;
        for entry in
            WalkDir::new(root.join(folder.join("/"))).into_iter().filter_entry(visible).filter_map(Result::ok)
        {
            let Ok(relative) = entry.path().strip_prefix(root) else { continue };
            let shown = plain::path(relative);
            if entry.path().is_file() && glob::matches(pattern, &shown) {
                any = true;
                let name = relative.to_str().ok_or_else(|| {
                    format!("the name of `{shown}`, which `{pattern}` matches, is not UTF-8; give it another")
                })?;
                found.insert(name.to_owned());
            }
        }
        if !any && found.len() == before {
            return Err(format!("no file matches `{pattern}`"));
        }
    }
    Ok(found)
}

/// The path, relative to the project, of the file of the project that a word of a command names, however it is written.
pub(super) fn named(root: &Path, word: &str) -> Option<String> {
    if word.is_empty() || !root.join(word).is_file() {
        return None;
    }
    let text = |path: &Path| path.to_str().map(|path| path.replace('\\', "/"));
    if is_inside(word) {
        return text(
            &Path::new(word).components().filter(|part| *part != Component::CurDir).collect::<PathBuf>(),
        );
    }
    let whole = fs::canonicalize(root.join(word)).ok()?;
    text(whole.strip_prefix(fs::canonicalize(root).ok()?).ok()?)
}

fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn files_of_the_command_and_of_patterns_are_found() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["plugins/a.py", "plugins/lib/b.py", "plugins/notes.txt", "uv.lock", ".hidden/c.py"] {
            fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
            fs::write(folder.path().join(path), path).unwrap();
        }
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let command = words(&["python3", "plugins/a.py", "--flag"]);
        let found = |inputs: &[&str]| files(folder.path(), &command, &words(inputs));
        let list = |inputs: &[&str]| found(inputs).unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(list(&[]), ["plugins/a.py"]);
        assert_eq!(list(&["plugins/*.py", "uv.lock"]), ["plugins/a.py", "uv.lock"]);
        assert_eq!(list(&["**/*.py"]), ["plugins/a.py", "plugins/lib/b.py"]);
        assert!(found(&["../x"]).unwrap_err().contains("leads out"));
        assert!(found(&["none/*.R"]).unwrap_err().contains("no file matches"));
        let odd = std::ffi::OsStr::from_bytes(b"plugins/caf\xe9.R");
        fs::write(folder.path().join(odd), "").unwrap();
        assert!(found(&["plugins/*.R"]).unwrap_err().contains("the name of `plugins/caf\\xe9.R`"));
        assert!(found(&["none.R"]).unwrap_err().contains("there is no file"));
        let known = found(&[]).unwrap();
        let before = digest(folder.path(), &command, &known).unwrap();
        fs::write(folder.path().join("plugins/a.py"), "other").unwrap();
        assert_ne!(digest(folder.path(), &command, &known).unwrap(), before);
    }

    #[test]
    fn a_file_of_the_project_is_known_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("mine");
        fs::create_dir_all(root.join("plugins")).unwrap();
        fs::write(root.join("plugins/a.py"), "").unwrap();
        fs::write(folder.path().join("out.py"), "").unwrap();
        let whole = root.join("plugins/a.py").display().to_string();
        for word in ["plugins/a.py", "./plugins/a.py", "plugins/../plugins/a.py", &whole] {
            assert_eq!(named(&root, word).as_deref(), Some("plugins/a.py"), "{word}");
        }
        for word in ["../out.py", "/bin/sh", "sh", "plugins", "", "--flag"] {
            assert_eq!(named(&root, word), None, "{word}");
        }
    }
}
