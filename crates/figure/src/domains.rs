//! Which scale x and y have, and what their domains must hold.

use octavo_plugin::ColumnType;
use octavo_plugin::figure::{Mark, ScaleKind};

use octavo_tables::number::Format;
use octavo_tables::relation::Shape;

use super::cell::Cell;
use super::checked::CheckedChannel;
use super::marks::{self, edges};
use super::rows::{Axis, Bound, Datum, Rows};
use super::scale::{Extent, Scale, Transform, Wish};
use super::stack::of_shares;

/// The most integers that may each have a tick.
const FEW: usize = 8;

impl Axis {
    fn cells(self, datum: &Datum) -> [Option<&Cell>; 2] {
        match self {
            Self::X => [datum.x.as_ref(), datum.more().x2.as_ref()],
            Self::Y => [datum.y.as_ref(), datum.more().y2.as_ref()],
        }
    }

    fn index(self) -> usize {
        match self {
            Self::X => 0,
            Self::Y => 1,
        }
    }

    /// The channel that names this axis: the first that is a column, else the first there is.
    pub(crate) fn bound(self, layers: &[Rows]) -> Option<&Bound> {
        let mut all = layers.iter().filter_map(|rows| rows.channels.get(self.names()[0]));
        let first = all.clone().next();
        all.find(|bound| !bound.is_constant()).or(first)
    }

    /// The first that the layers' channels say about something.
    fn said<T>(self, layers: &[Rows], what: impl Fn(&CheckedChannel) -> Option<T>) -> Option<T> {
        layers
            .iter()
            .filter_map(|rows| rows.channels.get(self.names()[0]))
            .find_map(|bound| what(&bound.channel))
    }

    /// The format of its labels.
    pub(crate) fn format(self, layers: &[Rows]) -> Option<Format> {
        self.said(layers, |channel| channel.format.clone())
    }

    /// The kind of its scale.
    pub(crate) fn kind(self, layers: &[Rows], name: impl Fn(&Cell, bool) -> String) -> Transform {
        let cells: Vec<&Cell> = layers
            .iter()
            .flat_map(|rows| {
                let [spread, taken] = [spread_axis(rows) == self, summarised_here(rows, self)];
                rows.data.iter().map(move |datum| (rows, datum, spread, taken))
            })
            .flat_map(|(rows, datum, spread, taken)| {
                let spread = datum.more().spread.as_ref().filter(|_| spread);
                let ends = spread.map(|(low, high)| [low, high]).into_iter().flatten();
                let taken = datum.of_box(&rows.layer).into_iter().filter(move |_| taken);
                self.cells(datum).into_iter().flatten().chain(ends).chain(taken)
            })
            .collect();
        let text = cells.iter().any(|cell| matches!(cell, Cell::Text(_)));
        let kind = self.said(layers, |channel| channel.scale);
        Transform::new(
            kind.unwrap_or(if text { ScaleKind::Categorical } else { ScaleKind::Linear }),
            &cells,
            name,
        )
    }

    /// The scale over the data that `shown` keeps.
    pub(crate) fn scale(self, layers: &[Rows], kind: &Transform, shown: impl Fn(&Datum) -> bool) -> Scale {
        let mut extent = Extent::EMPTY;
        let (mut zero, mut tight) = (self.said(layers, |channel| channel.zero) == Some(true), true);
        for rows in layers {
            let data: Vec<&Datum> = rows.data.iter().filter(|datum| shown(datum)).collect();
            let (own, needs_zero, is_tight) = self.extent(rows, &data, kind);
            extent.join(own);
            zero |= needs_zero;
            tight &= is_tight || data.is_empty();
        }
        let integers = |rows: &Rows| {
            rows.channels.get(self.names()[0]).is_none_or(|b| b.schema.kind == ColumnType::Integer)
        };
        let integer = self.bound(layers).is_some_and(|bound| bound.schema.kind == ColumnType::Integer)
            && layers.iter().filter(|rows| rows.marks != [Mark::Rule]).all(integers);
        let domain = self.said(layers, |channel| channel.domain);
        let integer = integer && matches!(kind, Transform::Linear | Transform::Log);
        let mut scale = Scale::new(kind.clone(), extent, Wish { domain, zero, integer, tight });
        let own =
            self.said(layers, |channel| Some(&channel.ticks).filter(|ticks| !ticks.is_empty()).cloned());
        scale.own = own.unwrap_or_default();
        if domain.is_some() {
            self.whole_cells(layers, &mut scale);
        }
        if integer && *kind == Transform::Log {
            scale.places = self.places(layers);
        }
        scale
    }

