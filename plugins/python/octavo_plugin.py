# SPDX-License-Identifier: MIT OR Apache-2.0
"""Analyses for Octavo, written in Python.

An analysis is a function from typed parameters to results. Octavo starts the script as a process and speaks the plugin
protocol with it over standard input and output; this module is the script's side. It needs nothing but Python 3.9 or
later: install it, or copy this one file beside the script.

    from dataclasses import dataclass
    from octavo_plugin import Column, Outputs, Results, Run, Scalar, Table, analysis, param, serve

    @dataclass
    class Params:
        half_life: float = param("Time in which half of it is gone.", 1.0, above=0.0, unit="s")
        steps: int = param("Number of moments after the first.", 10, minimum=1, maximum=1000)

    @analysis(
        title="Decay",
        outputs=Outputs(
            scalars={"last": Scalar(float, "What is left at the end")},
            tables={"decay": Table("a moment", time=Column(float, "Time", "s"), left=Column(float, "What is left"))},
        ),
    )
    def decay(params: Params, run: Run) -> Results:
        \"""What is left after some time.\"""
        time = [step * params.half_life for step in range(params.steps + 1)]
        left = [0.5**step for step in range(params.steps + 1)]
        return Results(scalars={"last": left[-1]}, tables={"decay": {"time": time, "left": left}})

    if __name__ == "__main__":
        serve(decay)

The file has parts: what goes wrong, parameters, what an analysis declares, what it returns, files, CSV files, inputs,
published results, the run, the analysis, and the dialogue with the host.
"""

from __future__ import annotations

import array
import ast
import collections.abc
import copy
import csv
import dataclasses
import enum
import gzip
import hashlib
import inspect
import io
import itertools
import json
import math
import operator
import os
import queue
import random
import re
import struct
import sys
import tempfile
import threading
import time
import traceback
import typing
import unicodedata
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

__version__ = "1.0.0"

__all__ = [
    "Analysis", "Cancelled", "Column", "Drawing", "Failure", "File", "Geometry", "Input", "InputFile", "InputResult",
    "Missing", "NotPublished", "NumericError", "Outputs", "Picture", "Problem", "Published", "PublishedExperiment",
    "PublishedTables", "Raster", "ResourceError", "Results", "Run", "Scalar", "Table", "TableFile", "Uncertain",
    "UserError", "analysis", "figure", "param", "results", "serve",
]  # fmt: skip

PROTOCOL = "octavo-plugin"
VERSION = 1

#: Most bytes of a line of the protocol.
MAX_LINE = 16 << 20

#: Longest table, list of vertices or row-by-row raster, in numbers per column, that is sent in the message itself.
INLINE = 2048

#: Most characters of text in a table that is sent in the message itself.
MAX_TEXT = 1 << 20

#: Integers beyond this are decimal strings: other languages read numbers as doubles.
MAX_EXACT = 1 << 53

_THIS_FILE = os.path.abspath(__file__)

Json = Any
Text = Union[str, Mapping[str, str]]
T = TypeVar("T")


# ---- What goes wrong -------------------------------------------------------------------------------------------------


class Failure(Exception):  # noqa: N818 (the word of the protocol)
    """Why there is no result: one sentence without a full stop, and the next step if it is known.

    Raise `UserError`, `NumericError` or `ResourceError`; any other exception is reported as a bug of the plugin.
    """

    kind = "bug"

    def __init__(self, message: str, help: Optional[str] = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UserError(Failure):
    """The parameters or an input cannot be used; the author of the experiment can mend it."""

    kind = "user"


class NumericError(Failure):
    """The method did not reach its accuracy, or a number left the range of floats."""

    kind = "numeric"


class ResourceError(Failure):
    """A limit on time, memory or size was met."""

    kind = "resource"


class Cancelled(BaseException):
    """The host asked the run to stop. No `Exception`, so that `except Exception` lets it through."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with parameters that a schema allows. `path` is dotted, `""` for the whole."""

    path: str
    message: str
    help: Optional[str] = None


class _BadParam(UserError):  # noqa: N818
    """A parameter that does not fit its type."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"`{path}` {message}" if path else f"the parameters: {message}")
        self.problem = Problem(path, message)


def _failure_of(error: BaseException) -> Failure:
    """The failure that an exception stands for; defects are logged with their traceback."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, MemoryError):
        return ResourceError(str(error) or "there is not enough memory")
    if isinstance(error, (OverflowError, FloatingPointError)):
        return NumericError(f"{type(error).__name__}: {error}")
    print(_traceback_of(error), file=sys.stderr, end="", flush=True)
    return Failure(f"{type(error).__name__}: {error}")


def _traceback_of(error: BaseException) -> str:
    """The traceback of a defect, with the frames of its author: those of this module say nothing about it."""
    shown = traceback.TracebackException(type(error), error, error.__traceback__)
    waiting, seen = [shown], set()
    while waiting:
        part = waiting.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        own = [frame for frame in part.stack if os.path.abspath(frame.filename) != _THIS_FILE]
        if own:
            part.stack = traceback.StackSummary.from_list(own)
        waiting += [part.__cause__, part.__context__, *(getattr(part, "exceptions", None) or ())]
    return "".join(shown.format())


# ---- Parameters ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Hints:
    """What a field's type does not say."""

    doc: str = ""
    unit: str = ""
    bounds: Mapping[str, Union[int, float]] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)


