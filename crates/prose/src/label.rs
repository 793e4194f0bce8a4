//! Names of places on a page. Permalinks come from names, never from numbers.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use octavo_definition::ids::ItemRef;

/// Words of a text in lower case, joined by hyphens. Letters of the Latin alphabet lose their accents, letters of other
/// scripts stay. A text without letters and digits is named by its signs, `u2211` of `∑`; an empty one is `section`.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.nfc().flat_map(char::to_lowercase).nfc() {
        let letter = folded(c);
        let mark = is_combining_mark(c) && !slug.is_empty() && !slug.ends_with('-');
        if !letter.is_empty() {
            slug.push_str(&letter);
        } else if mark {
            // What is left of the accents of Latin letters is dropped; in other scripts marks are vowels.
            if slug.chars().last().is_some_and(|last| last > '\u{24f}') {
                slug.push(c);
            }
        } else if !slug.is_empty()
            && !slug.ends_with('-')
            && !matches!(c, '\'' | '’' | '\u{200b}'..='\u{200d}')
        {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-');
    if !slug.is_empty() {
        return slug.to_owned();
    }
    const SIGNS: usize = 8;
    let signs = text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !c.is_ascii()).take(SIGNS);
    let signs: Vec<String> = signs.map(|c| format!("u{:x}", u32::from(c))).collect();
    if signs.is_empty() { "section".to_owned() } else { signs.join("-") }
}

/// A letter or digit of any script, without its accent if it is Latin; nothing for everything else.
fn folded(c: char) -> String {
    let plain = match c {
        'a'..='z' | '0'..='9' | '_' => return c.to_string(),
        'ø' => "o",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŋ' => "n",
        'ŧ' => "t",
        _ => "",
    };
    if !plain.is_empty() {
        return plain.to_owned();
    }
    if !c.is_alphanumeric() {
        return String::new();
    }
    let mut parts = std::iter::once(c).nfkd();
    match parts.next() {
        Some(base) if base.is_ascii_alphanumeric() => {
            let rest: String = parts.filter(char::is_ascii_alphanumeric).collect();
            format!("{base}{rest}").to_ascii_lowercase()
        }
        _ => c.to_string(),
    }
}

/// What a cross-reference may point at on its own page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LabelKind {
    Figure,
    Table,
    Equation,
    Section,
    Exercise,
}

/// Something that a cross-reference can point at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) id: String,
    /// What is printed: a number, or the text of a heading.
    pub(super) text: String,
    /// Whether it was placed under exactly the name it is known by, not under a longer one.
    pub(super) exact: bool,
}

/// Ids that are taken, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ids {
    taken: BTreeSet<String>,
    /// The last number behind each wish that was taken: no number below it is free, so that none is tried again.
    last: BTreeMap<String, usize>,
    #[cfg(test)]
    tries: usize,
}

impl Ids {
    /// Takes an id: the wish, or with a number behind it if it is taken.
    pub(super) fn take(&mut self, wish: &str) -> String {
        if self.claim(wish) {
            return wish.to_owned();
        }
        let mut count = self.last.get(wish).copied().unwrap_or(1);
        let id = loop {
            count += 1;
            let id = format!("{wish}-{count}");
            if self.claim(&id) {
                break id;
            }
        };
        self.last.insert(wish.to_owned(), count);
        id
    }

    /// Takes exactly this id. Returns whether it was free.
    pub(super) fn claim(&mut self, id: &str) -> bool {
        #[cfg(test)]
        {
            self.tries += 1;
        }
        self.taken.insert(id.to_owned())
    }
}

/// What is known under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    /// The first that was placed under exactly this name, else the first.
    label: Label,
    /// Whether there are several, none of which has exactly this name.
    ambiguous: bool,
}

/// Why a cross-reference points at nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    Unknown,
    Ambiguous,
}

/// All places of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    named: BTreeMap<(LabelKind, String), Named>,
    ids: Ids,
}

impl Labels {
    /// Takes an id: the wish, or with a number behind it if it is taken.
    pub(super) fn take(&mut self, wish: &str) -> String {
        self.ids.take(wish)
    }

    /// Takes exactly this id. Returns whether it was free.
    pub(super) fn claim(&mut self, id: &str) -> bool {
        self.ids.claim(id)
    }

    /// Gives an id back that nothing bears.
    pub(super) fn release(&mut self, id: &str) {
        self.ids.taken.remove(id);
    }

    /// Takes the id of a figure or table of results: from its name, or from its whole target if the name is taken.
    pub(super) fn take_placed(&mut self, prefix: &str, target: &str) -> String {
        let short = format!("{prefix}-{}", slug(ItemRef::parse(target).name));
        if self.ids.taken.contains(&short) {
            self.take(&format!("{prefix}-{}", slug(target)))
        } else {
            self.take(&short)
        }
    }

