//! What is put into mutated projects: pieces of the seed projects and of the guide, and words that lead astray.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::seeds;

/// Pieces by kind.
pub(super) struct Pool {
    /// Names and values as they stand in files: runs of letters, digits, `_`, `-` and `.`.
    pub(super) words: Vec<String>,
    /// Left sides of TOML.
    pub(super) keys: Vec<String>,
    /// Right sides of TOML.
    pub(super) values: Vec<String>,
    /// Headings of TOML with what stands below them.
    pub(super) tables: Vec<String>,
    /// Paragraphs of Markdown.
    pub(super) blocks: Vec<String>,
    /// Lines of everything.
    pub(super) lines: Vec<String>,
}

impl Pool {
    /// The only one.
    pub(super) fn get() -> &'static Self {
        static POOL: OnceLock<Pool> = OnceLock::new();
        POOL.get_or_init(Self::gather)
    }

    fn gather() -> Self {
        let guide = [
            include_str!("../../docs/experiments.md"),
            include_str!("../../docs/writing.md"),
            include_str!("../../docs/bibliography.md"),
            include_str!("../../docs/languages.md"),
        ];
        let fenced = guide.into_iter().flat_map(fenced).collect::<Vec<_>>();
        let mut toml: Vec<&str> = Vec::new();
        let mut markdown: Vec<&str> = Vec::new();
        let mut lines: BTreeSet<&str> = BTreeSet::new();
        for (path, text) in seeds::texts() {
            // The interface words and templates would crowd out everything else.
            if path.starts_with("templates/") {
                continue;
            }
            lines.extend(text.lines());
            toml.extend(path.ends_with(".toml").then_some(text));
            markdown.extend(path.ends_with(".md").then_some(text));
        }
        toml.extend(fenced.iter().filter(|(language, _)| language == &"toml").map(|(_, text)| *text));
        markdown.extend(fenced.iter().filter(|(language, _)| language == &"markdown").map(|(_, text)| *text));
        let assignments =
            || toml.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once(" = "));
        let own = |set: BTreeSet<&str>| set.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let tables = toml.iter().flat_map(|text| super::text::tables(text));
        let blocks = markdown.iter().flat_map(|text| text.split("\n\n"));
        let words = lines.iter().flat_map(|line| line.split(|c: char| !super::text::is_word(c)));
        Self {
            words: own(words.filter(|word| !word.is_empty()).collect()),
            keys: own(assignments().map(|(key, _)| key).collect()),
            values: own(assignments().map(|(_, value)| value).chain(VALUES.iter().copied()).collect()),
            tables: own(tables.collect()),
            blocks: own(blocks.chain(BLOCKS.iter().copied()).collect()),
            lines: own(lines),
        }
    }
}

/// The fenced blocks of a page: language and content.
fn fenced(text: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = text.split("\n```").collect();
    parts.iter().skip(1).step_by(2).filter_map(|part| part.split_once('\n')).collect()
}

/// Values of other types and sizes than anybody expects.
const VALUES: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "1.5",
    "-0.0",
    "1e-300",
    "1e308",
    "-1e308",
    "nan",
    "-inf",
    "inf",
    "9223372036854775807",
    "-9223372036854775808",
    "9007199254740993",
    "99999999999999999999",
    "0x7f",
    "1_0",
    "true",
    "\"\"",
    "\" \"",
    "\"x\"",
    "\"-\"",
    "\"nan\"",
    "\"1e999\"",
    "\"<b>&\"",
    "\"\\u0000\"",
    "\"\\u202e\\u0301\"",
    "\"$x\"",
    "\"$2^n$\"",
    "\"{{ value(\\\"last\\\") }}\"",
    "\"*a\"",
    "'''\nmany\nlines'''",
    "[]",
    "[[]]",
    "{}",
    "[1, \"a\", nan]",
    "[1, 1]",
    "[[1], [2]]",
    "[{}]",
    "1979-05-27",
    "07:32:00",
    "{ from = 0, to = 1 }",
    "{ from = 1, to = 0, steps = 3 }",
    "{ from = 1, to = 1e9, steps = 9, log = true }",
    "{ from = -1, to = 1, steps = 3, log = true }",
    "{ from = 0, to = 1e308, step = 1e-308 }",
    "{ from = 1, to = 3, steps = 1 }",
    "{ file = \"points.csv\" }",
    "{ file = \"no.csv\" }",
    "{ file = \"\" }",
    "{ file = \".\" }",
    "{ file = \"mark.svg\" }",
    "{ from = \"strip\", artifact = \"curve\" }",
    "{ from = \"folding/strip\", artifact = \"vertices\", where = { folds = 3 } }",
    "{ field = \"folds\", expr = \"folds\" }",
    "{ value = nan }",
    "{ value = \"x\" }",
    "{ expr = \"1 +\" }",
    "{ expr = \"mean(folds)\" }",
    "{ expr = \"1 / 0\" }",
    "{ expr = \"log(0 * folds)\" }",
    "{ field = \"\" }",
    "{ en = \"only\" }",
    "{ de = \"anders\" }",
    "\"sum(\"",
    "\"1 / 0\"",
    "\"mean(mean(folds))\"",
    "\"folds ==\"",
    "\"2 ^ 2 ^ 2 ^ 2 ^ 2 ^ 2\"",
    "\"9 ^ 99999\"",
    "\"quantile(folds, 2)\"",
    "\"fit(1 ~ folds).slope\"",
    "\"`x y`\"",
    "\"last > 0 and\"",
    "\"infinity > last\"",
    "\"count()\"",
    "\"%q\"",
    "\"%.99f\"",
    "\"%.400e\"",
    "\"%d%d\"",
    "\"%\"",
    "\">=\"",
    "\">=x\"",
    "\"!= 3\"",
    "\"point\"",
    "[\"line\", \"image\"]",
    "\"scalars\"",
    "\"curve\"",
    "\"partition\"",
    "\"../other\"",
    "\"/\"",
    "\"a/../b\"",
    "\"en\"",
    "[\"fr\"]",
    "[\"en\", \"en\"]",
    "[\"xx\"]",
    "[\"\"]",
    "\"#12345\"",
    "\"p50-p10\"",
    "\"2\"",
    "{ columns = 0 }",
    "{ field = \"folds\", columns = 1000000 }",
    "{ numbers = 0 }",
    "[0.0, 0.0]",
    "[1, 0]",
    "[\"a\", \"b\"]",
    "1e-9",
];

