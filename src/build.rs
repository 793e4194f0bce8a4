//! The way from files to a live site, as values:
//!
//! ```text
//! Loaded -> Checked -> Ran -> Rendered -> Published
//! load      check      run    render      publish
//! ```
//!
//! Each step takes the value before it and returns the next one; none prints, and none knows a command line. So a build can be
//! called again, in part or as a whole, by whatever wants one.

mod assets;
mod cause;
mod check;
pub mod compare;
mod drift;
mod edit;
pub mod export;
pub mod fresh;
mod load;
mod pages;
mod program;
mod publish;
mod render;
mod run;
pub mod shard;
mod sheets;
mod shown;
mod sources;
mod standing;
mod status;

pub use check::{Checked, check, check_with, planned};
pub use drift::{Held, Keeper, Moved, State, exact_differences};
pub use edit::{Edited, Editor};
pub use load::{Choice, Definitions, Loaded, Unavailable};
pub use pages::{PageProspect, Today, remember_pages};
pub use program::program_digest;
pub use publish::{Failed, PublishChoice, publish};
pub use render::{Keeping, Rendered, render, render_then};
pub use run::{Counts, Pace, Ran, bring, remembered, run, stored};
pub use sheets::remember_sheets;
pub use standing::{Asked, Standing, is_settled, remember, sources, standing};
pub use status::{Known, Prospect, Standings, TaskState, known, prospects, remember_causes, standings};

use octavo_plugin::Digest;

use crate::store::Store;

/// What every later step of a build needs beside the values.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Where results are remembered.
    pub store: &'a Store,
    /// Digest of the running program.
    pub program: Digest,
    /// The date that `octavo.json` states, in seconds since 1970, if one is stated.
    pub date: Option<u64>,
}
