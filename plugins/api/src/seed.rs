//! Random streams: derived from names, never from the order of execution.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{ContentHasher, math};

/// The seed of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of a replicate of an experiment. It knows neither the experiment's name nor the sweep point, so that a
    /// renamed file recomputes nothing and points are compared on common random numbers.
    pub fn of_replicate(experiment_seed: u64, replicate: u32) -> Self {
        Self::mix(ContentHasher::new("octavo replicate").number(experiment_seed).number(replicate.into()))
    }

    /// The same seed mixed with more content, such as a sweep point (`seeding = "independent"`).
    #[must_use]
    pub fn with(self, content: &(impl crate::ContentHash + ?Sized)) -> Self {
        Self::mix(ContentHasher::new("octavo seed").number(self.0).add(content))
    }

    fn mix(hasher: &ContentHasher) -> Self {
        let digest = hasher.finish();
        let eight: [u8; 8] = digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes");
        Self(u64::from_le_bytes(eight))
    }

    /// The stream of this name: ChaCha with 8 rounds, keyed by a digest of seed and name.
    pub fn stream(self, name: &str) -> Stream {
        let key = ContentHasher::new("octavo stream").number(self.0).text(name).finish();
        Stream { rng: ChaCha8Rng::from_seed(*key.as_bytes()), spare: None }
    }
}

/// A random stream with distributions that give the same bits on every machine.
#[derive(Clone, Debug)]
pub struct Stream {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl Stream {
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Uniform on [0, 1), a multiple of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let bits = (self.bits() >> 11) as f64;
        bits * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform on [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform on 0..bound, without bias (Lemire 2019, "Fast random integer generation in an interval").
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "no number lies below 0");
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.bits()) * u128::from(bound);
            #[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
            let low = product as u64;
            if low >= threshold {
                return (product >> 64) as u64;
            }
        }
    }

    /// Standard normal (Box and Muller 1958): two uniforms give two values, the second is kept for the next call.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * math::ln(1.0 - self.uniform())).sqrt();
        let (sin, cos) = math::sin_cos(std::f64::consts::TAU * self.uniform());
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// A vector of `count` standard normal values times `deviation`.
    pub fn normals(&mut self, count: usize, deviation: f64) -> Vec<f64> {
        (0..count).map(|_| deviation * self.normal()).collect()
    }

    /// Puts the items in a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let pick = usize::try_from(self.below(last as u64 + 1)).expect("an index fits");
            items.swap(last, pick);
        }
    }

    /// The generator itself, for a crate that wants one.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_seed_and_name_alone() {
        let seed = Seed::of_replicate(2016, 0);
        assert_eq!(seed.stream("weights").bits(), seed.stream("weights").bits());
        assert_ne!(seed.stream("weights").bits(), seed.stream("biases").bits());
        assert_ne!(seed, Seed::of_replicate(2016, 1));
        assert_ne!(seed, Seed::of_replicate(2017, 0));
    }

    #[test]
    fn moments_of_the_distributions() {
        let mut stream = Seed(1).stream("moments");
        let n = 200_000;
        let draws: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let fourth = draws.iter().map(|x| x * x * x * x).sum::<f64>() / f64::from(n);
        // Standard errors: 0.0022 for the mean, 0.022 for the fourth moment, whose value is 3.
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((fourth - 3.0).abs() < 0.1, "{fourth}");
    }

    #[test]
    fn below_is_uniform() {
        let mut stream = Seed(2).stream("below");
        let mut counts = [0_u32; 6];
        (0..60_000).for_each(|_| counts[usize::try_from(stream.below(6)).unwrap()] += 1);
        // Five standard deviations of a binomial(60000, 1/6) are 456.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 456), "{counts:?}");
    }
}
