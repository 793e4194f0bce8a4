//! What must hold of every project, however it was changed.

use std::fs;
use std::path::Path;

use octavo::build::{self, Checked, Choice, Loaded, Pace, Place, PublishChoice};
use octavo::cache::TaskCache;
use octavo::diagnostic::{self, Diagnostic, Severity, has_errors};
use octavo::executor::{Event, Observer, Outcome, Stop};
use octavo::publish::Destination;
use octavo::store::Store;
use octavo::theme::TEMPLATE;
use octavo_plugin::{Digest, FailureKind};

use super::Files;

/// Longest time of a task: the seed projects need a hundredth of it, and a mutation may ask for days.
const TASK_SECONDS: f64 = 1.0;

/// Tasks that are still run; a mutated axis may have thousands of points.
const MOST_TASKS: usize = 100;

/// Writes the project into a folder that is not there yet, or whose earlier project is to be replaced.
pub(crate) fn write(root: &Path, files: &Files) {
    if root.exists() {
        fs::remove_dir_all(root).expect("the folder can be removed");
    }
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it lies in the project")).expect("folders can be made");
        fs::write(path, bytes).expect("the file can be written");
    }
}

/// Checks a project, and gives it if it is good. What is not as it must be is added to `wrong`.
pub(crate) fn check(root: &Path, files: &Files, wrong: &mut Vec<String>) -> Option<(Loaded, Checked)> {
    let (loaded, problems) = match Loaded::project(root) {
        Ok(loaded) => (Some(loaded), Vec::new()),
        Err(problems) => (None, problems),
    };
    let checked = loaded.map(|loaded| {
        let (checked, problems) = build::check(&loaded, &Choice::default());
        (loaded, checked, problems)
    });
    let (good, problems) = match checked {
        Some((loaded, checked, problems)) => {
            ((!has_errors(&problems)).then_some((loaded, checked)), problems)
        }
        None => {
            if !has_errors(&problems) {
                wrong.push("there is no project and no error".to_owned());
            }
            (None, problems)
        }
    };
    wrong.extend(misplaced(&problems, files));
    good
}

/// Builds a project that was checked into a folder beside it, as the program does, but that tasks have little time.
pub(crate) fn build(
    root: &Path,
    site: &Path,
    files: &Files,
    (mut loaded, checked): (Loaded, Checked),
    wrong: &mut Vec<String>,
) {
    if checked.plan.tasks.len() > MOST_TASKS {
        return;
    }
    let limits = &mut loaded.project.config.limits;
    limits.time = limits.time.min(TASK_SECONDS);
    let store = Store::open(root).expect("the store can be opened");
    let place = Place { store: &store, program: Digest::of(b"program"), date: None };
    let pace = Pace { jobs: 1, observer: &Deaf, stop: &Stop::default() };
    let tasks: Vec<usize> = (0..checked.plan.tasks.len()).collect();
    let ran = build::run(&checked.plan, &tasks, &TaskCache::new(&store), pace);
    for outcome in &ran.outcomes {
        if let Outcome::Failed(failure) = outcome
            && failure.kind == FailureKind::Bug
        {
            wrong.push(format!("a task failed with {failure:?}"));
        }
    }
    let mut rendered = build::render(&loaded.project, &checked, &ran, place);
    wrong.extend(misplaced(&rendered.diagnostics, files));
    // What a template needs is known when it is rendered. Any other mistake in a definition is one for `check`.
    let templates = rendered.diagnostics.iter().any(|problem| problem.code == TEMPLATE);
    let to = Destination {
        folder: site.to_path_buf(),
        root: root.to_path_buf(),
        project: loaded.project.config.project_name().to_owned(),
        sources: vec![loaded.project.experiments_folder(), root.join("templates")],
    };
    let choice = PublishChoice { to: &to, remove_strays: true, waiting: &mut |_| {} };
    if !templates
        && let Err(failed) = build::publish(&loaded.project, &checked, &ran, &mut rendered, place, choice)
    {
        wrong.push(format!("nothing was published: {failed:?}"));
    }
    if let Err(error) = store.finish() {
        wrong.push(format!("the store: {error}"));
    }
}

/// Nobody who is told of tasks.
struct Deaf;

impl Observer for Deaf {
    fn event(&self, _: &Event<'_>) {}
}

/// What is wrong with the places of problems, and with how they are told.
fn misplaced(problems: &[Diagnostic], files: &Files) -> Vec<String> {
    // Not more of a kind are shown: each takes time with the length of its line.
    let shown = diagnostic::digested(problems);
    let shown = shown.iter().map(|line| line.render(false)).collect::<String>();
    let control = shown.chars().find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'));
    let control = control.map(|letter| format!("{letter:?} is written to the terminal"));
    let places = problems.iter().filter_map(|problem| {
        let why = place(problem, files).err()?;
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        Some(format!("{severity}[{}] {why}: {}", problem.code, problem.message))
    });
    control.into_iter().chain(places).collect()
}

fn place(problem: &Diagnostic, files: &Files) -> Result<(), String> {
    if problem.message.is_empty() {
        return Err("has no message".to_owned());
    }
    let Some(at) = &problem.location else { return Err("has no place".to_owned()) };
    let (source, span) = (&at.source, &at.span);
    if span.start > span.end || span.end > source.text.len() || !source.text.is_char_boundary(span.start) {
        return Err(format!("stands at {span:?} of {} bytes of {}", source.text.len(), source.path));
    }
    // A project may override a template that needs another, built-in one.
    if source.path.starts_with("templates/") {
        return Ok(());
    }
    let Some(bytes) = files.get(&source.path) else {
        let folder =
            |path: &String| path.strip_prefix(&source.path).is_some_and(|rest| rest.starts_with('/'));
        // What a missing project file should hold has no other place than where it is looked for.
        // A name of other letters is told in its composed form.
        let elsewhere = source.path == "octavo.toml" || !source.path.is_ascii();
        return match elsewhere || files.keys().any(folder) {
            true => Ok(()),
            false => Err(format!("stands in {}, which is not there", source.path)),
        };
    };
    // A problem with a file as a whole shows nothing of it.
    let there = String::from_utf8_lossy(bytes);
    match source.text.is_empty() || there.strip_prefix('\u{feff}').unwrap_or(&there).starts_with(&source.text)
    {
        true => Ok(()),
        false if std::str::from_utf8(bytes).is_err() => Ok(()),
        false => Err(format!("stands in another text of {}: {:?}", source.path, source.text)),
    }
}
