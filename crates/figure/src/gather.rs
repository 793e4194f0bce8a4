//! From layers of a figure to data: each layer's rows with the cells that its channels name, statistics taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use octavo_plugin::figure::{Layer, Mark, Stat};
use octavo_plugin::{Column, ColumnSchema, ColumnType, Localized};
use serde_json::Value as Json;

use octavo_tables::expr::Expr;
use octavo_tables::relation::{Relation, Shape};
use octavo_tables::statistics::Band;

use super::cell::Cell;
use super::checked::{CheckedChannel, CheckedFigure, CheckedLayer};
use super::drawable::mark_name;
use super::marks::{self, check_grid};
use super::moments;
use super::notes::shared_cells;
use super::rows::{
    Bound, Channels, Datum, FigureError, More, Rows, Source, constant, counts, in_grid, place,
};
use super::stack;
use super::statistics;
use super::summary;

/// All layers of a figure with their data. `panels` are the names of the columns of panels, of frames, and of the columns of a grid.
///
/// # Errors
/// A layer without rows to read or marks to draw, a column that its rows lack.
pub(crate) fn gather(
    figure: &CheckedFigure,
    source: &dyn Source,
    panels: [Option<&str>; 3],
) -> Result<Vec<Rows>, FigureError> {
    let times = moments::axes(&figure.layers);
    let mut layers: Vec<Rows> =
        figure.layers.iter().map(|layer| rows(layer, source, panels, times)).collect::<Result<_, _>>()?;
    moments::settle(&mut layers)?;
    Ok(layers)
}

/// The marks of a layer.
///
/// # Errors
/// That it has none, or one that stands alone beside others.
fn marks_of(layer: &Layer) -> Result<Vec<Mark>, FigureError> {
    let marks = layer.mark.as_ref().map(octavo_plugin::figure::Marks::each).unwrap_or_default();
    if marks.is_empty() {
        return Err(FigureError::new("a layer has no mark").help("add `mark`, such as `mark = \"line\"`"));
    }
    if let Some(mark) = marks.iter().find(|mark| marks.len() > 1 && summary::takes_together(**mark)) {
        let name = mark_name(*mark);
        let message = format!("a `{name}` takes its rows together, and other marks of its layer do not");
        return Err(FigureError::new(message).help("draw the others in a layer of their own"));
    }
    Ok(marks)
}

fn rows(
    checked: &CheckedLayer,
    source: &dyn Source,
    panels: [Option<&str>; 3],
    times: [bool; 3],
) -> Result<Rows, FigureError> {
    let layer = alone(checked.layer.clone(), &checked.own);
    let marks = marks_of(&layer)?;
    let relation = match &layer.from {
        Some(from) => source.relation(from, &layer.selection).map_err(FigureError::new)?,
        None if constant(&layer) => Arc::new(Relation { rows: 1, ..Relation::default() }),
        None => {
            return Err(
                FigureError::new("a layer has no table").help("add `from`, the name of a table or drawing")
            );
        }
    };
    let mut channels = Channels::default();
    for (name, _) in crate::channels(&layer) {
        let channel = checked.channels[name].clone();
        // What a mark counts by itself is no column.
        if name == "y" && counts(&marks) {
            continue;
        }
        if let Some(bound) = bind(name, channel, &relation)? {
            channels.bound.insert(name, bound);
        }
    }
    let clocks = moments::clocks(&layer, &mut channels, times)?;
    let across = panels[2];
    let panels = panels.map(|panel| {
        let field = panel?;
        let channel = CheckedChannel { field: Some(field.to_owned()), ..CheckedChannel::default() };
        bind("facet", channel, &relation).ok().flatten()
    });
    let data = data(&layer, &relation, &channels, &panels, across.is_some())?;
    let color = layer.color.as_ref().and_then(|_| checked.channels.get("color").cloned());
    let lying = channels.lie();
    let mut rows = Rows {
        own: checked.own.clone(),
        marks: marks::ordered(marks),
        relation,
        channels,
        color,
        data,
        panels,
        layer,
        summarised: None,
        lying,
        left_out: 0,
        clocks,
    };
    aggregate(&mut rows)?;
    summary::take(&mut rows, checked.channels.get("y"));
    stack::take(&mut rows)?;
    if rows.marks.contains(&Mark::Contour) {
        check_grid(&rows)?;
    }
    Ok(rows)
}

