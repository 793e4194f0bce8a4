//! What a downloaded figure carries so that it can be computed again without its project: a small project as TOML, and digests of what came out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, PoisonError};

use octavo_plugin::figure::Figure;
use octavo_plugin::{Digest, Input, NUMERICS_REVISION};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use toml::Table;

use super::{Material, today};
use crate::config::Limits;
use crate::experiment::Experiment;
use crate::ids::{ExperimentId, FigureRef, TableRef};
use crate::input::InputFile;
use crate::locale::Locale;
use crate::lock::Accepted;
use crate::plan::Plan;
use crate::process;
use crate::project::Project;
use crate::toml_tree::Node;

/// The version of the form of recipes.
pub const FORMAT: u32 = 1;

/// The folder of definitions in the project of a recipe.
pub const EXPERIMENTS: &str = "experiments";

/// Where it stands: the name of a chunk of a PNG, and what stands before it in an SVG.
const KEYWORD: &str = "octavo";
const BEFORE: &str = "<metadata id=\"recipe\">";

/// Most bytes of a plugin's files that stand in the recipe itself.
const MOST_SOURCE: usize = 48 * 1024;

/// What a figure was made of, and what came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Digest of the drawn rows; empty until they are drawn.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rows: String,
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program.
    pub octavo: String,
    /// [`NUMERICS_REVISION`] of the program.
    pub numerics: u32,
    /// The figure.
    #[serde(with = "crate::ids::in_full")]
    pub figure: FigureRef,
    /// What `octavo.toml` has to say.
    pub project: Table,
    /// Who computed each experiment, by id.
    pub made: BTreeMap<ExperimentId, Made>,
    /// What each experiment gave, as in its lock, by id.
    pub results: BTreeMap<ExperimentId, Table>,
    /// The definitions, by id.
    pub definitions: BTreeMap<ExperimentId, Table>,
    /// Files that tasks read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputEntry>,
    /// Files of plugins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SourceEntry>,
}

/// Who computed an experiment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Made {
    /// The analysis.
    pub analysis: String,
    /// The revision of its numerics.
    pub revision: u32,
    /// The seed.
    pub seed: u64,
    /// Digest of a plugin's command and files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<Digest>,
}

/// A file that tasks read. It is not in the recipe.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputEntry {
    /// What the author called it.
    pub name: String,
    /// Where the recipe's definitions find it, from the project's folder.
    pub path: String,
    /// Digest of its bytes.
    pub digest: Digest,
}

/// A file of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceEntry {
    /// From the project's folder.
    pub path: String,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Its text; none for Octavo's own module, for what is no text, and for what is too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Recipe {
    /// As TOML.
    ///
    /// # Errors
    /// What TOML cannot hold.
    pub fn text(&self) -> Result<String, String> {
        let text = toml::to_string(self).map_err(|error| error.to_string())?;
        Ok(format!("# `octavo reproduce FILE` computes this figure again.\n{text}"))
    }
}

/// The recipe that a downloaded SVG or PNG carries, as TOML; `None` if it carries none.
///
/// # Errors
/// If the file is neither.
pub fn carried(bytes: &[u8]) -> Result<Option<String>, String> {
    if bytes.starts_with(b"\x89PNG") {
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        let reader = decoder.read_info().map_err(|error| format!("it is a damaged PNG: {error}"))?;
        let chunk = reader.info().utf8_text.iter().find(|chunk| chunk.keyword == KEYWORD);
        return chunk.map(|chunk| chunk.get_text().map_err(|error| error.to_string())).transpose();
    }
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.contains("<svg"));
    let text = text.ok_or("it is neither an SVG nor a PNG")?;
    let inner = text.split_once(BEFORE).and_then(|(_, rest)| Some(rest.split_once("</metadata>")?.0));
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    Ok(inner.map(|inner| marks.iter().fold(inner.to_owned(), |text, (mark, c)| text.replace(mark, c))))
}

/// The recipes of the figures of a project.
pub struct Recipes<'a> {
    project: &'a Project,
    plan: &'a Plan,
    parts: Mutex<BTreeMap<ExperimentId, Arc<Part>>>,
}

/// What recipes say of an experiment, whichever figure they are of.
struct Part {
    definition: Table,
    figures: Table,
    inputs: Vec<InputEntry>,
    results: Table,
    /// Experiments that it takes results of.
    above: BTreeSet<ExperimentId>,
}

