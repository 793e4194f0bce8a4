//! `x * y + z` with one rounding, for machines that have no such instruction and would take long for it.
//!
//! A product is split into itself and its error (Dekker), the three parts are added without error but for the last, which is rounded to odd, so
//! that the final sum rounds as the exact one would (Boldo and Melquiond, *Emulation of a FMA and correctly rounded sums: proved
//! algorithms using rounding to odd*, 2008). Where a part could leave the range of normal numbers, `libm` does it with integers.

/// `x * y + z` with one rounding.
pub(crate) fn fma(x: f64, y: f64, z: f64) -> f64 {
    /// Factors between these have a product whose error is a normal number, and no step overflows: 2^-400 and 2^400.
    const FACTOR: [f64; 2] = [f64::from_bits((1023 - 400) << 52), f64::from_bits((1023 + 400) << 52)];
    /// The same for what is added, 2^-900 and 2^900.
    const SUMMAND: [f64; 2] = [f64::from_bits((1023 - 900) << 52), f64::from_bits((1023 + 900) << 52)];
    let inside = |value: f64, [low, high]: [f64; 2]| value.abs() >= low && value.abs() <= high;
    if inside(x, FACTOR) && inside(y, FACTOR) && (z == 0.0 || inside(z, SUMMAND)) {
        let (product, below) = two_product(x, y);
        let (low, least) = two_sum(z, below);
        let (high, rest) = two_sum(product, low);
        return high + odd_sum(least, rest);
    }
    if x == 0.0 || y == 0.0 {
        // The product is exact, its sign included.
        return x * y + z;
    }
    libm::fma(x, y, z)
}

/// The same in single precision: in f64 a product is exact, and a sum that is rounded to odd there has bits enough to be rounded once more.
pub(crate) fn fmaf(x: f32, y: f32, z: f32) -> f32 {
    odd_sum(f64::from(x) * f64::from(y), f64::from(z)) as f32
}

/// The rounded product, and what it lacks.
fn two_product(x: f64, y: f64) -> (f64, f64) {
    let product = x * y;
    let ((a, b), (c, d)) = (halves(x), halves(y));
    (product, ((a * c - product) + a * d + b * c) + b * d)
}

/// Two numbers of 26 bits whose sum is this one.
fn halves(x: f64) -> (f64, f64) {
    const SPLIT: f64 = 134_217_729.0;
    let shifted = SPLIT * x;
    let high = shifted - (shifted - x);
    (high, x - high)
}

/// The rounded sum, and what it lacks.
fn two_sum(x: f64, y: f64) -> (f64, f64) {
    let sum = x + y;
    let own = sum - x;
    (sum, (x - (sum - own)) + (y - own))
}

/// A sum rounded to odd: if it is not exact, to the neighbour whose last bit is 1.
fn odd_sum(x: f64, y: f64) -> f64 {
    let (sum, rest) = two_sum(x, y);
    let bits = sum.to_bits();
    // Of an infinity nothing is missing that could be told.
    if rest == 0.0 || rest.is_nan() || bits & 1 == 1 {
        return sum;
    }
    let away = (sum > 0.0) == (rest > 0.0);
    f64::from_bits(if away { bits + 1 } else { bits - 1 })
}

#[cfg(test)]
mod tests {
    use super::{fma, fmaf};
    use octavo_plugin::Seed;

    /// Numbers with few and many bits, of all exponents, and neighbours of products.
    fn number(bits: u64, kind: u64) -> f64 {
        let near = |spread: u64| f64::from_bits((bits >> 12) | ((1023 - spread / 2 + bits % spread) << 52));
        match kind % 6 {
            0 => f64::from_bits(bits),
            1 => near(4),
            2 => near(120),
            3 => near(4).round(),
            // Trailing zeros make ties.
            4 => f64::from_bits(near(60).to_bits() & !((1 << 26) - 1)),
            _ => -near(8),
        }
    }

    #[test]
    fn every_bit_is_that_of_the_instruction() {
        let mut stream = Seed(2016).stream("fma");
        for _ in 0..400_000 {
            let [a, b, c, kind] = std::array::from_fn(|_| stream.bits());
            let (x, y, sum) = (number(a, kind), number(b, kind >> 8), number(c, kind >> 16));
            let near = -f64::from_bits((x * y).to_bits().wrapping_add(kind >> 60));
            let scaled = near * f64::from_bits((1023 - 54 + (kind >> 32) % 4) << 52);
            for z in [sum, near, scaled, 0.0, -0.0] {
                let (own, known) = (fma(x, y, z), x.mul_add(y, z));
                let same = own.to_bits() == known.to_bits() || (own.is_nan() && known.is_nan());
                assert!(same, "{x:e} * {y:e} + {z:e} is {known:e}, not {own:e}");
            }
        }
    }

    #[test]
    fn every_bit_is_that_of_the_instruction_in_single_precision() {
        let mut stream = Seed(2016).stream("fmaf");
        for _ in 0..400_000 {
            let [a, b, c] = std::array::from_fn(|_| stream.bits());
            let any = |bits: u64| f32::from_bits((bits >> 32) as u32);
            let near = |bits: u64| any(bits & !(1 << 62 | 0b111_1000 << 55) | 0b011_1111 << 56);
            for [x, y, z] in
                [[any(a), any(b), any(c)], [near(a), near(b), near(c)], [near(a), near(b), any(c)]]
            {
                for z in [z, -(x * y), 0.0, -0.0] {
                    let (own, known) = (fmaf(x, y, z), x.mul_add(y, z));
                    let same = own.to_bits() == known.to_bits() || (own.is_nan() && known.is_nan());
                    assert!(same, "{x:e} * {y:e} + {z:e} is {known:e}, not {own:e}");
                }
            }
        }
    }
}
