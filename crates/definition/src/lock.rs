//! What stands beside a definition in a file of its name that ends in `.lock`: what was registered before its data were seen, what
//! fresh replicates said, and which results were accepted, with their cause. The program writes it and authors commit it, so that every
//! clone knows the same.
//!
//! Registrations are only ever added. Each carries a digest of itself and of all before it, so that a change to an old one is found.
//! Keys of tasks, times and machines have no place in it.

mod accepted;
mod cause;
mod history;
mod merge;
mod root;
mod written;

use indexmap::IndexMap;
use octavo_plugin::ContentHasher;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::diagnostic::Diagnostic;
use crate::source::{Location, SourceFile};

pub use accepted::{Accepted, Interval, Quantity};
pub use cause::{Cause, CauseKind, Change, Fact};
pub use history::{Accepting, HISTORY, Item};
pub use root::{LOCK_FORMAT, ROOT_LOCK, RootLock};

/// What every lock begins with.
const START: &str = "# Written by `octavo";

/// The first line of a lock.
const HEAD: &str = "# Written by `octavo build`, `octavo lock`, `octavo claims register` and `octavo replicate`. Commit it; do not edit it.\n";

/// What to do with a lock that cannot be read.
const RESTORE: &str = "restore the file from version control; only the program writes it";

/// What a lock holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// In the order in which they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registered: Vec<Registration>,
    /// What fresh replicates said of the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication: Option<Replication>,
    /// The accepted results, if some were accepted.
    #[serde(default, skip_serializing)]
    pub results: Option<Accepted>,
    /// Why they were what they were.
    #[serde(default, skip_serializing)]
    pub cause: Cause,
}

/// What was said before the data under a seed were seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The seed of the experiment.
    pub seed: u64,
    /// Digest of what runs: parameters, sweep, replicates, profiles and seed.
    pub run: String,
    /// Digest of this registration and of all before it.
    #[serde(default)]
    pub chain: String,
    /// Digest of what each claim says, by its name: its comparison with the values behind it, the level, the expectation.
    pub claims: IndexMap<String, String>,
}

/// What fresh replicates said of a registration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replication {
    /// The chain of the registration whose claims these are.
    pub of: String,
    /// Name and revision of the analysis.
    pub analysis: String,
    /// The profile, if one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The seeds of the fresh sets.
    pub seeds: Vec<u64>,
    /// Fresh replicates in all sets together.
    pub replicates: usize,
    /// By claim.
    pub claims: IndexMap<String, Replicated>,
}

/// What fresh replicates said of a claim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replicated {
    /// The verdict of the published set.
    pub published: String,
    /// The verdict over all fresh replicates together.
    pub pooled: String,
    /// Whether an interval of some width decided, and not an exact comparison.
    pub by_interval: bool,
    /// Fresh runs that the claim needs and that have no result; with one, `pooled` is undecided.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed: usize,
    /// The verdict of each fresh set alone, as description.
    pub votes: Vec<String>,
    /// Fresh effect over published effect, of the comparison that decided, as description; absent where the effect is no number or 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    /// A text that is no lock, or an old registration that was changed.
    pub fn parse(source: &std::sync::Arc<SourceFile>) -> Result<Self, Diagnostic> {
        if let Some(problem) = conflict(source) {
            return Err(problem);
        }
        let lock: Self = toml::from_str(&source.text).map_err(|error| {
            let place = Location { source: source.clone(), span: error.span().unwrap_or(0..0) };
            Diagnostic::error("bad-lock", error.message().to_owned()).at(place).help(RESTORE)
        })?;
        let mut before = "";
        for (number, one) in (1_usize..).zip(&lock.registered) {
            if one.chain != one.linked(before) {
                let at = source.text.find(&one.chain).filter(|_| !one.chain.is_empty());
                let span = at.map_or(0..0, |at| at..at + one.chain.len());
                let message = format!("registration {number} was changed after it was made");
                let place = Location { source: source.clone(), span };
                return Err(Diagnostic::error("changed-lock", message).at(place).help(RESTORE));
            }
            before = &one.chain;
        }
        Ok(lock)
    }

    /// The text of a lock.
    ///
    /// # Panics
    /// Never: every part can be written.
    pub fn text(&self) -> String {
        let written = toml::to_string(self).expect("a lock is plain data");
        let gap = if written.is_empty() { "" } else { "\n" };
        let results = self.results.as_ref().map(Accepted::text).unwrap_or_default();
        format!("{HEAD}{gap}{written}{results}{}", self.cause.text())
    }

    /// Whether a file begins as a lock does.
    pub fn is_begun_by(bytes: &[u8]) -> bool {
        bytes.starts_with(START.as_bytes())
    }

    /// The registration that counts.
    pub fn last(&self) -> Option<&Registration> {
        self.registered.last()
    }

    /// Adds a registration.
    pub fn register(&mut self, seed: u64, run: String, claims: IndexMap<String, String>) {
        let mut one = Registration { seed, run, claims, chain: String::new() };
        one.chain = one.linked(self.last().map_or("", |last| &last.chain));
        self.registered.push(one);
    }
}

