//! Finds and reads the inputs of a project: the only walk over its folders.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use octavo_plugin::schema::Schema;
use walkdir::WalkDir;

use crate::check;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::input::InputFile;
use crate::locale::Locale;
use crate::source::{Location, SourceFile};
use crate::theme;
use crate::toml_tree;

/// Name of the project file.
pub const PROJECT_FILE: &str = "octavo.toml";

/// All that was read from disk; nothing is checked yet beyond `octavo.toml`.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder with `octavo.toml`; for an experiment outside any project, its own folder.
    pub root: PathBuf,
    /// The project file, parsed.
    pub config: Config,
    /// Its text.
    pub config_source: Arc<SourceFile>,
    /// Experiments by id, `folder/slug`.
    pub experiments: BTreeMap<String, Arc<SourceFile>>,
    /// Markdown files by path relative to the experiments folder.
    pub pages: BTreeMap<String, Arc<SourceFile>>,
    /// Other files by path relative to the experiments folder: images and data.
    pub assets: BTreeMap<String, PathBuf>,
    /// Files that override the built-in templates, by path relative to `templates/`.
    pub overrides: BTreeMap<String, Vec<u8>>,
    /// The languages of the site, in the order of `octavo.toml`.
    pub locales: Vec<Locale>,
    /// The BibTeX file, if there is one.
    pub bibliography: Option<Arc<SourceFile>>,
}

/// The nearest folder, from `start` upwards, with a project file.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file()).map(Path::to_path_buf)
}

impl Project {
    /// Reads the project in this folder. All problems are gathered; without errors there is a project.
    pub fn load(root: &Path) -> (Option<Self>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let Some(config_source) = read_text(&root.join(PROJECT_FILE), PROJECT_FILE, &mut problems) else {
            return (None, problems);
        };
        let Some(config) = read_config(&config_source, &mut problems) else { return (None, problems) };
        let mut project = Self {
            root: root.to_path_buf(),
            config,
            config_source,
            experiments: BTreeMap::new(),
            pages: BTreeMap::new(),
            assets: BTreeMap::new(),
            overrides: BTreeMap::new(),
            locales: Vec::new(),
            bibliography: None,
        };
        project.walk(&mut problems);
        project.read_overrides(&mut problems);
        project.read_locales(&mut problems);
        project.warn_of_unused_overrides(&mut problems);
        if let Some(path) = project.config.bibliography.clone() {
            project.bibliography = read_text(&project.root.join(&path), &path, &mut problems);
        }
        (Some(project), problems)
    }

    /// A project of one experiment, read from a file in any folder.
    pub fn standalone(file: &Path) -> (Option<Self>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let name = file.display().to_string();
        let Some(source) = read_text(file, &name, &mut problems) else { return (None, problems) };
        let id =
            file.file_stem().map_or_else(|| "experiment".into(), |stem| stem.to_string_lossy().into_owned());
        let root = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let project = Self {
            root,
            config: Config::standalone(),
            config_source: SourceFile::new(PROJECT_FILE, ""),
            experiments: BTreeMap::from([(id, source)]),
            pages: BTreeMap::new(),
            assets: BTreeMap::new(),
            overrides: BTreeMap::new(),
            locales: vec![Locale::built_in("en").expect("English is built in")],
            bibliography: None,
        };
        (Some(project), problems)
    }

    /// The folder of experiments and pages.
    pub fn experiments_folder(&self) -> PathBuf {
        self.root.join(&self.config.experiments)
    }

    /// Finds a file that a definition names, relative to the definition's own folder, and digests it; a task reads it.
    /// Outside a project any path may be read; inside one, only files below its root, so that it can be built elsewhere.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the path or the file.
    pub fn read_input(&self, definition: &SourceFile, file: &str) -> Result<InputFile, String> {
        let folder = Path::new(&definition.path).parent().unwrap_or(Path::new(""));
        let path =
            if self.is_standalone() { folder.join(file) } else { self.root.join(self.inside(folder, file)?) };
        if !self.is_standalone() {
            let real = path.canonicalize().map_err(|error| unreadable(file, &error))?;
            let root = self.root.canonicalize().map_err(|error| unreadable(file, &error))?;
            if !real.starts_with(root) {
                return Err(format!("`{file}` leads out of the project"));
            }
        }
        let found = fs::metadata(&path)
            .and_then(|about| InputFile::new(file, Arc::new(path), about.len(), self.config.limits.input));
        found.map_err(|error| unreadable(file, &error))
    }

    /// Whether this is an experiment outside any project.
    pub fn is_standalone(&self) -> bool {
        self.config_source.text.is_empty()
    }

    fn inside(&self, folder: &Path, file: &str) -> Result<PathBuf, String> {
        let mut path = folder.to_path_buf();
        for component in Path::new(file).components() {
            match component {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                Component::ParentDir if path.pop() => {}
                _ => {
                    return Err(format!(
                        "`{file}` leads out of the project; use a path relative to the definition"
                    ));
                }
            }
        }
        Ok(path)
    }

