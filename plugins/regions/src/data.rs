//! Tables of numbers from files: comma-separated, a row of names first.

use octavo_plugin::interchange::{MOST_COLUMNS, Rows};
use octavo_plugin::{Failure, Reading};

/// Names and rows; all rows have one number a name.
#[derive(Debug, PartialEq)]
pub(crate) struct Data {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Rows,
}

/// Reads a file.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) that names the line; as [`Reading::count`].
pub(crate) fn read<'a>(input: impl Into<Reading<'a>>) -> Result<Data, Failure> {
    let input = input.into();
    let bad = |message: String| {
        Failure::user(format!("`{}`: {message}", input.name))
            .help("data are numbers separated by commas, after a first line with a name for each column")
    };
    let mut lines = input.text()?.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let Some((head, _)) = lines.next() else { return Err(bad("the file is empty".to_owned())) };
    let cells = head.trim_start_matches('\u{feff}').split(',').take(MOST_COLUMNS + 1);
    let names: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
    if names.len() > MOST_COLUMNS {
        return Err(bad(format!("there are more than {MOST_COLUMNS} columns")));
    }
    if head.contains(';') && !head.contains(',') {
        return Err(bad("cells are separated by semicolons, not by commas".to_owned()));
    }
    if names.iter().all(|name| name.parse::<f64>().is_ok()) {
        return Err(bad("the first line holds numbers where names are needed".to_owned()));
    }
    let mut rows = Rows::default();
    for (line, number) in lines {
        let before = rows.numbers();
        for cell in line.split(',') {
            let value = cell.trim().parse().ok().filter(|x: &f64| x.is_finite());
            rows.push(value.ok_or_else(|| bad(format!("line {number} holds something that is no number")))?);
            input.count(rows.numbers())?;
        }
        rows.end_row();
        let cells = rows.numbers() - before;
        if cells != names.len() as u64 {
            let message = format!("line {number} has {cells} cells, and there are {} names", names.len());
            return Err(bad(message));
        }
    }
    if rows.is_empty() {
        Err(bad("there is no row after the names".to_owned()))
    } else {
        Ok(Data { names, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::InputData;
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
            ("a,b\n1\n", "line 2 has 1 cells"),
            ("a,b\n1,2\n1,x\n", "line 3 holds something that is no number"),
            ("a\nNaN\n", "line 2 holds"),
            ("1,2.5\n3,4\n", "the first line holds numbers where names are needed"),
            ("a;b\n1,5;2\n", "separated by semicolons"),
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
