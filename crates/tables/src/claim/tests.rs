mod promise;

use std::sync::Arc;

use octavo_plugin::Artifacts;
use serde_json::json;

use super::*;
use crate::definitions::Definitions;
use crate::results::tests::{claim, exprs, problems, results, value};
use crate::results::{Failed, Held, Run};
use octavo_definition::diagnostic::Severity;
use octavo_definition::manifest::{Claim, Columns, DerivedTable, DerivedValue, Manifest};

/// `a` and `b` per replicate, `n` exact, `ok` true; no sweep.
fn samples(a: &[f64], b: &[f64], uncertainty: Option<f64>) -> Results {
    use octavo_plugin::ColumnType::{Bool, Float, Integer, Text};
    let mut results = results(&[], 2, false);
    results.outputs = octavo_plugin::OutputSchema::new()
        .scalar("a", Float, "", "a")
        .scalar("b", Float, "", "b")
        .scalar("n", Integer, "", "n")
        .scalar("ok", Bool, "", "ok")
        .scalar("name", Text, "", "name");
    results.stochastic = a.len() > 1;
    let run = |(replicate, (a, b)): (u32, (&f64, &f64))| {
        let mut artifacts = Artifacts::new();
        artifacts.scalar("a", *a).scalar("b", *b).scalar("n", 3).scalar("ok", true).scalar("name", "tanh");
        if let Some(uncertainty) = uncertainty {
            artifacts.measured("a", *a, uncertainty);
        }
        Run { point: IndexMap::new(), replicate, outputs: Arc::new(Held::new(artifacts)) }
    };
    results.runs = (0..).zip(a.iter().zip(b)).map(run).collect();
    results
}

fn judged(results: &Results, check: &str) -> Judgement {
    let values = IndexMap::from([
        ("middle".to_owned(), value("scalars", json!({}), "median(a)")),
        ("all-of-a".to_owned(), value("scalars", json!({}), "mean(a)")),
        ("none".to_owned(), value("scalars", json!({"a": ">1000"}), "mean(a)")),
        ("total".to_owned(), value("scalars", json!({}), "sum(a)")),
        ("first-run".to_owned(), value("scalars", json!({"replicate": 0}), "mean(a)")),
        ("largest-n".to_owned(), value("scalars", json!({}), "max(n)")),
        ("largest-a".to_owned(), value("scalars", json!({}), "max(a)")),
    ]);
    let claim = claim(check);
    assert_eq!(results.schema().check_claim("c", &claim, &values), [], "{check}");
    judge(results, &values, &claim, DESCRIPTIVE).unwrap_or_else(|problem| panic!("{check}: {problem:?}"))
}

fn check(results: &Results, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let judgement = judged(results, text);
        let found = format!("{}, {}", judgement.verdict.name(), judgement.part().reason);
        assert_eq!(found, *expected, "{text}");
        assert_eq!(judgement.as_expected, judgement.verdict == Verdict::Holds);
    }
}

const STUDENT: &str = "by the 95 % interval over 6 replicates (Student t)";
const BOUNDS: &str = "by the 95 % bounds of its parts over 6 replicates";

#[test]
fn deterministic_and_exact() {
    check(
        &samples(&[0.5], &[2.0], None),
        &[
            ("a < b", "holds, compared exactly"),
            ("a > b", "refuted, compared exactly"),
            ("a >= 0.5", "holds, compared exactly"),
            ("a == 0.5", "holds, compared exactly"),
            ("a != 0.5", "refuted, compared exactly"),
            ("a within 1.5 of b", "holds, compared exactly"),
            ("a within 1.4 of b", "refuted, compared exactly"),
            ("n == 3 and ok", "holds, compared exactly"),
            ("2 ^ 100 > 2 ^ 100 - n", "holds, compared exactly"),
            ("not ok", "refuted, compared exactly"),
            ("name == 'tanh'", "holds, compared exactly"),
            ("name == 'relu'", "refuted, compared exactly"),
            ("a < b and n > 3", "refuted, compared exactly"),
            ("a > b or n == 3", "holds, compared exactly"),
            ("1 < 2", "holds, compared exactly"),
            ("b / 0 > 1", "undecided, a side has no value: division by zero"),
            ("none > 1", "undecided, a side has no value: no row of `scalars` is selected"),
            ("none > 1 and a > b", "refuted, compared exactly"),
            ("`all-of-a` == a", "holds, compared exactly"),
        ],
    );
}

