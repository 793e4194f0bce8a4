//! Lines of very many vertices: a round brush is drawn along every segment of a grid of samples, and each pixel is covered by its share of them.
//!
//! A path of a million segments takes a general rasteriser seconds: it makes the outline of the line and sorts its edges. Here a segment
//! costs as many rows of samples as it is high, and nothing is sorted.

use tiny_skia::{Color, Pixmap};

use crate::stamps;

/// A line of fewer vertices is drawn like every other form.
pub(super) const MANY: usize = 4096;
/// Rows of samples in a pixel. Each has eight samples, which are the bits of a byte.
const ROWS: usize = 4;
/// So many rows are computed together.
const TOGETHER: usize = 8;
/// Where nothing is.
const NOWHERE: [f32; 2] = [f32::INFINITY, f32::NEG_INFINITY];
/// Vertices nearer than this to the last one that was drawn to are left out, in pixels.
const NEAR: f32 = 1.0 / 16.0;
/// Most bytes of samples.
const MOST: usize = 1 << 28;

/// Draws a line with round joins and ends, `radius` to either side, all in pixels. `None` if the picture is too large for this.
pub(super) fn stroke(
    on: &mut Pixmap,
    points: impl Iterator<Item = [f32; 2]> + Clone,
    radius: f32,
    ink: Color,
) -> Option<()> {
    if !(radius.is_finite() && radius > 0.0) {
        return None;
    }
    let Some([left, top, width, height]) = frame(on, points.clone(), radius) else { return Some(()) };
    let mut samples = Samples::new(width, height, radius)?;
    let points = points.map(|[x, y]| [x - left as f32, y - top as f32]);
    let (mut last, mut left_out) = (None, None);
    for point in points {
        let Some(from) = last else {
            samples.segment(point, point);
            last = Some(point);
            continue;
        };
        if square(from, point) < NEAR * NEAR {
            left_out = Some(point);
            continue;
        }
        samples.segment(from, point);
        (last, left_out) = (Some(point), None);
    }
    if let (Some(from), Some(end)) = (last, left_out) {
        samples.segment(from, end);
    }
    stamps::copy(&samples.coloured(ink)?, on, left as i32, top as i32);
    Some(())
}

/// The pixels that a line may touch: left, top, width and height; `None` if it lies beside the picture.
fn frame(on: &Pixmap, points: impl Iterator<Item = [f32; 2]>, radius: f32) -> Option<[usize; 4]> {
    let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    for point in points {
        for (axis, place) in point.into_iter().enumerate() {
            (low[axis], high[axis]) = (low[axis].min(place - radius), high[axis].max(place + radius));
        }
    }
    let sides = [on.width(), on.height()].map(|side| side as f32);
    let first = [0, 1].map(|axis: usize| low[axis].floor().clamp(0.0, sides[axis]) as usize);
    let end = [0, 1].map(|axis: usize| high[axis].ceil().clamp(0.0, sides[axis]) as usize);
    let frame = [first[0], first[1], end[0].checked_sub(first[0])?, end[1].checked_sub(first[1])?];
    (frame[2] > 0 && frame[3] > 0).then_some(frame)
}

fn square([ax, ay]: [f32; 2], [bx, by]: [f32; 2]) -> f32 {
    (bx - ax) * (bx - ax) + (by - ay) * (by - ay)
}

/// Which samples of a picture the brush has covered: `ROWS` rows for each row of pixels, a byte for a pixel.
struct Samples {
    bytes: Vec<u8>,
    width: usize,
    rows: usize,
    radius: f32,
}

impl Samples {
    fn new(width: usize, height: usize, radius: f32) -> Option<Self> {
        let rows = height.checked_mul(ROWS)?;
        let size = rows.checked_mul(width).filter(|size| *size <= MOST)?;
        Some(Self { bytes: vec![0; size], width, rows, radius })
    }

    /// Covers all that is at most the radius away from a segment.
    fn segment(&mut self, from: [f32; 2], to: [f32; 2]) {
        let brush = Along::new(from, to, self.radius);
        let first = up(sample(from[1].min(to[1]) - self.radius, ROWS)).max(0) as usize;
        let last = down(sample(from[1].max(to[1]) + self.radius, ROWS));
        let end = (last.max(-1) + 1).min(self.rows as i32) as usize;
        for start in (first..end).step_by(TOGETHER) {
            let spans = brush.spans(start);
            for (row, [left, right]) in (start..end).zip(spans) {
                self.cover(row, left, right);
            }
        }
    }

