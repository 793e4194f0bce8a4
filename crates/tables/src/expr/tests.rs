mod errors;

use indexmap::IndexMap;
use num_bigint::BigInt;
use octavo_plugin::value::Named;
use octavo_plugin::{Column, ColumnSchema, Localized, Value};
use proptest::prelude::*;

use super::*;
use crate::relation::Field;

/// Five rows: x = 1..5 as integers, y floats, half-missing m, text, truth, a big integer, infinities.
fn relation() -> Relation {
    let big = |n: u32| BigInt::from(2).pow(n);
    let mut hole = Column::from(vec![1.0, 2.0, 0.0, 4.0, 5.0]);
    hole.exceptions.insert(2, Value::Missing("did not converge".to_owned()));
    let mut wide = Column::from(vec![1.0, 0.0, 3.0, 0.0, 5.0]);
    wide.exceptions.insert(1, Value::Named(Named::Infinity));
    wide.exceptions.insert(3, Value::Named(Named::Infinity));
    let columns: Vec<(&str, Column)> = vec![
        ("x", vec![1_i64, 2, 3, 4, 5].into()),
        ("y", vec![1.0, 3.0, 2.0, 5.0, 4.0].into()),
        ("m", hole),
        ("stage", vec!["pre", "post", "pre", "post", "pre"].into()),
        ("ok", vec![true, true, false, true, true].into()),
        ("big", vec![big(1000), big(1001), big(1002), big(1003), big(1004)].into()),
        ("wide", wide),
        ("network.sigma_w", vec![0.8, 0.8, 2.0, 2.0, 4.0].into()),
        ("peak-height", vec![1_i64, 1, 2, 2, 9].into()),
    ];
    let field = |column: Column| Field {
        schema: ColumnSchema { kind: column.kind(), unit: String::new(), label: Localized::None },
        column,
    };
    Relation {
        fields: columns.into_iter().map(|(name, column)| (name.to_owned(), field(column))).collect(),
        rows: 5,
        shapes: Vec::new(),
    }
}

fn names() -> IndexMap<String, ColumnType> {
    relation().fields.iter().map(|(name, field)| (name.clone(), field.schema.kind)).collect()
}

/// The value of an expression as text: `missing: reason`, integers without a point, floats with one.
fn shown(value: &Value) -> String {
    match value {
        Value::Missing(reason) => format!("missing: {reason}"),
        Value::Float(x) => format!("{x:?}"),
        other => other.to_string(),
    }
}

