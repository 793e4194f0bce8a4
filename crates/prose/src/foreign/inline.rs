//! Markup of other programs within a line.

use std::ops::Range;

use super::{Known, holds, pandoc, warn};
use crate::attributes;
use crate::notes::Notes;
use octavo_definition::diagnostic::Diagnostic;

/// Environments of LaTeX that are mathematics, which is read elsewhere.
const MATHEMATICS: &[&str] = &[
    "align",
    "alignat",
    "aligned",
    "alignedat",
    "array",
    "cases",
    "dcases",
    "displaymath",
    "eqnarray",
    "equation",
    "flalign",
    "gather",
    "gathered",
    "math",
    "matrix",
    "bmatrix",
    "pmatrix",
    "vmatrix",
    "Bmatrix",
    "Vmatrix",
    "smallmatrix",
    "multline",
    "multlined",
    "split",
    "subequations",
    "rcases",
];

/// Commands of LaTeX and what to write instead; mathematics has its own.
const COMMANDS: &[(&str, &str)] = &[
    ("cite", "write `[@key]`"),
    ("citep", "write `[@key]`"),
    ("citet", "write `@key`"),
    ("textcite", "write `@key`"),
    ("parencite", "write `[@key]`"),
    ("autocite", "write `[@key]`"),
    ("autoref", "write `[@fig:name]`, `[@tab:name]`, `[@eq:name]` or `[@sec:name]`"),
    ("cref", "write `[@fig:name]`, `[@tab:name]`, `[@eq:name]` or `[@sec:name]`"),
    ("Cref", "write `[@fig:name]`, `[@tab:name]`, `[@eq:name]` or `[@sec:name]`"),
    ("footnote", "write `^[The note.]`"),
    ("emph", "write `*text*`"),
    ("textit", "write `*text*`"),
    ("textbf", "write `**text**`"),
    ("texttt", "write `` `text` ``"),
    ("section", "write `## Title`"),
    ("subsection", "write `### Title`"),
    ("chapter", "write `# Title`"),
    ("includegraphics", "write `![Caption](file.png){width=60%}`"),
    ("url", "write the address itself"),
    ("href", "write `[text](address)`"),
];

/// Whether an environment of LaTeX is a formula.
pub(crate) fn is_mathematics(environment: &str) -> bool {
    MATHEMATICS.contains(&environment.trim_end_matches('*'))
}

pub(super) fn check(text: &str, body: usize, known: &Known, notes: &mut Notes<'_>) {
    let mut at = body;
    while let Some(found) = text[at..].find(['{', '\\', '[', ']', '=', '%', '+']) {
        let start = at + found;
        at = start + 1;
        if known.is_opaque(start) || text[..start].ends_with('\\') {
            continue;
        }
        let rest = &text[start..];
        if rest.starts_with("](") {
            if !holds(&known.links, start) {
                spaced(rest, start, notes);
            }
            continue;
        }
        let hit = match rest.as_bytes()[0] {
            b'{' => braces(text, start, known),
            b'\\' => command(rest).or_else(|| spaced_by_latex(text, start)),
            b'[' => wiki(text, start).or_else(|| undefined(text, start, known)),
            b'=' => marked(text, start, "==", "marked text is written `**text**`"),
            b'+' => marked(text, start, "++", "inserted text is written as it is"),
            _ => comment(text, start),
        };
        if let Some((length, message, help)) = hit {
            warn(notes, start..start + length, message, help);
            at = start + length;
        }
    }
    for code in &known.code {
        if let Some((span, message)) = role(text, code) {
            warn(
                notes,
                span,
                message,
                "write Markdown: `$...$` for mathematics, `[text](page.md)` or `[@fig:name]` to point at something",
            );
        }
    }
    emoji(text, body, known, notes);
}

/// `[text](a file.md)`, which is no link.
fn spaced(rest: &str, start: usize, notes: &mut Notes<'_>) {
    let inner = &rest[2..];
    let line = &inner[..inner.find('\n').unwrap_or(inner.len()).min(inner.floor_char_boundary(500))];
    let Some(end) = line.find(')') else { return };
    let target = &line[..end];
    let path = target.trim();
    if path.contains(' ') && !path.contains(['"', '\'', '<', '(']) && path.contains(['.', '/']) {
        let problem = Diagnostic::error("link", "an address with spaces is no link")
            .help(format!("write `](<{path}>)` or `]({})`", path.replace(' ', "%20")));
        notes.report(problem, &(start..start + 2 + end + 1));
    }
}

fn spaced_by_latex(text: &str, start: usize) -> Hit {
    pandoc::space(text, start).map(|(length, message, help)| (length, message.to_owned(), help.to_owned()))
}

