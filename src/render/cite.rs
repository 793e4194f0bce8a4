//! Who made the site, and how it is cited.

use minijinja::context;
use minijinja::value::{Serde, Value as Templated};

use super::shared::Shared;
use crate::project::cff::{Citation, Person};

/// Who signs the site: those whom `octavo.toml` names, or else those who want to be cited.
pub(super) fn authors(shared: &Shared<'_>) -> Templated {
    let named = &shared.material.config.authors;
    let cited = shared.material.citation.filter(|_| named.is_empty());
    let Some(cited) = cited else { return Templated::from(Serde(named.clone())) };
    let one = |person: &Person| context! { name => person.name(), orcid => person.orcid.clone(), affiliation => person.affiliation.clone() };
    cited.authors.iter().map(one).collect()
}

/// How the site is cited, for templates.
pub(super) fn context(citation: &Citation) -> Templated {
    context! {
        title => citation.title.clone(), authors => citation.authors.iter().map(Person::name).collect::<Vec<_>>(),
        year => citation.year(), version => citation.version.clone(), url => citation.address(), bibtex => citation.bibtex(),
    }
}
