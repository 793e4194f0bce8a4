//! Grey images: rows of numbers that are not below 0.
//!
//! File forms: a grey PNG of 8 or 16 bits (values from 0 to 1), CSV without a header (a line is a row of pixels), JSON (`[[...], ...]`, a
//! list per row). A raster among the results of another experiment is read too.

use super::numbers::{Head, of_kind};
use super::png::grey;
use super::rows::Rows;
use crate::artifact::{Artifact, Drawing};
use crate::input::InputContent;
use crate::{Failure, Reading};

/// A grey image.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Pixels in a row.
    pub columns: usize,
    /// Rows, counted from the top.
    pub rows: usize,
    /// rows × columns, finite and not below 0.
    pub pixels: Vec<f64>,
}

impl Image {
    /// Reads an image.
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) that names the file, and the line; as [`Reading::admit`] and
    /// [`Reading::go_on`].
    pub fn from_input<'a>(input: impl Into<Reading<'a>>) -> Result<Self, Failure> {
        let input = input.into();
        match &input.content {
            InputContent::File { extension, bytes } if extension == "png" => grey(input, bytes),
            InputContent::Artifact(Artifact::Drawing(Drawing::Raster(raster))) => {
                if raster.values.iter().any(|value| *value < 0.0) {
                    return Err(Failure::user(format!("`{}` has values below 0", input.name)).help(WEIGHTS));
                }
                Ok(Self { columns: raster.width, rows: raster.height, pixels: raster.values.clone() })
            }
            _ => {
                let rows = weights(input)?;
                let Some(columns) = rows.width() else {
                    return Err(Failure::user(format!("`{}`: the lines have different lengths", input.name)));
                };
                Ok(Self { columns, rows: rows.len(), pixels: rows.into_values() })
            }
        }
    }
}

const WEIGHTS: &str = "a file of pixels has finite numbers that are not below 0, and no header";

/// Rows of numbers that are not below 0, from CSV without a header or JSON. Rows of JSON may differ in length.
///
/// # Errors
/// As [`matrix`], and for a number below 0.
pub fn weights<'a>(input: impl Into<Reading<'a>>) -> Result<Rows, Failure> {
    read(input.into(), |value| value >= 0.0, "weight", WEIGHTS)
}

/// Rows of finite numbers from CSV without a header or JSON. Rows of JSON may differ in length.
///
/// # Errors
/// [`FailureKind::User`](crate::FailureKind::User) that names the file and the line; as [`Reading::admit`] and
/// [`Reading::go_on`].
pub fn matrix<'a>(input: impl Into<Reading<'a>>) -> Result<Rows, Failure> {
    read(
        input.into(),
        |_| true,
        "finite number",
        "a matrix is a CSV of numbers without a header, or JSON such as `[[0, 1], [1, 0]]`",
    )
}

fn read(input: Reading<'_>, usable: fn(f64) -> bool, what: &str, help: &str) -> Result<Rows, Failure> {
    let json = matches!(&input.content, InputContent::File { extension, .. } if extension == "json");
    let rows = if json {
        json_rows(input, (usable, what), help)?
    } else {
        of_kind(input, Head::Numbers, what, usable).map_err(|failure| failure.help_if_none(help))?.rows
    };
    if rows.values().is_empty() {
        return Err(Failure::user(format!("`{}` holds no numbers", input.name)).help(help));
    }
    Ok(rows)
}

fn json_rows(
    input: Reading<'_>,
    (usable, what): (fn(f64) -> bool, &str),
    help: &str,
) -> Result<Rows, Failure> {
    let rows: Rows = input.json()?.map_err(|error| {
        Failure::user(format!("`{}` is no list of rows of numbers: {error}", input.name)).help(help)
    })?;
    let wrong = |row: &[f64]| row.iter().copied().find(|value| !(value.is_finite() && usable(*value)));
    let found = rows.iter().enumerate().find_map(|(row, values)| Some((row + 1, wrong(values)?)));
    match found {
        Some((row, value)) => {
            Err(Failure::user(format!("`{}`, row {row}: `{value}` is no {what}", input.name)).help(help))
        }
        None => Ok(rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InputData;

    fn file(extension: &str, bytes: &[u8]) -> InputData {
        InputData {
            name: format!("a.{extension}"),
            content: InputContent::File { extension: extension.into(), bytes: bytes.to_vec() },
        }
    }

    #[test]
    fn rows_of_numbers_are_rows_of_pixels() {
        for (extension, text) in [("csv", "1, 2, 3\n4,5,6\n"), ("json", "[[1, 2, 3], [4, 5, 6]]")] {
            let found = Image::from_input(&file(extension, text.as_bytes())).unwrap();
            assert_eq!((found.columns, found.rows), (3, 2));
            assert_eq!(found.pixels, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        }
        let found = matrix(&file("csv", b"0,-1\n1,0\n")).unwrap();
        assert_eq!(found, Rows::of_width(vec![0.0, -1.0, 1.0, 0.0], 2));
    }

    #[test]
    fn what_is_no_picture_is_refused_with_its_place() {
        let message =
            |extension: &str, bytes: &[u8]| Image::from_input(&file(extension, bytes)).unwrap_err().message;
        assert_eq!(message("csv", b"1,2\n3,x\n"), "`a.csv`, row 2 (line 2), column 2: `x` is no weight");
        assert_eq!(message("csv", b"1,-2\n"), "`a.csv`, row 1 (line 1), column 2: `-2` is no weight");
        assert_eq!(message("csv", b"1,NaN\n"), "`a.csv`, row 1 (line 1), column 2: `NaN` is no weight");
        assert_eq!(
            message("csv", b"1,2\n3\n"),
            "`a.csv`, row 2 (line 2), column 2: the row ends after 1 of 2 cells"
        );
        assert_eq!(message("json", b"[[1, 2], [3]]"), "`a.json`: the lines have different lengths");
        assert_eq!(message("csv", b""), "`a.csv` holds no numbers");
        assert_eq!(message("json", b"[[1], [-1]]"), "`a.json`, row 2: `-1` is no weight");
        assert_eq!(message("json", b"[]"), "`a.json` holds no numbers");
        assert!(message("json", b"{}").starts_with("`a.json` is no list of rows of numbers: "));
        assert!(message("png", b"GIF89a").starts_with("`a.png` is no PNG that can be read: "));
    }

    #[test]
    fn grey_pixels_keep_their_order() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(&[0, 51]).unwrap();
        let found = Image::from_input(&file("png", &bytes)).unwrap();
        assert_eq!((found.columns, found.rows, found.pixels), (2, 1, vec![0.0, 0.2]));
    }

    #[test]
    fn colours_and_what_shines_through_are_light() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 4, 1);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let pixels = [[0, 0, 0, 255], [255, 255, 255, 255], [0, 0, 0, 0], [255, 0, 0, 255]].concat();
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        let found = super::super::lightness(Reading::from(&file("png", &bytes)), &bytes).unwrap();
        assert!(found.pixels.iter().zip([0.0, 1.0, 1.0, 0.2126]).all(|(a, b)| (a - b).abs() < 1e-12));
        assert_eq!(Image::from_input(&file("png", &bytes)).unwrap_err().message, "`a.png` has colours");
    }
}
