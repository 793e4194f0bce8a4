//! What lies in a project's folders: odd names, links, pipes, files outside.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::harness::{CONFIG, Done, Place};

const STRIP: &str = "title = \"T\"\nanalysis = \"dragon\"\n[params]\nfolds = 3\n";
const CLOUD: &str = "x1,x2\n0,1\n1,0\n";

/// An experiment that reads a file.
fn reading(file: &str) -> String {
    format!(
        "title = \"T\"\nanalysis = \"sinkhorn\"\n[params]\nsource = {{ file = \"{file}\" }}\ntarget = {{ file = \"{file}\" }}\nepsilon = [0.1]\n"
    )
}

/// A path below a place whose name need not be UTF-8.
fn odd(place: &Place, path: &[u8]) -> PathBuf {
    place.path("").join(OsStr::from_bytes(path))
}

fn link(place: &Place, target: &str, path: &str) {
    let path = place.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    symlink(target, path).unwrap();
}

/// A pipe. Whoever waits for it would wait for ever; so that a test fails then and does not hang, it is closed as soon as
/// somebody opens it.
fn pipe(place: &Place, path: &str) {
    let path = place.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    std::thread::spawn(move || drop(fs::OpenOptions::new().write(true).open(path)));
}

/// `check` and `build` say the same of a wrong project; neither leaves anything behind.
#[track_caller]
pub(crate) fn refused(place: &Place, parts: &[&str]) -> Done {
    let done = place.octavo(&["check"]).run().exits(2).says(parts);
    place.octavo(&["build"]).run().exits(2).says(parts);
    assert!(!place.exists("site"));
    done
}

#[test]
fn a_project_in_a_folder_whose_name_is_no_text_is_built() {
    for name in [b"caf\xe9".as_slice(), b"\xff", b"a/\xc3(/b"] {
        let place = Place::new();
        let folder = odd(&place, name);
        fs::create_dir_all(folder.join("experiments")).unwrap();
        fs::write(folder.join("octavo.toml"), CONFIG).unwrap();
        let page = "# T\n\n![F](figure:strip#curve)\n\n[data](a.csv)\n";
        fs::write(folder.join("experiments/index.md"), page).unwrap();
        fs::write(folder.join("experiments/strip.toml"), STRIP).unwrap();
        fs::write(folder.join("experiments/b.toml"), reading("a.csv")).unwrap();
        fs::write(folder.join("experiments/a.csv"), CLOUD).unwrap();
        let run = |arguments: &[&str]| {
            let mut command = place.octavo(arguments).command();
            let output = command.current_dir(&folder).output().unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {err}");
            err
        };
        run(&["check"]);
        let told = run(&["build", "--log-format", "json"]);
        assert!(told.contains("\"event\":\"published\"") && told.contains("\\\\x"), "{told}");
        assert!(run(&["build"]).contains("nothing changed"));
        run(&["run", "strip"]);
        run(&["run", "experiments/b.toml"]);
        assert!(folder.join("site/index.html").is_file() && folder.join("site/files/a.csv").is_file());
        // Outside any project, too.
        fs::remove_file(folder.join("octavo.toml")).unwrap();
        run(&["run", "experiments/b.toml"]);
    }
}

#[test]
fn a_file_whose_name_is_no_text_is_refused_with_its_name() {
    for (path, shown) in [
        (b"experiments/caf\xe9.md".as_slice(), r"experiments/caf\xe9.md"),
        (b"experiments/\xffa.toml", r"experiments/\xffa.toml"),
        (b"experiments/a/plot\xc3.png", r"experiments/a/plot\xc3.png"),
        (b"templates/assets/\xe9.css", r"templates/assets/\xe9.css"),
    ] {
        let place = Place::project(&[("index.md", "# T\n")]);
        fs::create_dir_all(odd(&place, path).parent().unwrap()).unwrap();
        fs::write(odd(&place, path), "# T\n").unwrap();
        refused(&place, &["error[bad-name]", &format!("`{shown}` is not UTF-8"), shown, "another name"]);
    }
    // A folder is told once, not each of its files.
    let place = Place::project(&[("index.md", "# T\n")]);
    fs::create_dir(odd(&place, b"experiments/\xe9t\xe9")).unwrap();
    fs::write(odd(&place, b"experiments/\xe9t\xe9/a.md"), "# A\n").unwrap();
    fs::write(odd(&place, b"experiments/\xe9t\xe9/b.md"), "# B\n").unwrap();
    let lines = place.octavo(&["check", "--log-format", "json"]).run().exits(2).lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["place"]["file"], r"experiments/\xe9t\xe9");
    // Nor does a name control the terminal.
    let place = Place::project(&[("index.md", "# T\n"), ("\u{1b}[2J\u{202e}.md", "# T\n")]);
    let done = refused(&place, &["error[bad-route]"]);
    assert!(!done.err.contains(['\u{1b}', '\u{202e}']), "{}", done.err);
}

