//! Training at every pair of two learning rates, and the border between what converges and what does not.
//!
//! The network is f(x) = w1 · σ(W0 x / sqrt(inputs)) / sqrt(neurons) without biases, its loss the mean of (f(x) - y)² over all
//! samples, the step W0 -= η0 ∂/∂W0, w1 -= η1 ∂/∂w1 (Sohl-Dickstein 2024). Sixteen pairs of rates are trained side by side.

use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::{Failure, Raster, RunContext, math};
use rayon::prelude::*;

use crate::count::Set;
use crate::field::{View, ranks};
use crate::made::Made;
use crate::params::{Trainability, Trainee};
use crate::shape::Shape;

/// Steps whose mean loss decides.
const LAST: u32 = 20;
/// What a loss that is no number, or larger, counts as.
const HUGE: f64 = 1e300;

/// Farther out nothing comes back from the bowl with waves.
const FAR: f64 = 1e20;

/// A number for each of sixteen trainings.
type Lanes = [f64; LANES];

/// The border, and a picture: from -1 to 0 where training converges, the slower the nearer to -1; from 0 to 1 where it does
/// not, the later the nearer to 1.
///
/// # Errors
/// If the run is stopped, or all trainings end alike.
pub(crate) fn made(spec: &Trainability, pixels: usize, context: &RunContext<'_>) -> Result<Made, Failure> {
    let view = spec.view();
    let ends = ends(spec, &view, context)?;
    let side: Vec<f64> = ends.iter().map(|end| if end.converged { -1.0 } else { 1.0 }).collect();
    let Some(shape) = Shape::new(view.contour(&side, 0.0)) else {
        return Err(Failure::numeric("all trainings in the view end alike, so there is no border")
            .help("move `center`, or take a larger `view`"));
    };
    let converged = ends.iter().filter(|end| end.converged).count() as f64 / ends.len() as f64;
    Ok(Made {
        set: Set::Shape { shape, unit: view.step() },
        picture: Some(picture(&view, &ends, pixels)),
        scalars: vec![("converging", converged)],
    })
}

/// How a training ends.
#[derive(Clone, Copy, Debug, PartialEq)]
struct End {
    converged: bool,
    /// The larger, the longer it took: the sum over all steps of the loss, or of its inverse if training did not converge,
    /// as a share of the loss at the start.
    time: f64,
}

fn picture(view: &View, ends: &[End], pixels: usize) -> Raster {
    let mut values = vec![0.0; ends.len()];
    for converged in [true, false] {
        let of: Vec<usize> = (0..ends.len()).filter(|k| ends[*k].converged == converged).collect();
        let times: Vec<f64> = of.iter().map(|k| ends[*k].time).collect();
        let sign = if converged { -1.0 } else { 1.0 };
        of.iter().zip(ranks(&times)).for_each(|(k, rank)| values[*k] = sign * rank);
    }
    view.raster(&values, pixels)
}

/// All trainings, in the order of the points of the view.
fn ends(spec: &Trainability, view: &View, context: &RunContext<'_>) -> Result<Vec<End>, Failure> {
    let points = view.points();
    let problem = Problem::drawn(spec, context);
    let done = std::sync::atomic::AtomicU64::new(0);
    let block = |block: &[[f64; 2]]| {
        let blocks = (points.len() / LANES) as u64;
        context.step(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed), blocks)?;
        let rate = |axis: usize| {
            std::array::from_fn(|lane| math::powf(10.0, block[lane.min(block.len() - 1)][axis]))
        };
        let rates = [rate(0), rate(1)];
        let found = match spec.trainee {
            Trainee::Tanh => simd::dispatch(Descent::<Tanh> { problem: &problem, rates, bend: Tanh }),
            Trainee::Relu => simd::dispatch(Descent::<Relu> { problem: &problem, rates, bend: Relu }),
            Trainee::Linear => simd::dispatch(Descent::<Linear> { problem: &problem, rates, bend: Linear }),
            Trainee::Waves => waves(spec, &rates),
        };
        Ok(found[..block.len()].to_vec())
    };
    let found: Vec<Vec<End>> = points.par_chunks(LANES).map(block).collect::<Result<_, Failure>>()?;
    Ok(found.concat())
}