#[test]
fn hundreds_of_uncertain_runs_decide() {
    // 500 runs of 1, each uncertain by 0.25: so is their mean, whose interval has no width beside.
    let [many, twos] = [1.0, 2.0].map(|value| vec![value; 500]);
    for (text, verdict) in [
        ("`all-of-a` < 1.26", Verdict::Holds),
        ("`all-of-a` < 1.24", Verdict::Undecided),
        ("`all-of-a` < 0.74", Verdict::Refuted),
    ] {
        assert_eq!(judged(&samples(&many, &twos, Some(0.25)), text).verdict, verdict, "{text}");
    }
}

#[test]
fn deterministic_with_stated_uncertainty() {
    check(
        &samples(&[1.0], &[2.0], Some(0.25)),
        &[
            ("a < 1.26", "holds, by the stated uncertainty"),
            ("a < 1.24", "undecided, by the stated uncertainty"),
            ("a < 0.74", "refuted, by the stated uncertainty"),
            ("2 * a < 2.4", "undecided, by the stated uncertainty"),
            ("a == 1", "undecided, by the stated uncertainty"),
            ("a == 2", "refuted, by the stated uncertainty"),
            ("a within 0.3 of 1", "holds, by the stated uncertainty"),
            ("a within 0.2 of 1", "undecided, by the stated uncertainty"),
            ("a within 0.2 of 2", "refuted, by the stated uncertainty"),
            // The same scalar on both sides moves both.
            ("a == `all-of-a`", "holds, compared exactly"),
            ("a + 1 > a", "holds, compared exactly"),
            ("is_missing(a)", "refuted, compared exactly"),
            ("(a > 1.1) == false", "undecided, by the stated uncertainty"),
            ("(a > 1.3) == false", "holds, compared exactly"),
            ("b == 2", "holds, compared exactly"),
        ],
    );
}

#[test]
fn over_replicates() {
    // a = 1 to 6: mean 3.5, half-width 2.5706 * sqrt(3.5 / 6) = 1.9633, so 1.537 to 5.463. b = a + 1.
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let b: Vec<f64> = a.iter().map(|x| x + 1.0).collect();
    let all = samples(&a, &b, None);
    let cases: Vec<(&str, String)> = [
        ("a > 1.5", "holds", STUDENT),
        ("a > 1.6", "undecided", STUDENT),
        ("a > 5.4", "undecided", STUDENT),
        ("a > 5.5", "refuted", STUDENT),
        ("a < 5.5", "holds", STUDENT),
        ("a within 2 of 3.5", "holds", STUDENT),
        ("a within 1.9 of 3.5", "undecided", STUDENT),
        ("a within 1 of 7", "refuted", STUDENT),
        // Paired by replicate: the difference never varies.
        ("b > a", "holds", "the same in all 6 runs, a statement about these"),
        ("b - a == 1", "holds", "the same in all 6 runs, a statement about these"),
        ("a == 3.5", "undecided", STUDENT),
        ("a != 9", "holds", STUDENT),
        // The largest of equal numbers is each of them; that of others is one of these runs.
        ("a > `largest-n` - 1.5", "holds", STUDENT),
        ("`largest-a` > 5", "holds", "a statement about these 6 runs"),
        ("`largest-a` - a > 2", "holds", "a statement about these 6 runs"),
        ("`largest-n` == 3", "holds", "the same in all 6 runs, a statement about these"),
        // Chosen runs say nothing of others, and a total none of more runs.
        ("`first-run` < 2", "holds", "a statement about these 6 runs"),
        ("total > 1", "undecided", "the replicates give no interval: it grows with the number of replicates"),
        ("middle > 0.9", "holds", BOUNDS),
        ("middle > 3.4", "undecided", BOUNDS),
        ("middle > 6", "refuted", BOUNDS),
        // A quotient of means is no mean of quotients.
        ("b / a > 1.1", "undecided", "6 replicates finished, at least 10 decide"),
        ("ok", "holds", "a statement about these 6 runs"),
        ("a > 1.5 and a > 1.6", "undecided", STUDENT),
        // One of two suffices to refute, too: 3.5 ± 2.416 at 97.5 %.
        ("a > 5.5 and a > 1", "undecided", STUDENT),
        ("a > 6 and a > 1", "refuted", "by the 97.5 % interval over 6 replicates (Student t)"),
        // One of two suffices, so that each has half of the error.
        ("a > 5.5 or a > 1.6", "undecided", "by the 97.5 % interval over 6 replicates (Student t)"),
        ("not a > 5.5", "holds", STUDENT),
    ]
    .map(|(text, verdict, reason)| (text, format!("{verdict}, {reason}")))
    .to_vec();
    let cases: Vec<(&str, &str)> = cases.iter().map(|(text, expected)| (*text, expected.as_str())).collect();
    check(&all, &cases);
    let judgement = judged(&all, "a > 1.5");
    assert_eq!((judgement.replicates, &judgement.part().left), (6, &Value::Float(3.5)));
    assert_eq!(judgement.part().difference, Value::Float(2.0));
    let (low, high) = judgement.part().interval.unwrap();
    assert!((low - (2.0 - 1.963_3)).abs() < 1e-4 && (high - (2.0 + 1.963_3)).abs() < 1e-4);
    assert_eq!(judgement, judged(&all, "a > 1.5"));
}

