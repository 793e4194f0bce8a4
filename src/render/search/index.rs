//! The index of a language: words with the pages that they stand on, in chunks.
//!
//! A group is a stem with the forms that pages have of it. Groups are sorted by a key that begins as their forms do for [`SHARED`] letters, so
//! that whoever knows so much of a word knows which chunks can have it. Chunks are the leaves of a binary trie over the bits of keys: a
//! node of more than [`LARGEST`] bytes has a chunk for each half. So a border is where the alphabet says, and never where a word was: what
//! changes on a page changes the chunks of its words alone, but for the rare one that becomes too large, or small enough, by it.

use std::collections::BTreeMap;

use octavo_plugin::Digest;
use serde_json::{Value as Json, json};

use super::bits::Bits;
use super::entry::{Entry, Weight};
use super::words::{Stems, fold};

/// A chunk has so many bytes at most, without what only one group can take.
const LARGEST: usize = 8 << 10;
/// The forms of a group begin with the same letters, so many or as many as they have.
const SHARED: usize = 3;
/// Lengths of what a form shares with the one before it, as one letter.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A script that gives a value to whoever loads it.
pub(super) fn call(value: &Json) -> String {
    format!("octavoSearch({value});\n")
}

/// The scripts of an index by name: `index.js` says where chunks begin, the others are chunks. Pages are known by their places in the
/// list; `pages` is what they are called.
pub(super) fn files(entries: &[&Entry], pages: &str) -> Vec<(String, String)> {
    let groups = groups(entries);
    let number = u32::try_from(entries.len()).expect("fewer pages than fit on a disk");
    let written: Vec<Written> = groups.into_iter().map(|(key, group)| group.written(key, number)).collect();
    let mut chunks = Vec::new();
    split(&written, String::new(), &mut chunks);
    let mut listed = Vec::new();
    let mut files = Vec::new();
    for (start, groups) in chunks {
        let script = call(&json!(chunk(groups)));
        listed.push(json!([start, name(&start), short(script.as_bytes())]));
        files.push((format!("{}.js", name(&start)), script));
    }
    let index = json!({ "pages": number, "of": short(pages.as_bytes()), "chunks": listed });
    files.push(("index.js".to_owned(), call(&index)));
    files
}

/// What tells a file from the one that stood at its address before.
fn short(bytes: &[u8]) -> String {
    Digest::of(bytes).hex()[..8].to_owned()
}

/// The name of the chunk that begins so.
fn name(start: &str) -> String {
    let letters: Vec<String> = start.chars().map(|c| format!("{:04x}", u32::from(c))).collect();
    format!("w{}", letters.concat())
}

/// Where a group stands: its key, and its stem.
type Key = (String, String);

/// The forms of a stem, and the pages that have one.
#[derive(Default)]
struct Group {
    forms: Vec<String>,
    pages: BTreeMap<u32, Weight>,
}

/// A group in a chunk.
struct Written {
    key: String,
    forms: Vec<String>,
    pages: String,
}

fn groups(entries: &[&Entry]) -> BTreeMap<Key, Group> {
    let mut places: Vec<(&str, &str, u32, Weight)> = Vec::new();
    for (page, entry) in (0..).zip(entries) {
        places.extend(entry.weighted().map(|(word, weight)| (word, entry.language.as_str(), page, weight)));
    }
    places.sort_unstable();
    let mut stems: BTreeMap<&str, Stems> = BTreeMap::new();
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    for same in places.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        let (word, language, ..) = same[0];
        let form = fold(word);
        if form.is_empty() {
            continue;
        }
        let stem = stems.entry(language).or_insert_with(|| Stems::of(language)).stem(word);
        let group = groups.entry((key(&form, &stem), stem)).or_default();
        if let Err(place) = group.forms.binary_search(&form) {
            group.forms.insert(place, form);
        }
        for (.., page, weight) in same {
            let known = group.pages.entry(*page).or_insert(*weight);
            *known = (*known).max(*weight);
        }
    }
    groups
}

/// The first letters of the form, and then those of the stem.
fn key(form: &str, stem: &str) -> String {
    form.chars().take(SHARED).chain(stem.chars().skip(SHARED)).collect()
}

