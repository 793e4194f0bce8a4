//! From outcomes to the files of the site, whatever became of single tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use octavo_plugin::figure::Figure;
use octavo_plugin::{Digest, Value};
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::Place;
use super::assets;
use super::check::Checked;
use super::drift::{Held, Keeper};
use super::edit::Editor;
use super::run::Ran;
use super::shown;
use super::sources::sources;
use crate::date;
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::ids::{ClaimRef, ExperimentId, FigureIn, FigureRef, Route, TableRef};
use crate::lock::{Accepted, Quantity};
use crate::memo::Memo;
use crate::plan::Plan;
use crate::project::Project;
use crate::project::cff::Citation;
use crate::prose::ReferenceKind;
use crate::publish::Content;
use crate::relate::{self, Related};
use crate::render::claims::{self, Judged};
use crate::render::code::Code;
use crate::render::figures;
use crate::render::last_good::{GoodClaim, GoodFigure, LastGood, Origin};
use crate::render::packed::FullTable;
use crate::render::recipe::Recipes;
use crate::render::remembered::PageMemory;
use crate::render::search;
use crate::render::shared::Shared;
use crate::render::statements;
use crate::render::today;
use crate::render::{Files, Material, cite, lab, pages, ro_crate, web};
use crate::site::Site;
use crate::statements::Statement;
use crate::store::Problem;
use crate::theme::Theme;
use crate::timings::{TimedKind, timed};

/// The site in memory, and what is known about it.
pub struct Rendered {
    /// All files by route.
    pub files: Files,
    /// Linked files by route, where they stay on disk.
    pub assets: BTreeMap<Route, PathBuf>,
    /// Claims with their verdicts.
    pub claims: BTreeMap<ClaimRef, Judged>,
    /// What `octavo.json` says beside digests.
    pub about: Map<String, Json>,
    /// What went wrong on pages.
    pub diagnostics: Vec<Diagnostic>,
    /// Figures that could not be drawn: experiment, name, why.
    pub failed_figures: Vec<(FigureRef, String)>,
    /// What is good of all that pages show, for a later build that fails.
    pub last_good: LastGood,
    /// What had a last good form that is damaged, and has none of today: with it gone, the site would be poorer than it was.
    pub lost: Vec<String>,
    /// Results of experiments whose tasks are all finished, by id.
    pub today: BTreeMap<ExperimentId, Accepted>,
    /// All experiments held against their locks.
    pub held: Vec<Held>,
    /// What each page of the project's own is remembered by; `None` if something is wrong with it.
    pub pages: PageKeys,
}

/// How a site that is not published at once differs from one that is.
#[derive(Default)]
pub struct Keeping<'a> {
    /// What was good in this session, beside what the store remembers.
    pub good: Option<&'a LastGood>,
    /// Pages that were rendered before in this session.
    pub pages: Option<&'a PageMemory>,
    /// Whether linked files stay on disk: they are among [`Rendered::assets`] and not among the files.
    pub assets_on_disk: bool,
}

/// Turns outcomes into the files of the site. The templates must be good.
///
/// # Panics
/// If they are not, which [`Checked::theme`] says.
pub fn render(project: &Project, checked: &Checked, ran: &Ran, place: Place<'_>) -> Rendered {
    render_then(project, checked, ran, place, &Keeping::default(), |rendered, _| rendered)
}

