//! `octavo plugins`: which analyses there are, what one takes and gives, and whether a plugin keeps its promises.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use octavo_plugin::{ColumnSchema, DynAnalysis, Localized, OutputSchema};

use super::session::{ExitCode, Session};
use crate::diagnostic::Diagnostic;
use crate::locale::Locale;
use crate::plain;
use crate::process::conformance::{self, Finding};
use crate::registry::Registry;
use crate::render::reference;
use crate::source::SourceFile;

/// Arguments of `octavo plugins`.
#[derive(Args, Debug)]
pub(super) struct Plugins {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Print an analysis's parameters with types, bounds, defaults and units, and what it gives
    Describe {
        /// The analysis
        name: String,
    },
    /// Print all texts of an analysis, to be translated in templates/labels/NAME.LANGUAGE.toml
    Labels {
        /// The analysis
        name: String,
        /// The language; what is translated into it already stands there
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
    },
    /// Try a plugin of the project out: schema, determinism, cancellation, limits, bad parameters
    Check {
        /// The plugin's name in octavo.toml
        name: String,
    },
}

impl Plugins {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let done = match &self.what {
            None => list(session),
            Some(What::Describe { name }) => describe(session, name),
            Some(What::Labels { name, language }) => labels(session, name, language.as_deref()),
            Some(What::Check { name }) => check(session, name),
        };
        done.unwrap_or_else(|code| code)
    }
}

fn list(session: &Session) -> Result<ExitCode, ExitCode> {
    let (analyses, code) = listed(session)?;
    let lines: Vec<String> = analyses.iter().map(Listed::line).collect();
    session.output.result(&plain::lines(&lines.join("\n")))?;
    Ok(code)
}

/// An analysis of the list.
pub(super) enum Listed {
    /// One that can be used.
    Good {
        /// Its name.
        name: String,
        /// The revision of its numerics.
        revision: u32,
        /// The program of a plugin and its arguments.
        command: Option<Vec<String>>,
        /// What it is called.
        title: String,
    },
    /// A plugin that cannot be used.
    Bad {
        /// Its name.
        name: String,
    },
}

impl Listed {
    fn new(analysis: &dyn DynAnalysis, command: Option<Vec<String>>) -> Self {
        let (about, identity) = (analysis.about(), analysis.identity());
        let title = about.title.get("en").unwrap_or_default().to_owned();
        Self::Good { name: identity.name.into_owned(), revision: identity.revision, command, title }
    }

    /// For people.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Good { name, revision, command, title } => {
                let origin = command.as_ref().map_or_else(|| "built in".to_owned(), |words| words.join(" "));
                plain::line(&format!("{name:<16} revision {revision:<4} {origin:<32} {title}"))
            }
            Self::Bad { name } => format!("{name:<16} cannot be used"),
        }
    }
}

/// All analyses, and whether all plugins can be used.
pub(super) fn listed(session: &Session) -> Result<(Vec<Listed>, ExitCode), ExitCode> {
    let mut problems = Vec::new();
    let (registry, _) = session.registry(&mut problems)?;
    let mut code = if problems.is_empty() { ExitCode::Good } else { ExitCode::Definition };
    session.output.diagnostics(&problems);
    let mut all: Vec<Listed> =
        registry.each_built_in().map(|analysis| Listed::new(analysis.as_ref(), None)).collect();
    for name in registry.own_names() {
        match registry.process(name) {
            Some(Ok(own)) => all.push(Listed::new(own.as_ref(), Some(own.plugin().command.clone()))),
            Some(Err(problem)) => {
                all.push(Listed::Bad { name: name.to_owned() });
                if !problems.contains(&problem) {
                    session.output.problem(problem);
                }
                code = ExitCode::Definition;
            }
            None => {}
        }
    }
    session.remember_plugins(&registry);
    Ok((all, code))
}

fn describe(session: &Session, name: &str) -> Result<ExitCode, ExitCode> {
    let (registry, analysis) = session.analysis(name)?;
    session.remember_plugins(&registry);
    session.output.result(&plain::lines(&description(analysis.as_ref())))?;
    Ok(ExitCode::Good)
}

/// A TOML file of all texts of an analysis: the English one, and what stands for it.
fn labels(session: &Session, name: &str, language: Option<&str>) -> Result<ExitCode, ExitCode> {
    let (registry, analysis) = session.analysis(name)?;
    session.remember_plugins(&registry);
    let translated: BTreeMap<String, String> = texts(analysis.as_ref())
        .into_iter()
        .filter_map(|text| {
            let english = text.get("en")?.to_owned();
            let own = language.and_then(|language| text.get(language)).unwrap_or(&english).to_owned();
            Some((english, own))
        })
        .collect();
    let toml = toml::to_string(&translated).expect("texts are plain TOML");
    session.output.result(toml.trim_end())?;
    Ok(ExitCode::Good)
}

