//! Derived tables: where, join, group with stats, columns, in this order.

use std::collections::BTreeMap;
use std::sync::Arc;

use octavo_plugin::Value;
use octavo_plugin::figure::Where;

use super::base::insert;
use super::schema::{Columns, described, taken, unknown_column};
use super::{Problem, View, base, look, select, stream};
use crate::definitions::{CheckedTable, Computed};
use crate::expr::{Expr, ExprError, Prepared, key, types};
use crate::relation::{Field, Relation};
use octavo_definition::manifest::Join;

/// Most rows of a join.
const MAX_ROWS: usize = 20_000_000;

/// Relations that one evaluation has made so far, so that each table is computed once.
pub(super) type Made = BTreeMap<String, Arc<Relation>>;

/// A table by name. Circles were refused by the schema's check.
pub(super) fn relation(view: &View, name: &str, made: &mut Made) -> Result<Arc<Relation>, Problem> {
    if let Some(known) = made.get(name) {
        return Ok(Arc::clone(known));
    }
    let whole = || base::relation(view, name);
    let base = stream::selected(view, name, &Where::new(), None).or_else(whole);
    let relation = match (base, view.results.tables.get(name)) {
        (Some(relation), _) => relation?,
        (None, Some(table)) => {
            derived(view, table, made).map_err(|problem| problem.under(&["tables", name]))?
        }
        (None, None) => {
            return Err(Problem::new("unknown-table", format!("there is no table or drawing `{name}`")));
        }
    };
    let relation = Arc::new(relation);
    made.insert(name.to_owned(), Arc::clone(&relation));
    Ok(relation)
}

fn derived(view: &View, checked: &CheckedTable, made: &mut Made) -> Result<Relation, Problem> {
    let table = checked.definition();
    let by_parts = if made.contains_key(&table.from) { None } else { stream::derived(view, checked) };
    let mut rows = match by_parts {
        Some(rows) => rows?,
        None => chosen(view, checked, made)?,
    };
    for Computed { name, expr, path } in checked.computed() {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let fault = |error| Problem::expression(error).under(&path);
        let values = expr.eval_rows(&rows).map_err(fault)?;
        compute(&mut rows, name, expr, &values).map_err(fault)?;
    }
    for (name, label) in &table.labels {
        if let Some(field) = rows.fields.get_mut(name) {
            field.schema.label = label.clone();
        }
    }
    look::sorted(rows, table)
}

/// The rows of a table before columns are computed: chosen, joined, grouped.
fn chosen(view: &View, checked: &CheckedTable, made: &mut Made) -> Result<Relation, Problem> {
    let table = checked.definition();
    let source = relation(view, &table.from, made)?;
    let mut rows = select(&source, &table.selection).map_err(|problem| problem.under(&["where"]))?;
    if let Some(join) = &table.join {
        let second = relation(view, &join.from, made)?;
        let second = select(&second, &join.selection).map_err(|problem| problem.under(&["join", "where"]))?;
        rows = joined(&rows, &second, join)?;
    }
    if checked.groups() {
        rows = grouped(&rows, checked)?;
    }
    Ok(rows)
}

fn columns(relation: &Relation) -> Columns {
    relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone())).collect()
}

/// Adds a computed column.
fn compute(rows: &mut Relation, name: &str, expr: &Expr, values: &[Value]) -> Result<(), ExprError> {
    let columns = columns(rows);
    let kind = expr.check(&types(&columns)).map_err(|mut errors| errors.remove(0))?;
    insert(rows, name, &described(expr, kind, name, &columns), values);
    Ok(())
}

/// What tells rows apart by some columns, a row after the other.
fn keys<'a>(
    relation: &'a Relation,
    names: &[String],
) -> Result<impl Iterator<Item = Vec<String>> + 'a, Problem> {
    let fields: Result<Vec<&Field>, Problem> = names
        .iter()
        .map(|name| relation.field(name).ok_or_else(|| unknown_column(name, &columns(relation))))
        .collect();
    let fields = fields?;
    Ok((0..relation.rows).map(move |row| fields.iter().map(|field| key(&field.column.value(row))).collect()))
}

/// Every row of the first table: once per match in the second, or once with missing values.
fn joined(first: &Relation, second: &Relation, join: &Join) -> Result<Relation, Problem> {
    let mut places: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (row, key) in keys(second, &join.on)?.enumerate() {
        places.entry(key).or_default().push(row);
    }
    let mut pairs: Vec<(usize, Option<usize>)> = Vec::new();
    for (row, key) in keys(first, &join.on)?.enumerate() {
        match places.get(&key) {
            Some(matches) => pairs.extend(matches.iter().map(|other| (row, Some(*other)))),
            None => pairs.push((row, None)),
        }
        if pairs.len() > MAX_ROWS {
            let problem = Problem::new("join", format!("the join has more than {MAX_ROWS} rows"));
            return Err(problem.help(Some("name more columns in `on`")).under(&["join"]));
        }
    }
    let mut result = first.take(&pairs.iter().map(|(row, _)| *row).collect::<Vec<_>>());
    let wanted = columns(second);
    for name in taken(&wanted, join) {
        let field = &second.fields[name];
        let cell = |other: &Option<usize>| match other {
            Some(row) => field.column.value(*row),
            None => Value::Missing(format!("no row of `{}` matches", join.from)),
        };
        let values: Vec<Value> = pairs.iter().map(|(_, other)| cell(other)).collect();
        insert(&mut result, name, &field.schema, &values);
    }
    Ok(result)
}

/// A row per distinct combination of the group's columns, in the order of first appearance, with the statistics. Without
/// a group, one row over the whole table.
pub(super) fn grouped(relation: &Relation, checked: &CheckedTable) -> Result<Relation, Problem> {
    let table = checked.definition();
    let mut members: indexmap::IndexMap<Vec<String>, Vec<usize>> = indexmap::IndexMap::new();
    if table.group.is_empty() {
        members.insert(Vec::new(), (0..relation.rows).collect());
    }
    for (row, key) in keys(relation, &table.group).map_err(|p| p.under(&["group"]))?.enumerate() {
        if !table.group.is_empty() {
            members.entry(key).or_default().push(row);
        }
    }
    let firsts: Vec<usize> = members.values().filter_map(|rows| rows.first().copied()).collect();
    let mut result = match table.group.is_empty() {
        true => Relation::default(),
        false => relation.take(&firsts),
    };
    // The columns stand in the order of `group`, whatever their order in the table was. Where rows stood is told to whoever asked for it.
    let place = |name: &String| table.group.iter().position(|group| group == name);
    result.fields.retain(|name, _| place(name).is_some() || name == stream::PLACE);
    result.fields.sort_by_key(|name, _| place(name));
    result.rows = members.len();
    result.shapes.clear();
    for (name, expr) in checked.stats() {
        let path = ["stats", name];
        let fault = |error| Problem::expression(error).under(&path);
        let prepared = Prepared::new(expr, relation).map_err(fault)?;
        let value = |rows: &Vec<usize>| {
            let constant = |name: &str| match rows.first() {
                Some(row) if table.group.iter().any(|group| group == name) => relation.value(name, *row),
                _ => None,
            };
            prepared.value(rows, &constant)
        };
        let values: Result<Vec<Value>, _> = members.values().map(value).collect();
        let columns = columns(relation);
        let kind = expr.check(&types(&columns)).map_err(|mut errors| fault(errors.remove(0)))?;
        insert(&mut result, name, &described(expr, kind, name, &columns), &values.map_err(fault)?);
    }
    Ok(result)
}
