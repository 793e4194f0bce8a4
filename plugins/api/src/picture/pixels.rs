//! A PNG of which the pixels are written anew.

use std::io::Cursor;

use png::{BitDepth, Decoder, Encoder, Limits, PixelDimensions, Transformations, Unit};

/// Most pixels: 100 MB as they are shown.
pub(super) const MOST_PIXELS: u64 = 25_000_000;
/// Densities that are believed, in pixels an inch; others are 96.
const DENSITIES: std::ops::RangeInclusive<f64> = 36.0..=2400.0;
const INCH: f64 = 0.0254;

/// The PNG with its pixels and their density alone, and its width and height in pixels of CSS.
///
/// # Errors
/// A sentence with the next step, if it is damaged, cut off or too large.
pub(super) fn clean(bytes: &[u8]) -> Result<(Vec<u8>, [f64; 2]), String> {
    let mut decoder =
        Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 8 * MOST_PIXELS as usize });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let damaged =
        |error: png::DecodingError| format!("it is no PNG that can be read ({error}): save it again");
    let header = decoder.read_header_info().map_err(damaged)?;
    let (width, height) = (header.width, header.height);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(format!(
            "it has {width} by {height} pixels, more than {MOST_PIXELS}: save it smaller, or with a lower `dpi`"
        ));
    }
    let mut reader = decoder.read_info().map_err(damaged)?;
    let dimensions = reader.info().pixel_dims;
    let room = reader.output_buffer_size().ok_or("it has too many pixels: save it smaller")?;
    let mut pixels = vec![0; room];
    let frame = reader.next_frame(&mut pixels).map_err(damaged)?;
    // What is cut off behind the last pixel is missing, too: nobody knows what else was meant to follow.
    reader.finish().map_err(damaged)?;
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(frame.color_type);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_pixel_dims(dimensions.filter(|dimensions| density(*dimensions).is_some()));
    let write = |encoder: Encoder<'_, &mut Vec<u8>>| {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels[..frame.buffer_size()])?;
        writer.finish()
    };
    write(encoder).map_err(|error| format!("its pixels cannot be written: {error}"))?;
    let size = size(&out)?;
    Ok((out, size))
}

/// The pixels of an inch.
fn density(dimensions: PixelDimensions) -> Option<f64> {
    let (x, y) = (f64::from(dimensions.xppu) * INCH, f64::from(dimensions.yppu) * INCH);
    (matches!(dimensions.unit, Unit::Meter) && dimensions.xppu == dimensions.yppu && DENSITIES.contains(&x))
        .then_some(y)
}

/// Width and height of a PNG in pixels of CSS, from its head alone.
///
/// # Errors
/// If it has none.
pub(super) fn size(bytes: &[u8]) -> Result<[f64; 2], String> {
    let reader = head(bytes)?;
    let info = reader.info();
    let scale = info.pixel_dims.and_then(density).map_or(1.0, |density| 96.0 / density);
    Ok([info.width, info.height].map(|side| (f64::from(side) * scale * 1000.0).round() / 1000.0))
}

/// The number of pixels of a PNG.
///
/// # Errors
/// If it has no head.
pub(super) fn count(bytes: &[u8]) -> Result<u64, String> {
    let reader = head(bytes)?;
    Ok(u64::from(reader.info().width) * u64::from(reader.info().height))
}

fn head(bytes: &[u8]) -> Result<png::Reader<Cursor<&[u8]>>, String> {
    Decoder::new(Cursor::new(bytes))
        .read_info()
        .map_err(|error| format!("it is no PNG that can be read: {error}"))
}
