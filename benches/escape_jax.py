"""Escape counts as a user of JAX would write them: one line of JSON per measurement. The argument says how many threads."""

import json
import os
import sys
import time

threads = int(sys.argv[1])
# XLA's pool has a thread for every processor that it may use.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


@jax.jit
def counts(c):
    def step(k, state):
        z, count = state
        z = z * z + c
        escaped = (z.real * z.real + z.imag * z.imag > 4.0) & (count == 0)
        return z, jnp.where(escaped, k, count)

    return jax.lax.fori_loop(1, 1001, step, (jnp.zeros_like(c), jnp.zeros(c.shape, jnp.int32)))[1]


middles = (jnp.arange(2048) + 0.5) * 3 / 2048
c = (middles - 2.0)[None, :] + 1j * (middles - 1.5)[:, None]
# The first run compiles and does not count.
counts(c).block_until_ready()
start, busy = time.perf_counter(), time.process_time()
counts(c).block_until_ready()
row = {"what": "jax: whole set, 2048², 1000 iterations", "threads": threads}
times = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - busy}
print(json.dumps({**row, **times}), flush=True)
