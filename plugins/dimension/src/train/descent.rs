//! Sixteen networks with one hidden layer, trained side by side by full-batch gradient descent.
//!
//! A register holds one number of as many networks as it has lanes, and networks never speak to each other. All sums run in
//! one order, over inputs, neurons or samples, so that the bits are the same on registers of every width. A neuron whose weights
//! a step left as they were gives what it gave: where rates are large, many are saturated soon.

use octavo_plugin::simd::{LANES, RegisterKernel, Simd};
use octavo_plugin::{RunContext, math};

use super::Rates;
use super::record::{End, Record};
use crate::params::Trainability;

/// Samples, or inputs, whose sums are kept in registers together.
const TILE: usize = 8;

/// Beyond this tanh has slope 0, where it would be below 10^-259: weights would not move by it, and products with numbers
/// that small are no longer normal, which processors take a hundred times as long for.
const FLAT: f64 = 300.0;

/// What is trained, and where it starts.
pub(super) struct Problem {
    pub(super) inputs: usize,
    pub(super) neurons: usize,
    pub(super) steps: u32,
    /// Inputs of each sample, divided by the square root of their number.
    pub(super) samples: Vec<f64>,
    pub(super) targets: Vec<f64>,
    pub(super) first: Vec<f64>,
    pub(super) second: Vec<f64>,
}

