//! Where panels stand: margins from measured labels, sizes from width and aspect.

use octavo_plugin::figure::{Aspect, Figure, Width};

use octavo_definition::locale::Locale;

use super::axes::Fitted;
use super::clip::Frame;
use super::marks;
use super::plan::{PanelTitles, Plan};
use super::scale::Scale;
use super::scene::{Span, Weight, label};
use super::text;
use super::wrap::{self, Wrapped};

/// Size of axis titles.
pub(crate) const TITLE_SIZE: f64 = 13.0;

/// Room between panels.
const GAP: f64 = 20.0;
/// Width of a wide figure: what a page of 900 pixels has room for, so that texts are shown in their size.
const WIDE: f64 = 828.0;
/// Height of a row with an axis title or panel title.
const TITLE: f64 = 24.0;
/// Room for the titles of the rows of a grid of panels.
const ROW_TITLE: f64 = 22.0;
/// The least room between the titles of two panels.
const BETWEEN: f64 = 8.0;

/// The places of all panels of a figure.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Width of the figure.
    pub(crate) width: f64,
    /// Height of the figure.
    pub(crate) height: f64,
    /// The panels' frames in order.
    pub(crate) frames: Vec<Frame>,
    /// Left and right end of the plots.
    pub(crate) sides: [f64; 2],
    /// Number of panels in a row.
    pub(crate) columns: usize,
    /// The top of each panel's row.
    pub(crate) tops: Vec<f64>,
    /// The title of each panel; without lines if there are no facets.
    pub(crate) titles: Vec<Wrapped>,
    /// The titles of the x and y axis, on lines.
    pub(crate) axis_titles: [Vec<Vec<Span>>; 2],
    /// The ticks of each panel.
    pub(crate) fitted: Vec<[Fitted; 2]>,
}

/// What a layout is computed from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// Where it is shown.
    pub(crate) screen: Screen,
    /// The description.
    pub(crate) figure: &'a Figure,
    /// The plan.
    pub(crate) plan: &'a Plan,
    /// The scales of each panel.
    pub(crate) scales: &'a [[Scale; 2]],
    /// The language.
    pub(crate) locale: &'a Locale,
    /// Height of what stands above.
    pub(crate) above: f64,
    /// Room for direct labels on the right.
    pub(crate) right: f64,
    /// Whether axes are drawn.
    pub(crate) axes: bool,
}

/// What a figure is drawn for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Screen {
    /// A page as wide as its text at least.
    Page,
    /// A phone held upright.
    Phone,
    /// A paper, with so many pixels for the width.
    Paper(f64),
}

/// The least width of a panel of a grid on a phone, with what stands beside it.
const NARROWEST: f64 = 112.0;
/// Below this width panels stand as on a phone.
const NARROW: f64 = 420.0;

impl Screen {
    /// The width of a figure in pixels.
    pub(crate) fn width(self, figure: &Figure) -> f64 {
        match (self, figure.width) {
            (Self::Phone, _) => 350.0,
            (Self::Paper(width), _) => width,
            (Self::Page, Width::Body) => 700.0,
            (Self::Page, Width::Wide) => WIDE,
        }
    }

    /// Whether there is room for few panels side by side.
    fn is_narrow(self) -> bool {
        self == Self::Phone || matches!(self, Self::Paper(width) if width < NARROW)
    }
}