/// All texts of an analysis: those that it has translations of, and those of its example.
fn texts(analysis: &dyn DynAnalysis) -> Vec<Localized> {
    let (words, about) = (analysis.translations(), analysis.about());
    let example = toml::from_str(&about.example).ok();
    let mut prepared = example.and_then(|json| analysis.prepare(&json).ok()).unwrap_or_default();
    let mut texts: Vec<Localized> = words.keys().into_iter().map(Localized::en).collect();
    texts.extend([about.title, about.summary]);
    let mut schema = analysis.schema();
    texts.extend(schema.docs_mut().into_iter().map(|doc| Localized::en(&doc.replace('\n', " "))));
    let tables = prepared.outputs.tables.values().map(|table| &table.about);
    let drawings = prepared.outputs.drawings.values().map(|drawing| &drawing.about);
    texts.extend(tables.chain(drawings).filter(|about| !about.is_empty()).map(|about| Localized::en(about)));
    texts.extend(prepared.outputs.labels_mut().map(|label| label.clone()));
    let figures = prepared.figures.values_mut().flat_map(|figure| figure.texts_mut());
    texts.extend(figures.filter(|text| !text.is_none()).map(|text| text.clone()));
    texts.iter_mut().for_each(|text| words.translate(text));
    texts
}

fn description(analysis: &dyn DynAnalysis) -> String {
    let (about, identity) = (analysis.about(), analysis.identity());
    let origin = if identity.program().is_some() { "a plugin of this project" } else { "built in" };
    let mut lines = vec![
        format!("{}: {}", identity.name, about.title.get("en").unwrap_or_default()),
        about.summary.get("en").unwrap_or_default().to_owned(),
        format!("revision {}, {origin}", identity.revision),
        String::new(),
        "Parameters".to_owned(),
    ];
    for row in
        reference::rows(&analysis.schema(), &Locale::built_in("en").expect("English comes with Octavo"))
    {
        let mut facts = vec![row.kind];
        facts.extend([row.bounds].into_iter().filter(|text| !text.is_empty()));
        if !row.unit.is_empty() {
            facts.push(format!("in {}", row.unit));
        }
        facts.push(match (row.required, row.default.as_str()) {
            (true, _) => "must be given".to_owned(),
            (false, "") => "may be left out".to_owned(),
            (false, default) => format!("default {default}"),
        });
        lines.push(format!("  {}: {}", row.name, facts.join(", ")));
        lines.extend((!row.doc.is_empty()).then(|| format!("      {}", row.doc)));
    }
    let example = toml::from_str(&about.example).ok();
    if let Some(prepared) = example.and_then(|json| analysis.prepare(&json).ok()) {
        lines.extend(outputs(&prepared.outputs));
    }
    lines.extend([String::new(), "Example".to_owned()]);
    lines.extend(about.example.trim_end().lines().map(|line| format!("  {line}")));
    lines.join("\n")
}

fn outputs(outputs: &OutputSchema) -> Vec<String> {
    let column = |(name, column): (&String, &ColumnSchema)| {
        let unit = if column.unit.is_empty() { String::new() } else { format!(", in {}", column.unit) };
        format!("    {name}: {}{unit}: {}", column.kind, column.label.get("en").unwrap_or_default())
    };
    let mut lines = vec![String::new(), "Outputs of the example".to_owned()];
    if !outputs.scalars.is_empty() {
        lines.push("  scalars".to_owned());
        lines.extend(outputs.scalars.iter().map(column));
    }
    for (name, table) in &outputs.tables {
        lines.push(format!("  table {name}: a row is {}", table.about));
        lines.extend(table.columns.iter().map(column));
    }
    for (name, drawing) in &outputs.drawings {
        lines.push(format!("  drawing {name}: {}", drawing.about));
        lines.extend(drawing.attributes.iter().map(column));
    }
    lines
}

fn check(session: &Session, name: &str) -> Result<ExitCode, ExitCode> {
    let (registry, project) = session.registry(&mut Vec::new())?;
    let plugin = match registry.plugin_of(name) {
        Some(Ok(plugin)) => plugin,
        Some(Err(problem)) => return Err(session.refuse(problem)),
        None => return Err(session.refuse(no_plugin(&registry, name))),
    };
    // As in a definition that lies in the folder of experiments itself.
    let read = |file: &str| {
        let project = project.as_ref().ok_or("there is no project")?;
        let definition = SourceFile::new(format!("{}/example.toml", project.config.experiments), "");
        let limits = project.config.limits.input;
        let file = project.read_input(&definition, file, limits)?;
        file.load(limits, &|| Ok(())).map_err(|failure| failure.message)
    };
    let (mut tried, mut failed) = (0, 0);
    let mut shown = Ok(());
    let good = conformance::check(plugin, &read, &mut |Finding { what, problem }| {
        tried += 1;
        failed += usize::from(problem.is_some());
        let line = match problem {
            None => format!("ok    {what}"),
            Some(problem) => format!("FAIL  {what}\n      {}", problem.replace('\n', "\n      ")),
        };
        // Each as soon as it is known. Whoever reads no more hears no more.
        if shown.is_ok() {
            shown = session.output.result(&plain::lines(&line));
        }
    });
    shown?;
    session.output.result(&match failed {
        0 => format!("`{name}` keeps all {tried} promises"),
        1 => format!("`{name}` breaks 1 of {tried} promises"),
        _ => format!("`{name}` breaks {failed} of {tried} promises"),
    })?;
    Ok(if good { ExitCode::Good } else { ExitCode::Failed })
}

fn no_plugin(registry: &Registry, name: &str) -> Diagnostic {
    let problem = Diagnostic::error("unknown-plugin", format!("the project has no plugin `{name}`"));
    if registry.each_built_in().any(|analysis| analysis.identity().name == name) {
        return problem.help("built-in analyses are tried out by the tests of Octavo");
    }
    problem.nearest(name, registry.own_names())
}
