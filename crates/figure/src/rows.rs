//! The data of a figure: the rows of each layer with the cells that its channels name.

mod taken;

use std::collections::BTreeMap;
use std::sync::Arc;

use octavo_plugin::ColumnSchema;
use octavo_plugin::figure::{ChannelSpec, Layer, Mark, ScaleKind, Where};

use octavo_tables::relation::{Relation, Shape};

use super::cell::Cell;
use super::checked::CheckedChannel;
use super::time::Clock;
pub(crate) use taken::{Five, Summary};

/// Where a figure's rows come from.
pub trait Source {
    /// The rows of a table or drawing that a selection keeps, in plan order.
    ///
    /// # Errors
    /// What is wrong, in one sentence without a full stop.
    fn relation(&self, from: &str, selection: &Where) -> Result<Arc<Relation>, String>;
}

/// Why a figure cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FigureError {
    /// One sentence without a full stop.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

impl FigureError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// An axis: x or y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Horizontal.
    X,
    /// Vertical.
    Y,
}

impl Axis {
    /// The names of its channels.
    pub(crate) fn names(self) -> [&'static str; 2] {
        match self {
            Self::X => ["x", "x2"],
            Self::Y => ["y", "y2"],
        }
    }
}

/// A channel with its cells and what is known of its column.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// What the author says of it.
    pub(crate) channel: CheckedChannel,
    /// One cell per row.
    pub(crate) cells: Vec<Cell>,
    /// Type, unit and label.
    pub(crate) schema: ColumnSchema,
    /// The column's name, or the expression.
    pub(crate) name: String,
    /// Number of different integers that share a cell with another one.
    pub(crate) merged: usize,
    /// The word of the interface that names what a mark counts.
    pub(crate) word: Option<&'static str>,
}

impl Bound {
    /// Whether it is the same constant for all rows.
    pub(crate) fn is_constant(&self) -> bool {
        self.channel.value.is_some()
    }

    /// Whether a statistic is taken of it.
    pub(crate) fn is_aggregated(&self) -> bool {
        self.channel.takes_statistic()
    }
}

/// One thing to draw: a row, or the rows that a statistic took together. There may be millions, most with two places and a colour.
#[derive(Clone, Debug, Default)]
pub(crate) struct Datum {
    /// Horizontal place.
    pub(crate) x: Option<Cell>,
    /// Vertical place.
    pub(crate) y: Option<Cell>,
    /// Colour.
    pub(crate) color: Option<Cell>,
    /// What separates lines besides the colour.
    pub(crate) group: Box<str>,
    /// The row, the first of those taken together.
    pub(crate) row: usize,
    /// The number of rows taken together.
    pub(crate) count: usize,
    /// The number of values among them that a statistic was taken of.
    pub(crate) used: usize,
    /// What few data have.
    pub(crate) more: Option<Box<More>>,
}

/// What a datum of few figures has besides its place and colour.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct More {
    /// The other end.
    pub(crate) x2: Option<Cell>,
    /// The other end.
    pub(crate) y2: Option<Cell>,
    /// Lower and upper end of the spread.
    pub(crate) spread: Option<(Cell, Cell)>,
    /// Size.
    pub(crate) size: Option<Cell>,
    /// Text.
    pub(crate) text: Option<Cell>,
    /// The panel's key; `None` stands in every panel.
    pub(crate) facet: Option<String>,
    /// The frame's key; `None` stands in every frame.
    pub(crate) frame: Option<String>,
    /// The shape of a drawing.
    pub(crate) shape: Option<Shape>,
    /// What it is worth, if its place says where it stands in a stack.
    pub(crate) value: Option<Cell>,
    /// What the rows taken together are drawn as, if that is more than one value.
    pub(crate) summary: Option<Summary>,
}

/// What most data have of that.
static NOTHING: More = More {
    x2: None,
    y2: None,
    spread: None,
    size: None,
    text: None,
    facet: None,
    frame: None,
    shape: None,
    value: None,
    summary: None,
};

impl Datum {
    /// What it has besides its place and colour.
    pub(crate) fn more(&self) -> &More {
        self.more.as_deref().unwrap_or(&NOTHING)
    }

    /// The same to change.
    pub(crate) fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// The same datum with this besides its place and colour.
    pub(crate) fn with(self, more: More) -> Self {
        Self { more: (more != NOTHING).then(|| Box::new(more)), ..self }
    }
}

/// The channels of a layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels {
    /// By name: `x`, `y`, `x2`, `y2`, `color`, `size`, `text`.
    pub(crate) bound: BTreeMap<&'static str, Bound>,
}

impl Channels {
    /// A channel by name.
    pub(crate) fn get(&self, name: &str) -> Option<&Bound> {
        self.bound.get(name)
    }
}

