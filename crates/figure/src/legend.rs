//! What colours and sizes mean: labels at the ends of lines where they fit, else a legend above the plot; a bar for ramps.

use octavo_definition::locale::Locale;

use super::clip::Frame;
use super::colour::Colours;
use super::distinct;
use super::labels::{self, Place};
use super::plan::{LegendEntry, Plan, Swatch};
use super::plot::{LineEnd, Sizes};
use super::room::Room;
use super::scale::Extent;
use super::scale::Scale;
use super::scene::{
    Anchor, Element, Form, Group, Paint, Point, Role, Span, Style, Text, Weight, label, plain,
};
use super::text;
use super::ticks::Tick;
use super::wrap;
use octavo_plugin::figure::{Mark, Palette};

/// Size of legend texts.
pub(crate) const SIZE: f64 = 12.5;
/// Size of names at the ends of lines.
const SMALL: f64 = labels::SIZE;
/// Room between the baselines of direct labels.
const LEADING: f64 = 14.0;
/// The farthest that a direct label moves from its line.
const FARTHEST: f64 = 45.0;
/// A line that ends farther than this from the side of the plot has its name within the plot.
const EARLY: f64 = 60.0;
/// The most panels in a row that have names beside the last one.
pub(crate) const ROW_OF_PANELS: usize = 3;
/// Length of the line that leads to a direct label, beside the plot.
const KEY: f64 = 14.0;
/// Height of a legend row.
const ROW: f64 = 20.0;
/// Length of the line of an entry, and room between what an entry shows and its name.
const LINE: f64 = 22.0;
const BESIDE_KEY: f64 = 6.0;
/// Length of a colour bar.
const BAR: f64 = 190.0;

/// Where the names of entries stand at first: at the ends of their lines, on what goes across the plot, else in the legend.
pub(crate) fn places(plan: &Plan, figure: f64, axes: bool) -> Vec<Place> {
    let wide = |entry: &LegendEntry| text::width(&label(&entry.full), SMALL, Weight::Regular);
    let ends = |entry: &LegendEntry| {
        let rows = &plan.layers[entry.layer];
        let lies = !labels::is_across(plan, entry)
            || rows.marks == [Mark::Rule] && super::marks::is_horizontal(rows);
        lies && matches!(entry.swatch, Swatch::Line(_))
    };
    let lines: Vec<&LegendEntry> = plan.entries.iter().filter(|entry| ends(entry)).collect();
    let widest = lines.iter().map(|entry| wide(entry)).fold(0.0, f64::max);
    let fit = axes && lines.len() <= 10 && widest <= (0.3 * figure).min(150.0);
    let place = |entry: &LegendEntry| match () {
        () if fit && ends(entry) => Place::Margin,
        () if labels::is_across(plan, entry) => Place::Plot,
        () => Place::Legend,
    };
    plan.entries.iter().map(place).collect()
}

/// The room that the names at the ends of lines take beside the plot.
pub(crate) fn margin(plan: &Plan, places: &[Place]) -> f64 {
    let own = plan.entries.iter().zip(places).filter(|(_, place)| **place == Place::Margin);
    let wide = own.map(|(entry, _)| text::width(&label(&entry.full), SMALL, Weight::Regular));
    wide.reduce(f64::max).map_or(0.0, |widest| widest + KEY + 9.0)
}

/// What stands beside the plot, and where lines end.
pub(crate) struct Margin<'a> {
    /// The ends of the lines of the last panel.
    pub(crate) ends: &'a [LineEnd],
    /// The room within that panel.
    pub(crate) room: Room,
    /// That panel.
    pub(crate) frame: Frame,
}

