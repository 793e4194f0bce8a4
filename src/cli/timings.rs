//! `--timings`: where the time of a build went, as a table, as JSON, and as a trace for viewers of traces.

use octavo_plugin::plural;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::events::{Event, Slowest, Timed, Timings};
use super::session::{ExitCode, Session};
use crate::diagnostic::{self, Diagnostic};
use crate::plain;
use crate::timings::{self, Span, TimedKind};

/// So many of each kind are listed, the slowest first.
const LISTED: usize = 10;

const KINDS: [(TimedKind, &str); 4] = [
    (TimedKind::Task, "task"),
    (TimedKind::Figure, "figure"),
    (TimedKind::Page, "page"),
    (TimedKind::Index, "index"),
];

/// Tells what was timed, and writes the trace to a file.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn tell(session: &Session, trace: Option<&Path>) -> Result<(), ExitCode> {
    let spans = timings::spans();
    session.output.line(table(&spans).trim_end());
    session.output.event(&event(&spans));
    let Some(file) = trace else { return Ok(()) };
    let path = session.folder.join(file);
    std::fs::write(&path, self::trace(&spans).to_string()).map_err(|error| {
        let message = format!("the trace `{}` cannot be written: {error}", plain::path(file));
        session
            .output
            .problem(Diagnostic::error("timings", message).help("name a file in a folder that exists"));
        ExitCode::Failed
    })
}

/// Those of a kind, the slowest first, with all their seconds.
fn slowest(spans: &[Span], kind: TimedKind) -> (Vec<&Span>, f64) {
    let mut some: Vec<&Span> = spans.iter().filter(|span| span.kind == kind).collect();
    some.sort_by_key(|span| std::cmp::Reverse(span.length));
    let all: Duration = some.iter().map(|span| span.length).sum();
    (some, all.as_secs_f64())
}

fn table(spans: &[Span]) -> String {
    let mut text = String::from("steps, in seconds\n");
    let row = |text: &mut String, span: &Span| {
        let _ = writeln!(text, "{:10.3}  {}", span.length.as_secs_f64(), plain::line(&span.name));
    };
    spans.iter().filter(|span| span.kind == TimedKind::Step).for_each(|span| row(&mut text, span));
    for (kind, name) in KINDS {
        let (some, all) = slowest(spans, kind);
        if some.is_empty() {
            continue;
        }
        let (count, name) = (diagnostic::grouped(some.len()), plural(&some.len(), name));
        let _ = writeln!(text, "{count} {name}, {all:.3} seconds of all threads together; the slowest");
        some.iter().take(LISTED).for_each(|span| row(&mut text, span));
    }
    text
}

fn event(spans: &[Span]) -> Event {
    let timed = |span: &&Span| Timed { name: span.name.clone(), seconds: span.length.as_secs_f64() };
    let of = |kind| {
        let (some, seconds) = slowest(spans, kind);
        let slowest = some.iter().take(LISTED).map(timed).collect();
        Slowest { count: some.len(), seconds, slowest }
    };
    let steps: Vec<&Span> = spans.iter().filter(|span| span.kind == TimedKind::Step).collect();
    let steps = steps.iter().map(timed).collect();
    let [tasks, figures, pages, indexes] = KINDS.map(|(kind, _)| of(kind));
    Event::Timings(Timings { steps, tasks, figures, pages, indexes })
}

/// Complete events of the Trace Event Format, in microseconds.
fn trace(spans: &[Span]) -> Json {
    let event = |span: &Span| {
        let kind = match span.kind {
            TimedKind::Step => "step",
            TimedKind::Task => "task",
            TimedKind::Figure => "figure",
            TimedKind::Page => "page",
            TimedKind::Index => "index",
        };
        let [start, length] = [span.start, span.length].map(|time| time.as_secs_f64() * 1e6);
        json!({ "name": span.name, "cat": kind, "ph": "X", "ts": start, "dur": length, "pid": 1, "tid": span.thread })
    };
    json!({ "displayTimeUnit": "ms", "traceEvents": spans.iter().map(event).collect::<Vec<_>>() })
}
