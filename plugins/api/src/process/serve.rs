//! Turns any [`Analysis`] into a program that speaks the protocol.
//!
//! This is the one place of the crate that sees standard streams, the disk (the two folders that the host names) and
//! passing time (progress is written a few times a second).

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::message::{
    Capabilities, CheckAnswer, Describe, Hello, Reply, Request, RunRequest, VERSION, Welcome,
};
use super::{Folder, conform, decode_inputs, encode_artifacts};
use crate::{Analysis, CancelToken, DynAnalysis, Failure, Prepared, Progress, RunContext, Seed, StopReason};

/// Shortest time between two messages of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// Answers requests on standard input until it is closed. This is the whole `main` of a plugin:
///
/// ```no_run
/// # use octavo_plugin::Analysis;
/// # fn program(MyAnalysis: impl Analysis) -> std::process::ExitCode {
/// octavo_plugin::serve(MyAnalysis)
/// # }
/// ```
#[expect(
    clippy::needless_pass_by_value,
    reason = "a plugin has one analysis, and its `main` reads best like this"
)]
pub fn serve(analysis: impl Analysis) -> ExitCode {
    let requests = Requests::start();
    if let Err(message) = requests.settle_version() {
        log(&message);
        return ExitCode::FAILURE;
    }
    let mut threads = None;
    while let Ok((id, request)) = requests.receiver.recv() {
        let reply = match request {
            Ok(Request::Run(run)) => {
                // The pool is made once: a host asks for the same number every time.
                threads.get_or_insert_with(|| {
                    let _ = rayon::ThreadPoolBuilder::new().num_threads(run.limits.threads).build_global();
                });
                let reply = run_contained(&analysis, id, &run, &requests);
                requests.running.lock().expect("no panic while it is held").take();
                reply
            }
            Ok(Request::Describe) => value_of(&describe(&analysis)),
            Ok(Request::Check(params)) => value_of(&Ok(check(&analysis, &params))),
            Ok(Request::Cancel) => continue,
            Err(message) => Reply::Error(Failure::bug(message)),
        };
        if send(&reply.to_json(id)).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

/// The run in progress, by its id.
type Running = Arc<Mutex<Option<(u64, Arc<CancelToken>)>>>;

/// The standard input, read on a thread of its own, so that `cancel` is seen during a run.
struct Requests {
    first: Receiver<Vec<u8>>,
    receiver: Receiver<(u64, Result<Request, String>)>,
    running: Running,
}

impl Requests {
    fn start() -> Self {
        let (first_line, first) = channel();
        let (sender, receiver) = channel();
        let running = Running::default();
        let current = Arc::clone(&running);
        std::thread::spawn(move || {
            let mut lines =
                std::io::stdin().lock().split(b'\n').map_while(Result::ok).filter(|l| !l.is_empty());
            let Some(line) = lines.next() else { return };
            let _ = first_line.send(line);
            for line in lines {
                match Request::parse(&line) {
                    Ok((id, Ok(Request::Cancel))) => {
                        let current = current.lock().expect("no panic while it is held");
                        if let Some((_, token)) = current.as_ref().filter(|(running, _)| *running == id) {
                            token.stop(StopReason::Cancelled);
                        }
                    }
                    Ok(request) => {
                        if sender.send(request).is_err() {
                            return;
                        }
                    }
                    Err(message) => log(&message),
                }
            }
        });
        Self { first, receiver, running }
    }

    fn settle_version(&self) -> Result<(), String> {
        let line =
            self.first.recv().map_err(|_| "a plugin is started by Octavo; see docs/plugins.md".to_owned())?;
        let hello: Hello =
            serde_json::from_slice(&line).map_err(|error| format!("this is no host: {error}"))?;
        send(&serde_json::to_value(Welcome::of_plugin()).expect("plain data")).map_err(|e| e.to_string())?;
        if hello.versions.contains(&VERSION) {
            Ok(())
        } else {
            Err(format!(
                "the host speaks the versions {:?}, and this plugin speaks {VERSION}",
                hello.versions
            ))
        }
    }
}

fn log(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{message}");
}

fn send(message: &Json) -> std::io::Result<()> {
    let mut line = message.to_string();
    line.push('\n');
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

fn value_of(value: &Result<impl serde::Serialize, String>) -> Reply {
    match value {
        Ok(value) => Reply::Result(serde_json::to_value(value).expect("a declaration is plain data")),
        Err(message) => Reply::Error(Failure::bug(message.clone())),
    }
}

fn describe(analysis: &impl Analysis) -> Result<Describe, String> {
    let (about, identity) = (DynAnalysis::about(analysis), Analysis::identity(analysis));
    let bad = |message: &str| format!("the example of `{}` cannot be used: {message}", identity.name);
    let example: Json = toml::from_str(&about.example).map_err(|error| bad(error.message()))?;
    let prepared = prepare(analysis, &example).map_err(|failure| bad(&failure.message))?;
    Ok(Describe {
        name: identity.name.into_owned(),
        revision: identity.revision,
        title: about.title,
        summary: about.summary,
        documentation: about.documentation.into_owned(),
        examples: vec![about.example.into_owned()],
        schema: analysis.json_schema(),
        outputs: prepared.outputs,
        figures: prepared.figures,
        capabilities: Capabilities { cancel: true, reuse: true, stochastic: true },
        files: Vec::new(),
    })
}

/// Whole numbers that came as decimal strings are numbers again.
fn from_message(analysis: &impl DynAnalysis, params: &Json) -> Result<Json, String> {
    conform(params, &analysis.schema())
}

/// What is known of parameters, in all languages that the analysis has words of.
fn prepare(analysis: &impl Analysis, params: &Json) -> Result<Prepared, Failure> {
    let mut prepared = DynAnalysis::prepare(analysis, params)?;
    prepared.translate(&analysis.translations());
    Ok(prepared)
}

fn check(analysis: &impl Analysis, params: &Json) -> CheckAnswer {
    let prepared = from_message(analysis, params)
        .map_err(Failure::user)
        .and_then(|params| prepare(analysis, &params))
        .unwrap_or_else(|failure| Prepared {
            problems: vec![crate::Problem::at("", failure.message)],
            ..Prepared::default()
        });
    if !prepared.problems.is_empty() {
        return CheckAnswer {
            problems: prepared.problems.into_iter().map(Into::into).collect(),
            ..CheckAnswer::default()
        };
    }
    CheckAnswer {
        problems: Vec::new(),
        stochastic: Some(prepared.stochastic),
        outputs: Some(prepared.outputs),
        figures: Some(prepared.figures),
        params: Some(super::to_message(&prepared.params)),
    }
}

fn run_contained(analysis: &impl Analysis, id: u64, run: &RunRequest, requests: &Requests) -> Reply {
    let cancel = Arc::new(CancelToken::new());
    *requests.running.lock().expect("no panic while it is held") = Some((id, Arc::clone(&cancel)));
    let result = catch_unwind(AssertUnwindSafe(|| compute(analysis, id, run, &cancel)));
    match result {
        Ok(Ok(value)) => Reply::Result(value),
        Ok(Err(failure)) => Reply::Error(failure),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
            Reply::Error(Failure::bug(format!("the analysis panicked: {text}")))
        }
    }
}

fn compute(
    analysis: &impl Analysis,
    id: u64,
    run: &RunRequest,
    cancel: &CancelToken,
) -> Result<Json, Failure> {
    let inputs = decode_inputs(&run.inputs, &Disk(PathBuf::from(&run.input_folder)))?;
    let seed = run.seed.parse().map_err(|_| Failure::bug(format!("the seed `{}` is no number", run.seed)))?;
    let progress = Reporter { id, last: Mutex::new(None) };
    let params = from_message(analysis, &run.params).map_err(Failure::user)?;
    let context = RunContext::new(Seed(seed), &inputs, cancel, &progress).asking(&run.outputs);
    let artifacts = DynAnalysis::run(analysis, &params, &context)?;
    let mut folder = Disk(PathBuf::from(&run.folder));
    encode_artifacts(&artifacts, &mut folder).map_err(Failure::resource)
}

struct Reporter {
    id: u64,
    last: Mutex<Option<Instant>>,
}

impl Progress for Reporter {
    fn warn(&self, message: &str) {
        let _ = send(&Reply::Log(true, message.to_owned()).to_json(self.id));
    }

    fn report(&self, done: u64, total: u64) {
        let Ok(mut last) = self.last.try_lock() else { return };
        if last.is_none_or(|last| last.elapsed() >= PROGRESS_EVERY) {
            *last = Some(Instant::now());
            // A host that went away is noticed at the next request.
            let _ = send(&Reply::Progress(done, total).to_json(self.id));
        }
    }
}

/// A folder that the host named.
struct Disk(PathBuf);

impl Folder for Disk {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.0.join(name)).map_err(|error| format!("`{name}` cannot be read: {error}"))
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        std::fs::write(self.0.join(name), bytes)
            .map_err(|error| format!("`{name}` cannot be written: {error}"))
    }
}