impl Margin<'_> {
    /// Names beside the plot, in the order of the ends, and within it where lines end early. The error are the entries without one end, or
    /// all of the margin if there is no room or a colour has no end: colours stand together.
    pub(crate) fn labels(mut self, plan: &Plan, places: &[Place], row: bool) -> Result<Group, Vec<usize>> {
        let own = |index: &usize| places[*index] == Place::Margin;
        let all: Vec<usize> = (0..plan.entries.len()).filter(own).collect();
        let ends: Vec<(usize, Option<LineEnd>)> =
            all.iter().map(|index| (*index, self.end(&plan.entries[*index]))).collect();
        let without = ends.iter().filter(|(_, end)| end.is_none()).map(|(index, _)| *index);
        let without: Vec<usize> = without.collect();
        if !row || without.iter().any(|index| plan.entries[*index].color.is_some()) {
            return Err(all);
        }
        if !without.is_empty() {
            return Err(without);
        }
        let named = ends.into_iter().filter_map(|(index, end)| Some((&plan.entries[index], end?)));
        let elements = self.written(named.collect()).ok_or(all)?;
        Ok(Group { role: Role::Labels, elements })
    }

    /// Where the line of an entry ends; `None` if none does, or several do apart.
    fn end(&self, entry: &LegendEntry) -> Option<LineEnd> {
        let mut own = self.ends.iter().filter(|end| match &entry.color {
            Some(key) => end.color.as_ref() == Some(key),
            None => end.color.is_none() && end.layer == entry.layer,
        });
        let end = own.next()?;
        own.all(|other| (other.at[1] - end.at[1]).abs() <= 1.0).then(|| end.clone())
    }

    fn written(&mut self, named: Vec<(&LegendEntry, LineEnd)>) -> Option<Vec<Element>> {
        let right = self.frame[0] + self.frame[2];
        let (mut beside, mut elements) = (Vec::new(), Vec::new());
        for (entry, end) in named {
            if right - end.at[0] > EARLY {
                elements.extend(labels::at_end(entry, &end, &mut self.room)?);
            } else {
                beside.push((entry, end.at));
            }
        }
        beside.sort_by(|a, b| a.1[1].total_cmp(&b.1[1]));
        let wanted: Vec<f64> = beside.iter().map(|(_, at)| at[1]).collect();
        if is_crowd(&wanted) {
            return None;
        }
        let [_, top, _, high] = self.frame;
        let places = spread(&wanted, LEADING, [top + 4.0, top + high - 2.0])?;
        if wanted.iter().zip(&places).any(|(wanted, place)| (wanted - place).abs() > FARTHEST) {
            return None;
        }
        let close = wanted.windows(2).any(|pair| pair[1] - pair[0] < LEADING);
        for ((entry, at), y) in beside.into_iter().zip(places) {
            elements.extend(beside_plot(entry, at, [right, y], close));
        }
        Some(elements)
    }
}

/// Most ends within the height of a name that readers can tell apart beside the plot.
const CLOSE: usize = 3;

/// Whether so many lines end together that the order of their names, and the leaders to them, tell less than a legend in the order of
/// the values. The ends ascend.
fn is_crowd(ends: &[f64]) -> bool {
    ends.windows(CLOSE + 1).any(|together| together[CLOSE] - together[0] < LEADING)
}

/// A name beside the plot, and a line to it from the end of its line; where ends are close, a piece of the line stands before each name.
fn beside_plot(entry: &LegendEntry, at: Point, [right, y]: Point, close: bool) -> Vec<Element> {
    let style = Style::line(entry.paint, 1.0).faded(0.75);
    let leader = if close {
        vec![[at[0] + 4.0, at[1]], [right + 5.0, y]]
    } else {
        vec![[at[0] + 4.0, at[1]], [right + 4.0, y], [right + KEY, y]]
    };
    let mut elements = vec![Element { form: Form::Path(leader), style }];
    if let (true, Swatch::Line(dash)) = (close, entry.swatch) {
        let key = vec![[right + 5.0, y], [right + KEY + 1.0, y]];
        elements.push(Element { form: Form::Path(key), style: Style::line(entry.paint, 2.25).dashed(dash) });
    }
    let text = Text::new([right + KEY + 5.0, y + 0.36 * SMALL], label(&entry.full), SMALL, Anchor::Start);
    elements.push(Element { form: Form::Text(text), style: Style::fill(Paint::Ink) });
    elements
}

