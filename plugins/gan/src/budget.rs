//! Work, counted: so that games of different kinds can be given equal shares without a clock.

use octavo_plugin::Network;

/// What a pair of points costs in one half-step of Sinkhorn's iteration, in multiplications: two differences, two squares, and
/// an exponential of about ten.
const PAIR: u64 = 14;

/// Multiplications done, and how many may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    total: u64,
    spent: u64,
}

/// The number of weights and biases.
pub(crate) fn parameters(network: &Network) -> u64 {
    network.layers.iter().map(|layer| (layer.weights.len() + layer.bias.len()) as u64).sum()
}

impl Budget {
    /// So many millions.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 1e13")]
    pub(crate) fn new(millions: f64) -> Self {
        Self { total: (millions * 1e6) as u64, spent: 0 }
    }

    /// What has been done.
    pub(crate) fn spent(&self) -> u64 {
        self.spent
    }

    /// All of it.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Whether nothing is left.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent >= self.total
    }

    /// The share that is spent, at most 1.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53")]
    pub(crate) fn share(&self) -> f64 {
        (self.spent as f64 / self.total as f64).min(1.0)
    }

    /// `count` samples through a network of so many parameters, `times` over: once for a pass, once for each way back.
    pub(crate) fn passes(&mut self, parameters: u64, count: usize, times: u64) {
        self.spent += times * count as u64 * parameters;
    }

    /// Half-steps of Sinkhorn's iteration over so many pairs.
    pub(crate) fn pairs(&mut self, pairs: usize, half_steps: u64) {
        self.spent += PAIR * pairs as u64 * half_steps;
    }
}
