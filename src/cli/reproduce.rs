//! `octavo reproduce`: a downloaded figure, computed again from what the file carries.

mod data;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use clap::Args;
use octavo_plugin::{Digest, NUMERICS_REVISION, Value, counted};
use walkdir::WalkDir;

use super::events::{Compared, Differs, Event};
use super::progress::Watcher;
use super::session::{ExitCode, Session};
use super::verify::in_words;
use crate::build::compare::{Difference, DifferenceKind};
use crate::build::{self, Choice, Loaded, Pace, Place, Rendered};
use crate::cache::TaskCache;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::ids::FigureRef;
use crate::lock::Accepted;
use crate::plain;
use crate::process::PYTHON_MODULE;
use crate::project::PROJECT_FILE;
use crate::publish::Content;
use crate::render::figures;
use crate::render::recipe::{self, EXPERIMENTS, FORMAT, Recipe};
use crate::store;
use data::DataFile;

/// Arguments of `octavo reproduce`.
#[derive(Args, Debug)]
pub(super) struct Reproduce {
    /// An SVG or PNG that was downloaded from a site; with `--site` also a CSV
    #[arg(value_name = "FIGURE")]
    figure: PathBuf,
    /// A folder with the files that were read, under any names: they are known by their digests
    #[arg(long, value_name = "FOLDER")]
    inputs: Option<PathBuf>,
    /// The `octavo.json` of the site that a CSV is from, among the files of the site: a figure there says how it was made
    #[arg(long, value_name = "OCTAVO.JSON")]
    site: Option<PathBuf>,
    /// Run the plugin that the file carries: its author's code, with your rights
    #[arg(long)]
    trust_plugin: bool,
    /// Keep the folder in which it is computed, and say where it is
    #[arg(long)]
    keep: bool,
}

impl Reproduce {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.reproduce(session).unwrap_or_else(|code| code)
    }

    fn reproduce(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let bytes = fs::read(session.folder.join(&self.figure))
            .map_err(|error| self.refuse(session, &format!("it cannot be read: {error}")))?;
        let (file, text) = self.recipe(session, &bytes).map_err(|why| self.refuse(session, &why))?;
        let recipe: Recipe = toml::from_str(&text).map_err(|error| {
            self.refuse(session, &format!("its recipe cannot be read: {}", error.message()))
        })?;
        if recipe.format != FORMAT {
            let why = format!(
                "its recipe has the form {}, and this program reads the form {FORMAT}",
                recipe.format
            );
            return Err(self.refuse(session, &why));
        }
        session.output.line(&about(&recipe));
        self.ask_for_trust(session, &recipe)?;
        let folder = tempfile::Builder::new().prefix("octavo-reproduce-").tempdir();
        let folder = folder.map_err(|error| broken(session, &error))?;
        let root = folder.path().join("project");
        let given = match &self.inputs {
            Some(folder) => by_digest(&session.folder.join(folder)),
            None => Ok(BTreeMap::new()),
        };
        let missing = given.and_then(|given| lay_out(&recipe, &root, &given));
        let missing = missing.map_err(|error| broken(session, &error))?;
        if !missing.is_empty() {
            session.output.diagnostics(&missing);
            session.output.trouble("it cannot be computed again here, since these are missing");
            return Err(ExitCode::Failed);
        }
        let found = follow(session, &recipe, &root, file.as_ref());
        if self.keep {
            let folder = folder.keep().join("project");
            session.output.line(&format!("it was computed in `{}`", plain::path(&folder)));
        }
        let (found, tasks) = found?;
        Ok(tell(session, &recipe, &found, tasks))
    }

    /// A picture from anywhere must not start a program of its author's before somebody said so.
    fn ask_for_trust(&self, session: &Session, recipe: &Recipe) -> Result<(), ExitCode> {
        let plugins = recipe.project.get("plugins").and_then(|plugins| plugins.as_table());
        let Some((name, plugin)) =
            plugins.and_then(|plugins| plugins.iter().next()).filter(|_| !self.trust_plugin)
        else {
            return Ok(());
        };
        let words = plugin.get("command").and_then(|words| words.as_array()).into_iter().flatten();
        let command: Vec<&str> = words.filter_map(|word| word.as_str()).collect();
        let message = format!(
            "it is computed by the plugin `{name}`, which is started as `{}`",
            plain::line(&command.join(" "))
        );
        let help = "a plugin may do whatever you may; if you trust who made the figure, say `--trust-plugin`";
        Err(session.refuse(Diagnostic::error("untrusted-plugin", message).help(help)))
    }

    /// The recipe that a file carries, or that a figure of its site carries; then also which file it is.
    fn recipe(&self, session: &Session, bytes: &[u8]) -> Result<(Option<DataFile>, String), String> {
        if let Some(site) = &self.site {
            let (file, text) = data::found(&session.folder.join(site), bytes)?;
            return Ok((Some(file), text));
        }
        Ok((None, recipe::carried(bytes)?.ok_or("it carries no recipe")?))
    }

    fn refuse(&self, session: &Session, why: &str) -> ExitCode {
        let message =
            format!("`{}` is no figure that can be computed again: {why}", plain::path(&self.figure));
        let help =
            "figures carry a recipe if they are downloaded from a site that this version of Octavo built";
        session.refuse(Diagnostic::error("recipe", message).help(help))
    }
}

