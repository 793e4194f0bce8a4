//! Which texts pages were made from, to see whether a page that is asked for is still the one on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::file;
use crate::project::Project;
use crate::source::SourceFile;

/// The Markdown files of a project as they were read last, whether or not they are good.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    folder: PathBuf,
    languages: Vec<String>,
    texts: BTreeMap<String, Arc<SourceFile>>,
}

impl Sources {
    /// Those of a project.
    pub(super) fn of(project: &Project) -> Self {
        let folder = project.experiments_folder();
        Self {
            folder: std::fs::canonicalize(&folder).unwrap_or(folder),
            languages: project.locales.iter().map(|locale| locale.tag.clone()).collect(),
            texts: project.pages.clone(),
        }
    }

    /// The path of a file below the folder of experiments, as pages are named.
    pub(super) fn relative(&self, path: &Path) -> Option<String> {
        let parts = path.strip_prefix(&self.folder).ok()?.components();
        let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }

    /// The text of a page as it was read last.
    pub(super) fn text(&self, relative: &str) -> Option<&Arc<SourceFile>> {
        self.texts.get(relative)
    }

    /// Whether a page is made from this file.
    pub(super) fn knows(&self, path: &Path) -> bool {
        self.relative(path).is_some_and(|relative| self.texts.contains_key(&relative))
    }

    /// The page of this file has this text now.
    pub(super) fn put(&mut self, relative: String, source: Arc<SourceFile>) {
        self.texts.insert(relative, source);
    }

    /// A file on disk from which the page at a route would be made, and which is not what it was when it was read last.
    pub(super) fn news(&self, route: &str) -> Option<PathBuf> {
        self.files(route).into_iter().find_map(|relative| {
            let path = self.folder.join(&relative);
            let now = file::read(&path).ok();
            let known = self.texts.get(&relative).map(|source| source.text.as_bytes());
            // A file that is no text is known to nobody.
            let is_text = now.as_ref().is_none_or(|bytes| std::str::from_utf8(bytes).is_ok());
            (is_text && now.as_deref() != known).then_some(path)
        })
    }

    /// The files that the page at a route may be made from.
    fn files(&self, route: &str) -> Vec<String> {
        let Some(stem) = route.strip_suffix(".html") else { return Vec::new() };
        let Some((first, others)) = self.languages.split_first() else { return Vec::new() };
        let of_other = others.iter().find_map(|tag| Some((stem.strip_prefix(&format!("{tag}/"))?, tag)));
        let mut files = vec![format!("{stem}.md"), format!("{stem}.{first}.md")];
        if let Some((stem, tag)) = of_other {
            files.extend([format!("{stem}.{tag}.md"), format!("{stem}.md")]);
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_old_when_a_file_of_it_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("a/b.md", b"one");
        write("a/b.fr.md", b"un");
        let text = |text: &str| SourceFile::new("x", text);
        let texts = [("a/b.md", "one"), ("a/b.fr.md", "un"), ("gone.md", "x")];
        let sources = Sources {
            folder: folder.path().to_owned(),
            languages: vec!["en".to_owned(), "fr".to_owned()],
            texts: texts.map(|(path, is)| (path.to_owned(), text(is))).into(),
        };
        let news = |route: &str| sources.news(route).and_then(|path| sources.relative(&path));
        assert_eq!(news("a/b.html"), None);
        assert_eq!(news("fr/a/b.html"), None);
        assert_eq!(news("gone.html").as_deref(), Some("gone.md"));
        assert_eq!(news("data/a.csv"), None);
        assert_eq!(news("none.html"), None);
        write("a/b.fr.md", b"deux");
        assert_eq!(news("a/b.html"), None);
        assert_eq!(news("fr/a/b.html").as_deref(), Some("a/b.fr.md"));
        write("new.md", b"new");
        assert_eq!(news("new.html").as_deref(), Some("new.md"));
        assert_eq!(news("fr/new.html").as_deref(), Some("new.md"));
        write("bytes.md", b"\xff");
        assert_eq!(news("bytes.html"), None);
    }
}
