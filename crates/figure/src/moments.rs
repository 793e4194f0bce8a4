//! Texts of a time axis as seconds since 1970, by one clock for a whole figure.

use octavo_plugin::figure::{Layer, ScaleKind};

use super::cell::Cell;
use super::checked::CheckedLayer;
use super::rows::{Axis, Bound, Channels, FigureError, More, Rows};
use super::time::{self, Clock};

const ZONES: &str = "give all a time zone, such as `2026-11-28T10:30Z`, or none";

/// Whether x and y are time axes.
pub(crate) fn axes(layers: &[CheckedLayer]) -> [bool; 2] {
    [Axis::X, Axis::Y].map(|axis| {
        let name = axis.names()[0];
        let time = |layer: &CheckedLayer| layer.channels.get(name).and_then(|channel| channel.scale);
        layers.iter().any(|layer| time(layer) == Some(ScaleKind::Time))
    })
}

/// The clocks of the channels that lie along a time axis, whose texts are read.
///
/// # Errors
/// A row without a date, or one that has a time zone where another has none.
pub(crate) fn clocks(
    layer: &Layer,
    channels: &mut Channels,
    times: [bool; 2],
) -> Result<[Option<Clock>; 2], FigureError> {
    let mut clocks = [None; 2];
    for (index, axis) in [Axis::X, Axis::Y].into_iter().enumerate().filter(|(index, _)| times[*index]) {
        for name in axis.names() {
            if let Some(bound) = channels.bound.get_mut(name) {
                let clock = read(name, bound, layer)?;
                clocks[index] = Some(clocks[index].map_or(Ok(clock), |other| join(name, other, clock))?);
            }
        }
    }
    Ok(clocks)
}

/// Reads the texts of a channel: its cells become seconds since 1970 in UTC, or by the clock of the texts where these name none.
///
/// # Errors
/// A row without a date, or one that has a time zone where another has none.
fn read(name: &str, bound: &mut Bound, layer: &Layer) -> Result<Clock, FigureError> {
    let mut clock = None;
    for (row, cell) in bound.cells.iter_mut().enumerate() {
        let moment = match cell {
            Cell::Text(text) => time::parse(text),
            _ => None,
        };
        let Some(moment) = moment else {
            return Err(no_date(name, row, cell, bound.channel.value.is_some(), layer));
        };
        let own = Clock::of(moment);
        let Some(joined) = clock.map_or(Some(own), |clock: Clock| clock.joined(own)) else {
            let message = format!(
                "`{name}`: of {} and the rows before it only some have a time zone",
                place(row, layer)
            );
            return Err(FigureError::new(message).help(ZONES));
        };
        clock = Some(joined);
        *cell = Cell::Number(moment.seconds - moment.offset.unwrap_or(0) as f64);
    }
    bound.channel.scale = Some(ScaleKind::Time);
    Ok(clock.unwrap_or(Clock::Own))
}

fn no_date(name: &str, row: usize, cell: &Cell, constant: bool, layer: &Layer) -> FigureError {
    let found = match cell {
        Cell::Text(text) => format!("`{text}`"),
        Cell::Number(number) => format!("the number {number}"),
        _ => "no value".to_owned(),
    };
    let message = if constant {
        format!("`{name}` is no date: {found}")
    } else {
        format!("`{name}` has no date in {}: {found}", place(row, layer))
    };
    let missing = matches!(cell, Cell::Missing);
    let help = if missing {
        "leave the row out with `where`, or give it a date".to_owned()
    } else {
        time::FORMS.to_owned()
    };
    FigureError::new(message).help(help)
}

/// A row as an author counts it.
fn place(row: usize, layer: &Layer) -> String {
    let from = layer.from.as_deref().unwrap_or_default();
    let kept = if layer.selection.is_empty() { "" } else { " that `where` keeps" };
    format!("row {} of `{from}`{kept}", row + 1)
}

/// The clock of two channels.
///
/// # Errors
/// That only one of them has a time zone.
fn join(name: &str, one: Clock, other: Clock) -> Result<Clock, FigureError> {
    one.joined(other).ok_or_else(|| {
        let message = format!("`{name}`: some of its times have a time zone, and others have none");
        FigureError::new(message).help(ZONES)
    })
}

/// Moves all moments of a figure to one clock, and names it beside the title of the axis.
///
/// # Errors
/// A layer whose times have a time zone where those of another have none.
pub(crate) fn settle(layers: &mut [Rows]) -> Result<(), FigureError> {
    for axis in [Axis::X, Axis::Y] {
        let index = usize::from(axis == Axis::Y);
        let mut clocks = layers.iter().filter_map(|rows| rows.clocks[index]);
        let Some(first) = clocks.next() else { continue };
        let clock = clocks.try_fold(first, |clock, other| join(axis.names()[0], clock, other))?;
        let ahead = match clock {
            Clock::Own => continue,
            Clock::Ahead(seconds) => seconds,
            Clock::Several => 0,
        };
        for rows in &mut *layers {
            shift(rows, axis, ahead);
        }
    }
    Ok(())
}

fn shift(rows: &mut Rows, axis: Axis, ahead: i64) {
    let later = |cell: &mut Cell| {
        if let Cell::Number(seconds) = cell {
            *seconds += ahead as f64;
        }
    };
    for datum in &mut rows.data {
        let place = if axis == Axis::X { &mut datum.x } else { &mut datum.y };
        place.iter_mut().for_each(later);
        let end = |more: &More| if axis == Axis::X { more.x2.is_some() } else { more.y2.is_some() };
        if end(datum.more()) {
            let more = datum.more_mut();
            let end = if axis == Axis::X { &mut more.x2 } else { &mut more.y2 };
            end.iter_mut().for_each(later);
        }
    }
    for name in axis.names() {
        if let Some(bound) = rows.channels.bound.get_mut(name) {
            bound.cells.iter_mut().for_each(later);
            bound.schema.unit = time::zone_name(ahead);
        }
    }
}
