//! The boundary of the dragon curve.

use crate::bitmap::Bitmap;
use crate::shape::Segment;

/// The points that the curve of so many folds visits, as pixels of the smallest rectangle around them, y upwards. Fold 1
/// turns left; the first step goes to the right.
pub fn visited(folds: u32) -> Bitmap {
    let steps = || {
        (0..1_u64 << folds).scan([0_i32, 0_i32], |place, index| {
            let [dx, dy] =
                [[1, 0], [0, 1], [-1, 0], [0, -1]][((index ^ index >> 1).count_ones() % 4) as usize];
            *place = [place[0] + dx, place[1] + dy];
            Some(*place)
        })
    };
    let corner = |best: fn(i32, i32) -> i32| {
        steps().fold([0, 0], |corner, place| [best(corner[0], place[0]), best(corner[1], place[1])])
    };
    let (low, high) = (corner(i32::min), corner(i32::max));
    let [width, height] = [0, 1].map(|axis: usize| high[axis].abs_diff(low[axis]) as usize + 1);
    let mut bitmap = Bitmap::empty(width, height);
    for [x, y] in std::iter::once([0, 0]).chain(steps()) {
        bitmap.insert(x.abs_diff(low[0]) as usize, y.abs_diff(low[1]) as usize);
    }
    bitmap
}

/// The edges between the unit squares around visited points and the rest of the plane.
pub(super) fn boundary(folds: u32) -> Vec<Segment> {
    edges(&visited(folds))
}

/// The edges between pixels of the set and others; the middle of pixel (x, y) is the point (x, y).
fn edges(bitmap: &Bitmap) -> Vec<Segment> {
    let inside = |x: Option<usize>, y: Option<usize>| x.zip(y).is_some_and(|(x, y)| bitmap.contains(x, y));
    let mut edges = Vec::new();
    for y in 0..=bitmap.height() {
        for x in 0..=bitmap.width() {
            #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
            let [left, low] = [x as f64 - 0.5, y as f64 - 0.5];
            let here = inside(Some(x), Some(y));
            if here != inside(x.checked_sub(1), Some(y)) {
                edges.push([[left, low], [left, low + 1.0]]);
            }
            if here != inside(Some(x), y.checked_sub(1)) {
                edges.push([[left, low], [left + 1.0, low]]);
            }
        }
    }
    edges
}
