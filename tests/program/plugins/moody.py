"""A plugin whose results depend on what they must not depend on."""

import os
import time
from dataclasses import dataclass
from functools import reduce
from operator import add

from octavo_plugin import Column, Outputs, Results, Run, Scalar, Table, analysis, serve


@dataclass
class Params:
    on: str = "nothing"
    size: int = 1


RUNS = []


def in_parts(numbers, threads):
    """The sum as so many threads would take it: every one a part, and then the parts."""
    return int(reduce(add, [reduce(add, numbers[thread::threads]) for thread in range(threads)]))


SECRETS = {
    "nothing": lambda run: 1,
    "clock": lambda run: time.time_ns() // 1000,
    "hash": lambda run: hash("octavo") % 1000003,
    "set": lambda run: int("".join(list({str(number) for number in range(10, 40)})[:3])),
    "sum": lambda run: in_parts([1e16, 1.0, -1e16] * 2, int(os.environ["OMP_NUM_THREADS"])),
    "threads": lambda run: int(os.environ["OMP_NUM_THREADS"]),
    "locale": lambda run: len(os.environ["LC_ALL"]) * 1000 + sum(os.environ["LC_ALL"].encode()),
    "zone": lambda run: time.localtime(0).tm_hour,
    "lanes": lambda run: len(os.environ.get("OCTAVO_SIMD", "")),
    "folder": lambda run: len(os.getcwd()),
    "order": lambda run: len(RUNS),
    "mask": lambda run: os.umask(0o22),
}


@analysis(
    name="moody",
    revision=1,
    title="Moody",
    summary="Gives a number that depends on its mood.",
    outputs=lambda params: Outputs(
        scalars={"mood": Scalar(int, "mood")},
        tables={"rows": Table("a step", step=Column(int, "step"), height=Column(int, "height"))},
    ),
    examples=[{}],
)
def moody(params: Params, run: Run) -> Results:
    RUNS.append(params)
    secret = SECRETS[params.on](run)
    return Results(
        scalars={"mood": secret},
        tables={"rows": {"step": [1, 2, 3], "height": [10, 20 + secret, 30]}},
    )


serve(moody)
