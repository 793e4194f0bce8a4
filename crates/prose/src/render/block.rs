//! A document to HTML: its blocks.

use std::fmt::Write as _;

use pulldown_cmark::Alignment;

use super::{Heading, Renderer};
use crate::document::{Block, Definition, Inline, PlacedBlock, RawPiece, TableCaption};
use crate::highlight::highlight;
use crate::host::Placed;
use crate::label::slug;
use crate::math::{Formula, Tag};
use crate::part::Part;
use crate::safe_html::{SafeHtml, escape};
use crate::typography::typeset_text;
use octavo_definition::diagnostic::Diagnostic;

/// What to write instead of a picture's description, which is drawn elsewhere.
fn drawing(language: &str) -> Option<String> {
    const PROGRAMS: &[&str] = &[
        "mermaid",
        "graphviz",
        "plantuml",
        "puml",
        "ditaa",
        "tikz",
        "vega",
        "vega-lite",
        "bytefield",
        "wavedrom",
        "d2",
    ];
    let known = PROGRAMS.iter().any(|known| language.eq_ignore_ascii_case(known));
    known.then(|| {
        "nothing is drawn of it here: place the picture, `![Caption](diagram.svg)`; `text` shows its source".to_owned()
    })
}

impl Renderer<'_> {
    pub(super) fn blocks(&mut self, blocks: &[Block], html: &mut String) {
        let is_claim = |block: &Block| matches!(block, Block::Claim { .. });
        for run in blocks.chunk_by(|one, next| is_claim(one) && is_claim(next)) {
            match run {
                [block] => self.block(block, html),
                claims => self.claims(claims, html),
            }
        }
    }

    /// Claims that follow on one another are one list.
    fn claims(&mut self, claims: &[Block], html: &mut String) {
        html.push_str("<ul class=\"claims\">\n");
        for claim in claims {
            html.push_str("<li>");
            self.block(claim, html);
            html.push_str("</li>\n");
        }
        html.push_str("</ul>\n");
    }

    fn block(&mut self, block: &Block, html: &mut String) {
        match block {
            Block::Paragraph(inlines) => {
                html.push_str("<p>");
                self.explaining(inlines, html);
                html.push_str("</p>\n");
            }
            Block::Plain(inlines) => {
                self.explaining(inlines, html);
                html.push('\n');
            }
            Block::Heading(heading) => {
                let _ = write!(html, "<h{} id=\"{}\">", heading.level, escape(&heading.id));
                self.inlines(&heading.inlines, html);
                let _ = writeln!(html, "</h{}>", heading.level);
                let text = typeset_text(&self.alternative(&heading.inlines), self.locale);
                self.outline.push(Heading { level: heading.level, id: heading.id.clone(), text });
            }
            Block::Code { language, text, span } => self.code(language, text, span, html),
            Block::Quote(inner) => self.wrapped("<blockquote>\n", inner, "</blockquote>\n", html),
            Block::Callout { kind, title, blocks } => {
                let (title, content) = (self.own_title(title), self.content(blocks));
                self.part(Part::Callout { kind: kind.name(), title, content }, html);
            }
            Block::Exercise { number, id, title, blocks } => {
                let (title, content) = (self.own_title(title), self.content(blocks));
                self.part(Part::Exercise { id, number: *number, title, content }, html);
            }
            Block::Solution { title, blocks } => {
                let (title, content) = (self.own_title(title), self.content(blocks));
                self.part(Part::Solution { title, content }, html);
            }
            Block::List { start, items } => self.list(*start, items, html),
            Block::Definitions(parts) => self.definitions(parts, html),
            Block::Table { alignments, head, rows, caption } => {
                self.open_table(caption.as_ref(), html);
                self.table(alignments, head, rows, html);
                if caption.is_some() {
                    html.push_str("</figure>\n");
                }
            }
            Block::Rule => html.push_str("<hr>\n"),
            Block::Html(raw) => self.raw(raw, html),
            Block::Equation { formula, id, number } => {
                self.equation(formula, id.as_deref(), number.as_ref(), html);
            }
            Block::Figure(placed) => self.figure(placed, html),
            Block::Picture(picture) => self.own_picture(picture, html),
            Block::ResultTable(placed) => {
                let caption = self.caption(placed);
                let table = self.host.table(placed_at(placed, caption));
                push_line(html, &table);
            }
            Block::Claim { target, id } => push_line(html, &self.host.claim(target, id)),
        }
    }

    /// A part whose form is the host's.
    pub(super) fn part(&self, part: Part<'_>, html: &mut String) {
        push_line(html, &self.host.part(part, self.locale));
    }

    fn own_title(&mut self, title: &[Inline]) -> Option<SafeHtml> {
        (!title.is_empty()).then(|| SafeHtml::trusted(self.inline_html(title)))
    }

    pub(super) fn content(&mut self, blocks: &[Block]) -> SafeHtml {
        let mut html = String::new();
        self.blocks(blocks, &mut html);
        SafeHtml::trusted(html)
    }

    fn element(&mut self, name: &str, inlines: &[Inline], html: &mut String) {
        let _ = write!(html, "<{name}>");
        self.inlines(inlines, html);
        let _ = writeln!(html, "</{name}>");
    }

    fn wrapped(&mut self, before: &str, blocks: &[Block], after: &str, html: &mut String) {
        html.push_str(before);
        self.blocks(blocks, html);
        html.push_str(after);
    }

    fn code(&mut self, language: &str, text: &str, span: &std::ops::Range<usize>, html: &mut String) {
        let inside = self.host.code(language, text, &|| highlight(language, text)).unwrap_or_else(|help| {
            let problem = Diagnostic::warning("code-language", format!("no language is called `{language}`"));
            let help = drawing(language).or(help);
            self.report(Diagnostic { help: help.or(problem.help.clone()), ..problem }, span);
            escape(text)
        });
        let class = if language.is_empty() {
            String::new()
        } else {
            format!(" class=\"language-{}\"", slug(language))
        };
        let _ = writeln!(html, "<pre class=\"code\" tabindex=\"0\"><code{class}>{inside}</code></pre>");
    }

    fn list(&mut self, start: Option<u64>, items: &[Vec<Block>], html: &mut String) {
        let name = if start.is_some() { "ol" } else { "ul" };
        let _ = match start {
            Some(first) if first != 1 => writeln!(html, "<ol start=\"{first}\">"),
            _ => writeln!(html, "<{name}>"),
        };
        for item in items {
            html.push_str(if is_task(item) { "<li class=\"task\">" } else { "<li>" });
            self.blocks(item, html);
            html.truncate(html.trim_end().len());
            html.push_str("</li>\n");
        }
        let _ = writeln!(html, "</{name}>");
    }

    fn definitions(&mut self, parts: &[Definition], html: &mut String) {
        html.push_str("<dl>\n");
        for part in parts {
            match part {
                Definition::Term(inlines) => self.element("dt", inlines, html),
                Definition::Meaning(blocks) => {
                    html.push_str("<dd>");
                    self.blocks(blocks, html);
                    html.truncate(html.trim_end().len());
                    html.push_str("</dd>\n");
                }
            }
        }
        html.push_str("</dl>\n");
    }

    /// Raw HTML, which the project allows, with the addresses of its own files as the page needs them.
    pub(super) fn raw(&mut self, pieces: &[RawPiece], html: &mut String) {
        for piece in pieces {
            match piece {
                RawPiece::Markup(markup) => html.push_str(markup),
                RawPiece::Address(target, span) => {
                    let address = self.resolved(target, span).unwrap_or_else(|| target.clone());
                    html.push_str(&escape(&address));
                }
            }
        }
    }

    /// The figure around a table that has a caption.
    fn open_table(&mut self, caption: Option<&TableCaption>, html: &mut String) {
        let Some(TableCaption { id, number, inlines }) = caption else { return };
        let _ = writeln!(html, "<figure id=\"{}\" class=\"table\">", escape(id));
        self.own_caption("table", *number, id, inlines, html);
    }

    fn table(
        &mut self,
        alignments: &[Alignment],
        head: &[Vec<Inline>],
        rows: &[Vec<Vec<Inline>>],
        html: &mut String,
    ) {
        let label = escape(self.locale.word("table"));
        let _ = writeln!(
            html,
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">\n<table>\n<thead>"
        );
        self.row("th scope=\"col\"", alignments, head, html);
        html.push_str("</thead>\n");
        if !rows.is_empty() {
            html.push_str("<tbody>\n");
            for row in rows {
                self.row("td", alignments, row, html);
            }
            html.push_str("</tbody>\n");
        }
        html.push_str("</table>\n</div>\n");
    }

    fn row(&mut self, tag: &str, alignments: &[Alignment], cells: &[Vec<Inline>], html: &mut String) {
        html.push_str("<tr>");
        for (index, cell) in cells.iter().enumerate() {
            let class = match alignments.get(index) {
                Some(Alignment::Left) => " class=\"left\"",
                Some(Alignment::Center) => " class=\"center\"",
                Some(Alignment::Right) => " class=\"right\"",
                _ => "",
            };
            // An empty header cell is no header.
            let tag = if cell.is_empty() { "td" } else { tag };
            let _ = write!(html, "<{tag}{class}>");
            self.inlines(cell, html);
            let _ = write!(html, "</{}>", &tag[..2]);
        }
        html.push_str("</tr>\n");
    }

    fn equation(&mut self, formula: &Formula, id: Option<&str>, number: Option<&Tag>, html: &mut String) {
        let mathml = self.formula(formula);
        let long = long(&mathml);
        let id = id.map_or(String::new(), |id| format!(" id=\"{}\"", escape(id)));
        let word = escape(self.locale.word("equation"));
        let label = number.map_or_else(|| word.clone(), |number| format!("{word} {}", escape(&number.text)));
        let _ = write!(
            html,
            "<div class=\"equation{long}\"{id}><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">{mathml}</div>"
        );
        if let Some(number) = number {
            let _ = write!(html, "<span class=\"equation-number\">{}</span>", escape(&number.shown()));
        }
        html.push_str("</div>\n");
    }

    fn caption(&mut self, placed: &PlacedBlock) -> Option<SafeHtml> {
        (!placed.caption.is_empty()).then(|| SafeHtml::trusted(self.inline_html(&placed.caption)))
    }

    /// Remembers a figure of the page.
    pub(super) fn note_figure(&mut self, id: &str) {
        self.figures.push(id.to_owned());
    }

    fn figure(&mut self, placed: &PlacedBlock, html: &mut String) {
        let caption = self.caption(placed);
        self.figures.push(placed.id.clone());
        let figure = self.host.figure(placed_at(placed, caption));
        push_line(html, &figure);
    }
}

