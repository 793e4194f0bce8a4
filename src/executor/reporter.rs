//! What a task says while it runs.

use octavo_plugin::Progress;

use super::{Event, Observer};

/// Tells an observer what a task reports.
pub(super) struct Reporter<'a> {
    /// Who is told.
    pub(super) observer: &'a dyn Observer,
    /// The task.
    pub(super) task: usize,
}

impl Progress for Reporter<'_> {
    fn report(&self, done: u64, total: u64) {
        self.observer.event(&Event::Progress(self.task, done, total));
    }

    fn note(&self, message: &str) {
        self.observer.event(&Event::Noted(self.task, message));
    }

    fn warn(&self, message: &str) {
        self.observer.event(&Event::Warned(self.task, message));
    }
}