/// `[text][name]` without a line that says where the name leads.
fn undefined(text: &str, start: usize, known: &Known) -> Hit {
    let (length, name) = pandoc::reference(text, start).filter(|_| !holds(&known.links, start))?;
    let help = format!(
        "write `[text](address)`, or a line `[{name}]: address`; for brackets in the text write `\\[`"
    );
    Some((length, format!("nothing says where `[{name}]` leads"), help))
}

type Hit = Option<(usize, String, String)>;

fn line_of(text: &str, at: usize) -> (usize, &str) {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    (start, &text[start..end])
}

/// Attributes where nothing takes them, tags of templates.
fn braces(text: &str, start: usize, known: &Known) -> Hit {
    let rest = &text[start..];
    if let Some(inner) = rest.strip_prefix("{%") {
        let end = inner.find("%}").filter(|end| !inner[..*end].contains('\n'))?;
        return Some((
            end + 4,
            "a tag of a template is not processed".to_owned(),
            "remove it, or write `\\{%` for the text".to_owned(),
        ));
    }
    if let Some(format) = rest.strip_prefix("{=") {
        let end = format.find('}')?;
        let name = &format[..end];
        return (!name.is_empty() && name.chars().all(char::is_alphanumeric)).then(|| {
            (
                end + 3,
                format!("`{{={name}}}` has no effect here"),
                "remove it; `raw_html = true` in octavo.toml allows HTML".to_owned(),
            )
        });
    }
    // Kramdown's form has a colon.
    let plain = rest.strip_prefix("{:").map(|after| format!("{{{after}"));
    let (_, length) = match &plain {
        Some(plain) => attributes::parse(line_of(plain, 0).1).map(|(found, length)| (found, length + 1))?,
        None => attributes::parse(rest)?,
    };
    if rest[..length].contains('\n') || (plain.is_none() && is_taken(text, start, length, known)) {
        return None;
    }
    let shown = &rest[..length];
    let message = format!("`{shown}` has no effect here");
    let help = "attributes stand right behind a picture, `![Caption](file.png){#fig:name width=60%}`, behind `$$`, and at the end of a \
                heading or of a table's caption; for the text itself write `\\{`";
    Some((length, message, help.to_owned()))
}

/// Whether attributes stand where they mean something.
fn is_taken(text: &str, start: usize, length: usize, known: &Known) -> bool {
    let before = text[..start].trim_end_matches([' ', '\t']);
    let (line_start, line) = line_of(text, start);
    let after = &text[start + length..line_start + line.len()];
    let ends_line = after.trim().is_empty();
    let trimmed = line.trim_start_matches([' ', '>', '\t']);
    let heading = ends_line && holds(&known.headings, start);
    let caption = ends_line && is_caption(text, line_start, line_start + line.len(), known);
    known.picture_ends.binary_search(&start).is_ok()
        || ["$$", "\\]"].iter().any(|end| before.ends_with(end))
        || (before.ends_with('}') && line_of(before, before.len()).1.contains("\\end{"))
        || heading
        || caption
        || trimmed.starts_with("[!")
}

/// Whether a line ends the caption of a table, which may run over several lines.
fn is_caption(text: &str, line_start: usize, line_end: usize, known: &Known) -> bool {
    let next = known.tables.partition_point(|table| table.start <= line_start);
    let before = next.checked_sub(1).map(|index| &known.tables[index]);
    if before.is_some_and(|table| table.contains(&line_start)) {
        return begins_caption(&text[line_start..]);
    }
    let paragraph = text[..line_start].rfind("\n\n").map_or(0, |at| at + 2);
    let between =
        |from: usize, to: usize| text.get(from..to).is_some_and(|between| between.trim().is_empty());
    let beside = before.is_some_and(|table| between(table.end, paragraph))
        || known.tables.get(next).is_some_and(|table| between(line_end, table.start));
    beside && begins_caption(&text[paragraph..])
}

fn begins_caption(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '>', '\t', '\n']);
    [": ", "Table:", "table:"].iter().any(|mark| text.starts_with(mark))
}

