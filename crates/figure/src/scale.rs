//! From values to places: a scale maps a cell to a coordinate (its logarithm, say) and a coordinate to a part of the axis.

use indexmap::IndexMap;
use octavo_plugin::figure::ScaleKind;
use octavo_plugin::math;

use octavo_definition::locale::Locale;
use octavo_plugin::Value;
use octavo_tables::number::{Decimal, Format, Written};

use super::cell::Cell;
use super::scene::{self, label};
use super::ticks::{self, Tick, Ticks};
use super::time;

/// The largest float that a linear axis takes, so that differences stay finite.
const LARGEST: f64 = 1e300;

/// How cells become coordinates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Transform {
    /// The number itself.
    Linear,
    /// Its decimal logarithm.
    Log,
    /// Logarithmic on both sides of zero, linear below this power of ten.
    Symlog(i32),
    /// The place of a category: its key and what stands at its tick.
    Categorical(IndexMap<String, String>),
    /// Seconds since 1970.
    Time,
}

impl Transform {
    /// The kind for these cells; categories in order of first appearance, numbers among them ascending.
    /// `name` gives the name of a cell; asked to, with all its digits, for names that would else be one.
    pub(crate) fn new(kind: ScaleKind, cells: &[&Cell], name: impl Fn(&Cell, bool) -> String) -> Self {
        match kind {
            ScaleKind::Linear => Self::Linear,
            ScaleKind::Log => Self::Log,
            ScaleKind::Symlog => Self::Symlog(threshold(cells)),
            ScaleKind::Categorical => Self::Categorical(categories(cells, name)),
            ScaleKind::Time => Self::Time,
        }
    }

    /// The coordinate of a cell; `None` if the scale has no place for it.
    pub(crate) fn coordinate(&self, cell: &Cell) -> Option<f64> {
        match (self, cell) {
            (Self::Linear | Self::Time, Cell::Number(value)) => (value.abs() <= LARGEST).then_some(*value),
            (Self::Log, Cell::Number(value)) => (*value > 0.0).then(|| math::log10(*value)),
            (Self::Log, Cell::Huge { negative: false, log10 }) => Some(*log10),
            (Self::Symlog(threshold), Cell::Number(value)) => {
                Some(ticks::symlog_coordinate(*value, *threshold))
            }
            (Self::Symlog(threshold), Cell::Huge { negative, log10 }) => {
                let size = log10 - f64::from(*threshold) + math::log10(9.0);
                Some(if *negative { -size } else { size })
            }
            (Self::Categorical(names), cell) => names.get_index_of(&cell.key()).map(|index| index as f64),
            _ => None,
        }
    }

    /// Whether places are those of categories.
    pub(crate) fn is_categorical(&self) -> bool {
        matches!(self, Self::Categorical(_))
    }

    /// Whether there are texts among its categories.
    pub(crate) fn has_texts(&self) -> bool {
        matches!(self, Self::Categorical(names) if names.keys().any(|key| key.starts_with('t')))
    }
}

fn threshold(cells: &[&Cell]) -> i32 {
    let sizes = cells.iter().filter_map(|cell| cell.number()).map(f64::abs);
    let (small, large) = sizes
        .filter(|size| *size > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(small, large), size| (small.min(size), large.max(size)));
    if large == 0.0 {
        return 0;
    }
    let (small, large) = (math::log10(small).floor() as i32, math::log10(large).floor() as i32);
    small.max(large - 8).max(-300)
}

fn categories(cells: &[&Cell], name: impl Fn(&Cell, bool) -> String) -> IndexMap<String, String> {
    let mut distinct: IndexMap<String, &Cell> = IndexMap::new();
    for cell in cells.iter().filter(|cell| !matches!(cell, Cell::Missing)) {
        distinct.entry(cell.key()).or_insert(cell);
    }
    if distinct.values().all(|cell| cell.is_number()) {
        distinct.sort_by(|_, a, _, b| order(a).total_cmp(&order(b)));
    }
    named(distinct, name)
}

