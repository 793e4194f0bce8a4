#!/usr/bin/env python3
"""Measures the whole program as its users run it, beside its peers, and writes docs/performance.md.

    performance.py [--program PROGRAM] [--rounds ROUNDS] [STEP ...]

Without a STEP all are measured, in about half an hour on two cores; with some, the others stay as they were measured last
(docs/performance.json). PROGRAM is the release build of this folder. The Python that runs this needs numpy, matplotlib and POT for
their rows; `mdbook`, `hugo` and `blades` are measured where they are on the path, and the crate regioncam is built in a scratch folder. What cannot be
had is left out, and its rows say so. Every time is that of a process from its start to its end, on a folder in memory, unless its row says otherwise;
medians of ROUNDS runs, ours and the peer's in turn. Nothing else may run meanwhile.
"""

import argparse
import importlib.util
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAVED, PAGE = ROOT / "docs/performance.json", ROOT / "docs/performance.md"


def run(command, **options):
    """Seconds, processor seconds and MB of a process that must succeed."""
    start = time.monotonic()
    child = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    words = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command}: exit {child.returncode}\n{words.decode()[-2000:]}")
    return {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}


def median(runs):
    return {key: statistics.median(one[key] for one in runs) for key in runs[0]}


class Bench:
    """What steps measure with."""

    def __init__(self, program, rounds, work):
        self.program, self.rounds, self.work = program, rounds, work

    def octavo(self, project, *words):
        return run([self.program, "-C", project, "--quiet", *words])

    def folder(self, name):
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def fresh(self, project):
        """The project as it was before any build."""
        for made in ["site", ".octavo"]:
            shutil.rmtree(project / made, ignore_errors=True)
        for lock in (project / "experiments").rglob("*.lock"):
            lock.unlink()

    def cold(self, project, rounds=None):
        runs = []
        for _ in range(rounds or self.rounds):
            self.fresh(project)
            runs.append(self.octavo(project, "build"))
        return median(runs)

    def same(self, project):
        """With nothing changed: files must have been left alone for a moment."""
        self.octavo(project, "lock", "--accept")
        time.sleep(0.4)
        self.octavo(project, "build")
        return median([self.octavo(project, "build") for _ in range(self.rounds)])

    def after(self, project, edit):
        """After edits, each of them once."""
        runs = []
        for number in range(self.rounds):
            edit(number)
            runs.append(self.octavo(project, "build"))
        return median(runs)


def row(what, ours, bar=None, peers=(), memory=None, times=None, note=""):
    """A row. `bar` is in seconds, `memory` in MB; `times` says that the bar is so many times as fast as the first peer."""
    peers = [{"name": name, **used} for name, used in peers]
    met = None
    if times is not None and peers:
        met = peers[0]["seconds"] / ours["seconds"] >= times
    elif bar is not None:
        met = ours["seconds"] <= bar
    if memory is not None:
        met = met is not False and ours["mb"] <= memory
    return {"what": what, **ours, "bar": bar, "memory": memory, "times": times, "peers": peers, "met": met, "note": note}


# Steps. Each gives the rows of a section.


def append(path, text):
    with open(path, "a") as file:
        file.write(text)


def site(bench, name, pages, *options):
    project = bench.folder(name)
    subprocess.run([sys.executable, ROOT / "benches/site.py", project, str(pages), *options], check=True)
    return project


def peer(bench, name, pages, command):
    if not shutil.which(name):
        return []
    folder = site(bench, name, pages, f"--{name}")
    return [(name, run([word.replace("FOLDER", str(folder)) for word in command]))]


