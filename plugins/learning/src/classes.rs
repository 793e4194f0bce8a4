//! The loss of a classifier: cross entropy after softmax.

use octavo_plugin::math;

/// Loss of one sample and whether another class than its own comes first; writes the slopes of the mean loss of `count`
/// samples in its outputs.
///
/// # Panics
/// If there are not as many slopes as outputs, or no such class.
pub fn cross_entropy(outputs: &[f64], class: usize, count: f64, slopes: &mut [f64]) -> (f64, bool) {
    let most = outputs.iter().fold(f64::NEG_INFINITY, |most, x| most.max(*x));
    let powers: Vec<f64> = outputs.iter().map(|x| math::exp(x - most)).collect();
    let total: f64 = powers.iter().sum();
    for ((index, slope), power) in slopes.iter_mut().enumerate().zip(&powers) {
        let target = if index == class { 1.0 } else { 0.0 };
        *slope = (power / total - target) / count;
    }
    let best = outputs.iter().position(|x| *x == most);
    (math::ln(total) - (outputs[class] - most), best != Some(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_loss() {
        let outputs = [0.3, -1.2, 2.0, 0.0];
        for class in 0..4 {
            let mut slopes = [0.0; 4];
            let (loss, wrong) = cross_entropy(&outputs, class, 5.0, &mut slopes);
            assert_eq!(wrong, class != 2);
            assert!(loss > 0.0 && slopes.iter().sum::<f64>().abs() < 1e-15);
            for (index, slope) in slopes.iter().enumerate() {
                let moved = |by: f64| {
                    let mut outputs = outputs;
                    outputs[index] += by;
                    cross_entropy(&outputs, class, 1.0, &mut [0.0; 4]).0 / 5.0
                };
                assert!((slope - (moved(1e-6) - moved(-1e-6)) / 2e-6).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn equal_outputs_are_a_guess() {
        let (loss, _) = cross_entropy(&[7.0; 10], 3, 1.0, &mut [0.0; 10]);
        assert!((loss - math::ln(10.0)).abs() < 1e-14);
    }
}
