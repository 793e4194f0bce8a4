//! What is read of a project, and what is wrong with it.

use std::fs;

use super::*;

fn project(files: &[(&str, &str)]) -> (Option<Project>, Vec<Diagnostic>) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Project::load(folder.path())
}

const CONFIG: &str = "octavo = \"1\"\ntitle = \"T\"\n";

#[test]
fn nested_projects_and_hidden_files_are_not_entered() {
    let (project, problems) = project(&[
        ("octavo.toml", CONFIG),
        ("experiments/index.md", "# Home"),
        ("experiments/a/one.toml", ""),
        ("experiments/a/data.csv", "x1\n1\n"),
        ("experiments/.hidden/two.toml", ""),
        ("experiments/example/octavo.toml", CONFIG),
        ("experiments/example/three.toml", ""),
    ]);
    assert_eq!(problems, []);
    let project = project.unwrap();
    assert_eq!(project.experiments.keys().collect::<Vec<_>>(), ["a/one"]);
    assert_eq!(project.assets.keys().collect::<Vec<_>>(), ["a/data.csv"]);
    assert_eq!(project.pages.keys().collect::<Vec<_>>(), ["index.md"]);
}

#[test]
fn pages_may_lie_beside_the_project_file() {
    let with = |output: &str| {
        project(&[
            ("octavo.toml", &format!("{CONFIG}experiments = \".\"\noutput = {output:?}\n")),
            ("index.md", "# Home"),
            ("one.toml", ""),
            ("a/templates/two.toml", ""),
            ("templates/locales/en.toml", include_str!("../../templates/locales/en.toml")),
            ("templates/assets/own.css", ""),
            (".octavo/three.toml", ""),
        ])
    };
    let (found, problems) = with("../site");
    assert_eq!(problems, []);
    let found = found.unwrap();
    assert_eq!(found.experiments.keys().collect::<Vec<_>>(), ["a/templates/two", "one"]);
    assert_eq!(found.pages.keys().collect::<Vec<_>>(), ["index.md"]);
    assert!(found.assets.is_empty() && found.overrides.len() == 2);
    for (output, beyond) in [("site", false), ("./site", false), ("a/../../site", true), ("/srv/site", true)]
    {
        assert_eq!(with(output).1.is_empty(), beyond, "{output}");
    }
}

#[test]
fn a_language_of_ones_own_has_all_words_and_a_misspelt_override_is_told() {
    let config = "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"eo\"]\n";
    let english = include_str!("../../templates/locales/en.toml");
    let with = |words: &str| {
        let files =
            [("octavo.toml", config), ("experiments/index.md", "# T"), ("templates/locales/eo.toml", words)];
        project(&files).1
    };
    assert_eq!(with(english), []);
    let without = with(&english.replace("claims = \"Claims\"\n", ""));
    assert_eq!(without[0].message, "`templates/locales/eo.toml` lacks the word `claims`: it stays English");
    assert!(without[0].location.is_some());
    assert_eq!(with(&english[..english.len() / 2])[0].code, "bad-locale");
    let files = [
        ("octavo.toml", CONFIG),
        ("experiments/index.md", "# T"),
        ("templates/pgae.html", ""),
        ("templates/locales/fr.toml", english),
    ];
    let problems = project(&files).1;
    assert_eq!((problems.len(), problems[0].code), (1, "unused-override"));
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `page.html`?"));
    let place = problems[0].location.as_ref().expect("a file is a place");
    assert_eq!(place.source.path, "templates/pgae.html");
}

#[test]
fn what_is_wrong_with_a_project_is_said() {
    let codes = |files: &[(&str, &str)]| project(files).1.iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(codes(&[("octavo.toml", CONFIG)]), ["no-experiments"]);
    assert_eq!(codes(&[("octavo.toml", "octavo = \"2\"\ntitle = \"T\"\n")]), ["unknown-word"]);
    assert_eq!(codes(&[("octavo.toml", CONFIG), ("experiments/A b.toml", "")]), ["bad-id"]);
    let german = "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"xx\"]\n";
    assert_eq!(codes(&[("octavo.toml", german), ("experiments/a.md", "")]), ["unknown-language"]);
}
