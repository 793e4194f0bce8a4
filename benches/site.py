#!/usr/bin/env python3
"""Writes a project of many pages, the same bytes for the same arguments: what benches/site.sh builds.

A page has about 5.5 KB of Markdown: 628 words, 8 formulas, 2 blocks of code, 5 links, 1 image that all pages share.

    site.py FOLDER PAGES [--section N] [--languages en,fr] [--same-code] [--plain] [--vocabulary N] [--mdbook | --hugo | --blades]
    site.py --check FOLDER

A section has N pages (50) beside its index; --same-code writes the same two blocks of code on every page; --plain
writes code that is of no language, and turns the search off; --vocabulary
takes words as a language has them, the n-th of N as often as 1/n, in place of a few dozen; --mdbook,
--hugo and --blades write the same text for these programs. With --check it follows every link of a site on disk instead, and fails if one leads nowhere.
"""

import argparse
import re
import struct
import sys
import zlib
from pathlib import Path
from urllib.parse import unquote

WORDS = (
    "measurement interval sampling curve of the a in and to is that for each with by are from we this value depth width network "
    "layers weighting boundary error proof lemma figure tabulated result points tasks seeding replicate estimated means spread "
    "slope limits sequence summation products sets opened closed compact linearly convexity random exactly finite regions plane line"
).split()
FORMULAS = (
    r"\sum_{k=1}^{NUMBER} \frac{1}{k^2}",
    r"\int_0^{NUMBER} e^{-x^2}\,dx",
    r"\lim_{n \to \infty} \left(1 + \frac{NUMBER}{n}\right)^n",
    r"\sqrt{a^2 + NUMBER b^2}",
    r"\lVert W_{NUMBER} x + b \rVert_2 \le \sigma",
    r"f'(x) = NUMBER x + \alpha",
    r"A_{NUMBER} \subseteq \mathbb{R}^n",
    r"\Pr[X > NUMBER] \le \frac{\mathbb{E}[X]}{NUMBER}",
)
RUST = """```rust
/// Sum of the first terms, in the order of their index.
pub fn partial_NAME(terms: &[f64], most: usize) -> Option<f64> {
    let mut sum = 0.0;
    for (index, term) in terms.iter().enumerate().take(most) {
        if !term.is_finite() {
            return None; // NAME
        }
        sum += term / (index as f64 + 1.0);
    }
    Some(sum)
}
```"""
PYTHON = """```python
def spread_NAME(rows, level=0.NUMBER):
    \"\"\"Half the width of the interval of these rows.\"\"\"
    ordered = sorted(row["value"] for row in rows if row["value"] is not None)
    low, high = (int(len(ordered) * part) for part in (level / 2, 1 - level / 2))
    return (ordered[min(high, len(ordered) - 1)] - ordered[low]) / 2
```"""


class Numbers:
    """The generator `xorshift64*`: the same numbers everywhere."""

    def __init__(self, seed):
        self.state = (seed * 0x9E3779B97F4A7C15 + 1) % 2**64 or 1

    def below(self, end):
        x = self.state
        x ^= x >> 12
        x = x ^ (x << 25) % 2**64
        x ^= x >> 27
        self.state = x
        return (x * 0x2545F4914F6CDD1D % 2**64 >> 32) % end


