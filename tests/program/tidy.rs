//! What `clean` and `gc` remove, and what they refuse to.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;

use crate::harness::{CONFIG, Place, Tree};

/// A project `p` in a place, so that tests can look at its neighbours.
fn place() -> Place {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[params]\nfolds = 3\n";
    Place::with(&[
        ("p/octavo.toml", CONFIG),
        ("p/experiments/index.md", "# T\n\n![Rows.](table:strip#scalars)\n"),
        ("p/experiments/strip.toml", strip),
        ("neighbour/thesis.tex", "years of work"),
    ])
}

/// All files but the store's, which every command may make, and locks, which are the author's to keep.
fn without_store(place: &Place) -> Tree {
    let ours = |path: &str| path.contains(".octavo/") || path.ends_with(".lock");
    place.tree("").into_iter().filter(|(path, _)| !ours(path)).collect()
}

const OTHER_SITE: &str = r#"{"generator": "octavo", "format": 1, "project": "Another", "files": {}}"#;

/// How a case is prepared: a folder of the project's place, and what is done there.
enum Is {
    Nothing,
    File(&'static str, &'static str),
    Link(&'static str, &'static str),
    Folder(&'static str),
    /// Published by this project.
    Site,
    /// The same, and then a file in it is written.
    SiteWith(&'static str),
}

#[derive(Debug, PartialEq)]
enum Then {
    /// Exit code 2, and nothing is gone.
    Refused,
    /// Exit code 0, and nothing is gone.
    Kept,
    /// Exit code 0, and the site is gone.
    Removed,
}

/// Output folders, what is there, and what `clean --site` does.
const OUTPUTS: &[(&str, Is, Then)] = {
    use Is::{File, Folder, Link, Nothing, Site, SiteWith};
    use Then::{Kept, Refused, Removed};
    &[
        (".", Nothing, Refused),
        ("./", Nothing, Refused),
        ("..", Nothing, Refused),
        ("../..", Nothing, Refused),
        ("../p", Nothing, Refused),
        ("../p/.", Nothing, Refused),
        ("/", Nothing, Refused),
        ("/proc", Nothing, Refused),
        ("sub/..", Nothing, Refused),
        ("site/../..", Nothing, Refused),
        ("experiments", Nothing, Refused),
        ("experiments/", Nothing, Refused),
        ("experiments/out", Nothing, Refused),
        ("sub/../experiments/out", Nothing, Refused),
        ("templates", Nothing, Refused),
        ("templates/out", Nothing, Refused),
        ("nowhere/../templates", Nothing, Refused),
        (".octavo", Nothing, Refused),
        (".octavo/blobs", Nothing, Refused),
        (".octavo/site", Nothing, Refused),
        ("site", Nothing, Kept),
        ("a/b/c", Nothing, Kept),
        ("site", Folder("site"), Kept),
        ("site", File("site", "a file"), Refused),
        ("site", File("site/thesis.tex", "x"), Refused),
        ("site", File("site/octavo.json", "{}"), Refused),
        ("site", File("site/octavo.json", r#"{"generator": "other", "files": {}}"#), Refused),
        ("site", File("site/octavo.json", OTHER_SITE), Refused),
        ("../neighbour", Nothing, Refused),
        ("../neighbour", File("../neighbour/octavo.json", OTHER_SITE), Refused),
        ("site", Link("site", "../neighbour"), Refused),
        ("site", Link("site", "nowhere"), Refused),
        ("out/experiments", Link("out", "."), Refused),
        ("out", Link("out", "."), Refused),
        ("site", Site, Removed),
        ("site/", Site, Removed),
        ("./site/.", Site, Removed),
        ("out/of/the/way", Site, Removed),
        ("../beside", Site, Removed),
        ("sub/../public", Site, Removed),
        ("site", SiteWith("site/CNAME"), Refused),
        ("site", SiteWith("site/.git/HEAD"), Refused),
        ("site", SiteWith("site/notes/mine.md"), Refused),
        ("site", SiteWith("site/.DS_Store"), Removed),
        ("site", SiteWith("site/index.html"), Removed),
    ]
};

#[test]
fn clean_over_forty_output_folders_removes_own_sites_alone() {
    use Is::{File, Folder, Link, Nothing, Site, SiteWith};
    use Then::{Kept, Refused, Removed};
    assert!(OUTPUTS.len() >= 40);
    for (number, (output, is, then)) in OUTPUTS.iter().enumerate() {
        let output = *output;
        // Half are told by `octavo.toml`, half by the command line.
        let told = if number % 2 == 0 { vec![] } else { vec!["-o", output] };
        let place = place();
        if told.is_empty() {
            place.write("p/octavo.toml", format!("{CONFIG}output = {output:?}\n"));
        }
        let octavo = |command: &[&str]| place.octavo(&[&["-C", "p"], command, &told].concat());
        let before = without_store(&place);
        match is {
            Nothing => {}
            File(path, text) => place.write(&format!("p/{path}"), text),
            Link(path, to) => symlink(to, place.path(&format!("p/{path}"))).unwrap(),
            Folder(path) => fs::create_dir_all(place.path(&format!("p/{path}"))).unwrap(),
            Site => drop(octavo(&["build"]).run().exits(0)),
            SiteWith(path) => {
                drop(octavo(&["build"]).run().exits(0));
                place.write(&format!("p/{path}"), "mine");
            }
        }
        let prepared = without_store(&place);
        let done = octavo(&["clean", "--site"]).run();
        let after = without_store(&place);
        match then {
            Refused => {
                let done = done.exits(2).says(&["error[publish]"]);
                assert!(done.out.is_empty());
                assert_eq!(after, prepared, "{output}");
                if matches!(is, Nothing | Link(..)) {
                    // What is not removed is not published to either.
                    octavo(&["build"]).run().exits(2).says(&["error["]);
                    assert_eq!(without_store(&place), prepared, "{output}");
                }
            }
            Kept => {
                done.exits(0).says(&["there is no site"]);
                assert_eq!(after, prepared, "{output}");
            }
            Removed => {
                done.exits(0).says(&["removed"]);
                assert_eq!(after, before, "{output}");
            }
        }
    }
}

#[test]
fn clean_removes_what_octavo_wrote_and_nothing_else() {
    let place = Place::small();
    let before = place.tree("");
    place.build();
    place.octavo(&["clean", "--site"]).run().exits(0).prints_nothing();
    assert!(!place.exists("site") && place.exists(".octavo"));
    let again = place.build();
    assert_eq!((again.ran, again.remembered), (0, 36), "`--site` keeps what is remembered");
    place.octavo(&["clean"]).run().exits(0);
    let mut after = place.tree("");
    // What another process may wait for stays.
    let kept: Vec<_> =
        after.extract_if(.., |path, _| path.starts_with(".octavo/")).map(|(path, _)| path).collect();
    let remembered = ["blobs/", "actions/", "builds/", "program", "sheets", "code"];
    assert!(!kept.iter().any(|path| remembered.iter().any(|name| path.contains(name))), "{kept:?}");
    let locks = after.extract_if(.., |path, _| path.ends_with(".lock")).count();
    assert_eq!((after, locks > 1), (before, true), "locks are the author's to keep");
    place.write("site/mine.txt", "mine");
    place.octavo(&["clean"]).run().exits(2).says(&["was not published by `octavo`"]);
    assert_eq!(place.read("site/mine.txt"), "mine");
}

#[test]
fn clean_names_what_was_edited_and_takes_added_files_only_when_told() {
    let place = place();
    place.octavo(&["-C", "p", "build"]).run().exits(0);
    place.write("p/site/CNAME", "example.org");
    place.write("p/site/index.html", "edited");
    place.octavo(&["-C", "p", "clean"]).run().exits(2).says(&["`CNAME`, which `octavo` did not put there"]);
    assert!(place.exists("p/site/CNAME") && place.exists("p/.octavo/blobs"));
    place
        .octavo(&["-C", "p", "clean", "--remove-strays"])
        .run()
        .exits(0)
        .says(&["removed `site`", "`index.html` had been edited by hand and is gone"]);
    assert!(!place.exists("p/site"));
}

#[test]
fn two_projects_with_one_output_folder_do_not_replace_each_other() {
    let place = place();
    place.write("q/octavo.toml", "octavo = \"1\"\ntitle = \"Other\"\noutput = \"../p/site\"\n");
    place.write("q/experiments/index.md", "# Other\n");
    place.octavo(&["-C", "p", "build"]).run().exits(0);
    let site = place.tree("p/site");
    let says = ["was published by the project `Test`, and this is `Other`", "name = \"Test\""];
    place.octavo(&["-C", "q", "build"]).run().exits(2).says(&says);
    place.octavo(&["-C", "q", "clean"]).run().exits(2).says(&says);
    assert_eq!(place.tree("p/site"), site);
    // A new title is no other project; after a fresh checkout, a name says so.
    place.edit("p/octavo.toml", "Test", "Renamed");
    place.octavo(&["-C", "p", "build"]).run().exits(0);
    fs::remove_dir_all(place.path("p/.octavo")).unwrap();
    place.edit("p/octavo.toml", "Renamed", "Renamed again");
    place.octavo(&["-C", "p", "build"]).run().exits(2).says(&["name = \"Renamed\""]);
    place.write("p/octavo.toml", "octavo = \"1\"\ntitle = \"Renamed again\"\nname = \"Renamed\"\n");
    place.octavo(&["-C", "p", "build"]).run().exits(0);
}

#[test]
fn cleaning_beside_building_makes_neither_fail() {
    let place = place();
    place.octavo(&["-C", "p", "build"]).run().exits(0);
    thread::scope(|scope| {
        for arguments in [["build", "-q"], ["clean", "-q"], ["clean", "--site"], ["build", "-q"]] {
            let place = &place;
            scope.spawn(move || {
                for _ in 0..8 {
                    place.octavo(&[&["-C", "p"][..], &arguments[..]].concat()).run().exits(0);
                }
            });
        }
    });
    place.octavo(&["-C", "p", "build"]).run().exits(0);
    crate::harness::assert_whole(&place.tree("p/site"));
}

fn strip(angle: u32) -> String {
    format!(
        "title = \"T\"\nanalysis = \"dragon\"\n[params]\nangle = {angle}\n[sweep]\nfolds = [1, 2, 3]\n\
         [profiles.full]\nsweep.folds = [1, 2, 3, 4, 5]\n[profiles.other]\nparams.angle = 45\n"
    )
}

#[test]
fn gc_keeps_the_results_of_every_definition_under_every_profile() {
    let place = Place::project(&[("index.md", "# T\n\n![Rows.](table:a#scalars)\n")]);
    let down = "title = \"D\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { from = \"a\", artifact = \"vertices\", where = { folds = 3 } }\ntarget = { from = \"a\", artifact = \"vertices\", where = { folds = 2 } }\n";
    place.write("experiments/down.toml", down);
    for angle in [80, 70, 60] {
        place.write("experiments/a.toml", strip(angle));
        place.octavo(&["build", "-q"]).run().exits(0);
    }
    for profile in ["full", "other"] {
        place.octavo(&["build", "-q", "--profile", profile]).run().exits(0);
    }
    place.build();
    place.build();
    let size = |place: &Place| place.tree(".octavo").values().map(Vec::len).sum::<usize>();
    place.octavo(&["gc"]).run().exits(0).says(&["removed 0 records"]);
    let before = size(&place);
    let nothing_recent = ["gc", "--keep", "0d", "--keep-builds", "0"];
    place.octavo(&[&nothing_recent[..], &["--dry-run"]].concat()).run().exits(0).says(&["would remove"]);
    assert_eq!(size(&place), before);
    let done = place.octavo(&nothing_recent).run().exits(0).prints_nothing();
    assert!(!done.err.contains("removed 0 records"), "{}", done.err);
    assert!(size(&place) < before);
    for (arguments, tasks) in [(&[][..], 4), (&["--profile", "full"], 6), (&["--profile", "other"], 4)] {
        let build = place.octavo(&[&["build", "--log-format", "json"], arguments].concat()).run().exits(0);
        assert_eq!((build.published().ran, build.published().remembered), (0, tasks), "{arguments:?}");
    }
    place.write("experiments/a.toml", strip(80));
    assert_eq!(place.build().ran, 4, "what no definition has any more was forgotten");
}

#[test]
fn gc_keeps_to_a_size_and_what_is_needed_stays() {
    let place = Place::project(&[("index.md", "# T\n\n![Rows.](table:a#scalars)\n")]);
    for angle in [80, 70, 60] {
        place.write("experiments/a.toml", strip(angle));
        place.octavo(&["build", "-q"]).run().exits(0);
    }
    let site = place.tree("site");
    place
        .octavo(&["gc", "--max-size", "1GB"])
        .run()
        .exits(0)
        .says(&["removed 0 records"])
        .says_nothing_of("max-size");
    let size = ["gc", "--max-size", "0KB", "--keep-builds", "1"];
    let before = place.tree(".octavo/actions").len();
    let rehearsal = [&size[..], &["--dry-run"]].concat();
    place.octavo(&rehearsal).run().exits(0).says(&["would remove", "more than `--max-size`, and stays"]);
    assert_eq!(place.tree(".octavo/actions").len(), before);
    place.octavo(&size).run().exits(0).says(&["more than `--max-size`, and stays"]);
    assert!(place.tree(".octavo/actions").len() < before);
    fs::remove_dir_all(place.path("site")).unwrap();
    let left = place.tree(".octavo/actions").len();
    assert_eq!(place.build().ran, 0);
    assert!(
        place.tree("site") == site && place.tree(".octavo/actions").len() == left,
        "pages are remembered, too"
    );
    for wrong in ["2", "GB", "2 GB"] {
        place.octavo(&["gc", "--max-size", wrong]).run().exits(2).says(&["such as `500MB` or `2GB`"]);
    }
}

#[test]
fn gc_removes_nothing_while_a_definition_is_wrong() {
    let place = Place::project(&[("a.toml", &strip(90)), ("index.md", "# T\n")]);
    place.build();
    let before = place.tree(".octavo");
    place.edit("experiments/a.toml", "angle", "angel");
    place.octavo(&["gc", "--keep", "0d"]).run().exits(2).says(&["unknown-key", "nothing was removed"]);
    place.write(
        "experiments/a.toml",
        "title = \"T\"\nanalysis = \"dragon\"\n[profiles.full]\nsweep.folds = [-1]\n",
    );
    place.octavo(&["gc", "--keep", "0d"]).run().exits(2).says(&["out-of-range", "nothing was removed"]);
    assert_eq!(place.tree(".octavo"), before);
    for wrong in [["gc", "--keep", "30"], ["gc", "--keep", "soon"], ["gc", "--keep-builds", "-1"]] {
        place.octavo(&wrong).run().exits(2);
    }
}

#[test]
fn gc_keeps_what_another_checkout_of_a_shared_store_used() {
    let place = Place::new();
    for (name, angle) in [("one", 90), ("two", 80)] {
        place.write(&format!("{name}/octavo.toml"), CONFIG);
        place.write(&format!("{name}/experiments/a.toml"), strip(angle));
        place.write(&format!("{name}/experiments/index.md"), "# T\n");
    }
    let build = |name: &str| {
        place.octavo(&["-C", name, "build", "--log-format", "json"]).run().exits(0).published().ran
    };
    assert_eq!(build("one"), 3);
    symlink("../one/.octavo", place.path("two/.octavo")).unwrap();
    assert_eq!(build("two"), 3);
    place.octavo(&["-C", "one", "gc"]).run().exits(0).says(&["removed 0 records"]);
    assert_eq!((build("one"), build("two")), (0, 0));
    place.octavo(&["-C", "one", "gc", "--keep", "0d"]).run().exits(0);
    assert_eq!((build("one"), build("two")), (0, 3), "asked to keep nothing recent, it keeps its own alone");
}
