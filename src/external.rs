//! Do links to other hosts lead somewhere? Asked by `octavo check` alone, in a program that is built with the feature `external-links`:
//! nothing else of Octavo asks a network.

#[cfg(feature = "external-links")]
mod client;
#[cfg(not(feature = "external-links"))]
#[path = "external/absent.rs"]
mod client;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use octavo_plugin::Digest;

use crate::diagnostic::Diagnostic;
use crate::lines::{self, Lines};
use crate::project::Project;
use crate::site::Site;
use crate::source::Location;
use crate::toml_tree;

/// How many hosts are waited for at once: enough to hide most waiting, and no burden for anybody.
const AT_ONCE: usize = 4;

/// For how long an answer is good, in seconds.
const GOOD_FOR: u64 = 24 * 60 * 60;

/// The file in the store that has answers.
const FILE: &str = "external-links";

/// The addresses of other hosts that a project links to, without their `#place`, each with the places where it stands.
pub type Addresses = BTreeMap<String, Vec<Location>>;

/// What became of asking for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// A host answered with this status.
    Status(u16),
    /// No host answered, and why.
    None(String),
}

impl Answer {
    fn is_good(&self) -> bool {
        matches!(self, Self::Status(200..400))
    }

    fn to_text(&self) -> String {
        match self {
            Self::Status(status) => match client::reason(*status) {
                Some(reason) => format!("answers {status} {reason}"),
                None => format!("answers {status}"),
            },
            Self::None(why) => format!("does not answer: {why}"),
        }
    }
}

/// What pages and the menu of a project link to on other hosts.
pub fn addresses(project: &Project, site: &Site) -> Addresses {
    let mut found = Addresses::new();
    let mut add = |address: &str, place: &Location| {
        let host = ["https://", "http://"].iter().any(|scheme| {
            address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if host {
            let whole = address.split('#').next().unwrap_or(address).to_owned();
            found.entry(whole).or_default().push(place.clone());
        }
    };
    for text in site.pages.iter().flat_map(|page| page.texts.values()) {
        text.prose.addresses().iter().for_each(|(address, place)| add(address, place));
    }
    let (node, _) = toml_tree::parse(&project.config_source);
    for (index, entry) in project.config.menu.iter().enumerate() {
        add(&entry.to, &node.place_of(&["menu", &index.to_string(), "to"]));
    }
    found
}

/// Asks for each address that was not asked for within a day, and writes the answers into this folder of the store. `now` is in seconds
/// since 1970. A warning for each place of an address that leads nowhere.
pub fn check(addresses: &Addresses, folder: &Path, now: u64) -> Vec<Diagnostic> {
    let known = remembered(&lines::read(folder, FILE, format()), now);
    let new: Vec<&String> = addresses.keys().filter(|address| !known.contains_key(&key(address))).collect();
    let asked = ask_all(&new);
    let mut lines: Lines =
        known.iter().map(|(key, (then, status))| (*key, format!("{then} {status}"))).collect();
    // Who does not answer may be away for a minute, and is asked again.
    lines.extend(asked.iter().filter_map(|(address, answer)| match answer {
        Answer::Status(status) => Some((key(address), format!("{now} {status}"))),
        Answer::None(_) => None,
    }));
    lines::write(folder, FILE, format(), &lines);
    let answer = |address: &String| {
        let before = known.get(&key(address)).map(|(_, status)| Answer::Status(*status));
        before.or_else(|| asked.get(address).cloned()).filter(|answer| !answer.is_good())
    };
    let wrong = addresses.iter().filter_map(|(address, places)| Some((address, places, answer(address)?)));
    wrong
        .flat_map(|(address, places, answer)| {
            places.iter().map(move |place| problem(address, place, &answer))
        })
        .collect()
}

fn problem(address: &str, place: &Location, answer: &Answer) -> Diagnostic {
    let problem = Diagnostic::warning("external-link", format!("`{address}` {}", answer.to_text()));
    problem.at(place.clone()).help(match answer {
        Answer::Status(_) => {
            "look at it in a browser, and mend or remove the link; the answer is remembered for a day"
        }
        Answer::None(_) => "look at it in a browser, and mend or remove the link; the next check asks again",
    })
}

fn key(address: &str) -> Digest {
    Digest::of(address.as_bytes())
}

/// What stands for the program that wrote the file: all that read it understand it.
fn format() -> Digest {
    Digest::of(b"octavo external links 1")
}

/// Answers that are still good: when they were given, and which.
fn remembered(lines: &Lines, now: u64) -> BTreeMap<Digest, (u64, u16)> {
    let read = |line: &str| {
        let (then, status) = line.split_once(' ')?;
        Some((then.parse::<u64>().ok()?, status.parse::<u16>().ok()?))
    };
    // A time that is still to come is of a clock that was wrong.
    let fresh = |(then, _): &(u64, u16)| *then <= now && now - *then < GOOD_FOR;
    lines.iter().filter_map(|(key, line)| Some((*key, read(line).filter(fresh)?))).collect()
}

/// Asks for each address once, a few at a time.
fn ask_all(addresses: &[&String]) -> BTreeMap<String, Answer> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let client = client::Client::new();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(addresses.len()) {
            scope.spawn(|| {
                while let Some(address) = addresses.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = client.ask(address);
                    let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    found.insert((*address).clone(), answer);
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_good_for_a_day() {
        let line = |text: &str| remembered(&Lines::from([(key("a"), text.to_owned())]), 1_000_000);
        assert_eq!(line("1000000 200")[&key("a")], (1_000_000, 200));
        assert_eq!(line("913601 404").len(), 1);
        for old in ["913600 404", "1000001 200", "", "x 200", "1000000 x", "1000000"] {
            assert_eq!(line(old).len(), 0, "{old}");
        }
    }

    #[test]
    fn what_leads_somewhere_is_good() {
        for (status, good) in
            [(200, true), (204, true), (304, true), (404, false), (500, false), (199, false)]
        {
            assert_eq!(Answer::Status(status).is_good(), good, "{status}");
        }
        assert!(!Answer::None("x".to_owned()).is_good());
    }
}
