//! Splits the domain into the cells on which every neuron is on or off.
//!
//! **Method.** Layer by layer, depth first: on a cell of the layers before, every neuron is an affine form. The first line
//! that crosses the cell cuts it; lines that miss the cell are settled once for all that is cut from it, and the others are
//! taken on to both parts. Signs at corners are decided in floats with an error bound, and exactly where that fails, so
//! that lines through corners, coincident lines and slivers are neither merged nor made up.
//!
//! **Cost.** A cut looks at the lines that cross its cell, each at all corners. Cells of the first layer, and of later ones,
//! are followed in parallel; what comes out is in the order of construction, whatever the threads did.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::cell::{self, Cell, Corner};
use crate::exact;
use crate::form::Form;
use crate::space::{Node, Pattern, Side, Space, empty_pattern, insert};

/// Most cells of one run.
pub(crate) const MOST_REGIONS: usize = 2_000_000;

/// A cell on which all neurons are on or off.
pub(crate) struct Region {
    pub(crate) cell: Cell,
    /// Its patterns, and the exact forms of the outputs.
    pub(crate) node: Arc<Node>,
    /// The affine output map.
    pub(crate) map: Vec<Form>,
}

/// What splitting gives.
pub(crate) struct Partition {
    /// In order of construction: where a line cuts, the part with the neuron off comes first.
    pub(crate) regions: Vec<Region>,
    /// Number of cells after each splitting layer, with the layer's index.
    pub(crate) after: Vec<(usize, u64)>,
    /// For each layer, how many cells of the neurons before it each neuron cuts.
    pub(crate) cuts: Vec<Vec<u64>>,
    /// Number of signs that floats could not decide.
    pub(crate) exact_decisions: u64,
}

/// A cell before a layer: the forms of the layer's neurons on it, and the way back to earlier layers.
struct Frame<'a> {
    parent: Option<&'a Frame<'a>>,
    node: Arc<Node>,
    forms: Vec<Form>,
}

impl Frame<'_> {
    fn line(&self, space: &Space, side: Side) -> Form {
        if side.is_border() {
            return space.border(side);
        }
        let mut frame = self;
        while frame.node.layer != side.layer as usize {
            frame = frame.parent.expect("a side's layer was split before");
        }
        frame.forms[side.neuron as usize]
    }
}

struct Splitter<'a, 'c> {
    space: &'a Space,
    context: &'a RunContext<'c>,
    report: bool,
    after: Vec<AtomicU64>,
    cuts: Vec<Vec<AtomicU64>>,
    exact_decisions: AtomicU64,
    regions: AtomicUsize,
}

/// Splits the domain, reporting how many cells of the first layer are done if `report` is set.
///
/// # Errors
/// If the run is stopped, or there are more than [`MOST_REGIONS`] cells.
pub(crate) fn partition(space: &Space, context: &RunContext<'_>, report: bool) -> Result<Partition, Failure> {
    let counters = |count: usize| (0..count).map(|_| AtomicU64::new(0)).collect::<Vec<_>>();
    let splitter = Splitter {
        space,
        context,
        report,
        after: counters(space.stages.len()),
        cuts: space.stages.iter().map(|stage| counters(stage.layer.outputs)).collect(),
        exact_decisions: AtomicU64::new(0),
        regions: AtomicUsize::new(0),
    };
    let layer = &space.stages[0].layer;
    let form = |neuron: usize| Form::exactly(layer.row(neuron)[0], layer.row(neuron)[1], layer.bias[neuron]);
    let frame = Frame { parent: None, node: Node::root(), forms: (0..layer.outputs).map(form).collect() };
    let regions = splitter.descend(&frame, cell::domain(space.reach.domain))?;
    let read = |counters: &Vec<AtomicU64>| counters.iter().map(|c| c.load(Ordering::Relaxed)).collect();
    let splitting = |index: &usize| space.stages[*index].splits();
    Ok(Partition {
        regions,
        after: (0..space.stages.len())
            .filter(splitting)
            .map(|index| (index, splitter.after[index].load(Ordering::Relaxed)))
            .collect(),
        cuts: splitter.cuts.iter().map(read).collect(),
        exact_decisions: splitter.exact_decisions.load(Ordering::Relaxed),
    })
}

impl Splitter<'_, '_> {
    /// The regions within a cell whose frame's layer comes next.
    fn descend(&self, frame: &Frame<'_>, cell: Cell) -> Result<Vec<Region>, Failure> {
        let index = frame.node.layer;
        let stage = &self.space.stages[index];
        if index + 1 == self.space.stages.len() {
            self.count_region()?;
            let (node, map) = (Arc::clone(&frame.node), frame.forms.clone());
            return Ok(vec![Region { cell, node, map }]);
        }
        if !stage.splits() {
            let mut all = empty_pattern(stage.layer.outputs);
            (0..stage.layer.outputs).for_each(|neuron| insert(&mut all, neuron));
            return self.enter(frame, cell, all);
        }
        let pieces = self.split_layer(frame, cell)?;
        self.after[index].fetch_add(pieces.len() as u64, Ordering::Relaxed);
        let (done, total) = (AtomicU64::new(0), pieces.len() as u64);
        let nested = pieces
            .into_par_iter()
            .map(|(cell, pattern)| {
                let regions = self.enter(frame, cell, pattern)?;
                if index == 0 && self.report {
                    self.context.step(done.fetch_add(1, Ordering::Relaxed) + 1, total)?;
                }
                Ok(regions)
            })
            .collect::<Result<Vec<Vec<Region>>, Failure>>()?;
        Ok(nested.into_iter().flatten().collect())
    }

