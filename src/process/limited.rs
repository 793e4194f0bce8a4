//! An analysis of a plugin under the limits of one experiment.

use std::sync::Arc;

use octavo_plugin::{
    About, Artifacts, DynAnalysis, Failure, Follow, Identity, Prepared, RunContext, Schema, Translations,
};
use serde_json::Value as Json;

use super::pool::Pool;
use super::{Plugin, ProcessAnalysis};
use crate::manifest::OwnLimits;

/// An analysis of a plugin whose tasks run in processes of their own: limits of a process are set before it starts.
pub struct Limited {
    analysis: Arc<ProcessAnalysis>,
    plugin: Arc<Plugin>,
    idle: Pool,
}

impl Limited {
    /// The analysis under these limits.
    pub fn new(analysis: Arc<ProcessAnalysis>, own: &OwnLimits) -> Self {
        let plugin = analysis.plugin();
        let plugin = Arc::new(Plugin { limits: plugin.limits.with(own), ..plugin.clone() });
        let idle = analysis.idle.beside();
        Self { analysis, plugin, idle }
    }
}

impl DynAnalysis for Limited {
    fn identity(&self) -> Identity {
        self.analysis.identity()
    }

    fn about(&self) -> About {
        self.analysis.about()
    }

    fn translations(&self) -> Translations {
        self.analysis.translations()
    }

    fn json_schema(&self) -> Json {
        self.analysis.json_schema()
    }

    fn schema(&self) -> Schema {
        self.analysis.schema()
    }

    fn prepare(&self, params: &Json) -> Result<Prepared, Failure> {
        self.analysis.prepare(params)
    }

    fn follow<'a>(&'a self, first: &'a Prepared) -> Follow<'a> {
        self.analysis.follow(first)
    }

    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        self.idle.with_session(&self.plugin, |session| self.analysis.run_in(session, params, context))
    }
}
