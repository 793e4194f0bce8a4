//! Weighted points in any dimension.
//!
//! File form: CSV with columns `x1`, `x2`, ... (or `x`, `y`, `z`) and optionally `weight`. A table among the results of
//! another experiment is read in the same way.

use crate::artifact::{Artifact, Table};
use crate::input::InputContent;
use crate::{Failure, InputData};

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

    /// Reads a CSV file or a table of results.
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) that names the row and column.
    pub fn from_input(input: &InputData) -> Result<Self, Failure> {
        let (names, rows) = match &input.content {
            InputContent::File { .. } => csv_rows(input)?,
            InputContent::Artifact(Artifact::Table(table)) => {
                (table.columns.keys().cloned().collect(), table_rows(input, table)?)
            }
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
        .help("points are a CSV file with columns `x1`, `x2`, ... and optionally `weight`")
}

fn csv_rows(input: &InputData) -> Result<(Vec<String>, Vec<Vec<f64>>), Failure> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input.text()?.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .map_err(|error| bad(input, &error.to_string()))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| bad(input, &error.to_string()))?;
        let cells = record.iter().zip(&names).map(|(cell, name)| match cell.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => {
                Err(bad(input, &format!("row {}, column `{name}`: `{cell}` is no finite number", index + 1)))
            }
        });
        rows.push(cells.collect::<Result<_, _>>()?);
    }
    Ok((names, rows))
}

fn table_rows(input: &InputData, table: &Table) -> Result<Vec<Vec<f64>>, Failure> {
    let row = |row: usize| {
        table.columns.iter().map(move |(name, column)| {
            // Columns of text are no coordinates; they may stand beside them.
            if column.kind() == crate::ColumnType::Text {
                return Ok(0.0);
            }
            column.number(row).filter(|x| x.is_finite()).ok_or_else(|| {
                bad(input, &format!("row {}, column `{name}` holds no finite number", row + 1))
            })
        })
    };
    (0..table.rows()).map(|index| row(index).collect()).collect()
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
}