impl Group {
    fn written(self, (key, _): Key, pages: u32) -> Written {
        let mut bits = Bits::default();
        let there: Vec<u32> = self.pages.keys().copied().collect();
        let heavy = |places: &[u32], weight: Weight| -> Vec<u32> {
            let chosen = (0..).zip(places).filter(|(_, page)| self.pages[page] >= weight);
            chosen.map(|(place, _)| place).collect()
        };
        let much = heavy(&there, Weight::Much);
        let pages_with_much: Vec<u32> = much.iter().map(|place| there[*place as usize]).collect();
        let title = heavy(&pages_with_much, Weight::Title);
        let [all, some, few] = [&there, &much, &title].map(|list| u32::try_from(list.len()).expect("pages"));
        bits.number(all);
        bits.list(&there, pages);
        bits.number(some + 1);
        bits.list(&much, all);
        if some > 0 {
            bits.number(few + 1);
            bits.list(&title, some);
        }
        Written { key, forms: self.forms, pages: bits.finish() }
    }
}

impl Written {
    /// Its bytes, whatever stands before it.
    fn size(&self) -> usize {
        self.pages.len() + self.forms.iter().map(|form| form.len() + 2).sum::<usize>()
    }
}

/// Puts groups whose keys have the same first bits into one chunk, or, if that would be too large, the halves into some each.
fn split<'a>(groups: &'a [Written], start: String, chunks: &mut Vec<(String, &'a [Written])>) {
    let border = || border(&groups.first()?.key, &groups.last()?.key);
    let border = if groups.iter().map(Written::size).sum::<usize>() > LARGEST { border() } else { None };
    let Some(border) = border else { return chunks.push((start, groups)) };
    let (before, after) = groups.split_at(groups.partition_point(|group| group.key < border));
    split(before, start, chunks);
    split(after, border, chunks);
}

/// Where the first bit turns in which two keys differ; `None` if they do not.
fn border(first: &str, last: &str) -> Option<String> {
    let mut shared = String::new();
    let mut first = first.chars();
    for c in last.chars() {
        let (one, other) = (first.next().map_or(0, u32::from), u32::from(c));
        if one != other {
            let bit = (one ^ other).ilog2();
            shared.push(char::from_u32(other >> bit << bit)?);
            return Some(shared);
        }
        shared.push(c);
    }
    None
}

