//! Grid, axis lines, ticks and their labels.

use octavo_plugin::math;

use octavo_definition::locale::Locale;
use octavo_tables::number::Format;

use super::distinct;
use super::plot::Plot;
use super::scale::{Scale, Transform};
use super::scene::{Anchor, Element, Form, Group, Paint, Role, Span, Style, Text, Weight, plain};
use super::text;
use super::ticks::dates::{Dated, dates};
use super::ticks::{Tick, Ticks};
use super::wrap;

/// Size of tick labels.
pub(crate) const LABEL: f64 = 12.0;
/// Turn of category labels that do not fit side by side, in degrees.
const TURN: f64 = -38.0;
/// The widest label of a category.
const WIDEST: f64 = 170.0;

/// Room of a label of a logarithmic axis that stands.
const LOG_APART: f64 = 32.0;
/// Room between the baselines of the lines of a label.
const LEADING: f64 = 13.5;
/// Room that a turned label takes along its axis, and a lying one.
const PITCH: [f64; 2] = [16.0, 15.0];

/// The ticks of one axis, fitted to its length.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    /// The ticks.
    pub(crate) ticks: Ticks,
    /// Whether labels are turned.
    pub(crate) turned: bool,
    /// The labels of categories on several lines, if they stand so; as many as ticks.
    lines: Vec<Vec<Vec<Span>>>,
    /// Number of texts that name categories and have no place.
    pub(crate) unnamed: usize,
}

impl Fitted {
    fn plain(ticks: Ticks) -> Self {
        Self { ticks, turned: false, lines: Vec::new(), unnamed: 0 }
    }

    /// Ticks of a horizontal axis of this length: as many as stand side by side with room between.
    pub(crate) fn horizontal(scale: &Scale, length: f64, format: Option<&Format>, locale: &Locale) -> Self {
        Self::within(scale, length, ((length / 64.0) as usize).clamp(3, 12), format, locale)
    }

    /// The same with at most about `most` ticks.
    pub(crate) fn within(
        scale: &Scale,
        length: f64,
        most: usize,
        format: Option<&Format>,
        locale: &Locale,
    ) -> Self {
        let gap = if scale.kind.is_categorical() { 8.0 } else { 14.0 };
        let apart = |ticks: &Ticks| {
            let place = |tick: &Tick| (scale.part(tick.at) * length, width(&tick.label));
            let places: Vec<(f64, f64)> = ticks.major.iter().map(place).collect();
            places.windows(2).all(|pair| pair[1].0 - pair[0].0 >= (pair[0].1 + pair[1].1) / 2.0 + gap)
        };
        if scale.kind == Transform::Time {
            return Self::of_dates(scale, length, most, locale);
        }
        let mut ticks = scale.ticks(most, format, locale);
        if scale.kind.is_categorical() {
            let widest = ticks.major.iter().map(|tick| width(&tick.label)).fold(0.0, f64::max);
            if apart(&ticks) && widest <= WIDEST {
                return Self::plain(ticks);
            }
            return Self::of_categories(ticks, scale, length);
        }
        if !scale.own.is_empty() {
            return Self::plain(labelled_apart(ticks, scale, length, gap));
        }
        for fewer in (1..most).rev() {
            if apart(&ticks) {
                break;
            }
            ticks = scale.ticks(fewer, format, locale);
        }
        // One label alone says nothing of how far apart values are.
        if ticks.major.len() < 2 {
            let closer = (most + 1..=2 * most).map(|more| scale.ticks(more, format, locale));
            let two = closer.into_iter().find(|ticks| ticks.major.len() > 1);
            ticks = two.filter(&apart).unwrap_or(ticks);
        }
        if !apart(&ticks) {
            ticks.major.truncate(1);
        }
        Self::plain(ticks.with_room(scale.span(), length))
    }

