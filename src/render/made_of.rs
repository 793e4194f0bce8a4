//! What a page is made of, by name: its key is a digest of this, and why it was written anew is the difference of two.

use std::collections::BTreeMap;
use std::fmt;

use octavo_plugin::{ContentHasher, Digest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::experiment::Experiment;
use crate::ids::ItemRef;
use crate::locale::Locale;
use crate::prose::{Reference, ReferenceKind};
use crate::site::Text;
use crate::theme::Theme;

/// A kind of thing that pages are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// The running program; its name is empty, as where nothing else is said.
    Program,
    /// A template, by its name.
    Template,
    /// The words and rules of a language, by its tag.
    Language,
    /// A file that all pages show something of, by its path.
    File,
    /// Something that the site has or not, and that all pages lead to or show.
    Site,
    /// Which lists and feeds of Octavo's own the site has.
    Lists,
    /// The Markdown of the page, by its path.
    Text,
    /// Where the page stands.
    Place,
    /// What it shows of other pages: the navigation, cards, neighbours.
    Neighbours,
    /// The definition of an experiment, or of one of its values or tables.
    Definition,
    /// The results of an experiment that its values and tables come from.
    Results,
    /// The drawing of a figure.
    Drawing,
    /// A claim with its verdict.
    Claim,
    /// Where a link leads.
    Link,
    /// A file that all pages load, by its route.
    Loaded,
}

impl PartKind {
    /// Whether such parts are known from definitions alone, without results and without writing a page.
    fn is_plain(self) -> bool {
        use PartKind::{Definition, File, Language, Program, Site, Template, Text};
        matches!(self, Program | Template | Language | File | Site | Text | Definition)
    }

    /// Whether all pages share such a part.
    pub fn is_of_all(self) -> bool {
        use PartKind::{File, Language, Lists, Loaded, Program, Site, Template};
        matches!(self, Program | Template | Language | File | Site | Lists | Loaded)
    }
}

/// Digests of parts, by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MadeOf(BTreeMap<PartKind, BTreeMap<String, Digest>>);

/// A part that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartChange {
    /// What it is.
    pub kind: PartKind,
    /// Which one.
    pub name: String,
    /// Its digest before; null if it was not there.
    pub old: Option<Digest>,
    /// Its digest now; null if it is gone.
    pub new: Option<Digest>,
}

impl MadeOf {
    /// Adds a part.
    pub fn add(&mut self, kind: PartKind, name: impl Into<String>, digest: Digest) {
        self.0.entry(kind).or_default().insert(name.into(), digest);
    }

    /// Adds a part that is this text.
    pub fn add_text(&mut self, kind: PartKind, name: impl Into<String>, text: &str) {
        self.add(kind, name, Digest::of(text.as_bytes()));
    }

    /// All parts of both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (kind, name, digest) in other.all() {
            self.add(kind, name, digest);
        }
        self
    }

    fn all(&self) -> impl Iterator<Item = (PartKind, &str, Digest)> {
        let of_kind = |(kind, parts): (&PartKind, _)| (*kind, parts);
        self.0.iter().map(of_kind).flat_map(|(kind, parts): (_, &BTreeMap<String, Digest>)| {
            parts.iter().map(move |(name, digest)| (kind, name.as_str(), *digest))
        })
    }

    /// Adds all parts to a key.
    pub fn add_to(&self, hasher: &mut ContentHasher) {
        hasher.number(self.all().count() as u64);
        for (kind, name, digest) in self.all() {
            hasher.number(kind as u64).text(name).add(&digest);
        }
    }

    /// In what another one differs.
    pub fn changes(&self, now: &Self) -> Vec<PartChange> {
        let find = |of: &Self, kind: PartKind, name: &str| of.0.get(&kind)?.get(name).copied();
        let both: std::collections::BTreeSet<(PartKind, &str)> =
            self.all().chain(now.all()).map(|(kind, name, _)| (kind, name)).collect();
        let change = |(kind, name): (PartKind, &str)| {
            let (old, new) = (find(self, kind, name), find(now, kind, name));
            (old != new).then(|| PartChange { kind, name: name.to_owned(), old, new })
        };
        both.into_iter().filter_map(change).collect()
    }

    /// The parts that are known without results.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(kind, _)| kind.is_plain())
                .map(|(kind, parts)| (*kind, parts.clone()))
                .collect(),
        )
    }
}