/// The same; `then` is given the site, and an editor that writes single pages anew as long as `then` lasts.
///
/// # Panics
/// As [`render`].
pub fn render_then<T>(
    project: &Project,
    checked: &Checked,
    ran: &Ran,
    place: Place<'_>,
    keeping: &Keeping<'_>,
    then: impl FnOnce(Rendered, &Editor<'_>) -> T,
) -> T {
    let losses = place.store.losses();
    let mut then = Some(then);
    let mut once = |last: bool| {
        render_once(project, checked, ran, place, keeping, &mut |rendered, editor| {
            let take = last || place.store.losses() == losses;
            then.take_if(|_| take).map(|then| then(rendered, editor))
        })
    };
    // What was damaged is set aside then, and is made again.
    once(false).or_else(|| once(true)).expect("the second time is the last")
}

fn render_once<T>(
    project: &Project,
    checked: &Checked,
    ran: &Ran,
    place: Place<'_>,
    keeping: &Keeping<'_>,
    then: &mut dyn FnMut(Rendered, &Editor<'_>) -> T,
) -> T {
    let last_good = LastGood::read(place.store);
    // A memory that was lost just now cannot stand in for what fails.
    let forgotten = last_good.is_err() || place.store.has_warned_of(Problem::CorruptLastGood);
    let has_file = |path: &str| project.has_file(path);
    let last_good = with(last_good.unwrap_or_default(), keeping.good);
    let material = Material { last_good, ..material(project, checked, ran, place, keeping, &has_file) };
    let mut files = Files::new();
    let figures = figures::draw_all(&material, &wanted_figures(&checked.site), &mut files);
    let judged = claims::judge_all(&material);
    let results = today::results(&material, &judged);
    let hold = || held(project, checked, ran, &results);
    let against = timed(TimedKind::Step, || "hold results against locks".to_owned(), hold);
    let shared = Shared::new(&material, &figures, &judged, (&results, &against));
    let mut written = pages::write_all(&shared);
    files.extend(search::files(&shared, &mut written).into_iter().chain(web::files(&shared, &written)));
    material.code.remember();
    let about = about(&material, &written, &judged, (&results, place.date));
    let (mut diagnostics, good_on_pages, pages) = take_pages(written, &mut files);
    diagnostics.extend(shown::check(&material, &figures));
    add_tables(&material, &figures, &mut files);
    files.extend(lab::files(&material, &checked.plan, &figures));
    let assets =
        Rest { project, checked, keeping, date: place.date }.add(&material, &mut files, &mut diagnostics);
    let last_good = good_today(&material, &figures, &judged, good_on_pages);
    let lost = lost(&material, &figures, forgotten);
    let rendered = Rendered {
        files,
        assets,
        claims: judged.clone(),
        about,
        diagnostics,
        failed_figures: failed_figures(&figures),
        last_good,
        lost,
        today: results.clone(),
        held: against.clone(),
        pages,
    };
    then(rendered, &Editor::new(project, &shared))
}

/// All that pages are made of, but for what is remembered of the last good ones.
fn material<'a>(
    project: &'a Project,
    checked: &'a Checked,
    ran: &Ran,
    place: Place<'a>,
    keeping: &Keeping<'a>,
    has_file: &'a (dyn Fn(&str) -> bool + Sync),
) -> Material<'a> {
    let Place { store, program, .. } = place;
    let plan = &checked.plan;
    Material {
        config: &project.config,
        site: &checked.site,
        theme: checked.theme.as_ref().expect("the check found the templates good"),
        figures: &checked.figures,
        statements: project.statements.as_ref().map(|(statements, _)| statements),
        glossary: project.glossary.as_ref().map(|(glossary, _)| glossary),
        history: &project.history,
        experiments: plan.experiments.iter().map(|e| (e.id.clone(), Arc::clone(e))).collect(),
        related: related(plan, ran),
        bibliography: &checked.bibliography,
        csl: project.csl.as_deref(),
        font: project.font.as_ref(),
        unavailable: &checked.unavailable,
        has_file,
        citation: project.citation.as_ref(),
        icon: project.icon(),
        store,
        memo: Memo::new(store),
        pages: keeping.pages,
        code: Code::of(store, program),
        recipes: Recipes::new(project, plan),
        program,
        sources: sources(project),
        last_good: LastGood::default(),
    }
}

