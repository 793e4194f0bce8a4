//! The walk down the tree of cells: depth first, one crossing line at a time, with everything on stacks.
//!
//! **Method.** A cell is compared with the lines that may cross it. Lines that miss it are settled for all that is cut
//! from it; neurons found on are summed into the forms of the next layer once, before the cell is cut. The first line that
//! crosses cuts the cell, and only the other crossing lines go on to the two parts. A cell that no line crosses goes on
//! to the next layer. Cells, lists of lines, neurons that are on and sums lie on stacks, and a stack of entries says
//! where each begins; memory is that of one path, whatever the number of cells.

mod look;
mod signs;
mod task;

use octavo_plugin::{Failure, RunContext, Stream};

use crate::cell::{self, Corner, Crossing};
use crate::layer_forms::{Compose, Forms, Sides};
use crate::space::{Side, Space};
use crate::symbolic::{Active, Symbolic};

use task::Entry;
pub(crate) use task::{Counts, Task};

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

    /// Goes down from a task, at every cut to one of the two parts by chance, and returns how many cells would lie below the task if all
    /// ways down were like this one. Its mean over all ways is the number of cells (Knuth 1975, section 2).
    ///
    /// # Errors
    /// If the run is stopped.
    pub(crate) fn descend<V: Visitor>(
        &mut self,
        task: &Task,
        stream: &mut Stream,
        visitor: &mut V,
    ) -> Result<f64, Failure> {
        self.load(task);
        let mut ways = 1.0;
        while let Some(entry) = self.entries.pop() {
            self.context.go_on()?;
            self.advance(entry, visitor)?;
            if let [first, second] = self.entries[..] {
                let [one, other] = [first, second].map(|part| self.area(part.cell).sqrt());
                // Where the parts have as many cells for their size, the root of the size leads to the least errors that were seen.
                let share = if one + other > 0.0 { one / (one + other) } else { 0.5 };
                let takes_first = stream.uniform() < share;
                ways /= if takes_first { share } else { 1.0 - share };
                self.entries = vec![if takes_first { first } else { second }];
            }
        }
        let counts = std::mem::replace(&mut self.counts, Counts::new(self.space));
        Ok(ways * self.space.last_split.map_or(1.0, |last| counts.after[last] as f64))
    }

    fn area(&self, [start, end]: [usize; 2]) -> f64 {
        cell::measure(&self.corners[start..end]).0
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
}
