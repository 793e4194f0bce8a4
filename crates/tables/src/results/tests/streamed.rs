//! Results that are read one after the other give what they give together.

use super::*;

fn tables() -> Vec<DerivedTable> {
    let table = |from: &str, group: &[&str], selection: Json, stats: &[(&str, &str)]| DerivedTable {
        from: from.into(),
        group: group.iter().map(|name| (*name).to_owned()).collect(),
        selection: condition(selection),
        stats: exprs(stats),
        ..DerivedTable::default()
    };
    let stats = [("middle", "median(size)"), ("n", "count()"), ("most", "max(size) - layer")];
    vec![
        table("layers", &["net.width", "layer"], json!({}), &stats),
        // Tasks of one group do not stand together.
        table("layers", &["replicate", "layer"], json!({ "stage": "pre" }), &stats),
        table("layers", &["layer", "replicate"], json!({ "net.width": ">10", "layer": ">0" }), &stats),
        // Groups have rows of all tasks.
        table("layers", &["layer"], json!({ "size": "<100" }), &stats),
        table("layers", &[], json!({}), &[("all", "sum(size)"), ("n", "count()")]),
        table("layers", &[], json!({ "stage": "none" }), &[("n", "count()")]),
        table("layers", &["net.width"], json!({ "stage": "none" }), &[("n", "count()")]),
        table("curve", &["age", "net.width"], json!({}), &[("n", "count()")]),
        // Nothing is grouped.
        table("layers", &[], json!({ "stage": "post", "replicate": [0, 2] }), &[]),
        table("curve", &[], json!({ "age": 8 }), &[]),
        DerivedTable {
            columns: Columns::Computed(exprs(&[("twice", "2 * size")])),
            ..table("layers", &[], json!({}), &[])
        },
    ]
}

fn both(results: &Results) -> [View<'_>; 2] {
    let with = |room| View { room, ..View::all(results) };
    [with(None), with(Some(0))]
}

#[test]
fn tables_are_the_same_read_at_once_and_task_by_task() {
    let mut mixed = results(&[10, 70], 2, true);
    mixed.runs[1].point[0] = Value::from(0.5);
    for (results, is_mixed) in [(results(&[70, 10, 30], 3, true), false), (mixed, true)] {
        let [whole, parts] = both(&results);
        for name in ["scalars", "layers", "curve", "map"] {
            assert_eq!(parts.relation(name).unwrap(), whole.relation(name).unwrap(), "{name}");
        }
        for table in tables() {
            let results = with_table(results.clone(), "t", table.clone());
            let [whole, parts] = both(&results);
            assert_eq!(parts.relation("t").unwrap(), whole.relation("t").unwrap(), "{table:?}");
            assert!(stream::derived(&whole, &results.tables["t"]).is_none());
            if !is_mixed {
                assert!(stream::derived(&parts, &results.tables["t"]).is_some(), "{table:?}");
            }
        }
    }
}

#[test]
fn values_are_the_same_read_at_once_and_task_by_task() {
    let results = results(&[10, 70], 3, true);
    let [whole, parts] = both(&results);
    for (from, selection, expr) in [
        ("layers", json!({ "stage": "pre", "net.width": 70 }), "mean(size)"),
        ("layers", json!({}), "max(size) / count()"),
        ("curve", json!({ "replicate": 1 }), "sum(age)"),
        ("layers", json!({ "stage": "none" }), "mean(size)"),
    ] {
        let value = value(from, selection, expr);
        let of = |view: &View<'_>| {
            let sampler = Sampler::of(view, &value).unwrap();
            (sampler.whole().clone(), sampler.unit().to_owned(), sampler.over(&[0, 2, 2]).unwrap())
        };
        assert_eq!(of(&parts), of(&whole), "{expr}");
    }
    assert!(stream::is_large(&parts, "layers") && !stream::is_large(&parts, "scalars"));
    let again = parts.of_replicates(&[0, 0]);
    assert!(!stream::is_large(&again, "layers"), "what is asked for again is held");
}

#[test]
fn what_is_wrong_is_told_alike() {
    for mut table in tables().into_iter().take(5) {
        table.selection = condition(json!({ "stage": ">x y" , "none": 1 }));
        let results = with_table(results(&[10, 70], 2, true), "t", table);
        let [whole, parts] = both(&results);
        let mut made = derive::Made::new();
        let told = derive::relation(&parts, "t", &mut made).unwrap_err();
        assert_eq!(told, derive::relation(&whole, "t", &mut made).unwrap_err());
    }
}
