//! Rows of numbers that may differ in length, in one piece of memory.

use std::fmt;
use std::ops::Index;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// Rows of numbers: 8 bytes a number and 8 a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    values: Vec<f64>,
    /// Where each row ends among the values.
    ends: Vec<usize>,
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All numbers, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All numbers, row after row.
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// A row, if there is one of this number, from 0.
    pub fn get(&self, row: usize) -> Option<&[f64]> {
        let end = *self.ends.get(row)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.values[start..end])
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        (0..self.len()).map(|row| &self[row])
    }

    /// The length of all rows, if they have one: 0 without rows.
    pub fn width(&self) -> Option<usize> {
        let first = self.get(0).map_or(0, <[f64]>::len);
        self.iter().all(|row| row.len() == first).then_some(first)
    }

    /// Adds a number to the row that [`Rows::end_row`] will end.
    pub fn push(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Ends a row.
    pub fn end_row(&mut self) {
        self.ends.push(self.values.len());
    }

    /// Number of numbers, the row that is not ended yet included.
    pub fn numbers(&self) -> u64 {
        self.values.len() as u64
    }

    /// A copy of these rows.
    pub fn of<'a>(rows: impl Iterator<Item = &'a [f64]>) -> Self {
        let mut all = Self::default();
        for row in rows {
            all.values.extend_from_slice(row);
            all.end_row();
        }
        all
    }

    /// Rows of `width` numbers each.
    ///
    /// # Panics
    /// If the width is 0.
    pub fn of_width(values: Vec<f64>, width: usize) -> Self {
        let ends = (1..=values.len() / width).map(|row| row * width).collect();
        Self { values, ends }
    }
}

impl Index<usize> for Rows {
    type Output = [f64];

    fn index(&self, row: usize) -> &[f64] {
        self.get(row).expect("a row that there is")
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AllRows)
    }
}

/// Reads a list of lists of numbers.
pub(super) struct AllRows;

impl<'de> Visitor<'de> for AllRows {
    type Value = Rows;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows, A::Error> {
        let mut rows = Rows::default();
        while list.next_element_seed(OneRow(&mut rows))?.is_some() {}
        Ok(rows)
    }
}

struct OneRow<'a>(&'a mut Rows);

impl<'de> DeserializeSeed<'de> for OneRow<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OneRow<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element()? {
            self.0.push(value);
        }
        self.0.end_row();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lists_of_lists() {
        for text in ["[[1.0,2.5],[],[-3.0]]", "[]", "[[]]"] {
            let rows: Rows = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&rows).unwrap(), text);
        }
        let rows: Rows = serde_json::from_str("[[1,2],[3,4],[5,6]]").unwrap();
        assert_eq!((rows.len(), rows.width(), &rows[2]), (3, Some(2), [5.0, 6.0].as_slice()));
        assert_eq!(rows, Rows::of_width(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2));
        assert_eq!(serde_json::from_str::<Rows>("[[1],[1,2]]").unwrap().width(), None);
        for text in ["{}", "[1]", "[[\"a\"]]", "[[[1]]]"] {
            assert!(serde_json::from_str::<Rows>(text).is_err(), "{text}");
        }
    }
}