#[test]
fn no_file_takes_the_place_of_another() {
    let place = Place::project(&[("index.md", "# T\n"), ("strip.toml", STRIP)]);
    for (name, help) in [
        ("strip.toml.toml", "name it `strip.toml`"),
        ("new.toml.toml", "name it `new.toml`"),
        ("a/b.toml.toml.toml", "name it `a/b.toml`"),
    ] {
        let path = format!("experiments/{name}");
        place.write(&path, "title = \"T\"\nanalysis = \"none\"\n");
        refused(
            &place,
            &["error[bad-id]", &format!("`{path}` ends in `.toml` twice"), &format!("{path}:1:1"), help],
        );
        fs::remove_file(place.path(&path)).unwrap();
    }
    for (one, other, route) in [
        ("a.md", "a.en.md", "a.html"),
        ("files/data.md", "data.html", "files/data.html"),
        ("files/a/b.md", "a/B.html", "files/a/b.html"),
        ("x.csv", "X.csv", "files/x.csv"),
    ] {
        let index = format!("# T\n\n[one]({one}) and [other]({other})\n");
        let place = Place::project(&[("index.md", &index), (one, "# 1\n"), (other, "# 2\n")]);
        place.write("octavo.toml", format!("{CONFIG}raw_html = true\n"));
        let done = place.octavo(&["check"]).run().exits(2).says(&["error[same-route]", one, other]);
        assert!(done.err.to_lowercase().contains(&format!("both give `{route}`")), "{}", done.err);
    }
    let place = Place::project(&[("index.md", "# T\n\n[a](con.csv)\n"), ("con.csv", "x\n")]);
    refused(&place, &["error[bad-route]", "experiments/con.csv", "experiments/index.md:3:"]);
}