/// The names of different cells by their keys: with all digits if fewer make two of them one.
pub(crate) fn named<'a>(
    cells: impl IntoIterator<Item = (String, &'a Cell)>,
    name: impl Fn(&Cell, bool) -> String,
) -> IndexMap<String, String> {
    let cells: Vec<(String, &Cell)> = cells.into_iter().collect();
    let names = |whole: bool| -> IndexMap<String, String> {
        cells.iter().map(|(key, cell)| (key.clone(), name(cell, whole))).collect()
    };
    let short = names(false);
    let different: std::collections::BTreeSet<&String> = short.values().collect();
    if different.len() == short.len() { short } else { names(true) }
}

/// A number to sort by.
pub(crate) fn order(cell: &Cell) -> f64 {
    match cell {
        Cell::Number(value) => *value,
        Cell::Huge { negative: true, .. } | Cell::Infinite { negative: true } => f64::NEG_INFINITY,
        Cell::Huge { .. } | Cell::Infinite { .. } => f64::INFINITY,
        Cell::Text(_) | Cell::Missing => f64::NAN,
    }
}

/// What the domain of a scale must hold, gathered over all marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    /// Smallest coordinate.
    pub(crate) low: f64,
    /// Largest.
    pub(crate) high: f64,
}

impl Extent {
    /// Nothing yet.
    pub(crate) const EMPTY: Self = Self { low: f64::INFINITY, high: f64::NEG_INFINITY };

    /// With one more coordinate.
    pub(crate) fn add(&mut self, at: f64) {
        self.low = self.low.min(at);
        self.high = self.high.max(at);
    }

    /// With all that another holds.
    pub(crate) fn join(&mut self, other: Self) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }
}

/// What an author or the marks ask of a scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Wish {
    /// Smallest and largest value shown.
    pub(crate) domain: Option<[f64; 2]>,
    /// Whether zero belongs to it.
    pub(crate) zero: bool,
    /// Whether it holds integers only.
    pub(crate) integer: bool,
    /// Whether the data go up to the border: no padding.
    pub(crate) tight: bool,
}

/// A kind with its domain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    /// How cells become coordinates.
    pub(crate) kind: Transform,
    /// Smallest and largest coordinate shown.
    pub(crate) domain: [f64; 2],
    /// Whether ticks stand at integers only.
    pub(crate) integer: bool,
    /// The few integers that a logarithmic axis shows, where ticks stand rather than at powers of ten.
    pub(crate) places: Vec<u32>,
    /// Where the author wants ticks; empty if nowhere.
    pub(crate) own: Vec<f64>,
}

impl Scale {
    /// A scale that holds this extent.
    pub(crate) fn new(kind: Transform, extent: Extent, wish: Wish) -> Self {
        let domain = match (&kind, wish.domain) {
            (Transform::Categorical(names), _) => [-0.5, names.len().max(1) as f64 - 0.5],
            (_, Some(domain)) => explicit(&kind, domain).unwrap_or_else(|| padded(&kind, extent, wish)),
            _ => padded(&kind, extent, wish),
        };
        Self { kind, domain, integer: wish.integer, places: Vec::new(), own: Vec::new() }
    }

    /// The part of the axis, from 0 to 1, of a coordinate. Outside the domain it is outside that range.
    pub(crate) fn part(&self, coordinate: f64) -> f64 {
        let [low, high] = self.domain;
        ((coordinate - low) / (high - low)).clamp(-1e4, 1e4)
    }

    /// Whether a coordinate lies within the axis, but for rounding.
    pub(crate) fn shows(&self, coordinate: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.part(coordinate))
    }

    /// Length of the domain in coordinates.
    pub(crate) fn span(&self) -> f64 {
        self.domain[1] - self.domain[0]
    }

    /// At most about `most` ticks; `format` is the author's for their labels.
    pub(crate) fn ticks(&self, most: usize, format: Option<&Format>, locale: &Locale) -> Ticks {
        let [low, high] = self.domain;
        if !self.own.is_empty() && !self.kind.is_categorical() {
            return self.own_ticks(format, locale);
        }
        let mut ticks = match &self.kind {
            Transform::Linear => ticks::linear(low, high, most, self.integer, locale),
            Transform::Log => ticks::small_integers(low, high, most, self.integer, &self.places, locale)
                .unwrap_or_else(|| ticks::log(low, high, most, locale)),
            Transform::Symlog(threshold) => ticks::symlog(low, high, *threshold, most, locale),
            Transform::Time => return ticks::dates::standing(low, high, most, locale),
            Transform::Categorical(names) => {
                let tick = |(index, name): (usize, &String)| Tick { at: index as f64, label: label(name) };
                Ticks { major: names.values().enumerate().map(tick).collect(), minor: Vec::new() }
            }
        };
        if let (Some(format), false) = (format, self.kind.is_categorical()) {
            for tick in &mut ticks.major {
                let value = match self.kind {
                    Transform::Log if tick.at < 300.0 => {
                        Decimal::rounded(math::powf(10.0, tick.at), 12).value()
                    }
                    Transform::Linear => tick.at,
                    _ => continue,
                };
                tick.label = scene::number(&number(value, Some(format), locale));
            }
        }
        ticks
    }
}

