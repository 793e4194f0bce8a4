//! Definitions: texts with places, TOML held against a schema, manifests, languages, sweeps.
//!
//! Everything that an author writes comes in here, and whatever is wrong with it leaves as a [`diagnostic::Diagnostic`] with its
//! place. No disk, no process, no clock.

pub mod check;
pub mod diagnostic;
pub mod glossary;
pub mod ids;
pub mod locale;
pub mod lock;
pub mod manifest;

pub mod plain;
pub mod source;
pub mod statements;
pub mod sweep;
pub mod toml_tree;
