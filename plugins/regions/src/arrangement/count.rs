//! Regions of hyperplanes in any dimension, counted.
//!
//! **Method.** A hyperplane that is added to an arrangement cuts as many regions as its own intersections with the others
//! cut it into: r(A + H) = r(A) + r(A on H) (deletion and restriction). On H one coordinate is eliminated. In a space of
//! more dimensions than hyperplanes, coordinates beyond the rank of the normals change nothing and are eliminated first.
//!
//! **Exactness.** Coefficients are whole numbers. They are taken modulo the prime 2^61 - 1: what is not zero there is not zero.
//! If all that could vanish does not, the count is exact; else it is made once more with fractions of whole numbers.
//!
//! **Cost.** As many steps as there are regions.

use num_bigint::{BigInt, Sign};
use num_traits::{One, Zero};
use octavo_plugin::{Failure, Rows, RunContext, Stream};

use super::params::ArrangementParams;
use crate::closed_form::zaslavsky;

/// Numbers in which one can divide.
trait Field: Clone + Ord {
    /// Whether zero means zero, and not just a multiple of the modulus.
    const EXACT: bool;

    fn of(value: i64) -> Self;
    fn is_zero(&self) -> bool;
    /// `self - factor · other`.
    fn less(&self, factor: &Self, other: &Self) -> Self;
    fn times(&self, other: &Self) -> Self;
    /// `1 / self`, of what is not zero.
    fn inverse(&self) -> Self;
}

/// A number modulo 2^61 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Residue(u64);

const PRIME: u64 = (1 << 61) - 1;

fn product(a: u64, b: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) % u128::from(PRIME)).expect("a remainder is below the prime")
}

impl Field for Residue {
    const EXACT: bool = false;

    fn of(value: i64) -> Self {
        let size = value.unsigned_abs() % PRIME;
        Self(if value < 0 { (PRIME - size) % PRIME } else { size })
    }

    fn is_zero(&self) -> bool {
        self.0 == 0
    }

    fn less(&self, factor: &Self, other: &Self) -> Self {
        Self((self.0 + PRIME - product(factor.0, other.0)) % PRIME)
    }

    fn times(&self, other: &Self) -> Self {
        Self(product(self.0, other.0))
    }

    fn inverse(&self) -> Self {
        // Fermat: the inverse is the power p - 2.
        let (mut inverse, mut square, mut exponent) = (1, self.0, PRIME - 2);
        while exponent > 0 {
            if exponent & 1 == 1 {
                inverse = product(inverse, square);
            }
            square = product(square, square);
            exponent >>= 1;
        }
        Self(inverse)
    }
}

/// A reduced fraction with a positive denominator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fraction(BigInt, BigInt);

impl Fraction {
    fn new(top: BigInt, bottom: BigInt) -> Self {
        let (mut a, mut b) =
            (BigInt::from(top.magnitude().clone()), BigInt::from(bottom.magnitude().clone()));
        while !b.is_zero() {
            (a, b) = (b.clone(), a % b);
        }
        let divisor = if bottom.sign() == Sign::Minus { -a } else { a };
        Self(top / &divisor, bottom / divisor)
    }
}

impl Field for Fraction {
    const EXACT: bool = true;

    fn of(value: i64) -> Self {
        Self(value.into(), BigInt::one())
    }

    fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    fn less(&self, factor: &Self, other: &Self) -> Self {
        let (top, bottom) = (&factor.0 * &other.0, &factor.1 * &other.1);
        Self::new(&self.0 * &bottom - top * &self.1, &self.1 * bottom)
    }

    fn times(&self, other: &Self) -> Self {
        Self::new(&self.0 * &other.0, &self.1 * &other.1)
    }

    fn inverse(&self) -> Self {
        Self::new(self.1.clone(), self.0.clone())
    }
}

/// A hyperplane's normal and, last, its offset.
type Row<F> = Vec<F>;

