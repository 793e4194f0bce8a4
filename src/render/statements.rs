//! The answers to the statements of `statements.toml`, in their order: chapter, claims, verdict, replication, and a line of why.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::context;
use minijinja::value::Value as Templated;

use super::claims::Judged;
use super::pages::{Written, bare, extra, in_language};
use super::shared::Shared;
use crate::experiment::Experiment;
use crate::experiment::registration::Fresh;
use crate::ids::{ClaimRef, ExperimentId, Route, relative};
use crate::locale::Locale;
use crate::prose::{inline_html, typeset_text};
use crate::statements::Statement;

/// The route of the page in a language.
pub(super) fn route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "statements.html")
}

/// What the claims that answer a statement say together. Without one there is nothing but text. Claims that disagree refine it, and so does one
/// that holds under a condition which the statement lacks.
pub fn verdict<'a>(answers: impl Iterator<Item = (&'a Judged, bool)>) -> &'static str {
    together(&answers.map(|(judged, condition)| (judged.verdict(), condition)).collect::<Vec<_>>())
}

fn together(answers: &[(&str, bool)]) -> &'static str {
    let some = |wanted: &str| answers.iter().any(|(verdict, _)| *verdict == wanted);
    let conditional = answers.iter().any(|(verdict, condition)| *condition && *verdict == "holds");
    match () {
        () if answers.is_empty() => "text-only",
        () if some("exploratory") => "exploratory",
        () if some("holds") && some("refuted") || conditional => "refined",
        () if some("undecided") => "undecided",
        () if some("refuted") => "refuted",
        () => "holds",
    }
}

/// The page, if there are statements.
pub(super) fn page(shared: &Shared<'_>, locale: &Locale, pages: &[Written]) -> Option<Written> {
    let statements = shared.material.statements?;
    let route = route(shared, &locale.tag);
    let placed = placed(shared, locale, pages);
    let rows: Vec<(&'static str, Templated)> =
        statements.statement.iter().map(|one| row(shared, locale, &route, one, &placed)).collect();
    let kinds = ["holds", "refuted", "refined", "undecided", "exploratory", "text-only"];
    let totals: Vec<Templated> = kinds
        .into_iter()
        .map(|kind| (kind, rows.iter().filter(|(verdict, _)| *verdict == kind).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| context! { key => key, count => locale.number(&count.to_string()) })
        .collect();
    let text = |text: &octavo_plugin::Localized| {
        let html = inline_html(text.get(&locale.tag)?, locale, &shared.macros);
        Some(Templated::from_safe_string(html.into_string()))
    };
    let title = statements.title.get(&locale.tag).unwrap_or_else(|| locale.word("statements"));
    let title = typeset_text(title, locale);
    let rows: Vec<Templated> = rows.into_iter().map(|(_, row)| row).collect();
    let own = context! {
        title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(),
        intro => text(&statements.summary), totals => totals, count => rows.len(), statements => rows, ..bare()
    };
    Some(extra(shared, "statements.html", locale, &route, title, own))
}

/// Where each claim stands, in a language: page title, route and id.
type Placed<'a> = BTreeMap<&'a ClaimRef, (&'a str, &'a Route, &'a str)>;

fn placed<'a>(shared: &Shared<'_>, locale: &'a Locale, pages: &'a [Written]) -> Placed<'a> {
    let home = in_language(shared, &locale.tag, "index.html");
    let mut placed = Placed::new();
    for page in pages.iter().filter(|page| page.language == locale.tag && page.route != home) {
        for (key, id) in &page.claims {
            placed.entry(key).or_insert((&page.title, &page.route, id));
        }
    }
    for page in pages.iter().filter(|page| page.language == locale.tag && page.route == home) {
        for (key, id) in &page.claims {
            placed.entry(key).or_insert((&page.title, &page.route, id));
        }
    }
    placed
}

fn row(
    shared: &Shared<'_>,
    locale: &Locale,
    route: &Route,
    statement: &Statement,
    placed: &Placed<'_>,
) -> (&'static str, Templated) {
    let answers = answers(&shared.material.experiments, shared.claims, &statement.id);
    let verdict = verdict(answers.iter().map(|(_, judged, condition)| (*judged, *condition)));
    let html = |text: &octavo_plugin::Localized| {
        let text = text.get(&locale.tag).filter(|text| !text.is_empty())?;
        Some(Templated::from_safe_string(inline_html(text, locale, &shared.macros).into_string()))
    };
    let claims: Vec<Templated> = answers
        .iter()
        .map(|(key, judged, condition)| {
            let place = placed.get(key);
            let fresh = judged.fresh.key().map(|(key, count)| {
                typeset_text(&locale.fill(key, &[("replicates", &locale.number(&count.to_string()))]), locale)
            });
            context! {
                text => html(&judged.text),
                verdict => judged.verdict(),
                fragile => judged.is_fragile(),
                condition => condition,
                fresh => fresh,
                url => place.map(|(_, to, id)| format!("{}#{id}", relative(route, to))),
                chapter => place.map(|(title, ..)| typeset_text(title, locale)),
            }
        })
        .collect();
    let pages = told_on(shared, locale, route, &statement.id);
    let confirmed = answers
        .iter()
        .all(|(_, judged, _)| matches!(judged.fresh, Fresh::Confirmed { .. } | Fresh::NotAsked));
    let row = context! {
        id => statement.id.clone(),
        text => html(&statement.text),
        source => html(&statement.source),
        place => statement.place.clone(),
        why => html(&statement.why).or_else(|| html(&statement.text_only)),
        verdict => verdict,
        confirmed => confirmed && !answers.is_empty(),
        claims => claims,
        pages => pages,
    };
    (verdict, row)
}

/// The claims that answer a statement, and whether each states a condition.
pub fn answers<'a>(
    experiments: &'a BTreeMap<ExperimentId, Arc<Experiment>>,
    judged: &'a BTreeMap<ClaimRef, Judged>,
    id: &str,
) -> Vec<(&'a ClaimRef, &'a Judged, bool)> {
    let answer = |(key, judged): (&'a ClaimRef, &'a Judged)| {
        let claim = experiments.get(&key.experiment)?.manifest.claims.get(&key.name)?;
        claim.statement.each().iter().any(|one| one == id).then_some((key, judged, claim.condition))
    };
    judged.iter().filter_map(answer).collect()
}

/// The pages that say that they answer a statement.
fn told_on(shared: &Shared<'_>, locale: &Locale, route: &Route, id: &str) -> Vec<Templated> {
    let site = shared.material.site;
    let tells = |page: &&crate::site::Page| {
        page.texts.values().any(|text| text.prose.front.statements.iter().any(|one| one == id))
    };
    let card = |page: &crate::site::Page| {
        let title = super::pages::title_of(shared, page, locale);
        let to = page.route(&locale.tag, &site.languages);
        context! { title => typeset_text(&title, locale), url => relative(route, &to) }
    };
    site.pages.iter().filter(tells).map(card).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_answer_a_statement_together() {
        for (answers, expected) in [
            (&[][..], "text-only"),
            (&[("holds", false)], "holds"),
            (&[("refuted", false), ("refuted", false)], "refuted"),
            (&[("holds", false), ("refuted", false)], "refined"),
            (&[("holds", true)], "refined"),
            (&[("refuted", true)], "refuted"),
            (&[("holds", false), ("undecided", false)], "undecided"),
            (&[("refuted", false), ("holds", false), ("undecided", false)], "refined"),
            (&[("exploratory", false), ("holds", false)], "exploratory"),
        ] {
            assert_eq!(together(answers), expected, "{answers:?}");
        }
    }
}
