//! Tables over tasks: scalars, tables and drawings of the runs, one below the other.

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::artifact::Artifact;
use octavo_plugin::{Column, ColumnData, ColumnSchema, ColumnType, Drawing, DrawingKind, Table, Value};

use super::SCALARS;
use super::schema::{REPLICATE, replicate_schema};
use super::{Problem, View, column_of};
use crate::relation::{self, Field, Relation, Shape};

/// A base table by name; `None` if the analysis gives none of this name.
pub(super) fn relation(view: &View, name: &str) -> Option<Result<Relation, Problem>> {
    let outputs = &view.results.outputs;
    if name == SCALARS {
        return Some(scalars(view));
    }
    if let Some(table) = outputs.tables.get(name) {
        let tables = view.artifacts(&format!("tables/{name}"));
        return Some(tables.map(|tables| concatenated(view, &table.columns, &tables)));
    }
    let declared = outputs.drawings.get(name)?;
    let drawings = view.artifacts(&format!("drawings/{name}"));
    Some(drawings.map(|drawings| match declared.kind() {
        DrawingKind::Geometry(_) => parts(view, &drawings, &declared.attributes),
        DrawingKind::Raster => rasters(view, &drawings, &declared.attributes),
        DrawingKind::Picture => pictures(view, &drawings),
    }))
}

/// What each task of a view gave under one name.
type Given = [Option<Arc<Artifact>>];

/// The sweep's columns and `replicate`, a row per task.
pub(super) fn points(view: &View) -> Relation {
    let mut relation = Relation { rows: view.runs.len(), ..Relation::default() };
    for (name, schema) in &view.results.point_schema {
        let value = |run: usize| view.results.runs[run].point.get(name).cloned();
        let none = || Value::Missing("the point has no such parameter".to_owned());
        let values: Vec<Value> = view.runs.iter().map(|(run, _)| value(*run).unwrap_or_else(none)).collect();
        insert(&mut relation, name, schema, &values);
    }
    let replicates: Vec<Value> = view.runs.iter().map(|(_, replicate)| (*replicate).into()).collect();
    insert(&mut relation, REPLICATE, &replicate_schema(&view.results.replicate), &replicates);
    relation
}

pub(super) fn insert(relation: &mut Relation, name: &str, schema: &ColumnSchema, values: &[Value]) {
    let (column, kind) = column_of(schema.kind, values);
    let schema = ColumnSchema { kind, ..schema.clone() };
    relation.fields.insert(name.to_owned(), Field { column, schema });
}

fn scalars(view: &View) -> Result<Relation, Problem> {
    let given = view.artifacts(SCALARS)?;
    let mut relation = points(view);
    for (name, schema) in &view.results.outputs.scalars {
        let value = |((run, _), given): (&(usize, u32), &Option<Arc<Artifact>>)| {
            let scalar = match given.as_deref() {
                Some(Artifact::Scalars(scalars)) => scalars.get(name),
                _ => None,
            };
            let Some(scalar) = scalar else {
                return Value::Missing("the run gave no such scalar".to_owned());
            };
            match (view.shift, scalar.value.as_f64()) {
                (Some(shift), Some(x)) if shift.run == *run && shift.scalar == name => {
                    Value::from_f64(x + shift.amount)
                }
                _ => scalar.value.clone(),
            }
        };
        let values: Vec<Value> = view.runs.iter().zip(&given).map(value).collect();
        insert(&mut relation, name, schema, &values);
    }
    Ok(relation)
}

/// The rows of a table, or the attributes of a geometry's parts.
fn rows(artifact: &Artifact) -> Option<&Table> {
    match artifact {
        Artifact::Table(table) => Some(table),
        Artifact::Drawing(Drawing::Geometry(geometry)) => Some(&geometry.attributes),
        _ => None,
    }
}

/// Tables of the runs, one below the other, beside the points they belong to.
fn concatenated(view: &View, columns: &IndexMap<String, ColumnSchema>, given: &Given) -> Relation {
    let tables: Vec<Option<&Table>> = given.iter().map(|one| one.as_deref().and_then(rows)).collect();
    let owners: Vec<usize> = tables
        .iter()
        .enumerate()
        .flat_map(|(place, table)| std::iter::repeat_n(place, table.map_or(0, |table| table.rows())))
        .collect();
    let mut relation = points(view).take(&owners);
    for (name, schema) in columns {
        let parts: Vec<&Column> = tables.iter().flatten().filter_map(|table| table.column(name)).collect();
        let column = concatenate(schema.kind, &parts);
        let schema = ColumnSchema { kind: column.kind(), ..schema.clone() };
        relation.fields.insert(name.clone(), Field { column, schema });
    }
    relation
}

