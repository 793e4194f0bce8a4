"""Hosts that send what they should not, and analyses that do what they should not."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any, List

from tests.test_dialogues import Host, run_request

HELLO = {"protocol": "octavo-plugin", "versions": [1]}


class BadHost(unittest.TestCase):
    def refused(self, *lines: bytes) -> bytes:
        """The log of a plugin that ends at the last of these lines, without an answer."""
        with Host("run") as host:
            for line in lines:
                host.send(line)
            log = host.process.stderr.read()
            self.assertEqual(host.process.wait(10), 1)
            return log

    def test_a_first_line_of_something_else(self) -> None:
        for line in (
            b"hello\n",
            b"[1]\n",
            b'{"protocol": "other", "versions": [1]}\n',
            b'{"protocol": "octavo-plugin"}\n',
        ):
            with self.subTest(line=line):
                self.assertIn(b"octavo_plugin: ", self.refused(line))

    def test_a_line_that_is_no_message(self) -> None:
        for line, said in (
            (b"hello\n", b"no message"),
            (b"[1, 2]\n", b"no object"),
            (b'{"id": 1, "request": "check", "params": {"half_life": NaN}}\n', b"`NaN` is no number"),
            (b'{"id": 1, "request": "check", "params": {"half_life": 1e999}}\n', b"out of range"),
            (b'{"id": 1, "request": "check", "params": {"a": 1, "a": 2}}\n', b"the key `a` is there twice"),
            (b'{"request": "describe"}\n', b"no `id`"),
            (b'{"id": "1", "request": "describe"}\n', b"no `id`"),
            (b'{"id": 1, "request": "\xff"}\n', b"no message"),
            (b'\xef\xbb\xbf{"id": 1, "request": "describe"}\n', b"no message"),
            (b"[" * 200_000 + b"\n", b"no message"),
        ):
            with self.subTest(line=line[:60]):
                host_line = json.dumps(HELLO).encode() + b"\n"
                with Host("run") as host:
                    host.send(host_line)
                    host.receive()
                    host.send(line)
                    log = host.process.stderr.read()
                    self.assertIn(said, log)
                    self.assertEqual(host.process.wait(10), 1)

    def test_a_line_without_end(self) -> None:
        with Host("run") as host:
            host.send(HELLO)
            host.receive()
            host.send(b'{"id": 1, "request": "' + b"x" * (16 << 20))
            self.assertIn(b"longer than", host.process.stderr.read())

    def test_empty_lines_and_carriage_returns_are_ignored(self) -> None:
        with Host("run") as host:
            host.send(b"\n\r\n" + json.dumps(HELLO).encode() + b"\r\n\n")
            host.receive()
            host.send(b'\n\r\n{"id": 5, "request": "describe"}\r\n')
            self.assertEqual(host.receive()["id"], 5)
            self.assertEqual(host.end(), b"")

    def test_an_end_in_the_middle_of_a_message_is_an_end(self) -> None:
        for begun in (b"", b'{"protocol": "octavo-'):
            with Host("run") as host:
                host.send(begun)
                self.assertEqual(host.end(), b"")
        with Host("run") as host:
            host.send(HELLO)
            host.receive()
            host.send(b'{"id": 1, "request": "descr')
            self.assertEqual(host.end(), b"")

    def test_requests_without_their_fields_are_answered(self) -> None:
        with Host("run") as host:
            host.send(HELLO)
            host.receive()
            host.send({"id": 1, "request": "check"})
            self.assertEqual(host.receive()["value"]["problems"][0]["message"], "must be a table")
            host.send({"id": 2, "request": "run"})
            self.assertEqual(host.receive()["kind"], "user")
            host.send({"id": 3})
            self.assertEqual(host.receive()["kind"], "bug")
            host.send({"id": 4, "request": "cancel"})
            missing = {"data": {"file": "blake3:00.csv"}}
            host.send(run_request(5, params=missing))
            self.assertEqual(host.receive()["message"], "the host sent no content of the input `blake3:00.csv`")
            host.send({"id": 6, "request": ["run"]})
            self.assertEqual(host.receive()["message"], "there is no request `['run']`")


class BadAnalysis(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def request(self, number: int, **others: Any) -> Any:
        Path(self.folder, f"run-{number}").mkdir()
        return run_request(number, self.folder, **others)

    def answers(self, mode: str, runs: int = 1, **others: Any) -> List[Any]:
        with Host(mode) as host:
            host.send(HELLO)
            host.receive()
            answers = []
            for number in range(1, runs + 1):
                host.send(self.request(number, **others))
                answers.append([host.receive()])
                while answers[-1][-1]["reply"] in ("log", "progress"):
                    answers[-1].append(host.receive())
            self.log = host.end()
            return answers

    def test_print_and_children_write_to_the_log_and_read_nothing(self) -> None:
        ((log, result),) = self.answers("prints")
        self.assertEqual(log, {"id": 1, "reply": "log", "level": "info", "message": "done twice"})
        self.assertEqual(result["reply"], "result")
        self.assertEqual(self.log, b"a word for the log\na word of a child\n")

    def test_exceptions_have_the_kinds_of_the_protocol(self) -> None:
        answers = [answer for (answer,) in self.answers("errors", runs=8)]
        self.assertEqual(
            [answer["kind"] for answer in answers],
            ["user", "numeric", "resource", "bug", "resource", "numeric", "bug", "bug"],
        )
        self.assertEqual(answers[4]["message"], "there is not enough memory")
        self.assertEqual(answers[6]["message"], "ValueError: two lines ?")
        self.assertIn(b"Traceback", self.log)
        self.assertIn(b"KeyError: 'left'", self.log)
        self.assertIn(b"decay.py", self.log)
        self.assertNotIn(b"octavo_plugin.py", self.log, "frames of the module say nothing about the author's defect")

    def test_files_that_were_loaded_are_told(self) -> None:
        with Host("run") as host:
            host.send(HELLO)
            host.receive()
            host.send({"id": 1, "request": "describe"})
            files = host.receive()["value"]["files"]
            self.assertEqual([Path(file).name for file in files], ["octavo_plugin.py", "decay.py"])
            # A run tells what came since alone.
            host.send(run_request(2))
            reply = host.receive()
            while reply["reply"] in ("progress", "log"):
                reply = host.receive()
            self.assertEqual(reply["reply"], "result", reply)
            self.assertNotIn("files", reply["value"])

    def test_an_exit_is_a_bug_and_the_next_request_is_answered(self) -> None:
        first, second = self.answers("exits", runs=2)
        self.assertEqual(first[-1]["message"], "SystemExit: no more")
        self.assertEqual(second[-1]["id"], 2)

    def test_a_run_ends_with_its_host(self) -> None:
        with Host("loops") as host:
            host.send(HELLO)
            host.receive()
            host.send(self.request(1))
            host.process.stdin.close()
            # Else it would loop until it is killed.
            self.assertEqual(host.process.wait(), 1)
            self.assertEqual(host.process.stdout.read(), b"")
            host.process.stdin = None

    def test_an_early_cancel_is_not_lost_and_a_late_one_does_no_harm(self) -> None:
        with Host("cancel") as host:
            host.send(HELLO)
            host.receive()
            request = json.dumps(self.request(1)).encode() + b"\n"
            host.send(request + b'{"id": 1, "request": "cancel"}\n')
            answer = host.receive()
            while answer["reply"] == "progress":
                answer = host.receive()
            self.assertEqual(answer["kind"], "cancelled")
            host.send(b'{"id": 1, "request": "cancel"}\n')
            host.send(self.request(2))
            self.assertEqual(host.receive()["reply"], "result")
            host.end()

    def test_the_same_seed_gives_the_same_draws_whatever_ran_before(self) -> None:
        first, second = self.answers("draws", runs=2, seed=str(2**64 - 1))
        self.assertEqual(first[0]["message"], second[0]["message"])

    def test_what_json_lacks_is_never_sent(self) -> None:
        with Host("nan") as host:
            host.send(HELLO)
            host.receive()
            host.send({"id": 1, "request": "describe"})
            self.assertEqual(host.receive()["kind"], "bug")

    def test_a_file_name_cannot_leave_the_folder(self) -> None:
        ((answer,),) = self.answers("escapes")
        self.assertIn("is no plain file name", answer["message"])


if __name__ == "__main__":
    unittest.main()
