//! Eigenvalues and eigenvectors of small symmetric matrices by cyclic Jacobi rotations.
//!
//! Rotations run in a fixed order, so the result is the same everywhere; n³ operations a sweep, quadratic convergence
//! (Golub and Van Loan, Matrix Computations, section 8.5).

/// Eigenvalues in descending order with their unit eigenvectors. The sign of a vector is fixed: its entry of largest
/// magnitude (the first of equals) is positive.
///
/// # Panics
/// If `matrix` is not n × n.
pub fn symmetric(n: usize, matrix: &[f64]) -> Vec<(f64, Vec<f64>)> {
    assert_eq!(matrix.len(), n * n, "the matrix is square");
    let mut a = matrix.to_vec();
    // Row k is the k-th vector.
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|k| vectors[k * n + k] = 1.0);
    let scale = a.iter().fold(0.0, |scale: f64, x| scale.max(x.abs()));
    for _ in 0..40 {
        let off = (0..n)
            .flat_map(|p| (0..p).map(move |q| (p, q)))
            .fold(0.0, |off: f64, (p, q)| off.max(a[p * n + q].abs()));
        if off <= 1e-15 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p * n + q].abs() > 1e-17 * scale {
                    rotate(n, &mut a, &mut vectors, p, q);
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|p, q| a[q * n + q].total_cmp(&a[p * n + p]).then(p.cmp(q)));
    order.into_iter().map(|k| (a[k * n + k], with_sign(&vectors[k * n..(k + 1) * n]))).collect()
}

fn rotate(n: usize, a: &mut [f64], vectors: &mut [f64], p: usize, q: usize) {
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
    let t = 1.0_f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
    for matrix in [a, vectors] {
        for k in 0..n {
            let (x, y) = (matrix[p * n + k], matrix[q * n + k]);
            (matrix[p * n + k], matrix[q * n + k]) = (c * x - s * y, s * x + c * y);
        }
    }
}

/// The vector or its opposite: the entry of largest magnitude is positive.
pub fn with_sign(vector: &[f64]) -> Vec<f64> {
    let largest = vector.iter().fold(0.0, |best: f64, x| if x.abs() > best.abs() { *x } else { best });
    vector.iter().map(|x| if largest < 0.0 { -x } else { *x }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    #[test]
    fn vectors_are_eigenvectors() {
        let n = 12;
        let draws = Seed(9).stream("eigen").normals(n * n, 1.0);
        let matrix: Vec<f64> = (0..n * n).map(|k| draws[k] + draws[(k % n) * n + k / n]).collect();
        let pairs = symmetric(n, &matrix);
        assert!(pairs.windows(2).all(|pair| pair[0].0 >= pair[1].0));
        for (value, vector) in &pairs {
            for row in 0..n {
                let image: f64 = (0..n).map(|k| matrix[row * n + k] * vector[k]).sum();
                assert!((image - value * vector[row]).abs() < 1e-13);
            }
        }
        let trace: f64 = (0..n).map(|k| matrix[k * n + k]).sum();
        assert!((pairs.iter().map(|pair| pair.0).sum::<f64>() - trace).abs() < 1e-12);
    }
}