/// A layer at constant places takes nothing else from the base: a rule at `y = { value = 1 }` is one rule.
fn alone(mut layer: Layer, own: &Layer) -> Layer {
    let rule =
        layer.mark.as_ref().is_some_and(|mark| mark.each() == [Mark::Rule]) || layer.is_reference_band();
    if rule && own.x.is_some() != own.y.is_some() {
        if own.x.is_some() { layer.y = None } else { layer.x = None }
    }
    let places = || [&layer.x, &layer.y].into_iter().flatten();
    if places().count() > 0 && places().all(|spec| spec.channel().value.is_some()) {
        layer.color = own.color.clone();
        layer.group = own.group.clone();
    }
    layer
}

fn bind(name: &str, channel: CheckedChannel, relation: &Relation) -> Result<Option<Bound>, FigureError> {
    let unlabelled =
        |kind, label: &str| ColumnSchema { kind, unit: String::new(), label: Localized::from(label) };
    if let Some(value) = &channel.value {
        let (cell, kind) = match value {
            Json::Number(number) => (Cell::from(number.as_f64().unwrap_or(f64::NAN)), ColumnType::Float),
            Json::String(text) => (Cell::Text(text.as_str().into()), ColumnType::Text),
            other => (Cell::Text(other.to_string().into()), ColumnType::Text),
        };
        let cells = vec![cell; relation.rows.max(1)];
        let schema = ColumnSchema { kind, unit: String::new(), label: Localized::None };
        return Ok(Some(Bound { channel, cells, schema, name: name.to_owned(), merged: 0, word: None }));
    }
    if let Some(field) = channel.field.clone() {
        let Some(found) = relation.field(&field) else {
            let raster = relation.shapes.iter().any(|shape| matches!(shape, Shape::Raster(_)));
            if name == "color" && field == "value" && raster {
                return Ok(None);
            }
            let known: Vec<&str> = relation.fields.keys().map(String::as_str).collect();
            return Err(FigureError::new(format!("`{name}` names the column `{field}`, which is not there"))
                .help(format!("columns are {}", known.join(", "))));
        };
        let mut schema = found.schema.clone();
        if schema.label.is_none() {
            schema.label = Localized::from(field.as_str());
        }
        let merged = shared_cells(&found.column);
        return Ok(Some(Bound {
            cells: Cell::column(&found.column),
            schema,
            name: field,
            channel,
            merged,
            word: None,
        }));
    }
    if let Some(expr) = channel.expr.clone() {
        let column = evaluated(&expr, relation).map_err(FigureError::new)?;
        let schema = unlabelled(column.kind(), expr.text());
        let merged = shared_cells(&column);
        let name = expr.text().to_owned();
        return Ok(Some(Bound { cells: Cell::column(&column), schema, name, channel, merged, word: None }));
    }
    Err(FigureError::new(format!("`{name}` names neither a column nor an expression nor a value"))
        .help("write the name of a column, or `{ expr = \"...\" }` or `{ value = ... }`"))
}

/// An expression for every row of a relation.
fn evaluated(expr: &Expr, relation: &Relation) -> Result<Column, String> {
    let values = expr.eval_rows(relation).map_err(|error| error.message)?;
    let columns = relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.kind)).collect();
    let kind = expr.check(&columns).map_err(|errors| errors[0].message.clone())?;
    Column::from_values(kind, &values).ok_or_else(|| "its values have several types".to_owned())
}

