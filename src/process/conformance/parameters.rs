//! Parameters as an author may not have thought of them: at their bounds, and beyond.

use octavo_plugin::process::{Request, conform, conform_at, to_message};
use octavo_plugin::schema::{Schema, SchemaKind};
use octavo_plugin::{CancelToken, DynAnalysis, FailureKind, RunContext};
use serde_json::{Value as Json, json};

use super::{SEED, Trial, text};
use crate::process::with_log;

impl Trial<'_> {
    /// Parameters that the host lets pass are answered, by problems if need be.
    pub(super) fn bounds(&self, example: &Json) -> Result<(), String> {
        for (name, field) in self.analysis.schema().fields() {
            let values: Vec<Json> = match &field.schema.kind {
                SchemaKind::Bool => vec![true.into(), false.into()],
                SchemaKind::Choice(words) => words.iter().map(|(word, _)| word.clone().into()).collect(),
                SchemaKind::Integer(bounds) | SchemaKind::Number(bounds) => {
                    let ends = [(bounds.min, bounds.above), (bounds.max, bounds.below)];
                    let ends = ends.into_iter().filter(|(_, open)| !open).filter_map(|(end, _)| end);
                    ends.filter(|end| end.abs() < 1e15).map(|end| number(end, &field.schema)).collect()
                }
                SchemaKind::Text => vec!["".into(), "é\u{1F4C8}\"\\".into()],
                _ => Vec::new(),
            };
            for value in values {
                let mut params = example.clone();
                params[name] = value.clone();
                let params = conform(&params, &self.analysis.schema())?;
                self.ask(&Request::Check(to_message(&params)))
                    .map_err(|problem| format!("`{name}` = {value}: {problem}"))?;
            }
        }
        Ok(())
    }

    /// What the host would not let pass. Whoever relies on the host may say that it is good, but must not break.
    pub(super) fn bad(&self, example: &Json) -> Result<(), String> {
        for (name, field) in self.analysis.schema().fields() {
            for value in bad_values(&field.schema) {
                let mut params = example.clone();
                params[name] = value.clone();
                let mut session = self.session()?;
                if let Err(failure) = session.ask(&Request::Check(to_message(&params)))
                    && !session.is_usable()
                {
                    return Err(format!("`{name}` = {value}: {}", text(&failure)));
                }
            }
        }
        Ok(())
    }

    /// A run with each number at its lower bound.
    pub(super) fn least(&self, example: &Json) -> Result<(), String> {
        for (name, field) in self.analysis.schema().fields() {
            let Some(least) = least(&field.schema) else { continue };
            let mut params = example.clone();
            params[name] = least.clone();
            let what = |problem: String| format!("`{name}` = {least}: {problem}");
            let prepared = self.analysis.prepare(&params).map_err(|failure| what(with_log(&failure)))?;
            if !prepared.problems.is_empty() {
                continue;
            }
            let params = prepared.params;
            let cancel = CancelToken::new();
            let context = RunContext::new(SEED, &self.inputs, &cancel, &octavo_plugin::context::Silent);
            match self.analysis.run(&params, &context) {
                Err(failure) if failure.kind == FailureKind::Bug => return Err(what(text(&failure))),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Every parameter is described, and every default fits.
pub(super) fn fields(schema: &Schema, prefix: &str) -> Result<(), String> {
    for (name, field) in schema.fields() {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        if field.schema.doc.trim().is_empty() && !field.schema.input {
            let described = matches!(&field.schema.kind, SchemaKind::OneOf(shapes) if shapes.iter().any(|shape| shape.input));
            if !described {
                return Err(format!("the parameter `{path}` has no `description`"));
            }
        }
        if let Some(default) = &field.default {
            conform_at(default, &field.schema, &path)
                .map_err(|message| format!("the default of `{path}` does not fit: {message}"))?;
        }
        fields(&field.schema, &path)?;
    }
    Ok(())
}

fn number(value: f64, schema: &Schema) -> Json {
    match schema.kind {
        #[expect(clippy::cast_possible_truncation, reason = "bounds of integers are whole")]
        SchemaKind::Integer(_) => (value as i64).into(),
        _ => value.into(),
    }
}

/// The lower bound, if it is allowed itself.
fn least(schema: &Schema) -> Option<Json> {
    let (SchemaKind::Integer(bounds) | SchemaKind::Number(bounds)) = &schema.kind else { return None };
    bounds.min.filter(|min| !bounds.above && min.abs() < 1e15).map(|min| number(min, schema))
}

/// Values of another type, and beyond the bounds.
fn bad_values(schema: &Schema) -> Vec<Json> {
    let mut values = match &schema.kind {
        SchemaKind::Any => Vec::new(),
        SchemaKind::Text | SchemaKind::Choice(_) => vec![json!(1), json!(["a"])],
        SchemaKind::Bool => vec![json!("true"), json!(2)],
        _ => vec![json!("text"), json!(true), json!([[]])],
    };
    if let SchemaKind::Integer(bounds) | SchemaKind::Number(bounds) = &schema.kind {
        let beyond = [bounds.min.map(|min| min - 1.0), bounds.max.map(|max| max + 1.0)];
        let beyond = beyond.into_iter().flatten().filter(|end| end.abs() < 1e15);
        values.extend(beyond.map(|end| number(end, schema)));
    }
    values.retain(|value| conform(value, schema).is_err());
    values
}
