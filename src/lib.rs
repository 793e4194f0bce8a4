//! Octavo: a static report generator for computed results.

pub mod diagnostic;
pub mod disk;
pub mod environment;
pub mod locale;
pub mod manifest;
pub mod publish;
pub mod relation;
pub mod source;
pub mod store;
