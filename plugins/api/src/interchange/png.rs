//! The pixels of a PNG, decoded row by row.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, InterlaceInfo, Transformations};

use super::Image;
use crate::{Failure, Reading};

/// The pixels of a grey PNG of 8 or 16 bits, from 0 to 1; an alpha channel is left out.
///
/// # Errors
/// [`FailureKind::User`](crate::FailureKind::User) for what is no grey PNG; as [`Reading::admit`] and [`Reading::go_on`].
pub(super) fn grey(input: Reading<'_>, bytes: &[u8]) -> Result<Image, Failure> {
    pixels(input, bytes, false, |samples| samples[0])
}

/// How light every pixel of a PNG is on white paper, from 0 to 1: grey or in colours (weights of ITU-R BT.709), with or
/// without an alpha channel.
///
/// # Errors
/// [`FailureKind::User`](crate::FailureKind::User) if the file is no PNG; as [`Reading::admit`] and [`Reading::go_on`].
pub fn lightness(input: Reading<'_>, bytes: &[u8]) -> Result<Image, Failure> {
    pixels(input, bytes, true, |samples| {
        let (level, alpha) = match *samples {
            [grey] => (grey, 1.0),
            [grey, alpha] => (grey, alpha),
            [red, green, blue, ref alpha @ ..] => {
                (0.2126 * red + 0.7152 * green + 0.0722 * blue, alpha.first().copied().unwrap_or(1.0))
            }
            [] => (1.0, 0.0),
        };
        1.0 - alpha * (1.0 - level)
    })
}

/// One number for each pixel, from its one to four samples between 0 and 1. The header says whether they may be read at all,
/// before there is room for one.
fn pixels(
    input: Reading<'_>,
    bytes: &[u8],
    colours: bool,
    number: impl Fn(&[f64]) -> f64,
) -> Result<Image, Failure> {
    let name = &input.name;
    let unreadable =
        |error: DecodingError| Failure::user(format!("`{name}` is no PNG that can be read: {error}"));
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let (width, height) = (reader.info().width, reader.info().height);
    input.admit(u64::from(width) * u64::from(height), &format_args!("{width} by {height} pixels"))?;
    let (color, depth) = reader.output_color_type();
    if !colours && !matches!(color, ColorType::Grayscale | ColorType::GrayscaleAlpha) {
        return Err(Failure::user(format!("`{name}` has colours")).help("save it as a grey image"));
    }
    let sample_bytes = if depth == BitDepth::Sixteen { 2 } else { 1 };
    let step = color.samples() * sample_bytes;
    let value = |pixel: &[u8]| {
        let mut samples = [0.0; 4];
        for (sample, bytes) in samples.iter_mut().zip(pixel.chunks_exact(sample_bytes)) {
            *sample = match *bytes {
                [high, low] => f64::from(u16::from_be_bytes([high, low])) / 65535.0,
                _ => f64::from(bytes[0]) / 255.0,
            };
        }
        number(&samples[..color.samples()])
    };
    let (columns, rows) = (width as usize, height as usize);
    let mut pixels = Vec::with_capacity(columns * rows);
    // An interlaced image comes in seven passes over its rows, so that its bytes are needed as a whole.
    let mut whole = Vec::new();
    while let Some(row) = reader.next_interlaced_row().map_err(unreadable)? {
        input.go_on()?;
        match row.interlace() {
            InterlaceInfo::Null(_) => pixels.extend(row.data().chunks_exact(step).map(value)),
            InterlaceInfo::Adam7(pass) => {
                whole.resize(columns * rows * step, 0);
                let bits = u8::try_from(8 * step).expect("at most 64 bits");
                png::expand_interlaced_row(&mut whole, columns * step, row.data(), pass, bits);
            }
        }
    }
    pixels.extend(whole.chunks_exact(step).map(value));
    if pixels.len() != columns * rows {
        return Err(Failure::user(format!("`{name}` is no PNG that can be read: rows are missing")));
    }
    Ok(Image { columns, rows, pixels })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::InputContent;
    use crate::{CancelToken, FailureKind, InputData, InputLimits, StopReason};

    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, _: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        !bytes.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
    }

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let named = [kind.as_slice(), data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [length.as_slice(), &named, &crc(&named).to_be_bytes()].concat()
    }

    /// A PNG of 8 bits whose filtered lines are these bytes.
    fn image(width: u32, height: u32, color: u8, interlaced: bool, lines: &[u8]) -> InputData {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        let header = [size.as_slice(), &[8, color, 0, 0, u8::from(interlaced)]].concat();
        let length = u16::try_from(lines.len()).unwrap();
        let (a, b) = lines.iter().fold((1_u32, 0), |(a, b), byte| {
            let a = (a + u32::from(*byte)) % 65521;
            (a, (b + a) % 65521)
        });
        let stored =
            [&[1], length.to_le_bytes().as_slice(), (!length).to_le_bytes().as_slice(), lines].concat();
        let zlib = [&[0x78, 0x01], stored.as_slice(), (b << 16 | a).to_be_bytes().as_slice()].concat();
        let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &zlib), chunk(b"IEND", &[])].concat();
        let bytes = [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks].concat();
        InputData { name: "a.png".into(), content: InputContent::File { extension: "png".into(), bytes } }
    }

    #[test]
    fn an_interlaced_image_has_its_pixels_in_order() {
        let plain = image(3, 3, 0, false, &[0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9]);
        // The passes of Adam7 over nine pixels: 1; 3; 7, 9; 2; 8; 4, 5, 6.
        let passes = [0, 1, 0, 3, 0, 7, 9, 0, 2, 0, 8, 0, 4, 5, 6];
        let found = Image::from_input(&image(3, 3, 0, true, &passes)).unwrap();
        assert_eq!(found, Image::from_input(&plain).unwrap());
        assert_eq!(found.pixels, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0].map(|grey| grey / 255.0));
        let alpha = image(2, 1, 4, false, &[0, 51, 9, 102, 9]);
        assert_eq!(Image::from_input(&alpha).unwrap().pixels, [0.2, 0.4]);
    }

    #[test]
    fn what_is_cut_off_or_coloured_is_refused() {
        let message = |data: &InputData| Image::from_input(data).unwrap_err().message;
        assert!(
            message(&image(2, 3, 0, false, &[0, 1, 2])).starts_with("`a.png` is no PNG that can be read: ")
        );
        assert_eq!(message(&image(1, 1, 2, false, &[0, 1, 2, 3])), "`a.png` has colours");
    }

    #[test]
    fn a_header_is_weighed_before_a_pixel_is_read_and_time_counts_between_rows() {
        let cancel = CancelToken::new();
        let limits = InputLimits { numbers: 12, ..InputLimits::default() };
        let read = |data: &InputData| Image::from_input(Reading::new(data, limits, &cancel));
        for (width, height) in [(100_000, 100_000), (13, 1), (1 << 20, 1 << 30)] {
            let failure = read(&image(width, height, 0, false, &[0])).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Resource);
            let pixels = format!("`a.png` holds {width} by {height} pixels, and at most 12 numbers are read");
            assert_eq!(failure.message, pixels);
        }
        let good = image(3, 1, 0, false, &[0, 1, 2, 3]);
        assert!(read(&good).is_ok());
        cancel.stop(StopReason::TimedOut);
        assert_eq!(read(&good).unwrap_err().message, "the time limit has passed");
    }
}
