//! Closed polygons: the total curvature is the sum of the exterior angles.

use octavo_plugin::math;

/// Length and total turning (radians) of the closed polygon through the points; repeated points are passed over.
/// `None` if fewer than two points differ from their neighbour.
pub fn measure<P: AsRef<[f64]>>(points: &[P]) -> Option<(f64, f64)> {
    let sides = sides(points);
    if sides.len() < 2 {
        return None;
    }
    let length = sides.iter().fold(0.0, |total, (length, _)| total + length);
    Some((length, turns(&sides).fold(0.0, |total, turn| total + turn)))
}

/// The exterior angles, in order; none if there are fewer than two sides.
pub fn angles<P: AsRef<[f64]>>(points: &[P]) -> Vec<f64> {
    let sides = sides(points);
    if sides.len() < 2 { Vec::new() } else { turns(&sides).collect() }
}

fn turns(sides: &[(f64, Vec<f64>)]) -> impl Iterator<Item = f64> + '_ {
    let next = sides.iter().cycle().skip(1);
    sides.iter().zip(next).map(|((_, from), (_, to))| angle(from, to))
}

/// Length and direction of each side that has a length.
fn sides<P: AsRef<[f64]>>(points: &[P]) -> Vec<(f64, Vec<f64>)> {
    let next = points.iter().cycle().skip(1);
    let side = |(from, to): (&P, &P)| {
        let side: Vec<f64> = from.as_ref().iter().zip(to.as_ref()).map(|(from, to)| to - from).collect();
        // Scaled first, so that squares stay in the range of floats.
        let scale = side.iter().fold(0.0, |scale: f64, x| scale.max(x.abs()));
        let length = scale * side.iter().fold(0.0, |total, x| total + (x / scale) * (x / scale)).sqrt();
        (scale > 1e-290).then(|| (length, side.iter().map(|x| x / length).collect()))
    };
    points.iter().zip(next).filter_map(side).collect()
}

/// The angle between two unit vectors.
fn angle(from: &[f64], to: &[f64]) -> f64 {
    let square = |sign: f64| {
        from.iter().zip(to).fold(0.0, |total, (u, w)| total + (u + sign * w) * (u + sign * w)).sqrt()
    };
    2.0 * math::atan2(square(-1.0), square(1.0))
}
