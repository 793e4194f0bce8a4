"""Dataclasses as parameter schemas, and parameters in messages."""

import enum
import json
import unittest
from dataclasses import dataclass
from typing import Any, Dict, List, Literal, Optional, Tuple, Union

from octavo_plugin import (
    Column,
    Input,
    InputFile,
    InputResult,
    Outputs,
    Problem,
    Results,
    Run,
    Scalar,
    Table,
    UserError,
    analysis,
    param,
)

NOTHING = Outputs()


def made(params: type, **more: Any) -> Any:
    return analysis(name="made", title="Made", outputs=NOTHING, params=params, **more)(lambda params, run: Results())


def schema(params: type, **more: Any) -> Any:
    return made(params, **more).describe()["schema"]


class Mood(enum.Enum):
    CALM = "calm"
    WILD = "wild"


@dataclass
class Circle:
    kind: Literal["circle"] = param("Which shape.")
    radius: float = param("Radius.", 1.0, above=0, unit="m")


@dataclass
class Square:
    kind: Literal["square"] = param("Which shape.")
    side: float = param("Side.", 1)


@dataclass
class Everything:
    shape: Union[Circle, Square] = param("The shape.")
    truth: bool = param("Whether.", False)
    big: int = param("Large.", 2**70)
    text: str = param("A text.", "é")
    mood: Mood = param("The mood.", Mood.CALM, choices={"calm": "At rest.", "wild": "Not."})
    sizes: List[int] = param("Sizes.", [1, 2], minimum=1, min_items=1, max_items=5)
    pair: Tuple[float, float] = param("A pair.", (0.0, 1.0), unit="s")
    any_length: Tuple[int, ...] = param("Numbers.", ())
    weights: Dict[str, float] = param("Weights.", {"a": 0.5})
    nested: List[Square] = param("Squares.", [Square("square", 2.0)])
    number_or_word: Union[int, str] = param("One of two.", 3)
    perhaps: Optional[int] = param("Perhaps a number.", None)
    plain: int = 5


