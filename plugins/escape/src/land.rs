//! Where the map looks like the land (Tan Lei), and where the map z² - 2 is a fold.

use octavo_plugin::math;
use octavo_plugin::{Failure, RunContext};

use crate::complex::{Complex, add, div};
use crate::counts::Orbits;
use crate::view::View;

/// Counts about a point of the Mandelbrot set and about the same point of its own Julia set, row by row from the lowest.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// Counts of the c that are `factor` times nearer.
    pub map: Vec<i32>,
    /// Counts of the points of the Julia set.
    pub land: Vec<i32>,
    /// By how much most counts of the map are larger.
    pub shift: i32,
    /// The share of pixels where they are so.
    pub agreement: f64,
}

/// Compares the square of half-width `radius` about c in its Julia set with the Mandelbrot set turned and stretched by
/// `factor`, on `size`² pixels.
///
/// # Errors
/// If the run is cancelled.
pub fn likeness(
    c: Complex,
    factor: Complex,
    radius: f64,
    size: usize,
    limit: u32,
    context: &RunContext<'_>,
) -> Result<Likeness, Failure> {
    let pixel = 2.0 * radius / size as f64;
    let offsets = View { origin: [-radius, -radius], pixel, size: [size; 2] };
    let all = (0..size).flat_map(|row| (0..size).map(move |column| [column, row]));
    let offsets: Vec<Complex> =
        all.map(|[column, row]| [offsets.coordinate(0, column), offsets.coordinate(1, row)]).collect();
    let places: Vec<Complex> = offsets.iter().map(|offset| add(c, *offset)).collect();
    let params: Vec<Complex> = offsets.iter().map(|offset| add(c, div(*offset, factor))).collect();
    let land = Orbits { c: Some(c), limit }.counts_at(&places, context)?;
    let map = Orbits { c: None, limit }.counts_at(&params, context)?;
    let escaped = map.iter().zip(&land).filter(|(map, land)| **map > 0 && **land > 0);
    let mut shifts: Vec<i32> = escaped.map(|(map, land)| map - land).collect();
    shifts.sort_unstable();
    let longest = shifts.chunk_by(|a, b| a == b).max_by_key(|same| same.len());
    let shift = longest.map_or(0, |same| same[0]);
    let alike =
        |(map, land): &(&i32, &i32)| **map == **land && **map <= 0 || **land > 0 && **map == **land + shift;
    let agreement = map.iter().zip(&land).filter(alike).count() as f64 / map.len() as f64;
    Ok(Likeness { map, land, shift, agreement })
}

/// The tent map: the paper folded in the middle.
pub fn tent(t: f64) -> f64 {
    if t <= 0.5 { 2.0 * t } else { 2.0 - 2.0 * t }
}

/// For t in [0, 1]: z after `steps` steps of z² - 2 from 2 cos(π t), and 2 cos(π T(T(... t))) with as many tent maps.
pub fn fold(t: f64, steps: u32) -> [f64; 2] {
    let cosine = |t: f64| 2.0 * math::cos(std::f64::consts::PI * t);
    let z = (0..steps).fold(cosine(t), |z, _| z * z - 2.0);
    [z, cosine((0..steps).fold(t, |t, _| tent(t)))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::context::Silent;
    use octavo_plugin::{CancelToken, Inputs, Seed};

    #[test]
    fn the_map_comes_to_look_like_the_land_at_i() {
        let (inputs, cancel) = (Inputs::default(), CancelToken::new());
        let context = RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent);
        let shares = [0.3, 0.1, 0.01, 0.001]
            .map(|radius| likeness([0.0, 1.0], [0.8, -0.4], radius, 128, 1000, &context).unwrap().agreement);
        for (found, known) in shares.into_iter().zip([0.51, 0.73, 0.92, 0.97]) {
            assert!((found - known).abs() < 0.03, "{shares:?}");
        }
    }

    #[test]
    fn at_minus_two_a_step_is_a_fold() {
        for index in 0..=100 {
            for steps in 0..8 {
                let [z, folded] = fold(f64::from(index) / 100.0, steps);
                assert!((z - folded).abs() < 1e-11, "{index} {steps}: {z} {folded}");
            }
        }
    }
}
