//! Sinkhorn's iteration, plain or over-relaxed, between measures whose costs are a matrix in double-double.
//!
//! Where the potentials change fast, at the beginning, each half-step is taken in the log domain, with an exponential a pair.
//! From then on the kernel is kept ([`kept`](crate::kept)) and absorbs the potentials when these have moved far; the
//! iterations are the same up to rounding. Whether the tolerance is met is read off potentials in double-double.

use octavo_plugin::Failure;

use crate::dual::{Potential, Side, l1_error};
use crate::iteration::{FLOOR, Log, Relaxation, Settings, Solution, not_converged};
use crate::kept::Kept;

/// A half-step in units of epsilon above which a kernel would soon be left again.
const CALM: f64 = 20.0;

/// Where an iteration stands.
pub(crate) struct Alternation<'a> {
    side: Side<'a>,
    /// The same with rows and columns exchanged.
    turned: Side<'a>,
    /// Without the scalings of the kernel that is kept.
    f: Potential,
    g: Potential,
    kept: Option<Kept>,
    /// Steps to be taken before a kernel is kept, and as many after the last one that served for none.
    wait: u64,
    patience: u64,
    log: Log,
}

impl<'a> Alternation<'a> {
    /// From potentials of zero.
    pub(crate) fn new(side: Side<'a>, turned: Side<'a>) -> Self {
        let (f, g) = (Potential::zero(side.cost.rows), Potential::zero(side.cost.columns));
        Self { side, turned, f, g, kept: None, wait: 0, patience: 1, log: Log::new() }
    }

    /// Iterates until the tolerance is met.
    ///
    /// # Errors
    /// [`FailureKind::Numeric`](octavo_plugin::FailureKind::Numeric) if it is not, with the error that was reached.
    pub(crate) fn solve(mut self, relaxed: bool, settings: Settings<'_, '_>) -> Result<Solution, Failure> {
        let mut relaxation = Relaxation::default();
        loop {
            let error = self.step(relaxation.factor);
            if error <= settings.tolerance.max(FLOOR) {
                // The last digits are those of the log domain.
                self.absorb();
                self.wait = u64::MAX;
            }
            if error <= settings.tolerance && self.error() <= settings.tolerance {
                return Ok(Solution { f: self.f, g: self.g, log: self.log });
            }
            if error.is_nan() {
                return Err(not_converged(self.side.epsilon, self.log.iterations, error, settings.tolerance));
            }
            settings.go_on(self.side, &self.log)?;
            if relaxed {
                relaxation.learn(error);
            }
        }
    }

    /// One iteration, first the columns and then the rows; gives the errors that it found.
    fn step(&mut self, factor: f64) -> f64 {
        let found = self.kept.as_mut().and_then(|kept| kept.step(factor));
        let error = found.unwrap_or_else(|| {
            self.absorb();
            self.log_step(factor)
        });
        self.log.note(error);
        error
    }

    /// An iteration in the log domain. If it moves potentials little, a kernel is kept for the next.
    fn log_step(&mut self, factor: f64) -> f64 {
        let Self { side, turned, .. } = *self;
        let columns = turned.excess(&self.g, &self.f);
        self.g.add(-factor * side.epsilon, &columns);
        let rows = side.excess(&self.f, &self.g);
        self.f.add(-factor * side.epsilon, &rows);
        self.wait = self.wait.saturating_sub(1);
        if self.wait == 0 && columns.iter().chain(&rows).all(|step| (factor * step).abs() < CALM) {
            let weights = [&side.rows.weights[..], &side.columns.weights];
            self.kept = Kept::new(weights, |row, out| side.exponents(row, &self.f, &self.g, out));
            if self.kept.is_none() {
                self.be_patient();
            }
        }
        l1_error(side.rows, &rows) + l1_error(side.columns, &columns)
    }

    /// Puts the scalings of the kernel into the potentials and gives it up.
    fn absorb(&mut self) {
        let Some(kept) = self.kept.take() else { return };
        let [rows, columns] = kept.logs();
        self.f.add(self.side.epsilon, &rows);
        self.g.add(self.side.epsilon, &columns);
        (self.wait, self.patience) = (1, 1);
        if kept.steps == 0 {
            self.be_patient();
        }
    }