/// The text of a chunk: each group its forms, each behind the number of letters that it shares, then the pages. The first form shares
/// letters with the first one of the group before, the others with the first one of their own.
fn chunk(groups: &[Written]) -> String {
    let mut text = String::new();
    let mut before = "";
    for group in groups {
        for (number, form) in group.forms.iter().enumerate() {
            let shared =
                before.chars().zip(form.chars()).take_while(|(one, other)| one == other).count().min(35);
            if number > 0 {
                text.push(',');
            }
            text.push(char::from(DIGITS[shared]));
            text.extend(form.chars().skip(shared));
            before = &group.forms[0];
        }
        text.push(':');
        text.push_str(&group.pages);
        text.push(';');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::bits::tests::Reader;
    use super::*;

    fn entry(language: &str, words: &str) -> Entry {
        Entry { language: language.to_owned(), words: words.to_owned() }
    }

    fn index(entries: &[Entry]) -> BTreeMap<String, String> {
        files(&entries.iter().collect::<Vec<_>>(), "").into_iter().collect()
    }

    /// The groups of a chunk: forms, and pages with weights.
    fn read(script: &str, pages: u32) -> Vec<(String, String)> {
        let text: String = serde_json::from_str(&script["octavoSearch(".len()..script.len() - 3]).unwrap();
        let mut before = String::new();
        let mut groups = Vec::new();
        for group in text.split_terminator(';') {
            let (forms, bits) = group.split_once(':').unwrap();
            let mut read = Vec::new();
            for form in forms.split(',') {
                let shared = form.chars().next().unwrap().to_digit(36).unwrap() as usize;
                let first = read.first().unwrap_or(&before);
                let whole: String = first.chars().take(shared).chain(form.chars().skip(1)).collect();
                read.push(whole);
            }
            before = read[0].clone();
            let mut bits = Reader::new(bits);
            let all = bits.number();
            let there = bits.list(all, pages);
            let some = bits.number() - 1;
            let much = bits.list(some, all);
            let few = if some > 0 { bits.number() - 1 } else { 0 };
            let title = bits.list(few, some);
            let weight = |place: usize| match much.iter().position(|one| *one == place as u32) {
                Some(place) if title.contains(&(place as u32)) => 3,
                Some(_) => 2,
                None => 1,
            };
            let shown = there.iter().enumerate().map(|(place, page)| format!("{page}*{}", weight(place)));
            groups.push((read.join(" "), shown.collect::<Vec<_>>().join(" ")));
        }
        groups
    }

    fn only_chunk(entries: &[Entry]) -> Vec<(String, String)> {
        read(&index(entries)["w.js"], entries.len() as u32)
    }

    #[test]
    fn forms_of_a_stem_share_their_pages() {
        let entries =
            [entry("fr", "1couche 3couches 1épsilon"), entry("fr", "2couche 1ε"), entry("fr", "3entropie")];
        let group = |forms: &str, pages: &str| (forms.to_owned(), pages.to_owned());
        let wanted =
            [group("couche couches", "0*3 1*2"), group("entropie", "2*3"), group("epsilon", "0*1 1*1")];
        assert_eq!(only_chunk(&entries), wanted);
    }

    #[test]
    fn forms_that_begin_otherwise_are_apart_and_languages_have_their_own_stems() {
        let entries = [entry("en", "1die 1dies 1dying"), entry("xx", "1nets"), entry("en", "1net 1nets")];
        let group = |forms: &str, pages: &str| (forms.to_owned(), pages.to_owned());
        let wanted =
            [group("die dies", "0*1"), group("dying", "0*1"), group("net nets", "2*1"), group("nets", "1*1")];
        assert_eq!(only_chunk(&entries), wanted);
        assert_eq!(only_chunk(&[entry("en", "")]), []);
        assert_eq!(index(&[])["index.js"], index(&[])["index.js"]);
    }

    #[test]
    fn borders_are_where_the_alphabet_says() {
        for (first, last, wanted) in [
            ("a", "z", Some("p")),
            ("entr", "enz", Some("enx")),
            ("a", "aa", Some("a@")),
            ("abc", "zz", Some("p")),
            ("1999", "été", Some("\u{80}")),
            ("a", "a", None),
            ("ж", "я", Some("\u{440}")),
        ] {
            assert_eq!(border(first, last).as_deref(), wanted, "{first} {last}");
        }
    }

    /// Many words, as they may stand on pages.
    fn many(pages: u32) -> Vec<Entry> {
        let word = |number: u32| {
            let mut letters = String::new();
            let mut rest = number.wrapping_mul(2_654_435_761) % 2_000_003;
            for _ in 0..6 {
                letters.push(char::from(b'a' + (rest % 20) as u8));
                rest /= 7;
            }
            letters
        };
        let page = |page: u32| {
            let mut words: Vec<String> =
                (0..200).map(|n| format!("1{}", word((n * n + page * 31) % 9000))).collect();
            words.sort_unstable_by(|a, b| a[1..].cmp(&b[1..]));
            words.dedup();
            entry("en", &words.join(" "))
        };
        (0..pages).map(page).collect()
    }

    #[test]
    fn another_word_changes_two_chunks_at_most_and_chunks_are_small() {
        let pages = many(300);
        let before = index(&pages);
        assert!(before.len() > 8, "{} files", before.len());
        assert!(before.values().all(|script| script.len() <= 16 << 10));
        for number in [0, 7, 299] {
            let mut pages = pages.clone();
            let words = &pages[number].words;
            let (first, rest) = words.split_once(' ').unwrap();
            pages[number].words = format!("{rest} 1{}x", &first[1..]);
            let after = index(&pages);
            let names = before.keys().chain(after.keys()).collect::<std::collections::BTreeSet<_>>();
            let changed = |name: &&&String| ***name != "index.js" && before.get(**name) != after.get(**name);
            let changed = names.iter().filter(changed).count();
            assert!((1..=2).contains(&changed), "{changed} chunks changed");
        }
    }

    #[test]
    fn every_word_is_in_the_chunk_that_its_first_letters_name() {
        let pages = many(100);
        let files = index(&pages);
        let index: Json = serde_json::from_str(&files["index.js"][13..files["index.js"].len() - 3]).unwrap();
        let chunks = index["chunks"].as_array().unwrap();
        let start = |chunk: usize| chunks.get(chunk).map(|one| one[0].as_str().unwrap());
        let mut seen = 0;
        for chunk in 0..chunks.len() {
            let script = &files[&format!("{}.js", chunks[chunk][1].as_str().unwrap())];
            for (forms, _) in read(script, 100) {
                for form in forms.split(' ') {
                    let first: String = form.chars().take(SHARED).collect();
                    assert!(start(chunk) <= Some(&format!("{first}\u{ffff}")), "{form}");
                    assert!(start(chunk + 1).is_none_or(|next| next > first.as_str()), "{form}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 1000, "{seen} forms");
    }
}