/// Writes the project of a recipe; what is missing for it.
fn lay_out(recipe: &Recipe, root: &Path, given: &BTreeMap<Digest, PathBuf>) -> io::Result<Vec<Diagnostic>> {
    let mut project = recipe.project.clone();
    project.insert("output".to_owned(), "site".into());
    write(root, PROJECT_FILE, project.to_string().as_bytes())?;
    for (id, definition) in &recipe.definitions {
        write(root, &format!("{EXPERIMENTS}/{id}.toml"), definition.to_string().as_bytes())?;
    }
    let page = format!("# Reproduction\n\n![It.](figure:{})\n", recipe.figure);
    write(root, &format!("{EXPERIMENTS}/reproduction-of-a-figure.md"), page.as_bytes())?;
    let mut missing = Vec::new();
    let mut find = |what: &str, name: &str, digest: &Digest| {
        let found = given.get(digest);
        if found.is_none() {
            let message = format!("{what} `{name}` with the digest {digest} is not there");
            let help = "`--inputs FOLDER` names a folder that has it, under any name";
            missing.push(Diagnostic::error("missing", message).help(help));
        }
        found.map(fs::read).transpose()
    };
    for input in &recipe.inputs {
        if let Some(bytes) = find("the file", &input.name, &input.digest)? {
            write(root, &input.path, &bytes)?;
        }
    }
    for file in &recipe.files {
        let module = PYTHON_MODULE.as_bytes();
        let bytes = match &file.text {
            Some(text) => Some(text.clone().into_bytes()),
            None if Digest::of(module) == file.digest => Some(module.to_vec()),
            None => find("the plugin's file", &file.path, &file.digest)?,
        };
        bytes.map_or(Ok(()), |bytes| write(root, &file.path, &bytes))?;
    }
    Ok(missing)
}

/// Who made it.
fn about(recipe: &Recipe) -> String {
    let mut text = format!("`{}`, made by Octavo {}", recipe.figure, recipe.octavo);
    if recipe.octavo != env!("CARGO_PKG_VERSION") || recipe.numerics != NUMERICS_REVISION {
        text += &format!(
            " with numerics {}; this is Octavo {} with numerics {NUMERICS_REVISION}",
            recipe.numerics,
            env!("CARGO_PKG_VERSION")
        );
    }
    text
}

fn broken(session: &Session, error: &io::Error) -> ExitCode {
    session.output.problem(Diagnostic::error("reproduce", format!("it cannot be laid out: {error}")));
    ExitCode::Failed
}

/// Writes a file below a folder. A recipe comes from anywhere: none of its names may lead out, stand for what is remembered of computations, or
/// for what is written already, since the project's own file decides which programs are started.
fn write(root: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let refuse = |why: &str| io::Error::other(format!("`{}` {why}", plain::line(name)));
    if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(refuse("leads out of its folder"));
    }
    let first = name.split('/').next().unwrap_or_default();
    if first.eq_ignore_ascii_case(store::FOLDER) {
        return Err(refuse("is no file of a project"));
    }
    let path = root.join(name);
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    match File::create_new(&path) {
        Ok(mut file) => file.write_all(bytes),
        // Two experiments may read one file.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::read(&path)? == bytes {
            true => Ok(()),
            false => Err(refuse("is there twice")),
        },
        Err(error) => Err(error),
    }
}