fn check(text: &str, expected: &str) {
    let expr = Expr::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let kind = expr.check(&names()).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let value = expr.eval_value(&relation()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(shown(&value), expected, "{text}");
    assert!(Column::from_values(kind, &[value]).is_some(), "{text} is not of the type {kind}");
}

fn check_rows(text: &str, expected: &str) {
    let expr = Expr::parse(text).unwrap();
    expr.check(&names()).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let shown: Vec<String> = expr.eval_rows(&relation()).unwrap().iter().map(shown).collect();
    assert_eq!(shown.join(" | "), expected, "{text}");
}

#[test]
fn arithmetic_and_precedence() {
    for (text, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("2 ^ 3 ^ 2", "512"),
        ("-2 ^ 2", "-4"),
        ("2 ^ -1", "0.5"),
        ("2 ^ -1 * 4", "2.0"),
        ("1 - 2 - 3", "-4"),
        ("7 / 2", "3.5"),
        ("8 / 2 / 2", "2.0"),
        ("1e3", "1000.0"),
        ("1.5 + 1", "2.5"),
        ("2 ^ 100", "1267650600228229401496703205376"),
        ("2 ^ 100 - 2 ^ 100 + 1", "1"),
        ("(-1) ^ 100000000000001", "-1"),
        ("2 ^ 5000 / 2 ^ 4999", "2.0"),
        ("1 / 0", "missing: division by zero"),
        ("0 ^ -1", "missing: division by zero"),
        ("1.0 / 0.0", "missing: division by zero"),
        ("1e308 * 10", "missing: the result is beyond the range of floats"),
        ("infinity - infinity", "missing: infinities have no difference"),
        ("infinity * 0", "missing: zero times infinity"),
        ("-infinity", "-infinity"),
        ("1 / infinity", "0.0"),
        ("2 * infinity", "infinity"),
    ] {
        check(text, expected);
    }
}

#[test]
fn comparisons_and_logic() {
    for (text, expected) in [
        ("1 < 2", "true"),
        ("2 ^ 53 + 1 > 9007199254740992.0", "true"),
        ("1 == 1.0", "true"),
        ("1 != 1.5", "true"),
        ("-1 > -1.5", "true"),
        ("infinity > 10 ^ 400", "true"),
        ("'a' == 'a'", "true"),
        ("\"a\" != 'b'", "true"),
        ("true == false", "false"),
        ("not 1 > 2", "true"),
        ("1 < 2 and 2 < 3 or false", "true"),
        ("true or false and false", "true"),
        ("3 within 1 of 4", "true"),
        ("3 within 0.5 of 2 + 2", "false"),
        ("infinity within 1 of infinity", "true"),
        ("1/0 > 1", "missing: division by zero"),
        ("1/0 > 1 and false", "false"),
        ("1/0 > 1 or true", "true"),
        ("1/0 > 1 or false", "missing: division by zero"),
        ("not (1/0 > 1)", "missing: division by zero"),
        ("is_missing(1/0)", "true"),
        ("if(is_missing(1/0), 0, 1)", "0"),
    ] {
        check(text, expected);
    }
}

#[test]
fn functions_of_one_row() {
    for (text, expected) in [
        ("log(1)", "0.0"),
        ("log(0)", "-infinity"),
        ("log(-1)", "missing: the logarithm of a negative number"),
        ("log2(2 ^ 5000)", "5000.0"),
        ("log10(1000)", "3.0"),
        ("round(log10(10 ^ 4000) * 1e6)", "4000000000"),
        ("exp(0)", "1.0"),
        ("exp(1000)", "missing: the result is beyond the range of floats"),
        ("sqrt(16)", "4.0"),
        ("sqrt(-1)", "missing: the square root of a negative number"),
        ("sqrt(4 ^ 600) == 2.0 ^ 600", "true"),
        ("abs(-3)", "3"),
        ("abs(-3.5)", "3.5"),
        ("min(3, 1.5, 2)", "1.5"),
        ("max(3, 1.5, 2)", "3"),
        ("floor(-2.5)", "-3"),
        ("round(2.5)", "3"),
        ("sin(0)", "0.0"),
        ("cos(0)", "1.0"),
        ("tan(0)", "0.0"),
        ("sin(infinity)", "missing: the sine of infinity"),
        ("digits(2 ^ 1000)", "302"),
        ("digits(0)", "1"),
        ("digits(-99)", "2"),
        ("abs(sin(pi)) < 1e-15 and log(e) == 1", "true"),
    ] {
        check(text, expected);
    }
}

#[test]
fn aggregates() {
    for (text, expected) in [
        ("mean(x)", "3.0"),
        ("median(y)", "3.0"),
        ("quantile(x, 1/4)", "2.0"),
        ("quantile(y, 0.95)", "4.8"),
        ("var(x)", "2.5"),
        ("sd(x) == sqrt(2.5)", "true"),
        ("sum(x)", "15"),
        ("sum(y)", "15.0"),
        ("product(x)", "120"),
        ("count()", "5"),
        ("count(stage == 'pre')", "3"),
        ("count(stage == 'none')", "0"),
        ("min(y)", "1.0"),
        ("max(x)", "5"),
        ("first(stage)", "pre"),
        ("last(x)", "5"),
        ("argmax(y, x)", "4"),
        ("argmin(y, stage)", "pre"),
        ("all(ok)", "false"),
        ("any(ok)", "true"),
        ("distinct(stage)", "2"),
        ("distinct(`network.sigma_w`)", "3"),
        ("fit(y ~ x).slope", "0.8"),
        ("round(fit(y ~ x).intercept * 1e9) / 1e9", "0.6"),
        ("round(fit(y ~ x).r2 * 1e9) / 1e9", "0.64"),
        ("fit(log(exp(2 * x)) ~ x).slope within 1e-12 of 2", "true"),
        ("fit(y ~ x).slope_error ^ 2 within 1e-15 of 0.12", "true"),
        ("correlation(x, y) within 1e-15 of 0.8", "true"),
        ("max(mean(x), 2)", "3.0"),
        ("max(x) - min(x)", "4"),
        ("max(max(x), max(y))", "5"),
        ("max(big) == 2 ^ 1004", "true"),
        ("digits(sum(big))", "303"),
        ("mean(big) / 2 ^ 1000", "6.2"),
        ("max(network.sigma_w)", "4.0"),
        ("mean(`peak-height`)", "3.0"),
        ("max(wide)", "infinity"),
        ("mean(wide)", "infinity"),
        ("median(wide)", "5.0"),
        ("sum(-wide)", "-infinity"),
        ("sd(wide)", "missing: the spread of infinite values"),
        ("count(is_missing(m))", "1"),
        ("mean(m)", "missing: 1 of 5 values are missing: did not converge"),
        ("mean(skip_missing(m))", "3.0"),
        ("count(skip_missing(m > 1.5))", "3"),
        ("fit(skip_missing(m) ~ x).slope within 1e-12 of 1", "true"),
        ("fit(m ~ x).slope", "missing: 1 of 5 values are missing: did not converge"),
        ("mean(skip_missing(m / 0))", "missing: there are no rows"),
        // The sum of no rows is the integer 0 whatever the column's type; a column of floats takes it.
        ("sum(skip_missing(x / 0))", "0"),
    ] {
        check(text, expected);
    }
}

#[test]
fn values_per_row() {
    check_rows("x * 2", "2 | 4 | 6 | 8 | 10");
    check_rows("x / max(x)", "0.2 | 0.4 | 0.6 | 0.8 | 1.0");
    check_rows("if(stage == 'pre', x, 0)", "1 | 0 | 3 | 0 | 5");
    check_rows("m + 1", "2.0 | 3.0 | missing: did not converge | 5.0 | 6.0");
    check_rows("count()", "5 | 5 | 5 | 5 | 5");
    check_rows("x > 2 and ok", "false | false | false | true | true");
}

#[test]
fn kinds_and_names() {
    let names = |text: &str| {
        let expr = Expr::parse(text).unwrap();
        let names: Vec<String> = expr.names().into_iter().map(|(name, _)| name).collect();
        (expr.kind(), names.join(" "))
    };
    assert_eq!(names("mean(y) + 1"), (Cardinality::One, "y".to_owned()));
    assert_eq!(names("x + mean(y) * `a-b`"), (Cardinality::PerRow, "x y a-b".to_owned()));
    assert_eq!(names("fit(log(b.c) ~ a).slope"), (Cardinality::One, "b.c a".to_owned()));
    assert_eq!(names("pi + e"), (Cardinality::One, String::new()));
    assert_eq!(names("`pi` > 3"), (Cardinality::PerRow, "pi".to_owned()));
    assert_eq!((quoted("a.b_c"), quoted("a-b"), quoted("e")), ("a.b_c".into(), "`a-b`".into(), "`e`".into()));
    let outside = Expr::parse("mean(x) + y").unwrap().eval_value(&relation()).unwrap_err();
    assert_eq!(outside.message, "`y` has a value per row, and one value is wanted");
}

#[test]
fn a_flat_chain_is_not_nested() {
    let text = |first: &str, next: &str, count: usize| first.to_owned() + &next.repeat(count);
    for (text, expected) in [
        (text("1", "+1", 64), "65"),
        (text("1", "+1", 9000), "9001"),
        (text("0", "-1+2*3", 3000), "15000"),
        (text("1", "*2/2", 4000), "1.0"),
        (text("true", " and true", 2000), "true"),
        (text("false", " or 1 < 2", 2000), "true"),
        (text("1 + 1 == 2", " and 2 - 1 - 1 == 0", 900), "true"),
        (text("-1", "-1", 5000), "-5001"),
    ] {
        check(&text, expected);
    }
    let names = IndexMap::from([("x".to_owned(), ColumnType::Bool)]);
    let wrong = Expr::parse(&text("x", " + 1", 4000)).unwrap().check(&names).unwrap_err();
    assert_eq!((wrong.len(), wrong[0].span.clone()), (1, 0..1));
}

#[test]
fn a_chain_is_grouped_from_the_left_and_parentheses_stay() {
    for (text, expected) in [
        ("10 - 4 - 3", "3"),
        ("10 - (4 - 3)", "9"),
        ("(10 - 4) - 3", "3"),
        ("2 / 4 / 2 * 8", "2.0"),
        ("2 / (4 / 2 * 8)", "0.125"),
        ("2 ^ 3 ^ 2", "512"),
        ("(2 ^ 3) ^ 2", "64"),
        ("1 < 2 and (false or true) and 3 > 2", "true"),
        ("false and true or true", "true"),
    ] {
        check(text, expected);
    }
    let error = Expr::parse("1 + 2 + 'a' + 3").unwrap().eval_value(&relation()).unwrap_err();
    assert_eq!(error.span, 0..11, "the chain up to what is no number");
}

#[test]
fn length_nesting_and_size_are_bounded() {
    let deep = |n: usize| format!("{}1{}", "(".repeat(n), ")".repeat(n));
    assert!(Expr::parse(&deep(MAX_NESTING - 1)).is_ok());
    let nested = [
        deep(MAX_NESTING),
        deep(9000),
        "-".repeat(19_000) + "1",
        "not ".repeat(4000) + "true",
        "2^".repeat(9000) + "1",
        "abs(".repeat(4000) + "1",
        "(1+".repeat(4000) + "1",
        "if(true, 1, ".repeat(900) + "1",
    ];
    for text in nested {
        let error = Expr::parse(&text).unwrap_err();
        assert_eq!(error.message, format!("the expression is nested more than {MAX_NESTING} deep"));
        assert!(error.span.start > 0 && error.span.len() < 12, "{:?} of {} bytes", error.span, text.len());
    }
    assert!(Expr::parse(&" ".repeat(MAX_LENGTH)).unwrap_err().message.contains("ends"));
    assert!(Expr::parse(&" ".repeat(MAX_LENGTH + 1)).unwrap_err().message.contains("at most 20000 are read"));
    for text in ["2 ^ 2 ^ 40", "10 ^ 1000000", "(2 ^ 1000000) * (2 ^ 1000000)", "2 ^ 10 ^ 100"] {
        let error = Expr::parse(text).unwrap().eval_value(&relation()).unwrap_err();
        assert_eq!(error.message, "the integer result would have more than 1048576 bits", "{text}");
    }
}

#[test]
fn the_documentation_names_every_function() {
    let text = include_str!("../../../../docs/expressions.md");
    for signature in FUNCTIONS.iter().chain(&AGGREGATES) {
        let usage = signature.usage.split(" or ").next().unwrap();
        assert!(text.contains(&format!("| `{usage}")), "{usage} is not in docs/expressions.md");
    }
    for part in FitPart::ALL {
        assert!(text.contains(&format!("`.{}`", part.0)), "{} is not in docs/expressions.md", part.0);
    }
}

#[test]
fn the_examples_of_the_documentation_are_true() {
    let text = include_str!("../../../../docs/expressions.md");
    let examples: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split_once("# gives "))
        .map(|(expression, value)| (expression.trim(), value.trim()))
        .collect();
    assert!(examples.len() >= 10, "the documentation shows examples");
    examples.into_iter().for_each(|(expression, value)| check(expression, value));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        let _ = Expr::parse(&text);
    }

    #[test]
    fn no_chain_of_tokens_makes_parser_checker_or_evaluation_panic(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "x", "y", "m", "stage", "ok", "wide", "big", "1", "0", "2.5", "'a'", "true", "infinity", "(", ")", ",", "~", "+", "-",
            "*", "/", "^", "<", "==", "and", "or", "not", "within", "of", "mean(", "fit(", ").slope", "max(", "min(", "if(",
            "quantile(", "skip_missing(", "log(", "digits(", "count(", "first(", "argmax(", "round(",
        ]), 1..14)
    ) {
        if let Ok(expr) = Expr::parse(&tokens.join(" "))
            && let Ok(kind) = expr.check(&names())
            && let Ok(values) = expr.eval_rows(&relation())
        {
            let fits = Column::from_values(kind, &values).is_some();
            let power = expr.text().contains('^');
            prop_assert!(fits || power, "{} is not of type {kind}: {values:?}", expr.text());
        }
    }

    #[test]
    fn integer_arithmetic_is_exact(a in any::<i128>(), b in any::<i128>(), n in 0_u32..40) {
        let value = |text: String| Expr::parse(&text).unwrap().eval_with(&|_| None).unwrap();
        let (big_a, big_b) = (BigInt::from(a), BigInt::from(b));
        prop_assert_eq!(value(format!("({a}) + ({b})")), Value::Integer(&big_a + &big_b));
        prop_assert_eq!(value(format!("({a}) - ({b})")), Value::Integer(&big_a - &big_b));
        prop_assert_eq!(value(format!("({a}) * ({b})")), Value::Integer(&big_a * &big_b));
        prop_assert_eq!(value(format!("({a}) ^ {n}")), Value::Integer(big_a.pow(n)));
        prop_assert_eq!(value(format!("({a}) < ({b})")), Value::Bool(a < b));
    }

    #[test]
    fn mixed_comparison_is_exact(a in any::<i64>(), shift in -3_i64..=3) {
        #[expect(clippy::cast_precision_loss, reason = "the rounded float is what is compared")]
        let float = a as f64;
        let near = BigInt::from(a) + shift;
        let exact: BigInt = num_traits::FromPrimitive::from_f64(float).unwrap();
        prop_assert_eq!(compare(&Value::Integer(near.clone()), &Value::Float(float)), Some(near.cmp(&exact)));
    }

    #[test]
    fn quotients_of_large_integers_are_rounded_once(a in any::<i64>(), b in 1..i64::MAX, n in 0_u32..3000) {
        // Scaling both by one power of two changes nothing; the reference divides in 128 bits after scaling up by 2^53.
        let value = |text: String| Expr::parse(&text).unwrap().eval_with(&|_| None).unwrap();
        let plain = value(format!("({a}) / {b}")).as_f64().unwrap();
        prop_assert_eq!(value(format!("(({a}) * 2^{n}) / ({b} * 2^{n})")).as_f64().unwrap().to_bits(), plain.to_bits());
        #[expect(clippy::cast_precision_loss, reason = "a reference of one unit in the last place")]
        let reference = a as f64 / b as f64;
        prop_assert!((plain - reference).abs() <= 4e-16 * reference.abs());
    }
}
