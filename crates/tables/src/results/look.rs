//! How pages show a derived table: which columns, in which order of rows, how wide.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use octavo_plugin::{Named, Value};

use super::Problem;
use super::schema::{Columns, unknown_column};
use crate::number::Format;
use crate::relation::Relation;
use octavo_definition::manifest::{DerivedTable, Pivot, ShownColumn};

/// Every problem of how a table is sorted and shown, with paths below the table.
pub(super) fn check(table: &DerivedTable, columns: &Columns) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, path) in table.sort.placed("sort") {
        if !columns.contains_key(plain(name)) {
            problems.push(unknown_column(plain(name), columns).under(&as_keys(&path)));
        }
    }
    if let Some(pivot) = &table.pivot {
        problems.extend(check_pivot(pivot, columns).into_iter().map(|problem| problem.under(&["pivot"])));
    }
    let mut seen = BTreeSet::new();
    for (index, column) in table.shown().unwrap_or_default().iter().enumerate() {
        let found = check_column(column, columns, table.pivot.as_ref(), &mut seen);
        let place = ["columns", &index.to_string()];
        problems.extend(found.into_iter().map(|problem| problem.under(&place)));
    }
    problems
}

fn check_column(
    column: &ShownColumn,
    columns: &Columns,
    pivot: Option<&Pivot>,
    seen: &mut BTreeSet<String>,
) -> Vec<Problem> {
    let field = column.field.as_str();
    let Some(schema) = columns.get(field) else {
        return vec![unknown_column(field, columns).under(&["field"])];
    };
    let mut problems = Vec::new();
    if !seen.insert(field.to_owned()) {
        problems.push(
            Problem::new("shown-twice", format!("the column `{field}` is shown twice")).under(&["field"]),
        );
    }
    if let Some(pivot) = pivot
        && pivot.value != field
        && !pivot.rows.each().iter().any(|name| name == field)
    {
        let message = format!("the column `{field}` has no place in the pivot");
        let help = "a pivot shows its `rows` and its `value`; the entries here say how they look";
        problems.push(Problem::new("not-shown", message).help(Some(help)).under(&["field"]));
    }
    if let Some(format) = &column.format {
        let bad = match Format::parse(format) {
            Err(message) => Some(message),
            Ok(_) if schema.kind == octavo_plugin::ColumnType::Text && !format.contains("%s") => {
                Some(format!("`{format}` writes numbers, and the column `{field}` holds text"))
            }
            Ok(_) => None,
        };
        problems.extend(bad.map(|message| Problem::new("bad-format", message).under(&["format"])));
    }
    problems
}

fn check_pivot(pivot: &Pivot, columns: &Columns) -> Vec<Problem> {
    let single = [("columns", &pivot.columns), ("value", &pivot.value)];
    let mut named: Vec<(&str, Vec<String>)> = pivot.rows.placed("rows");
    named.extend(single.map(|(key, name)| (name.as_str(), vec![key.to_owned()])));
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, path) in named {
        if !columns.contains_key(name) {
            problems.push(unknown_column(name, columns).under(&as_keys(&path)));
        } else if !seen.insert(name) {
            let message = format!("the column `{name}` has two places in the pivot");
            problems.push(Problem::new("shown-twice", message).under(&as_keys(&path)));
        }
    }
    if pivot.rows.is_empty() {
        problems.push(Problem::new("pivot", "a pivot names the columns that head its rows").under(&["rows"]));
    }
    problems
}

