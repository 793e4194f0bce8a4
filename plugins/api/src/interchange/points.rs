//! Weighted points in any dimension.
//!
//! File forms: CSV with columns `x1`, `x2`, ... (or `x`, `y`, `z`; or `re`, `im`) and optionally `weight`; JSON, either
//! `[[1, 2], ...]` or `{"points": [[1, 2], ...], "weights": [...]}`. A table among the results of another experiment is
//! read like a CSV.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::rows::{AllRows, Rows};
use crate::artifact::{Artifact, Column, Table};
use crate::delimited::{Number, Reader, Wrong, number};
use crate::input::InputContent;
use crate::{ColumnType, Failure, Reading};

/// Points with non-negative weights; the weights are as given, not divided by their sum.
#[derive(Clone, Debug, PartialEq)]
pub struct PointSet {
    /// Number of coordinates of a point.
    pub dimension: usize,
    /// points × dimension, row-major.
    pub coordinates: Vec<f64>,
    /// One per point; 1 if none are given.
    pub weights: Vec<f64>,
}

impl PointSet {
    /// Number of points.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The coordinates of a point.
    pub fn point(&self, index: usize) -> &[f64] {
        &self.coordinates[index * self.dimension..(index + 1) * self.dimension]
    }

    /// Reads a CSV or JSON file or a table of results. Columns without a single value are left out.
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) that names the row and column; as [`Reading::admit`] and
    /// [`Reading::go_on`].
    pub fn from_input<'a>(input: impl Into<Reading<'a>>) -> Result<Self, Failure> {
        let input = input.into();
        if matches!(&input.content, InputContent::File { extension, .. } if extension == "json") {
            return json_points(input);
        }
        let columns = columns(input, is_of_points)?;
        Self::from_columns(&columns).map_err(|message| bad(input, &message))
    }

    fn from_columns(columns: &[Named]) -> Result<Self, String> {
        let find = |name: &str| columns.iter().position(|column| column.name == name);
        let numbered: Vec<usize> = (1..).map_while(|i| find(&format!("x{i}"))).collect();
        let axes = if numbered.is_empty() {
            let named = |names: &[&str]| names.iter().map_while(|name| find(name)).collect::<Vec<_>>();
            if find("x").is_some() { named(&["x", "y", "z"]) } else { named(&["re", "im"]) }
        } else {
            numbered
        };
        if axes.is_empty() {
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            return Err(format!("there is no column `x1` or `x`; the columns are `{}`", names.join("`, `")));
        }
        let count = columns[axes[0]].values.len();
        let weight = find("weight");
        let coordinates = (0..count)
            .flat_map(|row| axes.iter().map(move |axis| (row, *axis)))
            .map(|(row, axis)| columns[axis].values[row])
            .collect();
        let weights = weight.map_or_else(|| vec![1.0; count], |column| columns[column].values.clone());
        Self { dimension: axes.len(), coordinates, weights }.checked()
    }

    fn checked(self) -> Result<Self, String> {
        if self.weights.is_empty() {
            return Err("there is no point".to_owned());
        }
        if let Some(row) = self.weights.iter().position(|weight| *weight < 0.0) {
            return Err(format!("the weight of point {} is negative", row + 1));
        }
        if self.weights.iter().all(|weight| *weight == 0.0) {
            return Err("all weights are 0".to_owned());
        }
        Ok(self)
    }
}

fn bad(input: Reading<'_>, message: &str) -> Failure {
    Failure::user(format!("`{}`: {message}", input.name)).help(HELP)
}

const HELP: &str = "points are a CSV file with columns `x1`, `x2`, ... and optionally `weight`, or JSON such as `[[1, 2], [3, 4]]`";

/// The JSON forms: a list of points, or an object with `points` and `weights`.
struct PointsFile {
    points: Rows,
    weights: Option<Vec<f64>>,
}

impl<'de> Deserialize<'de> for PointsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }
}

struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = PointsFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of points, or `points` and `weights`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<PointsFile, A::Error> {
        Ok(PointsFile { points: AllRows.visit_seq(list)?, weights: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PointsFile, A::Error> {
        let (mut points, mut weights) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "points" | "weights"
                    if points.is_some() && key == "points" || weights.is_some() && key == "weights" =>
                {
                    return Err(<A::Error as serde::de::Error>::custom(format_args!(
                        "`{key}` is there twice"
                    )));
                }
                "points" => points = Some(map.next_value()?),
                "weights" => weights = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let missing = |field| <A::Error as serde::de::Error>::missing_field(field);
        Ok(PointsFile {
            points: points.ok_or_else(|| missing("points"))?,
            weights: Some(weights.ok_or_else(|| missing("weights"))?),
        })
    }
}

fn json_points(input: Reading<'_>) -> Result<PointSet, Failure> {
    let PointsFile { points, weights } =
        input.json()?.map_err(|error| bad(input, &format!("this JSON is no list of points: {error}")))?;
    let dimension = points
        .width()
        .filter(|width| *width > 0)
        .ok_or_else(|| bad(input, "every point needs the same number of coordinates, at least one"))?;
    let weights = weights.unwrap_or_else(|| vec![1.0; points.len()]);
    if weights.len() != points.len() {
        return Err(bad(input, "there are not as many weights as points"));
    }
    let set = PointSet { dimension, coordinates: points.into_values(), weights };
    set.checked().map_err(|message| bad(input, &message))
}

/// A column that holds a number in every row.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its name in the file or table.
    pub name: String,
    /// Its values, row by row; all are finite.
    pub values: Vec<f64>,
}

/// The columns of a CSV file with names in its first line, or of a table among results, that hold anything. Columns of text in a
/// table are left out.
///
/// # Errors
/// [`FailureKind::User`](crate::FailureKind::User) that names the row and column; as [`Reading::admit`] and
/// [`Reading::go_on`].
pub fn named_columns<'a>(input: impl Into<Reading<'a>>) -> Result<Vec<Named>, Failure> {
    columns(input.into(), |_| true)
}

fn columns(input: Reading<'_>, kept: fn(&str) -> bool) -> Result<Vec<Named>, Failure> {
    match &input.content {
        InputContent::File { .. } => csv_columns(input, kept),
        InputContent::Artifact(Artifact::Table(table)) => table_columns(input, table),
        InputContent::Artifact(_) => Err(bad(input, "this result is no table")),
    }
}

/// Whether a column may hold coordinates or weights of points.
fn is_of_points(name: &str) -> bool {
    let numbered = name.strip_prefix('x').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    numbered || matches!(name, "y" | "z" | "re" | "im" | "weight")
}

/// A column while its rows are read.
struct Growing {
    name: String,
    values: Vec<f64>,
    /// Whether its values are asked for; other columns are looked at and forgotten.
    kept: bool,
    /// The first row without a number, and the first with one, from 1.
    empty: Option<u64>,
    filled: Option<u64>,
}

impl Growing {
    fn new(name: &str, kept: bool) -> Self {
        Self { name: name.to_owned(), values: Vec::new(), kept, empty: None, filled: None }
    }

    /// Adds a cell; `false` if it holds something else than a number.
    fn add(&mut self, cell: Option<Number>, row: u64) -> bool {
        match cell {
            Some(Number::Missing) => {
                self.empty.get_or_insert(row);
                self.filled.is_none()
            }
            Some(Number::Finite(value)) => {
                self.filled.get_or_insert(row);
                if self.kept && self.empty.is_none() {
                    self.values.push(value);
                }
                true
            }
            Some(Number::Infinite { .. }) | None => false,
        }
    }
}

