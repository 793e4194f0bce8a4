//! `[cluster.NAME]`: how work is handed to other processes or machines. The engine that starts them is somebody else's; it is asked by commands.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use octavo_plugin::schema::Schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::process::is_name;
use crate::source::SourceFile;
use crate::toml_tree;

/// Clusters by name.
pub type Clusters = BTreeMap<String, Cluster>;

/// A cluster as it is written. What it leaves out is taken from the shipped one that it stands on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// The shipped one that it stands on: `local`, `slurm`, `hyperqueue` or `github-matrix`; by default the one of its own name, if
    /// there is one.
    pub template: Option<String>,
    /// A command for `sh` that starts `$OCTAVO_JOBS` jobs, each of which runs `$OCTAVO_SCRIPT`, and prints by what they are known together.
    pub submit: Option<String>,
    /// A command for `sh` that ends when no job of `$OCTAVO_ID` runs or waits any more.
    pub wait: Option<String>,
    /// A command for `sh` that ends all jobs of `$OCTAVO_ID`.
    pub cancel: Option<String>,
    /// A command for `sh` that brings results of `$OCTAVO_ID` into the store, where jobs have stores of their own.
    pub fetch: Option<String>,
    /// What `submit` finds in `$OCTAVO_OPTIONS`, such as `--partition=short`.
    pub options: Option<String>,
    /// The variable in which a job finds its number, from 1; without it `submit` gives the number to the script.
    pub index: Option<String>,
    /// The program as jobs find it; by default the one that submits.
    pub program: Option<String>,
    /// How much a job has to do; with 0 there are as many jobs as there may be.
    #[schemars(range(min = 0.0, max = 1_000_000.0), extend("x-unit" = "min"))]
    pub minutes: Option<f64>,
    /// Most jobs that are submitted together; by default 100, and for `local` one for each processor.
    #[schemars(range(min = 1, max = 100_000))]
    pub jobs: Option<usize>,
    /// Tasks and threads of a job.
    #[schemars(range(min = 1, max = 1024))]
    pub threads: Option<usize>,
    /// The longest task that every job computes once more, to see that its machine gives the bits that are known; 0: none. By default 2,
    /// and 0 for `local`.
    #[schemars(range(min = 0.0, max = 1_000_000.0), extend("x-unit" = "s"))]
    pub canary: Option<f64>,
    /// How often what has no result is submitted again before somebody must look.
    #[schemars(range(max = 100))]
    pub retries: Option<u32>,
}

/// What a file of the user's own, or the list of shipped clusters, may hold.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct File {
    /// How work is handed on, by name.
    cluster: Clusters,
}

/// Most jobs that are submitted together, if nobody says.
const JOBS: usize = 100;

/// The shipped cluster of processes of this machine.
const LOCAL: &str = "local";

impl Cluster {
    /// The same with all that it leaves out taken from another one.
    fn over(&self, base: &Self) -> Self {
        let text = |own: &Option<String>, base: &Option<String>| own.clone().or_else(|| base.clone());
        Self {
            template: self.template.clone(),
            submit: text(&self.submit, &base.submit),
            wait: text(&self.wait, &base.wait),
            cancel: text(&self.cancel, &base.cancel),
            fetch: text(&self.fetch, &base.fetch),
            options: text(&self.options, &base.options),
            index: text(&self.index, &base.index),
            program: text(&self.program, &base.program),
            minutes: self.minutes.or(base.minutes),
            jobs: self.jobs.or(base.jobs),
            threads: self.threads.or(base.threads),
            canary: self.canary.or(base.canary),
            retries: self.retries.or(base.retries),
        }
    }

    /// How many jobs share so many tasks that take so many seconds together; nothing is known of the time of `unknown` of them.
    pub fn jobs_for(&self, tasks: usize, seconds: f64, unknown: usize, processors: usize) -> usize {
        let minutes = self.minutes.unwrap_or(0.0);
        // Processes of this machine beyond its processors take time from each other.
        let is_here = minutes == 0.0 || self.template.as_deref() == Some(LOCAL);
        let most = self.jobs.unwrap_or(if is_here { processors } else { JOBS }).min(tasks).max(1);
        if minutes == 0.0 || unknown > 0 {
            return most;
        }
        // Saturating: a job has at least one task.
        ((seconds / (minutes * 60.0)).ceil() as usize).clamp(1, most)
    }

    /// How often what has no result is submitted again.
    pub fn retries(&self) -> u32 {
        self.retries.unwrap_or(3)
    }
}

/// The clusters that a file of the user's own defines, and what is wrong with it.
pub fn read(source: &Arc<SourceFile>) -> (Clusters, Vec<Diagnostic>) {
    let (node, mut problems) = toml_tree::parse(source);
    if has_errors(&problems) {
        return (Clusters::new(), problems);
    }
    let (json, report) = check::check(&node, &Schema::of::<File>(), "the configuration");
    problems.extend(report.diagnostics);
    if has_errors(&problems) {
        return (Clusters::new(), problems);
    }
    let file: File = serde_json::from_value(json).expect("the checker accepted it");
    (file.cluster, problems)
}

/// Those that come with the program.
pub fn shipped() -> &'static Clusters {
    static SHIPPED: OnceLock<Clusters> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let text = include_str!("clusters.toml");
        read(&SourceFile::new("clusters.toml", text)).0
    })
}