#[test]
fn links_within_a_project_are_followed() {
    let place = Place::project(&[("index.md", "# T\n\n[b](b.md), [c](part/c.md), ![p](picture.svg)\n")]);
    place.write("texts/b.md", "# B\n\n{{ value(\"strip#segments\") }} {{ value(\"part/c#segments\") }}\n");
    place.write("texts/strip.toml", STRIP);
    place.write("shared/part/c.md", "# C\n");
    place.write("shared/part/c.toml", STRIP);
    place.write("shared/picture.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    place.write("look/style.css", "body { color: #123456 }");
    link(&place, "../texts/b.md", "experiments/b.md");
    link(&place, "../texts/strip.toml", "experiments/strip.toml");
    link(&place, "../shared/part", "experiments/part");
    let whole = place.path("shared/picture.svg");
    symlink(whole, place.path("experiments/picture.svg")).unwrap();
    link(&place, "../look", "templates/assets");
    place.build();
    for route in ["b.html", "part/c.html", "files/picture.svg"] {
        assert!(place.exists(&format!("site/{route}")), "{route}");
    }
    assert!(
        place.read("site/b.html").contains('8') && place.read("site/assets/style.css").contains("#123456")
    );
    let listed = place.octavo(&["list"]).run().exits(0).out;
    assert!(listed.contains("strip ") && listed.contains("part/c "), "{listed}");
    // What an editor leaves beside an open file leads nowhere.
    link(&place, "somebody@somewhere.1:2", "experiments/.#b.md");
    place.octavo(&["check"]).run().exits(0);
}

#[test]
fn links_that_lead_elsewhere_are_told() {
    for (target, name) in [
        ("../outside/a.md", "a.md"),
        ("../outside/a.toml", "x/a.toml"),
        ("../outside", "part"),
        ("../outside/d", "d.csv"),
    ] {
        let outer = Place::with(&[
            ("outside/a.md", "# A\n"),
            ("outside/a.toml", STRIP),
            ("outside/d", "x\n1\n"),
            ("project/octavo.toml", CONFIG),
            ("project/experiments/index.md", "# T\n"),
        ]);
        let real = outer.path("").canonicalize().unwrap().join(target.strip_prefix("../").unwrap());
        let path = format!("experiments/{name}");
        link(&outer, &real.display().to_string(), &format!("project/{path}"));
        let run = |command: &str| outer.octavo(&["-C", "project", command]).run();
        let parts = [
            &format!("error[outside]: `{path}` leads out of the project, to `{}`", real.display()),
            "[paths]",
        ];
        let place = format!("{path}:1:1");
        run("check").exits(2).says(&parts).says(&[&place]);
        run("build").exits(2).says(&parts);
        assert!(!outer.exists("project/site"));
        outer.write("project/octavo.toml", format!("{CONFIG}[paths]\nallow = [\"../outside\"]\n"));
        run("build").exits(0);
    }
    for (target, name) in [("nowhere.md", "a.md"), ("../none/b.toml", "b.toml"), ("/nowhere/at/all", "part")]
    {
        let place = Place::project(&[("index.md", "# T\n")]);
        link(&place, target, &format!("experiments/{name}"));
        let place_of = format!("experiments/{name}:1:1");
        refused(
            &place,
            &["error[dangling-link]", &format!("leads to `{target}`, which is not there"), &place_of],
        );
    }
    for (target, name) in [(".", "here"), ("..", "a/up"), ("../..", "a/project"), ("self.md", "self.md")] {
        let place = Place::project(&[("index.md", "# T\n")]);
        link(&place, target, &format!("experiments/{name}"));
        refused(&place, &["error[link-loop]", &format!("experiments/{name}:1:1")]);
    }
    let place = Place::project(&[("index.md", "# T\n")]);
    for (target, name) in [("../none", "templates/assets"), ("/dev/null", "templates/page.html")] {
        link(&place, target, name);
        refused(&place, &["error[", name]);
        fs::remove_file(place.path(name)).unwrap();
    }
    fs::remove_dir(place.path("templates")).unwrap();
    link(&place, "..", "templates");
    refused(&place, &["error[outside]: `templates` leads out of the project"]);
}

#[test]
fn links_to_folders_of_links_do_not_multiply_without_end() {
    let place = Place::project(&[("index.md", "# T\n")]);
    for level in 0..24 {
        for name in ["a", "b"] {
            link(&place, &format!("../{}", level + 1), &format!("levels/{level}/{name}"));
        }
    }
    place.write("levels/24/page.md", "# P\n");
    link(&place, "../levels/0", "experiments/all");
    refused(&place, &["error[too-many-links]", "more than 1000 links are found through links"]);
}

#[test]
fn what_is_no_regular_file_is_refused_before_it_is_opened() {
    for path in [
        "experiments/a.md",
        "experiments/a.toml",
        "experiments/a.csv",
        "experiments/part/plot.png",
        "templates/page.html",
        "templates/assets/style.css",
    ] {
        let place = Place::project(&[("index.md", "# T\n")]);
        pipe(&place, path);
        refused(&place, &["error[not-regular]", &format!("`{path}` is a pipe"), &format!("{path}:1:1")]);
    }
    let place = Place::project(&[("index.md", "# T\n")]);
    let _socket = std::os::unix::net::UnixListener::bind(place.path("experiments/s.md")).unwrap();
    refused(&place, &["`experiments/s.md` is a socket"]);

    let place = Place::project(&[("index.md", "# T\n"), ("b.toml", &reading("../data.csv"))]);
    pipe(&place, "data.csv");
    refused(
        &place,
        &["error[bad-input]", "`../data.csv` cannot be read: it is a pipe", "experiments/b.toml:4:"],
    );
    place.octavo(&["run", "b"]).run().exits(2).says(&["it is a pipe"]);

    let place = Place::project(&[("index.md", "# T\n")]);
    place.write("octavo.toml", format!("{CONFIG}bibliography = \"works.bib\"\n"));
    pipe(&place, "works.bib");
    refused(&place, &["`works.bib` cannot be read: it is a pipe", "octavo.toml:3:16"]);

    // Outside any project a device is no input, either.
    let place = Place::with(&[("b.toml", &reading("/dev/zero"))]);
    place.octavo(&["run", "b.toml"]).run().exits(2).says(&["it is a device"]);
    pipe(&place, "c.toml");
    place.octavo(&["run", "c.toml"]).run().exits(2).says(&["it is a pipe"]);
}

#[test]
fn a_page_in_a_language_that_the_project_does_not_have_is_told() {
    for (name, tag) in [("notes.de.md", "de"), ("a/index.pt-BR.md", "pt-BR"), ("x.gsw.md", "gsw")] {
        let place = Place::project(&[("index.md", "# T\n"), (name, "# N\n")]);
        let at = format!("experiments/{name}:1:1");
        let help = format!("add `{tag}` to `languages`");
        place.octavo(&["build"]).run().exits(0).says(&["warning[other-language]", &at, &help]);
        place.octavo(&["check", "--strict"]).run().exits(2);
    }
    let place = Place::project(&[("index.md", "# T\n"), ("index.FR.md", "# T\n")]);
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n"));
    place.octavo(&["check"]).run().exits(0).says(&["warning[other-language]", "name the file `index.fr.md`"]);
    for name in ["v1.2.md", "a.draft.md", "en.md", "a.EN1.md"] {
        let place = Place::project(&[("index.md", "# T\n"), (name, "# N\n")]);
        let done = place.octavo(&["check"]).run().exits(0);
        assert!(!done.err.contains("other-language"), "{name}: {}", done.err);
    }
}

/// A project in `project/` beside the folder `shared/`.
fn beside(settings: &str, definition: &str) -> Place {
    Place::with(&[
        ("project/octavo.toml", &format!("{CONFIG}{settings}")),
        ("project/experiments/index.md", "# T\n\nText.\n"),
        ("project/experiments/b.toml", definition),
        ("shared/works.bib", "@book{k, author = {A}, title = {T}, year = 2000, publisher = {P}}\n"),
        ("shared/a.csv", CLOUD),
        ("shared/experiments/index.md", "# Shared\n"),
        ("shared/experiments/strip.toml", STRIP),
        ("shared/experiments/near.toml", &reading("../a.csv")),
        ("secret/works.bib", ""),
        ("secret/a.csv", CLOUD),
    ])
}

#[test]
fn what_is_read_lies_in_the_project_or_where_it_allows() {
    let run = |place: &Place, command: &str| place.octavo(&["-C", "project", command]).run();
    for (settings, at) in [
        ("bibliography = \"../shared/works.bib\"", "octavo.toml:3:16"),
        ("bibliography = \"../project/../shared/works.bib\"", "octavo.toml:3:16"),
        ("bibliography = \"../../../../../../../../etc/passwd\"", "octavo.toml:3:16"),
        ("bibliography = \"/etc/passwd\"", "octavo.toml:3:16"),
        ("experiments = \"../shared/experiments\"", "octavo.toml:3:15"),
        ("experiments = \"/etc\"", "octavo.toml:3:15"),
        ("experiments = \"experiments/../..\"", "octavo.toml:3:15"),
        ("experiments = \"/etc\"\n[paths]\nallow = [\"../shared\"]", "octavo.toml:3:15"),
    ] {
        let place = beside(&format!("{settings}\n"), STRIP);
        for command in ["check", "build"] {
            let done = run(&place, command).exits(2);
            done.says(&["error[outside]", "leads out of the project", at, "[paths]"]);
        }
        assert!(!place.exists("project/site"), "{settings}");
    }
    for file in ["../../shared/a.csv", "/etc/passwd", "../../project/../secret/a.csv"] {
        let place = beside("", &reading(file));
        run(&place, "check").exits(2).says(&[
            "error[bad-input]",
            "leads out of the project",
            "b.toml:4:",
            "[paths]",
        ]);
    }

    for allow in ["../shared", "../secret/../shared", "../shared/"] {
        let settings = format!("bibliography = \"../shared/works.bib\"\n[paths]\nallow = [\"{allow}\"]\n");
        let place = beside(&settings, &reading("../../shared/a.csv"));
        place.write("project/experiments/index.md", "# T\n\nAs in [@k].\n");
        run(&place, "build").exits(0);
        place.write("project/experiments/b.toml", reading("../../secret/a.csv"));
        run(&place, "check").exits(2).says(&["leads out of the project"]);
    }
    let place = beside("experiments = \"../shared/experiments\"\n[paths]\nallow = [\"../shared\"]\n", "");
    run(&place, "build").exits(0);
    assert!(place.read("project/site/index.html").contains("Shared"));
    let whole = place.path("shared").canonicalize().unwrap();
    let settings =
        format!("{CONFIG}bibliography = \"{0}/works.bib\"\n[paths]\nallow = [\"{0}\"]\n", whole.display());
    place.write("project/octavo.toml", settings);
    place.write("project/experiments/b.toml", STRIP);
    run(&place, "build").exits(0);
}

#[test]
fn an_allowed_folder_is_one() {
    for (allow, message) in [
        ("../none", "there is no folder `../none`"),
        ("octavo.toml", "`octavo.toml` is no folder"),
        ("../secret/a.csv", "is no folder"),
    ] {
        let place = beside(&format!("[paths]\nallow = [\"../shared\", \"{allow}\"]\n"), STRIP);
        let done = place.octavo(&["-C", "project", "check"]).run().exits(2);
        done.says(&["error[bad-path]", message, "octavo.toml:4:23"]);
    }
    let place = Place::project(&[]);
    place.write("octavo.toml", format!("{CONFIG}[paths]\nalow = []\n"));
    place.octavo(&["check"]).run().exits(2).says(&["did you mean `allow`?"]);
}
