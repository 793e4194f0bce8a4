//! What the schema of `octavo.toml` cannot say: addresses, identifiers of people, folders.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::cluster;
use super::{BibliographyStyle, Config, EXTERNAL_LINKS, HOW_TO_BUILD_EXTERNAL_LINKS};
use crate::diagnostic::Diagnostic;
use crate::locale;
use crate::prose::{Csl, HOW_TO_BUILD_CSL};
use crate::remote::WrongAddress;
use crate::texts;
use crate::toml_tree::Node;

impl Config {
    /// Every problem, with its place.
    pub fn problems(&self, node: &Node) -> Vec<Diagnostic> {
        let mut problems = texts::without_results(node, &["math", "plugins", "cluster", "store"]);
        problems.extend(self.wrong_clusters(node).chain(self.wrong_store(node)));
        let mut add = |path: &[&str], message: String, help: &str| {
            problems.push(Diagnostic::error("bad-project", message).at(node.place_of(path)).help(help));
        };
        if let Some(address) = self.base_url.as_ref().filter(|address| !is_address(address)) {
            let help = "write it as in `https://example.org/notes`, without `?` and `#`";
            add(&["base_url"], format!("`{address}` is no address of a site"), help);
        }
        for (index, author) in self.authors.iter().enumerate() {
            if let Some(id) = author.orcid.as_ref().filter(|id| !is_orcid(id)) {
                let help = "write it as in `0000-0002-1825-0097`; the last digit is computed from the others";
                let path = ["authors", &index.to_string(), "orcid"];
                add(&path, format!("`{id}` is no ORCID identifier"), help);
            }
        }
        if let Some(day) = self.published.as_ref().filter(|day| !locale::is_whole_day(day)) {
            add(&["published"], format!("`{day}` is no day"), "write it as in `2026-11-30`");
        }
        let mut seen = BTreeSet::new();
        for (index, tag) in self.languages.iter().enumerate() {
            let path = ["languages", &index.to_string()];
            if !seen.insert(tag.to_lowercase()) {
                add(&path, format!("the language `{tag}` is there twice"), "leave out one of them");
            } else if tag.is_empty() || !tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                add(&path, format!("`{tag}` is no language tag"), "write it as in `en` or `pt-BR`");
            }
        }
        let colours = [("accent", &self.theme.accent), ("accent_dark", &self.theme.accent_dark)];
        for (key, colour) in colours {
            if let Some(colour) = colour.as_ref().filter(|colour| !is_colour(colour)) {
                let help = "write it as `#rrggbb`, for example `#1f4e79`";
                add(&["theme", key], format!("`{colour}` is no colour"), help);
            }
        }
        let (_, wrong) = self.math.commands();
        for (name, reason) in wrong {
            let help = "write it as in `R = \"\\\\mathbb{R}\"` or `norm = { args = 1, body = \"\\\\lVert #1 \\\\rVert\" }`";
            add(&["math", "macros", name], reason, help);
        }
        if let Some((why, help)) = wrong_style(&self.bibliography_style) {
            add(&["bibliography_style"], why, help);
        }
        if self.links.external && !EXTERNAL_LINKS {
            let message = "this program is built without asking other hosts".to_owned();
            add(&["links", "external"], message, HOW_TO_BUILD_EXTERNAL_LINKS);
        }
        let [output, experiments] = [&self.output, &self.experiments].map(|path| plain(path));
        // Seen from the project's own folder, only what leads out of it is not within.
        let beyond = experiments.as_os_str().is_empty() && (output.is_absolute() || output.starts_with(".."));
        if output.starts_with(&experiments) && !beyond {
            let message = format!("the folder `{}` is within the one of experiments and pages", self.output);
            add(&["output"], message, "choose a folder beside it, such as `site`");
        }
        problems
    }

    fn wrong_clusters(&self, node: &Node) -> impl Iterator<Item = Diagnostic> {
        cluster::problems(&self.cluster).into_iter().map(|(name, key, problem)| {
            let path: Vec<&str> = ["cluster", name].into_iter().chain(key).collect();
            problem.at(node.place_of(&path))
        })
    }

    /// What is wrong with the address of a store on another machine. A line of the file that holds a password is not shown.
    fn wrong_store(&self, node: &Node) -> Option<Diagnostic> {
        let wrong = self.store.wrong_address()?;
        let problem = |message: String| Diagnostic::error("bad-project", message);
        Some(match wrong {
            WrongAddress::Form(_) | WrongAddress::Bucket(_) | WrongAddress::Region(_) => {
                problem(wrong.to_string()).at(node.place_of(&["store", "remote"]))
            }
            WrongAddress::Credentials => problem(format!("in `[store]` of `octavo.toml`: {wrong}")),
        })
    }
}

/// What is wrong with a style of citation before its file is read, and what to do.
fn wrong_style(style: &BibliographyStyle) -> Option<(String, &'static str)> {
    let BibliographyStyle::File(file) = style else { return None };
    if !file.ends_with(".csl") {
        let help = "write `author-year`, `numbers`, or the path of a CSL file, such as `styles/nature.csl`";
        return Some((format!("there is no style of citation `{file}`"), help));
    }
    let why = || format!("`{file}` is a CSL style, and this program is built without them");
    (!Csl::BUILT_IN).then(|| (why(), HOW_TO_BUILD_CSL))
}

