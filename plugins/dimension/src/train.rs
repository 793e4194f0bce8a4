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

mod descent;
mod record;

use descent::{Descent, Linear, Problem, Relu, Tanh};
use record::{End, Record};

/// Farther out nothing comes back from the bowl with waves.
const FAR: f64 = 1e20;

/// Of sixteen trainings the two learning rates.
type Rates = [[f64; LANES]; 2];

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
            Trainee::Tanh => {
                simd::dispatch_registers(Descent { problem: &problem, rates: &rates, bend: Tanh })
            }
            Trainee::Relu => {
                simd::dispatch_registers(Descent { problem: &problem, rates: &rates, bend: Relu })
            }
            Trainee::Linear => {
                simd::dispatch_registers(Descent { problem: &problem, rates: &rates, bend: Linear })
            }
            Trainee::Waves => simd::dispatch(Waves { spec, rates: &rates }),
        };
        Ok(found[..block.len()].to_vec())
    };
    let found: Vec<Vec<End>> = points.par_chunks(LANES).map(block).collect::<Result<_, Failure>>()?;
    Ok(found.concat())
}

/// Descent on a bowl with waves.
struct Waves<'a> {
    spec: &'a Trainability,
    rates: &'a Rates,
}

impl Kernel for Waves<'_> {
    type Output = [End; LANES];

    #[inline(always)]
    fn run(self) -> [End; LANES] {
        let Self { spec, rates } = self;
        let wave = std::f64::consts::TAU / spec.wavelength;
        let mut places = [[1.0_f64; LANES]; 2];
        let mut losses = [0.0_f64; LANES];
        let mut record = Record::default();
        for step in 0..spec.steps {
            for (lane, loss) in losses.iter_mut().enumerate() {
                let [x, y] = [places[0][lane], places[1][lane]];
                let bowl = x * x + y * y;
                // Far out only that it is far matters, and the sine of a huge number costs much.
                if bowl.is_nan() || bowl > FAR {
                    *loss = f64::INFINITY;
                    continue;
                }
                // Without waves a sine is multiplied by nothing.
                let (sin, cos) =
                    if spec.amplitude > 0.0 { math::sin_cos(wave * (x + y)) } else { (0.0, 0.0) };
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
}
