//! `octavo schema`: for editors, and for programs that read what Octavo writes.

mod site;

use std::path::Path;

use clap::{Args, ValueEnum};
use octavo_plugin::schema::Schema as Described;
use serde_json::{Value as Json, json};

use super::events::Event;
use super::new::write;
use super::session::{ExitCode, Session};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::project::Project;
use crate::registry::Registry;

/// Where a project keeps its schemas. They are committed, since an editor reads them before anything is built, and on machines that
/// never build.
const FOLDER: &str = "schemas";

/// Arguments of `octavo schema`.
#[derive(Args, Debug)]
pub(super) struct Schema {
    /// Which file, or what is written for programs
    #[arg(value_enum, required_unless_present = "write")]
    kind: Option<Subject>,
    /// Of experiments of this analysis alone
    #[arg(long, value_name = "NAME", conflicts_with = "write")]
    analysis: Option<String>,
    /// Write both into the folder `schemas` of the project: files that begin with `#:schema` name them
    #[arg(long, conflicts_with = "kind")]
    write: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// `octavo.toml`.
    Project,
    /// An experiment.
    Experiment,
    /// A line of `--log-format json`.
    Events,
    /// `octavo.json` of a site.
    Site,
}

impl Subject {
    fn file(self) -> &'static str {
        match self {
            Self::Project => "project.json",
            Self::Experiment => "experiment.json",
            Self::Events => "events.json",
            Self::Site => "site.json",
        }
    }
}

impl Schema {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.run(session).unwrap_or_else(|code| code)
    }

    fn run(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let Some(kind) = self.kind else { return self.write(session) };
        let schema = match (kind, &self.analysis) {
            (Subject::Project, _) => project(),
            // Open: events and their keys may become more.
            (Subject::Events, _) => Described::json_of::<Event>(),
            (Subject::Site, _) => site::site(),
            (Subject::Experiment, Some(name)) => of_analysis(name, &session.analysis(name)?.1.json_schema()),
            (Subject::Experiment, None) => {
                let mut problems = Vec::new();
                let (registry, _) = session.registry(&mut problems)?;
                let schema = of_experiments(&registry, &mut problems);
                session.output.diagnostics(&problems);
                session.remember_plugins(&registry);
                schema
            }
        };
        session.output.result(&text(&schema))?;
        Ok(ExitCode::Good)
    }

    fn write(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let (project, _) = session.project()?;
        let mut problems = Vec::new();
        let registry = Registry::of_project(&project, &mut problems);
        write_all(&project.root, &registry, &mut problems).map_err(|problem| session.refuse(problem))?;
        session.output.diagnostics(&problems);
        session.remember_plugins(&registry);
        session.output.line(&format!("wrote `{FOLDER}/`"));
        Ok(ExitCode::Good)
    }
}

/// Writes the schemas of a project with these analyses. What is wrong with plugins is added.
pub(super) fn write_all(
    root: &Path,
    registry: &Registry,
    problems: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    let folder = root.join(FOLDER);
    write(&folder.join(Subject::Project.file()), &line(&project()))?;
    write(&folder.join(Subject::Experiment.file()), &line(&of_experiments(registry, problems)))
}

/// The first line of `octavo.toml`, which tells an editor its schema.
pub(super) fn line_of_project() -> String {
    format!("#:schema ./{FOLDER}/{}\n", Subject::Project.file())
}

/// The first line of an experiment at this path from the project's folder.
pub(super) fn line_of_experiment(path: &Path) -> String {
    let above = "../".repeat(path.components().count().saturating_sub(1));
    format!(
        "#:schema {}{FOLDER}/{}\n",
        if above.is_empty() { "./" } else { &above },
        Subject::Experiment.file()
    )
}

/// Writes the schemas anew if the project keeps some: there is another analysis.
pub(super) fn renew(root: &Path) -> Result<(), Diagnostic> {
    if !root.join(FOLDER).join(Subject::Experiment.file()).is_file() {
        return Ok(());
    }
    let (project, _) = Project::load(root);
    let Some(project) = project else { return Ok(()) };
    // What is wrong with a plugin is told by who uses it: one in Rust is not compiled yet.
    let problems = &mut Vec::new();
    write_all(root, &Registry::of_project(&project, problems), problems)
}

/// The first line of a new experiment, if the project keeps schemas and the experiment lies within it; else nothing.
pub(super) fn line_for(project: &Project, file: &Path) -> String {
    let kept = project.root.join(FOLDER).join(Subject::Experiment.file()).is_file();
    let inside = file.strip_prefix(&project.root).ok().filter(|_| kept);
    inside.map(line_of_experiment).unwrap_or_default()
}

/// For people.
fn text(schema: &Json) -> String {
    serde_json::to_string_pretty(schema).expect("a schema is plain data")
}

/// For a file that nobody reads: it has a third of the bytes.
fn line(schema: &Json) -> String {
    format!("{schema}\n")
}

fn project() -> Json {
    closed(Described::json_of::<Config>())
}

