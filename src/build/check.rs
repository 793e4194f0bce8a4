//! Everything that can be known before anything runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use octavo_plugin::Input;
use octavo_plugin::figure::Figure;

use super::assets;
use super::load::{Choice, Definitions, Loaded, Unavailable};
use super::sheets;
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::ids::{ExperimentId, TableRef};
use crate::names::{self, Figures, Names};
use crate::plan::Plan;
use crate::prose::Bibliography;
use crate::render::pages;
use crate::site::{Sheets, Site};
use crate::source::Location;
use crate::texts;
use crate::theme::Theme;

/// Everything that was checked.
pub struct Checked {
    /// The pages.
    pub site: Site,
    /// What was remembered of their texts.
    pub sheets: Sheets,
    /// The works.
    pub bibliography: Bibliography,
    /// The templates; `None` if they are wrong.
    pub theme: Option<Theme>,
    /// The figures, ready to be drawn.
    pub figures: Figures,
    /// The tasks.
    pub plan: Plan,
    /// Experiments whose plugin cannot be used, and why, by id.
    pub unavailable: Unavailable,
    /// The profile, by name, if one is chosen.
    pub profile: Option<String>,
}

/// Checks experiments, pages, names and links, and plans what would run; gathers every problem of every file.
pub fn check(loaded: &Loaded, choice: &Choice) -> (Checked, Vec<Diagnostic>) {
    check_with(loaded, choice, sheets::read(&loaded.project.root))
}

/// The same with what is remembered of texts, for who has it in memory.
pub fn check_with(loaded: &Loaded, choice: &Choice, sheets: Sheets) -> (Checked, Vec<Diagnostic>) {
    let project = &loaded.project;
    let Definitions { experiments, unavailable, mut problems } = usable(loaded, choice);
    let problems = &mut problems;
    let refused = experiments.len() + unavailable.len() < project.experiments.len();
    let (site, found) = Site::new(project, &sheets);
    problems.extend(found);
    let (bibliography, found) = project.bibliography.as_ref().map(Bibliography::parse).unwrap_or_default();
    problems.extend(found);
    let lists = [
        ("statements", project.statements.is_some()),
        ("glossary", project.glossary.is_some()),
        ("changes", !project.history.is_empty()),
    ];
    let taken = pages::taken_routes(&site, &experiments, lists, project.config.search);
    problems.extend(site.clashes(&taken).into_iter().chain(site.alias_clashes(&taken)));
    let theme =
        Theme::new(&project.overrides, &project.config.theme).map_err(|problem| problems.push(problem)).ok();
    let all = Names::new(&experiments, &unavailable);
    let figures = defined(&all, problems);
    let whole = !refused && unavailable.is_empty();
    problems.extend(all.check_statements(project.statements.as_ref(), &site, whole));
    let (macros, _) = project.config.math.commands();
    problems.extend(names::check_glossary(project, &site, &macros));
    problems.extend(
        experiments.iter().flat_map(|experiment| texts::formulas_of_texts(&experiment.node, &macros)),
    );
    // A page that names a refused experiment is no second problem.
    if !refused {
        for page in &site.pages {
            for text in page.texts.values() {
                problems.extend(all.check_page(&page.id, text.prose.references()));
            }
        }
    }
    let exists = |path: &str| project.has_file(path);
    problems.extend(names::check_links(&site, &exists, &bibliography));
    problems.extend(names::check_menu(project, &site));
    problems.extend(theme.iter().flat_map(|theme| unknown_templates(&site, theme)));
    problems.extend(assets::check(project, &site));
    let read =
        |source: &crate::source::SourceFile, file: &str, limits| project.read_input(source, file, limits);
    let (plan, found) = Plan::new(experiments, &read);
    if !refused {
        problems.extend(found);
    }
    let profile = choice.profile.clone();
    let checked = Checked { site, sheets, bibliography, theme, figures, plan, unavailable, profile };
    (checked, std::mem::take(problems))
}