/// The rows with columns that change nothing left out: column operations leave as many as the normals have rank. `None` if
/// something vanishes that may not be zero.
fn reduced<F: Field>(mut rows: Vec<Row<F>>) -> Option<Vec<Row<F>>> {
    let dimension = rows.first().map_or(0, Vec::len) - 1;
    let mut rank = 0;
    for index in 0..rows.len() {
        if rank == dimension {
            break;
        }
        let Some(pivot) = (rank..dimension).find(|&column| !rows[index][column].is_zero()) else {
            if F::EXACT {
                continue;
            }
            return None;
        };
        rows.iter_mut().for_each(|row| row.swap(rank, pivot));
        let inverse = rows[index][rank].inverse();
        let factors: Vec<F> = rows[index].iter().map(|entry| entry.times(&inverse)).collect();
        for row in &mut rows[index..] {
            let lead = row[rank].clone();
            for column in rank + 1..dimension {
                row[column] = row[column].less(&factors[column], &lead);
            }
        }
        rank += 1;
    }
    for row in &mut rows {
        row.drain(rank..dimension);
    }
    Some(rows)
}

/// The number of regions of hyperplanes with normals of one length. `None` if something vanishes that may not be zero.
fn count<F: Field>(rows: &[Row<F>]) -> Option<u64> {
    let dimension = rows.first().map_or(1, |row| row.len() - 1);
    match dimension {
        0 => return Some(1),
        1 => return points(rows),
        _ => {}
    }
    let mut regions = 1;
    for (index, newest) in rows.iter().enumerate() {
        let Some(pivot) = (0..dimension).find(|&column| !newest[column].is_zero()) else {
            if F::EXACT {
                // An equation without a normal is no hyperplane.
                continue;
            }
            return None;
        };
        let inverse = newest[pivot].inverse();
        let mut restricted: Vec<Row<F>> = Vec::with_capacity(index);
        let mut known = false;
        for row in &rows[..index] {
            let factor = row[pivot].times(&inverse);
            let columns = (0..=dimension).filter(|&column| column != pivot);
            let on: Row<F> = columns.map(|column| row[column].less(&factor, &newest[column])).collect();
            if !on[..dimension - 1].iter().all(F::is_zero) {
                restricted.push(on);
            } else if !F::EXACT {
                return None;
            } else {
                // Parallel to the newest, or the newest itself.
                known |= on[dimension - 1].is_zero() && !row[..dimension].iter().all(F::is_zero);
            }
        }
        if !known {
            regions += count(&restricted)?;
        }
    }
    Some(regions)
}

/// The number of intervals between points of a line.
fn points<F: Field>(rows: &[Row<F>]) -> Option<u64> {
    if !F::EXACT && rows.iter().any(|row| row[0].is_zero()) {
        return None;
    }
    let places = rows.iter().filter(|row| !row[0].is_zero());
    let mut places: Vec<F> = places.map(|row| row[1].times(&row[0].inverse())).collect();
    let all = places.len();
    places.sort_unstable();
    places.dedup();
    (F::EXACT || places.len() == all).then_some(places.len() as u64 + 1)
}

/// The number of regions of hyperplanes with whole coefficients: for each its normal and, last, its offset.
fn regions(rows: &[Vec<i64>]) -> u64 {
    fn of<F: Field>(rows: &[Vec<i64>]) -> Option<u64> {
        let rows = rows.iter().map(|row| row.iter().map(|entry| F::of(*entry)).collect()).collect();
        count(&reduced::<F>(rows)?)
    }
    of::<Residue>(rows).or_else(|| of::<Fraction>(rows)).expect("fractions leave no doubt")
}

/// Hyperplanes with random whole coefficients.
fn random(count: usize, dimension: usize, stream: &mut Stream) -> Vec<Vec<i64>> {
    let mut coefficient = || i64::try_from(stream.below(2_000_001)).expect("a small number") - 1_000_000;
    (0..count).map(|_| (0..=dimension).map(|_| coefficient()).collect()).collect()
}

