//! Points strewn over the room of their place, so that they do not cover each other: by a digest of what each row shows, never by
//! its number, so that the same rows are strewn alike in any order.

use std::collections::BTreeMap;

use octavo_plugin::ContentHasher;

use crate::rows::{Datum, place};

/// How far each datum is moved along the axis of places, in pixels: evenly from half of `wide` before to half of it behind.
pub(super) fn shifts(data: &[&Datum], wide: f64) -> Vec<f64> {
    if wide <= 0.0 {
        return vec![0.0; data.len()];
    }
    // Rows that show the same are told apart by a number, and so are exchanged with each other alone.
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let shift = |datum: &&Datum| {
        let y = datum.y.as_ref().map_or_else(String::new, |cell| cell.key());
        let shown = place(datum, "y") + "\u{1f}" + &y;
        let number = seen.entry(shown.clone()).and_modify(|number| *number += 1).or_default();
        let digest = ContentHasher::new("figure jitter").text(&shown).number(*number).finish();
        let high = digest.as_bytes()[..4].iter().fold(0_u32, |all, byte| (all << 8) | u32::from(*byte));
        (f64::from(high) / f64::from(u32::MAX) - 0.5) * wide
    };
    data.iter().map(shift).collect()
}
