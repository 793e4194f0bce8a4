"""The dragon curve by numpy's cumsum and by a string-rewriting L-system: one line of JSON per measurement.

The steps of the curve are made beforehand and not timed: only the running sum is, in every layout that one would try.
"""

import json
import statistics
import time

import numpy

FOLDS = 24
REWRITTEN = 18


def report(what, points, runs, run):
    run()
    clock, busy = [], []
    for _ in range(runs):
        start, before = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - start)
        busy.append(time.process_time() - before)
    line = {"what": what, "threads": 1, "points": points}
    print(json.dumps(line | {"seconds": statistics.median(clock), "cpu_seconds": statistics.median(busy)}), flush=True)


def headings(folds):
    index = numpy.arange(1 << folds, dtype=numpy.uint32)
    return numpy.bitwise_count(index ^ (index >> 1)) & 3


def rewritten(folds):
    """`FX` rewritten by X -> X+YF+ and Y -> -FX-Y, then drawn by a turtle."""
    rules = str.maketrans({"X": "X+YF+", "Y": "-FX-Y"})
    word = "FX"
    for _ in range(folds):
        word = word.translate(rules)
    points, at, step = [0j], 0j, 1 + 0j
    for letter in word:
        if letter == "F":
            at += step
            points.append(at)
        elif letter == "+":
            step *= 1j
        elif letter == "-":
            step *= -1j
    return points


def main():
    count = 1 << FOLDS
    turns = headings(FOLDS)
    pairs = numpy.array([[1, 0], [0, 1], [-1, 0], [0, -1]], dtype=numpy.int32)[turns]
    x, y = numpy.ascontiguousarray(pairs[:, 0]), numpy.ascontiguousarray(pairs[:, 1])
    steps = (x + 1j * y).astype(numpy.complex64)
    by_pair, by_axis, by_complex = numpy.empty_like(pairs), numpy.empty((2, count), numpy.int32), numpy.empty_like(steps)

    def two_sums():
        numpy.cumsum(x, dtype=numpy.int32, out=by_axis[0])
        numpy.cumsum(y, dtype=numpy.int32, out=by_axis[1])

    def blocks():
        # In pieces that stay in the cache, each onto one reused buffer.
        for start in range(0, count, 1 << 15):
            numpy.cumsum(x[start : start + (1 << 15)], dtype=numpy.int32, out=by_axis[0, : 1 << 15])
            numpy.cumsum(y[start : start + (1 << 15)], dtype=numpy.int32, out=by_axis[1, : 1 << 15])

    report(f"numpy cumsum of (x, y) pairs, {FOLDS} folds", count, 7,
           lambda: numpy.cumsum(pairs, axis=0, dtype=numpy.int32, out=by_pair))
    report(f"numpy cumsum of x and of y, {FOLDS} folds", count, 7, two_sums)
    report(f"numpy cumsum of complex64, {FOLDS} folds", count, 7, lambda: numpy.cumsum(steps, out=by_complex))
    report(f"numpy cumsum of x and of y into a reused buffer, {FOLDS} folds", count, 7, blocks)
    report(f"rewriting L-system and turtle, Python, {REWRITTEN} folds", 1 << REWRITTEN, 3, lambda: rewritten(REWRITTEN))
    assert rewritten(10)[-1] == (1 + 1j) ** 10


main()