fn placed_at(placed: &PlacedBlock, caption: Option<SafeHtml>) -> Placed<'_> {
    Placed { target: &placed.target, id: &placed.id, number: placed.number, caption, rows: placed.rows }
}

fn push_line(html: &mut String, block: &SafeHtml) {
    html.push_str(block.as_str());
    if !block.as_str().ends_with('\n') {
        html.push('\n');
    }
}

fn is_task(item: &[Block]) -> bool {
    matches!(
        item.first(),
        Some(Block::Plain(inlines) | Block::Paragraph(inlines)) if matches!(inlines.first(), Some(Inline::Task(_)))
    )
}

/// How much longer than a printed line a formula is about: the class that sets it smaller on paper, where nobody scrolls. Letters of
/// its longest row are counted, of scripts and fractions all.
fn long(mathml: &str) -> &'static str {
    let mathml = mathml.split("<annotation").next().unwrap_or_default();
    let letters = |row: &str| {
        let mut inside = false;
        let visible = row.chars().filter(|c| {
            inside = (inside || *c == '<') && *c != '>';
            !inside && *c != '>' && !c.is_whitespace()
        });
        visible.count()
    };
    match mathml.split("<mtr").map(letters).max().unwrap_or(0) {
        0..=65 => "",
        66..=82 => " long-1",
        83..=110 => " long-2",
        _ => " long-3",
    }
}

#[cfg(test)]
mod tests {
    use super::long;

    #[test]
    fn the_longest_row_of_a_formula_decides_how_it_is_printed() {
        let row = |letters: usize| format!("<mtr><mtd><mi>{}</mi></mtd></mtr>", "x".repeat(letters));
        for (formula, class) in [
            (format!("<math>{}</math>", row(65)), ""),
            (format!("<math>{}{}{}</math>", row(60), row(60), row(60)), ""),
            (format!("<math>{}{}</math>", row(10), row(66)), " long-1"),
            (format!("<math>{}</math>", row(100)), " long-2"),
            (format!("<math>{}<annotation>{}</annotation></math>", row(4), "y".repeat(300)), ""),
            (format!("<math>{}</math>", row(111)), " long-3"),
        ] {
            assert_eq!(long(&formula), class, "{formula}");
        }
    }
}
