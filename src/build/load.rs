//! A project as it is on disk, and its experiments under a choice of profile and parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity};
use crate::experiment::{Experiment, Overrides};
use crate::ids::ExperimentId;
use crate::manifest;
use crate::project::Project;
use crate::registry::{PLUGIN, Registry};

/// Why experiments are missing whose definitions may be good, by id.
pub type Unavailable = BTreeMap<ExperimentId, String>;

/// A project, and the analyses that it can use.
pub struct Loaded {
    /// The project.
    pub project: Project,
    /// The analyses, those of the project's plugins among them.
    pub registry: Registry,
    /// What is wrong with files, configuration and plugins.
    pub problems: Vec<Diagnostic>,
}

/// How the definitions are to be read.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The profile, by name.
    pub profile: Option<String>,
    /// Parameters of one experiment, as `params.folds=12`.
    pub set: Option<(ExperimentId, Vec<String>)>,
    /// Another seed for one experiment.
    pub seed: Option<(ExperimentId, u64)>,
}

/// The experiments of a project, checked.
#[derive(Default)]
pub struct Definitions {
    /// Those that are good.
    pub experiments: Vec<Arc<Experiment>>,
    /// Those that may be good, but whose plugin cannot be used.
    pub unavailable: Unavailable,
    /// What is wrong with the others.
    pub problems: Vec<Diagnostic>,
}

impl Loaded {
    /// The project in a folder.
    ///
    /// # Errors
    /// What is wrong, if that leaves no project.
    pub fn project(root: &Path) -> Result<Self, Vec<Diagnostic>> {
        // Every experiment is held against it, and it takes as long to make as some projects to read.
        rayon::spawn(|| _ = manifest::schema());
        Self::new(Project::load(root))
    }

    /// An experiment outside any project.
    ///
    /// # Errors
    /// As [`Loaded::project`].
    pub fn standalone(file: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::new(Project::standalone(file))
    }

    fn new((project, mut problems): (Option<Project>, Vec<Diagnostic>)) -> Result<Self, Vec<Diagnostic>> {
        let Some(project) = project else { return Err(problems) };
        let registry = Registry::of_project(&project, &mut problems);
        Ok(Self { project, registry, problems })
    }

    /// The experiments, and a word on a profile that none of them has.
    pub fn definitions(&self, choice: &Choice) -> Definitions {
        let mut found = self.under(choice);
        found.problems.extend(self.unknown_profile(choice, &found.experiments));
        found.problems.extend(self.registry.unnamed_files());
        found
    }

    /// The experiments under a profile that not every one need have.
    pub fn under(&self, choice: &Choice) -> Definitions {
        let of =
            |id: &ExperimentId| choice.set.as_ref().filter(|(of, _)| of == id).map(|(_, set)| set.clone());
        let mut found = Definitions::default();
        for (id, source) in &self.project.experiments {
            let overrides = Overrides {
                profile: choice.profile.clone(),
                set: of(id).unwrap_or_default(),
                limits: self.project.config.limits.clone(),
                policy: self.project.config.claims.clone(),
                lock: self.project.locks.get(id).cloned().unwrap_or_default(),
                seed: choice.seed.as_ref().filter(|(of, _)| of == id).map(|(_, seed)| *seed),
            };
            let (experiment, problems) = Experiment::check(id, source, &self.registry, &overrides);
            let errors = || problems.iter().filter(|problem| problem.severity == Severity::Error);
            if errors().all(|problem| problem.code == PLUGIN)
                && let Some(problem) = errors().next()
            {
                let why = problem.message.lines().next().unwrap_or_default().to_owned();
                found.unavailable.insert(id.clone(), why);
            }
            found.problems.extend(problems);
            found.experiments.extend(experiment.map(Arc::new));
        }
        found
    }

    /// A profile that no experiment has. What one that was refused has is not known.
    fn unknown_profile(&self, choice: &Choice, experiments: &[Arc<Experiment>]) -> Option<Diagnostic> {
        let name = choice.profile.as_ref()?;
        let known: BTreeSet<&str> =
            experiments.iter().flat_map(|e| e.manifest.profiles.keys().map(String::as_str)).collect();
        if experiments.len() < self.project.experiments.len() || known.contains(name.as_str()) {
            return None;
        }
        let problem = Diagnostic::error("unknown-profile", format!("no experiment has a profile `{name}`"));
        Some(problem.nearest(name, known))
    }
}
