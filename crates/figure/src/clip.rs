//! Cutting lines and areas at the frame of a plot, so that nothing is drawn where it is not.

use super::scene::Point;

/// Left, top, width and height.
pub(crate) type Frame = [f64; 4];

/// Whether a point lies in the frame or on its border.
pub(crate) fn inside([left, top, wide, high]: Frame, [x, y]: Point) -> bool {
    const SLACK: f64 = 1e-6;
    x >= left - SLACK && x <= left + wide + SLACK && y >= top - SLACK && y <= top + high + SLACK
}

/// The part of a segment inside the frame (Liang and Barsky).
pub(crate) fn segment(frame: Frame, a: Point, b: Point) -> Option<[Point; 2]> {
    let [left, top, wide, high] = frame;
    let step = [b[0] - a[0], b[1] - a[1]];
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    let limits = [
        (-step[0], a[0] - left),
        (step[0], left + wide - a[0]),
        (-step[1], a[1] - top),
        (step[1], top + high - a[1]),
    ];
    for (speed, room) in limits {
        if speed == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if speed < 0.0 {
            from = from.max(room / speed);
        } else {
            to = to.min(room / speed);
        }
    }
    let at = |t: f64| [a[0] + step[0] * t, a[1] + step[1] * t];
    (from <= to).then(|| [if from > 0.0 { at(from) } else { a }, if to < 1.0 { at(to) } else { b }])
}

/// The pieces of a polyline inside the frame.
pub(crate) fn polyline(frame: Frame, points: &[Point]) -> Vec<Vec<Point>> {
    if points.iter().all(|point| inside(frame, *point)) {
        return vec![points.to_vec()];
    }
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for pair in points.windows(2) {
        let Some([start, end]) = segment(frame, pair[0], pair[1]) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&start) => piece.push(end),
            _ => pieces.push(vec![start, end]),
        }
    }
    pieces
}

/// Lines of more points are thinned.
const LONG: usize = 20_000;
/// The columns in which a long line is thinned, in pixels of the scene: no picture of a figure has so many.
const COLUMN: f64 = 0.125;

/// The pieces of a polyline inside the frame, as they are drawn: of a long one only what can be seen. Of neighbouring points in one column
/// the first, the last, the highest and the lowest stay, between which a line through all of them covers the column (as M4 does: Jugel,
/// Jerzak, Hackenbroich and Markl, "M4: a visualization-oriented time series data aggregation", 2014).
pub(crate) fn drawn(frame: Frame, points: &[Point]) -> Vec<Vec<Point>> {
    let mut pieces = polyline(frame, points);
    pieces.iter_mut().filter(|piece| piece.len() > LONG).for_each(|piece| *piece = thinned(piece));
    pieces
}

fn thinned(points: &[Point]) -> Vec<Point> {
    let column = |point: &Point| (point[0] / COLUMN).floor();
    let mut kept = Vec::new();
    for run in points.chunk_by(|a, b| column(a) == column(b)) {
        let height = |&place: &usize| run[place][1];
        let places = 0..run.len();
        let low = places.clone().min_by(|a, b| height(a).total_cmp(&height(b))).unwrap_or(0);
        let high = places.max_by(|a, b| height(a).total_cmp(&height(b))).unwrap_or(0);
        let mut stay = [0, low.min(high), low.max(high), run.len() - 1].to_vec();
        stay.dedup();
        kept.extend(stay.into_iter().map(|place| run[place]));
    }
    kept
}

