//! What every plugin must do, tried out: `octavo plugins check`.

mod parameters;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use octavo_plugin::delimited::TextForm;
use octavo_plugin::figure::Figure;
use octavo_plugin::input::InputContent;
use octavo_plugin::process::{Request, conform, to_message};
use octavo_plugin::schema::Schema;
use octavo_plugin::{
    Artifacts, CancelToken, Digest, DynAnalysis, Failure, FailureKind, Input, Inputs, Prepared, Progress,
    RunContext, Seed, StopReason,
};
use serde_json::{Value as Json, json};

use super::session::Session;
use super::{Plugin, ProcessAnalysis, with_inputs, with_log};
use crate::figure::drawable;

/// How one thing turned out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried.
    pub what: String,
    /// What is wrong; `None` if nothing is.
    pub problem: Option<String>,
}

/// The seed of all trials, but for the one that takes another.
const SEED: Seed = Seed(2016);

/// Reads a file that an example names.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<InputContent, String>;

/// Tries everything out and tells each finding as soon as it is there. Whether all is good.
pub fn check(plugin: Plugin, read: ReadFile<'_>, tell: &mut dyn FnMut(&Finding)) -> bool {
    let mut good = true;
    let mut note = |what: &str, result: Result<(), String>| {
        good &= result.is_ok();
        tell(&Finding { what: what.to_owned(), problem: result.err() });
    };
    // Nothing that was said before is believed.
    let analysis = ProcessAnalysis::new(plugin, Path::new("")).map_err(|failure| text(&failure));
    let analysis = match analysis {
        Ok(analysis) => analysis,
        Err(problem) => {
            note("it starts, speaks version 1 and describes itself", Err(problem));
            return false;
        }
    };
    note("it starts, speaks version 1 and describes itself", Ok(()));
    let mut trial = Trial { analysis: &analysis, inputs: Inputs::new() };
    note("every parameter is described, and every default fits", trial.schema());
    note("its default figures draw what it declares", trial.figures());
    let examples = match trial.examples(read) {
        Ok(examples) => examples,
        Err(problem) => {
            note("its examples are good parameters", Err(problem));
            return false;
        }
    };
    note(&format!("its examples are good parameters ({} of them)", examples.len()), Ok(()));
    note("the canonical form of the canonical form is the same", trial.canonical(&examples));
    note("parameters at their bounds are answered", trial.bounds(&examples[0]));
    note("bad parameters are answered, by problems or an error", trial.bad(&examples[0]));
    note("what it does not know is answered by an error", trial.unknown());
    let first = trial.run_all(&examples);
    let digests = match first {
        Ok(digests) => digests,
        Err(problem) => {
            note("its examples give what is declared", Err(problem));
            return false;
        }
    };
    note("its examples give what is declared", Ok(()));
    note("the same seed gives the same results again", trial.again(&examples, &digests));
    note("the order of the runs does not matter", trial.reversed(&examples, &digests));
    note("a fresh process gives the same results", trial.fresh(&examples, &digests));
    note("another seed gives other results", trial.other_seed(&examples, &digests));
    note("at the least value of each number it computes or says why not", trial.least(&examples[0]));
    note("a run can be cancelled, and the next one is good", trial.cancelled(&examples, &digests));
    note(
        "at its limit on time it is stopped, and the next run is good",
        trial.timed_out(&examples, &digests),
    );
    note("between runs it stays within its limits", trial.idle());
    note("it ends when its input is closed", trial.ends());
    good
}

struct Trial<'a> {
    analysis: &'a ProcessAnalysis,
    /// The files that the examples name.
    inputs: Inputs,
}

fn text(failure: &Failure) -> String {
    format!("({}) {}", failure.kind, with_log(failure))
}