/// Paragraphs that are nearly right.
const BLOCKS: &[&str] = &[
    "![x](figure:nothing)",
    "![x](figure:)",
    "![](figure:growth)",
    "![x](table:nothing)",
    "{{ value(\"nothing\") }}",
    "{{ value( }}",
    "{{ claim(\"doubling\" }}",
    "{{ }}",
    "{{{{",
    "[@fig:nothing]",
    "[@]",
    "@{",
    "[@poole2016",
    "[-@",
    "$",
    "$$",
    "$$\nx",
    "$\\frac{1}$",
    "$\\notacommand$",
    "$\\left( x$",
    "$$ x $$ {#eq:fold}",
    "$a {{ value(\"last\") }} b$",
    "\\begin{align}",
    "\\end{align}",
    "\\(",
    "\\[ x",
    "+++",
    "---",
    "+++\ntitle = 3\n+++",
    "---\ntitle: x\n---",
    "# Again",
    "####### seven",
    "## Same {#sec:start}",
    "## Same\n\n## Same",
    "## {#}",
    "> [!EXERCISE]",
    "> [!NOPE] x",
    "> > > > > > > > > > deep",
    "- - - - - - - - deep",
    "[^why]",
    "[^why]: again",
    "[^]: x",
    "^[",
    "^[note *",
    "~~",
    "~",
    "H~2~~O",
    "| a | b |\n|---|",
    "| a |\n|---|\n| b | c |",
    ": caption {#tab:sizes}",
    ": caption",
    "Table:",
    "Term\n: ",
    "```",
    "```toml\nx",
    "````",
    "<b>raw</b>",
    "<!-- open",
    "<script>",
    "<https://example.org",
    "[a](b",
    "[a](javascript:x)",
    "[a](nothing.md)",
    "[a](strip.md#nothing)",
    "[a](../../../x)",
    "[a](#)",
    "[a]: x",
    "[a][a]",
    "![a](mark.svg){#fig:mark}",
    "![a](mark.svg){width=",
    "![a](mark.svg){width=-1px alt=}",
    "![a](no.png)",
    "{{ gallery() }}",
    "{{ gallery(\"no.png\") }}",
    "{{ table(\"reach\", rows = -1) }}",
    "{{ table(\"reach\", rows = 99999999999999999999) }}",
    "{{ value(\"last\", \"%q\") }}",
    "{{ value(\"strip#last\") }}",
    "{{ value(\"#\") }}",
    "&nbsp;&#0;&#x110000;&bogus;",
    "\\",
    "\\\\",
    "*a **b* c**",
    "[[[[[[[[",
    "(((((",
    "$\\ce{->}$",
    "$\\qty{x}{\\y}$",
    "$\\def\\a{\\a}\\a$",
    "$\\newcommand{\\b}[9]{#9#8}\\b1$",
    "$x^{y^{z^{w^{v}}}}$",
    "$\\begin{matrix}1&2$",
    "$\\text{$x}$",
    "$\\color{nope}{x}$",
    "$\\hspace{1e99cm}$",
    "$%$",
    "$#$",
    "$&$",
    "$_$",
    "$^$",
    "$x__y$",
    "$\\sqrt[$",
];

/// Signs that open, close or part something.
pub(super) const SIGNS: &[&str] = &[
    "\"", "'", "`", "[", "]", "{", "}", "(", ")", "$", "$$", "=", "|", "*", "_", "#", "\\", "<", ">", "@",
    ",", ";", ":", ".", "-", "+", "&", "%", "^", "~", "!", "/", "\"\"\"", "'''", "```", "{{", "}}", "[[",
    "]]", "<!--", "-->", "{%", "%}", "{#", "#}", "\n", "\r", "\r\n", "\t", " ", "\n\n",
];

/// Texts that few expect.
pub(super) const STRANGE: &[&str] = &[
    "\u{feff}",
    "\u{0}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{200b}",
    "\u{200f}",
    "\u{202e}",
    "\u{2028}",
    "\u{85}",
    "\u{a0}",
    "e\u{301}\u{301}\u{301}",
    "\u{301}",
    "שלום",
    "مرحبا",
    "漢字",
    "👩‍👩‍👧",
    "𝔘",
    "ß",
    "İ",
    "ﬁ",
    "\u{fffd}",
    "\u{e000}",
    "\u{10ffff}",
    "½",
    "²",
    "−1",
    "“x”",
    "…",
    "K",
    "0x",
    "1e",
    "1e999",
    "-",
    "NaN",
    "null",
    "None",
    "true",
    "99999999999999999999999999999999999999999",
];
