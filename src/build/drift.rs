//! Today's results against those that locks hold as accepted. docs/kept-true.md has the rules.

use std::collections::BTreeMap;

use octavo_plugin::{NUMERICS_REVISION, Value};

use super::Checked;
use super::cause::cause;
use super::run::Ran;
use crate::drift::{Allowed, same};
use crate::experiment::Experiment;
use crate::ids::ExperimentId;
use crate::lock::{Accepted, Accepting, Cause, Change, Fact, Item, Lock, Quantity};
use crate::project::Project;
pub use crate::render::held::{Held, Moved, State};

/// The experiments of a build, their results, and what is known of their cause.
#[derive(Clone, Copy)]
pub struct Keeper<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its experiments.
    pub checked: &'a Checked,
    /// Their tasks.
    pub ran: &'a Ran,
    /// Their results, by id.
    pub today: &'a BTreeMap<ExperimentId, Accepted>,
    /// The profile, by name.
    pub profile: Option<&'a str>,
}

impl Keeper<'_> {
    /// All experiments, in the order of the plan, held against their locks.
    pub fn held(&self) -> Vec<Held> {
        let experiments = &self.checked.plan.experiments;
        let by_interval = |one: &Experiment| {
            one.definitions.drift.values().filter(|allowed| **allowed == Allowed::Stat).count()
        };
        let several = experiments.iter().map(|one| by_interval(one)).sum();
        let all = experiments.iter().enumerate();
        all.map(|(index, experiment)| self.hold(index, experiment, several)).collect()
    }

    fn hold(&self, index: usize, experiment: &Experiment, several: usize) -> Held {
        let state = self.state(experiment, several);
        let changes = match &state {
            State::Moved(_) => self.changes(index, experiment),
            _ => Vec::new(),
        };
        Held { id: experiment.id.clone(), state, changes }
    }

    fn state(&self, experiment: &Experiment, several: usize) -> State {
        let lock = self.project.locks.get(&experiment.id);
        let accepted = lock.and_then(|lock| lock.results.as_ref());
        if experiment.stochastic() && experiment.registered.explores(&experiment.manifest) {
            return State::Explores { accepted: accepted.is_some() };
        }
        let Some(today) = self.today.get(&experiment.id) else { return State::Without };
        let Some((lock, accepted)) = lock.zip(accepted) else { return State::New };
        let profile = lock.cause.facts.get("profile").map(Fact::to_string);
        let chosen = self.profile_of(experiment).map(str::to_owned);
        if profile != chosen {
            return State::OtherProfile { today: chosen, accepted: profile };
        }
        let moved = moved(experiment, accepted, today, several);
        match (moved.is_empty(), has_more(accepted, today)) {
            (false, _) => State::Moved(moved),
            (true, true) => State::More,
            (true, false) => State::Kept,
        }
    }

    /// The profile under which an experiment runs.
    fn profile_of(&self, experiment: &Experiment) -> Option<&str> {
        profile_of(experiment, self.profile)
    }

    /// Today's results of all experiments that have them, with their cause, by id.
    pub fn all(&self) -> BTreeMap<ExperimentId, (Accepted, Cause)> {
        let experiments = self.checked.plan.experiments.iter().enumerate();
        let one = |(index, experiment): (usize, &std::sync::Arc<Experiment>)| {
            let today = self.today.get(&experiment.id)?.clone();
            Some((experiment.id.clone(), (today, self.cause(index, experiment))))
        };
        experiments.filter_map(one).collect()
    }

    /// The cause of today's results of an experiment.
    fn cause(&self, index: usize, experiment: &Experiment) -> Cause {
        let level = self.project.config.claims.level;
        cause(&self.checked.plan, index, &self.ran.outcomes, self.profile_of(experiment), level)
    }

    fn changes(&self, index: usize, experiment: &Experiment) -> Vec<Change> {
        let now = self.cause(index, experiment);
        let mut changes = self.project.locks[&experiment.id].cause.changes(&now);
        let before = self.project.root_lock.map(|lock| lock.numerics);
        changes.extend(before.and_then(|before| Change::of_fact("numerics", &before, &NUMERICS_REVISION)));
        changes
    }

    /// Puts today's results of an experiment, and their cause, into a lock. `all` says whether accepted results give way, too; without it they stay,
    /// and only what is not there yet is added.
    pub fn accept(&self, id: &ExperimentId, lock: &mut Lock, all: bool) {
        let plan = &self.checked.plan;
        let index = plan.experiments.iter().position(|one| one.id == *id);
        let Some((index, today)) = index.zip(self.today.get(id)) else { return };
        let mut results = today.clone();
        if let Some(before) = lock.results.take().filter(|_| !all) {
            results.claims.extend(before.claims);
            results.outputs.extend(before.outputs);
            // What was accepted before intervals were asked for gets that of the same value.
            let gains = |name: &str, old: &Quantity| {
                today.values.get(name).is_some_and(|new| lacks_interval(old, new))
            };
            results.values.extend(before.values.into_iter().filter(|(name, old)| !gains(name, old)));
        }
        lock.results = Some(results);
        lock.cause = self.cause(index, &plan.experiments[index]);
    }

    /// The lines of the history for results of an experiment that are accepted in place of others, without a date.
    pub fn history(&self, held: &Held) -> Vec<Accepting> {
        let accepted = self.project.locks.get(&held.id).and_then(|lock| lock.results.as_ref());
        let Some((accepted, today)) = accepted.zip(self.today.get(&held.id)) else { return Vec::new() };
        let json = |value: Option<Value>| value.map_or(serde_json::Value::Null, |value| value.to_json());
        let line = |moved: Moved| Accepting {
            date: None,
            experiment: held.id.clone(),
            item: moved.item,
            name: moved.name,
            old: json(moved.old),
            new: json(moved.new),
            cause: held.changes.clone(),
            message: None,
        };
        // What is there for the first time takes nobody's place.
        let moved = exact_differences(accepted, today).into_iter().filter(|one| one.old.is_some());
        moved.map(line).collect()
    }
}

