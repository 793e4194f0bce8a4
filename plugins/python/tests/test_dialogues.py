"""The golden dialogues of docs/plugin-protocol/v1, with this library as the plugin."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any, List

HERE = Path(__file__).parent
GOLDEN = HERE.parents[2] / "docs" / "plugin-protocol" / "v1"

# What a plugin may say of itself beyond the protocol; the host ignores it.
UNKNOWN = {"library", "took", "speed"}


class Host:
    """A plugin's process, with pipes for the messages."""

    def __init__(self, mode: str) -> None:
        command = [sys.executable, str(HERE / "decay.py"), mode]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        # A dialogue that hangs is to fail.
        self.watch = threading.Timer(60, self.process.kill)
        self.watch.daemon = True
        self.watch.start()

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.cancel()
        self.process.kill()
        self.process.communicate()

    def send(self, message: Any) -> None:
        line = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def receive(self) -> Any:
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        return json.loads(line)

    def end(self) -> bytes:
        """Closes the requests; gives the log. Nothing may follow on standard output."""
        rest, log = self.process.communicate(timeout=10)
        assert rest == b"", rest
        return log


def run_request(number: int, folder: str = "/nowhere", **others: Any) -> Any:
    params = {"half_life": 2.0, "steps": 2, "noise": 0.0, "shape": "exponential"}
    message = {"id": number, "request": "run", "params": params, "seed": "0", "inputs": {}}
    limits = {"seconds": 60.0, "output_bytes": 1 << 28, "threads": 1}
    folders = {"folder": f"{folder}/run-{number}", "input_folder": "/nowhere"}
    return {**message, **folders, "limits": limits, **others}


class Dialogues(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def localized(self, message: Any) -> Any:
        """The host's message with folders that exist; those of the document stand for any."""
        if message.get("request") == "run":
            folder = self.folder / Path(message["folder"]).name
            folder.mkdir()
            message = {**message, "folder": str(folder), "input_folder": str(GOLDEN / "files")}
        return message

    def play(self, name: str, mode: str = "") -> List[Any]:
        lines = [json.loads(line) for line in (GOLDEN / f"{name}.ndjson").read_text("utf-8").splitlines()]
        replies = []
        with Host(mode or name) as host:
            checked = {}
            for line in lines:
                if "host" in line:
                    host.send(self.localized(line["host"]))
                    checked = line["host"].get("params", {})
                    continue
                reply = host.receive()
                # Where the module lies is no part of a dialogue.
                if reply.get("reply") == "result":
                    reply["value"].pop("files", None)
                self.assertEqual(complete(reply, checked), complete(line["plugin"], checked))
                self.assertEqual(json.dumps(names(reply)), json.dumps(names(line["plugin"])))
                replies.append(reply)
            host.end()
        return replies

    def test_first_exchange(self) -> None:
        self.play("first-exchange")

    def test_describe(self) -> None:
        self.play("describe")

    def test_check(self) -> None:
        self.play("check")

    def test_unknown_fields(self) -> None:
        self.play("unknown-fields")

    def test_run(self) -> None:
        self.play("run")

    def test_cancel(self) -> None:
        self.play("cancel")

    def test_errors(self) -> None:
        self.play("errors")

    def test_inputs(self) -> None:
        self.play("inputs")

    def test_files_have_the_golden_bytes(self) -> None:
        self.play("files")
        for name in ("decay.csv", "vertices.npy", "ends.npy", "part.npy", "map.npy"):
            written = (self.folder / "run-1" / name).read_bytes()
            self.assertEqual(written, (GOLDEN / "files" / name).read_bytes(), name)

    def test_another_version_is_answered_and_ends(self) -> None:
        with Host("run") as host:
            host.send({"protocol": "octavo-plugin", "versions": [7], "requests": "of another shape"})
            self.assertEqual(host.receive(), {"protocol": "octavo-plugin", "version": 1})
            self.assertEqual(host.end(), b"")
            self.assertEqual(host.process.returncode, 0)

    def test_every_dialogue_is_played(self) -> None:
        played = {"first-exchange", "describe", "check", "unknown-fields", "run", "cancel", "errors", "inputs", "files"}
        # `other-version` has a plugin of another version, `refused` has answers that this library cannot give.
        others = {"other-version", "refused"}
        self.assertEqual({path.stem for path in GOLDEN.glob("*.ndjson")}, played | others)


class Copied(unittest.TestCase):
    def test_the_module_works_beside_a_script(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(HERE.parent / "octavo_plugin.py", folder)
            script = (HERE / "decay.py").read_text("utf-8").replace("sys.path.insert", "(lambda *_: None)")
            (Path(folder) / "mine.py").write_text(script, "utf-8")
            hello = json.dumps({"protocol": "octavo-plugin", "versions": [1]}) + "\n"
            environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
            answer = subprocess.run(
                [sys.executable, "-W", "error", str(Path(folder) / "mine.py")],
                input=hello + json.dumps({"id": 1, "request": "describe"}) + "\n",
                capture_output=True, text=True, env=environment, check=True,
            )  # fmt: skip
            self.assertEqual(json.loads(answer.stdout.splitlines()[1])["value"]["name"], "decay")
            self.assertEqual(answer.stderr, "")


def complete(message: Any, params: Any) -> Any:
    """The message without unknown fields, and with what an answer to `check` may leave out."""
    message = {key: value for key, value in message.items() if key not in UNKNOWN}
    value = message.get("value")
    if isinstance(value, dict) and "problems" in value:
        value = {key: entry for key, entry in value.items() if key not in UNKNOWN}
        if not value["problems"]:
            said = golden_description()
            left_out = {"params": params, "stochastic": False, "outputs": said["outputs"], "figures": said["figures"]}
            value = {**left_out, **value}
        message["value"] = value
    return message


def golden_description() -> Any:
    last = (GOLDEN / "describe.ndjson").read_text("utf-8").splitlines()[-1]
    return json.loads(last)["plugin"]["value"]


def names(message: Any) -> Any:
    """The names in the results of a run; their order matters."""
    value = message.get("value", {})
    tables = value.get("tables", {}).items()
    columns = {name: [*table.get("columns", {})] for name, table in tables}
    return [[*value.get("scalars", {})], columns, [*value.get("drawings", {})]]


if __name__ == "__main__":
    unittest.main()
