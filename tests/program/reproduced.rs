//! A downloaded figure computed again from the file alone, in a place where nothing else of its project is.

use std::path::Path;

use crate::harness::{Done, Place};

const STRIP: &str = "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n[profiles.full]\nsweep = { folds = [2, 3, 4] }\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n[claims.eight]\ntext = \"Eight.\"\ncheck = \"most == 9\"\n[figures.growth]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = \"segments\"\n";
const NOISE: &str = "title = \"N\"\nanalysis = \"curvature\"\nseed = 7\nreplicates = 3\noutputs = [\"layers\"]\n[params]\nnetwork = { width = 3, depth = 2, activation = \"tanh\", sigma_w = 1.5, sigma_b = 0.1 }\n[figures.lengths]\nfrom = \"layers\"\nmark = \"point\"\nx = \"layer\"\ny = \"length\"\n";
const FIRST: &str = "title = \"F\"\nanalysis = \"dragon\"\n[params]\nangle = 85\nfolds = 4\n";
const SECOND: &str =
    "title = \"A\"\nanalysis = \"dimension\"\n[params]\nset = { from = \"first\", artifact = \"curve\" }\n";
const COSTS: &str = "title = \"C\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"points.csv\" }\n";

/// The file as somebody else has it: nothing of the project is there.
fn downloaded(place: &Place, route: &str) -> Place {
    let other = Place::new();
    let name = Path::new(route).file_name().unwrap().to_str().unwrap();
    other.write(name, std::fs::read(place.path("site").join(route)).unwrap());
    other
}

fn reproduce(place: &Place, route: &str, more: &[&str]) -> Done {
    let other = downloaded(place, route);
    let name = Path::new(route).file_name().unwrap().to_str().unwrap();
    other.octavo(&[&["reproduce", name], more].concat()).run()
}

fn place() -> Place {
    let place = Place::project(&[
        ("folding/strip.toml", STRIP),
        ("noise.toml", NOISE),
        ("first.toml", FIRST),
        ("second.toml", SECOND),
        ("costs.toml", COSTS),
        ("points.csv", "x\n0.5\n-1.5\n"),
        (
            "index.md",
            "# All\n\n![G.](figure:folding/strip#growth)\n\n![N.](figure:noise#lengths)\n\n![S.](figure:second#counts)\n\n![C.](figure:costs#values)\n",
        ),
    ]);
    place.edit("octavo.toml", "title", "languages = [\"en\", \"fr\"]\ntitle");
    place
}

#[test]
fn a_figure_of_what_is_built_in_comes_out_the_same_from_the_file_alone() {
    let place = place();
    place.octavo(&["build", "--quiet"]).run().exits(4);
    let same = "2 tasks: the same came out";
    for file in ["growth.svg", "growth.png", "growth.fr.svg", "growth.fr.png"] {
        let route = format!("figures/folding/strip/{file}");
        reproduce(&place, &route, &[]).exits(0).says(&["`folding/strip#growth`, made by Octavo", same]);
    }
    reproduce(&place, "figures/noise/lengths.svg", &[]).exits(0).says(&["3 tasks: the same"]);
    // With what a profile makes of it.
    place.octavo(&["build", "--quiet", "--profile", "full"]).run().exits(4);
    reproduce(&place, "figures/folding/strip/growth.png", &[]).exits(0).says(&["3 tasks: the same"]);
}

