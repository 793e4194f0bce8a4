//! Fewer points for a line that looks the same (Douglas and Peucker, 1973).

use plotters_backend::BackendCoord;

/// The points without those that lie no farther than `slack` from the line through the ones that stay; the first and the last
/// stay.
pub(super) fn thinned(points: Vec<BackendCoord>, slack: f64) -> Vec<BackendCoord> {
    let mut stays = vec![false; points.len()];
    let mut parts = vec![(0, points.len().saturating_sub(1))];
    while let Some((first, last)) = parts.pop() {
        if let Some(stay) = stays.get_mut(first) {
            *stay = true;
        }
        if let Some(stay) = stays.get_mut(last) {
            *stay = true;
        }
        let far = |at: &usize| distance(points[*at], points[first], points[last]);
        let farthest = (first + 1..last).max_by(|a, b| far(a).total_cmp(&far(b)));
        if let Some(at) = farthest.filter(|at| far(at) > slack * slack) {
            parts.extend([(first, at), (at, last)]);
        }
    }
    points.into_iter().zip(stays).filter_map(|(point, stays)| stays.then_some(point)).collect()
}

/// Squared distance of a point from a piece of line.
fn distance(point: BackendCoord, from: BackendCoord, to: BackendCoord) -> f64 {
    let vector =
        |a: BackendCoord, b: BackendCoord| (f64::from(b.0) - f64::from(a.0), f64::from(b.1) - f64::from(a.1));
    let ((dx, dy), (px, py)) = (vector(from, to), vector(from, point));
    let length = dx * dx + dy * dy;
    let part = if length > 0.0 { ((px * dx + py * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (px - part * dx, py - part * dy);
    x * x + y * y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_pieces_lose_their_middles_and_turns_stay() {
        let points = vec![(0, 0), (10, 1), (20, 0), (20, 30), (20, 10)];
        assert_eq!(thinned(points.clone(), 1.5), [(0, 0), (20, 0), (20, 30), (20, 10)]);
        assert_eq!(thinned(points.clone(), 0.5), points);
        assert_eq!(thinned(vec![(3, 4)], 1.0), [(3, 4)]);
        assert!(thinned(Vec::new(), 1.0).is_empty());
    }

    #[test]
    fn a_ring_keeps_its_round() {
        let ring = vec![(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)];
        assert_eq!(thinned(ring.clone(), 2.0), ring);
    }
}
