//! The walk down the tree of cells: depth first, one crossing line at a time, with everything on stacks.
//!
//! **Method.** A cell is compared with the lines that may cross it. Lines that miss it are settled for all that is cut
//! from it; neurons found on are summed into the forms of the next layer once, before the cell is cut. The first line that
//! crosses cuts the cell, and only the other crossing lines go on to the two parts. A cell that no line crosses goes on
//! to the next layer. Cells, lists of lines, neurons that are on and sums lie on stacks, and a stack of entries says
//! where each begins; memory is that of one path, whatever the number of cells.

use std::rc::Rc;

use octavo_plugin::{Failure, RunContext};

use crate::cell::{self, Corner, Crossing};
use crate::exact::{self, Dyadic, Triple};
use crate::form::Form;
use crate::forms::{Compose, Filter, Forms, Sides};
use crate::space::{Side, Space};
use crate::symbolic::{Active, Symbolic};

/// How many neurons must be on for their sum to be kept for both parts of a cell.
const WORTH_A_SUM: usize = 3;

/// What a walk does with the cells on which all neurons are on or off.
pub(crate) trait Visitor: Send {
    /// Whether cells are looked at. If not they are counted, and the last layer's are not even cut out.
    const LOOKS: bool;
    /// A cell on which all neurons are on or off.
    ///
    /// # Errors
    /// If there are too many.
    fn visit(&mut self, walk: &mut Walk<'_>) -> Result<(), Failure>;
}

/// A place in the stacks of a walk.
#[derive(Clone, Copy, Debug)]
struct Entry {
    layer: usize,
    /// Whether all lines of the layer are to be compared, or those of `lines`.
    fresh: bool,
    /// The corners.
    cell: [usize; 2],
    lines: [usize; 2],
    /// Where this layer's neurons that are on begin, how many are known, and how many are summed.
    on: [usize; 3],
    /// The line that was cut along last, and the sign on this side.
    cut: Option<(u32, i8)>,
    /// Number of sums in use; the last is this entry's unless `summed` is none.
    sums: usize,
    /// Whether anything is summed yet.
    summed: bool,
}

/// A layer of the path to the cell at hand.
#[derive(Clone, Debug, Default)]
struct Level {
    forms: Forms,
    /// Where the neurons that are on stand.
    on: [usize; 2],
}

/// What is known of the path: forms and active neurons of each layer.
struct Path {
    levels: Vec<Level>,
    on: Vec<u32>,
}

impl Active for Path {
    fn on(&self, layer: usize) -> &[u32] {
        let [start, end] = self.levels[layer].on;
        &self.on[start..end]
    }
}

/// Counts of a walk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Number of cells after each layer that splits; zero for the others.
    pub(crate) after: Vec<u64>,
    /// For each neuron of the first layer, how many cells of the neurons before it it cuts.
    pub(crate) cuts: Vec<u64>,
    /// Number of signs that floats could not decide.
    pub(crate) exact_decisions: u64,
}

impl Counts {
    pub(crate) fn new(space: &Space) -> Self {
        let cuts = vec![0; space.stages[0].layer.outputs];
        Self { after: vec![0; space.stages.len()], cuts, exact_decisions: 0 }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.after.iter_mut().zip(&other.after).for_each(|(total, part)| *total += part);
        self.cuts.iter_mut().zip(&other.cuts).for_each(|(total, part)| *total += part);
        self.exact_decisions += other.exact_decisions;
    }
}

/// A place in a walk that any walk can go on from.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    entry: Entry,
    levels: Vec<Forms>,
    on: Vec<u32>,
    on_ends: Vec<[usize; 2]>,
    corners: Vec<Corner>,
    lines: Vec<u32>,
    sum: Option<Forms>,
}

impl Task {
    /// The whole domain.
    pub(crate) fn root(space: &Space) -> Self {
        let corners = cell::domain(space.reach.domain).to_vec();
        let entry = Entry {
            layer: 0,
            fresh: true,
            cell: [0, 4],
            lines: [0, 0],
            on: [0; 3],
            cut: None,
            sums: 0,
            summed: false,
        };
        let levels = vec![space.root.clone()];
        Self { entry, levels, on: Vec::new(), on_ends: vec![[0, 0]], corners, lines: Vec::new(), sum: None }
    }
}

