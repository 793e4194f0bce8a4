//! Tables of results on pages.

mod pivot;

use indexmap::IndexMap;
use octavo_plugin::{ColumnType, Localized, Value};
use serde::{Deserialize, Serialize};

use crate::figure::data;
use crate::locale::Locale;
use crate::manifest::{DerivedTable, Pivot, ShownColumn};
use crate::number::{Decimal, format_number};
use crate::relation::Relation;
use crate::results::REPLICATE;

/// Rows shown on a page unless `rows` says otherwise; the data file has all.
const MOST_ROWS: usize = 200;
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

/// A title above several columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The title; empty above columns without one.
    pub label: String,
    /// How many columns it is above.
    pub span: usize,
}

/// A table as text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// Titles above titles; none if no column has one.
    pub groups: Vec<Group>,
    /// The columns.
    pub titles: Vec<Title>,
    /// The cells, row by row.
    pub rows: Vec<Vec<Cell>>,
    /// What to say of rows that are not shown; empty if all are.
    pub note: String,
    /// Whether it needs more room than the text has.
    pub wide: bool,
    /// All rows as CSV.
    pub csv: String,
}

/// How a table looks: what its definition says, if it is a derived one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Look {
    /// The columns in order; `None` for all.
    pub columns: Option<Vec<ShownColumn>>,
    /// How many rows are shown.
    pub rows: Option<u32>,
    /// Whether it is shown as a wide table.
    pub pivot: Option<Pivot>,
}

impl Look {
    /// The look that a definition asks for.
    pub fn of(table: &DerivedTable) -> Self {
        Self { columns: table.shown(), rows: table.rows, pivot: table.pivot.clone() }
    }

    /// The same with so many rows, if a page says how many.
    pub fn with_rows(self, rows: Option<u32>) -> Self {
        Self { rows: rows.or(self.rows), ..self }
    }
}

/// A column that is shown: its title, its values, how they are written, what stands above it, what its values are called.
pub(super) struct Column {
    pub(super) title: Title,
    pub(super) values: Vec<Value>,
    pub(super) format: Option<String>,
    pub(super) group: String,
    pub(super) names: IndexMap<String, Localized>,
}

