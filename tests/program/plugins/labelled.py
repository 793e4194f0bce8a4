"""A plugin with labels in English, which its project may translate."""

from dataclasses import dataclass

from octavo_plugin import Column, Outputs, Results, Run, Table, analysis, serve


@dataclass
class Params:
    pass


def outputs(params: Params) -> Outputs:
    return Outputs(tables={"steps": Table("a step", step=Column(int, {"en": "Step"})), "dear": Table("a row", x=Column(int, "x"))})


@analysis(name="walk", revision=1, title={"en": "A walk"}, summary="Counts to three.", outputs=outputs, examples=[{}])
def walk(params: Params, run: Run) -> Results:
    tables = {"steps": {"step": [1, 2, 3]}}
    if run.wants("dear"):
        tables["dear"] = {"x": [4]}
    return Results(tables=tables)


serve(walk)
