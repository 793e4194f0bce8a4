//! Position, velocity and acceleration of a curve in R^n at many angles, pushed through layers exactly.
//!
//! With h = W x + b the three move by the same matrix (one wide product `[x | v | a]`); through an activation f they
//! become f(h), f'(h) v and f''(h) v² + f'(h) a. Nothing is differenced, so nothing is lost to cancellation.

use octavo_plugin::{Activation, Layer, linalg, math};

/// Squares of speeds outside this range are computed again from scaled vectors.
const SAFE: std::ops::Range<f64> = 1e-250..1e250;

/// Position, velocity and acceleration at each of `points` angles, `rows` coordinates each.
#[derive(Clone, Debug)]
pub struct Jets {
    rows: usize,
    points: usize,
    /// rows × 3 points, row-major: positions, velocities, accelerations.
    data: Vec<f64>,
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
    /// On a line only: the velocity, whose changes of sign are turns by pi.
    pub reversals: Vec<f64>,
}

impl Rates {
    /// The values whose changes of sign are corners of an integrand; empty above two dimensions.
    pub fn signed(&self, dimension: usize) -> &[f64] {
        match dimension {
            1 => &self.reversals,
            2 => &self.turning,
            _ => &[],
        }
    }

    /// Appends the rates at further angles.
    pub fn append(&mut self, mut more: Self) {
        self.speed.append(&mut more.speed);
        self.turning.append(&mut more.turning);
        self.reversals.append(&mut more.reversals);
    }
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
        Self { rows: N, points, data }
    }

    /// Of an ellipse, in closed form.
    pub fn of_ellipse(ellipse: &Ellipse, angles: &[f64]) -> Self {
        let (rows, points) = (ellipse.c.len(), angles.len());
        let (sin, cos): (Vec<f64>, Vec<f64>) = angles.iter().map(|angle| math::sin_cos(*angle)).unzip();
        let mut data = Vec::with_capacity(rows * 3 * points);
        for row in 0..rows {
            let (c, a, b) = (ellipse.c[row], ellipse.a[row], ellipse.b[row]);
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| c + (a * cos + b * sin)));
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| b * cos - a * sin));
            data.extend(cos.iter().zip(&sin).map(|(cos, sin)| -(a * cos + b * sin)));
        }
        Self { rows, points, data }
    }

    /// The image under the affine map of a layer.
    #[must_use]
    pub fn through(&self, layer: &Layer) -> Self {
        let width = 3 * self.points;
        let mut data = linalg::matmul(layer.outputs, layer.inputs, width, &layer.weights, &self.data);
        for (row, bias) in data.chunks_exact_mut(width).zip(&layer.bias) {
            row[..self.points].iter_mut().for_each(|x| *x += bias);
        }
        Self { rows: layer.outputs, points: self.points, data }
    }

    /// Applies a smooth activation to every coordinate.
    pub fn activate(&mut self, activation: Activation) {
        if activation == Activation::Identity || self.points == 0 {
            return;
        }
        for row in self.data.chunks_exact_mut(3 * self.points) {
            let (x, derivatives) = row.split_at_mut(self.points);
            let (v, a) = derivatives.split_at_mut(self.points);
            for ((x, v), a) in x.iter_mut().zip(v).zip(a) {
                let [value, slope, bend] = derivatives_of(activation, *x);
                *a = bend * *v * *v + slope * *a;
                *v *= slope;
                *x = value;
            }
        }
    }

    /// Speed and turning at each angle. A speed of zero has turning zero.
    pub fn rates(&self) -> Rates {
        let square = self.over_rows(|total, v, _| total + v * v);
        let speed: Vec<f64> = square.iter().map(|square| square.sqrt()).collect();
        let mut rates = match self.rows {
            1 => {
                let reversals = self.data[self.points..2 * self.points].to_vec();
                Rates { speed, turning: vec![0.0; self.points], reversals }
            }
            2 => Rates { turning: self.planar_turning(&square), speed, reversals: Vec::new() },
            _ => Rates { turning: self.turning(&square), speed, reversals: Vec::new() },
        };
        for (point, square) in square.iter().enumerate() {
            if !SAFE.contains(square) {
                (rates.speed[point], rates.turning[point]) = self.scaled(point);
            }
        }
        rates
    }

    /// Folds velocity and acceleration over the coordinates in order, at every point.
    fn over_rows(&self, fold: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
        let mut totals = vec![0.0; self.points];
        for row in self.data.chunks_exact(3 * self.points.max(1)) {
            let (v, a) = row[self.points..].split_at(self.points);
            for ((total, v), a) in totals.iter_mut().zip(v).zip(a) {
                *total = fold(*total, *v, *a);
            }
        }
        totals
    }

    fn turning(&self, square: &[f64]) -> Vec<f64> {
        let mut ratio = self.over_rows(|total, v, a| total + v * a);
        ratio.iter_mut().zip(square).for_each(|(ratio, square)| *ratio /= square);
        let mut normal = vec![0.0; self.points];
        for row in self.data.chunks_exact(3 * self.points.max(1)) {
            let (v, a) = row[self.points..].split_at(self.points);
            for (((total, v), a), ratio) in normal.iter_mut().zip(v).zip(a).zip(&ratio) {
                let part = a - ratio * v;
                *total += part * part;
            }
        }
        normal.iter().zip(square).map(|(normal, square)| (normal / square).sqrt()).collect()
    }

    fn planar_turning(&self, square: &[f64]) -> Vec<f64> {
        let points = self.points;
        let part = |row: usize, part: usize| &self.data[(row * 3 + part) * points..][..points];
        let (vx, vy, ax, ay) = (part(0, 1), part(1, 1), part(0, 2), part(1, 2));
        (0..points).map(|i| (vx[i] * ay[i] - vy[i] * ax[i]) / square[i]).collect()
    }

    /// Speed and turning at one point when squares would leave the range of floats.
    fn scaled(&self, point: usize) -> (f64, f64) {
        let column =
            |part: usize| (0..self.rows).map(move |row| self.data[(row * 3 + part) * self.points + point]);
        let scale = column(1).fold(0.0, |scale: f64, v| scale.max(v.abs()));
        if scale == 0.0 || !scale.is_finite() {
            return (scale, if scale == 0.0 { 0.0 } else { f64::NAN });
        }
        let v: Vec<f64> = column(1).map(|v| v / scale).collect();
        let a: Vec<f64> = column(2).map(|a| a / scale).collect();
        let square: f64 = v.iter().fold(0.0, |total, v| total + v * v);
        let turning = match self.rows {
            1 => 0.0,
            2 => (v[0] * a[1] - v[1] * a[0]) / square,
            _ => {
                let ratio = v.iter().zip(&a).fold(0.0, |total, (v, a)| total + v * a) / square;
                let normal =
                    v.iter().zip(&a).fold(0.0, |total, (v, a)| total + (a - ratio * v) * (a - ratio * v));
                (normal / square).sqrt()
            }
        };
        (scale * square.sqrt(), turning)
    }
}