    /// Widens an author's domain to the borders of the heatmap cells whose middles lie in it.
    fn whole_cells(self, layers: &[Rows], scale: &mut Scale) {
        let [low, high] = scale.domain;
        let slack = 1e-9 * (high - low);
        for rows in layers.iter().filter(|rows| rows.marks.contains(&Mark::Cell)) {
            let at = rows.data.iter().filter_map(|datum| scale.kind.coordinate(self.cells(datum)[0]?));
            let places = edges::places(at);
            let borders = edges::borders(&places);
            for (place, border) in places.iter().zip(borders.windows(2)) {
                if *place >= low - slack && *place <= high + slack {
                    scale.domain = [scale.domain[0].min(border[0]), scale.domain[1].max(border[1])];
                }
            }
        }
    }

    /// The distinct integers on this axis; empty if there are many or large ones.
    fn places(self, layers: &[Rows]) -> Vec<u32> {
        let cells = layers.iter().flat_map(|rows| &rows.data).filter_map(|datum| self.cells(datum)[0]);
        let mut places = std::collections::BTreeSet::new();
        for number in cells.filter_map(Cell::number) {
            if !(1.0..1e6).contains(&number) || number.fract() != 0.0 {
                return Vec::new();
            }
            places.insert(number as u32);
            if places.len() > FEW {
                return Vec::new();
            }
        }
        places.into_iter().collect()
    }

    /// What the data of a layer need; whether zero is among it, and whether they fill the frame.
    fn extent(self, rows: &Rows, data: &[&Datum], kind: &Transform) -> (Extent, bool, bool) {
        let mut extent = Extent::EMPTY;
        let has = |mark: Mark| rows.marks.contains(&mark);
        let only = |marks: &[Mark]| rows.marks.iter().all(|mark| marks.contains(mark));
        let rule_elsewhere = only(&[Mark::Rule]) && marks::is_horizontal(rows) != (self == Self::Y);
        let mut add = |cell: &Cell| kind.coordinate(cell).into_iter().for_each(|at| extent.add(at));
        if !rule_elsewhere {
            let along = spread_axis(rows) == self;
            for datum in data {
                let only_band = only(&[Mark::Band, Mark::Errorbar]) && along && datum.more().spread.is_some();
                self.cells(datum).into_iter().flatten().filter(|_| !only_band).for_each(&mut add);
                if let (Some((low, high)), true, true) = (&datum.more().spread, rows.shows_spread(), along) {
                    [low, high].into_iter().for_each(&mut add);
                }
                if summarised_here(rows, self) {
                    datum.of_box(&rows.layer).into_iter().for_each(&mut add);
                }
                if datum.x.is_none() || datum.y.is_none() {
                    shape_numbers(datum, self.index(), &mut |value| add(&Cell::Number(value)));
                }
            }
        }
        let along = if rows.lies() { Self::Y } else { Self::X };
        let wide = has(Mark::Bar) || has(Mark::Box) || has(Mark::Violin);
        if has(Mark::Cell) || wide && self == along {
            let at = data.iter().filter_map(|datum| kind.coordinate(self.cells(datum)[0]?));
            let borders = edges::borders(&edges::places(at));
            if let (Some(first), Some(last)) = (borders.first(), borders.last()) {
                extent.add(*first);
                extent.add(*last);
            }
        }
        let zero = (has(Mark::Bar) || has(Mark::Area)) && self != along
            || (has(Mark::Histogram) || has(Mark::Density)) && self == Self::Y;
        let courses = [Mark::Line, Mark::Step, Mark::Density, Mark::Band, Mark::Area, Mark::Rule];
        let tight = only(&[Mark::Note])
            || only(&[Mark::Cell, Mark::Image, Mark::Polygon, Mark::Contour])
            || wide && self == along
            || only(&courses) && self == Self::X
            || has(Mark::Histogram) && self == Self::X
            || of_shares(&rows.layer) && self != along;
        (extent, zero, tight)
    }
}

/// Whether what a mark takes together lies along an axis.
fn summarised_here(rows: &Rows, axis: Axis) -> bool {
    rows.summarised == Some(axis.names()[0])
}

/// The axis of the statistic, and so of its spread.
fn spread_axis(rows: &Rows) -> Axis {
    if rows.statistic() == Some("x") { Axis::X } else { Axis::Y }
}

fn shape_numbers(datum: &Datum, axis: usize, add: &mut dyn FnMut(f64)) {
    match &datum.more().shape {
        Some(Shape::Part(geometry, part)) => geometry.part(*part).iter().for_each(|vertex| add(vertex[axis])),
        Some(Shape::Picture(_)) => {}
        Some(Shape::Raster(raster)) => raster.extent.iter().for_each(|corner| add(corner[axis])),
        None => {}
    }
}
