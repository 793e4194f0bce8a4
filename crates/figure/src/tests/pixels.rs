//! The rows of pixels of pictures as CSV.

use octavo_plugin::{Column, ColumnSchema, ColumnType, Localized, Value};

use crate::data::pixels_csv;
use octavo_tables::relation::{Field, Relation};

fn relation(columns: Vec<(&str, Column)>) -> Relation {
    let rows = columns[0].1.len();
    let field = |(name, column): (&str, Column)| {
        let schema = ColumnSchema { kind: column.kind(), unit: String::new(), label: Localized::None };
        (name.to_owned(), Field { column, schema })
    };
    Relation { rows, fields: columns.into_iter().map(field).collect(), shapes: Vec::new() }
}

/// Two pictures of three by two pixels, of which the second lies elsewhere.
fn two_pictures(kind: &[i64]) -> Relation {
    let row = |x: f64| [x, x + 1.0, x + 2.0];
    let values: Vec<Value> = (0..12)
        .map(|n| if n == 4 { Value::Missing("blank".into()) } else { Value::Float(f64::from(n) / 2.0) })
        .collect();
    let x = [row(0.5), row(0.5), row(-7.5), row(-7.5)].concat();
    let y = [[1.5; 3], [0.5; 3], [1.5; 3], [0.5; 3]].concat();
    relation(vec![
        ("kind", kind.to_vec().into()),
        ("value", Column::from_values(ColumnType::Float, &values).unwrap()),
        ("part", [vec![0_i64; 6], vec![1; 6]].concat().into()),
        ("x", x.into()),
        ("y", y.into()),
    ])
}

#[test]
fn a_line_is_a_row_of_pixels() {
    let kinds = [vec![4; 6], vec![8; 6]].concat();
    let csv = pixels_csv(&two_pictures(&kinds)).unwrap();
    let lines = [
        "kind,part,y,x_first,x_last,0,1,2",
        "4,0,1.5,0.5,2.5,0,0.5,1",
        "4,0,0.5,0.5,2.5,1.5,,2.5",
        "8,1,1.5,-7.5,-5.5,3,3.5,4",
        "8,1,0.5,-7.5,-5.5,4.5,5,5.5",
    ];
    assert_eq!(csv.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn other_rows_are_not_lines_of_pixels() {
    // What the picture is about changes within a line.
    let kinds: Vec<i64> = (0..12).collect();
    assert_eq!(pixels_csv(&two_pictures(&kinds)), None);
    // A line of three, then one of two.
    let ragged = relation(vec![
        ("value", vec![1.0; 5].into()),
        ("part", vec![0_i64; 5].into()),
        ("x", vec![0.0, 1.0, 2.0, 0.0, 1.0].into()),
        ("y", vec![1.0, 1.0, 1.0, 0.0, 0.0].into()),
    ]);
    assert_eq!(pixels_csv(&ragged), None);
    // A curve that falls.
    let curve = relation(vec![
        ("value", vec![1.0; 4].into()),
        ("part", vec![0_i64; 4].into()),
        ("x", vec![0.0, 1.0, 0.0, 1.0].into()),
        ("y", vec![1.0, 0.5, 1.0, 1.0].into()),
    ]);
    assert_eq!(pixels_csv(&curve), None);
}