    /// Goes on to the next layer with the outputs of this one that are on.
    fn enter(&self, frame: &Frame<'_>, cell: Cell, pattern: Pattern) -> Result<Vec<Region>, Failure> {
        let width = frame.forms.len();
        let active: Vec<usize> =
            (0..width).filter(|&neuron| crate::space::contains(&pattern, neuron)).collect();
        let next = &self.space.stages[frame.node.layer + 1].layer;
        let forms = self.space.reach.compose(next, &active, &frame.forms);
        let child = Frame { parent: Some(frame), node: frame.node.child(pattern), forms };
        self.descend(&child, cell)
    }

    fn count_region(&self) -> Result<(), Failure> {
        if self.regions.fetch_add(1, Ordering::Relaxed) < MOST_REGIONS {
            return self.context.go_on();
        }
        Err(Failure::resource(format!("there are more than {MOST_REGIONS} regions"))
            .help("take a smaller network or a smaller `domain`"))
    }

    fn split_layer(&self, frame: &Frame<'_>, cell: Cell) -> Result<Vec<(Cell, Pattern)>, Failure> {
        let twins = &self.space.stages[frame.node.layer].twins;
        let lines: Vec<usize> = (0..twins.len()).filter(|&neuron| twins[neuron].is_none()).collect();
        let mut work = LayerSplit { splitter: self, frame, signs: vec![0; twins.len()], pieces: Vec::new() };
        work.split(cell, &lines)?;
        Ok(work.pieces)
    }

    /// The sign of a neuron's input at a corner.
    fn sign(&self, frame: &Frame<'_>, neuron: usize, cell: &[Corner], index: usize) -> i8 {
        let corner = &cell[index];
        if let Some(sign) = frame.forms[neuron].sign(corner.x, corner.y, corner.error) {
            return sign;
        }
        self.exact_decisions.fetch_add(1, Ordering::Relaxed);
        let form = frame.node.form(self.space, neuron);
        if form.iter().all(exact::Dyadic::is_zero) {
            return 0;
        }
        exact::side(form, &cell::exact_corner(self.space, &frame.node, cell, index))
    }

    /// Where a neuron's line crosses a side of a cell.
    fn crossing(&self, frame: &Frame<'_>, side: Side, neuron: usize) -> ([f64; 2], f64) {
        let reach = &self.space.reach;
        reach.meet(&frame.line(self.space, side), &frame.forms[neuron]).unwrap_or_else(|| {
            let form = frame.node.form(self.space, neuron);
            reach.round(&exact::meet(&frame.node.line(self.space, side), form))
        })
    }
}

/// How a line lies to a cell.
enum Position {
    /// The neuron's sign on the whole cell; 0 if it is zero everywhere.
    Beside(i8),
    /// The sign at each corner; both signs occur.
    Across(Vec<i8>),
}

/// One cell being split by one layer.
struct LayerSplit<'a, 'b, 'c> {
    splitter: &'a Splitter<'b, 'c>,
    frame: &'a Frame<'a>,
    /// Of each neuron on the cell at hand, once settled.
    signs: Vec<i8>,
    pieces: Vec<(Cell, Pattern)>,
}

impl LayerSplit<'_, '_, '_> {
    fn split(&mut self, cell: Cell, lines: &[usize]) -> Result<(), Failure> {
        let mut first = None;
        let mut crossing = Vec::new();
        for &line in lines {
            match self.position(line, &cell) {
                Position::Beside(sign) => self.signs[line] = sign,
                Position::Across(signs) if first.is_none() => first = Some((line, signs)),
                Position::Across(_) => crossing.push(line),
            }
        }
        let Some((line, signs)) = first else {
            let pattern = self.pattern();
            self.pieces.push((cell, pattern));
            return Ok(());
        };
        self.splitter.context.go_on()?;
        let layer = self.frame.node.layer;
        self.splitter.cuts[layer][line].fetch_add(1, Ordering::Relaxed);
        let meet = |index: usize| self.splitter.crossing(self.frame, cell[index].side, line);
        let [off, on] = cell::cut(&cell, &signs, Side::of(layer, line), meet);
        drop(cell);
        self.signs[line] = -1;
        self.split(off, &crossing)?;
        self.signs[line] = 1;
        self.split(on, &crossing)
    }

    fn position(&self, line: usize, cell: &[Corner]) -> Position {
        let sign = |index: usize| self.splitter.sign(self.frame, line, cell, index);
        let signs: Vec<i8> = (0..cell.len()).map(sign).collect();
        let (low, high) = signs.iter().fold((0, 0), |(low, high), &s| (s.min(low), s.max(high)));
        if low < 0 && high > 0 { Position::Across(signs) } else { Position::Beside(low + high) }
    }

    /// The neurons that are on. One that is zero on the whole cell is off, and so is its twin.
    fn pattern(&self) -> Pattern {
        let twins = &self.splitter.space.stages[self.frame.node.layer].twins;
        let mut pattern = empty_pattern(twins.len());
        for (neuron, twin) in twins.iter().enumerate() {
            let sign = match twin {
                None => self.signs[neuron],
                Some(twin) if twin.opposite => -self.signs[twin.of],
                Some(twin) => self.signs[twin.of],
            };
            if sign > 0 {
                insert(&mut pattern, neuron);
            }
        }
        pattern
    }
}
