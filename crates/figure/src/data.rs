//! The rows that a figure draws, for its data download: neutral CSV and JSON with exact floats.

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::artifact::Artifact;
use octavo_plugin::figure::{Mark, ScaleKind, Where};
use octavo_plugin::{Column, ColumnData, ColumnSchema, ColumnType, Localized, Named, Value};
use serde_json::{Map, Value as Json};

use octavo_tables::relation::{Field, Relation, Shape};

use super::cell::Cell;
use super::checked::CheckedChannel;
use super::rows::Axis;
use super::rows::{self, Bound, Rows};
use super::summary;
use super::time;

/// The drawn rows of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerData {
    /// The table or drawing that they come from.
    pub from: String,
    /// Which of its rows.
    pub selection: Where,
    /// What the layer calls itself.
    pub label: Localized,
    /// What it shows: the label of the column that its marks are about.
    pub shows: Localized,
    /// Whether a statistic was taken.
    pub aggregated: bool,
    /// Whether a row is a vertex or pixel, with the number of its part.
    pub unfolded: bool,
    /// The columns that channels name, statistics in place of what they were taken of.
    pub relation: Relation,
}

/// The drawn rows of each layer; layers that draw the same rows are given once, constants not at all.
pub(super) fn drawn(layers: &[Rows]) -> Vec<LayerData> {
    let mut all: Vec<LayerData> = Vec::new();
    for rows in layers {
        let Some(from) = rows.layer.from.clone() else { continue };
        if rows.channels.bound.values().all(Bound::is_constant) && rows.relation.shapes.is_empty() {
            continue;
        }
        let data = LayerData {
            from,
            selection: rows.layer.selection.clone(),
            label: rows.layer.label.clone(),
            shows: shows(rows),
            aggregated: rows.statistic().is_some(),
            unfolded: is_unfolded(rows),
            relation: relation(rows),
        };
        match all.iter_mut().find(|other| other.from == data.from && other.relation == data.relation) {
            Some(other) if other.label.is_none() => other.label = data.label,
            Some(_) => {}
            None => all.push(data),
        }
    }
    all
}

/// Whether shapes stand for themselves, without a channel that places them.
fn is_unfolded(rows: &Rows) -> bool {
    rows.channels.get("x").is_none() || rows.channels.get("y").is_none()
}

/// The label of the column that texts write, that areas are coloured by, or that stands on an axis.
fn shows(rows: &Rows) -> Localized {
    let areas = [Mark::Cell, Mark::Image, Mark::Polygon].iter().any(|mark| rows.marks.contains(mark));
    let order: &[&str] = match () {
        () if rows.marks.contains(&Mark::Text) => &["text"],
        () if areas || is_unfolded(rows) => &["color"],
        () => &["y", "x"],
    };
    let numbers = |name: &&str| {
        let bound = rows.channels.get(name)?;
        (!bound.is_constant() && bound.cells.iter().any(Cell::is_number)).then_some(bound)
    };
    let Some(bound) = order.iter().find_map(numbers) else { return Localized::None };
    let own = &bound.channel.label;
    let label = if own.is_none() { &bound.schema.label } else { own };
    // A column without a label has its name for one.
    if *label == Localized::from(bound.name.as_str()) { Localized::None } else { label.clone() }
}

fn relation(rows: &Rows) -> Relation {
    let indices: Vec<usize> = rows.data.iter().map(|datum| datum.row).collect();
    let is_all = indices.len() == rows.relation.rows && indices.iter().copied().eq(0..indices.len());
    let taken = if is_all { Arc::clone(&rows.relation) } else { Arc::new(rows.relation.take(&indices)) };
    let mut fields: IndexMap<String, Field> = IndexMap::new();
    let panels = rows.panels.iter().flatten().map(|bound| bound.name.as_str());
    for name in panels.chain(rows.layer.group.iter().map(String::as_str)) {
        if let Some(field) = taken.field(name) {
            fields.insert(name.to_owned(), field.clone());
        }
    }
    // What a mark counts stands among the columns of what it was taken of.
    let counted = |name: &str| name == "y" && rows::counts(&rows.marks);
    for name in ["color", "size", "text", "x", "x2", "y", "y2"] {
        if let Some(bound) = rows.channels.get(name).filter(|bound| !bound.is_constant() && !counted(name)) {
            add_channel(rows, name, bound, &taken, &mut fields);
        }
    }
    if rows.marks == [Mark::Picture] {
        return pictures(indices.len(), fields, &taken.shapes);
    }
    let relation = Relation { rows: indices.len(), fields, shapes: taken.shapes.clone() };
    if is_unfolded(rows) { unfolded(&relation) } else { Relation { shapes: Vec::new(), ..relation } }
}

