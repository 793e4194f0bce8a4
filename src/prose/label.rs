//! Names of places on a page. Permalinks come from names, never from numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::document::LabelKind;
use crate::diagnostic::nearest;

/// ASCII words of a text, joined by hyphens; `section` if there are none.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        let plain = fold(c);
        if plain.is_empty() {
            if !slug.is_empty() && !slug.ends_with('-') && !matches!(c, '\'' | '’') {
                slug.push('-');
            }
        } else {
            slug.push_str(plain.as_str());
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "section".to_owned() } else { slug.to_owned() }
}

/// A letter without its accent, in lower case; empty for everything that is no letter or digit of the Latin alphabet.
fn fold(c: char) -> String {
    let lower = c.to_lowercase().next().unwrap_or(c);
    let plain = match lower {
        'a'..='z' | '0'..='9' | '_' => return lower.to_string(),
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        _ => "",
    };
    plain.to_owned()
}

/// The part of a target that names something in its experiment: `growth` of `curvature/depth#growth`.
pub fn local_name(target: &str) -> &str {
    target.rsplit_once('#').map_or(target, |(_, name)| name)
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

/// All places of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    named: BTreeMap<(LabelKind, String), Vec<Label>>,
    ids: BTreeSet<String>,
}

impl Labels {
    /// Takes an id: the wish, or with a number behind it if it is taken.
    pub(super) fn take(&mut self, wish: &str) -> String {
        let mut id = wish.to_owned();
        let mut count = 1;
        while !self.ids.insert(id.clone()) {
            count += 1;
            id = format!("{wish}-{count}");
        }
        id
    }

    /// Takes exactly this id. Returns whether it was free.
    pub(super) fn claim(&mut self, id: &str) -> bool {
        self.ids.insert(id.to_owned())
    }

    /// Takes the id of a figure or table of results: from its name, or from its whole target if the name is taken.
    pub(super) fn take_placed(&mut self, prefix: &str, target: &str) -> String {
        let short = format!("{prefix}-{}", slug(local_name(target)));
        if self.ids.contains(&short) {
            self.take(&format!("{prefix}-{}", slug(target)))
        } else {
            self.take(&short)
        }
    }

    /// Makes something known under a name.
    pub(super) fn name(&mut self, kind: LabelKind, name: &str, label: Label) {
        self.named.entry((kind, name.to_owned())).or_default().push(label);
    }

    /// What a cross-reference points at.
    ///
    /// # Errors
    /// The help for an unknown or ambiguous name.
    pub(super) fn resolve(&self, kind: LabelKind, name: &str) -> Result<&Label, String> {
        let Some(labels) = self.named.get(&(kind, name.to_owned())) else {
            let known = self.named.keys().filter(|(known, _)| *known == kind).map(|(_, name)| name.as_str());
            return Err(
                nearest(name, known).unwrap_or_else(|| "there is none of this kind on this page".to_owned())
            );
        };
        match (labels.iter().find(|label| label.exact), labels.as_slice()) {
            (Some(label), _) | (None, [label]) => Ok(label),
            _ => Err("several of this name stand on this page; write the experiment's id before it, as in \
                      `folder/slug#name`"
                .to_owned()),
        }
    }

    /// All ids of the page.
    pub(super) fn ids(&self) -> &BTreeSet<String> {
        &self.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_ascii_words() {
        for (text, expected) in [
            ("Pourquoi la profondeur ?", "pourquoi-la-profondeur"),
            ("L’œuvre d'été", "loeuvre-dete"),
            ("2^n  -- folds!", "2-n-folds"),
            ("∑", "section"),
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
}
