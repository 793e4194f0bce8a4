//! `octavo export`: what other programs find in a data package.

use serde_json::Value as Json;

use crate::harness::Place;

const STRIP: &str = r#"
title = "A strip"
analysis = "dragon"
[sweep]
folds = [2, 3]
[values.most]
from = "scalars"
expr = "max(segments)"
unit = "folds"
label = "The longest, \"unfolded\""
[values.none]
from = "scalars"
where = { folds = 2 }
expr = "first(segments / 0)"
[claims.eight]
text = "Three folds make eight, or so."
check = "most == 8"
[tables.ends]
from = "scalars"
columns = { twice = "2 * folds", far = "end_x" }
"#;

fn place() -> Place {
    Place::project(&[("a/strip.toml", STRIP), ("index.md", "# Home\n")])
}

fn package(place: &Place) -> Json {
    serde_json::from_str(&place.read("out/datapackage.json")).unwrap()
}

fn resource<'a>(package: &'a Json, name: &str) -> &'a Json {
    let all = package["resources"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} is not in {package:#}"))
}

#[test]
fn values_claims_and_tables_are_files_with_a_dictionary() {
    let place = place();
    place.octavo(&["export", "out"]).run().exits(0).says(&["wrote", "`datapackage.json` into `out`"]);
    let values = place.read("out/values.csv");
    assert!(values.contains("a/strip,most,8,,,,folds,\"The longest, \"\"unfolded\"\"\",\n"), "{values}");
    assert!(values.lines().any(|line| line.starts_with("a/strip,none,")), "{values}");
    let claims = place.read("out/claims.csv");
    assert!(
        claims.ends_with("a/strip,eight,holds,holds,most == 8,\"Three folds make eight, or so.\"\n"),
        "{claims}"
    );
    let package = package(&place);
    let scalars = resource(&package, "tables/a/strip/scalars");
    let fields = scalars["schema"]["fields"].as_array().unwrap();
    let kind = |name: &str| fields.iter().find(|field| field["name"] == name).map(|field| &field["type"]);
    assert_eq!(
        [kind("folds"), kind("segments"), kind("end_x")].map(Option::unwrap),
        ["integer", "integer", "number"]
    );
    assert_eq!(scalars["schema"]["missingValues"], serde_json::json!([""]));
    // Every file that is named is there, and has the columns that are named.
    for one in package["resources"].as_array().unwrap() {
        let text = place.read(&format!("out/{}", one["path"].as_str().unwrap()));
        let fields =
            one["schema"]["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap());
        assert_eq!(text.lines().next().unwrap(), fields.collect::<Vec<_>>().join(","), "{one:#}");
    }
    assert_eq!(place.read("out/tables/a/strip/ends.csv").lines().count(), 3);
}

#[test]
fn names_and_licences_are_those_of_the_standard() {
    let place = place();
    let tables = ["Ends", "é t", "è t"].map(|name| format!("[tables.\"{name}\"]\nfrom = \"scalars\"\n"));
    place.edit("experiments/a/strip.toml", "[tables.ends]", &format!("{}[tables.last]", tables.concat()));
    place.edit("octavo.toml", "title", "licence = \"MIT OR Apache-2.0\"\ntitle");
    place.octavo(&["export", "out"]).run().exits(0);
    let dictionary = package(&place);
    assert_eq!(dictionary["licenses"], serde_json::json!([{ "name": "MIT" }, { "name": "Apache-2.0" }]));
    let all = dictionary["resources"].as_array().unwrap();
    let names: Vec<&str> = all.iter().map(|one| one["name"].as_str().unwrap()).collect();
    let plain =
        |name: &&str| name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-' | '/'));
    assert!(names.iter().all(plain), "{names:?}");
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len(), "{names:?}");
    assert!(place.exists("out/tables/a/strip/Ends.csv") && place.exists("out/tables/a/strip/é t.csv"));
    place.edit("octavo.toml", "MIT OR Apache-2.0", "All rights reserved, but ours");
    place.octavo(&["export", "out"]).run().exits(0);
    assert_eq!(package(&place)["licence"], "All rights reserved, but ours");
    assert!(package(&place)["licenses"].is_null());
}

#[test]
fn no_table_is_written_elsewhere_or_over_another() {
    let place = place();
    let more =
        ["../../../elsewhere", "Ends"].map(|name| format!("[tables.\"{name}\"]\nfrom = \"scalars\"\n"));
    place.edit("experiments/a/strip.toml", "[tables.ends]", &format!("{}[tables.ends]", more.concat()));
    let done = place.octavo(&["export", "out"]).run().exits(1);
    done.says(&[
        "the table `../../../elsewhere` of `a/strip` is not exported, since no file can be called so: it has a part",
        "`tables/a/strip/ends.csv` is not exported: another file differs from it in capitals alone",
    ]);
    assert!(!place.exists("elsewhere.csv") && !place.exists("out/elsewhere.csv"));
    // Nor is one removed that an altered dictionary names.
    place.write("mine.csv", "mine");
    let altered = place.read("out/datapackage.json").replace("tables/a/strip/Ends.csv", "../mine.csv");
    place.write("out/datapackage.json", &altered);
    place.octavo(&["export", "out"]).run().exits(1);
    assert_eq!(place.read("mine.csv"), "mine");
}

