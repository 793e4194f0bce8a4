"""Results in messages and files."""

import contextlib
import json
import math
import struct
import sys
import tempfile
import types
import typing
import unittest
import zlib
from array import array
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Iterator
from unittest import mock

import octavo_plugin
from octavo_plugin import (
    Column,
    Drawing,
    Failure,
    File,
    Geometry,
    Missing,
    NumericError,
    Outputs,
    Picture,
    Raster,
    Results,
    Run,
    Scalar,
    Table,
    TableFile,
    Uncertain,
    figure,
)


class Encoding(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.run_of_test = Run(folder=self.folder)

    def encode(self, results: Any, outputs: Outputs) -> Any:
        message = octavo_plugin._Encoder(lambda: self.folder).results(results, outputs)
        return json.loads(json.dumps(message, allow_nan=False))

    def scalar(self, kind: type, value: Any, **more: Any) -> Any:
        outputs = Outputs(scalars={"x": Scalar(kind, "x", **more)})
        return self.encode(Results(scalars={"x": value}), outputs)["scalars"]["x"]

    def table(self, table: Any, **columns: Column) -> Any:
        return self.encode(Results(tables={"t": table}), Outputs(tables={"t": Table("a row", **columns)}))["tables"][
            "t"
        ]

    def drawing(self, drawing: Any, kind: str, **attributes: Column) -> Any:
        outputs = Outputs(drawings={"d": Drawing("a thing", kind, **attributes)})
        return self.encode(Results(drawings={"d": drawing}), outputs)["drawings"]["d"]


class Values(Encoding):
    def test_scalars(self) -> None:
        for kind, value, expected in (
            (float, 0.1, 0.1),
            (float, -0.0, -0.0),
            (float, 5e-324, 5e-324),
            (float, 3, 3.0),
            (float, Fraction(1, 4), 0.25),
            (float, Decimal("0.5"), 0.5),
            (float, math.inf, {"named": "infinity"}),
            (float, -math.inf, {"named": "-infinity"}),
            (int, math.inf, {"named": "infinity"}),
            (int, 2**53, 2**53),
            (int, -(2**53), -(2**53)),
            (int, 2**53 + 1, "9007199254740993"),
            (int, -(2**53) - 1, "-9007199254740993"),
            (int, 3.0, 3),
            (str, "", ""),
            (str, "<script>\u2028", "<script>\u2028"),
            (bool, True, True),
            (float, None, None),
            (str, Missing(), None),
            (int, Missing("why"), {"missing": "why"}),
        ):
            with self.subTest(kind=kind, value=value):
                written = self.scalar(kind, value)["value"]
                self.assertEqual((written, type(written)), (expected, type(expected)))

    def test_an_uncertainty(self) -> None:
        self.assertEqual(self.scalar(float, Uncertain(2, 0.5)), {"value": 2.0, "uncertainty": 0.5})
        for bad in (-1.0, math.inf, math.nan):
            with self.assertRaisesRegex(NumericError, "`x`: its uncertainty"):
                self.scalar(float, Uncertain(2.0, bad))

    def test_nan_is_an_error_or_a_declared_reason(self) -> None:
        with self.assertRaisesRegex(NumericError, "the scalar `x`: NaN"):
            self.scalar(float, math.nan)
        self.assertEqual(self.scalar(float, math.nan, nan="no data"), {"value": {"missing": "no data"}})
        with self.assertRaisesRegex(NumericError, "row 2 of its column `a`: NaN"):
            self.table({"a": [0.0, math.nan]}, a=Column(float, "a"))

    def test_another_type_is_refused(self) -> None:
        for kind, value in (
            (float, "1"), (float, True), (float, 1j), (float, [1]), (int, 1.5), (int, "1"), (int, False),
            (str, 1), (str, b"x"), (bool, 1), (bool, "true"), (int, 2.0**60), (float, 10**400),
        ):  # fmt: skip
            with self.subTest(kind=kind, value=value), self.assertRaisesRegex(Failure, "the scalar `x`"):
                self.scalar(kind, value)

    def test_exactly_what_is_declared(self) -> None:
        outputs = Outputs(scalars={"a": Scalar(int, "a"), "b": Scalar(int, "b")})
        with self.assertRaisesRegex(Failure, "the scalar `b` is declared and not returned"):
            self.encode(Results(scalars={"a": 1}), outputs)
        with self.assertRaisesRegex(Failure, "the scalar `c` is returned and not declared"):
            self.encode(Results(scalars={"a": 1, "b": 2, "c": 3}), outputs)
        with self.assertRaisesRegex(Failure, "the analysis returned"):
            self.encode({"scalars": {"a": 1, "b": 2}}, outputs)
        # In the declared order, whatever the returned one.
        self.assertEqual([*self.encode(Results(scalars={"b": 2, "a": 1}), outputs)["scalars"]], ["a", "b"])


class Tables(Encoding):
    a, b = Column(int, "a"), Column(float, "b")

    def test_shapes_of_tables(self) -> None:
        expected = {"columns": {"a": [1, 2], "b": [0.5, {"missing": "why"}]}}
        gone = Missing("why")
        for table in (
            {"b": [0.5, gone], "a": [1, 2]},
            {"a": range(1, 3), "b": (0.5, gone)},
            {"a": array("i", [1, 2]), "b": iter([0.5, gone])},
            [{"a": 1, "b": 0.5}, {"b": gone, "a": 2}],
        ):
            with self.subTest(table=table):
                written = self.table(table, a=self.a, b=self.b)
                self.assertEqual(written, expected)
                self.assertEqual([*written["columns"]], ["a", "b"])
        self.assertEqual(self.table([], a=self.a), {"columns": {"a": []}})
        self.assertEqual(self.table({"a": []}, a=self.a), {"columns": {"a": []}})

    def test_wrong_tables(self) -> None:
        for table, message in (
            ({"a": [1, 2], "b": [0.5]}, "different lengths: `a` 2, `b` 1"),
            ({"a": [1]}, "`b` is declared and not returned"),
            ({"a": [1], "b": [1.0], "c": [2]}, "`c` is returned and not declared"),
            ({"a": [1, "two"], "b": [0.5, 1]}, "row 2 of its column `a`: 'two' is no integer"),
            ({"a": "12", "b": [0.5, 1]}, "is no list of values"),
            ({"a": 1, "b": 2}, "is no list of values"),
            ([{"a": 1, "b": 2.0}, {"a": 1}], "row 1 has no `b`"),
            ([[1, 2.0]], "is no table of 2 columns"),
            (7, "is no table of 2 columns"),
        ):
            with self.subTest(table=table), self.assertRaisesRegex(Failure, message):
                self.table(table, a=self.a, b=self.b)

    def test_long_tables_of_numbers_are_npy_files(self) -> None:
        rows = octavo_plugin.INLINE + 1
        numbers = [float(row) for row in range(rows)]
        numbers[3], numbers[5] = math.inf, math.nan
        table = {"x": numbers, "n": [None, *range(1, rows)], "t": [True] * rows}
        written = self.table(table, x=Column(float, "x", nan="gone"), n=Column(int, "n"), t=Column(bool, "t"))
        self.assertEqual(
            written["exceptions"],
            {"x": {"3": {"named": "infinity"}, "5": {"missing": "gone"}}, "n": {"0": {"missing": ""}}},
        )
        shape, read = octavo_plugin._read_npy(self.folder / written["columns"]["x"]["file"])
        self.assertEqual((shape, read[2:7]), ((rows,), [2.0, 0.0, 4.0, 0.0, 6.0]))
        self.assertEqual(octavo_plugin._read_npy(self.folder / written["columns"]["n"]["file"])[1], [*range(rows)])
        self.assertEqual(octavo_plugin._read_npy(self.folder / written["columns"]["t"]["file"])[1], [True] * rows)

    def test_a_raster_that_covers_nothing_or_has_no_row_is_refused(self) -> None:
        declared = Drawing("a map", "raster", value=Column(float, "x"))
        encoder = octavo_plugin._Encoder(lambda: self.folder)
        good = Raster(((0, 0), (2, 1)), [[0.5, 1.0]])
        expected = {"raster": {"extent": [[0.0, 0.0], [2.0, 1.0]], "values": [[0.5, 1.0]]}}
        self.assertEqual(encoder._drawing(declared, good), expected)
        for raster, message in (
            (Raster(((0, 0), (0, 1)), [[1.0]]), "covers nothing"),
            (Raster(((0, 1), (1, 0)), [[1.0]]), "covers nothing"),
            (Raster(((0, 0), (1, float("nan"))), [[1.0]]), "covers nothing"),
            (Raster(((0, 0), (1, 1)), []), "have 0 rows of 0 values"),
            (Raster(((0, 0), (1, 1)), [[], []]), "have 2 rows of 0 values"),
        ):
            with self.subTest(raster=raster), self.assertRaisesRegex(octavo_plugin._BadValue, message):
                encoder._drawing(declared, raster)

    def test_long_tables_with_text_or_large_integers_are_csv_files(self) -> None:
        rows = octavo_plugin.INLINE + 1
        words = ["plain", "", 'q"q', "a,b", "two\nlines", None, " x"] + ["é"] * (rows - 7)
        big = [2**100, Missing("lost"), math.inf] + [1] * (rows - 3)
        written = self.table({"w": words, "n": big}, w=Column(str, "w"), n=Column(int, "n"))
        self.assertEqual(written["exceptions"], {"w": {"5": {"missing": ""}}, "n": {"1": {"missing": "lost"}}})
        text = (self.folder / written["file"]).read_bytes()
        expected = f'w,n\nplain,{2**100}\n"",\n"q""q",infinity\n"a,b",1\n"two\nlines",1\n,1\n" x",1\né,1\n'
        self.assertTrue(text.startswith(expected.encode()), text[:120])
        self.assertEqual(text.count(b"\xc3\xa9"), rows - 7)

    def test_much_text_goes_into_a_file(self) -> None:
        written = self.table({"w": ["x" * 1000] * 1500}, w=Column(str, "w"))
        self.assertEqual((self.folder / written["file"]).stat().st_size, 2 + 1001 * 1500)

    def test_a_row_of_nothing_is_a_row(self) -> None:
        self.run_of_test.write_csv("n.csv", {"n": [1, None]})
        self.assertEqual((self.folder / "n.csv").read_text(), 'n\n1\n""\n')

    def test_files_of_the_author(self) -> None:
        self.run_of_test.write_csv("1.csv", {"a": [1]})
        exceptions = {"a": {0: Missing()}, "b": {1: math.inf}}
        written = self.table(TableFile(File("1.csv"), exceptions), a=self.a, b=self.b)
        expected = {"a": {"0": {"missing": ""}}, "b": {"1": {"named": "infinity"}}}
        self.assertEqual(written, {"file": "1.csv", "exceptions": expected})
        self.assertEqual(self.table(File("1.csv"), a=self.a), {"file": "1.csv"})
        columns = self.table({"a": [1], "b": File("b.npy")}, a=self.a, b=self.b)["columns"]
        self.assertEqual(columns, {"a": [1], "b": {"file": "b.npy"}})
        # A file of the library's own takes another name.
        long = self.table({"a": [2**80] * 3000, "b": [0.0] * 3000}, a=self.a, b=self.b)
        self.assertEqual(long, {"file": "2.csv"})

    def test_file_names_are_plain(self) -> None:
        for name in (
            "../a.csv",
            "/etc/passwd",
            ".hidden.csv",
            "a/b.csv",
            "a\\b.csv",
            "",
            "é.csv",
            "a" * 98 + ".csv",
            "a\n.csv",
        ):
            with self.subTest(name=name), self.assertRaises(ValueError):
                self.run_of_test.write_csv(name, {"a": [1]})
        with self.assertRaises(ValueError):
            self.run_of_test.write_csv("a.txt", {"a": [1]})
        with self.assertRaises(ValueError):
            self.run_of_test.write_csv("a.csv", {"a": [1], "b": []})
        self.assertEqual([*self.folder.iterdir()], [])


class Drawings(Encoding):
    part = Column(str, "Part")

    def test_geometries(self) -> None:
        points = Geometry.points([(0, 1), (2, 3)], {"part": ["a", "b"]})
        self.assertEqual(
            self.drawing(points, "points", part=self.part)["geometry"],
            {
                "kind": "points", "vertices": [[0.0, 1.0], [2.0, 3.0]], "ends": [1, 2],
                "attributes": {"columns": {"part": ["a", "b"]}},
            },
        )  # fmt: skip
        square = [(0, 0), (1, 0), (1, 1), (0, 1)]
        polygons = self.drawing(Geometry.polygons([square, [], square]), "polygons")["geometry"]
        self.assertEqual(polygons["ends"], [4, 4, 8])
        self.assertNotIn("attributes", polygons)
        self.assertEqual(self.drawing(Geometry.paths([]), "paths")["geometry"]["vertices"], [])

    def test_large_geometries_are_files(self) -> None:
        count = octavo_plugin.INLINE + 1
        message = self.drawing(Geometry.points([(row, 0.5) for row in range(count)]), "points")["geometry"]
        shape, read = octavo_plugin._read_npy(self.folder / message["vertices"]["file"])
        self.assertEqual((shape, read[2:6]), ((count, 2), [1.0, 0.5, 2.0, 0.5]))
        ends = octavo_plugin._read_npy(self.folder / message["ends"]["file"])
        self.assertEqual(ends, ((count,), [*range(1, count + 1)]))

    def test_rasters(self) -> None:
        height = Column(float, "Height")
        extent = ((0, 0), (2, 1))
        small = self.drawing(Raster(extent, [[1, 0.5]]), "raster", value=height)
        self.assertEqual(small, {"raster": {"extent": [[0.0, 0.0], [2.0, 1.0]], "values": [[1.0, 0.5]]}})
        large = self.drawing(Raster(extent, [[0.25] * 100] * 30), "raster", value=height)
        shape, read = octavo_plugin._read_npy(self.folder / large["raster"]["values"]["file"])
        self.assertEqual((shape, set(read)), ((30, 100), {0.25}))

    def test_wrong_drawings(self) -> None:
        for drawing, kind, message in (
            (Geometry("points", [(0, 1)], [1]), "paths", "its kind is `points`"),
            (Geometry("paths", [(0, 1), (1, 2)], [2, 1]), "paths", "`ends` do not grow"),
            (Geometry("paths", [(0, 1), (1, 2)], [1]), "paths", "`ends` do not grow"),
            (Geometry("paths", [(0, 1), (1, 2)], [9]), "paths", "`ends` do not grow"),
            (Geometry("paths", [(0, 1, 2)], [1]), "paths", "no pairs"),
            (Geometry("paths", [(0, math.nan)], [1]), "paths", "not all finite"),
            (Geometry("paths", [(0, "1")], [1]), "paths", "'1' is no number"),
            (Raster(((0, 0), (1, 1)), [[1]]), "paths", "no `Geometry`"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(Failure, message):
                self.drawing(drawing, kind)
        value = Column(float, "v")
        for values, message in (([[1], [1, 2]], "different lengths"), ([[math.inf]], "not all finite"), (3, "no list")):
            with self.subTest(message=message), self.assertRaisesRegex(Failure, message):
                self.drawing(Raster(((0, 0), (1, 1)), values), "raster", value=value)


class Pictures(Encoding):
    """What an analysis draws itself; matplotlib is played by a few lines."""

    SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

    def test_a_picture_is_files_and_words(self) -> None:
        picture = Picture({"en": "A box."}, self.SVG, dark=b"\x89PNG...", pdf=b"%PDF-")
        message = self.drawing(picture, "picture")["picture"]
        self.assertEqual(message["alt"], {"en": "A box."})
        names = [message[key]["file"] for key in ("image", "dark", "pdf")]
        self.assertEqual([name.split(".")[1] for name in names], ["svg", "png", "pdf"])
        self.assertEqual((self.folder / names[0]).read_text(), self.SVG)
        self.assertEqual(self.drawing(Picture("A", File("a.svg")), "picture")["picture"]["image"], {"file": "a.svg"})

    def test_it_is_declared_without_attributes(self) -> None:
        self.assertEqual(Drawing("a box", "picture").to_json(), {"about": "a box", "picture": True})
        with self.assertRaises(ValueError):
            Drawing("a box", "picture", part=Column(int, "Part"))

    def test_words_and_bytes_are_needed(self) -> None:
        wrong: Any = 5
        for picture in (Picture(" ", self.SVG), Picture({}, self.SVG), Picture("A", wrong), Raster(((0, 0), (1, 1)), [[1]])):
            with self.assertRaises(Failure):
                self.drawing(picture, "picture")

    def test_a_figure_of_matplotlib_has_no_date(self) -> None:
        class Figure:
            """Writes what it was told."""

            def savefig(self, content: Any, **told: Any) -> None:
                content.write(json.dumps([told, settings]).encode())

        settings: Any = {}

        @contextlib.contextmanager
        def rc_context(given: Any) -> Iterator[None]:
            settings.update(given)
            yield

        closed: Any = []
        played = {
            "matplotlib": types.SimpleNamespace(rc_context=rc_context),
            "matplotlib.pyplot": types.SimpleNamespace(close=closed.append),
        }
        fig: Any = Figure()
        with mock.patch.dict(sys.modules, played):  # type: ignore[arg-type]
            picture = figure(fig, "A line.")
            pixels = figure(fig, "A line.", pdf=False, dpi=200)
        told, used = json.loads(typing.cast(bytes, picture.image))
        self.assertEqual(told, {"format": "svg", "metadata": {"Date": None}})
        self.assertEqual(used["svg.hashsalt"], "octavo")
        self.assertEqual(json.loads(typing.cast(bytes, picture.pdf))[0]["metadata"], {"CreationDate": None, "ModDate": None})
        self.assertEqual(json.loads(typing.cast(bytes, pixels.image))[0]["dpi"], 200)
        self.assertIsNone(pixels.pdf)
        self.assertEqual(closed, [fig, fig])
        with self.assertRaises(TypeError):
            figure(fig, "A line.")


class Files(Encoding):
    def test_npy_of_every_type(self) -> None:
        for dtype, values in (
            ("<f8", [0.1, -2.5]), ("<f4", [0.5, 1.0]), ("<i8", [-(2**62), 3]), ("<i4", [-7, 8]), ("|b1", [True, False]),
        ):  # fmt: skip
            file = self.run_of_test.write_npy("a.npy", values, dtype)
            content = (self.folder / file.name).read_bytes()
            self.assertEqual(content.index(b"\n") % 64, 63)
            self.assertEqual(octavo_plugin._read_npy(self.folder / "a.npy"), ((2,), values))
        with self.assertRaises(ValueError):
            self.run_of_test.write_npy("a.npy", [[1], [1, 2]])
        with self.assertRaises(ValueError):
            self.run_of_test.write_npy("a.npy", [1], ">f8")

    def test_png(self) -> None:
        for bits, rows in ((8, [[0, 255, 7]]), (16, [[65535, 0], [1, 256]])):
            content = (self.folder / self.run_of_test.write_png("a.png", rows, bits).name).read_bytes()
            self.assertEqual(content[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual(struct.unpack(">IIBB", content[16:26]), (len(rows[0]), len(rows), bits, 0))
            start = content.index(b"IDAT")
            (size,) = struct.unpack(">I", content[start - 4 : start])
            lines = zlib.decompress(content[start + 4 : start + 4 + size])
            form = f">x{len(rows[0])}{'B' if bits == 8 else 'H'}"
            self.assertEqual([list(line) for line in struct.iter_unpack(form, lines)], rows)
            (checksum,) = struct.unpack(">I", content[start + 4 + size : start + 8 + size])
            self.assertEqual(checksum, zlib.crc32(content[start : start + 4 + size]))
        for rows in ([[256]], [[-1]], [[1], [1, 2]], [[0.5]]):
            with self.subTest(rows=rows), self.assertRaises((ValueError, struct.error)):
                self.run_of_test.write_png("a.png", rows)


class Runs(unittest.TestCase):
    def test_streams_depend_on_seed_and_name_alone(self) -> None:
        def draw(seed: int, name: str) -> float:
            return Run(seed=seed).random(name).random()

        self.assertEqual(draw(1, "a"), draw(1, "a"))
        self.assertEqual(len({draw(seed, name) for seed in (0, 1, 2**64 - 1) for name in ("", "a", "b")}), 9)
        # A golden value: streams stay the same from version to version.
        self.assertEqual(draw(7, "noise"), GOLDEN_DRAW)

    def test_progress_is_sent_first_and_last(self) -> None:
        sent = []
        run = Run()
        run._send = sent.append
        for _ in run.steps(range(1000)):
            pass
        self.assertEqual(sent[0], {"reply": "progress", "done": 0, "total": 1000})
        self.assertEqual(sent[-1], {"reply": "progress", "done": 1000, "total": 1000})
        self.assertLess(len(sent), 1000)

    def test_steps_of_an_iterator(self) -> None:
        self.assertEqual([*Run().steps(iter("abc"))], ["a", "b", "c"])

    def test_a_run_without_a_host_has_a_folder(self) -> None:
        run = Run()
        file = run.write_csv("a.csv", {"a": [1]})
        self.assertEqual((run.folder / file.name).read_text(), "a\n1\n")
        run._temporary.cleanup()


GOLDEN_DRAW = 0.8746145352611363

if __name__ == "__main__":
    unittest.main()
