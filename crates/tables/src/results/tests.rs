mod estimates;
mod streamed;

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::figure::Where;
use octavo_plugin::{
    Artifacts, ColumnSchema, ColumnType, Geometry, GeometryKind, Localized, OutputSchema, Raster, Table,
    TableSchema, Value,
};
use serde_json::{Value as Json, json};

use super::*;
use crate::definitions::{CheckedClaim, CheckedTable, CheckedValue};
use crate::relation::Shape;
use octavo_definition::manifest::{Claim, Columns, DerivedTable, DerivedValue, Join};

pub(crate) fn value(from: &str, selection: serde_json::Value, expr: &str) -> CheckedValue {
    let definition = DerivedValue {
        from: from.into(),
        selection: condition(selection),
        expr: expr.into(),
        ..DerivedValue::default()
    };
    CheckedValue::read(&definition, &mut Vec::new())
}

pub(crate) fn claim(check: &str) -> CheckedClaim {
    CheckedClaim::read(&Claim { check: check.into(), ..Claim::default() }, &mut Vec::new())
}

pub(crate) fn condition(json: serde_json::Value) -> Where {
    serde_json::from_value(json).unwrap()
}

pub(crate) fn exprs(list: &[(&str, &str)]) -> IndexMap<String, String> {
    list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

pub(crate) fn outputs() -> OutputSchema {
    use ColumnType::{Bool, Float, Integer, Text};
    let layers = TableSchema::new("a layer")
        .column("layer", Integer, "", "layer")
        .column("stage", Text, "", "stage")
        .column("size", Float, "m", "size");
    OutputSchema::new()
        .scalar("length", Float, "m", "length")
        .scalar("pieces", Integer, "", "pieces")
        .scalar("closed", Bool, "", "closed")
        .table("layers", layers)
        .geometry(
            "curve",
            GeometryKind::Points,
            TableSchema::new("a point").column("age", Integer, "", "age"),
        )
        .raster("map", "A map", "K", "heat")
}

/// A run in which size = width * 2^layer + replicate, length = width + replicate and pieces = 2^width.
fn run(width: u32, replicate: u32, swept: bool) -> Run {
    let mut artifacts = Artifacts::new();
    let r = f64::from(replicate);
    let size = |layer: i64| f64::from(width) * [1.0, 2.0, 4.0][usize::try_from(layer).unwrap()] + r;
    artifacts
        .scalar("length", f64::from(width) + r)
        .scalar("pieces", num_bigint::BigInt::from(2).pow(width))
        .scalar("closed", width == 10)
        .table(
            "layers",
            Table::new()
                .with("layer", vec![0_i64, 1, 2])
                .with("stage", vec!["pre", "post", "pre"])
                .with("size", vec![size(0), size(1), size(2)]),
        );
    let mut curve = Geometry::new(GeometryKind::Points);
    curve.push([[r, 0.0]]);
    curve.push([[r, 1.0]]);
    curve.attributes = Table::new().with("age", vec![7_i64, 8]);
    artifacts.drawing("curve", curve);
    artifacts.drawing("map", Raster { width: 1, height: 1, extent: [[0.0; 2], [1.0; 2]], values: vec![r] });
    artifacts.check(&outputs()).unwrap();
    let point =
        if swept { IndexMap::from([("net.width".to_owned(), Value::from(width))]) } else { IndexMap::new() };
    Run { point, replicate, outputs: Arc::new(Held::new(artifacts)) }
}

pub(crate) fn results(widths: &[u32], replicates: u32, swept: bool) -> Results {
    let width =
        ColumnSchema { kind: ColumnType::Integer, unit: String::new(), label: Localized::from("width") };
    let all = widths.iter().flat_map(|width| (0..replicates).map(move |replicate| (*width, replicate)));
    Results {
        experiment: ExperimentId::like("test"),
        stochastic: replicates > 1,
        outputs: outputs(),
        point_schema: if swept { IndexMap::from([("net.width".into(), width)]) } else { IndexMap::new() },
        replicate: Localized::en("replicate"),
        runs: all.map(|(width, replicate)| run(width, replicate, swept)).collect(),
        failed: Vec::new(),
        tables: IndexMap::new(),
    }
}

pub(super) fn with_table(mut results: Results, name: &str, table: DerivedTable) -> Results {
    results.tables.insert(name.into(), CheckedTable::read(table, &mut Vec::new()));
    results
}

/// A relation as text: the names, then each row.
pub(super) fn shown(relation: &Relation) -> String {
    let mut lines = vec![relation.fields.keys().cloned().collect::<Vec<_>>().join(" ")];
    for row in 0..relation.rows {
        let cell = |name: &String| match relation.value(name, row).unwrap() {
            Value::Missing(reason) => format!("({reason})"),
            Value::Float(x) => format!("{x:?}"),
            other => other.to_string(),
        };
        lines.push(relation.fields.keys().map(cell).collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

#[test]
fn tables_are_the_tasks_one_below_the_other() {
    let results = results(&[10, 70], 2, true);
    assert_eq!(
        shown(&results.relation("scalars").unwrap()),
        "net.width replicate length pieces closed\n10 0 10.0 1024 true\n10 1 11.0 1024 true\n\
         70 0 70.0 1180591620717411303424 false\n70 1 71.0 1180591620717411303424 false"
    );
    let layers = results.relation("layers").unwrap();
    assert_eq!(layers.rows, 12);
    let last = shown(&layers).lines().last().unwrap().to_owned();
    assert_eq!(last, "70 1 2 pre 281.0");
    let curve = results.relation("curve").unwrap();
    assert_eq!((curve.rows, curve.shapes.len()), (8, 8));
    assert!(matches!(&curve.shapes[3], Shape::Part(geometry, 1) if geometry.part(1) == [[1.0, 1.0]]));
    let map = results.relation("map").unwrap();
    assert_eq!((map.rows, map.field("value").unwrap().schema.unit.as_str()), (4, "K"));
    assert!(matches!(&map.shapes[1], Shape::Raster(raster) if raster.values == [1.0]));
}

#[test]
fn the_schema_says_what_the_relation_has() {
    let derived = DerivedTable {
        from: "layers".into(),
        group: vec!["net.width".into(), "layer".into()],
        stats: exprs(&[("middle", "median(size)"), ("n", "count()"), ("share", "sum(size) / layer")]),
        columns: Columns::Computed(exprs(&[
            ("twice", "2 * middle"),
            ("same", "middle"),
            ("big", "2 ^ layer"),
        ])),
        labels: IndexMap::from([("twice".into(), Localized::en("double").with("fr", "double"))]),
        ..DerivedTable::default()
    };
    let results = with_table(results(&[10, 70], 3, true), "summary", derived);
    for name in ["scalars", "layers", "curve", "map", "summary"] {
        let relation = results.relation(name).unwrap();
        let schema: IndexMap<_, _> =
            relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone())).collect();
        assert_eq!(results.schema().schema_of(name).unwrap(), schema, "{name}");
        assert!(relation.fields.values().all(|field| field.column.len() == relation.rows));
        assert!(results.schema().check_derived_table(name).is_empty());
    }
    let summary = results.relation("summary").unwrap();
    assert_eq!(summary.field("middle").unwrap().schema.unit, "m");
    let mut rows = shown(&summary);
    rows.truncate(rows.find("\n10 1").unwrap());
    assert_eq!(
        rows,
        "net.width layer middle n share twice same big\n10 0 11.0 3 (division by zero) 22.0 11.0 1"
    );
}

#[test]
fn conditions() {
    let relation = results(&[10, 70], 2, true).relation("layers").unwrap();
    let count = |json| select(&relation, &condition(json)).map(|rows| rows.rows);
    for (json, rows) in [
        (json!({}), 12),
        (json!({"stage": "pre"}), 8),
        (json!({"stage": "!=pre"}), 4),
        (json!({"stage": "==pre"}), 8),
        (json!({"stage": ["pre", "post"]}), 12),
        (json!({"layer": 1}), 4),
        (json!({"layer": 1.0}), 4),
        (json!({"layer": ">=1"}), 8),
        (json!({"layer": "<1"}), 4),
        (json!({"layer": "!=1"}), 8),
        (json!({"layer": "0..1"}), 8),
        (json!({"layer": [0, ">=2"]}), 8),
        (json!({"size": ">1e2", "net.width": 70}), 4),
        (json!({"size": "<infinity"}), 12),
        (json!({"layer": "10000000000000000000000000"}), 0),
    ] {
        assert_eq!(count(json.clone()).unwrap(), rows, "{json}");
    }
    for (json, message, help, path) in [
        (json!({"stge": "pre"}), "there is no column `stge`", "did you mean `stage`?", "stge"),
        (
            json!({"stage": 1}),
            "`1` is no condition on `stage`, which is of type text",
            "write a text, `\"!=text\"` or a list of these",
            "stage",
        ),
        (
            json!({"layer": [1, "x"]}),
            "`\"x\"` is no condition on `layer`, which is of type integer",
            "write a number, a comparison such as `\">=3\"`, a range such as `\"3..10\"` or a list of these",
            "layer/1",
        ),
        (
            json!({"size": ">"}),
            "`\">\"` is no condition on `size`, which is of type float",
            "write a number, a comparison such as `\">=3\"`, a range such as `\"3..10\"` or a list of these",
            "size",
        ),
    ] {
        let problem = count(json).unwrap_err();
        assert_eq!((problem.message.as_str(), problem.help.as_deref()), (message, Some(help)));
        assert_eq!(problem.path.join("/"), path);
    }
}

#[test]
fn joins_keep_the_first_tables_rows() {
    let join = Join {
        from: "scalars".into(),
        selection: condition(json!({"replicate": 0})),
        on: vec!["net.width".into(), "replicate".into()],
        take: vec!["length".into()],
    };
    let table = DerivedTable {
        from: "layers".into(),
        selection: condition(json!({"layer": 2})),
        join: Some(join),
        columns: Columns::Computed(exprs(&[("ratio", "size / length")])),
        ..DerivedTable::default()
    };
    let joined = with_table(results(&[10], 2, true), "j", table.clone()).relation("j").unwrap();
    assert_eq!(
        shown(&joined),
        "net.width replicate layer stage size length ratio\n10 0 2 pre 40.0 10.0 4.0\n\
         10 1 2 pre 41.0 (no row of `scalars` matches) (no row of `scalars` matches)"
    );
    let mut clash = table;
    clash.join.as_mut().unwrap().on.pop();
    clash.join.as_mut().unwrap().take.clear();
    let problem = &with_table(results(&[10], 2, true), "j", clash).schema().check_derived_table("j")[0];
    assert_eq!(problem.message, "both tables of the join have a column `replicate`");
    assert_eq!(problem.path, ["tables", "j", "join"]);
}

#[test]
fn a_whole_table_can_be_one_group() {
    let table = DerivedTable {
        from: "scalars".into(),
        stats: exprs(&[("total", "sum(pieces)")]),
        ..DerivedTable::default()
    };
    let relation = with_table(results(&[10], 3, true), "t", table).relation("t").unwrap();
    assert_eq!(shown(&relation), "total\n3072");
}

pub(crate) fn problems(found: Vec<Problem>) -> Vec<String> {
    let line = |problem: Problem| {
        let span = problem.span.map(|span| format!(" {}..{}", span.start, span.end)).unwrap_or_default();
        format!("{}{span}: {}", problem.path.join("/"), problem.message)
    };
    found.into_iter().map(line).collect()
}

#[test]
fn problems_of_tables_have_places() {
    let from = |from: &str| DerivedTable { from: from.into(), ..DerivedTable::default() };
    let bad = DerivedTable {
        from: "layers".into(),
        selection: condition(json!({"stge": 1})),
        group: vec!["layer".into(), "wdth".into()],
        stats: exprs(&[("a", "size"), ("layer", "count()"), ("b", "mean(")]),
        columns: Columns::Computed(exprs(&[("c", "stage + 1")])),
        labels: IndexMap::from([("zz".into(), "z".into())]),
        ..DerivedTable::default()
    };
    let mut all = results(&[10], 2, true);
    for (name, table) in [
        ("bad", bad),
        ("after", from("bad")),
        ("a", from("b")),
        ("b", from("a")),
        ("layers", from("scalars")),
        ("lost", from("layrs")),
    ] {
        all = with_table(all, name, table);
    }
    let check = |name: &str| problems(all.schema().check_derived_table(name));
    assert_eq!(
        check("bad"),
        [
            "tables/bad/where/stge: there is no column `stge`",
            "tables/bad/group/1: there is no column `wdth`",
            "tables/bad/stats/a 0..4: `size` has a value per row, and one value is wanted",
            "tables/bad/stats/layer: there is a column `layer` already",
            "tables/bad/columns/c 0..5: there is no `stage` here",
            "tables/bad/labels/zz: there is no column `zz`",
        ]
    );
    assert!(check("after").is_empty());
    assert_eq!(check("a"), ["tables/a/from: `a` is derived from itself: a -> b -> a"]);
    assert_eq!(check("b"), ["tables/b/from: `b` is derived from itself: b -> a -> b"]);
    assert_eq!(check("layers"), ["tables/layers: the analysis gives a table or drawing `layers` already"]);
    assert_eq!(check("lost"), ["tables/lost/from: there is no table or drawing `layrs`"]);
    assert!(all.relation("a").is_err());
    assert!(all.relation("after").is_err());
    assert_eq!(all.relation("curv").unwrap_err().help.as_deref(), Some("did you mean `curve`?"));
}

#[test]
fn a_sweep_parameter_and_a_column_of_one_name_clash() {
    let mut all = results(&[10], 2, true);
    all.point_schema.insert("length".into(), all.outputs.scalars["length"].clone());
    assert_eq!(
        all.relation("scalars").unwrap_err().message,
        "`length` is both a column of `scalars` and a parameter of the sweep"
    );
    assert!(all.relation("layers").is_ok());
}

#[test]
fn problems_of_values_and_claims_have_places() {
    let all = results(&[10, 70], 2, true);
    let schema = all.schema();
    let check = |value: &CheckedValue| problems(schema.check_value("v", value));
    assert!(check(&value("layers", json!({"layer": 1}), "mean(size)")).is_empty());
    assert_eq!(
        check(&value("layers", json!({"x": 1}), "mean(syze) + layer")),
        [
            "values/v/where/x: there is no column `x`",
            "values/v/expr 5..9: there is no `syze` here",
            "values/v/expr 13..18: `layer` has a value per row, and one value is wanted",
        ]
    );
    assert_eq!(
        check(&value("nope", json!({}), "count()")),
        ["values/v/from: there is no table or drawing `nope`"]
    );
    let values = IndexMap::from([
        ("rate".to_owned(), value("layers", json!({}), "mean(size)")),
        ("broken".to_owned(), value("layers", json!({}), "mean(")),
    ]);
    let check = |text: &str| problems(schema.check_claim("c", &claim(text), &values));
    for (text, expected) in [
        ("rate > 0.3", ""),
        ("broken > 0.3", ""),
        ("rate", "claims/c/check 0..4: the check is of type float, a comparison is wanted"),
        ("raet > 1", "claims/c/check 0..4: there is no `raet` here"),
        ("mean(rate) > 1", "claims/c/check 0..10: a claim compares values and aggregates nothing itself"),
        ("length > 1", "claims/c/check 0..6: there is no `length` here"),
        ("rate >", ""),
    ] {
        assert_eq!(check(text).join("; "), expected, "{text}");
    }
    let single = results(&[10], 2, false);
    assert!(single.schema().check_claim("c", &claim("length > 1 and closed"), &values).is_empty());
}

#[test]
fn no_finished_task_gives_empty_tables() {
    let all = Results { runs: Vec::new(), failed: vec![Failed::default(); 2], ..results(&[10], 2, true) };
    for name in ["scalars", "layers", "curve", "map"] {
        let relation = all.relation(name).unwrap();
        assert_eq!((relation.rows, relation.fields.len()), (0, all.schema().schema_of(name).unwrap().len()));
    }
}

#[test]
fn a_failed_task_matters_only_where_it_is_not_excluded() {
    let mut all = results(&[10, 70], 2, true);
    let point = IndexMap::from([("net.width".to_owned(), Value::from(90))]);
    all.failed = vec![Failed { point, replicate: 1, why: "too wide".into() }];
    let derived = |selection: Json, group: &[&str]| DerivedTable {
        from: "scalars".into(),
        selection: serde_json::from_value(selection).unwrap(),
        group: group.iter().map(|name| (*name).to_owned()).collect(),
        stats: IndexMap::from([("m".to_owned(), "mean(length)".to_owned())]),
        ..DerivedTable::default()
    };
    let all = with_table(all, "narrow", derived(json!({ "net.width": "<80" }), &[]));
    let all = with_table(all, "each", derived(json!({}), &["net.width"]));
    let all = with_table(all, "mixed", derived(json!({}), &["replicate"]));
    let failure = |table: &str, selection: Json| {
        all.failure_in(table, &serde_json::from_value(selection).unwrap()).map(str::to_owned)
    };
    let why = Some("too wide".to_owned());
    assert_eq!(failure("scalars", json!({})), why);
    assert_eq!(failure("scalars", json!({ "net.width": 90 })), why);
    assert_eq!(failure("scalars", json!({ "net.width": [10, 70] })), None);
    assert_eq!(failure("layers", json!({ "replicate": 0 })), None);
    assert_eq!(failure("layers", json!({ "layer": 0 })), why, "what its rows would be is not known");
    assert_eq!(failure("narrow", json!({})), None);
    assert_eq!(failure("each", json!({ "net.width": 10 })), None);
    assert_eq!(failure("each", json!({})), why);
    assert_eq!(failure("mixed", json!({ "replicate": 0 })), None);
    assert_eq!(failure("mixed", json!({ "m": ">0" })), why);
}

#[test]
fn first_rows_are_the_beginning_of_the_relation() {
    let table = DerivedTable { from: "layers".into(), ..DerivedTable::default() };
    let all = with_table(results(&[10, 70], 2, true), "derived", table);
    for name in [SCALARS, "layers", "derived"] {
        let whole = all.relation(name).unwrap();
        for most in [0, 1, 3, whole.rows, whole.rows + 5] {
            let (first, rows) = all.first_rows(name, most).unwrap();
            assert_eq!(rows, whole.rows);
            let kept: Vec<usize> = (0..whole.rows.min(most)).collect();
            assert_eq!(shown(&first), shown(&whole.take(&kept)), "{most} rows of {name}");
        }
    }
    assert!(all.first_rows("layrs", 1).is_err());
}
