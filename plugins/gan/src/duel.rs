//! The game itself: adversaries and generator take turns until the budget is spent.

use octavo_learning::{ADAM, Learner, Pass, Rule, learner};
use octavo_plugin::interchange::Init;
use octavo_plugin::{Failure, Network, RunContext, Stream};
use octavo_sinkhorn::{Cloud, Options, sinkhorn_divergence};

use crate::budget::{Budget, parameters};
use crate::critics::{Critic, verdict};
use crate::params::{Opponent, Params};
use crate::target::Target;

/// Marginal error at which the iteration for a step's divergence ends: far below the noise of the batch.
const STEP_TOLERANCE: f64 = 1e-2;
/// Most plain iterations for a step; points that were thrown far away take the longer way.
const STEP_ITERATIONS: u64 = 1000;

/// Who makes points of noise.
pub(crate) struct Generator {
    learner: Box<dyn Learner>,
    /// Number of weights and biases.
    pub(crate) parameters: u64,
    noise: Stream,
    inputs: usize,
}

/// Number of real points that say where the target is.
const SQUARE: usize = 1024;

/// The state of a game.
pub(crate) struct Duel<'a> {
    pub(crate) params: &'a Params,
    pub(crate) target: &'a Target,
    pub(crate) generator: Generator,
    pub(crate) critics: Vec<Critic>,
    pub(crate) budget: Budget,
    /// Steps of the generator; of the adversaries where there is no generator.
    pub(crate) steps: u64,
    /// What the generator paid last; none before its first step.
    pub(crate) paid: Option<f64>,
    real: Stream,
    fakes: Stream,
    pub(crate) square: Square,
}

/// A square around the real points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Square {
    /// The lowest x and y.
    pub(crate) corner: [f64; 2],
    pub(crate) side: f64,
}

impl Square {
    /// Around points (count × 2), with a margin of a quarter of its side in all.
    fn around(points: &[f64]) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for (index, x) in points.iter().enumerate() {
            low[index % 2] = low[index % 2].min(*x);
            high[index % 2] = high[index % 2].max(*x);
        }
        let side = 1.25 * (high[0] - low[0]).max(high[1] - low[1]).max(1e-3);
        Self { corner: [0, 1].map(|axis| 0.5 * (low[axis] + high[axis] - side)), side }
    }
}

impl<'a> Duel<'a> {
    /// Before the first step.
    pub(crate) fn new(params: &'a Params, target: &'a Target, context: &RunContext<'_>) -> Self {
        let widths = params.generator.widths(params.noise, 2);
        let mut stream = context.stream("generator");
        let network = Network::random(&widths, params.generator.activation, Init::He, 0.0, &mut stream);
        let generator = Generator {
            parameters: parameters(&network),
            learner: learner(&network, params.precision, Rule::Adam([params.momentum, ADAM[1]])),
            noise: context.stream("noise"),
            inputs: params.noise,
        };
        let critics = if params.loss.has_critics() { params.critics } else { 0 };
        Self {
            params,
            target,
            generator,
            critics: (0..critics).map(|number| Critic::new(params, number, context)).collect(),
            budget: Budget::new(params.budget),
            steps: 0,
            paid: None,
            real: context.stream("real"),
            fakes: context.stream("fakes"),
            square: Square::around(&target.draw(SQUARE, &mut context.stream("square"))),
        }
    }

    /// One turn of everybody.
    ///
    /// # Errors
    /// If the divergence of a step cannot be computed: the points left the range of floats.
    pub(crate) fn turn(&mut self) -> Result<(), Failure> {
        for index in 0..self.critics.len() {
            for _ in 0..self.params.critic_steps {
                let made = self.opponent_points();
                let critic = &mut self.critics[index];
                let real = self.target.draw(self.params.batch, &mut critic.stream);
                critic.step(self.params, &real, &made, &mut self.budget);
            }
        }
        if self.params.has_generator() && self.budget.share() < self.params.learning_share {
            self.step_of_the_generator()?;
        }
        self.steps += 1;
        Ok(())
    }

    /// A batch of fakes for an adversary.
    fn opponent_points(&mut self) -> Vec<f64> {
        let batch = self.params.batch;
        match self.params.opponent {
            Opponent::Generator => {
                self.budget.passes(self.generator.parameters, batch, 1);
                self.generator.outputs(batch)
            }
            opponent => {
                let mut stream = self.fakes.clone();
                let points = self.fakes(opponent, batch, &mut stream);
                self.fakes = stream;
                points
            }
        }
    }