fn as_keys(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// The name of a column in `sort`.
fn plain(name: &str) -> &str {
    name.strip_prefix('-').unwrap_or(name)
}

/// The rows in the order that the table asks for; equal ones stay in theirs, missing values come last.
pub(super) fn sorted(relation: Relation, table: &DerivedTable) -> Result<Relation, Problem> {
    if table.sort.is_empty() {
        return Ok(relation);
    }
    let mut keys: Vec<(bool, Vec<Value>)> = Vec::new();
    for (name, path) in table.sort.placed("sort") {
        let Some(field) = relation.field(plain(name)) else {
            let known = relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone()));
            return Err(unknown_column(plain(name), &known.collect()).under(&as_keys(&path)));
        };
        let values = (0..relation.rows).map(|row| field.column.value(row)).collect();
        keys.push((name.starts_with('-'), values));
    }
    let mut order: Vec<usize> = (0..relation.rows).collect();
    order.sort_by(|a, b| {
        keys.iter()
            .map(|(turned, values)| compare(&values[*a], &values[*b], *turned))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(relation.take(&order))
}

/// How two values of a column stand to each other; a missing one comes last in both directions.
fn compare(a: &Value, b: &Value, turned: bool) -> Ordering {
    let missing = |value: &Value| matches!(value, Value::Missing(_));
    match (missing(a), missing(b)) {
        (false, false) => {
            let ordering = compare_values(a, b);
            if turned { ordering.reverse() } else { ordering }
        }
        (a, b) => a.cmp(&b),
    }
}

fn compare_values(a: &Value, b: &Value) -> Ordering {
    let number = |value: &Value| match value {
        Value::Named(Named::Infinity) => Some(f64::INFINITY),
        Value::Named(Named::NegativeInfinity) => Some(f64::NEG_INFINITY),
        other => other.as_f64(),
    };
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{problems, results, shown, with_table};
    use super::*;

    fn table(json: serde_json::Value) -> DerivedTable {
        serde_json::from_value(json).unwrap()
    }

    /// The rows of a table over two widths, two replicates and three layers, a line each.
    fn rows(json: serde_json::Value) -> Vec<String> {
        let all = with_table(results(&[70, 10], 2, true), "t", table(json));
        assert_eq!(problems(all.schema().check_derived_table("t")), Vec::<String>::new());
        shown(&all.relation("t").unwrap()).lines().map(str::to_owned).collect()
    }

    #[test]
    fn columns_stand_in_the_order_of_group() {
        let found = rows(json!({
            "from": "layers", "group": ["layer", "net.width"], "stats": {"n": "count()"}, "where": {"layer": 0}
        }));
        assert_eq!(found, ["layer net.width n", "0 70 2", "0 10 2"]);
    }

    #[test]
    fn rows_are_sorted_with_what_is_missing_last() {
        let sorted = |sort: serde_json::Value| {
            rows(json!({
                "from": "scalars", "group": ["net.width", "replicate"],
                "stats": {"m": "first(length)"}, "columns": {"r": "if(replicate == 1, m / 0, m)"}, "sort": sort
            }))
        };
        let [a, b] = ["10 0 10.0 10.0", "70 0 70.0 70.0"];
        let [c, d] = ["70 1 71.0 (division by zero)", "10 1 11.0 (division by zero)"];
        let head = "net.width replicate m r";
        assert_eq!(sorted(json!("r")), [head, a, b, c, d]);
        assert_eq!(sorted(json!(["-r"])), [head, b, a, c, d]);
        assert_eq!(sorted(json!(["-replicate", "net.width"])), [head, d, c, a, b]);
    }

    #[test]
    fn listed_columns_are_computed_and_all_stay_in_the_data() {
        let found = rows(json!({
            "from": "scalars", "group": ["net.width"], "stats": {"m": "mean(length)"}, "sort": "net.width",
            "columns": ["net.width", {"field": "twice", "expr": "2 * m", "format": "%.2f"}]
        }));
        assert_eq!(found, ["net.width m twice", "10 10.5 21.0", "70 70.5 141.0"]);
    }

    #[test]
    fn what_is_not_there_is_told_at_its_place() {
        let bad = table(json!({
            "from": "layers", "sort": ["layer", "-lyer"], "group": ["layer", "stage"], "stats": {"n": "count()"},
            "columns": [
                "layr", {"field": "n", "format": "%q"}, {"field": "n"}, {"field": "stage", "format": "%.1f"},
                {"field": "x", "expr": "siz + 1"}
            ],
            "pivot": {"rows": "layer", "columns": "stge", "value": "layer"}
        }));
        let all = with_table(results(&[10], 1, true), "t", bad);
        let found = problems(all.schema().check_derived_table("t"));
        assert_eq!(
            found,
            [
                "tables/t/columns/4/expr 0..3: there is no `siz` here",
                "tables/t/sort/1: there is no column `lyer`",
                "tables/t/pivot/columns: there is no column `stge`",
                "tables/t/pivot/value: the column `layer` has two places in the pivot",
                "tables/t/columns/0/field: there is no column `layr`",
                "tables/t/columns/1/field: the column `n` has no place in the pivot",
                "tables/t/columns/1/format: `%q` is no number format; use `%.2f`, `%d`, `%e`, `%.3g`, `%s` or `%.1%`",
                "tables/t/columns/2/field: the column `n` is shown twice",
                "tables/t/columns/2/field: the column `n` has no place in the pivot",
                "tables/t/columns/3/field: the column `stage` has no place in the pivot",
                "tables/t/columns/3/format: `%.1f` writes numbers, and the column `stage` holds text",
                "tables/t/columns/4/field: the column `x` has no place in the pivot",
            ]
        );
    }
}
