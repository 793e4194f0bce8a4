"""An analysis that takes its time."""

import time
from dataclasses import dataclass

from octavo_plugin import Outputs, Results, Run, Scalar, analysis, serve


@dataclass
class Params:
    n: int = 1
    seconds: float = 0.1


@analysis(
    name="patient",
    revision=1,
    title="Patience",
    summary="Squares a number after a while.",
    outputs=lambda params: Outputs(scalars={"square": Scalar(int, "Square")}),
    examples=[{}],
)
def patient(params: Params, run: Run) -> Results:
    time.sleep(params.seconds)
    return Results(scalars={"square": params.n * params.n})


if __name__ == "__main__":
    serve(patient)
