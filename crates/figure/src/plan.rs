//! What all panels and frames of a figure share: scales, colours, titles, legend entries.

use indexmap::IndexMap;
use octavo_plugin::Value;
use octavo_plugin::figure::{Mark, PanelSpec, Panels};
use octavo_tables::number::Format;
use serde_json::Value as Json;

use octavo_definition::locale::Locale;

use super::cell::Cell;
use super::checked::{CheckedChannel, CheckedFigure};
use super::colour::{self, Colours};
use super::gather::gather;
use super::marks;
use super::plot::{Course, Look, Sizes};
use super::rows::{self, Axis, Bound, FigureError, Rows, Source};
use super::scale::{self, Transform};
use super::scene::{Dash, Paint};
use super::ticks;

/// The largest number of colours of areas that a legend lists: more only tell neighbours apart.
const LISTED: usize = 16;
/// The largest number of series that a legend lists.
const SERIES: usize = 60;

/// What an entry of the legend shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Swatch {
    /// A piece of line.
    Line(Dash),
    /// A dot of this radius.
    Dot(f64),
    /// A square, for areas.
    Square,
    /// A pale square with an outline, for boxes and violins.
    Pale,
}

/// An entry of the legend, or a direct label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LegendEntry {
    /// What it says in a list under a title.
    pub(crate) label: String,
    /// What it says alone.
    pub(crate) full: String,
    /// What it shows.
    pub(crate) swatch: Swatch,
    /// In which colour.
    pub(crate) paint: Paint,
    /// The category's key; `None` for a layer of one colour.
    pub(crate) color: Option<String>,
    /// The layer.
    pub(crate) layer: usize,
}

/// The titles of the rows and columns of a grid of panels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PanelTitles {
    pub(crate) rows: Vec<String>,
    pub(crate) columns: Vec<String>,
}

/// Everything about a figure that does not depend on the frame.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Layers with data.
    pub(crate) layers: Vec<Rows>,
    /// Keys and titles of panels; one without a key if there are no facets.
    pub(crate) facets: Vec<(Option<String>, String)>,
    /// How panels are laid out.
    pub(crate) facet: Option<Panels>,
    /// The titles of the rows and columns of a grid of panels.
    pub(crate) grid: Option<PanelTitles>,
    /// Keys and labels of frames.
    pub(crate) frames: Vec<(Option<String>, String)>,
    /// The frame that is shown first.
    pub(crate) initial: usize,
    /// Whether each frame has ranges of its own.
    pub(crate) free_frames: bool,
    /// Kinds of the x and y scale.
    pub(crate) kinds: [Transform; 2],
    /// Titles of the x and y axis.
    pub(crate) titles: [String; 2],
    /// Formats of the x and y labels.
    pub(crate) formats: [Option<Format>; 2],
    /// What colours mean.
    pub(crate) colours: Colours,
    /// The colour channel.
    pub(crate) color: Option<Bound>,
    /// The title of the colours.
    pub(crate) color_title: String,
    /// What sizes mean.
    pub(crate) sizes: Sizes,
    /// The legend.
    pub(crate) entries: Vec<LegendEntry>,
}

