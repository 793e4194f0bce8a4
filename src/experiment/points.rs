//! Holds every point of a sweep against the analysis. There may be a million.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::schema::Schema;
use octavo_plugin::{
    DynAnalysis, Failure, FailureKind, Follow, Input, Next, OutputSchema, Prepared, Translations,
};
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

/// The question to an analysis about parameters that fit its schema.
type Ask<'a> = &'a mut dyn FnMut(&Json) -> Result<Next, Failure>;

/// What the points after the first one are compared with; nothing, if anything is wrong with that.
struct Others<'a> {
    params: Option<&'a Params>,
    follow: Option<Follow<'a>>,
}

impl Others<'_> {
    fn ask(&self, analysis: &Arc<dyn DynAnalysis>, params: &Json) -> Result<Next, Failure> {
        let Some(follow) = &self.follow else {
            // The experiment has failed; what is wrong with the other points is told with the rest.
            let Prepared { params, problems, stochastic, .. } = analysis.prepare(params)?;
            return Ok(Next { params, problems, stochastic, same_outputs: true });
        };
        follow(params)
    }
}

impl Checker<'_> {
    /// So many points, in order.
    pub(super) fn all(&self, count: usize) -> Found {
        let mut found = Found::default();
        let first = (count > 0).then(|| self.first(&mut found)).flatten();
        let alike = found.points.first().map(|point| point.params.clone());
        let others = Others {
            params: alike.as_ref(),
            follow: first.as_ref().map(|prepared| self.analysis.follow(prepared)),
        };
        let chunks: Vec<Range<usize>> =
            (1..count).step_by(CHUNK).map(|start| start..count.min(start + CHUNK)).collect();
        let check = |chunk: &Range<usize>| self.chunk(chunk.clone(), &others);
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

    /// The first point, and what the analysis says of it; `None` if anything is wrong with it, which is told.
    fn first(&self, found: &mut Found) -> Option<Prepared> {
        let mut params = params_of(self.node);
        for (key, value) in sweep::combination(self.axes, 0) {
            sweep::set_dotted(&mut params, key, value.clone());
        }
        let mut prepared = None;
        let next = self.point(0, &params, found, &mut |json| {
            let said = self.analysis.prepare(json)?;
            let Prepared { params, problems, stochastic, .. } = prepared.insert(said).clone();
            Ok(Next { params, problems, stochastic, same_outputs: true })
        });
        found.failed = next.is_none();
        let Next { params, stochastic, .. } = next?;
        let values = PointValues::new(&self.sweep, 0);
        found.points.push(Point { values, params: Params::new(params), stochastic });
        let prepared = prepared?;
        (found.outputs, found.figures) = (prepared.outputs.clone(), prepared.figures.clone());
        Some(prepared)
    }

    /// Some points after the first one.
    fn chunk(&self, points: Range<usize>, others: &Others<'_>) -> Found {
        let mut found = Found::default();
        // Every point sets the same parameters, so that none is left over from the one before.
        let mut params = params_of(self.node);
        for index in points {
            for (key, value) in sweep::combination(self.axes, index) {
                sweep::set_dotted(&mut params, key, value.clone());
            }
            let next = self.point(index, &params, &mut found, &mut |json| others.ask(self.analysis, json));
            let Some(Next { params: json, stochastic, same_outputs, .. }) = next else {
                found.failed = true;
                continue;
            };
            if !same_outputs && found.other.is_none() {
                found.other = Some(index);
            }
            let params = match others.params {
                Some(first) => Params::like(first, json),
                None => Params::new(json),
            };
            found.points.push(Point { values: PointValues::new(&self.sweep, index), params, stochastic });
        }
        found
    }

    /// What the analysis says of a point; `None` if anything is wrong with it, which is told.
    fn point(&self, index: usize, params: &Node, found: &mut Found, ask: Ask<'_>) -> Option<Next> {
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
        let next = match ask(&json) {
            Ok(next) => next,
            Err(failure) => {
                let code = if failure.kind == FailureKind::User { "bad-parameters" } else { PLUGIN };
                let place = self.node.place_of(&["analysis"]);
                found.problems.push(Diagnostic::error(code, with_log(&failure)).at(place));
                return None;
            }
        };
        for problem in &next.problems {
            let path: Vec<&str> = problem.path.split('.').filter(|part| !part.is_empty()).collect();
            let place = match params.place_of(&path) {
                place if place.span.is_empty() => self.node.place_of(&["analysis"]),
                place => place,
            };
            let diagnostic = Diagnostic::error("bad-parameters", problem.message.clone()).at(place);
            found.problems.push(Diagnostic { help: problem.help.clone(), ..diagnostic });
        }
        let inputs = report.inputs.into_iter().filter_map(|place| input(index, &next.params, place));
        let before = found.problems.len();
        for used in inputs {
            found.problems.extend(misdeclared(params, &used));
            found.inputs.push(used);
        }
        (next.problems.is_empty() && found.problems.len() == before).then_some(next)
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
