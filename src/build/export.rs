//! All results as a data package (<https://datapackage.org>, version 2): CSV files, and a dictionary that says what each of their columns is. With the
//! feature `parquet` each table is there as Parquet, too.

#[cfg(feature = "parquet")]
mod parquet;

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
    /// What it holds.
    pub bytes: Vec<u8>,
    /// A resource of the Data Package standard.
    pub descriptor: Json,
}

/// What is exported of a build.
pub struct Export<'a> {
    keeper: &'a Keeper<'a>,
    ids: &'a BTreeSet<&'a str>,
    language: &'a str,
    also_parquet: bool,
}

/// Rows with their file as CSV.
struct Table {
    csv: Resource,
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "Parquet alone is made of it"))]
    relation: Relation,
}

impl<'a> Export<'a> {
    /// Whether this program can write Parquet.
    pub const HAS_PARQUET: bool = cfg!(feature = "parquet");

    /// Of the experiments with these ids, or of all if there are none; titles are in `language`. `also_parquet` says whether tables are
    /// written as Parquet, too, if the program can.
    pub fn new(
        keeper: &'a Keeper<'a>,
        ids: &'a BTreeSet<&'a str>,
        language: &'a str,
        also_parquet: bool,
    ) -> Self {
        Self { keeper, ids, language, also_parquet: also_parquet && Self::HAS_PARQUET }
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
        let tables = summary.into_iter().chain(self.experiments().flat_map(move |(index, experiment)| {
            let related = relate(&self.keeper.checked.plan, index, &self.keeper.ran.outcomes);
            let given = experiment.outputs.tables.keys().chain(experiment.manifest.tables.keys());
            let names = std::iter::once(SCALARS).chain(given.map(String::as_str));
            names.filter_map(move |name| self.table(experiment, &related, name).transpose())
        }));
        tables.flat_map(|table| match table {
            Ok(table) => self.files(table),
            Err(problem) => vec![Err(problem)],
        })
    }

