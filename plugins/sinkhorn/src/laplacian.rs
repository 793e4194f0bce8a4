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
    for first in (0..order.saturating_sub(1)).step_by(PANEL) {
        let last = (first + PANEL).min(order - 1);
        let mut shares = vec![[0.0; PANEL]; order - first];
        for (index, degree) in degrees[first..last].iter_mut().enumerate() {
            *degree = eliminate([first, first + index, last], order, &mut edges, &mut b, &mut shares);
        }
        add_shares([first, last], order, &mut edges, &shares);
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

/// Vertices that are eliminated before the edges between all later ones are brought up to date: each of these is read and written once.
/// Every edge still takes its shares one after another, in the order of the pivots.
const PANEL: usize = 8;

/// Eliminates one vertex of a panel from `first` up to `last` and brings the edges from the panel to all later vertices up to date. Writes
/// the shares of the vertices from `first` on, and gives the degree.
fn eliminate(
    [first, pivot, last]: [usize; 3],
    order: usize,
    edges: &mut [f64],
    b: &mut [f64],
    shares: &mut [[f64; PANEL]],
) -> f64 {
    // Edges to the later vertices stand in the pivot's column.
    let degree: f64 = (pivot + 1..order).map(|row| edges[row * order + pivot]).sum();
    if degree <= f64::MIN_POSITIVE {
        return degree;
    }
    let mut ahead = [0.0; PANEL];
    for row in pivot + 1..order {
        let edge = edges[row * order + pivot];
        let share = edge / degree;
        shares[row - first][pivot - first] = share;
        b[row] += share * b[pivot];
        // The part of the lower triangle in the panel: the vertices between the pivot and this one.
        let end = row.min(last);
        let targets = &mut edges[row * order + pivot + 1..row * order + end.max(pivot + 1)];
        targets.iter_mut().zip(&ahead).for_each(|(edge, other)| *edge += share * other);
        if row < last {
            ahead[row - pivot - 1] = edge;
        }
    }
    degree
}

/// Brings the edges between the vertices after a panel up to date.
fn add_shares([first, last]: [usize; 2], order: usize, edges: &mut [f64], shares: &[[f64; PANEL]]) {
    let width = last - first;
    // Columns of the panel, each in one piece.
    let mut columns = vec![0.0; PANEL * (order - last)];
    for (index, row) in edges[last * order..].chunks_exact(order).enumerate() {
        for (pivot, edge) in row[first..first + width].iter().enumerate() {
            columns[pivot * (order - last) + index] = *edge;
        }
    }
    for row in last..order {
        let targets = &mut edges[row * order + last..row * order + row];
        simd::dispatch(AddShares {
            shares: shares[row - first],
            columns: &columns,
            stride: order - last,
            targets,
        });
    }
}

/// Adds shares of the edges of a panel to those of a later vertex.
struct AddShares<'a> {
    shares: [f64; PANEL],
    columns: &'a [f64],
    stride: usize,
    targets: &'a mut [f64],
}

impl Kernel for AddShares<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { shares, columns, stride, targets } = self;
        let count = targets.len();
        let mut parts: [&[f64]; PANEL] = [&[]; PANEL];
        for (pivot, part) in parts.iter_mut().enumerate() {
            *part = &columns[pivot * stride..][..count];
        }
        for (index, edge) in targets.iter_mut().enumerate() {
            let mut total = *edge;
            for pivot in 0..PANEL {
                total += shares[pivot] * parts[pivot][index];
            }
            *edge = total;
        }
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

    /// Elimination one vertex after another.
    fn plainly(order: usize, mut edges: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
        let mut degrees = vec![0.0; order];
        for pivot in 0..order - 1 {
            let column: Vec<f64> = (pivot + 1..order).map(|row| edges[row * order + pivot]).collect();
            degrees[pivot] = column.iter().sum();
            if degrees[pivot] <= f64::MIN_POSITIVE {
                continue;
            }
            for row in pivot + 1..order {
                let share = column[row - pivot - 1] / degrees[pivot];
                b[row] += share * b[pivot];
                for other in pivot + 1..row {
                    edges[row * order + other] += share * column[other - pivot - 1];
                }
            }
        }
        let mut x = vec![0.0; order];
        for pivot in (0..order - 1).rev().filter(|pivot| degrees[*pivot] > f64::MIN_POSITIVE) {
            let inflow: f64 = (pivot + 1..order).map(|later| edges[later * order + pivot] * x[later]).sum();
            x[pivot] = (b[pivot] + inflow) / degrees[pivot];
        }
        x
    }

    /// Orders around that of a panel, vertices without edges, weights over many orders of magnitude.
    #[test]
    fn panels_change_no_bit() {
        let mut stream = octavo_plugin::Seed(3).stream("edges");
        for order in [1, 2, 7, 8, 9, 10, 16, 17, 40] {
            let edges: Vec<f64> = (0..order * order)
                .map(|index| {
                    let alone = index / order % 5 == 3 || index % order % 5 == 3;
                    if alone { 0.0 } else { octavo_plugin::math::exp(20.0 * stream.normal()) }
                })
                .collect();
            let b = stream.normals(order, 1.0);
            assert_eq!(solve(order, edges.clone(), b.clone()), plainly(order, edges, b), "{order}");
        }
    }
}
