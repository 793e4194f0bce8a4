//! The images that a definition names.

use octavo_plugin::{Failure, RunContext};

use crate::params::Thing;
use crate::picture::Pictures;
use crate::read;

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
