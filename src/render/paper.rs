//! What a page has for paper, where nothing can be opened or followed: numbers of notes on its links, and an appendix with the addresses
//! of these and with what its figures, tables and claims come from.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value as Templated;

use super::figures::Drawn;
use super::last_good::Origin;
use super::shared::Shared;
use super::web;
use crate::ids::{Route, TableRef};

/// What the appendix of a page tells of its figures and tables, and of its claims, in their order.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Figures and tables.
    pub(super) drawn: Vec<Templated>,
    /// Claims.
    pub(super) claims: Vec<Templated>,
}

impl Told {
    /// Tells of a figure.
    pub(super) fn figure(
        &mut self,
        shared: &Shared<'_>,
        number: usize,
        experiment: &str,
        origin: &Origin,
        drawn: &Drawn,
    ) {
        let data: Vec<String> = drawn.csv.iter().map(|csv| place(shared, &csv.route)).collect();
        let Origin { analysis, revision, seed, replicates, .. } = origin;
        self.drawn.push(context! {
            kind => "figure", number => number, experiment => experiment, analysis => analysis, revision => revision,
            seed => seed, replicates => replicates, digest => drawn.digest.short(), data => data,
        });
    }

    /// Tells of a table that is in a file of its own.
    pub(super) fn table(&mut self, shared: &Shared<'_>, number: usize, of: &TableRef, route: &Route) {
        // One that stands in for today's may be of an experiment that is gone.
        let origin = shared.material.experiments.get(&of.experiment).map(|experiment| Origin::of(experiment));
        let origin = origin.as_ref();
        self.drawn.push(context! {
            kind => "table", number => number, experiment => of.experiment.as_str(),
            analysis => origin.map(|origin| &origin.analysis), revision => origin.map(|origin| origin.revision),
            seed => origin.map(|origin| origin.seed), replicates => origin.map_or(1, |origin| origin.replicates),
            digest => (), data => [place(shared, route)],
        });
    }

    /// The appendix, or nothing if there is nothing to tell. `links` are the addresses of the notes.
    pub(super) fn appendix(&self, links: &[String]) -> Option<Templated> {
        let Self { drawn, claims } = self;
        let is_empty = drawn.is_empty() && claims.is_empty() && links.is_empty();
        (!is_empty).then(|| context! { drawn => drawn, claims => claims, links => links.to_vec() })
    }
}

/// Where a file of the site is: on the web if the site has an address, else in its own folder.
fn place(shared: &Shared<'_>, route: &Route) -> String {
    web::on_the_web(shared, route).unwrap_or_else(|| route.to_string())
}

/// Numbers the links of a text that lead to other hosts and do not say where: the text with the numbers, and the addresses in their order,
/// each once.
pub(super) fn noted(html: &str) -> (String, Vec<String>) {
    const LINK: &str = "<a href=\"http";
    let mut addresses: Vec<String> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(LINK) {
        let start = at + LINK.len() - "http".len();
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some((address, after)) = rest.split_once('"') else { break };
        text.push_str(address);
        text.push('"');
        rest = after;
        let shown =
            after.split_once('>').and_then(|(_, words)| words.split_once("</a>")).map(|(words, _)| words);
        if shown.is_some_and(|words| says(words, address)) {
            continue;
        }
        let number = *known.entry(address).or_insert_with(|| {
            addresses.push(unescaped(address));
            addresses.len()
        });
        text.push_str(&format!(" data-note=\"{number}\""));
    }
    text.push_str(rest);
    (text, addresses)
}

/// Whether the words of a link are its address, or a known name of it: `arXiv:1706.00292`, `doi:10.1090/memo/0154`.
fn says(words: &str, address: &str) -> bool {
    let name = words.strip_prefix("doi:").or_else(|| words.strip_prefix("arXiv:")).unwrap_or(words).trim();
    name.contains(['.', '/']) && address.trim_end_matches('/').ends_with(name.trim_end_matches('/'))
}

/// An address as it stood before it was escaped for an attribute.
fn unescaped(address: &str) -> String {
    [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(address.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_other_hosts_get_numbers_once_an_address() {
        let html = "<p><a href=\"https://a.org/x?b=1&amp;c\">A</a>, <a href=\"../b.html\">b</a>, <a href=\"http://c.org\" \
                    title=\"C\">the c.org</a> and <a href=\"https://a.org/x?b=1&amp;c\">again</a></p>";
        let (text, addresses) = noted(html);
        assert_eq!(addresses, ["https://a.org/x?b=1&c", "http://c.org"]);
        assert_eq!(
            text,
            "<p><a href=\"https://a.org/x?b=1&amp;c\" data-note=\"1\">A</a>, <a href=\"../b.html\">b</a>, <a href=\"http://c.org\" \
             data-note=\"2\" title=\"C\">the c.org</a> and <a href=\"https://a.org/x?b=1&amp;c\" data-note=\"1\">again</a></p>"
        );
    }

    #[test]
    fn links_that_say_where_they_lead_have_no_note() {
        for html in [
            "<a href=\"https://arxiv.org/abs/1706.00292\">arXiv:1706.00292</a>",
            "<a href=\"https://doi.org/10.1090/memo/0154\">doi:10.1090/memo/0154</a>",
            "<a href=\"https://example.org/\">https://example.org</a>",
            "<a href=\"https://example.org/\">example.org</a>",
            "<a href=\"http",
            "no link",
        ] {
            assert_eq!(noted(html), (html.to_owned(), Vec::new()));
        }
        let word = "<a href=\"https://example.org/seed\">seed</a>";
        assert_eq!(noted(word).1, ["https://example.org/seed"]);
    }
}
