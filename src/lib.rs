//! Octavo: a static report generator for computed results.

pub mod check;
pub mod claim;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod environment;
pub mod executor;
pub mod experiment;
pub mod expr;
pub mod locale;
pub mod manifest;
pub mod plan;
pub mod project;
pub mod prose;
pub mod registry;
pub mod relation;
pub mod results;
pub mod run_json;
pub mod site;
pub mod source;
pub mod statistics;
pub mod sweep;
#[cfg(test)]
mod testing;
pub mod toml_tree;
