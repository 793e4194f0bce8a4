//! Tables: what finished tasks give together, and what expressions, statistics and claims make of it.
//!
//! No disk, no process, no clock: the artifacts of tasks come through [`results::Outputs`].

pub mod claim;
pub mod definitions;
pub mod drift;
pub mod expr;
pub mod number;
pub mod problem;
pub mod relation;
pub mod results;
pub mod statistics;
