//! Analyses that are programs of their own (`docs/plugin-protocol.md`): started, asked, contained.
//!
//! A [`Plugin`] says which program, under which limits, with which files. A [`ProcessAnalysis`] is the analysis that it
//! computes: its processes are started when a worker first needs one, are reused over tasks, and are killed with their
//! whole group when they break the protocol or meet a limit.

mod answers;
pub mod conformance;
mod exec;
mod files;
mod folder;
mod glob;
mod group;
mod launch;
mod limited;
mod plugin;
mod pool;
mod session;
mod temporary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use octavo_plugin::process::{
    CheckAnswer, Describe, Request, RunLimits, RunRequest, conform, decode_artifacts, encode_inputs,
    to_message,
};
use octavo_plugin::{
    About, Artifacts, ContentHasher, Digest, DynAnalysis, Failure, FailureKind, Identity, Origin, Prepared,
    Problem, RunContext, Schema, SchemaKind, Translations,
};
use serde_json::{Map, Value as Json};

use answers::Answers;
pub use exec::PluginExec;
use folder::SharedFolder;
pub use group::Group;
pub use limited::Limited;
pub use plugin::{Limits, Plugin, PluginConfig, PluginLimits, files_of, has_files, is_name, sources};
use pool::Pool;
use session::Session;

use crate::plain;

/// The module that Python scripts import, as `octavo new plugin` writes it.
pub const PYTHON_MODULE: &str = include_str!("../plugins/python/octavo_plugin.py");

/// Longest time of `describe` and `check`.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// An analysis that a plugin computes.
pub struct ProcessAnalysis {
    plugin: Arc<Plugin>,
    about: Describe,
    raw_figures: Json,
    schema: Schema,
    idle: Pool,
    answers: Mutex<Answers>,
    known: Mutex<BTreeMap<Digest, Arc<Prepared>>>,
    /// Parameters that it could not check, and why.
    failed: Mutex<BTreeMap<Digest, Failure>>,
    /// Files that it loaded in a run and that `inputs` does not name, as far as they were told.
    told: Mutex<BTreeSet<String>>,
    /// The first time that it did not answer `check` at all: it is not waited for again.
    broken: Mutex<Option<Failure>>,
}

impl ProcessAnalysis {
    /// The analysis of a plugin. `project` is the folder whose store may remember what the plugin said before.
    ///
    /// # Errors
    /// If the program cannot be started, breaks the protocol, or says something about itself that cannot be used.
    pub fn new(plugin: Plugin, project: &Path) -> Result<Self, Failure> {
        let plugin = Arc::new(plugin);
        let mut answers = Answers::read(project, &plugin);
        let idle = Pool::default();
        let about = match answers.describe() {
            Some(about) => about,
            None => {
                let mut session = Session::start(&plugin)?;
                let about = session.ask(&Request::Describe)?;
                idle.give(session);
                answers.set_describe(about.clone());
                about
            }
        };
        let raw_figures = about.get("figures").cloned().unwrap_or_default();
        let (about, schema) = plugin::accept(&plugin, about)?;
        let answers = Mutex::new(answers);
        let told = Mutex::new(plugin.unnamed(&about.files).into_iter().collect());
        let (known, failed, broken) = (Mutex::default(), Mutex::default(), Mutex::default());
        Ok(Self { plugin, about, raw_figures, schema, idle, answers, known, failed, told, broken })
    }

    /// The plugin.
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// What is wrong with `inputs` if the plugin, as soon as it is there, has loaded files that they do not name: a sentence
    /// and the line to write.
    pub fn unnamed_files(&self) -> Option<(String, String)> {
        self.about_unnamed(&self.plugin.unnamed(&self.about.files))
    }

    fn about_unnamed(&self, files: &[String]) -> Option<(String, String)> {
        if files.is_empty() {
            return None;
        }
        let (name, list) = (&self.plugin.name, files.join("`, `"));
        let message = format!(
            "the plugin `{name}` loads `{list}`, which its `inputs` does not name: an edit of it leaves old results"
        );
        Some((message, format!("in `[plugins.{name}]` write `{}`", self.plugin.inputs_with(files))))
    }

    /// Warns once of files that were loaded during a run and that `inputs` does not name.
    fn warn_of_files(&self, value: &Json, context: &RunContext<'_>) {
        let loaded: Vec<String> = value
            .get("files")
            .and_then(|files| serde_json::from_value(files.clone()).ok())
            .unwrap_or_default();
        let mut told = lock(&self.told);
        let new: Vec<String> =
            self.plugin.unnamed(&loaded).into_iter().filter(|file| told.insert(file.clone())).collect();
        if let Some((message, help)) = self.about_unnamed(&new) {
            context.warn(&format!("{message}; {help}"));
        }
    }