/// The first rows of a table of the analysis, and how many there are; `None` if it gives no such table.
pub(super) fn first_rows(view: &View, name: &str, most: usize) -> Option<Result<(Relation, usize), Problem>> {
    let columns = &view.results.outputs.tables.get(name)?.columns;
    let mut found = (Vec::new(), 0);
    for (run, _) in &view.runs {
        let artifact = match view.artifact(*run, &format!("tables/{name}")) {
            Ok(artifact) => artifact,
            Err(problem) => return Some(Err(problem)),
        };
        let table = artifact.as_deref().and_then(rows);
        let first = table.map(|table| {
            let kept: Vec<usize> = (0..table.rows().min(most.saturating_sub(found.1))).collect();
            let columns =
                table.columns.iter().map(|(name, column)| (name.clone(), relation::take(column, &kept)));
            Arc::new(Artifact::Table(Table { columns: columns.collect() }))
        });
        found.0.push(first);
        found.1 += table.map_or(0, Table::rows);
    }
    let (given, total) = found;
    Some(Ok((concatenated(view, columns, &given), total)))
}

/// Columns of one type, one below the other.
pub(super) fn concatenate(kind: ColumnType, parts: &[&Column]) -> Column {
    if let [only] = parts
        && only.kind() == kind
    {
        return (*only).clone();
    }
    let mut exceptions = std::collections::BTreeMap::new();
    let mut start = 0;
    for part in parts {
        exceptions.extend(part.exceptions.iter().map(|(row, value)| (start + row, value.clone())));
        start += part.len();
    }
    if kind == ColumnType::Float && parts.iter().all(|part| matches!(part.data, ColumnData::Float(_))) {
        let floats = |part: &&Column| match &part.data {
            ColumnData::Float(cells) => cells.clone(),
            _ => Vec::new(),
        };
        return Column { data: ColumnData::Float(parts.iter().flat_map(floats).collect()), exceptions };
    }
    if kind == ColumnType::Integer
        && exceptions.is_empty()
        && parts.iter().all(|part| integers(part).is_some())
    {
        let all = parts.iter().filter_map(|part| integers(part)).flatten().copied().collect();
        return Column { data: ColumnData::Integer(all), exceptions };
    }
    let cells = |part: &&Column| (0..part.len()).map(|row| part.value(row)).collect::<Vec<_>>();
    let values: Vec<Value> = parts.iter().flat_map(cells).collect();
    column_of(kind, &values).0
}

/// The cells of a column of small integers.
fn integers(column: &Column) -> Option<&[i64]> {
    match &column.data {
        ColumnData::Integer(cells) => Some(cells),
        _ => None,
    }
}

/// The parts of geometries with their attributes.
fn parts(view: &View, given: &Given, attributes: &IndexMap<String, ColumnSchema>) -> Relation {
    let mut owners = Vec::new();
    let mut shapes = Vec::new();
    for (place, artifact) in given.iter().enumerate() {
        if let Some(Artifact::Drawing(Drawing::Geometry(geometry))) = artifact.as_deref() {
            let geometry = Arc::new(geometry.clone());
            owners.extend(std::iter::repeat_n(place, geometry.parts()));
            shapes.extend((0..geometry.parts()).map(|part| Shape::Part(Arc::clone(&geometry), part)));
        }
    }
    let relation = match attributes.is_empty() {
        true => points(view).take(&owners),
        false => concatenated(view, attributes, given),
    };
    Relation { rows: owners.len(), shapes, ..relation }
}

/// Rasters, a row per task; the column `value` stands for the pixels, which are in the shape.
fn rasters(view: &View, given: &Given, attributes: &IndexMap<String, ColumnSchema>) -> Relation {
    let mut rows = Vec::new();
    let mut shapes = Vec::new();
    for (place, artifact) in given.iter().enumerate() {
        if let Some(Artifact::Drawing(Drawing::Raster(raster))) = artifact.as_deref() {
            rows.push(place);
            shapes.push(Shape::Raster(Arc::new(raster.clone())));
        }
    }
    let mut relation = points(view).take(&rows);
    let pixels = vec![Value::Missing("the values of a raster are its pixels".to_owned()); rows.len()];
    attributes.iter().for_each(|(name, schema)| insert(&mut relation, name, schema, &pixels));
    Relation { shapes, ..relation }
}

/// Pictures, a row per task.
fn pictures(view: &View, given: &Given) -> Relation {
    let mut rows = Vec::new();
    let mut shapes = Vec::new();
    for (place, artifact) in given.iter().enumerate() {
        if let Some(Artifact::Drawing(Drawing::Picture(picture))) = artifact.as_deref() {
            rows.push(place);
            shapes.push(Shape::Picture(Arc::new((**picture).clone())));
        }
    }
    Relation { shapes, ..points(view).take(&rows) }
}
