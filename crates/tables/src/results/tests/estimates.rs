//! Values with their spread: which interval each has.

use std::sync::Arc;

use octavo_plugin::Value;
use serde_json::json;

use super::super::*;
use super::*;

#[test]
fn estimates() {
    let all = results(&[10], 6, true);
    let mean = all.estimate(&value("layers", json!({"layer": 1}), "mean(size)")).unwrap();
    // size = 20 + replicate for replicates 0 to 5: mean 22.5, sd sqrt(3.5), t(0.975, 5) = 2.570582.
    assert_eq!((&mean.value, mean.unit.as_str(), mean.method), (&Value::Float(22.5), "m", Method::Student));
    let (low, high) = mean.interval.unwrap();
    let half = 2.570_581_835_6 * (3.5_f64 / 6.0).sqrt();
    assert!((high - 22.5 - half).abs() < 1e-9 && (22.5 - low - half).abs() < 1e-9);
    assert_eq!(mean.per_replicate.len(), 6);
    let median = all.estimate(&value("layers", json!({"layer": 1}), "median(size)")).unwrap();
    assert_eq!((median.value, median.method), (Value::Float(22.5), Method::Bounds));
    // Six values bound their median at 95 %: both outermost ones miss it once in 32.
    assert_eq!(median.interval, Some((20.0, 25.0)));
    let exact = all.estimate(&value("scalars", json!({}), "max(pieces)")).unwrap();
    assert_eq!((exact.value, exact.interval), (Value::from(1024_u32), Some((1024.0, 1024.0))));
    let none = all.estimate(&value("layers", json!({"layer": 9}), "count()")).unwrap();
    assert_eq!(none.value, Value::Missing("no row of `layers` is selected".into()));
}

#[test]
fn values_that_are_asked_together_are_those_that_are_asked_one_by_one() {
    let all = results(&[10, 20], 3, true);
    let asked = [
        value("scalars", json!({}), "max(pieces)"),
        value("layers", json!({"layer": 1}), "mean(size)"),
        value("scalars", json!({}), "min(pieces)"),
        value("nowhere", json!({}), "count()"),
        value("layers", json!({"layer": 9}), "mean(size)"),
    ];
    let together: Vec<_> = all.values(&asked).into_iter().map(Result::ok).collect();
    let one_by_one: Vec<_> = asked.iter().map(|value| all.value(value).ok()).collect();
    assert_eq!(together, one_by_one);
    assert_eq!(together.iter().filter(|value| value.is_none()).count(), 1);
}

#[test]
fn a_constant_joined_to_rows_leaves_their_mean_a_mean() {
    let constant = DerivedTable {
        from: "scalars".into(),
        group: vec!["net.width".into()],
        stats: exprs(&[("most", "max(pieces)")]),
        ..DerivedTable::default()
    };
    let joined = DerivedTable {
        from: "scalars".into(),
        join: Some(Join {
            from: "constant".into(),
            on: vec!["net.width".into()],
            take: vec!["most".into()],
            ..Join::default()
        }),
        ..DerivedTable::default()
    };
    let all = with_table(with_table(results(&[10], 6, true), "constant", constant), "t", joined);
    let mean = all.estimate(&value("t", json!({}), "mean(length)")).unwrap();
    let direct = all.estimate(&value("scalars", json!({}), "mean(length)")).unwrap();
    assert_eq!((mean.method, mean.interval), (Method::Student, direct.interval));
    let most = all.estimate(&value("t", json!({}), "max(length)")).unwrap();
    assert_eq!(most.method, Method::TheseRuns);
}

#[test]
fn replicates_that_mix_in_a_derived_table_are_drawn_before_it() {
    // The table's median over replicates is one row; drawn again per replicate it must vary.
    let table = DerivedTable {
        from: "scalars".into(),
        group: vec!["net.width".into()],
        stats: exprs(&[("middle", "median(length)")]),
        ..DerivedTable::default()
    };
    let all = with_table(results(&[10], 6, true), "t", table);
    let through = all.estimate(&value("t", json!({}), "max(middle)")).unwrap();
    let direct = all.estimate(&value("scalars", json!({}), "median(length)")).unwrap();
    // A median that was taken in a table has no interval.
    assert_eq!((&through.value, through.interval), (&direct.value, None));
    assert_eq!(direct.interval, Some((10.0, 15.0)));
    let each: Vec<Value> = through.per_replicate.into_iter().map(|(_, value)| value).collect();
    assert_eq!(each, (10..16).map(|x| Value::Float(f64::from(x))).collect::<Vec<_>>());
}

#[test]
fn the_selected_point_alone_decides_where_points_do_not_mix() {
    let table = DerivedTable {
        from: "layers".into(),
        group: vec!["net.width".into(), "layer".into()],
        stats: exprs(&[("middle", "mean(size)")]),
        ..DerivedTable::default()
    };
    let wanted = value("t", json!({"net.width": 70, "layer": ">=1"}), "fit(log(middle) ~ layer).slope");
    let of =
        |widths: &[u32]| with_table(results(widths, 12, true), "t", table.clone()).estimate(&wanted).unwrap();
    assert_eq!(of(&[10, 70]), of(&[70]));
    assert!(of(&[70]).interval.is_some());
    // Over all points, the other point's rows count.
    let mixed = DerivedTable { group: vec!["layer".into()], ..table.clone() };
    let wanted = value("t", json!({}), "max(middle)");
    let of =
        |widths: &[u32]| with_table(results(widths, 12, true), "t", mixed.clone()).estimate(&wanted).unwrap();
    assert_ne!(of(&[10, 70]).interval, of(&[70]).interval);
}

#[test]
fn stated_uncertainties_reach_values_through_tables() {
    let mut all = results(&[10], 1, true);
    let mut artifacts = load_all(all.runs[0].outputs.as_ref(), &outputs()).unwrap();
    artifacts.measured("length", 10.0, 0.5);
    all.runs[0].outputs = Arc::new(Held::new(artifacts));
    let table = DerivedTable {
        from: "scalars".into(),
        columns: Columns::Computed(exprs(&[("square", "length ^ 2")])),
        ..DerivedTable::default()
    };
    let all = with_table(all, "t", table);
    let estimate = all.estimate(&value("t", json!({}), "max(square)")).unwrap();
    // 10.5² - 10² = 10.25 is the larger change.
    assert_eq!((estimate.uncertainty, estimate.interval), (Some(10.25), Some((89.75, 110.25))));
    assert_eq!(all.estimate(&value("scalars", json!({}), "max(pieces)")).unwrap().uncertainty, None);
}