/// A number of random hyperplanes in a space.
pub(super) struct Counted {
    n: usize,
    dimension: usize,
    regions: u64,
}

/// The columns of the table `arrangements`.
pub(super) fn columns() -> Rows<Counted> {
    Rows::<Counted>::new("A number of random hyperplanes in a space of some dimension")
        .integer("n", "hyperplanes", |row| row.n)
        .integer("dimension", "dimension", |row| row.dimension)
        .big("counted", "regions counted", |row| BigInt::from(row.regions))
        .big("zaslavsky", "regions by the formula", |row| zaslavsky(row.n, row.dimension))
}

/// For each dimension and number of hyperplanes, the regions counted.
///
/// # Errors
/// If the run is stopped.
pub(super) fn counted(params: &ArrangementParams, context: &RunContext<'_>) -> Result<Vec<Counted>, Failure> {
    let mut rows = Vec::new();
    for (step, &dimension) in params.dimensions.iter().enumerate() {
        context.step(step as u64, params.dimensions.len() as u64)?;
        let hyperplanes = random(params.hyperplanes, dimension, &mut context.stream("arrangement"));
        for n in 1..=params.hyperplanes {
            context.go_on()?;
            rows.push(Counted { n, dimension, regions: regions(&hyperplanes[..n]) });
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    #[test]
    fn random_hyperplanes_are_in_general_position() {
        let mut stream = Seed(1).stream("hyperplanes");
        for (n, d) in [(1, 1), (9, 1), (40, 2), (12, 3), (10, 5), (9, 9), (10, 30), (8, 1000)] {
            let rows = random(n, d, &mut stream);
            assert_eq!(BigInt::from(regions(&rows)), zaslavsky(n, d), "{n} in {d}");
        }
    }

    /// x_i = x_j for all pairs.
    fn braid(dimension: usize) -> Vec<Vec<i64>> {
        let pairs = (0..dimension).flat_map(|i| (0..i).map(move |j| (i, j)));
        let row =
            |(i, j): (usize, usize)| (0..=dimension).map(|k| i64::from(k == i) - i64::from(k == j)).collect();
        pairs.map(row).collect()
    }

    #[test]
    fn known_arrangements_in_special_position() {
        assert_eq!([2, 3, 4, 5].map(|d| regions(&braid(d))), [2, 6, 24, 120]);
        let axes = |d: usize| -> Vec<Vec<i64>> {
            (0..d).map(|i| (0..=d).map(|k| i64::from(k == i)).collect()).collect()
        };
        assert_eq!([1, 2, 3, 6].map(|d| regions(&axes(d))), [2, 4, 8, 64]);
        // Parallel lines, a copy, a line through a point where two meet, and no line.
        assert_eq!(regions(&[vec![1, 0, 0], vec![2, 0, 2], vec![-3, 0, 3]]), 4);
        assert_eq!(regions(&[vec![1, 0, 1], vec![2, 0, 2]]), 2);
        assert_eq!(regions(&[vec![1, 0, 0], vec![0, 1, 0], vec![1, 1, 0]]), 6);
        assert_eq!(regions(&[vec![1, 0, 0], vec![0, 0, 5], vec![0, 0, 0]]), 2);
    }

    #[test]
    fn both_fields_agree() {
        let mut stream = Seed(2).stream("small");
        for _ in 0..200 {
            let mut entry = || i64::try_from(stream.below(5)).unwrap() - 2;
            let rows: Vec<Vec<i64>> = (0..6).map(|_| (0..4).map(|_| entry()).collect()).collect();
            let exact: Vec<Row<Fraction>> =
                rows.iter().map(|row| row.iter().map(|x| Fraction::of(*x)).collect()).collect();
            assert_eq!(Some(regions(&rows)), count(&exact), "{rows:?}");
        }
    }
}
