//! Tables of rows: each column is declared together with the cell that a row has in it.

use num_bigint::BigInt;

use crate::artifact::{Column, Table};
use crate::output::{ColumnSchema, ColumnType, TableSchema};
use crate::value::{Localized, Value};

/// The columns of a table of which a row is a `T`, each with its cell of a row: one value for what is declared
/// ([`Rows::schema`]) and for what is given ([`Rows::table`]), so that the two cannot differ.
///
/// ```
/// use octavo_plugin::Rows;
///
/// struct Level {
///     folds: u32,
///     area: f64,
/// }
///
/// fn levels() -> Rows<Level> {
///     Rows::<Level>::new("a level of the curve")
///         .integer("folds", "Folds", |level| level.folds)
///         .float("area", "Area", |level| level.area)
///         .unit("px²")
/// }
///
/// assert_eq!(levels().schema().columns["area"].unit, "px²");
/// let table = levels().table(&[Level { folds: 0, area: 0.5 }, Level { folds: 1, area: 0.25 }]);
/// assert_eq!(table.column("area").map(|area| area.value(1)), Some(0.25.into()));
/// ```
///
/// A cell is of the column's type, or a [`Value`] of it, which may also be missing or named ([`Value::or_missing`]).
///
/// A table whose columns are there already, as those that another analysis gave or a picture's values, is a [`Table`] under a
/// [`TableSchema`]: its rows would be made only to be taken apart.
pub struct Rows<T> {
    schema: TableSchema,
    /// What makes each column of `schema`, in its order.
    columns: Vec<Box<Make<T>>>,
}

/// Makes a column of all rows.
type Make<T> = dyn Fn(&[T]) -> Column;

impl<T> Rows<T> {
    /// A table without columns of which a row is `about`, a few words or a sentence.
    pub fn new(about: &str) -> Self {
        Self { schema: TableSchema::new(about), columns: Vec::new() }
    }

    /// One more column, of floats. Like every column it is a pure number unless [`Rows::unit`] follows, and its label is English.
    #[must_use]
    pub fn float<C: Cell<f64>>(self, name: &str, label: &str, of: impl Fn(&T) -> C + 'static) -> Self {
        self.column(ColumnType::Float, name, label, of)
    }

    /// One more column, of integers. They are stored in 64 bits if all fit.
    #[must_use]
    pub fn integer<C: Cell<i64>>(self, name: &str, label: &str, of: impl Fn(&T) -> C + 'static) -> Self {
        self.column(ColumnType::Integer, name, label, of)
    }

    /// One more column, of integers of any size. It is stored as such, however small they are.
    #[must_use]
    pub fn big<C: Cell<BigInt>>(self, name: &str, label: &str, of: impl Fn(&T) -> C + 'static) -> Self {
        self.column(ColumnType::Integer, name, label, of)
    }

    /// One more column, of texts.
    #[must_use]
    pub fn text<C: Cell<String>>(self, name: &str, label: &str, of: impl Fn(&T) -> C + 'static) -> Self {
        self.column(ColumnType::Text, name, label, of)
    }

    /// One more column, of truth values.
    #[must_use]
    pub fn bool<C: Cell<bool>>(self, name: &str, label: &str, of: impl Fn(&T) -> C + 'static) -> Self {
        self.column(ColumnType::Bool, name, label, of)
    }

    /// Gives the last column a unit, such as `rad`.
    ///
    /// # Panics
    /// If there is no column yet.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        self.last().unit = unit.to_owned();
        self
    }

    /// Makes the label of the last column a symbol, such as `x1`: it is the same in all languages.
    ///
    /// # Panics
    /// If there is no column yet.
    #[must_use]
    pub fn symbol(mut self) -> Self {
        let label = &mut self.last().label;
        *label = Localized::All(label.get("en").unwrap_or_default().to_owned());
        self
    }

    /// What is declared.
    pub fn schema(&self) -> TableSchema {
        self.schema.clone()
    }

    /// The table with these rows.
    ///
    /// # Panics
    /// If a cell is a [`Value`] of another type than its column.
    pub fn table(&self, rows: &[T]) -> Table {
        let names = self.schema.columns.keys().cloned();
        Table { columns: names.zip(self.columns.iter().map(|column| column(rows))).collect() }
    }

    /// # Panics
    /// If the table has a column of this name.
    fn column<K, C: Cell<K>>(
        mut self,
        kind: ColumnType,
        name: &str,
        label: &str,
        of: impl Fn(&T) -> C + 'static,
    ) -> Self {
        let column = ColumnSchema { kind, unit: String::new(), label: Localized::en(label) };
        let before = self.schema.columns.insert(name.to_owned(), column);
        assert!(before.is_none(), "a table has one column `{name}`");
        self.columns.push(Box::new(move |rows| C::column(rows.iter().map(&of))));
        self
    }

    fn last(&mut self) -> &mut ColumnSchema {
        let (_, column) = self.schema.columns.last_mut().expect("a column stands before what is said of it");
        column
    }
}

/// What may be a cell in a column of `K`s: floats are `f64`, integers `i64`, or [`BigInt`] for those of any size, texts `String`.
pub trait Cell<K>: Sized {
    /// The column of these cells.
    fn column(cells: impl Iterator<Item = Self>) -> Column;
}

