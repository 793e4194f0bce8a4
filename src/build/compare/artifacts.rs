//! Where two stored results differ.

use crate::ids::ExperimentId;
use std::collections::BTreeSet;

use octavo_plugin::artifact::Artifact;
use octavo_plugin::{Digest, Drawing, Geometry, ImageFile, Picture, Raster, Scalar, Table, Value};
use serde_json::json;

use super::{Difference, DifferenceKind, same};

/// Cells of one table that are named; the rest is counted.
const MOST_CELLS: usize = 20;

/// Where two stored results of one task differ, `name` being `scalars`, `tables/NAME` or `drawings/NAME`.
pub(super) fn differences(
    experiment: &ExperimentId,
    name: &str,
    one: &Artifact,
    other: &Artifact,
) -> Vec<Difference> {
    let short = name.rsplit('/').next().unwrap_or(name);
    let mut found = match (one, other) {
        (Artifact::Scalars(one), Artifact::Scalars(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            names
                .into_iter()
                .flat_map(|name| scalar(experiment, name, one.get(name), other.get(name)))
                .collect()
        }
        (Artifact::Table(one), Artifact::Table(other)) => table(experiment, short, one, other),
        (Artifact::Drawing(one), Artifact::Drawing(other)) => drawing(experiment, short, one, other),
        _ => Vec::new(),
    };
    if found.is_empty() {
        // What has no word of its own, such as the order of columns.
        let kind =
            if name.starts_with("drawings/") { DifferenceKind::Drawing } else { DifferenceKind::Result };
        found.push(Difference::of(experiment, kind, short));
    }
    found
}

fn scalar(
    experiment: &ExperimentId,
    name: &str,
    one: Option<&Scalar>,
    other: Option<&Scalar>,
) -> Vec<Difference> {
    let value = |side: Option<&Scalar>| side.map(|scalar| scalar.value.clone());
    let uncertainty = |side: Option<&Scalar>| side.and_then(|scalar| scalar.uncertainty).map(Value::Float);
    let pairs = [
        (name.to_owned(), value(one), value(other)),
        (format!("uncertainty of {name}"), uncertainty(one), uncertainty(other)),
    ];
    let differs =
        |(_, one, other): &(String, Option<Value>, Option<Value>)| !both_same(one.as_ref(), other.as_ref());
    let scalar = |(name, one, other): (String, Option<Value>, Option<Value>)| {
        Difference::of(experiment, DifferenceKind::Scalar, &name).between(one, other)
    };
    pairs.into_iter().filter(differs).map(scalar).collect()
}

fn both_same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// The cells that differ, and the number of rows.
fn table(experiment: &ExperimentId, name: &str, one: &Table, other: &Table) -> Vec<Difference> {
    let mut found = rows(experiment, name, one.rows(), other.rows());
    let mut cells: Vec<Difference> = Vec::new();
    let mut more = 0;
    let columns: BTreeSet<&String> = one.columns.keys().chain(other.columns.keys()).collect();
    for row in 0..one.rows().min(other.rows()) {
        for column in &columns {
            let [one, other] = [one, other].map(|table| Some(table.column(column)?.value(row)));
            if both_same(one.as_ref(), other.as_ref()) {
                continue;
            }
            if cells.len() == MOST_CELLS {
                more += 1;
                continue;
            }
            let cell = Difference::of(experiment, DifferenceKind::Cell, name).between(one, other);
            cells.push(Difference { row: Some(row + 1), column: Some((*column).clone()), ..cell });
        }
    }
    if let Some(last) = cells.last_mut() {
        last.more = more;
    }
    found.extend(cells);
    found
}

fn rows(experiment: &ExperimentId, name: &str, one: usize, other: usize) -> Vec<Difference> {
    let differs = (one != other).then(|| {
        Difference::of(experiment, DifferenceKind::Rows, name).between(Some(one.into()), Some(other.into()))
    });
    differs.into_iter().collect()
}

fn drawing(experiment: &ExperimentId, name: &str, one: &Drawing, other: &Drawing) -> Vec<Difference> {
    match (one, other) {
        (Drawing::Geometry(one), Drawing::Geometry(other)) => geometry(experiment, name, one, other),
        (Drawing::Raster(one), Drawing::Raster(other)) => raster(experiment, name, one, other),
        (Drawing::Picture(one), Drawing::Picture(other)) => picture(experiment, name, one, other),
        _ => Vec::new(),
    }
}

/// The attributes that differ, and the first part of another shape.
fn geometry(experiment: &ExperimentId, name: &str, one: &Geometry, other: &Geometry) -> Vec<Difference> {
    let mut found = rows(experiment, name, one.parts(), other.parts());
    found.extend(table(experiment, name, &one.attributes, &other.attributes));
    let parts = 0..one.parts().min(other.parts());
    let bits = |part: &[[f64; 2]]| part.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
    let differing: Vec<usize> =
        parts.filter(|part| bits(one.part(*part)) != bits(other.part(*part))).collect();
    if let Some(first) = differing.first() {
        let shape = |side: &Geometry| Some(Value::Text(format!("{:?}", side.part(*first).first())));
        let part =
            Difference::of(experiment, DifferenceKind::Drawing, name).between(shape(one), shape(other));
        found.push(Difference { row: Some(first + 1), more: differing.len() - 1, ..part });
    }
    found
}

/// The files of a picture that differ, by what they are; then the first of their lengths.
fn picture(experiment: &ExperimentId, name: &str, one: &Picture, other: &Picture) -> Vec<Difference> {
    let parts = |picture: &Picture| {
        let image = |image: &ImageFile| Some((image.kind().extension(), Digest::of(image.bytes())));
        [
            ("alt", Some(("text", Digest::of(json!(picture.alt()).to_string().as_bytes())))),
            ("image", image(picture.image())),
            ("dark", picture.dark().and_then(image)),
            ("pdf", picture.pdf().map(|pdf| ("pdf", Digest::of(pdf)))),
        ]
    };
    let pairs = parts(one).into_iter().zip(parts(other)).filter(|(one, other)| one != other);
    let told = |part: Option<(&str, Digest)>| {
        part.map(|(kind, digest)| Value::Text(format!("{kind} {}", digest.short())))
    };
    pairs
        .map(|((what, one), (_, other))| {
            let place = format!("{name}.{what}");
            Difference::of(experiment, DifferenceKind::Drawing, &place).between(told(one), told(other))
        })
        .collect()
}

/// The first pixel that differs, counted row by row from the top.
fn raster(experiment: &ExperimentId, name: &str, one: &Raster, other: &Raster) -> Vec<Difference> {
    let mut found = rows(experiment, name, one.values.len(), other.values.len());
    let pairs = one.values.iter().zip(&other.values).enumerate();
    let differing: Vec<_> = pairs.filter(|(_, (one, other))| one.to_bits() != other.to_bits()).collect();
    if let Some((pixel, (one, other))) = differing.first() {
        let part = Difference::of(experiment, DifferenceKind::Drawing, name);
        let part = part.between(Some(Value::Float(**one)), Some(Value::Float(**other)));
        found.push(Difference { row: Some(pixel + 1), more: differing.len() - 1, ..part });
    }
    found
}
