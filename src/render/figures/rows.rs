//! The drawn rows of a figure as files.

use octavo_plugin::Digest;
use serde_json::{Value as Json, json};

use super::super::packed::Packed;
use crate::figure::files::{self, FileName};
use crate::figure::{LayerData, data};

/// The drawn rows of a figure as files; data are neutral, so they are the same in every language.
pub(super) struct RowFiles {
    pub(super) outputs: Vec<(String, Vec<u8>)>,
    /// What the links to the CSV files say, in order.
    pub(super) names: Vec<FileName>,
    /// Bytes of those that are compressed.
    pub(super) packed: Vec<Option<usize>>,
    /// Number of rows drawn.
    pub(super) rows: usize,
    /// Digest of the JSON, and with it of all rows.
    pub(super) digest: Digest,
}

impl RowFiles {
    pub(super) fn of(data: &[LayerData]) -> Self {
        let layers: Vec<Json> = data.iter().map(layer_json).collect();
        let (mut outputs, mut names, mut digests, mut packed) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, file) in files::files(data).into_iter().enumerate() {
            let bytes = file.csv().into_bytes();
            // Of the rows themselves, however they are packed.
            digests.push(Digest::of(&bytes).hex());
            let file_of_rows = Packed::of(bytes);
            packed.push(file_of_rows.is_compressed.then_some(file_of_rows.bytes.len()));
            outputs.push((format!("csv/{index}"), file_of_rows.bytes));
            names.push(file.name);
        }
        let mut json = json!({ "layers": layers });
        if data.iter().any(|layer| layer.relation.rows > ROWS_IN_JSON) {
            json["csv"] = digests.into();
        }
        let json = json.to_string().into_bytes();
        let digest = Digest::of(&json);
        outputs.push(("json".to_owned(), json));
        Self { outputs, names, packed, rows: data.iter().map(|layer| layer.relation.rows).sum(), digest }
    }
}

/// Rows of a layer that its JSON repeats; more of them are in the CSV file alone.
const ROWS_IN_JSON: usize = 1_000;

/// A drawn layer: its rows, or their number, the CSV files having them and their digests standing beside.
fn layer_json(layer: &LayerData) -> Json {
    let rows = &layer.relation;
    let rows = if rows.rows > ROWS_IN_JSON { rows.rows.into() } else { data::json(rows) };
    json!({ "from": layer.from, "rows": rows })
}
