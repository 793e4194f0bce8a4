//! Random lines in general position, and the network of one layer that folds along them.

use octavo_plugin::{Activation, Network, Stream};

use super::params::{LinesParams, MOST_PANELS};
use crate::networks::layer;

/// The line a·x + b·y + c = 0, with (a, b) of length 1.
pub(super) type Line = [f64; 3];

/// Number of random arrangements from which a legible one is taken, if few lines are drawn.
const CANDIDATES: usize = 64;

/// Random lines. In the whole plane (`plane`) they are moved and scaled until all meeting points lie in the domain, and of
/// several arrangements of few lines the one with the most room between these points is taken; else every line crosses the
/// domain, at a uniform angle and distance.
pub(super) fn random(params: &LinesParams, stream: &mut Stream) -> Vec<Line> {
    let LinesParams { count, domain, .. } = *params;
    if !params.plane {
        return (0..count).map(|_| through(domain, stream)).collect();
    }
    let candidates = if count <= MOST_PANELS { CANDIDATES } else { 1 };
    let mut best: Option<(f64, Vec<Line>)> = None;
    for _ in 0..candidates {
        let arrangement = fitted(spread(count, stream), domain);
        let room = if candidates > 1 { room(&arrangement) } else { 0.0 };
        if best.as_ref().is_none_or(|(most, _)| room > *most) {
            best = Some((room, arrangement));
        }
    }
    best.expect("there is at least one candidate").1
}

/// A line across the domain.
fn through([low, high]: [[f64; 2]; 2], stream: &mut Stream) -> Line {
    let (b, a) = octavo_plugin::math::sin_cos(stream.between(0.0, std::f64::consts::TAU));
    let corners = [low, [high[0], low[1]], high, [low[0], high[1]]].map(|[x, y]| a * x + b * y);
    let (near, far) =
        corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(n, f), &d| (d.min(n), d.max(f)));
    [a, b, -stream.between(near, far)]
}

/// Lines at angles that are spread over the half circle, each jittered, in random order.
fn spread(count: usize, stream: &mut Stream) -> Vec<Line> {
    #[expect(clippy::cast_precision_loss, reason = "few lines")]
    let step = std::f64::consts::PI / count as f64;
    let turn = stream.uniform();
    #[expect(clippy::cast_precision_loss, reason = "few lines")]
    let mut angles: Vec<f64> =
        (0..count).map(|index| step * (index as f64 + turn + stream.between(-0.3, 0.3))).collect();
    stream.shuffle(&mut angles);
    let line = |angle: f64| {
        let (b, a) = octavo_plugin::math::sin_cos(angle);
        [a, b, stream.between(-1.0, 1.0)]
    };
    angles.into_iter().map(line).collect()
}

/// All points where two of the lines meet.
fn meeting_points(lines: &[Line]) -> Vec<[f64; 2]> {
    let meet = |[a, b, c]: &Line, [d, e, f]: &Line| {
        let determinant = a * e - b * d;
        [(b * f - c * e) / determinant, (c * d - a * f) / determinant]
    };
    lines
        .iter()
        .enumerate()
        .flat_map(|(i, one)| lines[..i].iter().map(move |other| meet(one, other)))
        .collect()
}

/// The lines moved and scaled so that all meeting points, and the point of each line nearest to the origin, lie in the
/// middle four fifths of the domain.
fn fitted(lines: Vec<Line>, [low, high]: [[f64; 2]; 2]) -> Vec<Line> {
    let mut points = meeting_points(&lines);
    points.extend(lines.iter().map(|[a, b, c]| [-a * c, -b * c]));
    let range = |axis: usize| {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        points.iter().fold(start, |(least, most), p| (p[axis].min(least), p[axis].max(most)))
    };
    let ranges = [range(0), range(1)];
    let scale = (0..2).fold(1e-3_f64, |scale, axis| {
        scale.max((ranges[axis].1 - ranges[axis].0) / (0.8 * (high[axis] - low[axis])))
    });
    // A point p' of the domain stands for p = scale · p' + shift.
    let shift = [0, 1].map(|axis| {
        let (middle, centre) = (ranges[axis].0 + ranges[axis].1, low[axis] + high[axis]);
        (middle - scale * centre) / 2.0
    });
    lines.into_iter().map(|[a, b, c]| [a, b, (a * shift[0] + b * shift[1] + c) / scale]).collect()
}

/// The smallest distance between two meeting points.
fn room(lines: &[Line]) -> f64 {
    let points = meeting_points(lines);
    let gap = |p: &[f64; 2], q: &[f64; 2]| octavo_plugin::math::hypot(p[0] - q[0], p[1] - q[1]);
    let gaps = points.iter().enumerate().flat_map(|(i, p)| points[..i].iter().map(move |q| gap(p, q)));
    gaps.fold(f64::INFINITY, f64::min)
}

/// One hidden layer with a neuron a line; the output is the sum of the neurons.
pub(super) fn network(lines: &[Line]) -> Network {
    let rows: Vec<&[f64]> = lines.iter().map(|line| &line[..2]).collect();
    let bias: Vec<f64> = lines.iter().map(|line| line[2]).collect();
    let ones = vec![1.0; lines.len()];
    Network {
        layers: vec![layer(&rows, &bias, Activation::Relu), layer(&[&ones], &[0.0], Activation::Identity)],
    }
}
