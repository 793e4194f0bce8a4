//! Pictures of at most 256 colours: a palette, and for each pixel the place of its colour (PNG, 11.2.2).

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The largest number of colours of a palette.
const MOST: usize = 256;
/// The largest number of colours among which a smaller palette is looked for: a picture with more is not made of areas.
const MOST_DISTINCT: usize = 1 << 14;
/// Colours that are found at once, a power of two.
const RECENT: usize = 1 << 10;
/// A colour is one of an area if it has at least one of so many pixels; others are shades at the edges of lines and letters. What the
/// smallest areas are, such as the steps of a legend, is given up last.
const AREAS: [usize; 3] = [1 << 17, 1 << 15, 1 << 13];
/// How far from itself a pixel may be drawn in each channel, of 255: one step, which nobody sees, in an area, where more would show as
/// bands in what changes smoothly.
const IN_AREA: u8 = 1;
/// The same for shades at edges, smallest first.
const AT_EDGE: [u8; 5] = [1, 2, 4, 8, 12];

/// The colours of a picture, and for each pixel the place of its own among them.
pub(super) struct Indexed {
    /// Red, green, blue and opacity.
    pub(super) palette: Vec<[u8; 4]>,
    pub(super) places: Vec<u8>,
}

/// The picture with the colours that it has, if these are at most 256.
pub(super) fn exact(pixels: &[[u8; 4]]) -> Option<Indexed> {
    Some(Colours::of(pixels, MOST)?.as_they_are())
}

/// The picture with the colours that it has, if these are at most 256, or else with so many of which each pixel has one that the eye
/// takes for its own; none if there is no such palette.
pub(super) fn close(pixels: &[[u8; 4]]) -> Option<Indexed> {
    let colours = Colours::of(pixels, MOST_DISTINCT)?;
    if colours.found.len() <= MOST {
        return Some(colours.as_they_are());
    }
    let mut order: Vec<usize> = (0..colours.found.len()).collect();
    order.sort_by_key(|number| {
        let (colour, count) = colours.found[*number];
        (Reverse(count), colour)
    });
    let bounds = AREAS.into_iter().flat_map(|area| AT_EDGE.map(|at_edge| (area, at_edge)));
    let (palette, places) = bounds.into_iter().find_map(|(area, at_edge)| {
        let tolerance = |count: usize| if area * count < pixels.len() { at_edge } else { IN_AREA };
        gathered(&colours.found, &order, tolerance)
    })?;
    Some(Indexed { places: colours.written(&places), palette })
}

/// The colours of a picture in the order in which they come, each with its number of pixels, and the picture as runs of them.
struct Colours {
    found: Vec<([u8; 4], usize)>,
    /// The number of a colour, and of its pixels side by side.
    runs: Vec<(u32, u32)>,
}

impl Colours {
    /// Those of a picture, if they are at most `most`.
    fn of(pixels: &[[u8; 4]], most: usize) -> Option<Self> {
        let (mut found, mut runs) = (Vec::new(), Vec::new());
        let mut numbers = BTreeMap::new();
        // The colours of most runs were there a moment ago: the map is asked for the others alone.
        let mut recent = vec![None; RECENT];
        // Most pixels are like the one before them.
        for run in pixels.chunk_by(|left, right| left == right) {
            let slot = u32::from_le_bytes(run[0]).wrapping_mul(0x9e37_79b1) as usize >> (32 - RECENT.ilog2());
            let number = match recent[slot] {
                Some((colour, number)) if colour == run[0] => number,
                _ => *numbers.entry(run[0]).or_insert_with(|| {
                    found.push((run[0], 0));
                    found.len() - 1
                }),
            };
            recent[slot] = Some((run[0], number));
            found[number].1 += run.len();
            // The number is below `most`; a picture has fewer than 2^32 pixels, since no side has more than 2^14.
            runs.push((number as u32, run.len() as u32));
            if found.len() > most {
                return None;
            }
        }
        Some(Self { found, runs })
    }

    /// The picture with its own colours, which are at most 256.
    fn as_they_are(&self) -> Indexed {
        let palette: Vec<_> = self.found.iter().map(|(colour, _)| *colour).collect();
        let places: Vec<u8> = (0..=u8::MAX).take(palette.len()).collect();
        Indexed { places: self.written(&places), palette }
    }

