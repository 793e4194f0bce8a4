//! The program from end to end: a tree in a folder, arguments, and then exit code, output and files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod aliases;
mod asked;
mod bombs;
mod bytes;
mod ci;
mod citation;
mod commands;
mod container;
mod contents;
mod crash;
mod described;
mod documentation;
mod explained;
mod explained_pages;
mod exported;
#[cfg(feature = "external-links")]
mod external;
mod failure;
mod guide;
mod harness;
mod hostile;
mod interfaces;
mod kept;
mod lab;
mod landing;
mod languages;
mod limits;
mod links;
mod logs;
mod many;
mod menu;
mod mistakes;
mod mutated;
#[path = "../mutator/mod.rs"]
mod mutator;
mod navigation;
mod newcomer;
mod overridden;
mod paper;
mod paths;
mod pictures;
mod plugins;
mod registration;
mod remembered;
mod reproduced;
mod run;
mod schemas;
mod search;
mod serve;
mod shards;
mod shells;
mod shown;
mod statements;
mod statics;
mod store;
mod stored;
mod submitted;
mod tables;
mod text;
mod tidy;
mod timings;
mod typed;
mod verified;
mod web;
