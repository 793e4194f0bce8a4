//! Experiments held against their locks, as plain data that pages and the terminal tell.

use octavo_plugin::Value;

use crate::drift::Apart;
use crate::ids::ExperimentId;
use crate::locale::Locale;
use crate::lock::{Change, Item};
use crate::number::Format;
use crate::prose::typeset_text;

/// So many units in the last place say less than the share.
const MANY_ULPS: u64 = 1000;

/// How far two values are apart, in the words of a language; empty where there is nothing to say.
pub fn apart_in(apart: &Apart, locale: &Locale) -> String {
    let share = apart.relative.filter(|share| *share > 0.0).and_then(|share| {
        // Two digits, and no power of ten where a number is as short.
        let format = if (0.1..1e4).contains(&share) { "%.0f" } else { "%.2g" };
        let percent = Format::parse(format).ok()?.write(&Value::Float(share * 100.0), locale).ok()?;
        Some(typeset_text(&locale.fill("status-share", &[("share", &percent.text())]), locale))
    });
    let ulps = apart.ulps.filter(|ulps| (1..MANY_ULPS).contains(ulps)).map(|ulps| format!("{ulps} ulp"));
    share.into_iter().chain(ulps).collect::<Vec<_>>().join(", ")
}

/// A result that is not as it was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// What it is.
    pub item: Item,
    /// Its name.
    pub name: String,
    /// What was accepted; `None` if nothing was.
    pub old: Option<Value>,
    /// What it is today; `None` if it is not there any more.
    pub new: Option<Value>,
}

impl Moved {
    /// How far both are apart, if both are there.
    pub fn apart(&self) -> Option<Apart> {
        self.old.as_ref().zip(self.new.as_ref()).map(|(old, new)| Apart::of(old, new))
    }
}

/// What the lock of an experiment says of its results today.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// They are as accepted.
    Kept,
    /// They are as accepted, and there are more of them.
    More,
    /// None was accepted yet.
    New,
    /// Some are not as accepted.
    Moved(Vec<Moved>),
    /// Results under this profile are not those that were accepted, which are of that one.
    OtherProfile {
        /// The profile of today, if the experiment has it.
        today: Option<String>,
        /// The profile of the accepted results.
        accepted: Option<String>,
    },
    /// The experiment explores, so that its results are not to be kept; and whether some were accepted before.
    Explores {
        /// Whether its lock has results.
        accepted: bool,
    },
    /// Not all of its tasks have a result.
    Without,
}

/// An experiment held against its lock.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its id.
    pub id: ExperimentId,
    /// What its lock says.
    pub state: State,
    /// Why results moved, as far as the lock knows; empty for what did not move.
    pub changes: Vec<Change>,
}

impl Held {
    /// Whether the results are not those that the lock holds.
    pub fn is_drift(&self) -> bool {
        match &self.state {
            State::Kept | State::Without => false,
            State::Explores { accepted } => *accepted,
            State::More | State::New | State::Moved(_) | State::OtherProfile { .. } => true,
        }
    }

    /// Whether the first build that is asked writes results into the lock.
    pub fn is_to_be_written(&self) -> bool {
        matches!(self.state, State::New | State::More)
    }
}
