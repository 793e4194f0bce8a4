//! Tables of numbers from files: comma-separated, a row of names first.

use octavo_plugin::interchange::{Head, Numbers, Rows, numbers};
use octavo_plugin::{Failure, Reading};

/// Names and rows; all rows have one number a name.
#[derive(Debug, PartialEq)]
pub(crate) struct Data {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Rows,
}

const HELP: &str = "data are numbers separated by commas, after a first line with a name for each column";

/// Reads a file.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) that names the row and column; as [`Reading::count`].
pub(crate) fn read<'a>(input: impl Into<Reading<'a>>) -> Result<Data, Failure> {
    let input = input.into();
    let bad = |message: &str| Err(Failure::user(format!("`{}`: {message}", input.name)).help(HELP));
    let Numbers { names, rows } =
        numbers(input, Head::Names).map_err(|failure| failure.help_if_none(HELP))?;
    if names.iter().all(|name| name.parse::<f64>().is_ok()) {
        return bad("the first line holds numbers where names are needed");
    }
    if rows.is_empty() { bad("there is no row after the names") } else { Ok(Data { names, rows }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::InputData;
    use octavo_plugin::delimited::MOST_COLUMNS;
    use octavo_plugin::input::InputContent;

    fn parse(text: &str) -> Result<Data, Failure> {
        let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
        read(&InputData { name: "data.csv".into(), content })
    }

    #[test]
    fn rows_are_read() {
        let data = parse("a, b\n1,2.5\n\n-3e2,0\n").unwrap();
        assert_eq!(data.names, ["a", "b"]);
        assert_eq!(data.rows, Rows::of_width(vec![1.0, 2.5, -300.0, 0.0], 2));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, message) in [
            ("", "the file is empty"),
            ("a,b\n", "no row after the names"),
            ("a,b\n1\n", "row 1 (line 2), column `b`: the row ends after 1 of 2 cells"),
            ("a,b\n1,2\n1,x\n", "row 2 (line 3), column `b`: `x` is no finite number"),
            ("a\nNaN\n", "row 1 (line 2), column `a`: `NaN` is no finite number"),
            ("1,2.5\n3,4\n", "the first line holds numbers where names are needed"),
            ("a;b\n1,5;2\n", "cells seem to be separated by `;`"),
        ] {
            let failure = parse(text).unwrap_err();
            assert!(failure.message.contains(message), "{}", failure.message);
        }
    }

    #[test]
    fn limits_hold_and_a_wide_head_is_refused() {
        use octavo_plugin::{CancelToken, InputLimits};
        let content = InputContent::File { extension: "csv".into(), bytes: b"a,b\n1,2\n3,4\n".to_vec() };
        let (data, cancel) = (InputData { name: "data.csv".into(), content }, CancelToken::new());
        let limits = |numbers: u64| InputLimits { numbers, ..InputLimits::default() };
        assert!(read(Reading::new(&data, limits(4), &cancel)).is_ok());
        let failure = read(Reading::new(&data, limits(3), &cancel)).unwrap_err();
        assert_eq!(failure.message, "`data.csv` holds more than 3 numbers, and at most 3 numbers are read");
        let wide = parse(&"a,".repeat(MOST_COLUMNS)).unwrap_err();
        assert!(wide.message.contains("more than 65536 columns"), "{}", wide.message);
    }
}
