//! A value as a figure sees it.

use std::sync::Arc;

use num_traits::{Signed, ToPrimitive};
use octavo_plugin::{Column, ColumnData, Named, Value, math};

/// A value of a channel in one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A finite float.
    Number(f64),
    /// An integer beyond the range of floats, by its decimal logarithm.
    Huge {
        /// Whether it is below zero.
        negative: bool,
        /// Decimal logarithm of its absolute value.
        log10: f64,
    },
    /// A text or truth value.
    Text(Arc<str>),
    /// A named infinity: never drawn, counted as clipped.
    Infinite {
        /// Whether it is below zero.
        negative: bool,
    },
    /// No value: never drawn, not counted.
    Missing,
}

impl Cell {
    /// Whether a statistic takes it.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Huge { .. } | Self::Infinite { .. })
    }

    /// The finite float, if it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// A text that is the same exactly for equal cells.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Number(value) => format!("{:x}", (value + 0.0).to_bits()),
            Self::Huge { negative, log10 } => format!("h{negative}{:x}", log10.to_bits()),
            Self::Text(text) => format!("t{text}"),
            Self::Infinite { negative } => format!("i{negative}"),
            Self::Missing => "m".to_owned(),
        }
    }

    /// The cells of a column.
    pub(crate) fn column(column: &Column) -> Vec<Self> {
        (0..column.len()).map(|row| Self::at(column, row)).collect()
    }

    fn at(column: &Column, row: usize) -> Self {
        match &column.data {
            _ if column.exceptions.contains_key(&row) => Self::from(&column.value(row)),
            ColumnData::Float(cells) => Self::from(cells[row]),
            ColumnData::Integer(cells) => Self::Number(cells[row] as f64),
            _ => Self::from(&column.value(row)),
        }
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        match value {
            _ if value.is_nan() => Self::Missing,
            _ if value.is_infinite() => Self::Infinite { negative: value < 0.0 },
            _ => Self::Number(value),
        }
    }
}

impl From<&Value> for Cell {
    fn from(value: &Value) -> Self {
        match value {
            Value::Float(value) => Self::from(*value),
            Value::Integer(integer) => match integer.to_f64() {
                Some(value) if value.is_finite() => Self::Number(value),
                _ => Self::Huge {
                    negative: integer.is_negative(),
                    log10: log10_of(&integer.abs().to_string()),
                },
            },
            Value::Text(text) => Self::Text(text.as_str().into()),
            Value::Bool(truth) => Self::Text(if *truth { "true".into() } else { "false".into() }),
            Value::Named(named) => Self::Infinite { negative: *named == Named::NegativeInfinity },
            Value::Missing(_) => Self::Missing,
        }
    }
}

/// The decimal logarithm of a positive integer written out: from its first 17 digits and its length.
fn log10_of(digits: &str) -> f64 {
    let head = &digits[..digits.len().min(17)];
    math::log10(head.parse::<f64>().unwrap_or(1.0)) + (digits.len() - head.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;

    #[test]
    fn two_to_the_two_thousandth_keeps_its_logarithm() {
        let Cell::Huge { negative: false, log10 } = Cell::from(&Value::from(BigInt::from(1) << 2000_u32))
        else {
            panic!("an integer beyond floats");
        };
        assert!((log10 - 2000.0 * math::log10(2.0)).abs() < 1e-12);
    }

    #[test]
    fn zero_has_one_key() {
        assert_eq!(Cell::Number(-0.0).key(), Cell::Number(0.0).key());
    }
}
