//! Position, velocity and acceleration of a curve in R^n at many angles, pushed through layers exactly.
//!
//! With h = W x + b the three move by the same matrix (one wide product `[x | v | a]`); through an activation f they
//! become f(h), f'(h) v and f''(h) v² + f'(h) a. Nothing is differenced, so nothing is lost to cancellation.

use octavo_plugin::linalg::{self, Element, Packed, Right};
use octavo_plugin::{Activation, Layer, math};

use crate::passes::{self, Expected, Sums};
use crate::real::Real;

/// Speeds below this are zero: the next layer's would be no normal floats.
const SLOWEST: f64 = 1e-290;

/// Position, velocity and acceleration at each of `points` angles, `rows` coordinates each.
#[derive(Clone, Debug)]
pub struct Jets<T = f64> {
    rows: usize,
    points: usize,
    /// rows × 3 points, row-major: positions, velocities, accelerations.
    data: Vec<T>,
    /// What the last measurement lets one expect of the next.
    expected: Expected,
}

/// Jets behind an activation, in the order in which the product with the next layer's weights reads them.
pub struct Images<T> {
    points: usize,
    packed: Right<T>,
    expected: Expected,
}

impl<T: Element> Images<T> {
    /// None, and memory for none.
    pub fn none() -> Self {
        Self { points: 0, packed: Right::default(), expected: Expected::nothing(0) }
    }
}

/// An ellipse `c + a cos t + b sin t` in R^n; the vectors need not be orthogonal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ellipse {
    /// The centre.
    pub c: Vec<f64>,
    /// The vector of cos t.
    pub a: Vec<f64>,
    /// The vector of sin t.
    pub b: Vec<f64>,
}

impl Ellipse {
    /// The image under the affine map of a layer.
    pub fn through(&self, layer: &Layer) -> Self {
        let columns: Vec<f64> =
            (0..layer.inputs).flat_map(|row| [self.c[row], self.a[row], self.b[row]]).collect();
        let image = linalg::matmul(layer.outputs, layer.inputs, 3, &layer.weights, &columns);
        let column = |index: usize| image.iter().skip(index).step_by(3).copied();
        let c = column(0).zip(&layer.bias).map(|(x, bias)| x + bias).collect();
        Self { c, a: column(1).collect(), b: column(2).collect() }
    }
}

impl Ellipse {
    /// The positions at these angles: rows × angles, row-major.
    pub fn positions(&self, angles: &[f64]) -> Vec<f64> {
        let turns: Vec<(f64, f64)> = angles.iter().map(|angle| math::sin_cos(*angle)).collect();
        let row = |row: usize| {
            let (c, a, b) = (self.c[row], self.a[row], self.b[row]);
            turns.iter().map(move |(sin, cos)| c + (a * cos + b * sin))
        };
        (0..self.c.len()).flat_map(row).collect()
    }
}

/// What a curve does at each angle.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// |v|: the integrand of length.
    pub speed: Vec<f64>,
    /// |a - (v·a / v·v) v| / |v|: the integrand of total curvature. In the plane it carries the sign of the turn.
    pub turning: Vec<f64>,
    /// v·a / v·v: how fast the speed grows, relative to itself.
    pub growth: Vec<f64>,
    /// The angle between the unit tangent here and the one at the next angle of the same batch, which bounds the integral
    /// of the turning from below: the tangent takes no shorter way. The last angle of a batch has none (zero).
    pub angle: Vec<f64>,
}

impl Rates {
    /// The values whose changes of sign are corners of an integrand: inflections, in the plane only.
    pub fn signed(&self, dimension: usize) -> &[f64] {
        if dimension == 2 { &self.turning } else { &[] }
    }

    /// Takes what is in doubt from `known`, which has the rates at these points, in order: those of points on their own, and
    /// the angles to their neighbours.
    fn replace(&mut self, points: &[usize], doubt: &[[bool; 2]], known: &Self) {
        for (index, point) in points.iter().enumerate() {
            let [own, angle] = doubt[*point];
            if own {
                self.speed[*point] = known.speed[index];
                self.turning[*point] = known.turning[index];
                self.growth[*point] = known.growth[index];
            }
            if angle {
                self.angle[*point] = known.angle[index];
            }
        }
    }

