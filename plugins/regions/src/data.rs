//! Tables of numbers from files: comma-separated, a row of names first.

use octavo_plugin::{Failure, InputData};

/// Names and rows; all rows have one number a name.
#[derive(Debug, PartialEq)]
pub(crate) struct Data {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Vec<f64>>,
}

/// Reads a file.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) that names the line.
pub(crate) fn read(input: &InputData) -> Result<Data, Failure> {
    let bad = |message: String| {
        Failure::user(format!("`{}`: {message}", input.name))
            .help("data are numbers separated by commas, after a first line with a name for each column")
    };
    let mut lines = input.text()?.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let Some((head, _)) = lines.next() else { return Err(bad("the file is empty".to_owned())) };
    let cells = |line: &str| -> Vec<String> { line.split(',').map(|cell| cell.trim().to_owned()).collect() };
    let names = cells(head.trim_start_matches('\u{feff}'));
    if head.contains(';') && !head.contains(',') {
        return Err(bad("cells are separated by semicolons, not by commas".to_owned()));
    }
    if names.iter().all(|name| name.parse::<f64>().is_ok()) {
        return Err(bad("the first line holds numbers where names are needed".to_owned()));
    }
    let mut rows = Vec::new();
    for (line, number) in lines {
        let row = cells(line)
            .iter()
            .map(|cell| cell.parse().ok().filter(|x: &f64| x.is_finite()))
            .collect::<Option<Vec<f64>>>()
            .ok_or_else(|| bad(format!("line {number} holds something that is no number")))?;
        if row.len() != names.len() {
            return Err(bad(format!(
                "line {number} has {} cells, and there are {} names",
                row.len(),
                names.len()
            )));
        }
        rows.push(row);
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
    use octavo_plugin::input::InputContent;

    fn parse(text: &str) -> Result<Data, Failure> {
        let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
        read(&InputData { name: "data.csv".into(), content })
    }

    #[test]
    fn rows_are_read() {
        let data = parse("a, b\n1,2.5\n\n-3e2,0\n").unwrap();
        assert_eq!(data.names, ["a", "b"]);
        assert_eq!(data.rows, [[1.0, 2.5], [-300.0, 0.0]]);
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
}
