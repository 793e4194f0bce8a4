//! Where two published sites differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use octavo_plugin::Value;
use serde_json::Value as Json;

use super::{Difference, DifferenceKind};
use crate::disk::{self, DiskError};
use crate::ids::{ClaimRef, ExperimentId, FigureRef, TableRef};
use crate::plan::Plan;
use crate::publish::{MARKER, SiteManifest};

/// Characters of a line that are shown, and of them those before the first that differs.
const SHOWN: usize = 72;
const BEFORE: usize = 24;
/// Cells of one file of data that are named; the rest is counted.
const MOST_CELLS: usize = 5;

/// A published site.
pub struct Site {
    folder: PathBuf,
    marker: Vec<u8>,
    routes: BTreeSet<String>,
}

impl Site {
    /// The site in a folder; `None` if there is none.
    ///
    /// # Errors
    /// If what stands there cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, DiskError> {
        let Some(marker) = disk::read(&folder.join(MARKER))? else { return Ok(None) };
        let Some(manifest) = SiteManifest::read(&marker) else { return Ok(None) };
        let routes = manifest.files.into_keys().collect();
        Ok(Some(Self { folder: folder.to_owned(), marker, routes }))
    }

    /// How many files it has.
    pub fn files(&self) -> usize {
        self.routes.len() + 1
    }

    fn file(&self, route: &str) -> Result<Option<Vec<u8>>, DiskError> {
        if self.routes.contains(route) { disk::read(&self.folder.join(route)) } else { Ok(None) }
    }
}

/// Where the files of two sites differ: claims and data first, then figures, pages and the rest. Of experiments whose results are `known` to
/// differ, rows are not told again.
///
/// # Errors
/// If a file cannot be read.
pub fn sites(
    plan: &Plan,
    standing: &Site,
    rebuilt: &Site,
    known: &[ExperimentId],
) -> Result<Vec<Difference>, DiskError> {
    let mut found = Vec::new();
    let mut figures: BTreeMap<FigureRef, Vec<String>> = BTreeMap::new();
    for route in standing.routes.union(&rebuilt.routes) {
        let (one, other) = (standing.file(route)?, rebuilt.file(route)?);
        if one == other {
            continue;
        }
        let shown = Shown::of(plan, route);
        if let Shown::Figure(figure) = &shown {
            figures.entry(figure.clone()).or_default().push(route.clone());
        }
        if !shown.is_of(known) {
            found.extend(file(&shown, route, one.as_deref(), other.as_deref()));
        }
    }
    for (FigureRef { experiment, name, .. }, routes) in figures {
        let files = Value::Text(routes.join(", "));
        found.push(Difference::of(&experiment, DifferenceKind::Figure, &name).between(Some(files), None));
    }
    if standing.marker != rebuilt.marker {
        let about = about(&standing.marker, &rebuilt.marker);
        if about.is_empty() && found.is_empty() {
            found.push(Difference::new(DifferenceKind::File, MARKER));
        }
        found.extend(about);
    }
    found.sort_by_key(|one| one.kind);
    Ok(found)
}

/// What a file shows.
enum Shown {
    /// A figure of an experiment.
    Figure(FigureRef),
    /// A table of an experiment.
    Table(TableRef),
    /// A page.
    Page,
    /// Something else.
    Other,
}

impl Shown {
    /// Whether it has data of one of these experiments.
    fn is_of(&self, ids: &[ExperimentId]) -> bool {
        match self {
            Self::Figure(FigureRef { experiment, .. }) | Self::Table(TableRef { experiment, .. }) => {
                ids.contains(experiment)
            }
            Self::Page | Self::Other => false,
        }
    }

    fn of(plan: &Plan, route: &str) -> Self {
        let path = Path::new(route);
        let is = |ending: &str| path.extension().is_some_and(|own| own == ending);
        for experiment in &plan.experiments {
            let below = |folder: &str| {
                route.strip_prefix(folder)?.strip_prefix(experiment.id.as_str())?.strip_prefix('/')
            };
            let named = |rest: &str, name: &str| {
                rest.strip_prefix(name).is_some_and(|end| end.starts_with(['.', '-']))
            };
            if let Some(rest) = below("figures/") {
                // The longest name: one may begin as another does.
                let names = experiment.manifest.figures.keys().filter(|name| named(rest, name));
                if let Some(name) = names.max_by_key(|name| name.len()) {
                    return Self::Figure(FigureRef::new(&experiment.id, name));
                }
            }
            if let Some(rest) = below("data/").filter(|rest| !rest.contains('/')) {
                let name = rest.split('.').next().unwrap_or(rest);
                return Self::Table(TableRef::new(&experiment.id, name));
            }
        }
        if is("html") { Self::Page } else { Self::Other }
    }
}