#[test]
fn what_it_takes_from_other_experiments_is_computed_and_files_are_asked_for() {
    let place = place();
    place.octavo(&["build", "--quiet"]).run().exits(4);
    let figures: Vec<String> = place.tree("site/figures").into_keys().collect();
    let of = |start: &str| {
        let found = figures.iter().find(|route| route.starts_with(start) && route.ends_with(".svg"));
        format!("figures/{}", found.unwrap_or_else(|| panic!("{figures:?}")))
    };
    reproduce(&place, &of("second/"), &[]).exits(0).says(&["2 tasks: the same came out"]);
    reproduce(&place, &of("costs/"), &[]).exits(1).says(&[
        "error[missing]: the file `points.csv` with the digest ",
        "`--inputs FOLDER`",
        "cannot be computed again here",
    ]);
    let inputs = Place::with(&[("a/other.txt", "x\n0.5\n-1.5\n"), ("b.csv", "x\n1\n")]);
    let folder = inputs.path("").display().to_string();
    reproduce(&place, &of("costs/"), &["--inputs", &folder]).exits(0).says(&["the same came out"]);
    inputs.write("a/other.txt", "x\n0.5\n-1.25\n");
    reproduce(&place, &of("costs/"), &["--inputs", &folder]).exits(1);
    // A file that lies out of the project has another name in the recipe.
    let place = Place::with(&[
        ("data/points.csv", "x\n0.5\n-1.5\n"),
        ("mine/octavo.toml", "octavo = \"1\"\ntitle = \"Test\"\n[paths]\nallow = [\"../data\"]\n"),
        ("mine/experiments/costs.toml", &COSTS.replace("points.csv", "../../data/points.csv")),
        ("mine/experiments/index.md", "# Costs\n\n![C.](figure:costs#values)\n"),
    ]);
    place.octavo(&["-C", "mine", "build", "--quiet"]).run().exits(0);
    let figure = place.path("mine/site/figures/costs/values.svg").display().to_string();
    let data = place.path("data").display().to_string();
    Place::new().octavo(&["reproduce", &figure, "--inputs", &data]).run().exits(0);
}

#[test]
fn what_differs_is_named_and_the_exit_code_is_3() {
    let place = place();
    place.octavo(&["build", "--quiet"]).run().exits(4);
    place.edit("site/figures/folding/strip/growth.svg", "folds = [2, 3]", "folds = [2, 4]");
    let done = reproduce(&place, "figures/folding/strip/growth.svg", &[]).exits(3);
    done.says(&[
        "differs: value `folding/strip#most`: 8 -> 16",
        "differs: `folding/strip`: scalars: ",
        "differs: figure `folding/strip#growth`: ",
    ]);
    let done = reproduce(&place, "figures/folding/strip/growth.svg", &["--log-format", "json"]).exits(3);
    let lines = done.lines();
    let differs = lines.iter().find(|line| line["event"] == "difference" && line["kind"] == "value").unwrap();
    assert_eq!((&differs["standing"], &differs["rebuilt"]), (&8.into(), &16.into()));
}

#[test]
fn rows_are_known_by_their_digest_in_a_site() {
    let place = place();
    place.octavo(&["build", "--quiet"]).run().exits(4);
    let site = place.path("site/octavo.json").display().to_string();
    for route in ["figures/folding/strip/growth.csv", "data/folding/strip/scalars.csv"] {
        let told = "`folding/strip#growth`, 2 tasks: the same came out";
        reproduce(&place, route, &["--site", &site]).exits(0).says(&[told]);
        reproduce(&place, route, &[]).exits(2);
    }
    let other = Place::with(&[("a.csv", "x\n1\n")]);
    other
        .octavo(&["reproduce", "a.csv", "--site", &site])
        .run()
        .exits(2)
        .says(&["no file of the site has its digest"]);
    // Rows of which somebody told the site that they are its own.
    let rows = place.read("site/data/folding/strip/scalars.csv");
    let wrong = rows.replacen(",4", ",5", 1);
    assert_ne!(rows, wrong);
    let digest = |text: &str| octavo_plugin::Digest::of(text.as_bytes()).hex();
    place.write("site/data/folding/strip/scalars.csv", &wrong);
    place.edit("site/octavo.json", &digest(&rows), &digest(&wrong));
    let done = reproduce(&place, "data/folding/strip/scalars.csv", &["--site", &site]).exits(3);
    done.says(&["differs: file `data/folding/strip/scalars.csv`: ", "2 tasks: 1 difference"]);
}

/// A project with one experiment of a plugin.
fn moody(on: &str, more: &str) -> Place {
    let mood = format!(
        "title = \"M\"\nanalysis = \"moody\"\n[params]\non = \"{on}\"\n[figures.steps]\nfrom = \"rows\"\nmark = \"line\"\nx = \"step\"\ny = \"height\"\n[values.high]\nfrom = \"rows\"\nwhere = {{ step = 2 }}\nexpr = \"max(height)\"\n"
    );
    let place = Place::project(&[("mood.toml", &mood), ("mood.md", "# Mood\n\n![Steps.](figure:steps)\n")]);
    place.write("plugins/moody.py", format!("{}{more}", include_str!("plugins/moody.py")));
    place.write("plugins/octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py"));
    place.write(
        "octavo.toml",
        "octavo = \"1\"\ntitle = \"Test\"\n[plugins.moody]\ncommand = [\"python3\", \"plugins/moody.py\"]\ninputs = [\"plugins/*.py\"]\n",
    );
    place.octavo(&["build", "--quiet"]).run().exits(0);
    place
}

