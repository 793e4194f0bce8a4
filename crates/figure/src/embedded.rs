//! The letters that a figure writes, as fonts that its files carry: so they look alike wherever these are opened.
//!
//! Letters stay letters (they can be found, read aloud and changed), which outlines would not, for about 4 KB a file.

use std::collections::{BTreeMap, BTreeSet};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use subsetter::GlyphRemapper;

use super::scene::{Scene, Weight};
use super::text;

/// A font of the letters that are used.
pub(crate) struct Embedded {
    pub(crate) weight: Weight,
    /// The glyph of each letter in it, and how far it reaches, in thousandths of an em.
    pub(crate) glyphs: BTreeMap<char, (u16, f32)>,
    /// Its tables by their tags, without one that says which glyph a letter has.
    tables: BTreeMap<[u8; 4], Vec<u8>>,
}

/// The fonts of the letters of a scene, one a weight; letters that the bundled fonts lack are in none.
pub(crate) fn fonts(scene: &Scene) -> Vec<Embedded> {
    let of = |weight: Weight| {
        let texts = scene.texts().filter(|text| text.weight == weight);
        let letters: BTreeSet<char> =
            texts.flat_map(|text| &text.spans).flat_map(|span| span.text.chars()).collect();
        embedded(weight, &letters)
    };
    [Weight::Regular, Weight::Semibold].into_iter().filter_map(of).collect()
}

/// The font of these letters; nothing if it has none of them.
fn embedded(weight: Weight, letters: &BTreeSet<char>) -> Option<Embedded> {
    let face = text::font(weight);
    let mut kept = GlyphRemapper::new();
    let per_em = f32::from(face.units_per_em());
    let glyph = |letter: &char| {
        let glyph = face.glyph_index(*letter)?;
        let wide = f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) / per_em * 1000.0;
        Some((*letter, (kept.remap(glyph.0), wide)))
    };
    let glyphs: BTreeMap<char, (u16, f32)> = letters.iter().filter_map(glyph).collect();
    if glyphs.is_empty() {
        return None;
    }
    let bytes = text::font_bytes(weight);
    let font = subsetter::subset(bytes, 0, &kept).ok()?;
    let mut tables = tables(&font);
    // Who made it and what for, as browsers want it.
    tables.extend(self::tables(bytes).into_iter().filter(|(tag, _)| tag == b"OS/2"));
    Some(Embedded { weight, glyphs, tables })
}

/// The tables of a font file.
fn tables(font: &[u8]) -> BTreeMap<[u8; 4], Vec<u8>> {
    let number = |at: usize| {
        font.get(at..at + 4)
            .map_or(0, |four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]) as usize)
    };
    let count = number(4) >> 16;
    let table = |index: usize| {
        let record = 12 + 16 * index;
        let tag = font.get(record..record + 4)?.try_into().ok()?;
        let start = number(record + 8);
        Some((tag, font.get(start..start + number(record + 12))?.to_vec()))
    };
    (0..count).filter_map(table).collect()
}

impl Embedded {
    /// The outlines alone, in the Compact Font Format.
    pub(crate) fn outlines(&self) -> &[u8] {
        self.tables.get(b"CFF ").map_or(&[], Vec::as_slice)
    }

    /// As a file for browsers: WOFF 1.0.
    pub(crate) fn woff(&self) -> Vec<u8> {
        let mut tables = self.tables.clone();
        tables.insert(*b"cmap", self.letters());
        let (mut directory, mut content, mut plain_size) = (Vec::new(), Vec::new(), 12 + 16 * tables.len());
        let start = 44 + 20 * tables.len();
        for (tag, table) in &tables {
            let packed = packed(table);
            let stored = if packed.len() < table.len() { &packed } else { table };
            directory.extend_from_slice(tag);
            for number in [start + content.len(), stored.len(), table.len()] {
                directory.extend_from_slice(&(number as u32).to_be_bytes());
            }
            directory.extend_from_slice(&sum(table).to_be_bytes());
            content.extend_from_slice(stored);
            content.resize(content.len().next_multiple_of(4), 0);
            plain_size += table.len().next_multiple_of(4);
        }
        let mut woff = b"wOFFOTTO".to_vec();
        woff.extend_from_slice(&((start + content.len()) as u32).to_be_bytes());
        woff.extend_from_slice(&(tables.len() as u16).to_be_bytes());
        woff.extend_from_slice(&[0, 0]);
        woff.extend_from_slice(&(plain_size as u32).to_be_bytes());
        woff.extend_from_slice(&[0, 1, 0, 0]);
        // Neither notes nor private data.
        woff.extend_from_slice(&[0; 20]);
        [woff, directory, content].concat()
    }

