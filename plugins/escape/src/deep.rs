//! Counts of deep places: every pixel as a small distance from the orbit of the middle.
//!
//! With Z the orbit of the middle and z = Z + δ that of a pixel, δ' = (2 Z + δ) δ + δc. When z comes nearer to 0 than to Z, it is
//! itself taken for the distance from Z_0 = 0 (rebasing). Beside δ the variance of its error is kept: every rounding adds to it, and
//! it grows with the derivative. Where z is not many standard deviations off |z| = 2, or is hardly known at all, doubles cannot
//! decide, and the pixel is done again in fixed point: so counts are those of real numbers.

use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::bilinear::Jumps;
use crate::complex::{Complex, add, length};
use crate::exterior;
use crate::fixed::Fixed;
use crate::follow::{Course, follow};
use crate::nucleus;
use crate::params::{EscapeParams, Show};
use crate::reference::{exact_count, limbs, reference};
use crate::tiny;
use crate::view::View;

/// What was found of the pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deep {
    /// Counts, row by row from the lowest.
    pub counts: Vec<i32>,
    /// Counts without jumps, of pixels that escape.
    pub smooth: Vec<Option<f64>>,
    /// Pixels that were done again in fixed point.
    pub again: usize,
    /// Steps that were taken, jumps counted once.
    pub steps: u64,
    /// The centre of a component whose period shows in the picture, if it is asked for.
    pub nucleus: Option<Centre>,
}

/// The centre of a component, with all its digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Centre {
    /// The period.
    pub period: u32,
    /// Real and imaginary part.
    pub c: [String; 2],
    /// Size and direction as a factor of the whole set's.
    pub size: Complex,
}

/// Counts all pixels of the view around the parameters' `center`.
///
/// # Errors
/// If the run is cancelled.
pub fn deep(params: &EscapeParams, context: &RunContext<'_>) -> Result<Deep, Failure> {
    let view = View::new(params);
    match limbs(view.pixel) {
        0..=3 => at::<3>(params, &view, context),
        4 => at::<4>(params, &view, context),
        5 => at::<5>(params, &view, context),
        6 => at::<6>(params, &view, context),
        7 => at::<7>(params, &view, context),
        8 => at::<8>(params, &view, context),
        9..=10 => at::<10>(params, &view, context),
        11..=13 => at::<13>(params, &view, context),
        14..=16 => at::<16>(params, &view, context),
        17..=19 => at::<19>(params, &view, context),
        _ => Err(Failure::user("the place is too deep").help("take a smaller `zoom`")),
    }
}

/// The distance of a pixel from the middle.
pub fn offset(view: &View, index: usize) -> Complex {
    let place = [index % view.size[0], index / view.size[0]];
    [0, 1].map(|axis| (place[axis] as f64 + 0.5 - 0.5 * view.size[axis] as f64) * view.pixel)
}

fn at<const L: usize>(params: &EscapeParams, view: &View, context: &RunContext<'_>) -> Result<Deep, Failure> {
    let text = params.center.as_ref().ok_or_else(|| Failure::bug("there is no `center`"))?;
    let read = |text: &String| Fixed::<L>::parse(text);
    let (Some(re), Some(im)) = (read(&text[0]), read(&text[1])) else {
        return Err(Failure::user("`center` cannot be read").help("give decimal numbers"));
    };
    let limit = params.max_iterations;
    let orbit = reference([re, im], limit, context)?;
    let reach = length(offset(view, 0));
    let jumps = Jumps::new(&orbit, reach);
    let course = Course { orbit: &orbit, jumps: &jumps, limit, tiny: view.pixel < tiny::PIXEL };
    let nucleus =
        params.shows(Show::Nucleus).then(|| centre([re, im], &orbit, reach, context)).transpose()?;
    let middle = [re.to_f64(), im.to_f64()];
    let pixel = |index: usize| {
        if index.is_multiple_of(64) {
            context.step(index as u64, view.pixels() as u64)?;
        }
        let delta = offset(view, index);
        let c = add(middle, delta);
        let mut found = follow(&course, delta, c);
        if !found.sure {
            let exact = [re.plus(Fixed::of(delta[0])), im.plus(Fixed::of(delta[1]))];
            (found.count, found.z) = match exact_count(exact, limit, context)? {
                Some(exact) => exact,
                None if L < 16 => finer::<24>(text, delta, limit, context)?,
                None => finer::<40>(text, delta, limit, context)?,
            };
        }
        let smooth = (found.count > 0).then(|| {
            exterior::exterior(found.z, c, true, 20).map(|rest| rest.smooth + f64::from(found.count))
        });
        Ok((found, smooth.flatten()))
    };
    let all = (0..view.pixels()).into_par_iter().map(pixel).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Deep {
        counts: all.iter().map(|(found, _)| found.count as i32).collect(),
        smooth: all.iter().map(|(_, smooth)| *smooth).collect(),
        again: all.iter().filter(|(found, _)| !found.sure).count(),
        steps: all.iter().map(|(found, _)| found.steps).sum(),
        nucleus: nucleus.flatten(),
    })
}

/// The count with more limbs than any picture has.
fn finer<const L: usize>(
    center: &[String; 2],
    delta: Complex,
    limit: u32,
    context: &RunContext<'_>,
) -> Result<(u32, Complex), Failure> {
    let part = |axis: usize| Some(Fixed::<L>::parse(&center[axis])?.plus(Fixed::of(delta[axis])));
    let (Some(re), Some(im)) = (part(0), part(1)) else {
        return Err(Failure::bug("`center` was read before"));
    };
    exact_count([re, im], limit, context)?.ok_or_else(|| {
        let bits = 64 * (L - 1);
        let message =
            format!("an orbit is so near to the border that its count is not decided by {bits} bits");
        Failure::numeric(message).help("move `center` by a part of a pixel")
    })
}

/// The centre of the component of the smallest period that shows within `reach` of the middle.
fn centre<const L: usize>(
    middle: [Fixed<L>; 2],
    orbit: &[Complex],
    reach: f64,
    context: &RunContext<'_>,
) -> Result<Option<Centre>, Failure> {
    let Some(period) = nucleus::period(orbit, reach) else { return Ok(None) };
    let found = nucleus::nucleus(middle, period, reach, context)?;
    // So many digits as the fraction has.
    let digits = (64.0 * (L as f64 - 1.0) * std::f64::consts::LOG10_2) as usize;
    Ok(found.map(|found| Centre { period, c: found.c.map(|part| part.decimal(digits)), size: found.size }))
}