def param(
    doc: str,
    default: Any = dataclasses.MISSING,
    *,
    minimum: Union[int, float, None] = None,
    maximum: Union[int, float, None] = None,
    above: Union[int, float, None] = None,
    below: Union[int, float, None] = None,
    unit: str = "",
    choices: Optional[Mapping[str, str]] = None,
    min_items: Optional[int] = None,
    max_items: Optional[int] = None,
) -> Any:
    """A field of a dataclass of parameters: what it means, its default, its bounds.

    Without a default the parameter must be given; a field of type `Optional[...]` with the default `None` may be left
    out. `minimum` and `maximum` may be reached, `above` and `below` may not. `choices` says what each word of a
    `Literal` or an `Enum` means. Bounds, unit and choices of a list are those of its items.

    Types: `bool`, `int`, `float`, `str`, `Literal["a", "b"]`, an `Enum` of strings, `Input`, another dataclass, `List`,
    `Tuple`, `Dict[str, ...]`, `Optional` and `Union` of them.
    """
    bounds = {"minimum": minimum, "maximum": maximum, "exclusiveMinimum": above, "exclusiveMaximum": below}
    items = {"minItems": min_items, "maxItems": max_items}
    hints = _Hints(doc, unit, _given(bounds), _given(items), dict(choices or {}))
    metadata = {"octavo": hints}
    if default is dataclasses.MISSING:
        return field(metadata=metadata)
    if isinstance(default, (list, dict, set)) or dataclasses.is_dataclass(default):
        return field(default_factory=lambda: copy.deepcopy(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def _given(entries: Mapping[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}


def _fields(kind: type) -> Iterator[Tuple[dataclasses.Field[Any], Any, _Hints]]:
    """The fields of a dataclass with their types and hints."""
    types = typing.get_type_hints(kind)
    for each in dataclasses.fields(kind):
        if each.init:
            yield each, types[each.name], each.metadata.get("octavo", _Hints())


def _default(each: dataclasses.Field[Any]) -> Any:
    if each.default_factory is not dataclasses.MISSING:
        return each.default_factory()
    return each.default


def _object_schema(kind: type) -> Json:
    properties, required = {}, []
    for each, kind_of_field, hints in _fields(kind):
        default = _default(each)
        schema = (
            {"description": hints.doc, **_schema(kind_of_field, hints)} if hints.doc else _schema(kind_of_field, hints)
        )
        if default is dataclasses.MISSING:
            required.append(each.name)
        elif default is not None:
            schema["default"] = _encode(default)
        properties[each.name] = schema
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _schema(kind: Any, hints: _Hints) -> Json:
    """The JSON Schema of a type."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is bool:
        return {"type": "boolean"}
    if kind in (int, float):
        unit = {"x-unit": hints.unit} if hints.unit else {}
        return {"type": "integer" if kind is int else "number", **hints.bounds, **unit}
    if kind is str:
        return {"type": "string"}
    if _words(kind):
        return _choice_schema(_words(kind), hints.choices)
    if _is_union(origin):
        branches = [_schema(branch, hints) for branch in args if branch is not type(None)]
        return branches[0] if len(branches) == 1 else {"anyOf": branches}
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        shapes = [_schema(item, hints) for item in args]
        return {"type": "array", "prefixItems": shapes, "minItems": len(shapes), "maxItems": len(shapes)}
    if origin in (list, tuple, collections.abc.Sequence):
        return {"type": "array", "items": _schema(args[0], hints), **hints.items}
    if origin is dict and args[0] is str:
        return {"type": "object", "additionalProperties": _schema(args[1], hints)}
    if inspect.isclass(kind) and issubclass(kind, Input):
        return kind.schema()
    if dataclasses.is_dataclass(kind):
        return _object_schema(typing.cast(type, kind))
    raise TypeError(f"a parameter cannot have the type {kind!r}")


def _is_union(origin: Any) -> bool:
    return origin is Union or getattr(origin, "__name__", "") == "UnionType"


def _words(kind: Any) -> List[str]:
    """The words of a `Literal` or an `Enum` of strings."""
    if typing.get_origin(kind) is typing.Literal:
        words = list(typing.get_args(kind))
    elif inspect.isclass(kind) and issubclass(kind, enum.Enum):
        words = [member.value for member in kind]
    else:
        return []
    if not all(isinstance(word, str) for word in words):
        raise TypeError(f"the choices of {kind!r} must be texts")
    return words


def _choice_schema(words: Sequence[str], meaning: Mapping[str, str]) -> Json:
    if not meaning:
        return {"type": "string", "enum": list(words)}
    if set(meaning) != set(words):
        raise TypeError(f"`choices` explains {sorted(meaning)}, and the type allows {sorted(words)}")
    return {"oneOf": [{"const": word, "description": meaning[word]} for word in words]}


class _Decoder:
    """Reads parameters from a message. `find` gives the input of an address; unknown keys are ignored."""

    def __init__(self, find: Callable[[type, Mapping[str, Any]], Input]) -> None:
        self._find = find

    def read(self, kind: Any, value: Json, path: str = "", strict: bool = False) -> Any:
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        words = _words(kind)
        if words:
            if value not in words:
                raise _BadParam(path, f"must be one of {', '.join(words)}")
            return typing.cast(Any, kind)(value) if inspect.isclass(kind) else value
        if _is_union(origin):
            return self._union(args, value, path)
        if origin in (list, tuple, collections.abc.Sequence):
            return self._items(origin, args, value, path)
        if origin is dict:
            entries = _expect(dict, value, path).items()
            return {key: self.read(args[1], item, _join(path, key)) for key, item in entries}
        if inspect.isclass(kind) and issubclass(kind, Input):
            return self._find(kind, _expect(dict, value, path))
        if dataclasses.is_dataclass(kind):
            return self._object(kind, value, path, strict)
        return _number(kind, value, path) if kind in (int, float) else _expect(kind, value, path)

    def _object(self, kind: Any, value: Json, path: str, strict: bool) -> Any:
        entries = _expect(dict, value, path)
        types = {each.name: (each, kind_of_field) for each, kind_of_field, _ in _fields(kind)}
        if strict and set(entries) - set(types):
            raise _BadParam(path, f"has no `{min(set(entries) - set(types))}`")
        given = {}
        for name, (each, kind_of_field) in types.items():
            if name in entries:
                given[name] = self.read(kind_of_field, entries[name], _join(path, name))
            elif _default(each) is dataclasses.MISSING:
                raise _BadParam(_join(path, name), "must be given")
        return kind(**given)

    def _items(self, origin: Any, args: Tuple[Any, ...], value: Json, path: str) -> Any:
        items = _expect(list, value, path)
        fixed = origin is tuple and not (len(args) == 2 and args[1] is Ellipsis)
        if fixed and len(items) != len(args):
            raise _BadParam(path, f"must have {len(args)} items")
        kinds = args if fixed else itertools.repeat(args[0])
        read = [self.read(kind, item, _join(path, str(at))) for at, (kind, item) in enumerate(zip(kinds, items))]
        return tuple(read) if origin is tuple else read

    def _union(self, branches: Tuple[Any, ...], value: Json, path: str) -> Any:
        """The first branch that fits; one that leaves keys over only if no other fits."""
        if value is None and type(None) in branches:
            return None
        problem = _BadParam(path, "fits none of its types")
        for strict in (True, False):
            for branch in branches:
                try:
                    if branch is not type(None):
                        return self.read(branch, value, path, strict)
                except _BadParam as error:
                    problem = error
        raise problem


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _expect(kind: type, value: Json, path: str) -> Any:
    names = {bool: "true or false", str: "a text", list: "a list", dict: "a table"}
    if not isinstance(value, kind):
        raise _BadParam(path, f"must be {names[kind]}")
    return value


def _number(kind: type, value: Json, path: str) -> Union[int, float]:
    if isinstance(value, Mapping) and value.get("named") in _NAMED and kind is float:
        return _NAMED[value["named"]]
    if kind is int and isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int if kind is int else (int, float)):
        raise _BadParam(path, "must be a whole number" if kind is int else "must be a number")
    return kind(value)  # type: ignore[no-any-return]


def _encode(value: Any) -> Json:
    """Parameters as a message has them."""
    if isinstance(value, Input):
        return value.address
    if dataclasses.is_dataclass(value):
        entries = ((each.name, getattr(value, each.name)) for each in dataclasses.fields(value) if each.init)
        return {name: _encode(entry) for name, entry in entries if entry is not None}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _encode(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encode(entry) for entry in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return _exact(value)
    return value


def _toml(value: Any) -> str:
    """A value on one line of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml_key(key)} = {_toml(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    raise TypeError(f"an example cannot hold {value!r}")


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


# ---- What an analysis declares ---------------------------------------------------------------------------------------

_KINDS = {float: "float", int: "integer", str: "text", bool: "bool"}


@dataclass(frozen=True)
class Column:
    """A column, an attribute of a drawing or, as `Scalar`, a single value.

    `kind` is `float`, `int`, `str` or `bool`; `label` is a text or one per language tag. Where `nan` is given, NaN is a
    missing value for this reason; otherwise NaN is an error, so that it never passes unseen.
    """

    kind: type
    label: Text
    unit: str = ""
    nan: Optional[str] = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise TypeError(f"a column is of float, int, str or bool, not {self.kind!r}")

    def to_json(self) -> Json:
        return {"kind": _KINDS[self.kind], "unit": self.unit, "label": _text(self.label)}


@dataclass(frozen=True)
class Scalar(Column):
    """A single value, declared like a column."""


class Table:
    """A table: what one row is about, and its columns.

    Table("a moment", time=Column(float, "Time", "s"), left=Column(float, "What is left"))
    """

    def __init__(self, about: str, /, **columns: Column) -> None:
        self.about = about
        self.columns = _named("column", columns)

    def to_json(self) -> Json:
        return {"about": self.about, "columns": _all_to_json(self.columns)}


class Drawing:
    """A drawing: what it shows, `points`, `paths`, `polygons`, `raster` or `picture`, and the attributes of its parts.

    Drawing("the decay as a path", "paths", part=Column(int, "Part"))
    Drawing("a map", "raster", value=Column(float, "Height", "m"))
    Drawing("the decay, drawn by matplotlib", "picture")
    """

    def __init__(self, about: str, kind: str, /, **attributes: Column) -> None:
        if kind not in ("points", "paths", "polygons", "raster", "picture"):
            raise ValueError(f"a drawing is of points, paths, polygons, a raster or a picture, not `{kind}`")
        if kind == "picture" and attributes:
            raise ValueError("a picture has no attributes")
        if kind == "raster" and [*attributes] != ["value"]:
            raise ValueError("a raster has one attribute, `value`")
        self.about = about
        self.kind = kind
        self.attributes = _named("attribute", attributes)

    def to_json(self) -> Json:
        if self.kind == "picture":
            return {"about": self.about, "picture": True}
        kind = None if self.kind == "raster" else self.kind
        return {"about": self.about, "geometry": kind, "attributes": _all_to_json(self.attributes)}


@dataclass(frozen=True)
class Outputs:
    """Everything that a run returns, declared before it runs."""

    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    drawings: Mapping[str, Drawing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _named("scalar", self.scalars)
        for name in [*_named("table", self.tables), *_named("drawing", self.drawings)]:
            if name == "scalars":
                raise ValueError("`scalars` is no name of a table or drawing")

    def to_json(self) -> Json:
        groups = {"scalars": self.scalars, "tables": self.tables, "drawings": self.drawings}
        return {group: _all_to_json(entries) for group, entries in groups.items()}


def _named(what: str, entries: Mapping[str, T]) -> Dict[str, T]:
    for name in entries:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name):
            raise ValueError(f"`{name}` is no name of a {what}: letters, digits and `_`, a letter first, at most 64")
    return dict(entries)


def _all_to_json(entries: Mapping[str, Any]) -> Json:
    return {name: entry.to_json() for name, entry in entries.items()}


def _text(text: Text) -> Json:
    return text if isinstance(text, str) else dict(text)


# ---- What it returns -------------------------------------------------------------------------------------------------

_NAMED = {"infinity": math.inf, "-infinity": -math.inf}


@dataclass(frozen=True)
class Missing:
    """No value, and why."""

    reason: str = ""


@dataclass(frozen=True)
class Uncertain:
    """A scalar with the half-width of the interval in which the true value lies."""

    value: Any
    uncertainty: float


@dataclass(frozen=True)
class File:
    """A file in the run's folder, by its plain name. `Run.write_npy` and its like give one."""

    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", self.name):
            raise ValueError(f"`{self.name}` is no plain file name: letters, digits, `.`, `_` and `-`, at most 100")

    def to_json(self) -> Json:
        return {"file": self.name}


@dataclass(frozen=True)
class TableFile:
    """A table in a CSV file. `exceptions` has, by column and row (from 0), the values that CSV cannot hold."""

    file: File
    exceptions: Mapping[str, Mapping[int, Union[Missing, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Geometry:
    """Points, paths or polygons.

    `vertices` are all vertices in order, x to the right and y upwards: pairs or an array of shape (n, 2). `ends` has
    for each part the index one past its last vertex. `attributes` is a table with one row per part.
    """

    kind: str
    vertices: Any
    ends: Any
    attributes: Any = field(default_factory=dict)

    @classmethod
    def points(cls, vertices: Any, attributes: Any = None) -> Geometry:
        """Single points, one a part."""
        return cls("points", vertices, range(1, len(vertices) + 1), {} if attributes is None else attributes)

    @classmethod
    def paths(cls, parts: Iterable[Any], attributes: Any = None) -> Geometry:
        """Open paths, each a sequence of pairs."""
        return cls._of_parts("paths", parts, attributes)

    @classmethod
    def polygons(cls, parts: Iterable[Any], attributes: Any = None) -> Geometry:
        """Closed polygons, each a sequence of pairs without its first one again."""
        return cls._of_parts("polygons", parts, attributes)

    @classmethod
    def _of_parts(cls, kind: str, parts: Iterable[Any], attributes: Any) -> Geometry:
        lists = [_listed(part) for part in parts]
        ends = itertools.accumulate(map(len, lists))
        return cls(kind, [*itertools.chain(*lists)], [*ends], {} if attributes is None else attributes)


@dataclass(frozen=True)
class Raster:
    """A grid of finite numbers over the rectangle `((x0, y0), (x1, y1))`: rows, the first on top, array or file."""

    extent: Tuple[Tuple[float, float], Tuple[float, float]]
    values: Any


@dataclass(frozen=True)
class Picture:
    """A picture that was drawn elsewhere: an SVG or a PNG, as bytes, as text or as a `File` of the run's folder.

    `alt` says what it shows to those who cannot see it, in one or two sentences, or so for each language. `dark` is the
    same for dark pages, where `image` stands on white without it; `pdf` is the same as one page of PDF, for download.
    """

    alt: Text
    image: Union[str, bytes, File]
    dark: Union[str, bytes, File, None] = None
    pdf: Union[bytes, File, None] = None


def figure(fig: Any, alt: Text, dark: Any = None, pdf: bool = True, dpi: Optional[float] = None) -> Picture:
    """A figure of matplotlib as a `Picture`, the same bytes for the same drawing: SVG, and a PDF for download.

    `dark` is another figure, for dark pages. With `dpi` it becomes a PNG with so many pixels an inch, which is lighter
    from some ten thousand marks on. The figure is closed.
    """
    form = "svg" if dpi is None else "png"
    image = _drawn(fig, form, dpi)
    page = _drawn(fig, "pdf", dpi) if pdf else None
    dark_image = None if dark is None else _drawn(dark, form, dpi)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        for drawn in (fig, dark):
            if drawn is not None:
                pyplot.close(drawn)
    return Picture(alt, image, dark_image, page)


def _drawn(fig: Any, form: str, dpi: Optional[float]) -> bytes:
    """The bytes of a figure without a date, and with names within that follow from the drawing alone."""
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None or not hasattr(fig, "savefig"):
        raise TypeError(f"{_shown(fig)} is no figure of matplotlib")
    empty = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}, "png": {"Software": None}}
    settings = {"svg.hashsalt": "octavo", "svg.fonttype": "path", "pdf.fonttype": 42}
    content = io.BytesIO()
    with matplotlib.rc_context(settings):
        fig.savefig(content, format=form, metadata=empty[form], **({} if dpi is None else {"dpi": dpi}))
    return content.getvalue()


@dataclass(frozen=True)
class Results:
    """What a run returns: exactly what `Outputs` declares, under the same names.

    A scalar is a value, `Missing` or `Uncertain`. A table is a dict of columns (lists, NumPy arrays, pandas series), a
    list of dicts, a pandas frame, a structured array, an array with a column for each declared one, or a `TableFile`.
    A drawing is a `Geometry`, a `Raster` or a `Picture`. `None` is a missing value, an infinite float is infinity.
    """

    scalars: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    drawings: Mapping[str, Union[Geometry, Raster, Picture]] = field(default_factory=dict)


class _BadValue(Failure):
    """A value that does not fit its column; the caller adds where it stands."""

    def __init__(self, message: str, failure: Callable[..., Failure] = Failure, help: Optional[str] = None) -> None:
        super().__init__(message, help)
        self.failure = failure

    def at(self, where: str) -> Failure:
        return self.failure(f"{where}: {self}", self.help)


def _exact(value: int) -> Json:
    return value if -MAX_EXACT <= value <= MAX_EXACT else str(value)


def _plain(value: Any) -> Any:
    """A scalar of NumPy or pandas as Python's own."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and (value is pandas.NA or value is pandas.NaT):
        return None
    return value.item() if hasattr(value, "dtype") and hasattr(value, "item") else value


def _cell(column: Column, value: Any) -> Json:
    """A value as a message has it."""
    value = _plain(value)
    if value is None:
        return None
    if isinstance(value, Missing):
        return {"missing": value.reason} if value.reason else None
    if column.kind is str and isinstance(value, str):
        return str(value)
    if column.kind is bool and isinstance(value, bool):
        return value
    if column.kind in (str, bool) and isinstance(value, float) and math.isnan(value):
        return _cell(column, Missing(column.nan or ""))  # how pandas leaves such a cell empty
    if column.kind in (int, float) and not isinstance(value, (bool, str, bytes)):
        return _number_cell(column, value)
    raise _BadValue(f"{_shown(value)} is no {_KINDS[column.kind]}")


def _number_cell(column: Column, value: Any) -> Json:
    if column.kind is int and hasattr(value, "__index__"):
        return _exact(operator.index(value))
    number = _float(value)
    if math.isnan(number):
        if column.nan is None:
            raise _BadValue("NaN is no result", NumericError, 'return `Missing("why")`, or declare `nan="why"`')
        return {"missing": column.nan}
    if math.isinf(number):
        return {"named": "infinity" if number > 0 else "-infinity"}
    if column.kind is float:
        return number
    if number.is_integer() and abs(number) <= MAX_EXACT:
        return int(number)
    raise _BadValue(f"{_shown(value)} is no integer")


def _float(value: Any) -> float:
    try:
        if not isinstance(value, (str, bytes, bytearray)):
            return float(value)
    except OverflowError:
        raise _BadValue("an integer is beyond the range of floats", NumericError) from None
    except (TypeError, ValueError):
        pass
    raise _BadValue(f"{_shown(value)} is no number")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _listed(values: Any) -> List[Any]:
    """A sequence, array or series as a list of Python's own values."""
    for method in ("tolist", "to_list"):
        if hasattr(values, method):
            values = getattr(values, method)()
            break
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, collections.abc.Iterable):
        raise _BadValue(f"{_shown(values)} is no list of values")
    return list(values)


def _columns(table: Any, declared: Sequence[str]) -> Dict[str, Any]:
    """The columns of whatever an author may return as a table."""
    if isinstance(table, Mapping):
        return dict(table)
    if hasattr(table, "columns"):
        return {str(name): table[name] for name in table.columns}
    names = getattr(getattr(table, "dtype", None), "names", None)
    if names:
        return {name: table[name] for name in names}
    if getattr(table, "ndim", 0) == 2 and table.shape[1] == len(declared):
        return {name: table[:, at] for at, name in enumerate(declared)}
    if isinstance(table, (list, tuple)) and all(isinstance(row, Mapping) for row in table):
        names = dict.fromkeys(itertools.chain(declared, *table))
        for at, row in enumerate(table):
            if len(row) != len(names):
                raise _BadValue(f"row {at} has no `{next(name for name in names if name not in row)}`")
        return {name: [row[name] for row in table] for name in names}
    raise _BadValue(f"{_shown(table)} is no table of {len(declared)} columns")


def _same_names(
    what: str, given: Iterable[str], declared: Iterable[str], wants: Callable[[str], bool] = lambda name: True
) -> None:
    given, declared = list(given), list(declared)
    for name in declared:
        if name not in given and wants(name):
            raise _BadValue(f"the {what} `{name}` is declared and not returned")
    for name in given:
        if name not in declared:
            raise _BadValue(f"the {what} `{name}` is returned and not declared")


class _Encoder:
    """Writes results as a message; what is large goes into files of the run's folder."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._files = 0

    def results(self, results: Any, outputs: Outputs, wants: Callable[[str], bool] = lambda name: True) -> Json:
        if not isinstance(results, Results):
            raise Failure(f"the analysis returned {_shown(results)}", "return `Results(...)`")
        message: Dict[str, Json] = {}
        for group, entry in (("scalars", self._scalar), ("tables", self._table), ("drawings", self._drawing)):
            given, declared, what = getattr(results, group), getattr(outputs, group), group[:-1]
            try:
                _same_names(what, given, declared, wants)
            except _BadValue as error:
                raise error.at("the result") from None
            message[group] = {}
            for name, declaration in declared.items():
                if name not in given:
                    continue
                try:
                    message[group][name] = entry(declaration, given[name])
                except _BadValue as error:
                    raise error.at(f"the {what} `{name}`") from None
        return message

    def _scalar(self, declared: Scalar, value: Any) -> Json:
        if not isinstance(value, Uncertain):
            return {"value": _cell(declared, value)}
        uncertainty = _float(value.uncertainty)
        if not 0 <= uncertainty < math.inf:
            raise _BadValue(f"its uncertainty {uncertainty} is not finite and at least 0", NumericError)
        return {"value": _cell(declared, value.value), "uncertainty": uncertainty}

    def _table(self, declared: Table, table: Any) -> Json:
        if isinstance(table, File):
            table = TableFile(table)
        if not isinstance(table, TableFile):
            return self._columns(declared.columns, table)
        message = table.file.to_json()
        if table.exceptions:
            message["exceptions"] = {
                column: {
                    str(row): _cell(declared.columns[column], value) or {"missing": ""} for row, value in rows.items()
                }
                for column, rows in table.exceptions.items()
            }
        return message

    def _columns(self, declared: Mapping[str, Column], table: Any) -> Json:
        given = {name: _sized(values) for name, values in _columns(table, list(declared)).items()}
        _same_names("column", given, declared)
        lists = {name: values for name, values in given.items() if not isinstance(values, File)}
        if len({len(values) for values in lists.values()}) > 1:
            lengths = ", ".join(f"`{name}` {len(values)}" for name, values in lists.items())
            raise _BadValue(f"its columns have different lengths: {lengths}")
        large = any(len(values) > INLINE for values in lists.values())
        if large and all(_packs(declared[name], values) for name, values in lists.items()):
            return self._packed_columns(declared, given)
        columns = {
            name: given[name].to_json() if name not in lists else _cells(name, column, given[name])
            for name, column in declared.items()
        }
        if (large or _text_size(columns) > MAX_TEXT) and len(lists) == len(columns):
            return self._csv(declared, columns)
        return {"columns": columns}

    def _packed_columns(self, declared: Mapping[str, Column], given: Mapping[str, Any]) -> Json:
        columns: Dict[str, Json] = {}
        exceptions: Dict[str, Json] = {}
        for name, column in declared.items():
            if isinstance(given[name], File):
                columns[name] = given[name].to_json()
                continue
            columns[name], odd = self._packed(name, column, given[name])
            if odd:
                exceptions[name] = odd
        return {"columns": columns, **({"exceptions": exceptions} if exceptions else {})}

    def _packed(self, name: str, column: Column, values: Any) -> Tuple[Json, Json]:
        """A column as an NPY file, and the values that it cannot hold."""
        dtype = {float: "<f8", int: "<i8", bool: "|b1"}[column.kind]
        numbers: Any = _array(values, 1) if column.kind is float else None
        if numbers is not None:
            numpy = sys.modules["numpy"]
            numbers = numbers.astype("<f8")
            odd = numpy.flatnonzero(~numpy.isfinite(numbers)).tolist()
            exceptions = {str(row): _cells(name, column, numbers[row : row + 1], row + 1)[0] for row in odd}
            numbers[odd] = 0.0
        else:
            numbers = _cells(name, column, values)
            odd = [row for row, cell in enumerate(numbers) if cell is None or isinstance(cell, dict)]
            exceptions = {str(row): numbers[row] or {"missing": ""} for row in odd}
            for row in odd:
                numbers[row] = 0
            if column.kind is int:
                numbers = [int(number) for number in numbers]
        return self._file("npy", _npy(numbers, dtype)).to_json(), exceptions

    def _csv(self, declared: Mapping[str, Column], columns: Mapping[str, List[Json]]) -> Json:
        exceptions: Dict[str, Dict[str, Json]] = {}
        for name, cells in columns.items():
            for row, cell in enumerate(cells):
                if (isinstance(cell, dict) and "missing" in cell) or (cell is None and declared[name].kind is str):
                    exceptions.setdefault(name, {})[str(row)] = cell or {"missing": ""}
        message = self._file("csv", _csv(columns)).to_json()
        return {**message, **({"exceptions": exceptions} if exceptions else {})}

    def _drawing(self, declared: Drawing, drawing: Any) -> Json:
        expected = {"raster": Raster, "picture": Picture}.get(declared.kind, Geometry)
        if not isinstance(drawing, expected):
            raise _BadValue(f"{_shown(drawing)} is no `{expected.__name__}`")
        if isinstance(drawing, Picture):
            return {"picture": self._picture(drawing)}
        if isinstance(drawing, Raster):
            return {"raster": {"extent": _extent(drawing), "values": self._matrix(drawing.values, "values")}}
        if drawing.kind != declared.kind:
            raise _BadValue(f"its kind is `{drawing.kind}`, and `{declared.kind}` is declared")
        message = {"kind": drawing.kind, "vertices": self._matrix(drawing.vertices, "vertices", 2)}
        message["ends"] = self._ends(drawing.ends, drawing.vertices)
        if declared.attributes:
            message["attributes"] = self._columns(declared.attributes, drawing.attributes)
        return {"geometry": message}

    def _picture(self, picture: Picture) -> Json:
        texts = [picture.alt] if isinstance(picture.alt, str) else list(picture.alt.values())
        if not texts or not all(text.strip() for text in texts):
            raise _BadValue("its `alt` is empty", help="say in one or two sentences what it shows, for those who cannot see it")
        message: Dict[str, Json] = {"alt": _text(picture.alt), "image": self._image(picture.image)}
        if picture.dark is not None:
            message["dark"] = self._image(picture.dark)
        if picture.pdf is not None:
            given = picture.pdf
            message["pdf"] = (given if isinstance(given, File) else self._file("pdf", given)).to_json()
        return message

    def _image(self, image: Union[str, bytes, File]) -> Json:
        if isinstance(image, File):
            return image.to_json()
        if not isinstance(image, (str, bytes)):
            raise _BadValue(f"{_shown(image)} is no SVG or PNG", help="give its bytes, or `figure(fig, alt=...)` of a figure of matplotlib")
        content = image.encode() if isinstance(image, str) else image
        return self._file("png" if content.startswith(b"\x89PNG") else "svg", content).to_json()

    def _ends(self, ends: Any, vertices: Any) -> Json:
        if isinstance(ends, File):
            return ends.to_json()
        indices = [operator.index(end) for end in _listed(ends)]
        steady = all(a <= b for a, b in zip([0, *indices], indices))
        if not steady or (not isinstance(vertices, File) and (indices[-1:] or [0]) != [len(vertices)]):
            raise _BadValue("its `ends` do not grow up to the number of vertices")
        return indices if len(indices) <= INLINE else self._file("npy", _npy(indices, "<i8")).to_json()

    def _matrix(self, values: Any, what: str, width: Optional[int] = None) -> Json:
        """Rows of finite numbers, all of one length."""
        if isinstance(values, File):
            return values.to_json()
        rows: Any = _array(values, 2)
        if rows is not None:
            (height, across), finite = rows.shape, bool(sys.modules["numpy"].isfinite(rows).all())
            rows = rows.astype("<f8")
        else:
            rows = [[_float(_plain(value)) for value in _listed(row)] for row in _listed(values)]
            height, across = len(rows), len(rows[0]) if rows else width or 0
            finite = all(math.isfinite(value) for row in rows for value in row)
            if any(len(row) != across for row in rows):
                raise _BadValue(f"the rows of its `{what}` have different lengths")
        if width not in (None, across):
            raise _BadValue(f"its `{what}` are no pairs")
        if width is None and not height * across:
            raise _BadValue(f"its `{what}` have {height} rows of {across} values, and at least one of one is needed")
        if not finite:
            raise _BadValue(f"its `{what}` are not all finite", NumericError)
        if height * across > INLINE:
            return self._file("npy", _npy(rows, "<f8")).to_json()
        return rows if isinstance(rows, list) else rows.tolist()

    def _file(self, ending: str, content: bytes) -> File:
        """A new file, under a name that the author did not take."""
        while True:
            self._files += 1
            path = self._folder() / f"{self._files}.{ending}"
            if not path.exists():
                path.write_bytes(content)
                return File(path.name)


def _extent(raster: Raster) -> Json:
    extent = [[_float(coordinate) for coordinate in corner] for corner in raster.extent]
    (x0, y0), (x1, y1) = extent
    if not (x0 < x1 and y0 < y1 and all(map(math.isfinite, (x0, y0, x1, y1)))):
        raise _BadValue(f"its `extent` {extent} covers nothing: ((x0, y0), (x1, y1)) with x0 < x1 and y0 < y1 is needed")
    return extent


def _sized(values: Any) -> Any:
    return values if isinstance(values, File) or hasattr(values, "__len__") else _listed(values)


def _array(values: Any, dimensions: int) -> Any:
    """The array of NumPy's own numbers that this is or holds, or `None`. A masked one is none: it lacks values."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(getattr(values, "dtype", None), numpy.dtype):
        return None
    values = values.to_numpy() if hasattr(values, "to_numpy") else values
    return (
        values if type(values) is numpy.ndarray and values.ndim == dimensions and values.dtype.kind in "fiu" else None
    )


def _packs(column: Column, values: Any) -> bool:
    """Whether an NPY file can hold the column."""
    if column.kind is not int:
        return column.kind is not str
    return all(not isinstance(value, int) or -(1 << 63) <= value < 1 << 63 for value in _listed(values))


def _text_size(columns: Mapping[str, Json]) -> int:
    cells = itertools.chain(*(cells for cells in columns.values() if isinstance(cells, list)))
    return sum(len(cell) for cell in cells if isinstance(cell, str))


def _cells(name: str, column: Column, values: Any, first: int = 1) -> List[Json]:
    cells = []
    for row, value in enumerate(_listed(values), first):
        try:
            cells.append(_cell(column, value))
        except _BadValue as error:
            raise _BadValue(f"row {row} of its column `{name}`: {error}", error.failure, error.help) from None
    return cells


# ---- Files -----------------------------------------------------------------------------------------------------------

_TYPECODES = {"<f8": "d", "<f4": "f", "<i8": "q", "<i4": "i", "|b1": "b"}


def _csv(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """RFC 4180 in UTF-8 with line feeds."""
    if len({len(cells) for cells in columns.values()}) > 1:
        raise ValueError("the columns have different lengths")
    # A line without any character would be no row at all.
    empty = '""' if len(columns) == 1 else ""
    lines = [",".join(map(_csv_cell, columns))]
    for row in zip(*columns.values()):
        lines.append(",".join(_csv_cell(cell) or empty for cell in row))
    return "".join(line + "\n" for line in lines).encode()


def _csv_cell(cell: Any) -> str:
    if isinstance(cell, Mapping):
        return str(cell.get("named", ""))
    if cell is None or isinstance(cell, Missing):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if math.isnan(cell):
            raise NumericError("NaN is no result", 'write `Missing("why")` instead')
        return repr(cell) if math.isfinite(cell) else "infinity" if cell > 0 else "-infinity"
    text = str(cell)
    quoted = not text or any(character in text for character in ',"\r\n') or text != text.strip()
    return '"' + text.replace('"', '""') + '"' if quoted else text


def _npy(values: Any, dtype: str) -> bytes:
    """NumPy's format, version 1.0, in C order."""
    content: bytes
    if hasattr(values, "astype"):
        shape, content = values.shape, values.astype(dtype).tobytes()
    else:
        shape, flat = _shape(values)
        numbers = array.array(_TYPECODES[dtype], flat)
        if sys.byteorder == "big":
            numbers.byteswap()
        content = numbers.tobytes()
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content


def _shape(values: Any) -> Tuple[Tuple[int, ...], List[Any]]:
    """The shape and the numbers of nested lists."""
    shape: Tuple[int, ...] = ()
    flat = [values]
    while flat and isinstance(flat[0], (list, tuple, range)):
        width = len(flat[0])
        if any(len(item) != width for item in flat):
            raise ValueError("the rows have different lengths")
        shape += (width,)
        flat = [*itertools.chain(*flat)]
    return shape, flat


def _read_npy(path: Path) -> Tuple[Tuple[int, ...], List[Any]]:
    content = path.read_bytes()
    if content[:6] != b"\x93NUMPY":
        raise ValueError(f"`{path.name}` is no NPY file")
    size, start = (
        (struct.unpack("<H", content[8:10])[0], 10) if content[6] == 1 else (struct.unpack("<I", content[8:12])[0], 12)
    )
    header = ast.literal_eval(content[start : start + size].decode())
    if header["fortran_order"] or header["descr"] not in _TYPECODES:
        raise ValueError(f"`{path.name}` has another layout than the protocol allows")
    numbers = array.array(_TYPECODES[header["descr"]])
    numbers.frombytes(content[start + size :])
    if sys.byteorder == "big":
        numbers.byteswap()
    return header["shape"], [*map(bool, numbers)] if header["descr"] == "|b1" else numbers.tolist()


def _png(rows: Sequence[Sequence[int]], bits: int) -> bytes:
    """A grey picture without transparency."""
    (height, width), flat = _shape(rows)
    if bits not in (8, 16) or any(not 0 <= sample < 1 << bits for sample in flat):
        raise ValueError(f"samples must be 0 to {(1 << bits) - 1}")
    form = ">" + str(width) + ("B" if bits == 8 else "H")
    lines = (b"\x00" + struct.pack(form, *flat[at : at + width]) for at in range(0, height * width, width))
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


# ---- CSV files -------------------------------------------------------------------------------------------------------

_BLANKS = " \t\u00a0\u2009\u202f"

#: What programs write where there is no value.
_NO_VALUE = (
    "NA", "N/A", "#N/A", "n/a", "na", "NaN", "nan", "NAN", "NULL", "null", "None", "none", "-", "--", "?", ".", "missing",
)  # fmt: skip

#: Most columns of a file whose first line names them.
_MOST_COLUMNS = 1 << 16

_QUOTE = 'put the whole cell in quotation marks, and double those within it: `"5"" pipe"`'


@dataclass(frozen=True)
class _Form:
    """How a CSV file is written, as `{ file = "a.csv", separator = ";", decimal = "," }` declares it."""

    separator: Optional[str] = None
    decimal: Optional[str] = None
    thousands: Optional[str] = None
    missing: Tuple[str, ...] = ()
    encoding: Optional[str] = None

    @classmethod
    def of(cls, address: Mapping[str, Any]) -> _Form:
        keys = {each.name: address.get(each.name) for each in dataclasses.fields(cls)}
        return cls(**{**keys, "missing": tuple(address.get("missing") or ())})

    @property
    def sign(self) -> str:
        return self.separator or ","

    @property
    def mark(self) -> str:
        return self.decimal or "."

    def groups(self) -> str:
        """The signs that part groups of digits."""
        return {None: "", " ": _BLANKS, "'": "'\u2019"}.get(self.thousands, self.thousands or "")

    def contradicts_itself(self) -> bool:
        return self.mark in self.groups()

    def declared(self, file: str) -> str:
        """The declaration of a file in this form, as a definition has it."""
        values: Dict[str, Any] = {"file": file, **dataclasses.asdict(self)}
        written = (f"{key} = {_toml(value)}" for key, value in values.items() if value)
        return "`{ " + ", ".join(written) + " }`"


class _Wrong(Exception):  # noqa: N818
    """What is wrong with a CSV file. The row is counted from 1 with the header, the column from 0."""

    def __init__(self, what: str, help: Optional[str] = None, place: Optional[Tuple[int, int, int]] = None) -> None:
        super().__init__(what)
        self.what, self.help, self.place = what, help, place


def _decoded(content: bytes, form: _Form, file: str) -> str:
    """The text of a file, without a byte order mark."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UserError(f"`{file}`: it is UTF-16", "save it as UTF-8")
    if form.encoding == "latin-1":
        return content.decode("latin-1")
    if form.encoding == "windows-1252":
        # Bytes without a meaning stay what they are.
        return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        content, byte = error.object, error.object[error.start]
        line = 1 + content[: error.start].count(b"\n")
        encoding = "windows-1252" if 0x80 <= byte < 0xA0 else "latin-1"
        declared = dataclasses.replace(form, encoding=encoding).declared(file)
        raise UserError(
            f"`{file}`, line {line}: the byte {byte:#04x} is no UTF-8",
            f"save the file as UTF-8, or say how it is written: {declared}",
        ) from None


def _scan(text: str, separator: str, trimmed: bool) -> Iterator[Tuple[int, int, List[str]]]:
    """The rows of a text: the row and the line on which it begins, both from 1, and the cells."""
    blanks = "".join(sign for sign in _BLANKS if sign != separator) if trimmed else ""
    simple = '"' not in text and text.count("\r") == text.count("\r\n")
    return (_split if simple else _parsed)(text, separator, blanks)


def _split(text: str, separator: str, blanks: str) -> Iterator[Tuple[int, int, List[str]]]:
    """The same for a text without quotation marks, in a tenth of the time."""
    row = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line.strip(blanks) if blanks else line:
            row += 1
            cells = line.split(separator)
            yield row, number, [cell.strip(blanks) for cell in cells] if blanks else cells


def _parsed(text: str, separator: str, blanks: str) -> Iterator[Tuple[int, int, List[str]]]:
    plain = re.compile(f'[^{re.escape(separator)}\\n\\r"]*')
    row, line, at = 0, 1, 0
    while at < len(text):
        start = _without_blanks(text, at, blanks)
        empty = 2 if text.startswith("\r\n", start) else 1 if text.startswith("\n", start) else 0
        if empty or start == len(text):
            at, line = start + empty, line + 1
            continue
        row, begun, cells = row + 1, line, []
        while True:
            at, cell = _cell_at(text, at, (separator, blanks, plain), (row, begun, len(cells)))
            line += cell.count("\n")
            cells.append(cell)
            if not text.startswith(separator, at):
                break
            at += 1
        at += 2 if text.startswith("\r\n", at) else 1
        line += 1
        yield row, begun, cells


def _without_blanks(text: str, at: int, blanks: str) -> int:
    while blanks and at < len(text) and text[at] in blanks:
        at += 1
    return at


def _cell_at(
    text: str, at: int, rules: Tuple[str, str, re.Pattern[str]], place: Tuple[int, int, int]
) -> Tuple[int, str]:
    """The cell that begins there, and where it ends: at a separator, a line end or the end of the text."""
    separator, blanks, plain = rules
    start = _without_blanks(text, at, blanks)
    if text.startswith('"', start):
        end = text.find('"', start + 1)
        while end >= 0 and text.startswith('"', end + 1):
            end = text.find('"', end + 2)
        if end < 0:
            help = 'close it, or double it where it is part of the text: `""`'
            raise _Wrong("a quotation mark is never closed", help, place)
        cell = text[start + 1 : end].replace('""', '"')
        at = _without_blanks(text, end + 1, blanks)
        _refuse_return(text, at, place)
        if at < len(text) and text[at] not in (separator, "\n", "\r"):
            what = "something stands between a closing quotation mark and the end of the cell"
            raise _Wrong(what, _QUOTE, place)
        return at, cell
    found = typing.cast("re.Match[str]", plain.match(text, at))
    if text.startswith('"', found.end()):
        raise _Wrong("a quotation mark stands in the middle of a cell", _QUOTE, place)
    _refuse_return(text, found.end(), place)
    return found.end(), found.group().strip(blanks) if blanks else found.group()


def _refuse_return(text: str, at: int, place: Tuple[int, int, int]) -> None:
    if text.startswith("\r", at) and not text.startswith("\r\n", at):
        help = "save the file with the line ends of Unix (LF) or Windows (CRLF)"
        raise _Wrong("a carriage return alone ends no line", help, place)


class _Sheet:
    """A CSV file with a header: the names of its columns, and rows of one length."""

    def __init__(self, text: str, form: _Form, file: str, trimmed: bool = True) -> None:
        self.file, self.form = file, form
        self.names: List[str] = []
        self.lines: List[int] = []
        rows = _scan(text, form.sign, trimmed)
        try:
            _, line, names = next(rows, (0, 0, []))
            self._header(line, names, text)
            self.rows = [self._row(row, begun, cells) for row, begun, cells in rows]
        except _Wrong as wrong:
            raise self.failure(wrong) from None

    def _header(self, line: int, names: List[str], text: str) -> None:
        if not names:
            raise UserError(f"`{self.file}`: the file is empty", "name its columns in the first line")
        if len(names) > _MOST_COLUMNS:
            raise UserError(f"`{self.file}`, line {line}: there are more than {_MOST_COLUMNS} columns")
        other = next((sign for sign in ";\t|," if sign in names[0] and sign != self.form.sign), None)
        if len(names) == 1 and other:
            sought = _with_decimal(dataclasses.replace(self.form, separator=other), text)
            signs = (_toml(sign)[1:-1] for sign in (other, self.form.sign))
            what = "cells seem to be separated by `{}`, and `{}` is expected".format(*signs)
            raise UserError(f"`{self.file}`, line {line}: {what}", f"say so: {sought.declared(self.file)}")
        seen: Dict[str, int] = {}
        for at, name in enumerate(names, 1):
            if name in seen:
                what = f"are both called `{_cut(name)}`" if name else "have no name"
                raise UserError(
                    f"`{self.file}`, line {line}: columns {seen[name]} and {at} {what}",
                    "give each column a name of its own",
                )
            seen[name] = at
        self.names = names

    def _row(self, row: int, line: int, cells: List[str]) -> List[str]:
        width = len(self.names)
        if len(cells) > width:
            what = f"`{_cut(cells[width])}` stands beyond the last of {width} columns"
            raise _Wrong(what, "a cell that holds a separator needs quotation marks", (row, line, width))
        if len(cells) < width:
            what = f"the row ends after {len(cells)} of {width} cells"
            raise _Wrong(what, None, (row, line, len(cells)))
        self.lines.append(line)
        return cells

    def failure(self, wrong: _Wrong) -> UserError:
        """What is wrong, with its place. Rows are counted below the header."""
        place = ""
        if wrong.place:
            row, line, column = wrong.place
            name = self.names[column] if column < len(self.names) else ""
            where = f"column `{_cut(name)}`" if name else f"column {column + 1}"
            place = f", row {row - 1} (line {line}), {where}" if self.names else f", line {line}, {where}"
        return UserError(f"`{self.file}`{place}: {wrong.what}", wrong.help)

    def text(self, name: str) -> List[Any]:
        """A column as text."""
        at = self.names.index(name)
        return [Missing() if row[at] in self.form.missing else row[at] for row in self.rows]

    def column(self, name: str, kind: type) -> List[Any]:
        """A column as values of a type."""
        if kind is str:
            return self.text(name)
        at, values = self.names.index(name), []
        for row, cells in enumerate(self.rows):
            value = _typed(cells[at], kind, self.form)
            if value is None:
                infinite = kind in (int, float) and _is_not_finite(cells[at])
                what = f"`{_cut(cells[at])}` is {'not finite' if infinite else 'no ' + _KINDS[kind]}"
                help = _hint(cells[at], kind, self.form, self.file)
                raise self.failure(_Wrong(what, help, (row + 2, self.lines[row], at)))
            values.append(value)
        return values


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "..."


def _typed(text: str, kind: type, form: _Form) -> Any:
    """A cell as a value, `None` if it is none of this type."""
    if not text or text in form.missing:
        return Missing()
    if kind is bool:
        return {"true": True, "false": False}.get(text)
    if text in _NAMED:
        return _NAMED[text]
    return _plain_number(text, kind, form)


def _plain_number(text: str, kind: type, form: _Form) -> Union[int, float, None]:
    """A number in this form: a sign, ASCII digits, perhaps in groups of three, decimals, an exponent."""
    group, mark = form.groups(), re.escape(form.mark)
    whole = "[0-9]*" + (f"|[0-9]{{1,3}}(?:[{re.escape(group)}][0-9]{{3}})+" if group else "")
    found = re.fullmatch(f"([+-]?)({whole})(?:({mark})([0-9]*))?(?:[eE]([+-]?[0-9]+))?", text)
    if not found or not (found[2] or found[4]):
        return None
    digits = found[1] + "".join(sign for sign in found[2] if sign.isdigit())
    if kind is int:
        return int(digits) if found[3] is None and found[5] is None else None
    number = float(f"{digits}.{found[4] or ''}e{found[5] or 0}")
    return number if math.isfinite(number) else None


def _is_not_finite(text: str) -> bool:
    """Whether this is how programs write what is no finite number, or one beyond the range of floats."""
    try:
        return text.isascii() and "_" not in text and text == text.strip() and not math.isfinite(float(text))
    except ValueError:
        return False


def _hint(text: str, kind: type, form: _Form, file: str) -> Optional[str]:
    """What to do about a cell that is not of this type."""
    if text in _NO_VALUE:
        declared = dataclasses.replace(form, missing=(*form.missing, text)).declared(file)
        return f"if it means that there is no value, say so: {declared}"
    if any(not sign.isascii() and unicodedata.category(sign) in ("Nd", "Nl", "No") for sign in text):
        return "write its digits as 0 to 9"
    if kind is bool:
        return "truth values are `true` and `false`"
    if text[:1] in ("\u2212", "\u2013"):
        return "write its sign as `-`"
    if text.lstrip("+-").lower() in ("inf", "infinity", "\u221e"):
        return "write `infinity` or `-infinity`"
    readings = [found.declared(file) for found in _readings(text, form)]
    return f"say what its signs mean: {' or '.join(readings)}" if readings else None


def _readings(text: str, form: _Form) -> List[_Form]:
    """The forms in which a text is a number, the likely ones first: at most one for each sign before decimals."""
    good: List[_Form] = []
    for thousands in (form.thousands, ",", ".", " ", "'", "_"):
        for decimal in (form.decimal, ",", "."):
            found = dataclasses.replace(form, decimal=decimal, thousands=thousands)
            if not found.contradicts_itself() and _plain_number(text, float, found) is not None:
                if all(other.mark != found.mark for other in good):
                    good.append(found)
                break
    return [found for found in good if found != form]


def _with_decimal(form: _Form, text: str) -> _Form:
    """Adds a decimal comma if the first row below the header has one and no decimal point."""
    rows = [line for line in text.split("\n", 64) if line.strip()]
    comma = dataclasses.replace(form, decimal=",")
    if form.decimal is not None or form.sign == "," or len(rows) < 2:
        return form
    for cell in rows[1].rstrip("\r").split(form.sign):
        cell = cell.strip(_BLANKS)
        if _plain_number(cell, float, comma) is not None and _plain_number(cell, float, form) is None:
            return comma
    return form


# ---- Inputs ----------------------------------------------------------------------------------------------------------

_FILE_INPUT = {
    "type": "object",
    "x-octavo-input": True,
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "description": "Path relative to the definition."},
        "separator": {"description": "What stands between two cells of a CSV file.", "enum": [",", ";", "\t", "|"]},
        "decimal": {"description": "What stands before the decimals of a number.", "enum": [".", ","]},
        "thousands": {"description": "What stands between groups of three digits.", "enum": [",", ".", " ", "'", "_"]},
        "missing": {
            "description": "Cells that mean that a value is missing, beside an empty one.",
            "type": "array",
            "items": {"type": "string"},
        },
        "encoding": {"description": "How characters are written.", "enum": ["utf-8", "latin-1", "windows-1252"]},
    },
}
_RESULT_INPUT = {
    "type": "object",
    "x-octavo-input": True,
    "required": ["from", "artifact"],
    "properties": {
        "from": {"type": "string", "description": "The experiment's id."},
        "artifact": {"type": "string", "description": "A table or drawing among its results."},
        "where": {
            "type": "object",
            "additionalProperties": True,
            "description": "Which of its tasks, by sweep value.",
        },
    },
}


class Input:
    """Content that the author of an experiment names: a file, or a result of another experiment.

    As the type of a parameter it allows both; `InputFile` and `InputResult` allow one. The content is there during a
    run alone, not in a `check`. `name` is what messages should call it.
    """

    _shapes: Tuple[Json, ...] = (_FILE_INPUT, _RESULT_INPUT)

    def __init__(
        self, address: Mapping[str, Any], content: Optional[Mapping[str, Any]] = None, folder: Union[str, Path] = ""
    ) -> None:
        self.address = dict(address)
        self.name = str((content or {}).get("name", address.get("file") or address.get("from", "")))
        self._content = content
        self._folder = Path(folder)

    @classmethod
    def open(cls, path: Union[str, Path], **form: Any) -> Input:
        """A file, to call an analysis without Octavo: `Input.open("a.csv", separator=";", decimal=",")`."""
        path = Path(path)
        return cls({"file": str(path), **form}, {"name": str(path), "file": path.name}, path.parent)

    @classmethod
    def schema(cls) -> Json:
        """The schema of such a parameter."""
        shapes = copy.deepcopy(list(cls._shapes))
        return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}

    def _part(self, what: str) -> Any:
        if self._content is None:
            raise Failure(f"the input `{self.name}` has no content before a run")
        if what not in self._content:
            raise UserError(f"the input `{self.name}` is no {what}")
        return self._content[what]

    @property
    def path(self) -> Path:
        """Where the file is. Only for reading."""
        return self._folder / str(self._part("file"))

    def read_bytes(self) -> bytes:
        """The content of a file."""
        return self.path.read_bytes()

    def read_text(self) -> str:
        """The content of a file without a byte order mark: UTF-8, or what `encoding` beside the file's name says."""
        return _decoded(self.read_bytes(), _Form.of(self.address), self.name)

    def table(self, **types: type) -> Dict[str, List[Any]]:
        """The columns of a table, or of a CSV file with a header line.

        `types` names the columns that are wanted and the type that each must have: `table(year=int, flow=float)`.
        Without it, all columns: those of a CSV file as text. A missing value is `Missing`. How a CSV file is written stands
        beside its name: `{ file = "a.csv", separator = ";", decimal = ",", missing = ["NA"] }`.
        """
        if self._content is not None and "table" in self._content:
            columns, known = _read_table(self._content["table"], self._folder), self._content["table"].get("types", {})
            _find_all(types, columns, self.name)
        else:
            return self._csv_table(types)
        for name, kind in types.items():
            if known and known[name] != _KINDS[kind] and (known[name], kind) != ("integer", float):
                raise UserError(f"the column `{name}` of `{self.name}` is of type {known[name]}, not {_KINDS[kind]}")
            if kind is float:
                columns[name] = [float(cell) if isinstance(cell, int) else cell for cell in columns[name]]
        return {name: columns[name] for name in types} if types else columns

    def _csv_table(self, types: Mapping[str, type]) -> Dict[str, List[Any]]:
        sheet = _Sheet(self.read_text(), _Form.of(self.address), self.name)
        _find_all(types, sheet.names, self.name)
        if not types:
            return {name: sheet.text(name) for name in sheet.names}
        return {name: sheet.column(name, kind) for name, kind in types.items()}

    def geometry(self) -> Geometry:
        """Shapes from another experiment, with lists of pairs, ends and attributes."""
        part = self._part("geometry")
        ends = part["ends"]
        if isinstance(ends, Mapping):
            ends = _read_npy(self._folder / ends["file"])[1]
        attributes = _read_table(part["attributes"], self._folder) if "attributes" in part else {}
        return Geometry(part["kind"], _rows(part["vertices"], self._folder), ends, attributes)

    def raster(self) -> Raster:
        """A raster from another experiment, with a list of rows."""
        part = self._part("raster")
        (x0, y0), (x1, y1) = part["extent"]
        return Raster(((x0, y0), (x1, y1)), _rows(part["values"], self._folder))


class InputFile(Input):
    """An input that must be a file."""

    _shapes = (_FILE_INPUT,)


class InputResult(Input):
    """An input that must be a result of another experiment."""

    _shapes = (_RESULT_INPUT,)


def _find_all(wanted: Iterable[str], columns: Iterable[str], file: str) -> None:
    columns = list(columns)
    for name in wanted:
        if name not in columns:
            raise UserError(f"`{file}` has no column `{name}`", f"its columns are `{'`, `'.join(columns)}`")


def _rows(values: Json, folder: Path) -> List[List[float]]:
    if isinstance(values, list):
        return values
    (height, width), flat = _read_npy(folder / values["file"])
    return [flat[row * width : (row + 1) * width] for row in range(height)]


def _read_table(message: Json, folder: Path) -> Dict[str, List[Any]]:
    """A table as the host sends it."""
    types = message.get("types", {})
    if "file" in message:
        sheet = _Sheet((folder / message["file"]).read_bytes().decode(), _Form(), "table", trimmed=False)
        kinds = {word: kind for kind, word in _KINDS.items()}
        columns = {name: sheet.column(name, kinds[types.get(name, "text")]) for name in sheet.names}
    else:
        columns = {}
        for name, cells in message["columns"].items():
            if isinstance(cells, Mapping):
                columns[name] = _read_npy(folder / cells["file"])[1]
            else:
                columns[name] = [_value(cell, types.get(name)) for cell in cells]
    for name, rows in message.get("exceptions", {}).items():
        for row, cell in rows.items():
            columns[name][int(row)] = _value(cell, types.get(name))
    return columns


def _value(cell: Json, kind: Optional[str]) -> Any:
    """A value as the host sends it."""
    if cell is None:
        return Missing()
    if isinstance(cell, Mapping):
        return Missing(cell["missing"]) if "missing" in cell else _NAMED[cell["named"]]
    if kind == "float":
        return float(cell)
    return int(cell) if kind == "integer" else cell


# ---- Published results -----------------------------------------------------------------------------------------------


class NotPublished(KeyError):
    """There is no such site, experiment, table or value."""

    def __str__(self) -> str:
        return str(self.args[0])


def _frame(columns: Dict[str, List[Any]]) -> Any:
    """Columns as a frame of pandas where it is installed, and as they are elsewhere."""
    try:
        import pandas  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        return columns
    return pandas.DataFrame(columns)


_INTEGER = re.compile("-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?")


def _read_cells(cells: Sequence[str]) -> List[Any]:
    """Cells of a column as what all are: truth values, integers, floats, or else texts; `None` for empty ones."""
    there = [cell for cell in cells if cell]
    kind: Callable[[str], Any] = str
    if all(cell in ("true", "false") for cell in there):
        kind = "true".__eq__
    elif all(_INTEGER.fullmatch(cell) for cell in there):
        kind = int
    elif all(cell in _NAMED or _FLOAT.fullmatch(cell) for cell in there):
        kind = float
    return [kind(cell) if cell else None for cell in cells]


def _read_value(value: Json) -> Any:
    """A named value as `octavo.json` has it: what JSON cannot hold is a text there."""
    return _read_cells([value])[0] if isinstance(value, str) else value


class PublishedTables(Mapping[str, Any]):
    """Tables of an experiment by name, each read when it is asked for."""

    def __init__(self, experiment: str, site: Path, routes: Mapping[str, str]) -> None:
        self._experiment, self._site, self._routes = experiment, site, routes

    def __getitem__(self, name: str) -> Any:
        if name not in self._routes:
            known = f"published are {_quoted(self._routes)}" if self._routes else "none is"
            raise NotPublished(
                f"the table `{name}` of `{self._experiment}` is not published, {known}: "
                "those are that a page shows or draws; `octavo export` writes all"
            )
        path = self._site / self._routes[name]
        opens: Any = gzip.open if path.suffix == ".gz" else open
        with opens(path, "rt", encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            names = next(rows, [])
            columns = list(zip(*rows)) or [()] * len(names)
        return _frame({name: _read_cells(cells) for name, cells in zip(names, columns)})

    def __iter__(self) -> Iterator[str]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)


class PublishedExperiment:
    """What a site says of an experiment. Tables are frames of pandas if it is installed, else dicts of lists."""

    def __init__(self, name: str, site: Path, manifest: Json) -> None:
        self.name = name
        start = f"data/{name}/"
        routes = {}
        for route in manifest["files"]:
            table, ending = route[len(start) :].partition(".")[::2]
            if route.startswith(start) and "/" not in table and ending in ("csv", "csv.gz"):
                routes[table] = route
        #: Its published tables by name.
        self.tables = PublishedTables(name, site, routes)
        self._values = [one for one in manifest.get("values", ()) if one["experiment"] == name]
        self._claims = [one for one in manifest.get("claims", ()) if one["experiment"] == name]

    @property
    def scalars(self) -> Any:
        """The table of scalars, a row a task."""
        return self.tables["scalars"]

    @property
    def values(self) -> Any:
        """A row for each named value: `value`, its name, `is`, `unit`, and `missing`, why there is none."""
        columns = {key: [one.get(key) for one in self._values] for key in ("value", "is", "unit", "missing")}
        columns["is"] = [_read_value(value) for value in columns["is"]]
        return _frame(columns)

    @property
    def claims(self) -> Any:
        """A row for each claim: `claim`, its name, `verdict`, `expected`, `as_expected`, `check`, `page`."""
        keys = ("claim", "verdict", "expected", "as_expected", "check", "page")
        return _frame({key: [one.get(key) for one in self._claims] for key in keys})

    def value(self, name: str) -> Any:
        """A named value; `None` if it is missing."""
        for one in self._values:
            if one["value"] == name:
                return _read_value(one["is"])
        known = _quoted(one["value"] for one in self._values)
        raise NotPublished(f"`{self.name}` has no value `{name}`" + (f"; it has {known}" if known else ""))


class Published(Mapping[str, PublishedExperiment]):
    """The experiments of a site by id."""

    def __init__(self, site: Path, manifest: Json) -> None:
        self._site, self._manifest = site, manifest
        self._names = [one["experiment"] for one in manifest["experiments"]]

    def __getitem__(self, name: str) -> PublishedExperiment:
        if name not in self._names:
            raise NotPublished(f"`{self._site}` has no experiment `{name}`; it has {_quoted(self._names) or 'none'}")
        return PublishedExperiment(name, self._site, self._manifest)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def results(project: Union[str, Path]) -> Published:
    """What a project has published, by experiment; the folder is that of the project or of the site itself.

    Raises `NotPublished` if there is no site, and `ValueError` if it has another format.
    """
    folder = Path(project)
    site = folder if (folder / "octavo.json").is_file() else folder / _output(folder)
    try:
        manifest = json.loads((site / "octavo.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotPublished(f"there is no site in `{site}`; `octavo build` makes it") from None
    found = manifest.get("format") if isinstance(manifest, dict) and manifest.get("generator") == "octavo" else None
    if found != 1:
        raise ValueError(f"`{site / 'octavo.json'}` has the format {found!r}, this module reads 1")
    return Published(site, manifest)


def _output(project: Path) -> str:
    """Where a project is published: `output` in `octavo.toml`. Python before 3.11 has no reader of TOML."""
    try:
        text = (project / "octavo.toml").read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NotPublished(f"`{project}` has neither `octavo.toml` nor `octavo.json`") from None
    top = re.split(r"^\s*\[", text, maxsplit=1, flags=re.MULTILINE)[0]
    found = re.search(r"""^\s*output\s*=\s*(?:"([^"\\\n]*)"|'([^'\n]*)')""", top, re.MULTILINE)
    return found[1] or found[2] if found else "site"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# ---- The run ---------------------------------------------------------------------------------------------------------


class Run:
    """What an analysis may use while it runs: randomness, progress, files, limits.

    `Run()` or `Run(seed=7)` is a run without Octavo, to call an analysis in a test or a notebook.
    """

    #: Shortest time between two messages of progress, in seconds.
    _PAUSE = 0.05

    def __init__(
        self,
        seed: int = 0,
        folder: Union[str, Path, None] = None,
        seconds: float = math.inf,
        output_bytes: Optional[int] = None,
        threads: int = 1,
        outputs: Optional[Iterable[str]] = None,
    ) -> None:
        self.seed = seed
        self._outputs = None if outputs is None else frozenset(outputs)
        #: What the run may use: seconds, bytes of messages, log and files together, threads.
        self.seconds, self.output_bytes, self.threads = seconds, output_bytes, threads
        self._folder = None if folder is None else Path(folder)
        self._send: Callable[[Json], None] = lambda reply: None
        self._is_cancelled: Callable[[], bool] = lambda: False
        self._told = -math.inf

    @property
    def folder(self) -> Path:
        """The folder for files. It is removed after the run."""
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="octavo-run-")
            self._folder = Path(self._temporary.name)
        return self._folder

    def wants(self, name: str) -> bool:
        """Whether a scalar, table, drawing or `table.column` is asked for: the others need not be computed or returned.

        A table of which one column is asked for is returned with all of its columns.
        """
        if self._outputs is None or name in self._outputs:
            return True
        table, dot, _ = name.partition(".")
        return table in self._outputs if dot else any(asked.startswith(name + ".") for asked in self._outputs)

    def progress(self, done: int, total: int) -> None:
        """Says that so many steps of so many are finished. Raises `Cancelled` if the run is to stop.

        Call it as often as you like: the first and the last message are sent, and 20 a second between them.
        """
        self.check_cancelled()
        now = time.monotonic()
        if done >= total or now - self._told >= self._PAUSE:
            self._told = now
            self._send({"reply": "progress", "done": int(done), "total": int(total)})

    def steps(self, items: Iterable[T], total: Optional[int] = None) -> Iterator[T]:
        """The items one by one, with progress: `for step in run.steps(range(1000)):`."""
        if total is None:
            items = items if isinstance(items, collections.abc.Sized) else list(items)
            total = len(items)
        for done, item in enumerate(items):
            self.progress(done, total)
            yield item
        self.progress(total, total)

    def check_cancelled(self) -> None:
        """Raises `Cancelled` if the host asked the run to stop."""
        if self._is_cancelled():
            raise Cancelled

    def info(self, message: str) -> None:
        """Something worth telling whoever builds the report."""
        self._send({"reply": "log", "level": "info", "message": _line(message)})

    def warning(self, message: str) -> None:
        """Something that whoever builds the report should look at."""
        self._send({"reply": "log", "level": "warning", "message": _line(message)})

    def _derived(self, name: str) -> int:
        """A seed of 256 bits from the run's seed and the name of a stream."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}/{name}".encode()).digest(), "big")

    def random(self, name: str = "") -> random.Random:
        """A generator of Python's own that depends on the seed and the name of the stream alone."""
        return random.Random(self._derived(name))

    def generator(self, name: str = "") -> Any:
        """A `numpy.random.Generator` that depends on the seed and the name of the stream alone."""
        import numpy

        return numpy.random.Generator(numpy.random.PCG64(self._derived(name)))

    def write_csv(self, name: str, columns: Mapping[str, Sequence[Any]]) -> File:
        """Writes a table as a CSV file for `Results`. Most tables need not: what is large becomes a file by itself."""
        return self._write(name, ".csv", _csv({column: _listed(values) for column, values in columns.items()}))

    def write_npy(self, name: str, values: Any, dtype: str = "<f8") -> File:
        """Writes an array or nested lists as an NPY file: `<f8`, `<f4`, `<i8`, `<i4` or `|b1`."""
        if dtype not in _TYPECODES:
            raise ValueError(f"`{dtype}` is none of {', '.join(_TYPECODES)}")
        return self._write(name, ".npy", _npy(values if hasattr(values, "astype") else _listed(values), dtype))

    def write_png(self, name: str, rows: Any, bits: int = 8) -> File:
        """Writes rows of whole numbers as a grey picture of 8 or 16 bits."""
        return self._write(name, ".png", _png(_listed(rows), bits))

    def _write(self, name: str, ending: str, content: bytes) -> File:
        file = File(name)
        if not name.endswith(ending):
            raise ValueError(f"the name `{name}` does not end in `{ending}`")
        (self.folder / name).write_bytes(content)
        return file


def _line(message: Any) -> str:
    """A text for people on one line, of characters that UTF-8 has."""
    return " ".join(str(message).split()).encode("utf-8", "replace").decode()


# ---- The analysis ----------------------------------------------------------------------------------------------------

Declared = Union[T, Callable[[Any], T]]


@dataclass(frozen=True)
class Analysis:
    """An analysis, as `@analysis` makes it from a function. Calling it calls the function."""

    function: Callable[[Any, Run], Results]
    params: type
    name: str
    revision: int
    title: Text
    summary: Text
    documentation: str
    examples: Sequence[Mapping[str, Any]]
    outputs: Declared[Outputs]
    figures: Declared[Mapping[str, Any]]
    check: Optional[Callable[[Any], Optional[Iterable[Problem]]]]
    stochastic: Declared[bool]
    cancel: bool
    reuse: bool

    def check_examples(self) -> None:
        """Raises a `UserError` for an example that is no complete set of parameters."""
        for at, example in enumerate(self.examples, 1):
            try:
                self._read(example)
            except (UserError, ValueError) as error:
                missing = isinstance(error, _BadParam) and error.problem.message == "must be given"
                given = {**example, error.problem.path: "..."} if missing else None  # type: ignore[attr-defined]
                raise UserError(
                    f"its example {at}: {error}",
                    f"complete it: `@analysis(examples=[{given}], ...)`; an input is `{{'file': 'data/x.csv'}}`"
                    if given
                    else "mend `examples` of `@analysis`",
                ) from None

    def __call__(self, params: Any, run: Run) -> Results:
        return self.function(params, run)

    def describe(self) -> Json:
        """The value of the result of `describe`."""
        self.check_examples()
        first = self._read(self.examples[0])
        return {
            "name": self.name,
            "revision": self.revision,
            "title": _text(self.title),
            "summary": _text(self.summary),
            "documentation": self.documentation,
            "examples": [
                "".join(f"{_toml_key(key)} = {_toml(value)}\n" for key, value in each.items()) for each in self.examples
            ],
            "schema": _object_schema(self.params),
            "outputs": _for(self.outputs, first).to_json(),
            "figures": dict(_for(self.figures, first)),
            "capabilities": {"cancel": self.cancel, "reuse": self.reuse, "stochastic": self.stochastic is not False},
        }

    def answer(self, params: Json) -> Json:
        """The value of the result of `check`."""
        try:
            read = self._read(params)
        except _BadParam as error:
            return _problems([error.problem])
        except (UserError, ValueError) as error:
            # A dataclass may refuse its fields in `__post_init__`.
            return _problems([Problem("", _line(error), getattr(error, "help", None))])
        answer = _problems((self.check(read) or ()) if self.check else ())
        if not answer["problems"]:
            answer["params"] = _encode(read)
            if callable(self.stochastic):
                answer["stochastic"] = bool(self.stochastic(read))
            if callable(self.outputs):
                answer["outputs"] = self.outputs(read).to_json()
            if callable(self.figures):
                answer["figures"] = dict(self.figures(read))
        return answer

    def compute(self, message: Mapping[str, Any], run: Run) -> Json:
        """The value of the result of `run`."""
        inputs, folder = message.get("inputs", {}), message.get("input_folder", "")

        def find(kind: type, address: Mapping[str, Any]) -> Input:
            if address.get("file") not in inputs:
                raise Failure(f"the host sent no content of the input `{address.get('file')}`")
            return kind(address, inputs[address["file"]], folder)  # type: ignore[no-any-return]

        params = _Decoder(find).read(self.params, message.get("params"))
        _seed_globals(run.seed)
        results = self.function(params, run)
        run.check_cancelled()
        return _Encoder(lambda: run.folder).results(results, _for(self.outputs, params), run.wants)

    def _read(self, params: Any) -> Any:
        return _Decoder(lambda kind, address: kind(address)).read(self.params, params)


def _problems(problems: Iterable[Problem]) -> Dict[str, Json]:
    return {"problems": [_given(dataclasses.asdict(problem)) for problem in problems]}


def _for(declared: Any, params: Any) -> Any:
    return declared(params) if callable(declared) else declared


def _seed_globals(seed: int) -> None:
    """Packages that draw from the global generators give the same results, too, in whatever order tasks come."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed([seed & 0xFFFFFFFF, seed >> 32])


def analysis(
    *,
    title: Text,
    outputs: Declared[Outputs],
    name: Optional[str] = None,
    revision: int = 1,
    summary: Optional[Text] = None,
    documentation: Optional[str] = None,
    params: Optional[type] = None,
    examples: Sequence[Mapping[str, Any]] = ({},),
    figures: Optional[Declared[Mapping[str, Any]]] = None,
    check: Optional[Callable[[Any], Optional[Iterable[Problem]]]] = None,
    stochastic: Declared[bool] = False,
    cancel: bool = False,
    reuse: bool = True,
) -> Callable[[Callable[[Any, Run], Results]], Analysis]:
    """Makes an analysis of a function of parameters (an annotated dataclass) and a `Run`.

    name: the name in `octavo.toml`; else the function's.
    revision: raise it whenever a bit of any result moves.
    summary, documentation: else the first paragraph of the function's docstring, and the rest of it (Markdown).
    examples: complete parameter sets, also of parameters without a default. The first is shown on the reference page; an input is `{"file": "data/x.csv"}`.
    outputs: `Outputs`, or a function of the parameters that gives them.
    figures: default figures as in an experiment's `[figures.NAME]`, or a function of the parameters that gives them.
    check: gives a `Problem` for each thing that types and bounds cannot say. It may not read inputs.
    stochastic: whether a result depends on the seed, or a function of the parameters that says so.
    cancel: whether the function calls `run.progress`, `run.steps` or `run.check_cancelled` twice a second or more.
        Otherwise the host ends the process of a run that is no longer wanted.
    reuse: whether one process may compute many tasks.
    """

    def make(function: Callable[[Any, Run], Results]) -> Analysis:
        first, _, rest = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
        made = Analysis(
            function=function,
            params=params or _params_of(function),
            name=name or function.__name__,
            revision=revision,
            title=title,
            summary=" ".join(first.split()) if summary is None else summary,
            documentation=(rest and rest.strip() + "\n") if documentation is None else documentation,
            examples=list(examples),
            outputs=outputs,
            figures={} if figures is None else figures,
            check=check,
            stochastic=stochastic,
            cancel=cancel,
            reuse=reuse,
        )
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,63}", made.name):
            raise ValueError(
                f"`{made.name}` is no name of an analysis: lower-case letters, digits, `-`, `_`, a letter first"
            )
        if not made.examples:
            raise ValueError(f"the analysis `{made.name}` needs an example; `{{}}` is one if all defaults are good")
        return made

    return make


def _params_of(function: Callable[..., Any]) -> type:
    names = list(inspect.signature(function).parameters)
    kind = typing.get_type_hints(function).get(names[0]) if names else None
    if not (inspect.isclass(kind) and dataclasses.is_dataclass(kind)):
        raise TypeError(f"the first argument of `{function.__name__}` must be annotated with a dataclass of parameters")
    return kind


# ---- The dialogue with the host --------------------------------------------------------------------------------------


def serve(analysis: Analysis) -> None:
    """Answers the host until it closes standard input.

    From here on `print` writes to standard error, which is the log, and standard input is empty: the real ones carry
    the protocol.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise SystemExit(f"This is the plugin `{analysis.name}` of Octavo; try `octavo plugins check {analysis.name}`.")
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)  # integers of any size are ordinary values here
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    _Session(analysis, requests, replies).main()


class _Session:
    """One dialogue. A thread reads, so that a run can be cancelled and ends when the host is gone."""

    #: Seconds that a run has when the host has closed the requests; the host kills what is still there a little later.
    _GRACE = 0.4

    def __init__(self, analysis: Analysis, requests: typing.BinaryIO, replies: Any) -> None:
        self._analysis = analysis
        self._root = os.getcwd()
        self._told: typing.Set[str] = set()
        self._requests = requests
        self._replies = replies
        self._queue: queue.SimpleQueue[Union[Json, Exception, None]] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._finished = threading.Event()
        self._cancelled: Any = None

    def main(self) -> None:
        """Greets, then answers request after request."""
        if not self._greet():
            return
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            while True:
                message = self._queue.get()
                if message is None:
                    return
                if isinstance(message, Exception):
                    raise SystemExit(f"octavo_plugin: {message}")
                self._answer(message)
        finally:
            self._finished.set()

    def _greet(self) -> bool:
        """Settles the version, whatever else the host's first line says. Gives whether there is one."""
        try:
            hello: Optional[Json] = {}
            while hello == {}:
                hello = _message(self._requests.readline(MAX_LINE + 2))
        except ValueError as error:
            raise SystemExit(f"octavo_plugin: {error}") from None
        if hello is None:
            return False
        if hello.get("protocol") != PROTOCOL or not isinstance(hello.get("versions"), list):
            raise SystemExit("octavo_plugin: the host speaks another protocol")
        self._write({"protocol": PROTOCOL, "version": VERSION})
        return VERSION in hello["versions"]

    def _listen(self) -> None:
        try:
            while True:
                message = _message(self._requests.readline(MAX_LINE + 2))
                if message is None:
                    break
                if message.get("request") == "cancel":
                    self._cancelled = message.get("id")
                elif message:
                    _id(message)
                    self._queue.put(message)
        except (ValueError, OSError) as error:
            self._queue.put(error)
        self._queue.put(None)
        if not self._finished.wait(self._GRACE):
            os._exit(1)

    def _answer(self, message: Json) -> None:
        number = _id(message)
        handler = {"describe": self._describe, "check": self._check, "run": self._run}.get(str(message.get("request")))
        try:
            if handler is None:
                raise Failure(f"there is no request `{message.get('request')}`")
            self._reply(number, {"reply": "result", "value": handler(message)})
        except Cancelled:
            self._reply(number, {"reply": "error", "kind": "cancelled", "message": "the run was cancelled"})
        except (Exception, SystemExit) as error:
            failure = _failure_of(error)
            reply = {"reply": "error", "kind": failure.kind, "message": _line(failure.message)}
            self._reply(number, {**reply, **({"help": _line(failure.help)} if failure.help else {})})

    def _describe(self, message: Json) -> Json:
        files = _loaded_files(self._root)
        self._told.update(files)
        return {**self._analysis.describe(), **({"files": files} if files else {})}

    def _check(self, message: Json) -> Json:
        return self._analysis.answer(message.get("params"))

    def _run(self, message: Json) -> Json:
        number, limits = _id(message), message.get("limits", {})
        run = Run(
            seed=int(message.get("seed", 0)),
            folder=message.get("folder"),
            seconds=limits.get("seconds", math.inf),
            output_bytes=limits.get("output_bytes"),
            threads=limits.get("threads", 1),
            outputs=message.get("outputs"),
        )
        run._send = lambda reply: self._reply(number, reply)
        run._is_cancelled = lambda: self._cancelled == number
        try:
            return self._with_new_files(self._analysis.compute(message, run))
        finally:
            # A thread of the author's may outlive the run; a reply to an answered request would break the protocol.
            run._send = lambda reply: None

    def _with_new_files(self, value: Json) -> Json:
        """Adds which files of the project have been loaded since: the host warns of those that it does not watch."""
        files = [file for file in _loaded_files(self._root) if file not in self._told]
        self._told.update(files)
        return {**value, "files": files} if files else value

    def _reply(self, number: int, reply: Json) -> None:
        self._write({"id": number, **reply})

    def _write(self, message: Json) -> None:
        """Writes a message at once. What cannot be written whole is not begun."""
        try:
            line = json.dumps(message, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        except UnicodeEncodeError as error:
            raise Failure(f"a text has a character that UTF-8 lacks, {error.object[error.start]!r}") from None
        if len(line) > MAX_LINE:
            raise ResourceError(
                f"the message has {len(line)} bytes, more than {MAX_LINE}", "return less, or use `Run.write_csv`"
            )
        with self._writing:
            try:
                while line:
                    line = line[self._replies.write(line) :]
            except OSError:
                os._exit(1)  # the host is gone


def _loaded_files(root: str) -> List[str]:
    """The files of modules below a folder, as paths from there. Packages that were installed there are not its own."""
    found = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str):
            continue
        for path in (os.path.abspath(file), os.path.realpath(file)):
            parts = os.path.relpath(path, root).split(os.sep)
            foreign = any(part.startswith(".") or part in ("site-packages", "dist-packages") for part in parts)
            if not foreign and not os.path.isabs(parts[0]) and path.isprintable() and os.path.isfile(path):
                found.add("/".join(parts))
                break
    return sorted(found)


def _message(line: bytes) -> Optional[Json]:
    """A message, `{}` for an empty line, `None` at the end. A line that the end cuts off is the end."""
    if len(line) > MAX_LINE + 1:
        raise ValueError(f"a line is longer than {MAX_LINE} bytes")
    if not line.endswith(b"\n"):
        return None
    if not line.strip():
        return {}
    try:
        message = json.loads(
            line.decode(), parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_no_key_twice
        )
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a line is no message: {error or 'it is nested too deeply'}") from None
    if not isinstance(message, dict):
        raise ValueError("a line is no message: it is no object")
    return message


def _id(message: Json) -> int:
    number = message.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("a request has no `id`")
    return number


def _no_number(word: str) -> Any:
    raise ValueError(f"`{word}` is no number")


def _no_key_twice(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key `{next(key for key in keys if keys.count(key) > 1)}` is there twice")
    return entries


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"`{digits}` is out of range")
    return number
