//! Pixels as the bytes of a PNG, with the fewest bits that hold them and fixed settings.

use crate::indexed::Indexed;

/// Pixels of red, green, blue and opacity as PNG bytes: with a palette if they have one.
pub(super) fn encode_rgba(
    rgba: &[u8],
    indexed: Option<Indexed>,
    [width, height]: [usize; 2],
    recipe: Option<&str>,
) -> Vec<u8> {
    let pixels = rgba.as_chunks::<4>().0;
    if let Some(Indexed { palette, places }) = indexed {
        let bits = [1, 2, 4].into_iter().find(|bits| palette.len() <= 1 << bits).unwrap_or(8);
        let form = Form { colour: png::ColorType::Indexed, bits, palette };
        let samples = packed(places, width, bits);
        return form.encode(&samples, png::Filter::NoFilter, [width, height], recipe);
    }
    let (colour, samples) = if pixels.iter().all(|pixel| pixel[3] == 255) {
        let mut samples = vec![0; 3 * pixels.len()];
        for (sample, [red, green, blue, _]) in samples.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
            *sample = [*red, *green, *blue];
        }
        (png::ColorType::Rgb, samples)
    } else {
        (png::ColorType::Rgba, rgba.to_vec())
    };
    let form = Form { colour, bits: 8, palette: Vec::new() };
    // Areas of one colour are smaller as they are, and pictures that change from pixel to pixel as differences.
    let changes = pixels.array_windows().filter(|[left, right]| left != right).count();
    let filter = if 2 * changes > pixels.len() { png::Filter::Adaptive } else { png::Filter::NoFilter };
    form.encode(&samples, filter, [width, height], recipe)
}

/// Numbers of `bits` bits each, several to a byte, every row beginning a byte (PNG, 7.2).
pub(super) fn packed(numbers: Vec<u8>, width: usize, bits: usize) -> Vec<u8> {
    let each = 8 / bits;
    if each == 1 {
        return numbers;
    }
    let mut bytes = Vec::with_capacity(numbers.len() / each + numbers.len() / width.max(1) + 1);
    for row in numbers.chunks(width.max(1)) {
        for part in row.chunks(each) {
            let mut byte = 0;
            for (place, number) in part.iter().enumerate() {
                byte |= number << (8 - bits * (place + 1));
            }
            bytes.push(byte);
        }
    }
    bytes
}

/// How the pixels of a PNG are written.
pub(super) struct Form {
    pub(super) colour: png::ColorType,
    pub(super) bits: usize,
    /// Red, green, blue and opacity, for `Indexed`.
    pub(super) palette: Vec<[u8; 4]>,
}

impl Form {
    pub(super) fn encode(
        &self,
        samples: &[u8],
        filter: png::Filter,
        [width, height]: [usize; 2],
        recipe: Option<&str>,
    ) -> Vec<u8> {
        const WRITES: &str = "writing to memory does not fail";
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
        encoder.set_color(self.colour);
        encoder.set_depth(png::BitDepth::from_u8(self.bits as u8).expect("1, 2, 4 or 8"));
        if !self.palette.is_empty() {
            encoder.set_palette(
                self.palette.iter().flat_map(|colour| [colour[0], colour[1], colour[2]]).collect::<Vec<u8>>(),
            );
            if self.palette.iter().any(|colour| colour[3] != 255) {
                encoder.set_trns(self.palette.iter().map(|colour| colour[3]).collect::<Vec<u8>>());
            }
        }
        encoder.set_deflate_compression(png::DeflateCompression::Level(6));
        encoder.set_filter(filter);
        if let Some(recipe) = recipe {
            encoder.add_itxt_chunk("octavo".to_owned(), recipe.to_owned()).expect(WRITES);
        }
        let mut writer = encoder.write_header().expect(WRITES);
        writer.write_image_data(samples).expect(WRITES);
        writer.finish().expect(WRITES);
        bytes
    }
}
