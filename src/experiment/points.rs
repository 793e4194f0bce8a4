//! Holds every point of a sweep against the analysis. There may be a million.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::schema::Schema;
use octavo_plugin::{DynAnalysis, FailureKind, Input, OutputSchema, Prepared, Translations};
use rayon::prelude::*;
use serde_json::Value as Json;

use super::point::{Params, Point, PointValues, Sweep};
use super::{InputUse, params_of};
use crate::check::{self, InputPlace};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::process::with_log;
use crate::registry::PLUGIN;
use crate::sweep::{self, Axis};
use crate::toml_tree::Node;

/// Points that are checked one after the other.
const CHUNK: usize = 1024;

/// What points a sweep has.
#[derive(Default)]
pub(super) struct Found {
    pub(super) points: Vec<Point>,
    /// What they read.
    pub(super) inputs: Vec<InputUse>,
    /// What is wrong with them, the same thing once.
    pub(super) problems: Vec<Diagnostic>,
    /// Whether any is wrong; then `points` lacks it.
    pub(super) failed: bool,
    /// What the first one gives.
    pub(super) outputs: OutputSchema,
    /// The first one's default figures.
    pub(super) figures: IndexMap<String, Figure>,
    /// The first that gives something else.
    pub(super) other: Option<usize>,
}

impl Found {
    fn append(&mut self, mut more: Self) {
        self.points.append(&mut more.points);
        self.inputs.append(&mut more.inputs);
        self.problems.append(&mut more.problems);
        self.failed |= more.failed;
        self.other = self.other.or(more.other);
    }

    /// Puts the words of other languages into labels and figures.
    pub(super) fn translate(&mut self, words: &Translations) {
        words.outputs(&mut self.outputs);
        self.figures.values_mut().for_each(|figure| words.figure(figure));
    }
}

/// Everything that the points of a sweep have in common.
pub(super) struct Checker<'a> {
    pub(super) analysis: &'a Arc<dyn DynAnalysis>,
    pub(super) schema: &'a Schema,
    pub(super) node: &'a Node,
    pub(super) axes: &'a [Vec<Axis>],
    /// What messages call the parameters.
    pub(super) what: String,
    pub(super) sweep: Arc<Sweep>,
}