/// What is trained, and where it starts.
struct Problem {
    inputs: usize,
    neurons: usize,
    steps: u32,
    /// Inputs of each sample, divided by the square root of their number.
    samples: Vec<f64>,
    targets: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Problem {
    fn drawn(spec: &Trainability, context: &RunContext<'_>) -> Self {
        let (inputs, neurons) = (spec.width, spec.width);
        let normals =
            |name: &str, count: usize, deviation: f64| context.stream(name).normals(count, deviation);
        Self {
            inputs,
            neurons,
            steps: spec.steps,
            samples: normals("samples", spec.samples * inputs, 1.0 / (inputs as f64).sqrt()),
            targets: normals("targets", spec.samples, 1.0),
            first: normals("weights/1", neurons * inputs, 1.0),
            second: normals("weights/2", neurons, 1.0),
        }
    }
}

/// An activation with its slope.
trait Bend: Copy {
    fn of(self, x: f64) -> [f64; 2];
}

#[derive(Clone, Copy)]
struct Tanh;
#[derive(Clone, Copy)]
struct Relu;
#[derive(Clone, Copy)]
struct Linear;

impl Bend for Tanh {
    #[inline(always)]
    fn of(self, x: f64) -> [f64; 2] {
        math::tanh_sech2(x)
    }
}

impl Bend for Relu {
    #[inline(always)]
    fn of(self, x: f64) -> [f64; 2] {
        if x > 0.0 { [x, 1.0] } else { [0.0, 0.0] }
    }
}

impl Bend for Linear {
    #[inline(always)]
    fn of(self, x: f64) -> [f64; 2] {
        [x, 1.0]
    }
}

/// Sixteen trainings of one network with different learning rates.
struct Descent<'a, B> {
    problem: &'a Problem,
    rates: [Lanes; 2],
    bend: B,
}

impl<B: Bend> Kernel for Descent<'_, B> {
    type Output = [End; LANES];

    #[inline(always)]
    fn run(self) -> [End; LANES] {
        let Self { problem, rates, bend } = self;
        let spread = |values: &[f64]| values.iter().map(|value| [*value; LANES]).collect::<Vec<Lanes>>();
        let mut state = State {
            first: spread(&problem.first),
            second: spread(&problem.second),
            slopes: [vec![[0.0; LANES]; problem.first.len()], vec![[0.0; LANES]; problem.neurons]],
            outputs: vec![[[0.0; LANES]; 2]; problem.neurons],
        };
        let mut record = Record::default();
        for step in 0..problem.steps {
            let loss = state.slopes(problem, bend);
            record.take(&loss, problem.steps - step);
            state.step(&rates, 2.0 / problem.targets.len() as f64);
        }
        record.ends(problem.steps)
    }
}

/// The weights of sixteen networks, with the slopes of their losses.
struct State {
    first: Vec<Lanes>,
    second: Vec<Lanes>,
    slopes: [Vec<Lanes>; 2],
    /// Of each neuron what it gives and its slope.
    outputs: Vec<[Lanes; 2]>,
}

