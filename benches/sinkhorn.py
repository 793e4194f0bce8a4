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
    for side in ["source", "target"]:
        random.random(64 * 64).astype("<f8").tofile(folder / f"grid-{side}.f64")
    (folder / "mean-cost").write_text(repr(float(costs(folder).mean())))


def costs(folder):
    x, y = (np.fromfile(folder / f"{side}.f64", "<f8").reshape(-1, 2) for side in ["source", "target"])
    return ((x[:, None] - y[None]) ** 2).sum(-1)


def report(what, share, iterations, task, who="POT"):
    begun = time.perf_counter()
    result = task()
    seconds = time.perf_counter() - begun
    row = {"who": who, "what": what, "share": share, "seconds": seconds, "iterations": iterations}
    if isinstance(result, np.ndarray) and who == "POT":
        row["error"] = float(np.abs(result.sum(0) - 1e-3).sum() + np.abs(result.sum(1) - 1e-3).sum())
    print(json.dumps(row))


def grid(folder):
    """A log-domain iteration between grids of 64² pixels: by OTT if it is there, and by numpy."""
    a, b = (np.fromfile(folder / f"grid-{side}.f64", "<f8").reshape(64, 64) for side in ["source", "target"])
    a, b = a / a.sum(), b / b.sum()
    axis = np.linspace(0, 1, 64)
    cost = (axis[:, None] - axis[None]) ** 2
    epsilon, count = 0.01, 20

    def pass_along(levels):
        shifted = levels[:, None, :] - cost[None] / epsilon
        top = shifted.max(-1)
        return (top + np.log(np.exp(shifted - top[..., None]).sum(-1))).T

    def numpy_iterations():
        f, g = np.zeros((64, 64)), np.zeros((64, 64))
        for _ in range(count):
            g = -pass_along(pass_along(f + np.log(a)))
            f = -pass_along(pass_along(g + np.log(b)))

    report("grid (numpy)", 0.01, count, numpy_iterations, who="numpy")
    try:
        import jax
        jax.config.update("jax_enable_x64", True)
        from ott.geometry import grid as ott_grid
        from ott.problems.linear import linear_problem
        from ott.solvers.linear import sinkhorn as ott_sinkhorn
    except ImportError:
        return
    geometry = ott_grid.Grid(x=[jax.numpy.asarray(axis)] * 2, epsilon=epsilon)
    solver = jax.jit(ott_sinkhorn.Sinkhorn(lse_mode=True, threshold=0.0, min_iterations=100, max_iterations=100))
    problem = linear_problem.LinearProblem(geometry, a.ravel(), b.ravel())
    task = lambda: jax.block_until_ready(solver(problem).f)
    task()
    report("grid", 0.01, 100, task, who="OTT")


def run(folder, counts):
    import ot

    grid(folder)

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
