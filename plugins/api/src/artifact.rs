//! What a run gives: scalars, tables and drawings, as plain data.
//!
//! Artifacts carry numbers and no formatting. Units, labels and types stand in the [`OutputSchema`]
//! against which [`Artifacts::check`] holds them.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use num_bigint::BigInt;

use crate::output::{ColumnType, GeometryKind, OutputSchema, Wanted};
use crate::picture::Picture;
use crate::value::Value;
use crate::{Digest, Failure};

mod codec;
mod declared;
pub use codec::{Artifact, CodecError};
use declared::{check_drawing, check_scalar, check_table, same_names};

/// A single value with the uncertainty that the analysis states for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// The value.
    pub value: Value,
    /// Half-width of the interval in which the true value lies, in the value's unit; `None` for exact values.
    pub uncertainty: Option<f64>,
}

/// The cells of a column that are numbers or text of one type.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnData {
    /// Finite floats.
    Float(Vec<f64>),
    /// Integers that fit in 64 bits.
    Integer(Vec<i64>),
    /// Integers of any size.
    Big(Vec<BigInt>),
    /// Texts.
    Text(Vec<String>),
    /// Truth values.
    Bool(Vec<bool>),
}

/// A column: cells of one type, and the rows that hold a missing or named value instead.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The cells; a row with an exception holds an arbitrary cell here.
    pub data: ColumnData,
    /// Rows with [`Value::Missing`] or [`Value::Named`].
    pub exceptions: BTreeMap<usize, Value>,
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.data {
            ColumnData::Float(cells) => cells.len(),
            ColumnData::Integer(cells) => cells.len(),
            ColumnData::Big(cells) => cells.len(),
            ColumnData::Text(cells) => cells.len(),
            ColumnData::Bool(cells) => cells.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value in a row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn value(&self, row: usize) -> Value {
        if let Some(exception) = self.exceptions.get(&row) {
            return exception.clone();
        }
        match &self.data {
            ColumnData::Float(cells) => Value::Float(cells[row]),
            ColumnData::Integer(cells) => Value::Integer(cells[row].into()),
            ColumnData::Big(cells) => Value::Integer(cells[row].clone()),
            ColumnData::Text(cells) => Value::Text(cells[row].clone()),
            ColumnData::Bool(cells) => Value::Bool(cells[row]),
        }
    }

    /// The number in a row, without making a [`Value`]; see [`Value::as_f64`].
    pub fn number(&self, row: usize) -> Option<f64> {
        match &self.data {
            _ if self.exceptions.contains_key(&row) => self.exceptions[&row].as_f64(),
            ColumnData::Float(cells) => Some(cells[row]),
            #[expect(clippy::cast_precision_loss, reason = "documented: integers beyond 2^53 are rounded")]
            ColumnData::Integer(cells) => Some(cells[row] as f64),
            ColumnData::Big(cells) => num_traits::ToPrimitive::to_f64(&cells[row]),
            ColumnData::Text(_) | ColumnData::Bool(_) => None,
        }
    }

    /// The type of the cells.
    pub fn kind(&self) -> ColumnType {
        match self.data {
            ColumnData::Float(_) => ColumnType::Float,
            ColumnData::Integer(_) | ColumnData::Big(_) => ColumnType::Integer,
            ColumnData::Text(_) => ColumnType::Text,
            ColumnData::Bool(_) => ColumnType::Bool,
        }
    }

    /// A column of this type from values; missing and named values become exceptions, an integer may stand in a column
    /// of floats. `None` if a value has another type.
    pub fn from_values(kind: ColumnType, values: &[Value]) -> Option<Self> {
        let mut exceptions = BTreeMap::new();
        for (row, value) in values.iter().enumerate() {
            if matches!(value, Value::Missing(_) | Value::Named(_)) {
                exceptions.insert(row, value.clone());
            }
        }
        let special = |value: &Value| matches!(value, Value::Missing(_) | Value::Named(_));
        let data = match kind {
            ColumnType::Float => ColumnData::Float(
                values
                    .iter()
                    .map(|v| if special(v) { Some(0.0) } else { v.as_f64() })
                    .collect::<Option<_>>()?,
            ),
            ColumnType::Integer => {
                let cells: Vec<BigInt> = values
                    .iter()
                    .map(|value| match value {
                        Value::Integer(integer) => Some(integer.clone()),
                        other => special(other).then(BigInt::default),
                    })
                    .collect::<Option<_>>()?;
                match cells.iter().map(|cell| i64::try_from(cell).ok()).collect() {
                    Some(small) => ColumnData::Integer(small),
                    None => ColumnData::Big(cells),
                }
            }
            ColumnType::Text => ColumnData::Text(
                values
                    .iter()
                    .map(|value| match value {
                        Value::Text(text) => Some(text.clone()),
                        other => special(other).then(String::new),
                    })
                    .collect::<Option<_>>()?,
            ),
            ColumnType::Bool => ColumnData::Bool(
                values
                    .iter()
                    .map(|value| match value {
                        Value::Bool(truth) => Some(*truth),
                        other => special(other).then_some(false),
                    })
                    .collect::<Option<_>>()?,
            ),
        };
        Some(Self { data, exceptions })
    }

    /// The first row that holds NaN or an infinity as a plain float.
    fn first_non_finite(&self) -> Option<usize> {
        match &self.data {
            ColumnData::Float(cells) => {
                (0..cells.len()).find(|row| !cells[*row].is_finite() && !self.exceptions.contains_key(row))
            }
            _ => None,
        }
    }
}

