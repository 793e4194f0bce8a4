"""The analysis `NAME`. Everything that an experiment may say, and everything that it gets, is declared here."""

from dataclasses import dataclass

from octavo_plugin import Column, Outputs, Results, Run, Scalar, Table, analysis, param, serve


@dataclass
class Params:
    steps: int = param("Number of steps.", 200, minimum=1, maximum=100_000)
    drift: float = param("Mean of a step.", 0.0, minimum=-10.0, maximum=10.0)


@analysis(
    name="NAME",
    revision=1,  # raise it whenever a bit of any result moves for another reason than an edited file
    title="TITLE",
    outputs=Outputs(
        scalars={"end": Scalar(float, "End of the walk")},
        tables={"walk": Table("a step", step=Column(int, "Step"), position=Column(float, "Position"))},
    ),
    figures={"walk": {"title": "The walk", "from": "walk", "mark": "line", "x": "step", "y": "position"}},
    examples=[{"steps": 50, "drift": 0.1}],
    stochastic=True,
    cancel=True,
)
def compute(params: Params, run: Run) -> Results:
    """A random walk with normally distributed steps.

    ## Definition

    The walk begins at 0; each step adds `drift` and a standard normal number.
    """
    random = run.random("steps")
    positions = [0.0]
    for _ in run.steps(range(params.steps)):
        positions.append(positions[-1] + params.drift + random.gauss(0.0, 1.0))
    return Results(
        scalars={"end": positions[-1]},
        tables={"walk": {"step": range(len(positions)), "position": positions}},
    )


if __name__ == "__main__":
    serve(compute)
