//! What was accepted in place of other results: a page and a feed, made of `history.jsonl` alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::context;
use minijinja::value::Value as Templated;
use octavo_plugin::Value;
use serde_json::Value as Json;

use super::pages::{Written, bare, extra, in_language};
use super::shared::Shared;
use super::web::{feed_head, on_the_web};
use super::{Files, dashboard};
use crate::ids::{ExperimentId, Route, relative};
use crate::locale::Locale;
use crate::lock::{Accepting, CauseKind, Change, Item};
use crate::number::apart;
use crate::prose::escape;
use crate::publish::Content;

/// A line shows so many values at most, the last.
const POINTS: usize = 24;
/// Its size in pixels.
const SIZE: (f64, f64) = (96.0, 20.0);
/// A feed has so many entries at most, the newest.
const NEWEST: usize = 30;

/// What was accepted of an experiment at once.
struct Acceptance<'a> {
    /// Its number from the oldest, which stays, since lines are only ever added.
    number: usize,
    /// The index of its first line.
    start: usize,
    lines: &'a [Accepting],
}

/// The route of the page in a language.
pub(super) fn route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "changes.html")
}

/// The route of the feed in a language, if the address of the site is known and a change has a day.
pub(super) fn feed_route(shared: &Shared<'_>, language: &str) -> Option<Route> {
    let dated = shared.material.history.iter().any(|line| line.date.is_some());
    let there = shared.material.config.base_url.is_some() && dated;
    there.then(|| in_language(shared, language, "changes.xml"))
}

/// Lines that were accepted together, the oldest first.
fn acceptances(history: &[Accepting]) -> Vec<Acceptance<'_>> {
    let together = |one: &Accepting, other: &Accepting| {
        one.experiment == other.experiment
            && one.date == other.date
            && one.message == other.message
            && one.cause == other.cause
            && (one.item, &one.name) < (other.item, &other.name)
    };
    let mut start = 0;
    let mut all = Vec::new();
    for (number, lines) in (1..).zip(history.chunk_by(together)) {
        all.push(Acceptance { number, start, lines });
        start += lines.len();
    }
    all
}

/// The page, if there is a history.
pub(super) fn page(shared: &Shared<'_>, locale: &Locale) -> Option<Written> {
    let history = shared.material.history;
    if history.is_empty() {
        return None;
    }
    let route = route(shared, &locale.tag);
    let rows = acceptances(history);
    let rows: Vec<Templated> = rows.iter().rev().map(|one| row(shared, locale, &route, one)).collect();
    let title = locale.word("changes").to_owned();
    let own = context! {
        title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(), changes => rows,
        status_url => dashboard::is_there(shared).then(|| relative(&route, &dashboard::route(shared, &locale.tag))),
        feed => feed_route(shared, &locale.tag).map(|feed| relative(&route, &feed)), ..bare()
    };
    Some(extra(shared, "changes.html", locale, &route, title, own))
}

fn row(shared: &Shared<'_>, locale: &Locale, route: &Route, one: &Acceptance<'_>) -> Templated {
    let first = &one.lines[0];
    let (outputs, named): (Vec<&Accepting>, Vec<&Accepting>) =
        one.lines.iter().partition(|line| line.item == Item::Output);
    let before = &shared.material.history[..one.start + one.lines.len()];
    let results: Vec<Templated> = named.into_iter().map(|line| result(locale, line, before)).collect();
    let site = shared.material.site;
    let url =
        site.find(&first.experiment).map(|page| relative(route, &page.route(&locale.tag, &site.languages)));
    context! {
        id => anchor(one), experiment => first.experiment.as_str(), url => url, results => results,
        date => first.date.as_ref().map(|date| locale.date(date)), iso => first.date.clone(),
        message => first.message.clone(),
        outputs => outputs.iter().map(|line| line.name.clone()).collect::<Vec<_>>(),
        causes => first.cause.iter().map(|change| cause(locale, change)).collect::<Vec<_>>(),
    }
}

fn anchor(one: &Acceptance<'_>) -> String {
    format!("change-{}", one.number)
}

/// What stands for a result that is not there.
const NOTHING: &str = "–";

fn result(locale: &Locale, line: &Accepting, history: &[Accepting]) -> Templated {
    let is_claim = line.item == Item::Claim;
    let [old, new] = sides(locale, line);
    let svg = if is_claim { None } else { sparkline(&series(&line.experiment, &line.name, history)) };
    context! {
        kind => if is_claim { "claim" } else { "value" }, name => line.name.clone(), old => old, new => new,
        sparkline => svg.map(Templated::from_safe_string),
    }
}

/// What it was and what it is: the words of verdicts, and values with the digits that tell them apart.
pub(super) fn sides(locale: &Locale, line: &Accepting) -> [String; 2] {
    let both = [&line.old, &line.new];
    let texts = match line.item {
        Item::Claim => {
            both.map(|side| side.as_str().map(|key| locale.word(key)).unwrap_or_default().to_owned())
        }
        _ => apart(&value(&line.old), &value(&line.new), locale),
    };
    texts.map(|text| if text.is_empty() { NOTHING.to_owned() } else { text })
}

/// A value as it stands in the history.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => Value::from_f64(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => text.as_str().into(),
        _ => Value::Missing(String::new()),
    }
}

/// The numbers that were accepted for a value of an experiment, the oldest first.
pub(super) fn series(experiment: &ExperimentId, name: &str, history: &[Accepting]) -> Vec<f64> {
    let same =
        |one: &&Accepting| one.item == Item::Value && one.name == name && one.experiment == *experiment;
    let mut all = history.iter().filter(same).peekable();
    let first = all.peek().and_then(|first| first.old.as_f64());
    first.into_iter().chain(all.filter_map(|one| one.new.as_f64())).collect()
}

