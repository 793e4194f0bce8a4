//! Is every word of `glossary.toml` there in every language, once, and does every link to one name one?

use octavo_plugin::Localized;

use crate::diagnostic::Diagnostic;
use crate::glossary::{FILE, Term};
use crate::project::Project;
use crate::prose::{Macros, ReferenceKind, same_form, wrong_formulas};
use crate::site::Site;
use crate::toml_tree::Node;

/// Every problem of the words of a project and of links to them.
pub fn check_glossary(project: &Project, site: &Site, macros: &Macros) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if let Some((glossary, node)) = &project.glossary {
        for (name, term) in &glossary.term {
            problems.extend(incomplete(project, name, term, node));
            problems.extend(formulas(name, &term.definition, node, macros));
        }
        for language in &project.config.languages {
            problems.extend(twice(language, &glossary.term, node));
        }
    }
    problems.extend(unknown(project, site));
    problems
}

/// What a word lacks in some language of the project, and languages that the project does not have.
fn incomplete(project: &Project, name: &str, term: &Term, node: &Node) -> Vec<Diagnostic> {
    let languages = &project.config.languages;
    let place = |key: &str| node.place_of(&["term", name, key]);
    let lacks = |(key, text): (&'static str, &Localized)| {
        let is_empty = |language: &&String| {
            !text.covers(language) || text.get(language).is_none_or(|text| text.trim().is_empty())
        };
        let missing = languages.iter().find(is_empty)?;
        let message = format!("the term `{name}` has no {key} in `{missing}`");
        let help = format!("write `{key}.{missing} = \"...\"`");
        Some(Diagnostic::error("glossary", message).at(place(key)).help(help))
    };
    let mut problems: Vec<Diagnostic> =
        [("word", &term.word), ("definition", &term.definition)].into_iter().filter_map(lacks).collect();
    for other in term.also.keys().filter(|other| !languages.contains(other)) {
        let message = format!("the project has no language `{other}`");
        let problem = Diagnostic::error("glossary", message).at(place("also"));
        problems.push(problem.nearest(other, languages.iter().map(String::as_str)));
    }
    problems
}

/// Words that stand for two things in a language.
fn twice(language: &str, terms: &std::collections::BTreeMap<String, Term>, node: &Node) -> Vec<Diagnostic> {
    let all: Vec<(&String, &str)> =
        terms.iter().flat_map(|(name, term)| term.forms(language).map(move |form| (name, form))).collect();
    let mut problems = Vec::new();
    for (at, (name, form)) in all.iter().enumerate() {
        if let Some((other, _)) = all[..at].iter().find(|(_, before)| same_form(form, before)) {
            let message = match name == other {
                true => format!("the term `{name}` has `{form}` twice in `{language}`"),
                false => format!("`{form}` is a word of two terms in `{language}`: `{other}` and `{name}`"),
            };
            let problem = Diagnostic::error("glossary", message).at(node.place_of(&["term", name]));
            problems.push(problem.help("let each word stand for one term"));
        }
    }
    problems
}

/// Formulas of a definition that cannot be set.
fn formulas(name: &str, text: &Localized, node: &Node, macros: &Macros) -> Vec<Diagnostic> {
    let texts: Vec<&str> = match text {
        Localized::All(text) => vec![text],
        Localized::Each(texts) => texts.values().map(String::as_str).collect(),
        Localized::None => Vec::new(),
    };
    let wrong = texts.into_iter().flat_map(|text| wrong_formulas(text, macros));
    let problem = |(_, message, help): (_, String, Option<String>)| {
        let problem = Diagnostic::error("math", message).at(node.place_of(&["term", name, "definition"]));
        Diagnostic { help, ..problem }
    };
    wrong.map(problem).collect()
}

/// Links to words that are not there.
fn unknown(project: &Project, site: &Site) -> Vec<Diagnostic> {
    let terms = project.glossary.as_ref().map(|(glossary, _)| &glossary.term);
    let texts = site.pages.iter().flat_map(|page| page.texts.values());
    let links = texts.flat_map(|text| text.prose.references());
    let links = links.filter(|reference| reference.kind == ReferenceKind::Term);
    let unknown = links.filter(|link| !terms.is_some_and(|terms| terms.contains_key(&link.target)));
    let problem = |link: &crate::prose::Reference| {
        let message = format!("there is no term `{}`", link.target);
        let problem = Diagnostic::error("unknown-term", message).at(link.location.clone());
        match terms {
            Some(terms) if !terms.is_empty() => {
                problem.nearest(&link.target, terms.keys().map(String::as_str))
            }
            _ => problem.help(format!("write it into `{FILE}` beside `octavo.toml`")),
        }
    };
    unknown.map(problem).collect()
}