/// A walk with its stacks, to be used again and again.
pub(crate) struct Walk<'a> {
    pub(crate) space: &'a Space,
    context: &'a RunContext<'a>,
    pub(crate) counts: Counts,
    entries: Vec<Entry>,
    corners: Vec<Corner>,
    lines: Vec<u32>,
    path: Path,
    sums: Vec<Forms>,
    symbolic: Symbolic,
    /// The cell that is visited.
    cell: [usize; 2],
    points: Vec<[f64; 2]>,
    sides: Vec<Sides>,
    signs: Vec<i8>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(space: &'a Space, context: &'a RunContext<'a>) -> Self {
        let layers = space.stages.len();
        Self {
            space,
            context,
            counts: Counts::new(space),
            entries: Vec::new(),
            corners: Vec::new(),
            lines: Vec::new(),
            path: Path { levels: vec![Level::default(); layers], on: Vec::new() },
            sums: Vec::new(),
            symbolic: Symbolic::new(layers),
            cell: [0, 0],
            points: Vec::new(),
            sides: Vec::new(),
            signs: Vec::new(),
        }
    }

    /// Walks through all below a task and returns its counts.
    ///
    /// # Errors
    /// If the run is stopped.
    pub(crate) fn run<V: Visitor>(&mut self, task: &Task, visitor: &mut V) -> Result<Counts, Failure> {
        self.load(task);
        while let Some(entry) = self.entries.pop() {
            self.context.go_on()?;
            self.advance(entry, visitor)?;
        }
        Ok(std::mem::replace(&mut self.counts, Counts::new(self.space)))
    }

    /// Goes on from a task up to the next cut, and returns the two tasks after it in order; none if there is no cut.
    ///
    /// # Errors
    /// Those of the visitor.
    pub(crate) fn step<V: Visitor>(
        &mut self,
        task: &Task,
        visitor: &mut V,
    ) -> Result<(Vec<Task>, Counts), Failure> {
        self.load(task);
        if let Some(entry) = self.entries.pop() {
            self.advance(entry, visitor)?;
        }
        let tasks = self.entries.iter().rev().map(|entry| self.save(entry)).collect();
        Ok((tasks, std::mem::replace(&mut self.counts, Counts::new(self.space))))
    }

    fn load(&mut self, task: &Task) {
        self.entries.clear();
        self.corners.clone_from(&task.corners);
        self.lines.clone_from(&task.lines);
        self.path.on.clone_from(&task.on);
        for (layer, (forms, on)) in task.levels.iter().zip(&task.on_ends).enumerate() {
            self.path.levels[layer].forms.copy_from(forms);
            self.path.levels[layer].on = *on;
            self.symbolic.forget(layer);
        }
        if let Some(sum) = &task.sum {
            self.sums.resize(self.sums.len().max(1), Forms::default());
            self.sums[0].copy_from(sum);
        }
        self.entries.push(task.entry);
    }

    fn save(&self, entry: &Entry) -> Task {
        let levels = &self.path.levels[..=entry.layer];
        let [cell, lines] = [entry.cell, entry.lines];
        Task {
            levels: levels.iter().map(|level| level.forms.clone()).collect(),
            on: self.path.on[..entry.on[1]].to_vec(),
            on_ends: levels.iter().map(|level| level.on).collect(),
            corners: self.corners[cell[0]..cell[1]].to_vec(),
            lines: self.lines[lines[0]..lines[1]].to_vec(),
            sum: entry.summed.then(|| self.sums[entry.sums - 1].clone()),
            entry: Entry {
                cell: [0, cell[1] - cell[0]],
                lines: [0, lines[1] - lines[0]],
                sums: usize::from(entry.summed),
                ..*entry
            },
        }
    }

    /// Goes on from an entry until its cell is cut or done.
    fn advance<V: Visitor>(&mut self, mut entry: Entry, visitor: &mut V) -> Result<(), Failure> {
        self.corners.truncate(entry.cell[1]);
        self.lines.truncate(entry.lines[1]);
        self.path.on.truncate(entry.on[1]);
        if let Some((line, sign)) = entry.cut {
            self.settle(entry.layer, line, sign);
        }
        loop {
            let stage = &self.space.stages[entry.layer];
            if entry.layer + 1 == self.space.stages.len() {
                self.cell = entry.cell;
                return visitor.visit(self);
            }
            if stage.splits() {
                let first = self.compare(&entry);
                let last = Some(entry.layer) == self.space.last_split && !V::LOOKS;
                match first {
                    // Whatever else there is to know of the two parts, nothing more cuts them.
                    Some(line) if last && self.lines.len() == entry.lines[1] => {
                        self.count(entry.layer, Some(line), 2);
                        return Ok(());
                    }
                    Some(line) => {
                        self.cut(&entry, line, !last);
                        return Ok(());
                    }
                    None => self.count(entry.layer, None, 1),
                }
                if last {
                    return Ok(());
                }
            } else {
                self.path.on.extend((0_u32..).take(stage.layer.outputs));
            }
            entry = self.enter(&entry);
        }
    }

    fn count(&mut self, layer: usize, cut: Option<u32>, cells: u64) {
        self.counts.after[layer] += cells;
        if let Some(line) = cut.filter(|_| layer == 0) {
            self.counts.cuts[line as usize] += 1;
        }
    }

    /// Takes note of a neuron's sign on the cell at hand, and of those that share its line.
    fn settle(&mut self, layer: usize, line: u32, sign: i8) {
        let stage = &self.space.stages[layer];
        if sign > 0 {
            self.path.on.push(line);
        }
        if stage.has_mates {
            let mates = &stage.mates[line as usize];
            match sign {
                1 => self.path.on.extend(&mates.same),
                -1 => self.path.on.extend(&mates.opposite),
                _ => {}
            }
        }
    }

    /// Settles the lines that miss a cell. Returns the first that crosses it; the others are on top of the stack of lines.
    fn compare(&mut self, entry: &Entry) -> Option<u32> {
        let mut first = None;
        let cell = &self.corners[entry.cell[0]..entry.cell[1]];
        let error = cell.iter().fold(0.0_f64, |error, corner| error.max(corner.error));
        if entry.fresh {
            self.points.clear();
            self.points.extend(cell.iter().map(|corner| [corner.x, corner.y]));
            let forms = &self.path.levels[entry.layer].forms;
            Filter { forms, corners: &self.points, error, sides: &mut self.sides }.run();
            self.settle_all(entry, &mut first);
        } else {
            for index in entry.lines[0]..entry.lines[1] {
                let line = self.lines[index];
                match self.glance(entry, line, error) {
                    Some(sign) => self.settle(entry.layer, line, sign),
                    None => self.look_closely(entry, line, &mut first),
                }
            }
        }
        first
    }

    /// Settles the lines of a layer as [`Filter`] found them.
    fn settle_all(&mut self, entry: &Entry, first: &mut Option<u32>) {
        let stage = &self.space.stages[entry.layer];
        for (block, bits) in (0_u32..).zip(&stage.line_bits) {
            let Sides { on, open } = self.sides[block as usize];
            let start = block * 16;
            if stage.has_mates {
                for bit in ones(bits & !open) {
                    self.settle(entry.layer, start + bit, if on >> bit & 1 == 1 { 1 } else { -1 });
                }
            } else {
                self.path.on.extend(ones(bits & on).map(|bit| start + bit));
            }
            for bit in ones(bits & open) {
                self.look_closely(entry, start + bit, first);
            }
        }
    }

    /// The sign of a line that certainly misses a cell whose corners are off by at most `error`.
    fn glance(&self, entry: &Entry, line: u32, error: f64) -> Option<i8> {
        let form = self.path.levels[entry.layer].forms.get(line as usize);
        let doubt = form.doubt_anywhere(&self.space.reach, error);
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for corner in &self.corners[entry.cell[0]..entry.cell[1]] {
            let value = form.at(corner.x, corner.y);
            least = if value < least { value } else { least };
            most = if value > most { value } else { most };
        }
        if least > doubt {
            Some(1)
        } else if most < -doubt {
            Some(-1)
        } else {
            None
        }
    }

    /// Settles a line, or takes it as one that crosses.
    fn look_closely(&mut self, entry: &Entry, line: u32, first: &mut Option<u32>) {
        let (mut low, mut high) = (0, 0);
        for index in 0..entry.cell[1] - entry.cell[0] {
            let sign = self.sign(entry.layer, line, entry.cell, index);
            low = low.min(sign);
            high = high.max(sign);
            if low < 0 && high > 0 {
                match first {
                    None => *first = Some(line),
                    Some(_) => self.lines.push(line),
                }
                return;
            }
        }
        self.settle(entry.layer, line, low + high);
    }

    /// The sign of a neuron's input at a corner.
    fn sign(&mut self, layer: usize, line: u32, cell: [usize; 2], index: usize) -> i8 {
        let corner = self.corners[cell[0] + index];
        let form = self.path.levels[layer].forms.get(line as usize);
        if let Some(sign) = form.sign(corner.x, corner.y, corner.error) {
            return sign;
        }
        self.counts.exact_decisions += 1;
        let form = self.symbolic.form(self.space, &self.path, layer, line as usize);
        if form.iter().all(Dyadic::is_zero) {
            return 0;
        }
        exact::side(&form, &self.exact_corner(cell, index))
    }

    fn exact_corner(&mut self, [start, end]: [usize; 2], index: usize) -> Triple {
        let before = if index == 0 { end - 1 } else { start + index - 1 };
        let one = self.exact_line(self.corners[before].side);
        let other = self.exact_line(self.corners[start + index].side);
        exact::meet(&one, &other)
    }

    fn exact_line(&mut self, side: Side) -> Rc<Triple> {
        self.symbolic.line(self.space, &self.path, side)
    }

    /// Cuts an entry's cell in two. The part where the neuron is off comes next. `to_sum` says whether the next layer's
    /// forms will be wanted.
    fn cut(&mut self, entry: &Entry, line: u32, to_sum: bool) {
        let layer = entry.layer;
        if layer == 0 {
            self.counts.cuts[line as usize] += 1;
        }
        let cell = entry.cell;
        let mut signs = std::mem::take(&mut self.signs);
        signs.clear();
        signs.extend((0..cell[1] - cell[0]).map(|index| self.sign(layer, line, cell, index)));
        let mut crossings: [Crossing; 2] = [(0, ([0.0; 2], 0.0)); 2];
        let mut found = 0;
        for (index, sign) in signs.iter().enumerate() {
            if sign * signs[(index + 1) % signs.len()] < 0 {
                crossings[found] = (index, self.crossing(layer, line, self.corners[cell[0] + index].side));
                found += 1;
            }
        }
        let [sums, known] = if to_sum { self.sum(entry) } else { [entry.sums, entry.on[2]] };
        let summed = entry.summed || sums > entry.sums;
        let side = Side::of(layer, line as usize);
        let lines = [entry.lines[1], self.lines.len()];
        let on = [entry.on[0], self.path.on.len(), known];
        for sign in [1, -1] {
            let start = self.corners.len();
            cell::part(&mut self.corners, cell[0]..cell[1], &signs, &crossings[..found], side, sign);
            let cell = [start, self.corners.len()];
            let cut = Some((line, sign));
            self.entries.push(Entry { layer, fresh: false, cell, lines, on, cut, sums, summed });
        }
        self.signs = signs;
    }

    /// Sums what is on and not yet summed, if that is worth it. Returns the number of sums and of neurons summed.
    fn sum(&mut self, entry: &Entry) -> [usize; 2] {
        let known = self.path.on.len();
        if known - entry.on[2] < WORTH_A_SUM {
            return [entry.sums, entry.on[2]];
        }
        if self.sums.len() == entry.sums {
            self.sums.push(Forms::default());
        }
        let mut sum = std::mem::take(&mut self.sums[entry.sums]);
        self.compose(entry, &mut sum, false);
        self.sums[entry.sums] = sum;
        [entry.sums + 1, known]
    }

    /// The next layer's forms, as far as neurons of this layer are known to be on.
    fn compose(&self, entry: &Entry, to: &mut Forms, finish: bool) {
        let next = &self.space.stages[entry.layer + 1];
        Compose {
            columns: &next.columns,
            on: &self.path.on[entry.on[2]..],
            inputs: &self.path.levels[entry.layer].forms,
            from: if entry.summed { &self.sums[entry.sums - 1] } else { &next.start },
            to,
            finish: finish.then_some(&self.space.reach),
        }
        .run();
    }

    /// Goes on to the next layer with the same cell.
    fn enter(&mut self, entry: &Entry) -> Entry {
        let layer = entry.layer + 1;
        let mut forms = std::mem::take(&mut self.path.levels[layer].forms);
        self.compose(entry, &mut forms, true);
        let end = self.path.on.len();
        self.path.levels[entry.layer].on = [entry.on[0], end];
        self.path.levels[layer].forms = forms;
        self.symbolic.forget(layer);
        let lines = [self.lines.len(); 2];
        let on = [end; 3];
        Entry { layer, fresh: true, cell: entry.cell, lines, on, cut: None, sums: entry.sums, summed: false }
    }

    /// Where a neuron's line crosses a side of a cell.
    fn crossing(&mut self, layer: usize, line: u32, side: Side) -> ([f64; 2], f64) {
        let form = self.path.levels[layer].forms.get(line as usize);
        let other = self.line(side);
        self.space.reach.meet(&other, &form).unwrap_or_else(|| {
            let form = self.symbolic.form(self.space, &self.path, layer, line as usize);
            let other = self.exact_line(side);
            self.space.reach.round(&exact::meet(&other, &form))
        })
    }

    fn line(&self, side: Side) -> Form {
        if side.is_border() {
            return self.space.border(side);
        }
        self.path.levels[side.layer as usize].forms.get(side.neuron as usize)
    }
}

