//! Centres of components of the Mandelbrot set, how large they are, and points whose orbit falls on a repelling cycle.

use octavo_plugin::math;

use crate::complex::{Complex, ONE, abs, add, div, mul, scale, square, sub, turn};
use crate::interior::next;

/// A component of the interior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Centre {
    /// The period of its attracting cycle.
    pub period: u32,
    /// The c for which 0 lies on the cycle.
    pub c: Complex,
    /// The component's size and direction, as a factor of the whole set's: the whole cardioid has 1.
    pub size: Complex,
    /// Whether it is the body of a copy of the whole set, a cardioid; a disc on another component if not.
    pub copy: bool,
}

/// The centres of all components of the periods from 1 to `most` (at most 10), by period and from left to right.
pub fn centres(most: u32) -> Vec<Centre> {
    let mut found = Vec::new();
    for period in 1..=most {
        let roots = roots(period);
        let mut exact: Vec<Complex> =
            roots.into_iter().filter(|c| exact_period(*c, period) == period).collect();
        exact.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        found.extend(exact.into_iter().map(|c| component(c, period)));
    }
    found
}

/// z_period(c) and its derivative by c.
fn value(c: Complex, period: u32) -> (Complex, Complex) {
    let step = |(z, slope): (Complex, Complex), _| (next(z, c), add(scale(2.0, mul(z, slope)), ONE));
    (0..period).fold(([0.0; 2], [0.0; 2]), step)
}

/// All zeros of z_period, a polynomial in c of degree 2^(period - 1), by Aberth's method from points on a circle. Zeros on
/// the real axis and pairs about it are made exactly so.
fn roots(period: u32) -> Vec<Complex> {
    let degree = 1_usize << (period - 1);
    let start = |index: usize| add([-0.5, 0.0], scale(1.6, turn((index as f64 + 0.37) / degree as f64)));
    let mut roots: Vec<Complex> = (0..degree).map(start).collect();
    for _ in 0..400 {
        let mut moved = 0.0_f64;
        for index in 0..degree {
            let at = roots[index];
            let (z, slope) = value(at, period);
            let newton = div(z, slope);
            let others = roots.iter().enumerate().filter(|(other, _)| *other != index);
            let pull = others.fold([0.0; 2], |sum, (_, other)| add(sum, div(ONE, sub(at, *other))));
            let by = div(newton, sub(ONE, mul(newton, pull)));
            if square(by).is_finite() {
                roots[index] = sub(at, by);
                moved = moved.max(abs(by));
            }
        }
        if moved < 1e-15 {
            break;
        }
    }
    roots.into_iter().map(|c| polish(c, period)).collect()
}

/// A few steps of Newton's method, the last of which only rounding moves.
fn polish(mut c: Complex, period: u32) -> Complex {
    for _ in 0..6 {
        let (z, slope) = value(c, period);
        let by = div(z, slope);
        if square(by).is_finite() {
            c = sub(c, by);
        }
    }
    if c[1].abs() < 1e-13 { [c[0], 0.0] } else { c }
}

/// The smallest divisor of the period after which the orbit is back at 0.
fn exact_period(c: Complex, period: u32) -> u32 {
    let back = |divisor: &u32| period.is_multiple_of(*divisor) && abs(value(c, *divisor).0) < 1e-7;
    (1..period).find(back).unwrap_or(period)
}

/// Size and shape of the component around a centre.
pub fn component(c: Complex, period: u32) -> Centre {
    Centre { period, c, size: size(c, period), copy: is_cardioid(c, period) }
}

/// 1 / (b l²) with l the derivative of z_(period - 1) by z_1 and b the sum of the inverses of the derivatives on the way.
fn size(c: Complex, period: u32) -> Complex {
    let (mut z, mut l, mut b) = ([0.0; 2], ONE, ONE);
    for _ in 1..period {
        z = next(z, c);
        l = scale(2.0, mul(z, l));
        b = add(b, div(ONE, l));
    }
    div(ONE, mul(b, mul(l, l)))
}

/// Dolotin and Morozov's quantity, near 0 for a cardioid and near 1 for a disc.
fn is_cardioid(c: Complex, period: u32) -> bool {
    let (mut z, mut dc, mut dz) = (c, ONE, ONE);
    let (mut dcdc, mut dcdz) = ([0.0; 2], [0.0; 2]);
    for _ in 1..period {
        dcdc = scale(2.0, add(mul(z, dcdc), mul(dc, dc)));
        dcdz = scale(2.0, add(mul(z, dcdz), mul(dc, dz)));
        dc = add(scale(2.0, mul(z, dc)), ONE);
        dz = scale(2.0, mul(z, dz));
        z = next(z, c);
    }
    let sum = add(div(dcdc, scale(2.0, dc)), div(dcdz, dz));
    let shape = scale(-1.0, div(sum, mul(dc, dz)));
    square(shape) < square(sub(shape, ONE))
}

