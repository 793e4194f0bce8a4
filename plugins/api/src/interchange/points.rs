//! Weighted points in any dimension.
//!
//! File forms: CSV with columns `x1`, `x2`, ... (or `x`, `y`, `z`) and optionally `weight`; JSON, either `[[1, 2], ...]` or
//! `{"points": [[1, 2], ...], "weights": [...]}`. A table among the results of another experiment is read like a CSV.

use serde::Deserialize;

use crate::artifact::{Artifact, Column, Table};
use crate::input::InputContent;
use crate::{ColumnType, Failure, InputData};

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
    /// [`FailureKind::User`](crate::FailureKind::User) that names the row and column.
    pub fn from_input(input: &InputData) -> Result<Self, Failure> {
        let (names, rows) = match &input.content {
            InputContent::File { extension, .. } if extension == "json" => return json_points(input),
            InputContent::File { .. } => csv_rows(input)?,
            InputContent::Artifact(Artifact::Table(table)) => table_rows(input, table)?,
            InputContent::Artifact(_) => return Err(bad(input, "this result is no table")),
        };
        Self::from_rows(&names, &rows).map_err(|message| bad(input, &message))
    }

    fn from_rows(names: &[String], rows: &[Vec<f64>]) -> Result<Self, String> {
        let find = |name: &str| names.iter().position(|other| other == name);
        let numbered: Vec<usize> = (1..).map_while(|i| find(&format!("x{i}"))).collect();
        let axes = if numbered.is_empty() {
            ["x", "y", "z"].iter().map_while(|name| find(name)).collect()
        } else {
            numbered
        };
        if axes.is_empty() {
            return Err(format!("there is no column `x1` or `x`; the columns are `{}`", names.join("`, `")));
        }
        if rows.is_empty() {
            return Err("there is no point".to_owned());
        }
        let weight = find("weight");
        let weights: Vec<f64> = rows.iter().map(|row| weight.map_or(1.0, |column| row[column])).collect();
        if let Some(row) = weights.iter().position(|weight| *weight < 0.0) {
            return Err(format!("the weight of point {} is negative", row + 1));
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err("all weights are 0".to_owned());
        }
        let coordinates = rows.iter().flat_map(|row| axes.iter().map(|axis| row[*axis])).collect();
        Ok(Self { dimension: axes.len(), coordinates, weights })
    }
}

fn bad(input: &InputData, message: &str) -> Failure {
    Failure::user(format!("`{}`: {message}", input.name))
        .help("points are a CSV file with columns `x1`, `x2`, ... and optionally `weight`, or JSON such as `[[1, 2], [3, 4]]`")
}

/// The JSON forms.
#[derive(Deserialize)]
#[serde(untagged)]
enum PointsFile {
    Points(Vec<Vec<f64>>),
    Weighted { points: Vec<Vec<f64>>, weights: Vec<f64> },
}

fn json_points(input: &InputData) -> Result<PointSet, Failure> {
    let file =
        serde_json::from_str(input.text()?).map_err(|_| bad(input, "this JSON is no list of points"))?;
    let (points, weights) = match file {
        PointsFile::Points(points) => (points, None),
        PointsFile::Weighted { points, weights } => (points, Some(weights)),
    };
    let dimension = points.first().map_or(0, Vec::len);
    if dimension == 0 || points.iter().any(|point| point.len() != dimension) {
        return Err(bad(input, "every point needs the same number of coordinates, at least one"));
    }
    if weights.as_ref().is_some_and(|weights| weights.len() != points.len()) {
        return Err(bad(input, "there are not as many weights as points"));
    }
    let names = (1..=dimension).map(|axis| format!("x{axis}")).chain(["weight".to_owned()]);
    let weights = weights.unwrap_or_else(|| vec![1.0; points.len()]);
    let rows: Vec<_> =
        points.into_iter().zip(weights).map(|(point, weight)| [point, vec![weight]].concat()).collect();
    PointSet::from_rows(&names.collect::<Vec<_>>(), &rows).map_err(|message| bad(input, &message))
}

/// The columns of a CSV file that hold anything: their names, and rows of finite numbers.
///
/// # Errors
/// [`FailureKind::User`](crate::FailureKind::User) that names the row and column.
pub fn csv_rows(input: &InputData) -> Result<(Vec<String>, Vec<Vec<f64>>), Failure> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input.text()?.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .map_err(|error| bad(input, &error.to_string()))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let records = reader.records().collect::<Result<Vec<_>, _>>();
    let records = records.map_err(|error| bad(input, &error.to_string()))?;
    let filled =
        |column: &usize| records.is_empty() || records.iter().any(|record| !record[*column].is_empty());
    let kept: Vec<usize> = (0..names.len()).filter(filled).collect();
    let row = |(index, record): (usize, &csv::StringRecord)| {
        let cell = |column: &usize| match record[*column].parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => {
                let (name, cell) = (&names[*column], &record[*column]);
                Err(bad(input, &format!("row {}, column `{name}`: `{cell}` is no finite number", index + 1)))
            }
        };
        kept.iter().map(cell).collect::<Result<Vec<_>, _>>()
    };
    let rows = records.iter().enumerate().map(row).collect::<Result<_, _>>()?;
    Ok((kept.iter().map(|column| names[*column].clone()).collect(), rows))
}

pub(super) fn table_rows(input: &InputData, table: &Table) -> Result<(Vec<String>, Vec<Vec<f64>>), Failure> {
    let rows = table.rows();
    // Columns of text may stand beside coordinates; and a column may hold nothing, such as a third coordinate in the plane.
    let filled = |column: &Column| {
        column.kind() != ColumnType::Text && (rows == 0 || (0..rows).any(|row| column.number(row).is_some()))
    };
    let kept: Vec<_> = table.columns.iter().filter(|(_, column)| filled(column)).collect();
    let row = |row: usize| {
        let cell = |(name, column): &(&String, &Column)| {
            column.number(row).filter(|x| x.is_finite()).ok_or_else(|| {
                bad(input, &format!("row {}, column `{name}` holds no finite number", row + 1))
            })
        };
        kept.iter().map(cell).collect::<Result<Vec<_>, _>>()
    };
    let names = kept.iter().map(|(name, _)| (*name).clone()).collect();
    Ok((names, (0..rows).map(row).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let cases = [
            ("a,b\n1,2\n", "there is no column `x1`"),
            ("x1\n1\nNaN\n", "row 2, column `x1`: `NaN`"),
            ("x1,weight\n1,-1\n", "the weight of point 1 is negative"),
            ("x1,weight\n1,0\n", "all weights are 0"),
            ("x1\n", "there is no point"),
            ("x1,x2\n1\n", "record"),
        ];
        for (text, expected) in cases {
            let message = read(text).unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
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
}
