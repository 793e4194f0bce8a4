//! Two versions of a lock made one, each being a change of a common third.

use std::collections::BTreeMap;

use super::{Accepted, Cause, Lock};

/// The one that is not as it was; of two that are not, ours, and whether they differ.
fn side<T: PartialEq + Clone>(base: &T, ours: &T, theirs: &T) -> (T, bool) {
    if ours == theirs || theirs == base {
        (ours.clone(), false)
    } else if ours == base {
        (theirs.clone(), false)
    } else {
        (ours.clone(), true)
    }
}

/// The same of each entry; the names of those that differ are added.
fn sides<V: PartialEq + Clone>(
    [base, ours, theirs]: [&BTreeMap<String, V>; 3],
    differ: &mut Vec<String>,
) -> BTreeMap<String, V> {
    let names: std::collections::BTreeSet<&String> =
        base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
    let merged = names.into_iter().filter_map(|name| {
        let (value, differs) = side(&base.get(name), &ours.get(name), &theirs.get(name));
        differ.extend(differs.then(|| name.clone()));
        Some((name.clone(), value?.clone()))
    });
    merged.collect()
}

impl Lock {
    /// What both versions say, and what they say differently: names of results, `registrations` or `replication`. Of that the merged lock has
    /// ours.
    pub fn merged(base: &Self, ours: &Self, theirs: &Self) -> (Self, Vec<String>) {
        let mut differ = Vec::new();
        let (longer, shorter) = match ours.registered.len() >= theirs.registered.len() {
            true => (ours, theirs),
            false => (theirs, ours),
        };
        // Registrations are only ever added.
        let registered = match longer.registered.starts_with(&shorter.registered) {
            true => longer.registered.clone(),
            false => {
                differ.push("registrations".to_owned());
                ours.registered.clone()
            }
        };
        let (replication, differs) = side(&base.replication, &ours.replication, &theirs.replication);
        differ.extend(differs.then(|| "replication".to_owned()));
        let all = [base, ours, theirs];
        let none = Accepted::default();
        let results = all.map(|lock| lock.results.as_ref().unwrap_or(&none));
        let merged = Accepted {
            claims: sides(results.map(|one| &one.claims), &mut differ),
            outputs: sides(results.map(|one| &one.outputs), &mut differ),
            values: sides(results.map(|one| &one.values), &mut differ),
        };
        // Results of both sides have both causes; what decides them is computed anew when they are accepted.
        let ignored = &mut Vec::new();
        let causes = all.map(|lock| &lock.cause);
        let cause = Cause {
            facts: sides(causes.map(|one| &one.facts), ignored),
            params: sides(causes.map(|one| &one.params), ignored),
            sweep: sides(causes.map(|one| &one.sweep), ignored),
            inputs: sides(causes.map(|one| &one.inputs), ignored),
        };
        let results = (ours.results.is_some() || theirs.results.is_some()).then_some(merged);
        (Self { registered, replication, results, cause }, differ)
    }
}

#[cfg(test)]
mod tests {
    use octavo_plugin::Value;

    use super::*;
    use crate::lock::Fact;

    fn lock(values: &[(&str, f64)], seed: i64) -> Lock {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), Value::Float(*value).into()));
        let facts = [("seed".to_owned(), Fact::Integer(seed))].into();
        let results = Some(Accepted { values: values.collect(), ..Accepted::default() });
        Lock { results, cause: Cause { facts, ..Cause::default() }, ..Lock::default() }
    }

    #[test]
    fn what_one_side_changed_is_taken_and_what_both_did_is_named() {
        let base = lock(&[("a", 1.0), ("b", 1.0), ("gone", 1.0)], 1);
        let ours = lock(&[("a", 2.0), ("b", 1.0), ("gone", 1.0), ("ours", 1.0)], 1);
        let theirs = lock(&[("a", 1.0), ("b", 3.0), ("theirs", 1.0)], 2);
        let expected = lock(&[("a", 2.0), ("b", 3.0), ("ours", 1.0), ("theirs", 1.0)], 2);
        assert_eq!(Lock::merged(&base, &ours, &theirs), (expected, vec![]));
        let other = lock(&[("a", 4.0), ("b", 1.0), ("gone", 1.0)], 3);
        let mut expected = ours.clone();
        expected.cause = other.cause.clone();
        assert_eq!(Lock::merged(&base, &ours, &other), (expected, vec!["a".to_owned()]));
        assert_eq!(Lock::merged(&Lock::default(), &ours, &ours), (ours.clone(), vec![]));
    }

    #[test]
    fn registrations_follow_on_each_other_or_are_named() {
        let mut base = Lock::default();
        base.register(1, "run".to_owned(), indexmap::IndexMap::new());
        let (mut one, mut other) = (base.clone(), base.clone());
        one.register(2, "run".to_owned(), indexmap::IndexMap::new());
        assert_eq!(Lock::merged(&base, &base, &one), (one.clone(), vec![]));
        other.register(3, "run".to_owned(), indexmap::IndexMap::new());
        assert_eq!(Lock::merged(&base, &one, &other), (one, vec!["registrations".to_owned()]));
    }
}
