//! Who made the site, and how it is cited.

use minijinja::context;
use minijinja::value::{Serde, Value as Templated};

use super::Material;
use super::shared::Shared;
use crate::config::Author;
use crate::ids::{Route, relative};
use crate::project::cff::{Citation, Person};

/// The file at the root of the site that says in BibTeX how it is cited.
pub const BIBTEX: &str = "citation.bib";

/// Who signs the site, each with whether it is a group: those whom `octavo.toml` names, or else those who want to be cited.
pub(super) fn signers(material: &Material<'_>) -> Vec<(Author, bool)> {
    let named = &material.config.authors;
    let cited = material.citation.filter(|_| named.is_empty());
    let Some(cited) = cited else { return named.iter().map(|author| (author.clone(), false)).collect() };
    let author = |person: &Person| Author {
        name: person.name(),
        orcid: person.orcid.clone(),
        affiliation: person.affiliation.clone(),
    };
    cited.authors.iter().map(|person| (author(person), person.is_group())).collect()
}

/// Those who sign the site, for templates.
pub(super) fn authors(shared: &Shared<'_>) -> Templated {
    signers(shared.material).into_iter().map(|(author, _)| Templated::from(Serde(author))).collect()
}

/// How the site is cited, for the template of a page.
pub(super) fn context(citation: &Citation, page: &Route) -> Templated {
    context! {
        bibtex_url => relative(page, &Route::new(BIBTEX)),
        title => citation.title.clone(), authors => citation.authors.iter().map(Person::name).collect::<Vec<_>>(),
        year => citation.year(), version => citation.version.clone(), url => citation.address(), bibtex => citation.bibtex(),
    }
}