impl Plan {
    /// Reads the data of a figure and settles what its panels share.
    ///
    /// # Errors
    /// What [`gather::gather`] finds; a facet or frame column that no layer has.
    pub(crate) fn new(
        checked: &CheckedFigure,
        source: &dyn Source,
        locale: &Locale,
    ) -> Result<Self, FigureError> {
        let figure = checked.figure();
        let panels = [&figure.facet, &figure.frame].map(|spec| spec.as_ref().map(|spec| spec.panels()));
        let names = [0, 1].map(|index| panels[index].as_ref().map(|panels| panels.field.as_str()));
        let across = figure.facet.as_ref().and_then(PanelSpec::across);
        let column = across.as_ref().map(|panels| panels.field.as_str());
        let layers = gather(checked, source, [names[0], names[1], column])?;
        let [mut facet, frame] = panels;
        let mut facets = panel_list(&layers, 0, facet.as_ref(), locale)?;
        let mut grid = None;
        if let Some((across, facet)) = across.zip(facet.as_mut()) {
            let columns = panel_list(&layers, 2, Some(&across), locale)?;
            facet.columns = Some(columns.len());
            let titles = |list: &PanelList| list.iter().map(|(_, title)| title.clone()).collect();
            grid = Some(PanelTitles { rows: titles(&facets), columns: titles(&columns) });
            facets = product(&facets, &columns);
        }
        let frames = panel_list(&layers, 1, frame.as_ref(), locale)?;
        let initial = frame.as_ref().map_or(Ok(0), |frame| initial_frame(frame, &frames))?;
        let free_frames = frame.is_some_and(|frame| frame.free);
        let formats = [Axis::X, Axis::Y].map(|axis| axis.format(&layers));
        let kinds = [Axis::X, Axis::Y].map(|axis| {
            let format = formats[usize::from(axis == Axis::Y)].clone();
            let names = axis.bound(&layers).map(|bound| bound.channel.names.clone()).unwrap_or_default();
            let channel = CheckedChannel { format, names, ..CheckedChannel::default() };
            axis.kind(&layers, |cell, whole| colour::category_name(cell, &channel, whole, locale))
        });
        let titles = [Axis::X, Axis::Y]
            .map(|axis| axis.bound(&layers).map_or_else(String::new, |bound| title(bound, locale)));
        let (colours, color) = Colours::new(&layers, locale);
        let color_title = color.as_ref().map_or_else(String::new, |bound| title(bound, locale));
        let sizes = Sizes::new(&layers);
        let mut plan = Self {
            layers,
            facets,
            facet,
            grid,
            frames,
            initial,
            free_frames,
            kinds,
            titles,
            formats,
            colours,
            color,
            color_title,
            sizes,
            entries: Vec::new(),
        };
        plan.entries = plan.category_entries(locale)?.into_iter().chain(plan.layer_entries(locale)).collect();
        Ok(plan)
    }

    /// What stands for a cell of x (0) or y (1) in a text: a number by the format of its axis, a moment in words.
    pub(crate) fn text(&self, axis: usize, cell: &Cell, locale: &Locale) -> String {
        match (&self.kinds[axis], cell) {
            (Transform::Time, Cell::Number(seconds)) => ticks::dates::moment(*seconds, locale),
            _ => colour::cell_text(cell, self.formats[axis].as_ref(), locale),
        }
    }

    /// The name of the series of a line, if it has one.
    pub(crate) fn course_name(&self, course: &Course) -> Option<String> {
        let own = |entry: &&LegendEntry| match &entry.color {
            Some(key) => course.color.as_ref() == Some(key),
            None => course.color.is_none() && entry.layer == course.layer,
        };
        self.entries.iter().find(own).map(|entry| entry.full.clone())
    }

