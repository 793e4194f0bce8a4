//! What stands on its own lines.

use std::fmt::Write as _;

use super::text::{broken, label, push_text, string};
use super::tree::{Element, Node};
use super::{Writer, math, shown};

impl Writer<'_> {
    /// Blocks, with running text between them as paragraphs.
    pub(super) fn blocks(&mut self, nodes: &[Node]) {
        let mut at = 0;
        while at < nodes.len() {
            let run = nodes[at..].iter().take_while(|node| is_running(node)).count();
            if run > 0 {
                self.paragraph(&nodes[at..at + run]);
                at += run;
            } else if let Node::Element(element) = &nodes[at] {
                self.block(element);
                at += 1;
            }
        }
    }

    fn paragraph(&mut self, nodes: &[Node]) {
        if shown(nodes).next().is_none() {
            return;
        }
        self.inlines(nodes);
        self.out.truncate(self.out.trim_end().len());
        self.out.push_str("\n\n");
    }

    pub(super) fn block(&mut self, element: &Element) {
        match element.name.as_str() {
            "p" => self.paragraph(&element.children),
            "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(element),
            "ul" if element.is("claims") => self.contents_of_items(element),
            "ul" => self.list(element, "- "),
            "ol" => self.list(element, "+ "),
            "dl" => self.definitions(element),
            "blockquote" => self.wrapped("#quote(block: true)[", element),
            "pre" => self.code(element),
            "hr" => self.out.push_str("#line(length: 100%)\n\n"),
            "table" => {
                self.table(element);
                self.out.push_str("\n\n");
            }
            "figure" => self.figure(element),
            "aside" if element.is("claim") => self.claim(element),
            "details" if element.is("solution") => self.solution(element),
            "div" if element.is("equation") => self.equation(element),
            "div" if element.is("exercise") || element.is("callout") => self.boxed(element),
            "section" if element.is("footnotes") || element.is("references") => {}
            "section" if element.is("appendix") => {}
            "nav" | "form" | "button" | "script" => {}
            "video" | "audio" => {
                self.problem(format!("`{}` is a film or a sound", element.attribute("src")));
            }
            "div" | "section" | "aside" | "article" | "details" | "header" => {
                if element.is("failure") {
                    self.problem(element.words().trim().to_owned());
                }
                self.blocks(&element.children);
            }
            other => self.problem(format!("`<{other}>` has no counterpart in Typst")),
        }
    }

    fn heading(&mut self, element: &Element) {
        // The title of the page is no heading in Typst.
        let level = element.name[1..].parse::<usize>().unwrap_or(2).max(2) - 1;
        let _ = write!(self.out, "{} ", "=".repeat(level));
        self.inlines(&element.children);
        self.named(element);
    }

    /// Ends a block with the label of its id.
    fn named(&mut self, element: &Element) {
        let id = label(element.attribute("id"));
        if id.is_empty() {
            self.out.push_str("\n\n");
        } else {
            let _ = write!(self.out, " <{id}>\n\n");
        }
    }

    /// Blocks within the brackets of a function.
    fn inside(&mut self, nodes: &[Node]) {
        self.out.push('\n');
        self.blocks(nodes);
        self.out.truncate(self.out.trim_end().len());
        self.out.push('\n');
    }

    fn wrapped(&mut self, open: &str, element: &Element) {
        self.out.push_str(open);
        self.inside(&element.children);
        self.out.push_str("]\n\n");
    }

    fn contents_of_items(&mut self, list: &Element) {
        list.elements().for_each(|item| self.blocks(&item.children));
    }

    fn list(&mut self, list: &Element, mark: &str) {
        if list.name == "ol" && !list.attribute("start").is_empty() {
            let _ = writeln!(self.out, "#set enum(start: {})", list.attribute("start"));
        }
        for item in list.elements() {
            let start = self.out.len();
            self.blocks(&item.children);
            let body = self.out.split_off(start);
            let body = body.trim().replace('\n', "\n  ");
            let _ = writeln!(self.out, "{mark}{body}");
        }
        self.out.push('\n');
    }

    fn definitions(&mut self, list: &Element) {
        for part in list.elements() {
            let start = self.out.len();
            self.blocks(&part.children);
            let body = self.out.split_off(start);
            let body = body.trim();
            let _ = match part.name.as_str() {
                "dt" => writeln!(self.out, "#strong[{body}]\n"),
                _ => writeln!(self.out, "#pad(left: 1.5em)[{body}]\n"),
            };
        }
    }

    fn code(&mut self, element: &Element) {
        let language = element.elements().next().map(|code| code.attribute("class")).unwrap_or_default();
        let language = language.strip_prefix("language-").unwrap_or_default();
        let lang = if language.is_empty() { String::new() } else { format!(", lang: {}", string(language)) };
        let lines: Vec<String> = element.words().trim_end().lines().map(string).collect();
        let _ = write!(self.out, "#raw(block: true{lang}, ({},).join(\"\\n\"))\n\n", lines.join(", "));
    }

    fn equation(&mut self, element: &Element) {
        let Some(formula) = element.find(&|one| one.name == "math") else { return };
        let number = element.find(&|one| one.is("equation-number")).map(Element::words);
        self.formula(formula, number.as_deref().map(str::trim));
        self.named(element);
    }

    /// A callout or exercise: its title, and what is in it.
    fn boxed(&mut self, element: &Element) {
        let is_title = |node: &&Node| matches!(node, Node::Element(one) if one.is("exercise-title") || one.is("callout-title"));
        self.out.push_str("#boxed[");
        if let Some(Node::Element(title)) = element.children.iter().find(is_title) {
            self.inlines(&title.children);
        }
        self.out.push_str("][");
        let rest: Vec<Node> = element.children.iter().filter(|node| !is_title(node)).cloned().collect();
        self.inside(&rest);
        self.out.push(']');
        self.named(element);
    }

    fn solution(&mut self, element: &Element) {
        let is_title = |node: &&Node| matches!(node, Node::Element(one) if one.name == "summary");
        self.out.push_str("#boxed[");
        if let Some(Node::Element(title)) = element.children.iter().find(is_title) {
            self.inlines(&title.children);
        }
        self.out.push_str("][");
        let rest: Vec<Node> = element.children.iter().filter(|node| !is_title(node)).cloned().collect();
        self.inside(&rest);
        self.out.push_str("]\n\n");
    }

    /// A claim: its verdict, what it says, and the numbers behind it.
    fn claim(&mut self, element: &Element) {
        let Some(statement) = element.find(&|one| one.is("statement")) else { return };
        let is_verdict = |node: &&Node| matches!(node, Node::Element(one) if one.is("verdict"));
        let verdict = statement.children.iter().find(is_verdict);
        self.out.push_str("#claim[");
        if let Some(Node::Element(verdict)) = verdict {
            self.inlines(&verdict.children);
        }
        self.out.push_str("][");
        let rest: Vec<Node> = statement.children.iter().filter(|node| !is_verdict(node)).cloned().collect();
        self.inlines(&rest);
        self.out.push_str("][");
        let mut parts = Vec::new();
        element.all(&|one| one.is("part"), &mut parts);
        let numbers: Vec<&Element> =
            parts.iter().filter_map(|part| part.elements().nth(1)).filter(|one| one.name == "p").collect();
        for (index, numbers) in numbers.into_iter().enumerate() {
            self.out.push_str(if index > 0 { "; " } else { "" });
            self.inlines(&numbers.children);
        }
        if let Some(summary) = element.find(&|one| one.name == "summary") {
            self.out.push_str(" · ");
            self.inlines(&summary.children);
        }
        self.out.push(']');
        self.named(element);
    }

    /// A figure or table with its caption. The whole has a label, and the page counts as Typst does.
    fn figure(&mut self, element: &Element) {
        let mut failures = Vec::new();
        element.all(&|one| one.is("failure"), &mut failures);
        for failure in &failures {
            self.problem(failure.words().trim().to_owned());
        }
        let is_table = element.is("table");
        self.out.push_str("#figure(\n  ");
        match element.find(&|one| one.name == "table") {
            Some(table) if is_table => {
                self.out.push('[');
                self.table(table);
                self.out.push_str("],\n  kind: table");
            }
            _ => {
                self.pictures(element);
                self.out.push_str(",\n  kind: image");
            }
        }
        let word = self.word(if is_table { "table" } else { "figure" });
        let _ = write!(self.out, ",\n  supplement: [");
        push_text(&mut self.out, &word);
        self.out.push_str("],\n  caption: [");
        if let Some(caption) = element.find(&|one| one.name == "figcaption")
            && let Some(caption) = caption.elements().next()
        {
            let number = |node: &&Node| !matches!(node, Node::Element(one) if one.is("number"));
            let words: Vec<Node> = caption.children.iter().filter(number).cloned().collect();
            self.inlines(&words);
            self.out.truncate(self.out.trim_end().len());
        }
        self.out.push_str("],\n)");
        self.named(element);
    }

    /// The drawing of a figure, or the pictures of a gallery.
    fn pictures(&mut self, figure: &Element) {
        let mut files = Vec::new();
        let drawing = |one: &Element| one.name == "a" && one.attribute("href").ends_with(".svg");
        let initial = figure.find(&|one| one.is("frame") && one.is("initial")).unwrap_or(figure);
        let row = figure.find(&|one| one.name == "div" && one.is("row"));
        if let (Some(file), Some(svg)) =
            (row.and_then(|row| row.find(&drawing)), initial.find(&|one| one.name == "svg"))
        {
            let words = |name: &str| {
                svg.elements().find(|one| one.name == name).map(Element::words).unwrap_or_default()
            };
            let (title, text) = (words("title"), words("desc"));
            let alt = [title.trim(), text.trim()].map(|part| part.trim_end_matches('.')).join(". ");
            files.push((file.attribute("href").to_owned(), alt.trim_matches(['.', ' ']).to_owned()));
        } else {
            let mut images = Vec::new();
            initial.all(&|one| one.name == "img" && !one.is("on-dark"), &mut images);
            let each = images.iter().map(|one| (one.attribute("src"), one.attribute("alt")));
            files.extend(each.map(|(src, alt)| (src.to_owned(), alt.to_owned())));
        }
        if files.is_empty() {
            self.problem(format!("the figure `{}` has no drawing", figure.attribute("id")));
            self.out.push_str("[]");
        }
        if files.len() > 1 {
            let _ = write!(self.out, "grid(columns: {}, gutter: 1em, ", files.len().min(3));
        }
        for (index, (file, alt)) in files.iter().enumerate() {
            self.out.push_str(if index > 0 { ", " } else { "" });
            self.image(file, alt);
        }
        if files.len() > 1 {
            self.out.push(')');
        }
    }

    fn image(&mut self, file: &str, alt: &str) {
        let name = self.file(file);
        let alt = if alt.trim().is_empty() { self.word("figure") } else { alt.to_owned() };
        let _ = write!(self.out, "image({}, alt: {})", string(&name), string(&alt));
    }

    /// A picture within running text.
    pub(super) fn picture(&mut self, element: &Element) {
        self.out.push_str("#box(height: 1em, ");
        self.image(element.attribute("src"), element.attribute("alt"));
        self.out.push_str(");");
    }

    /// What the document calls a file of the page.
    fn file(&mut self, file: &str) -> String {
        let route = super::decoded(&super::within(self.around.route, file));
        let name = (self.around.names)(&route);
        self.page.pictures.insert(route, name.clone());
        name
    }

    /// A table with its head.
    fn table(&mut self, table: &Element) {
        let mut rows = Vec::new();
        table.all(&|one| one.name == "tr", &mut rows);
        let span = |cell: &Element| cell.attribute("colspan").parse::<usize>().unwrap_or(1).max(1);
        let width = rows.iter().map(|row| row.elements().map(span).sum::<usize>()).max().unwrap_or(1);
        let last = rows.last().map(|row| row.elements().collect::<Vec<_>>()).unwrap_or_default();
        let side = |column: usize| match last.get(column) {
            Some(cell) if cell.is("n") || cell.is("right") => "right",
            Some(cell) if cell.is("center") => "center",
            _ => "left",
        };
        let sides: Vec<&str> = (0..width).map(side).collect();
        let _ = writeln!(self.out, "#table(columns: {width}, stroke: none, align: ({},),", sides.join(", "));
        let head = table.find(&|one| one.name == "thead");
        let heads = head.map_or(0, |head| head.elements().filter(|one| one.name == "tr").count());
        if heads > 0 {
            self.out.push_str("    table.hline(),\n    table.header(");
            rows[..heads].iter().for_each(|row| self.row(row));
            self.out.push_str("),\n    table.hline(stroke: .5pt),\n");
        }
        for row in &rows[heads..] {
            self.out.push_str("    ");
            self.row(row);
            self.out.push('\n');
        }
        self.out.push_str("    table.hline(),\n  )");
    }

    fn row(&mut self, row: &Element) {
        for cell in row.elements() {
            let span = cell.attribute("colspan");
            if span.is_empty() {
                self.out.push('[');
            } else {
                let _ = write!(self.out, "table.cell(colspan: {span})[");
            }
            match cell.children.as_slice() {
                [Node::Text(text)] => push_text(&mut self.out, &broken(text)),
                several => self.inlines(several),
            }
            self.out.push_str("], ");
        }
    }
}

/// Whether a node is running text and no block.
fn is_running(node: &Node) -> bool {
    const RUNNING: &[&str] = &[
        "em", "i", "strong", "b", "del", "sup", "sub", "code", "br", "a", "img", "span", "cite", "small", "q",
    ];
    match node {
        Node::Text(_) => true,
        Node::Element(element) => RUNNING.contains(&element.name.as_str()) || math::is_formula(node),
    }
}
