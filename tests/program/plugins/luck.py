"""A plugin whose shaky runs have no result under some seeds."""

from dataclasses import dataclass

from octavo_plugin import NumericError, Outputs, Results, Run, Scalar, analysis, serve


@dataclass
class Params:
    shaky: bool = False


@analysis(
    name="luck",
    revision=1,
    title="Luck",
    summary="Draws a number between 0 and 1.",
    outputs=lambda params: Outputs(scalars={"number": Scalar(float, "number")}),
    stochastic=True,
    examples=[{}],
)
def luck(params: Params, run: Run) -> Results:
    number = run.random("number").random()
    if params.shaky and number < 0.1:
        raise NumericError("the boundary is not there")
    return Results(scalars={"number": number})


serve(luck)
