//! The words of `glossary.toml`: the page that lists them, and what other pages need to explain them.

use minijinja::context;
use minijinja::value::Value as Templated;

use super::pages::{Written, bare, extra, in_language};
use super::shared::Shared;
use crate::glossary::Term;
use crate::ids::Route;
use crate::locale::Locale;
use crate::prose::{self, Glossary, Macros, collation_key, inline_html, plain_words, typeset_text};

/// The route of the page in a language.
pub(super) fn route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "glossary.html")
}

/// The words as pages of a language explain them.
pub(super) fn of_language(
    glossary: &crate::glossary::Glossary,
    locale: &Locale,
    macros: &Macros,
) -> Glossary {
    let term = |(name, term): (&String, &Term)| prose::Term {
        name: name.clone(),
        forms: term
            .forms(&locale.tag)
            .filter(|_| !term.explicit)
            .map(|form| typeset_text(form, locale))
            .collect(),
        meaning: typeset_text(
            &plain_words(term.definition.get(&locale.tag).unwrap_or_default(), macros),
            locale,
        ),
    };
    Glossary::new(glossary.term.iter().map(term).collect())
}

/// The page, if there are words, in the order of their alphabet.
pub(super) fn page(shared: &Shared<'_>, locale: &Locale) -> Option<Written> {
    let glossary = shared.material.glossary?;
    let tag = &locale.tag;
    let html = |text: &octavo_plugin::Localized| {
        let html = inline_html(text.get(tag)?, locale, &shared.macros);
        Some(Templated::from_safe_string(html.into_string()))
    };
    let mut terms: Vec<(&str, &String, &Term)> = glossary
        .term
        .iter()
        .map(|(name, term)| (term.word.get(tag).unwrap_or_default(), name, term))
        .collect();
    terms.sort_by_cached_key(|(word, ..)| collation_key(word, tag));
    let terms: Vec<Templated> = terms
        .into_iter()
        .map(|(word, name, term)| {
            context! { id => name.clone(), word => typeset_text(word, locale), definition => html(&term.definition) }
        })
        .collect();
    let title = glossary.title.get(tag).unwrap_or_else(|| locale.word("glossary"));
    let title = typeset_text(title, locale);
    let own = context! {
        title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(),
        intro => html(&glossary.summary), terms => terms, ..bare()
    };
    Some(extra(shared, "glossary.html", locale, &route(shared, tag), title, own))
}
