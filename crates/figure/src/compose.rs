//! From a plan to scenes: one for each frame.

use octavo_plugin::figure::{Aspect, Figure};

use octavo_definition::locale::Locale;

use super::axes;
use super::coincide;
use super::describe;
use super::labels::{self, Place};
use super::layout::TITLE_SIZE;
use super::layout::{Layout, Request, Screen};
use super::legend;
use super::marks;
use super::notes::Tally;
use super::plan::Plan;
use super::plot::{Output, Plot, Reference};
use super::png;
use super::room::Room;
use super::rows::Axis;
use super::rows::Datum;
use super::rows::belongs;
use super::scale::Scale;
use super::scene::{
    Anchor, Dash, Element, Form, Group, Paint, Role, Scene, Span, Style, Text, Weight, label, plain,
};
use super::text;
use super::wrap::{self, Wrapped};

/// From this many points, vertices of lines, or triangles of areas, marks become a raster.
const HEAVY: usize = 20_000;

/// The scene of a frame, and what was counted.
pub(crate) fn compose(
    figure: &Figure,
    plan: &Plan,
    frame: usize,
    screen: Screen,
    locale: &Locale,
) -> (Scene, Tally) {
    let composer = Composer::new(figure, plan, frame, screen, locale);
    let mut places = legend::places(plan, screen.width(figure), composer.axes);
    // Each time at least one name moves towards the legend, where there is room for all.
    let (width, height, groups, tally) = loop {
        match composer.draw(&places) {
            Ok(composed) => break composed,
            Err(crowded) => {
                for entry in crowded {
                    places[entry] = places[entry].next(plan, &plan.entries[entry]);
                }
            }
        }
    };
    let (_, frame_label) = &plan.frames[frame];
    let scene = Scene {
        width,
        height,
        language: locale.tag.clone(),
        title: figure.title.get(&locale.tag).unwrap_or_default().to_owned(),
        description: describe::describe(figure, plan, frame, frame_label, &tally, locale),
        groups,
    };
    (scene, tally)
}

struct Composer<'a> {
    figure: &'a Figure,
    plan: &'a Plan,
    locale: &'a Locale,
    screen: Screen,
    frame: Option<&'a str>,
    scales: Vec<[Scale; 2]>,
    axes: bool,
}

type Composed = (f64, f64, Vec<Group>, Tally);

impl<'a> Composer<'a> {
    fn new(figure: &'a Figure, plan: &'a Plan, frame: usize, screen: Screen, locale: &'a Locale) -> Self {
        let frame = plan.frames[frame].0.as_deref();
        let free = plan.facet.as_ref().is_some_and(|facet| facet.free);
        let scale = |axis: Axis, panel: Option<&str>| {
            let kind = &plan.kinds[usize::from(axis == Axis::Y)];
            let own_frame = frame.filter(|_| plan.free_frames);
            let shown = |datum: &Datum| {
                belongs(datum.more().facet.as_deref(), panel)
                    && belongs(datum.more().frame.as_deref(), own_frame)
            };
            axis.scale(&plan.layers, kind, shown)
        };
        let scales = plan.facets.iter().map(|(key, _)| {
            let panel = key.as_deref().filter(|_| free);
            [scale(Axis::X, panel), scale(Axis::Y, panel)]
        });
        let axes = figure.axes.unwrap_or(true);
        Self { figure, plan, locale, screen, frame, scales: scales.collect(), axes }
    }

    /// Draws with the names of entries at these places. The entries that have no room there are the error.
    fn draw(&self, places: &[Place]) -> Result<Composed, Vec<usize>> {
        let full = self.screen.width(self.figure);
        let (mut legend, above) = legend::above(self.plan, self.locale, [0.0, full], places);
        let right = legend::margin(self.plan, places);
        let request = Request {
            screen: self.screen,
            figure: self.figure,
            plan: self.plan,
            scales: &self.scales,
            locale: self.locale,
            above,
            right,
            axes: self.axes,
        };
        let layout = request.layout();
        let reach = legend::reach(&legend);
        shift(&mut legend, layout.sides[0].min(full - reach).max(0.0));
        let mut groups = Vec::new();
        let count = self.plan.layers.len();
        let mut tally = Tally { has_marks: vec![false; count], overlaid: vec![0; count], ..Tally::default() };
        let (mut ends, mut room) = (Vec::new(), None);
        for panel in 0..self.scales.len() {
            let output = self.marks(&layout, panel, &mut tally);
            ends = output.ends.clone();
            room = Some(self.panel(&request, &layout, panel, (output, places), (&mut groups, &mut tally))?);
        }
        groups.push(self.titles(&layout, above));
        if let Some(room) = room.filter(|_| places.contains(&Place::Margin)) {
            // Beside the plot is beside the last panel, if all stand in one row.
            let margin = legend::Margin { ends: &ends, room, frame: layout.frames[self.scales.len() - 1] };
            let row = self.scales.len() <= layout.columns.min(legend::ROW_OF_PANELS);
            groups.push(margin.labels(self.plan, places, row)?);
        }
        groups.push(legend);
        groups.retain(|group| !group.elements.is_empty());
        Ok((layout.width, layout.height, groups, tally))
    }