/// Ascending places at least `gap` apart within the limits, near the wanted ones (pool adjacent violators).
fn spread(wanted: &[f64], gap: f64, [low, high]: [f64; 2]) -> Option<Vec<f64>> {
    if wanted.is_empty() || (wanted.len() - 1) as f64 * gap > high - low {
        return None;
    }
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (index, at) in wanted.iter().enumerate() {
        blocks.push((at - index as f64 * gap, 1));
        while let [.., (a, n), (b, m)] = blocks[..]
            && a > b
        {
            blocks.truncate(blocks.len() - 2);
            blocks.push(((a * n as f64 + b * m as f64) / (n + m) as f64, n + m));
        }
    }
    let last = (wanted.len() - 1) as f64 * gap;
    let flat = blocks.iter().flat_map(|(at, count)| std::iter::repeat_n(at.clamp(low, high - last), *count));
    Some(flat.enumerate().map(|(index, at)| at + index as f64 * gap).collect())
}

/// A legend above the plot, between two ends, of the entries that stand there: its elements and its height.
pub(crate) fn above(plan: &Plan, locale: &Locale, [left, right]: [f64; 2], places: &[Place]) -> (Group, f64) {
    let mut flow = Flow { left, right, x: left, y: 0.0, elements: Vec::new(), deepest: 0.0 };
    if places.contains(&Place::Legend) {
        flow = entries(plan, [left, right], places);
        let rows = |flow: &Flow| (flow.y / ROW).round() as usize;
        // No entry alone in a last row: the rows are as short as their number allows.
        // Nor is a name cut for that.
        let whole = |end: &f64| *end - left >= widest(plan, places);
        let ends = (1..20).map(|step| right - step as f64 * 0.04 * (right - left)).take_while(whole);
        let narrower = ends.map(|end| entries(plan, [left, end], places));
        flow = narrower.take_while(|other| rows(other) == rows(&flow)).last().unwrap_or(flow);
        flow.right = right;
    }
    if let Colours::Ramp { one: false, .. } = &plan.colours {
        flow.bar(plan, locale);
    }
    if let Sizes::Range(Extent { low, high }) = plan.sizes
        && let Some(bound) =
            plan.layers.iter().find_map(|rows| rows.channels.get("size").filter(|b| !b.is_constant()))
    {
        flow.text(&super::plan::title(bound, locale), Paint::Muted, 10.0);
        let from = if low >= 0.0 { 0.0 } else { low };
        let nice = super::ticks::multiples(from, high, 4, false);
        let values: Vec<f64> = nice.iter().map(|d| d.value()).filter(|value| *value > from).collect();
        let shown = [values.first(), values.last().filter(|_| values.len() > 1)];
        for value in shown.into_iter().flatten().copied() {
            let part = if high > from { (value - from) / (high - from) } else { 1.0 };
            let value =
                super::colour::channel_text(&super::cell::Cell::Number(value), &bound.channel, locale);
            flow.entry(&label(&value), Swatch::Dot(1.5 + 7.5 * part.max(0.0).sqrt()), Paint::Muted);
        }
    }
    let height = if flow.elements.is_empty() { 0.0 } else { flow.y + flow.deepest + 8.0 };
    (Group { role: Role::Legend, elements: flow.elements }, height)
}

/// The width of the longest entry that stands in the legend.
fn widest(plan: &Plan, places: &[Place]) -> f64 {
    let listed = plan.entries.iter().zip(places).filter(|(_, place)| **place == Place::Legend);
    let wide = listed.map(|(entry, _)| text::width(&label(&entry.label), SIZE, Weight::Regular));
    wide.fold(0.0, f64::max) + LINE + BESIDE_KEY
}