/// A point whose critical orbit falls on a repelling cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Misiurewicz {
    /// The point.
    pub c: Complex,
    /// The derivative once around the cycle.
    pub multiplier: Complex,
    /// By what the set about the point has to be turned and stretched to look like the Julia set about it (Tan Lei).
    pub factor: Complex,
}

/// The Misiurewicz point that Newton's method comes to from `near`, of which z_preperiod is the first value on the cycle;
/// `None` if it comes to none.
pub fn misiurewicz(near: Complex, preperiod: u32, period: u32) -> Option<Misiurewicz> {
    let mut c = near;
    for _ in 0..100 {
        let ((a, da), (b, db)) = (value(c, preperiod), value(c, preperiod + period));
        let by = div(sub(b, a), sub(db, da));
        c = sub(c, by);
        if !square(c).is_finite() {
            return None;
        }
        if abs(by) < 1e-16 {
            break;
        }
    }
    let z = value(c, preperiod).0;
    let around = (0..period).fold((z, ONE), |(z, slope), _| (next(z, c), scale(2.0, mul(z, slope))));
    // Already the value before must not be on the cycle, and the cycle must repel.
    let (early, late) = (value(c, preperiod - 1).0, value(c, preperiod - 1 + period).0);
    if abs(sub(around.0, z)) > 1e-6 || abs(around.1) <= 1.0 + 1e-9 || abs(sub(early, late)) < 1e-6 {
        return None;
    }
    Some(Misiurewicz { c, multiplier: around.1, factor: factor(c, preperiod, period, around.1) })
}

/// A / B, where the value on the cycle moves by A against the cycle as c moves, and by B as the point z_1 = c moves.
fn factor(c: Complex, preperiod: u32, period: u32, multiplier: Complex) -> Complex {
    let (z, by_c) = value(c, preperiod);
    // The cycle: f^period(w, c) = w, so w' = ∂f/∂c / (1 - multiplier).
    let step = |(w, slope): (Complex, Complex), _| (next(w, c), add(scale(2.0, mul(w, slope)), ONE));
    let along = (0..period).fold((z, [0.0; 2]), step).1;
    let cycle = div(along, sub(ONE, multiplier));
    let orbit = (1..preperiod).fold((c, ONE), |(w, slope), _| (next(w, c), scale(2.0, mul(w, slope))));
    div(sub(by_c, cycle), orbit.1)
}

/// The angle of a complex number in turns, from -1/2 to 1/2.
pub fn turns(a: Complex) -> f64 {
    math::atan2(a[1], a[0]) / std::f64::consts::TAU
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_components_as_is_known() {
        let found = centres(8);
        let count = |period| found.iter().filter(|centre| centre.period == period).count();
        assert_eq!((1..=8).map(count).collect::<Vec<_>>(), [1, 1, 3, 6, 15, 27, 63, 120]);
        for centre in &found {
            assert!(abs(value(centre.c, centre.period).0) < 1e-8, "{centre:?}");
        }
    }

    #[test]
    fn the_copy_of_period_three() {
        let copy = centres(3).into_iter().find(|centre| centre.period == 3 && centre.copy).unwrap();
        assert!((copy.c[0] + 1.754_877_666_246_692_8).abs() < 1e-14 && copy.c[1] == 0.0);
        assert!((copy.size[0] - 0.019_036).abs() < 1e-6, "{:?}", copy.size);
        let shapes: Vec<bool> = centres(3).iter().map(|centre| centre.copy).collect();
        assert_eq!(shapes, [true, false, true, false, false]);
    }

    #[test]
    fn misiurewicz_points() {
        let i = misiurewicz([0.01, 0.98], 2, 2).unwrap();
        assert!(abs(sub(i.c, [0.0, 1.0])) < 1e-15 && abs(sub(i.factor, [0.8, -0.4])) < 1e-12, "{i:?}");
        assert!(abs(sub(i.multiplier, [4.0, 4.0])) < 1e-12);
        let tip = misiurewicz([-1.98, 0.01], 2, 1).unwrap();
        assert!(abs(sub(tip.c, [-2.0, 0.0])) < 1e-14 && abs(sub(tip.multiplier, [4.0, 0.0])) < 1e-12);
        // The cycle is that of z_1 already, or there is none near.
        assert_eq!(misiurewicz([0.0, 0.0], 1, 1), None);
    }
}
