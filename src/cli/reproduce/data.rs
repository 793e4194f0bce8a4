//! A downloaded file of rows, which carries nothing: its site says which file it is, and a figure of that site how it was made.

use std::path::Path;

use octavo_plugin::Digest;

use crate::build::Rendered;
use crate::disk;
use crate::executor::Outcome;
use crate::plan::Plan;
use crate::publish::{Content, SiteManifest};
use crate::relate::relate;
use crate::render::recipe::{Recipe, carried};
use crate::render::{figures, packed};

/// A file of a site.
pub(super) struct DataFile {
    /// Its route.
    pub(super) route: String,
    /// Digest of its bytes.
    pub(super) digest: Digest,
}

/// Which file of a site it is, and the recipe of a figure that it belongs to, as TOML.
///
/// # Errors
/// What the site lacks.
pub(super) fn found(site: &Path, bytes: &[u8]) -> Result<(DataFile, String), String> {
    let marker = disk::read(site).map_err(|error| error.to_string())?;
    let manifest =
        marker.and_then(|marker| SiteManifest::read(&marker)).ok_or("there is no such `octavo.json`")?;
    let digest = Digest::of(bytes);
    let route = manifest.files.iter().find(|(_, own)| **own == digest).map(|(route, _)| route.clone());
    let route = route.ok_or_else(|| format!("no file of the site has its digest {digest}"))?;
    // A sample is made by the site's limit, which no recipe knows.
    if packed::is_sample(&route) {
        return Err(format!(
            "it is `{route}`, a sample of the rows of a table, which was too large for the site; a file of the whole table, by \
             `octavo export` in the project, has a digest of its own"
        ));
    }
    let folder = site.parent().unwrap_or(Path::new(""));
    let ends = |route: &str, ending: &str| {
        route.starts_with("figures/") && Path::new(route).extension().is_some_and(|own| own == ending)
    };
    // Figures that an analysis drew itself may have a PNG alone.
    let pictures = ["svg", "png"]
        .into_iter()
        .flat_map(|ending| manifest.files.keys().filter(move |route| ends(route, ending)));
    for picture in pictures {
        let Ok(Some(bytes)) = disk::read(&folder.join(picture)) else { continue };
        let Ok(Some(text)) = carried(&bytes) else { continue };
        if toml::from_str(&text).is_ok_and(|recipe| belongs(&route, &recipe)) {
            return Ok((DataFile { route, digest }, text));
        }
    }
    Err(format!("it is `{route}`, and no figure beside `octavo.json` carries how that is made"))
}

/// Whether a file has rows of a recipe's figure, or a whole table of one of its experiments.
fn belongs(route: &str, recipe: &Recipe) -> bool {
    let drawn = route.strip_prefix(&figures::base(&recipe.figure));
    drawn.is_some_and(|rest| rest.starts_with(['.', '-']))
        || recipe.made.keys().any(|id| table(route, id).is_some())
}

/// The table of an experiment that a file has.
fn table<'r>(route: &'r str, id: &str) -> Option<&'r str> {
    let name = route.strip_prefix("data/")?.strip_prefix(id)?.strip_prefix('/')?;
    name.split('.').next().filter(|table| !table.contains('/'))
}

/// The digest of the same file, made again.
pub(super) fn again(route: &str, plan: &Plan, outcomes: &[Outcome], rendered: &Rendered) -> Option<Digest> {
    if let Some(content) = rendered.files.get(route) {
        return Some(Content::digest(content));
    }
    let (index, name) =
        plan.experiments.iter().enumerate().find_map(|(index, one)| Some((index, table(route, &one.id)?)))?;
    let relation = relate(plan, index, outcomes).results.relation(name).ok()?;
    Some(packed::digest_of(&relation))
}
