//! The list of analyses: the one place where a built-in one is added. Those of a project's plugins stand beside them.

mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use octavo_plugin::{DynAnalysis, Failure, Localized, Translated, Translations};

use crate::diagnostic::Diagnostic;
use crate::environment;
use crate::manifest::OwnLimits;
use crate::process::{self, Limited, Plugin, PluginConfig, ProcessAnalysis};
use crate::project::Project;
use crate::source::Location;
use crate::toml_tree;

/// The code of a problem with a plugin that could not be foreseen in any file: the definitions may well be good.
pub const PLUGIN: &str = "plugin";

/// Analyses by name.
#[derive(Clone)]
pub struct Registry {
    built_in: BTreeMap<String, Arc<dyn DynAnalysis>>,
    own: BTreeMap<String, Arc<Own>>,
    /// What a project translates itself, by analysis.
    words: BTreeMap<String, Translations>,
    replicate: Localized,
}

/// A plugin of the project. It is started when an experiment first needs it: one that nobody uses costs nothing.
struct Own {
    plugin: Result<Plugin, Diagnostic>,
    place: Location,
    /// Where its `inputs` stand, or else its name.
    inputs: Location,
    analysis: OnceLock<Result<Arc<ProcessAnalysis>, Diagnostic>>,
    root: std::path::PathBuf,
}

impl Own {
    fn analysis(&self) -> &Result<Arc<ProcessAnalysis>, Diagnostic> {
        self.analysis.get_or_init(|| {
            let plugin = self.plugin.clone()?;
            let analysis = ProcessAnalysis::new(plugin, &self.root).map(Arc::new);
            analysis.map_err(|failure| of_failure(&failure, &self.place))
        })
    }
}

fn of_failure(failure: &Failure, place: &Location) -> Diagnostic {
    let problem =
        Diagnostic::error(PLUGIN, process::with_log(&failure.clone().without_help())).at(place.clone());
    match &failure.help {
        Some(help) => problem.help(help.clone()),
        None => problem,
    }
}

fn no_files(name: &str) -> Diagnostic {
    let message = format!("no file of the project is known to decide what the plugin `{name}` computes");
    Diagnostic::warning("plugin-files", message)
        .help("name its files in `inputs`; without them its results stay remembered whatever you edit")
}

impl Registry {
    /// The analyses that come with Octavo, crate by crate.
    pub fn built_in() -> Self {
        Self::of([
            Arc::new(octavo_curvature::Curvature) as Arc<dyn DynAnalysis>,
            Arc::new(octavo_dimension::Dimension),
            Arc::new(octavo_divergence::Divergence),
            Arc::new(octavo_dragon::Dragon),
            Arc::new(octavo_escape::Escape),
            Arc::new(octavo_gan::Gan),
            Arc::new(octavo_regions::Arrangement),
            Arc::new(octavo_regions::Folds),
            Arc::new(octavo_regions::Lines),
            Arc::new(octavo_regions::Portraits),
            Arc::new(octavo_regions::Regions),
            Arc::new(octavo_regions::Zaslavsky),
            Arc::new(octavo_sinkhorn::Sinkhorn),
        ])
    }

    /// These analyses.
    pub fn of(analyses: impl IntoIterator<Item = Arc<dyn DynAnalysis>>) -> Self {
        let named = |analysis: Arc<dyn DynAnalysis>| (analysis.identity().name.into_owned(), analysis);
        Self {
            built_in: analyses.into_iter().map(named).collect(),
            own: BTreeMap::new(),
            words: BTreeMap::new(),
            replicate: Localized::en("replicate"),
        }
    }

    /// The analyses that a project can use, in its languages. No plugin is started yet; names, files and words are checked.
    pub fn of_project(project: &Project, problems: &mut Vec<Diagnostic>) -> Self {
        Self::built_in().with_plugins(project, problems).with_words(project, problems)
    }

    /// The same in the languages of a project, with the words that it translates itself. Its plugins are known already.
    fn with_words(mut self, project: &Project, problems: &mut Vec<Diagnostic>) -> Self {
        self.replicate = words::of_locales(project, "replicate");
        self.words = words::own(project, &self, problems);
        for (name, own) in &self.words {
            if let Some(analysis) = self.built_in.get_mut(name) {
                *analysis = Arc::new(Translated::new(Arc::clone(analysis), own));
            }
        }
        self
    }

    /// What readers call the number of a replicate.
    pub fn replicate(&self) -> &Localized {
        &self.replicate
    }

    /// The translations of a built-in analysis.
    pub fn words(&self, name: &str) -> Option<Translations> {
        self.built_in.get(name).map(|analysis| analysis.translations())
    }

