#!/usr/bin/env python3
"""Kills workers, the engine's server and `octavo submit` at random, and compares: `kills.py OCTAVO [KILLS] [SEED] [ENGINE]`.

The example project computes 200 tasks of a second with four processes (ENGINE `four`), or with HyperQueue (`hyperqueue`, with `hq` on the PATH and
HQ_SERVER_DIR, as hyperqueue.sh has them), while one of them, the program that submitted, both, or HyperQueue's server, which is started
again then, is killed as often as is said (50). At the end the site must have the bytes of one process's, and no task whose result the store had
after a kill may have begun again."""

import json
import os
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
engine = sys.argv[4] if len(sys.argv) > 4 else "four"
chance = random.Random(seed)
folder = Path(tempfile.mkdtemp())
project = folder / "many"
example = Path(__file__).parent / "../../examples/cluster"
shutil.copytree(example, project, ignore=shutil.ignore_patterns(".octavo", "site", "__pycache__"))
diary = folder / "diary"
plugin = project / "plugins/patient.py"
if engine == "hyperqueue":
    with open(project / "octavo.toml", "a") as config:
        # A canary is a task whose result is known, and it is computed again by each job.
        config.write("\n[cluster.hyperqueue]\njobs = 4\ncanary = 0.0\n")
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
    """The processes that compute shards of this project."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"octavo" in words[0] and b"--shard" in words and str(project).encode() in b" ".join(words):
            found.append(int(process.name))
    return found


class Server:
    """HyperQueue's server with its worker, in one process."""

    def __init__(self):
        self.process = None
        self.start()

    def start(self):
        # The library takes a folder of a server that did not end well for that of one that runs.
        Path(os.environ["HQ_SERVER_DIR"], "hq-current").unlink(missing_ok=True)
        command = ["hq", "start", os.environ["HQ_SERVER_DIR"], "4"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert any("ready" in line for line in self.process.stdout), "the server does not start"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.start()


def kill(process):
    try:
        subprocess.run(["kill", "-9", str(process)], stderr=subprocess.DEVNULL, check=True)
        return True
    except subprocess.CalledProcessError:
        return False


known, done = {}, Counter()
submitting = None
server = Server() if engine == "hyperqueue" else None
victims = ["worker", "worker", "submit", "both"] + (["server", "server"] if server else [])
while sum(done.values()) < kills and not (project / "site").exists():
    if submitting is None or submitting.poll() is not None:
        submitting = subprocess.Popen(
            [octavo, "-C", project, "--profile", "full", "submit", engine],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
    time.sleep(chance.uniform(0.2, 2.0))
    what = chance.choice(victims)
    if what == "server":
        server.kill()
        done["server"] += 1
    if what in ["worker", "both"]:
        alive = workers()
        done["worker"] += bool(alive) and kill(chance.choice(alive))
    if what in ["submit", "both"]:
        submitting.send_signal(signal.SIGKILL)
        submitting.wait()
        done["submit"] += 1
    there = stored()
    counts = begun()
    for n in there:
        known.setdefault(n, counts[n])
submitting.wait()
last = run("submit", engine)
# The engine may have forgotten the jobs that it was asked for: then it is asked again.
for _ in range(3):
    last = last if last.returncode == 0 else run("submit", engine)
assert last.returncode == 0, last.stderr
if server:
    server.process.kill()
counts = begun()
again = {n: (times, counts[n]) for n, times in known.items() if counts[n] > times}
assert not again, f"these had a result and ran again: {again}"
one = folder / "one"
shutil.copytree(project, one, ignore=shutil.ignore_patterns(".octavo", "site", "*.lock"))
built = run("--jobs", "100", "build", where=one)
assert built.returncode == 0, built.stderr
subprocess.run(["diff", "-r", one / "site", project / "site"], check=True)
print(f"{engine}: {done['worker']} workers, {done['server']} servers and {done['submit']} submits killed, {sum(counts.values())} tasks begun for 200 results, {len(known)} of them seen stored early; none of these began again, and the site is the same")
shutil.rmtree(folder)
