"""What an analysis reads: files and results of other experiments."""

import json
import math
import tempfile
import unittest
from pathlib import Path
from typing import Any

import octavo_plugin
from octavo_plugin import Failure, Geometry, Input, Missing, Raster, UserError


class Inputs(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def file(self, content: bytes, name: str = "data.csv") -> Input:
        (self.folder / name).write_bytes(content)
        return Input({"file": "blake3:00.csv"}, {"name": "data/points.csv", "file": name}, self.folder)

    def result(self, **content: Any) -> Input:
        return Input({"file": "blake3:00.artifact"}, {"name": "decay/slow#decay", **content}, self.folder)

    def test_a_file(self) -> None:
        source = self.file(b"\xef\xbb\xbfyear,flow\r\n1871,1120\r\n1872,\r\n")
        self.assertEqual(source.read_bytes()[:3], b"\xef\xbb\xbf")
        self.assertEqual(source.read_text()[:4], "year")
        self.assertEqual(source.table(), {"year": ["1871", "1872"], "flow": ["1120", ""]})
        self.assertEqual(source.table(flow=float), {"flow": [1120.0, Missing()]})
        self.assertEqual(source.table(flow=int, year=str), {"flow": [1120, Missing()], "year": ["1871", "1872"]})
        self.assertEqual(Input.open(source.path).table(year=int), {"year": [1871, 1872]})

    def test_what_is_wrong_with_a_file_is_said_with_its_place(self) -> None:
        for content, message in (
            (b"", "`data/points.csv`: the file is empty"),
            (b"year,flow\n1,2\n3\n", r"`data/points.csv`, row 2 \(line 3\), column `flow`: the row ends after 1 of 2"),
            (b"year\n1\n", "`data/points.csv` has no column `flow`"),
            (b"flow\n1\nmuch\n", r"`data/points.csv`, row 2 \(line 3\), column `flow`: `much` is no float"),
            (b"flow\nnan\n", "`nan` is not finite"),
            (b"flow\n1e999\n", "`1e999` is not finite"),
            (b"flow\n\xff\n", "`data/points.csv`, line 2: the byte 0xff is no UTF-8"),
        ):
            with self.subTest(content=content), self.assertRaisesRegex(UserError, message):
                self.file(content).table(flow=float)
        with self.assertRaisesRegex(UserError, "is no geometry"):
            self.file(b"x\n1\n").geometry()

    def test_csv_files_are_read_as_in_the_cases_that_rust_shares(self) -> None:
        path = Path(__file__).parents[3] / "docs" / "plugin-protocol" / "csv.json"
        cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
        self.assertGreaterEqual(len(cases), 60)
        kinds = {"float": float, "integer": int, "text": str, "bool": bool}
        for case in cases:
            content = case["bytes"].encode("latin-1") if "bytes" in case else case["text"].encode()
            (self.folder / "a.csv").write_bytes(content)
            source = Input({"file": "x", **case.get("form", {})}, {"name": "a.csv", "file": "a.csv"}, self.folder)
            try:
                table = source.table(**{name: kinds[kind] for name, kind in case["types"].items()})
                columns = {
                    name: [octavo_plugin._cell(octavo_plugin.Column(kinds[case["types"][name]], ""), cell) for cell in cells]
                    for name, cells in table.items()
                }
                found: Any = {"columns": columns}
            except UserError as error:
                found = {"message": error.message, **({"help": error.help} if error.help else {})}
            expected = {key: case[key] for key in ("columns", "message", "help") if key in case}
            with self.subTest(case=case):
                self.assertEqual(found, expected)

    def test_a_text_without_quotation_marks_is_split_as_it_is_parsed(self) -> None:
        for text in ("a,b\r\n 1 ,\n\n \n,\n2,3", "a\n\u00a0\nb\n", "\n", "", ",", "a;b\n;\n", "a\tb\n\t\n c\t "):
            for separator in ",;\t":
                for trimmed in (True, False):
                    blanks = "".join(sign for sign in octavo_plugin._BLANKS if sign != separator) if trimmed else ""
                    with self.subTest(text=text, separator=separator, trimmed=trimmed):
                        split = list(octavo_plugin._split(text, separator, blanks))
                        self.assertEqual(split, list(octavo_plugin._parsed(text, separator, blanks)))

    def test_tables_of_results(self) -> None:
        columns = {"n": [1, "9007199254740993", None], "x": [1, {"named": "-infinity"}, {"missing": "why"}]}
        table = {"columns": columns, "types": {"n": "integer", "x": "float"}, "later": 1}
        read = self.result(table=table).table()
        self.assertEqual(read, {"n": [1, 2**53 + 1, Missing()], "x": [1.0, -math.inf, Missing("why")]})
        self.assertIsInstance(read["x"][0], float)
        self.assertEqual(self.result(table=table).table(n=float), {"n": [1.0, float(2**53 + 1), Missing()]})
        with self.assertRaisesRegex(UserError, "is of type float, not integer"):
            self.result(table=table).table(x=int)
        with self.assertRaisesRegex(UserError, "is no file"):
            self.result(table=table).read_bytes()

    def test_tables_of_results_in_files(self) -> None:
        (self.folder / "a.csv").write_text('n,w,t\n1,"a,b",true\n,,false\n')
        types = {"n": "integer", "w": "text", "t": "bool"}
        table = {"file": "a.csv", "types": types, "exceptions": {"n": {"1": {"named": "infinity"}}}}
        self.assertEqual(self.result(table=table).table(), {"n": [1, math.inf], "w": ["a,b", ""], "t": [True, False]})
        (self.folder / "x.npy").write_bytes(octavo_plugin._npy([0.5, 0.0], "<f8"))
        columns = {"x": {"file": "x.npy"}, "w": ["a", "b"]}
        table = {"columns": columns, "types": {"x": "float", "w": "text"}, "exceptions": {"x": {"1": {"missing": "?"}}}}
        self.assertEqual(self.result(table=table).table(), {"x": [0.5, Missing("?")], "w": ["a", "b"]})

    def test_drawings_of_results(self) -> None:
        (self.folder / "v.npy").write_bytes(octavo_plugin._npy([[0.0, 1.0], [2.0, 3.0]], "<f8"))
        (self.folder / "e.npy").write_bytes(octavo_plugin._npy([1, 2], "<i8"))
        attributes = {"columns": {"part": [0, 1]}, "types": {"part": "integer"}}
        for vertices, ends in (([[0.0, 1.0], [2.0, 3.0]], [1, 2]), ({"file": "v.npy"}, {"file": "e.npy"})):
            shapes = {"kind": "paths", "vertices": vertices, "ends": ends, "attributes": attributes}
            expected = Geometry("paths", [[0.0, 1.0], [2.0, 3.0]], [1, 2], {"part": [0, 1]})
            self.assertEqual(self.result(geometry=shapes).geometry(), expected)
        raster = {"extent": [[0.0, 0.0], [1.0, 1.0]], "values": {"file": "v.npy"}}
        expected_raster = Raster(((0.0, 0.0), (1.0, 1.0)), [[0.0, 1.0], [2.0, 3.0]])
        self.assertEqual(self.result(raster=raster).raster(), expected_raster)

    def test_no_content_is_no_crash(self) -> None:
        with self.assertRaisesRegex(Failure, "no content before a run"):
            Input({"file": "a.csv"}).read_text()

    def test_what_is_no_npy_file_is_refused(self) -> None:
        for content in (b"", b"\x93NUMPY\x01\x00\x02\x00{}", octavo_plugin._npy([1.0], "<f8").replace(b"<f8", b">f8")):
            (self.folder / "x.npy").write_bytes(content)
            with self.subTest(content=content), self.assertRaises((ValueError, KeyError)):
                octavo_plugin._read_npy(self.folder / "x.npy")


if __name__ == "__main__":
    unittest.main()
