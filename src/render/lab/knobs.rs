//! What a figure with knobs hands over to the page: its controls, its definition for the drawing module, and the text of the definition with
//! gaps. `templates/assets/knobs.js` is the other side, `octavo_lab::drawing` reads the definition.

use std::collections::BTreeMap;
use std::ops::Range;

use octavo_plugin::Localized;
use octavo_plugin::schema::Schema;
use serde_json::{Map, Value as Json, json};

use super::{modules, text};
use crate::experiment::Experiment;
use crate::experiment::knobs::{Control, ControlKind, parameter};
use crate::ids::{FigureRef, Route};
use crate::locale::{self, Locale};
use crate::prose::inline_html;
use crate::publish::Content;
use crate::render::{Material, figures};
use crate::results::Run;
use crate::toml_tree::TomlValue;

/// The script that shows knobs, as all sites have it.
pub(super) const SCRIPT: &str = "assets/knobs.js";

/// The module that draws.
pub(super) const DRAWING: &str = "figure";

/// The controls of a figure that can be shown; none without a module that draws.
pub(super) fn controls(material: &Material<'_>, figure: &FigureRef) -> Vec<Control> {
    let drawing = modules::of(DRAWING).is_some_and(|module| module.packed.is_some());
    let Some(experiment) = material.experiments.get(&figure.experiment).filter(|_| drawing) else {
        return Vec::new();
    };
    let definition = &experiment.manifest.figures[&figure.name];
    let (controls, problems) = experiment.controls(&figure.name, definition);
    if problems.is_empty() { controls } else { Vec::new() }
}

pub(super) fn route(figure: &FigureRef) -> Route {
    Route::new(format!("lab/figures/{}/{}.js", figure.experiment, figure.name))
}

pub(super) fn language_route(material: &Material<'_>, locale: &Locale) -> Route {
    let first = locale::is_first(&material.site.languages, &locale.tag);
    let tag = if first { String::new() } else { format!(".{}", locale.tag) };
    Route::new(format!("lab/language{tag}.js"))
}

/// A language as the drawing module reads it, without what only pages and this script say.
pub(super) fn language(locale: &Locale) -> Content {
    let mut own = locale.clone();
    own.words.retain(|key, _| !key.starts_with(super::WORDS));
    let line = json!([locale.tag, own]).to_string();
    text(&format!("octavoLab.language({});\n", json!(line)))
}

/// Everything of one figure, as a script.
pub(super) fn file(material: &Material<'_>, figure: &FigureRef, controls: &[Control]) -> Content {
    let experiment = &material.experiments[&figure.experiment];
    let languages = &material.site.languages;
    let schemas: Vec<(String, Schema)> = languages
        .iter()
        .map(|locale| {
            let mut schema = experiment.analysis.schema();
            experiment.analysis.translations().schema(&locale.tag, &mut schema);
            (locale.tag.clone(), schema)
        })
        .collect();
    let toml = with_gaps(experiment, controls);
    let controls: Vec<Json> = controls.iter().map(|control| shown(control, languages, &schemas)).collect();
    let all = json!({
        "experiment": figure.experiment.as_str(),
        "controls": controls,
        "definition": definition(material, experiment, figure).to_string(),
        "claims": claims(material, experiment),
        "toml": toml,
        "file": format!("{}.toml", figure.experiment),
    });
    text(&format!("octavoLab.figure({}, {all});\n", json!(figure.to_string())))
}