/// An experiment whose parameters are not known. The checker reads axes by itself ([`crate::sweep`]); an editor must be told their forms.
fn experiment() -> Json {
    let mut schema = closed(Described::json_of::<Manifest>());
    let axis = || json!({ "$ref": "#/$defs/axis" });
    schema["properties"]["sweep"]["additionalProperties"] = axis();
    schema["properties"]["zip"]["items"]["additionalProperties"] = axis();
    schema["properties"]["profiles"]["additionalProperties"]["properties"]["sweep"]["additionalProperties"] =
        axis();
    schema["$defs"] = json!({
        "axis": {
            "description": "The values of a parameter: a list, or a range.",
            "anyOf": [
                { "type": "array", "minItems": 1 },
                {
                    "type": "object",
                    "properties": {
                        "from": { "description": "The first value.", "type": "number" },
                        "to": { "description": "The last value.", "type": "number" },
                        "step": { "description": "From one value to the next; 1 if left out.", "type": "number" },
                        "steps": { "description": "How many values there are, instead of `step`.", "type": "integer" },
                        "log": { "description": "With `steps`: equal ratios.", "type": "boolean" },
                    },
                    "required": ["from", "to"],
                    "additionalProperties": false,
                },
                {
                    "description": "Parameters of a table: `network.width = [...]`.",
                    "type": "object",
                    "additionalProperties": axis(),
                },
            ],
        },
    });
    schema
}

/// Experiments of one analysis.
fn of_analysis(name: &str, params: &Json) -> Json {
    let mut schema = experiment();
    schema["properties"]["params"] = part(params.clone());
    schema["properties"]["analysis"] = json!({ "const": name });
    schema
}

/// Experiments of any of these analyses, each with its own parameters. One whose plugin cannot be asked may have any.
fn of_experiments(registry: &Registry, problems: &mut Vec<Diagnostic>) -> Json {
    let mut schema = experiment();
    let mut rules = Vec::new();
    for name in registry.names() {
        match registry.get(name) {
            Some(Ok(analysis)) => rules.push(json!({
                "if": { "properties": { "analysis": { "const": name } }, "required": ["analysis"] },
                "then": { "properties": { "params": part(analysis.json_schema()) } },
            })),
            Some(Err(problem)) => {
                problems.push(Diagnostic { severity: crate::diagnostic::Severity::Warning, ..problem });
            }
            None => {}
        }
    }
    schema["properties"]["analysis"]["enum"] = registry.names().collect();
    schema["allOf"] = rules.into();
    schema
}

/// A schema as the checker takes it: it refuses unknown keys of every record, and so should an editor.
fn closed(mut schema: Json) -> Json {
    close(&mut schema);
    schema
}

/// The same to stand within another: only the whole says in which dialect it is written.
fn part(schema: Json) -> Json {
    let mut schema = closed(schema);
    if let Json::Object(object) = &mut schema {
        object.shift_remove("$schema");
    }
    schema
}

fn close(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".into(), false.into());
            }
            object.values_mut().for_each(close);
        }
        Json::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_experiment_names_the_schema_from_where_it_lies() {
        assert_eq!(line_of_experiment(Path::new("a.toml")), "#:schema ./schemas/experiment.json\n");
        let deep = line_of_experiment(Path::new("experiments/folding/a.toml"));
        assert_eq!(deep, "#:schema ../../schemas/experiment.json\n");
    }

    #[test]
    fn each_analysis_has_its_own_parameters() {
        let registry = Registry::built_in();
        let mut problems = Vec::new();
        let schema = of_experiments(&registry, &mut problems);
        assert!(problems.is_empty());
        let names: Vec<&str> = schema["properties"]["analysis"]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Json::as_str)
            .collect();
        assert_eq!(names, registry.names().collect::<Vec<_>>());
        let rules = schema["allOf"].as_array().unwrap();
        assert_eq!(rules.len(), names.len());
        let dragon =
            rules.iter().find(|rule| rule["if"]["properties"]["analysis"]["const"] == "dragon").unwrap();
        let params = &dragon["then"]["properties"]["params"];
        assert_eq!(params["properties"]["folds"]["maximum"], 60);
        assert_eq!(params["additionalProperties"], false);
        // A rule speaks of parameters alone: what else an experiment has is none of its business.
        assert!(dragon["then"].get("additionalProperties").is_none());
        assert!(dragon["if"].get("additionalProperties").is_none());
        let whole = text(&schema);
        assert_eq!(whole.matches("\"$schema\"").count(), 1, "one dialect");
        let parts = schema["allOf"].to_string();
        assert!(!parts.contains("\"$ref\""), "what a part refers to would be sought in the whole");
    }

    #[test]
    fn a_range_of_a_sweep_has_known_keys() {
        let schema = of_experiments(&Registry::built_in(), &mut Vec::new());
        for at in [
            "/properties/sweep",
            "/properties/zip/items",
            "/properties/profiles/additionalProperties/properties/sweep",
        ] {
            let axes = schema.pointer(at).unwrap_or_else(|| panic!("no {at}"));
            assert!(axes["description"].is_string() || at.ends_with("items"), "{axes}");
            assert_eq!(axes["additionalProperties"]["$ref"], "#/$defs/axis", "{at}");
        }
        let range = &schema["$defs"]["axis"]["anyOf"][1];
        assert_eq!(range["additionalProperties"], false);
        let keys: Vec<&String> = range["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["from", "to", "step", "steps", "log"]);
    }
}
