#!/usr/bin/env python3
"""Many small figures, as a project of Octavo or by matplotlib: a strip folded eight times and opened to one angle a figure, as a line with
axes (257 points).

    figures.py project FOLDER FIGURES      writes the project: one experiment and one page for all figures of a hundred
    figures.py matplotlib FOLDER FIGURES   draws the same figures as SVG and PNG, with their rows as CSV

Octavo also writes pages, the layout for phones, JSON and provenance, and keeps every result; matplotlib starts anew each time.
"""

import sys
from pathlib import Path

FOLDS = 8
PAGE = 100


def angle(index):
    return 70 + (index % 1000) * 0.11


def project(folder, figures):
    experiments = folder / "experiments"
    experiments.mkdir(parents=True, exist_ok=True)
    (folder / "octavo.toml").write_text('octavo = "1"\ntitle = "Figures"\n')
    (experiments / "index.md").write_text("# Figures\n")
    for first in range(0, figures, PAGE):
        page = f"page{first // PAGE:03}"
        these = range(first, min(first + PAGE, figures))
        for index in these:
            (experiments / f"f{index:04}.toml").write_text(
                f'title = "Angle {angle(index):.2f}"\nanalysis = "dragon"\n\n'
                f"[params]\nfolds = {FOLDS}\nnormalise = true\nangle = {angle(index):.2f}\n\n"
                f'[figures.curve]\ntitle = "Opened to {angle(index):.2f} degrees"\nfrom = "curve"\nmark = "path"\n'
            )
        shown = "\n".join(f"![Angle {angle(index):.2f}](figure:f{index:04}#curve)\n" for index in these)
        (experiments / f"{page}.md").write_text(f"# {page}\n\n{shown}")


def matplotlib(folder, figures):
    import csv

    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    for index in range(figures):
        turn = np.exp(1j * np.pi * (180 - angle(index)) / 180)
        steps = np.array([1 + 0j])
        for _ in range(FOLDS):
            steps = np.concatenate([steps, turn * steps[::-1]])
        points = np.concatenate([[0], np.cumsum(steps)])
        points = points / points[-1]
        plot, axes = plt.subplots()
        axes.plot(points.real, points.imag)
        axes.set_xlabel("x")
        axes.set_ylabel("y")
        axes.set_title(f"Opened to {angle(index):.2f} degrees")
        plot.savefig(folder / f"f{index:04}.svg")
        plot.savefig(folder / f"f{index:04}.png", dpi=200)
        plt.close(plot)
        with open(folder / f"f{index:04}.csv", "w", newline="") as file:
            csv.writer(file).writerows(zip(points.real, points.imag))


if __name__ == "__main__":
    {"project": project, "matplotlib": matplotlib}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