/// The places of the bits that are set.
fn ones(mut bits: u16) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (bit < 16).then_some(bit)
    })
}

/// What a visitor may ask about the cell at hand.
impl Walk<'_> {
    pub(crate) fn corners(&self) -> &[Corner] {
        &self.corners[self.cell[0]..self.cell[1]]
    }

    /// An output's affine map.
    pub(crate) fn output(&self, output: usize) -> Form {
        self.path.levels[self.space.stages.len() - 1].forms.get(output)
    }

    /// Area and centroid. The area is off by no more than corners are, times the cell's length.
    pub(crate) fn measure(&self) -> (f64, [f64; 2]) {
        let (area, centre, _) = cell::measure(self.corners());
        (area, centre)
    }

    /// Area, good to six digits at least, and centroid: of slivers by exact arithmetic.
    pub(crate) fn measure_well(&mut self) -> (f64, [f64; 2]) {
        let (area, centre, good) = cell::measure(self.corners());
        if good {
            return (area, centre);
        }
        let exact: Vec<Triple> =
            (0..self.corners().len()).map(|index| self.exact_corner(self.cell, index)).collect();
        cell::measure_exactly(self.corners(), &exact)
    }

    /// The neurons that are on, as bits: the words of each layer as [`Stage::words`](crate::space::Stage::words) says.
    pub(crate) fn pattern(&self) -> Box<[u64]> {
        let mut pattern = vec![0; self.space.words];
        for (layer, stage) in self.space.stages.iter().enumerate().rev().skip(1) {
            let words = &mut pattern[stage.words.clone()];
            for &neuron in self.path.on(layer) {
                words[neuron as usize / 64] |= 1 << (neuron % 64);
            }
        }
        pattern.into()
    }
}
