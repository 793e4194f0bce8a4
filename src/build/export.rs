//! All results as a data package (<https://datapackage.org>, version 2): CSV files, and a dictionary that says what each of their columns is.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use octavo_plugin::{Column, ColumnSchema, ColumnType, Localized, Value};
use serde_json::{Value as Json, json};

use super::Keeper;
use crate::experiment::Experiment;
use crate::figure;
use crate::ids::Route;
use crate::relate::{Related, relate};
use crate::relation::{Field, Relation};
use crate::results::SCALARS;

/// The file of the dictionary.
pub const DICTIONARY: &str = "datapackage.json";

/// A file of rows, and what stands of it in the dictionary.
pub struct Resource {
    /// Its place in the package, with `/` between names.
    pub path: String,
    /// Its text.
    pub csv: String,
    /// A resource of the Data Package standard.
    pub descriptor: Json,
}

/// What is exported of a build.
pub struct Export<'a> {
    keeper: &'a Keeper<'a>,
    ids: &'a BTreeSet<&'a str>,
    language: &'a str,
}

impl<'a> Export<'a> {
    /// Of the experiments with these ids, or of all if there are none; titles are in `language`.
    pub fn new(keeper: &'a Keeper<'a>, ids: &'a BTreeSet<&'a str>, language: &'a str) -> Self {
        Self { keeper, ids, language }
    }

    fn experiments(&self) -> impl Iterator<Item = (usize, &'a Experiment)> {
        let (all, ids) = (self.keeper.checked.plan.experiments.iter().enumerate(), self.ids);
        all.map(|(index, one)| (index, &**one))
            .filter(|(_, one)| ids.is_empty() || ids.contains(one.id.as_str()))
    }

    /// Values and claims of all, and then every table: one is made at a time, since together they may be large. A problem stands in the place
    /// of a table that cannot be made whole.
    pub fn resources(&self) -> impl Iterator<Item = Result<Resource, String>> {
        let summary = [self.values(), self.claims()].map(Ok);
        summary.into_iter().chain(self.experiments().flat_map(move |(index, experiment)| {
            let related = relate(&self.keeper.checked.plan, index, &self.keeper.ran.outcomes);
            let given = experiment.outputs.tables.keys().chain(experiment.manifest.tables.keys());
            let names = std::iter::once(SCALARS).chain(given.map(String::as_str));
            names.filter_map(move |name| self.table(experiment, &related, name).transpose())
        }))
    }

    /// The dictionary of these resources, whose names it makes different.
    pub fn dictionary(&self, mut resources: Vec<Json>) -> Json {
        let mut names = BTreeSet::new();
        for resource in &mut resources {
            let name = resource["name"].as_str().unwrap_or_default().to_owned();
            let numbered = (2..).map(|number| format!("{name}-{number}"));
            let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
            let name = free.unwrap_or(name);
            resource["name"] = name.as_str().into();
            names.insert(name);
        }
        let config = &self.keeper.project.config;
        let mut package = json!({
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "generator": "octavo",
            "title": config.title.get(self.language).unwrap_or_default(),
            "resources": resources,
        });
        // The standard has a list of identifiers; what is none stands as it was written.
        match (config.licences(), &config.licence) {
            (Some(each), _) => package["licenses"] = each.iter().map(|one| json!({ "name": one })).collect(),
            (None, Some(licence)) => package["licence"] = licence.as_str().into(),
            (None, None) => {}
        }
        package
    }

