//! Small discs that a picture has thousands of: each is drawn once for its place within a pixel, and copied from then on.

use std::collections::BTreeMap;

use tiny_skia::{Color, ColorU8, FillRule, Paint as Ink, PathBuilder, Pixmap, Transform};

/// A picture of fewer discs draws each by itself.
pub(super) const MANY: usize = 2000;
/// Parts of a pixel to which the middle of a disc is rounded.
const PARTS: f32 = 8.0;
/// Discs of a larger radius, in pixels, are drawn by themselves.
const LARGEST: f32 = 16.0;

/// A disc that is drawn: its radius in pixels, colour, and the eighths of a pixel by which its middle lies right of and below a corner.
type Key = (u32, [u8; 4], u8, u8);

/// The discs that were drawn.
#[derive(Default)]
pub(super) struct Stamps(BTreeMap<Key, Pixmap>);

impl Stamps {
    /// Puts a disc on a picture, `at` and `radius` in its pixels. `None` if it is too large to be worth it.
    pub(super) fn press(&mut self, on: &mut Pixmap, at: [f32; 2], radius: f32, ink: Color) -> Option<()> {
        if !(radius.is_finite() && radius <= LARGEST) {
            return None;
        }
        let half = radius.ceil() as i32 + 1;
        let eighths = at.map(|length| (length * PARTS).round() as i64);
        let [right, below] = eighths.map(|length| length.rem_euclid(PARTS as i64) as u8);
        let [left, top] = eighths.map(|length| length.div_euclid(PARTS as i64) as i32 - half);
        let colour = ink.to_color_u8();
        let key =
            (radius.to_bits(), [colour.red(), colour.green(), colour.blue(), colour.alpha()], right, below);
        let disc = self.0.entry(key).or_insert_with(|| disc(half, key, colour));
        copy(disc, on, left, top);
        Some(())
    }
}

/// A disc in the middle of a square with sides of twice `half` and one pixel.
fn disc(half: i32, (radius, _, right, below): Key, colour: ColorU8) -> Pixmap {
    let side = 2 * half as u32 + 1;
    let mut pixmap = Pixmap::new(side, side).expect("the sides are positive and small");
    let mut ink = Ink { anti_alias: true, ..Ink::default() };
    ink.set_color_rgba8(colour.red(), colour.green(), colour.blue(), colour.alpha());
    let middle = |eighths: u8| half as f32 + f32::from(eighths) / PARTS;
    if let Some(circle) = PathBuilder::from_circle(middle(right), middle(below), f32::from_bits(radius)) {
        pixmap.fill_path(&circle, &ink, FillRule::Winding, Transform::identity(), None);
    }
    pixmap
}

/// Lays a picture over another one: `s + d (1 - a)` of each part of a colour, rounded to the nearest.
pub(super) fn copy(picture: &Pixmap, on: &mut Pixmap, left: i32, top: i32) {
    let (wide, high) = (on.width() as i32, on.height() as i32);
    let (side, tall) = (picture.width() as i32, picture.height() as i32);
    let (from, to) = (left.max(0), (left + side).min(wide));
    if from >= to {
        return;
    }
    for row in top.max(0)..(top + tall).min(high) {
        let place = |start: i32, row: i32, width: i32| 4 * (row * width + start) as usize;
        let length = 4 * (to - from) as usize;
        let (source, target) = (place(from - left, row - top, side), place(from, row, wide));
        let source = picture.data()[source..source + length].as_chunks::<4>().0;
        let target = on.data_mut()[target..target + length].as_chunks_mut::<4>().0;
        for (under, over) in target.iter_mut().zip(source).filter(|(_, over)| over[3] > 0) {
            let rest = 255 - u32::from(over[3]);
            for (part, add) in under.iter_mut().zip(over) {
                *part = (u32::from(*add) + (u32::from(*part) * rest + 127) / 255).min(255) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The disc as tiny-skia draws it in place.
    fn drawn(on: &mut Pixmap, [x, y]: [f32; 2], radius: f32, colour: Color) {
        let mut ink = Ink { anti_alias: true, ..Ink::default() };
        ink.set_color(colour);
        let circle = PathBuilder::from_circle(x, y, radius).unwrap();
        on.fill_path(&circle, &ink, FillRule::Winding, Transform::identity(), None);
    }

    #[test]
    fn a_stamped_disc_is_a_drawn_one() {
        let colour = Color::from_rgba8(200, 40, 90, 128);
        // What the edge of a picture cuts is sampled otherwise by tiny-skia.
        for (at, slack) in [
            ([20.0, 20.0], 4),
            ([11.125, 17.875], 4),
            ([0.5, 39.75], 20),
            ([-1.0, 3.0], 20),
            ([39.5, -2.25], 20),
        ] {
            let [mut drawn_on, mut stamped] = [(); 2].map(|()| Pixmap::new(40, 40).unwrap());
            for pixmap in [&mut drawn_on, &mut stamped] {
                pixmap.fill(Color::from_rgba8(255, 254, 250, 255));
            }
            let mut stamps = Stamps::default();
            for by in [0.0, 0.0, 1.5] {
                let at = [at[0] + by, at[1]];
                drawn(&mut drawn_on, at, 3.2, colour);
                assert_eq!(stamps.press(&mut stamped, at, 3.2, colour), Some(()));
            }
            for (place, (a, b)) in drawn_on.data().iter().zip(stamped.data()).enumerate() {
                assert!(a.abs_diff(*b) <= slack, "disc at {at:?}, byte {place}: {a} and {b}");
            }
        }
    }

    #[test]
    fn what_is_beside_the_picture_or_large_is_left_alone() {
        let mut pixmap = Pixmap::new(8, 8).unwrap();
        let mut stamps = Stamps::default();
        for at in [[-20.0, 4.0], [4.0, 90.0], [1e6, -1e6]] {
            assert_eq!(stamps.press(&mut pixmap, at, 2.0, Color::BLACK), Some(()));
        }
        assert!(pixmap.data().iter().all(|byte| *byte == 0));
        assert_eq!(stamps.press(&mut pixmap, [4.0, 4.0], 17.0, Color::BLACK), None);
    }
}
