//! A rendered site goes live.

use std::mem;

use super::Place;
use super::check::Checked;
use super::render::{Rendered, render};
use super::run::Ran;
use crate::project::Project;
use crate::publish::{Destination, PublishError, PublishOptions, PublishReport, Publisher};
use crate::store::StoreError;

/// Why nothing was published.
#[derive(Debug)]
pub enum Failed {
    /// The site would lose what it shows: the last good form of something that failed is damaged, too.
    Loss(String),
    /// What was damaged in the store could not be made again.
    NotMadeAgain,
    /// The publisher's own reason.
    Publish(PublishError),
}

/// How to publish.
pub struct PublishChoice<'a> {
    /// Where.
    pub to: &'a Destination,
    /// Whether files that somebody added to the published folder are removed.
    pub remove_strays: bool,
    /// Told, once, for whom the publisher waits.
    pub waiting: &'a mut dyn FnMut(&str),
}

/// Publishes the files, and takes them from what was rendered. What turns out to be damaged in the store while it is copied is
/// made again, once: what is damaged after that keeps the standing release live. The second value is why what is good today could not be written down for a
/// later build that fails.
///
/// # Errors
/// Why nothing was published; the standing release stays as it is.
pub fn publish(
    project: &Project,
    checked: &Checked,
    ran: &Ran,
    rendered: &mut Rendered,
    place: Place<'_>,
    choice: PublishChoice<'_>,
) -> Result<(PublishReport, Option<StoreError>), Failed> {
    refuse_loss(rendered)?;
    let PublishChoice { to, remove_strays, waiting } = choice;
    let options = PublishOptions { about: mem::take(&mut rendered.about), remove_strays };
    let mut put = |files| Publisher::publish(to, files, place.store, &options, waiting);
    let report = match put(mem::take(&mut rendered.files)) {
        Err(PublishError::MissingBlobs { .. }) => {
            let again = render(project, checked, ran, place);
            refuse_loss(&again)?;
            if again.failed_figures != rendered.failed_figures {
                return Err(Failed::NotMadeAgain);
            }
            put(again.files)
        }
        other => other,
    };
    let report = report.map_err(Failed::Publish)?;
    Ok((report, mem::take(&mut rendered.last_good).remember(place.store).err()))
}

fn refuse_loss(rendered: &Rendered) -> Result<(), Failed> {
    rendered.lost.first().map_or(Ok(()), |first| Err(Failed::Loss(first.clone())))
}
