//! The modules of analyses that are built in (docs/lab.md).

/// A module: an analysis that a browser can run.
pub(super) struct Module {
    /// The analysis's name.
    pub(super) analysis: &'static str,
    /// Its bytes, packed by gzip; `None` if it is older than the sources of the program, so that it might give other results.
    pub(super) packed: Option<&'static [u8]>,
}

/// All of them, as the build script found them.
const MODULES: &[Module] = include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The module of an analysis.
pub(super) fn of(analysis: &str) -> Option<&'static Module> {
    MODULES.iter().find(|module| module.analysis == analysis)
}
