//! Bounds on the number of regions of a network from its widths alone, as exact integers.

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

use crate::closed_form::zaslavsky;

/// C(n, k) for k = 0 to `last`.
fn binomials(n: usize, last: usize) -> Vec<BigInt> {
    let next = |before: &mut BigInt, k: usize| {
        let value = before.clone();
        *before = if k < n { value.clone() * (n - k) / (k + 1) } else { BigInt::zero() };
        Some(value)
    };
    (0..=last).scan(BigInt::one(), next).collect()
}

/// What networks of layers of these widths can reach with the right weights (Montúfar et al. 2014, theorem 4): the product
/// of floor(n_l / d)^d over all layers but the last, times the most regions of the last. 1 if a layer before the last is
/// narrower than the domain: the theorem is silent there.
pub fn montufar_lower(widths: &[usize], dimension: usize) -> BigInt {
    let Some((last, before)) = widths.split_last() else { return BigInt::one() };
    let folds = |width: &usize| BigInt::from(width / dimension);
    let power = u32::try_from(dimension).expect("the dimension of a domain is small");
    let folded: BigInt = before.iter().map(|width| folds(width).pow(power)).product();
    (folded * zaslavsky(*last, dimension)).max(BigInt::one())
}

/// More than networks of layers of these widths can reach (Serra et al. 2018, theorem 1): the sum, over numbers j_l of
/// neurons that are off, of the product of C(n_l, j_l), where j_l is at most the rank that the layers before leave.
pub fn serra_upper(widths: &[usize], dimension: usize) -> BigInt {
    // From the last layer on: the number of regions of the rest of the network on a cell whose image has rank r.
    let mut rest = vec![BigInt::one(); dimension + 1];
    for width in widths.iter().rev() {
        let choices = binomials(*width, dimension);
        let regions = |rank: usize| {
            let off = 0..=rank.min(*width);
            off.map(|off| &choices[off] * &rest[rank.min(width - off)]).sum()
        };
        rest = (0..=dimension).map(regions).collect();
    }
    rest.swap_remove(dimension)
}

/// The product over layers of what each can cut a single cell into: O(width^(dimension · depth)) (Raghu et al. 2017,
/// theorem 1).
pub fn raghu_upper(widths: &[usize], dimension: usize) -> BigInt {
    widths.iter().map(|&width| zaslavsky(width, dimension)).product()
}

/// neurons^d / d!: the scale of the mean number of regions of random networks, whatever their depth (Hanin and Rolnick 2019,
/// with their constant set to one).
pub fn hanin_rolnick(neurons: usize, dimension: usize) -> f64 {
    let factorial: BigInt = (1..=dimension).map(BigInt::from).product();
    let power = BigInt::from(neurons).pow(u32::try_from(dimension).expect("the dimension is small"));
    let ratio = |value: BigInt| value.to_f64().unwrap_or(f64::INFINITY);
    ratio(power) / ratio(factorial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closed_form::doubling;

    #[test]
    fn one_layer_has_one_answer() {
        for width in 1..12 {
            for d in 1..5 {
                assert_eq!(serra_upper(&[width], d), zaslavsky(width, d), "{width} in {d}");
                assert_eq!(raghu_upper(&[width], d), zaslavsky(width, d));
                assert_eq!(montufar_lower(&[width], d), zaslavsky(width, d));
            }
        }
        assert_eq!(hanin_rolnick(10, 2), 50.0);
        assert_eq!(serra_upper(&[100], 100), doubling(100));
        assert_eq!(montufar_lower(&[2, 9], 3), BigInt::one());
    }

    #[test]
    fn bounds_are_in_order() {
        for widths in [&[4, 4][..], &[3, 5, 2], &[8, 8, 8], &[2, 9, 1, 4], &[16; 6]] {
            for d in 1..4 {
                let [low, serra, raghu] =
                    [montufar_lower(widths, d), serra_upper(widths, d), raghu_upper(widths, d)];
                assert!(low <= serra && serra <= raghu, "{widths:?} in {d}: {low} {serra} {raghu}");
                let patterns = doubling(widths.iter().sum());
                assert!(serra <= patterns, "{widths:?} in {d}");
            }
        }
    }

    #[test]
    fn small_sums_by_hand() {
        assert_eq!(raghu_upper(&[2, 2], 2), BigInt::from(16));
        // Two layers of two neurons on a line: j_1 = 0 leaves rank 1, j_1 = 1 rank 1, for 3 regions each.
        assert_eq!(serra_upper(&[2, 2], 1), BigInt::from(9));
        // A layer of one neuron leaves rank 1 if it is on and 0 if it is off: 1 · 3 + 1 · 1.
        assert_eq!(serra_upper(&[1, 2], 2), BigInt::from(4));
        assert_eq!(montufar_lower(&[4, 4, 4], 2), BigInt::from(4 * 4 * 11));
    }
}