    /// Dates, with what they leave open on a line below: as many as stand side by side.
    fn of_dates(scale: &Scale, length: f64, most: usize, locale: &Locale) -> Self {
        const GAP: f64 = 10.0;
        let [low, high] = scale.domain;
        let mut few = Self::plain(Ticks::default());
        for most in (2..=most).rev() {
            let (labelled, minor) = dates(low, high, most, locale);
            let two = labelled.iter().any(|tick| !tick.context.is_empty());
            let lines = |tick: &Dated| match two {
                true => vec![plain(tick.label.as_str()), plain(tick.context.as_str())],
                false => vec![plain(tick.label.as_str())],
            };
            let lines: Vec<Vec<Vec<Span>>> = labelled.iter().map(lines).collect();
            let major = labelled.iter().map(|tick| Tick { at: tick.at, label: plain(tick.label.as_str()) });
            few = Self { lines: lines.clone(), ..Self::plain(Ticks { major: major.collect(), minor }) };
            let apart = |line: usize| {
                let all = labelled.iter().zip(&lines).filter_map(|(tick, lines)| {
                    let wide = width(lines.get(line)?);
                    (wide > 0.0).then(|| (scale.part(tick.at) * length, wide))
                });
                let all: Vec<(f64, f64)> = all.collect();
                all.windows(2).all(|pair| pair[1].0 - pair[0].0 >= (pair[0].1 + pair[1].1) / 2.0 + GAP)
            };
            if apart(0) && apart(1) {
                break;
            }
        }
        few
    }

    /// Names of categories side by side: on several lines where all fit so, else turned.
    fn of_categories(ticks: Ticks, scale: &Scale, length: f64) -> Self {
        let slot = length / scale.span() - 8.0;
        let lines: Option<Vec<_>> = ticks
            .major
            .iter()
            .map(|tick| wrap::lines(&tick.label, (LABEL, Weight::Regular), slot, wrap::LINES))
            .collect();
        if let Some(lines) = lines {
            return Self { lines, ..Self::plain(ticks) };
        }
        let mut fitted = Self { turned: true, ..Self::plain(ticks) };
        fitted.thin_out(scale, length, PITCH[0]);
        fitted.shorten();
        fitted
    }

    /// Ticks of a vertical axis of this length, at least about `apart` pixels apart.
    pub(crate) fn vertical(
        scale: &Scale,
        length: f64,
        apart: f64,
        format: Option<&Format>,
        locale: &Locale,
    ) -> Self {
        // What lies between powers of ten is not evenly far apart, and powers by themselves stand as near as lines of a text.
        let apart = if scale.kind == Transform::Log { apart.min(LOG_APART) } else { apart };
        let most = ((length / apart) as usize).clamp(2, 12);
        let mut fitted = Self::plain(scale.ticks(most, format, locale).with_room(scale.span(), length));
        if !scale.own.is_empty() && !scale.kind.is_categorical() {
            fitted.thin_labels(scale, length);
        }
        if scale.kind.is_categorical() {
            fitted.thin_out(scale, length, PITCH[1]);
            let most = (length / scale.span() / LEADING) as usize;
            let wrapped = |tick: &Tick| match wrap::lines(&tick.label, (LABEL, Weight::Regular), WIDEST, most)
            {
                Some(lines) if most > 1 => lines,
                _ => vec![tick.label.clone()],
            };
            let lines: Vec<Vec<Vec<Span>>> = fitted.ticks.major.iter().map(wrapped).collect();
            let fit = lines.iter().flatten().all(|line| width(line) <= WIDEST);
            if fit {
                fitted.lines = lines;
            } else {
                fitted.shorten();
            }
        }
        fitted
    }

    /// Leaves out labels of an author's ticks that stand nearer than their height.
    fn thin_labels(&mut self, scale: &Scale, length: f64) {
        let mut free = f64::NEG_INFINITY;
        for tick in &mut self.ticks.major {
            let at = scale.part(tick.at) * length;
            if at < free {
                tick.label = Vec::new();
            } else {
                free = at + PITCH[1];
            }
        }
    }

