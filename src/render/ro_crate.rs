//! What the site is, for catalogues and archives: an RO-Crate (<https://w3id.org/ro/crate/1.2>) in which each experiment is a run of its analysis
//! (the profile *Process Run Crate*, <https://w3id.org/ro/wfrun/process/0.5>).
//!
//! It names no time but the day of publication, which somebody has said, and no digest of a result, so that another result does not change it.

use std::collections::BTreeSet;

use octavo_plugin::{Input, Localized, counted};
use serde_json::{Value as Json, json};

use super::packed::Packed;
use super::{Files, Material, cite};
use crate::config::Author;
use crate::date;
use crate::experiment::Experiment;
use crate::ids::{ExperimentId, Route, TableRef, encoded};
use crate::locale;
use crate::publish::MARKER;

/// Its name at the root of the site, which the standard prescribes.
pub const FILE: &str = "ro-crate-metadata.json";

/// The profile of crates that describe runs.
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";

/// Address of the source of this program, if its manifest has one.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The `@id` of this program.
const PROGRAM: &str = "#octavo";

/// The day of publication: the one that `octavo.toml` has, that of `SOURCE_DATE_EPOCH` in seconds, or the one that `CITATION.cff` has.
pub fn day(written: Option<&String>, seconds: Option<u64>, released: Option<&String>) -> Option<String> {
    let day = written.cloned().or_else(|| seconds.map(|seconds| date::iso(seconds)[..10].to_owned()));
    day.or_else(|| released.cloned()).filter(|day| locale::is_whole_day(day))
}

/// The metadata of a site of these files; `None` without a day of publication, since the standard asks for one.
pub fn text(material: &Material<'_>, files: &Files, seconds: Option<u64>) -> Option<String> {
    let released = material.citation.and_then(|cited| cited.date.as_ref());
    let day = day(material.config.published.as_ref(), seconds, released)?;
    let language = material.config.languages.first().map_or("en", String::as_str);
    let (graph, parts, runs, told) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
    let mut made = Crate { material, files, language, graph, parts, runs, told };
    let authors = made.authors();
    made.files_of_all();
    for experiment in material.experiments.values() {
        made.run(experiment, &authors);
    }
    made.software();
    Some(format!("{:#}\n", made.whole(&day, authors)))
}

/// What is put together.
struct Crate<'a> {
    material: &'a Material<'a>,
    files: &'a Files,
    /// The language of titles, the project's first.
    language: &'a str,
    /// All that is described, but for the site itself.
    graph: Vec<Json>,
    /// References to files and folders.
    parts: Vec<Json>,
    /// References to runs.
    runs: Vec<Json>,
    /// Inputs that are described.
    told: BTreeSet<String>,
}

/// A reference to what is described under this `@id`.
fn at(id: impl Into<String>) -> Json {
    json!({ "@id": id.into() })
}

