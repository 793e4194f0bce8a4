#!/usr/bin/env python3
"""How long an edit of prose takes to reach a reader of `octavo serve`, and what many edits cost in memory.

    serve.py PROGRAM PROJECT [--edits 100] [--pause 0.15] [--what prose|title] [--chromium PROGRAM]

The project is one of benches/site.py. An edit is one more sentence in a page, written as an editor writes it; it has arrived when a client
that waits for events was told, has asked for the page and found the sentence in it. With --chromium the client is a browser that has the
page open: the edit has arrived when the sentence is in its document. Times are of one client on the same machine, from before the file is
written.
"""

import argparse
import http.client
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class Server:
    """`octavo serve` on a free port."""

    def __init__(self, program, project):
        command = [program, "-C", str(project), "serve", "--port", "0", "--log-format", "json"]
        began = time.monotonic()
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        address = json.loads(self.process.stderr.readline())["address"]
        self.port = int(re.search(r":(\d+)/", address).group(1))
        self.opened = time.monotonic() - began
        self.get("/index.html")
        self.ready = time.monotonic() - began

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", path)
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer

    def memory(self):
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def end(self):
        self.process.terminate()
        self.process.wait(20)


class Client:
    """Waits for events, and asks for the page that they name."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self.connection.request("GET", "/.octavo/events")
        self.stream = self.connection.getresponse()
        self.events("problems")

    def events(self, kind):
        """The next event of a kind."""
        while True:
            if self.stream.readline() == f"event: {kind}\n".encode():
                return json.loads(self.stream.readline()[len("data: ") :])

    def open(self, route):
        pass

    def wait(self, route, sentence):
        while True:
            routes = self.events("site")["routes"]
            if routes is None or route in routes:
                if sentence in self.server.get("/" + route):
                    return time.time()


class Browser:
    """Chromium with one page open."""

    def __init__(self, server, program):
        self.server, self.number = server, 0
        self.folder = tempfile.TemporaryDirectory()
        options = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --remote-debugging-pipe".split()
        command = [program, *options, f"--user-data-dir={self.folder.name}", "about:blank"]
        # It reads from its descriptor 3 and writes to 4.
        shell = ["sh", "-c", 'exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null', *command]
        self.process = subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    session = None

    def message(self):
        text = bytearray()
        while (byte := self.process.stdout.read(1)) not in (b"\0", b""):
            text += byte
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.process.stdin.write(json.dumps(message).encode() + b"\0")
        self.process.stdin.flush()
        while (answer := self.message()).get("id") != self.number:
            pass
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']}")
        return answer["result"]

    def run(self, script):
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return result["result"].get("value")

    def open(self, route):
        self.call("Page.navigate", url=f"http://127.0.0.1:{self.server.port}/{route}")
        self.run("new Promise(go => { const look = () => document.querySelector('octavo-serve') ? setTimeout(go, 50) : setTimeout(look, 10); look(); })")

    def wait(self, route, sentence):
        # The time is the browser's: the question is asked before the edit, and answered by a change of the document.
        return self.run(f"window.arrived.then(() => document.body.innerText.includes({json.dumps(sentence)}) ? window.at : 0)") / 1000

    def watch(self):
        self.run(
            "window.arrived = new Promise(go => addEventListener('octavo-served', () => "
            "{ window.at = performance.timeOrigin + performance.now(); go(); }, { once: true })); 0"
        )

    def end(self):
        self.process.kill()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("project", type=Path)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.15)
    parser.add_argument("--what", choices=["prose", "title"], default="prose")
    parser.add_argument("--chromium")
    options = parser.parse_args()
    pages = sorted((options.project / "experiments").glob("s*/p*.md"), key=lambda path: int(path.stem[1:]))
    server = Server(options.program, options.project)
    print(f"{len(pages)} pages: answers after {server.opened * 1000:.0f} ms, shows a page after {server.ready * 1000:.0f} ms")
    client = Browser(server, options.chromium) if options.chromium else Client(server)
    time.sleep(1)
    before, times = server.memory(), []
    # The same project may be measured again: every edit is a new one.
    run = int(time.time())
    for number in range(options.edits):
        path = pages[number * 37 % len(pages)]
        route = f"{path.parent.name}/{path.stem}.html"
        sentence = f"This is edit number {number} of run {run}."
        text = path.read_text()
        if options.what == "title":
            sentence = f"Edit {number} of run {run}"
            new = re.sub(r"^# .*", f"# {sentence}", text)
        else:
            new = text.replace("## Part 2", f"{sentence}\n\n## Part 2", 1)
        if options.chromium:
            client.open(route)
            client.watch()
        began = time.time()
        path.write_text(new)
        times.append((client.wait(route, sentence) - began) * 1000)
        time.sleep(options.pause)
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))]
    who = "Chromium" if options.chromium else "client"
    print(
        f"{len(times)} edits of {options.what}, {who}: median {statistics.median(times):.1f} ms, p95 {at(0.95):.1f} ms, "
        f"longest {times[-1]:.1f} ms; memory {before:.0f} MB before, {server.memory():.0f} MB after"
    )
    if options.chromium:
        client.end()
    server.end()


if __name__ == "__main__":
    main()
