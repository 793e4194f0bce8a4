//! Holds every name that a definition or a page uses against what is declared, before anything runs.

mod conditions;
mod glossary;
mod statements;

pub use glossary::check_glossary;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::ColumnSchema;
use octavo_plugin::figure::Figure;

use crate::config::MenuEntry;
use crate::definitions::Definitions;
use crate::diagnostic::{Diagnostic, Suggestions};
use crate::experiment::Experiment;
use crate::figure::CheckedFigure;
use crate::figure::drawable::{self, Sources, kind_of, problem};
use crate::file;
use crate::ids::{ExperimentId, FigureRef, ItemRef, Route};
use crate::plain;
use crate::project::Project;
use crate::prose::{Bibliography, Reference, ReferenceKind, decoded};
use crate::registry::PLUGIN;
use crate::results::{Problem, ResultsSchema};
use crate::site::Site;
use crate::toml_tree;

/// Figures as they can be drawn, by experiment and name.
pub type Figures = BTreeMap<FigureRef, CheckedFigure>;

/// The experiments with their sweep's columns.
pub struct Names<'a> {
    experiments: BTreeMap<&'a str, (&'a Arc<Experiment>, IndexMap<String, ColumnSchema>)>,
    unavailable: &'a BTreeMap<ExperimentId, String>,
}

impl<'a> Names<'a> {
    /// The names of these experiments. What names of unavailable ones mean is not known, and is not asked.
    pub fn new(experiments: &'a [Arc<Experiment>], unavailable: &'a BTreeMap<ExperimentId, String>) -> Self {
        let with_points = |experiment: &'a Arc<Experiment>| {
            (experiment.id.as_str(), (experiment, experiment.point_schema()))
        };
        Self { experiments: experiments.iter().map(with_points).collect(), unavailable }
    }

    fn schema(&self, id: &str) -> Option<ResultsSchema<'_>> {
        let (experiment, point) = self.experiments.get(id)?;
        Some(ResultsSchema {
            outputs: &experiment.outputs,
            point,
            replicate: &experiment.replicate,
            tables: &experiment.definitions.tables,
        })
    }

    /// The figures as they can be drawn, and every problem of tables, values, claims and figures.
    pub fn check_definitions(&self) -> (Figures, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let mut figures = Figures::new();
        for (id, (experiment, _)) in &self.experiments {
            let schema = self.schema(id).expect("the experiment is one of these");
            let Definitions { tables, values, claims, .. } = &experiment.definitions;
            let mut found: Vec<Problem> = Vec::new();
            found.extend(tables.keys().flat_map(|name| schema.check_derived_table(name)));
            found.extend(values.iter().flat_map(|(name, value)| schema.check_value(name, value)));
            for (name, claim) in claims {
                let wrong = schema.check_claim(name, claim, values);
                if wrong.is_empty() && experiment.stochastic() {
                    found.extend(schema.check_equalities(name, claim, values));
                }
                found.extend(wrong);
            }
            for (name, figure) in &experiment.manifest.figures {
                let (checked, wrong) = self.check_figure(id, name, figure);
                // What is wrong with the figures of a plugin is told elsewhere.
                let wrong = wrong.into_iter().chain(experiment.controls(name, figure).1);
                found.extend(wrong.filter(|_| !is_of_plugin(experiment, name)));
                figures.insert(FigureRef::new(&experiment.id, name), checked);
            }
            problems.extend(found.iter().map(|problem| experiment.diagnostic(problem)));
        }
        (figures, problems)
    }

    /// What is wrong with the default figures of plugins, by experiment: no definition has a place for it.
    pub fn check_figures_of_plugins(&self) -> Vec<(ExperimentId, Diagnostic)> {
        let mut problems = Vec::new();
        for (id, (experiment, _)) in &self.experiments {
            let figures = experiment.manifest.figures.iter();
            for (name, figure) in figures.filter(|(name, _)| is_of_plugin(experiment, name)) {
                let (_, found) = self.check_figure(id, name, figure);
                problems.extend(found.into_iter().map(|problem| {
                    let plugin = &experiment.manifest.analysis;
                    let message = format!("the plugin `{plugin}`: its figure `{name}`: {}", problem.message);
                    let place = experiment.node.place_of(&["analysis"]);
                    let help = format!("`octavo plugins check {plugin}` says more");
                    let help = problem.help.unwrap_or(help);
                    (
                        experiment.id.clone(),
                        Diagnostic::error(PLUGIN, plain::line(&message)).at(place).help(plain::line(&help)),
                    )
                }));
            }
        }
        problems
    }

    fn check_figure(&self, id: &str, name: &str, figure: &Figure) -> (CheckedFigure, Vec<Problem>) {
        let schema = self.schema(id).expect("the experiment is one of these");
        let sources = Sources {
            schema: &schema,
            columns: &|from| self.columns(id, from),
            kind: &|from| self.kind(id, from),
        };
        sources.check_figure(name, figure)
    }

    fn kind(&self, id: &str, from: &str) -> drawable::SourceKind {
        let (experiment, name) = ItemRef::parse(from).from(id);
        self.schema(experiment).map_or(drawable::SourceKind::Table, |schema| kind_of(schema.outputs, name))
    }

    fn columns(&self, id: &str, from: &str) -> Result<IndexMap<String, ColumnSchema>, Problem> {
        let (experiment, table) = ItemRef::parse(from).from(id);
        match self.schema(experiment) {
            Some(schema) => schema.schema_of(table),
            None => {
                let message = format!("there is no experiment `{experiment}`");
                let help = crate::diagnostic::nearest(experiment, self.experiments.keys().copied());
                Err(problem("unknown-experiment", &message, &[], help))
            }
        }
    }

    /// Every problem of the names that a page uses.
    pub fn check_page(&self, page_id: &str, references: &[Reference]) -> Vec<Diagnostic> {
        let mut suggestions = BTreeMap::new();
        let check = |reference| self.check_reference(page_id, reference, &mut suggestions);
        references.iter().filter_map(check).collect()
    }

    fn check_reference<'b>(
        &'b self,
        page_id: &'b str,
        reference: &'b Reference,
        suggestions: &mut BTreeMap<(&'b str, ReferenceKind), Suggestions<'b>>,
    ) -> Option<Diagnostic> {
        let what = match reference.kind {
            ReferenceKind::Figure => "figure",
            ReferenceKind::Table => "table",
            ReferenceKind::Value => "value",
            ReferenceKind::Claim => "claim",
            ReferenceKind::Cite
            | ReferenceKind::Mention
            | ReferenceKind::Link
            | ReferenceKind::Term
            | ReferenceKind::CrossRef => return None,
        };
        let (id, name) = ItemRef::parse(&reference.target).from(page_id);
        if self.unavailable.contains_key(id) {
            return None;
        }
        let Some((experiment, _)) = self.experiments.get(id) else {
            let message = format!("there is no experiment `{id}`");
            let problem = Diagnostic::error("unknown-experiment", message).at(reference.location.clone());
            let known = suggestions.entry(("", reference.kind));
            let known = known.or_insert_with(|| Suggestions::new(self.experiments.keys().copied()));
            return Some(Diagnostic { help: known.help(id), ..problem });
        };
        let schema = self.schema(id).expect("it was found above");
        if has_name(experiment, reference.kind, schema, name) {
            return None;
        }
        let message = format!("the experiment `{id}` has no {what} `{name}`");
        let problem = Diagnostic::error("unknown-name", message).at(reference.location.clone());
        let known = suggestions.entry((id, reference.kind));
        let known =
            known.or_insert_with(|| Suggestions::new(known_names(experiment, reference.kind, schema)));
        Some(Diagnostic { help: known.help(name), ..problem })
    }
}