    /// The place of each pixel, from those of the colours.
    fn written(&self, places: &[u8]) -> Vec<u8> {
        let mut written = Vec::with_capacity(self.runs.iter().map(|(_, count)| *count as usize).sum());
        for (number, count) in &self.runs {
            written.resize(written.len() + *count as usize, places[*number as usize]);
        }
        written
    }
}

/// A palette from the colours in an order: each takes the nearest that is there and within the tolerance for its number of pixels, or is
/// a new one. And the place of each colour.
fn gathered(
    colours: &[([u8; 4], usize)],
    order: &[usize],
    tolerance: impl Fn(usize) -> u8,
) -> Option<(Vec<[u8; 4]>, Vec<u8>)> {
    let (mut palette, mut places) = (Vec::new(), vec![0; colours.len()]);
    for number in order {
        let (colour, count) = colours[*number];
        let near = palette.iter().enumerate().map(|(place, other)| (distance(colour, *other), place));
        let place = match near.min().filter(|(distance, _)| *distance <= tolerance(count)) {
            Some((_, place)) => place,
            None if palette.len() == MOST => return None,
            None => {
                palette.push(colour);
                palette.len() - 1
            }
        };
        places[*number] = u8::try_from(place).ok()?;
    }
    Some((palette, places))
}

/// The largest difference of a channel. Opacities are the same or as far as can be.
fn distance(left: [u8; 4], right: [u8; 4]) -> u8 {
    if left[3] != right[3] {
        return u8::MAX;
    }
    (0..3).map(|channel| left[channel].abs_diff(right[channel])).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Greys of a ramp, each `wide` pixels wide.
    fn ramp(levels: impl Iterator<Item = [u8; 4]>, wide: usize) -> Vec<[u8; 4]> {
        levels.flat_map(|colour| std::iter::repeat_n(colour, wide)).collect()
    }

    fn drawn(indexed: &Indexed) -> Vec<[u8; 4]> {
        indexed.places.iter().map(|place| indexed.palette[usize::from(*place)]).collect()
    }

    #[test]
    fn few_colours_stay_what_they_are() {
        let pixels = ramp((0..=255).map(|level| [level, 7, 9, 255]), 3);
        for indexed in [exact(&pixels), close(&pixels)] {
            let indexed = indexed.expect("256 colours");
            let (pixels, drawn) = (&pixels, drawn(&indexed));
            assert!(pixels.iter().zip(&drawn).all(|(a, b)| distance(*a, *b) <= 1));
        }
        assert_eq!(drawn(&exact(&pixels).expect("256 colours")), pixels);
    }

    #[test]
    fn shades_at_edges_take_near_colours_and_areas_keep_theirs() {
        let areas: Vec<_> = (0..128).map(|level| [level, 2 * level, 90, 255]).collect();
        let mut pixels = ramp(areas.iter().copied(), 300);
        let edges: Vec<_> = (0..=255).map(|level| [level, 3, 200, 255]).collect();
        pixels.extend(&edges);
        assert!(exact(&pixels).is_none());
        let drawn = drawn(&close(&pixels).expect("edges whose shades are near each other"));
        for (pixel, drawn) in pixels.iter().zip(&drawn) {
            let most = if pixel[2] == 90 { 0 } else { 2 };
            assert!(distance(*pixel, *drawn) <= most, "{pixel:?} {drawn:?}");
        }
        assert_ne!(pixels, drawn);
        // The same shades as areas are not one step away from a palette of 256.
        let wide: Vec<_> =
            ramp(areas.into_iter().chain(edges.into_iter().step_by(2)).chain([[0, 9, 9, 255]]), 300);
        assert!(close(&wide).is_none());
    }

    #[test]
    fn a_picture_of_many_colours_is_none_of_these() {
        let pixels: Vec<_> = (0..4096_u32)
            .map(|n| [(n % 16 * 17) as u8, (n / 16 % 16 * 17) as u8, (n / 256 * 17) as u8, 255])
            .collect();
        assert!(close(&pixels).is_none());
        let clear = ramp((0..=255).map(|level| [9, 9, 9, level]), 2);
        let indexed = close(&clear).expect("256 opacities");
        assert_eq!(drawn(&indexed), clear, "an opacity is never another one");
    }
}