    fn text<'t>(&self, text: &'t Localized) -> &'t str {
        text.get(self.language).unwrap_or_default()
    }

    /// A table of an experiment; `None` if it has no columns. Tasks without a result make it a problem: a part of a table would pass for all.
    fn table(
        &self,
        experiment: &Experiment,
        related: &Related,
        name: &str,
    ) -> Result<Option<Resource>, String> {
        let (id, base) = (&experiment.id, format!("tables/{}/{name}", experiment.id));
        if let Err(problem) = Route::new(base.as_str()).check() {
            return Err(format!(
                "the table `{name}` of `{id}` is not exported, since no file can be called so: {problem}"
            ));
        }
        if let Some(why) = related.results.failure_in(name, &IndexMap::new()) {
            return Err(format!("the table `{name}` of `{id}` is not exported: {why}"));
        }
        let relation = related.results.relation(name).map_err(|problem| {
            format!("the table `{name}` of `{id}` is not exported: {}", problem.message)
        })?;
        if relation.fields.is_empty() {
            return Ok(None);
        }
        let about = experiment.outputs.tables.get(name).map(|schema| format!("A row is {}.", schema.about));
        let about = about.or_else(|| (name == SCALARS).then(|| "A row is a task.".to_owned()));
        let mut resource = self.resource(&base, &relation);
        resource.descriptor["title"] = self.text(&experiment.manifest.title).into();
        if let Some(about) = about {
            resource.descriptor["description"] = about.into();
        }
        Ok(Some(resource))
    }

    fn resource(&self, base: &str, relation: &Relation) -> Resource {
        let path = format!("{base}.csv");
        let fields: Vec<Json> = relation.fields.iter().map(|(name, field)| self.field(name, field)).collect();
        let descriptor = json!({
            "name": resource_name(base),
            "path": path,
            "type": "table",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": { "fields": fields, "missingValues": [""] },
        });
        Resource { path, csv: figure::data::csv(relation), descriptor }
    }

    fn field(&self, name: &str, field: &Field) -> Json {
        // A word, such as that for infinity, is no number of the standard.
        let named = field.column.exceptions.values().any(|value| matches!(value, Value::Named(_)));
        let kind = match field.schema.kind {
            _ if named => "any",
            ColumnType::Float => "number",
            ColumnType::Integer => "integer",
            ColumnType::Text => "string",
            ColumnType::Bool => "boolean",
        };
        let mut field_json = json!({ "name": name, "type": kind });
        let label = self.text(&field.schema.label);
        if !label.is_empty() {
            field_json["title"] = label.into();
        }
        if !field.schema.unit.is_empty() {
            field_json["unit"] = field.schema.unit.as_str().into();
        }
        field_json
    }

    /// The named values, a row each.
    fn values(&self) -> Resource {
        let mut rows = Rows::new(&[
            ("experiment", "Id of the experiment"),
            ("name", "Name of the value"),
            ("value", "The value over all replicates"),
            ("low", "Lower end of its 95 % interval over replicates"),
            ("high", "Upper end of its 95 % interval over replicates"),
            ("replicates", "Replicates behind the interval"),
            ("unit", "Its unit; empty for pure numbers"),
            ("label", "What it is"),
            ("missing", "Why there is no value"),
        ]);
        for (index, experiment) in self.experiments() {
            let related = relate(&self.keeper.checked.plan, index, &self.keeper.ran.outcomes);
            for (name, value) in &experiment.definitions.values {
                let estimate = related.results.estimate(value);
                let (shown, why) = match &estimate {
                    Ok(one) => match &one.value {
                        Value::Missing(why) => (String::new(), why.clone()),
                        value => (value.to_string(), String::new()),
                    },
                    Err(problem) => (String::new(), problem.message.clone()),
                };
                let interval =
                    estimate.as_ref().ok().and_then(|one| one.interval.filter(|(low, high)| low < high));
                let end =
                    |end: Option<f64>| end.map_or_else(String::new, |end| Value::Float(end).to_string());
                let replicates =
                    estimate.as_ref().ok().map(|one| one.per_replicate.len()).filter(|_| interval.is_some());
                rows.push([
                    experiment.id.to_string(),
                    name.clone(),
                    shown,
                    end(interval.map(|(low, _)| low)),
                    end(interval.map(|(_, high)| high)),
                    replicates.map_or_else(String::new, |number| number.to_string()),
                    estimate.as_ref().map_or_else(|_| value.unit.clone(), |one| one.unit.clone()),
                    self.text(&value.label).to_owned(),
                    why,
                ]);
            }
        }
        self.summary(
            "values",
            "Named values",
            rows,
            &[("low", "number"), ("high", "number"), ("replicates", "integer")],
        )
    }

    /// The claims, a row each.
    fn claims(&self) -> Resource {
        let mut rows = Rows::new(&[
            ("experiment", "Id of the experiment"),
            ("claim", "Name of the claim"),
            (
                "verdict",
                "What the results say: holds, refuted, undecided or exploratory; empty without results",
            ),
            ("expected", "What it was expected to turn out as"),
            ("check", "The comparison"),
            ("text", "The statement"),
        ]);
        for (_, experiment) in self.experiments() {
            let verdicts = self.keeper.today.get(&experiment.id).map(|today| &today.claims);
            for (name, claim) in &experiment.manifest.claims {
                rows.push([
                    experiment.id.to_string(),
                    name.clone(),
                    verdicts.and_then(|all| all.get(name)).cloned().unwrap_or_default(),
                    claim.expect.name().to_owned(),
                    claim.check.clone(),
                    self.text(&claim.text).to_owned(),
                ]);
            }
        }
        self.summary("claims", "Claims", rows, &[])
    }

    /// A file of texts, of which columns may hold something else.
    fn summary(&self, name: &str, title: &str, rows: Rows, kinds: &[(&str, &str)]) -> Resource {
        let mut resource = self.resource(name, &rows.relation());
        resource.descriptor["title"] = title.into();
        if let Some(fields) = resource.descriptor["schema"]["fields"].as_array_mut() {
            for field in fields {
                let kind = kinds.iter().find(|(name, _)| field["name"] == *name).map(|(_, kind)| *kind);
                let kind = kind.or_else(|| (field["name"] == "value").then_some("any"));
                if let Some(kind) = kind {
                    field["type"] = kind.into();
                }
            }
        }
        resource
    }
}

/// What the standard lets stand in a resource's name.
fn resource_name(base: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/');
    base.to_lowercase().chars().map(|c| if plain(c) { c } else { '-' }).collect()
}

/// Rows of texts under names with labels.
struct Rows {
    columns: Vec<(&'static str, &'static str, Vec<String>)>,
}

impl Rows {
    fn new(columns: &[(&'static str, &'static str)]) -> Self {
        Self { columns: columns.iter().map(|(name, label)| (*name, *label, Vec::new())).collect() }
    }

    fn push<const N: usize>(&mut self, cells: [String; N]) {
        for ((.., column), cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }

    fn relation(self) -> Relation {
        let rows = self.columns.first().map_or(0, |(.., cells)| cells.len());
        let field = |(name, label, cells): (&str, &str, Vec<String>)| {
            let schema =
                ColumnSchema { kind: ColumnType::Text, unit: String::new(), label: Localized::en(label) };
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            (name.to_owned(), Field { column: Column::from(cells), schema })
        };
        Relation { fields: self.columns.into_iter().map(field).collect(), rows, shapes: Vec::new() }
    }
}
