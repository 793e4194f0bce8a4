//! The name that somebody most likely meant.

use std::fmt::Write as _;

use super::MOST_SHOWN;

/// `did you mean ...` for the nearest known name, else the list of known names, else nothing.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    nearest_of(wrong, &known)
}

/// Help for many wrong names among the same known ones.
///
/// A name is looked for only as often as problems of one kind are shown: a thousand wrong names among a thousand known
/// ones do not cost a million comparisons.
#[derive(Debug)]
pub struct Suggestions<'a> {
    known: Vec<&'a str>,
    left: usize,
}

impl<'a> Suggestions<'a> {
    /// Help among these names.
    pub fn new(known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { known: known.into_iter().collect(), left: MOST_SHOWN }
    }

    /// As [`nearest`]; nothing once enough names have been looked for.
    pub fn help(&mut self, wrong: &str) -> Option<String> {
        self.left = self.left.checked_sub(1)?;
        nearest_of(wrong, &self.known)
    }
}

fn nearest_of(wrong: &str, known: &[&str]) -> Option<String> {
    let length = wrong.chars().count();
    let near = length.max(3) / 3;
    let wrong = wrong.to_lowercase();
    // A name that is much longer or shorter is not near: its distance is at least the difference.
    let candidates = known.iter().filter(|name| name.chars().count().abs_diff(length) <= near);
    let distance = |name: &str| strsim::damerau_levenshtein(&wrong, &name.to_lowercase());
    let best = candidates.map(|name| (distance(name), *name)).min();
    match best {
        Some((distance, name)) if distance <= near => Some(format!("did you mean `{name}`?")),
        _ if known.is_empty() => None,
        _ => Some(list_of(known)),
    }
}

fn list_of(known: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut text = String::from("known names: ");
    for (index, name) in known.iter().take(SHOWN).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}`{name}`");
    }
    if known.len() > SHOWN {
        let _ = write!(text, " and {} more", known.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_offered_and_far_ones_listed() {
        assert_eq!(nearest("fodls", ["folds", "angle"]).as_deref(), Some("did you mean `folds`?"));
        assert_eq!(nearest("zzz", ["folds", "angle"]).as_deref(), Some("known names: `folds`, `angle`"));
        assert_eq!(nearest("FOLD", ["folds"]).as_deref(), Some("did you mean `folds`?"));
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn many_wrong_names_are_looked_for_as_often_as_they_are_shown() {
        for known in [1, 13, 8_000] {
            let names: Vec<String> = (0..known).map(|number| format!("name{number}")).collect();
            let mut suggestions = Suggestions::new(names.iter().map(String::as_str));
            let helps = (0..8_000).filter_map(|_| suggestions.help("nam0")).collect::<Vec<_>>();
            assert_eq!(helps.len(), MOST_SHOWN);
            assert!(helps.iter().all(|help| help == "did you mean `name0`?"));
        }
    }
}