    /// Covers the samples of a row from one place to another.
    #[inline(always)]
    fn cover(&mut self, row: usize, left: f32, right: f32) {
        let first = up(sample(left, 8)).max(0);
        let last = down(sample(right, 8)).min((8 * self.width) as i32 - 1);
        if first > last {
            return;
        }
        let (first, last) = (first as usize, last as usize);
        let row = &mut self.bytes[row * self.width..(row + 1) * self.width];
        // Most spans are short: eight bytes hold them.
        if let (Some(bytes), true) = (row[first / 8..].first_chunk_mut::<8>(), last - first < 56) {
            let bits = ((2_u64 << (last - first)) - 1) << (first % 8);
            *bytes = (u64::from_le_bytes(*bytes) | bits).to_le_bytes();
            return;
        }
        let (start, end) = (0xFF << (first % 8), 0xFF >> (7 - last % 8));
        if first / 8 == last / 8 {
            row[first / 8] |= start & end;
            return;
        }
        row[first / 8] |= start;
        row[first / 8 + 1..last / 8].fill(0xFF);
        row[last / 8] |= end;
    }

    /// A picture of what is covered in a colour.
    fn coloured(&self, ink: Color) -> Option<Pixmap> {
        const ALL: usize = 8 * ROWS;
        let mut picture = Pixmap::new(self.width as u32, (self.rows / ROWS) as u32)?;
        let shade = |covered: usize| {
            let mut ink = ink;
            ink.apply_opacity(covered as f32 / ALL as f32);
            ink.premultiply().to_color_u8()
        };
        let shades: Vec<_> = (0..=ALL).map(shade).collect();
        let rows = self.bytes.chunks(ROWS * self.width);
        for (pixels, rows) in picture.pixels_mut().chunks_mut(self.width).zip(rows) {
            for (x, pixel) in pixels.iter_mut().enumerate() {
                let covered: u32 = rows.chunks(self.width).map(|row| row[x].count_ones()).sum();
                *pixel = shades[covered as usize];
            }
        }
        Some(picture)
    }
}

/// The brush on its way along a segment.
struct Along {
    radius: f32,
    ends: [[f32; 2]; 2],
    /// From the segment to the line on its left, and to that on its right.
    aside: [f32; 2],
    step: [f32; 2],
    /// By how much of the segment a pixel downwards leads.
    per_pixel: f32,
}

impl Along {
    fn new([ax, ay]: [f32; 2], [bx, by]: [f32; 2], radius: f32) -> Self {
        let (dx, dy) = (bx - ax, by - ay);
        let length = (dx * dx + dy * dy).sqrt();
        let aside = if length > 0.0 { [-dy / length * radius, dx / length * radius] } else { [0.0; 2] };
        Self { radius, ends: [[ax, ay], [bx, by]], aside, step: [dx, dy], per_pixel: 1.0 / dy }
    }

    /// From where to where it reaches in rows of samples; from infinity to minus infinity where it does not reach.
    #[inline(always)]
    fn spans(&self, start: usize) -> [[f32; 2]; TOGETHER] {
        let Self { radius, ends: [[ax, ay], [bx, by]], aside: [nx, ny], step: [dx, _], per_pixel } = *self;
        let mut spans = [[0.0; 2]; TOGETHER];
        for (number, span) in spans.iter_mut().enumerate() {
            let y = ((start + number) as f32 + 0.5) / ROWS as f32;
            let disc = |cx: f32, cy: f32| {
                let rest = radius * radius - (y - cy) * (y - cy);
                let half = rest.max(0.0).sqrt();
                if rest >= 0.0 { [cx - half, cx + half] } else { NOWHERE }
            };
            let edge = |px: f32, py: f32| {
                let part = (y - py) * per_pixel;
                let x = px + part * dx;
                if (0.0..=1.0).contains(&part) { [x, x] } else { NOWHERE }
            };
            let parts = [disc(ax, ay), disc(bx, by), edge(ax + nx, ay + ny), edge(ax - nx, ay - ny)];
            let less = |one: f32, other: f32| if one < other { one } else { other };
            *span = [
                less(less(parts[0][0], parts[1][0]), less(parts[2][0], parts[3][0])),
                -less(less(-parts[0][1], -parts[1][1]), less(-parts[2][1], -parts[3][1])),
            ];
        }
        spans
    }
}

/// The number of the sample at a place, `each` of them to a pixel; samples lie in the middle of their parts.
fn sample(place: f32, each: usize) -> f32 {
    place * each as f32 - 0.5
}

/// The least whole number that is not less. (The functions of the library are calls on machines without SSE 4.1.)
#[inline(always)]
fn up(x: f32) -> i32 {
    let whole = x as i32;
    whole.saturating_add(i32::from((whole as f32) < x))
}

