//! Addresses at which pages stood before, and which lead to them now.

use std::collections::BTreeMap;

use super::{Page, Site};
use crate::diagnostic::Diagnostic;
use crate::ids::Route;
use crate::source::Location;

/// An address that leads to a page.
#[derive(Clone, Debug)]
pub struct Alias<'a> {
    /// The address, from the site's own folder.
    pub route: Route,
    /// The index of the page.
    pub page: usize,
    /// The language of the text that names it.
    pub language: &'a str,
    place: &'a Location,
}

/// The file at an address as an author writes it: of a folder its `index.html`.
fn route(written: &str) -> Route {
    let plain = written.trim_start_matches('/');
    match plain.rsplit('/').next().unwrap_or_default() {
        "" => Route::new(format!("{plain}index.html")),
        name if name.contains('.') => Route::new(plain),
        _ => Route::new(format!("{plain}.html")),
    }
}

impl Site {
    /// All of them, in the order of pages.
    pub fn aliases(&self) -> impl Iterator<Item = Alias<'_>> {
        self.pages.iter().enumerate().flat_map(|(page, Page { texts, .. })| {
            texts.values().flat_map(move |text| {
                let aliases = text.prose.front.aliases.iter();
                aliases.map(move |(written, place)| Alias {
                    route: route(written),
                    page,
                    language: &text.language,
                    place,
                })
            })
        })
    }

    /// Those at an address that something else has, or that cannot be one.
    pub fn alias_clashes(&self, generated: &[Route]) -> Vec<Diagnostic> {
        let ours =
            generated.iter().map(|route| (route.to_lowercase(), "a page that Octavo writes".to_owned()));
        let mut taken: BTreeMap<String, String> = ours.collect();
        for page in &self.pages {
            for locale in &self.languages {
                let source = &page.text(&locale.tag, &self.languages).source.path;
                taken.insert(
                    page.route(&locale.tag, &self.languages).to_lowercase(),
                    format!("the page `{source}`"),
                );
            }
        }
        let mut problems = Vec::new();
        for Alias { route, place, .. } in self.aliases() {
            let other = taken.insert(route.to_lowercase(), format!("an alias of `{}`", place.source.path));
            let problem = match (route.check(), other) {
                (Err(why), _) => {
                    Diagnostic::error("bad-route", format!("`{route}` cannot be an alias: {why}"))
                        .help("write the address at which the page stood, such as `old/page.html`")
                }
                (Ok(()), _) if !route.ends_with(".html") => Diagnostic::error(
                    "bad-route",
                    format!("the alias `{route}` is no page: a reader is led on by a page alone"),
                )
                .help("end it with `.html`"),
                (Ok(()), Some(other)) => {
                    Diagnostic::error("same-route", format!("at `{route}` stands {other}"))
                        .help("remove the alias, or give the other one another name")
                }
                (Ok(()), None) => continue,
            };
            problems.push(problem.at(place.clone()));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::route;

    #[test]
    fn an_address_as_it_is_written_is_that_of_a_file() {
        for (written, wanted) in [
            ("old.html", "old.html"),
            ("/old/page", "old/page.html"),
            ("old/", "old/index.html"),
            ("", "index.html"),
            ("a/b.php", "a/b.php"),
        ] {
            assert_eq!(route(written), wanted);
        }
    }
}
