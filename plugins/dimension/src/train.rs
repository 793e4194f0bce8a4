//! Training at every pair of two learning rates, and the border between what converges and what does not.
//!
//! The network is f(x) = w1 · σ(W0 x / sqrt(inputs)) / sqrt(neurons) without biases, its loss the mean of (f(x) - y)² over all
//! samples, the step W0 -= η0 ∂/∂W0, w1 -= η1 ∂/∂w1 (Sohl-Dickstein 2024). Sixteen pairs of rates are trained side by side.

use octavo_plugin::order::ranks;
use octavo_plugin::simd::{self, Kernel, LANES};
use octavo_plugin::{Failure, Raster, RunContext, math};
use rayon::prelude::*;

use crate::count::Set;
use crate::field::View;
use crate::made::Made;
use crate::params::{Trainability, Trainee};
use crate::shape::{Point, Shape};

mod descent;
mod record;

use descent::{Descent, Linear, Problem, Relu, Tanh};
use record::{End, Record};

/// To within this many powers of ten the border is found.
const NEAR: f64 = 1e-14;
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
    let problem = Problem::drawn(spec, context);
    let mut view = spec.view();
    if spec.on_border {
        view.center = on_border(spec, &problem, context)?;
    }
    let ends = ends(spec, &view, &problem, context)?;
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

/// The point nearest to the centre at which trainings end differently, to the last digits, among those on the line on which
/// both rates grow alike.
fn on_border(spec: &Trainability, problem: &Problem, context: &RunContext<'_>) -> Result<Point, Failure> {
    let along = |t: f64| spec.center.map(|x| x + t);
    let (mut low, mut high) = (-1.0_f64, 1.0_f64);
    while high - low > NEAR {
        context.go_on()?;
        let last = LANES - 1;
        let places: [f64; LANES] =
            std::array::from_fn(
                |k| if k == last { high } else { low + (high - low) * k as f64 / last as f64 },
            );
        let ends = trained(spec, problem, &places.map(along));
        let away = |k: &usize| (places[*k] + places[k + 1]).abs();
        let crossings = (0..last).filter(|k| ends[*k].converged != ends[k + 1].converged);
        let Some(nearest) = crossings.min_by(|a, b| away(a).total_cmp(&away(b))) else {
            return Err(Failure::numeric(
                "no border passes within a power of ten of `center`, both rates growing alike",
            )
            .help("move `center`"));
        };
        (low, high) = (places[nearest], places[nearest + 1]);
    }
    Ok(along(0.5 * (low + high)))
}

/// All trainings, in the order of the points of the view.
fn ends(
    spec: &Trainability,
    view: &View,
    problem: &Problem,
    context: &RunContext<'_>,
) -> Result<Vec<End>, Failure> {
    let points = view.points();
    let done = std::sync::atomic::AtomicU64::new(0);
    let block = |block: &[Point]| {
        let blocks = (points.len() / LANES) as u64;
        context.step(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed), blocks)?;
        let points = std::array::from_fn(|lane| block[lane.min(block.len() - 1)]);
        Ok(trained(spec, problem, &points)[..block.len()].to_vec())
    };
    let found: Vec<Vec<End>> = points.par_chunks(LANES).map(block).collect::<Result<_, Failure>>()?;
    Ok(found.concat())
}

/// Sixteen trainings, with the logarithms of their rates.
fn trained(spec: &Trainability, problem: &Problem, points: &[Point; LANES]) -> [End; LANES] {
    let rate = |axis: usize| std::array::from_fn(|lane| math::powf(10.0, points[lane][axis]));
    let rates = &[rate(0), rate(1)];
    match spec.trainee {
        Trainee::Tanh => simd::dispatch_registers(Descent { problem, rates, bend: Tanh }),
        Trainee::Relu => simd::dispatch_registers(Descent { problem, rates, bend: Relu }),
        Trainee::Linear => simd::dispatch_registers(Descent { problem, rates, bend: Linear }),
        Trainee::Waves => simd::dispatch(Waves { spec, rates }),
    }
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

    fn in_context<T>(run: impl Fn(&RunContext<'_>) -> T) -> T {
        let (inputs, cancel) = (Inputs::default(), CancelToken::new());
        run(&RunContext::new(Seed(3), &inputs, &cancel, &Silent))
    }

    fn ends_of(spec: &Trainability) -> Vec<End> {
        in_context(|context| ends(spec, &spec.view(), &Problem::drawn(spec, context), context).unwrap())
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
    fn the_border_of_a_bowl_is_found_and_stays_in_view() {
        // Where both rates are 1, the bowl's corner: x becomes x (1 - 2 η), which keeps its size.
        let bowl = Trainability {
            trainee: Trainee::Waves,
            amplitude: 0.0,
            resolution: 16,
            center: [0.3, 0.3],
            steps: 2000,
            on_border: true,
            ..Trainability::default()
        };
        let found = in_context(|context| on_border(&bowl, &Problem::drawn(&bowl, context), context)).unwrap();
        assert!(found.iter().all(|x| x.abs() < 1e-13), "{found:?}");
        let away = Trainability { center: [3.0, 3.0], ..bowl };
        let none = in_context(|context| made(&away, 16, context).err()).unwrap();
        assert!(none.message.contains("no border passes"), "{none}");
    }

    #[test]
    fn a_network_has_a_border_in_every_view_on_it() {
        for view in [1.0, 1e-4, 1e-9] {
            let spec = |on_border| Trainability {
                view,
                on_border,
                resolution: 16,
                steps: 40,
                ..Trainability::default()
            };
            let share = |spec: &Trainability| {
                in_context(|context| made(spec, 16, context).map(|made| made.scalars[0].1))
            };
            let found = share(&spec(true)).unwrap();
            assert!(found > 0.0 && found < 1.0, "{view}: {found}");
            assert!(view == 1.0 || share(&spec(false)).is_err(), "{view}");
        }
    }
}
