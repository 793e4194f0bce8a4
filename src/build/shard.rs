//! Which part of a plan one of several processes computes.
//!
//! Every process divides for itself, and all must come to the same division, or a task falls between two of them. Durations that are remembered
//! are not the same in every process (each of them remembers more while others start), and neither is what is missing. So they decide nothing
//! here: a project is dealt out by its definitions alone, and only a file that all processes read ([`Listing`]) is packed by estimates, by those in
//! the file.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use octavo_plugin::Digest;
use serde::Deserialize;

use crate::plan::{Plan, levels, origins};

/// One of several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 0.
    index: usize,
    /// How many there are; at least 1.
    of: usize,
}

impl Shard {
    /// The one part that is all.
    pub const WHOLE: Self = Self { index: 0, of: 1 };
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.index + 1, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write it as `2/4`, the second of four, from `1/4` to `4/4`".to_owned();
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let (index, of): (usize, usize) =
            (index.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
        if index == 0 || index > of {
            return Err(wrong());
        }
        Ok(Self { index: index - 1, of })
    }
}

/// A task of a listing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Listed {
    /// What is known of it before anything runs.
    pub origin: Digest,
    /// How many seconds it will take, if anything is known of that.
    pub seconds: Option<f64>,
    /// What messages call it.
    pub task: String,
}

/// Tasks as `octavo tasks --format jsonl` wrote them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing(pub Vec<Listed>);

impl FromStr for Listing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = |(number, line): (usize, &str)| {
            let listed: Result<Listed, _> = serde_json::from_str(line);
            listed.map_err(|error| format!("line {} is no task: {error}", number + 1))
        };
        lines.map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl Listing {
    /// The origins of a part: each time the longest task that is left goes to the part that has least to do.
    pub fn part(&self, shard: Shard) -> BTreeSet<Digest> {
        let known: Vec<f64> = self.0.iter().filter_map(|one| one.seconds).collect();
        // Of what nothing is known, one is as long as another.
        let usual = crate::statistics::median(&known).unwrap_or(1.0);
        let mut tasks: BTreeMap<Digest, f64> = BTreeMap::new();
        for one in &self.0 {
            tasks.insert(one.origin, one.seconds.unwrap_or(usual));
        }
        let mut tasks: Vec<(Digest, f64)> = tasks.into_iter().collect();
        // The sort is stable: equal ones stay in the order of their origins.
        tasks.sort_by(|one, other| other.1.total_cmp(&one.1));
        let mut loads: BTreeSet<(u64, usize)> = (0..shard.of).map(|part| (0, part)).collect();
        let mut own = BTreeSet::new();
        for (origin, seconds) in tasks {
            let Some((load, part)) = loads.pop_first() else { break };
            if part == shard.index {
                own.insert(origin);
            }
            // A task that takes no time still is one more to do.
            loads.insert((load + microseconds(seconds) + 1, part));
        }
        own
    }
}

/// In whole numbers sums do not depend on their order, and loads can be sorted.
fn microseconds(seconds: f64) -> u64 {
    std::time::Duration::try_from_secs_f64(seconds.clamp(0.0, 1e9))
        .map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX >> 32))
}

/// The origins of a part of a whole plan, by its definitions alone. Tasks of a level and an experiment are dealt out in turn, there and back, so that
/// every part has about as many of each experiment, and of a sweep from cheap to dear none has all that is dear.
pub fn dealt(plan: &Plan, shard: Shard) -> BTreeSet<Digest> {
    let (origins, levels) = (origins(plan), levels(plan));
    let mut order: Vec<usize> = (0..plan.tasks.len()).collect();
    order.sort_by_key(|task| levels[*task]);
    let mut seen = BTreeSet::new();
    order.retain(|task| seen.insert(origins[*task]));
    let is_own = |place: usize| {
        let (turn, seat) = (place / shard.of, place % shard.of);
        shard.index == if turn.is_multiple_of(2) { seat } else { shard.of - 1 - seat }
    };
    order.iter().enumerate().filter(|(place, _)| is_own(*place)).map(|(_, task)| origins[*task]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    fn shards(of: usize) -> impl Iterator<Item = Shard> {
        (0..of).map(move |index| Shard { index, of })
    }

    #[test]
    fn a_shard_is_written_as_a_fraction() {
        assert_eq!("2/4".parse(), Ok(Shard { index: 1, of: 4 }));
        assert_eq!("1/1".parse(), Ok(Shard::WHOLE));
        for bad in ["", "2", "0/4", "5/4", "a/4", "1/0", "-1/2", "1/2/3"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_task_of_a_plan_is_dealt_to_one_part_and_parts_have_as_many_of_each_experiment() {
        let takes = "[params]\nsource = { from = \"a\", artifact = \"numbers\", where = { a = 1 } }\n[sweep]\nb = [1, 2, 3]\n";
        let sweep = "[sweep]\na = [1, 2, 3, 4, 5, 6, 7, 8]\n";
        let (plan, problems) = plan(&[("a", sweep), ("same", sweep), ("b", takes)]);
        assert_eq!(problems, []);
        let all: BTreeSet<Digest> = origins(&plan).into_iter().collect();
        assert_eq!((plan.tasks.len(), all.len()), (19, 11));
        for of in [1, 2, 3, 4, 7, 30] {
            let parts: Vec<BTreeSet<Digest>> = shards(of).map(|shard| dealt(&plan, shard)).collect();
            assert_eq!(parts.iter().map(BTreeSet::len).sum::<usize>(), 11, "no task is in two parts");
            assert_eq!(parts.iter().flatten().copied().collect::<BTreeSet<_>>(), all);
            let (least, most) =
                (parts.iter().map(BTreeSet::len).min(), parts.iter().map(BTreeSet::len).max());
            assert!(most <= least.map(|least| least + 1), "{of}");
        }
    }

    #[test]
    fn a_listing_is_packed_with_the_longest_first_whatever_the_order_of_its_lines() {
        let line = |name: &str, seconds: &str| {
            let origin = Digest::of(name.as_bytes()).hex();
            format!("{{\"origin\":\"{origin}\",\"seconds\":{seconds},\"task\":\"{name}\",\"more\":1}}\n")
        };
        let lines = [("a", "9"), ("b", "5.0"), ("c", "4"), ("d", "1"), ("e", "null"), ("f", "0")]
            .map(|(name, seconds)| line(name, seconds));
        let packed = |text: String| {
            let listing: Listing = text.parse().unwrap();
            shards(2).map(|shard| listing.part(shard)).collect::<Vec<_>>()
        };
        let parts = packed(lines.concat());
        let named =
            |names: &str| -> BTreeSet<Digest> { names.bytes().map(|name| Digest::of(&[name])).collect() };
        // Nothing is known of `e`: it counts as the median of the others, 4. So it stands with `b`, and `c` with `a`, or the other way round.
        let [with_a, with_b] = &parts[..] else { panic!("two parts") };
        assert!(with_a.contains(&Digest::of(b"a")) && with_a.len() == 2, "{parts:?}");
        assert!(with_b.is_superset(&named("bdf")) && with_b.len() == 4, "{parts:?}");
        assert!(with_a.is_subset(&named("ace")), "{parts:?}");
        let turned: Vec<String> = lines.iter().rev().cloned().collect();
        assert_eq!(packed(turned.concat()), parts);
        assert_eq!(packed(format!("{}\n{}", lines.concat(), lines[0])), parts, "twice is once");
        assert!("{\"task\": 1}".parse::<Listing>().unwrap_err().starts_with("line 1 is no task"));
        assert_eq!("".parse(), Ok(Listing::default()));
    }
}
