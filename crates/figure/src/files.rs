//! Which data files a figure offers, and what their links say.
//!
//! Layers of a figure often draw one table: lines over their points, the same partition in two colours. A reader wants the
//! table's rows once. So layers without a name of their own that draw the same rows share a file, each with its columns;
//! those that draw other rows of the same table share one, too, each with its rows.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use octavo_plugin::{Column, Localized, Value};

use octavo_definition::locale::Locale;
use octavo_tables::relation::{Field, Relation};

use super::data::{self, LayerData};
use octavo_definition::ids::ItemRef;

/// Rows of one or several layers, for one file.
#[derive(Clone, Debug, PartialEq)]
pub struct DataFile {
    /// What its link says.
    pub name: FileName,
    /// The rows.
    pub relation: Relation,
    /// Whether they are vertices or pixels.
    pub unfolded: bool,
}

impl DataFile {
    /// The rows as CSV, those of pixels as [`data::pixels_csv`] writes them.
    pub fn csv(&self) -> String {
        let pixels = self.unfolded.then(|| data::pixels_csv(&self.relation)).flatten();
        pixels.unwrap_or_else(|| data::csv(&self.relation))
    }
}

/// What the link to a data file says.
#[derive(Clone, Debug, PartialEq)]
pub enum FileName {
    /// The layer's label, or what the layer shows.
    Words(Localized),
    /// The name of the table, without the experiment that it comes from.
    Table(String),
}

impl FileName {
    /// The text in a language.
    pub fn text(&self, locale: &Locale) -> &str {
        match self {
            Self::Words(words) => words.get(&locale.tag).unwrap_or_default(),
            Self::Table(name) => name,
        }
    }
}

/// The files of a figure's layers, in order; the same for every language.
pub fn files(layers: &[LayerData]) -> Vec<DataFile> {
    let mut joined: Vec<LayerData> = Vec::new();
    for layer in layers {
        match joined.iter_mut().find(|other| draw_the_same(other, layer)) {
            Some(other) => widen(other, layer),
            None => joined.push(layer.clone()),
        }
    }
    let names = names(&joined);
    let mut files: Vec<(DataFile, LayerData)> = Vec::new();
    for (layer, name) in joined.into_iter().zip(names) {
        let same = files.iter_mut().find(|(file, other)| {
            file.name == name && other.from == layer.from && stack(&file.relation, other, &layer)
        });
        match same {
            Some((file, _)) => append(&mut file.relation, &layer),
            None => {
                let (relation, unfolded) = (layer.relation.clone(), layer.unfolded);
                files.push((DataFile { name, relation, unfolded }, layer));
            }
        }
    }
    files.into_iter().map(|(file, _)| file).collect()
}

/// Whether two layers without labels draw all rows of one selection of one table as they are.
fn draw_the_same(a: &LayerData, b: &LayerData) -> bool {
    let plain = |layer: &LayerData| layer.label.is_none() && !layer.aggregated;
    plain(a)
        && plain(b)
        && a.from == b.from
        && a.selection == b.selection
        && a.relation.rows == b.relation.rows
        && a.unfolded == b.unfolded
}

/// Adds the columns that another layer draws of the same rows.
fn widen(file: &mut LayerData, layer: &LayerData) {
    for (name, field) in &layer.relation.fields {
        file.relation.fields.entry(name.clone()).or_insert_with(|| field.clone());
    }
    if file.shows != layer.shows {
        file.shows = Localized::None;
    }
}

/// Labels; without one, what a layer shows if nothing else is called so; else the name of its table. Of a statistic and the rows
/// that it was taken of, the statistic has the words and the rows have the table's name.
fn names(layers: &[LayerData]) -> Vec<FileName> {
    let words = |layer: &LayerData| match &layer.label {
        Localized::None => layer.shows.clone(),
        label => label.clone(),
    };
    let all: Vec<Localized> = layers.iter().map(words).collect();
    let gives_way = |other: &LayerData, layer: &LayerData| {
        layer.aggregated && !other.aggregated && other.label.is_none() && other.from == layer.from
    };
    let told = |at: usize| {
        let mut others =
            (0..layers.len()).filter(|other| *other != at && !gives_way(&layers[*other], &layers[at]));
        !all[at].is_none() && others.all(|other| !clash(&all[at], &all[other]))
    };
    let name = |(at, layer): (usize, &LayerData)| {
        if !layer.label.is_none() || told(at) {
            return FileName::Words(all[at].clone());
        }
        let table = ItemRef::parse(&layer.from).name;
        FileName::Table(table.to_owned())
    };
    layers.iter().enumerate().map(name).collect()
}