class Schemas(unittest.TestCase):
    maxDiff = None

    def test_every_type(self) -> None:
        described = schema(Everything, examples=[{"shape": {"kind": "circle"}}])
        self.assertEqual(described["required"], ["shape"])
        circle = {
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": {"description": "Which shape.", "type": "string", "enum": ["circle"]},
                "radius": {
                    "description": "Radius.", "type": "number", "exclusiveMinimum": 0, "x-unit": "m", "default": 1.0,
                },
            },
        }  # fmt: skip
        square = {
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": {"description": "Which shape.", "type": "string", "enum": ["square"]},
                "side": {"description": "Side.", "type": "number", "default": 1},
            },
        }
        calm, wild = {"const": "calm", "description": "At rest."}, {"const": "wild", "description": "Not."}
        second = {"type": "number", "x-unit": "s"}
        self.assertEqual(
            described["properties"],
            {
                "shape": {"description": "The shape.", "anyOf": [circle, square]},
                "truth": {"description": "Whether.", "type": "boolean", "default": False},
                "big": {"description": "Large.", "type": "integer", "default": str(2**70)},
                "text": {"description": "A text.", "type": "string", "default": "é"},
                "mood": {"description": "The mood.", "oneOf": [calm, wild], "default": "calm"},
                "sizes": {
                    "description": "Sizes.", "type": "array", "items": {"type": "integer", "minimum": 1},
                    "minItems": 1, "maxItems": 5, "default": [1, 2],
                },
                "pair": {
                    "description": "A pair.", "type": "array", "prefixItems": [second, second],
                    "minItems": 2, "maxItems": 2, "default": [0.0, 1.0],
                },
                "any_length": {
                    "description": "Numbers.", "type": "array", "items": {"type": "integer"}, "default": [],
                },
                "weights": {
                    "description": "Weights.", "type": "object", "additionalProperties": {"type": "number"},
                    "default": {"a": 0.5},
                },
                "nested": {
                    "description": "Squares.", "type": "array", "items": square,
                    "default": [{"kind": "square", "side": 2.0}],
                },
                "number_or_word": {
                    "description": "One of two.", "anyOf": [{"type": "integer"}, {"type": "string"}], "default": 3,
                },
                "perhaps": {"description": "Perhaps a number.", "type": "integer"},
                "plain": {"type": "integer", "default": 5},
            },
        )  # fmt: skip

    def test_inputs_of_one_kind(self) -> None:
        @dataclass
        class Both:
            file: InputFile = param("A file.")
            result: InputResult = param("A result.")

        example = {"file": {"file": "a.csv"}, "result": {"from": "a/b", "artifact": "c"}}
        properties = schema(Both, examples=[example])["properties"]
        self.assertEqual(properties["file"]["required"], ["file"])
        self.assertEqual(properties["result"]["required"], ["from", "artifact"])
        self.assertTrue(properties["file"]["x-octavo-input"])

    def test_a_default_belongs_to_one_run(self) -> None:
        first = Everything(Circle("circle"))
        first.sizes.append(9)
        self.assertEqual(Everything(Circle("circle")).sizes, [1, 2])

    def test_examples_are_toml(self) -> None:
        example = {
            "shape": {"kind": "square", "side": 1e-9}, "truth": True, "text": 'a"\n\x7fé', "sizes": [1],
            "big": 2**70, "weights": {"a b": 1.5},
        }  # fmt: skip
        text = made(Everything, examples=[example]).describe()["examples"][0]
        self.assertEqual(
            text,
            'shape = { kind = "square", side = 1e-09 }\ntruth = true\ntext = "a\\"\\n\\u007fé"\nsizes = [1]\n'
            'big = 1180591620717411303424\nweights = { "a b" = 1.5 }\n',
        )

    def test_what_cannot_be_a_parameter_is_refused_at_once(self) -> None:
        @dataclass
        class Complex:
            z: complex = param("A number.", 0j)

        @dataclass
        class Numbers:
            one: Literal[1, 2] = param("A number.", 1)

        @dataclass
        class Unexplained:
            word: Literal["a", "b"] = param("A word.", "a", choices={"a": "The first."})

        for kind in (Complex, Numbers, Unexplained):
            with self.assertRaises(TypeError):
                schema(kind)

    def test_an_example_that_is_not_complete_is_a_message_of_describe(self) -> None:
        @dataclass
        class Needs:
            size: int = param("Size.")
            data: Input = param("Data.")

        for examples, message, help in (
            ([{}], "its example 1: `size` must be given", "complete it: `@analysis(examples=[{'size': '...'}], ...)`"),
            ([{"size": 2}], "its example 1: `data` must be given", "{'size': 2, 'data': '...'}"),
            ([{"size": 2, "data": {"file": "a.csv"}}, {"size": "two"}], "its example 2: `size` must be a whole", "mend"),
        ):
            needs = made(Needs, examples=examples)
            with self.subTest(examples=examples), self.assertRaisesRegex(UserError, message) as raised:
                needs.describe()
            self.assertIn(help, raised.exception.help)
        self.assertIn("schema", made(Needs, examples=[{"size": 2, "data": {"file": "a.csv"}}]).describe())

    def test_a_bad_declaration_is_refused_at_once(self) -> None:
        @dataclass
        class Needs:
            size: int = param("Size.")

        for broken in (
            lambda: made(Needs, examples=[]),
            lambda: analysis(name="Not A Name", title="x", outputs=NOTHING, params=Everything)(print),
            lambda: analysis(title="x", outputs=NOTHING)(lambda params, run: Results()),
            lambda: Table("a row", **{"no name": Column(int, "x")}),
            lambda: Outputs(tables={"scalars": Table("a row")}),
            lambda: Scalar(complex, "x"),
        ):
            with self.assertRaises((TypeError, ValueError, UserError)):
                broken()