/// The greatest whole number that is not greater.
#[inline(always)]
fn down(x: f32) -> i32 {
    let whole = x as i32;
    whole.saturating_sub(i32::from((whole as f32) > x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiny_skia::{LineCap, LineJoin, Paint as Ink, PathBuilder, Stroke, Transform};

    const SIDE: u32 = 120;

    /// A walk with steps of about so many pixels, from a recurrence.
    fn walk(step: f32, count: usize) -> Vec<[f32; 2]> {
        let mut state = 12_345_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / 16_777_216.0 - 0.5) * 2.0 * step
        };
        let mut at = [60.0, 60.0];
        let stay = |x: f32| x.clamp(-10.0, 130.0);
        let step = |_| {
            at = [stay(at[0] + next()), stay(at[1] + next())];
            at
        };
        (0..count).map(step).collect()
    }

    fn general(points: &[[f32; 2]], radius: f32) -> Vec<u8> {
        let mut pixmap = Pixmap::new(SIDE, SIDE).unwrap();
        let mut path = PathBuilder::new();
        path.move_to(points[0][0], points[0][1]);
        points[1..].iter().for_each(|[x, y]| path.line_to(*x, *y));
        let stroke = Stroke {
            width: 2.0 * radius,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        let mut ink = Ink { anti_alias: true, ..Ink::default() };
        ink.set_color(Color::BLACK);
        pixmap.stroke_path(&path.finish().unwrap(), &ink, &stroke, Transform::identity(), None);
        pixmap.pixels().iter().map(|pixel| pixel.alpha()).collect()
    }

    fn brushed(points: &[[f32; 2]], radius: f32) -> Vec<u8> {
        let mut pixmap = Pixmap::new(SIDE, SIDE).unwrap();
        assert_eq!(stroke(&mut pixmap, points.iter().copied(), radius, Color::BLACK), Some(()));
        pixmap.pixels().iter().map(|pixel| pixel.alpha()).collect()
    }

    #[test]
    fn the_brush_draws_what_the_general_rasteriser_draws() {
        for (step, count, radius) in [(40.0, 60, 1.5), (3.0, 400, 0.75), (0.5, 3000, 1.0), (90.0, 8, 6.0)] {
            let points = walk(step, count);
            let (one, other) = (brushed(&points, radius), general(&points, radius));
            let far = one.iter().zip(&other).map(|(a, b)| u32::from(a.abs_diff(*b))).collect::<Vec<_>>();
            let mean = far.iter().sum::<u32>() as f64 / far.len() as f64;
            assert!(mean < 2.0, "steps of {step}: {mean} of 255 on average");
            assert!(far.iter().all(|far| *far < 64), "steps of {step}: {:?} of 255", far.iter().max());
        }
    }

    #[test]
    fn level_and_upright_lines_cover_whole_pixels() {
        let mut pixmap = Pixmap::new(8, 4).unwrap();
        let line = [[-5.0, 2.0], [20.0, 2.0]];
        stroke(&mut pixmap, line.into_iter(), 1.0, Color::BLACK).unwrap();
        let alpha: Vec<u8> = pixmap.pixels().iter().map(|pixel| pixel.alpha()).collect();
        assert_eq!(alpha, [[0; 8], [255; 8], [255; 8], [0; 8]].concat());
        let mut pixmap = Pixmap::new(8, 4).unwrap();
        let line = [[1.0, -9.0], [4.0, -9.0], [4.0, 20.0], [7.0, 20.0]];
        stroke(&mut pixmap, line.into_iter(), 1.0, Color::BLACK).unwrap();
        let alpha: Vec<u8> = pixmap.pixels().iter().map(|pixel| pixel.alpha()).collect();
        assert_eq!(alpha, [[0, 0, 0, 255, 255, 0, 0, 0]; 4].concat());
    }

    #[test]
    fn a_line_is_drawn_to_its_end_and_a_point_is_a_disc() {
        let near = |n: u16| [4.0 + f32::from(n) / 64.0, 4.0];
        let [mut fine, mut coarse] = [(); 2].map(|()| Pixmap::new(16, 8).unwrap());
        stroke(&mut fine, (0..=256).map(near), 1.0, Color::BLACK).unwrap();
        stroke(&mut coarse, [near(0), near(256)].into_iter(), 1.0, Color::BLACK).unwrap();
        assert_eq!(fine.data(), coarse.data());
        let mut point = Pixmap::new(8, 8).unwrap();
        stroke(&mut point, [[4.0, 4.0]; 3].into_iter(), 2.0, Color::BLACK).unwrap();
        let covered: f64 = point.pixels().iter().map(|pixel| f64::from(pixel.alpha()) / 255.0).sum();
        assert!((covered - 4.0 * std::f64::consts::PI).abs() < 0.4, "{covered}");
    }

    #[test]
    fn what_lies_beside_the_picture_is_left_alone() {
        let mut pixmap = Pixmap::new(8, 8).unwrap();
        let away = [[-50.0, -50.0], [-4000.0, 4.0], [4000.0, -11.0], [4.0, 900.0], [9.5, 900.0], [9.5, 4.0]];
        stroke(&mut pixmap, away.into_iter(), 1.0, Color::BLACK).unwrap();
        assert!(pixmap.pixels().iter().all(|pixel| pixel.alpha() == 0));
    }
}
