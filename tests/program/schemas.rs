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

/// What is wrong with a value by a schema, as far as that uses these words: `type`, `enum`, `const`, `required`, `properties`, `items`,
/// `additionalProperties` and the length that a `pattern` for digests has. A key that is not named is wrong, too.
fn wrong(path: &str, schema: &Json, value: &Json, found: &mut Vec<String>) {
    let is = |kind: &Json| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    };
    let kinds = schema.get("type").map(|kind| kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]));
    if kinds.is_some_and(|kinds| !kinds.iter().any(is))
        || schema.get("const").is_some_and(|only| only != value)
        || schema.get("enum").is_some_and(|all| !all.as_array().unwrap().contains(value))
        || schema.get("pattern").is_some() && value.as_str().unwrap().len() != 64
    {
        found.push(format!("{path}: {value} is not of {schema}"));
    }
    for name in schema.get("required").and_then(Json::as_array).into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            found.push(format!("{path}: {name} is not there"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        wrong(&format!("{path}[{index}]"), &schema["items"], item, found);
    }
    for (name, entry) in value.as_object().into_iter().flatten() {
        let of =
            schema.get("properties").and_then(|all| all.get(name)).or(schema.get("additionalProperties"));
        match of {
            Some(of) => wrong(&format!("{path}.{name}"), of, entry, found),
            None => found.push(format!("{path}: {name} is not in the schema")),
        }
    }
}

#[test]
fn what_a_site_says_of_itself_is_as_its_schema_says() {
    let place = Place::project(&[
        (
            "strip.toml",
            "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\nunit = \"folds\"\n[values.none]\nfrom = \"scalars\"\nexpr = \"max(segments / 0)\"\n[claims.eight]\ntext = \"Eight.\"\ncheck = \"most == 8\"\n",
        ),
        (
            "noise.toml",
            "title = \"N\"\nanalysis = \"curvature\"\nseed = 7\nreplicates = 3\n[params]\nnetwork = { width = 3, depth = 2, activation = \"tanh\", sigma_w = 1.5, sigma_b = 0.1 }\n[values.length]\nfrom = \"layers\"\nexpr = \"max(length)\"\n[claims.long]\ntext = \"It is long.\"\ncheck = \"length > 0\"\n",
        ),
        ("index.md", "# Home\n\n{{ claim(\"strip#eight\") }}\n"),
    ]);
    place.octavo(&["build"]).env("SOURCE_DATE_EPOCH", "1000000000").run();
    let schema: Json = serde_json::from_str(&place.octavo(&["schema", "site"]).run().exits(0).out).unwrap();
    let site: Json = serde_json::from_str(&place.read("site/octavo.json")).unwrap();
    for list in ["pages", "claims", "experiments", "values"] {
        assert!(!site[list].as_array().unwrap().is_empty(), "{list}");
    }
    let mut found = Vec::new();
    wrong("octavo.json", &schema, &site, &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let mut other = site.clone();
    other["claims"][0]["verdict"] = "perhaps".into();
    other["pages"][0].as_object_mut().unwrap().remove("route");
    wrong("octavo.json", &schema, &other, &mut found);
    assert_eq!(found.len(), 2, "{found:?}");
}