    /// Appends the rates at the first `count` of further angles.
    pub fn append(&mut self, more: &Self, count: usize) {
        self.speed.extend(&more.speed[..count]);
        self.turning.extend(&more.turning[..count]);
        self.growth.extend(&more.growth[..count]);
        self.angle.extend(&more.angle[..count]);
    }
}

/// The rates at a point whose squares leave the range of floats.
struct Scaled {
    point: usize,
    speed: f64,
    turning: f64,
    growth: f64,
}

impl Jets {
    /// From functions of the angle: `curve(t)` gives position, velocity and acceleration.
    pub fn of_curve<const N: usize>(angles: &[f64], curve: impl Fn(f64) -> [[f64; N]; 3]) -> Self {
        let points = angles.len();
        let mut data = vec![0.0; N * 3 * points];
        for (point, angle) in angles.iter().enumerate() {
            for (part, vector) in curve(*angle).iter().enumerate() {
                for (row, value) in vector.iter().enumerate() {
                    data[(row * 3 + part) * points + point] = *value;
                }
            }
        }
        Self { rows: N, points, data, expected: Expected::nothing(points) }
    }
}

impl<T: Real> Jets<T> {
    /// Of an ellipse, in closed form, in the memory of other jets.
    pub fn of_ellipse(ellipse: &Ellipse, angles: &[f64], memory: Self) -> Self {
        let (rows, points) = (ellipse.c.len(), angles.len());
        let (sin, cos): (Vec<f64>, Vec<f64>) = angles.iter().map(|angle| math::sin_cos(*angle)).unzip();
        let mut data = memory.data;
        data.clear();
        data.reserve(rows * 3 * points);
        for row in 0..rows {
            let (c, a, b) = (ellipse.c[row], ellipse.a[row], ellipse.b[row]);
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| T::of(c + (a * cos + b * sin))));
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| T::of(b * cos - a * sin)));
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| T::of(-(a * cos + b * sin))));
        }
        Self { rows, points, data, expected: Expected::nothing(points) }
    }

    /// Of points that move evenly: positions and velocities.
    pub fn of_sides(sides: &[(Vec<f64>, Vec<f64>)]) -> Self {
        let (rows, points) = (sides.first().map_or(0, |(position, _)| position.len()), sides.len());
        let mut data = Vec::with_capacity(rows * 3 * points);
        for row in 0..rows {
            data.extend(sides.iter().map(|(position, _)| T::of(position[row])));
            data.extend(sides.iter().map(|(_, velocity)| T::of(velocity[row])));
            data.extend(std::iter::repeat_n(T::of(0.0), points));
        }
        Self { rows, points, data, expected: Expected::nothing(points) }
    }

    /// None, and memory for none.
    pub fn none() -> Self {
        Self { rows: 0, points: 0, data: Vec::new(), expected: Expected::nothing(0) }
    }

    /// Makes these the images of others, given as a right matrix with what it lets one expect, under an affine map whose
    /// weights are packed.
    pub fn become_image(&mut self, weights: &Packed<T>, bias: &[f64], of: &Images<T>) {
        (self.rows, self.points) = (bias.len(), of.points);
        self.data.resize(self.rows * 3 * self.points, T::default());
        weights.times(&of.packed, &mut self.data);
        passes::shift(&mut self.data, self.points, bias);
        self.expected.clone_from(&of.expected);
    }

    /// Looks at speeds once, where no measurement has told what to expect of the first.
    pub fn foresee(&mut self) {
        let nothing = Expected::nothing(self.points);
        let sums = passes::measure(&self.data, &nothing);
        let rates = (0..self.points).map(|point| sums.speed(&nothing, point));
        let (speed, growth): (Vec<f64>, Vec<f64>) = rates.map(<[f64; 2]>::into).unzip();
        self.expected = Expected::from(&speed, &growth);
    }

    /// Applies a smooth activation to every coordinate, into the memory of `images`. Gives the rates before and after it.
    pub fn activate_into(&self, activation: Activation, images: &mut Images<T>) -> [Rates; 2] {
        images.packed.resize(self.rows, 3 * self.points);
        let keep = |first: usize, rows: &[T]| images.packed.set_rows(first, rows);
        let [before, after] = passes::activate(&self.data, activation, &self.expected, keep);
        let before = self.rates_from(&before, |points| self.at(points));
        let after = self.rates_from(&after, |points| self.at(points).activated(activation));
        images.points = self.points;
        images.expected = Expected::from(&after.speed, &after.growth);
        [before, after]
    }

    /// As [`Self::activate_into`], without measuring.
    pub fn activate_unmeasured(&self, activation: Activation, images: &mut Images<T>) {
        images.packed.resize(self.rows, 3 * self.points);
        passes::images(&self.data, self.points, activation, |first, rows| {
            images.packed.set_rows(first, rows);
        });
        images.points = self.points;
        images.expected = Expected::nothing(self.points);
    }

    /// The same at some of the points.
    fn at(&self, points: &[usize]) -> Self {
        let rows = self.data.chunks_exact(self.points.max(1));
        let data = rows.flat_map(|row| points.iter().map(|point| row[*point])).collect();
        Self { rows: self.rows, points: points.len(), data, expected: Expected::nothing(points.len()) }
    }

    fn activated(&self, activation: Activation) -> Self {
        let mut data = Vec::with_capacity(self.data.len());
        passes::images(&self.data, self.points, activation, |_, rows| data.extend_from_slice(rows));
        Self { data, ..self.clone() }
    }

    /// The rates that the sums give. At the points for which the expectation was too poor, and in the plane, where turning
    /// has a sign, those of the jets that `exactly` gives.
    fn rates_from(&self, sums: &Sums, exactly: impl FnOnce(&[usize]) -> Self) -> Rates {
        let points = 0..self.points;
        let (speed, growth): (Vec<f64>, Vec<f64>) =
            points.clone().map(|point| sums.speed(&self.expected, point)).map(<[f64; 2]>::into).unzip();
        let mut rates = Rates { speed, turning: Vec::new(), growth, angle: vec![0.0; self.points] };
        // Of points on their own, and of their angles to the next: batches end in other places, and must not change a bit.
        let mut doubt = vec![[false; 2]; self.points];
        let outside = |point: usize| !T::SAFE.contains(&sums.square[point]);
        for point in points.clone() {
            let (turning, good) = sums.turning(point);
            rates.turning.push(turning);
            doubt[point][0] = self.rows <= 2 || !good || outside(point);
            if point + 1 < self.points {
                let (angle, good) = sums.angle(&self.expected, &rates.speed, point);
                rates.angle[point] = angle;
                doubt[point][1] = !good || outside(point) || outside(point + 1);
            }
        }
        let before = |point: usize| point > 0 && doubt[point - 1][1];
        let doubtful: Vec<usize> =
            points.filter(|point| doubt[*point].contains(&true) || before(*point)).collect();
        if !doubtful.is_empty() {
            rates.replace(&doubtful, &doubt, &exactly(&doubtful).rates());
        }
        rates
    }

    /// Speed and turning at each angle, computed in f64. A speed of zero has turning zero.
    pub fn rates(&self) -> Rates {
        let data = self.data.iter().map(|value| value.wide()).collect();
        let Self { rows, points, .. } = *self;
        Jets { rows, points, data, expected: Expected::nothing(points) }.rates_in_full()
    }
}