    /// What the plugin says about itself.
    pub fn describe(&self) -> &Describe {
        &self.about
    }

    /// Writes down what the plugin said, for the next command. Nothing is written where there is no store yet.
    ///
    /// # Errors
    /// What went wrong, for a warning.
    pub fn remember(&self) -> Result<(), String> {
        lock(&self.answers).write()
    }

    /// Why processes were stopped while they computed nothing: what they left in the background met a limit.
    pub fn take_stopped(&self) -> Vec<Failure> {
        self.idle.take_stopped()
    }

    /// The canonical parameters and what the plugin says about them.
    ///
    /// # Errors
    /// A [`Failure`] if the plugin gives no answer that can be used.
    pub fn checked(&self, params: &Json) -> Result<Arc<Prepared>, Failure> {
        let key = digest_of(params);
        if let Some(known) = lock(&self.known).get(&key) {
            return Ok(Arc::clone(known));
        }
        let remembered = lock(&self.answers).check(params);
        if let Some(answer) = remembered {
            return self.accepted(params, answer);
        }
        if let Some(failure) = self.failure(key) {
            return Err(failure);
        }
        let mut told = false;
        let answer = self.with_session(|session| {
            let answer = session.ask(&Request::Check(to_message(params)));
            // A well-formed error is about these parameters; whoever broke off is not asked about others either.
            told = answer.is_err() && session.is_usable();
            answer
        });
        let accepted = answer.and_then(|answer| {
            let accepted = self.accepted(params, answer.clone())?;
            lock(&self.answers).set_check(params, answer);
            Ok(accepted)
        });
        accepted.inspect_err(|failure| {
            if told {
                lock(&self.failed).insert(key, failure.clone());
            } else {
                *lock(&self.broken) = Some(failure.clone());
            }
        })
    }

    fn failure(&self, params: Digest) -> Option<Failure> {
        let broken = lock(&self.broken).clone();
        broken.or_else(|| lock(&self.failed).get(&params).cloned())
    }

    /// Reads an answer to `check`, and remembers it under every form in which the parameters will come back.
    fn accepted(&self, params: &Json, answer: Json) -> Result<Arc<Prepared>, Failure> {
        let bad = |what: String| Failure::bug(format!("the plugin `{}`: {what}", self.plugin.name));
        let answer: CheckAnswer = serde_json::from_value(answer)
            .map_err(|error| bad(format!("its answer to `check` cannot be read: {error}")))?;
        let canonical = match &answer.params {
            Some(own) => conform(own, &self.schema).map_err(|message| {
                bad(format!("its canonical parameters do not fit its schema: {message}"))
            })?,
            None => params.clone(),
        };
        let checked = Arc::new(Prepared {
            problems: answer.problems().into_iter().map(plain_problem).collect(),
            stochastic: self.about.capabilities.stochastic && answer.stochastic.unwrap_or(true),
            outputs: answer.outputs.unwrap_or_else(|| self.about.outputs.clone()),
            figures: answer.figures.unwrap_or_else(|| self.about.figures.clone()),
            params: canonical,
        });
        plugin::accept_outputs(&checked.outputs).map_err(bad)?;
        plugin::accept_figures(&checked.figures).map_err(bad)?;
        let mut known = lock(&self.known);
        // In a run, inputs are replaced by their content's address: what was said holds for any content.
        for form in [params, &checked.params, &without_inputs(&checked.params, &self.schema)] {
            known.insert(digest_of(form), Arc::clone(&checked));
        }
        Ok(checked)
    }

    fn with_session<T>(&self, use_it: impl FnOnce(&mut Session) -> Result<T, Failure>) -> Result<T, Failure> {
        self.idle.with_session(&self.plugin, use_it)
    }

    /// Computes in a process that computed nothing before.
    ///
    /// # Errors
    /// As [`DynAnalysis::run`].
    pub fn run_fresh(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        self.run_in(&mut Session::start(&self.plugin)?, params, context)
    }

    fn run_in(
        &self,
        session: &mut Session,
        params: &Json,
        context: &RunContext<'_>,
    ) -> Result<Artifacts, Failure> {
        let known = lock(&self.known).get(&digest_of(&without_inputs(params, &self.schema))).cloned();
        let checked = known.map_or_else(|| self.checked(params), Ok)?;
        let folder = session.run_folder()?;
        let request = Request::Run(Box::new(self.run_request(session, &checked, params, context, &folder)?));
        let value = session.ask_run(&request, context, &folder, self.about.capabilities.cancel);
        let artifacts = value.and_then(|value| {
            self.warn_of_files(&value, context);
            let wanted = context.wanted();
            let read = decode_artifacts(&value, &checked.outputs, &folder).map(|all| all.only(wanted));
            let declared = checked.outputs.clone().only(wanted);
            let artifacts = read.and_then(|artifacts| artifacts.check(&declared).map(|()| artifacts));
            artifacts.map_err(|failure| session.blame(self.with_help(failure)))
        });
        folder.remove();
        if !self.about.capabilities.reuse {
            session.retire();
        }
        artifacts
    }