/// The files below a folder, by digest.
fn by_digest(folder: &Path) -> io::Result<BTreeMap<Digest, PathBuf>> {
    let mut found = BTreeMap::new();
    for entry in WalkDir::new(folder).follow_links(true) {
        let entry = entry?;
        if entry.file_type().is_file() {
            found.insert(Digest::of(&fs::read(entry.path())?), entry.into_path());
        }
    }
    Ok(found)
}

/// Tells what differs; how the command ends.
fn tell(session: &Session, recipe: &Recipe, found: &[Difference], tasks: usize) -> ExitCode {
    for one in found {
        session.output.event(&Event::Difference(Differs::new(one)));
        session.output.trouble(&in_words(one));
    }
    session.output.event(&Event::Compared(Compared { files: 0, tasks, differences: found.len() }));
    let what = format!("`{}`, {}", recipe.figure, counted(tasks, "task"));
    if found.is_empty() {
        session.output.line(&format!("{what}: the same came out"));
        return ExitCode::Good;
    }
    session.output.trouble(&format!("{what}: {}", counted(found.len(), "difference")));
    ExitCode::Drift
}

/// Computes what a recipe says; what differs, and the number of tasks.
fn follow(
    session: &Session,
    recipe: &Recipe,
    root: &Path,
    file: Option<&DataFile>,
) -> Result<(Vec<Difference>, usize), ExitCode> {
    let loaded = Loaded::project(root).map_err(|problems| refused(session, problems))?;
    let (checked, mut problems) = build::check(&loaded, &Choice::default());
    problems.retain(|problem| problem.severity == Severity::Error);
    if !problems.is_empty() || checked.theme.is_none() {
        return Err(refused(session, problems));
    }
    let store = session.store_at(root)?;
    let program = build::program_digest(&store).map_err(|error| broken(session, &error))?;
    session.catch_interrupts();
    let (plan, cache) = (&checked.plan, TaskCache::new(&store));
    let tasks = plan.tasks_of(&[]);
    let watcher = Watcher::new(plan, &tasks, &session.output);
    let pace = Pace { jobs: session.jobs, observer: &watcher, stop: &session.stop };
    let ran = build::run(plan, &tasks, &cache, pace);
    watcher.finish();
    if session.stop.stopped() {
        return Err(ExitCode::Failed);
    }
    let place = Place { store: &store, program, date: None };
    let rendered = build::render(&loaded.project, &checked, &ran, place);
    let failed = ran.outcomes.iter().any(|outcome| outcome.done().is_none());
    for (figure, why) in &rendered.failed_figures {
        let message = format!("the figure `{figure}` has no drawing: {why}");
        session.output.problem(Diagnostic::error("no-figure", message));
    }
    if failed || !rendered.failed_figures.is_empty() {
        return Err(ExitCode::Failed);
    }
    let mut found = Vec::new();
    for experiment in &plan.experiments {
        found.extend(made_otherwise(session, recipe, experiment));
    }
    found.extend(differences(recipe, &rendered));
    if let Some(file) = file {
        found.extend(differs(file, data::again(&file.route, plan, &ran.outcomes, &rendered)));
    }
    Ok((found, tasks.len()))
}

/// Whether a file of rows is another one today.
fn differs(file: &DataFile, today: Option<Digest>) -> Option<Difference> {
    let text = |digest: Digest| Value::Text(digest.hex());
    (today != Some(file.digest)).then(|| {
        Difference::new(DifferenceKind::File, &file.route).between(Some(text(file.digest)), today.map(text))
    })
}

/// What is wrong with the project of a recipe: another program may know less, or more.
fn refused(session: &Session, mut problems: Vec<Diagnostic>) -> ExitCode {
    diagnostic::sort(&mut problems);
    session.output.diagnostics(&problems);
    session.output.trouble("its recipe cannot be followed by this program on this machine");
    ExitCode::Failed
}

