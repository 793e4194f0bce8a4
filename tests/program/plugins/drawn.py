"""A plugin that draws by itself, with nothing but Python: good pictures, and bad ones of every kind."""

import struct
import zlib
from dataclasses import dataclass

from octavo_plugin import Drawing, File, Outputs, Picture, Results, Run, analysis, param, serve

ALT = {"en": "A <red> box.", "fr": "Une boîte <rouge>."}


def svg(inner="", size='width="40" height="30"'):
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size}>{inner}</svg>'


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(wide=4, high=2, rows=b"\0\xff\0\0\xff\0\0\xff\0\0\xff\0\0" * 2):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PDF = b"%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n%%EOF\n"
LAUGHS = '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + svg("<text>&b;</text>")
PICTURES = {
    "svg": lambda n: (ALT, svg(f'<rect width="{n}" height="5" fill="red"/>'), svg("<rect fill='#faa'/>"), PDF),
    "png": lambda n: (ALT, png()),
    "script": lambda n: (ALT, svg("\n<script>alert(1)</script>")),
    "onload": lambda n: (ALT, svg('<g onload="x()"/>')),
    "http": lambda n: (ALT, svg('<use xlink:href="http://a.example/b#c"/>')),
    "data": lambda n: (ALT, svg('<image href="data:image/svg+xml,%3Csvg/%3E"/>')),
    "laughs": lambda n: (ALT, LAUGHS),
    "dark": lambda n: (ALT, svg(), svg("<script/>")),
    "sizeless": lambda n: (ALT, svg(size="")),
    "bomb": lambda n: (ALT, png(60_000, 60_000)),
    "cut": lambda n: (ALT, png()[:-20]),
    "action": lambda n: (ALT, svg(), None, PDF.replace(b"<<", b"<</OpenAction 2 0 R ")),
    "mute": lambda n: ({}, svg()),
}


@dataclass
class Params:
    what: str = param("What is drawn.", "svg")
    n: int = param("How wide it is.", 1)


@analysis(
    title="Drawn",
    outputs=Outputs(drawings={"plot": Drawing("a box", "picture")}),
    figures={"plot": {"from": "plot", "mark": "picture"}},
)
def drawn(params: Params, run: Run) -> Results:
    """Draws a box."""
    if params.what in PICTURES:
        return Results(drawings={"plot": Picture(*PICTURES[params.what](params.n))})
    name, content = {"type": ("1.png", svg().encode()), "gif": ("1.gif", b"GIF89a"), "link": ("2.svg", None)}[params.what]
    if content is not None:
        (run.folder / name).write_bytes(content)
    return Results(drawings={"plot": Picture(ALT, File(name))})


serve(drawn)
