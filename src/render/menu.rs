//! The links that a project puts below the pages in the navigation.

use minijinja::context;
use minijinja::value::Value as Templated;

use super::pages::address;
use super::shared::Shared;
use crate::ids::Route;
use crate::locale::Locale;
use crate::names::{self, LinkTarget};
use crate::prose::typeset_text;

/// The links as a page shows them. What leads nowhere was told by the check.
pub(super) fn entries(shared: &Shared<'_>, locale: &Locale, route: &Route) -> Vec<Templated> {
    let site = shared.material.site;
    let url = |to: &str| match names::resolve(site, "", to, shared.material.has_file).ok()? {
        LinkTarget::Page(id, place) => {
            let url = address(shared, route, &site.find(&id)?.route(&locale.tag, &site.languages));
            Some(place.map_or(url.clone(), |place| format!("{url}#{place}")))
        }
        LinkTarget::Static(file) => Some(address(shared, route, &file)),
        LinkTarget::Asset(_) => None,
    };
    let entry = |entry: &crate::config::MenuEntry| {
        let url = if entry.is_outside() { entry.to.clone() } else { url(&entry.to)? };
        Some(
            context! { title => entry.title.get(&locale.tag).map(|title| typeset_text(title, locale)), url => url },
        )
    };
    shared.material.config.menu.iter().filter_map(entry).collect()
}