impl Request<'_> {
    /// The layout.
    pub(crate) fn layout(&self) -> Layout {
        let width = self.screen.width(self.figure);
        let count = self.scales.len();
        let columns = self.columns(count, width);
        let free = self.free();
        let guess = self.panel_width(columns, width, [40.0, self.right.max(12.0)]);
        let high = self.panel_height(guess, columns);
        let vertical: Vec<Fitted> = self.scales.iter().map(|[_, y]| self.vertical(y, high)).collect();
        let left =
            if self.axes { vertical.iter().map(Fitted::widest).fold(0.0, f64::max) + 10.0 } else { 2.0 };
        let left = if self.axes { left.max(20.0) } else { left };
        let right = if self.axes { self.right.max(14.0) } else { self.right.max(2.0) };
        let right = if self.aligned(columns).is_some() { right.max(ROW_TITLE) } else { right };
        let gap = if free && self.axes { GAP + left } else { GAP };
        let cell = |[left, right]: [f64; 2]| {
            ((width - left - right - gap * (columns - 1) as f64) / columns as f64).max(40.0)
        };
        // A wider margin makes the panel narrower, so that the label of its first tick reaches farther.
        let (mut left, mut right) = (left, right);
        for _ in 0..4 {
            let reach = self.reach(cell([left, right]));
            if reach[0] <= left && reach[1] <= right {
                break;
            }
            (left, right) = (left.max(reach[0]), right.max(reach[1]));
        }
        let cell = cell([left, right]);
        let sizes = self.sizes(cell, high);
        let shown = sizes.iter().map(|size| size[0]).fold(0.0, f64::max);
        let cell = if self.figure.aspect == Aspect::Equal { shown } else { cell };
        let total = left + right + cell * columns as f64 + gap * (columns - 1) as f64;
        let shift = ((width - total) / 2.0).max(0.0);
        let shift = if self.figure.aspect == Aspect::Equal { shift } else { 0.0 };
        self.place(Grid { width, columns, cell, gap, left: left + shift, free }, &sizes)
    }

    /// How far labels reach beyond both ends of a panel of this width. What keeps its proportions has room enough.
    fn reach(&self, wide: f64) -> [f64; 2] {
        if !self.axes || self.figure.aspect == Aspect::Equal {
            return [0.0; 2];
        }
        let format = self.plan.formats[0].as_ref();
        let reach =
            self.scales.iter().map(|[x, _]| Fitted::horizontal(x, wide, format, self.locale).reach(x, wide));
        reach.fold([0.0; 2], |all: [f64; 2], one| [all[0].max(one[0] + 2.0), all[1].max(one[1])])
    }

    /// The titles of a grid whose panels stand as they should in rows of this length.
    pub(crate) fn aligned(&self, columns: usize) -> Option<&PanelTitles> {
        self.plan.grid.as_ref().filter(|grid| grid.columns.len() == columns)
    }

    fn free(&self) -> bool {
        self.plan.facet.as_ref().is_some_and(|facet| facet.free)
    }

    fn columns(&self, count: usize, width: f64) -> usize {
        let phone = self.screen.is_narrow();
        let least = match self.axes {
            true if phone => 150.0,
            true => 190.0,
            false if phone => 100.0,
            false => 130.0,
        };
        let most = ((width / least) as usize).clamp(1, count.max(1));
        let wanted = self.plan.facet.as_ref().and_then(|facet| facet.columns);
        if let Some(grid) = &self.plan.grid {
            // Rows of a grid are broken into equal parts; three panels keep their row on a phone, too.
            let most = if phone { ((width / NARROWEST) as usize).max(1) } else { most };
            let fits = |columns: &usize| !phone || *columns <= most;
            let parts = (1..=grid.columns.len()).rev().filter(|n| grid.columns.len().is_multiple_of(*n));
            return parts.into_iter().find(fits).unwrap_or(1);
        }
        // Where fewer fit than are wanted, rows are filled evenly.
        if let Some(columns) = wanted.filter(|columns| !phone || *columns <= most) {
            return columns.clamp(1, count.max(1));
        }
        count.max(1).div_ceil(count.max(1).div_ceil(most))
    }

    fn panel_width(&self, columns: usize, width: f64, [left, right]: [f64; 2]) -> f64 {
        (width - left - right - GAP * (columns - 1) as f64) / columns as f64
    }

    fn panel_height(&self, wide: f64, columns: usize) -> f64 {
        if let Some(height) = self.figure.height {
            return if self.screen.is_narrow() { height.min(1.2 * wide) } else { height };
        }
        if self.figure.aspect == Aspect::Equal {
            return if columns > 1 { wide * 1.4 } else { 440.0 };
        }
        if self.plan.kinds[1].is_categorical() && !self.plan.kinds[0].is_categorical() {
            let rows = self.scales.iter().map(|[_, y]| y.span()).fold(1.0, f64::max);
            let colours = self.plan.entries.iter().filter(|entry| entry.color.is_some()).count();
            let beside = self.plan.layers.iter().any(marks::stands_in_parts);
            let room = if beside { (18.0 * colours as f64).max(28.0) } else { 28.0 };
            return (room * rows).clamp(90.0, 900.0);
        }
        match wide {
            w if w > 800.0 => 0.42 * w,
            w if w > 450.0 => 0.5 * w,
            w if w > 260.0 => 0.62 * w,
            w => 0.8 * w,
        }
    }

    /// Width and height of each panel in a cell.
    fn sizes(&self, cell: f64, high: f64) -> Vec<[f64; 2]> {
        let size = |[x, y]: &[Scale; 2]| {
            if self.figure.aspect == Aspect::Equal {
                let unit = (cell / x.span()).min(high / y.span());
                [(x.span() * unit).max(8.0), (y.span() * unit).max(8.0)]
            } else {
                [cell, high]
            }
        };
        self.scales.iter().map(size).collect()
    }

    fn vertical(&self, scale: &Scale, high: f64) -> Fitted {
        let apart = if self.figure.aspect == Aspect::Equal { 64.0 } else { 44.0 };
        Fitted::vertical(scale, high, apart, self.plan.formats[1].as_ref(), self.locale)
    }

    fn place(&self, grid: Grid, sizes: &[[f64; 2]]) -> Layout {
        let faceted = self.plan.facets.iter().any(|(key, _)| key.is_some());
        let format = self.plan.formats[0].as_ref();
        let fit = |([x, y], [wide, high]): (&[Scale; 2], &[f64; 2])| {
            [Fitted::horizontal(x, *wide, format, self.locale), self.vertical(y, *high)]
        };
        let fitted: Vec<[Fitted; 2]> = self.scales.iter().zip(sizes).map(fit).collect();
        let depth = if self.axes { fitted.iter().map(|[x, _]| x.depth()).fold(0.0, f64::max) } else { 2.0 };
        let axis_titles = [0, 1].map(|axis| self.axis_title(&self.plan.titles[axis], grid.width));
        let more = axis_titles.each_ref().map(|lines| lines.len().saturating_sub(1) as f64 * wrap::LEADING);
        let y_title = if axis_titles[1].is_empty() { 6.0 } else { TITLE + 2.0 + more[1] };
        let x_title = if axis_titles[0].is_empty() { 0.0 } else { TITLE - 2.0 + more[0] };
        let mut top = self.above + y_title;
        let (mut frames, mut tops) = (Vec::new(), Vec::new());
        let rows = sizes.len().div_ceil(grid.columns);
        let aligned = self.aligned(grid.columns);
        let titles = self.titles(&grid);
        for (row, sizes) in sizes.chunks(grid.columns).enumerate() {
            let own = titles.iter().skip(row * grid.columns).take(grid.columns);
            let titled = faceted && (aligned.is_none() || own.clone().any(|title| !title.lines.is_empty()));
            top += if titled { TITLE } else { 0.0 } + own.map(Wrapped::more).fold(0.0, f64::max);
            let high = sizes.iter().map(|size| size[1]).fold(0.0, f64::max);
            for (column, [wide, own]) in sizes.iter().enumerate() {
                let start = grid.left + column as f64 * (grid.cell + grid.gap);
                tops.push(top);
                let centre = if self.axes { 0.0 } else { (grid.cell - wide) / 2.0 };
                frames.push([
                    start + centre,
                    top + if self.axes { 0.0 } else { (high - own) / 2.0 },
                    *wide,
                    *own,
                ]);
            }
            let labelled = grid.free || row + 1 == rows || !sizes.len().is_multiple_of(grid.columns);
            top += high + if labelled || self.hangs(row, rows, grid.columns) { depth } else { 6.0 };
            top += if row + 1 < rows { 12.0 } else { 0.0 };
        }
        let sides = [grid.left, frames.iter().map(|frame| frame[0] + frame[2]).fold(0.0, f64::max)];
        Layout {
            width: grid.width,
            height: (top + x_title + 4.0).ceil(),
            frames,
            tops,
            sides,
            columns: grid.columns,
            titles,
            axis_titles,
            fitted,
        }
    }

    /// The lines of an axis title; none without axes.
    fn axis_title(&self, title: &str, width: f64) -> Vec<Vec<Span>> {
        if !self.axes || title.is_empty() {
            return Vec::new();
        }
        let (title, font) = (label(title), (TITLE_SIZE, Weight::Regular));
        wrap::lines(&title, font, width, wrap::LINES)
            .unwrap_or_else(|| vec![text::cut(&title, font.0, font.1, width)])
    }

    /// The titles of panels, on lines that leave room between those of neighbours and stay within the figure.
    fn titles(&self, grid: &Grid) -> Vec<Wrapped> {
        let edge = |column: usize| {
            let start = grid.left + column as f64 * (grid.cell + grid.gap);
            let middle = start + grid.cell / 2.0;
            if self.axes { grid.width - start } else { 2.0 * middle.min(grid.width - middle) }
        };
        let room = (0..grid.columns).map(edge).fold(grid.cell + grid.gap - BETWEEN, f64::min);
        let lettered = self.plan.facet.as_ref().is_some_and(|facet| facet.letters);
        let title = |(index, (key, title)): (usize, &(Option<String>, String))| {
            // In a grid the top row has the titles of its columns, and rows have theirs at their ends.
            let title = match self.aligned(grid.columns) {
                Some(titles) => titles.columns.get(index).map_or("", String::as_str),
                None => title,
            };
            let letter = if lettered { letter(index) } else { String::new() };
            let words: Vec<&str> = [letter.as_str(), title].into_iter().filter(|w| !w.is_empty()).collect();
            match key {
                Some(_) if !words.is_empty() => wrap::wrapped(&words.join(" "), TITLE_SIZE, room),
                _ => Wrapped::default(),
            }
        };
        self.plan.facets.iter().enumerate().map(title).collect()
    }

    /// Whether a row above the last carries labels because the last row is not full.
    fn hangs(&self, row: usize, rows: usize, columns: usize) -> bool {
        row + 2 == rows && !self.scales.len().is_multiple_of(columns)
    }

    /// Whether a panel carries labels of x and y.
    pub(crate) fn labels(&self, panel: usize, columns: usize) -> [bool; 2] {
        let free = self.free();
        [free || panel + columns >= self.scales.len(), free || panel.is_multiple_of(columns)]
    }
}

/// The letter of a panel in parentheses: a to z, then aa and so on.
fn letter(index: usize) -> String {
    let mut letters = Vec::new();
    let mut left = index + 1;
    while left > 0 {
        letters.push(char::from(b'a' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    format!("({})", letters.into_iter().rev().collect::<String>())
}

/// The grid of panels.
#[derive(Clone, Copy, Debug)]
struct Grid {
    width: f64,
    columns: usize,
    cell: f64,
    gap: f64,
    left: f64,
    free: bool,
}
