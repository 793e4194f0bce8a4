//! Which failures another try may mend.

use octavo_plugin::{Failure, FailureKind, StopReason};

/// Whether another try may give a result: of what ran out of time, and of a program that met a limit or broke off. What is built in
/// computes the same each time.
pub(super) fn may_mend(failure: &Failure, stopped: Option<StopReason>, program: bool) -> bool {
    let of_the_moment = matches!(failure.kind, FailureKind::Resource | FailureKind::Bug);
    of_the_moment
        && match stopped {
            Some(StopReason::Cancelled) => false,
            Some(StopReason::TimedOut) => true,
            None => program,
        }
}