    /// Leaves out labels that stand nearer than this. Numbers between two numbers are known; of texts it is told.
    fn thin_out(&mut self, scale: &Scale, length: f64, pitch: f64) {
        let all = self.ticks.major.len();
        let every = (all as f64 * pitch / length.max(1.0)).ceil().max(1.0) as usize;
        let ticks = std::mem::take(&mut self.ticks.major);
        self.ticks.major = ticks.into_iter().step_by(every).collect();
        if scale.kind.has_texts() {
            self.unnamed = all - self.ticks.major.len();
        }
    }

    fn shorten(&mut self) {
        let names: Vec<Vec<Span>> = self.ticks.major.iter().map(|tick| tick.label.clone()).collect();
        let short = distinct::shortened(&names, LABEL, WIDEST);
        self.ticks.major.iter_mut().zip(short).for_each(|(tick, label)| tick.label = label);
    }

    /// The lines of a tick's label.
    fn lines(&self, index: usize) -> Vec<Vec<Span>> {
        self.lines.get(index).cloned().unwrap_or_else(|| vec![self.ticks.major[index].label.clone()])
    }

    /// The widest label.
    pub(crate) fn widest(&self) -> f64 {
        let lines = (0..self.ticks.major.len()).flat_map(|index| self.lines(index));
        lines.map(|line| width(&line)).fold(0.0, f64::max)
    }

    /// The room that labels need below a horizontal axis.
    pub(crate) fn depth(&self) -> f64 {
        if self.turned {
            return 18.0 + self.widest() * -math::sin(TURN.to_radians());
        }
        let lines = self.lines.iter().map(Vec::len).max().unwrap_or(1);
        22.0 + (lines - 1) as f64 * LEADING
    }

    /// How far labels reach to the left and to the right of a horizontal axis of this length.
    pub(crate) fn reach(&self, scale: &Scale, length: f64) -> [f64; 2] {
        let mut reach = [0.0_f64; 2];
        for (index, tick) in self.ticks.major.iter().enumerate() {
            let at = scale.part(tick.at) * length;
            let (left, right) = if self.turned {
                // The head of a turned line stands farther to the left than its foot.
                let (sin, cos) = math::sin_cos(TURN.to_radians());
                (width(&tick.label) * cos - 0.8 * LABEL * sin - 4.0, 4.0)
            } else {
                let half = self.lines(index).iter().map(|line| width(line)).fold(0.0, f64::max) / 2.0;
                (half, half)
            };
            reach = [reach[0].max(left - at), reach[1].max(right - (length - at))];
        }
        reach
    }
}

/// The ticks that an author wants: all of them, and labels where there is room for them, from the first on.
fn labelled_apart(mut ticks: Ticks, scale: &Scale, length: f64, gap: f64) -> Ticks {
    let mut free = f64::NEG_INFINITY;
    for tick in &mut ticks.major {
        let (at, half) = (scale.part(tick.at) * length, width(&tick.label) / 2.0);
        if at - half < free {
            tick.label = Vec::new();
        } else {
            free = at + half + gap;
        }
    }
    ticks
}

fn width(label: &[Span]) -> f64 {
    text::width(label, LABEL, Weight::Regular)
}

