//! Octavo: a static report generator for computed results.
//!
//! A build goes the whole way once, and each step has a type of its own:
//!
//! 1. **load** ([`project::Project::load`]): reads `octavo.toml`, experiments, pages, overrides; the only walk over a project.
//! 2. **check** ([`experiment::Experiment::check`], [`build::check`]): holds every key, parameter, name, expression and link
//!    against what is declared, and gathers every problem of every file.
//! 3. **plan** ([`plan::Plan::new`]): sweep points and replicates become tasks with seeds, keys and edges.
//! 4. **run** ([`executor::run`]): tasks run contained and in parallel, or are found in the [`store`].
//! 5. **relate** ([`relate::relate`]): outcomes become tables ([`results::Results`]), over which values and claims are computed
//!    ([`expr`], [`claim`]).
//! 6. **draw** ([`figure::draw`]): rows become a [`figure::Scene`], and a scene SVG and PNG.
//! 7. **render** ([`build::render`]): pages in every language, through [`prose`] and the [`theme`].
//! 8. **publish** ([`publish::Publisher`]): the site goes live in one step.
//!
//! ARCHITECTURE.md has the map and the invariants.

pub use octavo_definition::{
    check, diagnostic, glossary, ids, locale, lock, manifest, plain, source, statements, sweep, toml_tree,
};
pub use octavo_figure as figure;
pub use octavo_prose as prose;
pub use octavo_store::{date, disk, environment, lines, memo, publish, remote, store};
pub use octavo_tables::{claim, definitions, drift, expr, number, relation, results, statistics};

pub mod build;
pub mod cache;
pub mod cli;
pub mod commit;
pub mod config;
pub mod executor;
pub mod experiment;
pub mod external;
mod file;
pub mod input;
pub mod names;
pub mod plan;
pub mod process;
pub mod project;
pub mod registry;
pub mod relate;
pub mod render;
pub mod serve;
pub mod site;
#[cfg(test)]
mod testing;
pub mod texts;
pub mod theme;
pub mod timings;