fn data(
    layer: &Layer,
    relation: &Relation,
    channels: &Channels,
    panels: &[Option<Bound>; 3],
    grid: bool,
) -> Result<Vec<Datum>, FigureError> {
    let groups: Vec<Vec<Cell>> = layer
        .group
        .iter()
        .map(|name| {
            relation.field(name).map(|field| Cell::column(&field.column)).ok_or_else(|| {
                FigureError::new(format!("`group` names the column `{name}`, which is not there"))
            })
        })
        .collect::<Result<_, _>>()?;
    let constant = channels.bound.values().all(Bound::is_constant)
        && !channels.bound.is_empty()
        && relation.shapes.is_empty();
    let rows = if constant { 1 } else { relation.rows };
    let cell = |name: &str, row: usize| channels.get(name).map(|bound| bound.cells[row].clone());
    let key = |panel: &Option<Bound>, row: usize| panel.as_ref().map(|bound| bound.cells[row].key());
    let more = |row: usize| More {
        x2: cell("x2", row),
        y2: cell("y2", row),
        size: cell("size", row),
        text: cell("text", row),
        facet: match [key(&panels[0], row), key(&panels[2], row)] {
            _ if constant => None,
            [None, None] => None,
            [down, across] if grid => Some(in_grid(down.as_deref(), across.as_deref())),
            [panel, _] => panel,
        },
        frame: if constant { None } else { key(&panels[1], row) },
        shape: relation.shapes.get(row).cloned(),
        ..More::default()
    };
    let datum = |row: usize| {
        let group = groups.iter().map(|cells| cells[row].key() + "|").collect::<String>().into();
        let (x, y, color) = (cell("x", row), cell("y", row), cell("color", row));
        Datum { x, y, color, group, row, count: 1, used: 1, ..Datum::default() }.with(more(row))
    };
    Ok((0..rows).map(datum).collect())
}

/// Takes the statistic of the y channel (or x) over the rows that agree in everything else.
fn aggregate(rows: &mut Rows) -> Result<(), FigureError> {
    let Some(axis) = rows.statistic() else { return Ok(()) };
    let channel = rows.channels.bound[axis].channel.clone();
    let spread = channel.band.unwrap_or(Band::Percentiles(0.05, 0.95));
    let middle = if matches!(spread, Band::Sd | Band::Ci95) { Stat::Mean } else { Stat::Median };
    let stat = channel.stat.unwrap_or(if channel.band.is_some() { middle } else { Stat::Mean });
    if let Some(why) = channel.band.and_then(|spread| spread.unfit(stat)) {
        return Err(
            FigureError::new(format!("`{axis}` has a band that does not fit its statistic")).help(why)
        );
    }
    let skip = channel.skip_missing;
    // Of marks along x, error bars alone show a spread.
    let spreads = axis == "y" || rows.marks.contains(&Mark::Errorbar);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut together: Vec<(Datum, Vec<Cell>)> = Vec::new();
    for datum in std::mem::take(&mut rows.data) {
        let place = *places.entry(place(&datum, axis)).or_insert(together.len());
        let cell = if axis == "y" { &datum.y } else { &datum.x }.clone().unwrap_or(Cell::Missing);
        match together.get_mut(place) {
            Some((_, cells)) => cells.push(cell),
            None => together.push((datum, vec![cell])),
        }
    }
    rows.data = together
        .into_iter()
        .map(|(mut datum, cells)| {
            let value = Some(statistics::stat(stat, &cells, skip));
            if axis == "y" {
                datum.y = value;
            } else {
                datum.x = value;
            }
            datum.more_mut().spread =
                (stat != Stat::Count && spreads).then(|| statistics::spread(spread, &cells, skip));
            datum.count = cells.len();
            datum.used = statistics::used(&cells, skip);
            datum
        })
        .collect();
    if stat == Stat::Count
        && let Some(bound) = rows.channels.bound.get_mut(axis)
    {
        bound.schema.kind = ColumnType::Integer;
        bound.schema.unit = String::new();
        bound.word = Some("axis-count");
    }
    Ok(())
}
