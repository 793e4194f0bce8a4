//! `octavo schema`, and the lines by which files name their schemas to an editor.

use serde_json::Value as Json;

use crate::harness::Place;

#[test]
fn schemas_are_json_and_know_what_the_checker_knows() {
    let place = Place::new();
    let schema = |arguments: &[&str]| -> Json {
        let done = place.octavo(&[&["schema"], arguments].concat()).run().exits(0).says_nothing();
        serde_json::from_str(&done.out).unwrap()
    };
    let experiment = schema(&["experiment"]);
    for key in ["title", "analysis", "sweep", "figures", "claims", "values"] {
        assert!(experiment["properties"][key].is_object(), "{key}");
    }
    assert_eq!(experiment["additionalProperties"], false);
    let dragon = schema(&["experiment", "--analysis", "dragon"]);
    assert_eq!(dragon["properties"]["params"]["properties"]["folds"]["maximum"], 60);
    assert_eq!(dragon["properties"]["analysis"]["const"], "dragon");
    assert!(schema(&["project"])["properties"]["base_url"].is_object());
    place
        .octavo(&["schema", "experiment", "--analysis", "dargon"])
        .run()
        .exits(2)
        .says(&["did you mean `dragon`?"]);
}

/// The schema that the first line of a file names, read from where the file lies.
fn named(place: &Place, file: &str) -> Json {
    let text = place.read(file);
    let line = text.lines().next().unwrap();
    let path = line.strip_prefix("#:schema ").unwrap_or_else(|| panic!("{file}: {line}"));
    let from = place.path(file);
    let schema = std::fs::read_to_string(from.parent().unwrap().join(path)).unwrap();
    serde_json::from_str(&schema).unwrap()
}

#[test]
fn files_of_a_new_project_name_their_schemas() {
    let place = Place::new();
    place.octavo(&["new", "project", "."]).run().exits(0);
    assert!(named(&place, "octavo.toml")["properties"]["base_url"].is_object());
    let printed = place.octavo(&["schema", "experiment"]).run().exits(0).out;
    assert_eq!(named(&place, "experiments/strip.toml"), serde_json::from_str::<Json>(&printed).unwrap());
    place.octavo(&["new", "experiment", "deep/er/a"]).run().exits(0);
    assert!(named(&place, "experiments/deep/er/a.toml")["allOf"].is_array());
    place.octavo(&["check", "--strict"]).run().exits(0);
    // Who does not want them is not given them again.
    std::fs::remove_dir_all(place.path("schemas")).unwrap();
    place.octavo(&["new", "experiment", "b"]).run().exits(0);
    assert!(place.read("experiments/b.toml").starts_with("title = "));
    assert!(!place.exists("schemas"));
}

#[test]
fn schemas_of_a_project_know_its_plugins() {
    let place = Place::new();
    place.octavo(&["new", "project", "."]).run().exits(0);
    place.octavo(&["new", "plugin", "weather"]).run().exits(0);
    let schema = named(&place, "experiments/weather.toml");
    let rule = |schema: &Json, name: &str| {
        let rules = schema["allOf"].as_array().unwrap();
        rules.iter().find(|rule| rule["if"]["properties"]["analysis"]["const"] == name).cloned()
    };
    let weather = rule(&schema, "weather").unwrap();
    assert!(weather["then"]["properties"]["params"]["properties"]["steps"].is_object(), "{weather}");
    // One that cannot be started is known by its name, and may have any parameters.
    place.edit("plugins/weather.py", "import", "import nothing_of_this_name\nimport");
    place.octavo(&["schema", "--write"]).run().exits(0).says(&["warning", "weather", "wrote `schemas/`"]);
    let schema = named(&place, "experiments/weather.toml");
    let names = schema["properties"]["analysis"]["enum"].as_array().unwrap();
    assert!(names.contains(&"weather".into()) && names.contains(&"dragon".into()));
    assert!(rule(&schema, "weather").is_none());
    for wrong in
        [&["schema"][..], &["schema", "project", "--write"], &["schema", "--write", "--analysis", "dragon"]]
    {
        place.octavo(wrong).run().exits(2);
    }
}
