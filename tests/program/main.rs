//! The program from end to end: a tree in a folder, arguments, and then exit code, output and files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bombs;
mod bytes;
mod commands;
mod crash;
mod failure;
mod guide;
mod harness;
mod hostile;
mod links;
mod mistakes;
mod newcomer;
mod plugins;
mod run;