/// Whether this is a default figure of a plugin, which its author wrote and not the experiment's.
fn is_of_plugin(experiment: &Experiment, name: &str) -> bool {
    let written = experiment.node.get("figures").and_then(|figures| figures.get(name));
    experiment.analysis.identity().program().is_some() && written.is_none()
}

/// The names that a page can use of an experiment.
fn known_names<'a>(
    experiment: &'a Experiment,
    kind: ReferenceKind,
    schema: ResultsSchema<'a>,
) -> Vec<&'a str> {
    let manifest = &experiment.manifest;
    match kind {
        ReferenceKind::Figure => manifest.figures.keys().map(String::as_str).collect(),
        ReferenceKind::Table => schema.names(),
        ReferenceKind::Claim => manifest.claims.keys().map(String::as_str).collect(),
        _ => {
            let scalars = schema.outputs.scalars.keys().filter(|_| schema.point.is_empty());
            manifest.values.keys().chain(scalars).map(String::as_str).collect()
        }
    }
}

/// Whether a name is one of these, without a look at the others.
fn has_name(experiment: &Experiment, kind: ReferenceKind, schema: ResultsSchema<'_>, name: &str) -> bool {
    let manifest = &experiment.manifest;
    match kind {
        ReferenceKind::Figure => manifest.figures.contains_key(name),
        ReferenceKind::Table => schema.has(name),
        ReferenceKind::Claim => manifest.claims.contains_key(name),
        _ => {
            let scalar = schema.point.is_empty() && schema.outputs.scalars.contains_key(name);
            scalar || manifest.values.contains_key(name)
        }
    }
}