impl Problem {
    pub(super) fn drawn(spec: &Trainability, context: &RunContext<'_>) -> Self {
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
pub(super) trait Bend: Copy {
    fn of(self, x: f64) -> [f64; 2];
}

#[derive(Clone, Copy)]
pub(super) struct Tanh;
#[derive(Clone, Copy)]
pub(super) struct Relu;
#[derive(Clone, Copy)]
pub(super) struct Linear;

impl Bend for Tanh {
    #[inline(always)]
    fn of(self, x: f64) -> [f64; 2] {
        let inside = x.clamp(-FLAT, FLAT);
        let [value, slope] = math::tanh_sech2(inside);
        [value, if inside == x || x.is_nan() { slope } else { 0.0 }]
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
pub(super) struct Descent<'a, B> {
    pub(super) problem: &'a Problem,
    pub(super) rates: &'a Rates,
    pub(super) bend: B,
}

impl<B: Bend> RegisterKernel for Descent<'_, B> {
    type Output = [End; LANES];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [End; LANES] {
        let Self { problem, rates, bend } = self;
        let lanes = size_of::<S::f64s>() / size_of::<f64>();
        let factor = 2.0 / problem.targets.len() as f64;
        let steps = rates.map(|rates| rates.map(|rate| rate * factor));
        let mut groups: Vec<Networks> = (0..LANES / lanes).map(|_| Networks::new(problem, lanes)).collect();
        let mut record = Record::default();
        let mut losses = [0.0_f64; LANES];
        for step in 0..problem.steps {
            for (index, group) in groups.iter_mut().enumerate() {
                let own = index * lanes..(index + 1) * lanes;
                let losses = &mut losses[own.clone()];
                // A loss that is no number makes all weights of the second layer none: it stays.
                if losses.iter().all(|loss| loss.is_nan()) {
                    continue;
                }
                group.forward(simd, problem, bend);
                group.losses(simd, problem, losses);
                group.step(simd, problem, [&steps[0][own.clone()], &steps[1][own]]);
            }
            record.take(&losses, problem.steps - step);
        }
        record.ends(problem.steps)
    }
}

/// As many networks as a register has lanes.
pub(super) struct Networks {
    /// Weights of the first layer, neurons × inputs registers.
    pub(super) first: Room,
    /// Weights of the second layer.
    pub(super) second: Room,
    /// What each neuron gives for each sample, neurons × samples.
    values: Room,
    /// The slopes of its activation there.
    slopes: Room,
    /// The error of each sample.
    errors: Room,
    /// The slope of the loss in what a neuron sums, for each sample.
    back: Room,
    /// Whether the last step left a neuron's weights of the first layer as they were, to the bit, in all of the networks.
    still: Vec<bool>,
}

impl Networks {
    pub(super) fn new(problem: &Problem, lanes: usize) -> Self {
        let spread = |values: &[f64]| {
            let mut room = Room::new(values.len() * lanes);
            let numbers = room.numbers_mut().chunks_exact_mut(lanes);
            numbers.zip(values).for_each(|(numbers, value)| numbers.fill(*value));
            room
        };
        let room = |count: usize| Room::new(count * lanes);
        let samples = problem.targets.len();
        Self {
            first: spread(&problem.first),
            second: spread(&problem.second),
            values: room(problem.neurons * samples),
            slopes: room(problem.neurons * samples),
            errors: room(samples),
            back: room(samples),
            still: vec![false; problem.neurons],
        }
    }

    /// What the neurons give for all samples: those that are still, what they gave.
    #[inline(always)]
    pub(super) fn forward<S: Simd>(&mut self, simd: S, problem: &Problem, bend: impl Bend) {
        let (inputs, samples) = (problem.inputs, problem.targets.len());
        let row = samples * size_of::<S::f64s>() / size_of::<f64>();
        let weights = self.first.registers::<S>().chunks_exact(inputs);
        let values = self.values.numbers_mut().chunks_exact_mut(row);
        let rows = values.zip(self.slopes.numbers_mut().chunks_exact_mut(row));
        for ((weights, (values, slopes)), still) in weights.zip(rows).zip(&self.still) {
            if *still {
                continue;
            }
            let mut sums = S::as_mut_simd_f64s(values).0.chunks_exact_mut(TILE);
            let mut rows = problem.samples.chunks_exact(TILE * inputs);
            for (sums, rows) in (&mut sums).zip(&mut rows) {
                sums_of::<S, TILE>(simd, weights, rows, sums);
            }
            let rest = sums.into_remainder().chunks_exact_mut(1);
            for (sum, row) in rest.zip(rows.remainder().chunks_exact(inputs)) {
                sums_of::<S, 1>(simd, weights, row, sum);
            }
            for (value, slope) in values.iter_mut().zip(slopes) {
                [*value, *slope] = bend.of(*value);
            }
        }
    }

    /// The mean squared errors, and the errors times the scale of the outputs.
    #[inline(always)]
    pub(super) fn losses<S: Simd>(&mut self, simd: S, problem: &Problem, losses: &mut [f64]) {
        let scale = simd.splat_f64s(1.0 / (problem.neurons as f64).sqrt());
        let errors = self.errors.registers_mut::<S>();
        errors
            .iter_mut()
            .zip(&problem.targets)
            .for_each(|(error, target)| *error = simd.splat_f64s(-*target));
        let rows = self.values.registers::<S>().chunks_exact(problem.targets.len());
        for (weight, values) in self.second.registers::<S>().iter().zip(rows) {
            let weight = simd.mul_f64s(*weight, scale);
            for (error, value) in errors.iter_mut().zip(values) {
                *error = simd.mul_add_f64s(weight, *value, *error);
            }
        }
        let mut loss = simd.splat_f64s(0.0);
        for error in errors {
            loss = simd.mul_add_f64s(*error, *error, loss);
            *error = simd.mul_f64s(*error, scale);
        }
        S::as_mut_simd_f64s(losses).0[0] = loss;
        losses.iter_mut().for_each(|loss| *loss /= problem.targets.len() as f64);
    }

    /// A step against the slopes, which are sums over samples, by so much for each layer.
    #[inline(always)]
    pub(super) fn step<S: Simd>(&mut self, simd: S, problem: &Problem, sizes: [&[f64]; 2]) {
        let (inputs, samples) = (problem.inputs, problem.targets.len());
        let [for_first, for_second] = sizes.map(|sizes| S::as_simd_f64s(sizes).0[0]);
        let (errors, back) = (self.errors.registers::<S>(), self.back.registers_mut::<S>());
        let rows =
            self.first.registers_mut::<S>().chunks_exact_mut(inputs).zip(self.second.registers_mut::<S>());
        let values = self.values.registers::<S>().chunks_exact(samples);
        let slopes = self.slopes.registers::<S>().chunks_exact(samples);
        for ((((weights, second), values), slopes), still) in
            rows.zip(values).zip(slopes).zip(&mut self.still)
        {
            let mut slope = simd.splat_f64s(0.0);
            for (((back, error), value), bent) in back.iter_mut().zip(errors).zip(values).zip(slopes) {
                slope = simd.mul_add_f64s(*error, *value, slope);
                *back = simd.mul_f64s(simd.mul_f64s(*error, *second), *bent);
            }
            *second = simd.sub_f64s(*second, simd.mul_f64s(for_second, slope));
            let mut moved = simd.splat_f64s(0.0);
            let mut from = 0;
            while from + TILE <= inputs {
                let (samples, weights) = (&problem.samples[from..], &mut weights[from..]);
                let part = descend::<S, TILE>(simd, for_first, back, samples, inputs, weights);
                moved = simd.or_f64s(moved, part);
                from += TILE;
            }
            for from in from..inputs {
                let (samples, weights) = (&problem.samples[from..], &mut weights[from..]);
                let part = descend::<S, 1>(simd, for_first, back, samples, inputs, weights);
                moved = simd.or_f64s(moved, part);
            }
            let mut bits = [0.0; LANES];
            S::as_mut_simd_f64s(&mut bits).0[0] = moved;
            *still = bits.iter().all(|bits| bits.to_bits() == 0);
        }
    }
}

/// What a neuron with these weights sums for so many samples, whose inputs are the rows.
#[inline(always)]
fn sums_of<S: Simd, const SAMPLES: usize>(simd: S, weights: &[S::f64s], rows: &[f64], sums: &mut [S::f64s]) {
    let inputs = weights.len();
    let mut totals = [simd.splat_f64s(0.0); SAMPLES];
    let rows: [&[f64]; SAMPLES] = std::array::from_fn(|sample| &rows[sample * inputs..][..inputs]);
    for (input, weight) in weights.iter().enumerate() {
        for sample in 0..SAMPLES {
            let x = simd.splat_f64s(rows[sample][input]);
            totals[sample] = simd.mul_add_f64s(*weight, x, totals[sample]);
        }
    }
    sums[..SAMPLES].copy_from_slice(&totals);
}

/// Moves so many weights of a neuron; `samples` begins with the first sample's input of the first of them. Gives the bits that
/// are others in some of them than before.
#[inline(always)]
fn descend<S: Simd, const INPUTS: usize>(
    simd: S,
    size: S::f64s,
    back: &[S::f64s],
    samples: &[f64],
    inputs: usize,
    weights: &mut [S::f64s],
) -> S::f64s {
    let mut totals = [simd.splat_f64s(0.0); INPUTS];
    for (back, sample) in back.iter().zip(samples.chunks(inputs)) {
        let sample = &sample[..INPUTS];
        for input in 0..INPUTS {
            totals[input] = simd.mul_add_f64s(*back, simd.splat_f64s(sample[input]), totals[input]);
        }
    }
    let mut moved = simd.splat_f64s(0.0);
    for (weight, slope) in weights.iter_mut().zip(totals) {
        let before = *weight;
        *weight = simd.sub_f64s(before, simd.mul_f64s(size, slope));
        moved = simd.or_f64s(moved, simd.xor_f64s(before, *weight));
    }
    moved
}

/// Numbers that begin with a cache line, so that no register lies in two.
pub(super) struct Room {
    numbers: Vec<f64>,
    start: usize,
    count: usize,
}

impl Room {
    fn new(count: usize) -> Self {
        const LINE: usize = 64;
        let spare = LINE / size_of::<f64>();
        let numbers = vec![0.0; count + spare];
        let start = numbers.as_ptr().align_offset(LINE).min(spare);
        Self { numbers, start, count }
    }

    pub(super) fn numbers_mut(&mut self) -> &mut [f64] {
        &mut self.numbers[self.start..][..self.count]
    }

    #[inline(always)]
    fn registers<S: Simd>(&self) -> &[S::f64s] {
        S::as_simd_f64s(&self.numbers[self.start..][..self.count]).0
    }

    #[inline(always)]
    fn registers_mut<S: Simd>(&mut self) -> &mut [S::f64s] {
        S::as_mut_simd_f64s(self.numbers_mut()).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::context::Silent;
    use octavo_plugin::simd::dispatch_registers;
    use octavo_plugin::{CancelToken, Inputs, Seed};

    fn problem(width: usize, samples: usize) -> Problem {
        let spec = Trainability { width, samples, ..Trainability::default() };
        let (inputs, cancel) = (Inputs::default(), CancelToken::new());
        Problem::drawn(&spec, &RunContext::new(Seed(5), &inputs, &cancel, &Silent))
    }

    /// The mean squared error, by the formula.
    fn loss(problem: &Problem, first: &[f64], second: &[f64]) -> f64 {
        let of = |sample: &[f64], target: &f64| {
            let neuron = |(weights, weight): (&[f64], &f64)| {
                let sum: f64 = weights.iter().zip(sample).map(|(weight, x)| weight * x).sum();
                weight * math::tanh(sum)
            };
            let sum: f64 = first.chunks(problem.inputs).zip(second).map(neuron).sum();
            let error = sum / (problem.neurons as f64).sqrt() - target;
            error * error
        };
        let losses = problem.samples.chunks(problem.inputs).zip(&problem.targets).map(|(x, y)| of(x, y));
        losses.sum::<f64>() / problem.targets.len() as f64
    }

    /// The loss of each network, and its weights after a step of these sizes.
    struct OneStep<'a>(&'a Problem, [f64; 2]);

    impl RegisterKernel for OneStep<'_> {
        type Output = (Vec<f64>, [Vec<f64>; 2]);

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Output {
            let lanes = size_of::<S::f64s>() / size_of::<f64>();
            let mut networks = Networks::new(self.0, lanes);
            let mut losses = vec![0.0; lanes];
            let sizes = self.1.map(|size| vec![size * 2.0 / self.0.targets.len() as f64; lanes]);
            networks.forward(simd, self.0, Tanh);
            networks.losses(simd, self.0, &mut losses);
            networks.step(simd, self.0, [&sizes[0], &sizes[1]]);
            let weights = [&mut networks.first, &mut networks.second]
                .map(|room| room.numbers_mut().iter().step_by(lanes).copied().collect());
            (losses, weights)
        }
    }

    #[test]
    fn a_step_goes_down_the_slopes_of_the_loss() {
        // Fewer and more inputs and samples than a tile holds, and no multiple of it.
        for (width, samples) in [(1, 1), (3, 4), (8, 8), (13, 21)] {
            let problem = problem(width, samples);
            let weights = [problem.first.clone(), problem.second.clone()];
            let (losses, moved) = dispatch_registers(OneStep(&problem, [0.5, 0.25]));
            let expected = loss(&problem, &weights[0], &weights[1]);
            assert!(losses.iter().all(|loss| (loss - expected).abs() < 1e-13 * expected));
            for (layer, size) in [(0, 0.5), (1, 0.25)] {
                for (index, after) in moved[layer].iter().enumerate() {
                    let at = |by: f64| {
                        let mut weights = weights.clone();
                        weights[layer][index] += by;
                        loss(&problem, &weights[0], &weights[1])
                    };
                    let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
                    let expected = weights[layer][index] - size * slope;
                    assert!((after - expected).abs() < 1e-8, "{width} inputs, layer {layer}, weight {index}");
                }
            }
        }
    }

    /// The bits of all weights after some steps of these sizes, and how often a neuron was still; whether that is forgotten.
    struct Steps<'a>(&'a Problem, [f64; 2], bool);