impl State {
    /// The losses; their slopes, but for the factor 2 / samples, are then in `slopes`.
    #[inline(always)]
    fn slopes(&mut self, problem: &Problem, bend: impl Bend) -> Lanes {
        let scale = 1.0 / (problem.neurons as f64).sqrt();
        self.slopes.iter_mut().flatten().for_each(|slope| *slope = [0.0; LANES]);
        let mut loss = [0.0; LANES];
        for (inputs, target) in problem.samples.chunks_exact(problem.inputs).zip(&problem.targets) {
            let mut error = [-*target; LANES];
            let rows = self.first.chunks_exact(problem.inputs).zip(&self.second);
            for ((weights, second), output) in rows.zip(&mut self.outputs) {
                let mut sum = [0.0; LANES];
                for (weight, input) in weights.iter().zip(inputs) {
                    for lane in 0..LANES {
                        sum[lane] = weight[lane].mul_add(*input, sum[lane]);
                    }
                }
                for lane in 0..LANES {
                    let [value, slope] = bend.of(sum[lane]);
                    output[0][lane] = value;
                    output[1][lane] = slope;
                    error[lane] = (second[lane] * scale).mul_add(value, error[lane]);
                }
            }
            for lane in 0..LANES {
                loss[lane] = error[lane].mul_add(error[lane], loss[lane]);
                error[lane] *= scale;
            }
            let [first, second] = &mut self.slopes;
            let rows = first.chunks_exact_mut(problem.inputs).zip(second.iter_mut());
            for (((first, slope), weight), output) in rows.zip(&self.second).zip(&self.outputs) {
                let mut back = [0.0; LANES];
                for lane in 0..LANES {
                    slope[lane] = error[lane].mul_add(output[0][lane], slope[lane]);
                    back[lane] = error[lane] * weight[lane] * output[1][lane];
                }
                for (slope, input) in first.iter_mut().zip(inputs) {
                    for lane in 0..LANES {
                        slope[lane] = back[lane].mul_add(*input, slope[lane]);
                    }
                }
            }
        }
        loss.map(|loss| loss / problem.targets.len() as f64)
    }

    #[inline(always)]
    fn step(&mut self, rates: &[Lanes; 2], factor: f64) {
        let [first, second] = &self.slopes;
        for ((weights, slopes), rate) in
            [(&mut self.first, first), (&mut self.second, second)].into_iter().zip(rates)
        {
            for (weight, slope) in weights.iter_mut().zip(slopes) {
                for lane in 0..LANES {
                    weight[lane] -= rate[lane] * factor * slope[lane];
                }
            }
        }
    }
}

/// What is kept of the losses on the way.
struct Record {
    start: Option<Lanes>,
    sum: Lanes,
    inverse: Lanes,
    last: Lanes,
}

impl Default for Record {
    fn default() -> Self {
        Self { start: None, sum: [0.0; LANES], inverse: [0.0; LANES], last: [0.0; LANES] }
    }
}

impl Record {
    /// Takes the losses before a step; so many steps are `left`, with this one.
    #[inline(always)]
    fn take(&mut self, loss: &Lanes, left: u32) {
        // What is no number is large.
        let loss = loss.map(|loss| if loss < HUGE { loss } else { HUGE });
        let start = *self.start.get_or_insert(loss);
        for lane in 0..LANES {
            let share = loss[lane] / start[lane];
            self.sum[lane] += share;
            self.inverse[lane] += 1.0 / share;
            if left <= LAST {
                self.last[lane] += share;
            }
        }
    }

    #[inline(always)]
    fn ends(&self, steps: u32) -> [End; LANES] {
        let counted = f64::from(LAST.min(steps));
        std::array::from_fn(|lane| {
            let converged = self.last[lane] < counted;
            let time = if converged { self.sum[lane] } else { self.inverse[lane].min(HUGE) };
            End { converged, time }
        })
    }
}