/// Links to pages and citations, which need the whole site.
pub fn check_links(
    site: &Site,
    assets: &dyn Fn(&str) -> bool,
    bibliography: &Bibliography,
) -> Vec<Diagnostic> {
    let texts = site.pages.iter().flat_map(|page| page.texts.values());
    let mut problems = bibliography.check(texts.flat_map(|text| text.prose.references()));
    for page in &site.pages {
        for text in page.texts.values() {
            for reference in
                text.prose.references().iter().filter(|reference| reference.kind == ReferenceKind::Link)
            {
                if let Err(message) = resolve(site, page.folder(), &reference.target, assets) {
                    let problem = Diagnostic::error("broken-link", message).at(reference.location.clone());
                    let draft = problem.message.ends_with(DRAFT);
                    problems.push(problem.help(if draft {
                        "take `draft = true` off it, remove the link, or publish drafts, too, with `--drafts`"
                    } else {
                        "links to pages name the Markdown file, relative to this one"
                    }));
                }
            }
        }
    }
    problems
}

/// Why a page is not there that was written.
const DRAFT: &str = "a draft, which is not published";

/// Where a file beside the pages stands in the site, by its path below their folder.
pub fn asset_route(path: &str) -> Route {
    Route::new(format!("files/{path}"))
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// A page's id, and the place on it.
    Page(String, Option<String>),
    /// A file beside the pages.
    Asset(String),
    /// The route of a file that is copied to the root of the site.
    Static(Route),
}

/// Links of the menu in `octavo.toml` that lead nowhere.
pub fn check_menu(project: &Project, site: &Site) -> Vec<Diagnostic> {
    let exists = |path: &str| project.has_file(path);
    let wrong = |entry: &MenuEntry| match resolve(site, "", &entry.to, &exists) {
        _ if entry.is_outside() => None,
        Ok(LinkTarget::Asset(path)) => Some(format!("`{path}` is no page")),
        Ok(_) => None,
        Err(why) => Some(why),
    };
    let entries = project.config.menu.iter().enumerate();
    let problem = |(index, entry): (usize, &MenuEntry)| {
        let place = toml_tree::parse(&project.config_source).0.place_of(&["menu", &index.to_string(), "to"]);
        let problem = Diagnostic::error("link", wrong(entry)?).at(place);
        Some(problem.help("name a page such as `dragon/index.md`, a file such as `../static/paper.pdf`, or an address such as `https://example.org`"))
    };
    entries.filter_map(problem).collect()
}

/// Resolves a link of a page in this folder.
///
/// # Errors
/// What is wrong, in one sentence.
pub fn resolve(
    site: &Site,
    folder: &str,
    link: &str,
    assets: &dyn Fn(&str) -> bool,
) -> Result<LinkTarget, String> {
    let written = |(path, anchor): (&str, Option<&str>)| find(site, folder, path, anchor, assets);
    let split = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let found = written(split);
    // A name may have a `#` itself.
    match (&found, link.rsplit_once('#')) {
        (Err(_), Some((before, anchor))) => {
            let whole = written((link, None)).or_else(|_| written((before, Some(anchor))));
            whole.or(found)
        }
        _ => found,
    }
}

/// The page or file at a path as written, else with its `%20` read.
fn find(
    site: &Site,
    folder: &str,
    path: &str,
    anchor: Option<&str>,
    assets: &dyn Fn(&str) -> bool,
) -> Result<LinkTarget, String> {
    let composed = file::composed(path);
    find_exactly(site, folder, &composed, anchor, assets).or_else(|why| {
        let read = decoded(path);
        if read == composed {
            Err(why)
        } else {
            find_exactly(site, folder, &read, anchor, assets).or(Err(why))
        }
    })
}

fn find_exactly(
    site: &Site,
    folder: &str,
    path: &str,
    anchor: Option<&str>,
    assets: &dyn Fn(&str) -> bool,
) -> Result<LinkTarget, String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let mut outside = false;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => outside |= parts.pop().is_none(),
            part => parts.push(part),
        }
    }
    let full = parts.join("/");
    // Files that are copied to the root of the site lie beside the folder of pages, or in it if that is the project's own.
    let copied = || (outside || !assets(&full)) && assets(&format!("../{full}"));
    if let Some(name) = full.strip_prefix("static/").filter(|_| copied()) {
        return Ok(LinkTarget::Static(Route::new(name)));
    }
    if outside {
        let known = full.starts_with("static/");
        return Err(if known {
            format!("there is no file `{full}`")
        } else {
            format!("`{path}` leads out of the site")
        });
    }
    if let Some(stem) = full.strip_suffix(".md") {
        let id =
            site.languages.iter().find_map(|l| stem.strip_suffix(&format!(".{}", l.tag))).unwrap_or(stem);
        let page = site.find(id).ok_or_else(|| match site.drafts.contains(id) {
            true => format!("the page `{full}` is {DRAFT}"),
            false => format!("there is no page `{full}`"),
        })?;
        let anchor = anchor.map(decoded);
        if let Some(anchor) = &anchor
            && !page.texts.values().any(|text| text.prose.anchors().contains(anchor))
        {
            return Err(format!("the page `{full}` has no place `#{anchor}`"));
        }
        return Ok(LinkTarget::Page(id.to_owned(), anchor));
    }
    if assets(&full) { Ok(LinkTarget::Asset(full)) } else { Err(format!("there is no file `{full}`")) }
}