    fn walk(&mut self, problems: &mut Vec<Diagnostic>) {
        let folder = self.experiments_folder();
        if !folder.is_dir() {
            let message = format!("the folder `{}` does not exist", self.config.experiments);
            let help = format!("make it, or set `experiments` in {PROJECT_FILE}");
            problems.push(Diagnostic::error("no-experiments", message).help(help));
            return;
        }
        let walk = WalkDir::new(&folder).sort_by_file_name().into_iter().filter_entry(|entry| {
            let hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
            // A nested project is another project.
            let nested =
                entry.depth() > 0 && entry.file_type().is_dir() && entry.path().join(PROJECT_FILE).is_file();
            !hidden && !nested
        });
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_file() => self.add_file(&folder, entry.path(), problems),
                Ok(_) => {}
                Err(error) => problems.push(Diagnostic::error("unreadable", error.to_string())),
            }
        }
    }

    fn add_file(&mut self, folder: &Path, path: &Path, problems: &mut Vec<Diagnostic>) {
        let relative = slashed(path.strip_prefix(folder).expect("the walk stays below its folder"));
        let shown = format!("{}/{relative}", self.config.experiments);
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => {
                let id = relative.trim_end_matches(".toml").to_owned();
                if !is_id(&id) {
                    let message = format!("`{id}` cannot be an experiment's id");
                    let help = "use lower-case letters, digits and `-` in names of folders and files";
                    problems.push(Diagnostic::error("bad-id", message).help(format!("{help} ({shown})")));
                } else if let Some(source) = read_text(path, &shown, problems) {
                    self.experiments.insert(id, source);
                }
            }
            Some("md") => {
                if let Some(source) = read_text(path, &shown, problems) {
                    self.pages.insert(relative, source);
                }
            }
            _ => {
                self.assets.insert(relative, path.to_path_buf());
            }
        }
    }

    fn read_overrides(&mut self, problems: &mut Vec<Diagnostic>) {
        let folder = self.root.join("templates");
        if !folder.is_dir() {
            return;
        }
        for entry in WalkDir::new(&folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
            if !entry.file_type().is_file() {
                continue;
            }
            let relative =
                slashed(entry.path().strip_prefix(&folder).expect("the walk stays below its folder"));
            match fs::read(entry.path()) {
                Ok(bytes) => {
                    self.overrides.insert(relative, bytes);
                }
                Err(error) => problems.push(Diagnostic::error("unreadable", unreadable(&relative, &error))),
            }
        }
    }

    fn read_locales(&mut self, problems: &mut Vec<Diagnostic>) {
        for (index, tag) in self.config.languages.iter().enumerate() {
            let own = self.overrides.get(&format!("locales/{tag}.toml"));
            let locale = match own {
                Some(bytes) => match own_locale(tag, bytes) {
                    Ok(locale) => Some(locale),
                    Err(problem) => {
                        problems.push(problem);
                        continue;
                    }
                },
                None => Locale::built_in(tag),
            };
            match locale {
                Some(locale) => self.locales.push(locale),
                None => {
                    let (node, _) = toml_tree::parse(&self.config_source);
                    let place = node.place_of(&["languages", &index.to_string()]);
                    let help = format!("write `templates/locales/{tag}.toml`, or use `en` or `fr`");
                    let message = format!("there are no interface words for the language `{tag}`");
                    problems.push(Diagnostic::error("unknown-language", message).at(place).help(help));
                }
            }
        }
    }

    /// Files in `templates/` that have no effect: most likely their names are misspelt.
    fn warn_of_unused_overrides(&self, problems: &mut Vec<Diagnostic>) {
        let locale = |tag: &String| format!("locales/{tag}.toml");
        let locales: Vec<String> = self.config.languages.iter().map(locale).collect();
        for name in self.overrides.keys().filter(|name| !theme::uses(name) && !locales.contains(name)) {
            // Somebody may have copied all that comes with Octavo.
            let known = name.strip_prefix("locales/").and_then(|name| name.strip_suffix(".toml"));
            let other = name.starts_with("new/") || known.is_some_and(|tag| Locale::built_in(tag).is_some());
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            if !other && ["html", "svg", "toml", "css", "js"].contains(&extension) {
                let message = format!("`templates/{name}` overrides nothing");
                let known = Vec::from_iter(theme::names());
                let known = known.into_iter().chain(locales.iter().map(String::as_str));
                problems.push(Diagnostic::warning("unused-override", message).nearest(name, known));
            }
        }
    }
}

