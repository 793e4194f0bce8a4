//! Colours stacked on each other: each place from the first colour at its foot to the last one at its top, or as shares of it.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use octavo_plugin::figure::{Layer, Mark, Stack, StackOf};

use super::cell::Cell;
use super::rows::Axis;
use super::rows::{Datum, FigureError, Rows};
use super::scale;

/// Whether the marks of a layer are stacked.
pub(crate) fn is_stacked(layer: &Layer) -> bool {
    !matches!(layer.stack, None | Some(Stack::Plain(false)))
}

/// Whether they are shares of their place.
pub(crate) fn of_shares(layer: &Layer) -> bool {
    layer.stack == Some(Stack::Of(StackOf::Share))
}

/// Gives each datum both ends of its piece. What it is worth stays beside them.
///
/// # Errors
/// Pieces that do not add up: of both signs in areas or shares, or areas of which a place lacks a colour.
pub(crate) fn take(rows: &mut Rows) -> Result<(), FigureError> {
    if !is_stacked(&rows.layer) {
        return Ok(());
    }
    let axis = if rows.lies() { Axis::X } else { Axis::Y };
    let order = order(&rows.data);
    let mut places: IndexMap<String, Vec<usize>> = IndexMap::new();
    for (index, datum) in rows.data.iter().enumerate() {
        places.entry(place(datum, axis)).or_default().push(index);
    }
    fits(rows, axis, &places, &order)?;
    for pieces in places.values_mut() {
        pieces.sort_by_key(|index| order.get(&colour(&rows.data[*index])));
        let values: Option<Vec<f64>> =
            pieces.iter().map(|index| cell(&rows.data[*index], axis).and_then(Cell::number)).collect();
        let ends = values.and_then(|values| ends(&values, of_shares(&rows.layer)));
        for (number, index) in pieces.iter().enumerate() {
            let piece = ends.as_ref().map(|ends| ends[number]);
            set(&mut rows.data[*index], axis, piece);
        }
    }
    if let Some(bound) = rows.channels.bound.get_mut(axis.names()[0]).filter(|_| of_shares(&rows.layer)) {
        (bound.word, bound.schema.unit) = (Some("axis-share"), String::new());
    }
    Ok(())
}

/// The lower and upper end of each piece; those below zero hang down from it. `None` if shares have no whole.
fn ends(values: &[f64], shares: bool) -> Option<Vec<[f64; 2]>> {
    let whole: f64 = if shares { values.iter().sum() } else { 1.0 };
    if whole == 0.0 || !whole.is_finite() {
        return None;
    }
    let (mut up, mut down) = (0.0, 0.0);
    let mut piece = |value: &f64| {
        let from = if *value < 0.0 { &mut down } else { &mut up };
        let low = *from;
        *from += value / whole;
        [low, *from]
    };
    Some(values.iter().map(&mut piece).collect())
}

fn cell(datum: &Datum, axis: Axis) -> Option<&Cell> {
    if axis == Axis::X { datum.x.as_ref() } else { datum.y.as_ref() }
}

/// A piece without ends has no place; all of its place have none then, since what is above would stand too low.
fn set(datum: &mut Datum, axis: Axis, ends: Option<[f64; 2]>) {
    let to = if axis == Axis::X { &mut datum.x } else { &mut datum.y };
    let value = to.replace(ends.map_or(Cell::Missing, |ends| Cell::from(ends[1])));
    let more = datum.more_mut();
    more.value = value;
    let from = if axis == Axis::X { &mut more.x2 } else { &mut more.y2 };
    *from = ends.map(|ends| Cell::from(ends[0]));
}

/// What is stacked on each other.
fn place(datum: &Datum, axis: Axis) -> String {
    let along = if axis == Axis::X { &datum.y } else { &datum.x };
    let along = along.as_ref().map_or_else(String::new, Cell::key);
    let panel = |key: &Option<String>| key.clone().unwrap_or_default();
    format!("{along}\u{1f}{}\u{1f}{}", panel(&datum.more().facet), panel(&datum.more().frame))
}

fn colour(datum: &Datum) -> String {
    datum.color.as_ref().map_or_else(String::new, Cell::key)
}

/// The places of colours in a stack: numbers ascending, texts in order of appearance, as in the legend.
fn order(data: &[Datum]) -> BTreeMap<String, usize> {
    let mut colours: IndexMap<String, &Cell> = IndexMap::new();
    for cell in data.iter().filter_map(|datum| datum.color.as_ref()) {
        colours.entry(cell.key()).or_insert(cell);
    }
    if colours.values().all(|cell| cell.is_number()) {
        colours.sort_by(|_, a, _, b| scale::order(a).total_cmp(&scale::order(b)));
    }
    colours.into_keys().enumerate().map(|(index, key)| (key, index)).collect()
}

/// Whether all pieces of a layer add up.
fn fits(
    rows: &Rows,
    axis: Axis,
    places: &IndexMap<String, Vec<usize>>,
    order: &BTreeMap<String, usize>,
) -> Result<(), FigureError> {
    let areas = rows.marks.contains(&Mark::Area);
    let values = || rows.data.iter().filter_map(|datum| cell(datum, axis)?.number());
    let (below, above) = (values().any(|value| value < 0.0), values().any(|value| value > 0.0));
    if below && of_shares(&rows.layer) {
        return Err(FigureError::new("a value below zero is no share of a whole")
            .help("draw the values as they are, `stack = true`"));
    }
    if areas && below && above {
        return Err(FigureError::new("areas above and below zero cannot be stacked")
            .help("draw bars, or lines without `stack`"));
    }
    // Between two places of an area all colours must be known.
    let whole = |pieces: &Vec<usize>| {
        let colours: BTreeSet<String> = pieces.iter().map(|index| colour(&rows.data[*index])).collect();
        colours.len() == order.len() && pieces.len() == order.len()
    };
    if areas && !places.values().all(whole) {
        return Err(FigureError::new("stacked areas need one row of every colour at every place")
            .help("add rows of zero, take a `stat` over those that share a place, or draw bars"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_stand_on_each_other_and_hang_from_zero() {
        assert_eq!(ends(&[1.0, 2.0, 4.0], false), Some(vec![[0.0, 1.0], [1.0, 3.0], [3.0, 7.0]]));
        assert_eq!(ends(&[1.0, -2.0, 4.0, -1.0], false).unwrap()[2..], [[1.0, 5.0], [-2.0, -3.0]]);
        assert_eq!(ends(&[1.0, 3.0], true), Some(vec![[0.0, 0.25], [0.25, 1.0]]));
        assert_eq!(ends(&[0.0, 0.0], true), None);
        assert_eq!(ends(&[], false), Some(vec![]));
    }
}
