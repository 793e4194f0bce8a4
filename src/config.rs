//! `octavo.toml`: what a project is.

pub mod cluster;
mod far;
mod problems;

use cluster::Clusters;
pub use far::StoreConfig;
pub(crate) use problems::is_colour;

use std::collections::BTreeMap;
use std::time::Duration;

use octavo_plugin::InputLimits;
use octavo_plugin::value::Localized;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::claim::LEVEL;
use crate::manifest::Manifest;
use crate::process::PluginConfig;
use crate::prose::{CitationStyle, Macros};

/// The project file as written. Every key but `octavo` and `title` has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Config {
    /// Version of the project format: `"1"`.
    pub octavo: FormatVersion,
    /// The site's title, per language.
    pub title: Localized,
    /// What the published folder calls this project, so that no other project replaces it; by default the title in the
    /// first language.
    #[serde(default)]
    pub name: Option<String>,
    /// One or two sentences, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub description: Localized,
    /// Language tags; the first is the one of pages without a tag in their name.
    #[serde(default = "english")]
    #[schemars(length(min = 1))]
    pub languages: Vec<String>,
    /// Address of the published site, for canonical links and for the page of wrong addresses.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Who signs.
    #[serde(default)]
    pub authors: Vec<Author>,
    /// Licence of the texts and figures, such as `CC BY 4.0`.
    #[serde(default)]
    pub licence: Option<String>,
    /// The day of publication that `ro-crate-metadata.json` states, such as `2026-11-30`.
    #[serde(default)]
    pub published: Option<String>,
    /// Folder of experiments and pages.
    #[serde(default = "experiments")]
    pub experiments: String,
    /// Folder that `build` writes.
    #[serde(default = "output")]
    pub output: String,
    /// BibTeX file for citations.
    #[serde(default)]
    pub bibliography: Option<String>,
    /// How works are cited: `author-year`, `(Poole et al. 2016)`, or `numbers`, `[1]`, or the CSL file of a style, such as
    /// `styles/nature.csl`, for which the program must be built with the feature `csl`.
    #[serde(default)]
    pub bibliography_style: BibliographyStyle,
    /// Whether Markdown may contain raw HTML, and link files that can run scripts. Only for authors who are trusted with scripts.
    #[serde(default)]
    pub raw_html: bool,
    /// Whether readers can search the site.
    #[serde(default = "yes")]
    pub search: bool,
    /// Links that the navigation of every page has below the pages.
    #[serde(default)]
    pub menu: Vec<MenuEntry>,
    /// Links to other hosts.
    #[serde(default)]
    pub links: Links,
    /// Formulas.
    #[serde(default)]
    pub math: Math,
    /// What a task may use.
    #[serde(default)]
    pub limits: Limits,
    /// How claims are decided.
    #[serde(default)]
    pub claims: Claims,
    /// How the site looks.
    #[serde(default)]
    pub theme: Theme,
    /// What stands on paper.
    #[serde(default)]
    pub print: Print,
    /// How figures are drawn.
    #[serde(default)]
    pub figures: Figures,
    /// Where files may lie.
    #[serde(default)]
    pub paths: Paths,
    /// Programs that compute analyses of the project's own, by the name of the analysis.
    #[serde(default)]
    pub plugins: BTreeMap<String, PluginConfig>,
    /// How work is handed to other processes or machines, by name, for `octavo submit`.
    #[serde(default)]
    pub cluster: Clusters,
    /// Where results are remembered beside the project's own folder.
    #[serde(default)]
    pub store: StoreConfig,
}

/// A style of citation: one of our own, or a CSL file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BibliographyStyle {
    /// `author-year` or `numbers`.
    Own(CitationStyle),
    /// The path of a file that ends in `.csl`.
    File(String),
}

impl Default for BibliographyStyle {
    fn default() -> Self {
        Self::Own(CitationStyle::default())
    }
}

/// The only version there is so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum FormatVersion {
    /// Version 1.
    #[serde(rename = "1")]
    One,
}

/// A person or group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// As it should be printed.
    pub name: String,
    /// ORCID identifier, `0000-0000-0000-0000`.
    #[serde(default)]
    pub orcid: Option<String>,
    /// Institution.
    #[serde(default)]
    pub affiliation: Option<String>,
}

/// A link of the navigation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuEntry {
    /// What it is called, per language.
    pub title: Localized,
    /// A page as the folder of pages has it, `dragon/index.md`, a file of `static/`, or an address, `https://example.org`.
    pub to: String,
}

impl MenuEntry {
    /// Whether it leads out of the site.
    pub fn is_outside(&self) -> bool {
        ["https://", "http://", "mailto:"].iter().any(|start| self.to.starts_with(start))
    }
}

/// Whether this program can ask other hosts.
pub const EXTERNAL_LINKS: bool = cfg!(feature = "external-links");

/// How one is built that can.
pub const HOW_TO_BUILD_EXTERNAL_LINKS: &str = "`cargo install --path . --features external-links`, in Octavo's source, builds a program that can ask other hosts";

/// Links to other hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Links {
    /// Whether `octavo check` asks other hosts if links to them lead somewhere, for which the program must be built with the feature
    /// `external-links`.
    pub external: bool,
}

/// Formulas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Math {
    /// Commands that every page may use, by their name without the backslash.
    pub macros: BTreeMap<String, MathMacro>,
}

/// What a command stands for: a text, or a text and the number of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MathMacro {
    /// TeX, with `#1` to `#9` for its parameters; it has as many as it names.
    Body(String),
    /// The same, with the number of parameters said.
    WithArguments {
        /// How many parameters it has.
        args: usize,
        /// TeX, with `#1` to `#9` for them.
        body: String,
    },
}

