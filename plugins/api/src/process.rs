//! The protocol that a plugin and the host speak if the plugin is a program of its own (`docs/plugin-protocol.md`).
//!
//! Messages, and the form that parameters, inputs and artifacts have in them. All of it is pure: files are reached
//! through [`Folder`], which the host and [`serve`] provide.

mod builder;
mod cell;
mod columns;
mod decode;
mod drawing;
mod encode;
mod input;
mod message;
mod npy;
mod params;
mod serve;
mod strict;
mod table;

pub(crate) use builder::Builder;
pub use cell::cell_to_json;
pub use columns::columns;
pub use decode::decode_artifacts;
pub use encode::{Encoder, encode_artifacts};
pub use input::{InputMessage, decode_inputs, encode_inputs};
pub use message::{
    Capabilities, CheckAnswer, Describe, Hello, MAX_LINE, Reply, Request, RunLimits, RunRequest, VERSION,
    Welcome,
};
pub use params::{conform, conform_at, to_message};
pub use serve::serve;

/// The files that belong to a message.
pub trait Folder {
    /// The content of a file; the name was checked with [`plain_name`].
    ///
    /// # Errors
    /// A sentence that says why it cannot be read.
    fn read(&self, name: &str) -> Result<Vec<u8>, String>;

    /// The samples of a grey PNG file, row by row: width, height, values.
    ///
    /// # Errors
    /// A sentence that says why it cannot be read.
    fn picture(&self, name: &str) -> Result<(usize, usize, Vec<f64>), String> {
        Err(format!("the picture `{name}` cannot be read here"))
    }

    /// Counts memory that values take, while they are read.
    ///
    /// # Errors
    /// A sentence that says that there is no more.
    fn spend(&self, bytes: u64) -> Result<(), String> {
        let _ = bytes;
        Ok(())
    }

    /// Writes a file.
    ///
    /// # Errors
    /// A sentence that says why it cannot be written.
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), String>;
}

/// Whether this is the plain name of a file: no folders, nothing hidden, at most 100 characters.
pub fn plain_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(good)
}

/// The name in `{"file": name}`, if `json` has that form; an error if it is no plain name.
fn file_name(json: &serde_json::Value) -> Result<Option<&str>, String> {
    let Some(name) = json.as_object().and_then(|object| object.get("file")) else { return Ok(None) };
    match name.as_str() {
        Some(name) if plain_name(name) => Ok(Some(name)),
        Some(name) => Err(format!("`{name}` is not the plain name of a file in the run's folder")),
        None => Err("`file` is no text".to_owned()),
    }
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}