def png():
    """A small picture: 32 by 32 grey values."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(32)) for y in range(32))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def vocabulary(size):
    """So many words, those of WORDS first."""
    syllables = [first + vowel for first in "bcdfglmnprstv" for vowel in "aeiou"]
    numbers, words = Numbers(1), dict.fromkeys(WORDS)
    while len(words) < size:
        word = "".join(syllables[numbers.below(len(syllables))] for _ in range(2 + numbers.below(3)))
        words[word + "nlrst"[numbers.below(5)]] = None
    return list(words)


def sentence(numbers, length):
    if options.vocabulary:
        ranks = [int((len(VOCABULARY) + 1) ** (numbers.below(2**20) / 2**20)) - 1 for _ in range(length)]
        words = [VOCABULARY[rank] for rank in ranks]
    else:
        words = [WORDS[numbers.below(len(WORDS))] for _ in range(length)]
    return " ".join(words).capitalize() + "."


def page(index, pages, section, language, same_code):
    """The Markdown of one page. Its links lead to pages whose numbers are near, in its section and in others."""
    numbers = Numbers(index * 7 + len(language) + ord(language[-1]))
    name = "same" if same_code else f"{index}_{language}"
    text = [f"# Page {index} on {WORDS[numbers.below(len(WORDS))]} ({language})", ""]
    links = [(index + step) % pages for step in (1, 2, 7, section, 3 * section)]
    for part in range(4):
        text += [f"## Part {part + 1}", ""]
        formula = [f"${FORMULAS[part * 2 + i].replace('NUMBER', str(numbers.below(90) + 2))}$" for i in (0, 1)]
        for paragraph in range(2):
            sentences = [sentence(numbers, 15) for _ in range(5)]
            sentences[1] = f"{sentences[1][:-1]}, where {formula[paragraph]} stands."
            if paragraph == 0:
                other = links[part]
                sentences[3] = f"See [the page {other}](../{folder(other, section)}/p{other}.md)."
            text += [" ".join(sentences), ""]
        if part == 0:
            other = links[4]
            text += [f"- First, [{other}](../{folder(other, section)}/p{other}.md#part-2).", "- Then, *the rest* of it.", ""]
        if part == 1:
            text += [RUST.replace("NAME", name), ""]
        if part == 2:
            number = "05" if same_code else str(numbers.below(90) + 10)
            text += [PYTHON.replace("NAME", name).replace("NUMBER", number), ""]
        if part == 3:
            text += ["![A grey square](../grey.png)", ""]
    written = "\n".join(text)
    return written.replace("```rust", "```").replace("```python", "```") if options.plain else written


def folder(index, section):
    return f"s{index // section:03}"


def write_octavo(root, options, languages):
    experiments = root / "experiments"
    experiments.mkdir(parents=True, exist_ok=True)
    tags = ", ".join(f'"{language}"' for language in languages)
    search = "search = false\n" if options.plain else ""
    (root / "octavo.toml").write_text(f'octavo = "1"\ntitle = "Many pages"\nlanguages = [{tags}]\n{search}')
    (experiments / "grey.png").write_bytes(png())
    for language in languages:
        end = "" if language == languages[0] else f".{language}"
        (experiments / f"index{end}.md").write_text("# Many pages\n\nA project that is as large as you like.\n")
        for index in range(options.pages):
            place = experiments / folder(index, options.section)
            if index % options.section == 0:
                place.mkdir(exist_ok=True)
                (place / f"index{end}.md").write_text(f"# Section {index // options.section}\n\nIts pages.\n")
            text = page(index, options.pages, options.section, language, options.same_code)
            (place / f"p{index}{end}.md").write_text(text)


def write_mdbook(root, options, language):
    (root / "src").mkdir(parents=True, exist_ok=True)
    book = '[book]\ntitle = "Many pages"\n[output.html]\nmathjax-support = true\n[output.html.search]\nenable = false\n'
    (root / "book.toml").write_text(book)
    (root / "src/grey.png").write_bytes(png())
    summary = ["# Summary", ""]
    for index in range(options.pages):
        place = folder(index, options.section)
        if index % options.section == 0:
            (root / "src" / place).mkdir(exist_ok=True)
            (root / "src" / place / "index.md").write_text(f"# Section {index // options.section}\n\nIts pages.\n")
            summary.append(f"- [Section {index // options.section}]({place}/index.md)")
        text = page(index, options.pages, options.section, language, options.same_code)
        (root / "src" / place / f"p{index}.md").write_text(text)
        summary.append(f"  - [Page {index}]({place}/p{index}.md)")
    (root / "src/SUMMARY.md").write_text("\n".join(summary) + "\n")


HUGO = """
baseURL = "http://localhost/"
title = "Many pages"
disableKinds = ["RSS", "sitemap", "taxonomy", "term"]
[markup.goldmark.renderer]
unsafe = true
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
inline = [["$", "$"]]
[markup.goldmark.renderHooks.link]
useEmbedded = "always"
[markup.highlight]
noClasses = false
"""
HUGO_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body>
<nav><ul>{{ range .Site.Sections }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul>
<ul>{{ with .CurrentSection }}{{ range .RegularPages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}{{ end }}</ul>
{{ .TableOfContents }}</nav>
<main>{{ .Content }}</main></body></html>
"""


