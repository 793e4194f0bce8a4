#!/usr/bin/env python3
"""Kills workers and `octavo submit` at random, and compares: `kills.py OCTAVO [KILLS] [SEED]`.

The example project computes 200 tasks of a second with four processes, while one of them, or the program that submitted, or both are
killed as often as is said (50). At the end the site must have the bytes of one process's, and no task whose result the store had after a kill may
have begun again."""

import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

octavo = str(Path(sys.argv[1]).resolve())
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 50
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
chance = random.Random(seed)
folder = Path(tempfile.mkdtemp())
project = folder / "many"
example = Path(__file__).parent / "../../examples/cluster"
shutil.copytree(example, project, ignore=shutil.ignore_patterns(".octavo", "site", "__pycache__"))
diary = folder / "diary"
plugin = project / "plugins/patient.py"
note = f'    with open({str(diary)!r}, "a") as diary:\n        diary.write(f"{{params.n}}\\n")\n'
plugin.write_text(plugin.read_text().replace("    time.sleep", note + "    time.sleep"))


def run(*words, where=project):
    return subprocess.run([octavo, "-C", where, "--profile", "full", *words], capture_output=True, text=True)


def begun():
    return Counter(diary.read_text().split()) if diary.exists() else Counter()


def stored():
    lines = run("tasks", "--format", "jsonl").stdout.splitlines()
    tasks = [json.loads(line) for line in lines]
    return [str(task["point"]["n"]) for task in tasks if task["state"] == "remembered"]


def workers():
    clusters = project / ".octavo/clusters/four"
    try:
        running = json.loads((clusters / "state.json").read_text())["running"]
        return [int(word) for word in (clusters / f"batch-{running['number']}/id").read_text().split()]
    except (FileNotFoundError, TypeError):
        return []


def kill(process):
    try:
        subprocess.run(["kill", "-9", str(process)], stderr=subprocess.DEVNULL, check=True)
        return True
    except subprocess.CalledProcessError:
        return False


known, done = {}, Counter()
submitting = None
while sum(done.values()) < kills and not (project / "site").exists():
    if submitting is None or submitting.poll() is not None:
        submitting = subprocess.Popen(
            [octavo, "-C", project, "--profile", "full", "submit", "four"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
    time.sleep(chance.uniform(0.1, 1.5))
    what = chance.choice(["worker", "worker", "submit", "both"])
    if what != "submit":
        alive = workers()
        done["worker"] += bool(alive) and kill(chance.choice(alive))
    if what != "worker":
        submitting.send_signal(signal.SIGKILL)
        submitting.wait()
        done["submit"] += 1
    there = stored()
    counts = begun()
    for n in there:
        known.setdefault(n, counts[n])
submitting.wait()
last = run("submit", "four")
assert last.returncode == 0, last.stderr
counts = begun()
again = {n: (times, counts[n]) for n, times in known.items() if counts[n] > times}
assert not again, f"these had a result and ran again: {again}"
one = folder / "one"
shutil.copytree(project, one, ignore=shutil.ignore_patterns(".octavo", "site", "*.lock"))
built = run("--jobs", "100", "build", where=one)
assert built.returncode == 0, built.stderr
subprocess.run(["diff", "-r", one / "site", project / "site"], check=True)
print(f"{done['worker']} workers and {done['submit']} submits killed, {sum(counts.values())} tasks begun for 200 results, {len(known)} of them seen stored early; none of these began again, and the site is the same")
shutil.rmtree(folder)
