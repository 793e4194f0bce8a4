//! Where results of tasks are remembered.

use std::sync::Arc;
use std::time::Duration;

use octavo_plugin::{Artifacts, OutputSchema};

use crate::plan::{Cause, TaskKey};
use crate::results::{Held, Outputs};

/// A task that was run.
#[derive(Debug)]
pub struct Ran<'a> {
    /// Its key.
    pub key: TaskKey,
    /// What the key is made of.
    pub cause: &'a Cause,
    /// What the analysis declares that it gives.
    pub declared: &'a OutputSchema,
    /// What it gave, as declared.
    pub artifacts: Artifacts,
    /// How long it took.
    pub duration: Duration,
}

/// A result after it was given to a [`Cache`].
#[derive(Debug)]
pub struct Recorded {
    /// The result; if it could not be remembered, in memory.
    pub outputs: Arc<dyn Outputs>,
    /// Why it could not be remembered, for a warning: the build goes on without.
    pub problem: Option<String>,
}

/// Where results are remembered.
pub trait Cache: Sync {
    /// The result of a key, if it is as declared.
    fn lookup(&self, key: TaskKey, declared: &OutputSchema) -> Option<Arc<dyn Outputs>>;
    /// Whether results are known to be there without a look at them.
    fn trusts(&self) -> bool {
        false
    }

    /// The result of a key, if it is known to be there. It is looked at when somebody asks for it.
    fn trusted(&self, _key: TaskKey) -> Option<Arc<dyn Outputs>> {
        None
    }

    /// Notes that these results, which were trusted, are used.
    fn use_trusted(&self, _keys: &[TaskKey]) {}

    /// Remembers a result.
    fn record(&self, ran: Ran<'_>) -> Recorded;

    /// Whether results are remembered elsewhere, too, from where it takes a while to bring them.
    fn is_far(&self) -> bool {
        false
    }

    /// Whether a result that is not here may be elsewhere by now.
    fn is_worth_asking(&self, _key: TaskKey) -> bool {
        false
    }

    /// Brings results that will be looked up next, many together.
    fn bring(&self, _wanted: &[(TaskKey, &OutputSchema)]) {}
}

/// Remembers nothing.
pub struct NoCache;

impl Cache for NoCache {
    fn lookup(&self, _key: TaskKey, _declared: &OutputSchema) -> Option<Arc<dyn Outputs>> {
        None
    }

    fn record(&self, ran: Ran<'_>) -> Recorded {
        Recorded { outputs: Arc::new(Held::new(ran.artifacts)), problem: None }
    }
}
