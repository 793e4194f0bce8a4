//! Counts of deep places: every pixel as a small distance from the orbit of the middle.
//!
//! With Z the orbit of the middle and z = Z + δ that of a pixel, δ' = (2 Z + δ) δ + δc. When z comes nearer to 0 than to Z, it is
//! itself taken for the distance from Z_0 = 0 (rebasing). Beside δ the variance of its error is kept: every rounding adds to it, and
//! it grows with the derivative. Where z is not many standard deviations off |z| = 2, or is hardly known at all, doubles cannot
//! decide, and the pixel is done again in pairs of doubles, and if these do not decide, in fixed point: so counts are those of
//! real numbers.

use octavo_plugin::simd;
use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::bilinear::Jumps;
use crate::complex::{Complex, add, length};
use crate::distance::Fine;
use crate::exterior;
use crate::fixed::Fixed;
use crate::follow::{Course, FineFollow, FineJumps, Found, follow};
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
    /// Pixels that doubles did not decide.
    pub doubts: usize,
    /// Pixels that were done again in fixed point, since pairs of doubles did not decide them either.
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
        0..=3 => at::<3, 3>(params, &view, context),
        4 => at::<4, 3>(params, &view, context),
        5 => at::<5, 4>(params, &view, context),
        6 => at::<6, 5>(params, &view, context),
        7 => at::<7, 6>(params, &view, context),
        8 => at::<8, 7>(params, &view, context),
        9..=10 => at::<10, 9>(params, &view, context),
        11..=13 => at::<13, 12>(params, &view, context),
        14..=16 => at::<16, 15>(params, &view, context),
        17..=19 => at::<19, 18>(params, &view, context),
        _ => Err(Failure::user("the place is too deep").help("take a smaller `zoom`")),
    }
}

/// The distance of a pixel from the middle.
pub fn offset(view: &View, index: usize) -> Complex {
    let place = [index % view.size[0], index / view.size[0]];
    [0, 1].map(|axis| (place[axis] as f64 + 0.5 - 0.5 * view.size[axis] as f64) * view.pixel)
}

/// The orbit of the middle with `L` limbs, and single pixels with `M` if these suffice.
fn at<const L: usize, const M: usize>(
    params: &EscapeParams,
    view: &View,
    context: &RunContext<'_>,
) -> Result<Deep, Failure> {
    let text = params.center.as_ref().ok_or_else(|| Failure::bug("there is no `center`"))?;
    let read = |text: &String| Fixed::<L>::parse(text);
    let (Some(re), Some(im)) = (read(&text[0]), read(&text[1])) else {
        return Err(Failure::user("`center` cannot be read").help("give decimal numbers"));
    };
    let place = Place { text, middle: [re, im], limit: params.max_iterations, view, context };
    let orbit = reference(place.middle, place.limit, context)?;
    let nucleus = params.shows(Show::Nucleus).then(|| place.centre(&orbit)).transpose()?;
    let mut all = place.in_doubles(&orbit)?;
    let doubtful = |all: &[Found]| (0..all.len()).filter(|index| !all[*index].sure).collect::<Vec<_>>();
    let doubts = doubtful(&all);
    // Pairs of doubles have no exponent beside them.
    if !doubts.is_empty() && view.pixel >= tiny::PIXEL {
        place.in_pairs(&doubts, &mut all)?;
    }
    let again = doubtful(&all);
    place.in_fixed_point::<M>(&again, &mut all)?;
    Ok(Deep {
        counts: all.iter().map(|found| found.count as i32).collect(),
        smooth: (0..all.len()).into_par_iter().map(|index| place.smooth(index, &all[index])).collect(),
        doubts: doubts.len(),
        again: again.len(),
        steps: all.iter().map(|found| found.steps).sum(),
        nucleus: nucleus.flatten(),
    })
}

/// A deep place.
struct Place<'a, const L: usize> {
    /// The middle, as it was given and in fixed point.
    text: &'a [String; 2],
    middle: [Fixed<L>; 2],
    limit: u32,
    view: &'a View,
    context: &'a RunContext<'a>,
}