impl Jets {
    /// Measures twice: how fast the speed grows, and what is left of the acceleration without it.
    fn rates_in_full(&self) -> Rates {
        let nothing = Expected::nothing(self.points);
        let sums = passes::measure(&self.data, &nothing);
        let (mut speed, mut growth): (Vec<f64>, Vec<f64>) =
            (0..self.points).map(|point| sums.speed(&nothing, point)).map(<[f64; 2]>::into).unzip();
        let outside = sums.square.iter().enumerate().filter(|(_, square)| !f64::SAFE.contains(square));
        let scaled: Vec<Scaled> = outside.map(|(point, _)| self.scaled(point)).collect();
        for scaled in &scaled {
            (speed[scaled.point], growth[scaled.point]) = (scaled.speed, scaled.growth);
        }
        let known = Expected::from(&speed, &growth);
        let sums = passes::measure(&self.data, &known);
        let mut turning = match self.rows {
            0 | 1 => vec![0.0; self.points],
            2 => self.planar_turning(&sums.square),
            _ => (0..self.points).map(|point| sums.turning(point).0).collect(),
        };
        scaled.iter().for_each(|scaled| turning[scaled.point] = scaled.turning);
        let mut angle = vec![0.0; self.points];
        for point in 1..self.points {
            if speed[point - 1] > 0.0 && speed[point] > 0.0 {
                angle[point - 1] = sums.angle(&known, &speed, point - 1).0;
            }
        }
        Rates { speed, turning, growth, angle }
    }

