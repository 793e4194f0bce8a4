//! What a project puts over the built-in theme: templates, styles, fonts, interface words.

use super::Project;
use super::walk::{Found, Walk};
use crate::diagnostic::Diagnostic;
use crate::file;
use crate::locale::Locale;
use crate::source::Location;
use crate::theme;
use crate::toml_tree::{self, Node};

/// The folder of what a project overrides.
pub(super) const TEMPLATES: &str = "templates";

impl Project {
    pub(super) fn read_overrides(&mut self, problems: &mut Vec<Diagnostic>) {
        let path = self.root.join(TEMPLATES);
        if !path.is_dir() && !path.is_symlink() {
            return;
        }
        let folder = match self.reach.follow(&path) {
            Ok(folder) => folder,
            Err(why) => {
                let problem = Diagnostic::error(why.code(), why.sentence(TEMPLATES));
                problems.push(problem.at(file::place(TEMPLATES)).help(why.help()));
                return;
            }
        };
        let walk = Walk { folder: &folder, shown: TEMPLATES, leave_out: false, reach: &self.reach };
        for Found { relative, path } in walk.files(&mut self.seen, problems) {
            let shown = format!("{TEMPLATES}/{relative}");
            match file::read(&path) {
                Ok(bytes) if is_template(&relative) && std::str::from_utf8(&bytes).is_err() => {
                    problems.push(file::not_utf8(&shown, &bytes));
                }
                Ok(bytes) => drop(self.overrides.insert(relative, bytes)),
                Err(error) => {
                    let problem = Diagnostic::error("unreadable", file::unreadable(&shown, &error));
                    problems.push(problem.at(file::place(&shown)));
                }
            }
        }
    }

    pub(super) fn read_locales(&mut self, node: &Node, problems: &mut Vec<Diagnostic>) {
        for (index, tag) in self.config.languages.iter().enumerate() {
            let own = self.overrides.get(&format!("locales/{tag}.toml"));
            let locale = match own {
                Some(bytes) => match own_locale(tag, bytes) {
                    Ok((locale, lacking)) => {
                        problems.extend(lacking);
                        Some(locale)
                    }
                    Err(problem) => {
                        problems.push(problem);
                        continue;
                    }
                },
                None => Locale::built_in(tag),
            };
            match locale {
                Some(locale) => self.locales.push(locale),
                None => {
                    let place = node.place_of(&["languages", &index.to_string()]);
                    let help = format!("write `templates/locales/{tag}.toml`, or use `en` or `fr`");
                    let message = format!("there are no interface words for the language `{tag}`");
                    problems.push(Diagnostic::error("unknown-language", message).at(place).help(help));
                }
            }
        }
    }

    /// Files in `templates/` that have no effect: most likely their names are misspelt.
    pub(super) fn warn_of_unused_overrides(&self, problems: &mut Vec<Diagnostic>) {
        // Words of analyses are held against the analyses, which are not known yet.
        let labels = |name: &String| name.starts_with("labels/") && name.ends_with(".toml");
        let locale = |tag: &String| format!("locales/{tag}.toml");
        let locales: Vec<String> = self.config.languages.iter().map(locale).collect();
        for name in self
            .overrides
            .keys()
            .filter(|name| !theme::uses(name) && !locales.contains(name) && !labels(name))
        {
            // Somebody may have copied all that comes with Octavo.
            let known = name.strip_prefix("locales/").and_then(|name| name.strip_suffix(".toml"));
            let other = name.starts_with("new/") || known.is_some_and(|tag| Locale::built_in(tag).is_some());
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            if !other && ["html", "svg", "toml", "css", "js"].contains(&extension) {
                let message = format!("`templates/{name}` overrides nothing");
                let known = Vec::from_iter(theme::names());
                let known = known.into_iter().chain(locales.iter().map(String::as_str));
                let place = file::place(&format!("{TEMPLATES}/{name}"));
                let problem = Diagnostic::warning("unused-override", message).at(place);
                problems.push(problem.nearest(name, known));
            }
        }
    }
}

/// Whether this overrides a template, which is text.
fn is_template(name: &str) -> bool {
    theme::uses(name) && !name.starts_with("assets/") && !name.starts_with("fonts/")
}

/// A project's own interface words. Those that it lacks are English ones, with a warning: a later version may have more of them.
fn own_locale(tag: &str, bytes: &[u8]) -> Result<(Locale, Option<Diagnostic>), Diagnostic> {
    let path = format!("templates/locales/{tag}.toml");
    let bad = |message: String| Diagnostic::error("bad-locale", message);
    let source = file::text(&path, bytes.to_vec())?;
    let mut locale = Locale::parse(tag, &source.text).map_err(|error| {
        let place = Location::new(&source, error.span().unwrap_or(0..0));
        bad(error.message().trim().replace('\n', ", ")).at(place)
    })?;
    let lacks = locale.lacks();
    let Some((key, english)) = lacks.first() else { return Ok((locale, None)) };
    let names: Vec<String> = lacks.iter().map(|(key, _)| format!("`{key}`")).collect();
    let words = if names.len() == 1 { "the word" } else { "the words" };
    let stay = if names.len() == 1 { "it stays English" } else { "they stay English" };
    let message = format!("`{}` lacks {words} {}: {stay}", source.path, names.join(", "));
    let place = toml_tree::parse(&source).0.place_of(&["words"]);
    let problem = Diagnostic::warning("missing-word", message)
        .at(place)
        .help(format!("add it below `[words]`; in English it is `{key} = \"{english}\"`"));
    locale.words.extend(lacks);
    Ok((locale, Some(problem)))
}