def write_hugo(root, options, language):
    """Formulas stay TeX for a script in the reader's browser, and links to headings are not checked."""
    (root / "layouts").mkdir(parents=True, exist_ok=True)
    (root / "hugo.toml").write_text(HUGO)
    (root / "layouts/all.html").write_text(HUGO_PAGE)
    (root / "content").mkdir(exist_ok=True)
    (root / "static").mkdir(exist_ok=True)
    (root / "static/grey.png").write_bytes(png())
    (root / "content/_index.md").write_text("+++\ntitle = 'Many pages'\n+++\n")
    for index in range(options.pages):
        place = root / "content" / folder(index, options.section)
        if index % options.section == 0:
            place.mkdir(exist_ok=True)
            (place / "_index.md").write_text(f"+++\ntitle = 'Section {index // options.section}'\n+++\n\nIts pages.\n")
        text = page(index, options.pages, options.section, language, options.same_code)
        title, _, text = text.removeprefix("# ").partition("\n")
        text = text.replace("](../grey.png)", "](/grey.png)")
        (place / f"p{index}.md").write_text(f"+++\ntitle = '{title}'\n+++\n{text}")


BLADES_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{title}}</title></head><body>
<p><a href="{{index permalink}}">{{site title}}</a></p><main><h1>{{title}}</h1>{{content}}</main></body></html>
"""
BLADES_LIST = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{title}}</title></head><body><h1>{{title}}</h1>
<ul>{{#subsections}}<li><a href="{{permalink}}">{{title}}</a></li>{{/subsections}}{{#pages}}<li><a href="{{permalink}}">{{title}}</a></li>{{/pages}}</ul>
{{content}}</body></html>
"""


def write_blades(root, options, language):
    """Code stays text, pages have no navigation, and links are neither resolved nor checked: they are written as addresses."""
    (root / "templates").mkdir(parents=True, exist_ok=True)
    (root / "Blades.toml").write_text('title = "Many pages"\n')
    for name, text in {"page": BLADES_PAGE, "section": BLADES_LIST}.items():
        (root / f"templates/{name}.html").write_text(text)
    (root / "assets").mkdir(exist_ok=True)
    (root / "assets/grey.png").write_bytes(png())
    (root / "content").mkdir(exist_ok=True)
    (root / "content/index.toml").write_text('title = "Many pages"\n')
    for index in range(options.pages):
        place = root / "content" / folder(index, options.section)
        if index % options.section == 0:
            place.mkdir(exist_ok=True)
            (place / "index.toml").write_text(f'title = "Section {index // options.section}"\n')
        text = page(index, options.pages, options.section, language, options.same_code)
        title, _, text = text.removeprefix("# ").partition("\n")
        text = re.sub(r"\]\(\.\./(s\d+/p\d+)\.md", r"](/\1", text).replace("](../grey.png)", "](/grey.png)")
        (place / f"p{index}.md").write_text(f'+++\ntitle = "{title}"\n+++\n{text}')


def check(site):
    """Follows every link within a site; the number of those that lead nowhere."""
    texts = {path.resolve(): path.read_text() for path in site.rglob("*.html")}
    places = {path: set(re.findall(r'\bid="([^"]*)"', text)) for path, text in texts.items()}
    links, broken = 0, 0
    for path, text in texts.items():
        for target in re.findall(r'\b(?:href|src)="([^"]*)"', text):
            if re.match(r"[a-z]+:", target):
                continue
            links += 1
            address, _, place = target.partition("#")
            file = (path.parent / unquote(address)).resolve() if address else path
            if not file.is_file() or (place and place not in places.get(file, {place})):
                broken += 1
                print(f"{path.relative_to(site.resolve())}: {target} leads nowhere")
    print(f"{links} links on {len(texts)} pages checked, {broken} broken")
    return broken


def main():
    global options, VOCABULARY
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", type=int, nargs="?", default=1000)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--section", type=int, default=50)
    parser.add_argument("--languages", default="en")
    parser.add_argument("--same-code", action="store_true")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--vocabulary", type=int, default=0)
    parser.add_argument("--mdbook", action="store_true")
    parser.add_argument("--hugo", action="store_true")
    parser.add_argument("--blades", action="store_true")
    options = parser.parse_args()
    VOCABULARY = vocabulary(options.vocabulary)
    languages = options.languages.split(",")
    if options.check:
        sys.exit(1 if check(options.folder) else 0)
    if options.mdbook:
        write_mdbook(options.folder, options, languages[0])
    elif options.hugo:
        write_hugo(options.folder, options, languages[0])
    elif options.blades:
        write_blades(options.folder, options, languages[0])
    else:
        write_octavo(options.folder, options, languages)


if __name__ == "__main__":
    main()
