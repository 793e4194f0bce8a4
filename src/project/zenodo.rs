//! `.zenodo.json`: what Zenodo reads of a project that is archived there, made of `CITATION.cff` and `octavo.toml`.

use serde_json::{Value as Json, json};

use super::cff::{Citation, Person};
use crate::config::Config;

/// The file, beside `octavo.toml`.
pub const FILE: &str = ".zenodo.json";

/// Its text, with what the citation says; a licence and a description that it does not have are those of the project, in its first language.
pub fn text(citation: &Citation, config: &Config) -> String {
    let language = config.languages.first().map_or("en", String::as_str);
    let about = citation.summary.clone().or_else(|| config.description.get(language).map(str::to_owned));
    let own = config.licences().unwrap_or_default();
    // It takes one licence. Where a reader may choose, it is the first.
    let licence = citation.licences.first().map(String::as_str).or_else(|| own.first().copied());
    let creators: Vec<Json> = citation.authors.iter().map(creator).collect();
    let mut record = json!({
        "title": citation.title,
        "upload_type": if citation.is_data { "dataset" } else { "software" },
        "access_right": "open",
        "creators": creators,
        "version": citation.version,
        "publication_date": citation.date,
        "license": licence,
        "keywords": Some(&citation.keywords).filter(|words| !words.is_empty()),
        "description": about.filter(|text| !text.is_empty()),
    });
    without_null(&mut record);
    format!("{record:#}\n")
}

fn creator(person: &Person) -> Json {
    let mut creator =
        json!({ "name": person.family_first(), "orcid": person.orcid, "affiliation": person.affiliation });
    without_null(&mut creator);
    creator
}

fn without_null(object: &mut Json) {
    if let Some(object) = object.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
}