/// Descent on a bowl with waves.
fn waves(spec: &Trainability, rates: &[Lanes; 2]) -> [End; LANES] {
    let wave = std::f64::consts::TAU / spec.wavelength;
    let mut places = [[1.0_f64; LANES]; 2];
    let mut record = Record::default();
    for step in 0..spec.steps {
        let mut losses = [0.0; LANES];
        for (lane, loss) in losses.iter_mut().enumerate() {
            let [x, y] = [places[0][lane], places[1][lane]];
            let bowl = x * x + y * y;
            // Far out only that it is far matters, and the sine of a huge number costs much.
            if bowl.is_nan() || bowl > FAR {
                *loss = f64::INFINITY;
                continue;
            }
            let (sin, cos) = math::sin_cos(wave * (x + y));
            let height = 1.0 + spec.amplitude * cos;
            *loss = bowl * height;
            let across = spec.amplitude * wave * bowl * sin;
            places[0][lane] -= rates[0][lane] * (2.0 * x * height - across);
            places[1][lane] -= rates[1][lane] * (2.0 * y * height - across);
        }
        record.take(&losses, spec.steps - step);
    }
    record.ends(spec.steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::context::Silent;
    use octavo_plugin::{CancelToken, Inputs, Seed};

    fn ends_of(spec: &Trainability) -> Vec<End> {
        let (inputs, cancel) = (Inputs::default(), CancelToken::new());
        ends(spec, &spec.view(), &RunContext::new(Seed(3), &inputs, &cancel, &Silent)).unwrap()
    }

    #[test]
    fn a_bowl_without_waves_converges_below_rate_one() {
        // x becomes x (1 - 2 η): bounded for η < 1, in both directions on their own.
        let spec = Trainability {
            trainee: Trainee::Waves,
            amplitude: 0.0,
            resolution: 16,
            center: [0.0, 0.0],
            view: 1.0,
            steps: 2000,
            ..Trainability::default()
        };
        for (end, [x, y]) in ends_of(&spec).iter().zip(spec.view().points()) {
            assert_eq!(end.converged, x < 0.0 && y < 0.0, "{x}, {y}");
        }
    }

    #[test]
    fn a_linear_neuron_converges_where_its_quadratic_does() {
        // f = w1 w0 x with w1 held (its rate is 1e-280): the loss is quadratic in w0 with curvature 2 (w1 x)², so η0 (w1 x)² < 1.
        let spec = Trainability {
            trainee: Trainee::Linear,
            width: 1,
            samples: 1,
            steps: 300,
            resolution: 64,
            center: [0.0, -280.0],
            view: 6.0,
            ..Trainability::default()
        };
        let (inputs, cancel) = (Inputs::default(), CancelToken::new());
        let problem = Problem::drawn(&spec, &RunContext::new(Seed(3), &inputs, &cancel, &Silent));
        let limit = -2.0 * math::log10((problem.second[0] * problem.samples[0]).abs());
        for (end, [x, y]) in ends_of(&spec).iter().zip(spec.view().points()) {
            let clear = (x - limit).abs() > 0.05;
            assert!(!clear || end.converged == (x < limit), "{x}, {y}, {limit}");
        }
    }

    #[test]
    fn slopes_are_those_of_the_loss() {
        let spec = Trainability { width: 3, samples: 4, ..Trainability::default() };
        let (inputs, cancel) = (Inputs::default(), CancelToken::new());
        let problem = Problem::drawn(&spec, &RunContext::new(Seed(5), &inputs, &cancel, &Silent));
        let state = |change: &dyn Fn(&mut State)| {
            let spread = |values: &[f64]| values.iter().map(|value| [*value; LANES]).collect::<Vec<Lanes>>();
            let mut state = State {
                first: spread(&problem.first),
                second: spread(&problem.second),
                slopes: [vec![[0.0; LANES]; 9], vec![[0.0; LANES]; 3]],
                outputs: vec![[[0.0; LANES]; 2]; 3],
            };
            change(&mut state);
            let loss = state.slopes(&problem, Tanh)[0];
            (loss, state.slopes)
        };
        let (_, slopes) = state(&|_| {});
        for (index, slope) in slopes[0].iter().enumerate() {
            let moved = |by: f64| state(&|state| state.first[index] = state.first[index].map(|w| w + by)).0;
            let expected = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((0.5 * slope[0] - expected).abs() < 1e-8, "{index}");
        }
        for (index, slope) in slopes[1].iter().enumerate() {
            let moved = |by: f64| state(&|state| state.second[index] = state.second[index].map(|w| w + by)).0;
            let expected = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((0.5 * slope[0] - expected).abs() < 1e-8, "{index}");
        }
    }
}