    /// Makes something known under a name.
    pub(super) fn name(&mut self, kind: LabelKind, name: &str, label: Label) {
        match self.named.entry((kind, name.to_owned())) {
            Entry::Vacant(free) => drop(free.insert(Named { label, ambiguous: false })),
            Entry::Occupied(mut known) if !known.get().label.exact => {
                let ambiguous = !label.exact;
                let label = if label.exact { label } else { known.get().label.clone() };
                known.insert(Named { label, ambiguous });
            }
            Entry::Occupied(_) => {}
        }
    }

    /// What a cross-reference points at.
    ///
    /// # Errors
    /// Why it points at nothing.
    pub(super) fn resolve(&self, kind: LabelKind, name: &str) -> Result<&Label, Unresolved> {
        match self.named.get(&(kind, name.to_owned())) {
            None => Err(Unresolved::Unknown),
            Some(Named { ambiguous: true, .. }) => Err(Unresolved::Ambiguous),
            Some(Named { label, .. }) => Ok(label),
        }
    }

    /// All names of this kind.
    pub(super) fn names(&self, kind: LabelKind) -> impl Iterator<Item = &str> {
        let from = self.named.range((kind, String::new())..).map(|(key, _)| key);
        from.take_while(move |(known, _)| *known == kind).map(|(_, name)| name.as_str())
    }

    /// All ids of the page.
    pub(super) fn ids(&self) -> &BTreeSet<String> {
        &self.ids.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_words_in_any_script() {
        for (text, expected) in [
            ("Pourquoi la profondeur ?", "pourquoi-la-profondeur"),
            ("L’œuvre d'été", "loeuvre-dete"),
            ("2^n  -- folds!", "2-n-folds"),
            ("∑", "u2211"),
            ("🎉 → 🎉", "u1f389-u2192-u1f389"),
            ("", "section"),
            ("?!", "section"),
            ("Привет, Мир: й и Ё", "привет-мир-й-и-ё"),
            ("深層学習 とは？", "深層学習-とは"),
            ("Łódź, Dvořák, Nguyễn, ĳ", "lodz-dvorak-nguyen-ij"),
            ("e\u{301}te\u{301} İstanbul", "ete-istanbul"),
            ("हिन्दी में", "हिन्दी-में"),
            ("שלום עולם", "שלום-עולם"),
            ("Ελληνικά ΌΧΙ", "ελληνικά-όχι"),
            ("가나\u{1100}\u{1161}", "가나가"),
            ("<script>", "script"),
        ] {
            assert_eq!(slug(text), expected);
        }
    }

    #[test]
    fn taken_ids_get_a_number_and_figures_their_experiment() {
        let mut labels = Labels::default();
        assert_eq!([labels.take("a"), labels.take("a"), labels.take("a")], ["a", "a-2", "a-3"]);
        assert_eq!(labels.take_placed("fig", "growth"), "fig-growth");
        assert_eq!(labels.take_placed("fig", "curvature/depth#growth"), "fig-curvature-depth-growth");
    }
    #[test]
    fn an_id_that_is_wished_many_times_is_not_searched_for() {
        for (wishes, expected) in
            [(vec!["a"], "a-16000"), (vec!["a", "b"], "b-8000"), (vec!["a", "a-2", "a-2-2"], "a-5335")]
        {
            let mut ids = Ids::default();
            let taken: Vec<String> = (0..16_000).map(|n| ids.take(wishes[n % wishes.len()])).collect();
            assert!(taken.iter().any(|id| id == expected), "{expected}: {:?}", taken.last());
            assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 16_000);
            assert!(ids.tries <= 3 * 16_000, "{} tries", ids.tries);
        }
    }

    #[test]
    fn a_name_is_ambiguous_unless_one_bears_it_exactly() {
        let label = |id: &str, exact| Label { id: id.to_owned(), text: String::new(), exact };
        let resolved = |labels: &[(&str, bool)]| {
            let mut all = Labels::default();
            labels.iter().for_each(|(id, exact)| all.name(LabelKind::Figure, "a", label(id, *exact)));
            all.resolve(LabelKind::Figure, "a").map(|label| label.id.clone())
        };
        assert_eq!(resolved(&[]), Err(Unresolved::Unknown));
        assert_eq!(resolved(&[("x", false)]), Ok("x".to_owned()));
        assert_eq!(resolved(&[("x", false), ("y", false), ("z", false)]), Err(Unresolved::Ambiguous));
        assert_eq!(resolved(&[("x", false), ("y", false), ("z", true)]), Ok("z".to_owned()));
        assert_eq!(resolved(&[("x", true), ("y", false), ("z", true)]), Ok("x".to_owned()));
    }
}
