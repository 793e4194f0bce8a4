//! Exact gradients of small dense networks, and steps along them.
//!
//! No analysis, but what those that train networks stand on. A batch is row-major, a row a sample. [`Pass`] sends a batch
//! through a network; [`parameter_slopes`] and [`input_slopes`] go back (reverse mode; Rumelhart, Hinton and Williams, Nature
//! 323, 1986); [`slope_penalty`] differentiates the slope itself, forward mode under reverse mode. [`cross_entropy`] is a
//! classifier's loss. [`Adam`] and [`descend`]
//! move the parameters. A [`Learner`] does all of it in room of its own, in f64 or f32.
//!
//! Products and sums have a fixed order, so one seed gives one network on any number of threads and on every lane width.

mod classes;
mod learner;
mod penalty;
mod real;
mod reverse;
mod steps;

pub use classes::cross_entropy;
pub use learner::{Learner, Loss, Rule, learner};
pub use penalty::{Penalty, slope_penalty};
pub use real::Precision;
pub use reverse::{Gradient, Pass, input_slopes, parameter_slopes};
pub use steps::{ADAM, Adam, descend};