/// The list of the entries that stand in the legend, with the title of their colours before them.
fn entries(plan: &Plan, [left, right]: [f64; 2], places: &[Place]) -> Flow {
    let mut flow = Flow { left, right, x: left, y: 0.0, elements: Vec::new(), deepest: 0.0 };
    let listed = plan.entries.iter().zip(places).filter(|(_, place)| **place == Place::Legend);
    let listed: Vec<&LegendEntry> = listed.map(|(entry, _)| entry).collect();
    let categories = listed.iter().any(|entry| entry.color.is_some());
    if categories && !plan.color_title.is_empty() {
        flow.text(&plan.color_title, Paint::Muted, 12.0);
    }
    let names: Vec<Vec<Span>> = listed.iter().map(|entry| label(&entry.label)).collect();
    let names = distinct::shortened(&names, SIZE, right - left - LINE - BESIDE_KEY);
    listed.iter().zip(&names).for_each(|(entry, name)| flow.entry(name, entry.swatch, entry.paint));
    flow
}

/// The right end of a legend.
pub(crate) fn reach(legend: &Group) -> f64 {
    let right = |element: &Element| match &element.form {
        Form::Text(text) => text::bounds(text)[2],
        Form::Image(image) => image.frame[0] + image.frame[2],
        _ => 0.0,
    };
    legend.elements.iter().map(right).fold(0.0, f64::max)
}

/// Items side by side, in rows.
struct Flow {
    left: f64,
    right: f64,
    x: f64,
    y: f64,
    deepest: f64,
    elements: Vec<Element>,
}

impl Flow {
    fn room(&mut self, wide: f64, high: f64) {
        if self.x > self.left && self.x + wide > self.right {
            self.x = self.left;
            self.y += self.deepest;
            self.deepest = 0.0;
        }
        self.deepest = self.deepest.max(high);
    }

    /// A text, on several lines if it is wider than the figure.
    fn text(&mut self, content: &str, paint: Paint, gap: f64) {
        let (content, font, room) = (label(content), (SIZE, Weight::Regular), self.right - self.left);
        let lines = wrap::lines(&content, font, room, wrap::LINES);
        for line in lines.unwrap_or_else(|| vec![text::cut(&content, font.0, font.1, room)]) {
            let wide = text::width(&line, SIZE, Weight::Regular);
            self.room(wide, ROW);
            let text = Text::new([self.x, self.y + 14.0], line, SIZE, Anchor::Start);
            self.elements.push(Element { form: Form::Text(text), style: Style::fill(paint) });
            self.x += wide + gap;
        }
    }

    fn entry(&mut self, name: &[Span], swatch: Swatch, paint: Paint) {
        let key = match swatch {
            Swatch::Line(_) => LINE,
            Swatch::Dot(radius) => (2.0 * radius).max(9.0),
            Swatch::Square | Swatch::Pale => 12.0,
        };
        let wide = key + BESIDE_KEY + text::width(name, SIZE, Weight::Regular);
        self.room(wide, ROW);
        let middle = self.y + 14.0 - 0.35 * SIZE;
        let (form, style) = match swatch {
            Swatch::Line(dash) => {
                let ends = vec![[self.x, middle], [self.x + key, middle]];
                (Form::Path(ends), Style::line(paint, 2.25).dashed(dash))
            }
            Swatch::Dot(radius) => (Form::Circle([self.x + key / 2.0, middle], radius), Style::fill(paint)),
            Swatch::Square => (Form::Rect([self.x, middle - 6.0, 12.0, 12.0]), Style::fill(paint)),
            Swatch::Pale => {
                let form = Form::Rect([self.x + 0.5, middle - 5.5, 11.0, 11.0]);
                let style = Style::fill(paint).faded(super::marks::PALE);
                self.elements.push(Element { form: form.clone(), style });
                (form, Style::line(paint, 1.25))
            }
        };
        self.elements.push(Element { form, style });
        let start = self.x;
        let at = [start + key + BESIDE_KEY, self.y + 14.0];
        let text = Text::new(at, name.to_vec(), SIZE, Anchor::Start);
        self.elements.push(Element { form: Form::Text(text), style: Style::fill(Paint::Ink) });
        self.x = start + wide + 18.0;
    }