/// The marks that version control leaves where it could not merge.
fn conflict(source: &std::sync::Arc<SourceFile>) -> Option<Diagnostic> {
    let mut start = 0;
    let marked = source.text.split_inclusive('\n').find_map(|line| {
        let span = start..start + line.trim_end().len();
        start += line.len();
        ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)).then_some(span)
    })?;
    let place = Location { source: source.clone(), span: marked };
    let message = "version control could not merge the lock";
    let help =
        "keep one side, `git checkout --ours` or `--theirs` and the file, and see what `octavo lock` says";
    Some(Diagnostic::error("unmerged-lock", message).at(place).help(help))
}

impl Registration {
    fn linked(&self, before: &str) -> String {
        let mut hasher = ContentHasher::new("octavo registration");
        hasher.add(&json!([before, self.seed, self.run, self.claims]));
        hasher.finish().hex()[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> std::sync::Arc<SourceFile> {
        SourceFile::new("a/b.lock", text)
    }

    fn lock() -> Lock {
        let mut lock = Lock::default();
        for seed in [7, u64::from(u32::MAX) * 1000] {
            let claims =
                IndexMap::from([("grows".to_owned(), "ab".to_owned()), ("b-c".to_owned(), "cd".to_owned())]);
            lock.register(seed, format!("run {seed}"), claims);
        }
        lock
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut lock = lock();
        assert_eq!(Lock::parse(&source(&lock.text())), Ok(lock.clone()));
        let verdict = Replicated {
            published: "holds".into(),
            pooled: "holds".into(),
            votes: vec!["undecided".into()],
            ..Replicated::default()
        };
        lock.replication = Some(Replication {
            seeds: vec![1, 2],
            claims: IndexMap::from([
                ("grows".to_owned(), Replicated { ratio: Some(0.5), ..verdict.clone() }),
                ("b".to_owned(), verdict),
            ]),
            ..Replication::default()
        });
        let facts = [("seed", Fact::Integer(7)), ("analysis", Fact::Text("dragon".to_owned()))];
        lock.cause.facts = facts.map(|(name, fact)| (name.to_owned(), fact)).into();
        let values = [("rate".to_owned(), Quantity::from(octavo_plugin::Value::Float(0.1)))].into();
        lock.results = Some(Accepted { values, ..Accepted::default() });
        let text = lock.text();
        assert_eq!(Lock::parse(&source(&text)), Ok(lock));
        assert!(Lock::is_begun_by(text.as_bytes()) && !Lock::is_begun_by(b"version = 4\n"));
        assert_eq!(Lock::parse(&source("# nothing yet\n")), Ok(Lock::default()));
        assert_eq!(Lock::default().text(), HEAD);
    }

    #[test]
    fn marks_of_a_conflict_are_told_with_their_line() {
        let problem = Lock::parse(&source("# x\n[results.values]\n<<<<<<< ours\na = 1\n")).unwrap_err();
        let place = problem.location.unwrap();
        assert_eq!((problem.code, place.source.line_column(place.span.start)), ("unmerged-lock", (3, 1)));
    }

    #[test]
    fn what_was_changed_is_found() {
        let text = lock().text();
        for (from, to) in
            [("seed = 7", "seed = 8"), ("\"run 7\"", "\"run 9\""), ("\"cd\"", "\"ce\""), ("b-c", "b-d")]
        {
            let problem = Lock::parse(&source(&text.replacen(from, to, 1))).unwrap_err();
            assert_eq!(problem.message, "registration 1 was changed after it was made", "{from}");
        }
        // The first one left out: the second does not follow on nothing.
        let mut short = lock();
        short.registered.remove(0);
        assert_eq!(Lock::parse(&source(&short.text())).unwrap_err().code, "changed-lock");
        let unknown = Lock::parse(&source("seeds = 3\n")).unwrap_err();
        assert_eq!((unknown.code, unknown.location.map(|place| place.span)), ("bad-lock", Some(0..5)));
    }
}
