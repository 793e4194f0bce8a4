//! What a shell and `man` ask the program for, and which version it says that it is.

use std::path::Path;
use std::process::Command;

use crate::harness::Place;

/// A project with experiments, profiles and a plugin.
fn project() -> Place {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[profiles.full]\nparams.folds = 9\n[profiles.fast]\nparams.folds = 2\n";
    let place = Place::project(&[
        ("folding/strip.toml", strip),
        ("folding/string.toml", strip),
        ("other.toml", strip),
    ]);
    place.edit("octavo.toml", "title", "plugins.weather.command = [\"./weather\"]\ntitle");
    place
}

/// What bash offers for the last of these words; `None` where there is no bash.
fn offered(place: &Place, words: &[&str]) -> Option<Vec<String>> {
    let script = r#"source ./octavo.bash
complete -p octavo > /dev/null || exit 1
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_clap_complete_octavo octavo "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\n' "${COMPREPLY[@]}"
"#;
    let program = Path::new(env!("CARGO_BIN_EXE_octavo")).parent().unwrap();
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", script, "bash", "octavo"]).args(words).current_dir(place.path(""));
    let done = bash.env("PATH", format!("{}:/usr/bin:/bin", program.display())).output().ok()?;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn bash_completes_what_the_project_names() {
    let place = project();
    let script = place.octavo(&["completions", "bash"]).run().exits(0).says_nothing().out;
    place.write("octavo.bash", script);
    place.write("elsewhere/x", "");
    let Some(runs) = offered(&place, &["run", "folding/str"]) else { return };
    assert_eq!(runs, ["folding/string", "folding/strip"]);
    let of = |words: &[&str]| offered(&place, words).unwrap();
    assert_eq!(of(&["replicate", "o"]), ["other"]);
    assert_eq!(of(&["power", "other", "folding/stri"]), ["folding/string", "folding/strip"]);
    assert_eq!(of(&["claims", "register", "ot"]), ["other"]);
    assert_eq!(of(&["lock", "--accept", "ot"]), ["other"]);
    assert_eq!(of(&["explain", "ot"]), ["other"]);
    assert_eq!(of(&["build", "--profile", "f"]), ["fast", "full"]);
    assert_eq!(of(&["new", "experiment", "a", "--analysis", "dr"]), ["dragon"]);
    assert_eq!(of(&["schema", "experiment", "--analysis", "w"]), ["weather"]);
    assert_eq!(of(&["plugins", "describe", "d"]), ["dimension", "divergence", "dragon"]);
    assert_eq!(of(&["plugins", "check", ""]).first().map(String::as_str), Some("weather"));
    // A file of experiments, where no id begins so.
    assert_eq!(of(&["run", "./experiments/oth"]), ["./experiments/other.toml"]);
    // Another folder, named before.
    assert_eq!(of(&["-C", "experiments", "run", "ot"]), ["other"]);
    assert!(of(&["-C", "/", "run", "ot"]).iter().all(|word| word != "other"));
    // Commands and options, as ever.
    assert_eq!(of(&["bui"]), ["build"]);
    assert_eq!(of(&["build", "--remove"]), ["--remove-strays"]);
}

#[test]
fn every_shell_has_a_script_and_it_asks_this_program() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let done = place.octavo(&["completions", shell]).run().exits(0).says_nothing();
        done.prints(&["OCTAVO_COMPLETE", "octavo"]);
    }
    place.octavo(&["completions", "csh"]).run().exits(2).prints_nothing();
    // A project that cannot be read, or none, is no trouble while somebody types.
    let broken = Place::with(&[("octavo.toml", "= =")]);
    for place in [&place, &broken] {
        let done = place
            .octavo(&["--", "octavo", "run", ""])
            .env("OCTAVO_COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", "2");
        done.run().exits(0).says_nothing();
    }
}

/// The lines below `Commands:` of a help, but for `help`.
fn commands(help: &str) -> Vec<String> {
    let Some((_, rest)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let names = rest.lines().take_while(|line| !line.is_empty());
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let place = Place::new();
    place.octavo(&["man", "--to", "man1"]).run().exits(0).prints_nothing();
    let pages = place.tree("man1");
    let help = |command: &[&str]| commands(&place.octavo(&[command, &["--help"]].concat()).run().out);
    let mut expected = vec!["octavo.1".to_owned()];
    for command in help(&[]) {
        expected.push(format!("octavo-{command}.1"));
        expected.extend(help(&[&command]).iter().map(|inner| format!("octavo-{command}-{inner}.1")));
    }
    expected.sort();
    assert_eq!(pages.keys().cloned().collect::<Vec<_>>(), expected);
    assert!(
        expected.contains(&"octavo-claims-register.1".to_owned())
            && !expected.iter().any(|page| page.contains("exec"))
    );
    let page = place.octavo(&["man", "claims", "register"]).run().exits(0).says_nothing().out;
    assert_eq!(page.as_bytes(), pages["octavo-claims-register.1"]);
    place.octavo(&["man", "biuld"]).run().exits(2).says(&["did you mean `build`?"]).prints_nothing();
    // A name that is near to nothing: what all pages begin with is no likeness.
    let far = place.octavo(&["man", "nonsense"]).run().exits(2).prints_nothing();
    assert!(!far.err.contains("did you mean"), "{}", far.err);
    for (path, page) in &pages {
        assert!(page.starts_with(b".ie"), "{path}");
        let Ok(shown) = Command::new("groff")
            .args(["-man", "-Tascii", "-ww", "-z"])
            .arg(place.path("man1").join(path))
            .output()
        else {
            continue;
        };
        assert!(
            shown.status.success() && shown.stderr.is_empty(),
            "{path}: {}",
            String::from_utf8_lossy(&shown.stderr)
        );
    }
    if let Ok(shown) = Command::new("man")
        .env("MANWIDTH", "80")
        .env("MANPAGER", "cat")
        .arg("-l")
        .arg(place.path("man1/octavo-build.1"))
        .output()
    {
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        for part in ["octavo", "build", "Check and run all experiments", "remove-strays"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn the_version_names_the_commit() {
    let done = Place::new().octavo(&["--version"]).run().exits(0).says_nothing();
    let version = format!("octavo {}", env!("CARGO_PKG_VERSION"));
    let rest = done.out.trim_end().strip_prefix(&version).unwrap_or_else(|| panic!("{}", done.out));
    // In a checkout it is that of git; an archive of the sources may not know it.
    let of_git =
        Command::new("git").args(["rev-parse", "HEAD"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let of_git = of_git
        .ok()
        .filter(|done| done.status.success() && Path::new(env!("CARGO_MANIFEST_DIR")).join(".git").exists());
    match of_git {
        Some(git) => assert_eq!(rest, format!(" (commit {})", String::from_utf8(git.stdout).unwrap().trim())),
        None => assert!(rest.is_empty() || rest.starts_with(" (commit "), "{rest}"),
    }
}
