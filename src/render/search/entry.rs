//! What search knows of a page: its words with their weights.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::index;
use super::text::{self, Section};
use super::words;

/// So often a word stands on a page that is about it.
const OFTEN: usize = 4;

/// How much a page is about a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It stands there.
    There = 1,
    /// It stands in a heading, or often.
    Much = 2,
    /// It stands in the title.
    Title = 3,
}

/// The words of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The language of its text.
    pub language: String,
    /// Each word in small letters behind the digit of its [`Weight`], sorted, with spaces between them.
    pub words: String,
}

impl Entry {
    /// What is known of a whole page, as HTML: its words, and the script with the text that results show.
    pub fn of(html: &str, title: &str, address: &str, language: &str) -> (Self, String) {
        let sections = text::sections(html);
        let words = weighted(title, &sections);
        let mut all = String::new();
        for (word, weight) in words {
            let space = if all.is_empty() { "" } else { " " };
            all.push_str(&format!("{space}{}{word}", weight as u8));
        }
        let texts: Vec<_> = sections.iter().map(|one| json!([one.id, one.heading, one.text])).collect();
        let script = index::call(&json!([title, address, texts]));
        (Self { language: language.to_owned(), words: all }, script)
    }

    /// The words with their weights.
    pub(super) fn weighted(&self) -> impl Iterator<Item = (&str, Weight)> {
        let one = |word: &str| match word.as_bytes().first()? {
            b'1' => Some(Weight::There),
            b'2' => Some(Weight::Much),
            _ => Some(Weight::Title),
        };
        self.words.split(' ').filter_map(move |word| Some((word.get(1..)?, one(word)?)))
    }
}

/// The words of a page in their order, with their weights.
fn weighted(title: &str, sections: &[Section]) -> impl Iterator<Item = (String, Weight)> {
    let mut found: IndexMap<String, (usize, Weight)> = IndexMap::new();
    let mut add = |text: &str, weight: Weight| {
        for word in words::words(text) {
            let known = found.entry(word).or_insert((0, weight));
            known.0 += 1;
            known.1 = known.1.max(weight);
        }
    };
    add(title, Weight::Title);
    for section in sections {
        add(&section.heading, Weight::Much);
        add(&section.text, Weight::There);
    }
    let weigh = |(word, (count, weight)): (String, (usize, Weight))| {
        (word, if count < OFTEN { weight } else { weight.max(Weight::Much) })
    };
    found.sort_unstable_keys();
    found.into_iter().map(weigh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_words_and_what_they_weigh() {
        let html = "<nav>menu</nav><main><h1>Deep nets</h1><p>The nets, nets and nets of L'Étoile.</p>\
                    <h2 id=\"why-so\">Why &lt;so&gt;</h2><p>Because.</p></main><p>foot</p>";
        let (entry, script) = Entry::of(html, "Deep nets", "a/b.html", "en");
        assert_eq!(entry.words, "1and 1because 3deep 3nets 1of 2so 1the 2why 1étoile");
        assert_eq!(entry.weighted().nth(2), Some(("deep", Weight::Title)));
        let text = "[\"Deep nets\",\"a/b.html\",[[\"\",\"\",\"The nets, nets and nets of L'Étoile.\"],\
                    [\"why-so\",\"Why <so>\",\"Because.\"]]]";
        assert_eq!(script, format!("octavoSearch({text});\n"));
    }

    #[test]
    fn four_times_is_often_and_a_page_without_a_text_has_its_title() {
        let words = |html: &str| Entry::of(html, "T1", "", "en").0.words;
        assert_eq!(words("<main><p>ab ab ab cd cd cd cd</p></main>"), "1ab 2cd 3t1");
        assert_eq!(words("<main></main>"), "3t1");
        assert_eq!(words(""), "3t1");
        assert_eq!(Entry::default().weighted().count(), 0);
    }
}