#[test]
fn what_stays_undecided() {
    let four = samples(&[3.0; 4], &[2.0; 4], None);
    check(&four, &[("a > b", "undecided, 4 replicates finished, at least 5 decide")]);
    check(&four, &[("1 < 2", "holds, compared exactly")]);
    let five = samples(&[3.0; 5], &[2.0; 5], None);
    check(&five, &[("a > b", "holds, the same in all 5 runs, a statement about these")]);
    let failed = Results { failed: vec![Failed::default()], ..five };
    check(&failed, &[("a > b", "undecided, a task failed"), ("ok", "undecided, a task failed")]);
    let hole = samples(&[3.0, 3.0, f64::INFINITY, 3.0, 3.0], &[2.0; 5], None);
    check(&hole, &[("a > b", "undecided, 5 replicates finished, at least 10 decide")]);
    let endless = samples(&[f64::INFINITY; 5], &[0.5; 5], None);
    check(&endless, &[("a > b", "holds, the same in all 5 runs, a statement about these")]);
}

#[test]
fn expectations() {
    let all = samples(&[1.0], &[2.0], None);
    for (text, expect, as_expected) in [
        ("a < b", Expect::Holds, true),
        ("a > b", Expect::Refuted, true),
        ("a > b", Expect::Holds, false),
        ("a / 0 > 1", Expect::Undecided, true),
        ("a / 0 > 1", Expect::Holds, false),
        // Who predicts nothing is not wrong.
        ("a < b", Expect::Undecided, true),
    ] {
        let claim = CheckedClaim { expect, ..claim(text) };
        assert_eq!(judge(&all, &IndexMap::new(), &claim, LEVEL).unwrap().as_expected, as_expected, "{text}");
    }
}

#[test]
fn what_the_checks_would_have_found_is_an_error() {
    let all = samples(&[1.0], &[2.0], None);
    for (text, path, message) in
        [("c > 1", "check", "there is no `c` here"), ("v > 1", "values/v/expr", "there is no `x` here")]
    {
        let values = IndexMap::from([("v".to_owned(), value("scalars", json!({}), "mean(x)"))]);
        let problem = judge(&all, &values, &claim(text), LEVEL).unwrap_err();
        assert_eq!((problem.path.join("/").as_str(), problem.message.as_str()), (path, message));
    }
}

/// Ten of 0 or 1 in every run: the share of Clopper and Pearson. All of ten leave a true share down to 0.025^(1/10) = 0.6915.
#[test]
fn a_number_that_is_0_or_1_is_a_share() {
    let share = "by the 95 % interval of a share of 10 runs (Clopper-Pearson)";
    let all = samples(&[1.0; 10], &[7.0; 10], None);
    for (text, expected) in [
        ("a > 0.69", format!("holds, {share}")),
        ("a > 0.70", format!("undecided, {share}")),
        ("a == 1", format!("undecided, {share}")),
        // The ends turn round: 2 - 2 a runs from 0 to 0.617.
        ("2 - 2 * a < 0.62", format!("holds, {share}")),
        ("2 - 2 * a < 0.61", format!("undecided, {share}")),
        // Seven in each run is no share.
        ("b == 7", "holds, the same in all 10 runs, a statement about these".to_owned()),
        ("a + b > 7.69", format!("holds, {share}")),
    ] {
        check(&all, &[(text, &expected)]);
    }
    // Two shares have half of the error each: 0.0125^(1/10) = 0.6452.
    let two = samples(&[1.0; 10], &[0.0; 10], None);
    let bounds = "by the 95 % bounds of its parts over 10 replicates";
    check(
        &two,
        &[
            ("a - b > 0.2903", &format!("holds, {bounds}")),
            ("a - b > 0.2905", &format!("undecided, {bounds}")),
        ],
    );
}