def pages(bench):
    one = site(bench, "one", 1000)
    blades = peer(bench, "blades", 1000, ["env", "--chdir=FOLDER", "blades", "all"])
    others = peer(bench, "mdbook", 1000, ["mdbook", "build", "FOLDER"]) + peer(bench, "hugo", 1000, ["hugo", "--quiet", "--source", "FOLDER"])
    rows = [row("1,000 pages, from nothing", bench.cold(one), 0.6, blades + others, 60)]
    rows.append(row("nothing changed", bench.same(one), 0.05))
    page = one / "experiments/s000/p1.md"
    rows.append(row("one page changed", bench.after(one, lambda _: append(page, "One more sentence.\n")), 0.08))
    style = one / "templates/assets/style.css"
    style.parent.mkdir(parents=True)
    style.write_text((ROOT / "templates/assets/style.css").read_text())
    rows.append(row("the style changed", bench.after(one, lambda n: append(style, f".a{n} {{ color: red }}\n")), rows[0]["seconds"]))
    base = one / "templates/base.html"
    text = (ROOT / "templates/base.html").read_text()
    edit = lambda n: base.write_text(text.replace("<main", f"<main data-n{n}", 1))
    rows.append(row("a template changed", bench.after(one, edit), rows[0]["seconds"]))
    bench.fresh(one)
    rows.append(row("only checked", median([bench.octavo(one, "check") for _ in range(bench.rounds)]), 0.1))
    plain = site(bench, "plain", 1000, "--plain")
    bar = 1.5 * blades[0][1]["seconds"] if blades else None
    rows.append(row("code as text, no search", bench.cold(plain), bar, blades))
    two = site(bench, "two", 1000, "--languages", "en,fr")
    rows.append(row("in two languages", bench.cold(two), 1.9 * rows[0]["seconds"]))
    many = site(bench, "many", 10_000)
    rows.append(row("10,000 pages, from nothing", bench.cold(many, 1), 2.5, memory=250))
    rows.append(row("10,000 pages, nothing changed", bench.same(many), None))
    return rows


def figures(bench):
    rows = []
    for count, bars in [(20, (None, 0.15, 0.03)), (1000, (4.35, None, 0.1))]:
        project = bench.folder(f"figures{count}")
        script = [sys.executable, ROOT / "benches/figures.py"]
        subprocess.run([*script, "project", project, str(count)], check=True)
        drawn = [("matplotlib", run([*script, "matplotlib", bench.folder("drawn"), str(count)]))] if count == 20 else []
        rows.append(row(f"{count:,} small figures, from nothing", bench.cold(project, 3 if count == 20 else 1), bars[0], drawn, times=2 if drawn else None))
        definition = project / "experiments/f0003.toml"
        text = definition.read_text()
        edit = lambda n: definition.write_text(re.sub("^angle = .*", f"angle = 91.{n}", text, count=1, flags=re.M))
        rows.append(row("one parameter changed", bench.after(project, edit), bars[1]))
        rows.append(row("nothing changed", bench.same(project), bars[2]))
    return rows


LINE = """
import numpy as np, matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
steps = np.array([1 + 0j])
for _ in range(20):
    steps = np.concatenate([steps, 1j * steps[::-1]])
points = np.concatenate([[0], np.cumsum(steps)])
figure, axes = plt.subplots()
axes.PLOT
figure.savefig(OUT, dpi=200)
"""


