//! The borders of heatmap cells: half-way between neighbours.

/// Distinct places in ascending order.
pub(crate) fn places(coordinates: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut all: Vec<f64> = coordinates.collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

/// One border more than places.
pub(crate) fn borders(places: &[f64]) -> Vec<f64> {
    let [first, .., last] = places else {
        return places.iter().flat_map(|at| [at - 0.5, at + 0.5]).collect();
    };
    let middles = places.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0);
    let inner: Vec<f64> = middles.collect();
    let start = 2.0 * first - inner[0];
    let end = 2.0 * last - inner[inner.len() - 1];
    std::iter::once(start).chain(inner).chain(std::iter::once(end)).collect()
}

/// Whether places are evenly spaced, so that cells are pixels of an image.
pub(crate) fn even(places: &[f64]) -> bool {
    let Some(step) = places.get(1).map(|second| second - places[0]) else { return true };
    places.windows(2).all(|pair| ((pair[1] - pair[0]) - step).abs() <= 1e-6 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_lie_between() {
        assert_eq!(borders(&places([2.0, 0.0, 1.0, 2.0].into_iter())), [-0.5, 0.5, 1.5, 2.5]);
        assert_eq!(borders(&[3.0]), [2.5, 3.5]);
        assert!(borders(&[]).is_empty());
        assert!(even(&[0.0, 1.0, 2.0]) && !even(&[0.0, 1.0, 3.0]));
    }
}
