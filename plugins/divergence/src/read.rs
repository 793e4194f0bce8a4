//! Images from files.

use octavo_plugin::input::InputContent;
use octavo_plugin::{Failure, Image, Reading, interchange};

use crate::picture::Pictures;

/// An image. A single column is read as a histogram, like a single row.
///
/// # Errors
/// [`Failure::user`] that names the file and the line.
pub(crate) fn image<'a>(input: impl Into<Reading<'a>>) -> Result<Pictures, Failure> {
    let Image { columns, rows, pixels } = Image::from_input(input)?;
    let (columns, rows) = if columns == 1 { (rows, 1) } else { (columns, rows) };
    Ok(Pictures::one(columns, rows, pixels))
}

/// A set of images: one a line, or the tiles of a PNG.
///
/// # Errors
/// As [`image`].
pub(crate) fn set<'a>(
    input: impl Into<Reading<'a>>,
    columns: usize,
    rows: Option<usize>,
) -> Result<Pictures, Failure> {
    let input = input.into();
    if matches!(&input.content, InputContent::File { extension, .. } if extension == "png") {
        let rows = rows.ok_or_else(|| {
            Failure::user(format!("`{}`: how many rows an image has is not said", input.name))
                .help("give `rows` beside `columns`")
        })?;
        return tiles(input, &Image::from_input(input)?, columns, rows);
    }
    let images = interchange::weights(input)?;
    let pixels = images.width().unwrap_or(0);
    if pixels == 0 || !pixels.is_multiple_of(columns) || rows.is_some_and(|rows| rows * columns != pixels) {
        let message = format!(
            "`{}`: every line needs whole rows of {columns} pixels, as many as the first",
            input.name
        );
        return Err(Failure::user(message));
    }
    let images = images.iter().map(<[f64]>::to_vec).collect();
    Ok(Pictures { columns, rows: pixels / columns, images, set: true })
}

fn tiles(input: Reading<'_>, sheet: &Image, columns: usize, rows: usize) -> Result<Pictures, Failure> {
    let name = &input.name;
    if !(sheet.columns.is_multiple_of(columns) && sheet.rows.is_multiple_of(rows)) {
        let (width, height) = (sheet.columns, sheet.rows);
        let message =
            format!("`{name}`: {width} by {height} pixels are not whole images of {columns} by {rows}");
        return Err(Failure::user(message));
    }
    let across = sheet.columns / columns;
    let tile = |index: usize| {
        let (left, top) = (index % across * columns, index / across * rows);
        let line = |row: usize| &sheet.pixels[(top + row) * sheet.columns + left..][..columns];
        (0..rows).flat_map(line).copied().collect()
    };
    let images = (0..across * (sheet.rows / rows)).map(tile).collect();
    Ok(Pictures { columns, rows, images, set: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::InputData;

    fn file(extension: &str, bytes: &[u8]) -> InputData {
        InputData {
            name: format!("a.{extension}"),
            content: InputContent::File { extension: extension.into(), bytes: bytes.to_vec() },
        }
    }

    #[test]
    fn a_line_is_an_image_of_a_set() {
        assert_eq!(image(&file("csv", b"1\n2\n")).unwrap().columns, 2);
        for (extension, text) in [("csv", "1,2,3,4\n5,6,7,8\n"), ("json", "[[1, 2, 3, 4], [5, 6, 7, 8]]")] {
            let found = set(&file(extension, text.as_bytes()), 2, None).unwrap();
            assert_eq!((found.columns, found.rows, found.images.len(), found.set), (2, 2, 2, true));
        }
        let failure = set(&file("csv", b"1,2,3\n"), 2, None).unwrap_err();
        assert!(failure.message.contains("whole rows of 2 pixels"));
    }

    #[test]
    fn a_sheet_is_cut_into_tiles() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 4, 2);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(&[0, 51, 102, 153, 204, 255, 0, 51]).unwrap();
        let found = set(&file("png", &bytes), 2, Some(2)).unwrap();
        assert_eq!(found.images, [vec![0.0, 0.2, 0.8, 1.0], vec![0.4, 0.6, 0.0, 0.2]]);
        let message = |columns, rows| set(&file("png", &bytes), columns, rows).unwrap_err().message;
        assert_eq!(message(3, Some(2)), "`a.png`: 4 by 2 pixels are not whole images of 3 by 2");
        assert_eq!(message(2, None), "`a.png`: how many rows an image has is not said");
    }
}