/// The profile under which an experiment runs, if the chosen one changes it.
pub(super) fn profile_of<'p>(experiment: &Experiment, chosen: Option<&'p str>) -> Option<&'p str> {
    chosen.filter(|name| experiment.manifest.profiles.contains_key(*name))
}

/// The results that are not as accepted, as far as the experiment allows for differences.
fn moved(experiment: &Experiment, accepted: &Accepted, today: &Accepted, several: usize) -> Vec<Moved> {
    let drift = &experiment.definitions.drift;
    let admits = |name: &str, old: &Quantity, new: &Quantity| {
        drift.get(name).unwrap_or(&Allowed::Exact).admits(old, new, several)
    };
    let mut all = differences(accepted, today, &admits, experiment.manifest.drift.is_exact());
    // What is there for the first time did not move.
    all.retain(|moved| moved.old.is_some());
    all
}

/// In what results differ, to the last bit.
pub fn exact_differences(old: &Accepted, new: &Accepted) -> Vec<Moved> {
    differences(old, new, &is_same, true)
}

fn is_same(_: &str, old: &Quantity, new: &Quantity) -> bool {
    same(&old.value, &new.value)
}

/// In what results differ, where these do not count as the same.
fn differences(
    old: &Accepted,
    new: &Accepted,
    alike: &dyn Fn(&str, &Quantity, &Quantity) -> bool,
    with_outputs: bool,
) -> Vec<Moved> {
    let texts = |map: &BTreeMap<String, String>| -> BTreeMap<String, Quantity> {
        map.iter().map(|(name, text)| (name.clone(), Value::Text(text.clone()).into())).collect()
    };
    let exact = |_: &str, old: &Quantity, new: &Quantity| old.value == new.value;
    let outputs = if with_outputs { [texts(&old.outputs), texts(&new.outputs)] } else { Default::default() };
    let [old_outputs, new_outputs] = outputs;
    [
        between(Item::Value, &old.values, &new.values, alike),
        between(Item::Claim, &texts(&old.claims), &texts(&new.claims), &exact),
        between(Item::Output, &old_outputs, &new_outputs, &exact),
    ]
    .concat()
}

fn between(
    item: Item,
    old: &BTreeMap<String, Quantity>,
    new: &BTreeMap<String, Quantity>,
    alike: &dyn Fn(&str, &Quantity, &Quantity) -> bool,
) -> Vec<Moved> {
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = |name: &&String| match (old.get(*name), new.get(*name)) {
        (Some(old), Some(new)) => !alike(name, old, new),
        _ => true,
    };
    let value = |of: &BTreeMap<String, Quantity>, name: &String| of.get(name).map(|one| one.value.clone());
    let moved =
        |name: &String| Moved { item, name: name.clone(), old: value(old, name), new: value(new, name) };
    names.into_iter().filter(differ).map(moved).collect()
}

/// Whether there are results of which none was accepted.
fn has_more(accepted: &Accepted, today: &Accepted) -> bool {
    today.claims.keys().any(|name| !accepted.claims.contains_key(name))
        || today.outputs.keys().any(|name| !accepted.outputs.contains_key(name))
        || today
            .values
            .iter()
            .any(|(name, new)| accepted.values.get(name).is_none_or(|old| lacks_interval(old, new)))
}

/// Whether this is the same value without the interval that decides today.
fn lacks_interval(old: &Quantity, new: &Quantity) -> bool {
    old.interval.is_none() && new.interval.is_some() && same(&old.value, &new.value)
}