def large(bench):
    rows = []
    for mark, plot in [("path", "plot(points.real, points.imag)"), ("point", 'plot(points.real, points.imag, ",")')]:
        project = bench.folder(f"million-{mark}")
        (project / "experiments").mkdir(parents=True)
        (project / "octavo.toml").write_text('octavo = "1"\ntitle = "Large"\n')
        (project / "experiments/index.md").write_text("# Large\n\n![A curve](figure:curve#curve)\n")
        shown = f'from = "{"curve" if mark == "path" else "vertices"}"\nmark = "{mark}"' + ("" if mark == "path" else '\nx = "x"\ny = "y"')
        (project / "experiments/curve.toml").write_text(
            f'title = "Large"\nanalysis = "dragon"\n[params]\nfolds = 20\nmax_vertices = 1048576\n[figures.curve]\ntitle = "A million points"\n{shown}\n'
        )
        script = bench.work / "line.py"
        script.write_text(LINE.replace("PLOT", plot).replace("OUT", repr(str(bench.work / "line.png"))))
        drawn = [("matplotlib, PNG alone", run([sys.executable, script]))]
        rows.append(row(f"a {mark} figure of 1,048,577 vertices, from nothing", bench.cold(project, 3), 1.0, drawn, 300))
    definition = bench.work / "table.toml"
    definition.write_text('title = "Table"\nanalysis = "dragon"\noutputs = ["vertices"]\n[params]\nfolds = 20\nmax_vertices = 1048576\n')
    for words in [["--format", "json"], []]:
        used = median([run([bench.program, "run", definition, "-q", *words]) for _ in range(3)])
        rows.append(row(f"`octavo run {' '.join(words)}` of a table of 1,048,577 rows", used, 0.5, memory=100))
    return rows


def transport(bench):
    sys.path.insert(0, str(ROOT / "benches"))
    try:
        import sinkhorn_run
    except ImportError:
        return [{"what": "POT cannot be imported", "seconds": None}]
    rows = []
    for name, case in sinkhorn_run.CASES.items():
        script = [sys.executable, ROOT / "benches/sinkhorn_run.py", bench.work, bench.program, "3" if case[0] <= 2000 else "1", name]
        found = json.loads(subprocess.run([str(word) for word in script], check=True, capture_output=True).stdout)
        ours = {"seconds": found["ours_seconds"], "cpu": found["ours_cpu"], "mb": None}
        theirs = {"seconds": found["peers_seconds"], "cpu": found["peers_cpu"], "mb": None}
        count, dimension = case[0], case[1]
        rows.append(row(f"{name}: {count:,} points, d = {dimension}", ours, None, [(("" if "scipy" in found["peer"] else "POT, the solve alone: ") + found["peer"], theirs)], times=case[4]))
    return rows


def regions(bench):
    scratch = Path(os.environ.get("OCTAVO_REGIONS_PEER", tempfile.gettempdir() + "/octavo-regions-peer"))
    theirs = scratch / "target/release/peer"
    if not theirs.exists():
        subprocess.run([ROOT / "benches/regions.sh", "1", scratch], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "octavo-regions", "--example", "count_regions"], check=True, cwd=ROOT)
    make = ROOT / "target/release/examples/count_regions"
    rows = []
    for widths, times in [("2 128 128 128 1", 15), ("2 256 256 256 1", None)]:
        net, definition = bench.work / "net.json", bench.work / "net.toml"
        subprocess.run([make, net, "--random", "1", *widths.split()], check=True)
        head = 'title = "Regions"\nanalysis = "regions"\n'
        params = '[params]\nnetwork = { file = "net.json" }\n'
        for asked, bar in [('outputs = ["activation_regions"]\n', times), ("", None)]:
            definition.write_text(head + asked + params)
            pairs = [(run([bench.program, "run", definition, "-q", "--format", "json"]), run([theirs, net, "1"])) for _ in range(3)]
            ours, peers = (median([pair[side] for pair in pairs]) for side in [0, 1])
            what = f"{widths.replace(' ', '-')}, " + ("the count alone" if asked else "counts, areas, affine maps and drawings")
            rows.append(row(what, ours, None, [("regioncam 0.5, the count", peers)], times=bar))
    return rows


