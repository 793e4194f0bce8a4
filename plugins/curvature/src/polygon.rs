//! Closed polygons: the total curvature is the sum of the exterior angles.

use octavo_plugin::math;

/// Length and total turning (radians) of the closed polygon through the points; repeated points are passed over.
/// `None` if fewer than two points differ from their neighbour.
pub fn measure<const N: usize>(points: &[[f64; N]]) -> Option<(f64, f64)> {
    let next = points.iter().cycle().skip(1);
    let sides = points.iter().zip(next).filter_map(|(from, to)| {
        let side: [f64; N] = std::array::from_fn(|axis| to[axis] - from[axis]);
        let length = side.iter().fold(0.0, |total, x| total + x * x).sqrt();
        (length > 0.0).then(|| (length, side.map(|x| x / length)))
    });
    let sides: Vec<(f64, [f64; N])> = sides.collect();
    if sides.len() < 2 {
        return None;
    }
    let length = sides.iter().fold(0.0, |total, (length, _)| total + length);
    let next = sides.iter().cycle().skip(1);
    let turning = sides.iter().zip(next).fold(0.0, |total, ((_, from), (_, to))| {
        let square = |sign: f64| {
            from.iter().zip(to).fold(0.0, |total, (u, w)| total + (u + sign * w) * (u + sign * w)).sqrt()
        };
        total + 2.0 * math::atan2(square(-1.0), square(1.0))
    });
    Some((length, turning))
}
