//! When each key was last used: one file for each checkout that uses the store, written once at the end of a build.
//!
//! ```text
//! octavo uses 1
//! build 6 1764369000      the number of a build of this checkout, and when it ended, in seconds since 1970
//! 0123..                  the keys that were last used in that build
//! build 7 1764455400
//! ...
//! ```
//!
//! A build that used nothing but what the last one did is written down once an hour only, since waiting for the disk is most of what
//! it costs.
//!
//! A key stands below one build alone, so the file grows with the number of keys that are remembered and not with the number
//! of builds. What cannot be read in it is lost, which costs time only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use octavo_plugin::Digest;

use super::{Access, Store, StoreError, acquire};
use crate::disk::{self, DiskError};
use crate::environment;

const HEADER: &str = "octavo uses 1";

/// So many seconds may lie between a use and the time that is written down for it.
pub const USES_EVERY: u64 = 3600;

/// The keys that were last used in a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Build {
    /// When it ended, in seconds since 1970.
    pub(super) ended: u64,
    pub(super) keys: BTreeSet<Digest>,
}

/// What the builds of one checkout used, by the number of the build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses(BTreeMap<u64, Build>);

impl Uses {
    /// Reads a file; a missing one is an empty memory. Earlier versions wrote keys alone: the file's own time dates them.
    pub(super) fn read(path: &Path) -> Result<Self, DiskError> {
        text(path)?.map_or_else(|| Ok(Self::default()), |text| Self::dated(&text, path))
    }

    /// Reads the text of this file.
    fn dated(text: &str, path: &Path) -> Result<Self, DiskError> {
        let dated = disk::metadata(path)?.map_or(0, |metadata| u64::try_from(metadata.mtime()).unwrap_or(0));
        Ok(Self::parse(text, dated))
    }

    fn parse(text: &str, dated: u64) -> Self {
        let mut uses = Self::default();
        let mut current = (0, dated);
        // Sets of many thousand keys are built at once: a key at a time takes longer than to read it.
        let mut keys: Vec<Digest> = Vec::new();
        for line in text.lines() {
            let mut words = line.split(' ');
            let number = |word: Option<&str>| word.and_then(|word| word.parse().ok());
            if words.next() == Some("build")
                && let (Some(build), Some(ended)) = (number(words.next()), number(words.next()))
            {
                uses.add(current, std::mem::take(&mut keys));
                current = (build, ended);
                uses.build(current);
            } else if let Ok(key) = line.parse() {
                keys.push(key);
            }
        }
        uses.add(current, keys);
        uses
    }

    fn add(&mut self, build: (u64, u64), keys: Vec<Digest>) {
        if !keys.is_empty() {
            self.build(build).keys.append(&mut keys.into_iter().collect());
        }
    }

    fn build(&mut self, (number, ended): (u64, u64)) -> &mut Build {
        self.0.entry(number).or_insert_with(|| Build { ended, keys: BTreeSet::new() })
    }

    fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for (number, build) in &self.0 {
            let _ = writeln!(text, "build {number} {}", build.ended);
            for key in &build.keys {
                text.push_str(&key.hex());
                text.push('\n');
            }
        }
        text
    }

    /// Whether the last build used all of this, not long ago.
    fn has(&self, used: &BTreeSet<Digest>, now: u64) -> bool {
        let last = self.0.last_key_value().map(|(_, build)| build);
        last.is_some_and(|last| now < last.ended.saturating_add(USES_EVERY) && used.is_subset(&last.keys))
    }

    /// Notes what a build used.
    fn note(&mut self, used: BTreeSet<Digest>, ended: u64) {
        for build in self.0.values_mut() {
            build.keys.retain(|key| !used.contains(key));
        }
        self.0.retain(|_, build| !build.keys.is_empty());
        let number = self.0.last_key_value().map_or(1, |(number, _)| number + 1);
        self.0.insert(number, Build { ended, keys: used });
    }

    /// Adds when each key was last used, in seconds since 1970, where that is later than what is known.
    pub(super) fn add_times(&self, times: &mut BTreeMap<Digest, u64>) {
        for Build { ended, keys } in self.0.values() {
            for key in keys {
                let time = times.entry(*key).or_default();
                *time = (*time).max(*ended);
            }
        }
    }

    /// What the last so many builds used.
    pub(super) fn last(&self, builds: usize) -> impl Iterator<Item = Digest> {
        self.0.values().rev().take(builds).flat_map(|build| build.keys.iter().copied())
    }

    /// Forgets all other keys; says whether any was forgotten.
    pub(super) fn retain(&mut self, kept: &BTreeSet<Digest>) -> bool {
        let count = |uses: &Self| uses.0.values().map(|build| build.keys.len()).sum::<usize>();
        let before = count(self);
        for build in self.0.values_mut() {
            build.keys.retain(|key| kept.contains(key));
        }
        count(self) < before
    }
}

/// The text of a file; `None` if there is none.
fn text(path: &Path) -> Result<Option<String>, DiskError> {
    let Some(file) = disk::open_plain(path)? else { return Ok(None) };
    let bytes = disk::read_open(&file, path)?;
    Ok(Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    ))
}

