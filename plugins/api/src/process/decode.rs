//! Artifacts from a message and files.

use serde_json::{Map, Value as Json};

use super::Folder;
use super::cell::cell;
use super::table::{self, Kinds};
use super::{drawing, message};
use crate::output::ColumnSchema;
use crate::{Artifacts, Failure, OutputSchema, Scalar};

/// Reads the value of the result of `run`. [`Artifacts::check`] is still to be called.
///
/// # Errors
/// [`FailureKind::Numeric`](crate::FailureKind::Numeric) for what is not finite,
/// [`FailureKind::Resource`](crate::FailureKind::Resource) for what takes too much memory,
/// [`FailureKind::Bug`](crate::FailureKind::Bug) for everything else that does not fit the declaration.
pub fn decode_artifacts(
    json: &Json,
    declared: &OutputSchema,
    folder: &dyn Folder,
) -> Result<Artifacts, Failure> {
    decode(json, declared, folder).map_err(|message| match &message {
        what if what.contains("not finite") => Failure::numeric(message),
        what if what.contains("of memory") => Failure::resource(message),
        _ => Failure::bug(message),
    })
}

fn decode(json: &Json, declared: &OutputSchema, folder: &dyn Folder) -> Result<Artifacts, String> {
    let mut artifacts = Artifacts::new();
    for (name, json) in group(json, "scalars")? {
        let schema = declared.scalars.get(name).ok_or_else(|| undeclared("scalar", name))?;
        let scalar = scalar(json, schema).map_err(|message| format!("the scalar `{name}`: {message}"))?;
        artifacts.scalars.insert(name.clone(), scalar);
    }
    for (name, json) in group(json, "tables")? {
        let schema = declared.tables.get(name).ok_or_else(|| undeclared("table", name))?;
        let table = table::decode(json, &kinds(&schema.columns), folder)
            .map_err(|message| format!("the table `{name}`: {message}"))?;
        artifacts.tables.insert(name.clone(), table);
    }
    for (name, json) in group(json, "drawings")? {
        let schema = declared.drawings.get(name).ok_or_else(|| undeclared("drawing", name))?;
        let drawing = drawing::decode(json, &kinds(&schema.attributes), folder)
            .map_err(|message| format!("the drawing `{name}`: {message}"))?;
        artifacts.drawings.insert(name.clone(), drawing);
    }
    Ok(artifacts)
}

fn group<'a>(
    json: &'a Json,
    name: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Json)> + use<'a>, String> {
    let object: Option<&Map<String, Json>> = match json.get(name) {
        None => None,
        Some(Json::Object(object)) => Some(object),
        Some(_) => return Err(format!("`{name}` of the result is no object")),
    };
    Ok(object.into_iter().flatten())
}

fn scalar(json: &Json, schema: &ColumnSchema) -> Result<Scalar, String> {
    let value = json.get("value").ok_or("it has no `value`")?;
    let uncertainty = match json.get("uncertainty") {
        None | Some(Json::Null) => None,
        Some(Json::Number(number)) => number.as_f64(),
        Some(_) => return Err("its `uncertainty` is no number".to_owned()),
    };
    Ok(Scalar { value: cell(schema.kind, value)?, uncertainty })
}

pub(super) fn kinds(columns: &indexmap::IndexMap<String, ColumnSchema>) -> Kinds {
    columns.iter().map(|(name, column)| (name.clone(), column.kind)).collect()
}

fn undeclared(what: &str, name: &str) -> String {
    format!("the {what} {} was not declared", message::quoted(name))
}