/// What an experiment gave.
pub(super) fn gave(material: &Material<'_>, experiment: &Experiment) -> Accepted {
    let related = material.related.get(&experiment.id);
    related.map_or_else(Accepted::default, |related| today::values_and_outputs(material, experiment, related))
}

impl<'a> Recipes<'a> {
    /// Nothing is put together yet.
    pub fn new(project: &'a Project, plan: &'a Plan) -> Self {
        Self { project, plan, parts: Mutex::default() }
    }

    /// The recipe of a figure, without the digest of its rows. `gave` says what an experiment gave.
    ///
    /// # Errors
    /// What cannot be written down.
    pub fn of(
        &self,
        of: &FigureRef,
        figure: &Figure,
        gave: &dyn Fn(&Experiment) -> Accepted,
    ) -> Result<Recipe, String> {
        let drawn = figure.all_layers().into_iter().filter_map(|layer| layer.from);
        let FigureRef { experiment: id, name, .. } = of;
        let mut ids = vec![id.clone()];
        ids.extend(drawn.filter_map(|from| Some(TableRef::parse(&from, id).ok()?.experiment)));
        let mut recipe = Recipe {
            rows: String::new(),
            format: FORMAT,
            octavo: env!("CARGO_PKG_VERSION").to_owned(),
            numerics: NUMERICS_REVISION,
            figure: of.clone(),
            project: Table::new(),
            made: BTreeMap::new(),
            results: BTreeMap::new(),
            definitions: BTreeMap::new(),
            inputs: Vec::new(),
            files: Vec::new(),
        };
        while let Some(next) = ids.pop() {
            let found = self.plan.experiments.iter().find(|one| one.id == next);
            let Some(experiment) = found.filter(|_| !recipe.made.contains_key(&next)) else { continue };
            let part = self.part(experiment, gave)?;
            let mut definition = part.definition.clone();
            if next == *id
                && let Some(figure) = part.figures.get(name)
            {
                let figures = Table::from_iter([(name.to_owned(), figure.clone())]);
                definition.insert("figures".to_owned(), figures.into());
            }
            recipe.definitions.insert(next.clone(), definition);
            recipe.results.insert(next.clone(), part.results.clone());
            recipe.inputs.extend(part.inputs.iter().cloned());
            ids.extend(part.above.iter().cloned());
            recipe.made.insert(next, made(experiment));
        }
        recipe.inputs.sort();
        recipe.inputs.dedup();
        recipe.project = self.project_of(&recipe.made)?;
        recipe.files = self.files_of(&recipe.made)?;
        Ok(recipe)
    }

    fn part(
        &self,
        experiment: &Experiment,
        gave: &dyn Fn(&Experiment) -> Accepted,
    ) -> Result<Arc<Part>, String> {
        let known = || self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = known().get(&experiment.id) {
            return Ok(Arc::clone(part));
        }
        let part = Arc::new(self.make(experiment, &gave(experiment))?);
        known().insert(experiment.id.clone(), Arc::clone(&part));
        Ok(part)
    }

    fn make(&self, experiment: &Experiment, gave: &Accepted) -> Result<Part, String> {
        // The tree has what the chosen profile changed.
        let written = |key: &str| experiment.node.get(key).map(Node::to_json);
        let figures = table(written("figures").unwrap_or_else(|| json!({})))?;
        let inputs = self.inputs(experiment);
        let manifest = &experiment.manifest;
        let mut definition = json!({
            "title": experiment.id,
            "analysis": manifest.analysis,
            "outputs": manifest.outputs,
            "seed": manifest.seed,
            "replicates": experiment.replicates,
            "seeding": manifest.seeding,
        });
        for key in ["limits", "params", "sweep", "zip"] {
            let mut own = written(key).unwrap_or_default();
            rename(&mut own, &inputs);
            definition[key] = own;
        }
        for key in ["tables", "values"] {
            definition[key] = written(key).unwrap_or_default();
        }
        let definition = table(definition)?;
        let from = experiment.inputs.iter().filter_map(|used| match &used.input {
            Input::Result { from, .. } => ExperimentId::parse(from).ok(),
            Input::File { .. } => None,
        });
        let results: Table = toml::from_str(&gave.text()).map_err(|error| error.to_string())?;
        let results = match results.into_iter().next() {
            Some((_, toml::Value::Table(results))) => results,
            _ => Table::new(),
        };
        Ok(Part { definition, figures, inputs, results, above: from.collect() })
    }

