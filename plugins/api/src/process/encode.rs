//! Artifacts as a message and files.

use serde_json::{Map, Value as Json, json};

use super::Folder;
use super::cell::cell_to_json;
use crate::Artifacts;

/// Writes the files of a message under names of one prefix.
pub struct Encoder<'a> {
    folder: &'a mut dyn Folder,
    prefix: String,
    files: usize,
}

impl<'a> Encoder<'a> {
    /// Files are named `PREFIX1.csv`, `PREFIX2.npy`, ...
    pub fn new(folder: &'a mut dyn Folder, prefix: &str) -> Self {
        Self { folder, prefix: prefix.to_owned(), files: 0 }
    }

    /// Writes a file and gives its name.
    pub(super) fn file(&mut self, extension: &str, bytes: &[u8]) -> Result<String, String> {
        self.files += 1;
        let name = format!("{}{}.{extension}", self.prefix, self.files);
        self.folder.write(&name, bytes)?;
        Ok(name)
    }
}

/// The value of the result of `run`. Everything must be finite: NaN has no form.
///
/// # Errors
/// If a file cannot be written.
pub fn encode_artifacts(artifacts: &Artifacts, folder: &mut dyn Folder) -> Result<Json, String> {
    let mut encoder = Encoder::new(folder, "");
    let mut scalars = Map::new();
    for (name, scalar) in &artifacts.scalars {
        let mut json = json!({ "value": cell_to_json(&scalar.value) });
        if let Some(uncertainty) = scalar.uncertainty {
            json["uncertainty"] = uncertainty.into();
        }
        scalars.insert(name.clone(), json);
    }
    let mut tables = Map::new();
    for (name, table) in &artifacts.tables {
        tables.insert(name.clone(), encoder.table(table)?);
    }
    let mut drawings = Map::new();
    for (name, drawing) in &artifacts.drawings {
        drawings.insert(name.clone(), encoder.drawing(drawing)?);
    }
    Ok(json!({ "scalars": scalars, "tables": tables, "drawings": drawings }))
}