    fn bar(&mut self, plan: &Plan, locale: &Locale) {
        let Colours::Ramp { scale, table, .. } = &plan.colours else { return };
        // Labels of the end ticks reach beyond the bar.
        const BESIDE: f64 = 16.0;
        let title = text::width(&label(&plan.color_title), SIZE, Weight::Regular);
        let together = title + BAR + 2.0 * BESIDE;
        let stacked = self.left + together > self.right;
        self.room(if stacked { BAR + 2.0 * BESIDE } else { together }, 36.0);
        if !plan.color_title.is_empty() {
            self.text(&plan.color_title, Paint::Muted, BESIDE);
            if stacked {
                (self.x, self.y, self.deepest) = (self.left + BESIDE, self.y + ROW, 0.0);
            }
        }
        let (left, top, high) = (self.x, self.y + 4.0, 10.0);
        let pixels = 256;
        let colour = |index: usize| table[index * (table.len() - 1) / (pixels - 1)];
        let row: Vec<u8> = (0..pixels).flat_map(|i| [colour(i).0, colour(i).1, colour(i).2, 255]).collect();
        let image = super::scene::Image {
            frame: [left, top, BAR, high],
            width: pixels,
            height: 1,
            rgba: row.into(),
            smooth: false,
            tint: None,
        };
        let style = Style { fill: None, stroke: None, opacity: 1.0 };
        self.elements.push(Element { form: Form::Image(image), style });
        let format = plan.color.as_ref().and_then(|bound| bound.channel.format.clone());
        let fitted = super::axes::Fitted::within(scale, BAR, 6, format.as_ref(), locale);
        for tick in turn_ticks(plan, scale).as_ref().unwrap_or(&fitted.ticks.major) {
            let x = left + scale.part(tick.at) * BAR;
            let style = Style::line(Paint::Muted, 1.0);
            self.elements
                .push(Element { form: Form::Path(vec![[x, top + high], [x, top + high + 4.0]]), style });
            let text = Text::new([x, top + high + 16.0], tick.label.clone(), 12.0, Anchor::Middle);
            self.elements.push(Element { form: Form::Text(text), style: Style::fill(Paint::Muted) });
        }
        self.x = left + BAR + 24.0;
        self.deepest = self.deepest.max(34.0);
    }
}

/// Ticks at halves of π for a whole turn in radians.
fn turn_ticks(plan: &Plan, scale: &Scale) -> Option<Vec<Tick>> {
    use std::f64::consts::{FRAC_PI_2, TAU};
    let bound =
        plan.color.as_ref().filter(|bound| bound.schema.unit == "rad" && bound.channel.format.is_none())?;
    if bound.channel.palette != Some(Palette::Cyclic) || (scale.span() - TAU).abs() > 1e-9 {
        return None;
    }
    let first = (scale.domain[0] / FRAC_PI_2).round() as i64;
    let names = |quarter: i64| match quarter {
        -2 => "\u{2212}π",
        -1 => "\u{2212}π/2",
        0 => "0",
        1 => "π/2",
        2 => "π",
        3 => "3π/2",
        _ => "2π",
    };
    let tick = |quarter: i64| Tick { at: quarter as f64 * FRAC_PI_2, label: plain(names(quarter)) };
    Some((first..=first + 4).map(tick).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_three_ends_in_the_height_of_a_name_are_a_crowd() {
        assert!(!is_crowd(&[10.0, 10.0, 10.0, 24.0, 25.0, 26.0]));
        assert!(is_crowd(&[0.0, 10.0, 12.0, 14.0, 23.9]));
        assert!(!is_crowd(&[]));
    }

    #[test]
    fn labels_move_apart_and_no_farther() {
        assert_eq!(spread(&[10.0, 50.0], 15.0, [0.0, 100.0]), Some(vec![10.0, 50.0]));
        assert_eq!(spread(&[50.0, 50.0, 50.0], 10.0, [0.0, 100.0]), Some(vec![40.0, 50.0, 60.0]));
        assert_eq!(spread(&[99.0, 100.0], 10.0, [0.0, 100.0]), Some(vec![90.0, 100.0]));
        assert_eq!(spread(&[1.0; 20], 10.0, [0.0, 100.0]), None);
    }
}