    /// The files that an experiment reads, each under the name that the recipe gives it.
    pub(super) fn inputs(&self, experiment: &Experiment) -> Vec<InputEntry> {
        let Some(index) = self.plan.experiments.iter().position(|one| one.id == experiment.id) else {
            return Vec::new();
        };
        let files = self.plan.tasks[self.plan.ranges[index].clone()].iter().flat_map(|task| &task.files);
        let entry = |file: &Arc<InputFile>| {
            let digest = file.digest()?;
            let folder = experiment.id.folder();
            let folder = format!("{EXPERIMENTS}/{folder}");
            let path = inside(&folder, file.name());
            let path = path.or_else(|| inside(&folder, &own_name(file.name(), &digest)))?;
            Some(InputEntry { name: file.name().to_owned(), path, digest })
        };
        let found: BTreeSet<InputEntry> = files.filter_map(entry).collect();
        found.into_iter().collect()
    }

    /// What `octavo.toml` says of these analyses.
    fn project_of(&self, made: &BTreeMap<ExperimentId, Made>) -> Result<Table, String> {
        let config = &self.project.config;
        let is_known = |tag: &&String| Locale::built_in(tag).is_some();
        let mut languages: Vec<&String> = config.languages.iter().filter(is_known).collect();
        let english = "en".to_owned();
        if languages.is_empty() {
            languages.push(&english);
        }
        let used = |name: &String| made.values().any(|made| made.analysis == *name);
        let plugins: BTreeMap<_, _> = config.plugins.iter().filter(|(name, _)| used(name)).collect();
        let mut project = json!({ "octavo": "1", "title": "Reproduction", "languages": languages });
        if config.limits != Limits::default() {
            project["limits"] = json!(config.limits);
        }
        if !plugins.is_empty() {
            project["plugins"] = json!(plugins);
        }
        table(project)
    }

    /// The files of the plugins among these analyses.
    fn files_of(&self, made: &BTreeMap<ExperimentId, Made>) -> Result<Vec<SourceEntry>, String> {
        let names: BTreeSet<&String> = made.values().map(|made| &made.analysis).collect();
        let mut files = Vec::new();
        for config in names.into_iter().filter_map(|name| self.project.config.plugins.get(name)) {
            let sources = process::sources(config, &self.project.root)?;
            let own = |bytes: &Vec<u8>| bytes.as_slice() == process::PYTHON_MODULE.as_bytes();
            let length: usize = sources.values().filter(|bytes| !own(bytes)).map(Vec::len).sum();
            for (path, bytes) in sources {
                let digest = Digest::of(&bytes);
                let stands = length <= MOST_SOURCE && !own(&bytes);
                let text = if stands { String::from_utf8(bytes).ok() } else { None };
                files.push(SourceEntry { path, digest, text });
            }
        }
        files.sort();
        files.dedup();
        Ok(files)
    }
}

fn made(experiment: &Experiment) -> Made {
    let identity = experiment.analysis.identity();
    Made {
        plugin: identity.program(),
        analysis: identity.name.into_owned(),
        revision: identity.revision,
        seed: experiment.manifest.seed,
    }
}

/// Where a file that a definition in a folder names lies in the project; `None` if it lies out of it.
fn inside(folder: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// The name that the recipe gives a file which lies out of the project.
fn own_name(name: &str, digest: &Digest) -> String {
    let ending = Path::new(name).extension().map_or(String::new(), |own| format!(".{}", own.display()));
    format!("inputs/{}{ending}", &digest.hex()[..16])
}

/// Gives the files that parameters name, and that lie out of the project, the names of the recipe.
fn rename(json: &mut Json, inputs: &[InputEntry]) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| rename(item, inputs)),
        Json::Object(object) => {
            if let Some(Json::String(file)) = object.get_mut("file")
                && let Some(entry) = inputs.iter().find(|entry| entry.name == *file)
                && entry.path.ends_with(&own_name(file, &entry.digest))
            {
                *file = own_name(file, &entry.digest);
            }
            object.values_mut().for_each(|value| rename(value, inputs));
        }
        _ => {}
    }
}

/// JSON as TOML, which has no null.
fn table(mut json: Json) -> Result<Table, String> {
    without_null(&mut json);
    Table::try_from(json).map_err(|error| error.to_string())
}

fn without_null(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(without_null),
        Json::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(without_null);
        }
        _ => {}
    }
}
