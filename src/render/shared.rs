//! What all pages share.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::{Serde, Value as Templated};

use super::Material;
use super::claims::Judged;
use super::figures::Drawn;
use super::glossary;
use super::held::Held;
use super::navigation::{self, AllTold};
use super::web;
use crate::ids::{ClaimRef, ExperimentId, FigureIn};
use crate::locale::Locale;
use crate::lock::Accepted;
use crate::prose::{Glossary, Macros};

/// What all pages share.
pub struct Shared<'a> {
    /// Experiments, results, templates.
    pub material: &'a Material<'a>,
    /// Figures drawn.
    pub figures: &'a BTreeMap<FigureIn, Result<Drawn, String>>,
    /// Claims judged.
    pub claims: &'a BTreeMap<ClaimRef, Judged>,
    /// Results of experiments whose tasks are all finished, by id.
    pub today: &'a BTreeMap<ExperimentId, Accepted>,
    /// All experiments held against their locks.
    pub held: &'a [Held],
    /// Commands of formulas that the project defines.
    pub macros: Macros,
    /// The words of each language for templates, by its tag: they are many, and every callout asks for them.
    pub words: BTreeMap<String, Templated>,
    /// The words that the project explains, by language.
    pub glossaries: BTreeMap<String, Glossary>,
    /// What pages say of each other.
    pub told: AllTold,
    /// Languages that have a feed.
    pub feeds: BTreeSet<String>,
}

impl<'a> Shared<'a> {
    /// What is shared by pages with these figures, claims and results.
    pub fn new(
        material: &'a Material<'a>,
        figures: &'a BTreeMap<FigureIn, Result<Drawn, String>>,
        claims: &'a BTreeMap<ClaimRef, Judged>,
        (today, held): (&'a BTreeMap<ExperimentId, Accepted>, &'a [Held]),
    ) -> Self {
        let (macros, _) = material.config.math.commands();
        let languages = material.site.languages.iter();
        let of_language = |locale: &Locale| {
            let words = glossary::of_language(material.glossary?, locale, &macros);
            Some((locale.tag.clone(), words))
        };
        let glossaries = languages.clone().filter_map(of_language).collect();
        let words = languages.map(|locale| (locale.tag.clone(), words(locale))).collect();
        let (told, feeds) = (AllTold::new(), BTreeSet::new());
        let mut shared =
            Self { material, figures, claims, today, held, macros, words, glossaries, told, feeds };
        shared.told = navigation::told(&shared);
        shared.feeds = web::feeds(&shared);
        shared
    }

    /// The words of a language for templates.
    pub(super) fn words(&self, locale: &Locale) -> Templated {
        self.words.get(&locale.tag).cloned().unwrap_or_else(|| words(locale))
    }
}

/// The words of a language for templates.
pub fn words(locale: &Locale) -> Templated {
    Templated::from(Serde(locale.words.clone()))
}
