//! `octavo serve` from end to end: a client that speaks HTTP as bytes, a file that changes, and what the client is told.

mod browser;
mod client;
mod editing;
mod hostile;