    /// Which glyph each letter has: a table `cmap` with one part in format 12.
    fn letters(&self) -> Vec<u8> {
        let groups = self.glyphs.len() as u32;
        // Version, one part: Windows, full Unicode, 12 bytes from here.
        let mut table = vec![0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0];
        for number in [16 + 12 * groups, 0, groups] {
            table.extend_from_slice(&number.to_be_bytes());
        }
        for (letter, (glyph, _)) in &self.glyphs {
            for number in [u32::from(*letter), u32::from(*letter), u32::from(*glyph)] {
                table.extend_from_slice(&number.to_be_bytes());
            }
        }
        table
    }
}

/// The sum of a table in words of four bytes.
fn sum(table: &[u8]) -> u32 {
    table.chunks(4).fold(0, |sum: u32, word| {
        let mut four = [0; 4];
        four[..word.len()].copy_from_slice(word);
        sum.wrapping_add(u32::from_be_bytes(four))
    })
}

/// The bytes as a stream of zlib.
pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    const WRITES: &str = "writing to memory does not fail";
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::new(6));
    packer.write_all(bytes).expect(WRITES);
    packer.finish().expect(WRITES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Anchor, Element, Form, Group, Paint, Role, Style, Text, plain};

    fn scene(text: &str) -> Scene {
        let text = Form::Text(Text::new([0.0, 0.0], plain(text), 12.0, Anchor::Start));
        let element = Element { form: text, style: Style::fill(Paint::Ink) };
        Scene {
            groups: vec![Group { role: Role::Labels, elements: vec![element] }],
            ..Scene::empty(10.0, 10.0)
        }
    }

    #[test]
    fn a_font_has_the_letters_that_are_written() {
        let fonts = fonts(&scene("Größe σ, 10"));
        let [font] = &fonts[..] else { panic!("one weight is used") };
        let mut sfnt = b"OTTO".to_vec();
        let mut tables = font.tables.clone();
        tables.insert(*b"cmap", font.letters());
        sfnt.extend_from_slice(&(tables.len() as u16).to_be_bytes());
        sfnt.extend_from_slice(&[0; 6]);
        let mut start = 12 + 16 * tables.len();
        for (tag, table) in &tables {
            sfnt.extend_from_slice(tag);
            for number in [sum(table), start as u32, table.len() as u32] {
                sfnt.extend_from_slice(&number.to_be_bytes());
            }
            start += table.len();
        }
        tables.values().for_each(|table| sfnt.extend_from_slice(table));
        let face = ttf_parser::Face::parse(&sfnt, 0).unwrap();
        let own = text::font(Weight::Regular);
        for letter in "Größe σ,10".chars() {
            let (glyph, original) = (face.glyph_index(letter).unwrap(), own.glyph_index(letter).unwrap());
            assert_eq!(face.glyph_hor_advance(glyph), own.glyph_hor_advance(original), "{letter}");
            assert_eq!(face.glyph_bounding_box(glyph), own.glyph_bounding_box(original), "{letter}");
        }
        assert!(face.glyph_index('z').is_none());
    }

    #[test]
    fn a_figure_without_letters_has_no_font() {
        assert!(fonts(&scene("中")).is_empty());
    }

    #[test]
    fn the_file_for_browsers_is_small_and_says_its_length() {
        let woff = fonts(&scene("Number of segments 0123456789"))[0].woff();
        let length = u32::from_be_bytes(woff[8..12].try_into().unwrap());
        assert_eq!((&woff[..8], length as usize), (b"wOFFOTTO".as_slice(), woff.len()));
        assert!(woff.len() < 4_000, "{}", woff.len());
    }
}
