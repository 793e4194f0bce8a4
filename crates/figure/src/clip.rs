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
