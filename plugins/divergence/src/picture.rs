//! Images and sets of images.

use octavo_plugin::{Failure, RunContext};

use crate::params::Thing;
use crate::read;

/// Images of one size, row by row from the top: one, or the members of a set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pictures {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// The pixels of each image.
    pub(crate) images: Vec<Vec<f64>>,
    /// Whether a distribution over images is meant, rather than an image whose pixels are weights.
    pub(crate) set: bool,
}

impl Pictures {
    /// One image.
    pub(crate) fn one(columns: usize, rows: usize, pixels: Vec<f64>) -> Self {
        Self { columns, rows, images: vec![pixels], set: false }
    }

    /// What stands at a column and row.
    pub(crate) fn index(&self, [column, row]: [usize; 2]) -> Option<usize> {
        (column < self.columns && row < self.rows).then_some(row * self.columns + column)
    }
}

/// Makes or reads what a definition names; copies are made by [`crate::change::changed`].
///
/// # Errors
/// For an input that cannot be read, and for a changed copy.
pub(crate) fn pictures(thing: &Thing, stream: &str, context: &RunContext<'_>) -> Result<Pictures, Failure> {
    Ok(match thing {
        Thing::Read(input) => read::image(context.input(input)?)?,
        Thing::Histogram { histogram } => Pictures::one(histogram.len(), 1, histogram.clone()),
        Thing::Image { image } => Pictures::one(image[0].len(), image.len(), image.concat()),
        Thing::Bar { bar, pixels, start } => {
            let lit = |column: usize| f64::from(u8::from((*start..start + bar).contains(&column)));
            Pictures::one(*pixels, 1, (0..*pixels).map(lit).collect())
        }
        Thing::Bumps { bumps, size, background } => {
            let image = octavo_sinkhorn::blobs(bumps, *size, *background);
            Pictures::one(image.columns, image.rows, image.pixels)
        }
        Thing::Random { images, size: [columns, rows] } => {
            let mut stream = context.stream(stream);
            let image = |_| (0..columns * rows).map(|_| stream.uniform()).collect();
            Pictures { columns: *columns, rows: *rows, images: (0..*images).map(image).collect(), set: true }
        }
        Thing::Set { set, columns, rows } => read::set(context.input(set)?, *columns, *rows)?,
        Thing::Changed { .. } => return Err(Failure::user("only the second can be a changed copy")),
    })
}