/// All experiments held against their locks.
fn held(
    project: &Project,
    checked: &Checked,
    ran: &Ran,
    today: &BTreeMap<ExperimentId, Accepted>,
) -> Vec<Held> {
    let profile = checked.profile.as_deref();
    Keeper { project, checked, ran, today, profile }.held()
}

/// The files that no page has made.
struct Rest<'a> {
    project: &'a Project,
    checked: &'a Checked,
    keeping: &'a Keeping<'a>,
    date: Option<u64>,
}

impl Rest<'_> {
    /// Adds them; where linked files are, if they stay on disk.
    fn add(
        &self,
        material: &Material<'_>,
        files: &mut Files,
        problems: &mut Vec<Diagnostic>,
    ) -> BTreeMap<Route, PathBuf> {
        files.extend(static_files(material.theme, self.project));
        add_metadata(material, self.project, self.date, files);
        linked(self.project, self.checked, self.keeping, files, problems)
    }
}

/// Adds linked files, or says where they are if they stay on disk.
fn linked(
    project: &Project,
    checked: &Checked,
    keeping: &Keeping<'_>,
    files: &mut Files,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<Route, PathBuf> {
    if keeping.assets_on_disk {
        return assets::places(project, &checked.site);
    }
    assets::add(project, &checked.site, files, problems);
    BTreeMap::new()
}

/// Adds what the site says of itself for other programs. A file of `static/` at the same address stays.
fn add_metadata(material: &Material<'_>, project: &Project, date: Option<u64>, files: &mut Files) {
    let taken = |name: &str| project.statics.keys().any(|own| own.eq_ignore_ascii_case(name));
    let add = |name: &str, text: Option<String>, files: &mut Files| {
        let text = text.filter(|_| !taken(name));
        files.extend(text.map(|text| (Route::new(name), Content::Bytes(text.into_bytes()))));
    };
    add(cite::BIBTEX, material.citation.map(Citation::bibtex), files);
    add(ro_crate::FILE, ro_crate::text(material, files, date), files);
}

/// By what pages of the project's own are remembered.
pub(super) type PageKeys = BTreeMap<Route, Option<Digest>>;

/// Adds the files of pages; what is wrong with them, what is good on them, and by what they are remembered.
fn take_pages(written: Vec<pages::Written>, files: &mut Files) -> (Vec<Diagnostic>, LastGood, PageKeys) {
    let (mut diagnostics, mut good, mut keys) = (Vec::new(), LastGood::default(), PageKeys::new());
    for page in written {
        if !page.source.is_empty() {
            keys.insert(page.route, page.key);
        }
        files.extend(page.files);
        diagnostics.extend(page.diagnostics);
        good.extend(page.good);
    }
    (diagnostics, good, keys)
}

/// What is remembered, and what was good after that.
fn with(mut remembered: LastGood, since: Option<&LastGood>) -> LastGood {
    since.into_iter().for_each(|since| remembered.extend(since.clone()));
    remembered
}

/// The theme's files that the site needs.
fn static_files(theme: &Theme, project: &Project) -> Files {
    let used = |route: &str| project.config.search || !search::SCRIPTS.contains(&route);
    let files = theme.assets().iter().filter(|(route, _)| used(route) && !lab::has_script(route));
    files.map(|(route, bytes)| (Route::new(route.as_str()), Content::Bytes(bytes.clone()))).collect()
}

/// The results of all experiments by id.
fn related(plan: &Plan, ran: &Ran) -> BTreeMap<ExperimentId, Related> {
    let one = |index: usize| (plan.experiments[index].id.clone(), relate::relate(plan, index, &ran.outcomes));
    (0..plan.experiments.len()).into_par_iter().map(one).collect()
}

/// What stood in for a failure and can do so no more; `forgotten` if the memory of it was lost.
fn lost(
    material: &Material<'_>,
    figures: &BTreeMap<FigureIn, Result<figures::Drawn, String>>,
    forgotten: bool,
) -> Vec<String> {
    let mut lost: Vec<String> = figures
        .iter()
        .filter(|(id, drawn)| drawn.is_err() && material.last_good.figures.contains_key(*id))
        .map(|(id, _)| id.of.to_string())
        .collect();
    if forgotten && figures.values().any(|drawn| !fresh(drawn)) {
        lost.push("the memory of last good results".to_owned());
    }
    lost
}

/// Every figure that fails today, and why, whether or not its last good drawing stands in.
fn failed_figures(figures: &BTreeMap<FigureIn, Result<figures::Drawn, String>>) -> Vec<(FigureRef, String)> {
    let failed: BTreeSet<_> = figures
        .iter()
        .filter_map(|(id, drawn)| {
            let error = match drawn {
                Ok(drawn) => drawn.stale.as_ref(),
                Err(error) => Some(error),
            };
            error.map(|error| (id.of.clone(), error.clone()))
        })
        .collect();
    failed.into_iter().collect()
}

/// Every figure that a page places, in every language in which the page is shown.
fn wanted_figures(site: &Site) -> Vec<FigureIn> {
    let mut wanted = BTreeSet::new();
    for page in &site.pages {
        for locale in &site.languages {
            let text = page.text(&locale.tag, &site.languages);
            for reference in text.prose.references().iter().filter(|r| r.kind == ReferenceKind::Figure) {
                let figure = FigureRef::parse(&reference.target, &page.id);
                wanted.extend(figure.ok().map(|figure| figure.in_language(&locale.tag)));
            }
        }
    }
    wanted.into_iter().collect()
}

/// What is good today: on pages, and the figures and claims of all experiments that are there.
fn good_today(
    material: &Material<'_>,
    figures: &BTreeMap<FigureIn, Result<figures::Drawn, String>>,
    judged: &BTreeMap<ClaimRef, Judged>,
    mut good: LastGood,
) -> LastGood {
    for (id, drawn) in figures.iter().filter(|(_, drawn)| fresh(drawn)) {
        let Ok(drawn) = drawn else { continue };
        let experiment = &material.experiments[&id.of.experiment];
        let Figure { caption, title, .. } = &experiment.manifest.figures[&id.of.name];
        let (captions, origin) = ([caption.clone(), title.clone()], Origin::of(experiment));
        good.figures.insert(id.clone(), GoodFigure { key: drawn.key, wide: drawn.wide, captions, origin });
    }
    for (name, judged) in judged.iter().filter(|(_, judged)| judged.is_good() && !judged.explores()) {
        let Judged { text, check, decision, expect, .. } = judged.clone();
        good.claims.insert(name.clone(), GoodClaim { text, check, decision, expect });
    }
    good
}

/// Whether this is a drawing of today's results.
fn fresh(drawn: &Result<figures::Drawn, String>) -> bool {
    drawn.as_ref().is_ok_and(|drawn| drawn.stale.is_none())
}

/// The whole tables that drawn figures come from.
fn add_tables(
    material: &Material<'_>,
    figures: &BTreeMap<FigureIn, Result<figures::Drawn, String>>,
    files: &mut Files,
) {
    let mut wanted: BTreeSet<TableRef> = BTreeSet::new();
    for (id, _) in figures.iter().filter(|(_, drawn)| fresh(drawn)) {
        let FigureRef { experiment, name, .. } = &id.of;
        for layer in material.experiments[experiment].manifest.figures[name].all_layers() {
            let Some(from) = layer.from else { continue };
            wanted.extend(TableRef::parse(&from, experiment));
        }
    }
    let full = |table: TableRef| FullTable::of(material, &table);
    let made: Vec<FullTable> = wanted.into_par_iter().filter_map(full).collect();
    files.extend(made.into_iter().map(|table| (table.route, table.content)));
}

/// What `octavo.json` says of a statement.
fn about_statement(material: &Material<'_>, judged: &BTreeMap<ClaimRef, Judged>, one: &Statement) -> Json {
    let answers = statements::answers(&material.experiments, judged, &one.id);
    let names = answers.iter().map(|(claim, ..)| claim.to_string());
    let verdict = statements::verdict(answers.iter().map(|(_, judged, condition)| (*judged, *condition)));
    json!({ "statement": one.id, "verdict": verdict, "claims": names.collect::<Vec<_>>() })
}

/// What `octavo.json` says of the named values of experiments whose tasks are all finished.
fn about_values(material: &Material<'_>, today: &BTreeMap<ExperimentId, Accepted>) -> (String, Json) {
    let of = |(id, accepted): (&ExperimentId, &Accepted)| {
        let definitions = &material.experiments[id].definitions.values;
        let one = |(name, quantity): (&String, &Quantity)| {
            let mut entry = json!({ "experiment": id, "value": name, "is": quantity.value.to_json() });
            if let Value::Missing(why) = &quantity.value {
                entry["missing"] = why.as_str().into();
            }
            if let Some(unit) = definitions.get(name).map(|value| &value.unit).filter(|unit| !unit.is_empty())
            {
                entry["unit"] = unit.as_str().into();
            }
            entry
        };
        accepted.values.iter().map(one).collect::<Vec<Json>>()
    };
    ("values".to_owned(), today.iter().flat_map(of).collect())
}

/// Pages, claims and results for other programs.
fn about(
    material: &Material<'_>,
    written: &[pages::Written],
    judged: &BTreeMap<ClaimRef, Judged>,
    (today, date): (&BTreeMap<ExperimentId, Accepted>, Option<u64>),
) -> Map<String, Json> {
    let pages: Vec<Json> = written
        .iter()
        .map(|page| json!({ "route": page.route, "language": page.language, "title": page.title, "source": page.source }))
        .collect();
    let places = pages::places_of_claims(material.site, written);
    let claim = |(key, judged): (&ClaimRef, &Judged)| {
        let languages = material.site.languages.iter().map(|locale| locale.tag.as_str());
        let text = languages.filter_map(|tag| Some((tag.to_owned(), judged.text.get(tag)?.into())));
        let mut entry = json!({
            "experiment": key.experiment,
            "claim": key.name,
            "text": text.collect::<Map<String, Json>>(),
            "check": judged.check,
            "verdict": judged.verdict(),
            "expected": judged.expect,
            "as_expected": judged.as_expected(),
            "page": places.get(key),
        });
        if let Some(key) = judged.standing.key() {
            entry["registration"] = key.into();
        }
        if let Some((key, replicates)) = judged.fresh.key() {
            entry["replication"] = json!({ "state": key, "replicates": replicates });
        }
        if let Some(why) = &judged.stale {
            entry["stale"] = why.as_str().into();
        }
        entry
    };
    let statement = |one: &Statement| about_statement(material, judged, one);
    let experiment = |(id, experiment): (&ExperimentId, &Arc<Experiment>)| {
        let identity = experiment.analysis.identity();
        let results = &material.related[id];
        json!({
            "experiment": id,
            "analysis": identity.name,
            "revision": identity.revision,
            "tasks": results.results.runs.len() + results.results.failed.len(),
            "failed": results.results.failed.len(),
            "results": results.digest.to_string(),
        })
    };
    let claims: Vec<Json> = judged.iter().map(claim).collect();
    let experiments: Vec<Json> = material.experiments.iter().map(experiment).collect();
    let statements: Option<Vec<Json>> =
        material.statements.map(|all| all.statement.iter().map(statement).collect());
    let parts = [("pages", pages), ("claims", claims), ("experiments", experiments)];
    let parts = parts.into_iter().chain(statements.map(|all| ("statements", all)));
    let parts = parts.map(|(name, list)| (name.to_owned(), Json::Array(list)));
    let parts = parts.chain([about_values(material, today)]);
    parts.chain(date.map(|seconds| ("date".to_owned(), date::iso(seconds).into()))).collect()
}