/// A path without `.` and, where it can be told, without `..`.
fn plain(path: &str) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// Whether this is `http://` or `https://`, a host and perhaps a path.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map_or("", |rest| rest.split('/').next().unwrap_or(""));
    let named = host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    named && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "?#\"<>\\^`{|}".contains(c))
}

/// Whether this is an ORCID identifier with its check digit (ISO 7064, MOD 11-2).
/// Source: <https://support.orcid.org/hc/en-us/articles/360006897674>.
pub(crate) fn is_orcid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    if parts.len() != 4 || parts.iter().any(|part| part.len() != 4) {
        return false;
    }
    let mut total = 0;
    let digits: Vec<char> = parts.concat().chars().collect();
    for (place, digit) in digits.iter().enumerate() {
        let value = match digit.to_digit(10) {
            Some(value) => value,
            None if *digit == 'X' && place == 15 => 10,
            None => return false,
        };
        total = if place == 15 { total + value } else { (total + value) * 2 % 11 };
    }
    digits.len() == 16 && total % 11 == 1
}

/// Whether a colour has the form `#rrggbb`.
pub(crate) fn is_colour(colour: &str) -> bool {
    let digits = colour.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit())
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn an_identifier_has_its_check_digit() {
        for good in ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"] {
            assert!(is_orcid(good), "{good}");
        }
        for bad in
            ["", "0000-0002-1825-0098", "0000000218250097", "0000-0002-1694-2330", "X000-0002-1694-233X"]
        {
            assert!(!is_orcid(bad), "{bad}");
        }
    }

    #[test]
    fn a_colour_is_six_digits() {
        assert!(is_colour("#a0B0c0"));
        for bad in ["", "red; }", "#12345", "#1234567", "#é1234", "a0B0c0"] {
            assert!(!is_colour(bad), "{bad}");
        }
    }

    #[test]
    fn an_address_is_one_of_the_web() {
        assert!(is_address("https://example.org") && is_address("http://localhost:8000/notes/"));
        for bad in
            ["example.org", "ftp://example.org", "https://", "https:///a", "https://a b", "https://a/?q"]
        {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn a_csl_style_needs_a_program_that_reads_them() {
        let file = |name: &str| wrong_style(&BibliographyStyle::File(name.to_owned()));
        let (why, help) = file("numbrs").unwrap();
        assert_eq!(why, "there is no style of citation `numbrs`");
        assert!(help.contains("`author-year`, `numbers`"), "{help}");
        assert_eq!(wrong_style(&BibliographyStyle::default()), None);
        if Csl::BUILT_IN {
            assert_eq!(file("styles/a.csl"), None);
            return;
        }
        let (why, help) = file("styles/a.csl").unwrap();
        assert_eq!(why, "`styles/a.csl` is a CSL style, and this program is built without them");
        for command in ["`cargo build --release --features csl`", "`cargo install --path . --features csl`"] {
            assert!(help.contains(command), "{help}");
        }
    }

    #[test]
    fn every_problem_has_its_place() {
        let marked = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("experiments")).unwrap();
            let text = format!("octavo = \"1\"\ntitle = \"T\"\n{text}\n");
            std::fs::write(folder.path().join("octavo.toml"), &text).unwrap();
            let problems = Project::load(folder.path()).1;
            let places = problems.into_iter().filter_map(|problem| problem.location);
            places.map(|at| text[at.span].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(marked("base_url = \"example.org\""), ["\"example.org\""]);
        assert_eq!(marked("languages = [\"en\", \"fr\", \"en\"]"), ["\"en\""]);
        for style in ["numbrs", "styles/none.csl"] {
            assert_eq!(marked(&format!("bibliography_style = \"{style}\"")), [format!("\"{style}\"")]);
        }
        assert!(marked("bibliography_style = \"author-year\"").is_empty());
        assert_eq!(marked("[[authors]]\nname = \"A\"\norcid = \"0000\""), ["\"0000\""]);
        assert_eq!(marked("[theme]\naccent = \"red\""), ["\"red\""]);
        assert_eq!(marked("[cluster.far]\ntemplate = \"slrum\""), ["\"slrum\""]);
        assert_eq!(marked("[cluster.lab]\nsubmit = \"x\"").len(), 1);
        assert_eq!(marked("[cluster.Lab]\ntemplate = \"local\"").len(), 1);
        assert!(marked("[cluster.lab]\ntemplate = \"slurm\"\n[cluster.local]\njobs = 3").is_empty());
        for day in ["2026-1-30", "2026-13-30", "today"] {
            assert_eq!(marked(&format!("published = \"{day}\"")), [format!("\"{day}\"")]);
        }
        assert!(marked("published = \"2026-01-30\"").is_empty());
        for output in ["experiments", "experiments/out", "./x/../experiments/out"] {
            assert_eq!(marked(&format!("output = \"{output}\"")), [format!("\"{output}\"")]);
        }
        assert_eq!(marked("output = \"experiments-site\"").len() + marked("output = \"../site\"").len(), 0);
    }
}