class Messages(unittest.TestCase):
    def check(self, params: Any, **more: Any) -> Any:
        answer = made(Everything, examples=[{"shape": {"kind": "circle"}}], **more).answer(params)
        return json.loads(json.dumps(answer, allow_nan=False))

    def test_the_canonical_form_is_stable(self) -> None:
        given = {"shape": {"kind": "square", "side": 2}, "big": str(2**70), "sizes": [1, "3"], "later": 1}
        canonical = self.check(given)["params"]
        self.assertEqual(canonical["shape"], {"kind": "square", "side": 2.0})
        self.assertEqual(canonical["big"], str(2**70))
        self.assertEqual(canonical["sizes"], [1, 3])
        self.assertNotIn("perhaps", canonical)
        self.assertNotIn("later", canonical)
        self.assertEqual(self.check(canonical)["params"], canonical)

    def test_types_reach_the_function(self) -> None:
        seen = []
        made(Everything, examples=[{"shape": {"kind": "circle"}}], check=seen.append).answer(
            {"shape": {"kind": "square", "side": 2}, "mood": "wild", "pair": [0, 1], "weights": {"b": 1}}
        )
        self.assertEqual(seen[0].shape, Square("square", 2.0))
        self.assertIs(seen[0].mood, Mood.WILD)
        self.assertEqual(repr(seen[0].pair), "(0.0, 1.0)")
        self.assertEqual(seen[0].nested, [Square("square", 2.0)])

    def test_the_shape_of_a_union_is_the_one_without_keys_left_over(self) -> None:
        @dataclass
        class Low:
            low: int = param("Low.", 0)

        @dataclass
        class High:
            high: int = param("High.", 0)

        @dataclass
        class Either:
            side: Union[Low, High] = param("Which.")

        either = made(Either, examples=[{"side": {}}])
        for side, expected in (
            ({"high": 1}, {"high": 1}),
            ({"low": 1}, {"low": 1}),
            ({"low": 1, "later": 2}, {"low": 1}),
        ):
            self.assertEqual(either.answer({"side": side})["params"], {"side": expected})

    def test_what_does_not_fit_is_a_problem_with_its_path(self) -> None:
        circle = {"kind": "circle"}
        for params, path in (
            ({}, "shape"),
            ({"shape": {"kind": "oval"}}, "shape.kind"),
            ({"shape": circle, "truth": 1}, "truth"),
            ({"shape": circle, "big": 1.5}, "big"),
            ({"shape": circle, "big": True}, "big"),
            ({"shape": circle, "big": "1_0"}, "big"),
            ({"shape": circle, "sizes": [1, "x"]}, "sizes.1"),
            ({"shape": circle, "pair": [1.0]}, "pair"),
            ({"shape": circle, "nested": [{"kind": "square", "side": "long"}]}, "nested.0.side"),
            ({"shape": circle, "mood": ["calm"]}, "mood"),
            (None, ""),
            ([], ""),
        ):
            with self.subTest(params=params):
                (problem,) = self.check(params)["problems"]
                self.assertEqual(problem["path"], path)

    def test_a_dataclass_and_a_check_may_refuse(self) -> None:
        @dataclass
        class Ordered:
            low: int = param("Low.", 0)
            high: int = param("High.", 1)

            def __post_init__(self) -> None:
                if self.low > self.high:
                    raise ValueError("`low` is above `high`")

        def check(params: Ordered) -> List[Problem]:
            return [Problem("high", "9 is too much", "take 8")] if params.high == 9 else []

        ordered = made(Ordered, check=check)
        self.assertEqual(ordered.answer({"low": 2}), {"problems": [{"path": "", "message": "`low` is above `high`"}]})
        self.assertEqual(
            ordered.answer({"high": 9}), {"problems": [{"path": "high", "message": "9 is too much", "help": "take 8"}]}
        )
        self.assertEqual(ordered.answer({"high": 8}), {"problems": [], "params": {"low": 0, "high": 8}})

    def test_declarations_may_depend_on_parameters(self) -> None:
        @dataclass
        class Size:
            size: int = param("Size.", 1)

        def outputs(params: Size) -> Outputs:
            return Outputs({f"x{at}": Scalar(int, "x") for at in range(params.size)})

        sized = analysis(
            name="sized", title="x", params=Size, outputs=outputs, stochastic=lambda params: params.size > 1,
            examples=[{"size": 2}], figures=lambda params: {f"f{params.size}": {}},
        )(lambda params, run: Results())  # fmt: skip
        described = sized.describe()
        self.assertEqual([*described["outputs"]["scalars"]], ["x0", "x1"])
        self.assertEqual([*described["figures"]], ["f2"])
        self.assertTrue(described["capabilities"]["stochastic"])
        answer = sized.answer({"size": 1})
        self.assertEqual(([*answer["outputs"]["scalars"]], answer["stochastic"]), (["x0"], False))

    def test_the_docstring_is_the_documentation(self) -> None:
        @dataclass
        class Empty:
            pass

        @analysis(title="Mine", outputs=NOTHING)
        def my_own(params: Empty, run: Run) -> Results:
            """What it computes,
            in short.

            ## Method

            By *magic*.
            """
            return Results()

        described = my_own.describe() if Empty else None
        self.assertEqual(described["name"], "my_own")
        self.assertEqual(described["summary"], "What it computes, in short.")
        self.assertEqual(described["documentation"], "## Method\n\nBy *magic*.\n")
        self.assertEqual(my_own(Empty(), Run()), Results())

    def test_an_input_has_no_content_in_a_check(self) -> None:
        @dataclass
        class Data:
            data: Input = param("Data.")

        def check(params: Data) -> None:
            params.data.read_bytes()

        with self.assertRaisesRegex(Exception, "no content before a run"):
            made(Data, examples=[{"data": {"file": "a.csv"}}], check=check).answer({"data": {"file": "a.csv"}})


if __name__ == "__main__":
    unittest.main()
