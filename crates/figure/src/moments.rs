//! Texts of a time axis, or of a colour that is a time, as seconds since 1970, by one clock for a whole figure.

use octavo_plugin::figure::{Layer, ScaleKind};

use super::cell::Cell;
use super::checked::CheckedLayer;
use super::rows::{Bound, Channels, FigureError, More, Rows};
use super::time::{self, Clock};

const ZONES: &str = "give all a time zone, such as `2026-11-28T10:30Z`, or none";

/// The channels that share a clock: those along x, those along y, and the colour.
const SHARED: [&[&str]; 3] = [&["x", "x2"], &["y", "y2"], &["color"]];

/// Whether x, y and the colour are times.
pub(crate) fn axes(layers: &[CheckedLayer]) -> [bool; 3] {
    SHARED.map(|names| {
        let time = |layer: &CheckedLayer| layer.channels.get(names[0]).and_then(|channel| channel.scale);
        layers.iter().any(|layer| time(layer) == Some(ScaleKind::Time))
    })
}

/// The clocks of the channels that are times, whose texts are read.
///
/// # Errors
/// A row without a date, or one that has a time zone where another has none.
pub(crate) fn clocks(
    layer: &Layer,
    channels: &mut Channels,
    times: [bool; 3],
) -> Result<[Option<Clock>; 3], FigureError> {
    let mut clocks = [None; 3];
    for (index, names) in SHARED.into_iter().enumerate().filter(|(index, _)| times[*index]) {
        for name in names {
            let is_tone = |bound: &&mut Bound| *name == "color" && bound.channel.value.is_some();
            if let Some(bound) = channels.bound.get_mut(*name).filter(|bound| !is_tone(bound)) {
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
    for (index, names) in SHARED.into_iter().enumerate() {
        let mut clocks = layers.iter().filter_map(|rows| rows.clocks[index]);
        let Some(first) = clocks.next() else { continue };
        let clock = clocks.try_fold(first, |clock, other| join(names[0], clock, other))?;
        let ahead = match clock {
            Clock::Own => continue,
            Clock::Ahead(seconds) => seconds,
            Clock::Several => 0,
        };
        for rows in &mut *layers {
            shift(rows, index, ahead);
        }
    }
    Ok(())
}

fn shift(rows: &mut Rows, index: usize, ahead: i64) {
    let later = |cell: &mut Cell| {
        if let Cell::Number(seconds) = cell {
            *seconds += ahead as f64;
        }
    };
    for datum in &mut rows.data {
        let place = match index {
            0 => &mut datum.x,
            1 => &mut datum.y,
            _ => &mut datum.color,
        };
        place.iter_mut().for_each(later);
        let end = |more: &More| [more.x2.is_some(), more.y2.is_some(), false][index];
        if end(datum.more()) {
            let more = datum.more_mut();
            let end = if index == 0 { &mut more.x2 } else { &mut more.y2 };
            end.iter_mut().for_each(later);
        }
    }
    for name in SHARED[index] {
        if let Some(bound) =
            rows.channels.bound.get_mut(*name).filter(|bound| bound.channel.scale == Some(ScaleKind::Time))
        {
            bound.cells.iter_mut().for_each(later);
            bound.schema.unit = time::zone_name(ahead);
        }
    }
}
