//! The words of an analysis in other languages.
//!
//! An analysis says everything in English: its title and summary, the labels of what it gives, the texts of its default figures.
//! What stands for an English text in another language is data: a TOML file per language, beside the analysis or in a project,
//! of which a key is the English text and its value the other one.
//!
//! ```toml
//! "Folds" = "Plis"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::figure::Figure;
use crate::{Localized, OutputSchema, Schema};

/// What an analysis says in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The tag of the language.
    pub language: &'static str,
    /// A TOML file of English texts (title, summary, labels, what parameters and tables mean), each with what stands for it
    /// ([`Translations`]).
    pub words: &'static str,
    /// The documentation in Markdown, with the same parts as the English one.
    pub documentation: &'static str,
}

/// Texts in other languages by the English ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translations {
    languages: BTreeMap<String, BTreeMap<String, String>>,
}

impl Translations {
    /// The words of an analysis in other languages.
    ///
    /// # Panics
    /// If a file is no TOML of texts: the tests of its analysis read it.
    pub fn of(translations: &[Translation]) -> Self {
        let mut all = Self::default();
        for Translation { language, words: text, .. } in translations {
            let first = text.lines().next().unwrap_or_default();
            let texts = toml::from_str(text)
                .unwrap_or_else(|error| panic!("words in `{language}` that begin with `{first}`: {error}"));
            all.add(language, texts);
        }
        all
    }

    /// Adds all texts of others; they go before those that are there.
    pub fn add_all(&mut self, others: &Self) {
        for (language, texts) in &others.languages {
            self.add(language, texts.clone());
        }
    }

    /// Adds texts of a language; they go before those that are there.
    pub fn add(&mut self, language: &str, texts: BTreeMap<String, String>) {
        self.languages.entry(language.to_owned()).or_default().extend(texts);
    }

    /// All English texts that have a translation into any language.
    pub fn keys(&self) -> BTreeSet<&str> {
        self.languages.values().flatten().map(|(key, _)| key.as_str()).collect()
    }

    /// What stands for an English text.
    pub fn get(&self, language: &str, english: &str) -> Option<&str> {
        self.languages.get(language)?.get(english).map(String::as_str)
    }

    /// Adds to a text what stands for it in the languages that it lacks, or that a project translates anew.
    pub fn translate(&self, text: &mut Localized) {
        let Localized::Each(texts) = text else { return };
        let Some(english) = texts.get("en").cloned() else { return };
        for (language, known) in &self.languages {
            if let Some(translated) = known.get(&english) {
                texts.insert(language.clone(), translated.clone());
            }
        }
    }

    /// Translates the labels of a declaration.
    pub fn outputs(&self, outputs: &mut OutputSchema) {
        outputs.labels_mut().for_each(|label| self.translate(label));
    }

    /// Says in another language what parameters mean. A description is known by its words, on one line.
    pub fn schema(&self, language: &str, schema: &mut Schema) {
        for doc in schema.docs_mut() {
            *doc = doc.replace('\n', " ");
            if let Some(translated) = self.get(language, doc) {
                translated.clone_into(doc);
            }
        }
    }

    /// Translates the texts of a figure.
    pub fn figure(&self, figure: &mut Figure) {
        figure.texts_mut().into_iter().for_each(|text| self.translate(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnType::Float;
    use crate::figure::{Channel, Mark, PanelSpec, Panels};
    use crate::{GeometryKind, TableSchema};

    fn german() -> Translations {
        let mut german = Translations::default();
        german.add("de", BTreeMap::from([("breadth".to_owned(), "Breite".to_owned())]));
        german
    }

    #[test]
    fn every_label_of_a_declaration_is_reached() {
        let column = || TableSchema::new("a row").column("w", Float, "", "breadth");
        let mut outputs = OutputSchema::new()
            .scalar("s", Float, "", "breadth")
            .table("t", column())
            .geometry("g", GeometryKind::Points, column())
            .raster("r", "a raster", "", "breadth");
        german().outputs(&mut outputs);
        let labels: Vec<_> = outputs.labels_mut().map(|label| label.clone()).collect();
        assert_eq!(labels, vec![Localized::en("breadth").with("de", "Breite"); 4]);
    }

    #[test]
    fn every_text_of_a_figure_is_reached() {
        let text = || Localized::en("breadth");
        let names = || [("a".to_owned(), text())].into_iter().collect();
        let channel = || Channel { label: text(), names: names(), ..Channel::default() };
        let panels = || Some(PanelSpec::Full(Panels { label: text(), names: names(), ..Panels::default() }));
        let mut figure = Figure::new("t", Mark::Line, "breadth").xy(channel(), channel()).color(channel());
        (figure.caption, figure.description) = (text(), text());
        figure.base.label = text();
        (figure.base.x2, figure.base.y2) = (Some(channel().into()), Some(channel().into()));
        (figure.base.size, figure.base.text) = (Some(channel().into()), Some(channel().into()));
        figure.layers = vec![figure.base.clone()];
        (figure.facet, figure.frame) = (panels(), panels());
        german().figure(&mut figure);
        let written = serde_json::to_string(&figure).expect("plain data");
        assert_eq!(written.matches("\"breadth\"").count(), written.matches("\"Breite\"").count());
        assert_eq!(written.matches("\"Breite\"").count(), 3 + 2 * (1 + 7 * 2) + 2 * 2);
    }

    #[test]
    fn a_text_for_all_languages_stays_that() {
        let mut text = Localized::All("breadth".to_owned());
        german().translate(&mut text);
        assert_eq!(text, "breadth".into());
        let mut own = Localized::en("breadth").with("fr", "largeur");
        german().translate(&mut own);
        assert_eq!(own, Localized::en("breadth").with("fr", "largeur").with("de", "Breite"));
    }
}
