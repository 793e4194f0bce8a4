//! Errors of expressions: where they are, what they say, and the next step.

use super::*;

const KNOWN: &str =
    "known names: `x`, `y`, `m`, `stage`, `ok`, `big`, `wide`, `network.sigma_w`, `peak-height`";

/// What the parser refuses: the text, the part that is marked, the message and the help.
const GRAMMAR: &[[&str; 4]] = &[
    ["", "", "the expression ends where a value is expected", ""],
    ["1 +", "", "the expression ends where a value is expected", ""],
    ["1 2", "2", "the number 2 stands where an operator or the end is expected", ""],
    ["(1", "", "the expression ends where `)` is expected", ""],
    ["x = 1", "=", "`=` is no operator", "`==` compares"],
    ["x ** 2", "**", "`**` is no operator", "`^` is the power"],
    ["ok && ok", "&&", "`&&` is no operator", "write `and`"],
    ["!ok", "!", "`!` is no operator", "write `not`, or `!=` for different"],
    ["x % 2", "%", "the character `%` has no meaning here", ""],
    [
        "2x",
        "2x",
        "a letter follows the number `2`",
        "write `*` between factors, and names that begin with a digit in backticks",
    ],
    [".5", ".", "`.` stands where a value is expected", "write a digit before the point, such as `0.5`"],
    ["1e999", "1e999", "`1e999` is beyond the range of floats", ""],
    ["'a", "'a", "a closing ' is missing", ""],
    ["``", "``", "a name in backticks is not empty", ""],
    ["1 < x < 2", "<", "comparisons are not chained", "write `a < b and b < c`"],
    ["x within 1", "", "the expression ends where `of` is expected", "write `a within tolerance of b`"],
    ["mean(x", "", "the expression ends where `,` is expected", ""],
    ["meen(x)", "meen", "there is no function `meen`", "did you mean `mean`?"],
    ["ln(x)", "ln", "there is no function `ln`", "`log` is the natural logarithm"],
    ["log(x, y)", "log(x, y)", "`log` does not take 2 arguments", "write `log(x)`"],
    ["min()", "min()", "`min` does not take 0 arguments", "write `min(x, y, ...)` or `min(x)`"],
];

/// What cannot be meant.
const MEANING: &[[&str; 4]] = &[
    [
        "mean(sum(x))",
        "sum(x)",
        "an aggregate stands inside the aggregate `mean`",
        "compute the inner one as a column of a derived table",
    ],
    [
        "max(1 + mean(x))",
        "mean(x)",
        "an aggregate stands inside the aggregate `max`",
        "compute the inner one as a column of a derived table",
    ],
    [
        "fit(y ~ x)",
        "fit(y ~ x)",
        "a fit gives several numbers",
        "write `.slope`, `.intercept`, `.slope_error` or `.r2` after it",
    ],
    [
        "fit(y ~ x).slop",
        "slop",
        "a fit has no `slop`",
        "write `.slope`, `.intercept`, `.slope_error` or `.r2` after it",
    ],
    ["fit(y, x).slope", ",", "`,` stands where `~` is expected", "write `fit(y ~ x).slope`"],
    [
        "skip_missing(x)",
        "skip_missing",
        "`skip_missing` stands directly in an aggregate and nowhere else",
        "write for example `mean(skip_missing(x))`",
    ],
    [
        "max(skip_missing(x), 1)",
        "x",
        "`max` with several arguments skips nothing",
        "`skip_missing` stands directly in an aggregate, such as `mean(skip_missing(x))`",
    ],
    ["mean(stge)", "stge", "there is no `stge` here", "did you mean `stage`?"],
    ["mean(zzzzzz)", "zzzzzz", "there is no `zzzzzz` here", KNOWN],
    [
        "peak-height > 1",
        "peak",
        "there is no `peak` here",
        "a name with `-` is written in backticks: `` `peak-height` ``",
    ],
    ["stage + 1", "stage", "this is of type text, a number is wanted", ""],
    [
        "sum(ok)",
        "ok",
        "this is of type bool, a number is wanted",
        "`count(condition)` counts the rows where it is true",
    ],
    [
        "x and ok",
        "x",
        "this is of type integer, true or false is wanted",
        "compare it with something, such as `x > 0`",
    ],
    ["stage == 1", "stage == 1", "text and integer are never equal", ""],
    ["stage < 'b'", "stage < 'b'", "text and text have no order", ""],
    ["if(ok, 1, 'a')", "if(ok, 1, 'a')", "the two cases are of types integer and text", ""],
    [
        "digits(y)",
        "y",
        "`digits` counts the digits of an integer, this is a float",
        "`floor` and `round` give integers",
    ],
    [
        "quantile(y, 2)",
        "2",
        "the second argument of `quantile` is a constant from 0 to 1",
        "write for example `quantile(x, 0.95)`",
    ],
    [
        "quantile(y, x)",
        "x",
        "the second argument of `quantile` is a constant from 0 to 1",
        "write for example `quantile(x, 0.95)`",
    ],
];

/// The first error, from parser or checker, with the marked text.
fn check_error(text: &str, marked: &str, message: &str, help: &str) {
    let error = match Expr::parse(text) {
        Err(error) => error,
        Ok(expr) => expr.check(&names()).expect_err(text).remove(0),
    };
    assert_eq!(error.message, message, "{text}");
    assert_eq!(&text[error.span.clone()], marked, "{text}");
    assert_eq!(error.help.as_deref().unwrap_or(""), help, "{text}");
}

#[test]
fn errors_mark_the_place_and_name_the_next_step() {
    for [text, marked, message, help] in GRAMMAR.iter().chain(MEANING) {
        check_error(text, marked, message, help);
    }
    let several = Expr::parse("mean(a) + mean(b) + stage").unwrap().check(&names()).unwrap_err();
    assert_eq!(several.len(), 3);
}