    fn step_of_the_generator(&mut self) -> Result<(), Failure> {
        let batch = self.params.batch;
        let made = self.generator.outputs(batch);
        let (value, slopes) =
            judged(self.params, self.target, &mut self.critics, &made, &mut self.real, &mut self.budget)?;
        self.paid = Some(value);
        self.budget.passes(self.generator.parameters, batch, 3);
        let rate = self.params.generator_rate * self.params.rate_left(self.budget.share());
        self.generator.learner.step(&slopes, None, rate);
        Ok(())
    }

    /// Points that no generator made, of an opponent that is none.
    pub(crate) fn fakes(&self, opponent: Opponent, count: usize, stream: &mut Stream) -> Vec<f64> {
        if opponent == Opponent::Shifted {
            let mut points = self.target.draw(count, stream);
            points.iter_mut().step_by(2).for_each(|x| *x += self.params.shift);
            return points;
        }
        let Square { corner, side } = self.square;
        (0..count).flat_map(|_| corner.map(|low| low + side * stream.uniform())).collect()
    }

    /// `count` points of whom the adversaries meet, from a stream of their own, so that every checkpoint shows the same noise.
    pub(crate) fn shown(&self, count: usize, stream: &mut Stream) -> Vec<f64> {
        match self.params.opponent {
            Opponent::Generator => {
                let noise = stream.normals(count * self.params.noise, 1.0);
                Pass::new(&self.generator.network(), count, noise).outputs().to_vec()
            }
            opponent => self.fakes(opponent, count, stream),
        }
    }

    /// The mean length of the slope that made points (count × 2) feel, each as if it were alone.
    ///
    /// # Errors
    /// As [`turn`](Self::turn).
    pub(crate) fn pull(&mut self, made: &[f64], stream: &mut Stream) -> Result<f64, Failure> {
        let made = &made[..made.len().min(2 * self.params.batch)];
        let mut budget = self.budget;
        let (_, slopes) = judged(self.params, self.target, &mut self.critics, made, stream, &mut budget)?;
        Ok(slopes.chunks_exact(2).map(|slope| (slope[0] * slope[0] + slope[1] * slope[1]).sqrt()).sum())
    }
}

/// What the generator pays for made points, and the slopes in them.
fn judged(
    params: &Params,
    target: &Target,
    critics: &mut [Critic],
    made: &[f64],
    stream: &mut Stream,
    budget: &mut Budget,
) -> Result<(f64, Vec<f64>), Failure> {
    if !critics.is_empty() {
        return Ok(verdict(critics, params.loss, made, budget));
    }
    let count = made.len() / 2;
    let real = target.draw(count, stream);
    let options = Options {
        epsilon: params.epsilon,
        tolerance: STEP_TOLERANCE,
        max_iterations: STEP_ITERATIONS,
        relaxed: true,
    };
    let [made, real] = [made.to_vec(), real].map(|points| Cloud::uniform(2, points));
    let found = sinkhorn_divergence(&made?, &real?, options, None)?;
    // Two half-steps for each iteration across, and one within either cloud for about as many.
    budget.pairs(count * count, 4 * found.iterations);
    Ok((found.value, found.gradient))
}

impl Generator {
    /// Its network as it is now.
    fn network(&self) -> Network {
        self.learner.network()
    }

