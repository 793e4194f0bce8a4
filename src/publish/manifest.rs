//! `octavo.json`: what a published folder is, for other programs and for the next publication.

use std::collections::BTreeMap;

use octavo_plugin::Digest;
use serde_json::{Map, Value as Json, json};

/// The route of the site's manifest. A folder that has it, with `"generator": "octavo"` and a list of files, is ours.
pub const MARKER: &str = "octavo.json";

/// What a site is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteManifest {
    /// Whatever else other programs may want to know, by key.
    pub about: Map<String, Json>,
    /// The digest of every file except the manifest, by route.
    pub files: BTreeMap<String, Digest>,
}

impl SiteManifest {
    /// As JSON: `generator` and `format` first, then what is said about the site, then `files`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut object = Map::new();
        object.insert("generator".into(), json!("octavo"));
        object.insert("format".into(), json!(1));
        let own = ["generator", "format", "files"];
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
        (generator == "octavo").then_some(Self { about, files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_nothing_else_is_one() {
        let manifest = SiteManifest {
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
        let about = Map::from_iter([("generator".to_owned(), json!("x")), ("files".to_owned(), json!(3))]);
        let manifest = SiteManifest { about, files: BTreeMap::new() };
        assert_eq!(SiteManifest::read(&manifest.to_bytes()), Some(SiteManifest::default()));
    }
}