impl fmt::Display for PartChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        let verb = match (self.old, self.new) {
            (None, _) => "is new",
            (_, None) => "is gone",
            _ => "changed",
        };
        match self.kind {
            PartKind::Program => f.write_str("another build of Octavo"),
            PartKind::Template => write!(f, "template `{name}` {verb}"),
            PartKind::Language => write!(f, "language `{name}` {verb}"),
            PartKind::File => write!(f, "file `{name}` {verb}"),
            PartKind::Site => write!(f, "{name} of the site {verb}"),
            PartKind::Lists => f.write_str("lists or feeds of the site changed"),
            PartKind::Text => write!(f, "text `{name}` {verb}"),
            PartKind::Place => f.write_str("it stands elsewhere"),
            PartKind::Neighbours => f.write_str("what it shows of other pages changed"),
            PartKind::Definition => write!(f, "definition of `{name}` {verb}"),
            PartKind::Results => write!(f, "results of `{name}` {verb}"),
            PartKind::Drawing => write!(f, "drawing of `{name}` {verb}"),
            PartKind::Claim => write!(f, "claim `{name}` {verb}"),
            PartKind::Link => write!(f, "address of `{name}` {verb}"),
            PartKind::Loaded => write!(f, "`{name}`, which every page loads, {verb}"),
        }
    }
}

/// What all pages share and is known from definitions: the program, templates, languages, and what they show of the project (`sources`).
pub fn of_all(program: Digest, theme: &Theme, sources: &MadeOf, languages: &[Locale]) -> MadeOf {
    let mut parts = MadeOf::default().and(sources);
    parts.add(PartKind::Program, "", program);
    for (name, digest) in theme.templates() {
        parts.add(PartKind::Template, name, *digest);
    }
    for (place, locale) in languages.iter().enumerate() {
        parts.add_text(PartKind::Language, &locale.tag, &format!("{place} {locale:?}"));
    }
    parts
}

/// The text of a page. Alone it does not say in which language it is.
pub fn of_text(text: &Text, parts: &mut MadeOf) {
    let digest = ContentHasher::new("octavo text of a page")
        .text(&text.language)
        .text(&text.source.path)
        .text(&text.source.text)
        .finish();
    parts.add(PartKind::Text, &text.source.path, digest);
}

/// How something is defined that a page refers to. A figure stands with the whole file of its experiment.
pub fn of_definition(reference: &Reference, page: &str, experiment: &Experiment, parts: &mut MadeOf) {
    let name = ItemRef::parse(&reference.target).from(page).1;
    let (manifest, id) = (&experiment.manifest, &experiment.id);
    match reference.kind {
        ReferenceKind::Figure => {
            parts.add_text(PartKind::Definition, id.as_str(), &experiment.source.text);
        }
        ReferenceKind::Table => {
            let json = json!(manifest.tables.get(name));
            parts.add_text(PartKind::Definition, format!("{id}#{name}"), &json.to_string());
        }
        ReferenceKind::Value => {
            let json = json!(manifest.values.get(name));
            parts.add_text(PartKind::Definition, format!("{id}#{name}"), &json.to_string());
        }
        _ => {}
    }
}

/// The files that all pages load: styles, scripts, fonts.
pub fn loaded(theme: &Theme) -> MadeOf {
    let mut parts = MadeOf::default();
    for (route, bytes) in theme.assets() {
        parts.add(PartKind::Loaded, route, Digest::of(bytes));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_what_changed_came_and_went() {
        let of = |parts: &[(PartKind, &str, &str)]| {
            let mut made = MadeOf::default();
            for (kind, name, text) in parts {
                made.add_text(*kind, *name, text);
            }
            made
        };
        let before = of(&[
            (PartKind::Template, "page.html", "a"),
            (PartKind::Text, "a.md", "a"),
            (PartKind::Language, "fr", "a"),
        ]);
        let now = of(&[
            (PartKind::Template, "page.html", "b"),
            (PartKind::Text, "a.md", "a"),
            (PartKind::Results, "strip", "a"),
        ]);
        let told: Vec<String> = before.changes(&now).iter().map(ToString::to_string).collect();
        let expected = ["template `page.html` changed", "language `fr` is gone", "results of `strip` is new"];
        assert_eq!(told, expected);
        assert_eq!(before.changes(&before), []);
        let json = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<MadeOf>(&json).unwrap(), before);
        let key = |made: &MadeOf| {
            let mut hasher = ContentHasher::new("test");
            made.add_to(&mut hasher);
            hasher.finish()
        };
        assert!(key(&before) != key(&now) && key(&before) == key(&before.clone()));
        // Of what needs no results, nothing is said of these.
        assert_eq!(
            now.plain()
                .changes(&of(&[(PartKind::Template, "page.html", "b"), (PartKind::Text, "a.md", "a")])),
            []
        );
    }
}