/// Whether two texts are the same in a language.
fn clash(a: &Localized, b: &Localized) -> bool {
    let tags = |text: &Localized| match text {
        Localized::Each(texts) => texts.keys().cloned().collect(),
        _ => vec![String::new()],
    };
    let same = |tag: &String| a.get(tag).is_some() && a.get(tag) == b.get(tag);
    tags(a).iter().chain(&tags(b)).any(same)
}

/// Whether the rows of a layer can stand below those of a file that began with another layer of the same table.
fn stack(file: &Relation, first: &LayerData, layer: &LayerData) -> bool {
    let kind = |relation: &Relation, name: &str| relation.field(name).map(|field| field.column.kind());
    let names = || layer.relation.fields.keys();
    let agree =
        names().all(|name| kind(file, name).is_none_or(|found| kind(&layer.relation, name) == Some(found)));
    let columns = file.fields.len() == names().len() && names().all(|name| file.fields.contains_key(name));
    agree && first.unfolded == layer.unfolded && (columns || !first.aggregated && !layer.aggregated)
}

/// The column of an unfolded drawing that numbers its parts.
const PART: &str = "part";

/// Adds the rows of a layer that are not there yet, and its columns. Where parts are numbered, whole parts are rows.
fn append(file: &mut Relation, layer: &LayerData) {
    let added = &layer.relation;
    for (name, field) in &added.fields {
        let missing = vec![absent(); file.rows];
        file.fields.entry(name.clone()).or_insert_with(|| column(field, &missing));
    }
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let before = blocks(file, layer.unfolded);
    for block in &before {
        *known.entry(key(file, file, block)).or_default() += 1;
    }
    let mut kept: Vec<(usize, usize)> = Vec::new();
    let mut next = before.len();
    for block in blocks(added, layer.unfolded) {
        match known.get_mut(&key(file, added, &block)) {
            Some(count) if *count > 0 => *count -= 1,
            _ => {
                kept.extend(block.map(|row| (row, next)));
                next += 1;
            }
        }
    }
    let more = |name: &String, (row, part): &(usize, usize)| match name.as_str() {
        PART if layer.unfolded => Value::from(*part as i64),
        _ => added.value(name, *row).unwrap_or_else(absent),
    };
    let fields: IndexMap<String, Field> = file
        .fields
        .iter()
        .map(|(name, field)| {
            let old = (0..file.rows).map(|row| field.column.value(row));
            let values: Vec<Value> = old.chain(kept.iter().map(|at| more(name, at))).collect();
            (name.clone(), column(field, &values))
        })
        .collect();
    *file = Relation { rows: file.rows + kept.len(), fields, shapes: Vec::new() };
}

fn absent() -> Value {
    Value::Missing("not drawn".to_owned())
}

fn column(like: &Field, values: &[Value]) -> Field {
    let column = Column::from_values(like.column.kind(), values);
    Field { column: column.expect("values of one type stand in a column of it"), schema: like.schema.clone() }
}

/// The rows one by one, or those of each part.
fn blocks(relation: &Relation, unfolded: bool) -> Vec<std::ops::Range<usize>> {
    let mut blocks: Vec<std::ops::Range<usize>> = Vec::new();
    for row in 0..relation.rows {
        let continues = |last: &std::ops::Range<usize>| {
            unfolded && relation.value(PART, last.start) == relation.value(PART, row)
        };
        match blocks.last_mut() {
            Some(last) if continues(last) => last.end = row + 1,
            _ => blocks.push(row..row + 1),
        }
    }
    blocks
}

/// The same text for rows that agree in all columns of the file but the numbers of parts.
fn key(file: &Relation, relation: &Relation, rows: &std::ops::Range<usize>) -> String {
    let names: Vec<&String> = file.fields.keys().filter(|name| *name != PART).collect();
    let cell =
        |row: usize, name: &str| relation.value(name, row).unwrap_or_else(absent).to_json().to_string();
    let cells = rows.clone().flat_map(|row| names.iter().map(move |name| cell(row, name) + "\u{1f}"));
    cells.collect()
}
