"""Box counting by porespy on images of known sets: one line of JSON per image."""

import json
import pathlib
import sys
import time

import numpy
import porespy


def image(path):
    data = path.read_bytes()
    _, size, bits = data.split(b"\n", 2)
    width, height = map(int, size.split())
    rows = numpy.frombuffer(bits, numpy.uint8).reshape(height, -1)
    return numpy.unpackbits(rows, axis=1)[:, :width].astype(bool)


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.pbm")):
    pixels = image(path)
    start = time.perf_counter()
    found = porespy.metrics.boxcount(pixels)
    seconds = time.perf_counter() - start
    fit = -numpy.polyfit(numpy.log(found.size), numpy.log(found.count), 1)[0]
    line = {"set": path.stem, "dimension": fit, "slopes": float(numpy.mean(found.slope)), "seconds": seconds}
    print(json.dumps(line), flush=True)