impl Scale {
    /// The ticks that the author wants, as far as the axis goes.
    fn own_ticks(&self, format: Option<&Format>, locale: &Locale) -> Ticks {
        let tick = |value: &f64| {
            let at = self.kind.coordinate(&Cell::from(*value)).filter(|at| self.shows(*at))?;
            Some(Tick { at, label: scene::number(&number(*value, format, locale)) })
        };
        let mut major: Vec<Tick> = self.own.iter().filter_map(tick).collect();
        major.sort_by(|a, b| a.at.total_cmp(&b.at));
        major.dedup_by(|a, b| a.at == b.at);
        Ticks { major, minor: Vec::new() }
    }
}

fn explicit(kind: &Transform, [a, b]: [f64; 2]) -> Option<[f64; 2]> {
    let low = kind.coordinate(&Cell::from(a.min(b)))?;
    let high = kind.coordinate(&Cell::from(a.max(b)))?;
    (high > low).then_some([low, high])
}

fn padded(kind: &Transform, extent: Extent, wish: Wish) -> [f64; 2] {
    let mut extent = extent;
    if wish.zero && !matches!(kind, Transform::Log) {
        extent.add(0.0);
    }
    if extent.low > extent.high {
        return [0.0, 1.0];
    }
    let Extent { low, high } = extent;
    let size = low.abs().max(high.abs());
    if high - low <= size * 1e-12 {
        return around(kind, low, wish);
    }
    if wish.tight {
        return [low, high];
    }
    let span = high - low;
    match kind {
        Transform::Log => [log_end(low, -1.0, span), log_end(high, 1.0, span)],
        Transform::Time => [low - 0.04 * span, high + 0.04 * span],
        _ => {
            let step = ticks::step(span, 6, wish.integer).value();
            let (down, up) = ((low / step).floor() * step, (high / step).ceil() * step);
            let pad = 0.04 * span;
            let near = |gap: f64| gap > 0.0 && gap <= (0.3 * step).min(0.07 * span);
            let start = if low == 0.0 || near(low - down) { down } else { low - pad };
            let end = if high == 0.0 || near(up - high) { up } else { high + pad };
            let start = if low >= 0.0 { start.max(0.0) } else { start };
            [start, if high <= 0.0 { end.min(0.0) } else { end }]
        }
    }
}

/// A domain around a single value.
fn around(kind: &Transform, value: f64, wish: Wish) -> [f64; 2] {
    match kind {
        Transform::Log => [value - 0.5, value + 0.5],
        // A day on both sides of a date, an hour on both sides of a time.
        Transform::Time => {
            let half = if value % time::DAY as f64 == 0.0 { time::DAY as f64 } else { 3600.0 };
            [value - half, value + half]
        }
        _ if wish.integer => {
            let half = (1e-3 * value.abs()).max(1.0);
            [value - half, value + half]
        }
        _ if value == 0.0 => [-1.0, 1.0],
        _ => {
            let half = 0.1 * value.abs();
            [value - half, value + half]
        }
    }
}

/// The end of a logarithmic domain: the next power of ten where it is near, else the next 1, 2 or 5, else a little room.
fn log_end(at: f64, sign: f64, span: f64) -> f64 {
    let decade = if sign < 0.0 { at.floor() } else { at.ceil() };
    let near = |end: f64, most: f64| (end - at).abs() > 1e-9 && (end - at).abs() <= most;
    if span > 1.2 && near(decade, (0.12 * span).clamp(0.15, 1.0)) {
        return decade;
    }
    let low = at.floor();
    let round = [1.0, 2.0, 5.0, 10.0].map(|digit| low + math::log10(digit));
    let beyond = |end: &f64| (end - at) * sign > 0.0 && near(*end, 0.1 * span);
    let next = if sign < 0.0 { round.into_iter().rfind(beyond) } else { round.into_iter().find(beyond) };
    next.filter(|_| span > 0.5).unwrap_or(at + sign * 0.04 * span)
}

