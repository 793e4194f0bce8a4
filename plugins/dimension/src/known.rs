//! Sets whose dimension is known, to hold the estimator against.

use octavo_plugin::math;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::count::Set;
use crate::shape::{Point, Segment, Shape};

mod circles;
mod dragon;
mod rabbit;

pub use dragon::visited;

/// A set whose dimension is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// The curve of von Koch, 4^level segments: log 4 / log 3.
    Koch,
    /// The boundary of the dragon curve of `level` folds: 1.523627.
    DragonBoundary,
    /// The gasket of Sierpinski, with right angles, the sides of 3^level triangles: log 3 / log 2.
    Sierpinski,
    /// A circle of 2^level units across: 1.
    Circle,
    /// Four corners of a square, each cut into its four corners again, 4^level points: log 4 / log 3.
    CantorDust,
    /// Circles that touch each other, and all circles between them, 2^level units across: 1.305688.
    Apollonian,
    /// The Julia set of Douady's rabbit, 2^level units across: 1.3934.
    Rabbit,
}

impl Known {
    /// The dimension: exact, or as published (Chang and Zhang 1999; McMullen 1998).
    pub fn dimension(self) -> f64 {
        match self {
            Self::Koch | Self::CantorDust => math::ln(4.0) / math::ln(3.0),
            Self::DragonBoundary => 1.523_627_086_202_492,
            Self::Sierpinski => math::log2(3.0),
            Self::Circle => 1.0,
            Self::Apollonian => 1.305_688,
            Self::Rabbit => 1.3934,
        }
    }

    /// The level if none is given, and the largest.
    pub fn levels(self) -> (u32, u32) {
        match self {
            Self::Koch => (9, 11),
            Self::DragonBoundary => (20, 24),
            Self::Sierpinski => (12, 13),
            Self::Circle => (12, 16),
            Self::CantorDust => (10, 11),
            Self::Apollonian => (10, 14),
            Self::Rabbit => (10, 12),
        }
    }

    /// The set at a level.
    pub fn set(self, level: u32) -> Set {
        let units = math::powi(2.0, level.cast_signed());
        // Details are finer than the unit, so that the smallest boxes see all that the set has for them. The boundary of a
        // dragon has no finer ones: its folds are what is given.
        match self {
            Self::Koch => shape(koch(level), 3.0),
            Self::DragonBoundary => shape(dragon::boundary(level), 1.0),
            Self::Sierpinski => shape(sierpinski(level), 4.0),
            Self::Circle => shape(circles::circle(units / 2.0), 1.0),
            Self::CantorDust => shape(cantor_dust(level).map(|point| [point; 2]), 9.0),
            Self::Apollonian => shape(circles::gasket(units / 2.0), 1.0),
            Self::Rabbit => {
                let (polygon, unit) = rabbit::polygon(level + 1);
                shape(polygon, 2.0 * unit)
            }
        }
    }
}

fn shape(parts: impl IntoIterator<Item = Segment>, unit: f64) -> Set {
    Set::Shape { shape: Shape::new(parts).expect("no known set is empty"), unit }
}

/// Segments of length 1 from the origin to the right.
fn koch(level: u32) -> impl Iterator<Item = Segment> {
    let half = 0.75_f64.sqrt();
    // In base 4 the digits turn by 0°, 60°, -60°, 0°; counting directions keeps vertices on a lattice.
    let turns = move |index: u64| {
        (0..level).map(|digit| [0, 1, 5, 0][(index >> (2 * digit) & 3) as usize]).sum::<usize>() % 6
    };
    let mut steps = [0_i64; 6];
    let place = move |steps: &[i64; 6]| {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 steps")]
        let [along, up] = [0, 1].map(|k: usize| (steps[k] - steps[k + 3]) as f64);
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 steps")]
        let back = (steps[2] - steps[5]) as f64;
        [along + 0.5 * (up - back), half * (up + back)]
    };
    (0..1_u64 << (2 * level)).map(move |index| {
        let from = place(&steps);
        let direction = turns(index);
        steps[direction] += 1;
        [from, place(&steps)]
    })
}

/// Points with digits 0 and 2 alone in base 3.
fn cantor_dust(level: u32) -> impl Iterator<Item = Point> {
    let coordinate = move |bits: u64| {
        (0..level).rev().fold(0.0, |x, digit| 3.0 * x + if bits >> digit & 1 == 1 { 2.0 } else { 0.0 })
    };
    (0..1_u64 << (2 * level)).map(move |index| [coordinate(index), coordinate(index >> level)])
}

/// The sides of the triangles (x, y), (x + 1, y), (x, y + 1) for all x and y below 2^level without a common bit.
fn sierpinski(level: u32) -> Vec<Segment> {
    let mut segments = Vec::new();
    for row in 0..1_u32 << level {
        // Free bits below the lowest bit of the row join triangles to one line.
        let length = 1 << row.trailing_zeros().min(level);
        for start in (0..1_u32 << level).step_by(length).filter(|start| start & row == 0) {
            let [a, b, row] = [start, start + length as u32, row].map(f64::from);
            segments.extend([[[a, row], [b, row]], [[row, a], [row, b]]]);
        }
    }
    // The third sides lie on the lines x + y = constant.
    for sum in 0..1_u32 << level {
        let mut open = None;
        for x in 0..=sum + 1 {
            let inside = x <= sum && x & (sum - x) == 0;
            match open {
                None if inside => open = Some(x),
                Some(first) if !inside => {
                    let [a, b, sum] = [first, x, sum + 1].map(f64::from);
                    segments.push([[a, sum - a], [b, sum - b]]);
                    open = None;
                }
                _ => {}
            }
        }
    }
    segments
}
