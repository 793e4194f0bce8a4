//! Circles as polygons, and the gasket of Apollonius.

use std::f64::consts::TAU;

use octavo_plugin::math;

use crate::shape::Segment;

/// Longest side of the polygons, in units.
const STEP: f64 = 0.5;
/// Circles with a smaller radius, in units, are left out of the gasket.
const LEAST: f64 = 0.25;

/// A circle around the origin, as a polygon whose sides are so short that they stay within 1/32 of a unit, and for a large
/// circle far less.
pub(super) fn circle(radius: f64) -> Vec<Segment> {
    polygon([0.0; 2], radius)
}

fn polygon([x, y]: [f64; 2], radius: f64) -> Vec<Segment> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above 0")]
    let sides = (TAU * radius / STEP).ceil().max(8.0) as u32;
    let corner = |k: u32| {
        let (sin, cos) = math::sin_cos(TAU * f64::from(k % sides) / f64::from(sides));
        [x + radius * cos, y + radius * sin]
    };
    (0..sides).map(|k| [corner(k), corner(k + 1)]).collect()
}

/// A circle by its curvature, and its centre times the curvature (Lagarias, Mallows and Wilks 2002).
#[derive(Clone, Copy)]
struct Bent {
    curvature: f64,
    centre: [f64; 2],
}

impl Bent {
    fn combined(circles: [Self; 3], other: Self) -> Self {
        let of = |part: &dyn Fn(Self) -> f64| {
            2.0 * (part(circles[0]) + part(circles[1]) + part(circles[2])) - part(other)
        };
        Self { curvature: of(&|c| c.curvature), centre: [of(&|c| c.centre[0]), of(&|c| c.centre[1])] }
    }
}

/// All circles of the gasket in a circle of this radius that begins with three equal ones, down to radius [`LEAST`]. The
/// circle that touches three others beside a fourth is a linear combination of the four.
pub(super) fn gasket(radius: f64) -> Vec<Segment> {
    let small = radius * (2.0 * 3.0_f64.sqrt() - 3.0);
    let of = |k: u32| {
        let (sin, cos) = math::sin_cos(TAU * f64::from(k) / 3.0);
        let (curvature, away) = (1.0 / small, radius - small);
        Bent { curvature, centre: [curvature * away * cos, curvature * away * sin] }
    };
    let outer = Bent { curvature: -1.0 / radius, centre: [0.0; 2] };
    let first = [outer, of(0), of(1), of(2)];
    let mut segments = Vec::new();
    let mut draw = |circle: Bent| {
        let centre = circle.centre.map(|x| x / circle.curvature);
        segments.extend(polygon(centre, (1.0 / circle.curvature).abs()));
    };
    first.into_iter().for_each(&mut draw);
    // Three circles that touch, and the one on the other side of the gap between them.
    let without = |k: usize| [1, 2, 3].map(|next| first[(k + next) % 4]);
    let mut gaps: Vec<([Bent; 3], Bent)> = (0..4).map(|k| (without(k), first[k])).collect();
    while let Some((around, beyond)) = gaps.pop() {
        let inner = Bent::combined(around, beyond);
        if inner.curvature * LEAST > 1.0 {
            continue;
        }
        draw(inner);
        let [a, b, c] = around;
        gaps.extend([([inner, b, c], a), ([a, inner, c], b), ([a, b, inner], c)]);
    }
    segments
}
