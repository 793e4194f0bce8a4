//! The schema of `octavo.json`.

use serde_json::{Value as Json, json};

/// The JSON Schema of `octavo.json`. It is open: keys may become more.
pub(super) fn site() -> Json {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "octavo.json",
        "description": "What a published site is: its pages, claims, experiments and values, and the digest of every file.",
        "type": "object",
        "required": ["generator", "format", "project", "pages", "claims", "experiments", "values", "files"],
        "properties": {
            "generator": { "const": "octavo" },
            "format": { "description": "The version of this format.", "const": 1 },
            "project": text("The project's name: `name` in `octavo.toml`, or its title."),
            "pages": list(&page()),
            "claims": list(&claim()),
            "experiments": list(&experiment()),
            "values": list(&value()),
            "statements": list(&statement()),
            "date": text("The time that `SOURCE_DATE_EPOCH` names, in UTC."),
            "files": {
                "description": "The digest (BLAKE3) of every other file, by its route.",
                "type": "object",
                "additionalProperties": digest(),
            },
        },
    })
}

fn text(description: &str) -> Json {
    json!({ "description": description, "type": "string" })
}

fn count(description: &str) -> Json {
    json!({ "description": description, "type": "integer", "minimum": 0 })
}

fn digest() -> Json {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

fn list(items: &Json) -> Json {
    json!({ "type": "array", "items": items })
}

fn object(required: &[&str], properties: &Json) -> Json {
    json!({ "type": "object", "required": required, "properties": properties })
}

fn page() -> Json {
    object(
        &["route", "language", "title", "source"],
        &json!({
            "route": text("Its place in the site."),
            "language": text("Its language, such as `en`."),
            "title": text("Its title."),
            "source": text("The Markdown file; empty for pages that Octavo adds."),
        }),
    )
}

fn claim() -> Json {
    let verdict = ["holds", "refuted", "undecided", "exploratory"];
    let replication = object(
        &["state", "replicates"],
        &json!({
            "state": text("What replicates under fresh seeds said of it."),
            "replicates": count("How many these were."),
        }),
    );
    object(
        &["experiment", "claim", "text", "check", "verdict", "expected", "as_expected", "page"],
        &json!({
            "experiment": text("The experiment's id."),
            "claim": text("Its name."),
            "text": {
                "description": "The statement, by language.",
                "type": "object",
                "additionalProperties": { "type": "string" },
            },
            "check": text("The comparison."),
            "verdict": { "description": "What the results say.", "enum": verdict },
            "expected": { "description": "What it was expected to turn out as.", "enum": verdict },
            "as_expected": { "type": "boolean" },
            "page": { "description": "Where it is shown; null if no page shows it.", "type": ["string", "null"] },
            "registration": text("How it stands to what was registered, where anything was."),
            "replication": replication,
            "stale": text("Why the verdict is an earlier one, where it is."),
        }),
    )
}

fn experiment() -> Json {
    object(
        &["experiment", "analysis", "revision", "tasks", "failed", "results"],
        &json!({
            "experiment": text("Its id."),
            "analysis": text("The name of its analysis."),
            "revision": count("The revision of that."),
            "tasks": count("How many tasks it has."),
            "failed": count("How many of them failed."),
            "results": digest(),
        }),
    )
}

fn value() -> Json {
    object(
        &["experiment", "value", "is"],
        &json!({
            "experiment": text("The experiment's id."),
            "value": text("Its name."),
            "is": {
                "description": "Integers beyond 2^53 and infinities are texts; null if there is none.",
                "type": ["number", "string", "boolean", "null"],
            },
            "missing": text("Why there is none."),
            "unit": text("Its unit, where it has one of its own."),
        }),
    )
}

fn statement() -> Json {
    let verdict = ["holds", "refuted", "refined", "undecided", "exploratory", "text-only"];
    object(
        &["statement", "verdict", "claims"],
        &json!({
            "statement": text("Its id."),
            "verdict": { "enum": verdict },
            "claims": { "description": "The claims that answer it.", "type": "array", "items": { "type": "string" } },
        }),
    )
}