#[test]
fn an_export_takes_the_place_of_one_before_and_of_nothing_else() {
    let place = place();
    place.octavo(&["export", "out"]).run().exits(0);
    place.edit("experiments/a/strip.toml", "[tables.ends]", "[tables.places]");
    place.octavo(&["export", "out"]).run().exits(0);
    assert!(place.exists("out/tables/a/strip/places.csv") && !place.exists("out/tables/a/strip/ends.csv"));
    place.write("notes/mine.txt", "mine");
    place.octavo(&["export", "notes"]).run().exits(2).says(&["`notes` is neither empty nor an export"]);
    assert_eq!(place.read("notes/mine.txt"), "mine");
    place.octavo(&["export", "out", "a/stripe"]).run().exits(2).says(&["a/stripe", "a/strip"]);
}

#[test]
fn a_table_that_is_not_whole_is_left_out_and_told() {
    const SLOW: &str = "title = \"Slow\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\n\
                        [sweep]\nmax_iterations = [3, 1000000]\n";
    let place = place();
    place.write("experiments/slow.toml", SLOW);
    let done = place.octavo(&["export", "out"]).run().exits(1);
    done.says(&["warning[incomplete]", "the table `scalars` of `slow` is not exported"]);
    assert!(place.exists("out/tables/a/strip/scalars.csv") && !place.exists("out/tables/slow"));
    place.octavo(&["export", "strip", "a/strip"]).run();
    assert!(!place.read("strip/values.csv").contains("slow"));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_program_without_parquet_says_how_to_get_one_that_has_it() {
    let place = place();
    let done = place.octavo(&["export", "out", "--parquet"]).run().exits(2);
    done.says(&["this program is built without Parquet", "`--features parquet`"]);
    assert!(!place.exists("out") && !place.exists(".octavo"), "nothing was run");
}

#[cfg(feature = "parquet")]
#[test]
fn every_table_is_there_as_parquet_and_goes_when_it_is_not_asked_for() {
    let place = place();
    let done = place.octavo(&["export", "out", "--parquet"]).run().exits(0);
    done.says(&["CSV files, ", " Parquet files and `datapackage.json` into `out`"]);
    let package = package(&place);
    let all = package["resources"].as_array().unwrap();
    let of = |format: &str| all.iter().filter(|one| one["format"] == format).collect::<Vec<_>>();
    let (csv, parquet) = (of("csv"), of("parquet"));
    assert_eq!(csv.len(), parquet.len());
    for (csv, parquet) in csv.iter().zip(&parquet) {
        let path = parquet["path"].as_str().unwrap();
        let bytes = std::fs::read(place.path(&format!("out/{path}"))).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{path}");
        assert_eq!(csv["schema"]["fields"], parquet["schema"]["fields"]);
    }
    let before = place.tree("out");
    place.octavo(&["export", "out", "--parquet"]).run().exits(0);
    assert!(place.tree("out") == before, "the same results give the same bytes");
    place.octavo(&["export", "out"]).run().exits(0);
    assert!(place.tree("out").keys().all(|path| !path.ends_with(".parquet")));
}

/// The snippet of docs/interfaces.md, as it stands there, in R where R is.
#[test]
fn a_site_is_read_in_r_as_the_documentation_says() {
    let (_, rest) = include_str!("../../docs/interfaces.md").split_once("```r\n").unwrap();
    let (snippet, _) = rest.split_once("```").unwrap();
    assert!(snippet.contains("\"path/to/site\"") && snippet.contains("folding/strip"));
    let has_r = std::process::Command::new("Rscript")
        .args(["-e", "library(jsonlite)"])
        .stderr(std::process::Stdio::null())
        .status();
    if !has_r.is_ok_and(|status| status.success()) {
        // What a test prints is shown only if it fails; this is not printed but written.
        let told = b"NOT TESTED: there is no `Rscript` with `jsonlite`, so that nobody knows whether the snippet in R works\n";
        let _ = std::io::Write::write_all(&mut std::io::stderr(), told);
        return;
    }
    let place = place();
    place.write("experiments/folding/strip.toml", STRIP);
    place.write(
        "experiments/folding/strip.md",
        "# Strip\n\n![Rows.](table:scalars)\n\n{{ claim(\"eight\") }}\n",
    );
    place.octavo(&["build"]).run().exits(0);
    place.write("read.R", snippet.replace("path/to/site", "site"));
    let ran =
        std::process::Command::new("Rscript").arg("read.R").current_dir(place.path("")).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{err}");
    let lines: Vec<String> =
        out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for expected in [
        "most none",
        "8 NA",
        "claim verdict as_expected",
        "eight holds TRUE",
        "folds segments",
        "1 2 4",
        "2 3 8",
    ] {
        assert!(lines.iter().any(|line| line.ends_with(expected)), "{expected}: {out}{err}");
    }
}
