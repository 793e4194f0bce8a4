//! `octavo new plugin`: a program that works at once, with an experiment and a page.

mod names;

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::new::{ignore, write};
use super::schema;
use super::session::Session;
use crate::build::Loaded;
use crate::diagnostic::Diagnostic;
use crate::plain;
use crate::process;
use crate::process::PYTHON_MODULE;
use crate::project::{self, Project};
use crate::registry::Registry;
use crate::toml_tree;

/// What a plugin is written in.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// A script and the module that it imports.
    Python,
    /// A crate.
    Rust,
}

pub(super) fn make(
    session: &Session,
    name: &str,
    language: Language,
    api: Option<&Path>,
) -> Result<String, Diagnostic> {
    let Loaded { project, registry, .. } =
        session.loaded().map_err(|_| Diagnostic::error("no-project", "the project cannot be read"))?;
    refuse_name(&registry, name, language)?;
    let settings = settings_with(&project, name, language)?;
    let mut files = match language {
        Language::Python => python(&project, name),
        Language::Rust => rust(session, &project, name, api)?,
    };
    let base = project.experiments_folder().join(name);
    let text = |template: &str| fill(template, name);
    let definition = base.with_extension("toml");
    let line = schema::line_for(&project, &definition);
    let experiment = text(include_str!("../../templates/new/plugin/experiment.toml"));
    files.push((definition, line + &experiment));
    files.push((base.with_extension("md"), text(include_str!("../../templates/new/plugin/page.md"))));
    let module = project.root.join("plugins/octavo_plugin.py");
    if let Some((there, _)) = files.iter().find(|(path, _)| *path != module && path.exists()) {
        let message = format!("`{}` exists", there.display());
        return Err(Diagnostic::error("exists", message).help("choose another name; nothing was changed"));
    }
    for (path, text) in &files {
        write(path, text)?;
    }
    write(&project.root.join(project::PROJECT_FILE), &settings)?;
    schema::renew(&project.root)?;
    if language == Language::Python {
        // Python keeps compiled modules beside the scripts.
        ignore(&project.root, "__pycache__/")?;
    }
    let next = match language {
        Language::Python => format!("edit `plugins/{name}.py`"),
        Language::Rust => format!("`cargo build --release --manifest-path plugins/{name}/Cargo.toml`"),
    };
    Ok(format!(
        "made the plugin `{name}`, an experiment and a page; next: {next}, `octavo plugins check {name}`, `octavo build`"
    ))
}

fn refuse_name(registry: &Registry, name: &str, language: Language) -> Result<(), Diagnostic> {
    if !process::is_name(name) {
        return Err(Diagnostic::error("bad-plugin", format!("`{name}` cannot be the name of a plugin"))
            .help("use lower-case letters, digits, `-` and `_`, a letter first"));
    }
    if let Some(why) = names::taken(name, language) {
        let message = format!("`{name}` cannot be the name of this plugin: {why}");
        return Err(Diagnostic::error("bad-plugin", message).help("choose another name; nothing was changed"));
    }
    if registry.names().any(|other| other == name) {
        return Err(Diagnostic::error("exists", format!("there is an analysis `{name}` already"))
            .help("choose another name; nothing was changed"));
    }
    Ok(())
}

fn fill(template: &str, name: &str) -> String {
    let title = name.replace(['-', '_'], " ");
    let mut letters = title.chars();
    let title = letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str());
    template.replace("NAME", name).replace("TITLE", &title.unwrap_or_default())
}

fn python(project: &Project, name: &str) -> Vec<(PathBuf, String)> {
    let folder = project.root.join("plugins");
    let script = fill(include_str!("../../templates/new/plugin/plugin.py"), name);
    let mut files = vec![(folder.join(format!("{name}.py")), script)];
    let module = folder.join("octavo_plugin.py");
    // A module that is there may be another version, chosen on purpose.
    if !module.exists() {
        files.push((module, PYTHON_MODULE.to_owned()));
    }
    files
}

fn rust(
    session: &Session,
    project: &Project,
    name: &str,
    api: Option<&Path>,
) -> Result<Vec<(PathBuf, String)>, Diagnostic> {
    let api = match api {
        None => "\"0.1\"".to_owned(),
        Some(folder) => {
            let folder = session.folder.join(folder);
            if !folder.join("Cargo.toml").is_file() {
                return Err(Diagnostic::error("usage", format!("`{}` is no crate", folder.display()))
                    .help("`--api` names the folder `plugins/api` of Octavo's source"));
            }
            let Some(text) = folder.to_str() else {
                let message = format!("the path `{}` is not UTF-8", plain::path(&folder));
                return Err(Diagnostic::error("usage", message)
                    .help("a manifest cannot name it; move the folder or give `--api` a link to it"));
            };
            format!("{{ path = {text:?} }}")
        }
    };
    let folder = project.root.join("plugins").join(name);
    let manifest = fill(include_str!("../../templates/new/plugin/Cargo.toml.txt"), name).replace("API", &api);
    let main = fill(include_str!("../../templates/new/plugin/main.rs"), name);
    let ignore = "/target\n".to_owned();
    Ok(vec![
        (folder.join("Cargo.toml"), manifest),
        (folder.join("src/main.rs"), main),
        (folder.join(".gitignore"), ignore),
    ])
}

/// `octavo.toml` with the plugin. The text that is there stays as it is.
fn settings_with(project: &Project, name: &str, language: Language) -> Result<String, Diagnostic> {
    let entry = match language {
        // The script itself is known from the command.
        Language::Python => format!(
            "command = [\"python3\", \"plugins/{name}.py\"]\ninputs = [\"plugins/octavo_plugin.py\"]\n"
        ),
        Language::Rust => format!("command = [\"plugins/{name}/target/release/{name}\"]\n"),
    };
    let before = &project.config_source.text;
    let gap = if before.ends_with('\n') { "" } else { "\n" };
    let entry = format!("[plugins.{name}]\n{entry}");
    let text = format!("{before}{gap}\n{entry}");
    match toml::from_str::<toml::Table>(&text) {
        Ok(_) => Ok(text),
        Err(error) => {
            let message =
                format!("`{}` cannot take another plugin: {}", project::PROJECT_FILE, error.message());
            let (node, _) = toml_tree::parse(&project.config_source);
            let help = format!(
                "write `plugins` as tables such as `[plugins.{name}]`, not as an inline table; nothing was changed"
            );
            Err(Diagnostic::error("bad-plugin", message).at(node.place_of(&["plugins"])).help(help))
        }
    }
}
