//! Numbers of regions from closed formulas, as integers of any size.

use num_bigint::BigInt;
use num_traits::One;

/// The most regions into which `hyperplanes` can cut a space of this dimension: the sum of C(n, i) for i <= d (Zaslavsky
/// 1975), reached in general position.
pub fn zaslavsky(hyperplanes: usize, dimension: usize) -> BigInt {
    let mut binomial = BigInt::one();
    let mut sum = BigInt::one();
    for i in 1..=dimension.min(hyperplanes) {
        binomial = binomial * (hyperplanes + 1 - i) / i;
        sum += &binomial;
    }
    sum
}

/// 2^n.
pub fn doubling(folds: usize) -> BigInt {
    BigInt::one() << folds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers() {
        let plane: Vec<BigInt> = (0..6).map(|n| zaslavsky(n, 2)).collect();
        assert_eq!(plane, [1, 2, 4, 7, 11, 16].map(BigInt::from));
        assert_eq!(zaslavsky(1000, 2), BigInt::from(500_501));
        assert_eq!(zaslavsky(1000, 3), BigInt::from(166_667_501));
        assert_eq!(zaslavsky(1000, 1000), doubling(1000));
        assert_eq!(doubling(1000).to_string().len(), 302);
        assert!(
            zaslavsky(1000, 46) < BigInt::from(10).pow(80) && zaslavsky(1000, 47) > BigInt::from(10).pow(80)
        );
    }

    #[test]
    fn pascal_adds_a_hyperplane() {
        for n in 1..40 {
            for d in 1..12 {
                assert_eq!(zaslavsky(n, d), zaslavsky(n - 1, d) + zaslavsky(n - 1, d - 1));
            }
        }
    }
}
