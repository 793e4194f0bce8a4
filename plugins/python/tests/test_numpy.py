"""Arrays and frames, where NumPy and pandas are installed."""

import math
import unittest
from typing import Any

import octavo_plugin
from octavo_plugin import Column, Failure, Geometry, NumericError, Raster, Run
from tests.test_results import Encoding

try:
    import numpy
except ImportError:
    numpy = None
try:
    import pandas
except ImportError:
    pandas = None


@unittest.skipUnless(numpy, "NumPy is not installed")
class Arrays(Encoding):
    a, b = Column(int, "a"), Column(float, "b")

    def test_scalars(self) -> None:
        for kind, value, expected in (
            (float, numpy.float64(0.1), 0.1),
            (float, numpy.float32(0.5), 0.5),
            (float, numpy.int8(3), 3.0),
            (float, numpy.array(2.5), 2.5),
            (int, numpy.uint64(2**64 - 1), str(2**64 - 1)),
            (bool, numpy.bool_(True), True),
            (str, numpy.str_("é"), "é"),
            (float, numpy.float64("inf"), {"named": "infinity"}),
        ):
            with self.subTest(value=value):
                written = self.scalar(kind, value)["value"]
                self.assertEqual((written, type(written)), (expected, type(expected)))
        with self.assertRaises(NumericError):
            self.scalar(float, numpy.nan)

    def test_tables(self) -> None:
        expected = {"columns": {"a": [1, 2], "b": [0.5, 1.5]}}
        structured = numpy.array([(1, 0.5), (2, 1.5)], dtype=[("a", "i2"), ("b", "f4")])
        for table in (
            {"a": numpy.array([1, 2]), "b": numpy.array([0.5, 1.5])},
            structured,
            numpy.array([[1, 0.5], [2, 1.5]]),
        ):
            with self.subTest(table=table):
                self.assertEqual(self.table(table, a=self.a, b=self.b), expected)
        masked = numpy.ma.array([1.0, 2.0], mask=[False, True])
        self.assertEqual(self.table({"b": masked}, b=self.b), {"columns": {"b": [1.0, None]}})
        with self.assertRaises(Failure):
            self.table({"b": numpy.array([[1.0], [2.0]])}, b=self.b)

    def test_long_columns(self) -> None:
        values = numpy.arange(5000) / 2
        values[7], values[9] = numpy.inf, numpy.nan
        written = self.table({"b": values}, b=Column(float, "b", nan="gone"))
        self.assertEqual(written["exceptions"], {"b": {"7": {"named": "infinity"}, "9": {"missing": "gone"}}})
        read = numpy.load(self.folder / written["columns"]["b"]["file"])
        self.assertEqual((read.dtype.str, read[8], read[9]), ("<f8", 4.0, 0.0))
        # The author's array is as it was.
        self.assertTrue(math.isinf(values[7]))
        with self.assertRaisesRegex(NumericError, "row 10 of its column `b`"):
            self.table({"b": values}, b=self.b)
        written = self.table({"a": numpy.arange(5000)}, a=self.a)
        self.assertEqual(numpy.load(self.folder / written["columns"]["a"]["file"]).tolist(), [*range(5000)])
        written = self.table({"a": numpy.full(5000, 2**64 - 1, dtype="u8")}, a=self.a)
        self.assertEqual([*written], ["file"])

    def test_drawings(self) -> None:
        rng = Run(seed=1).generator("points")
        vertices = rng.normal(size=(3000, 2))
        message = self.drawing(Geometry.points(vertices), "points")["geometry"]
        self.assertTrue((numpy.load(self.folder / message["vertices"]["file"]) == vertices).all())
        value = Column(float, "v")
        grid = numpy.asfortranarray(rng.normal(size=(60, 50)).astype("f4"))
        message = self.drawing(Raster(((0, 0), (1, 1)), grid), "raster", value=value)["raster"]
        self.assertTrue((numpy.load(self.folder / message["values"]["file"]) == grid).all())
        self.assertEqual(self.drawing(Geometry.paths([vertices[:2]]), "paths")["geometry"]["ends"], [2])
        for bad in (numpy.array([[math.nan]]), numpy.ma.array([[1.0]], mask=True), numpy.zeros(3)):
            with self.subTest(bad=bad), self.assertRaises(Failure):
                self.drawing(Raster(((0, 0), (1, 1)), bad), "raster", value=value)

    def test_files_are_those_of_numpy(self) -> None:
        for dtype in ("<f8", "<f4", "<i8", "<i4", "|b1"):
            array = numpy.arange(6).reshape(2, 3).astype(dtype)
            name = self.run_of_test.write_npy("a.npy", array, dtype).name
            self.assertTrue((numpy.load(self.folder / name) == array).all())
            self.assertEqual((self.folder / name).read_bytes(), octavo_plugin._npy(array.tolist(), dtype))

    def test_generators_depend_on_seed_and_name_alone(self) -> None:
        def draw(seed: int, name: str) -> Any:
            return Run(seed=seed).generator(name).random()

        self.assertEqual(draw(1, "a"), draw(1, "a"))
        self.assertEqual(len({draw(seed, name) for seed in (0, 2**64 - 1) for name in ("", "a")}), 4)


@unittest.skipUnless(pandas, "pandas is not installed")
class Frames(Encoding):
    def test_frames(self) -> None:
        frame = pandas.DataFrame({"n": pandas.array([1, None], dtype="Int64"), "x": [0.5, math.nan], "w": ["a", None]})
        columns = {"n": Column(int, "n"), "x": Column(float, "x", nan="gone"), "w": Column(str, "w")}
        expected = {"n": [1, None], "x": [0.5, {"missing": "gone"}], "w": ["a", None]}
        self.assertEqual(self.table(frame, **columns), {"columns": expected})
        self.assertEqual(self.table({name: frame[name] for name in frame}, **columns), {"columns": expected})

    def test_long_frames(self) -> None:
        frame = pandas.DataFrame({"x": numpy.arange(3000) / 4, "n": range(3000)}, index=range(7, 3007))
        written = self.table(frame, x=Column(float, "x"), n=Column(int, "n"))
        self.assertEqual(numpy.load(self.folder / written["columns"]["x"]["file"])[5], 1.25)


if __name__ == "__main__":
    unittest.main()