/// A small line through numbers; nothing for fewer than two.
pub(super) fn sparkline(numbers: &[f64]) -> Option<String> {
    let shown = &numbers[numbers.len().saturating_sub(POINTS)..];
    let (low, high) =
        shown.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
    if shown.len() < 2 {
        return None;
    }
    let (width, height) = SIZE;
    #[expect(clippy::cast_precision_loss, reason = "few points")]
    let at = |(index, x): (usize, &f64)| {
        let across = index as f64 / (shown.len() - 1) as f64;
        let up = if high > low { (x - low) / (high - low) } else { 0.5 };
        (2.0 + across * (width - 4.0), height - 2.0 - up * (height - 4.0))
    };
    let points: Vec<(f64, f64)> = shown.iter().enumerate().map(at).collect();
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    let (x, y) = points[points.len() - 1];
    Some(format!(
        "<svg class=\"sparkline\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" aria-hidden=\"true\">\
         <path fill=\"none\" stroke=\"currentColor\" d=\"M{}\"/><circle fill=\"currentColor\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/></svg>",
        path.join("L")
    ))
}

/// What decided results and changed, in a language. Of what has a digest it is said that it is another one.
pub(super) fn cause(locale: &Locale, change: &Change) -> String {
    let name = match change.kind {
        CauseKind::Parameter => change.name.clone(),
        CauseKind::Sweep => format!("{} {}", locale.word("cause-sweep"), change.name),
        CauseKind::Input => return format!("{} {}", locale.word("cause-input"), change.name),
        CauseKind::Fact => {
            let (key, word) = (&change.name, format!("cause-{}", change.name));
            let word = locale.word(&word).to_owned();
            if matches!(key.as_str(), "plugin" | "definitions" | "points") {
                return word;
            }
            word
        }
    };
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| NOTHING.to_owned());
    format!("{name} {} → {}", side(&change.old), side(&change.new))
}

/// The feeds of all languages.
pub(super) fn feeds(shared: &Shared<'_>) -> Files {
    let one = |locale: &Locale| {
        let route = feed_route(shared, &locale.tag)?;
        let text = feed(shared, locale, &route)?;
        Some((route, Content::Bytes(text.into_bytes())))
    };
    shared.material.site.languages.iter().filter_map(one).collect()
}

/// A feed of Atom: an entry for what was accepted of an experiment at once. What has no day is not in it.
fn feed(shared: &Shared<'_>, locale: &Locale, route: &Route) -> Option<String> {
    let all = acceptances(shared.material.history);
    let dated: BTreeMap<(&str, usize), &Acceptance<'_>> =
        all.iter().filter_map(|one| Some(((one.lines[0].date.as_deref()?, one.number), one))).collect();
    let ((newest, _), _) = dated.last_key_value()?;
    let page = on_the_web(shared, &self::route(shared, &locale.tag))?;
    let title = locale.word("changes");
    let mut text = feed_head(shared, locale, route, (&page, Some(title)), newest)?;
    for ((day, _), one) in dated.iter().rev().take(NEWEST) {
        let (first, address) = (&one.lines[0], escape(&format!("{page}#{}", anchor(one))));
        let named = one.lines.iter().filter(|line| line.item != Item::Output);
        let told = named.map(|line| {
            let [old, new] = sides(locale, line);
            format!("{} {old} → {new}", line.name)
        });
        let causes = first.cause.iter().map(|change| cause(locale, change));
        let summary: Vec<String> = first.message.clone().into_iter().chain(told).chain(causes).collect();
        let _ = writeln!(
            text,
            "<entry>\n<title>{}</title>\n<id>{address}</id>\n<link href=\"{address}\"/>\n<updated>{day}T00:00:00Z</updated>\n<summary>{}</summary>\n</entry>",
            escape(&first.experiment),
            escape(&summary.join(" · "))
        );
    }
    Some(text + "</feed>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(experiment: &str, name: &str, old: f64, new: f64) -> Accepting {
        Accepting {
            date: None,
            experiment: ExperimentId::like(experiment),
            item: Item::Value,
            name: name.to_owned(),
            old: old.into(),
            new: new.into(),
            cause: Vec::new(),
            message: None,
        }
    }

    #[test]
    fn lines_that_were_accepted_together_stand_together() {
        let history = [
            line("a", "x", 1.0, 2.0),
            line("a", "y", 1.0, 2.0),
            line("a", "x", 2.0, 3.0),
            line("b", "x", 0.0, 1.0),
        ];
        let all: Vec<(usize, usize, usize)> =
            acceptances(&history).iter().map(|one| (one.number, one.start, one.lines.len())).collect();
        assert_eq!(all, [(1, 0, 2), (2, 2, 1), (3, 3, 1)]);
        assert_eq!(series(&history[2].experiment, "x", &history[..3]), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_line_needs_two_numbers_and_ends_at_the_last() {
        assert_eq!(sparkline(&[1.0]), None);
        let svg = sparkline(&[1.0, 3.0, 2.0]).unwrap();
        assert!(
            svg.contains("d=\"M2.0 18.0L48.0 2.0L94.0 10.0\"") && svg.contains("cx=\"94.0\" cy=\"10.0\""),
            "{svg}"
        );
        assert!(sparkline(&[1.0, 1.0]).unwrap().contains("M2.0 10.0L94.0 10.0"));
        let many: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(sparkline(&many).unwrap().matches('L').count(), POINTS - 1);
    }
}
