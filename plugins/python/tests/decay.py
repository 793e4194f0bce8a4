"""The analysis of the golden dialogues, and others that tests start as programs: `decay.py MODE`."""

import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Literal, Optional

sys.path.insert(0, str(Path(__file__).parents[1]))

from octavo_plugin import (
    Column,
    Drawing,
    File,
    Geometry,
    Input,
    Missing,
    NumericError,
    Outputs,
    Problem,
    Raster,
    ResourceError,
    Results,
    Run,
    Scalar,
    Table,
    TableFile,
    Uncertain,
    UserError,
    analysis,
    param,
    serve,
)

MODE = sys.argv[1] if len(sys.argv) > 1 else "run"


@dataclass
class Params:
    half_life: float = param("Time in which half of it is gone.", 1.0, above=0.0, unit="s")
    steps: int = param("Number of moments after the first.", 2, minimum=1, maximum=1000)
    noise: float = param("Standard deviation of an error added to what is left.", 0.0, minimum=0.0, maximum=1.0)
    shape: Literal["exponential", "linear"] = param(
        "How it decays.", "exponential", choices={"exponential": "By halves.", "linear": "By equal amounts."}
    )
    data: Optional[Input] = param("Content whose rows are counted.", None)


def outputs(params: Params) -> Outputs:
    return Outputs(
        scalars={
            "half": Scalar(float, {"en": "Half-life", "fr": "Demi-vie"}, "s"),
            "atoms": Scalar(int, {"en": "Atoms", "fr": "Atomes"}),
            "shape": Scalar(str, {"en": "Shape", "fr": "Forme"}),
            "noisy": Scalar(bool, {"en": "Noisy", "fr": "Bruité"}),
            "end": Scalar(float, {"en": "Time until nothing is left", "fr": "Temps jusqu’à épuisement"}, "s"),
            "input_rows": Scalar(int, {"en": "Rows of the input", "fr": "Lignes de l’entrée"}),
        },
        tables={
            "decay": Table(
                "a moment",
                step=Column(int, {"en": "Step", "fr": "Pas"}),
                time=Column(float, {"en": "Time", "fr": "Temps"}, "s"),
                left=Column(float, {"en": "What is left", "fr": "Reste"}),
                word=Column(str, {"en": "Word", "fr": "Mot"}),
                first=Column(bool, {"en": "First", "fr": "Premier"}),
            )
        },
        drawings={
            "curve": Drawing("the decay as paths", "paths", part=Column(int, {"en": "Part", "fr": "Partie"})),
            "map": Drawing(
                "what is left as a raster of one row",
                "raster",
                value=Column(float, {"en": "What is left", "fr": "Reste"}),
            ),
        },
    )


def check(params: Params) -> Iterator[Problem]:
    if params.shape == "linear" and params.steps > 2 * params.half_life:
        most = int(2 * params.half_life)
        yield Problem(
            "steps", f"at the shape `linear` nothing is left after {most} steps", f"take at most {most} steps"
        )


def input_rows(source: Optional[Input]) -> object:
    if source is None:
        return Missing("there is no input")
    if "geometry" in source._content:
        return len(source.geometry().ends)
    return len(next(iter(source.table().values())))


@analysis(
    name="decay",
    revision=3,
    title={"en": "Decay", "fr": "Décroissance"},
    summary={"en": "What is left after some time.", "fr": "Ce qui reste après un certain temps."},
    documentation="## Definition\n\nWhat is left at time $t$ is $2^{-t/h}$.\n",
    examples=[{"half_life": 2.0, "steps": 2}, {}],
    outputs=outputs,
    figures={
        "decay": {
            "title": {"en": "Decay", "fr": "Décroissance"},
            "from": "decay",
            "mark": "line",
            "x": "time",
            "y": "left",
        },
        **({"broken": {"height": math.nan}} if MODE == "nan" else {}),
    },
    check=check,
    stochastic=lambda params: params.noise > 0,
    cancel=True,
)
def decay(params: Params, run: Run) -> Results:
    """The values of the golden dialogues."""
    number = int(run.folder.name.rpartition("-")[2])
    before(number, params, run)
    left = [1.0, 0.5**0.5, Missing("not measured")]
    table = {
        "step": [0, 1, 2],
        "time": [0.0, 1.0, 2.0],
        "left": left,
        "word": ["a", "", "<b>é</b>"],
        "first": [True, False, False],
    }
    parts = [[(0.0, 1.0), (1.0, 0.5**0.5)], [(1.0, 0.5**0.5), (2.0, 0.5)]]
    curve = Geometry.paths(parts, {"part": [0, 1]})
    values: object = [[1.0, 0.75, 0.5]]
    if MODE == "files" and number == 1:
        table = TableFile(run.write_csv("decay.csv", table), {"left": {2: Missing("not measured")}})
        curve = Geometry(
            "paths",
            run.write_npy("vertices.npy", curve.vertices),
            run.write_npy("ends.npy", curve.ends, "<i8"),
            {"part": run.write_npy("part.npy", [0, 1], "<i4")},
        )
        values = run.write_npy("map.npy", values, "<f4")
    elif MODE == "files":
        values = run.write_png("map.png", [[255, 128, 0]])
    return Results(
        scalars={
            "half": Uncertain(params.half_life, 0.001),
            "atoms": 2**65,
            "shape": params.shape,
            "noisy": params.noise > 0,
            "end": float("inf"),
            "input_rows": input_rows(params.data),
        },
        tables={"decay": table},
        drawings={"curve": curve, "map": Raster(((0.0, 0.0), (3.0, 1.0)), values)},
    )


def before(number: int, params: Params, run: Run) -> None:
    """What happens in a run of the mode before its result."""
    if MODE == "run":
        run.progress(0, 3)
        run.warning("the last moment was not measured")
        run.progress(3, 3)
    elif MODE == "cancel" and number == 1:
        run.progress(1, 3)
        while True:
            run.check_cancelled()
            time.sleep(0.001)
    elif MODE == "errors":
        fail(number)
    elif MODE == "prints":
        print("a word for the log")
        os.system("echo a word of a child")
        assert input_is_empty()
        run.info("done\n twice")
    elif MODE == "loops":
        while True:
            time.sleep(0.01)
    elif MODE == "exits":
        sys.exit("no more")
    elif MODE == "draws":
        import random

        run.info(f"{random.random()} {run.random('a').random()} {run.random('b').random()}")
    elif MODE == "escapes":
        File("../decay.csv")


def input_is_empty() -> bool:
    return sys.stdin.read() == "" and os.read(0, 1) == b""


def fail(number: int) -> None:
    if number == 1:
        raise UserError("the input `data/points.csv` has no column `x`", "name its columns in the first line")
    if number == 2:
        raise NumericError("after 100 steps the error is 0.3, above 1e-9")
    if number == 3:
        raise ResourceError("the table would have 10^12 rows", "take fewer steps")
    if number == 4:
        {}["left"]
    if number == 5:
        raise MemoryError
    if number == 6:
        math.exp(1000)
    if number == 7:
        raise ValueError("two\nlines \udc80")
    if number == 8:
        raise RecursionError("too deep")


if __name__ == "__main__":
    serve(decay)
