//! The end of jobs, also while another `octavo submit` looks on at them.

use std::thread::sleep;
use std::time::Duration;

use octavo_plugin::counted;

use super::batch::{State, about};
use super::{LOCK, Stopped, Work};
use crate::diagnostic::Diagnostic;
use crate::disk::{self, DiskError};
use crate::store::{Access, acquire_now};

/// A file in the folder of a cluster: who looks on leaves, and submits nothing more.
const ASKED: &str = "cancel";

/// What became of jobs that were to end.
struct Ended {
    /// The number of their batch.
    batch: u64,
    jobs: usize,
    /// What the engine says.
    done: Result<(), Diagnostic>,
}

impl Work<'_> {
    /// Whether another process ends the jobs of this cluster.
    pub(super) fn is_cancelled(&self) -> bool {
        disk::metadata(&self.folder.join(ASKED)).is_ok_and(|found| found.is_some())
    }

    /// Forgets that somebody ended jobs before.
    pub(super) fn begin(&self) -> Result<(), DiskError> {
        disk::remove_file(&self.folder.join(ASKED))
    }

    /// Ends the jobs of the batch that runs. Who looks on is told first, or would submit again what is missing then; it has left when this is over.
    pub(super) fn cancel(&mut self) -> Result<(), Stopped> {
        let lock = self.folder.join(LOCK);
        let mut held = acquire_now(&lock, Access::Alone)?;
        let mut ended = None;
        if held.is_none() {
            disk::write_durably(&self.folder.join(ASKED), b"")?;
            self.state = State::read(self.folder);
            ended = self.end_jobs();
        }
        while held.is_none() {
            sleep(Duration::from_millis(50));
            // Who begins to look on just now takes the file away.
            disk::write_durably(&self.folder.join(ASKED), b"")?;
            held = acquire_now(&lock, Access::Alone)?;
        }
        self.state = State::read(self.folder);
        let last = self.state.running.as_ref().map(|batch| batch.number);
        if last.is_some() && last != ended.as_ref().map(|ended| ended.batch) {
            ended = self.end_jobs();
        }
        self.begin()?;
        self.state.running = None;
        self.state.write(self.folder)?;
        let Some(ended) = ended else {
            self.session.output.line(&format!("nothing of this project runs on `{}`", self.engine.name));
            return Ok(());
        };
        // An engine that does not know the jobs any more would be asked for ever.
        ended
            .done
            .map_err(|problem| problem.help("the batch is forgotten; see by hand whether its jobs go on"))?;
        let jobs = counted(ended.jobs, "job");
        self.session.output.line(&format!("cancelled {jobs}; what is finished is kept"));
        Ok(())
    }

    fn end_jobs(&mut self) -> Option<Ended> {
        let batch = self.taken_up()?;
        let (folder, script) = (batch.folder(self.folder), batch.folder(self.folder).join("job.sh"));
        let done = self.engine.cancel(&about(&batch, &folder, &script));
        Some(Ended { batch: batch.number, jobs: batch.jobs, done })
    }
}