fn csv_columns(input: Reading<'_>, kept: fn(&str) -> bool) -> Result<Vec<Named>, Failure> {
    let (text, form, file) = (input.delimited()?, input.form(), input.name.as_str());
    let wrong = |wrong: Wrong| wrong.failure(file).help_if_none(HELP);
    let mut reader = Reader::with_header(&text, form, true, file).map_err(wrong)?;
    let mut columns: Vec<Growing> =
        reader.names().iter().map(|name| Growing::new(name, kept(name))).collect();
    let (mut row, mut count) = (0, columns.len() as u64);
    input.count(count)?;
    while let Some(cell) = reader.cell().map_err(wrong)? {
        count += 1;
        input.count(count)?;
        row = cell.place.row - 1;
        if !columns[cell.place.column].add(number(&cell.text, form), row) {
            return Err(wrong(reader.no_number(&cell, "finite number", (form, file))));
        }
    }
    let gap = |column: &Growing| {
        let row = column.filled.and(column.empty)?;
        Some(bad(input, &format!("row {row}, column `{}` has no value, and others have", column.name)))
    };
    if let Some(problem) = columns.iter().find_map(gap) {
        return Err(problem);
    }
    let filled = columns.into_iter().filter(|column| row == 0 || column.filled.is_some());
    Ok(filled.map(|column| Named { name: column.name, values: column.values }).collect())
}