impl Checker<'_> {
    /// So many points, in order.
    pub(super) fn all(&self, count: usize) -> Found {
        let mut found = self.chunk(0..count.min(1), None);
        let first = found.points.first().map(|point| (point.params.clone(), found.outputs.clone()));
        let chunks: Vec<Range<usize>> =
            (1..count).step_by(CHUNK).map(|start| start..count.min(start + CHUNK)).collect();
        let check = |chunk: &Range<usize>| self.chunk(chunk.clone(), first.as_ref());
        // A plugin answers in its own process, one question after the other.
        let checked: Vec<Found> = if self.analysis.identity().program().is_some() {
            chunks.iter().map(check).collect()
        } else {
            chunks.par_iter().map(check).collect()
        };
        found.points.reserve_exact(count.saturating_sub(1));
        checked.into_iter().for_each(|more| found.append(more));
        let mut told = BTreeSet::new();
        let place = |problem: &Diagnostic| problem.location.as_ref().map(|at| at.span.start);
        found.problems.retain(|problem| told.insert((place(problem), problem.message.clone())));
        found
    }

    /// Some points, compared with the parameters and the outputs of the first one.
    fn chunk(&self, points: Range<usize>, first: Option<&(Params, OutputSchema)>) -> Found {
        let mut found = Found::default();
        // Every point sets the same parameters, so that none is left over from the one before.
        let mut params = params_of(self.node);
        for index in points {
            for (key, value) in sweep::combination(self.axes, index) {
                sweep::set_dotted(&mut params, key, value.clone());
            }
            let Some(prepared) = self.prepare(index, &params, &mut found) else {
                found.failed = true;
                continue;
            };
            let Prepared { params: json, stochastic, outputs, figures, .. } = prepared;
            match first {
                None => (found.outputs, found.figures) = (outputs, figures),
                Some((_, first)) if found.other.is_none() && *first != outputs => found.other = Some(index),
                Some(_) => {}
            }
            let params = match first {
                Some((first, _)) => Params::like(first, json),
                None => Params::new(json),
            };
            found.points.push(Point { values: PointValues::new(&self.sweep, index), params, stochastic });
        }
        found
    }

    /// What the analysis says of a point; `None` if anything is wrong with it, which is told.
    fn prepare(&self, index: usize, params: &Node, found: &mut Found) -> Option<Prepared> {
        let (json, report) = check::check(params, self.schema, &self.what);
        let failed = has_errors(&report.diagnostics);
        for mut diagnostic in report.diagnostics {
            // The table itself may be absent; then the place is the name of the analysis.
            if diagnostic.location.as_ref().is_some_and(|at| at.span.is_empty()) {
                diagnostic.location = Some(self.node.place_of(&["analysis"]));
            }
            found.problems.push(diagnostic);
        }
        if failed {
            return None;
        }
        let prepared = match self.analysis.prepare(&json) {
            Ok(prepared) => prepared,
            Err(failure) => {
                let code = if failure.kind == FailureKind::User { "bad-parameters" } else { PLUGIN };
                let place = self.node.place_of(&["analysis"]);
                found.problems.push(Diagnostic::error(code, with_log(&failure)).at(place));
                return None;
            }
        };
        for problem in &prepared.problems {
            let path: Vec<&str> = problem.path.split('.').filter(|part| !part.is_empty()).collect();
            let place = match params.place_of(&path) {
                place if place.span.is_empty() => self.node.place_of(&["analysis"]),
                place => place,
            };
            let diagnostic = Diagnostic::error("bad-parameters", problem.message.clone()).at(place);
            found.problems.push(Diagnostic { help: problem.help.clone(), ..diagnostic });
        }
        let inputs = report.inputs.into_iter().filter_map(|place| input(index, &prepared.params, place));
        let before = found.problems.len();
        for used in inputs {
            found.problems.extend(misdeclared(params, &used));
            found.inputs.push(used);
        }
        (prepared.problems.is_empty() && found.problems.len() == before).then_some(prepared)
    }
}

fn input(point: usize, params: &Json, place: InputPlace) -> Option<InputUse> {
    let value = place.path.iter().try_fold(params, |json, key| match json {
        Json::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    });
    let input = serde_json::from_value::<Input>(value?.clone()).ok()?;
    Some(InputUse { point, path: place.path, input, location: place.location })
}

/// Files whose names say that they are no CSV files.
const NO_TEXT: [&str; 5] = ["json", "png", "npy", "safetensors", "svg"];

/// What is wrong with how a file is declared to be written.
fn misdeclared(params: &Node, used: &InputUse) -> Option<Diagnostic> {
    let Input::File { file, form } = &used.input else { return None };
    let place = |key: &str| {
        let path: Vec<&str> = used.path.iter().map(String::as_str).chain([key]).collect();
        params.place_of(&path)
    };
    if let Some((key, message, help)) = form.problem() {
        return Some(Diagnostic::error("bad-input", message).at(place(key)).help(help));
    }
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase();
    if form.is_default() || !NO_TEXT.contains(&extension.as_str()) {
        return None;
    }
    let keys = ["separator", "decimal", "thousands", "missing", "encoding"];
    let key = keys.into_iter().find(|key| {
        let input = used.path.iter().try_fold(params, |node, key| node.get(key));
        input.is_some_and(|node| node.get(key).is_some())
    });
    let key = key.unwrap_or("file");
    let message = format!("`{key}` says how a CSV file is written, and `{file}` is none");
    Some(Diagnostic::error("bad-input", message).at(place(key)).help("leave it out"))
}
