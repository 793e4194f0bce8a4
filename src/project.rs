//! Finds and reads the inputs of a project. Nothing else walks over its folders, and nothing is read beyond its [`Reach`].

pub mod cff;
mod copy;
mod locks;
mod overrides;
mod reach;
mod statics;
#[cfg(test)]
mod tests;
mod walk;
pub mod zenodo;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use octavo_plugin::InputLimits;
use octavo_plugin::schema::Schema;

use crate::check;
use crate::config::{BibliographyStyle, Config};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::figure::Fallback;
use crate::file::{self, read_text, unreadable};
use crate::glossary::{self, Glossary};
use crate::ids::{ExperimentId, NotAnId, Route};
use crate::input::InputFile;
use crate::locale::Locale;
use crate::lock::{Accepting, HISTORY, Lock, ROOT_LOCK, RootLock};
use crate::plain;
use crate::prose::Csl;
use crate::source::SourceFile;
use crate::statements::{self, Statements};
use crate::timings::{TimedKind, timed};
use crate::toml_tree::{self, Node};
use cff::Citation;
pub use copy::copy;
pub use reach::Reach;
use reach::Unreachable;
pub use statics::STATIC;
use walk::{Found, Walk};

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
    pub experiments: BTreeMap<ExperimentId, Arc<SourceFile>>,
    /// What stands beside experiments in files that end in `.lock`, by id.
    pub locks: BTreeMap<ExperimentId, Lock>,
    /// What these have in common, if something was accepted.
    pub root_lock: Option<RootLock>,
    /// Which results were accepted in place of others, the oldest first.
    pub history: Vec<Accepting>,
    /// The sentences that the project answers, with their tree for places in messages.
    pub statements: Option<(Statements, Node)>,
    /// The words of the project, with their tree for places in messages.
    pub glossary: Option<(Glossary, Node)>,
    /// The text of that file.
    pub glossary_source: Option<Arc<SourceFile>>,
    /// Markdown files by path relative to the experiments folder.
    pub pages: BTreeMap<String, Arc<SourceFile>>,
    /// Whether pages that are drafts are part of the site.
    pub drafts: bool,
    /// Other files by path relative to the experiments folder: images and data.
    pub assets: BTreeMap<String, PathBuf>,
    /// Files that are copied to the root of the site, by path relative to `static/`.
    pub statics: BTreeMap<Route, PathBuf>,
    /// Files that override the built-in templates, by path relative to `templates/`.
    pub overrides: BTreeMap<String, Vec<u8>>,
    /// The languages of the site, in the order of `octavo.toml`.
    pub locales: Vec<Locale>,
    /// How the project wants to be cited, if a file says it.
    pub citation: Option<Citation>,
    /// The BibTeX file, if there is one.
    pub bibliography: Option<Arc<SourceFile>>,
    /// The style of citation, if it is a CSL file.
    pub csl: Option<Arc<Csl>>,
    /// The text of that file.
    pub csl_source: Option<Arc<SourceFile>>,
    /// The font for letters that the bundled ones lack.
    pub font: Option<Fallback>,
    /// Which folders its files may lie in.
    pub reach: Reach,
    /// Files and folders that were looked at below the folders of experiments and of templates.
    seen: Vec<PathBuf>,
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
        let Some((config, node)) = read_config(&config_source, &mut problems) else {
            return (None, problems);
        };
        let reach = Reach::of(root, &config, &node, &mut problems);
        let mut project = Self {
            root: root.to_path_buf(),
            config,
            config_source,
            experiments: BTreeMap::new(),
            locks: BTreeMap::new(),
            root_lock: None,
            history: Vec::new(),
            statements: None,
            glossary: None,
            glossary_source: None,
            pages: BTreeMap::new(),
            drafts: false,
            assets: BTreeMap::new(),
            statics: BTreeMap::new(),
            overrides: BTreeMap::new(),
            locales: Vec::new(),
            citation: None,
            bibliography: None,
            csl: None,
            csl_source: None,
            font: None,
            reach,
            seen: Vec::new(),
        };
        project.walk(&node, &mut problems);
        project.find_statics(&mut problems);
        project.read_statements(&mut problems);
        project.read_glossary(&mut problems);
        project.read_overrides(&mut problems);
        project.read_locales(&node, &mut problems);
        project.warn_of_unused_overrides(&mut problems);
        project.read_citation(&mut problems);
        project.read_bibliography(&node, &mut problems);
        project.read_style(&node, &mut problems);
        project.read_font(&node, &mut problems);
        (Some(project), problems)
    }

    /// A project of one experiment, read from a file in any folder.
    pub fn standalone(file: &Path) -> (Option<Self>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let Some(source) = read_text(file, &plain::path(file), &mut problems) else {
            return (None, problems);
        };
        let id = ExperimentId::like(&file.file_stem().unwrap_or_default().to_string_lossy());
        let root = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let project = Self {
            root,
            config: Config::standalone(),
            config_source: SourceFile::new(PROJECT_FILE, ""),
            experiments: BTreeMap::from([(id, source)]),
            locks: BTreeMap::new(),
            root_lock: None,
            history: Vec::new(),
            statements: None,
            glossary: None,
            glossary_source: None,
            pages: BTreeMap::new(),
            drafts: false,
            assets: BTreeMap::new(),
            statics: BTreeMap::new(),
            overrides: BTreeMap::new(),
            locales: vec![Locale::built_in("en").expect("English is built in")],
            citation: None,
            bibliography: None,
            csl: None,
            csl_source: None,
            font: None,
            reach: Reach::any(),
            seen: Vec::new(),
        };
        (Some(project), problems)
    }

    /// The folder of experiments and pages.
    pub fn experiments_folder(&self) -> PathBuf {
        self.root.join(&self.config.experiments)
    }

    /// All that the project was read from, and these inputs: a file or folder each, whether it is there or not. What any of them decides
    /// can only change when one looks otherwise.
    pub fn sources<'a>(&self, inputs: impl Iterator<Item = (&'a SourceFile, &'a str)>) -> BTreeSet<PathBuf> {
        let config = &self.config;
        let style = match &config.bibliography_style {
            BibliographyStyle::File(file) => Some(file),
            BibliographyStyle::Own(_) => None,
        };
        let named = [config.bibliography.as_ref(), style, config.figures.font_fallback.as_ref()];
        let fixed = [PROJECT_FILE, ROOT_LOCK, HISTORY, statements::FILE, glossary::FILE, cff::FILE];
        let fixed = fixed.into_iter().chain(["templates", STATIC, &config.experiments]);
        let named = fixed.chain(named.into_iter().flatten().map(String::as_str));
        let mut all: BTreeSet<PathBuf> = named.map(|name| self.root.join(name)).collect();
        all.extend(self.seen.iter().cloned());
        all.extend(inputs.filter_map(|(definition, file)| self.input_path(definition, file).ok()));
        all
    }

    /// Finds a file that a definition names, relative to the definition's own folder, and digests it; a task reads it. Outside a
    /// project any path may be read; inside one, only files below its root, so that it can be built elsewhere, and in folders that
    /// it allows.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the path or the file.
    pub fn read_input(
        &self,
        definition: &SourceFile,
        file: &str,
        limits: InputLimits,
    ) -> Result<InputFile, String> {
        let path = self.input_path(definition, file)?;
        let found = file::open(&path)
            .and_then(|opened| opened.metadata())
            .and_then(|about| InputFile::new(file, Arc::new(path), about.len(), limits));
        found.map_err(|error| unreadable(file, &error))
    }

    /// Where a file is that a definition names, if it may be read.
    fn input_path(&self, definition: &SourceFile, file: &str) -> Result<PathBuf, String> {
        if self.is_standalone() {
            return Ok(self.root.join(file));
        }
        let folder = Path::new(&definition.path).parent().unwrap_or(Path::new(""));
        self.reach.named(&self.root, folder, file).map_err(|why| match why {
            Unreachable::Unknown(_) => why.sentence(file),
            Unreachable::Outside(_) => format!("{}; {}", why.sentence(file), why.help()),
        })
    }

    /// Whether this is an experiment outside any project.
    pub fn is_standalone(&self) -> bool {
        self.config_source.text.is_empty()
    }

    fn walk(&mut self, node: &Node, problems: &mut Vec<Diagnostic>) {
        let shown = self.config.experiments.clone();
        let folder = match self.reach.named(&self.root, Path::new(""), &shown) {
            Ok(folder) if folder.is_dir() => folder,
            Err(why @ Unreachable::Outside(_)) => {
                problems.push(outside(&why, &shown, node, &["experiments"]));
                return;
            }
            _ => {
                let message = format!("the folder `{shown}` does not exist");
                let help = format!("make it, or set `experiments` in {PROJECT_FILE}");
                let place = node.place_of(&["experiments"]);
                problems.push(Diagnostic::error("no-experiments", message).at(place).help(help));
                return;
            }
        };
        let walk = Walk { folder: &folder, shown: &shown, leave_out: true, reach: &self.reach };
        let mut seen = std::mem::take(&mut self.seen);
        for found in walk.files(&mut seen, problems) {
            self.add_file(found, problems);
        }
        self.seen = seen;
        timed(TimedKind::Step, || "read the locks".to_owned(), || self.read_locks(problems));
    }

    fn add_file(&mut self, found: Found, problems: &mut Vec<Diagnostic>) {
        let Found { relative, path } = found;
        let relative = file::composed(&relative).into_owned();
        let shown = format!("{}/{relative}", self.config.experiments);
        if self.pages.contains_key(&relative) || self.assets.contains_key(&relative) {
            let message =
                format!("two files are called `{shown}`, one in composed and one in decomposed letters");
            problems.push(
                Diagnostic::error("same-name", message).at(file::place(&shown)).help("rename one of them"),
            );
            return;
        }
        if let Some(id) = relative.strip_suffix(".toml") {
            match ExperimentId::parse(id) {
                Ok(id) => {
                    let source = read_text(&path, &shown, problems);
                    self.experiments.extend(source.map(|source| (id, source)));
                }
                Err(wrong) => problems.push(bad_id(&wrong, &shown)),
            }
        } else if relative.ends_with(".md") {
            self.pages.extend(read_text(&path, &shown, problems).map(|source| (relative, source)));
        } else {
            self.assets.insert(relative, path);
        }
    }

    /// Reads `statements.toml`, if there is one.
    fn read_statements(&mut self, problems: &mut Vec<Diagnostic>) {
        let path = self.root.join(statements::FILE);
        if path.exists()
            && let Some(source) = read_text(&path, statements::FILE, problems)
        {
            self.statements = Statements::read(&source, problems);
        }
    }

    /// Reads `glossary.toml`, if there is one.
    fn read_glossary(&mut self, problems: &mut Vec<Diagnostic>) {
        let path = self.root.join(glossary::FILE);
        if path.exists()
            && let Some(source) = read_text(&path, glossary::FILE, problems)
        {
            self.glossary = Glossary::read(&source, problems);
            self.glossary_source = Some(source);
        }
    }

    /// Reads `CITATION.cff`, if there is one.
    fn read_citation(&mut self, problems: &mut Vec<Diagnostic>) {
        let path = self.root.join(cff::FILE);
        if path.exists()
            && let Some(source) = read_text(&path, cff::FILE, problems)
        {
            self.citation = Citation::read(&source, problems);
        }
    }

    fn read_bibliography(&mut self, node: &Node, problems: &mut Vec<Diagnostic>) {
        let Some(shown) = self.config.bibliography.clone() else { return };
        let Some(bytes) = self.read_named(&shown, node, &["bibliography"], problems) else { return };
        match file::text(&shown, bytes) {
            Ok(source) => self.bibliography = Some(source),
            Err(problem) => problems.push(problem),
        }
    }

    /// Reads the CSL file of the style of citation. A program that cannot has said so of `octavo.toml`.
    fn read_style(&mut self, node: &Node, problems: &mut Vec<Diagnostic>) {
        let BibliographyStyle::File(shown) = self.config.bibliography_style.clone() else { return };
        if !Csl::BUILT_IN || !shown.ends_with(".csl") {
            return;
        }
        let Some(bytes) = self.read_named(&shown, node, &["bibliography_style"], problems) else { return };
        match file::text(&shown, bytes).and_then(|source| Ok((Csl::parse(&source)?, source))) {
            Ok((style, source)) => (self.csl, self.csl_source) = (Some(Arc::new(style)), Some(source)),
            Err(problem) => problems.push(problem),
        }
    }

    fn read_font(&mut self, node: &Node, problems: &mut Vec<Diagnostic>) {
        const KEY: &[&str] = &["figures", "font_fallback"];
        let Some(shown) = self.config.figures.font_fallback.clone() else { return };
        let Some(bytes) = self.read_named(&shown, node, KEY, problems) else { return };
        self.font = Fallback::new(bytes);
        if self.font.is_none() {
            let problem = Diagnostic::error("bad-font", format!("`{shown}` is no font that can be read"));
            problems.push(problem.at(node.place_of(KEY)).help("name a TrueType or OpenType file"));
        }
    }

    /// The bytes of a file that `octavo.toml` names.
    fn read_named(
        &self,
        shown: &str,
        node: &Node,
        key: &[&str],
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Vec<u8>> {
        let found = match self.reach.named(&self.root, Path::new(""), shown) {
            Ok(path) => file::read(&path).map_err(Unreachable::Unknown),
            Err(why) => Err(why),
        };
        match found {
            Ok(bytes) => return Some(bytes),
            Err(why @ Unreachable::Outside(_)) => problems.push(outside(&why, shown, node, key)),
            Err(why) => {
                let help = format!("write it, or mend `{}` in {PROJECT_FILE}", key.join("."));
                let problem = Diagnostic::error("unreadable", why.sentence(shown));
                problems.push(problem.at(node.place_of(key)).help(help));
            }
        }
        None
    }
}

/// A path of `octavo.toml` that leads out of the project.
fn outside(why: &Unreachable, shown: &str, node: &Node, key: &[&str]) -> Diagnostic {
    Diagnostic::error(why.code(), why.sentence(shown)).at(node.place_of(key)).help(why.help())
}

/// Why a file is no experiment.
fn bad_id(wrong: &NotAnId, shown: &str) -> Diagnostic {
    let (message, help) = match wrong.0.strip_suffix(".toml") {
        Some(id) => (
            format!("`{shown}` ends in `.toml` twice"),
            format!("name it `{}.toml`, or remove it if there is one", id.trim_end_matches(".toml")),
        ),
        None => (
            wrong.to_string(),
            "use lower-case letters, digits and `-` in names of folders and files".to_owned(),
        ),
    };
    Diagnostic::error("bad-id", message).at(file::place(shown)).help(help)
}

fn read_config(source: &Arc<SourceFile>, problems: &mut Vec<Diagnostic>) -> Option<(Config, Node)> {
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
    Some((config, node))
}
