//! Functions that networks are trained to fit, on the unit interval or square.

use octavo_plugin::math;

use crate::params::Target;

/// Number of terms of the Takagi function; the rest is below 2^-20.
const TERMS: u32 = 20;

/// Number of steps after which a point counts as a member.
const STEPS: u32 = 100;

/// Number of halvings of the dragon, with pieces of size 2^-10.
const HALVINGS: u32 = 20;

/// The target at a point of the unit interval or square. In two dimensions functions of one variable are averaged.
pub(crate) fn value(target: Target, teeth: u32, point: &[f64]) -> f64 {
    let mean = |function: &dyn Fn(f64) -> f64| {
        #[expect(clippy::cast_precision_loss, reason = "one or two coordinates")]
        let count = point.len() as f64;
        point.iter().map(|x| function(*x)).sum::<f64>() / count
    };
    match target {
        Target::Sawtooth => mean(&|x| triangle(f64::from(teeth) * x)),
        Target::Smooth => mean(&|x| 0.5 + 0.5 * math::sin(std::f64::consts::TAU * x)),
        Target::Takagi => mean(&takagi),
        Target::Dragon => {
            f64::from(u8::from(in_dragon([1.5 * point[0] - 1.0 / 3.0, point[1] - 1.0 / 3.0], HALVINGS)))
        }
        Target::Mandelbrot => {
            f64::from(u8::from(in_mandelbrot([2.5 * point[0] - 2.0, 2.5 * point[1] - 1.25])))
        }
    }
}

/// Up from 0 to 1 on every interval [k, k + 1/2], and down again.
fn triangle(x: f64) -> f64 {
    1.0 - (2.0 * (x - x.floor()) - 1.0).abs()
}

/// The sum of 2^-k triangle(2^k x) / 2 (Takagi 1903), between 0 and 2/3.
fn takagi(x: f64) -> f64 {
    let term = |(sum, scale): (f64, f64), _| (sum + triangle(x * scale) / (2.0 * scale), 2.0 * scale);
    (0..TERMS).fold((0.0, 1.0), term).0
}

/// Whether c stays within distance 2 under z² + c.
fn in_mandelbrot([x, y]: [f64; 2]) -> bool {
    let (mut u, mut v) = (0.0, 0.0);
    for _ in 0..STEPS {
        (u, v) = (u * u - v * v + x, 2.0 * u * v + y);
        if u * u + v * v > 4.0 {
            return false;
        }
    }
    true
}

/// Whether a point lies in the dragon with ends 0 and 1, up to pieces of size 2^(-halvings/2). The dragon consists of two
/// copies, (1+i)/2 z and 1 - (1-i)/2 z, and lies in the rectangle [-1/3, 7/6] × [-1/3, 2/3].
fn in_dragon([x, y]: [f64; 2], halvings: u32) -> bool {
    let third = 1.0 / 3.0;
    if !(-third..=3.5 * third).contains(&x) || !(-third..=2.0 * third).contains(&y) {
        return false;
    }
    // Back through either copy: z (1-i), and (1-z) (1+i).
    halvings == 0
        || in_dragon([x + y, y - x], halvings - 1)
        || in_dragon([1.0 - x + y, 1.0 - x - y], halvings - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!([0.0, 0.125, 0.25, 0.5].map(|x| value(Target::Sawtooth, 2, &[x])), [0.0, 0.5, 1.0, 0.0]);
        assert_eq!(value(Target::Smooth, 1, &[0.25]), 1.0);
        // Takagi: 1/2 at 1/2 and 1/4, and the greatest value 2/3 at 1/3.
        assert!((value(Target::Takagi, 1, &[0.5]) - 0.5).abs() < 1e-12);
        assert!((value(Target::Takagi, 1, &[0.25]) - 0.5).abs() < 1e-12);
        assert!((value(Target::Takagi, 1, &[1.0 / 3.0]) - 2.0 / 3.0).abs() < 1e-5);
        assert_eq!(value(Target::Sawtooth, 1, &[0.5, 0.0]), 0.5);
    }

    #[test]
    fn members_of_the_mandelbrot_set() {
        for ([x, y], member) in
            [([0.0, 0.0], true), ([-1.0, 0.0], true), ([0.5, 0.5], false), ([-2.0, 0.1], false)]
        {
            assert_eq!(in_mandelbrot([x, y]), member, "{x} {y}");
        }
    }

    #[test]
    fn the_dragon_has_area_one_half_and_holds_its_curve() {
        for end in [[0.0, 0.0], [1.0, 0.0], [0.5, 0.5]] {
            assert!(in_dragon(end, 30), "{end:?}");
        }
        let side = 300;
        let points =
            (0..side * side).map(|k| [(k % side) as f64, (k / side) as f64].map(|x| (x + 0.5) / side as f64));
        let members = points.filter(|point| value(Target::Dragon, 1, point) == 1.0).count();
        let area = 1.5 * members as f64 / (side * side) as f64;
        // From outside: pieces of size 2^-10 along a boundary of dimension 1.52.
        assert!(area > 0.49 && area < 0.54, "{area}");
    }
}
