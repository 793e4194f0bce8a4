//! Anderson's acceleration (1965) of a fixed-point iteration: the next point is the combination of the last ones whose residuals,
//! combined alike, are least.

use octavo_plugin::sum;

/// Steps that are remembered.
const MEMORY: usize = 20;
/// Added to the diagonal of the normal equations, in units of their trace.
const RIDGE: f64 = 1e-12;

/// The last steps of an iteration x -> x + r(x), and what was added to them.
pub(crate) struct Anderson<'a> {
    /// Weights of the norm of residuals.
    weights: &'a [f64],
    /// Differences of residuals, the same times the weights, and differences of steps; the oldest first.
    steps: Vec<[Vec<f64>; 3]>,
    last: Option<(Vec<f64>, Vec<f64>)>,
    best: f64,
}

impl<'a> Anderson<'a> {
    /// Nothing is known yet.
    pub(crate) fn new(weights: &'a [f64]) -> Self {
        Self { weights, steps: Vec::new(), last: None, best: f64::INFINITY }
    }

    /// What is to be added to x + r, for the residual r at x with this error.
    pub(crate) fn correction(&mut self, residual: &[f64], error: f64) -> Vec<f64> {
        // The safeguard: where errors rise, the iteration goes on as it is, which always descends.
        if error > 2.0 * self.best || error.is_nan() {
            self.steps.clear();
            self.last = None;
        }
        self.best = self.best.min(error);
        if let Some((before, added)) = &self.last {
            if self.steps.len() == MEMORY - 1 {
                self.steps.remove(0);
            }
            let change: Vec<f64> = residual.iter().zip(before).map(|(new, old)| new - old).collect();
            let weighted = change.iter().zip(self.weights).map(|(change, weight)| change * weight).collect();
            // x + r moved by what was added and by the new residual.
            let moved = added.iter().zip(residual).map(|(added, residual)| added + residual).collect();
            self.steps.push([change, weighted, moved]);
        }
        let added = self.combined(residual);
        self.last = Some((residual.to_vec(), added.clone()));
        added
    }

    fn combined(&self, residual: &[f64]) -> Vec<f64> {
        let order = self.steps.len();
        let mut matrix = vec![0.0; order * order];
        for i in 0..order {
            for j in 0..=i {
                let entry = sum::dot(&self.steps[i][1], &self.steps[j][0]);
                (matrix[i * order + j], matrix[j * order + i]) = (entry, entry);
            }
        }
        let right = self.steps.iter().map(|step| sum::dot(&step[1], residual)).collect();
        let shares = solve(matrix, right);
        let mut added = vec![0.0; residual.len()];
        for (share, [.., moved]) in shares.iter().zip(&self.steps) {
            added.iter_mut().zip(moved).for_each(|(added, moved)| *added -= share * moved);
        }
        if added.iter().all(|entry| entry.is_finite()) { added } else { vec![0.0; residual.len()] }
    }
}

/// Solves a symmetric system that is not negative, by elimination; a pivot that is not above 0 leaves its unknown at 0.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Vec<f64> {
    let order = right.len();
    let trace: f64 = (0..order).map(|i| matrix[i * order + i]).sum();
    (0..order).for_each(|i| matrix[i * order + i] += RIDGE * trace);
    for pivot in 0..order {
        let head = matrix[pivot * order + pivot];
        for row in pivot + 1..order {
            let share = if head > 0.0 { matrix[row * order + pivot] / head } else { 0.0 };
            for column in pivot..order {
                matrix[row * order + column] -= share * matrix[pivot * order + column];
            }
            right[row] -= share * right[pivot];
        }
    }
    for pivot in (0..order).rev() {
        let known: f64 = (pivot + 1..order).map(|k| matrix[pivot * order + k] * right[k]).sum();
        let head = matrix[pivot * order + pivot];
        right[pivot] = if head > 0.0 { (right[pivot] - known) / head } else { 0.0 };
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x -> A x + b with the factors 0.999, 0.9 and -0.5: three differences know all of it.
    #[test]
    fn a_linear_iteration_ends_when_its_directions_are_known() {
        let factors = [0.999, 0.9, -0.5];
        let weights = [1.0; 3];
        let (mut x, mut anderson) = (vec![0.0; 3], Anderson::new(&weights));
        for _ in 0..6 {
            let residual: Vec<f64> = x.iter().zip(factors).map(|(x, factor)| factor * x + 1.0 - x).collect();
            let error = residual.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
            let added = anderson.correction(&residual, error);
            x.iter_mut().zip(residual.iter().zip(added)).for_each(|(x, (r, added))| *x += r + added);
        }
        for (x, factor) in x.iter().zip(factors) {
            assert!((x * (1.0 - factor) - 1.0).abs() < 1e-6, "{x} {factor}");
        }
    }

    #[test]
    fn rising_errors_forget_the_past() {
        let weights = [1.0];
        let mut anderson = Anderson::new(&weights);
        anderson.correction(&[1.0], 1.0);
        assert_ne!(anderson.correction(&[0.5], 0.5), [0.0]);
        assert_eq!(anderson.correction(&[7.0], 7.0), [0.0]);
        assert_eq!(solve(vec![0.0; 4], vec![1.0, 2.0]), [0.0, 0.0]);
    }
}
