//! What touches the disk: the store of remembered work, and the publishing of a site in one step.

pub mod date;
pub mod disk;
pub mod environment;
pub mod publish;
pub mod store;
