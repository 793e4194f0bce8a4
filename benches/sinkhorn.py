"""POT's transport between the clouds in a folder: one line of JSON per measurement. benches/sinkhorn.sh runs it.

`sinkhorn.py FOLDER make` writes the clouds. `sinkhorn.py FOLDER run N1 N2` times POT, with N1 and N2 iterations of `ot.sinkhorn` at epsilon
1 % and 0.1 % of the mean cost: as many as Sinkhorn's plain iteration needs to a marginal L1 error of 1e-6.
"""

import json
import pathlib
import sys
import time
import warnings

import numpy as np


def make(folder):
    random = np.random.default_rng(1)
    for name, count in [("", 1000), ("large-", 20000)]:
        for side in ["source", "target"]:
            random.random((count, 2)).astype("<f8").tofile(folder / f"{name}{side}.f64")
    (folder / "mean-cost").write_text(repr(float(costs(folder).mean())))


def costs(folder):
    x, y = (np.fromfile(folder / f"{side}.f64", "<f8").reshape(-1, 2) for side in ["source", "target"])
    return ((x[:, None] - y[None]) ** 2).sum(-1)


def report(what, share, iterations, task):
    begun = time.perf_counter()
    result = task()
    seconds = time.perf_counter() - begun
    row = {"who": "POT", "what": what, "share": share, "seconds": seconds, "iterations": iterations}
    if isinstance(result, np.ndarray):
        row["error"] = float(np.abs(result.sum(0) - 1e-3).sum() + np.abs(result.sum(1) - 1e-3).sum())
    print(json.dumps(row))


def run(folder, counts):
    import ot

    warnings.simplefilter("ignore")
    cost = costs(folder)
    equal = np.full(1000, 1e-3)
    for share, count in zip([0.01, 0.001], counts):
        epsilon = share * cost.mean()
        report("sinkhorn", share, count,
               lambda: ot.sinkhorn(equal, equal, cost, epsilon, numItermax=count, stopThr=0.0))
        report("sinkhorn_log", share, 20,
               lambda: ot.sinkhorn(equal, equal, cost, epsilon, method="sinkhorn_log", numItermax=20, stopThr=0.0))
    report("emd", 0.0, 1, lambda: ot.emd2(equal, equal, cost))


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    make(target) if sys.argv[2] == "make" else run(target, [int(count) for count in sys.argv[3:]])