macro_rules! plain {
    ($($cell:ty => $kind:ty),*) => {$(
        impl Cell<$kind> for $cell {
            fn column(cells: impl Iterator<Item = Self>) -> Column {
                cells.collect::<Vec<_>>().into()
            }
        }
    )*};
}
plain!(f64 => f64, i64 => i64, BigInt => BigInt, String => String, &str => String, bool => bool);

macro_rules! whole {
    ($($cell:ty),*) => {$(
        impl Cell<i64> for $cell {
            fn column(cells: impl Iterator<Item = Self>) -> Column {
                let cells: Vec<Self> = cells.collect();
                match cells.iter().map(|cell| i64::try_from(*cell).ok()).collect::<Option<Vec<i64>>>() {
                    Some(small) => small.into(),
                    None => cells.into_iter().map(BigInt::from).collect::<Vec<_>>().into(),
                }
            }
        }
    )*};
}
whole!(u8, u32, u64, usize, i32);

macro_rules! value {
    ($($kind:ty => $case:ident),*) => {$(
        impl Cell<$kind> for Value {
            fn column(cells: impl Iterator<Item = Self>) -> Column {
                let cells: Vec<Self> = cells.collect();
                Column::from_values(ColumnType::$case, &cells).expect("a cell is of its column’s type")
            }
        }
    )*};
}
value!(f64 => Float, i64 => Integer, String => Text, bool => Bool);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::ColumnData;
    use crate::value::Named;
    use crate::{Artifacts, OutputSchema};

    /// A number, which may have a root.
    fn numbers() -> Rows<i64> {
        Rows::new("a number")
            .integer("n", "number", |n: &i64| *n)
            .float("root", "root", |n| Value::or_missing((*n >= 0).then(|| (*n as f64).sqrt()), "no root"))
            .unit("px")
            .float("half", "h", |n| 0.5 * *n as f64)
            .symbol()
            .big("power", "2^n", |n| BigInt::from(1) << n.unsigned_abs())
            .text("sign", "sign", |n| if *n < 0 { "-" } else { "+" })
            .bool("even", "even", |n| n % 2 == 0)
    }

    #[test]
    fn a_table_fits_its_schema() {
        let declared = OutputSchema::new().table("numbers", numbers().schema());
        for rows in [&[][..], &[4], &[-1, 0, 200]] {
            let mut artifacts = Artifacts::new();
            artifacts.table("numbers", numbers().table(rows));
            assert_eq!(artifacts.check(&declared), Ok(()));
            assert_eq!(artifacts.tables["numbers"].rows(), rows.len());
        }
    }

    #[test]
    fn a_table_holds_what_the_cells_say() {
        let expected = Table::new()
            .with("n", vec![4_i64, -1])
            .with(
                "root",
                Column::from_values(ColumnType::Float, &[2.0.into(), Value::Missing("no root".to_owned())])
                    .unwrap(),
            )
            .with("half", vec![2.0, -0.5])
            .with("power", vec![BigInt::from(16), BigInt::from(2)])
            .with("sign", vec!["+", "-"])
            .with("even", vec![true, false]);
        assert_eq!(numbers().table(&[4, -1]), expected);
        assert!(numbers().table(&[4, -1]).columns.keys().eq(expected.columns.keys()));
    }

    #[test]
    fn a_schema_holds_what_was_declared() {
        use ColumnType::{Bool, Float, Integer, Text};
        let mut expected = TableSchema::new("a number")
            .column("n", Integer, "", "number")
            .column("root", Float, "px", "root")
            .column("half", Float, "", "h")
            .column("power", Integer, "", "2^n")
            .column("sign", Text, "", "sign")
            .column("even", Bool, "", "even");
        expected.columns["half"].label = "h".into();
        assert_eq!(numbers().schema(), expected);
        assert!(numbers().schema().columns.keys().eq(expected.columns.keys()));
    }

    #[test]
    fn integers_are_as_large_as_they_must_be() {
        let rows = || Rows::new("").integer("n", "", |n: &u64| *n).integer("v", "", |n| Value::from(*n));
        for column in rows().table(&[7, 1 << 62]).columns.values() {
            assert_eq!(column.data, ColumnData::Integer(vec![7, 1 << 62]));
        }
        for column in rows().table(&[7, u64::MAX]).columns.values() {
            assert_eq!(column.data, ColumnData::Big(vec![7.into(), u64::MAX.into()]));
        }
    }

    #[test]
    fn what_is_not_finite_is_named_or_stops_at_the_boundary() {
        let rows = || Rows::new("").float("named", "", |x: &f64| Value::from(*x)).float("plain", "", |x| *x);
        let table = rows().table(&[f64::INFINITY]);
        assert_eq!(table.columns["named"].value(0), Value::Named(Named::Infinity));
        let mut artifacts = Artifacts::new();
        artifacts.table("t", table);
        let failure = artifacts.check(&OutputSchema::new().table("t", rows().schema())).unwrap_err();
        assert!(failure.message.contains("column `plain` is not finite in row 0"), "{failure}");
    }

    #[test]
    #[should_panic(expected = "one column `x`")]
    fn a_name_stands_once() {
        let _ = Rows::new("").bool("x", "", |x: &bool| *x).bool("x", "", |x| !*x);
    }
}