def training(bench):
    script = ROOT / "benches/training.py"
    command = ["cargo", "bench", "--quiet", "-p", "octavo-learning", "--bench", "step", "--"]
    lines = lambda words: [json.loads(line) for line in subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()]
    lines([*command, "2-16-16-1:tanh:32:f32"])
    rows = []
    for shape, title in [("2-256-256-256-1:relu:256", "2-256-256-256-1, ReLU, batch 256"), ("2-16-16-1:tanh:32", "2-16-16-1, tanh, batch 32")]:
        for precision, first in [("f64", "torch"), ("f32", "jax")]:
            case, found = f"{shape}:{precision}", {}
            peers = [who for who in sorted(["torch", "jax"], key=lambda who: who != first) if importlib.util.find_spec(who)]
            for _ in range(3):
                for who, words in [("ours", [*command, case]), *((who, [sys.executable, script, who, case]) for who in peers)]:
                    found.setdefault(who, []).extend(line for line in lines(words) if not line["who"].startswith("ours,"))
            milliseconds = {who: statistics.median(line["median"] for line in each) for who, each in found.items()}
            used = {who: {"seconds": value / 1e3, "mb": None, "milliseconds": value} for who, value in milliseconds.items()}
            others = [(f"{found[who][0]['who']}", used[who]) for who in peers]
            bar = {"torch": 1.11, "jax": 1} if "256" in shape else {"torch": 10, "jax": 1}
            rows.append(row(f"{title}, {precision}, a step", used["ours"], None, others, times=bar[peers[0]] if peers and peers[0] == first else None))
    return rows


def curvature(bench):
    if not importlib.util.find_spec("jax"):
        return [{"what": "JAX cannot be imported", "seconds": None, "peers": []}]
    environment = {**os.environ, "RAYON_NUM_THREADS": "2", "CARGO_TARGET_DIR": str(ROOT / "target/bench")}
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", ROOT / "benches/numerics/Cargo.toml"], check=True, env=environment)
    ours = ROOT / "target/bench/release/octavo-benches"
    text = subprocess.run([sys.executable, ROOT / "benches/curvature.py", ours, str(bench.rounds)], check=True, capture_output=True, text=True, env=environment).stdout
    rows = []
    for precision in ["f64", "f32"]:
        line = next(line for line in text.splitlines() if line.startswith(f"{precision} median"))
        of = {name: {"seconds": float(re.search(rf"(?:^|  ){name} ([0-9.]+) s", line.removeprefix(f"{precision} median")).group(1)), "mb": None} for name in ["ours", "jax", "numpy"]}
        rows.append(row(f"a circle at 1,000 angles through 20 layers of 1,000, {precision}", of["ours"], None, [("JAX, jitted", of["jax"]), ("numpy", of["numpy"])]))
    return rows


def engine(bench):
    project = bench.folder("tasks")
    (project / "experiments").mkdir(parents=True)
    (project / "octavo.toml").write_text('octavo = "1"\ntitle = "Tasks"\n[limits]\ntasks = 100000\n')
    definition = (
        'title = "Many"\nanalysis = "dragon"\noutputs = ["end_x"]\n[params]\nfolds = 1\n[sweep]\n'
        'angle = { from = 60.0, to = 120.0, steps = STEPS }\n[values.most]\nfrom = "scalars"\nexpr = "max(end_x)"\n'
    )
    page = project / "experiments/many.md"
    page.write_text('# Many\n\nAt most {{ value("many#most") }}.\n')
    (project / "experiments/many.toml").write_text(definition.replace("STEPS", "10000"))
    rows = [row("10,000 tasks, from nothing", bench.cold(project), 0.6, note="bar: 60 µs a task")]
    files = sum(1 for _ in (project / ".octavo").rglob("*"))
    rows[0]["note"] += f"; {files:,} files and folders in the store"
    rows.append(row("a page changed, all remembered", bench.after(project, lambda _: append(page, "More.\n")), 0.08, note="bar: 8 µs a task"))
    rows.append(row("nothing changed", bench.same(project), 0.1))
    (project / "experiments/many.toml").write_text(definition.replace("STEPS", "100000"))
    rows.append(row("100,000 tasks planned", median([bench.octavo(project, "check") for _ in range(3)]), 2.0, memory=500))
    return rows


