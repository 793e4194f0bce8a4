//! Linear systems with a graph Laplacian, solved without a single subtraction.
//!
//! The Hessian of the dual, after one potential is eliminated, is the Laplacian of a graph on the atoms of one measure
//! whose edge between i and k weighs the sum over j of P_ij P_kj / b_j. At small epsilon edges span hundreds of orders of
//! magnitude, and a Cholesky factorisation of the matrix loses the small ones in the diagonal. Eliminating vertices as
//! electrical networks are reduced (star to mesh; Grassmann, Taksar and Heyman 1985) only adds, multiplies and divides
//! positive numbers, so every edge keeps its relative accuracy.

use octavo_plugin::simd::{self, Kernel};

/// Solves L x = b for the Laplacian of the edge weights `edges` (order × order, row-major; only the part below the
/// diagonal is read),
/// with x = 0 at the last vertex. The entries of `b` should add up to 0; what they do not is left at the last vertex.
/// A vertex without an edge to the rest keeps x = 0. Cost order³ / 6 products.
pub(crate) fn solve(order: usize, mut edges: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
    let mut degrees = vec![0.0; order];
    for pivot in 0..order.saturating_sub(1) {
        let (_, rest) = edges.split_at_mut((pivot + 1) * order);
        // Edges to the later vertices stand in the pivot's column.
        let column: Vec<f64> = rest.chunks_exact(order).map(|row| row[pivot]).collect();
        let degree: f64 = column.iter().sum();
        degrees[pivot] = degree;
        if degree <= f64::MIN_POSITIVE {
            continue;
        }
        let flow = b[pivot];
        for (index, row) in rest.chunks_exact_mut(order).enumerate() {
            let share = column[index] / degree;
            if share == 0.0 {
                continue;
            }
            b[pivot + 1 + index] += share * flow;
            // The lower triangle: vertices between the pivot and this one.
            let targets = &mut row[pivot + 1..pivot + 1 + index];
            simd::dispatch(AddShare { share, column: &column, targets });
        }
    }
    let mut x = vec![0.0; order];
    for pivot in (0..order.saturating_sub(1)).rev() {
        if degrees[pivot] > f64::MIN_POSITIVE {
            let inflow: f64 = (pivot + 1..order).map(|later| edges[later * order + pivot] * x[later]).sum();
            x[pivot] = (b[pivot] + inflow) / degrees[pivot];
        }
    }
    x
}

/// Adds a share of the pivot's edges to those of another vertex.
struct AddShare<'a> {
    share: f64,
    column: &'a [f64],
    targets: &'a mut [f64],
}

impl Kernel for AddShare<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.targets.iter_mut().zip(self.column).for_each(|(edge, other)| *edge += self.share * other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_resistors() {
        // 0 -1- 1 -1e-40- 2 with a unit current from 0 to 2: potentials 1e40 + 1, 1e40, 0.
        let edges = vec![0.0, 1.0, 0.0, 1.0, 0.0, 1e-40, 0.0, 1e-40, 0.0];
        assert_eq!(solve(3, edges, vec![1.0, 0.0, -1.0]), [1e40, 1e40, 0.0]);
    }

    #[test]
    fn the_residual_is_small_on_a_full_graph() {
        let order = 7_usize;
        let weight = |i: usize, j: usize| 1.0 / f64::from(u32::try_from(1 + i * j + i + j).unwrap());
        let edges: Vec<f64> = (0..order * order).map(|index| weight(index / order, index % order)).collect();
        let mut b: Vec<f64> = (0..6).map(|i| f64::from(i) - 1.3).collect();
        b.push(-b.iter().sum::<f64>());
        let x = solve(order, edges, b.clone());
        for i in 0..order {
            let flow: f64 = (0..order).filter(|j| *j != i).map(|j| weight(i, j) * (x[i] - x[j])).sum();
            assert!((flow - b[i]).abs() < 1e-13, "{flow} {}", b[i]);
        }
    }
}