    fn plot(&self, layout: &Layout, panel: usize) -> Plot<'_> {
        let [x, y] = self.scales[panel].clone();
        let (plan, locale) = (self.plan, self.locale);
        Plot { frame: layout.frames[panel], x, y, colours: &plan.colours, locale, sizes: plan.sizes }
    }

    /// What the marks of all layers give in a panel.
    fn marks(&self, layout: &Layout, panel: usize, tally: &mut Tally) -> Output {
        let (plan, plot) = (self.plan, self.plot(layout, panel));
        let (key, _) = &plan.facets[panel];
        let mut all = Output::default();
        for (index, (rows, look)) in plan.layers.iter().zip(plan.looks()).enumerate() {
            let shown = |datum: &&Datum| {
                belongs(datum.more().facet.as_deref(), key.as_deref())
                    && belongs(datum.more().frame.as_deref(), self.frame)
            };
            let data: Vec<&Datum> = rows.data.iter().filter(shown).collect();
            let output = marks::draw(&plot, &plan.layers, &data, look);
            tally.clipped += output.clipped;
            tally.overlaid[index] += output.overlaid;
            let drawn = [output.elements.len(), output.behind.len(), output.notes.len()];
            tally.has_marks[index] |= drawn.iter().any(|count| *count > 0);
            all.ends.extend(output.ends);
            all.elements.extend(output.elements);
            all.behind.extend(output.behind);
            all.courses.extend(output.courses);
            all.notes.extend(output.notes);
            all.references.extend(output.references);
        }
        for pair in coincide::pairs(&all.courses) {
            let names = pair.map(|place| plan.course_name(&all.courses[place]));
            if let [Some(one), Some(other)] = names
                && !tally.coincident.contains(&[one.clone(), other.clone()])
            {
                tally.coincident.push([one, other]);
                coincide::told_apart(&mut all.elements);
            }
        }
        all.elements.sort_by_key(depth);
        all
    }

    fn panel(
        &self,
        request: &Request<'_>,
        layout: &Layout,
        panel: usize,
        (output, places): (Output, &[Place]),
        (groups, tally): (&mut Vec<Group>, &mut Tally),
    ) -> Result<Room, Vec<usize>> {
        let (key, _) = &self.plan.facets[panel];
        let plot = self.plot(layout, panel);
        let [fitted_x, fitted_y] = &layout.fitted[panel];
        if self.axes {
            tally.unnamed = tally.unnamed.max(fitted_x.unnamed + fitted_y.unnamed);
            groups.push(axes::grid(&plot, fitted_x, fitted_y));
        }
        let Output { mut elements, behind, notes, references, .. } = output;
        let mut room = Room::new(layout.frames[panel], &elements);
        let mut texts = Vec::new();
        if panel == 0 {
            texts.extend(self.across(&references, layout.frames[panel], places, &mut room)?);
        }
        let (written, crowded) = labels::notes(notes, &mut room);
        tally.crowded += crowded;
        texts.extend(written);
        elements.splice(0..0, behind);
        if elements.is_empty() && texts.is_empty() {
            elements.push(self.nothing(layout.frames[panel]));
        }
        groups.push(Group { role: Role::Marks, elements: lightened(elements, layout.frames[panel]) });
        groups.push(Group { role: Role::Labels, elements: texts });
        if self.axes {
            groups.push(axes::axes(&plot, fitted_x, fitted_y, request.labels(panel, layout.columns)));
        }
        groups.extend(self.row_title(request, layout, panel));
        if key.is_some() {
            groups.push(panel_title(
                &layout.titles[panel],
                layout.frames[panel],
                layout.tops[panel],
                self.axes,
            ));
        }
        Ok(room)
    }

    /// The names of what goes across a panel. Those without room there are the error.
    fn across(
        &self,
        references: &[Reference],
        frame: [f64; 4],
        places: &[Place],
        room: &mut Room,
    ) -> Result<Vec<Element>, Vec<usize>> {
        let (mut elements, mut crowded) = (Vec::new(), Vec::new());
        let all = self.plan.entries.iter().zip(places).enumerate();
        for (index, (entry, _)) in all.filter(|(_, (_, place))| **place == Place::Plot) {
            let own = references.iter().find(|reference| reference.layer == entry.layer);
            match own.and_then(|reference| labels::across(&entry.full, reference, frame, room)) {
                Some(element) => elements.push(element),
                None => crowded.push(index),
            }
        }
        if crowded.is_empty() { Ok(elements) } else { Err(crowded) }
    }

    /// The title of a row of a grid, at its right end.
    fn row_title(&self, request: &Request<'_>, layout: &Layout, panel: usize) -> Option<Group> {
        let grid = request.aligned(layout.columns)?;
        if !(panel + 1).is_multiple_of(layout.columns) {
            return None;
        }
        let [left, top, wide, high] = layout.frames[panel];
        let title = label(&grid.rows[panel / layout.columns]);
        let title = text::cut(&title, TITLE_SIZE, wrap::WEIGHT, high + 12.0);
        let text = Text::new([left + wide + 10.0, top + high / 2.0], title, TITLE_SIZE, Anchor::Middle);
        let text = Text { weight: wrap::WEIGHT, rotation: 90.0, ..text };
        let element = Element { form: Form::Text(text), style: Style::fill(Paint::Ink) };
        Some(Group { role: Role::Labels, elements: vec![element] })
    }

    /// What stands where there is nothing to draw.
    fn nothing(&self, [left, top, wide, high]: [f64; 4]) -> Element {
        let at = [left + wide / 2.0, top + high / 2.0];
        let text = Text::new(at, plain(self.locale.word("no-data")), TITLE_SIZE, Anchor::Middle);
        Element { form: Form::Text(text), style: Style::fill(Paint::Muted) }
    }

    fn titles(&self, layout: &Layout, above: f64) -> Group {
        let mut elements = Vec::new();
        let [x, y] = &layout.axis_titles;
        let [left, right] = layout.sides;
        let start = if self.figure.aspect == Aspect::Equal { left } else { 0.0 };
        let mut add = |lines: &[Vec<Span>], first: f64, anchor| {
            for (line, spans) in lines.iter().enumerate() {
                let wide = text::width(spans, TITLE_SIZE, Weight::Regular);
                // What does not fit at its place moves inwards.
                let at = match anchor {
                    Anchor::Middle => ((left + right) / 2.0).min(layout.width - wide / 2.0).max(wide / 2.0),
                    _ => start.min(layout.width - wide).max(0.0),
                };
                let at = [at, first + line as f64 * wrap::LEADING];
                let text = Text::new(at, spans.clone(), TITLE_SIZE, anchor);
                elements.push(Element { form: Form::Text(text), style: Style::fill(Paint::Ink) });
            }
        };
        add(y, above + 11.0, Anchor::Start);
        let more = x.len().saturating_sub(1) as f64 * wrap::LEADING;
        add(x, layout.height - 6.0 - more, Anchor::Middle);
        Group { role: Role::Labels, elements }
    }
}