    /// The files of a table.
    fn files(&self, table: Table) -> Vec<Result<Resource, String>> {
        let parquet = self.also_parquet.then(|| as_parquet(&table));
        std::iter::once(Ok(table.csv)).chain(parquet).collect()
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
    fn table(&self, experiment: &Experiment, related: &Related, name: &str) -> Result<Option<Table>, String> {
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
        let mut csv = self.resource(&base, &relation);
        csv.descriptor["title"] = self.text(&experiment.manifest.title).into();
        if let Some(about) = about {
            csv.descriptor["description"] = about.into();
        }
        Ok(Some(Table { csv, relation }))
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
        Resource { path, bytes: figure::data::csv(relation).into_bytes(), descriptor }
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
    fn values(&self) -> Table {
        let mut rows = Rows::new(&[
            ("experiment", ColumnType::Text, "Id of the experiment"),
            ("name", ColumnType::Text, "Name of the value"),
            ("value", ColumnType::Text, "The value over all replicates"),
            ("low", ColumnType::Float, "Lower end of its 95 % interval over replicates"),
            ("high", ColumnType::Float, "Upper end of its 95 % interval over replicates"),
            ("replicates", ColumnType::Integer, "Replicates behind the interval"),
            ("unit", ColumnType::Text, "Its unit; empty for pure numbers"),
            ("label", ColumnType::Text, "What it is"),
            ("missing", ColumnType::Text, "Why there is no value"),
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
                let end = |end: Option<f64>| end.map_or_else(empty, Value::from);
                let replicates =
                    estimate.as_ref().ok().map(|one| one.per_replicate.len()).filter(|_| interval.is_some());
                rows.push([
                    text(experiment.id.as_str()),
                    text(name),
                    text(&shown),
                    end(interval.map(|(low, _)| low)),
                    end(interval.map(|(_, high)| high)),
                    replicates.map_or_else(empty, |number| Value::Integer(number.into())),
                    text(estimate.as_ref().map_or(&value.unit, |one| &one.unit)),
                    text(self.text(&value.label)),
                    text(&why),
                ]);
            }
        }
        self.summary("values", "Named values", rows)
    }

    /// The claims, a row each.
    fn claims(&self) -> Table {
        let mut rows = Rows::new(&[
            ("experiment", ColumnType::Text, "Id of the experiment"),
            ("claim", ColumnType::Text, "Name of the claim"),
            (
                "verdict",
                ColumnType::Text,
                "What the results say: holds, refuted, undecided or exploratory; empty without results",
            ),
            ("expected", ColumnType::Text, "What it was expected to turn out as"),
            ("check", ColumnType::Text, "The comparison"),
            ("text", ColumnType::Text, "The statement"),
        ]);
        for (_, experiment) in self.experiments() {
            let verdicts = self.keeper.today.get(&experiment.id).map(|today| &today.claims);
            for (name, claim) in &experiment.manifest.claims {
                rows.push([
                    text(experiment.id.as_str()),
                    text(name),
                    text(verdicts.and_then(|all| all.get(name)).map_or("", String::as_str)),
                    text(claim.expect.name()),
                    text(&claim.check),
                    text(self.text(&claim.text)),
                ]);
            }
        }
        self.summary("claims", "Claims", rows)
    }

    /// A table of what experiments say together.
    fn summary(&self, name: &str, title: &str, rows: Rows) -> Table {
        let relation = rows.relation();
        let mut csv = self.resource(name, &relation);
        csv.descriptor["title"] = title.into();
        if let Some(fields) = csv.descriptor["schema"]["fields"].as_array_mut() {
            // Values of several kinds stand in one column, as they are printed.
            for field in fields.iter_mut().filter(|field| field["name"] == "value") {
                field["type"] = "any".into();
            }
        }
        Table { csv, relation }
    }
}

/// A table as Parquet.
#[cfg(feature = "parquet")]
fn as_parquet(table: &Table) -> Result<Resource, String> {
    let base = table.csv.path.trim_end_matches(".csv");
    let path = format!("{base}.parquet");
    let bytes = parquet::parquet(&table.relation)
        .map_err(|problem| format!("the file `{path}` is not exported: {problem}"))?;
    let mut descriptor = table.csv.descriptor.clone();
    descriptor["name"] = resource_name(&path).into();
    descriptor["path"] = path.as_str().into();
    descriptor["format"] = "parquet".into();
    descriptor["mediatype"] = "application/vnd.apache.parquet".into();
    // It has these of its own.
    descriptor.as_object_mut().map(|all| all.shift_remove("encoding"));
    descriptor["schema"].as_object_mut().map(|schema| schema.shift_remove("missingValues"));
    Ok(Resource { path, bytes, descriptor })
}

#[cfg(not(feature = "parquet"))]
fn as_parquet(_table: &Table) -> Result<Resource, String> {
    Err("this program is built without Parquet".to_owned())
}

/// What the standard lets stand in a resource's name.
fn resource_name(base: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/');
    base.to_lowercase().chars().map(|c| if plain(c) { c } else { '-' }).collect()
}

/// Nothing in a cell.
fn empty() -> Value {
    Value::Missing(String::new())
}

/// A text in a cell, or nothing.
fn text(text: &str) -> Value {
    if text.is_empty() { empty() } else { Value::Text(text.to_owned()) }
}

/// Rows of cells in columns with a type and a label.
struct Rows {
    columns: Vec<(&'static str, ColumnType, &'static str, Vec<Value>)>,
}

impl Rows {
    fn new(columns: &[(&'static str, ColumnType, &'static str)]) -> Self {
        Self {
            columns: columns.iter().map(|(name, kind, label)| (*name, *kind, *label, Vec::new())).collect(),
        }
    }

    /// Adds a row.
    fn push<const N: usize>(&mut self, cells: [Value; N]) {
        for ((.., column), cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }

    fn relation(self) -> Relation {
        let rows = self.columns.first().map_or(0, |(.., cells)| cells.len());
        let field = |(name, kind, label, cells): (&str, ColumnType, &str, Vec<Value>)| {
            let schema = ColumnSchema { kind, unit: String::new(), label: Localized::en(label) };
            let column =
                Column::from_values(kind, &cells).expect("rows are pushed with cells of these types");
            (name.to_owned(), Field { column, schema })
        };
        Relation { fields: self.columns.into_iter().map(field).collect(), rows, shapes: Vec::new() }
    }
}