/// Exact intervals of medians, the jackknife of a quotient, and what has none.
#[test]
fn ten_replicates() {
    let a: Vec<f64> = (1..=10).map(f64::from).collect();
    let b: Vec<f64> = a.iter().map(|x| 100.0 + x * x).collect();
    let all = samples(&a, &b, None);
    // Binomial(10, 1/2): P(B <= 1) = .0107 and P(B <= 2) = .0547, so that the second and the ninth bound the median at 95 %.
    let bounds = "by the 95 % bounds of its parts over 10 replicates";
    let jackknife = "by the 95 % interval over 10 replicates (jackknife t)";
    for (text, expected) in [
        ("middle > 1.99", format!("holds, {bounds}")),
        ("middle > 2", format!("undecided, {bounds}")),
        ("middle < 9.01", format!("holds, {bounds}")),
        ("2 * middle + 1 > 4.9", format!("holds, {bounds}")),
        // A kink: the mean 5.5 ± 2.1658.
        ("abs(a - 3) > 0.3", format!("holds, {bounds}")),
        ("abs(a - 4) > 0.1", format!("undecided, {bounds}")),
        ("b / a > 15", format!("holds, {jackknife}")),
        ("b / a > 25", format!("undecided, {jackknife}")),
    ] {
        check(&all, &[(text, &expected)]);
    }
}

#[test]
fn equalities_between_numbers_that_vary_are_warned_of() {
    let single = results(&[10], 2, false);
    let values = IndexMap::from([
        ("middle".to_owned(), value("scalars", json!({}), "mean(length)")),
        ("most".to_owned(), value("scalars", json!({}), "max(length)")),
    ]);
    let told = |text: &str| single.schema().check_equalities("c", &claim(text), &values).len();
    for (text, warnings) in [
        ("middle == 3", 1),
        ("middle > 3 and not middle != 2 * middle", 1),
        ("length == 3 or length != 4", 2),
        // Extremes are statements about these runs, and truth values are no numbers.
        ("most == 3", 0),
        ("closed == true", 0),
        ("1 == 2", 0),
        ("middle within 1 of 3", 0),
    ] {
        assert_eq!(told(text), warnings, "{text}");
    }
    let warned = &single.schema().check_equalities("c", &claim("middle == 3"), &values)[0];
    assert_eq!((warned.code, warned.diagnostic().severity), ("equality-by-chance", Severity::Warning));
}

/// A check as long as may be is one list of comparisons: none of the walks over it is as deep as it is long.
#[test]
fn a_check_may_have_a_thousand_parts() {
    let results = samples(&[0.5], &[2.0], None);
    for (part, last, verdict, deciding) in [
        ("b > a and ", "a > b", Verdict::Refuted, 1000),
        ("b > a and ", "b > a", Verdict::Holds, 0),
        ("a > b or ", "n == 3", Verdict::Holds, 1000),
    ] {
        let judgement = judged(&results, &(part.repeat(1000) + last));
        assert_eq!((judgement.verdict, judgement.deciding, judgement.parts.len()), (verdict, deciding, 1001));
    }
}

#[test]
fn what_cannot_be_read_is_told_once_and_at_its_place() {
    let table = DerivedTable {
        from: "layers".into(),
        stats: exprs(&[("a", "mean("), ("b", "mean(size)")]),
        columns: Columns::Computed(exprs(&[("c", "b +"), ("d", "2 * a")])),
        ..DerivedTable::default()
    };
    let value = DerivedValue { from: "t".into(), expr: "max(d".into(), ..DerivedValue::default() };
    let claim = |check: &str| Claim { check: check.into(), ..Claim::default() };
    let mut manifest: Manifest = serde_json::from_value(json!({ "title": "x", "analysis": "x" })).unwrap();
    manifest.tables.insert("t".to_owned(), table);
    manifest.values.insert("v".to_owned(), value);
    manifest.claims.extend([("x".to_owned(), claim("v > 1")), ("y".to_owned(), claim("v >"))]);
    let (definitions, found) = Definitions::read(&manifest);
    assert_eq!(
        problems(found),
        [
            "tables/t/stats/a 5..5: the expression ends where a value is expected",
            "tables/t/columns/c 3..3: the expression ends where a value is expected",
            "values/v/expr 5..5: the expression ends where `,` is expected",
            "claims/y/check 3..3: the expression ends where a value is expected",
        ]
    );
    let all = Results { tables: definitions.tables, ..results(&[10], 2, true) };
    assert_eq!(all.schema().check_derived_table("t"), []);
    assert_eq!(all.schema().check_value("v", &definitions.values["v"]), []);
    for claim in definitions.claims.values() {
        assert_eq!(all.schema().check_claim("c", claim, &definitions.values), []);
    }
}