macro_rules! column_from {
    ($($ty:ty => $case:ident),*) => {$(
        impl From<Vec<$ty>> for Column {
            fn from(cells: Vec<$ty>) -> Self {
                Self { data: ColumnData::$case(cells), exceptions: BTreeMap::new() }
            }
        }
    )*};
}
column_from!(f64 => Float, i64 => Integer, BigInt => Big, String => Text, bool => Bool);

impl From<Vec<&str>> for Column {
    fn from(cells: Vec<&str>) -> Self {
        cells.into_iter().map(str::to_owned).collect::<Vec<String>>().into()
    }
}

/// Named columns of one length, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: IndexMap<String, Column>,
}

impl Table {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// The table with one more column.
    #[must_use]
    pub fn with(mut self, name: &str, column: impl Into<Column>) -> Self {
        self.columns.insert(name.to_owned(), column.into());
        self
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.values().next().map_or(0, Column::len)
    }

    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }
}

/// Parts in the plane, each with attributes: a drawing is a table whose rows have a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// What the parts are.
    pub kind: GeometryKind,
    /// All vertices in order, x and y in the drawing's own units, y upwards.
    pub vertices: Vec<[f64; 2]>,
    /// For each part, the index one past its last vertex.
    pub ends: Vec<usize>,
    /// One row per part; may have no columns.
    pub attributes: Table,
}

impl Geometry {
    /// A geometry without parts.
    pub fn new(kind: GeometryKind) -> Self {
        Self { kind, vertices: Vec::new(), ends: Vec::new(), attributes: Table::new() }
    }

    /// Adds a part.
    pub fn push(&mut self, vertices: impl IntoIterator<Item = [f64; 2]>) {
        self.vertices.extend(vertices);
        self.ends.push(self.vertices.len());
    }

    /// Number of parts.
    pub fn parts(&self) -> usize {
        self.ends.len()
    }

    /// The vertices of a part.
    ///
    /// # Panics
    /// If there is no such part.
    pub fn part(&self, index: usize) -> &[[f64; 2]] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.vertices[start..self.ends[index]]
    }
}

/// A grid of values over a rectangle. Row 0 is the top (largest y).
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Number of columns of pixels.
    pub width: usize,
    /// Number of rows of pixels.
    pub height: usize,
    /// The rectangle covered: `[[x0, y0], [x1, y1]]`.
    pub extent: [[f64; 2]; 2],
    /// `width * height` finite values, row by row from the top.
    pub values: Vec<f64>,
}

/// Something to look at that is not a chart of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawing {
    /// Shapes with attributes.
    Geometry(Geometry),
    /// A grid of values.
    Raster(Raster),
    /// A picture that the analysis drew with a library of its own.
    Picture(Box<Picture>),
}