/// Whether the text of a file ends with a build that used just these keys, not long ago. Many thousand keys are compared faster than they
/// are read, and mostly nothing else is asked of them.
fn ends_with(text: &str, used: &BTreeSet<Digest>, now: u64) -> bool {
    let Some((_, last)) = text.rsplit_once("\nbuild ") else { return false };
    let mut lines = last.split('\n');
    let numbers = lines.next().and_then(|line| line.split_once(' '));
    let Some((Ok(_), Ok(ended))) = numbers.map(|(build, ended)| (build.parse::<u64>(), ended.parse::<u64>()))
    else {
        return false;
    };
    now < ended.saturating_add(USES_EVERY)
        && used.iter().all(|key| lines.next() == Some(&key.hex()))
        && lines.eq([""])
}

impl Store {
    /// Writes down which keys were used since the store was opened. To be called when a build ends, however it ends.
    pub fn finish(&self) -> Result<(), StoreError> {
        self.finish_pushing();
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = acquire(&self.folder.join("uses.lock"), Access::Alone, &mut |_| {})?;
        let path = self.own_uses()?;
        let (text, now) = (text(&path)?.unwrap_or_default(), environment::seconds_since_1970());
        if ends_with(&text, &used, now) {
            return Ok(());
        }
        let mut uses = Uses::dated(&text, &path)?;
        if !uses.has(&used, now) {
            uses.note(used.clone(), now);
            self.write_uses(&path, &uses)?;
        }
        Ok(())
    }

    /// Notes that a build would have used what the last one did. To be called instead of [`Store::finish`] by one that looks nothing up.
    pub fn renew(&self) -> Result<(), StoreError> {
        let _lock = acquire(&self.folder.join("uses.lock"), Access::Alone, &mut |_| {})?;
        let path = self.own_uses()?;
        let (mut uses, now) = (Uses::read(&path)?, environment::seconds_since_1970());
        let Some((_, last)) = uses.0.last_key_value() else { return Ok(()) };
        let used = last.keys.clone();
        if !uses.has(&used, now) {
            uses.note(used, now);
            self.write_uses(&path, &uses)?;
        }
        Ok(())
    }

    /// The file of this checkout. Two that share a store are two folders.
    pub(super) fn own_uses(&self) -> Result<PathBuf, DiskError> {
        let folder = disk::real_path(&self.project)?;
        let name = Digest::of(folder.as_os_str().as_encoded_bytes()).hex();
        Ok(self.folder.join("uses").join(&name[..16]))
    }

    pub(super) fn write_uses(&self, path: &Path, uses: &Uses) -> Result<(), DiskError> {
        disk::write_durably_from(&self.temporary_folder(), path, uses.to_text().as_bytes())
    }

    /// The files of all checkouts.
    pub(super) fn all_uses(&self) -> Result<Vec<(PathBuf, Uses)>, DiskError> {
        let folder = self.folder.join("uses");
        let names = disk::list(&folder)?;
        names
            .into_iter()
            .map(|(name, _)| {
                let path = folder.join(name);
                Uses::read(&path).map(|uses| (path, uses))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &str) -> BTreeSet<Digest> {
        names.bytes().map(|name| Digest::of(&[name])).collect()
    }

    /// What was last used at this time or later.
    fn since(uses: &Uses, time: u64) -> BTreeSet<Digest> {
        let mut times = BTreeMap::new();
        uses.add_times(&mut times);
        times.into_iter().filter(|(_, used)| *used >= time).map(|(key, _)| key).collect()
    }

    #[test]
    fn a_key_stands_below_the_last_build_that_used_it() {
        let mut uses = Uses::default();
        uses.note(keys("abc"), 100);
        uses.note(keys("cd"), 200);
        uses.note(keys(""), 300);
        uses.note(keys("de"), 400);
        assert_eq!(uses, Uses::parse(&uses.to_text(), 7));
        assert_eq!(since(&uses, 200), keys("cde"));
        assert_eq!(since(&uses, 401), keys(""));
        assert_eq!(uses.last(1).collect::<BTreeSet<_>>(), keys("de"));
        assert_eq!(uses.last(2).collect::<BTreeSet<_>>(), keys("cde"));
        assert_eq!(uses.last(9).count(), 5);
        assert!(uses.has(&keys("d"), 401) && uses.has(&keys("de"), 399 + USES_EVERY));
        assert!(!uses.has(&keys("de"), 400 + USES_EVERY) && !uses.has(&keys("cd"), 401));
        let text = uses.to_text();
        assert!(ends_with(&text, &keys("de"), 401) && !ends_with(&text, &keys("de"), 400 + USES_EVERY));
        assert!(["", "d", "e", "def", "cde"].iter().all(|other| !ends_with(&text, &keys(other), 401)));
        assert!(!ends_with(&text[..text.len() - 1], &keys("de"), 401) && !ends_with(HEADER, &keys(""), 401));
        assert!(uses.retain(&keys("ad")) && !uses.retain(&keys("ad")));
        assert_eq!(uses.last(9).collect::<BTreeSet<_>>(), keys("ad"));
    }

    #[test]
    fn what_earlier_versions_or_failing_disks_left_is_read_as_far_as_it_goes() {
        let [a, b] = ["a", "b"].map(|name| Digest::of(name.as_bytes()).hex());
        let old = Uses::parse(&format!("{a}\n{b}\n"), 50);
        assert_eq!((since(&old, 50).len(), since(&old, 51).len()), (2, 0));
        let damaged =
            Uses::parse(&format!("{HEADER}\nbuild x y\n{a}\nbuild 3 60\nrubbish\n{b}\n{}", &a[..9]), 50);
        assert_eq!((since(&damaged, 50).len(), since(&damaged, 51).len()), (2, 1));
        assert_eq!(Uses::parse("", 50), Uses::default());
    }
}
