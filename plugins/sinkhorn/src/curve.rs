//! An order of points in which neighbours are near each other in the plane: along Hilbert's curve (1891).

use crate::measure::Measure;

/// Bits of a coordinate.
const BITS: u32 = 16;

/// The atoms of both measures along one curve through their first two coordinates. On a line they are in order already.
pub(crate) fn orders(source: &Measure, target: &Measure) -> [Vec<usize>; 2] {
    if source.dimension < 2 {
        return [source, target].map(|measure| (0..measure.len()).collect());
    }
    let boxes = [0, 1].map(|axis| {
        let all = [source, target]
            .into_iter()
            .flat_map(|measure| (0..measure.len()).map(|k| measure.point(k)[axis]));
        all.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)])
    });
    [source, target].map(|measure| {
        let place = |atom: &usize| {
            let cell = |axis: usize| {
                let [low, high] = boxes[axis];
                cell((measure.point(*atom)[axis] - low) / (high - low))
            };
            distance(cell(0), cell(1))
        };
        let mut order: Vec<usize> = (0..measure.len()).collect();
        order.sort_by_cached_key(place);
        order
    })
}

/// Which of 2^16 cells of the unit interval; anything for what is no number.
fn cell(share: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
    let cell = (share * f64::from(1 << BITS)) as u32;
    cell.min((1 << BITS) - 1)
}

/// How far along the curve a cell is.
fn distance(mut x: u32, mut y: u32) -> u64 {
    let mut distance = 0;
    for bit in (0..BITS).rev() {
        let [right, up] = [(x >> bit) & 1, (y >> bit) & 1];
        distance = 4 * distance + u64::from((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                (x, y) = (!x & ((1 << BITS) - 1), !y & ((1 << BITS) - 1));
            }
            (x, y) = (y, x);
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_on_the_curve_are_neighbours_in_the_plane() {
        let low = |k: u32| k << (BITS - 3);
        let mut cells: Vec<(u64, u32, u32)> =
            (0..64).map(|k| (distance(low(k / 8), low(k % 8)), k / 8, k % 8)).collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            assert_eq!(pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2), 1, "{pair:?}");
        }
    }
}