/// Pictures by what they hold: their digests, widths and heights.
fn pictures(rows: usize, mut fields: IndexMap<String, Field>, shapes: &[Shape]) -> Relation {
    let all = || {
        shapes
            .iter()
            .filter_map(|shape| if let Shape::Picture(picture) = shape { Some(picture) } else { None })
    };
    let digests = all().map(|picture| Artifact::Drawing((**picture).clone().into()).digest().hex());
    let side = |axis: usize| all().map(|picture| picture.image().size()[axis]).collect::<Vec<f64>>();
    let columns: [(&str, Column); 3] = [
        ("picture", digests.collect::<Vec<String>>().into()),
        ("width", side(0).into()),
        ("height", side(1).into()),
    ];
    for (name, column) in columns {
        let schema = plain_schema(column.kind());
        fields.insert(name.to_owned(), Field { column, schema });
    }
    Relation { rows, fields, shapes: Vec::new() }
}

fn add_channel(
    rows: &Rows,
    name: &str,
    bound: &Bound,
    taken: &Relation,
    fields: &mut IndexMap<String, Field>,
) {
    let channel = &bound.channel;
    let aggregated = bound.is_aggregated() || rows.summarised == Some(name);
    let plain = taken
        .field(&bound.name)
        .filter(|_| channel.field.is_some() && !(aggregated && matches!(name, "x" | "y")));
    if let Some(field) = plain {
        fields.entry(bound.name.clone()).or_insert_with(|| field.clone());
        return;
    }
    let cells = |pick: &dyn Fn(&rows::Datum) -> Option<Cell>| -> Field {
        let values: Vec<Value> = rows.data.iter().map(|datum| value(pick(datum))).collect();
        let text = values.iter().any(|value| matches!(value, Value::Text(_)));
        let kind = if text { ColumnType::Text } else { ColumnType::Float };
        let schema = ColumnSchema { kind, ..bound.schema.clone() };
        let missing = || vec![Value::Missing("mixed types".to_owned()); rows.data.len()];
        let column = Column::from_values(kind, &values).or_else(|| Column::from_values(kind, &missing()));
        Field { column: column.expect("missing values stand in a column of any type"), schema }
    };
    let own = |datum: &rows::Datum| own_cell(rows, name, channel, datum);
    if rows.summarised == Some(name) {
        for (column, pick) in summary::columns(rows) {
            fields.insert(column, cells(&pick));
        }
    } else {
        fields.insert(bound.name.clone(), cells(&own));
    }
    if aggregated && rows.shows_spread() {
        let end = |pick: fn(&(Cell, Cell)) -> &Cell| {
            cells(&|datum| datum.more().spread.as_ref().map(pick).cloned())
        };
        fields.insert(format!("{}_low", bound.name), end(|spread| &spread.0));
        fields.insert(format!("{}_high", bound.name), end(|spread| &spread.1));
    }
    if aggregated && !rows::counts(&rows.marks) {
        let mut add = |name: &str, counts: Vec<i64>| {
            let schema = plain_schema(ColumnType::Integer);
            fields.insert(name.to_owned(), Field { column: counts.into(), schema });
        };
        add("rows", rows.data.iter().map(|datum| datum.count as i64).collect());
        if channel.skip_missing {
            add("used", rows.data.iter().map(|datum| datum.used as i64).collect());
        }
    }
}

