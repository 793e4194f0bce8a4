//! The adversaries: each with a network, a memory of its steps, and real points of its own.

use octavo_learning::{ADAM, Gradient, Learner, Pass, Rule, learner, slope_penalty};
use octavo_plugin::interchange::Init;
use octavo_plugin::{Network, RunContext, Stream};

use crate::budget::{Budget, parameters};
use crate::loss;
use crate::params::{Loss, Params};

/// One adversary.
pub(crate) struct Critic {
    learner: Box<dyn Learner>,
    /// Number of weights and biases.
    pub(crate) parameters: u64,
    /// The stream of its own batches and mixtures.
    pub(crate) stream: Stream,
    /// What it paid last, without its penalty.
    pub(crate) paid: f64,
}

impl Critic {
    pub(crate) fn new(params: &Params, number: usize, context: &RunContext<'_>) -> Self {
        let mut stream = context.stream(&format!("critic {number}"));
        let widths = params.critic.widths(2, 1);
        let network = Network::random(&widths, params.critic.activation, Init::He, 0.0, &mut stream);
        Self {
            parameters: parameters(&network),
            learner: learner(&network, params.precision, Rule::Adam([params.momentum, ADAM[1]])),
            stream: context.stream(&format!("batches {number}")),
            paid: f64::NAN,
        }
    }

    /// Its network as it is now.
    pub(crate) fn network(&self) -> Network {
        self.learner.network()
    }

    /// What it says of points, count × 2; in f64, whatever the precision of its training.
    pub(crate) fn scores(&self, points: &[f64]) -> Vec<f64> {
        Pass::new(&self.network(), points.len() / 2, points.to_vec()).outputs().to_vec()
    }

    /// One step to tell these apart; both are count × 2.
    pub(crate) fn step(&mut self, params: &Params, real: &[f64], made: &[f64], budget: &mut Budget) {
        let count = real.len() / 2;
        let says = self.learner.outputs(2 * count, &[real, made].concat());
        let (says_real, says_made) = says.split_at(count);
        let [of_real, of_made] = loss::adversary(params.loss, says_real, says_made);
        self.paid = of_real.value + of_made.value;
        budget.passes(self.parameters, 2 * count, 3);
        let penalty = (params.loss == Loss::Wasserstein && params.penalty > 0.0).then(|| {
            // Forward and back for the slope, forward along it, and twice two products on the way back.
            budget.passes(self.parameters, count, 7);
            self.penalty(params.penalty, count, real, made)
        });
        let rate = params.critic_rate * params.rate_left(budget.share());
        self.learner.step(&[of_real.slopes, of_made.slopes].concat(), penalty.as_ref(), rate);
    }

    /// The slopes of the penalty, so many times, in the parameters: in f64, and then in the numbers of training.
    fn penalty(&mut self, weight: f64, count: usize, real: &[f64], made: &[f64]) -> Gradient {
        let mixtures = self.mixtures(real, made);
        let mut gradient = slope_penalty(&self.network(), count, mixtures).gradient;
        gradient.layers.iter_mut().flatten().flatten().for_each(|entry| *entry *= weight);
        gradient
    }

    /// Points between a real and a made one, each at a place of its own.
    fn mixtures(&mut self, real: &[f64], made: &[f64]) -> Vec<f64> {
        let mut mixtures = Vec::with_capacity(real.len());
        for (real, made) in real.chunks_exact(2).zip(made.chunks_exact(2)) {
            let share = self.stream.uniform();
            mixtures.extend([0, 1].map(|axis| share * real[axis] + (1.0 - share) * made[axis]));
        }
        mixtures
    }
}

/// What the generator pays to all of them for its points, on average, and the slopes in the points.
#[expect(clippy::cast_precision_loss, reason = "a few adversaries")]
pub(crate) fn verdict(
    critics: &mut [Critic],
    loss: Loss,
    made: &[f64],
    budget: &mut Budget,
) -> (f64, Vec<f64>) {
    let count = made.len() / 2;
    let share = 1.0 / critics.len() as f64;
    let (mut value, mut slopes) = (0.0, vec![0.0; made.len()]);
    for critic in critics {
        let paid = loss::generator(loss, &critic.learner.outputs(count, made));
        value += share * paid.value;
        let found = critic.learner.input_slopes(&paid.slopes);
        slopes.iter_mut().zip(found).for_each(|(slope, found)| *slope += share * found);
        budget.passes(critic.parameters, count, 2);
    }
    (value, slopes)
}