/// Tells of an analysis of another revision: what differs then, differs for that.
fn made_otherwise(
    session: &Session,
    recipe: &Recipe,
    experiment: &crate::experiment::Experiment,
) -> Option<Difference> {
    let made = recipe.made.get(&experiment.id)?;
    let identity = experiment.analysis.identity();
    if made.revision != identity.revision {
        session.output.line(&format!(
            "`{}` was computed by revision {} of `{}`, and is now by revision {}",
            experiment.id, made.revision, made.analysis, identity.revision
        ));
    }
    let plugin = identity.program();
    let digest = |digest: Digest| Value::Text(digest.hex());
    (made.plugin != plugin).then(|| Difference {
        standing: made.plugin.map(digest),
        rebuilt: plugin.map(digest),
        ..Difference::of(&experiment.id, DifferenceKind::Result, "files of the plugin")
    })
}

/// Where values, outputs and drawn rows differ.
fn differences(recipe: &Recipe, rendered: &Rendered) -> Vec<Difference> {
    let mut found = Vec::new();
    for (id, written) in &recipe.results {
        let text = toml::Table::from_iter([("results".to_owned(), written.clone().into())]).to_string();
        let before = Accepted::parse(&text).unwrap_or_default();
        let today = rendered.today.get(id).cloned().unwrap_or_default();
        for (name, digest) in &before.outputs {
            let now = today.outputs.get(name);
            if now != Some(digest) {
                let text = |digest: &String| Value::Text(digest.clone());
                let one = Difference::of(id, DifferenceKind::Result, name);
                found.push(one.between(Some(text(digest)), now.map(text)));
            }
        }
        for (name, quantity) in &before.values {
            let now = today.values.get(name);
            if now != Some(quantity) {
                let now = now.map(|now| now.value.clone());
                found.push(
                    Difference::of(id, DifferenceKind::Value, name)
                        .between(Some(quantity.value.clone()), now),
                );
            }
        }
    }
    let FigureRef { experiment: id, name, .. } = &recipe.figure;
    let rows =
        rendered.files.get(format!("{}.json", figures::base(&recipe.figure)).as_str()).map(Content::digest);
    if rows.map(|rows| rows.hex()).as_ref() != Some(&recipe.rows) {
        let text = |digest: Digest| Value::Text(digest.hex());
        let one = Difference::of(id, DifferenceKind::Figure, name);
        found.push(one.between(Some(Value::Text(recipe.rows.clone())), rows.map(text)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::render::recipe::Recipes;

    fn plan(loaded: &Loaded) -> Plan {
        let found = loaded.definitions(&Choice::default());
        let read = |source: &crate::source::SourceFile, file: &str, limits| {
            loaded.project.read_input(source, file, limits)
        };
        let (plan, problems) = Plan::new(found.experiments, &read);
        let problems = [found.problems, problems].concat();
        let errors: Vec<_> = problems.iter().filter(|one| one.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        plan
    }

    /// What decides the tasks of an experiment, as far as it is known before anything runs.
    fn causes(plan: &Plan, id: &str) -> Vec<crate::plan::Cause> {
        let index = plan.experiments.iter().position(|one| one.id == id).unwrap();
        let of =
            |task: usize| plan.tasks[task].cause(&plan.experiments[index], plan.tasks[task].params.json());
        plan.ranges[index].clone().filter(|task| plan.tasks[*task].edges.is_empty()).map(of).collect()
    }

    #[test]
    fn the_recipes_of_the_course_have_its_tasks() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let loaded = Loaded::project(root).map_err(|problems| format!("{problems:#?}")).unwrap();
        let course = plan(&loaded);
        let recipes = Recipes::new(&loaded.project, &course);
        let given = by_digest(&loaded.project.experiments_folder()).unwrap();
        for experiment in &course.experiments {
            let Some((name, figure)) = experiment.manifest.figures.iter().next() else { continue };
            let recipe =
                recipes.of(&FigureRef::new(&experiment.id, name), figure, &|_| Accepted::default()).unwrap();
            let recipe: Recipe = toml::from_str(&recipe.text().unwrap()).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let missing = lay_out(&recipe, folder.path(), &given).unwrap();
            assert!(missing.is_empty(), "{}: {missing:#?}", experiment.id);
            let loaded = Loaded::project(folder.path()).map_err(|problems| format!("{problems:#?}")).unwrap();
            let again = plan(&loaded);
            assert_eq!(causes(&again, &experiment.id), causes(&course, &experiment.id), "{}", experiment.id);
        }
    }
}
