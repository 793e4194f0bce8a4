//! How the site stands: which experiments drifted, failed or are as accepted, and which claims changed their verdict. It is made of locks, the history
//! and today's results alone.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value as Templated;
use octavo_plugin::Value;

use super::changes::{self, cause, series, sparkline};
use super::held::{Held, Moved, State, apart_in};
use super::pages::{Written, bare, claims_route, extra, in_language};
use super::shared::Shared;
use crate::drift::same;
use crate::ids::{ClaimRef, ExperimentId, FigureRef, Route, relative};
use crate::locale::Locale;
use crate::lock::{Accepting, Item, Quantity};
use crate::number::{Written as Number, apart};
use crate::prose::{inline_html, typeset_text};
use crate::site::Page;

/// So many changed verdicts are shown at most, the newest.
const MOST_VERDICTS: usize = 30;

/// Results of an experiment that are shown one by one.
const MOST_RESULTS: usize = 12;

/// States in the order of the page, by the key of their words: what somebody has to look at stands first.
const STATES: [&str; 5] =
    ["status-moved", "status-failed", "status-other-profile", "status-explores", "status-kept"];

/// The route of the page in a language.
pub(super) fn route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "status.html")
}

/// Whether there is anything whose state it could say.
pub(super) fn is_there(shared: &Shared<'_>) -> bool {
    !shared.held.is_empty() || !shared.material.unavailable.is_empty()
}

/// What is written where, and in which language.
#[derive(Clone, Copy)]
struct Here<'a> {
    shared: &'a Shared<'a>,
    locale: &'a Locale,
    route: &'a Route,
    /// Where experiments are shown.
    places: &'a BTreeMap<ExperimentId, Route>,
}

/// The page of an experiment, or else the first one that shows something of it; the home page, which shows much again, comes last.
fn places(shared: &Shared<'_>, locale: &Locale) -> BTreeMap<ExperimentId, Route> {
    let site = shared.material.site;
    let mut places = BTreeMap::new();
    let (home, others): (Vec<&Page>, Vec<&Page>) = site.pages.iter().partition(|page| page.id == "index");
    for page in others.into_iter().chain(home) {
        let route = page.route(&locale.tag, &site.languages);
        let prose = &page.text(&locale.tag, &site.languages).prose;
        for reference in prose.references().iter().filter(|one| one.kind.is_result()) {
            if let Ok(of) = FigureRef::parse(&reference.target, &page.id) {
                places.entry(of.experiment).or_insert_with(|| route.clone());
            }
        }
    }
    for id in shared.material.experiments.keys() {
        places.extend(site.find(id).map(|page| (id.clone(), page.route(&locale.tag, &site.languages))));
    }
    places
}

/// The page, if there are experiments.
pub(super) fn page(shared: &Shared<'_>, locale: &Locale) -> Option<Written> {
    if !is_there(shared) {
        return None;
    }
    let route = route(shared, &locale.tag);
    let places = places(shared, locale);
    let here = Here { shared, locale, route: &route, places: &places };
    let mut rows: Vec<(&str, Templated)> =
        shared.held.iter().map(|one| (key(&one.state), here.row(one))).collect();
    let missing = shared.material.unavailable.iter();
    rows.extend(missing.map(|(id, why)| ("status-failed", here.plain(id, Some(why.clone())))));
    let group = |key: &&str| {
        let own: Vec<Templated> =
            rows.iter().filter(|(of, _)| of == key).map(|(_, row)| row.clone()).collect();
        let count = locale.number(&own.len().to_string());
        (!own.is_empty()).then(|| context! { key => *key, count => count, rows => own })
    };
    let groups: Vec<Templated> = STATES.iter().filter_map(group).collect();
    let title = locale.word("status").to_owned();
    let there = |there: bool, to: Route| there.then(|| relative(&route, &to));
    let own = context! {
        title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(), groups => groups,
        verdicts => here.verdicts(),
        changes_url => there(!shared.material.history.is_empty(), changes::route(shared, &locale.tag)),
        claims_url => there(!shared.claims.is_empty(), claims_route(shared, &locale.tag)), ..bare()
    };
    Some(extra(shared, "status.html", locale, &route, title, own))
}

/// The words of a state. What a build writes into a lock by itself is as accepted, so that the build after it shows the same.
fn key(state: &State) -> &'static str {
    match state {
        State::Moved(_) => STATES[0],
        State::Without => STATES[1],
        State::OtherProfile { .. } => STATES[2],
        State::Explores { .. } => STATES[3],
        State::Kept | State::New | State::More => STATES[4],
    }
}

