//! `[store]`: a store on another machine behind that of the project.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::environment;
use crate::remote::{Address, Remote, Settings};

/// Where results are remembered beside the project's own folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Address of a store on another machine, such as `https://example.org/octavo`, in which results are looked for that are missing here. The
    /// environment variable `OCTAVO_STORE_REMOTE` takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Whether results that are computed here are brought there. The environment variable `OCTAVO_STORE_PUSH` takes its place.
    pub push: bool,
    /// Longest time without an answer from there.
    #[schemars(range(min = 0.1, max = 3600.0), extend("x-unit" = "s"))]
    pub timeout: f64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { remote: None, push: false, timeout: 20.0 }
    }
}

impl StoreConfig {
    /// The store on another machine that these settings and the environment name.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn far(&self) -> Result<Option<Remote>, Diagnostic> {
        let wrong = |message: String| Diagnostic::error("remote-store", message);
        let text = environment::remote_store().or_else(|| self.remote.clone());
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
        let address = Address::parse(&text).map_err(|error| wrong(error.to_string()))?;
        let push = environment::store_push().map_err(|error| wrong(error.to_string()))?;
        let settings = Settings {
            address,
            push: push.unwrap_or(self.push),
            timeout: Duration::from_secs_f64(self.timeout.clamp(0.1, 3600.0)),
            token: environment::store_token(),
        };
        Remote::new(settings).map(Some).map_err(|unusable| {
            let problem = wrong(unusable.to_string());
            match unusable.help() {
                Some(help) => problem.help(help),
                None => problem,
            }
        })
    }
}