/// Lines behind the data, at labelled ticks; none between categories.
pub(crate) fn grid(plot: &Plot<'_>, x: &Fitted, y: &Fitted) -> Group {
    let [left, top, wide, high] = plot.frame;
    let mut elements = Vec::new();
    let mut line =
        |a, b| elements.push(Element { form: Form::Path(vec![a, b]), style: Style::line(Paint::Grid, 1.0) });
    if !plot.y.kind.is_categorical() {
        for tick in &y.ticks.major {
            let at = plot.place([plot.x.domain[0], tick.at])[1];
            line([left, at], [left + wide, at]);
        }
    }
    if !plot.x.kind.is_categorical() {
        for tick in &x.ticks.major {
            let at = plot.place([tick.at, plot.y.domain[0]])[0];
            line([at, top], [at, top + high]);
        }
    }
    if plot.y.domain[0] < 0.0 && plot.y.domain[1] > 0.0 && plot.y.kind == Transform::Linear {
        let zero = plot.place([plot.x.domain[0], 0.0])[1];
        let style = Style::line(Paint::Muted, 0.75).faded(0.6);
        elements.push(Element { form: Form::Path(vec![[left, zero], [left + wide, zero]]), style });
    }
    Group { role: Role::Grid, elements }
}

/// Axis lines, ticks and labels. `labels` says whether x and y carry labels.
pub(crate) fn axes(plot: &Plot<'_>, x: &Fitted, y: &Fitted, labels: [bool; 2]) -> Group {
    let mut elements = Vec::new();
    horizontal(plot, x, labels[0], &mut elements);
    vertical(plot, y, labels[1], &mut elements);
    Group { role: Role::Axes, elements }
}

fn stroke(a: [f64; 2], b: [f64; 2], width: f64) -> Element {
    Element { form: Form::Path(vec![a, b]), style: Style::line(Paint::Muted, width) }
}

fn label(text: Text) -> Element {
    Element { form: Form::Text(text), style: Style::fill(Paint::Muted) }
}

fn horizontal(plot: &Plot<'_>, x: &Fitted, labels: bool, elements: &mut Vec<Element>) {
    let [left, top, wide, high] = plot.frame;
    let bottom = top + high;
    elements.push(stroke([left, bottom], [left + wide, bottom], 1.0));
    let at = |coordinate: f64| plot.place([coordinate, plot.y.domain[0]])[0];
    if !plot.x.kind.is_categorical() {
        x.ticks
            .major
            .iter()
            .for_each(|tick| elements.push(stroke([at(tick.at), bottom], [at(tick.at), bottom + 5.0], 1.0)));
        x.ticks
            .minor
            .iter()
            .for_each(|tick| elements.push(stroke([at(*tick), bottom], [at(*tick), bottom + 3.0], 0.75)));
    }
    for (index, tick) in x.ticks.major.iter().enumerate().filter(|(_, tick)| labels && !tick.label.is_empty())
    {
        if x.turned {
            let place = [at(tick.at) + 4.0, bottom + 13.0];
            let text = Text::new(place, tick.label.clone(), LABEL, Anchor::End);
            elements.push(label(Text { rotation: TURN, ..text }));
            continue;
        }
        for (line, spans) in x.lines(index).into_iter().enumerate() {
            let place = [at(tick.at), bottom + 18.0 + line as f64 * LEADING];
            elements.push(label(Text::new(place, spans, LABEL, Anchor::Middle)));
        }
    }
}

fn vertical(plot: &Plot<'_>, y: &Fitted, labels: bool, elements: &mut Vec<Element>) {
    let left = plot.frame[0];
    let at = |coordinate: f64| plot.place([plot.x.domain[0], coordinate])[1];
    // Lines behind the data stand for labelled ticks. The others are what a reader counts decades by.
    for tick in &y.ticks.minor {
        elements.push(stroke([left - 4.0, at(*tick)], [left, at(*tick)], 0.75));
    }
    for (index, tick) in y.ticks.major.iter().enumerate().filter(|(_, tick)| labels && !tick.label.is_empty())
    {
        let lines = y.lines(index);
        let first = at(tick.at) + 0.36 * LABEL - (lines.len() - 1) as f64 * LEADING / 2.0;
        for (line, spans) in lines.into_iter().enumerate() {
            let place = [left - 8.0, first + line as f64 * LEADING];
            elements.push(label(Text::new(place, spans, LABEL, Anchor::End)));
        }
    }
}
