//! What points of a curve are: integers of a lattice where the fold angle has one, else pairs of floats.

use std::fmt::Debug;

use octavo_plugin::math::sin_cos;

/// Points that can be added and turned. A heading counts turns of the curve; heading 0 is the direction of x.
pub trait Plane: Clone + Sync {
    /// A point or displacement.
    type Point: Copy + Debug + PartialEq + Send + Sync;

    /// Whether sums are exact, whatever their order.
    const EXACT: bool;

    /// The first segment: length 1, heading 0.
    fn unit(&self) -> Self::Point;
    /// The null vector.
    fn origin(&self) -> Self::Point;
    /// The sum.
    fn add(&self, a: Self::Point, b: Self::Point) -> Self::Point;
    /// The difference.
    fn subtract(&self, a: Self::Point, b: Self::Point) -> Self::Point;
    /// The vector turned to the left by as many turns as the heading says.
    fn rotate(&self, point: Self::Point, heading: i32) -> Self::Point;
    /// Its place in ordinary coordinates, y upwards.
    fn cartesian(&self, point: Self::Point) -> [f64; 2];
}

/// The square lattice (four directions) or the triangular one (six). Points are exact: a + b i, or a + b exp(60° i).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lattice {
    /// Number of directions: 4 or 6.
    directions: i32,
    /// By how many directions one turn of the curve turns.
    step: i32,
}

impl Lattice {
    /// The lattice of the terdragon, whose turns are 120°.
    pub const TERDRAGON: Self = Self { directions: 6, step: 2 };

    /// The lattice of strips opened to this interior angle in degrees: there is one at 60, 90, 120 and 180.
    pub fn of_angle(angle: f64) -> Option<Self> {
        let (directions, step) = match angle {
            60.0 => (6, 2),
            90.0 => (4, 1),
            120.0 => (6, 1),
            180.0 => (4, 0),
            _ => return None,
        };
        Some(Self { directions, step })
    }

    /// Number of directions of the lattice.
    pub fn directions(self) -> usize {
        self.directions as usize
    }

    /// The direction of a heading, from 0 (along x) counter-clockwise.
    pub fn direction(self, heading: i32) -> usize {
        (heading * self.step).rem_euclid(self.directions) as usize
    }

    /// The vector turned by this many directions.
    pub fn turned(self, point: [i64; 2], directions: usize) -> [i64; 2] {
        (0..directions).fold(point, |[a, b], _| if self.directions == 4 { [-b, a] } else { [-b, a + b] })
    }

    /// The area that belongs to one point: 1, or sqrt(3)/2.
    pub fn cell_area(self) -> f64 {
        if self.directions == 4 { 1.0 } else { half_root_three() }
    }
}

fn half_root_three() -> f64 {
    3.0_f64.sqrt() / 2.0
}

impl Plane for Lattice {
    type Point = [i64; 2];

    const EXACT: bool = true;

    fn unit(&self) -> [i64; 2] {
        [1, 0]
    }

    fn origin(&self) -> [i64; 2] {
        [0, 0]
    }

    fn add(&self, a: [i64; 2], b: [i64; 2]) -> [i64; 2] {
        [a[0] + b[0], a[1] + b[1]]
    }

    fn subtract(&self, a: [i64; 2], b: [i64; 2]) -> [i64; 2] {
        [a[0] - b[0], a[1] - b[1]]
    }

    fn rotate(&self, point: [i64; 2], heading: i32) -> [i64; 2] {
        self.turned(point, self.direction(heading))
    }

    fn cartesian(&self, [a, b]: [i64; 2]) -> [f64; 2] {
        let (a, b) = (a as f64, b as f64);
        if self.directions == 4 { [a, b] } else { [a + b / 2.0, b * half_root_three()] }
    }
}

/// Floats, for any angle. Each heading has its cosine and sine computed once, from the whole multiple of the turn, so that
/// directions do not drift along the curve.
#[derive(Clone, Debug)]
pub struct Turned {
    reach: i32,
    /// Cosine and sine of the headings `-reach ..= reach`.
    units: Vec<[f64; 2]>,
}

impl Turned {
    /// The plane of strips opened to this interior angle in degrees, for headings up to `reach` turns either way.
    pub fn new(angle: f64, reach: u32) -> Self {
        let reach = reach as i32;
        let unit = |heading: i32| {
            let degrees = (f64::from(heading) * (180.0 - angle)).rem_euclid(360.0);
            let (sin, cos) = sin_cos(degrees * (std::f64::consts::PI / 180.0));
            [cos, sin]
        };
        Self { reach, units: (-reach..=reach).map(unit).collect() }
    }
}

impl Plane for Turned {
    type Point = [f64; 2];

    const EXACT: bool = false;

    fn unit(&self) -> [f64; 2] {
        [1.0, 0.0]
    }

    fn origin(&self) -> [f64; 2] {
        [0.0, 0.0]
    }

    fn add(&self, a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
        [a[0] + b[0], a[1] + b[1]]
    }

    fn subtract(&self, a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
        [a[0] - b[0], a[1] - b[1]]
    }

    fn rotate(&self, point: [f64; 2], heading: i32) -> [f64; 2] {
        times(point, self.units[(heading + self.reach) as usize])
    }

    fn cartesian(&self, point: [f64; 2]) -> [f64; 2] {
        point
    }
}

/// The product of two complex numbers.
pub fn times(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

/// The quotient of two complex numbers; exact where numerator and denominator are small integers and the norm of the
/// denominator is a power of two.
pub fn quotient(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let norm = b[0] * b[0] + b[1] * b[1];
    [(a[0] * b[0] + a[1] * b[1]) / norm, (a[1] * b[0] - a[0] * b[1]) / norm]
}

/// The length of a vector of moderate size.
pub fn length(a: [f64; 2]) -> f64 {
    (a[0] * a[0] + a[1] * a[1]).sqrt()
}
