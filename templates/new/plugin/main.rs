//! The analysis `NAME`. Everything that an experiment may say, and everything that it gets, is declared here.

use std::process::ExitCode;

use octavo_plugin::figure::{Figure, Mark};
use octavo_plugin::{
    About, Analysis, Artifacts, ColumnType, Failure, Identity, Localized, OutputSchema, Rows, RunContext,
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

/// Where the walk is after a step.
struct Place {
    step: u32,
    position: f64,
}

/// The table `walk`: each column with its cell of a row.
fn walk() -> Rows<Place> {
    Rows::<Place>::new("a step").integer("step", "Step", |place| place.step).float(
        "position",
        "Position",
        |place| place.position,
    )
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
        OutputSchema::new()
            .scalar("end", ColumnType::Float, "", "End of the walk")
            .table("walk", walk().schema())
    }

    fn figures(&self, _params: &Params) -> indexmap::IndexMap<String, Figure> {
        let walk = Figure::new("walk", Mark::Line, "The walk").xy("step", "position");
        indexmap::IndexMap::from([("walk".to_owned(), walk)])
    }

    fn run(&self, params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        let mut stream = context.stream("steps");
        let mut places = vec![Place { step: 0, position: 0.0 }];
        let mut position = 0.0;
        for step in 1..=params.steps {
            context.step((step - 1).into(), params.steps.into())?;
            position = position + params.drift + stream.normal();
            places.push(Place { step, position });
        }
        let mut artifacts = Artifacts::new();
        artifacts.scalar("end", position).table("walk", walk().table(&places));
        Ok(artifacts)
    }
}

fn main() -> ExitCode {
    octavo_plugin::serve(Compute)
}
