//! Tables of results on pages.

use octavo_plugin::{ColumnType, Value};
use serde::{Deserialize, Serialize};

use crate::figure::data;
use crate::locale::Locale;
use crate::number::{Decimal, format_number};
use crate::relation::Relation;
use crate::results::REPLICATE;

/// Most rows shown on a page; the data file has all.
const MAX_ROWS: usize = 200;
/// Integers of more digits are rounded in their cells.
const MAX_DIGITS: usize = 12;
/// Integers of more digits have them in the data file only.
const MAX_WHOLE: usize = 400;
/// Significant digits of a float.
const SIGNIFICANT: usize = 4;
/// Most decimals of a column.
const MAX_DECIMALS: usize = 6;
/// Width of the text in pixels.
const TEXT: usize = 700;
/// Width of a letter and of the room beside a cell, about.
const LETTER: usize = 8;
const PADDING: usize = 22;

/// A column's title.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Title {
    /// The column's label in the page's language.
    pub label: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// Whether it holds numbers.
    pub numeric: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What it shows.
    pub text: String,
    /// All digits of an integer that is shown rounded; else empty.
    pub whole: String,
}

/// A table as text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// The columns.
    pub titles: Vec<Title>,
    /// The cells, row by row.
    pub rows: Vec<Vec<Cell>>,
    /// Whether it needs more room than the text has.
    pub wide: bool,
    /// All rows as CSV.
    pub csv: String,
}

/// A relation in a language; a `replicate` that is the same everywhere is left out.
pub fn show(relation: &Relation, locale: &Locale) -> Shown {
    let constant = |name: &str| {
        name == REPLICATE
            && (1..relation.rows).all(|row| relation.value(name, row) == relation.value(name, 0))
    };
    let fields: Vec<_> = relation.fields.iter().filter(|(name, _)| !constant(name)).collect();
    let title = |(name, field): &(&String, &crate::relation::Field)| Title {
        label: field.schema.label.get(&locale.tag).unwrap_or(name).to_owned(),
        unit: field.schema.unit.clone(),
        numeric: matches!(field.schema.kind, ColumnType::Float | ColumnType::Integer),
    };
    let titles: Vec<Title> = fields.iter().map(title).collect();
    let shown = relation.rows.min(MAX_ROWS);
    let column = |(_, field): &(&String, &crate::relation::Field)| -> Vec<Cell> {
        let values: Vec<Value> = (0..shown).map(|row| field.column.value(row)).collect();
        let format = decimals(&values).map(|decimals| format!("%.{decimals}f"));
        values.iter().map(|value| cell(value, format.as_deref(), locale)).collect()
    };
    let columns: Vec<Vec<Cell>> = fields.iter().map(column).collect();
    Shown {
        wide: width(&titles, &columns) > TEXT,
        rows: (0..shown).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect(),
        titles,
        csv: data::csv(relation),
    }
}

fn cell(value: &Value, format: Option<&str>, locale: &Locale) -> Cell {
    let number = |format: Option<&str>| format_number(value, format, locale).unwrap_or_default();
    let plain = |text: String| Cell { text, whole: String::new() };
    match value {
        Value::Missing(_) => plain("–".to_owned()),
        Value::Bool(truth) => plain(locale.word(if *truth { "yes" } else { "no" }).to_owned()),
        Value::Text(text) => plain(text.clone()),
        Value::Float(_) => plain(number(format)),
        Value::Integer(integer) => {
            let whole = integer.to_string();
            match whole.trim_start_matches('-').len() {
                digits if digits <= MAX_DIGITS => plain(number(None)),
                digits if digits <= MAX_WHOLE => {
                    Cell { text: number(Some("%.4g")), whole: locale.number(&whole) }
                }
                _ => plain(number(Some("%.4g"))),
            }
        }
        _ => plain(number(None)),
    }
}

/// The decimals that all numbers of a column are written with, so that their points stand below each other; `None` if they are
/// too different for that.
fn decimals(values: &[Value]) -> Option<usize> {
    let mut most = 0;
    for value in values {
        let Value::Float(number) = value else { continue };
        let rounded = Decimal::rounded(*number, SIGNIFICANT);
        if !(-4..9).contains(&rounded.magnitude()) {
            return None;
        }
        most = most.max(-rounded.exponent());
    }
    usize::try_from(most).ok().filter(|most| *most <= MAX_DECIMALS)
}

/// About the width of a table in pixels, with the longest words of its titles in one line.
fn width(titles: &[Title], columns: &[Vec<Cell>]) -> usize {
    let longest = |text: &str| text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    let column = |(title, cells): (&Title, &Vec<Cell>)| {
        let of_cell = |cell: &Cell| match title.numeric {
            true => cell.text.chars().count(),
            // Words may break; a long text needs some room all the same.
            false => longest(&cell.text).max(cell.text.chars().count().min(24)),
        };
        cells.iter().map(of_cell).max().unwrap_or(0).max(longest(&title.label)) * LETTER + PADDING
    };
    titles.iter().zip(columns).map(column).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;

    fn column(values: &[Value]) -> Vec<String> {
        let english = Locale::built_in("en").unwrap();
        let format = decimals(values).map(|decimals| format!("%.{decimals}f"));
        values.iter().map(|value| cell(value, format.as_deref(), &english).text).collect()
    }

    #[test]
    fn the_points_of_a_column_stand_below_each_other() {
        assert_eq!(column(&[0.25, 100.0, 2.71234].map(Value::from)), ["0.250", "100.000", "2.712"]);
        assert_eq!(column(&[1.0, 20.0].map(Value::from)), ["1", "20"]);
        assert_eq!(column(&[0.0, 0.5].map(Value::from)), ["0.0", "0.5"]);
    }

    #[test]
    fn numbers_of_very_different_sizes_are_written_each_on_its_own() {
        assert_eq!(column(&[1e-9, 0.5].map(Value::from)), ["10⁻⁹", "0.5"]);
        assert_eq!(column(&[0.000_123_4, 1234.5].map(Value::from))[1], "1235");
    }

    #[test]
    fn long_integers_are_rounded_and_keep_their_digits_aside() {
        let english = Locale::built_in("en").unwrap();
        let long = cell(&Value::Integer(BigInt::from(2).pow(100)), None, &english);
        assert_eq!(long.text, "1.268×10³⁰");
        assert!(long.whole.starts_with("1,267,650,600,228"), "{}", long.whole);
        let short = cell(&Value::from(123_456_789), None, &english);
        assert_eq!((short.text.as_str(), short.whole.as_str()), ("123,456,789", ""));
    }

    #[test]
    fn a_table_with_long_columns_is_wide() {
        let title = |label: &str| Title { label: label.to_owned(), unit: String::new(), numeric: true };
        let cells = |text: &str| vec![Cell { text: text.to_owned(), whole: String::new() }];
        let columns = |text: &str| (0..7).map(|_| cells(text)).collect::<Vec<_>>();
        let titles: Vec<Title> = (0..7).map(|_| title("a bound")).collect();
        assert!(width(&titles, &columns("12")) <= TEXT);
        assert!(width(&titles, &columns("123,456,789,012")) > TEXT);
    }
}
