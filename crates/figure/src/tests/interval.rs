//! The interval that a figure draws is the one by which a claim is decided.

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_definition::ids::ExperimentId;
use octavo_definition::locale::Locale;
use octavo_definition::manifest::{Claim, DerivedValue};
use octavo_plugin::figure::{Figure, Where};
use octavo_plugin::{Artifacts, ColumnType, OutputSchema, Seed};
use octavo_tables::claim::judge;
use octavo_tables::definitions::{CheckedClaim, CheckedValue};
use octavo_tables::relation::Relation;
use octavo_tables::results::{Held, Results, Run};
use serde_json::json;

use super::draw;
use crate::Source;

/// A value for each replicate, and the number 3.
fn results(a: &[f64]) -> Results {
    let run = |(replicate, a): (u32, &f64)| {
        let mut artifacts = Artifacts::new();
        artifacts.scalar("a", *a).scalar("n", 3);
        Run { point: IndexMap::new(), replicate, outputs: Arc::new(Held::new(artifacts)) }
    };
    Results {
        experiment: ExperimentId::like("e"),
        stochastic: true,
        outputs: OutputSchema::new().scalar("a", ColumnType::Float, "", "a").scalar(
            "n",
            ColumnType::Integer,
            "",
            "n",
        ),
        point_schema: IndexMap::new(),
        replicate: octavo_plugin::Localized::en("replicate"),
        runs: (0..).zip(a).map(run).collect(),
        failed: Vec::new(),
        tables: IndexMap::new(),
    }
}

/// The table of scalars as a figure reads it.
struct Scalars<'a>(&'a Results);

impl Source for Scalars<'_> {
    fn relation(&self, from: &str, _: &Where) -> Result<Arc<Relation>, String> {
        self.0.relation(from).map(Arc::new).map_err(|problem| problem.message)
    }
}

#[test]
fn a_figure_and_a_claim_have_one_interval() {
    let mean = DerivedValue { from: "scalars".into(), expr: "mean(a)".into(), ..DerivedValue::default() };
    let mean = CheckedValue::read(&mean, &mut Vec::new());
    let values = IndexMap::from([("all-of-a".to_owned(), mean.clone())]);
    let claim = Claim { check: "`all-of-a` > 0".into(), ..Claim::default() };
    let claim = CheckedClaim::read(&claim, &mut Vec::new());
    let figure: Figure = serde_json::from_value(json!({
        "from": "scalars", "mark": ["point", "band"], "x": "n",
        "y": { "field": "a", "stat": "mean", "band": "ci95", "over": "replicate" }
    }))
    .unwrap();
    for seed in 0..40 {
        let count = 5 + usize::try_from(seed).unwrap() % 20;
        let a: Vec<f64> = Seed(seed).stream("interval").normals(count, 3.0);
        let results = results(&a);
        let judgement = judge(&results, &values, &claim, 0.995).unwrap();
        let (low, high) = judgement.part().interval.unwrap();
        let drawn = draw(&figure, &Scalars(&results), &Locale::built_in("en").unwrap()).unwrap();
        let drawn = &drawn.data()[0].relation;
        let bits = |name: &str| drawn.value(name, 0).unwrap().as_f64().unwrap().to_bits();
        assert_eq!((bits("a_low"), bits("a_high")), (low.to_bits(), high.to_bits()), "{a:?}");
        assert_eq!(bits("a"), results.value(&mean).unwrap().as_f64().unwrap().to_bits());
    }
}