/// The part of a polygon inside the frame (Sutherland and Hodgman); empty if nothing is.
pub(crate) fn polygon(frame: Frame, points: &[Point]) -> Vec<Point> {
    if points.iter().all(|point| inside(frame, *point)) {
        return points.to_vec();
    }
    let [left, top, wide, high] = frame;
    let sides: [(usize, f64, f64); 4] =
        [(0, left, 1.0), (0, left + wide, -1.0), (1, top, 1.0), (1, top + high, -1.0)];
    let mut kept = points.to_vec();
    for (axis, limit, sign) in sides {
        let depth = |point: &Point| (point[axis] - limit) * sign;
        let mut next = Vec::with_capacity(kept.len() + 4);
        for (index, point) in kept.iter().enumerate() {
            let before = &kept[(index + kept.len() - 1) % kept.len()];
            let (d0, d1) = (depth(before), depth(point));
            if (d0 < 0.0) != (d1 < 0.0) {
                let t = d0 / (d0 - d1);
                let mut cut =
                    [before[0] + (point[0] - before[0]) * t, before[1] + (point[1] - before[1]) * t];
                cut[axis] = limit;
                next.push(cut);
            }
            if d1 >= 0.0 {
                next.push(*point);
            }
        }
        kept = next;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = [0.0, 0.0, 10.0, 10.0];

    #[test]
    fn segments_are_cut_at_the_border() {
        assert_eq!(segment(FRAME, [-5.0, 5.0], [15.0, 5.0]), Some([[0.0, 5.0], [10.0, 5.0]]));
        assert_eq!(segment(FRAME, [-5.0, -1.0], [15.0, -1.0]), None);
        assert_eq!(segment(FRAME, [5.0, 5.0], [5.0, 5.0]), Some([[5.0, 5.0], [5.0, 5.0]]));
    }

    #[test]
    fn a_line_that_leaves_comes_back_as_another_piece() {
        let pieces = polyline(FRAME, &[[1.0, 5.0], [1.0, 15.0], [9.0, 15.0], [9.0, 5.0]]);
        assert_eq!(pieces, [vec![[1.0, 5.0], [1.0, 10.0]], vec![[9.0, 10.0], [9.0, 5.0]]]);
    }

    #[test]
    fn a_long_line_covers_what_it_covered() {
        let at = |i: usize| -> Point {
            [10.0 * i as f64 / 1e5, 5.0 + 5.0 * ((i * i % 7919) as f64 / 7919.0 - 0.5)]
        };
        let all: Vec<Point> = (0..100_000).map(at).collect();
        let [kept] = &drawn(FRAME, &all)[..] else { panic!("one piece") };
        assert!(kept.len() <= 4 * 81, "{}", kept.len());
        assert_eq!((kept.first(), kept.last()), (all.first(), all.last()));
        for column in 0..80 {
            let reach = |points: &[Point]| {
                let heights =
                    points.iter().filter(|p| (p[0] / 0.125).floor() == f64::from(column)).map(|p| p[1]);
                heights.fold([f64::MAX, f64::MIN], |[low, high], y| [low.min(y), high.max(y)])
            };
            assert_eq!(reach(kept), reach(&all), "column {column}");
        }
        let mut rest = all.iter();
        assert!(kept.iter().all(|point| rest.any(|other| other == point)), "points stay in their order");
        assert_eq!(drawn(FRAME, &all[..20_000]), [all[..20_000].to_vec()]);
    }

    #[test]
    fn a_larger_polygon_becomes_the_frame() {
        let area = |points: &[Point]| -> f64 {
            let next = |i: usize| points[(i + 1) % points.len()];
            points.iter().enumerate().map(|(i, p)| p[0] * next(i)[1] - next(i)[0] * p[1]).sum::<f64>().abs()
                / 2.0
        };
        let around = polygon(FRAME, &[[-10.0, -10.0], [20.0, -10.0], [20.0, 20.0], [-10.0, 20.0]]);
        assert!((area(&around) - 100.0).abs() < 1e-9);
        let half = polygon(FRAME, &[[5.0, -5.0], [20.0, -5.0], [20.0, 15.0], [5.0, 15.0]]);
        assert!((area(&half) - 50.0).abs() < 1e-9);
        assert!(polygon(FRAME, &[[20.0, 20.0], [30.0, 20.0], [30.0, 30.0]]).is_empty());
    }
}
