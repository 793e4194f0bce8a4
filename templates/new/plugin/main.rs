//! The analysis `NAME`. Everything that an experiment may say, and everything that it gets, is declared here.

use std::process::ExitCode;

use octavo_plugin::figure::{Figure, Mark};
use octavo_plugin::{
    About, Analysis, Artifacts, ColumnType, Failure, Identity, Localized, OutputSchema, RunContext, Table,
    TableSchema,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

struct Compute;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Params {
    /// Number of steps.
    #[schemars(range(min = 1, max = 100_000))]
    steps: u32,
    /// Mean of a step.
    #[schemars(range(min = -10.0, max = 10.0))]
    drift: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { steps: 200, drift: 0.0 }
    }
}

impl Analysis for Compute {
    type Params = Params;

    fn identity(&self) -> Identity {
        // Raise the revision whenever a bit of any result moves.
        Identity::built_in("NAME", 1)
    }

    fn about(&self) -> About {
        About {
            title: Localized::All("TITLE".to_owned()),
            summary: Localized::All("A random walk with normally distributed steps.".to_owned()),
            documentation: "## Definition\n\nThe walk begins at 0; each step adds `drift` and a standard normal number.\n"
                .into(),
            example: "steps = 50\ndrift = 0.1\n".into(),
            translations: &[],
        }
    }

    fn stochastic(&self, _params: &Params) -> bool {
        true
    }

    fn outputs(&self, _params: &Params) -> OutputSchema {
        let walk = TableSchema::new("a step").column("step", ColumnType::Integer, "", "Step").column(
            "position",
            ColumnType::Float,
            "",
            "Position",
        );
        OutputSchema::new().scalar("end", ColumnType::Float, "", "End of the walk").table("walk", walk)
    }

    fn figures(&self, _params: &Params) -> indexmap::IndexMap<String, Figure> {
        let walk = Figure::new("walk", Mark::Line, "The walk").xy("step", "position");
        indexmap::IndexMap::from([("walk".to_owned(), walk)])
    }

    fn run(&self, params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        let mut stream = context.stream("steps");
        let mut positions = vec![0.0];
        for step in 0..params.steps {
            context.step(step.into(), params.steps.into())?;
            positions.push(positions[positions.len() - 1] + params.drift + stream.normal());
        }
        let mut artifacts = Artifacts::new();
        artifacts.scalar("end", positions[positions.len() - 1]);
        let steps: Vec<i64> = (0..=params.steps.into()).collect();
        artifacts.table("walk", Table::new().with("step", steps).with("position", positions));
        Ok(artifacts)
    }
}

fn main() -> ExitCode {
    octavo_plugin::serve(Compute)
}
