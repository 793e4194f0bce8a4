"""A step of training by torch or by JAX: one line of JSON. Usage: training.py torch|jax WIDTHS:ACTIVATION:BATCH:PRECISION"""

import json
import os
import sys
import time

SECONDS = 1.0


def measure(step):
    """Median and least milliseconds of a step; some steps are one measurement, as in plugins/learning/benches/step.rs."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < SECONDS / 5:
        step()
    begun = time.perf_counter()
    step()
    some = max(1, int(2e-4 / (time.perf_counter() - begun)) + 1)
    found = []
    begun = time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        start = time.perf_counter()
        for _ in range(some):
            step()
        found.append((time.perf_counter() - start) / some)
    found.sort()
    return 1e3 * found[len(found) // 2], 1e3 * found[0]


def with_torch(widths, activation, batch, precision):
    import torch

    torch.set_num_threads(2)
    torch.manual_seed(1)
    kind = torch.float64 if precision == "f64" else torch.float32
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.Tanh() if activation == "tanh" else torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1]).to(kind)
    rule = torch.optim.Adam(network.parameters(), lr=1e-4)
    x = torch.randn(batch, widths[0], dtype=kind)
    y = x[:, :1].clone()

    def step():
        rule.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(network(x), y).backward()
        rule.step()

    return step


def with_jax(widths, activation, batch, precision):
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=2"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", precision == "f64")
    kind = jnp.float64 if precision == "f64" else jnp.float32
    keys = jax.random.split(jax.random.PRNGKey(1), len(widths))
    network = []
    for key, inputs, outputs in zip(keys, widths, widths[1:]):
        network.append((jax.random.normal(key, (inputs, outputs), kind) * (2 / inputs) ** 0.5, jnp.zeros(outputs, kind)))
    x = jax.random.normal(keys[-1], (batch, widths[0]), kind)
    y = x[:, :1]
    unit = jnp.tanh if activation == "tanh" else jax.nn.relu

    def loss(network):
        values = x
        for index, (weights, bias) in enumerate(network):
            values = values @ weights + bias
            values = values if index == len(network) - 1 else unit(values)
        return jnp.mean((values - y) ** 2)

    def learn(state):
        network, means, squares, count = state
        slopes = jax.grad(loss)(network)
        count = count + 1
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, slopes)
        squares = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, squares, slopes)

        def move(p, m, v):
            return p - 1e-4 * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)

        return jax.tree.map(move, network, means, squares), means, squares, count

    learn = jax.jit(learn, donate_argnums=0)
    zeros = jax.tree.map(jnp.zeros_like, network)
    state = [(network, zeros, jax.tree.map(jnp.zeros_like, network), jnp.zeros((), kind))]

    def step():
        state[0] = jax.block_until_ready(learn(state[0]))

    return step


who, case = sys.argv[1:]
shape, activation, batch, precision = case.split(":")
widths = [int(width) for width in shape.split("-")]
step = {"torch": with_torch, "jax": with_jax}[who](widths, activation, int(batch), precision)
median, least = measure(step)
print(json.dumps({"who": who, "case": case, "median": median, "least": least}))
