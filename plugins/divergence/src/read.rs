//! Images from files.

use octavo_plugin::Failure;
use octavo_plugin::input::{InputContent, InputData};

use crate::picture::Pictures;

/// An image from a grey PNG or a CSV of numbers.
///
/// # Errors
/// [`Failure::user`] that names the file and the line.
pub(crate) fn image(input: &InputData) -> Result<Pictures, Failure> {
    match &input.content {
        InputContent::File { extension, bytes } if extension == "png" => grey(&input.name, bytes),
        _ => {
            let rows = numbers(input)?;
            let columns = rows[0].len();
            if rows.iter().any(|row| row.len() != columns) {
                return Err(Failure::user(format!("`{}`: the lines have different lengths", input.name)));
            }
            let (columns, lines) = if columns == 1 { (rows.len(), 1) } else { (columns, rows.len()) };
            Ok(Pictures::one(columns, lines, rows.concat()))
        }
    }
}

/// A set of images, one a line.
///
/// # Errors
/// As [`image`].
pub(crate) fn set(input: &InputData, columns: usize) -> Result<Pictures, Failure> {
    let images = numbers(input)?;
    let pixels = images[0].len();
    if !pixels.is_multiple_of(columns) || images.iter().any(|image| image.len() != pixels) {
        let message = format!(
            "`{}`: every line needs whole rows of {columns} pixels, as many as the first",
            input.name
        );
        return Err(Failure::user(message));
    }
    Ok(Pictures { columns, rows: pixels / columns, images, set: true })
}

fn numbers(input: &InputData) -> Result<Vec<Vec<f64>>, Failure> {
    let text = input.text()?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Failure::user(format!("`{}`: {error}", input.name)))?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = |field: &str| {
            let value = field.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0);
            value.ok_or_else(|| {
                Failure::user(format!("`{}`, line {line}: `{field}` is no weight", input.name))
                    .help("a file of pixels has finite numbers that are not below 0, and no header")
            })
        };
        rows.push(record.iter().map(number).collect::<Result<Vec<f64>, Failure>>()?);
    }
    if rows.is_empty() {
        return Err(Failure::user(format!("`{}` holds no numbers", input.name)));
    }
    Ok(rows)
}

/// The pixels of a grey PNG of 8 or 16 bits, from 0 to 1; an alpha channel is left out.
fn grey(name: &str, bytes: &[u8]) -> Result<Pictures, Failure> {
    let unreadable =
        |error: png::DecodingError| Failure::user(format!("`{name}` is no PNG that can be read: {error}"));
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let size =
        reader.output_buffer_size().ok_or_else(|| Failure::resource(format!("`{name}` is too large")))?;
    let mut buffer = vec![0; size];
    let info = reader.next_frame(&mut buffer).map_err(unreadable)?;
    let (samples, wide) = (info.color_type.samples(), info.bit_depth == png::BitDepth::Sixteen);
    if samples > 2 {
        return Err(Failure::user(format!("`{name}` has colours")).help("save it as a grey image"));
    }
    let step = samples * if wide { 2 } else { 1 };
    let value = |pixel: &[u8]| {
        if wide {
            f64::from(u16::from_be_bytes([pixel[0], pixel[1]])) / 65535.0
        } else {
            f64::from(pixel[0]) / 255.0
        }
    };
    let pixels = buffer[..info.buffer_size()].chunks_exact(step).map(value).collect();
    Ok(Pictures::one(info.width as usize, info.height as usize, pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(extension: &str, bytes: &[u8]) -> InputData {
        InputData {
            name: format!("a.{extension}"),
            content: InputContent::File { extension: extension.into(), bytes: bytes.to_vec() },
        }
    }

    #[test]
    fn rows_of_numbers_are_rows_of_pixels() {
        let found = image(&file("csv", b"1, 2, 3\n4,5,6\n")).unwrap();
        assert_eq!((found.columns, found.rows), (3, 2));
        assert_eq!(found.images, [vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
        assert_eq!(image(&file("csv", b"1\n2\n")).unwrap().columns, 2);
        let found = set(&file("csv", b"1,2,3,4\n5,6,7,8\n"), 2).unwrap();
        assert_eq!((found.columns, found.rows, found.images.len(), found.set), (2, 2, 2, true));
    }

    #[test]
    fn what_is_no_picture_is_refused_with_its_place() {
        let message = |extension: &str, bytes: &[u8]| image(&file(extension, bytes)).unwrap_err().message;
        assert_eq!(message("csv", b"1,2\n3,x\n"), "`a.csv`, line 2: `x` is no weight");
        assert_eq!(message("csv", b"1,-2\n"), "`a.csv`, line 1: `-2` is no weight");
        assert_eq!(message("csv", b"1,NaN\n"), "`a.csv`, line 1: `NaN` is no weight");
        assert_eq!(message("csv", b"1,2\n3\n"), "`a.csv`: the lines have different lengths");
        assert_eq!(message("csv", b""), "`a.csv` holds no numbers");
        assert!(message("png", b"GIF89a").starts_with("`a.png` is no PNG that can be read: "));
        assert!(set(&file("csv", b"1,2,3\n"), 2).unwrap_err().message.contains("whole rows of 2 pixels"));
    }

    #[test]
    fn grey_pixels_keep_their_order() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(&[0, 51]).unwrap();
        let found = image(&file("png", &bytes)).unwrap();
        assert_eq!((found.columns, found.rows, found.images), (2, 1, vec![vec![0.0, 0.2]]));
    }
}