def course(bench):
    project = bench.folder("course")
    project.mkdir()
    for name in ["octavo.toml", "statements.toml", "glossary.toml", "CITATION.cff"]:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, project)
    for name in ["experiments", "templates"]:
        shutil.copytree(ROOT / name, project / name)
    rows = [row("the course, from nothing", run([bench.program, "-C", project, "-q", "build"]), 210, memory=400)]
    rows.append(row("nothing changed", bench.same(project), 0.05, memory=60))
    size = sum(path.stat().st_size for path in (project / "site").rglob("*") if path.is_file()) / 1e6
    rows[0]["note"] = f"a site of {size:.0f} MB (bar: 40)"
    return rows


STEPS = {
    "pages": (pages, "Pages", "The corpus of benches/site.py: 5.5 KB of Markdown a page, with 8 formulas, 2 blocks of code, 5 links and a picture. Ours sets formulas, colours code, checks every link and place, and writes a search; mdBook and Hugo leave formulas to the browser and check no place; blades colours no code, and has no navigation, no search and no checks."),
    "figures": (figures, "Small figures", "A curve of 257 points with axes. Ours writes SVG, PNG and PDF where asked, a layout for phones, the rows and a page; matplotlib the SVG, the PNG and the rows (benches/figures.py)."),
    "large": (large, "Large figures and tables", "The dragon curve of 2^20 segments. Ours computes it, writes page, SVG, PNG, the layout for phones and all rows as CSV; matplotlib computes it by numpy and writes one PNG of 1280 by 960 pixels."),
    "transport": (transport, "Optimal transport", "Whole runs of the program, points and costs included, beside POT's solver alone in a warm process with the costs given where one quantity is asked for (benches/sinkhorn_run.py); both in float64 on two threads to an L1 error of 1e-6."),
    "regions": (regions, "Regions of networks", "Whole processes on the same file: ours exact, on two threads; regioncam in float32 on one thread, for it has no more."),
    "training": (training, "Training", "A step of Adam on the mean squared error of a batch that stays, in a warm process, not a whole run (benches/training.sh): ours, torch and JAX (jitted) in turn on two threads, in the same precision."),
    "curvature": (curvature, "Curvature of a circle", "The library on weights that are ready, not a whole run (benches/curvature.sh): length and curvature at the last layer, by ours, by JAX’s jvp of jvp, jitted, and by numpy, on two threads, on the same weights."),
    "engine": (engine, "Many small tasks", "A sweep of one trivial task; what is measured is the engine."),
    "course": (course, "The bundled course", "All chapters in both languages, with every replicate."),
}


# The page.


def number(value, digits=3):
    if value is None:
        return "–"
    if value < 0.002:
        return f"{value:.2g}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.{digits if value < 1 else 2}f}"


def bar_of(one):
    words = []
    if one["times"] is not None:
        words.append(f"{one['times']} times the peer")
    elif one["bar"] is not None:
        words.append(f"{number(one['bar'])} s")
    if one["memory"] is not None:
        words.append(f"{one['memory']} MB")
    return ", ".join(words) or "none"


def line_of(one):
    if one["seconds"] is None:
        return f"| {one['what']} | | | | | |\n"
    peers = "; ".join(f"{other['name']} {number(other['seconds'])} s" + (f", {other['mb']:.0f} MB" if other.get("mb") else "") for other in one["peers"])
    ratio = f" ({one['peers'][0]['seconds'] / one['seconds']:.2g} times)" if one["peers"] else ""
    memory = f"{one['mb']:.0f}" if one["mb"] else ""
    met = {True: "yes", False: "**no**", None: ""}[one["met"]]
    what = one["what"] + (f" ({one['note']})" if one["note"] else "")
    return f"| {what} | {number(one['seconds'])} | {memory} | {peers}{ratio} | {bar_of(one)} | {met} |\n"


