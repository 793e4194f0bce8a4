//! Files beside the pages that pages link to: pictures and data. Only these are published.

mod active;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::file;
use crate::ids::Route;
use crate::names::{self, LinkTarget};
use crate::project::{Project, STATIC};
use crate::prose::ReferenceKind;
use crate::publish::{Content, MARKER};
use crate::render::Files;
use crate::site::Site;
use crate::source::Location;
use crate::theme;

/// Every file that some page links to, and the first place that does.
fn linked(project: &Project, site: &Site) -> BTreeMap<String, Location> {
    let exists = |path: &str| project.has_file(path);
    let mut linked = BTreeMap::new();
    for page in &site.pages {
        let references = page.texts.values().flat_map(|text| text.prose.references());
        for reference in references.filter(|reference| reference.kind == ReferenceKind::Link) {
            if let Ok(LinkTarget::Asset(path)) =
                names::resolve(site, page.folder(), &reference.target, &exists)
            {
                linked.entry(path).or_insert_with(|| reference.location.clone());
            }
        }
    }
    linked
}

/// Linked files that cannot be published: at an address that is taken or that not every system can hold, that cannot be
/// read, or with a script in them.
pub(super) fn check(project: &Project, site: &Site) -> Vec<Diagnostic> {
    let pages = site.pages.iter().flat_map(|page| {
        let route = |tag: &str| page.route(tag, &site.languages).to_lowercase();
        let source = |tag: &str| page.text(tag, &site.languages).source.path.clone();
        site.languages.iter().map(move |locale| (route(&locale.tag), source(&locale.tag)))
    });
    let mut taken: BTreeMap<String, String> = pages.collect();
    let mut problems = check_statics(project, &taken);
    for (path, place) in linked(project, site) {
        let add = |problem: Diagnostic| problems.push(problem.at(place));
        let route = names::asset_route(&path);
        let shown = format!("{}/{path}", project.config.experiments);
        let other = taken.insert(route.to_lowercase(), shown.clone());
        if let Err(problem) = route.check() {
            let message = format!("`{shown}` cannot be published: {problem}");
            add(Diagnostic::error("bad-route", message).help("give the file another name"));
        } else if let Some(other) = other {
            let message = format!("`{other}` and `{shown}` both give `{route}`");
            add(Diagnostic::error("same-route", message).help("rename one of them"));
        } else if let Err(problem) = look(project, &path, &shown) {
            add(problem);
        }
    }
    problems
}

/// Files of `static/` that cannot stand at the root of the site.
fn check_statics(project: &Project, pages: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for name in project.statics.keys() {
        let shown = format!("{STATIC}/{name}");
        let theirs = |known: &str| known.contains('/') && known.eq_ignore_ascii_case(name);
        let is_ours = name.eq_ignore_ascii_case(MARKER) || theme::names().any(theirs);
        let problem = if let Err(problem) = name.check() {
            let message = format!("`{shown}` cannot be published: {problem}");
            Diagnostic::error("bad-route", message).help("give the file another name")
        } else if let Some(page) = pages.get(&name.to_lowercase()) {
            let message = format!("`{page}` and `{shown}` both give `{name}`");
            Diagnostic::error("same-route", message).help("rename one of them")
        } else if is_ours {
            taken(&shown, name)
        } else {
            continue;
        };
        problems.push(problem.at(file::place(&shown)));
    }
    problems
}

fn taken(shown: &str, route: &Route) -> Diagnostic {
    let message = format!("`{shown}` gives `{route}`, a file that Octavo writes");
    let mut help = "rename the file".to_owned();
    if route.starts_with("assets/") || route.starts_with("fonts/") {
        help.push_str(&format!("; what is to take the place of ours lies in `templates/{route}`"));
    }
    Diagnostic::error("same-route", message).help(help)
}

/// Adds the files of `static/`, as they are, to a site that is whole otherwise.
fn add_statics(project: &Project, files: &mut Files, diagnostics: &mut Vec<Diagnostic>) {
    let routes: BTreeSet<String> = files.keys().map(|route| route.to_lowercase()).collect();
    for (name, path) in &project.statics {
        let shown = format!("{STATIC}/{name}");
        let read = match routes.contains(&name.to_lowercase()) {
            true => Err(taken(&shown, name)),
            false => file::read(path)
                .map_err(|error| Diagnostic::error("unreadable", file::unreadable(&shown, &error))),
        };
        match read {
            Ok(bytes) => drop(files.insert(name.clone(), Content::Bytes(bytes))),
            Err(problem) => diagnostics.push(problem.at(file::place(&shown))),
        }
    }
}

/// Opens the file and looks for scripts in it, as far as that is needed.
fn look(project: &Project, path: &str, shown: &str) -> Result<(), Diagnostic> {
    let read = |path: &Path, most: u64| {
        let mut bytes = Vec::new();
        file::open(path)?.take(most).read_to_end(&mut bytes).map(|_| bytes)
    };
    let most = if project.config.raw_html { 0 } else { active::needs(path) };
    let bytes = read(&project.assets[path], most)
        .map_err(|error| Diagnostic::error("unreadable", file::unreadable(shown, &error)))?;
    passive(project, path, shown, &bytes)
}

fn passive(project: &Project, path: &str, shown: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
    if project.config.raw_html {
        return Ok(());
    }
    active::look(path, bytes).map_err(|what| {
        let message = format!("`{shown}` {what}, and a reader who opens it may run a script");
        let help = "link a file without scripts (a plain SVG, a picture, an archive), or set `raw_html = true` in \
                    octavo.toml, which trusts every author of a page with scripts";
        Diagnostic::error("active-content", message).help(help)
    })
}

/// Where the linked files and those of `static/` stand in the site, and on disk, for who reads them when they are asked for.
pub(crate) fn places(project: &Project, site: &Site) -> BTreeMap<Route, PathBuf> {
    let statics = project.statics.clone().into_iter();
    let linked = linked(project, site)
        .into_keys()
        .map(|path| (names::asset_route(&path), project.assets[&path].clone()));
    statics.chain(linked).collect()
}

/// Adds the linked files and those of `static/` to a site that is whole otherwise. Linked ones are looked at again: they may have changed while tasks ran.
pub(crate) fn add(project: &Project, site: &Site, files: &mut Files, diagnostics: &mut Vec<Diagnostic>) {
    for (path, place) in linked(project, site) {
        let shown = format!("{}/{path}", project.config.experiments);
        let read = file::read(&project.assets[&path])
            .map_err(|error| Diagnostic::error("unreadable", file::unreadable(&shown, &error)))
            .and_then(|bytes| passive(project, &path, &shown, &bytes).map(|()| bytes));
        match read {
            Ok(bytes) => drop(files.insert(names::asset_route(&path), Content::Bytes(bytes))),
            Err(problem) => diagnostics.push(problem.at(place)),
        }
    }
    add_statics(project, files, diagnostics);
}
