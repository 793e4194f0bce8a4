//! Octavo: a static report generator for computed results.

pub mod claim;
pub mod diagnostic;
pub mod expr;
pub mod locale;
pub mod manifest;
pub mod relation;
pub mod results;
pub mod source;
pub mod statistics;
