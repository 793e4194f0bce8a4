//! Octavo: a static report generator for computed results.

pub mod build;
pub mod cache;
pub mod check;
pub mod claim;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod disk;
pub mod environment;
pub mod executor;
pub mod experiment;
pub mod expr;
pub mod figure;
pub mod locale;
pub mod manifest;
pub mod names;
pub mod plan;
pub mod project;
pub mod prose;
pub mod publish;
pub mod registry;
pub mod relate;
pub mod relation;
pub mod render;
pub mod results;
pub mod run_json;
pub mod site;
pub mod source;
pub mod statistics;
pub mod store;
pub mod sweep;
#[cfg(test)]
mod testing;
pub mod theme;
pub mod toml_tree;
