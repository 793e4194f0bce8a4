//! `octavo new ci`: files that build and publish the site where nobody looks.

use std::path::{Path, PathBuf};

use clap::Args;

use super::new::{ignore, write};
use super::session::Session;
use crate::commit;
use crate::diagnostic::Diagnostic;
use crate::plain;
use crate::store;

/// Arguments of `octavo new ci`.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub(super) struct Ci {
    /// Write `.github/workflows/site.yml`, which publishes Pages
    #[arg(long)]
    github: bool,
    /// Write `.gitlab-ci.yml`, which publishes Pages
    #[arg(long)]
    gitlab: bool,
    /// Write `nightly.sh`, which publishes into a folder, for cron
    #[arg(long)]
    cron: bool,
}

const GITHUB: &str = include_str!("../../templates/new/ci/github.yml");
const GITLAB: &str = include_str!("../../templates/new/ci/gitlab.yml");
const NIGHTLY: &str = include_str!("../../templates/new/ci/nightly.sh");

/// What several of these files have in common: it stands where a line is its name.
const PARTS: [(&str, &str); 4] = [
    ("@install.sh", include_str!("../../templates/new/ci/install.sh")),
    ("@build.sh", include_str!("../../templates/new/ci/build.sh")),
    ("@locked.sh", include_str!("../../templates/new/ci/locked.sh")),
    ("@meaning.sh", include_str!("../../templates/new/ci/meaning.sh")),
];

/// Address of Octavo's repository as its manifest has it; empty if it names none.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// What a file is filled with.
struct Filling<'a> {
    /// Address of Octavo's repository, or empty.
    source: &'a str,
    /// Commit of this program, or empty.
    version: &'a str,
    /// The project seen from its repository: `.`, or a path.
    project: &'a str,
}

impl Ci {
    /// Writes the files that were asked for, none of them over another.
    pub(super) fn make(&self, session: &Session) -> Result<String, Diagnostic> {
        let root = session.find_root()?;
        let (repository, inside) = repository_of(&root);
        let project = inside.to_str().ok_or_else(|| {
            let message = format!("the path `{}` is not UTF-8", plain::path(&inside));
            Diagnostic::error("usage", message).help("a workflow cannot name it; rename the folder")
        })?;
        let filling = Filling { source: REPOSITORY, version: commit::commit().unwrap_or_default(), project };
        let files: Vec<(PathBuf, &str)> = [
            (self.github, repository.join(".github/workflows/site.yml"), GITHUB),
            (self.gitlab, repository.join(".gitlab-ci.yml"), GITLAB),
            (self.cron, root.join("nightly.sh"), NIGHTLY),
        ]
        .into_iter()
        .filter_map(|(wanted, path, text)| wanted.then_some((path, text)))
        .collect();
        if let Some((there, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
            let message = format!("`{}` exists", plain::path(there));
            return Err(Diagnostic::error("exists", message).help("move it away; nothing was changed"));
        }
        for (path, text) in &files {
            write(path, &filled(text, &filling))?;
        }
        if self.cron {
            make_executable(&root.join("nightly.sh"))?;
            ["/nightly.log", "/nightly.log.1", "/nightly.lock", "/nightly-site"]
                .iter()
                .try_for_each(|line| ignore(&root, line))?;
        }
        let names: Vec<String> = files.iter().map(|(path, _)| format!("`{}`", plain::path(path))).collect();
        Ok(format!("made {}; next: {}", names.join(", "), self.next(&filling)))
    }

    /// What is left to do by hand.
    fn next(&self, filling: &Filling<'_>) -> String {
        let mut steps = Vec::new();
        if self.github || self.gitlab {
            let empty = [("OCTAVO_SOURCE", filling.source), ("OCTAVO_VERSION", filling.version)];
            let empty: Vec<&str> =
                empty.into_iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| name).collect();
            steps.push(if empty.is_empty() {
                "commit it".to_owned()
            } else {
                format!(
                    "fill in {} at the top (this program does not know from where it came), and commit it",
                    empty.join(" and ")
                )
            });
        }
        if self.cron {
            steps.push(
                "say at the top of `nightly.sh` where the site goes, and name it in a crontab".to_owned(),
            );
        }
        steps.join("; ")
    }
}

