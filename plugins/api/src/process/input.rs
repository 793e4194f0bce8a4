//! Inputs in messages.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::encode::Encoder;
use super::table::{self, Kinds};
use super::{Folder, drawing, plain_name};
use crate::artifact::{Artifact, Drawing, Table};
use crate::input::{InputContent, InputData};
use crate::{Failure, Inputs};

/// The content of an input: one of the last four fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InputMessage {
    /// What messages call it.
    pub name: String,
    /// Plain name of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A table with its `types`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Json>,
    /// Shapes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geometry: Option<Json>,
    /// A grid of values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raster: Option<Json>,
}

/// Writes inputs for a plugin: files of `folder` are named by the digest of the content, so that a folder may serve many
/// runs.
///
/// # Errors
/// If a file cannot be written.
pub fn encode_inputs(
    inputs: &Inputs,
    folder: &mut dyn Folder,
) -> Result<BTreeMap<String, InputMessage>, String> {
    inputs.each().map(|(address, data)| Ok((address.clone(), encode(address, data, folder)?))).collect()
}

fn encode(address: &str, data: &InputData, folder: &mut dyn Folder) -> Result<InputMessage, String> {
    let mut message = InputMessage { name: data.name.clone(), ..InputMessage::default() };
    let stem = address.trim_start_matches("blake3:").split('.').next().unwrap_or(address).to_owned();
    match &data.content {
        InputContent::File { extension, bytes } => {
            let name = format!("{stem}.{extension}");
            let name = if plain_name(&name) { name } else { stem };
            folder.write(&name, bytes)?;
            message.file = Some(name);
        }
        InputContent::Artifact(artifact) => {
            let mut encoder = Encoder::new(folder, &format!("{stem}-"));
            match artifact {
                Artifact::Table(table) => message.table = Some(typed(encoder.table(table)?, table)),
                Artifact::Drawing(Drawing::Geometry(geometry)) => {
                    let mut json = encoder.geometry(geometry)?;
                    if let Some(attributes) = json.get_mut("attributes") {
                        *attributes = typed(attributes.take(), &geometry.attributes);
                    }
                    message.geometry = Some(json);
                }
                Artifact::Drawing(Drawing::Raster(raster)) => message.raster = Some(encoder.raster(raster)?),
                Artifact::Drawing(Drawing::Picture(_)) => {
                    return Err(format!(
                        "`{}` is a picture, and nothing can be computed from one",
                        data.name
                    ));
                }
                Artifact::Scalars(_) => return Err(format!("`{}` is no table or drawing", data.name)),
            }
        }
    }
    Ok(message)
}

fn typed(mut json: Json, table: &Table) -> Json {
    let types: IndexMap<&String, Json> =
        table.columns.iter().map(|(name, column)| (name, json!(column.kind()))).collect();
    json["types"] = json!(types);
    json
}

/// Reads the inputs of a run.
///
/// # Errors
/// A [`Failure`] of the host: it sent something else than the protocol says.
pub fn decode_inputs(
    messages: &BTreeMap<String, InputMessage>,
    folder: &dyn Folder,
) -> Result<Inputs, Failure> {
    let mut inputs = Inputs::new();
    for (address, message) in messages {
        let content = decode(message, folder)
            .map_err(|text| Failure::bug(format!("the input `{}` cannot be read: {text}", message.name)))?;
        inputs.insert(address, &message.name, content);
    }
    Ok(inputs)
}

fn decode(message: &InputMessage, folder: &dyn Folder) -> Result<InputContent, String> {
    if let Some(name) = &message.file {
        if !plain_name(name) {
            return Err(format!("`{name}` is no plain name of a file"));
        }
        let extension = super::extension(name).to_owned();
        return Ok(InputContent::File { extension, bytes: folder.read(name)? });
    }
    let artifact = match (&message.table, &message.geometry, &message.raster) {
        (Some(json), ..) => Artifact::Table(table::decode(json, &types(json)?, folder)?),
        (None, Some(json), _) => {
            let kinds = json.get("attributes").map(types).transpose()?.unwrap_or_default();
            Artifact::Drawing(drawing::decode_geometry(json, &kinds, folder)?.into())
        }
        (None, None, Some(json)) => Artifact::Drawing(drawing::decode_raster(json, folder)?.into()),
        _ => return Err("it has no content".to_owned()),
    };
    Ok(InputContent::Artifact(artifact))
}

fn types(json: &Json) -> Result<Kinds, String> {
    let types = json.get("types").ok_or("it has no `types`")?;
    Deserialize::deserialize(types).map_err(|error: serde_json::Error| format!("`types`: {error}"))
}
