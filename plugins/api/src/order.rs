//! Statistics that follow from the order of values alone.

/// The value that as many others are below as above; the middle of two where they are even in number.
///
/// # Panics
/// If there are no values.
pub fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// For each value the share of the values that are smaller, those that are the same counted half.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    ranks_among(values, values)
}

/// As [`ranks`], for some values the share among all.
#[expect(clippy::cast_precision_loss, reason = "2^53 values are more than fit into memory")]
pub fn ranks_among(values: &[f64], all: &[f64]) -> Vec<f64> {
    let sorted = sorted(all);
    let rank = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        (below + up_to) as f64 / (2 * sorted.len()) as f64
    };
    values.iter().map(rank).collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_medians() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 9.0]), [0.5, 0.125, 0.5, 0.875]);
        assert_eq!(ranks(&[0.0, 1.0, 3.0, 1.0, 2.0]), [0.1, 0.4, 0.9, 0.4, 0.7]);
        assert_eq!(ranks_among(&[2.0, 9.0], &[1.0, 2.0, 3.0, 9.0]), [0.375, 0.875]);
        assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0])), (2.0, 2.5));
        assert_eq!(ranks(&[]), Vec::<f64>::new());
    }
}