/// A project's own interface words, all of them.
fn own_locale(tag: &str, bytes: &[u8]) -> Result<Locale, Diagnostic> {
    let path = format!("templates/locales/{tag}.toml");
    let bad = |message: String| Diagnostic::error("bad-locale", message);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| bad(format!("`{path}` is not UTF-8 text (byte {})", error.valid_up_to())))?;
    let source = SourceFile::new(path, text);
    let locale = Locale::parse(tag, text).map_err(|error| {
        let place = Location::new(&source, error.span().unwrap_or(0..0));
        bad(error.message().trim().replace('\n', ", ")).at(place)
    })?;
    let lacks = locale.lacks();
    let Some((key, english)) = lacks.first() else { return Ok(locale) };
    let names: Vec<String> = lacks.iter().map(|(key, _)| format!("`{key}`")).collect();
    let words = if names.len() == 1 { "the word" } else { "the words" };
    let message = format!("`{}` lacks {words} {}", source.path, names.join(", "));
    let place = toml_tree::parse(&source).0.place_of(&["words"]);
    Err(bad(message)
        .at(place)
        .help(format!("add it below `[words]`; in English it is `{key} = \"{english}\"`")))
}

/// Whether this is `slug` or `folder/slug` of lower-case letters, digits, `-` and `_`.
pub fn is_id(id: &str) -> bool {
    let slug = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
    };
    id.split('/').all(slug)
}

fn read_config(source: &Arc<SourceFile>, problems: &mut Vec<Diagnostic>) -> Option<Config> {
    let (node, syntax) = toml_tree::parse(source);
    let failed = has_errors(&syntax);
    problems.extend(syntax);
    if failed {
        return None;
    }
    let (json, report) = check::check(&node, &Schema::of::<Config>(), "the project");
    let failed = has_errors(&report.diagnostics);
    problems.extend(report.diagnostics);
    if failed {
        return None;
    }
    let config: Config = serde_json::from_value(json).expect("the checker accepted it");
    problems.extend(config.problems(&node));
    Some(config)
}

fn read_text(path: &Path, shown: &str, problems: &mut Vec<Diagnostic>) -> Option<Arc<SourceFile>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(Diagnostic::error("unreadable", unreadable(shown, &error)));
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(SourceFile::new(shown, text.strip_prefix('\u{feff}').unwrap_or(&text))),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("`{shown}` is not UTF-8 text (byte {at})");
            problems.push(Diagnostic::error("not-utf8", message).help("save it as UTF-8"));
            None
        }
    }
}

fn unreadable(file: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{file}`"),
        _ => format!("`{file}` cannot be read: {error}"),
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> (Option<Project>, Vec<Diagnostic>) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Project::load(folder.path())
    }

    const CONFIG: &str = "octavo = \"1\"\ntitle = \"T\"\n";

    #[test]
    fn nested_projects_and_hidden_files_are_not_entered() {
        let (project, problems) = project(&[
            ("octavo.toml", CONFIG),
            ("experiments/index.md", "# Home"),
            ("experiments/a/one.toml", ""),
            ("experiments/a/data.csv", "x1\n1\n"),
            ("experiments/.hidden/two.toml", ""),
            ("experiments/example/octavo.toml", CONFIG),
            ("experiments/example/three.toml", ""),
        ]);
        assert_eq!(problems, []);
        let project = project.unwrap();
        assert_eq!(project.experiments.keys().collect::<Vec<_>>(), ["a/one"]);
        assert_eq!(project.assets.keys().collect::<Vec<_>>(), ["a/data.csv"]);
        assert_eq!(project.pages.keys().collect::<Vec<_>>(), ["index.md"]);
    }

    #[test]
    fn a_language_of_ones_own_has_all_words_and_a_misspelt_override_is_told() {
        let config = "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"eo\"]\n";
        let english = include_str!("../templates/locales/en.toml");
        let with = |words: &str| {
            let files = [
                ("octavo.toml", config),
                ("experiments/index.md", "# T"),
                ("templates/locales/eo.toml", words),
            ];
            project(&files).1
        };
        assert_eq!(with(english), []);
        let without = with(&english.replace("claims = \"Claims\"\n", ""));
        assert_eq!(without[0].message, "`templates/locales/eo.toml` lacks the word `claims`");
        assert!(without[0].location.is_some());
        assert_eq!(with(&english[..english.len() / 2])[0].code, "bad-locale");
        let files = [
            ("octavo.toml", CONFIG),
            ("experiments/index.md", "# T"),
            ("templates/pgae.html", ""),
            ("templates/locales/fr.toml", english),
        ];
        let problems = project(&files).1;
        assert_eq!((problems.len(), problems[0].code), (1, "unused-override"));
        assert_eq!(problems[0].help.as_deref(), Some("did you mean `page.html`?"));
    }

    #[test]
    fn what_is_wrong_with_a_project_is_said() {
        let codes = |files: &[(&str, &str)]| project(files).1.iter().map(|d| d.code).collect::<Vec<_>>();
        assert_eq!(codes(&[("octavo.toml", CONFIG)]), ["no-experiments"]);
        assert_eq!(codes(&[("octavo.toml", "octavo = \"2\"\ntitle = \"T\"\n")]), ["unknown-word"]);
        assert_eq!(codes(&[("octavo.toml", CONFIG), ("experiments/A b.toml", "")]), ["bad-id"]);
        let german = "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"xx\"]\n";
        assert_eq!(codes(&[("octavo.toml", german), ("experiments/a.md", "")]), ["unknown-language"]);
    }
}