/// What lies over what in a panel: dashed lines, which stand for theory, over what they may coincide with, texts over all.
fn depth(element: &Element) -> usize {
    match (&element.form, element.style.stroke) {
        (Form::Text(_), _) => 2,
        (Form::Path(_), Some(stroke)) if stroke.dash != Dash::Solid && stroke.paint != Paint::Muted => 1,
        _ => 0,
    }
}

fn shift(group: &mut Group, by: f64) {
    for element in &mut group.elements {
        match &mut element.form {
            Form::Path(points) | Form::Polygon(points) | Form::Circles(points, _) => {
                points.iter_mut().for_each(|point| point[0] += by);
            }
            Form::Circle(centre, _) => centre[0] += by,
            Form::Rect(frame) => frame[0] += by,
            Form::Text(text) => text.at[0] += by,
            Form::Image(image) => image.frame[0] += by,
        }
    }
}

/// A panel's title, whose last line stands just above the panel's row.
fn panel_title(title: &Wrapped, [left, _, wide, _]: [f64; 4], top: f64, axes: bool) -> Group {
    let (x, anchor) = if axes { (left, Anchor::Start) } else { (left + wide / 2.0, Anchor::Middle) };
    let line = |(above, spans): (usize, &Vec<Span>)| {
        let at = [x, top - 10.0 - above as f64 * wrap::LEADING];
        let text = Text { weight: wrap::WEIGHT, ..Text::new(at, spans.clone(), title.size, anchor) };
        Element { form: Form::Text(text), style: Style::fill(Paint::Ink) }
    };
    let mut elements: Vec<Element> = title.lines.iter().rev().enumerate().map(line).collect();
    elements.reverse();
    Group { role: Role::Labels, elements }
}

/// The elements, or a raster of them where there are very many. Texts and images stay as they are.
fn lightened(elements: Vec<Element>, [left, top, wide, high]: [f64; 4]) -> Vec<Element> {
    let weight = |element: &Element| match &element.form {
        Form::Path(points) | Form::Circles(points, _) => points.len(),
        Form::Polygon(points) => points.len().div_ceil(3),
        Form::Text(_) | Form::Image(_) => 0,
        Form::Circle(..) | Form::Rect(_) => 1,
    };
    if elements.iter().map(weight).sum::<usize>() <= HEAVY {
        return elements;
    }
    let (drawn, kept): (Vec<Element>, Vec<Element>) =
        elements.into_iter().partition(|element| !matches!(element.form, Form::Text(_) | Form::Image(_)));
    let frame = [left - 4.0, top - 4.0, wide + 8.0, high + 8.0];
    let image = png::raster(drawn, frame, 2.0);
    let style = Style { fill: None, stroke: None, opacity: 1.0 };
    let (images, texts): (Vec<Element>, Vec<Element>) =
        kept.into_iter().partition(|element| matches!(element.form, Form::Image(_)));
    let raster = Element { form: Form::Image(image), style };
    images.into_iter().chain(std::iter::once(raster)).chain(texts).collect()
}