    /// The looks of all layers. Layers with a label of their own take the series colours in order.
    pub(crate) fn looks(&self) -> Vec<Look<'_>> {
        let mut labelled = 0;
        let mut looks = Vec::with_capacity(self.layers.len());
        for (index, rows) in self.layers.iter().enumerate() {
            let across = rows.marks == [Mark::Rule] || rows.layer.is_reference_band();
            let own = !rows.layer.label.is_none() && rows.layer.color.is_none() && !across;
            looks.push(Look::new(rows, index, if own { labelled } else { 0 }));
            labelled += usize::from(own && rows.layer.tone.is_none());
        }
        looks
    }

    /// The names of all series.
    ///
    /// # Errors
    /// More series than a legend has room for.
    fn category_entries(&self, locale: &Locale) -> Result<Vec<LegendEntry>, FigureError> {
        let Colours::Categories(names, usage) = &self.colours else { return Ok(Vec::new()) };
        let coloured = |rows: &&Rows| rows.layer.color.is_some();
        let Some(layer) = self.layers.iter().position(|rows| coloured(&rows)) else { return Ok(Vec::new()) };
        let same_as_axis = [Axis::X, Axis::Y].iter().any(|axis| {
            let bound = axis.bound(&self.layers);
            bound.zip(self.color.as_ref()).is_some_and(|(axis, color)| axis.name == color.name)
        });
        let marks: Vec<Mark> =
            self.layers.iter().filter(coloured).flat_map(|rows| rows.marks.clone()).collect();
        let areas = marks.iter().all(|mark| matches!(mark, Mark::Cell | Mark::Polygon | Mark::Image));
        let drawing = self.layers.iter().filter(coloured).all(|rows| !rows.relation.shapes.is_empty());
        if same_as_axis || (areas || drawing) && names.len() > LISTED {
            return Ok(Vec::new());
        }
        if names.len() > SERIES {
            let message =
                format!("`color` makes {} series, and a legend names at most {SERIES}", names.len());
            let help = "choose some of them with `where`, give each a panel with `facet`, or separate lines that need no \
                        name with `group` in place of `color`";
            return Err(FigureError::new(message).help(help));
        }
        let numeric =
            self.color.as_ref().is_some_and(|b| b.cells.iter().any(|cell| matches!(cell, Cell::Number(_))));
        let short = self.color.as_ref().map_or_else(String::new, |bound| label(bound, locale));
        let entry = |(index, (key, name)): (usize, (&String, &String))| {
            // A number alone says nothing where no title stands above it, also one that is the name of something else.
            let number = numeric || name.parse::<f64>().is_ok();
            let full = if number && !short.is_empty() { format!("{short} = {name}") } else { name.clone() };
            let dash = [Dash::Solid, Dash::Dashed, Dash::Dotted][(index / super::palette::SERIES) % 3];
            let paint = super::palette::category(index, *usage);
            LegendEntry {
                label: name.clone(),
                full,
                swatch: swatch(&marks, dash),
                paint,
                color: Some(key.clone()),
                layer,
            }
        };
        Ok(names.iter().enumerate().map(entry).collect())
    }

    fn layer_entries(&self, locale: &Locale) -> Vec<LegendEntry> {
        let entry = |look: &Look<'_>| {
            let label = look.layer.label.get(&locale.tag)?.to_owned();
            let rows = &self.layers[look.index];
            let default = if rows.marks == [Mark::Rule] { Dash::Dashed } else { Dash::Solid };
            let swatch = swatch(&rows.marks, look.layer.dash.unwrap_or(default));
            let paint = match &rows.marks[..] {
                [Mark::Rule] if !look.chosen => Paint::Muted,
                [Mark::Band] if !look.chosen && rows.layer.is_reference_band() => Paint::Muted,
                [Mark::Arrow | Mark::Text] if !look.chosen => Paint::Ink,
                [Mark::Errorbar] => marks::thin_paint(&self.layers, look).unwrap_or(look.paint),
                _ => look.paint,
            };
            Some(LegendEntry { full: label.clone(), label, swatch, paint, color: None, layer: look.index })
        };
        self.looks().iter().filter_map(entry).collect()
    }
}

fn swatch(marks: &[Mark], dash: Dash) -> Swatch {
    let has = |mark: &Mark| marks.contains(mark);
    let thin = [Mark::Line, Mark::Step, Mark::Density, Mark::Rule, Mark::Path, Mark::Arrow].iter().any(has);
    if thin || marks == [Mark::Errorbar] {
        Swatch::Line(dash)
    } else if has(&Mark::Point) || has(&Mark::Text) || has(&Mark::Pair) {
        Swatch::Dot(4.0)
    } else if marks.iter().all(|mark| matches!(mark, Mark::Box | Mark::Violin)) {
        Swatch::Pale
    } else {
        Swatch::Square
    }
}

/// The label of a channel without its unit.
pub(crate) fn label(bound: &Bound, locale: &Locale) -> String {
    let own = bound.channel.label.get(&locale.tag);
    let counted = bound.word.map(|word| locale.word(word));
    own.or(counted).or_else(|| bound.schema.label.get(&locale.tag)).unwrap_or_default().to_owned()
}

