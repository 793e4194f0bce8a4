//! `[store]`: a store on another machine behind that of the project.

use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::environment::{self, Buckets};
use crate::file;
use crate::remote::{Access, Address, Keys, Remote, Settings, WrongAddress};

/// Where results are remembered beside the project's own folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Address of a store on another machine, such as `https://example.org/octavo` or `s3://bucket/prefix`, in which results are looked for that
    /// are missing here. The environment variable `OCTAVO_STORE_REMOTE` takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Whether results that are computed here are brought there. The environment variable `OCTAVO_STORE_PUSH` takes its place.
    pub push: bool,
    /// Longest time without an answer from there.
    #[schemars(range(min = 0.1, max = 3600.0), extend("x-unit" = "s"))]
    pub timeout: f64,
    /// A file with the certificates (PEM) of those who vouch for the host of an address with `https`, in place of those that the program knows. The
    /// environment variable `OCTAVO_STORE_CA` takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The region of a bucket, such as `eu-central-1`; otherwise the one that `AWS_REGION` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The address of a service of buckets other than Amazon's; otherwise the one that `AWS_ENDPOINT_URL` says, if it says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { remote: None, push: false, timeout: 20.0, ca: None, region: None, endpoint: None }
    }
}

impl StoreConfig {
    /// What is wrong with the address, whatever the environment says beside it.
    pub(super) fn wrong_address(&self) -> Option<WrongAddress> {
        let usual = Buckets { region: Some("us-east-1".to_owned()), ..Buckets::default() };
        self.address(self.remote.as_ref()?, &usual).err()
    }

    fn address(&self, text: &str, buckets: &Buckets) -> Result<Address, WrongAddress> {
        if !Address::names_bucket(text) {
            return Address::parse(text);
        }
        let region = self.region.as_ref().or(buckets.region.as_ref());
        let endpoint = self.endpoint.as_ref().or(buckets.endpoint.as_ref());
        Address::of_bucket(text, region.map(String::as_str), endpoint.map(String::as_str))
    }

    /// The store on another machine that these settings and the environment name, for a project in a folder.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn far(&self, root: &Path) -> Result<Option<Remote>, Diagnostic> {
        let wrong = |message: String| Diagnostic::error("remote-store", message);
        let text = environment::remote_store().or_else(|| self.remote.clone());
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
        let buckets = environment::buckets();
        let address = self.address(&text, &buckets).map_err(|error| wrong(error.to_string()))?;
        let push = environment::store_push().map_err(|error| wrong(error.to_string()))?;
        let access = match Address::names_bucket(&text) {
            true => keys(buckets).map_err(wrong)?,
            false => environment::store_token().map_or(Access::Open, Access::Token),
        };
        let settings = Settings {
            address,
            push: push.unwrap_or(self.push),
            timeout: Duration::from_secs_f64(self.timeout.clamp(0.1, 3600.0)),
            access,
            authorities: self.authorities(root).map_err(wrong)?,
        };
        Remote::new(settings).map(Some).map_err(|unusable| {
            let problem = wrong(unusable.to_string());
            match unusable.help() {
                Some(help) => problem.help(help),
                None => problem,
            }
        })
    }

    /// The certificates of those who vouch for the host, if a file of them is named.
    fn authorities(&self, root: &Path) -> Result<Option<Vec<u8>>, String> {
        let named = self.ca.as_ref().map(|path| root.join(path));
        let Some(path) = environment::store_authorities().or(named) else { return Ok(None) };
        let shown = path.display().to_string();
        file::read(&path).map(Some).map_err(|error| file::unreadable(&shown, &error))
    }
}

/// The keys of buckets in the environment; without them only what everybody may read is read.
fn keys(buckets: Buckets) -> Result<Access, String> {
    let Buckets { id, secret, session, .. } = buckets;
    match (id, secret) {
        (Some(id), Some(secret)) => Ok(Access::Keys(Keys { id, secret, session })),
        (None, None) => Ok(Access::Open),
        _ => Err("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed together, and one of them is empty"
            .to_owned()),
    }
}
