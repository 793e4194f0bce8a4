//! Which lines cross a cell and where: floats with a bound first, exact arithmetic where they cannot tell.

use std::rc::Rc;

use crate::affine::Form;
use crate::exact::{self, Dyadic, Triple};
use crate::layer_forms::{Filter, Sides};
use crate::space::Side;

use super::Walk;
use super::task::Entry;

impl Walk<'_> {
    /// Settles the lines that miss a cell. Returns the first that crosses it; the others are on top of the stack of lines.
    pub(super) fn compare(&mut self, entry: &Entry) -> Option<u32> {
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
    pub(super) fn sign(&mut self, layer: usize, line: u32, cell: [usize; 2], index: usize) -> i8 {
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

    pub(super) fn exact_corner(&mut self, [start, end]: [usize; 2], index: usize) -> Triple {
        let before = if index == 0 { end - 1 } else { start + index - 1 };
        let one = self.exact_line(self.corners[before].side);
        let other = self.exact_line(self.corners[start + index].side);
        exact::meet(&one, &other)
    }

    fn exact_line(&mut self, side: Side) -> Rc<Triple> {
        self.symbolic.line(self.space, &self.path, side)
    }

    /// Where a neuron's line crosses a side of a cell.
    pub(super) fn crossing(&mut self, layer: usize, line: u32, side: Side) -> ([f64; 2], f64) {
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
