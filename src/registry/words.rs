//! The words of analyses that a project translates itself: `templates/labels/<analysis>.<language>.toml`.

use std::collections::BTreeMap;

use octavo_plugin::{Localized, Translations};

use super::Registry;
use crate::diagnostic::{Diagnostic, Suggestions, has_errors};
use crate::file;
use crate::project::Project;
use crate::toml_tree::{self, TomlValue};

/// The folder in `templates/`.
const FOLDER: &str = "labels/";

/// An interface word in each of the project's languages.
pub(super) fn of_locales(project: &Project, key: &str) -> Localized {
    let word = |text: Localized, (tag, word): (&str, &str)| text.with(tag, word);
    let words = project.locales.iter().map(|locale| (locale.tag.as_str(), locale.word(key)));
    words.fold(Localized::en(key), word)
}

/// What the project translates, by analysis.
pub(super) fn own(
    project: &Project,
    registry: &Registry,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Translations> {
    let mut own: BTreeMap<String, Translations> = BTreeMap::new();
    for (name, bytes) in &project.overrides {
        let Some(of) = name.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".toml")) else {
            continue;
        };
        let path = format!("templates/{name}");
        let known: Vec<&str> = registry.names().collect();
        let Some((analysis, language)) = of.rsplit_once('.').filter(|(analysis, _)| known.contains(analysis))
        else {
            let analysis = of.rsplit_once('.').map_or(of, |(analysis, _)| analysis);
            let message = format!("`{path}` translates no analysis");
            let problem = Diagnostic::warning("unused-override", message).at(file::place(&path));
            problems.push(problem.nearest(analysis, known));
            continue;
        };
        if !project.config.languages.iter().any(|tag| tag == language) {
            let message = format!("`{path}` is for `{language}`, which is no language of the project");
            let help = "add it to `languages` in octavo.toml, or remove the file";
            problems.push(Diagnostic::warning("unused-override", message).at(file::place(&path)).help(help));
            continue;
        }
        match file::text(&path, bytes.clone()) {
            Ok(source) => {
                let built_in = registry.words(analysis);
                let (texts, found) = texts(&source, built_in.as_ref());
                problems.extend(found);
                own.entry(analysis.to_owned()).or_default().add(language, texts);
            }
            Err(problem) => problems.push(problem),
        }
    }
    own
}

/// The texts of a file. Those of a built-in analysis are known, so that a misspelt one is seen, and so is one that is missing.
fn texts(
    source: &std::sync::Arc<crate::source::SourceFile>,
    built_in: Option<&Translations>,
) -> (BTreeMap<String, String>, Vec<Diagnostic>) {
    let (node, mut problems) = toml_tree::parse(source);
    let mut texts = BTreeMap::new();
    if has_errors(&problems) {
        return (texts, problems);
    }
    let mut known = built_in.map(|words| (words.keys(), None::<Suggestions>));
    for (english, entry) in node.entries().into_iter().flatten() {
        let place = node.place_of(&[english]);
        let TomlValue::Text(text) = &entry.node.kind else {
            let message =
                format!("what stands for `{english}` must be a text, not {}", entry.node.kind_name());
            problems.push(Diagnostic::error("bad-labels", message).at(place));
            continue;
        };
        if text.trim().is_empty() {
            let problem = Diagnostic::error("bad-labels", format!("nothing stands for `{english}`"));
            problems
                .push(problem.at(place).help("translate it, or leave the line out: then it stays English"));
            continue;
        }
        if let Some((keys, nearest)) = &mut known
            && !keys.contains(english.as_str())
        {
            let nearest = nearest.get_or_insert_with(|| Suggestions::new(keys.iter().copied()));
            let problem =
                Diagnostic::warning("unused-label", format!("no text of the analysis is `{english}`"));
            problems.push(Diagnostic { help: nearest.help(english), ..problem }.at(place));
        }
        texts.insert(english.clone(), text.clone());
    }
    if let Some((keys, _)) = known {
        problems.extend(missing(source, keys.into_iter().filter(|key| !texts.contains_key(*key))));
    }
    (texts, problems)
}

/// A warning of texts that stay English.
fn missing<'a>(
    source: &std::sync::Arc<crate::source::SourceFile>,
    missing: impl Iterator<Item = &'a str>,
) -> Option<Diagnostic> {
    const SHOWN: usize = 3;
    let missing: Vec<&str> = missing.collect();
    let first: Vec<String> = missing.iter().take(SHOWN).map(|text| format!("`{text}`")).collect();
    let more = match missing.len() {
        0 => return None,
        n if n > SHOWN => format!(" and {} more", n - SHOWN),
        _ => String::new(),
    };
    let message = format!("`{}` has nothing for {}{more}: they stay English", source.path, first.join(", "));
    let problem = Diagnostic::warning("missing-label", message).at(file::place(&source.path));
    Some(problem.help("`octavo plugins labels` prints all texts of an analysis"))
}