impl Here<'_> {
    /// An experiment with its title and the address of its page.
    fn plain(self, id: &ExperimentId, note: Option<String>) -> Templated {
        let Here { shared, locale, route, places } = self;
        let experiment = shared.material.experiments.get(id);
        let title = experiment.and_then(|one| one.manifest.title.get(&locale.tag)).unwrap_or(id.as_str());
        let url = places.get(id).map(|place| relative(route, place));
        let none = Vec::<Templated>::new;
        context! {
            title => Templated::from_safe_string(inline_html(title, locale, &shared.macros).into_string()),
            experiment => id.as_str(), url => url, note => note.map(|note| typeset_text(&note, locale)),
            results => none(), more => (), outputs => none(), drifted => false, causes => none(), values => none(),
        }
    }

    fn row(self, held: &Held) -> Templated {
        let plain = self.plain(&held.id, self.note(held));
        let moved: &[Moved] = if let State::Moved(moved) = &held.state { moved } else { &[] };
        let (outputs, named): (Vec<&Moved>, Vec<&Moved>) =
            moved.iter().partition(|one| one.item == Item::Output);
        let more = named.len().saturating_sub(MOST_RESULTS);
        let results = named.iter().take(MOST_RESULTS).map(|one| self.result(held, one));
        context! {
            results => results.collect::<Vec<_>>(),
            more => (more > 0).then(|| self.locale.number(&more.to_string())),
            outputs => outputs.iter().map(|one| one.name.clone()).collect::<Vec<_>>(),
            drifted => !moved.is_empty(),
            causes => held.changes.iter().map(|change| cause(self.locale, change)).collect::<Vec<_>>(),
            values => if moved.is_empty() { self.values(&held.id) } else { Vec::new() },
            ..plain
        }
    }

    /// What is to be said of its state beside its name.
    fn note(self, held: &Held) -> Option<String> {
        let locale = self.locale;
        let count = |count: usize| locale.number(&count.to_string());
        match &held.state {
            State::Without => {
                let results = &self.shared.material.related.get(&held.id)?.results;
                let (failed, done) = (results.failed.len(), results.runs.len());
                Some(
                    locale
                        .fill("status-tasks", &[("failed", &count(failed)), ("all", &count(failed + done))]),
                )
            }
            State::OtherProfile { today, accepted } => {
                let name = |profile: &Option<String>| {
                    profile.clone().unwrap_or_else(|| locale.word("status-no-profile").to_owned())
                };
                let gaps = [("today", &*name(today)), ("accepted", &*name(accepted))];
                Some(locale.fill("status-profiles", &gaps))
            }
            _ => None,
        }
    }

    /// A result that is not as accepted.
    fn result(self, held: &Held, moved: &Moved) -> Templated {
        let locale = self.locale;
        let missing = Value::Missing(String::new());
        let [old, new] = [&moved.old, &moved.new].map(|side| side.as_ref().unwrap_or(&missing));
        if moved.item == Item::Claim {
            let verdict =
                |side: &Value| if let Value::Text(key) = side { key.clone() } else { String::new() };
            let text = self.claim(&ClaimRef::new(&held.id, &moved.name));
            return context! { kind => "claim", name => text, old => verdict(old), new => verdict(new) };
        }
        let [shown_old, shown_new] = apart(old, new, locale);
        let mut numbers = series(&held.id, &moved.name, self.shared.material.history);
        // Two values make no way.
        let known = !numbers.is_empty();
        numbers.extend(new.as_f64().filter(|_| known));
        context! {
            kind => "value", name => moved.name.clone(), old => shown_old, new => shown_new,
            apart => moved.apart().map(|apart| apart_in(&apart, locale)).filter(|text| !text.is_empty()),
            sparkline => sparkline(&numbers).map(Templated::from_safe_string),
        }
    }

    /// The values of today of which something was accepted before, each with its way.
    fn values(self, id: &ExperimentId) -> Vec<Templated> {
        let Some(today) = self.shared.today.get(id) else { return Vec::new() };
        let of = |(name, quantity): (&String, &Quantity)| {
            let mut numbers = series(id, name, self.shared.material.history);
            let (last, now) = (*numbers.last()?, quantity.value.as_f64()?);
            if !same(&Value::Float(last), &Value::Float(now)) {
                numbers.push(now);
            }
            let text = Number::of(&quantity.value, self.locale).text();
            Some(
                context! { name => name.clone(), text => text, sparkline => sparkline(&numbers).map(Templated::from_safe_string) },
            )
        };
        today.values.iter().filter_map(of).collect()
    }

    /// The words of a claim, or its name if it is not there any more.
    fn claim(self, claim: &ClaimRef) -> Templated {
        let judged = self.shared.claims.get(claim);
        let text = judged.and_then(|judged| judged.text.get(&self.locale.tag)).unwrap_or(&claim.name);
        Templated::from_safe_string(inline_html(text, self.locale, &self.shared.macros).into_string())
    }

    /// Claims that changed their verdict: first those of today that nobody accepted, then those of the history, the newest first.
    fn verdicts(self) -> Vec<Templated> {
        let now = self.shared.held.iter().flat_map(|held| {
            let moved: &[Moved] = if let State::Moved(moved) = &held.state { moved } else { &[] };
            let of = |side: &Option<Value>| side.as_ref().map(ToString::to_string).unwrap_or_default();
            let claims = moved.iter().filter(|one| one.item == Item::Claim);
            claims.map(move |one| self.verdict(&held.id, &one.name, [of(&one.old), of(&one.new)], None))
        });
        let history = self.shared.material.history.iter().rev().filter(|line| line.item == Item::Claim);
        let before = history.map(|line| {
            let sides = [&line.old, &line.new].map(|side| side.as_str().unwrap_or_default().to_owned());
            self.verdict(&line.experiment, &line.name, sides, Some(line))
        });
        now.chain(before).take(MOST_VERDICTS).collect()
    }

    fn verdict(
        self,
        id: &ExperimentId,
        name: &str,
        [old, new]: [String; 2],
        accepted: Option<&Accepting>,
    ) -> Templated {
        let claim = ClaimRef::new(id, name);
        let anchor = self.shared.claims.contains_key(&claim).then(|| {
            let list = relative(self.route, &claims_route(self.shared, &self.locale.tag));
            format!("{list}#{}-{name}", id.replace('/', "-"))
        });
        let date = accepted.and_then(|line| line.date.as_ref());
        context! {
            text => self.claim(&claim), experiment => id.as_str(), url => anchor, old => old, new => new,
            accepted => accepted.is_some(), date => date.map(|date| self.locale.date(date)), iso => date,
            message => accepted.and_then(|line| line.message.clone()),
        }
    }
}