    impl RegisterKernel for Steps<'_> {
        type Output = (Vec<u64>, usize);

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Output {
            let Self(problem, sizes, forget) = self;
            let lanes = size_of::<S::f64s>() / size_of::<f64>();
            let mut networks = Networks::new(problem, lanes);
            let mut losses = vec![0.0; lanes];
            let sizes = sizes.map(|size| vec![size; lanes]);
            let mut still = 0;
            for _ in 0..40 {
                networks.forward(simd, problem, Tanh);
                networks.losses(simd, problem, &mut losses);
                networks.step(simd, problem, [&sizes[0], &sizes[1]]);
                still += networks.still.iter().filter(|still| **still).count();
                if forget {
                    networks.still.fill(false);
                }
            }
            let [first, second] = [&mut networks.first, &mut networks.second];
            let numbers = first.numbers_mut().iter().chain(second.numbers_mut().iter());
            (numbers.map(|x| x.to_bits()).collect(), still)
        }
    }

    #[test]
    fn neurons_that_are_still_give_what_they_gave() {
        let problem = problem(9, 11);
        for (sizes, some) in [([0.1, 0.1], false), ([1e3, 0.1], true), ([1e3, 1e3], true)] {
            let [known, forgotten] =
                [false, true].map(|forget| dispatch_registers(Steps(&problem, sizes, forget)));
            assert_eq!(known.0, forgotten.0, "{sizes:?}");
            assert_eq!(known.1 > 0, some, "{sizes:?}: {} neurons were still", known.1);
        }
    }

    #[test]
    fn far_out_a_hyperbolic_tangent_is_flat() {
        for x in [301.0, 1e300, f64::INFINITY] {
            assert_eq!((Tanh.of(x), Tanh.of(-x)), ([1.0, 0.0], [-1.0, 0.0]));
        }
        assert_eq!(Tanh.of(299.0), math::tanh_sech2(299.0));
        assert!(Tanh.of(f64::NAN).iter().all(|x| x.is_nan()));
    }
}