/// A relation in a language; a `replicate` that is the same everywhere is left out unless it is asked for.
///
/// # Errors
/// A pivot of which a cell has several values, or that is too wide.
pub fn show(relation: &Relation, look: &Look, locale: &Locale) -> Result<Shown, String> {
    let columns = match &look.pivot {
        Some(pivot) => pivot::columns(relation, pivot, look, locale)?,
        None => columns(relation, look, locale),
    };
    let total = columns.first().map_or(relation.rows, |column| column.values.len());
    let most = look.rows.map_or(MOST_ROWS, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
    let shown = total.min(most);
    let cells = |column: &Column| -> Vec<Cell> {
        let values = &column.values[..shown];
        let common = decimals(values).map(|decimals| format!("%.{decimals}f"));
        let written = |value: &Value| match column.format.as_deref() {
            Some(format) => formatted(value, format, locale),
            None => cell(value, common.as_deref(), locale),
        };
        let text = |value: &Value| named(value, &column.names, locale).unwrap_or_else(|| written(value));
        values.iter().map(text).collect()
    };
    let groups = groups(&columns);
    let texts: Vec<Vec<Cell>> = columns.iter().map(cells).collect();
    let titles: Vec<Title> = columns.into_iter().map(|column| column.title).collect();
    let number = |count: usize| locale.number(&count.to_string());
    let note = match shown < total {
        true => locale.fill("first-rows", &[("shown", &number(shown)), ("total", &number(total))]),
        false => String::new(),
    };
    Ok(Shown {
        wide: width(&titles, &texts) > TEXT,
        rows: (0..shown).map(|row| texts.iter().map(|column| column[row].clone()).collect()).collect(),
        groups,
        titles,
        note,
        csv: data::csv(relation),
    })
}

/// The columns that are asked for, or all.
fn columns(relation: &Relation, look: &Look, locale: &Locale) -> Vec<Column> {
    let constant = |name: &str| {
        name == REPLICATE
            && (1..relation.rows).all(|row| relation.value(name, row) == relation.value(name, 0))
    };
    let all = || relation.fields.keys().filter(|name| !constant(name));
    let plain = |name: &String| ShownColumn { field: name.clone(), ..ShownColumn::default() };
    let asked = look.columns.clone().unwrap_or_else(|| all().map(plain).collect());
    asked.iter().filter_map(|shown| of_field(relation, shown, locale)).collect()
}

/// A column of a relation as it is to be shown.
pub(super) fn of_field(relation: &Relation, shown: &ShownColumn, locale: &Locale) -> Option<Column> {
    let field = relation.field(&shown.field)?;
    let own = shown.label.get(&locale.tag);
    let label = own.or_else(|| field.schema.label.get(&locale.tag)).unwrap_or(&shown.field).to_owned();
    let numeric = matches!(field.schema.kind, ColumnType::Float | ColumnType::Integer);
    let unit = field.schema.unit.clone();
    Some(Column {
        title: Title { label, unit, numeric },
        values: (0..relation.rows).map(|row| field.column.value(row)).collect(),
        format: shown.format.clone(),
        group: shown.group.get(&locale.tag).unwrap_or_default().to_owned(),
        names: shown.names.clone(),
    })
}

/// What a text, or a number as it is written in TOML, is called; `None` if it has no name.
fn named(value: &Value, names: &IndexMap<String, Localized>, locale: &Locale) -> Option<Cell> {
    let name = match value {
        Value::Text(text) => names.get(text)?,
        Value::Integer(_) | Value::Float(_) => names.get(&value.to_string())?,
        _ => return None,
    };
    name.get(&locale.tag).map(|text| Cell { text: text.to_owned(), whole: String::new() })
}

/// Neighbours of one group share a title; none if no column has a group.
fn groups(columns: &[Column]) -> Vec<Group> {
    if columns.iter().all(|column| column.group.is_empty()) {
        return Vec::new();
    }
    let runs = columns.chunk_by(|a, b| a.group == b.group);
    runs.map(|run| Group { label: run[0].group.clone(), span: run.len() }).collect()
}

/// A value in the format that its column asks for; what is no number stands as without it.
fn formatted(value: &Value, format: &str, locale: &Locale) -> Cell {
    match value {
        Value::Float(_) | Value::Integer(_) => match format_number(value, Some(format), locale) {
            Ok(text) => Cell { text, whole: String::new() },
            Err(_) => cell(value, None, locale),
        },
        _ => cell(value, None, locale),
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

    /// Two widths, two depths, and a value each but for one.
    fn relation() -> Relation {
        use crate::relation::Field;
        use octavo_plugin::{Column, ColumnSchema, Localized};
        let field = |column: Column, label: Localized| Field {
            schema: ColumnSchema { kind: column.kind(), unit: String::new(), label },
            column,
        };
        let fields = [
            ("width", field(vec![8_i64, 8, 16].into(), "Width".into())),
            ("depth", field(vec![1_i64, 2, 2].into(), Localized::en("Depth").with("fr", "Profondeur"))),
            ("loss", field(vec![0.5, 0.25, 0.125].into(), "Loss".into())),
        ];
        Relation {
            fields: fields.into_iter().map(|(name, field)| (name.to_owned(), field)).collect(),
            rows: 3,
            shapes: Vec::new(),
        }
    }

    /// Groups, titles and rows as lines.
    fn lines(look: serde_json::Value, tag: &str) -> Vec<String> {
        let table: DerivedTable = serde_json::from_value(look).unwrap();
        let shown = show(&relation(), &Look::of(&table), &Locale::built_in(tag).unwrap()).unwrap();
        let mut lines = Vec::new();
        if !shown.groups.is_empty() {
            let group = |group: &Group| format!("{}x{}", group.label, group.span);
            lines.push(shown.groups.iter().map(group).collect::<Vec<_>>().join("|"));
        }
        lines.push(shown.titles.iter().map(|title| title.label.clone()).collect::<Vec<_>>().join("|"));
        let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join("|");
        lines.extend(shown.rows.iter().map(row));
        lines.extend(Some(shown.note).filter(|note| !note.is_empty()));
        lines
    }

    #[test]
    fn columns_are_chosen_ordered_named_and_formatted() {
        use serde_json::json;
        assert_eq!(
            lines(json!({"from": "t"}), "fr"),
            ["Width|Profondeur|Loss", "8|1|0,500", "8|2|0,250", "16|2|0,125"]
        );
        let columns = json!([
            {"field": "loss", "format": "%.1%", "label": {"en": "Wrong", "fr": "Faux"}},
            {"field": "depth", "group": "Net"}, {"field": "width", "group": "Net"}
        ]);
        assert_eq!(
            lines(json!({"from": "t", "columns": columns}), "fr"),
            ["x1|Netx2", "Faux|Profondeur|Width", "50,0\u{a0}%|1|8", "25,0\u{a0}%|2|8", "12,5\u{a0}%|2|16"]
        );
    }

    #[test]
    fn values_are_called_as_a_column_says() {
        use serde_json::json;
        let names = json!({"8": {"en": "eight wide", "fr": "de huit"}, "0.5": {"en": "half"}});
        let columns = json!([{"field": "width", "names": names}, {"field": "loss", "names": names}]);
        let of = |tag| lines(json!({"from": "t", "columns": columns}), tag);
        assert_eq!(of("en"), ["Width|Loss", "eight wide|half", "eight wide|0.250", "16|0.125"]);
        assert_eq!(of("fr")[2..], ["de huit|0,250", "16|0,125"]);
        let pivot = json!({"rows": "width", "columns": "depth", "value": "loss"});
        assert_eq!(
            lines(json!({"from": "t", "pivot": pivot, "columns": columns}), "en")[1..],
            ["Width|1|2", "eight wide|half|0.250", "16|–|0.125"]
        );
    }

    #[test]
    fn rows_that_are_not_shown_are_counted() {
        use serde_json::json;
        let cut = lines(json!({"from": "t", "rows": 2}), "en");
        assert_eq!(cut[3], "The first 2 of 3 rows stand here, the file has all.");
        assert_eq!(cut.len(), 4);
        assert_eq!(lines(json!({"from": "t", "rows": 3}), "en").len(), 4, "three rows and their titles");
    }

    #[test]
    fn the_values_of_a_column_head_the_columns_of_a_pivot() {
        use serde_json::json;
        let pivot = json!({"rows": "width", "columns": "depth", "value": "loss"});
        assert_eq!(
            lines(json!({"from": "t", "pivot": pivot}), "en"),
            ["x1|Depthx2", "Width|1|2", "8|0.5|0.250", "16|–|0.125"]
        );
        let columns = json!([{"field": "loss", "format": "%.2f"}, {"field": "width", "label": "W"}]);
        assert_eq!(
            lines(json!({"from": "t", "pivot": pivot, "columns": columns, "rows": 1}), "en"),
            ["x1|Depthx2", "W|1|2", "8|0.50|0.25", "The first 1 of 2 rows stand here, the file has all."]
        );
        let table: DerivedTable = serde_json::from_value(
            json!({"from": "t", "pivot": {"rows": ["depth"], "columns": "depth", "value": "loss"}}),
        )
        .unwrap();
        let failed = show(&relation(), &Look::of(&table), &Locale::built_in("en").unwrap());
        assert_eq!(failed.err().unwrap(), "rows 2 and 3 of the table have one place in the pivot: depth = 2");
    }
}
