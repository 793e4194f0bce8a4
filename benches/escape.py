"""Escape counts as a user of numba would write them: one line of JSON per measurement."""

import json
import time

import numba
import numpy as np


@numba.njit(parallel=True)
def counts(x0, y0, pixel, width, height, limit):
    out = np.zeros((height, width), np.int32)
    for row in numba.prange(height):
        ci = y0 + pixel * (row + 0.5)
        for column in range(width):
            cr = x0 + pixel * (column + 0.5)
            zr = zi = zr2 = zi2 = 0.0
            for k in range(1, limit + 1):
                zi = 2.0 * zr * zi + ci
                zr = zr2 - zi2 + cr
                zr2 = zr * zr
                zi2 = zi * zi
                if zr2 + zi2 > 4.0:
                    out[row, column] = k
                    break
    return out


def report(what, threads, run, runs):
    numba.set_num_threads(threads)
    run()
    times = []
    for _ in range(runs):
        start, busy = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - start, time.process_time() - busy))
    clock, busy = (min(column) for column in zip(*times))
    print(json.dumps({"what": what, "threads": threads, "seconds": clock, "cpu_seconds": busy}), flush=True)


for threads in [1, 2]:
    if threads <= numba.config.NUMBA_NUM_THREADS:
        report("numba: whole set, 2048², 1000 iterations", threads, lambda: counts(-2.0, -1.5, 3 / 2048, 2048, 2048, 1000), 3)
