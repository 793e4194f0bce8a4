//! Grid, axis lines, ticks and their labels.

use octavo_plugin::math;

use octavo_definition::locale::Locale;

use super::plot::Plot;
use super::scale::Scale;
use super::scene::{Anchor, Element, Form, Group, Paint, Role, Style, Text, Weight};
use super::text;
use super::ticks::Ticks;

/// Size of tick labels.
pub(crate) const LABEL: f64 = 12.0;
/// Turn of category labels that do not fit side by side, in degrees.
const TURN: f64 = -38.0;
/// The widest label of a category.
const WIDEST: f64 = 170.0;

/// The ticks of one axis, fitted to its length.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    /// The ticks.
    pub(crate) ticks: Ticks,
    /// Whether labels are turned.
    pub(crate) turned: bool,
}

impl Fitted {
    /// Ticks of a horizontal axis of this length: as many as stand side by side with room between.
    pub(crate) fn horizontal(scale: &Scale, length: f64, format: Option<&str>, locale: &Locale) -> Self {
        Self::within(scale, length, ((length / 64.0) as usize).clamp(3, 12), format, locale)
    }

    /// The same with at most about `most` ticks.
    pub(crate) fn within(
        scale: &Scale,
        length: f64,
        most: usize,
        format: Option<&str>,
        locale: &Locale,
    ) -> Self {
        let widths = |ticks: &Ticks| -> Vec<(f64, f64)> {
            let place = |at: f64| scale.part(at) * length;
            ticks
                .major
                .iter()
                .map(|tick| (place(tick.at), text::width(&tick.label, LABEL, Weight::Regular)))
                .collect()
        };
        let apart = |ticks: &Ticks| {
            let gap = if scale.kind.is_categorical() { 8.0 } else { 14.0 };
            widths(ticks).windows(2).all(|pair| pair[1].0 - pair[0].0 >= (pair[0].1 + pair[1].1) / 2.0 + gap)
        };
        let mut ticks = scale.ticks(most, format, locale);
        if scale.kind.is_categorical() {
            shorten(&mut ticks);
            let turned = !apart(&ticks);
            if turned {
                let every = (ticks.major.len() as f64 * 16.0 / length.max(1.0)).ceil().max(1.0) as usize;
                ticks.major = ticks.major.into_iter().step_by(every).collect();
            }
            return Self { ticks, turned };
        }
        for fewer in (1..most).rev() {
            if apart(&ticks) {
                break;
            }
            ticks = scale.ticks(fewer, format, locale);
        }
        if !apart(&ticks) {
            ticks.major.truncate(1);
        }
        Self { ticks, turned: false }
    }

    /// Ticks of a vertical axis of this length, at least about `apart` pixels apart.
    pub(crate) fn vertical(
        scale: &Scale,
        length: f64,
        apart: f64,
        format: Option<&str>,
        locale: &Locale,
    ) -> Self {
        let most = ((length / apart) as usize).clamp(2, 12);
        let mut ticks = scale.ticks(most, format, locale);
        if scale.kind.is_categorical() {
            shorten(&mut ticks);
            let every = (ticks.major.len() as f64 * 15.0 / length.max(1.0)).ceil().max(1.0) as usize;
            ticks.major = ticks.major.into_iter().step_by(every).collect();
        }
        Self { ticks, turned: false }
    }

    /// The widest label.
    pub(crate) fn widest(&self) -> f64 {
        let widths = self.ticks.major.iter().map(|tick| text::width(&tick.label, LABEL, Weight::Regular));
        widths.fold(0.0, f64::max)
    }

    /// The room that labels need below a horizontal axis.
    pub(crate) fn depth(&self) -> f64 {
        if self.turned { 18.0 + self.widest() * -math::sin(TURN.to_radians()) } else { 22.0 }
    }
}

fn shorten(ticks: &mut Ticks) {
    for tick in &mut ticks.major {
        tick.label = text::cut(&tick.label, LABEL, Weight::Regular, WIDEST);
    }
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
    if plot.y.domain[0] < 0.0 && plot.y.domain[1] > 0.0 && plot.y.kind == super::scale::Kind::Linear {
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
    for tick in x.ticks.major.iter().filter(|_| labels) {
        let place = [at(tick.at), bottom + 18.0];
        elements.push(label(if x.turned {
            let place = [place[0] + 4.0, bottom + 13.0];
            Text { rotation: TURN, ..Text::new(place, tick.label.clone(), LABEL, Anchor::End) }
        } else {
            Text::new(place, tick.label.clone(), LABEL, Anchor::Middle)
        }));
    }
}

fn vertical(plot: &Plot<'_>, y: &Fitted, labels: bool, elements: &mut Vec<Element>) {
    let left = plot.frame[0];
    let at = |coordinate: f64| plot.place([plot.x.domain[0], coordinate])[1];
    for tick in y.ticks.major.iter().filter(|_| labels) {
        let place = [left - 8.0, at(tick.at) + 0.36 * LABEL];
        elements.push(label(Text::new(place, tick.label.clone(), LABEL, Anchor::End)));
    }
}
