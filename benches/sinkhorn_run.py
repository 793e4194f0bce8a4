"""Whole runs of `octavo` beside POT's solvers alone: one line of JSON per pair. benches/sinkhorn.sh runs it.

`sinkhorn_run.py FOLDER OCTAVO ROUNDS [CASE ...]` takes both in turn: the program from its start to its results on standard output,
without a store, and POT's calls on the points that the program generates, which are read beforehand. Ours makes the points and the
costs; POT is given the points and, for a single quantity, the costs, and no more iterations than its marginals need for an L1 error of
1e-6. Both have float64 and as many threads as the environment says; POT runs in a process that is warm. `ratio` is the median of
the ratios of the pairs.
"""

import json
import pathlib
import resource
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np
import ot

TOLERANCE = 1e-6
ENTROPIC = ["epsilon.epsilon", "epsilon.transport_cost", "epsilon.iterations"]
ALL = ["w1", "w2_squared", "epsilon"]
# name: points, coordinates, epsilon / mean cost, outputs, bar (times the peer's speed)
CASES = {
    "cost 1 %": (1000, 2, 0.01, ENTROPIC, 3),
    "cost 0.1 %": (1000, 2, 0.001, ENTROPIC, 10),
    "all 1 %": (1000, 2, 0.01, ALL, 3),
    "all 0.1 %": (1000, 2, 0.001, ALL, 3),
    "d = 10": (2000, 10, 0.01, ALL, 1),
    "d = 50": (2000, 50, 0.01, ALL, 1),
    "d = 100": (2000, 100, 0.01, ALL, 1),
    "d = 784": (2000, 784, 0.01, ALL, 1),
    "exact 5,000": (5000, 2, None, ["w2_squared"], 1),
    "exact 10,000": (10000, 2, None, ["w2_squared"], 1),
    "exact 5,000, scipy": (5000, 2, None, ["w2_squared"], 1),
    "line 20,000": (20000, 1, None, ["w1", "w2_squared"], None),
}


def experiment(folder, count, dimension, epsilon, outputs):
    path = folder / "bench.toml"
    cloud = f"{{ uniform = {count}, dimension = {dimension} }}"
    path.write_text(
        f'title = "Bench"\nanalysis = "sinkhorn"\nseed = 1\noutputs = {json.dumps(outputs)}\n[params]\n'
        f"source = {cloud}\ntarget = {cloud}\nepsilon = [{epsilon}]\ntolerance = {TOLERANCE}\ninterpolation = []\n"
    )
    return path


def points(folder, octavo, count, dimension):
    path = experiment(folder, count, dimension, 1.0, ["source", "target"])
    run = subprocess.run([octavo, "run", str(path), "--format", "json", "-q"], check=True, capture_output=True)
    tables = json.loads(run.stdout)["tasks"][0]["tables"]
    axes = [f"x{axis + 1}" for axis in range(dimension)]
    return [np.array([tables[side]["columns"][axis] for axis in axes]).T.copy() for side in ["source", "target"]]


def iterations(cost, epsilon):
    """How many of ot.sinkhorn's iterations leave an L1 error of at most the tolerance, in steps of ten."""
    count = len(cost)
    kernel, weight = np.exp(-cost / epsilon), 1 / count
    left = np.full(count, weight)
    for iteration in range(1, 100_000):
        right = weight / (kernel.T @ left)
        left = weight / (kernel @ right)
        if iteration % 10 == 0 and np.abs(right * (kernel.T @ left) - weight).sum() <= TOLERANCE:
            return iteration
    raise SystemExit("POT's iteration does not reach the tolerance")


def peer(name, case, clouds):
    """What POT, or scipy, does for a case: a function, and a word on it."""
    count, dimension, share, outputs, _ = case
    source, target = clouds
    equal = np.full(count, 1 / count)
    squared = lambda x, y: ot.dist(x, y)
    if dimension == 1:
        line = lambda: [ot.wasserstein_1d(source[:, 0], target[:, 0], p=power) for power in [1, 2]]
        return line, "wasserstein_1d twice"
    if share is None:
        cost = squared(source, target)
        if name.endswith("scipy"):
            from scipy.optimize import linear_sum_assignment

            return lambda: linear_sum_assignment(cost), "scipy’s linear_sum_assignment, costs given"
        return lambda: ot.emd2(equal, equal, cost, numItermax=10**9), "emd2, costs given"
    cost = squared(source, target)
    epsilon = share * cost.mean()
    entropic = lambda cost, count: ot.sinkhorn(equal, equal, cost, epsilon, numItermax=count, stopThr=0.0)
    needed = iterations(cost, epsilon)
    if outputs == ENTROPIC:
        return lambda: entropic(cost, needed), f"sinkhorn, costs given, {needed} iterations"
    own = [squared(source, source), squared(target, target)]
    counts = [needed] + [iterations(cost, epsilon) for cost in own]

    def everything():
        for (x, y), count in zip([(source, target), (source, source), (target, target)], counts):
            entropic(squared(x, y), count)
        ot.emd2(equal, equal, squared(source, target), numItermax=10**9)
        ot.emd2(equal, equal, ot.dist(source, target, metric="euclidean"), numItermax=10**9)

    return everything, f"dist, sinkhorn three times ({counts} iterations), emd2 twice"


def timed(task, who):
    before, begun = resource.getrusage(who), time.perf_counter()
    task()
    seconds, after = time.perf_counter() - begun, resource.getrusage(who)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(folder, octavo, rounds, names):
    warnings.simplefilter("ignore")
    for name in names or CASES:
        case = CASES[name]
        count, dimension, share, outputs, bar = case
        clouds = points(folder, octavo, count, dimension)
        mean = ot.dist(clouds[0][:2000], clouds[1][:2000]).mean()
        path = experiment(folder, count, dimension, (share or 1.0) * mean, outputs)
        command = [octavo, "run", str(path), "--format", "json", "-q"]
        theirs, word = peer(name, case, clouds)
        ours = lambda: subprocess.run(command, check=True, capture_output=True)
        ours()
        pairs = [
            (timed(ours, resource.RUSAGE_CHILDREN), timed(theirs, resource.RUSAGE_SELF)) for _ in range(rounds)
        ]
        row = {"case": name, "bar": bar, "peer": word, "rounds": rounds}
        for side, who in enumerate(["ours", "peers"]):
            for index, what in enumerate(["seconds", "cpu"]):
                row[f"{who}_{what}"] = statistics.median(pair[side][index] for pair in pairs)
        row["ratio"] = statistics.median(pair[1][0] / max(pair[0][0], 1e-9) for pair in pairs)
        row["cpu_ratio"] = statistics.median(pair[1][1] / max(pair[0][1], 1e-9) for pair in pairs)
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:])