/// The label of a channel with the unit in parentheses; a label of the author's stands as it is.
pub(crate) fn title(bound: &Bound, locale: &Locale) -> String {
    if let Some(own) = bound.channel.label.get(&locale.tag) {
        return own.to_owned();
    }
    match (label(bound, locale).as_str(), bound.schema.unit.as_str()) {
        (label, "") => label.to_owned(),
        ("", unit) => unit.to_owned(),
        (label, unit) => format!("{label} ({unit})"),
    }
}

/// The place of the frame that the author wants to be shown first.
fn initial_frame(panels: &Panels, frames: &PanelList) -> Result<usize, FigureError> {
    let Some(wanted) = &panels.initial else { return Ok(0) };
    let cell = match wanted {
        Json::Number(number) => number.as_f64().map(Cell::Number),
        Json::String(text) => Some(Cell::Text(text.as_str().into())),
        Json::Bool(truth) => Some(Cell::from(&Value::Bool(*truth))),
        _ => None,
    };
    let key = cell.map(|cell| cell.key());
    frames.iter().position(|(own, _)| key.is_some() && *own == key).ok_or_else(|| {
        let labels: Vec<&str> = frames.iter().map(|(_, label)| label.as_str()).collect();
        FigureError::new(format!("no frame has the value `{wanted}` of `initial`"))
            .help(format!("frames: {}", labels.join(", ")))
    })
}

type PanelList = Vec<(Option<String>, String)>;

/// All panels of a grid, row by row.
fn product(rows: &PanelList, columns: &PanelList) -> PanelList {
    let panel = |(down, row): &(Option<String>, String), (across, column): &(Option<String>, String)| {
        let key = rows::in_grid(down.as_deref(), across.as_deref());
        let title = [row.as_str(), column.as_str()].into_iter().filter(|title| !title.is_empty());
        (Some(key), title.collect::<Vec<_>>().join(", "))
    };
    rows.iter().flat_map(|row| columns.iter().map(move |column| panel(row, column))).collect()
}

/// The distinct values of a panel column with their titles, numbers ascending.
fn panel_list(
    layers: &[Rows],
    index: usize,
    panels: Option<&Panels>,
    locale: &Locale,
) -> Result<PanelList, FigureError> {
    let Some(panels) = panels else { return Ok(vec![(None, String::new())]) };
    let bounds: Vec<&Bound> = layers.iter().filter_map(|rows| rows.panels[index].as_ref()).collect();
    let Some(first) = bounds.first() else {
        return Err(FigureError::new(format!("no layer has the column `{}` of the panels", panels.field)));
    };
    let own = panels.label.get(&locale.tag).map(str::to_owned);
    let name = own.unwrap_or_else(|| label(first, locale));
    let mut values: IndexMap<String, &Cell> = IndexMap::new();
    for cell in bounds.iter().flat_map(|bound| &bound.cells) {
        values.entry(cell.key()).or_insert(cell);
    }
    if values.values().all(|cell| cell.is_number()) {
        values.sort_by(|_, a, _, b| scale::order(a).total_cmp(&scale::order(b)));
    }
    let unit = match first.schema.unit.as_str() {
        // What stands above the line follows its number at once.
        unit @ ("" | "°" | "′" | "″") => unit.to_owned(),
        unit => format!("\u{202f}{unit}"),
    };
    let channel = CheckedChannel { names: panels.names.clone(), ..CheckedChannel::default() };
    let title = |cell: &Cell, whole: bool| {
        if let (Some(own), false) =
            (colour::named(cell, &panels.names, locale), matches!(cell, Cell::Text(_)))
        {
            return own;
        }
        let value = colour::category_name(cell, &channel, whole, locale);
        match cell {
            Cell::Text(_) if panels.label.is_none() => value,
            _ if name.is_empty() => format!("{value}{unit}"),
            _ => format!("{name} = {value}{unit}"),
        }
    };
    let titles = scale::named(values, title);
    let list: PanelList = titles.into_iter().map(|(key, title)| (Some(key), title)).collect();
    Ok(if list.is_empty() { vec![(None, String::new())] } else { list })
}