/// The folder of the repository around a project, and the project seen from there. A project in no repository is one itself.
fn repository_of(root: &Path) -> (PathBuf, PathBuf) {
    let top = root.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(root);
    let inside = root.strip_prefix(top).unwrap_or(Path::new(""));
    let inside = if inside.as_os_str().is_empty() { Path::new(".") } else { inside };
    (top.to_owned(), inside.to_owned())
}

/// A template with its parts and what it is filled with.
fn filled(template: &str, filling: &Filling<'_>) -> String {
    let store = Path::new(filling.project).join(store::FOLDER);
    let store = store.to_string_lossy();
    with_parts(template)
        .replace("\"@source\"", &quoted(filling.source))
        .replace("\"@version\"", &quoted(filling.version))
        .replace("\"@project\"", &quoted(filling.project))
        .replace("\"@store\"", &quoted(store.strip_prefix("./").unwrap_or(&store)))
}

/// A text in YAML and JSON alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A template with the parts that it names, each as far to the right as its name.
fn with_parts(template: &str) -> String {
    let mut text = String::new();
    for line in template.lines() {
        let name = line.trim_start();
        match PARTS.iter().find(|(part, _)| *part == name) {
            None => text.push_str(line),
            Some((_, part)) => {
                let indent = &line[..line.len() - name.len()];
                let lines: Vec<String> = with_parts(part)
                    .lines()
                    .map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") })
                    .collect();
                text.push_str(&lines.join("\n"));
            }
        }
        text.push('\n');
    }
    text
}

fn make_executable(path: &Path) -> Result<(), Diagnostic> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path)
        .and_then(|metadata| {
            let mut permissions = metadata.permissions();
            // Whoever may read it may run it.
            permissions.set_mode(permissions.mode() | (permissions.mode() & 0o444) >> 2);
            std::fs::set_permissions(path, permissions)
        })
        .map_err(|error| {
            let message = format!("`{}` cannot be made executable: {error}", plain::path(path));
            Diagnostic::error("unwritable", message).help("`chmod +x` does the same")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_as_far_to_the_right_as_their_names() {
        let text = with_parts("run: |\n  a\n  @meaning.sh\n  b\n");
        assert!(text.starts_with("run: |\n  a\n  # What an exit code"), "{text}");
        assert!(text.ends_with("\n    esac\n  }\n  b\n"), "{text}");
        for (_, part) in PARTS {
            assert!(!with_parts(part).lines().any(|line| line.trim_start().starts_with("@")), "{part}");
        }
    }

    #[test]
    fn what_is_known_is_filled_in_and_the_rest_is_empty() {
        let filling = |source, version| Filling { source, version, project: "notes/a" };
        for template in [GITHUB, GITLAB] {
            let known = filled(template, &filling("https://example.org/o", "v1"));
            for part in
                ["OCTAVO_SOURCE: \"https://example.org/o\"", "OCTAVO_VERSION: \"v1\"", "\"notes/a/.octavo\""]
            {
                assert!(known.contains(part), "{part}: {known}");
            }
            let unknown = filled(template, &filling("", ""));
            assert!(unknown.contains("OCTAVO_SOURCE: \"\"") && unknown.contains("OCTAVO_VERSION: \"\""));
        }
        let ci = |github, cron| Ci { github, gitlab: false, cron };
        assert!(ci(true, false).next(&filling("", "v1")).starts_with("fill in OCTAVO_SOURCE at"));
        assert_eq!(ci(true, false).next(&filling("x", "v1")), "commit it");
        assert!(ci(false, true).next(&filling("", "")).contains("crontab"));
    }

    #[test]
    fn a_project_may_lie_within_its_repository() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("notes/a");
        std::fs::create_dir_all(&inner).unwrap();
        assert_eq!(repository_of(&inner), (inner.clone(), PathBuf::from(".")));
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(repository_of(&inner), (folder.path().to_owned(), PathBuf::from("notes/a")));
    }
}