    /// What can be done about a result that is too large.
    fn with_help(&self, failure: Failure) -> Failure {
        let name = &self.plugin.name;
        match failure.kind {
            FailureKind::Resource => failure.help(format!(
                "give less, or raise `limits.output` of `[plugins.{name}]` or of the experiment; values may take eight times as much memory"
            )),
            _ => failure,
        }
    }

    fn run_request(
        &self,
        session: &mut Session,
        checked: &Prepared,
        params: &Json,
        context: &RunContext<'_>,
        folder: &SharedFolder,
    ) -> Result<RunRequest, Failure> {
        let limits = *session.limits();
        let input_folder = session.input_folder()?;
        Ok(RunRequest {
            params: to_message(params),
            seed: if checked.stochastic { context.seed().0.to_string() } else { "0".to_owned() },
            inputs: encode_inputs(context.inputs(), input_folder).map_err(Failure::resource)?,
            folder: folder.path_text(),
            input_folder: input_folder.path_text(),
            limits: RunLimits {
                seconds: limits.time.as_secs_f64(),
                output_bytes: limits.output,
                threads: limits.told_threads(),
            },
            outputs: context.wanted().clone(),
        })
    }
}

impl DynAnalysis for ProcessAnalysis {
    fn identity(&self) -> Identity {
        Identity {
            name: self.about.name.clone().into(),
            revision: self.about.revision,
            origin: Origin::Program(self.plugin.digest),
        }
    }

    fn about(&self) -> About {
        About {
            title: self.about.title.clone(),
            summary: self.about.summary.clone(),
            documentation: self.about.documentation.clone().into(),
            example: self.about.examples[0].clone().into(),
            translations: &[],
        }
    }

    fn translations(&self) -> Translations {
        // It says everything in all its languages itself.
        Translations::default()
    }

    fn json_schema(&self) -> Json {
        self.about.schema.clone()
    }

    fn schema(&self) -> Schema {
        self.schema.clone()
    }

    fn prepare(&self, params: &Json) -> Result<Prepared, Failure> {
        let complete = conform(params, &self.schema).map_err(Failure::user)?;
        self.checked(&complete).map(|checked| (*checked).clone())
    }

    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        self.with_session(|session| self.run_in(session, params, context))
    }
}

/// A failure with the log, for messages that have one text.
pub fn with_log(failure: &Failure) -> String {
    let mut text = failure.message.clone();
    if let Some(help) = &failure.help {
        text.push_str(&format!("; {help}"));
    }
    if !failure.log.is_empty() {
        text.push_str("\nthe last lines of its log:");
        failure.log.iter().for_each(|line| text.push_str(&format!("\n  {line}")));
    }
    text
}

/// A problem whose texts fit on a line.
fn plain_problem(problem: Problem) -> Problem {
    let line = |text: String| plain::line(&text);
    Problem { path: line(problem.path), message: line(problem.message), help: problem.help.map(line) }
}

fn digest_of(params: &Json) -> Digest {
    ContentHasher::new("octavo plugin parameters").add(params).finish()
}

/// The parameters with every input blanked.
fn without_inputs(params: &Json, schema: &Schema) -> Json {
    with_inputs(params, schema, &mut |_| Json::Null)
}

/// The parameters with every input replaced.
fn with_inputs(params: &Json, schema: &Schema, replace: &mut dyn FnMut(&Json) -> Json) -> Json {
    match (&schema.kind, params) {
        _ if schema.input => replace(params),
        (SchemaKind::OneOf(shapes), _) => {
            let shape = shapes.iter().find(|shape| conform(params, shape).is_ok());
            shape.map_or_else(|| params.clone(), |shape| with_inputs(params, shape, replace))
        }
        (SchemaKind::List { item, .. }, Json::Array(items)) => {
            items.iter().map(|json| with_inputs(json, item, replace)).collect()
        }
        (SchemaKind::Map(item), Json::Object(object)) => object
            .iter()
            .map(|(key, json)| (key.clone(), with_inputs(json, item, replace)))
            .collect::<Map<_, _>>()
            .into(),
        (SchemaKind::Record(fields), Json::Object(object)) => {
            let entry = |(key, json): (&String, &Json)| {
                let field = fields.get(key);
                (
                    key.clone(),
                    field.map_or_else(|| json.clone(), |field| with_inputs(json, &field.schema, replace)),
                )
            };
            object.iter().map(entry).collect::<Map<_, _>>().into()
        }
        _ => params.clone(),
    }
}

/// A panic in one task must not take the plugin away from the others.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