impl<const L: usize> Place<'_, L> {
    /// The largest distance of a pixel from the middle.
    fn reach(&self) -> f64 {
        length(offset(self.view, 0))
    }

    /// A pixel, rounded.
    fn pixel(&self, delta: Complex) -> Complex {
        add(self.middle.map(Fixed::to_f64), delta)
    }

    /// All pixels, some of which are not sure.
    fn in_doubles(&self, orbit: &[Complex]) -> Result<Vec<Found>, Failure> {
        let jumps = Jumps::new(orbit, self.reach());
        let course = Course { orbit, jumps: &jumps, limit: self.limit };
        let tiny = (self.view.pixel < tiny::PIXEL).then_some((tiny::ENTER, tiny::follow as _));
        let follow = |index: usize| {
            if index.is_multiple_of(64) {
                self.context.step(index as u64, self.view.pixels() as u64)?;
            }
            let delta = offset(self.view, index);
            Ok(follow(&course, delta, self.pixel(delta), tiny))
        };
        (0..self.view.pixels()).into_par_iter().map(follow).collect()
    }

    /// Some pixels again, in pairs of doubles.
    fn in_pairs(&self, pixels: &[usize], all: &mut [Found]) -> Result<(), Failure> {
        let orbit = reference::<L, Fine>(self.middle, self.limit, self.context)?;
        let jumps = simd::dispatch(FineJumps { orbit: &orbit, reach: self.reach() });
        let course = Course { orbit: &orbit, jumps: &jumps, limit: self.limit };
        self.again(pixels, all, |delta| {
            self.context.go_on()?;
            Ok(simd::dispatch(FineFollow { course, delta_c: delta, c: self.pixel(delta) }))
        })
    }

    /// Some pixels again, in fixed point of `M` limbs, or of more if they do not suffice.
    fn in_fixed_point<const M: usize>(&self, pixels: &[usize], all: &mut [Found]) -> Result<(), Failure> {
        let Self { text, limit, context, .. } = *self;
        self.again(pixels, all, |delta| {
            let mut found = counted::<M>(text, delta, limit, context)?;
            if found.is_none() {
                found = counted::<L>(text, delta, limit, context)?;
            }
            if found.is_none() {
                found = if L < 16 {
                    counted::<24>(text, delta, limit, context)?
                } else {
                    counted::<40>(text, delta, limit, context)?
                };
            }
            let (count, z) = found.ok_or_else(undecided)?;
            Ok(Found { count, z, steps: 0, sure: true })
        })
    }

    fn again(
        &self,
        pixels: &[usize],
        all: &mut [Found],
        follow: impl Fn(Complex) -> Result<Found, Failure> + Sync,
    ) -> Result<(), Failure> {
        let follow = |index: &usize| follow(offset(self.view, *index));
        let found = pixels.par_iter().map(follow).collect::<Result<Vec<_>, Failure>>()?;
        for (index, found) in pixels.iter().zip(found) {
            all[*index] = Found { steps: all[*index].steps + found.steps, ..found };
        }
        Ok(())
    }

    /// The count of a pixel without jumps, if it escapes.
    fn smooth(&self, index: usize, found: &Found) -> Option<f64> {
        let rest = (found.count > 0)
            .then(|| exterior::exterior(found.z, self.pixel(offset(self.view, index)), true, 20))??;
        Some(rest.smooth + f64::from(found.count))
    }

    /// The centre of the component of the smallest period that shows in the picture.
    fn centre(&self, orbit: &[Complex]) -> Result<Option<Centre>, Failure> {
        let Some(period) = nucleus::period(orbit, self.reach()) else { return Ok(None) };
        let found = nucleus::nucleus(self.middle, period, self.reach(), self.context)?;
        // So many digits as the fraction has.
        let digits = (64.0 * (L as f64 - 1.0) * std::f64::consts::LOG10_2) as usize;
        Ok(found.map(|found| Centre {
            period,
            c: found.c.map(|part| part.decimal(digits)),
            size: found.size,
        }))
    }
}

/// The count of a pixel with so many limbs, if they suffice.
fn counted<const L: usize>(
    center: &[String; 2],
    delta: Complex,
    limit: u32,
    context: &RunContext<'_>,
) -> Result<Option<(u32, Complex)>, Failure> {
    let part = |axis: usize| Some(Fixed::<L>::parse(&center[axis])?.plus(Fixed::of(delta[axis])));
    let (Some(re), Some(im)) = (part(0), part(1)) else {
        return Err(Failure::bug("`center` was read before"));
    };
    exact_count([re, im], limit, context)
}

fn undecided() -> Failure {
    Failure::numeric(
        "an orbit is so near to the border that more than a thousand bits do not decide its count",
    )
    .help("move `center` by a part of a pixel")
}