impl Trial<'_> {
    fn run(&self, params: &Json, seed: Seed, fresh: bool) -> Result<Artifacts, String> {
        let cancel = CancelToken::new();
        let context = RunContext::new(seed, &self.inputs, &cancel, &octavo_plugin::context::Silent);
        let run = if fresh { ProcessAnalysis::run_fresh } else { <ProcessAnalysis as DynAnalysis>::run };
        run(self.analysis, params, &context).map_err(|failure| text(&failure))
    }

    fn schema(&self) -> Result<(), String> {
        parameters::fields(&self.analysis.schema(), "")?;
        let about = self.analysis.about();
        match (about.title.is_none(), about.summary.is_none()) {
            (true, _) => Err("it has no `title`".to_owned()),
            (_, true) => Err("it has no `summary`".to_owned()),
            _ => Ok(()),
        }
    }

    fn figures(&self) -> Result<(), String> {
        let described = self.analysis.describe();
        let schema = Schema::of::<Figure>();
        for (name, figure) in &described.figures {
            let written = &self.analysis.raw_figures()[name];
            conform(written, &schema).map_err(|message| format!("the figure `{name}`: {message}"))?;
            drawable::check_default_figure(&described.outputs, name, figure)?;
        }
        Ok(())
    }

    /// Canonical parameters of the examples, and of the defaults if all parameters have one. Their files are read.
    fn examples(&mut self, read: ReadFile<'_>) -> Result<Vec<Json>, String> {
        let mut examples = Vec::new();
        for (index, written) in self.analysis.describe().examples.iter().enumerate() {
            let what = format!("the example {}", index + 1);
            let json: Json =
                toml::from_str(written).map_err(|error| format!("{what}: {}", error.message()))?;
            let prepared = self.analysis.prepare(&json);
            let Prepared { params, problems, outputs, figures, .. } =
                prepared.map_err(|failure| format!("{what}: {}", with_log(&failure)))?;
            if let Some(problem) = problems.first() {
                return Err(format!("{what}: `{}`: {}", problem.path, problem.message));
            }
            for (name, figure) in &figures {
                drawable::check_default_figure(&outputs, name, figure)
                    .map_err(|message| format!("{what}: {message}"))?;
            }
            examples.push(self.with_files(&params, read).map_err(|message| format!("{what}: {message}"))?);
        }
        if let Ok(prepared) = self.analysis.prepare(&json!({}))
            && prepared.problems.is_empty()
        {
            examples.push(prepared.params);
        }
        examples.dedup();
        Ok(examples)
    }

    fn with_files(&mut self, params: &Json, read: ReadFile<'_>) -> Result<Json, String> {
        let mut problem = None;
        let mut add =
            |input: &Json| match input.get("file").and_then(Json::as_str).map(|file| (file, read(file))) {
                Some((file, Ok(content))) => {
                    let form = serde_json::from_value(input.clone()).map(|input| match input {
                        Input::File { form, .. } => form,
                        Input::Result { .. } => TextForm::default(),
                    });
                    let input = self.inputs.add(file, content).written(&form.unwrap_or_default());
                    serde_json::to_value(input).expect("an input is plain data")
                }
                Some((_, Err(message))) => problem.insert(message).as_str().into(),
                None => {
                    problem = Some(
                        "it names the result of an experiment; let an example name files only".to_owned(),
                    );
                    Json::Null
                }
            };
        let params = with_inputs(params, &self.analysis.schema(), &mut add);
        problem.map_or(Ok(params), Err)
    }

    fn canonical(&self, examples: &[Json]) -> Result<(), String> {
        for params in examples {
            let answer = self.ask(&Request::Check(to_message(params)))?;
            let own = answer.get("params").unwrap_or(params);
            let again = conform(own, &self.analysis.schema())?;
            if again != *params {
                return Err(format!("{params} became {again}"));
            }
        }
        Ok(())
    }

    fn unknown(&self) -> Result<(), String> {
        let mut session = self.session()?;
        match session.ask_unknown() {
            Err(failure) if failure.kind == FailureKind::Bug && session.is_usable() => {
                session.ask(&Request::Describe).map(|_| ()).map_err(|failure| text(&failure))
            }
            Err(failure) => Err(text(&failure)),
            Ok(_) => Err("the request `dance` was answered by a result".to_owned()),
        }
    }

    fn run_all(&self, examples: &[Json]) -> Result<Vec<Digest>, String> {
        let each = examples.iter().enumerate().map(|(index, params)| {
            let artifacts = self.run(params, SEED, false);
            artifacts.map(|a| a.digest()).map_err(|problem| format!("the example {}: {problem}", index + 1))
        });
        each.collect()
    }

    fn again(&self, examples: &[Json], digests: &[Digest]) -> Result<(), String> {
        let found = self.run_all(examples)?;
        equal(&found, digests, "its worker computed the others")
    }

    fn reversed(&self, examples: &[Json], digests: &[Digest]) -> Result<(), String> {
        let reversed: Vec<Json> = examples.iter().rev().cloned().collect();
        let mut found = self.run_all(&reversed)?;
        found.reverse();
        equal(&found, digests, "the examples were run in reverse order")
    }

    fn fresh(&self, examples: &[Json], digests: &[Digest]) -> Result<(), String> {
        let each = examples.iter().map(|params| self.run(params, SEED, true).map(|a| a.digest()));
        equal(&each.collect::<Result<Vec<_>, _>>()?, digests, "its process was fresh")
    }

    fn other_seed(&self, examples: &[Json], digests: &[Digest]) -> Result<(), String> {
        let stochastic = |index: &usize| {
            self.analysis.prepare(&examples[*index]).is_ok_and(|prepared| prepared.stochastic)
        };
        let random: Vec<usize> = (0..examples.len()).filter(stochastic).collect();
        for index in &random {
            if self.run(&examples[*index], Seed(SEED.0 + 1), false)?.digest() != digests[*index] {
                return Ok(());
            }
        }
        match random.first() {
            None => Ok(()),
            Some(index) => Err(format!(
                "the example {} is said to be stochastic, and two seeds give the same results",
                index + 1
            )),
        }
    }

    fn cancelled(&self, examples: &[Json], digests: &[Digest]) -> Result<(), String> {
        let mut session = self.session()?;
        match self.stopped(&mut session, &examples[0], StopReason::Cancelled) {
            Err(failure) if failure.kind != FailureKind::Cancelled => return Err(text(&failure)),
            Err(_) if self.analysis.describe().capabilities.cancel && session.group().is_none() => {
                return Err(
                    "it says that it reads `cancel`, and did not answer within half a second of work"
                        .to_owned(),
                );
            }
            _ => {}
        }
        if session.is_usable() {
            self.analysis.idle.give(session);
        }
        let found = self.run(&examples[0], SEED, false)?.digest();
        equal(&[found], &digests[..1], "the run before was cancelled")
    }

    fn timed_out(&self, examples: &[Json], digests: &[Digest]) -> Result<(), String> {
        match self.stopped(&mut self.session()?, &examples[0], StopReason::TimedOut) {
            Err(failure) if failure.kind != FailureKind::Resource => return Err(text(&failure)),
            _ => {}
        }
        let found = self.run(&examples[0], SEED, false)?.digest();
        equal(&[found], &digests[..1], "the process before was stopped")
    }

    /// A run that is stopped at its first progress, or after a moment if it reports none.
    fn stopped(
        &self,
        session: &mut Session,
        params: &Json,
        reason: StopReason,
    ) -> Result<Artifacts, Failure> {
        let cancel = CancelToken::new();
        let stop = StopAtFirst { cancel: &cancel, reason };
        let context = RunContext::new(SEED, &self.inputs, &cancel, &stop);
        let begin = Instant::now();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while begin.elapsed() < Duration::from_millis(200) && !over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                cancel.stop(reason);
            });
            let result = self.analysis.run_in(session, params, &context);
            over.store(true, Ordering::Relaxed);
            result
        })
    }

    fn idle(&self) -> Result<(), String> {
        self.analysis.idle.measure();
        match self.analysis.take_stopped().first() {
            Some(failure) => Err(text(failure)),
            None => Ok(()),
        }
    }

    fn ends(&self) -> Result<(), String> {
        let mut session = self.session()?;
        if session.close_input() {
            Ok(())
        } else {
            Err("it was still there after half a second of work, or ten seconds, when its input was closed"
                .to_owned())
        }
    }

    fn session(&self) -> Result<Session, String> {
        let mut session = Session::start(&self.analysis.plugin).map_err(|failure| text(&failure))?;
        session.be_patient();
        Ok(session)
    }

    fn ask(&self, request: &Request) -> Result<Json, String> {
        self.analysis.with_session(|session| session.ask(request)).map_err(|failure| text(&failure))
    }
}

fn equal(found: &[Digest], expected: &[Digest], when: &str) -> Result<(), String> {
    match (0..expected.len()).find(|index| found[*index] != expected[*index]) {
        None => Ok(()),
        Some(index) => Err(format!(
            "the example {} gave the digest {} at first, and {} when {when}",
            index + 1,
            expected[index].short(),
            found[index].short()
        )),
    }
}

struct StopAtFirst<'a> {
    cancel: &'a CancelToken,
    reason: StopReason,
}

impl Progress for StopAtFirst<'_> {
    fn report(&self, _done: u64, _total: u64) {
        self.cancel.stop(self.reason);
    }
}

impl ProcessAnalysis {
    /// The default figures as the plugin wrote them.
    fn raw_figures(&self) -> &Json {
        &self.raw_figures
    }
}