/// A layer with its data.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    /// The completed layer.
    pub(crate) layer: Layer,
    /// The layer as written, to see what is its own.
    pub(crate) own: Layer,
    /// The marks, areas before lines before points.
    pub(crate) marks: Vec<Mark>,
    /// The table that the rows come from.
    pub(crate) relation: Arc<Relation>,
    /// The channels.
    pub(crate) channels: Channels,
    /// What the author says of colours; those of pixels are in no column.
    pub(crate) color: Option<CheckedChannel>,
    /// What is drawn.
    pub(crate) data: Vec<Datum>,
    /// Columns of panels, of frames, and of the columns of a grid of panels, with their cells.
    pub(crate) panels: [Option<Bound>; 3],
    /// The channel whose values the mark itself takes together.
    pub(crate) summarised: Option<&'static str>,
    /// Whether places lie below each other.
    pub(crate) lying: bool,
    /// The number of rows without a value that the mark left out.
    pub(crate) left_out: usize,
    /// The clocks of x, y and the colour, if they are times.
    pub(crate) clocks: [Option<Clock>; 3],
}

impl Rows {
    /// The channel of which a statistic is taken.
    pub(crate) fn statistic(&self) -> Option<&'static str> {
        let aggregated = |name: &&str| self.channels.get(name).is_some_and(Bound::is_aggregated);
        self.summarised.or_else(|| ["y", "x"].into_iter().find(aggregated))
    }

    /// Whether places lie below each other, so that bars and boxes lie.
    pub(crate) fn lies(&self) -> bool {
        self.lying
    }
}

impl Channels {
    /// Whether y has categories and x has none.
    pub(crate) fn lie(&self) -> bool {
        let categorical = |name: &str| {
            let Some(bound) = self.get(name) else { return false };
            let texts = || bound.cells.iter().any(|cell| matches!(cell, Cell::Text(_)));
            bound.channel.scale.map_or_else(texts, |scale| scale == ScaleKind::Categorical)
        };
        categorical("y") && !categorical("x")
    }
}

impl Rows {
    /// What a datum says on an axis: where it stands, or what it adds to a stack.
    pub(crate) fn shown<'a>(&self, datum: &'a Datum, axis: Axis) -> Option<&'a Cell> {
        let along = if self.lies() { Axis::X } else { Axis::Y };
        let stands = if axis == Axis::X { &datum.x } else { &datum.y };
        datum.more().value.as_ref().filter(|_| axis == along).or(stands.as_ref())
    }

    /// Whether a mark shows the spread of the statistic.
    pub(crate) fn shows_spread(&self) -> bool {
        self.marks.iter().any(|mark| matches!(mark, Mark::Band | Mark::Errorbar))
    }
}

/// Whether marks count rows by themselves, so that y is theirs.
pub(crate) fn counts(marks: &[Mark]) -> bool {
    matches!(marks, [Mark::Histogram | Mark::Density])
}

/// Whether a layer stands at places that it names itself, so that it needs no table: a rule or text at constants.
pub(crate) fn constant(layer: &Layer) -> bool {
    let is_constant = |spec: &ChannelSpec| spec.channel().value.is_some();
    [&layer.x, &layer.y].into_iter().flatten().any(is_constant)
}

/// The key of a panel in a grid; a side that is not known is left open, and stands for all of its values.
pub(crate) fn in_grid(down: Option<&str>, across: Option<&str>) -> String {
    format!("{}\u{1d}{}", down.unwrap_or_default(), across.unwrap_or_default())
}

/// Whether something of a panel (or of all) is shown in this one (or in the only one).
pub(crate) fn belongs(own: Option<&str>, panel: Option<&str>) -> bool {
    let (Some(own), Some(panel)) = (own, panel) else { return true };
    let in_grid = |(own, panel): (&str, &str)| own.is_empty() || panel.is_empty() || own == panel;
    match (own.split_once('\u{1d}'), panel.split_once('\u{1d}')) {
        (Some(own), Some(panel)) => in_grid((own.0, panel.0)) && in_grid((own.1, panel.1)),
        _ => own == panel,
    }
}

/// The same text for the rows that agree in all channels but the one of the statistic.
pub(crate) fn place(datum: &Datum, axis: &str) -> String {
    let other = if axis == "y" { &datum.x } else { &datum.y };
    let cells =
        [other, &datum.more().x2, &datum.more().y2, &datum.color, &datum.more().size, &datum.more().text];
    let keys = cells.iter().map(|cell| cell.as_ref().map_or_else(String::new, Cell::key) + "\u{1f}");
    let panels =
        [&datum.more().facet, &datum.more().frame].map(|key| key.clone().unwrap_or_default() + "\u{1f}");
    keys.chain(panels).collect::<String>() + &datum.group
}
