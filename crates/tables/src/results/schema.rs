//! What tables there will be, before anything runs.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use octavo_plugin::{ColumnSchema, ColumnType, Localized, OutputSchema};

use super::{Problem, SCALARS, look, select};
use crate::definitions::{CheckedTable, Computed};
use crate::expr::{Cardinality, Expr, types};
use octavo_definition::diagnostic::nearest;
use octavo_definition::manifest::Join;

/// The column that numbers the replicates.
pub const REPLICATE: &str = "replicate";

/// Columns by name.
pub(super) type Columns = IndexMap<String, ColumnSchema>;

/// The column that numbers the replicates, with what readers call it.
pub(super) fn replicate_schema(label: &Localized) -> ColumnSchema {
    ColumnSchema { kind: ColumnType::Integer, unit: String::new(), label: label.clone() }
}

/// The tables of an experiment without their rows.
#[derive(Clone, Copy, Debug)]
pub struct ResultsSchema<'a> {
    /// What every run gives.
    pub outputs: &'a OutputSchema,
    /// The sweep's columns; none without a sweep.
    pub point: &'a IndexMap<String, ColumnSchema>,
    /// What readers call the number of a replicate.
    pub replicate: &'a Localized,
    /// Derived tables by name.
    pub tables: &'a IndexMap<String, CheckedTable>,
}

impl<'a> ResultsSchema<'a> {
    /// The columns of a table or drawing by name.
    ///
    /// # Errors
    /// An unknown name, with the nearest ones; a clash of names; or the first problem of a derived table on the way.
    pub fn schema_of(&self, name: &str) -> Result<Columns, Problem> {
        Resolver::new(*self).columns(name).map_err(|unresolved| *unresolved.problem)
    }

    /// Whether there is a table or drawing of this name.
    pub fn has(&self, name: &str) -> bool {
        let (tables, drawings) = (&self.outputs.tables, &self.outputs.drawings);
        name == SCALARS
            || tables.contains_key(name)
            || drawings.contains_key(name)
            || self.tables.contains_key(name)
    }

    /// The names of all tables and drawings.
    pub fn names(&self) -> Vec<&'a str> {
        let given = self.outputs.tables.keys().chain(self.outputs.drawings.keys());
        std::iter::once(SCALARS).chain(given.chain(self.tables.keys()).map(String::as_str)).collect()
    }
}

/// Why a table has no columns.
#[derive(Clone, Debug)]
pub(super) struct Unresolved {
    pub(super) problem: Box<Problem>,
    /// Whether it is reported where the table is defined, and need not be where the table is used.
    pub(super) elsewhere: bool,
}

