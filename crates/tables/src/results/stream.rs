//! Tables of results that are larger together than what may be held at once: results are read one after the other, and of each only the rows and
//! columns that matter are kept. Where a group lies within some tasks alone, its statistics are computed before the next tasks are read.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use octavo_plugin::figure::Where;
use octavo_plugin::{Column, ColumnData, ColumnSchema, ColumnType, Localized};

use super::{Problem, REPLICATE, View, base, derive, select};
use crate::definitions::CheckedTable;
use crate::expr::key;
use crate::relation::{Field, Relation};

/// Results of so many bytes are held at once, for questions that may ask for them again.
pub(super) const ROOM: u64 = 64 << 20;

/// A column for a while: where rows stood before some were chosen.
pub(super) const PLACE: &str = "\0place";

/// Whether what the tasks of a view gave under the name of a table or drawing is too much to be held at once.
pub(super) fn is_large(view: &View, name: &str) -> bool {
    let Some(room) = view.room.filter(|_| view.shift.is_none()) else { return false };
    let outputs = &view.results.outputs;
    let artifact = match (outputs.tables.contains_key(name), outputs.drawings.contains_key(name)) {
        (true, _) => format!("tables/{name}"),
        (_, true) => format!("drawings/{name}"),
        _ => return false,
    };
    let size = |run: usize| view.results.runs[run].outputs.size(&artifact).unwrap_or(0);
    !view.runs.is_empty() && view.runs.iter().map(|(run, _)| size(*run)).sum::<u64>() >= room
}

/// Rows of a large table or drawing that meet conditions, with these columns or all; `None` if it is not large, or has to be put together at once.
pub(super) fn selected(
    view: &View,
    name: &str,
    selection: &Where,
    keep: Option<&BTreeSet<String>>,
) -> Option<Result<Relation, Problem>> {
    if !is_large(view, name) {
        return None;
    }
    let all: Vec<usize> = (0..view.runs.len()).collect();
    let rows = of_runs(view, name, &all, selection, keep);
    rows.map(|rows| {
        let mut rows = rows?;
        rows.fields.shift_remove(PLACE);
        Some(rows)
    })
    .transpose()
}

/// The rows that a derived table has before columns are computed, if it stands on one that is large and can be put together by parts.
pub(super) fn derived(view: &View, checked: &CheckedTable) -> Option<Result<Relation, Problem>> {
    let table = checked.definition();
    if table.join.is_some() || !is_large(view, &table.from) {
        return None;
    }
    if !checked.groups() {
        let rows = selected(view, &table.from, &table.selection, None)?;
        return Some(rows.map_err(|problem| problem.under(&["where"])));
    }
    grouped(view, checked).transpose()
}

/// `None` if columns have other types in some tasks than in others.
fn grouped(view: &View, checked: &CheckedTable) -> Result<Option<Relation>, Problem> {
    let table = checked.definition();
    let named = checked.stats().flat_map(|(_, expr)| expr.names()).map(|(name, _)| name);
    let keep: BTreeSet<String> = table.group.iter().cloned().chain(named).collect();
    let (mut done, mut types) = (Vec::new(), None);
    for part in parts(view, &table.group) {
        let rows = of_runs(view, &table.from, &part, &table.selection, Some(&keep));
        let Some(rows) = rows.map_err(|problem| problem.under(&["where"]))? else { return Ok(None) };
        let own = types_of(&rows);
        if *types.get_or_insert_with(|| own.clone()) != own {
            return Ok(None);
        }
        done.push(derive::grouped(&rows, checked)?);
    }
    let Some(mut rows) = below(done) else { return Ok(None) };
    if let Some(ColumnData::Integer(places)) = rows.fields.shift_remove(PLACE).map(|field| field.column.data)
    {
        let mut order: Vec<usize> = (0..rows.rows).collect();
        order.sort_by_key(|row| places[*row]);
        rows = rows.take(&order);
    }
    Ok(Some(rows))
}

/// The places of a view's tasks, those together whose rows can be in one group.
fn parts(view: &View, group: &[String]) -> Vec<Vec<usize>> {
    let points = base::points(view);
    let is_of_point = |name: &&String| view.results.point_schema.contains_key(*name) || *name == REPLICATE;
    let fields: Vec<&Field> =
        group.iter().filter(is_of_point).filter_map(|name| points.field(name)).collect();
    let mut parts: IndexMap<Vec<String>, Vec<usize>> = IndexMap::new();
    for place in 0..view.runs.len() {
        let own = fields.iter().map(|field| key(&field.column.value(place))).collect();
        parts.entry(own).or_default().push(place);
    }
    parts.into_values().collect()
}

/// The rows of some tasks, read one after the other.
fn of_runs(
    view: &View,
    name: &str,
    places: &[usize],
    selection: &Where,
    keep: Option<&BTreeSet<String>>,
) -> Result<Option<Relation>, Problem> {
    let mut parts = Vec::new();
    for place in places {
        let one = View {
            results: view.results,
            runs: vec![view.runs[*place]],
            shift: None,
            loaded: std::sync::Arc::default(),
            room: None,
        };
        let Some(rows) = base::relation(&one, name) else { return Ok(None) };
        let mut rows = rows?;
        let met = (!selection.is_empty()).then(|| select::rows(&rows, selection)).transpose()?;
        if let Some(keep) = keep {
            rows.fields.retain(|name, _| keep.contains(name));
            rows.shapes.clear();
        }
        // No table has 2^32 rows.
        let first = i64::try_from(*place).map_or(i64::MAX, |place| place << 32);
        let order: Vec<i64> = (first..).take(rows.rows).collect();
        let schema = ColumnSchema { kind: ColumnType::Integer, unit: String::new(), label: Localized::None };
        rows.fields.insert(PLACE.to_owned(), Field { column: Column::from(order), schema });
        parts.push(match met {
            Some(met) => rows.take(&met),
            None => rows,
        });
    }
    Ok(below(parts))
}

fn types_of(relation: &Relation) -> Vec<(String, ColumnType)> {
    relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.kind)).collect()
}

/// Relations one below the other; `None` if their columns are not the same.
fn below(mut parts: Vec<Relation>) -> Option<Relation> {
    let first = parts.first()?;
    let types = types_of(first);
    if parts.iter().any(|part| types_of(part) != types) {
        return None;
    }
    let schemas: Vec<(String, ColumnSchema)> =
        first.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone())).collect();
    let rows = parts.iter().map(|part| part.rows).sum();
    let mut fields = IndexMap::new();
    for (name, schema) in schemas {
        // Each column goes from the parts into the whole before the next: no more than one is there twice.
        let columns: Vec<Column> = parts
            .iter_mut()
            .filter_map(|part| part.fields.swap_remove(&name))
            .map(|field| field.column)
            .collect();
        let column = base::concatenate(schema.kind, &columns.iter().collect::<Vec<_>>());
        if column.kind() != schema.kind {
            return None;
        }
        fields.insert(name, Field { column, schema });
    }
    Some(Relation { fields, rows, shapes: parts.into_iter().flat_map(|part| part.shapes).collect() })
}