    /// What it makes of a batch of noise.
    fn outputs(&mut self, count: usize) -> Vec<f64> {
        let noise = self.noise.normals(count * self.inputs, 1.0);
        self.learner.outputs(count, &noise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{Dense, Loss, Shape};
    use octavo_learning::{Precision, parameter_slopes};
    use octavo_plugin::context::Silent;
    use octavo_plugin::{Activation, CancelToken, Inputs, Seed};

    const LOSSES: [Loss; 4] = [Loss::Minimax, Loss::NonSaturating, Loss::Wasserstein, Loss::Sinkhorn];

    fn with_duel(params: &Params, check: impl Fn(Duel<'_>)) {
        let (inputs, cancel) = (Inputs::new(), CancelToken::new());
        let context = RunContext::new(Seed(8), &inputs, &cancel, &Silent);
        check(Duel::new(params, &Target::Shape(Shape::Ring), &context));
    }

    fn params(loss: Loss) -> Params {
        let net = Dense { hidden: vec![5, 4], activation: Activation::Tanh };
        Params {
            loss,
            epsilon: 2.0,
            generator: net.clone(),
            critic: net,
            batch: 6,
            critics: 2,
            ..Params::default()
        }
    }

    /// The whole way: noise, generator, adversaries or divergence, loss.
    #[test]
    fn the_slopes_of_the_generator_are_those_of_what_it_pays() {
        for loss in LOSSES {
            let params = params(loss);
            with_duel(&params, |mut duel| {
                let mut pay = |network: &Network| {
                    let mut noise = duel.generator.noise.clone();
                    let pass = Pass::new(network, 6, noise.normals(12, 1.0));
                    let (mut real, mut budget) = (duel.real.clone(), duel.budget);
                    let found = judged(
                        &params,
                        duel.target,
                        &mut duel.critics,
                        pass.outputs(),
                        &mut real,
                        &mut budget,
                    );
                    (found.unwrap(), pass)
                };
                let network = &duel.generator.learner.network();
                let ((_, slopes), pass) = pay(network);
                let found = parameter_slopes(network, &pass, &slopes);
                for (layer, [weights, _]) in found.layers.iter().enumerate() {
                    for (index, slope) in weights.iter().enumerate() {
                        let mut moved = |by: f64| {
                            let mut network = network.clone();
                            network.layers[layer].weights[index] += by;
                            pay(&network).0.0
                        };
                        let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                        // The divergence of a step ends at a marginal error of 1e-2.
                        let bound = if loss == Loss::Sinkhorn { 0.02 } else { 1e-8 };
                        assert!((slope - expected).abs() < bound, "{loss:?}: {slope} and {expected}");
                    }
                }
            });
        }
    }

    #[test]
    fn a_turn_moves_everybody_and_spends_what_it_says() {
        let params = params(Loss::NonSaturating);
        with_duel(&params, |mut duel| {
            let [generator, critic] = [duel.generator.network(), duel.critics[1].network()];
            let sizes = [&generator, &critic].map(parameters);
            duel.turn().unwrap();
            assert_ne!(duel.generator.network(), generator);
            assert_ne!(duel.critics[1].network(), critic);
            // For each of two adversaries: six points made, twelve told apart (three times); then six made, judged by
            // both (twice), and three times through the generator.
            let expected = 2 * (6 * sizes[0] + 36 * sizes[1]) + 2 * 12 * sizes[1] + 18 * sizes[0];
            assert_eq!(duel.budget.spent(), expected);
        });
    }

    #[test]
    fn a_generator_that_learns_no_more_stands_still() {
        let params = Params { learning_share: 0.0, ..params(Loss::Wasserstein) };
        with_duel(&params, |mut duel| {
            let before = duel.generator.network();
            (0..5).for_each(|_| duel.turn().unwrap());
            assert_eq!(duel.generator.network(), before);
            assert_eq!((duel.steps, duel.paid), (5, None));
        });
    }

    /// A few turns in either precision stay near each other, and are not the same.
    #[test]
    fn single_precision_plays_nearly_the_same_game() {
        for loss in LOSSES {
            let weights = |precision| {
                let params = Params { precision, ..params(loss) };
                let found = std::cell::RefCell::new(Vec::new());
                with_duel(&params, |mut duel| {
                    (0..3).for_each(|_| duel.turn().unwrap());
                    let layers = duel.generator.network().layers;
                    *found.borrow_mut() = layers.into_iter().flat_map(|layer| layer.weights).collect();
                });
                found.into_inner()
            };
            let (single, double): (Vec<f64>, Vec<f64>) = (weights(Precision::F32), weights(Precision::F64));
            assert!(single.iter().all(|weight| f64::from(*weight as f32) == *weight));
            // Steps of Adam are about 0.001 long, and their direction is at the mercy of rounding where a slope is near 0.
            let far = single.iter().zip(&double).filter(|(single, double)| (*single - *double).abs() > 1e-4);
            assert!(far.count() * 20 <= double.len() && single != double, "{loss:?}");
        }
    }
}
