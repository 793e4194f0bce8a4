//! From a site and results to files in memory.
//!
//! Figures are drawn first, each once per language, and remembered by digest ([`figures`]); then every page is written
//! in every language ([`pages`]), with a host that answers what its prose asks for ([`host`]).

pub mod changes;
pub mod cite;
pub mod claims;
pub mod code;
mod dashboard;
mod evidence;
pub mod figures;
mod glossary;
pub mod held;
pub mod host;
pub mod lab;
pub mod last_good;
pub mod made_of;
mod memory;
mod menu;
pub mod navigation;
pub mod packed;
pub mod pages;
mod paper;
pub mod parts;
pub mod recipe;
pub mod reference;
pub mod remembered;
pub mod ro_crate;
mod scoreboard;
pub mod search;
pub mod shared;
pub mod statements;
pub mod tables;
pub mod today;
mod typed;
pub mod web;

use std::collections::BTreeMap;
use std::sync::Arc;

use octavo_plugin::Digest;

use crate::experiment::Experiment;
use crate::figure::Fallback;
use crate::ids::{ExperimentId, Route};
use crate::memo::Memo;
use crate::names::Figures;
use crate::prose::{Bibliography, Csl};
use crate::publish::Content;
use crate::relate::Related;
use crate::site::Site;
use crate::store::Store;
use crate::theme::Theme;

/// All that pages are made of.
pub struct Material<'a> {
    /// The project's title, authors and so on.
    pub config: &'a crate::config::Config,
    /// The pages.
    pub site: &'a Site,
    /// The templates.
    pub theme: &'a Theme,
    /// The figures, ready to be drawn.
    pub figures: &'a Figures,
    /// The sentences that the project answers.
    pub statements: Option<&'a crate::statements::Statements>,
    /// The words that the project explains.
    pub glossary: Option<&'a crate::glossary::Glossary>,
    /// Which results were accepted in place of others, the oldest first.
    pub history: &'a [crate::lock::Accepting],
    /// The experiments by id.
    pub experiments: BTreeMap<ExperimentId, Arc<Experiment>>,
    /// Their results by id.
    pub related: BTreeMap<ExperimentId, Related>,
    /// The works that pages cite.
    pub bibliography: &'a Bibliography,
    /// The style of citation, if it is a CSL file.
    pub csl: Option<&'a Csl>,
    /// The project's font for letters that the bundled ones lack.
    pub font: Option<&'a Fallback>,
    /// Experiments that are missing, and why, by id.
    pub unavailable: &'a BTreeMap<ExperimentId, String>,
    /// Whether pages may link to a file at this path, seen from their folder.
    pub has_file: &'a (dyn Fn(&str) -> bool + Sync),
    /// How the site is cited.
    pub citation: Option<&'a crate::project::cff::Citation>,
    /// Route of the project's own icon.
    pub icon: Option<&'static str>,
    /// What is remembered.
    pub store: &'a Store,
    /// Answers that it has.
    pub memo: Memo<'a>,
    /// Pages of the last rendering of this session, if there is one.
    pub pages: Option<&'a remembered::PageMemory>,
    /// Blocks of code that were written before.
    pub code: code::Code<'a>,
    /// What figures carry so that they can be computed again.
    pub recipes: recipe::Recipes<'a>,
    /// Digest of the running program: other code may draw other pictures.
    pub program: Digest,
    /// What pages show of the project beside their own texts.
    pub sources: made_of::MadeOf,
    /// What is shown, marked, where there is no good result now.
    pub last_good: last_good::LastGood,
}

/// Files of the site by route. Big ones are already in the store.
pub type Files = BTreeMap<Route, Content>;
