//! An analysis with the words of a project.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::schema::Schema;
use crate::{About, Artifacts, DynAnalysis, Failure, Follow, Identity, Prepared, RunContext, Translations};

/// An analysis whose words a project translates, too.
pub struct Translated {
    analysis: Arc<dyn DynAnalysis>,
    words: Translations,
}

impl Translated {
    /// The analysis with the translations that it brings along and, before them, those of a project.
    pub fn new(analysis: Arc<dyn DynAnalysis>, own: &Translations) -> Self {
        let mut words = analysis.translations();
        words.add_all(own);
        Self { analysis, words }
    }
}

impl DynAnalysis for Translated {
    fn identity(&self) -> Identity {
        self.analysis.identity()
    }

    fn about(&self) -> About {
        let mut about = self.analysis.about();
        about.translate(&self.words);
        about
    }

    fn translations(&self) -> Translations {
        self.words.clone()
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
        self.analysis.run(params, context)
    }
}