    /// The same with the plugins of a project.
    fn with_plugins(mut self, project: &Project, problems: &mut Vec<Diagnostic>) -> Self {
        if project.config.plugins.is_empty() {
            return self;
        }
        let (node, _) = toml_tree::parse(&project.config_source);
        for (name, config) in &project.config.plugins {
            let place = node.place_of(&["plugins", name]);
            let plugin = self.plugin(name, config, project).map_err(|problem| problem.at(place.clone()));
            match &plugin {
                Err(problem) => problems.push(problem.clone()),
                Ok(_) if !process::has_files(config, &project.root) => {
                    problems.push(no_files(name).at(place.clone()));
                }
                Ok(_) => {}
            }
            let inputs = node.place_of(&["plugins", name, "inputs"]);
            let own = Own { plugin, place, inputs, analysis: OnceLock::new(), root: project.root.clone() };
            self.own.insert(name.clone(), Arc::new(own));
        }
        self
    }

    fn plugin(&self, name: &str, config: &PluginConfig, project: &Project) -> Result<Plugin, Diagnostic> {
        if !process::is_name(name) {
            return Err(Diagnostic::error("bad-plugin", format!("`{name}` cannot be the name of a plugin"))
                .help("use lower-case letters, digits, `-` and `_`, a letter first"));
        }
        if self.built_in.contains_key(name) {
            return Err(Diagnostic::error("bad-plugin", format!("`{name}` is a built-in analysis"))
                .help("give the plugin a name of its own"));
        }
        let octavo = environment::program().map_err(|error| {
            Diagnostic::error("bad-plugin", format!("this program's own file is not known: {error}"))
        })?;
        Plugin::new(name, config, &project.root, project.config.limits.time, octavo)
            .map_err(|message| Diagnostic::error("bad-plugin", format!("the plugin `{name}`: {message}")))
    }

    /// An analysis by name; a plugin is started if it must be.
    ///
    /// # Errors
    /// What is wrong with the plugin.
    pub fn get(&self, name: &str) -> Option<Result<Arc<dyn DynAnalysis>, Diagnostic>> {
        if let Some(analysis) = self.built_in.get(name) {
            return Some(Ok(Arc::clone(analysis)));
        }
        let own = self.process(name)?;
        Some(own.map(|analysis| self.in_words(name, analysis)))
    }

    /// A plugin of the project under the limits of an experiment, and how many threads it then has; `None` for what is built in or
    /// cannot be used.
    pub fn limited(&self, name: &str, own: &OwnLimits) -> Option<(Arc<dyn DynAnalysis>, usize)> {
        let analysis = self.process(name)?.ok()?;
        let threads = own.threads.unwrap_or(analysis.plugin().limits.threads);
        let limited: Arc<dyn DynAnalysis> = match own.time.is_some() || !own.of_plugins().is_empty() {
            true => Arc::new(Limited::new(analysis, own)),
            false => analysis,
        };
        Some((self.in_words(name, limited), threads))
    }

    /// A plugin with the words of the project.
    fn in_words(&self, name: &str, analysis: Arc<dyn DynAnalysis>) -> Arc<dyn DynAnalysis> {
        match self.words.get(name) {
            Some(words) => Arc::new(Translated::new(analysis, words)),
            None => analysis,
        }
    }

    /// A plugin of the project by name.
    ///
    /// # Errors
    /// What is wrong with the plugin.
    pub fn process(&self, name: &str) -> Option<Result<Arc<ProcessAnalysis>, Diagnostic>> {
        self.own.get(name).map(|own| own.analysis().clone())
    }

    /// Which program a plugin of the project is; it is not started.
    ///
    /// # Errors
    /// What is wrong with its entry in `octavo.toml`.
    pub fn plugin_of(&self, name: &str) -> Option<Result<Plugin, Diagnostic>> {
        self.own.get(name).map(|own| own.plugin.clone())
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.built_in.keys().chain(self.own.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// All built-in analyses, sorted by name.
    pub fn each_built_in(&self) -> impl Iterator<Item = &Arc<dyn DynAnalysis>> {
        self.built_in.values()
    }

    /// The names of the project's plugins, sorted.
    pub fn own_names(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str)
    }

    /// Which plugins load files of the project that their `inputs` do not name.
    pub fn unnamed_files(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for own in self.own.values() {
            let Some(Ok(analysis)) = own.analysis.get() else { continue };
            if let Some((message, help)) = analysis.unnamed_files() {
                problems.push(Diagnostic::warning("plugin-files", message).at(own.inputs.clone()).help(help));
            }
        }
        problems
    }

    /// Why plugins were stopped while they computed nothing.
    pub fn take_stopped(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for own in self.own.values() {
            let Some(Ok(analysis)) = own.analysis.get() else { continue };
            let stopped = analysis.take_stopped();
            problems.extend(stopped.into_iter().map(|failure| of_failure(&failure, &own.place)));
        }
        problems
    }

    /// Writes down what plugins said, for the next command.
    ///
    /// # Errors
    /// What went wrong, for a warning.
    pub fn remember(&self) -> Result<(), String> {
        self.own
            .values()
            .filter_map(|own| own.analysis.get()?.as_ref().ok())
            .try_for_each(|own| own.remember())
    }
}