/// What a datum says in a channel; a moment is the text of its date.
fn own_cell(rows: &Rows, name: &str, channel: &CheckedChannel, datum: &rows::Datum) -> Option<Cell> {
    let cell = match name {
        "x" => rows.shown(datum, Axis::X),
        "y" => rows.shown(datum, Axis::Y),
        "x2" => datum.more().x2.as_ref(),
        "y2" => datum.more().y2.as_ref(),
        "color" => datum.color.as_ref(),
        "size" => datum.more().size.as_ref(),
        _ => datum.more().text.as_ref(),
    };
    Some(match cell? {
        Cell::Number(seconds) if channel.scale == Some(ScaleKind::Time) => {
            Cell::Text(time::iso(*seconds).into())
        }
        other => other.clone(),
    })
}

fn plain_schema(kind: ColumnType) -> ColumnSchema {
    ColumnSchema { kind, unit: String::new(), label: Localized::None }
}

fn value(cell: Option<Cell>) -> Value {
    match cell {
        Some(Cell::Number(number)) => Value::Float(number),
        Some(Cell::Text(text)) => Value::Text(text.to_string()),
        Some(Cell::Infinite { negative: true }) => Value::Named(Named::NegativeInfinity),
        Some(Cell::Infinite { negative: false }) => Value::Named(Named::Infinity),
        Some(Cell::Huge { log10, .. }) => Value::Missing(format!("about 10^{log10}, beyond floats")),
        Some(Cell::Missing) | None => Value::Missing("no value".to_owned()),
    }
}

/// Shapes as rows: every vertex or pixel with its place and the attributes of its part.
fn unfolded(relation: &Relation) -> Relation {
    let (mut rows, mut parts) = (Vec::new(), Vec::new());
    let (mut x, mut y, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (row, shape) in relation.shapes.iter().enumerate() {
        match shape {
            Shape::Part(geometry, part) => {
                for [px, py] in geometry.part(*part) {
                    rows.push(row);
                    parts.push(row as i64);
                    x.push(*px);
                    y.push(*py);
                }
            }
            // They are told apart by what they hold.
            Shape::Picture(_) => {}
            Shape::Raster(raster) => {
                let [[x0, y0], [x1, y1]] = raster.extent;
                for (index, value) in raster.values.iter().enumerate() {
                    let part = |at: usize, count: usize| (at as f64 + 0.5) / count as f64;
                    rows.push(row);
                    parts.push(row as i64);
                    x.push(x0 + (x1 - x0) * part(index % raster.width, raster.width));
                    y.push(y1 - (y1 - y0) * part(index / raster.width, raster.height));
                    values.push(*value);
                }
            }
        }
    }
    let mut taken = relation.take(&rows);
    taken.shapes.clear();
    let mut add = |name: &str, column: Column| {
        let schema = plain_schema(column.kind());
        taken.fields.insert(name.to_owned(), Field { column, schema });
    };
    add("part", parts.into());
    add("x", x.into());
    add("y", y.into());
    if values.len() == rows.len() && !values.is_empty() {
        add("value", values.into());
    }
    taken
}

const WRITES: &str = "writing to memory does not fail";

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new())
}

fn text(writer: csv::Writer<Vec<u8>>) -> String {
    let bytes = writer.into_inner().expect(WRITES);
    String::from_utf8(bytes).expect("fields are UTF-8")
}

/// Comma-separated values with a header, `.` as decimal mark, floats in their shortest exact form, missing cells empty.
pub fn csv(relation: &Relation) -> String {
    let mut writer = writer();
    writer.write_record(relation.fields.keys()).expect(WRITES);
    let mut cells: Vec<Text> = relation.fields.values().map(|_| Text::default()).collect();
    for row in 0..relation.rows {
        for (field, text) in relation.fields.values().zip(&mut cells) {
            writer.write_field(text.of(&field.column, row)).expect(WRITES);
        }
        writer.write_record(None::<&[u8]>).expect(WRITES);
    }
    text(writer)
}

