//! The Julia set of z² + c for Douady's rabbit, along its external angles.

use octavo_plugin::math;

use crate::shape::{Point, Segment};

/// The centre of the component: c³ + 2c² + c + 1 = 0, with positive imaginary part.
const C: Point = [-0.122_561_166_876_653_62, 0.744_861_766_619_744_2];
/// The angles of the table: multiples of 2^-12.
const BITS: u32 = 12;

/// The point of the set with an external angle: γ(θ)² + c = γ(2θ), and γ(θ + 1/2) = -γ(θ).
struct Rays {
    table: Vec<Point>,
}

impl Rays {
    /// Draws a large circle back along the rays until it does not move any more.
    fn new() -> Self {
        let size = 1_u32 << BITS;
        let at = |k: u32| {
            let (sin, cos) = math::sin_cos(std::f64::consts::TAU * f64::from(k) / f64::from(size));
            [4.0 * cos, 4.0 * sin]
        };
        let mut table: Vec<Point> = (0..size).map(at).collect();
        for _ in 0..100 {
            table = (0..table.len()).map(|k| back(table[2 * k % table.len()], table[k])).collect();
        }
        Self { table }
    }

    /// γ(index / 2^bits).
    fn point(&self, index: u64, bits: u32) -> Point {
        let steps = bits - BITS;
        let entry = |index: u64| self.table[(index & ((1 << BITS) - 1)) as usize];
        (0..steps).rev().fold(entry(index), |z, doubled| {
            let near = (index << doubled & ((1 << bits) - 1)) >> steps;
            let [a, b] = [entry(near), entry(near + 1)];
            back(z, [a[0] + b[0], a[1] + b[1]])
        })
    }
}

/// The root of z - c on the side of `near`.
fn back(z: Point, near: Point) -> Point {
    let [x, y] = [z[0] - C[0], z[1] - C[1]];
    let size = (x * x + y * y).sqrt();
    let [re, im] = [(0.5 * (size + x)).max(0.0).sqrt(), (0.5 * (size - x)).max(0.0).sqrt()];
    let root = [re, if y < 0.0 { -im } else { im }];
    if root[0] * near[0] + root[1] * near[1] < 0.0 { [-root[0], -root[1]] } else { root }
}

/// A polygon along the set, 2^level units across: its corners belong to the set, and where the set leaves a side it stays
/// near it. An arc of angles is halved until its ends and its middle are within half a unit of each other.
pub(super) fn polygon(level: u32) -> (Vec<Segment>, f64) {
    let rays = Rays::new();
    let extent = |axis: usize| {
        let of = |fold: fn(f64, f64) -> f64, start: f64| {
            rays.table.iter().fold(start, |all, point| fold(all, point[axis]))
        };
        of(f64::max, f64::NEG_INFINITY) - of(f64::min, f64::INFINITY)
    };
    let unit = extent(0).max(extent(1)) / math::powi(2.0, level.cast_signed());
    let far = |a: Point, b: Point| math::hypot(a[0] - b[0], a[1] - b[1]) > 0.5 * unit;
    let mut segments = Vec::new();
    let ends = |k: u64| [rays.point(k, BITS), rays.point(k + 1, BITS)];
    let mut open: Vec<(u64, u32, Segment)> = (0..1 << BITS).map(|k| (k, BITS, ends(k))).collect();
    while let Some((index, bits, [a, b])) = open.pop() {
        let middle = rays.point(2 * index + 1, bits + 1);
        if bits < 60 && (far(a, middle) || far(middle, b) || far(a, b)) {
            open.extend([(2 * index, bits + 1, [a, middle]), (2 * index + 1, bits + 1, [middle, b])]);
        } else {
            segments.extend([[a, middle], [middle, b]]);
        }
    }
    (segments, unit)
}