/// Finds columns; each derived table is worked out once.
pub(super) struct Resolver<'a> {
    schema: ResultsSchema<'a>,
    known: BTreeMap<String, Result<Columns, Unresolved>>,
    path: Vec<String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(schema: ResultsSchema<'a>) -> Self {
        Self { schema, known: BTreeMap::new(), path: Vec::new() }
    }

    pub(super) fn columns(&mut self, name: &str) -> Result<Columns, Unresolved> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let found = self.find(name);
        self.known.insert(name.to_owned(), found.clone());
        found
    }

    fn find(&mut self, name: &str) -> Result<Columns, Unresolved> {
        if let Some(columns) = self.given(name) {
            return columns.map_err(|problem| Unresolved { problem: Box::new(problem), elsewhere: false });
        }
        if self.schema.tables.contains_key(name) {
            let (columns, mut problems) = self.derived(name);
            return match problems.is_empty() {
                true => Ok(columns),
                false => Err(Unresolved { problem: Box::new(problems.remove(0)), elsewhere: true }),
            };
        }
        let problem = Problem::new("unknown-table", format!("there is no table or drawing `{name}`"))
            .help(nearest(name, self.schema.names()));
        Err(Unresolved { problem: Box::new(problem), elsewhere: false })
    }

    /// The columns of what the analysis gives.
    fn given(&self, name: &str) -> Option<Result<Columns, Problem>> {
        let outputs = self.schema.outputs;
        let own = match name {
            SCALARS => &outputs.scalars,
            _ => match outputs.tables.get(name) {
                Some(table) => &table.columns,
                None => &outputs.drawings.get(name)?.attributes,
            },
        };
        let mut columns = self.schema.point.clone();
        columns.insert(REPLICATE.to_owned(), replicate_schema(self.schema.replicate));
        for (column, schema) in own {
            if columns.insert(column.clone(), schema.clone()).is_some() {
                let message = format!("`{column}` is both a column of `{name}` and a parameter of the sweep");
                return Some(Err(Problem::new("name-clash", message)));
            }
        }
        Some(Ok(columns))
    }

    /// The columns of a derived table as far as they can be told, and all its problems with paths from the manifest's
    /// root.
    pub(super) fn derived(&mut self, name: &str) -> (Columns, Vec<Problem>) {
        let Some(table) = self.schema.tables.get(name) else { return (Columns::new(), Vec::new()) };
        let at = ["tables", name];
        if self.given(name).is_some() {
            let message = format!("the analysis gives a table or drawing `{name}` already");
            return (Columns::new(), vec![Problem::new("name-clash", message).under(&at)]);
        }
        if self.path.iter().any(|above| above == name) {
            let message = format!("`{name}` is derived from itself: {} -> {name}", self.path.join(" -> "));
            return (
                Columns::new(),
                vec![Problem::new("table-cycle", message).under(&["tables", name, "from"])],
            );
        }
        self.path.push(name.to_owned());
        let mut problems = Vec::new();
        let columns = self.steps(table, &mut problems).unwrap_or_default();
        self.path.pop();
        // A circle is found below itself, with the path of that table already.
        for problem in &mut problems {
            if problem.path.first().map(String::as_str) != Some("tables") {
                *problem = problem.clone().under(&at);
            }
        }
        (columns, problems)
    }

    /// The steps of a derived table; `None` where nothing further can be told. A problem in another table is there, so
    /// that this one is broken, too, but its own path says where.
    fn steps(&mut self, checked: &CheckedTable, problems: &mut Vec<Problem>) -> Option<Columns> {
        let table = checked.definition();
        let mut columns = self.source(&table.from, &["from"], problems)?;
        problems.extend(select::check(&columns, &table.selection).into_iter().map(|p| p.under(&["where"])));
        if let Some(join) = &table.join {
            self.join(&mut columns, join, problems)?;
        }
        if checked.groups() {
            columns = grouped(&columns, checked, problems);
        }
        for Computed { name, expr, path } in checked.computed() {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let schema = expression(name, expr, &columns, None, &path, problems);
            add(&mut columns, name, schema, &path, problems);
        }
        for (name, label) in &table.labels {
            match columns.get_mut(name) {
                Some(column) => column.label = label.clone(),
                None => problems.push(unknown_column(name, &columns).under(&["labels", name])),
            }
        }
        problems.extend(look::check(table, &columns));
        Some(columns)
    }

    fn source(&mut self, name: &str, path: &[&str], problems: &mut Vec<Problem>) -> Option<Columns> {
        match self.columns(name) {
            Ok(columns) => Some(columns),
            Err(Unresolved { problem, elsewhere: true }) => {
                problems.push(*problem);
                None
            }
            Err(Unresolved { problem, .. }) => {
                problems.push(problem.under(path));
                None
            }
        }
    }

    fn join(&mut self, columns: &mut Columns, join: &Join, problems: &mut Vec<Problem>) -> Option<()> {
        let second = self.source(&join.from, &["join", "from"], problems)?;
        let conditions = select::check(&second, &join.selection);
        problems.extend(conditions.into_iter().map(|problem| problem.under(&["join", "where"])));
        if join.on.is_empty() {
            let problem = Problem::new("join", "a join names the columns that must agree");
            problems
                .push(problem.help(Some("write for example `on = [\"replicate\"]`")).under(&["join", "on"]));
        }
        for (key, names) in [("on", &join.on), ("take", &join.take)] {
            for (index, name) in names.iter().enumerate() {
                let path = ["join", key, &index.to_string()];
                let mut missing =
                    |columns: &Columns| problems.push(unknown_column(name, columns).under(&path));
                match (columns.get(name), second.get(name)) {
                    (_, None) => missing(&second),
                    (None, Some(_)) if key == "on" => missing(columns),
                    _ => {}
                }
            }
        }
        for name in taken(&second, join) {
            if columns.insert(name.to_owned(), second[name].clone()).is_some() {
                let message = format!("both tables of the join have a column `{name}`");
                let help = format!("add `{name}` to `on`, or list in `take` the columns that are wanted");
                problems.push(Problem::new("name-clash", message).help(Some(help)).under(&["join"]));
            }
        }
        Some(())
    }
}

