#!/usr/bin/env python3
"""What work in several processes must reach, measured: `bars.py OCTAVO [BAR...]`, all of them or those that are named.

    four       200 tasks of a second in four processes take at most 1/3.7 of the time in one; with HyperQueue, too, if `hq` is found
    overhead   8 shards of 30 tasks of a second each are done, with the site, in at most 5 % more than 30 s
    remote     200 results come from a warm store on this machine, by HTTP, in less than 1 s
    lanes      workers with other instructions of the processor (OCTAVO_SIMD) give the same site

Tasks of `four` and `overhead` sleep, so that two processors suffice. Each bar prints what it measured; the program ends with 1 if one is missed.
docs/clusters.md has the figures."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

octavo = str(Path(sys.argv[1]).resolve())
here = Path(__file__).resolve().parent
folder = Path(tempfile.mkdtemp())
missed = []


def project(name, source=here / "../../examples/cluster"):
    copy = folder / name
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".octavo", "site", "*.lock", "__pycache__"))
    return copy


def run(where, *words, **variables):
    environment = {**os.environ, **variables}
    began = time.monotonic()
    done = subprocess.run([octavo, "-C", where, *words], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"octavo {' '.join(words)}: {done.stderr}")
    return time.monotonic() - began, done.stderr


def add(where, text):
    with open(where / "octavo.toml", "a") as config:
        config.write(text)


def bar(name, text, is_met):
    print(f"{name}: {text}{'' if is_met else '  MISSED'}", flush=True)
    if not is_met:
        missed.append(name)


def same(one, other):
    subprocess.run(["diff", "-r", one / "site", other / "site"], check=True)


def four():
    places = {}
    for name, jobs in [("one", 1), ("four", 4)]:
        places[name] = project(name)
        add(places[name], f'\n[cluster.bar]\ntemplate = "local"\njobs = {jobs}\n')
    alone, _ = run(places["one"], "--profile", "full", "submit", "bar")
    together, _ = run(places["four"], "--profile", "full", "submit", "bar")
    same(places["one"], places["four"])
    ratio = alone / together
    bar("four", f"local: {alone:.1f} s in one process, {together:.1f} s in four, {ratio:.2f} times", ratio >= 3.7)
    if shutil.which("hq") and "HQ_SERVER_DIR" in os.environ:
        times = {}
        for jobs in [1, 4]:
            place = project(f"hq{jobs}")
            add(place, f"\n[cluster.hyperqueue]\njobs = {jobs}\n")
            times[jobs], _ = run(place, "--profile", "full", "submit", "hyperqueue")
            same(places["one"], place)
        ratio = times[1] / times[4]
        bar("four", f"hyperqueue: {times[1]:.1f} s in one job, {times[4]:.1f} s in four, {ratio:.2f} times", ratio >= 3.7)


def overhead():
    place = project("overhead")
    experiment = place / "experiments/patient.toml"
    experiment.write_text(experiment.read_text().replace("to = 200", "to = 240"))
    add(place, '\n[cluster.bar]\ntemplate = "local"\njobs = 8\n')
    took, said = run(place, "--profile", "full", "submit", "bar")
    assert "submitted 240 tasks in 8 jobs" in said, said
    share = (took - 30) / 30
    bar("overhead", f"8 shards of 30 s: {took:.1f} s with the site, {100 * share:.1f} % more", share <= 0.05)


def remote():
    one, other = project("warm"), project("cold")
    for place in [one, other]:
        experiment = place / "experiments/patient.toml"
        text = experiment.read_text().replace("seconds = 0.1", "seconds = 0.0").replace("to = 24,", "to = 200,")
        # Results of every profile would be asked for.
        head, rest = text.split("# Two hundred", 1)
        experiment.write_text(head + rest[rest.index("[values.total]") :])
    run(one, "build")
    address, end = served(one / ".octavo")
    # What the plugin says of itself is known after this, as on any machine that has the project.
    run(other, "check")
    took, said = run(other, "store", "pull", OCTAVO_STORE_REMOTE=address)
    assert "200 records and" in said and "; 0 tasks without a result yet" in said, said
    bar("remote", f"200 results by `octavo store pull`: {took:.2f} s", took < 1)
    _, said = run(other, "build")
    assert "0 tasks run, 200 remembered" in said, said
    same(one, other)
    end()


def served(store):
    """The address of a server of a folder, nginx where it is found, and what ends it. Python's own takes a second for 200 requests."""
    if nginx := shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"):
        os.chmod(folder, 0o755)
        user = "user root;" if os.getuid() == 0 else ""
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        )
        config = folder / "nginx.conf"
        config.write_text(
            f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:18769; root {store}; }} }}\n"
        )
        process = subprocess.Popen([nginx, "-c", config, "-e", folder / "error.log"])
        time.sleep(1)
        return "http://127.0.0.1:18769", lambda: (process.terminate(), process.wait())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=store))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}", server.shutdown


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body of an answer go together, and at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass


def lanes():
    small = here / "../program/small"
    one = project("wide", small)
    run(one, "build")
    for lanes in ["scalar", "v3", "v4"]:
        other = project(lanes, small)
        # Who submits and builds has the processor's own instructions; the jobs have these, and look whether the bits are known.
        add(other, '\n[cluster.bar]\ntemplate = "local"\njobs = 2\ncanary = 2.0\nsubmit = \'\'\'\n'
            f'for job in $(seq "$OCTAVO_JOBS"); do OCTAVO_SIMD={lanes} nohup sh "$OCTAVO_SCRIPT" "$job" </dev/null >/dev/null 2>&1 & echo $!; done\n'
            "'''\n")
        _, said = run(other, "submit", "bar")
        assert "0 tasks run" in said, said
        same(one, other)
        bar("lanes", f"OCTAVO_SIMD={lanes} in two workers: the same site", True)


bars = {"four": four, "overhead": overhead, "remote": remote, "lanes": lanes}
for name in sys.argv[2:] or bars:
    bars[name]()
shutil.rmtree(folder)
sys.exit(1 if missed else 0)