#[test]
fn a_plugin_is_carried_and_runs_only_if_somebody_trusts_it() {
    let place = moody("nothing", "");
    for route in ["figures/mood/steps.svg", "figures/mood/steps.png"] {
        reproduce(&place, route, &[])
            .exits(2)
            .says(&["error[untrusted-plugin]", "`python3 plugins/moody.py`"]);
        reproduce(&place, route, &["--trust-plugin"]).exits(0).says(&["1 task: the same came out"]);
    }
    let place = moody("clock", "");
    reproduce(&place, "figures/mood/steps.svg", &["--trust-plugin"])
        .exits(3)
        .says(&["differs: value `mood#high`: ", "differs: `mood`: tables/rows: "]);
    // What is too long for a picture is named, and can be given.
    let place = moody("nothing", &format!("# {}\n", "long ".repeat(20_000)));
    let route = "figures/mood/steps.svg";
    reproduce(&place, route, &["--trust-plugin"])
        .exits(1)
        .says(&["the plugin's file `plugins/moody.py` with the digest "])
        .says_nothing_of("octavo_plugin.py` with");
    let folder = place.path("plugins").display().to_string();
    reproduce(&place, route, &["--trust-plugin", "--inputs", &folder]).exits(0);
}

#[test]
fn what_carries_no_recipe_or_a_wrong_one_is_refused() {
    let place = place();
    place.octavo(&["build", "--quiet"]).run().exits(4);
    let svg = place.read("site/figures/folding/strip/growth.svg");
    let refused = |text: &str, says: &str| {
        let other = Place::with(&[("a.svg", text)]);
        other.octavo(&["reproduce", "a.svg"]).run().exits(2).says(&["error[recipe]: `a.svg`", says]);
    };
    refused("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "it carries no recipe");
    refused("x,y\n1,2\n", "it is neither an SVG nor a PNG");
    refused(&svg.replace("format = 1", "format = 9"), "has the form 9");
    refused(&svg.replace("format = 1", "format ="), "its recipe cannot be read");
    refused(&svg.replace("folding/strip#growth", "growth"), "its recipe cannot be read");
    place.octavo(&["reproduce", "none.svg"]).run().exits(2).says(&["it cannot be read"]);
    // No name in it leads out of the folder in which it is computed.
    let out = svg.replace("&quot;folding/strip&quot;", "&quot;../../../strip&quot;");
    let other = Place::with(&[("a.svg", &out)]);
    other
        .octavo(&["reproduce", "a.svg"])
        .run()
        .exits(2)
        .says(&["`../../../strip` cannot be an experiment's id"]);
    // Nor does one stand for what is laid out already, or for what a computation remembers: either would go past what is asked before.
    let project = "octavo = \"1\"\ntitle = \"T\"\n[plugins.evil]\ncommand = [\"touch\", \"EVIL\"]\n";
    let evil = place.path("evil").display().to_string();
    for (path, text, says) in [
        ("../evil.txt", "1".to_owned(), "leads out of its folder"),
        ("octavo.toml", project.replace("EVIL", &evil), "`octavo.toml` is there twice"),
        (".octavo/version", "1".to_owned(), "`.octavo/version` is no file of a project"),
        (".OCTAVO/version", "1".to_owned(), "`.OCTAVO/version` is no file of a project"),
    ] {
        let file =
            format!("\n[[files]]\npath = \"{path}\"\ndigest = \"{}\"\ntext = '''{text}'''\n", "0".repeat(64));
        let with = svg.replace("</metadata>", &format!("{}</metadata>", file.replace('"', "&quot;")));
        let other = Place::with(&[("a.svg", &with)]);
        other.octavo(&["reproduce", "a.svg"]).run().exits(1).says(&[says]);
        assert!(!place.exists("evil"), "{path}");
    }
}