/// What differs in a file. Pictures of a figure, which are told together, give nothing.
fn file(shown: &Shown, route: &str, one: Option<&[u8]>, other: Option<&[u8]>) -> Vec<Difference> {
    let texts = one
        .zip(other)
        .and_then(|(one, other)| Some((std::str::from_utf8(one).ok()?, std::str::from_utf8(other).ok()?)));
    let is_csv = Path::new(route).extension().is_some_and(|ending| ending == "csv");
    match (shown, texts) {
        (
            Shown::Figure(FigureRef { experiment, name, .. })
            | Shown::Table(TableRef { experiment, name, .. }),
            Some((one, other)),
        ) if is_csv => cells(experiment, name, one, other),
        (Shown::Figure(..), _) => Vec::new(),
        (Shown::Page, Some((one, other))) => vec![line(DifferenceKind::Page, route, one, other)],
        (_, Some((one, other))) => vec![line(DifferenceKind::File, route, one, other)],
        _ => {
            let there = |side: Option<&[u8]>| side.map(|bytes| Value::Text(format!("{} bytes", bytes.len())));
            let kind = if matches!(shown, Shown::Page) { DifferenceKind::Page } else { DifferenceKind::File };
            vec![Difference::new(kind, route).between(there(one), there(other))]
        }
    }
}

/// The first line that differs.
fn line(kind: DifferenceKind, route: &str, one: &str, other: &str) -> Difference {
    let (ones, others): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    let all = ones.len().max(others.len());
    let mut differing = (0..all).filter(|line| ones.get(*line) != others.get(*line));
    let first = differing.next().unwrap_or(all);
    let (one, other) = (ones.get(first).copied(), others.get(first).copied());
    let shared =
        one.zip(other).map_or(0, |(a, b)| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count());
    let near = |line: Option<&str>| line.map(|line| Value::Text(excerpt(line, shared)));
    let difference = Difference::new(kind, route).between(near(one), near(other));
    Difference { row: Some(first + 1), more: differing.count(), ..difference }
}

/// A line around a character.
fn excerpt(line: &str, at: usize) -> String {
    let start = at.saturating_sub(BEFORE);
    let mut text: String = if start > 0 { "…".to_owned() } else { String::new() };
    text.extend(line.chars().skip(start).take(SHOWN));
    if line.chars().count() > start + SHOWN {
        text.push('…');
    }
    text
}

/// The cells of published rows that differ.
fn cells(experiment: &ExperimentId, name: &str, one: &str, other: &str) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    let mut more = 0;
    let header: Vec<String> = fields(one.lines().next().unwrap_or_default());
    let (ones, others) = (one.lines().count(), other.lines().count());
    if ones != others {
        let rows = |lines: usize| Some(Value::from(lines.saturating_sub(1)));
        found.push(Difference::of(experiment, DifferenceKind::Rows, name).between(rows(ones), rows(others)));
    }
    for (row, (one, other)) in one.lines().zip(other.lines()).enumerate().filter(|(_, (a, b))| a != b) {
        let (one, other) = (fields(one), fields(other));
        for column in (0..one.len().max(other.len())).filter(|column| one.get(*column) != other.get(*column))
        {
            if found.len() >= MOST_CELLS {
                more += 1;
                continue;
            }
            let [one, other] = [&one, &other].map(|cells| cells.get(column).cloned().map(Value::Text));
            let cell = Difference::of(experiment, DifferenceKind::Cell, name).between(one, other);
            found.push(Difference { row: Some(row), column: header.get(column).cloned(), ..cell });
        }
    }
    if let Some(last) = found.last_mut() {
        last.more = more;
    }
    found
}

/// The fields of a line of our CSV. A field with a line break stands in two lines; of it only a part is shown.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().expect("there is always one").push(other),
        }
    }
    fields
}

/// What `octavo.json` says beside digests.
fn about(one: &[u8], other: &[u8]) -> Vec<Difference> {
    let read = |bytes: &[u8]| SiteManifest::read(bytes).unwrap_or_default().about;
    let (one, other) = (read(one), read(other));
    let verdicts = |about: &serde_json::Map<String, Json>| -> BTreeMap<ClaimRef, String> {
        let text = |json: &Json, key: &str| json[key].as_str().unwrap_or_default().to_owned();
        let claims = about.get("claims").and_then(Json::as_array).into_iter().flatten();
        let verdict = |one: &Json| {
            let experiment = ExperimentId::parse(&text(one, "experiment")).ok()?;
            Some((ClaimRef::new(&experiment, &text(one, "claim")), text(one, "verdict")))
        };
        claims.filter_map(verdict).collect()
    };
    let (ones, others) = (verdicts(&one), verdicts(&other));
    let names: BTreeSet<_> = ones.keys().chain(others.keys()).collect();
    let claim = |claim: &ClaimRef| {
        let [one, other] = [&ones, &others].map(|side| side.get(claim).cloned().map(Value::Text));
        (one != other).then(|| {
            Difference::of(&claim.experiment, DifferenceKind::Claim, &claim.name).between(one, other)
        })
    };
    let mut found: Vec<Difference> = names.into_iter().filter_map(claim).collect();
    if one.get("date") != other.get("date") {
        let date =
            |side: &serde_json::Map<String, Json>| Some(Value::Text(side.get("date")?.as_str()?.to_owned()));
        found.push(Difference::new(DifferenceKind::File, MARKER).between(date(&one), date(&other)));
    }
    found
}
