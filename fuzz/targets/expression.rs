//! An expression: whatever it holds, parsing, checking and evaluating it over three rows end, and faults lie within it.

#![no_main]

use indexmap::IndexMap;
use libfuzzer_sys::fuzz_target;
use octavo_plugin::{Column, ColumnSchema, ColumnType, Localized};
use octavo_tables::expr::{Expr, ExprError, types};
use octavo_tables::relation::{Field, Relation};

fn relation() -> Relation {
    let field = |column: Column| {
        let schema = ColumnSchema { kind: column.kind(), unit: String::new(), label: Localized::default() };
        Field { column, schema }
    };
    let fields: IndexMap<String, Field> = [
        ("x".to_owned(), field(vec![0.5, -1.0, 3.0].into())),
        ("n".to_owned(), field(vec![1_i64, 2, 40].into())),
        ("name".to_owned(), field(vec!["a", "b", "a"].into())),
    ]
    .into();
    Relation { fields, rows: 3, ..Relation::default() }
}

fuzz_target!(|text: &str| {
    let inside = |error: &ExprError| assert!(error.span.end <= text.len(), "{error:?}");
    let expr = match Expr::parse(text) {
        Ok(expr) => expr,
        Err(error) => return inside(&error),
    };
    let relation = relation();
    let columns: IndexMap<String, ColumnSchema> =
        relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone())).collect();
    let kinds: IndexMap<String, ColumnType> = types(&columns);
    if let Err(errors) = expr.check(&kinds) {
        return errors.iter().for_each(inside);
    }
    if let Err(error) = expr.eval_rows(&relation) {
        inside(&error);
    }
    if let Err(error) = expr.eval_value(&relation) {
        inside(&error);
    }
});