/// Value, first and second derivative of a smooth activation. At the kink of ReLU: those of its left branch.
pub fn derivatives_of(activation: Activation, x: f64) -> [f64; 3] {
    match activation {
        Activation::Identity => [x, 1.0, 0.0],
        Activation::Relu => [x.max(0.0), f64::from(u8::from(x > 0.0)), 0.0],
        Activation::Tanh => {
            // e = exp(-2|x|) keeps sech² exact in the tails, e - 1 keeps tanh exact near zero.
            let twice = -2.0 * x.abs();
            let (e, below) = if twice > -1.0 {
                let below = math::exp_m1(twice);
                (1.0 + below, below)
            } else {
                let e = math::exp(twice);
                (e, e - 1.0)
            };
            let value = (-below / (1.0 + e)).copysign(x);
            let slope = 4.0 * e / ((1.0 + e) * (1.0 + e));
            [value, slope, -2.0 * value * slope]
        }
        Activation::Erf => {
            let slope = std::f64::consts::FRAC_2_SQRT_PI * math::exp(-x * x);
            [math::erf(x), slope, -2.0 * x * slope]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::Seed;

    #[test]
    fn derivatives_agree_with_the_functions() {
        for x in [-19.0, -3.0, -0.6, -0.4, -1e-9, 0.0, 1e-9, 0.2, 0.5, 1.7, 12.0, 150.0] {
            let [value, slope, bend] = derivatives_of(Activation::Tanh, x);
            assert!((value - math::tanh(x)).abs() <= 4e-16 * math::tanh(x).abs());
            assert!((slope - math::sech2(x)).abs() <= 6e-16 * math::sech2(x));
            assert!((bend + 2.0 * math::tanh(x) * math::sech2(x)).abs() <= 2e-15 * bend.abs());
        }
        // Fourth-order differences of the slope give the second derivative.
        for activation in [Activation::Tanh, Activation::Erf] {
            for x in [-1.3, -0.2, 0.0, 0.7, 2.1] {
                let slope = |x| derivatives_of(activation, x)[1];
                let h = 1e-3;
                let difference = (8.0 * (slope(x + h) - slope(x - h))
                    - (slope(x + 2.0 * h) - slope(x - 2.0 * h)))
                    / (12.0 * h);
                assert!((derivatives_of(activation, x)[2] - difference).abs() < 1e-10);
            }
        }
    }

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
            let mut jets = Jets::of_ellipse(&circle.through(&first), angles);
            jets.activate(first.activation);
            jets = jets.through(&second);
            jets.activate(second.activation);
            jets
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