def written(saved):
    text = "# Performance\n\n"
    text += "Whole processes as a user runs them: release build, a folder in memory, medians, ours and the peer's in turn, nothing else running.\n"
    text += "`just bench` measures all of it (benches/performance.py), `just bench STEP` one section. Where a bar was set before it was measured, it stands beside.\n\n"
    missed = [(title, one) for name, (_, title, _) in STEPS.items() for one in saved.get(name, {}).get("rows", []) if one.get("met") is False]
    text += f"## Where we lose\n\nBars that are missed: {len(missed)}.\n\n" if missed else ""
    for title, one in missed:
        text += f"- {title}, {one['what']}: {number(one['seconds'])} s" + (f", {one['mb']:.0f} MB" if one["mb"] else "") + f"; bar {bar_of(one)}.\n"
    for name, (_, title, fair) in STEPS.items():
        if name not in saved:
            continue
        step = saved[name]
        text += f"\n## {title}\n\n{fair}\n\n`just bench {name}`, {step['date']}, {step['machine']}, Octavo {step['version']}.\n\n"
        text += "| work | seconds | MB | peers | bar | met |\n| --- | ---: | ---: | --- | --- | --- |\n"
        text += "".join(map(line_of, step["rows"]))
        text += f"\n{WHY[name]}\n" if name in WHY else ""
    return text


# Where the time goes, as profiles (perf, late November 2026) said, those of pages and small figures before the last changes, and what would come next.
WHY = {
    "pages": "From nothing, profiles had about a fifth of the processor's time in colouring code (regular expressions of syntect), and a seventh each in the search and in reading each text a "
    "second time (so that all texts need not be in memory); the rest is flat. After an edit, records of 1,000 pages that show the same are looked up one by one, which was a third, and "
    "2,000 files are linked into the new release and out of the old one. Next: one file of all records of the last build, and a colouring that does not try every rule of a language at every place.",
    "figures": "Profiles had more than half of the time in drawing and compressing the PNG to download, 1,448 pixels wide. Next: a PNG where somebody asks for it.",
    "large": "Of the line, a profile has a quarter of the processor's time in its brush, which covers samples of pixels along a million segments for the page and again for a phone, a seventh in "
    "compressing the rows, and the rest is flat; of the points, a sixth is in compressing rows and the table that the page links to, a tenth in copying discs, and the rest in a million rows that become data, places and "
    "texts one by one. Next: points that are counted a pixel before they are drawn, and rows that are written and compressed as they are computed.",
    "engine": "Of new tasks, a third of the processor's time was in keeping results (a file is written and put to its place) and a quarter in the task. Of remembered ones no record is opened any more: what is "
    "left is to plan 10,000 points and to take a digest of the parameters of each. Next: one file for the tasks of a sweep.",
    "course": "The bar asks for 0.8 of the time of the course as it was before two chapters, all replicates and figures in two widths came to it. The processor's time is in the analyses (GANs, curvature and level sets first) and flat beside; "
    "the memory is that of figures of two experiments at once. Next: fewer replicates where a verdict does not need them, and drawing an experiment's figures one after the other.",
}


def machine():
    name = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} processors ({name})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    asked = parser.parse_args()
    unknown = set(asked.steps) - set(STEPS)
    if unknown:
        parser.error(f"there is no step {', '.join(sorted(unknown))}: there are {', '.join(STEPS)}")
    program = asked.program
    if program is None:
        subprocess.run(["cargo", "build", "--release", "--quiet"], check=True, cwd=ROOT)
        program = ROOT / "target/release/octavo"
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split(" ", 1)[1].strip()
    saved = json.loads(SAVED.read_text()) if SAVED.exists() else {}
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    for name in asked.steps or STEPS:
        with tempfile.TemporaryDirectory(dir=memory) as work:
            rows = STEPS[name][0](Bench(program.resolve(), asked.rounds, Path(work)))
        saved[name] = {"date": date.today().isoformat(), "machine": machine(), "version": version, "rows": rows}
        SAVED.write_text(json.dumps(saved, indent=1) + "\n")
        PAGE.write_text(written(saved))
        for one in rows:
            print(line_of(one), end="")


if __name__ == "__main__":
    main()
