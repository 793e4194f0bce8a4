//! `octavo.json`: what a published folder is, for other programs and for the next publication.

use std::collections::BTreeMap;

use octavo_plugin::Digest;
use serde_json::{Map, Value as Json, json};

/// The route of the site's manifest. A folder that has it, with `"generator": "octavo"`, the name of a project and a list of
/// files, is that project's.
pub const MARKER: &str = "octavo.json";

/// What a site is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteManifest {
    /// The name of the project; empty in sites of earlier versions.
    pub project: String,
    /// Whatever else other programs may want to know, by key.
    pub about: Map<String, Json>,
    /// The digest of every file except the manifest, by route.
    pub files: BTreeMap<String, Digest>,
}

impl SiteManifest {
    /// As JSON: `generator`, `format` and `project` first, then what is said about the site, then `files`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut object = Map::new();
        object.insert("generator".into(), json!("octavo"));
        object.insert("format".into(), json!(1));
        object.insert("project".into(), json!(self.project));
        let own = ["generator", "format", "project", "files"];
        let about = self.about.iter().filter(|(key, _)| !own.contains(&key.as_str()));
        object.extend(about.map(|(key, value)| (key.clone(), value.clone())));
        object.insert("files".into(), json!(self.files));
        let mut bytes = serde_json::to_vec_pretty(&object).expect("the object has text keys");
        bytes.push(b'\n');
        bytes
    }

    /// `None` if the bytes are not a manifest of ours, of whatever format with a list of files.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut about: Map<String, Json> = serde_json::from_slice(bytes).ok()?;
        let generator = about.remove("generator")?;
        let files = serde_json::from_value(about.remove("files")?).ok()?;
        about.remove("format");
        let project =
            about.remove("project").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        (generator == "octavo").then_some(Self { project, about, files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_nothing_else_is_one() {
        let manifest = SiteManifest {
            project: "Notes".to_owned(),
            about: Map::from_iter([("claims".to_owned(), json!([1, 2]))]),
            files: [("index.html".to_owned(), Digest::of(b"x"))].into(),
        };
        assert_eq!(SiteManifest::read(&manifest.to_bytes()), Some(manifest));
        for other in ["", "{}", "[]", r#"{"generator":"octavo"}"#, r#"{"generator":"x","files":{}}"#] {
            assert_eq!(SiteManifest::read(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_is_said_about_a_site_cannot_pose_as_its_files() {
        let about = ["generator", "files", "project"].map(|key| (key.to_owned(), json!(3)));
        let manifest = SiteManifest { about: Map::from_iter(about), ..SiteManifest::default() };
        assert_eq!(SiteManifest::read(&manifest.to_bytes()), Some(SiteManifest::default()));
    }
}
