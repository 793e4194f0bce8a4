//! Tasks: places in a walk that any walk can go on from.

use crate::cell::{self, Corner};
use crate::layer_forms::Forms;
use crate::space::Space;

use super::Walk;

/// A place in the stacks of a walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) layer: usize,
    /// Whether all lines of the layer are to be compared, or those of `lines`.
    pub(super) fresh: bool,
    /// The corners.
    pub(super) cell: [usize; 2],
    pub(super) lines: [usize; 2],
    /// Where this layer's neurons that are on begin, how many are known, and how many are summed.
    pub(super) on: [usize; 3],
    /// The line that was cut along last, and the sign on this side.
    pub(super) cut: Option<(u32, i8)>,
    /// Number of sums in use; the last is this entry's unless `summed` is none.
    pub(super) sums: usize,
    /// Whether anything is summed yet.
    pub(super) summed: bool,
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

impl Walk<'_> {
    /// Lays a task on the stacks.
    pub(super) fn load(&mut self, task: &Task) {
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

    /// An entry with all it needs.
    pub(super) fn save(&self, entry: &Entry) -> Task {
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
}