fn table_columns(input: Reading<'_>, table: &Table) -> Result<Vec<Named>, Failure> {
    let rows = table.rows();
    // Columns of text may stand beside coordinates; and a column may hold nothing, such as a third coordinate in the plane.
    let filled = |column: &Column| {
        column.kind() != ColumnType::Text && (rows == 0 || (0..rows).any(|row| column.number(row).is_some()))
    };
    let column = |(name, column): (&String, &Column)| {
        input.go_on()?;
        let cell = |row: usize| {
            column.number(row).filter(|x| x.is_finite()).ok_or_else(|| {
                bad(input, &format!("row {}, column `{name}` holds no finite number", row + 1))
            })
        };
        let values = (0..rows).map(cell).collect::<Result<_, Failure>>()?;
        Ok(Named { name: name.clone(), values })
    };
    table.columns.iter().filter(|(_, column)| filled(column)).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InputData;
    use crate::delimited::MOST_COLUMNS;

    fn read(text: &str) -> Result<PointSet, Failure> {
        let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
        PointSet::from_input(&InputData { name: "a.csv".into(), content })
    }

    #[test]
    fn columns_may_stand_in_any_order() {
        let points = read("weight,x2,x1\n0.5,2,1\n1.5,4,3\n").unwrap();
        assert_eq!(
            (points.dimension, points.coordinates, points.weights),
            (2, vec![1.0, 2.0, 3.0, 4.0], vec![0.5, 1.5])
        );
        assert_eq!(read("x,y\n1,2\n").unwrap().weights, [1.0]);
        assert_eq!(read("count,im,re\n7,2,1\n").unwrap().coordinates, [1.0, 2.0]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let cases = [
            ("a,b\n1,2\n", "there is no column `x1`"),
            ("x1\n1\nNaN\n", "row 2 (line 3), column `x1`: `NaN`"),
            ("x1,weight\n1,-1\n", "the weight of point 1 is negative"),
            ("x1,weight\n1,0\n", "all weights are 0"),
            ("x1\n", "there is no point"),
            ("x1,x2\n1\n", "row 1 (line 2), column `x2`: the row ends after 1 of 2 cells"),
            ("x1\n1\n1,2\n", "row 2 (line 3), column 2: `2` stands beyond the last of 1 columns"),
            ("x1,x2\n,1\n1,2\n", "row 1, column `x1` has no value, and others have"),
            ("x1,x2\n1,1\n,2\n", "row 2 (line 3), column `x1`: ``"),
        ];
        for (text, expected) in cases {
            let message = read(text).unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn how_a_file_is_written_is_said_beside_its_name() {
        use crate::delimited::{Decimal, Separator, TextForm};
        let form = TextForm {
            separator: Some(Separator::Semicolon),
            decimal: Some(Decimal::Comma),
            missing: vec!["NA".to_owned()],
            ..TextForm::default()
        };
        let read = |text: &str| {
            let content = InputContent::File { extension: "csv".into(), bytes: text.as_bytes().to_vec() };
            let data = InputData { name: "a.csv".into(), content };
            PointSet::from_input(Reading::from(&data).written(&form))
        };
        assert_eq!(read("x;y\n1,5;-2\n").unwrap().coordinates, [1.5, -2.0]);
        assert_eq!(read("x;y;z\n1;2;NA\n3;4;NA\n").unwrap().dimension, 2);
        let failure = read("x;y\n1;2\n3;NA\n").unwrap_err();
        assert_eq!(failure.message, "`a.csv`, row 2 (line 3), column `y`: `NA` is no finite number");
        assert_eq!(failure.help.unwrap(), "a number is needed in every row: leave out those without one");
    }

    #[test]
    fn json_is_points_with_or_without_weights() {
        let read = |text: &str| {
            let content = InputContent::File { extension: "json".into(), bytes: text.as_bytes().to_vec() };
            PointSet::from_input(&InputData { name: "a.json".into(), content })
        };
        let found = read("[[1, 2], [3, 4]]").unwrap();
        assert_eq!(
            (found.dimension, found.coordinates, found.weights),
            (2, vec![1.0, 2.0, 3.0, 4.0], vec![1.0; 2])
        );
        assert_eq!(read(r#"{"points": [[1], [2]], "weights": [0, 3]}"#).unwrap().weights, [0.0, 3.0]);
        for (text, expected) in [
            ("[[1], [1, 2]]", "the same number of coordinates"),
            (r#"{"points": [[1]], "weights": []}"#, "not as many weights as points"),
            ("{}", "no list of points"),
            (r#"{"points": [[1]], "weights": [1], "points": [[2]]}"#, "`points` is there twice"),
            (r#"{"points": [[1]], "weights": [-1]}"#, "negative"),
        ] {
            let message = read(text).unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_column_without_values_is_no_coordinate() {
        let missing = crate::Value::Missing("the points have dimension 2".into());
        let empty = Column::from_values(ColumnType::Float, &[missing.clone(), missing]).unwrap();
        let table = Table::new()
            .with("x1", vec![1.0, 2.0])
            .with("x2", vec![3.0, 4.0])
            .with("x3", empty)
            .with("weight", vec![0.5, 0.5]);
        let content = InputContent::Artifact(Artifact::Table(table));
        let found = PointSet::from_input(&InputData { name: "source".into(), content }).unwrap();
        assert_eq!((found.dimension, found.coordinates), (2, vec![1.0, 3.0, 2.0, 4.0]));
        assert_eq!(read("x1,x2,weight\n1,,1\n2,,1\n").unwrap().dimension, 1);
    }

    #[test]
    fn limits_and_time_hold_in_every_form() {
        use crate::{CancelToken, InputLimits, StopReason};
        for (extension, text) in [
            ("csv", "x,y\n1,2\n3,4\n"),
            ("csv", "x1\n1\n2\n3\n4\n5\n"),
            ("json", "[[1, 2], [3, 4], [5, 6]]"),
            ("json", "{\"points\": [[1], [2], [3]], \"weights\": [1, 1, 1]}"),
        ] {
            let content = InputContent::File { extension: extension.into(), bytes: text.as_bytes().to_vec() };
            let data = InputData { name: "a".into(), content };
            let read = |numbers: u64, cancel: &CancelToken| {
                let limits = InputLimits { numbers, ..InputLimits::default() };
                PointSet::from_input(Reading::new(&data, limits, cancel))
            };
            let cancel = CancelToken::new();
            assert!(read(6, &cancel).is_ok(), "{text}");
            let failure = read(5, &cancel).unwrap_err();
            assert_eq!(
                failure.message, "`a` holds more than 5 numbers, and at most 5 numbers are read",
                "{text}"
            );
            cancel.stop(StopReason::TimedOut);
            assert_eq!(read(6, &cancel).unwrap_err().message, "the time limit has passed", "{text}");
        }
    }

    #[test]
    fn columns_that_are_no_coordinates_are_not_kept_and_few_are_many() {
        let wide = format!("{}\n", "a,".repeat(MOST_COLUMNS));
        assert!(read(&wide).unwrap_err().message.contains("more than 65536 columns"));
        let found = read("a,x1,b\n7,1,\n8,2,\n").unwrap();
        assert_eq!((found.dimension, found.coordinates), (1, vec![1.0, 2.0]));
        assert!(read("a,x1\nword,1\n").unwrap_err().message.contains("row 1 (line 2), column `a`: `word`"));
    }
}
