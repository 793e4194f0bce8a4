//! What is told while something is under way.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::events::{Event, TaskName};
use super::session::Output;
use crate::store::Teller;

/// What a task said.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Said {
    /// Which task.
    #[serde(flatten)]
    pub(super) of: TaskName,
    /// What it said.
    pub(super) message: String,
}

/// How far it is with asking the store on another machine for what is missing here. It is told every two seconds.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Fetching {
    /// Of how many results it is known whether they are there; those that are have come.
    asked: usize,
    /// Of how many it will be, as far as that is known.
    of: usize,
}

/// Tells the user how far it is with asking the store on another machine.
pub(super) fn of_fetching(output: Output) -> Teller {
    Arc::new(move |asked, of| {
        output.event(&Event::Fetching(Fetching { asked, of }));
        // A bar that stands on this line is drawn again below.
        let clear = if output.bars() { "\r\x1b[2K" } else { "" };
        output.line(&format!("{clear}fetching {asked} of {of}"));
    })
}
