//! What definitions and pages call things: experiments, and the tables, values, figures and claims of one.
//!
//! `growth` is of the experiment at hand (that of the definition, or the one with the page's id); `curvature/depth#growth` says
//! of which one.

mod route;

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::route::{Route, RouteProblem, encoded, relative};

/// The id of an experiment: `slug` or `folder/slug`, each part of lower-case letters, digits, `-` and `_`. It is the path of the
/// definition below the experiments folder, without `.toml`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ExperimentId(Arc<str>);

/// A text that cannot be the id of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnId(pub String);

impl ExperimentId {
    /// The id that is written.
    ///
    /// # Errors
    /// If a part is empty or has another character.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let is_slug = |part: &str| !part.is_empty() && part.chars().all(is_of_id);
        if text.split('/').all(is_slug) { Ok(Self(text.into())) } else { Err(NotAnId(text.to_owned())) }
    }

    /// The id that is nearest to a text, such as the name of a file outside any project: small letters, and `-` for what no id has.
    pub fn like(text: &str) -> Self {
        let lower = text.to_lowercase();
        let one = |c: char| if is_of_id(c) { c } else { '-' };
        let id: String = lower.chars().map(one).collect();
        Self(if id.is_empty() { "experiment".into() } else { id.into() })
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that the experiment stands in, below the experiments folder; empty at its top.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The id without its folder.
    pub fn slug(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, slug)| slug)
    }
}

/// Whether a part of an id may have this character.
fn is_of_id(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_'
}

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be an experiment's id", self.0)
    }
}

impl std::error::Error for NotAnId {}

/// An id is read as its text.
impl Deref for ExperimentId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Maps by id can be asked for what somebody wrote.
impl Borrow<str> for ExperimentId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ExperimentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl PartialEq<str> for ExperimentId {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for ExperimentId {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl PartialEq<String> for ExperimentId {
    fn eq(&self, other: &String) -> bool {
        *self.0 == **other
    }
}

impl From<ExperimentId> for String {
    fn from(id: ExperimentId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl TryFrom<String> for ExperimentId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

/// A name as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemRef<'a> {
    /// The experiment, where one is written.
    pub experiment: Option<&'a str>,
    /// What is named in it.
    pub name: &'a str,
}

impl<'a> ItemRef<'a> {
    /// The parts of what is written. No experiment has a `#` in its id.
    pub fn parse(written: &'a str) -> Self {
        match written.split_once('#') {
            Some((experiment, name)) => Self { experiment: Some(experiment), name },
            None => Self { experiment: None, name: written },
        }
    }

    /// What is written of experiment and name, seen from an experiment or page.
    pub fn from(self, home: &'a str) -> (&'a str, &'a str) {
        (self.experiment.unwrap_or(home), self.name)
    }
}

impl fmt::Display for ItemRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.experiment {
            Some(experiment) => write!(f, "{experiment}#{}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// A thing of an experiment, named in full: `curvature/depth#growth`. Its kind is part of the type, so that the name of a table is
/// never taken for that of a figure.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(
    into = "(ExperimentId, String)",
    from = "(ExperimentId, String)",
    bound(serialize = "K: Clone", deserialize = "")
)]
pub struct Ref<K> {
    /// The experiment.
    pub experiment: ExperimentId,
    /// What it is called there.
    pub name: String,
    kind: PhantomData<K>,
}

/// The kinds of what experiments have.
pub mod kinds {
    /// A declared or derived table, the scalars, or a drawing: whatever a layer, value or claim takes its rows from.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Table {}
    /// A named value.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Value {}
    /// A figure.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Figure {}
    /// A claim.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Claim {}
}

/// A table of an experiment.
pub type TableRef = Ref<kinds::Table>;
/// A named value of an experiment.
pub type ValueRef = Ref<kinds::Value>;
/// A figure of an experiment.
pub type FigureRef = Ref<kinds::Figure>;
/// A claim of an experiment.
pub type ClaimRef = Ref<kinds::Claim>;

impl<K> Ref<K> {
    /// The thing of this name.
    pub fn new(experiment: &ExperimentId, name: &str) -> Self {
        Self::from((experiment.clone(), name.to_owned()))
    }

    /// The thing that is written, seen from an experiment or page.
    ///
    /// # Errors
    /// If what is written, or the page's id, cannot be an experiment.
    pub fn parse(written: &str, home: &str) -> Result<Self, NotAnId> {
        let (experiment, name) = ItemRef::parse(written).from(home);
        Ok(Self::new(&ExperimentId::parse(experiment)?, name))
    }