/// A control as the script shows it.
fn shown(control: &Control, languages: &[Locale], schemas: &[(String, Schema)]) -> Json {
    let Control { knob, kind, unit, value } = control;
    let name = knob.param.rsplit('.').find(|part| part.parse::<usize>().is_err()).unwrap_or(&knob.param);
    let mut all = json!({
        "param": knob.param,
        "label": in_languages(&knob.label, languages, &name.replace('_', " ")),
        "about": about(&knob.param, schemas),
        "unit": unit,
        "value": value,
    });
    let more = match kind {
        ControlKind::Number { bounds, whole } => json!({
            "kind": "number", "min": bounds.min, "max": bounds.max, "above": bounds.above, "below": bounds.below,
            "step": knob.step, "whole": whole, "log": knob.log,
        }),
        ControlKind::Choice(words) => {
            let words = words.iter().map(|(word, _)| word);
            json!({ "kind": "choice", "words": words.collect::<Vec<_>>() })
        }
        ControlKind::Bool => json!({ "kind": "bool" }),
        ControlKind::Text => json!({ "kind": "text" }),
    };
    if let (Json::Object(all), Json::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}

/// A text in the languages of the site.
fn in_languages(own: &Localized, languages: &[Locale], other: &str) -> BTreeMap<String, String> {
    let text = |locale: &Locale| own.get(&locale.tag).unwrap_or(other).to_owned();
    languages.iter().map(|locale| (locale.tag.clone(), text(locale))).collect()
}

/// The first sentence of what a parameter means, in each language.
fn about(path: &str, schemas: &[(String, Schema)]) -> BTreeMap<String, String> {
    let path: Vec<&str> = path.split('.').collect();
    let sentence = |(tag, schema): &(String, Schema)| {
        let doc = parameter(schema, &path).map_or("", |own| own.doc.as_str()).replace('\n', " ");
        let first = doc.split_inclusive(". ").next().unwrap_or_default();
        (tag.clone(), first.trim().trim_end_matches('.').replace('`', ""))
    };
    schemas.iter().map(sentence).collect()
}

/// The definition's text with a number where the value of a knob stands: that of its control. `None` where a value has no place in it
/// that can be found.
fn with_gaps(experiment: &Experiment, controls: &[Control]) -> Option<Vec<Json>> {
    let text = &experiment.source.text;
    let mut gaps: Vec<(Range<usize>, String, usize, &str)> = Vec::new();
    let mut appended = false;
    for (index, control) in controls.iter().enumerate() {
        let name = &control.knob.param;
        let own = name.split('.').try_fold(experiment.node.get("params")?, |at, key| match &at.kind {
            TomlValue::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => at.get(key),
        });
        match own {
            Some(own) => {
                let span = own.location.span.clone();
                // A value of the command line or of a profile may stand elsewhere.
                text.get(span.clone())?;
                gaps.push((span, String::new(), index, ""));
            }
            None if text.lines().any(|line| line.trim() == "[params]") && !name.contains('.') => {
                let header = text.find("[params]")? + "[params]\n".len();
                gaps.push((header..header, format!("{name} = "), index, "\n"));
            }
            None if !text.contains("params") => {
                let header = if appended { "" } else { "\n[params]\n" };
                appended = true;
                gaps.push((text.len()..text.len(), format!("{header}{name} = "), index, "\n"));
            }
            None => return None,
        }
    }
    gaps.sort_by_key(|(span, _, index, _)| (span.start, *index));
    let (mut parts, mut end, mut before) = (Vec::new(), 0, "");
    for (span, name, index, after) in gaps {
        parts.push(json!(format!("{before}{}{name}", text.get(end..span.start)?)));
        parts.push(json!(index));
        (end, before) = (span.end, after);
    }
    parts.push(json!(format!("{before}{}", &text[end..])));
    Some(parts)
}

/// The claims with their published texts, in each language as HTML.
fn claims(material: &Material<'_>, experiment: &Experiment) -> Map<String, Json> {
    let (macros, _) = material.config.math.commands();
    let of_claim = |text: &Localized| -> BTreeMap<String, String> {
        let html = |locale: &Locale| {
            inline_html(text.get(&locale.tag).unwrap_or_default(), locale, &macros).into_string()
        };
        material.site.languages.iter().map(|locale| (locale.tag.clone(), html(locale))).collect()
    };
    experiment
        .manifest
        .claims
        .iter()
        .map(|(name, claim)| (name.clone(), json!(of_claim(&claim.text))))
        .collect()
}

/// The figure as the drawing module reads it (`octavo_lab::drawing::Definition`).
fn definition(material: &Material<'_>, experiment: &Experiment, figure: &FigureRef) -> Json {
    let results = &material.related[&experiment.id].results;
    let task = |run: &Run| {
        let point: Map<String, Json> =
            run.point.iter().map(|(name, value)| (name.clone(), value.to_json())).collect();
        json!([point, run.replicate])
    };
    json!({
        "experiment": experiment.id,
        "id": figures::svg_prefix(figure),
        "figure": material.figures[figure].figure(),
        "outputs": results.outputs,
        "points": results.point_schema,
        "replicate": results.replicate,
        "stochastic": results.stochastic,
        "tasks": results.runs.iter().map(task).collect::<Vec<_>>(),
        "tables": experiment.manifest.tables,
        "values": experiment.manifest.values,
        "claims": experiment.manifest.claims,
        "level": material.config.claims.level,
    })
}
