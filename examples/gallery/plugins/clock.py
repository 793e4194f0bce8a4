"""A clock face as SVG, written by hand: any program that writes SVG or PNG can draw."""

import math
from dataclasses import dataclass

from octavo_plugin import Drawing, Outputs, Picture, Results, Run, analysis, param, serve


@dataclass
class Params:
    minute: int = param("Minutes after twelve.", 0, minimum=0, maximum=719)


@analysis(title="A clock", outputs=Outputs(drawings={"face": Drawing("a clock face", "picture")}))
def clock(params: Params, run: Run) -> Results:
    """A clock that shows one moment."""

    def hand(turn: float, length: float, width: float) -> str:
        x, y = 100 + length * math.sin(2 * math.pi * turn), 100 - length * math.cos(2 * math.pi * turn)
        return f'<line x1="100" y1="100" x2="{x:.2f}" y2="{y:.2f}" stroke="#1d2024" stroke-width="{width}" stroke-linecap="round"/>'

    marks = "".join(f'<use href="#mark" transform="rotate({30 * hour} 100 100)"/>' for hour in range(12))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="220" height="220">'
        '<defs><line id="mark" x1="100" y1="12" x2="100" y2="22" stroke="#5a6068" stroke-width="3"/></defs>'
        '<circle cx="100" cy="100" r="95" fill="#f5f3ee" stroke="#1d2024" stroke-width="3"/>'
        f"{marks}{hand(params.minute / 720, 50, 6)}{hand(params.minute / 60, 78, 4)}</svg>"
    )
    hours, minutes = divmod(params.minute, 60)
    alt = {
        "en": f"A clock face that shows {hours or 12}:{minutes:02}.",
        "fr": f"Un cadran qui montre {hours or 12} h {minutes:02}.",
    }
    return Results(drawings={"face": Picture(alt, svg)})


if __name__ == "__main__":
    serve(clock)