    /// The thing as readers of a language see it.
    pub fn in_language(self, language: &str) -> InLanguage<K> {
        InLanguage { of: self, language: language.to_owned() }
    }
}

impl<K> fmt::Display for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.experiment, self.name)
    }
}

impl<K> fmt::Debug for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

impl<K> From<(ExperimentId, String)> for Ref<K> {
    fn from((experiment, name): (ExperimentId, String)) -> Self {
        Self { experiment, name, kind: PhantomData }
    }
}

impl<K> From<Ref<K>> for (ExperimentId, String) {
    fn from(of: Ref<K>) -> Self {
        (of.experiment, of.name)
    }
}

/// A thing of an experiment in one text, as people write it, where that is how it is stored.
pub mod in_full {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Ref;

    /// Writes `curvature/depth#growth`.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<K, S: Serializer>(one: &Ref<K>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(one)
    }

    /// Reads `curvature/depth#growth`.
    ///
    /// # Errors
    /// If no experiment is named, or by what cannot be an id.
    pub fn deserialize<'de, K, D: Deserializer<'de>>(deserializer: D) -> Result<Ref<K>, D::Error> {
        Ref::parse(&String::deserialize(deserializer)?, "").map_err(D::Error::custom)
    }
}

/// A thing of an experiment as readers of a language see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(ExperimentId, String, String)", into = "(ExperimentId, String, String)")]
#[serde(bound(serialize = "K: Clone", deserialize = ""))]
pub struct InLanguage<K> {
    /// The thing.
    pub of: Ref<K>,
    /// The language's tag.
    pub language: String,
}

/// A figure as readers of a language see it.
pub type FigureIn = InLanguage<kinds::Figure>;
/// A table as readers of a language see it.
pub type TableIn = InLanguage<kinds::Table>;

impl<K> From<(ExperimentId, String, String)> for InLanguage<K> {
    fn from((experiment, name, language): (ExperimentId, String, String)) -> Self {
        Self { of: Ref::from((experiment, name)), language }
    }
}

impl<K> From<InLanguage<K>> for (ExperimentId, String, String) {
    fn from(InLanguage { of, language }: InLanguage<K>) -> Self {
        (of.experiment, of.name, language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_slugs_in_folders() {
        for good in ["depth", "curvature/depth", "a/b_c/d-9"] {
            assert_eq!(ExperimentId::parse(good).unwrap(), good);
        }
        for bad in ["", "/depth", "curvature/", "a//b", "Depth", "é", "a b", "a.b", "a#b"] {
            assert_eq!(ExperimentId::parse(bad), Err(NotAnId(bad.to_owned())));
        }
        for (text, id) in [("depth", "depth"), ("My file.2", "my-file-2"), ("É/a", "--a"), ("", "experiment")]
        {
            assert_eq!(ExperimentId::like(text), id);
            assert_eq!(ExperimentId::parse(id), Ok(ExperimentId::like(text)));
        }
        let folders = ["depth", "curvature/depth", "a/b/c"].map(|id| ExperimentId::parse(id).unwrap());
        assert_eq!(folders.each_ref().map(ExperimentId::folder), ["", "curvature", "a/b"]);
    }

    #[test]
    fn what_is_written_says_of_which_experiment() {
        for (written, home, expected) in [
            ("growth", "a/b", "a/b#growth"),
            ("curvature/depth#growth", "a/b", "curvature/depth#growth"),
            ("depth#a#b", "A page", "depth#a#b"),
            ("", "a", "a#"),
        ] {
            assert_eq!(ValueRef::parse(written, home).unwrap().to_string(), expected, "{written}");
            assert_eq!(ItemRef::parse(written).to_string(), written);
        }
        assert_eq!(ValueRef::parse("#growth", "a/b"), Err(NotAnId(String::new())));
        assert_eq!(ValueRef::parse("growth", "A page"), Err(NotAnId("A page".to_owned())));
    }

    #[test]
    fn things_are_stored_as_experiment_and_name() {
        let claim = ClaimRef::parse("a/b#grows", "").unwrap();
        let json = serde_json::to_string(&claim).unwrap();
        assert_eq!(json, r#"["a/b","grows"]"#);
        assert_eq!(serde_json::from_str::<ClaimRef>(&json).unwrap(), claim);
        assert!(serde_json::from_str::<ClaimRef>(r#"["A b","grows"]"#).is_err());
        let json = serde_json::to_string(&claim.in_language("fr")).unwrap();
        assert_eq!(json, r#"["a/b","grows","fr"]"#);
    }
}
