//! `octavo schema` and `octavo completions`: for editors and shells.

use clap::{Args, CommandFactory, ValueEnum};
use octavo_plugin::schema::Schema as Described;
use serde_json::{Value as Json, json};

use super::events::Event;
use super::session::{ExitCode, Session};
use crate::config::Config;
use crate::manifest::Manifest;

/// Arguments of `octavo schema`.
#[derive(Args, Debug)]
pub(super) struct Schema {
    /// Which file, or what is written to standard error for programs
    #[arg(value_enum)]
    kind: Subject,
    /// Describe the parameters of this analysis, too
    #[arg(long, value_name = "NAME")]
    analysis: Option<String>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// `octavo.toml`.
    Project,
    /// An experiment.
    Experiment,
    /// A line of `--log-format json`.
    Events,
}

impl Schema {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let mut schema = match self.kind {
            Subject::Project => Described::json_of::<Config>(),
            Subject::Experiment => Described::json_of::<Manifest>(),
            Subject::Events => Described::json_of::<Event>(),
        };
        if let Some(name) = self.analysis.as_ref().filter(|_| self.kind == Subject::Experiment) {
            let analysis = match session.analysis(name) {
                Ok((_, analysis)) => analysis,
                Err(code) => return code,
            };
            schema["properties"]["params"] = analysis.json_schema();
            schema["properties"]["analysis"] = json!({ "const": name });
        }
        // Events and their keys may become more.
        if self.kind != Subject::Events {
            close(&mut schema);
        }
        let text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
        session.output.result(&text).err().unwrap_or(ExitCode::Good)
    }
}

/// The checker refuses unknown keys of every record; an editor should, too.
fn close(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".into(), false.into());
            }
            object.values_mut().for_each(close);
        }
        Json::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

pub(super) fn completions(shell: clap_complete::Shell, session: &Session) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::Cli::command(), "octavo", &mut script);
    session.output.result(String::from_utf8_lossy(&script).trim_end()).err().unwrap_or(ExitCode::Good)
}