impl From<Geometry> for Drawing {
    fn from(geometry: Geometry) -> Self {
        Self::Geometry(geometry)
    }
}

impl From<Raster> for Drawing {
    fn from(raster: Raster) -> Self {
        Self::Raster(raster)
    }
}

impl From<Picture> for Drawing {
    fn from(picture: Picture) -> Self {
        Self::Picture(Box::new(picture))
    }
}

/// Everything one run gives, in the order of the declaration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Artifacts {
    /// Single values.
    pub scalars: IndexMap<String, Scalar>,
    /// Tables.
    pub tables: IndexMap<String, Table>,
    /// Drawings.
    pub drawings: IndexMap<String, Drawing>,
}

impl Artifacts {
    /// No artifacts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an exact scalar.
    pub fn scalar(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.scalars.insert(name.to_owned(), Scalar { value: value.into(), uncertainty: None });
        self
    }

    /// Adds a scalar with its uncertainty (half-width).
    pub fn measured(&mut self, name: &str, value: impl Into<Value>, uncertainty: f64) -> &mut Self {
        self.scalars.insert(name.to_owned(), Scalar { value: value.into(), uncertainty: Some(uncertainty) });
        self
    }

    /// Adds a table.
    pub fn table(&mut self, name: &str, table: Table) -> &mut Self {
        self.tables.insert(name.to_owned(), table);
        self
    }

    /// Adds a drawing.
    pub fn drawing(&mut self, name: &str, drawing: impl Into<Drawing>) -> &mut Self {
        self.drawings.insert(name.to_owned(), drawing.into());
        self
    }

    /// What is asked for of them.
    #[must_use]
    pub fn only(mut self, wanted: &Wanted) -> Self {
        if wanted.names().is_some() {
            self.scalars.retain(|name, _| wanted.wants(name));
            self.drawings.retain(|name, _| wanted.wants(name));
            self.tables.retain(|name, _| wanted.wants(name));
            for (table, content) in &mut self.tables {
                content.columns.retain(|column, _| wanted.wants_column(table, column));
            }
        }
        self
    }

    /// Holds the artifacts against their declaration: all of it and nothing else, types as declared, columns of one
    /// length, and every float finite.
    ///
    /// # Errors
    /// [`FailureKind::Bug`](crate::FailureKind::Bug) where a name or type differs,
    /// [`FailureKind::Numeric`](crate::FailureKind::Numeric) where a float is not finite.
    pub fn check(&self, declared: &OutputSchema) -> Result<(), Failure> {
        same_names("scalar", declared.scalars.keys(), self.scalars.keys())?;
        same_names("table", declared.tables.keys(), self.tables.keys())?;
        same_names("drawing", declared.drawings.keys(), self.drawings.keys())?;
        for (name, scalar) in &self.scalars {
            check_scalar(name, scalar, declared.scalars[name].kind)?;
        }
        for (name, table) in &self.tables {
            check_table(&format!("table `{name}`"), table, &declared.tables[name].columns)?;
        }
        for (name, drawing) in &self.drawings {
            check_drawing(name, drawing, &declared.drawings[name])?;
        }
        Ok(())
    }

    /// One digest over all artifacts with their names.
    pub fn digest(&self) -> Digest {
        let mut hasher = crate::ContentHasher::new("octavo artifacts");
        for (name, artifact) in self.each() {
            hasher.text(&name).add(&artifact.digest());
        }
        hasher.finish()
    }

    /// All artifacts with names `scalars`, `tables/NAME` and `drawings/NAME`, as they are stored.
    pub fn each(&self) -> impl Iterator<Item = (String, Artifact)> + '_ {
        let scalars = std::iter::once(("scalars".to_owned(), Artifact::Scalars(self.scalars.clone())));
        let tables = self.tables.iter().map(|(n, t)| (format!("tables/{n}"), Artifact::Table(t.clone())));
        let drawings =
            self.drawings.iter().map(|(n, d)| (format!("drawings/{n}"), Artifact::Drawing(d.clone())));
        scalars.chain(tables).chain(drawings)
    }
}