    /// A kernel that served for nothing costs as much as a step: the next one is tried after twice as many.
    fn be_patient(&mut self) {
        self.patience = self.patience.saturating_mul(2);
        self.wait = self.patience;
    }

    /// The error of the marginals.
    fn error(&self) -> f64 {
        let Self { side, turned, f, g, .. } = self;
        l1_error(side.rows, &side.excess(f, g)) + l1_error(side.columns, &turned.excess(g, f))
    }
}

#[cfg(test)]
mod tests {
    use octavo_plugin::{PointSet, Seed};

    use super::*;
    use crate::cost::{CostMatrix, Ground};
    use crate::measure::Measure;

    /// Clouds in the plane with uneven weights; the second stands aside.
    fn clouds(counts: [usize; 2], spread: i32) -> [Measure; 2] {
        let mut stream = Seed(11).stream("clouds");
        counts.map(|count| {
            let coordinates = (0..2 * count).map(|_| stream.uniform() + count as f64 / 100.0).collect();
            let weights = (0..count).map(|_| octavo_plugin::math::powi(stream.uniform(), spread)).collect();
            Measure::new(&PointSet { dimension: 2, coordinates, weights }).unwrap().0
        })
    }

    /// Runs a kept iteration beside one in the log domain; gives the number of kernels that served.
    fn beside_the_reference(measures: &[Measure; 2], epsilon: f64, relaxed: bool, steps: usize) -> usize {
        let [rows, columns] = measures;
        let cost = CostMatrix::new(rows, columns, &Ground::SQUARE).unwrap();
        let turned = cost.transposed();
        let side = Side { cost: &cost, rows, columns, epsilon };
        let turned = Side { cost: &turned, rows: columns, columns: rows, epsilon };
        let (mut found, mut expected) = (Alternation::new(side, turned), Alternation::new(side, turned));
        expected.wait = u64::MAX;
        let (mut relaxation, mut kernels) = (Relaxation::default(), 0);
        for step in 0..steps {
            let errors = [&mut found, &mut expected].map(|at| at.step(relaxation.factor));
            kernels += usize::from(found.kept.as_ref().is_some_and(|kept| kept.steps == 1));
            let close = (errors[0] - errors[1]).abs() <= 1e-9 * errors[1] + 1e-13;
            assert!(close, "epsilon {epsilon}, step {step}: {errors:?}");
            if relaxed {
                relaxation.learn(errors[1]);
            }
        }
        found.absorb();
        for (found, expected) in [(&found.f, &expected.f), (&found.g, &expected.g)] {
            for (found, expected) in found.hi.iter().zip(&expected.hi) {
                assert!((found - expected).abs() <= 1e-9 * epsilon, "epsilon {epsilon}: {found} {expected}");
            }
        }
        kernels
    }

    #[test]
    fn a_kept_kernel_changes_the_rounding_only() {
        let measures = clouds([70, 53], 1);
        for (epsilon, relaxed) in [(0.3, false), (0.3, true), (0.003, false), (0.003, true)] {
            assert_eq!(beside_the_reference(&measures, epsilon, relaxed, 2000), 1);
        }
        // Potentials move by some thousand epsilon.
        assert!(beside_the_reference(&measures, 0.0003, false, 4000) > 3);
    }

    #[test]
    fn weights_of_any_size() {
        assert!(beside_the_reference(&clouds([40, 37], 30), 0.01, false, 2000) > 0);
    }

    /// A kernel whose entries are out of range serves for nothing, and is tried less and less.
    #[test]
    fn weights_out_of_range_stay_in_the_log_domain() {
        let weights = |count: usize| (0..count).map(|k| if k == 0 { 1e-200 } else { 1.0 }).collect();
        let line = |count: usize, from: f64| {
            let coordinates = (0..count).map(|k| from + k as f64).collect();
            Measure::new(&PointSet { dimension: 1, coordinates, weights: weights(count) }).unwrap().0
        };
        let kernels = beside_the_reference(&[line(9, 0.0), line(7, 0.3)], 0.001, false, 300);
        assert_eq!(kernels, 0);
    }
}
