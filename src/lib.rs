//! Octavo: a static report generator for computed results.

pub mod diagnostic;
pub mod figure;
pub mod locale;
pub mod manifest;
pub mod relation;
pub mod source;
