//! The list of analyses: the one place where a built-in one is added.

use std::collections::BTreeMap;
use std::sync::Arc;

use octavo_plugin::DynAnalysis;

/// Analyses by name.
#[derive(Clone)]
pub struct Registry(BTreeMap<String, Arc<dyn DynAnalysis>>);

impl Registry {
    /// The analyses that come with Octavo, in alphabetical order.
    pub fn built_in() -> Self {
        Self::of([
            Arc::new(octavo_curvature::Curvature) as Arc<dyn DynAnalysis>,
            Arc::new(octavo_dragon::Dragon),
            Arc::new(octavo_regions::Regions),
            Arc::new(octavo_sinkhorn::Sinkhorn),
        ])
    }

    /// These analyses.
    pub fn of(analyses: impl IntoIterator<Item = Arc<dyn DynAnalysis>>) -> Self {
        Self(analyses.into_iter().map(|analysis| (analysis.about().name.to_owned(), analysis)).collect())
    }

    /// An analysis by name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn DynAnalysis>> {
        self.0.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// All analyses, sorted by name.
    pub fn each(&self) -> impl Iterator<Item = &Arc<dyn DynAnalysis>> {
        self.0.values()
    }
}
