"""Times a circle through a random network beside jax (jvp of jvp, jitted) and numpy, in turn, on the same weights.

Usage: python benches/curvature.py OURS [ROUNDS], where OURS is the program octavo-benches; see benches/curvature.sh.
Width 1000, depth 20, 1000 angles, tanh. All compute layer 1 in closed form and measure the last layer; ours is
timed once more measuring every layer before and after its activation. Each has its weights ready: jax on its device, numpy
in the type it computes in, ours in the order in which products read them, which the last line but one gives the time of.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", os.environ.get("RAYON_NUM_THREADS", "2"))
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
WIDTH, DEPTH, POINTS = 1000, 20, 1000
SIGMA_W, SIGMA_B, Q = 2.5, 0.3, 4.0791239
RADIUS = np.sqrt(WIDTH * (Q - SIGMA_B**2)) / SIGMA_W
TURN = 2 * np.pi
# The pools of jax and of numpy spin for a while after their work; whoever comes next would pay for it.
PAUSE = 0.5
ANGLES = TURN * np.arange(POINTS) / POINTS


def draw():
    generator = np.random.default_rng(5)
    weights = generator.normal(0, SIGMA_W / np.sqrt(WIDTH), (DEPTH, WIDTH, WIDTH))
    return weights, generator.normal(0, SIGMA_B, (DEPTH, WIDTH))


def total(v, a, xp):
    square = (v * v).sum(0)
    normal = a - (v * a).sum(0) / square * v
    return TURN / POINTS * xp.sqrt((normal * normal).sum(0) / square).sum(dtype=xp.float64)


def by_numpy(weights, biases, angles):
    cos, sin = np.cos(angles), np.sin(angles)
    a, b = RADIUS * weights[0, :, :1], RADIUS * weights[0, :, 1:2]
    h = np.concatenate([a * cos + b * sin, b * cos - a * sin, -a * cos - b * sin], axis=1, dtype=weights.dtype)
    h[:, :POINTS] += biases[0][:, None]
    for w, bias in zip(weights[1:], biases[1:]):
        x, v, a = h[:, :POINTS], h[:, POINTS : 2 * POINTS], h[:, 2 * POINTS :]
        np.tanh(x, out=x)
        slope = 1 - x * x
        a *= slope
        a -= 2 * x * slope * v * v
        v *= slope
        h = w @ h
        h[:, :POINTS] += bias[:, None]
    return total(h[:, POINTS : 2 * POINTS], h[:, 2 * POINTS :], np)


@jax.jit
def by_jax(weights, biases, angles):
    def position(t):
        h = RADIUS * (weights[0, :, :1] * jnp.cos(t) + weights[0, :, 1:2] * jnp.sin(t)) + biases[0][:, None]
        h = h.astype(weights.dtype)
        for layer in range(1, DEPTH):
            h = weights[layer] @ jnp.tanh(h) + biases[layer][:, None]
        return h

    one = jnp.ones_like(angles)
    velocity = lambda t: jax.jvp(position, (t,), (one,))[1]
    v, a = jax.jvp(velocity, (angles,), (one,))
    return total(v, a, jnp)


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    weights, biases = draw()
    with tempfile.NamedTemporaryFile() as file:
        np.array([WIDTH, DEPTH, RADIUS]).tofile(file)
        for w, b in zip(weights, biases):
            w.tofile(file)
            b.tofile(file)
        file.flush()
        with subprocess.Popen([sys.argv[1], "circle", file.name], text=True, stdin=-1, stdout=-1) as ours:
            print(f"jax {jax.__version__}, numpy {np.__version__}, load {os.getloadavg()[0]:.2f}, {rounds} rounds")
            for kind in ("f64", "f32"):
                compare(kind, rounds, ours, [array.astype(kind.replace("f", "float")) for array in (weights, biases, ANGLES)])
            ours.stdin.close()


def compare(kind, rounds, ours, arrays):
    on_device = [jax.device_put(array) for array in arrays]

    layouts = []

    def ask(which=""):
        ours.stdin.write(f"{kind} {which}\n")
        ours.stdin.flush()
        layout, seconds, found = map(float, ours.stdout.readline().split())
        layouts.append(layout)
        return seconds, found

    def timed(run):
        start = time.perf_counter()
        found = float(run())
        return time.perf_counter() - start, found

    ways = {"ours": ask, "ours, all layers": lambda: ask("all"), "jax": lambda: timed(lambda: by_jax(*on_device)), "numpy": lambda: timed(lambda: by_numpy(*arrays))}
    times, found = {name: [] for name in ways}, {}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            time.sleep(PAUSE)
            seconds, found[name] = way()
            times[name].append(seconds)
    # The first round warms up. The least time is what the machine allows when nothing else runs on it.
    for what, of in {"median": statistics.median, "least": min}.items():
        values = {name: of(each[1:]) for name, each in times.items()}
        row = "  ".join(f"{name} {values[name]:.3f} s (ours / it {values['ours'] / values[name]:.3f})" for name in ways)
        print(f"{kind} {what:6}  {row}")
    print(f"{kind} laying out the weights once: ours {statistics.median(layouts):.3f} s, not in the times above")
    print(f"{kind} L^G     " + "  ".join(f"{name} {value:.12g}" for name, value in found.items()))


main()