impl Math {
    /// The commands that are right, and what is wrong with the others, by name.
    pub fn commands(&self) -> (Macros, Vec<(&str, String)>) {
        let mut macros = Macros::default();
        let mut wrong = Vec::new();
        for (name, definition) in &self.macros {
            let (body, parameters) = match definition {
                MathMacro::Body(body) => (body, None),
                MathMacro::WithArguments { args, body } => (body, Some(*args)),
            };
            if let Err(reason) = macros.define(name, body, parameters) {
                wrong.push((name.as_str(), reason));
            }
        }
        (macros, wrong)
    }
}

/// What a task may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// Longest time of a task.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-unit" = "s"))]
    pub time: f64,
    /// Most tasks that one experiment may have.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub tasks: usize,
    /// What one input of a task may hold.
    pub input: InputLimits,
    /// How often a task is tried again when it ran out of time or a plugin broke off.
    #[schemars(range(max = 100))]
    pub retries: u32,
    /// Largest size of a whole table that the site offers; of a larger one it has a sample of the rows. Without it none is too large.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("x-unit" = "MiB"))]
    pub download: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: 3600.0, tasks: 10_000, input: InputLimits::default(), retries: 0, download: None }
    }
}

impl Limits {
    /// Those of an experiment that has limits of its own.
    #[must_use]
    pub fn with(&self, manifest: &Manifest) -> Self {
        let own = &manifest.limits;
        Self {
            time: own.time.unwrap_or(self.time),
            tasks: own.tasks.unwrap_or(self.tasks),
            input: InputLimits {
                size: own.input.size.unwrap_or(self.input.size),
                numbers: own.input.numbers.unwrap_or(self.input.numbers),
            },
            retries: manifest.retries.unwrap_or(self.retries),
            download: self.download,
        }
    }

    /// Longest time of a task.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.time.min(1e9))
    }
}

/// How claims are decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Claims {
    /// The two-sided level of the intervals that decide claims, the same for all: of claims at the very edge of truth, a share of
    /// 1 - level is decided, half of them the wrong way.
    #[schemars(extend("minimum" = 0.5, "exclusiveMaximum" = 1.0))]
    pub level: f64,
    /// With which probability an effect that a claim states is to be found, for `octavo power`.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
    pub power: f64,
    /// The seed under which experiments run until their claims are registered (`octavo claims register`). Without it, nothing need
    /// be registered, and pages say that nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explore_seed: Option<u64>,
}

impl Default for Claims {
    fn default() -> Self {
        Self { level: LEVEL, power: 0.9, explore_seed: None }
    }
}

/// How the site looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Theme {
    /// Colour of links and marks of the interface, as `#rrggbb`, on a light ground.
    pub accent: Option<String>,
    /// The same on a dark ground.
    pub accent_dark: Option<String>,
}

/// What stands on paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Print {
    /// Whether solutions of exercises are printed.
    pub solutions: bool,
    /// The size of the sheets.
    pub paper: Paper,
}

/// A size of sheets, as style sheets call it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Paper {
    /// 210 by 297 mm.
    #[default]
    A4,
    /// 148 by 210 mm.
    A5,
    /// 8.5 by 11 inches.
    Letter,
    /// 8.5 by 14 inches.
    Legal,
}

impl Default for Print {
    fn default() -> Self {
        Self { solutions: true, paper: Paper::default() }
    }
}

/// How figures are drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Figures {
    /// A font (TrueType or OpenType) for letters in PNGs that the bundled fonts lack.
    pub font_fallback: Option<String>,
}

/// Where files may lie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Paths {
    /// Folders outside the project, relative to its own or absolute, in which inputs, the bibliography, experiments and
    /// what links lead to may lie. Without any, everything that is read lies in the project.
    pub allow: Vec<String>,
}

fn english() -> Vec<String> {
    vec!["en".to_owned()]
}

fn experiments() -> String {
    "experiments".to_owned()
}

fn yes() -> bool {
    true
}

fn output() -> String {
    "site".to_owned()
}

impl Config {
    /// What the published folder calls this project.
    pub fn project_name(&self) -> &str {
        let title = || self.languages.first().and_then(|language| self.title.get(language));
        self.name.as_deref().or_else(title).filter(|name| !name.is_empty()).unwrap_or("untitled")
    }

    /// The names of its licences in the list of SPDX, any of which may be chosen; `None` if it is one that has no such name.
    pub fn licences(&self) -> Option<Vec<&str>> {
        let each: Vec<&str> = self.licence.as_deref()?.split(" OR ").collect();
        let is_name = |text: &&str| {
            !text.is_empty()
                && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        };
        each.iter().all(is_name).then_some(each)
    }

    /// The configuration of an experiment that stands alone, outside any project.
    pub fn standalone() -> Self {
        Self {
            octavo: FormatVersion::One,
            title: Localized::All("Results".to_owned()),
            name: None,
            description: Localized::None,
            languages: english(),
            base_url: None,
            authors: Vec::new(),
            licence: None,
            published: None,
            experiments: experiments(),
            output: output(),
            bibliography: None,
            bibliography_style: BibliographyStyle::default(),
            raw_html: false,
            search: true,
            menu: Vec::new(),
            links: Links::default(),
            math: Math::default(),
            limits: Limits::default(),
            claims: Claims::default(),
            theme: Theme::default(),
            print: Print::default(),
            figures: Figures::default(),
            paths: Paths::default(),
            plugins: BTreeMap::new(),
            cluster: Clusters::new(),
            store: StoreConfig::default(),
        }
    }
}