/// The columns that a join takes from the second table.
pub(super) fn taken<'a>(second: &'a Columns, join: &'a Join) -> Vec<&'a str> {
    let wanted =
        |name: &&String| !join.on.contains(name) && (join.take.is_empty() || join.take.contains(name));
    second.keys().filter(wanted).map(String::as_str).collect()
}

fn grouped(columns: &Columns, checked: &CheckedTable, problems: &mut Vec<Problem>) -> Columns {
    let table = checked.definition();
    let mut result = Columns::new();
    for (index, name) in table.group.iter().enumerate() {
        match columns.get(name) {
            Some(schema) => {
                result.insert(name.clone(), schema.clone());
            }
            None => problems.push(unknown_column(name, columns).under(&["group", &index.to_string()])),
        }
    }
    for (name, expr) in checked.stats() {
        let path = ["stats", name];
        let schema = expression(name, expr, columns, Some(&table.group), &path, problems);
        add(&mut result, name, schema, &path, problems);
    }
    result
}

fn add(columns: &mut Columns, name: &str, schema: ColumnSchema, path: &[&str], problems: &mut Vec<Problem>) {
    if columns.insert(name.to_owned(), schema).is_some() {
        let message = format!("there is a column `{name}` already");
        problems.push(Problem::new("name-clash", message).help(Some("choose another name")).under(path));
    }
}

/// The schema of a computed column; a float where the expression is wrong. With a group, only its columns may stand
/// outside aggregates.
fn expression(
    name: &str,
    expr: &Expr,
    columns: &Columns,
    group: Option<&[String]>,
    path: &[&str],
    problems: &mut Vec<Problem>,
) -> ColumnSchema {
    if !expr.is_read() {
        return ColumnSchema { kind: ColumnType::Float, unit: String::new(), label: name.into() };
    }
    let mut errors = expr.check(&types(columns)).err().unwrap_or_default();
    if let Some(group) = group {
        for (name, span) in expr.bare_names() {
            if columns.contains_key(&name) && !group.contains(&name) {
                errors.push(crate::expr::outside(&name, span));
            }
        }
    }
    let kind = expr.check(&types(columns)).unwrap_or(ColumnType::Float);
    problems.extend(errors.into_iter().map(|error| Problem::expression(error).under(path)));
    described(expr, kind, name, columns)
}

/// Type, unit and label of a computed column: the unit follows through means and the like, the label through a rename.
pub(super) fn described(expr: &Expr, kind: ColumnType, name: &str, columns: &Columns) -> ColumnSchema {
    let source = expr.unit_column().and_then(|source| columns.get(source));
    let plain = expr.kind() == Cardinality::PerRow;
    ColumnSchema {
        kind,
        unit: source.map(|schema| schema.unit.clone()).unwrap_or_default(),
        label: source.filter(|_| plain).map_or_else(|| name.into(), |schema| schema.label.clone()),
    }
}

pub(super) fn unknown_column(name: &str, columns: &Columns) -> Problem {
    Problem::new("unknown-column", format!("there is no column `{name}`"))
        .help(nearest(name, columns.keys().map(String::as_str)))
}
