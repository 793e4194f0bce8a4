//! Changed copies.

use octavo_plugin::{Failure, RunContext, Stream};

use crate::params::Changes;
use crate::picture::Pictures;

/// A changed copy; in a set every image is changed, each with noise of its own.
///
/// # Errors
/// [`Failure::user`] for a pixel outside the picture, one below 0, or weight that leaves the picture.
pub(crate) fn changed(
    first: &Pictures,
    changes: &Changes,
    context: &RunContext<'_>,
) -> Result<Pictures, Failure> {
    let shape = Pictures { images: Vec::new(), ..first.clone() };
    let (mut noise, mut dead) = (context.stream("noise"), context.stream("dead"));
    let change = |pixels: &Vec<f64>| {
        let mut pixels = pixels.clone();
        noisy(&mut pixels, changes.noise, shape.columns, &mut noise);
        brighter(&mut pixels, changes, &shape)?;
        kill(&mut pixels, changes.dead, &mut dead)?;
        shifted(&pixels, [changes.right, changes.down], &shape)
    };
    let images = first.images.iter().map(change).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Pictures { images, ..shape })
}

fn brighter(pixels: &mut [f64], changes: &Changes, shape: &Pictures) -> Result<(), Failure> {
    let Changes { at: [column, row], by, .. } = *changes;
    let index = shape.index([column, row]).ok_or_else(|| {
        let (columns, rows) = (shape.columns - 1, shape.rows - 1);
        Failure::user(format!("the picture has no pixel in column {column} and row {row}"))
            .help(format!("columns go from 0 to {columns} and rows from 0 to {rows}"))
    })?;
    pixels[index] += by;
    if pixels[index].is_finite() && pixels[index] >= 0.0 {
        return Ok(());
    }
    let message = format!("adding {by} makes a pixel {}", pixels[index]);
    Err(Failure::user(message).help("weights are finite and not below 0"))
}

/// Sets pixels to 0, drawn without replacement among those above 0.
fn kill(pixels: &mut [f64], count: usize, stream: &mut Stream) -> Result<(), Failure> {
    let mut lit: Vec<usize> = (0..pixels.len()).filter(|index| pixels[*index] > 0.0).collect();
    if count > 0 && count >= lit.len() {
        let message = format!("{count} dead pixels leave nothing of {} above 0", lit.len());
        return Err(Failure::user(message).help("ask for fewer"));
    }
    stream.shuffle(&mut lit);
    lit[..count].iter().for_each(|index| pixels[*index] = 0.0);
    Ok(())
}

fn shifted(pixels: &[f64], [right, down]: [i64; 2], shape: &Pictures) -> Result<Vec<f64>, Failure> {
    let mut moved = vec![0.0; pixels.len()];
    for (index, value) in pixels.iter().enumerate().filter(|(_, value)| **value > 0.0) {
        let along = |from: usize, by: i64| i64::try_from(from).ok()?.checked_add(by)?.try_into().ok();
        let to = along(index % shape.columns, right).zip(along(index / shape.columns, down));
        let place = to.and_then(|(column, row)| shape.index([column, row])).ok_or_else(|| {
            Failure::user("the shift moves weight out of the picture")
                .help("give the picture a margin of zeros")
        })?;
        moved[place] = *value;
    }
    Ok(moved)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of columns"
)]
fn noisy(pixels: &mut [f64], share: f64, columns: usize, stream: &mut Stream) {
    let mean = pixels.iter().sum::<f64>() / pixels.len() as f64;
    let first = columns - ((share * columns as f64).round() as usize).min(columns);
    for (index, pixel) in pixels.iter_mut().enumerate() {
        if index % columns >= first {
            *pixel = stream.between(0.0, 2.0 * mean);
        }
    }
}
