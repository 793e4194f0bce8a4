//! The list of all claims, with what their verdicts are worth together.

use std::collections::BTreeSet;

use minijinja::context;
use minijinja::value::Value as Templated;

use super::claims::{self, Judged};
use super::dashboard;
use super::pages::{Written, badge, bare, chapters_first, claims_route, extra, in_language};
use super::shared::Shared;
use crate::claim::written_percent;
use crate::experiment::registration::Fresh;
use crate::ids::{ClaimRef, relative};
use crate::locale::Locale;
use crate::number::Format;
use crate::prose::{inline_html, typeset_text};

/// All claims with their verdicts, by the page that shows them, in the order of pages.
pub(super) fn page(shared: &Shared<'_>, locale: &Locale, pages: &[Written]) -> Written {
    let route = claims_route(shared, &locale.tag);
    let home = in_language(shared, &locale.tag, "index.html");
    let ordered = chapters_first(pages, &locale.tag, &home);
    let mut left: BTreeSet<&ClaimRef> = shared.claims.keys().collect();
    let mut groups: Vec<Templated> = Vec::new();
    for page in ordered {
        let url = relative(&route, &page.route);
        let here = page.claims.iter().filter(|(key, _)| left.remove(key));
        let rows: Vec<Templated> =
            here.map(|(key, id)| score(shared, locale, key, Some(format!("{url}#{id}")))).collect();
        if !rows.is_empty() {
            groups.push(context! { title => typeset_text(&page.title, locale), url => url, claims => rows });
        }
    }
    let rows: Vec<Templated> = left.into_iter().map(|key| score(shared, locale, key, None)).collect();
    if !rows.is_empty() {
        groups.push(context! { title => (), url => (), claims => rows });
    }
    let title = locale.word("claims").to_owned();
    let badge = badge(shared, shared.claims.keys());
    let own = context! { title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(), badge => badge, ..bare() };
    extra(
        shared,
        "claims.html",
        locale,
        &route,
        title,
        context! {
            groups => groups, totals => totals(shared, locale),
            status_url => relative(&route, &dashboard::route(shared, &locale.tag)), ..own
        },
    )
}

/// How many claims turned out how, what their verdicts are worth together, and which kinds there are to choose from.
fn totals(shared: &Shared<'_>, locale: &Locale) -> Templated {
    let all = || shared.claims.values();
    let count = |wanted: &dyn Fn(&Judged) -> bool| all().filter(|judged| wanted(judged)).count();
    let number = |count: usize| locale.number(&count.to_string());
    let kinds = ["holds", "refuted", "undecided", "exploratory"];
    let kinds = kinds.map(|kind| (kind, count(&|judged| judged.verdict() == kind)));
    let kinds = kinds.into_iter().chain([("fragile", count(&Judged::is_fragile))]);
    let shown: Vec<Templated> = kinds
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| context! { key => key, count => number(count) })
        .collect();
    let by_interval = count(&|judged| judged.is_by_interval());
    let level = shared.material.config.claims.level;
    #[expect(clippy::cast_precision_loss, reason = "few claims")]
    let wrong = by_interval as f64 * (1.0 - level) / 2.0;
    let wrong = Format::parse("%.2g").ok().and_then(|format| format.write(&wrong.into(), locale).ok());
    let gaps = [
        ("count", number(by_interval)),
        ("level", locale.number(&written_percent(level))),
        ("wrong", wrong.map(|written| written.text()).unwrap_or_default()),
        ("confirmed", number(count(&|judged| matches!(judged.fresh, Fresh::Confirmed { .. })))),
        ("fragile", number(count(&Judged::is_fragile))),
    ];
    let gaps: Vec<(&str, &str)> = gaps.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let fill = |key: &str| typeset_text(&locale.fill(key, &gaps), locale);
    let replicated =
        count(&|judged| matches!(judged.fresh, Fresh::Confirmed { .. }) || judged.fresh.is_fragile());
    context! {
        kinds => shown,
        promise => (by_interval > 0).then(|| fill("claims-promise")),
        replication => (replicated > 0).then(|| fill("claims-replication")),
    }
}

/// A claim in the list of all, with the address of the place that shows it.
fn score(shared: &Shared<'_>, locale: &Locale, key: &ClaimRef, url: Option<String>) -> Templated {
    let judged = &shared.claims[key];
    context! {
        anchor => format!("{}-{}", key.experiment.replace('/', "-"), key.name),
        short => claims::short(judged, locale).join(" · "),
        fragile => judged.is_fragile(),
        text => Templated::from_safe_string(inline_html(judged.text.get(&locale.tag).unwrap_or_default(), locale, &shared.macros).into_string()),
        verdict => judged.verdict(),
        as_expected => judged.as_expected(),
        stale => judged.stale.is_some(),
        experiment => key.experiment.as_str(),
        url => url,
    }
}