/// What is wrong with the clusters of a file, by name, each with the key that is wrong, if it is one.
pub fn problems(clusters: &Clusters) -> Vec<(&str, Option<&'static str>, Diagnostic)> {
    let wrong = clusters.iter().filter_map(|(name, cluster)| {
        let problem = find(name, clusters, &Clusters::new()).err()?;
        let template = cluster.template.as_deref();
        let key = template.is_some_and(|template| !shipped().contains_key(template)).then_some("template");
        Some((name.as_str(), key, problem))
    });
    wrong.collect()
}

/// A cluster by name with all that is known of it: as the project defines it, or else the user, over the shipped one that it stands on. Its
/// `template` names that one.
///
/// # Errors
/// What is wrong, with the names that there are.
pub fn find(name: &str, project: &Clusters, user: &Clusters) -> Result<Cluster, Diagnostic> {
    if !is_name(name) {
        let problem =
            Diagnostic::error("unknown-cluster", format!("`{name}` cannot be the name of a cluster"));
        return Err(problem.help("use lower-case letters, digits, `-` and `_`, a letter first"));
    }
    let own = project.get(name).or_else(|| user.get(name));
    let shipped = shipped();
    let template = own.and_then(|own| own.template.as_deref());
    let base = match template {
        Some(template) => Some(shipped.get(template).ok_or_else(|| {
            let message =
                format!("the cluster `{name}` stands on `{template}`, which does not come with Octavo");
            Diagnostic::error("unknown-cluster", message)
                .nearest(template, shipped.keys().map(String::as_str))
        })?),
        None => shipped.get(name),
    };
    let mut found = match (own, base) {
        (Some(own), Some(base)) => own.over(base),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => {
            let known = project.keys().chain(user.keys()).chain(shipped.keys()).map(String::as_str);
            let problem = Diagnostic::error("unknown-cluster", format!("there is no cluster `{name}`"));
            return Err(problem.nearest(name, known));
        }
    };
    let lacks = [("submit", &found.submit), ("wait", &found.wait)].into_iter().find(|(_, own)| own.is_none());
    if let Some((key, _)) = lacks {
        let message = format!("the cluster `{name}` does not say how to {key}");
        let help = format!("write `{key} = \"...\"`, or name a `template` that has it; docs/clusters.md");
        return Err(Diagnostic::error("unknown-cluster", message).help(help));
    }
    found.template = base.map(|_| template.unwrap_or(name).to_owned());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(text: &str) -> Clusters {
        let (clusters, problems) = read(&SourceFile::new("own.toml", text));
        assert_eq!(problems, []);
        clusters
    }

    #[test]
    fn what_a_cluster_leaves_out_is_that_of_the_shipped_one() {
        for name in ["local", "slurm", "hyperqueue", "github-matrix"] {
            let found = find(name, &Clusters::new(), &Clusters::new()).unwrap();
            assert!(found.submit.is_some() && found.wait.is_some() && found.cancel.is_some(), "{name}");
        }
        let project =
            clusters("[cluster.lab]\ntemplate = \"slurm\"\noptions = \"--partition=short\"\nminutes = 2.5\n");
        let user = clusters("[cluster.lab]\ntemplate = \"local\"\n[cluster.slurm]\njobs = 7\n");
        let lab = find("lab", &project, &user).unwrap();
        assert_eq!((lab.options.as_deref(), lab.minutes), (Some("--partition=short"), Some(2.5)));
        assert!(lab.submit.unwrap().contains("sbatch"));
        assert_eq!(find("slurm", &project, &user).unwrap().jobs, Some(7));
    }

    #[test]
    fn a_cluster_that_cannot_be_used_is_told_with_what_to_do() {
        let own = clusters("[cluster.lab]\nsubmit = \"x\"\n[cluster.far]\ntemplate = \"slrum\"\n");
        let wrong = |name: &str| find(name, &own, &Clusters::new()).unwrap_err();
        assert_eq!(wrong("lab").message, "the cluster `lab` does not say how to wait");
        assert!(wrong("far").help.unwrap().contains("`slurm`"));
        assert!(wrong("lap").help.unwrap().contains("`lab`"));
        let (none, problems) = read(&SourceFile::new("own.toml", "[cluster.lab]\nsubmitt = \"x\"\n"));
        assert_eq!((none.len(), problems.len()), (0, 1));
    }

    #[test]
    fn jobs_follow_from_the_time_that_is_known() {
        let ten = Cluster { minutes: Some(10.0), ..Cluster::default() };
        assert_eq!(ten.jobs_for(10_000, 600_000.0, 0, 2), 100);
        assert_eq!(ten.jobs_for(10_000, 3001.0, 0, 2), 6);
        assert_eq!(ten.jobs_for(10_000, 0.0, 0, 2), 1);
        assert_eq!(ten.jobs_for(10_000, 0.0, 1, 2), 100, "a task of which nothing is known may take long");
        assert_eq!(ten.jobs_for(3, 600_000.0, 0, 2), 3);
        let local = Cluster { minutes: Some(0.0), ..Cluster::default() };
        assert_eq!(local.jobs_for(200, 1.0, 0, 4), 4);
        assert_eq!(Cluster { jobs: Some(9), ..local }.jobs_for(200, 1.0, 0, 4), 9);
        // Processes of this machine are no more than it has processors, unless somebody says so.
        let own =
            clusters("[cluster.local]\nminutes = 10\n[cluster.here]\ntemplate = \"local\"\nminutes = 1\n");
        for name in ["local", "here"] {
            let found = find(name, &own, &Clusters::new()).unwrap();
            assert_eq!(found.jobs_for(10_000, 600_000.0, 0, 4), 4, "{name}");
            assert_eq!(Cluster { jobs: Some(9), ..found }.jobs_for(10_000, 600_000.0, 0, 4), 9);
        }
    }
}