/// The figures, with every problem of a name in a definition added.
fn defined(all: &Names<'_>, problems: &mut Vec<Diagnostic>) -> Figures {
    let (figures, found) = all.check_definitions();
    problems.extend(found);
    problems.extend(all.check_conditions());
    figures
}

/// The plan of a build, and what is wrong with definitions: nothing of pages is looked at, for who computes and shows nothing.
pub fn planned(loaded: &Loaded, choice: &Choice) -> (Plan, Vec<Diagnostic>) {
    let Definitions { experiments, unavailable, mut problems } = usable(loaded, choice);
    let refused = experiments.len() + unavailable.len() < loaded.project.experiments.len();
    // What could never be shown is not worth a night of computing.
    defined(&Names::new(&experiments, &unavailable), &mut problems);
    let read = |source: &crate::source::SourceFile, file: &str, limits| {
        loaded.project.read_input(source, file, limits)
    };
    let (plan, found) = Plan::new(experiments, &read);
    // What a refused experiment would have given is no second problem.
    problems.extend(found.into_iter().filter(|_| !refused));
    (plan, problems)
}

/// The experiments that a build can use, and what is wrong with files, configuration, plugins and definitions.
fn usable(loaded: &Loaded, choice: &Choice) -> Definitions {
    let Definitions { mut experiments, mut unavailable, problems } = loaded.definitions(choice);
    let mut problems = [loaded.problems.clone(), problems].concat();
    leave_out_bad_figures(&mut experiments, &mut unavailable, &mut problems);
    leave_out_dependants(&mut experiments, &mut unavailable);
    Definitions { experiments, unavailable, problems }
}

/// Templates that pages ask for and that are not there.
fn unknown_templates(site: &Site, theme: &Theme) -> Vec<Diagnostic> {
    let known: BTreeSet<&str> = theme.for_pages().collect();
    let asked = site.pages.iter().flat_map(|page| page.texts.values());
    let asked = asked.filter_map(|text| text.prose.front.template.as_ref());
    let unknown = asked.filter(|(name, _)| !known.contains(name.as_str()));
    let problem = |(name, place): &(String, Location)| {
        let message = format!("no page can be written by a template `{name}`");
        let problem = Diagnostic::error("unknown-template", message).at(place.clone());
        problem.nearest(name, known.iter().copied())
    };
    unknown.map(problem).collect()
}

/// An experiment whose plugin draws by default what it does not declare cannot be built, and its author cannot mend it.
fn leave_out_bad_figures(
    experiments: &mut Vec<Arc<Experiment>>,
    unavailable: &mut Unavailable,
    problems: &mut Vec<Diagnostic>,
) {
    let found = Names::new(experiments, unavailable).check_figures_of_plugins();
    for (id, problem) in found {
        experiments.retain(|experiment| experiment.id != id);
        unavailable.entry(id).or_insert_with(|| problem.message.clone());
        problems.push(problem);
    }
}

/// What takes results of an unavailable experiment is unavailable, too.
fn leave_out_dependants(experiments: &mut Vec<Arc<Experiment>>, unavailable: &mut Unavailable) {
    loop {
        let source = |experiment: &Experiment| {
            let inputs = experiment.inputs.iter().filter_map(|used| match &used.input {
                Input::Result { from, .. } => ExperimentId::parse(from).ok(),
                Input::File { .. } => None,
            });
            let layers = experiment.manifest.figures.values().flat_map(Figure::all_layers);
            let drawn = layers.filter_map(|layer| TableRef::parse(&layer.from?, &experiment.id).ok());
            let drawn = drawn.map(|table| table.experiment);
            inputs.chain(drawn).find(|id| unavailable.contains_key(id))
        };
        let found = experiments.iter().enumerate().find_map(|(index, one)| Some((index, source(one)?)));
        let Some((index, from)) = found else { return };
        let why = unavailable[&from].clone();
        unavailable.insert(experiments.remove(index).id.clone(), why);
    }
}