/// As [`csv()`] for the unfolded pixels of pictures that are all equally wide: a line is a row of pixels. It has what the picture is
/// about, its number `part`, `y`, the first and the last `x`, between which the pixels stand at equal distances, and then their values
/// from left to right, in columns that are called by their numbers from 0. `None` for other rows.
pub fn pixels_csv(relation: &Relation) -> Option<String> {
    let float = |name: &str| match &relation.field(name)?.column {
        Column { data: ColumnData::Float(cells), exceptions } if exceptions.is_empty() => Some(cells),
        _ => None,
    };
    let (x, y) = (float("x")?, float("y")?);
    let width = x.windows(2).position(|pair| pair[0] >= pair[1])? + 1;
    let same = |column: &Column, start: usize| {
        let first = column.value(start);
        (start + 1..start + width).all(|row| column.value(row) == first)
    };
    let shared: Vec<(&String, &Field)> =
        relation.fields.iter().filter(|(name, _)| !["x", "y", "value"].contains(&name.as_str())).collect();
    let value = relation.field("value")?;
    let is_row = |start: usize| {
        let rising = x[start..start + width].windows(2).all(|pair| pair[0] < pair[1]);
        let level = y[start..start + width].iter().all(|other| *other == y[start]);
        rising && level && shared.iter().all(|(_, field)| same(&field.column, start))
    };
    let mut starts = (0..relation.rows).step_by(width);
    if width < 2 || !relation.rows.is_multiple_of(width) || !starts.clone().all(is_row) {
        return None;
    }
    let mut writer = writer();
    let numbers = (0..width).map(|number| number.to_string());
    let names = shared.iter().map(|(name, _)| (*name).clone());
    let places = ["y", "x_first", "x_last"].map(str::to_owned);
    writer.write_record(names.chain(places).chain(numbers)).expect(WRITES);
    let mut cell = Text::default();
    starts
        .try_for_each(|start| {
            for (_, field) in &shared {
                writer.write_field(Text::default().of(&field.column, start))?;
            }
            for place in [y[start], x[start], x[start + width - 1]] {
                writer.write_field(Text::default().of(&vec![place].into(), 0))?;
            }
            for row in start..start + width {
                writer.write_field(cell.of(&value.column, row))?;
            }
            writer.write_record(None::<&[u8]>)
        })
        .expect(WRITES);
    Some(text(writer))
}

/// The texts of the cells of a column, one after another in one buffer. A float equal to the one above keeps its text: the pixels
/// of a row share their y.
#[derive(Default)]
struct Text {
    text: String,
    float: Option<u64>,
}

impl Text {
    fn of(&mut self, column: &Column, row: usize) -> &str {
        let plain = !column.exceptions.contains_key(&row);
        match &column.data {
            ColumnData::Float(cells) if plain => {
                if self.float.replace(cells[row].to_bits()) != Some(cells[row].to_bits()) {
                    self.text.clear();
                    write!(self.text, "{:?}", cells[row]).expect(WRITES);
                    if self.text.ends_with(".0") {
                        self.text.truncate(self.text.len() - 2);
                    }
                }
            }
            ColumnData::Integer(cells) if plain => {
                self.text.clear();
                write!(self.text, "{}", cells[row]).expect(WRITES);
            }
            _ => {
                (self.text, self.float) = (column.value(row).to_string(), None);
            }
        }
        &self.text
    }
}

/// `{"columns": {"x": [...]}, "units": {"x": "rad"}}`; integers beyond 2^53 as decimal strings, named values by name.
pub fn json(relation: &Relation) -> Json {
    let column = |(name, field): (&String, &Field)| {
        let cells = (0..relation.rows).map(|row| field.column.value(row).to_json()).collect();
        (name.clone(), Json::Array(cells))
    };
    let units = relation.fields.iter().filter(|(_, field)| !field.schema.unit.is_empty());
    let units: Map<String, Json> =
        units.map(|(name, field)| (name.clone(), field.schema.unit.clone().into())).collect();
    let columns: Map<String, Json> = relation.fields.iter().map(column).collect();
    serde_json::json!({ "columns": columns, "units": units })
}