/// `\cite{key}`, `\begin{itemize}`.
fn command(rest: &str) -> Hit {
    let name = &rest[1..];
    let end = name.find(|c: char| !c.is_ascii_alphabetic())?;
    let after = name[end..].strip_prefix('*').unwrap_or(&name[end..]);
    let name = &name[..end];
    if end < 2 || !after.starts_with(['{', '[']) || matches!(name, "ref" | "eqref" | "tag" | "label") {
        return None;
    }
    if matches!(name, "begin" | "end") {
        // One without a brace at its end is the beginning of nothing.
        let (environment, rest_of_it) = after[1..].split_once('}')?;
        if name == "end" || is_mathematics(environment) || environment.contains('\n') {
            return None;
        }
        let message = format!("the environment `{environment}` of LaTeX is not processed");
        return Some((
            rest.len() - rest_of_it.len(),
            message,
            "write Markdown: lists, tables, pictures, `> [!NOTE]`".to_owned(),
        ));
    }
    let help = COMMANDS.iter().find(|(known, _)| *known == name).map_or(
        "write Markdown; mathematics stands between `$`; a backslash itself is `\\\\`",
        |(_, help)| help,
    );
    Some((end + 1, format!("the command `\\{name}` of LaTeX is not processed"), help.to_owned()))
}

/// `[[page]]`.
fn wiki(text: &str, start: usize) -> Hit {
    let inner = text[start..].strip_prefix("[[")?;
    let inner = &inner[..inner.find('\n').unwrap_or(inner.len()).min(inner.floor_char_boundary(200))];
    let end = inner.find("]]")?;
    let name = &inner[..end];
    let plain = !name.is_empty()
        && name.contains(char::is_alphabetic)
        && !name.contains(['[', ']', '\n', '@', '^', ',']);
    let picture = text[..start].ends_with('!');
    plain.then(|| {
        let (target, shown) = name.split_once('|').unwrap_or((name, name));
        let help = if picture {
            format!("write `![Caption]({target})`")
        } else {
            format!("write `[{shown}]({target}.md)`, or `\\[` for brackets")
        };
        (end + 4, format!("`[[{name}]]` makes no link here"), help)
    })
}

/// Text between two marks.
fn marked(text: &str, start: usize, mark: &str, help: &str) -> Hit {
    let single = &mark[..1];
    let inner = text[start..].strip_prefix(mark)?;
    let inner = &inner[..inner.floor_char_boundary(500)];
    if text[..start].ends_with(single) || inner.starts_with(single) || inner.starts_with(char::is_whitespace)
    {
        return None;
    }
    if text[..start].ends_with(char::is_alphanumeric) {
        return None;
    }
    let end = inner.find(mark)?;
    let content = &inner[..end];
    let plain = !content.is_empty() && !content.contains('\n') && !content.ends_with(char::is_whitespace);
    let after = &inner[end + mark.len()..];
    (plain
        && !after.starts_with(single)
        && !after.starts_with(char::is_alphanumeric)
        && content.contains(char::is_alphabetic))
    .then(|| (mark.len(), format!("`{mark}` does not mark text here"), help.to_owned()))
}

/// `%% ... %%`, a comment of Obsidian.
fn comment(text: &str, start: usize) -> Hit {
    let inner = text[start..].strip_prefix("%%")?;
    let inner = &inner[..inner.floor_char_boundary(2_000)];
    let end = inner.find("%%").filter(|end| *end > 0 && !inner[..*end].contains("\n\n"))?;
    Some((
        end + 4,
        "`%%` begins no comment here: this is published".to_owned(),
        "write `<!-- ... -->`".to_owned(),
    ))
}

/// A role before code: `` :ref:`x` ``, `` {ref}`x` ``.
fn role(text: &str, code: &Range<usize>) -> Option<(Range<usize>, String)> {
    let before = &text[..code.start];
    let inner = |open: char, close: char| -> Option<usize> {
        let start = before.strip_suffix(close)?.rfind(open)?;
        let name = &before[start + 1..before.len() - 1];
        let word = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
        word.then_some(start)
    };
    let start = inner('{', '}').or_else(|| inner(':', ':'))?;
    Some((start..code.end, format!("the role `{}` is not processed", &text[start..code.start])))
}

/// `:smile:`.
fn emoji(text: &str, body: usize, known: &Known, notes: &mut Notes<'_>) {
    let mut at = body;
    while let Some(found) = text[at..].find(':') {
        let start = at + found;
        at = start + 1;
        let before = text[..start].chars().last();
        let inner = &text[start + 1..];
        let end = inner
            .find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && !matches!(c, '_' | '+' | '-'));
        let Some(end) = end.filter(|end| *end > 1 && inner[*end..].starts_with(':')) else { continue };
        let after = inner[end + 1..].chars().next();
        let apart = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || ".,;!?()".contains(c));
        if apart(before)
            && apart(after)
            && inner[..end].contains(|c: char| c.is_ascii_lowercase())
            && !known.is_opaque(start)
        {
            let name = &inner[..end];
            warn(
                notes,
                start..start + end + 2,
                format!("`:{name}:` is published as it is"),
                "write the sign itself",
            );
            at = start + end + 2;
        }
    }
}