    fn planar_turning(&self, square: &[f64]) -> Vec<f64> {
        let at = |row: usize, part: usize, point: usize| self.data[(row * 3 + part) * self.points + point];
        let cross = |point: usize| at(0, 1, point) * at(1, 2, point) - at(1, 1, point) * at(0, 2, point);
        square.iter().enumerate().map(|(point, square)| cross(point) / square).collect()
    }

    /// The rates at one point when squares would leave the range of floats.
    fn scaled(&self, point: usize) -> Scaled {
        let column =
            |part: usize| (0..self.rows).map(move |row| self.data[(row * 3 + part) * self.points + point]);
        let scale = column(1).fold(0.0, |scale: f64, v| scale.max(v.abs()));
        if scale < SLOWEST || !scale.is_finite() {
            let (speed, turning) = if scale < SLOWEST { (0.0, 0.0) } else { (scale, f64::NAN) };
            return Scaled { point, speed, turning, growth: 0.0 };
        }
        let v: Vec<f64> = column(1).map(|v| v / scale).collect();
        let a: Vec<f64> = column(2).map(|a| a / scale).collect();
        let square: f64 = v.iter().fold(0.0, |total, v| total + v * v);
        let growth = v.iter().zip(&a).fold(0.0, |total, (v, a)| total + v * a) / square;
        let turning = match self.rows {
            1 => 0.0,
            2 => (v[0] * a[1] - v[1] * a[0]) / square,
            _ => {
                let normal =
                    v.iter().zip(&a).fold(0.0, |total, (v, a)| total + (a - growth * v) * (a - growth * v));
                (normal / square).sqrt()
            }
        };
        Scaled { point, speed: scale * square.sqrt(), turning, growth }
    }
}

