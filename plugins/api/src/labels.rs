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
use std::sync::Arc;

use serde_json::Value as Json;

use crate::figure::Figure;
use crate::schema::Schema;
use crate::{
    About, Artifacts, DynAnalysis, Failure, Identity, Localized, OutputSchema, Prepared, RunContext,
};

/// Texts in other languages by the English ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translations {
    languages: BTreeMap<String, BTreeMap<String, String>>,
}

impl Translations {
    /// Those that an analysis brings along.
    ///
    /// # Panics
    /// If one of its files is no TOML of texts: its tests read them.
    pub fn of(about: &About) -> Self {
        let mut all = Self::default();
        for (language, text) in about.translations {
            let texts = toml::from_str(text).unwrap_or_else(|error| {
                panic!(
                    "the words of `{}` in `{language}`: {error}",
                    about.title.get("en").unwrap_or_default()
                )
            });
            all.add(language, texts);
        }
        all
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

    /// Translates the texts of a figure.
    pub fn figure(&self, figure: &mut Figure) {
        figure.texts_mut().into_iter().for_each(|text| self.translate(text));
    }

    /// Translates all that is known of parameters.
    pub fn prepared(&self, prepared: &mut Prepared) {
        self.outputs(&mut prepared.outputs);
        prepared.figures.values_mut().for_each(|figure| self.figure(figure));
    }

    /// Translates title and summary.
    pub fn about(&self, about: &mut About) {
        self.translate(&mut about.title);
        self.translate(&mut about.summary);
    }
}

/// An analysis whose words a project translates, too.
pub struct Translated {
    analysis: Arc<dyn DynAnalysis>,
    words: Translations,
}

impl Translated {
    /// The analysis with the translations that it brings along and, before them, those of a project.
    pub fn new(analysis: Arc<dyn DynAnalysis>, own: &Translations) -> Self {
        let mut words = analysis.translations();
        for (language, texts) in &own.languages {
            words.add(language, texts.clone());
        }
        Self { analysis, words }
    }
}

impl DynAnalysis for Translated {
    fn identity(&self) -> Identity {
        self.analysis.identity()
    }

    fn about(&self) -> About {
        let mut about = self.analysis.about();
        self.words.about(&mut about);
        about
    }

    fn translations(&self) -> Translations {
        self.words.clone()
    }

    fn json_schema(&self) -> Json {
        self.analysis.json_schema()
    }

    fn schema(&self) -> Schema {
        self.analysis.schema()
    }

    fn prepare(&self, params: &Json) -> Result<Prepared, Failure> {
        self.analysis.prepare(params)
    }

    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        self.analysis.run(params, context)
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