/// A number as a reader sees it.
pub(crate) fn number(value: f64, format: Option<&Format>, locale: &Locale) -> Written {
    if value.is_nan() {
        return Written::plain("–");
    }
    if value.is_infinite() {
        return Written::of(&Value::from_f64(value), locale);
    }
    let written = format.and_then(|format| format.write(&Value::from_f64(value), locale).ok());
    written.unwrap_or_else(|| Written::name_of(value, locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(kind: Transform, values: &[f64], wish: Wish) -> [f64; 2] {
        let mut extent = Extent::EMPTY;
        values.iter().filter_map(|value| kind.coordinate(&Cell::from(*value))).for_each(|at| extent.add(at));
        Scale::new(kind, extent, wish).domain
    }

    #[test]
    fn domains_have_room_and_stay_above_zero() {
        let [low, high] = domain(Transform::Linear, &[0.0, 9.0], Wish::default());
        assert_eq!((low, high > 9.0 && high <= 10.0), (0.0, true));
        let [low, _] = domain(Transform::Linear, &[5.0, 9.0], Wish { zero: true, ..Wish::default() });
        assert_eq!(low, 0.0);
        let given = Wish { domain: Some([1.0, 2.0]), ..Wish::default() };
        assert_eq!(domain(Transform::Linear, &[0.0, 9.0], given), [1.0, 2.0]);
        assert_eq!(
            domain(Transform::Log, &[1.0], Wish { domain: Some([10.0, 1000.0]), ..Wish::default() }),
            [1.0, 3.0]
        );
    }

    #[test]
    fn labels_follow_the_format_of_the_author() {
        let scale =
            |kind, domain| Scale { kind, domain, integer: false, places: Vec::new(), own: Vec::new() };
        let english = Locale::built_in("en").unwrap();
        let labels = |scale: &Scale, format: &str| -> Vec<String> {
            let ticks = scale.ticks(4, Some(&Format::parse(format).unwrap()), &english);
            ticks.major.iter().map(|tick| scene::flat(&tick.label)).collect()
        };
        let linear = scale(Transform::Linear, [0.0, 0.15]);
        assert_eq!(labels(&linear, "%.1%"), ["0.0%", "5.0%", "10.0%", "15.0%"]);
        assert_eq!(labels(&linear, "%+.2f"), ["0.00", "+0.05", "+0.10", "+0.15"]);
        assert_eq!(
            labels(&scale(Transform::Log, [-2.0, 0.0]), "%.0%"),
            ["1%", "2%", "5%", "10%", "20%", "50%", "100%"]
        );
    }

    #[test]
    fn degenerate_data_have_a_domain() {
        for values in
            [&[][..], &[0.0], &[5.0], &[-3.0, -3.0], &[1e300], &[-1e300, 1e300], &[f64::INFINITY], &[1e-320]]
        {
            for kind in [Transform::Linear, Transform::Log, Transform::Symlog(0)] {
                for integer in [false, true] {
                    let [low, high] = domain(kind.clone(), values, Wish { integer, ..Wish::default() });
                    assert!(low < high && (high - low).is_finite(), "{kind:?} {values:?}: {low} {high}");
                }
            }
        }
    }

    #[test]
    fn categories_keep_their_order_and_numbers_are_sorted() {
        let cells = ["b", "a", "b"].map(|text| Cell::Text(text.into()));
        let Transform::Categorical(names) =
            Transform::new(ScaleKind::Categorical, &cells.iter().collect::<Vec<_>>(), |cell, _| cell.key())
        else {
            panic!("categories");
        };
        assert_eq!(names.keys().collect::<Vec<_>>(), ["tb", "ta"]);
        let cells = [3.0, 1.0, 2.0].map(Cell::Number);
        let kind =
            Transform::new(ScaleKind::Categorical, &cells.iter().collect::<Vec<_>>(), |cell, _| cell.key());
        assert_eq!(kind.coordinate(&Cell::Number(2.0)), Some(1.0));
    }
}
