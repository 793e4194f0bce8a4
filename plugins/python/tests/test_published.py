"""Results that a project has published."""

import gzip
import json
import math
import sys
import tempfile
import types
import unittest
from pathlib import Path
from typing import Any, Dict
from unittest import mock

import octavo_plugin
from octavo_plugin import NotPublished

MANIFEST: Dict[str, Any] = {
    "generator": "octavo",
    "format": 1,
    "experiments": [{"experiment": "folding/strip"}, {"experiment": "folding"}],
    "values": [
        {"experiment": "folding/strip", "value": "length", "is": 3.25, "unit": "m"},
        {"experiment": "folding/strip", "value": "large", "is": "9007199254740993"},
        {"experiment": "folding/strip", "value": "far", "is": "-infinity"},
        {"experiment": "folding/strip", "value": "none", "is": None, "missing": "no pieces"},
        {"experiment": "folding", "value": "length", "is": 1},
    ],
    "claims": [
        {
            "experiment": "folding/strip",
            "claim": "grows",
            "check": "length > 3",
            "verdict": "holds",
            "expected": "holds",
            "as_expected": True,
            "page": None,
        }
    ],
    "files": {
        "data/folding/strip/scalars.csv": "00",
        "data/folding/strip/turns.csv.gz": "00",
        "data/folding/strip.toml": "00",
        "data/folding/ends.csv": "00",
        "figures/folding/strip/growth.csv": "00",
    },
}

SCALARS = 'folds,large,far,ready,name,length\r\n1,9007199254740993,infinity,true,"a, ""b""",1e-7\n2,,0.5,false,,-3\n'


class Published(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        # As if nobody had pandas, whoever runs this.
        patch = mock.patch.dict(sys.modules, {"pandas": None})
        patch.start()
        self.addCleanup(patch.stop)
        self.write("site/octavo.json", json.dumps(MANIFEST).encode())
        self.write("octavo.toml", b'octavo = "1"\n[serve]\noutput = "elsewhere"\n')
        self.write("site/data/folding/strip/scalars.csv", SCALARS.encode())
        self.write("site/data/folding/strip/turns.csv.gz", gzip.compress(b"n\n1\n2\n"))
        self.write("site/data/folding/ends.csv", b"x\n")

    def write(self, path: str, content: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)

    def test_tables_have_columns_of_what_all_cells_are(self) -> None:
        published = octavo_plugin.results(self.folder)
        self.assertEqual(list(published), ["folding/strip", "folding"])
        strip = published["folding/strip"]
        self.assertEqual(sorted(strip.tables), ["scalars", "turns"])
        self.assertEqual(strip.tables["turns"], {"n": [1, 2]})
        self.assertEqual(
            strip.scalars,
            {
                "folds": [1, 2],
                "large": [9007199254740993, None],
                "far": [math.inf, 0.5],
                "ready": [True, False],
                "name": ['a, "b"', None],
                "length": [1e-7, -3.0],
            },
        )
        self.assertEqual(list(published["folding"].tables), ["ends"])
        self.assertEqual(published["folding"].tables["ends"], {"x": []})

    def test_values_and_claims(self) -> None:
        strip = octavo_plugin.results(str(self.folder / "site"))["folding/strip"]
        self.assertEqual(
            strip.values,
            {
                "value": ["length", "large", "far", "none"],
                "is": [3.25, 9007199254740993, -math.inf, None],
                "unit": ["m", None, None, None],
                "missing": [None, None, None, "no pieces"],
            },
        )
        self.assertEqual([strip.value("length"), strip.value("large"), strip.value("none")], [3.25, 2**53 + 1, None])
        self.assertEqual(strip.claims["claim"], ["grows"])
        self.assertEqual(strip.claims["as_expected"], [True])

    def test_frames_where_pandas_is(self) -> None:
        pandas = types.ModuleType("pandas")
        pandas.DataFrame = lambda columns: ("frame", columns)  # type: ignore[attr-defined]
        with mock.patch.dict(sys.modules, {"pandas": pandas}):
            strip = octavo_plugin.results(self.folder)["folding/strip"]
            self.assertEqual(strip.tables["turns"], ("frame", {"n": [1, 2]}))
            self.assertEqual([strip.scalars[0], strip.values[0], strip.claims[0]], ["frame"] * 3)

    def test_what_is_not_there_is_said_with_what_is(self) -> None:
        published = octavo_plugin.results(self.folder)
        strip = published["folding/strip"]
        for get, message in (
            (lambda: published["strip"], r"no experiment `strip`; it has `folding/strip`, `folding`"),
            (lambda: strip.tables["x"], r"the table `x` of `folding/strip` is not published.*`turns`.*export"),
            (lambda: strip.value("x"), r"`folding/strip` has no value `x`; it has `length`"),
            (lambda: octavo_plugin.results(self.folder / "none"), r"neither `octavo.toml` nor `octavo.json`"),
        ):
            with self.assertRaisesRegex(NotPublished, message):
                get()
        self.assertNotIn("strip", published)

    def test_the_site_is_where_the_project_says(self) -> None:
        for line in ('output = "site/../site"', "output='site'", '\n  output = "site" # here', ""):
            self.write("octavo.toml", f'octavo = "1"\n{line}\n[a]\noutput = "x"\n'.encode())
            self.assertEqual(len(octavo_plugin.results(self.folder)), 2)
        self.write("octavo.toml", b'output = "other"\n')
        with self.assertRaisesRegex(NotPublished, "no site in .*other.*octavo build"):
            octavo_plugin.results(self.folder)

    def test_another_format_is_refused(self) -> None:
        for manifest in ({**MANIFEST, "format": 2}, {"format": 1}, []):
            self.write("site/octavo.json", json.dumps(manifest).encode())
            with self.assertRaisesRegex(ValueError, "has the format"):
                octavo_plugin.results(self.folder)


if __name__ == "__main__":
    unittest.main()
