"""The phase plane of a damped pendulum, drawn by matplotlib: for light pages, for dark ones, and as PDF."""

import math
from dataclasses import dataclass

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot as plt  # noqa: E402 (the backend is chosen first)

from octavo_plugin import Column, Drawing, Outputs, Results, Run, Table, analysis, figure, param, serve


@dataclass
class Params:
    damping: float = param("Damping of the pendulum.", 0.2, minimum=0.0, maximum=2.0)
    steps: int = param("Number of steps of 0.02.", 1500, minimum=10, maximum=100_000)


@analysis(
    title="A damped pendulum",
    outputs=Outputs(
        tables={"orbit": Table("a step", angle=Column(float, "Angle", "rad"), speed=Column(float, "Angular speed", "rad/s"))},
        drawings={"plane": Drawing("the phase plane with its field of directions", "picture")},
    ),
)
def orbit(params: Params, run: Run) -> Results:
    """A pendulum that loses speed, in the plane of its angle and its speed."""
    angle, speed, angles, speeds = 2.8, 0.0, [], []
    for _ in range(params.steps):
        angles.append(angle)
        speeds.append(speed)
        speed += 0.02 * (-math.sin(angle) - params.damping * speed)
        angle += 0.02 * speed
    turns = sum(a * b < 0 for a, b in zip(angles, angles[1:]))
    alt = f"A spiral in the plane of angle and speed that crosses angle 0 {turns} times; arrows show where each state goes."
    pictures = [drawn(params, angles, speeds, style) for style in ("default", "dark_background")]
    return Results(
        tables={"orbit": {"angle": angles, "speed": speeds}},
        drawings={"plane": figure(pictures[0], alt, dark=pictures[1])},
    )


def drawn(params: Params, angles: list, speeds: list, style: str) -> plt.Figure:
    with plt.style.context(style):
        fig, axes = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
        grid = [(-3.2 + 0.4 * i, -2.4 + 0.4 * j) for i in range(17) for j in range(13)]
        x, y = zip(*grid)
        down = [-math.sin(a) - params.damping * s for a, s in grid]
        axes.quiver(x, y, y, down, color="0.6", width=0.002)
        axes.plot(angles, speeds, linewidth=1.5)
        axes.set(xlabel="angle / rad", ylabel="angular speed / (rad/s)")
        if style != "default":
            fig.patch.set_alpha(0)
            axes.patch.set_alpha(0)
        return fig


if __name__ == "__main__":
    serve(orbit)