/// The weights of a layer, packed.
pub fn packed<T: Real>(layer: &Layer) -> Packed<T> {
    Packed::converted(layer.outputs, layer.inputs, &layer.weights, T::of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    /// Sixth-order differences of positions alone, through a random two-layer network.
    #[test]
    fn jets_agree_with_differences_of_positions() {
        let mut stream = Seed(7).stream("jets");
        let mut layer = |outputs: usize, inputs: usize| Layer {
            inputs,
            outputs,
            weights: stream.normals(outputs * inputs, 0.8),
            bias: stream.normals(outputs, 0.3),
            activation: Activation::Tanh,
        };
        let (first, second) = (layer(4, 2), layer(5, 4));
        let circle = Ellipse { c: vec![0.1, -0.2], a: vec![1.0, 0.0], b: vec![0.0, 1.0] };
        let at = |angles: &[f64]| {
            let mut jets: Jets = Jets::of_ellipse(&circle.through(&first), angles, Jets::none());
            let mut images = Images::none();
            jets.activate_into(first.activation, &mut images);
            jets.become_image(&packed(&second), &second.bias, &images);
            jets.activated(second.activation)
        };
        let (t, h) = (0.9, 0.002);
        let angles: Vec<f64> = (-3..=3).map(|step| t + h * f64::from(step)).collect();
        let samples = at(&angles);
        for row in 0..5 {
            let part = |part: usize| &samples.data[(row * 3 + part) * 7..][..7];
            let x = part(0);
            let velocity = (45.0 * (x[4] - x[2]) - 9.0 * (x[5] - x[1]) + (x[6] - x[0])) / (60.0 * h);
            let acceleration = (270.0 * (x[4] + x[2]) - 27.0 * (x[5] + x[1]) + 2.0 * (x[6] + x[0])
                - 490.0 * x[3])
                / (180.0 * h * h);
            assert!((part(1)[3] - velocity).abs() < 1e-10, "{} {velocity}", part(1)[3]);
            assert!((part(2)[3] - acceleration).abs() < 1e-8, "{} {acceleration}", part(2)[3]);
        }
    }

    /// However good or bad the expectation, one pass gives what two give.
    #[test]
    fn expectations_change_the_way_and_not_the_rates() {
        let (rows, points) = (5, 40);
        let mut stream = Seed(9).stream("expectations");
        let data = stream.normals(rows * 3 * points, 1.0);
        let mut jets = Jets { rows, points, data, expected: Expected::nothing(points) };
        let exact = jets.rates();
        for (growth, factor) in [(0.0, 0.0), (0.01, 0.01), (0.3, 0.5), (10.0, 3.0), (1e3, 600.0)] {
            let moved = |values: &[f64], noise: Vec<f64>, scale: f64| -> Vec<f64> {
                values.iter().zip(noise).map(|(value, noise)| value + scale * noise).collect()
            };
            let growths = moved(&exact.growth, stream.normals(points, 1.0), growth);
            let factors = moved(&vec![0.0; points], stream.normals(points, 1.0), factor);
            let speeds: Vec<f64> =
                exact.speed.iter().zip(factors).map(|(speed, factor)| speed * math::exp(factor)).collect();
            jets.expected = Expected::from(&speeds, &growths);
            let [before, after] = jets.activate_into(Activation::Identity, &mut Images::none());
            for rates in [before, after] {
                let all = [
                    (&rates.speed, &exact.speed),
                    (&rates.turning, &exact.turning),
                    (&rates.growth, &exact.growth),
                    (&rates.angle, &exact.angle),
                ];
                for (values, others) in all {
                    for (value, other) in values.iter().zip(others) {
                        assert!((value - other).abs() < 1e-13 * (1.0 + other.abs()), "{value} {other}");
                    }
                }
            }
        }
    }

    /// The square of an acceleration leaves the range of single precision before the acceleration does.
    #[test]
    fn sharp_turns_in_single_precision() {
        let mut data = vec![0.0_f32; 3 * 3];
        (data[1], data[3 + 2], data[6 + 2]) = (2.0, 3e20, 1.0);
        let mut jets = Jets { rows: 3, points: 1, data, expected: Expected::nothing(1) };
        jets.foresee();
        let [rates, _] = jets.activate_into(Activation::Identity, &mut Images::none());
        assert!((rates.turning[0] / 1.5e20 - 1.0).abs() < 1e-6, "{}", rates.turning[0]);
    }

    #[test]
    fn scale_changes_speed_and_not_turning() {
        let curve = |scale: f64| {
            move |t: f64| {
                let (sin, cos) = math::sin_cos(t);
                [[cos, sin, cos * sin], [-sin, cos, cos * cos - sin * sin], [-cos, -sin, -4.0 * sin * cos]]
                    .map(|part| part.map(|x| scale * x))
            }
        };
        let unit = Jets::of_curve(&[0.3, 1.1], curve(1.0)).rates();
        for scale in [1e-200, 1e-100, 1e100, 1e200] {
            let scaled = Jets::of_curve(&[0.3, 1.1], curve(scale)).rates();
            for point in 0..2 {
                assert!((scaled.turning[point] / unit.turning[point] - 1.0).abs() < 1e-14);
                assert!((scaled.speed[point] / scale / unit.speed[point] - 1.0).abs() < 1e-14);
            }
        }
    }
}