impl Crate<'_> {
    fn text(&self, text: &Localized) -> String {
        text.get(self.language).unwrap_or_default().to_owned()
    }

    /// The whole document.
    fn whole(mut self, day: &str, authors: Vec<Json>) -> Json {
        let profile = json!({ "@id": PROFILE, "@type": ["CreativeWork", "Profile"], "name": "Process Run Crate", "version": "0.5" });
        self.graph.push(profile);
        let licence = self.licence();
        let config = self.material.config;
        let name = self.text(&config.title);
        let about = Some(self.text(&config.description)).filter(|text| !text.is_empty());
        let mut root = json!({
            "@id": "./",
            "@type": "Dataset",
            "name": name,
            "description": about.unwrap_or_else(|| name.clone()),
            "datePublished": day,
            "conformsTo": at(PROFILE),
            "inLanguage": config.languages,
            "hasPart": self.parts,
            "mentions": self.runs,
        });
        for (key, list) in [("author", authors), ("license", licence)] {
            if !list.is_empty() {
                root[key] = list.into();
            }
        }
        if let Some(url) = &config.base_url {
            root["url"] = url.as_str().into();
        }
        if let Some(cited) = self.material.citation {
            let keywords = (!cited.keywords.is_empty()).then(|| cited.keywords.clone());
            root["keywords"] = json!(keywords);
            root["version"] = json!(cited.version);
            root["identifier"] = json!(cited.doi.as_ref().map(|doi| format!("https://doi.org/{doi}")));
        }
        let crate_ = json!({
            "@id": FILE,
            "@type": "CreativeWork",
            "about": at("./"),
            // The profile stands on the version before; the file keeps to both.
            "conformsTo": [at("https://w3id.org/ro/crate/1.2"), at("https://w3id.org/ro/crate/1.1")],
        });
        let graph = [crate_, root].into_iter().chain(self.graph);
        json!({ "@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph.map(known).collect::<Vec<_>>() })
    }

    /// Those who sign the site, described; references to them.
    fn authors(&mut self) -> Vec<Json> {
        let mut institutions = BTreeSet::new();
        let mut all = Vec::new();
        for (author, is_group) in cite::signers(self.material) {
            let Author { name, orcid, affiliation } = author;
            let id = orcid.map_or_else(
                || format!("#person/{}", encoded(&name)),
                |id| format!("https://orcid.org/{id}"),
            );
            let institution = affiliation.as_ref().map(|name| format!("#institution/{}", encoded(name)));
            let kind = if is_group { "Organization" } else { "Person" };
            self.graph.push(
                json!({ "@id": id, "@type": kind, "name": name, "affiliation": institution.clone().map(at) }),
            );
            if let Some((id, name)) = institution.zip(affiliation)
                && institutions.insert(id.clone())
            {
                self.graph.push(json!({ "@id": id, "@type": "Organization", "name": name }));
            }
            all.push(at(id));
        }
        all
    }

    /// The licences of the site, described; references to them.
    fn licence(&mut self) -> Vec<Json> {
        let (config, cited) = (self.material.config, self.material.citation);
        let named = |graph: &mut Vec<Json>, id: String, name: &str| {
            graph.push(json!({ "@id": id, "@type": "CreativeWork", "name": name }));
            at(id)
        };
        let names = config.licences().map(|names| names.into_iter().map(str::to_owned).collect());
        let names: Vec<String> = match (names, &config.licence) {
            (Some(names), _) => names,
            (None, Some(other)) => {
                return vec![named(&mut self.graph, format!("#licence/{}", encoded(other)), other)];
            }
            (None, None) => cited.map(|cited| cited.licences.clone()).unwrap_or_default(),
        };
        if names.is_empty() {
            // The standard asks for a licence, and this is what a reader has to know.
            return vec![named(&mut self.graph, "#licence".to_owned(), "No licence is stated")];
        }
        let spdx = |name: &String| format!("https://spdx.org/licenses/{}", encoded(name));
        names.iter().map(|name| named(&mut self.graph, spdx(name), name)).collect()
    }

    /// A file of the site, described; a reference to it. `None` if the site has no such file.
    fn file(&mut self, route: &Route, name: &str, about: &str, kind: &str) -> Option<Json> {
        (self.files.contains_key(route) || *route == MARKER).then_some(())?;
        let id = encoded(route);
        let file =
            json!({ "@id": id, "@type": "File", "name": name, "description": about, "encodingFormat": kind });
        self.graph.push(file);
        self.parts.push(at(&id));
        Some(at(id))
    }

    /// Files that are of no experiment.
    fn files_of_all(&mut self) {
        let title = self.text(&self.material.config.title);
        let mut file = |route: &str, name: &str, about: &str, kind: &str| {
            self.file(&Route::new(route), name, about, kind)
        };
        file("index.html", &title, "The first page of the site", "text/html");
        file(MARKER, "Manifest", "Pages, values, verdicts, and a digest of every file", "application/json");
        file(cite::BIBTEX, "Citation", "How to cite the site, in BibTeX", "application/x-bibtex");
    }

    /// An experiment as a run of its analysis.
    fn run(&mut self, experiment: &Experiment, authors: &[Json]) {
        let (id, title) = (&experiment.id, self.text(&experiment.manifest.title));
        let analysis = experiment.analysis.identity().name.into_owned();
        let definition = Route::new(format!("data/{id}.toml"));
        let about = "The experiment as it was defined: parameters, sweep, seed, values, claims";
        let definition = self.file(&definition, &format!("{title}: definition"), about, "application/toml");
        let objects: Vec<Json> = definition.into_iter().chain(self.inputs(experiment)).collect();
        let results = self.results(experiment, &title);
        let done = &self.material.related[id].results;
        let failed = &done.failed;
        let tasks = counted(done.runs.len() + failed.len(), "task");
        let seed = experiment.stochastic().then(|| format!(", seed {}", experiment.manifest.seed));
        let state = if failed.is_empty() { "Completed" } else { "Failed" };
        let run = format!("#run/{id}");
        self.runs.push(at(&run));
        let summary = Some(self.text(&experiment.manifest.summary)).filter(|text| !text.is_empty());
        let ran = || format!("{tasks} of the analysis `{analysis}`{}", seed.unwrap_or_default());
        self.graph.push(json!({
            "@id": run,
            "@type": "CreateAction",
            "name": title,
            "description": summary.unwrap_or_else(ran),
            "agent": authors,
            "instrument": at(format!("#analysis/{analysis}")),
            "object": objects,
            "result": results,
            "actionStatus": format!("http://schema.org/{state}ActionStatus"),
            "error": failed.first().map(|_| format!("{} of its tasks have no result", failed.len())),
        }));
    }

    /// The files that an experiment reads, by name and digest, since the site has none of them, and tables of other experiments.
    fn inputs(&mut self, experiment: &Experiment) -> Vec<Json> {
        let mut read = Vec::new();
        for input in self.material.recipes.inputs(experiment) {
            let id = format!("#input/{}", input.digest.hex());
            if self.told.insert(id.clone()) {
                let digest = format!("blake3:{}", input.digest.hex());
                self.graph.push(
                    json!({ "@id": id, "@type": "PropertyValue", "name": input.name, "value": digest }),
                );
            }
            read.push(at(id));
        }
        let taken: BTreeSet<TableRef> =
            experiment.inputs.iter().filter_map(|used| taken(&used.input)).collect();
        for table in taken {
            let forms = [(false, false), (true, false), (false, true), (true, true)];
            let published = forms.map(|(packed, sample)| Packed::of_table(&table, packed, sample));
            read.extend(
                published
                    .iter()
                    .find(|route| self.files.contains_key(*route))
                    .map(|route| at(encoded(route))),
            );
        }
        read
    }

    /// What an experiment gave and the site has: each table, and the folder of its figures.
    fn results(&mut self, experiment: &Experiment, title: &str) -> Vec<Json> {
        let (id, mut found) = (&experiment.id, Vec::new());
        for route in below(self.files, &format!("data/{id}/")) {
            let name = route.rsplit('/').next().unwrap_or_default();
            let (name, kind) = match (name.strip_suffix(".csv"), name.strip_suffix(".csv.gz")) {
                (Some(name), _) => (name, "text/csv"),
                (None, Some(name)) => (name, "application/gzip"),
                (None, None) => continue,
            };
            let about = match experiment.outputs.tables.get(name) {
                Some(schema) => format!("A row is {}.", schema.about),
                None => "A table with all its rows".to_owned(),
            };
            found.extend(self.file(route, &format!("{title}: {name}"), &about, kind));
        }
        let folder = format!("figures/{id}/");
        if below(self.files, &folder).next().is_some() {
            let name = format!("{title}: figures");
            let about = "Each as SVG, PNG, PDF and JSON, with the drawn rows as CSV";
            self.graph.push(
                json!({ "@id": encoded(&folder), "@type": "Dataset", "name": name, "description": about }),
            );
            self.parts.push(at(encoded(&folder)));
            found.push(at(encoded(&folder)));
        }
        found
    }

    /// Where a page of the site is.
    fn page(&self, route: &str) -> String {
        let base =
            self.material.config.base_url.as_ref().map(|base| format!("{}/", base.trim_end_matches('/')));
        format!("{}{}", base.unwrap_or_default(), encoded(route))
    }

    /// Each analysis that ran, and this program.
    fn software(&mut self) {
        let mut told = BTreeSet::new();
        for experiment in self.material.experiments.values() {
            let (identity, about) = (experiment.analysis.identity(), experiment.analysis.about());
            if !told.insert(identity.name.clone()) {
                continue;
            }
            let is_own = identity.program().is_some();
            let relation = if is_own { "softwareRequirements" } else { "isPartOf" };
            self.graph.push(json!({
                "@id": format!("#analysis/{}", identity.name),
                "@type": "SoftwareApplication",
                "name": self.text(&about.title),
                "alternateName": identity.name,
                "description": self.text(&about.summary),
                "version": format!("revision {}", identity.revision),
                "url": self.page(&format!("analyses/{}.html", identity.name)),
                relation: at(PROGRAM),
                "identifier": identity.program().map(|digest| format!("blake3:{}", digest.hex())),
            }));
        }
        // What the site has to say of the program is which analyses it has.
        let url = if REPOSITORY.is_empty() { self.page("analyses.html") } else { REPOSITORY.to_owned() };
        let version = env!("CARGO_PKG_VERSION");
        self.graph.push(json!({
            "@id": PROGRAM, "@type": "SoftwareApplication", "name": "Octavo", "version": version, "url": url,
        }));
    }
}

/// The table of another experiment that an input takes.
fn taken(input: &Input) -> Option<TableRef> {
    match input {
        Input::Result { from, artifact, .. } => {
            ExperimentId::parse(from).ok().map(|from| TableRef::new(&from, artifact))
        }
        Input::File { .. } => None,
    }
}

/// The files that lie in a folder itself.
fn below<'f>(files: &'f Files, folder: &str) -> impl Iterator<Item = &'f Route> {
    let folder = folder.to_owned();
    let from = files.range(Route::new(folder.as_str())..).map(|(route, _)| route);
    from.map_while(move |route| route.strip_prefix(&folder).map(|rest| (route, rest)))
        .filter(|(_, rest)| !rest.contains('/'))
        .map(|(route, _)| route)
}

/// What is described, without what is not known of it.
fn known(mut one: Json) -> Json {
    if let Some(known) = one.as_object_mut() {
        known.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    }
    one
}
