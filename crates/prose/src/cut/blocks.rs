//! As much of Markdown's blocks as it takes to know where running text stands.

/// Elements that begin a block of HTML. Source: CommonMark 0.31, section 4.6, sixth kind.
const BLOCK_TAGS: &[&str] = &[
    "address",
    "article",
    "aside",
    "base",
    "basefont",
    "blockquote",
    "body",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "menuitem",
    "nav",
    "noframes",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "ul",
];

/// A line of the source and what it stands in.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    whole: &'a str,
    /// Where its text begins, behind the marks of quotations and list items.
    pub(super) content: usize,
    /// Where the next line begins.
    pub(super) next: usize,
    /// How many quotations it stands in.
    pub(super) quotes: usize,
    /// Columns of white space before a marker of a list item, or before the text if there is none.
    pub(super) indent: usize,
    /// Column at which its text begins, behind quotation marks.
    pub(super) column: usize,
    /// Whether it begins a list item, a footnote or a definition.
    pub(super) marker: bool,
}

impl<'a> Line<'a> {
    /// The line that begins at this byte.
    pub(super) fn read(whole: &'a str, start: usize) -> Self {
        let next = whole[start..].find('\n').map_or(whole.len(), |newline| start + newline + 1);
        let mut line = Self { whole, content: start, next, quotes: 0, indent: 0, column: 0, marker: false };
        loop {
            let (spaces, columns) = white(&whole[line.content..next]);
            let at = line.content + spaces;
            let rest = &whole[at..next];
            let deep = columns >= 4 && !line.marker;
            if rest.starts_with('>') && !deep {
                line.quotes += 1;
                line.content = at + 1 + usize::from(rest[1..].starts_with(' '));
                (line.indent, line.column, line.marker) = (0, 0, false);
                continue;
            }
            let marker = if deep && columns >= 12 { 0 } else { marker(rest) };
            if !line.marker {
                line.indent = columns;
            }
            line.column += columns;
            line.content = at;
            if marker == 0 {
                return line;
            }
            line.marker = true;
            line.content = at + marker;
            if rest.starts_with('[') {
                // What belongs to a footnote is indented by four columns, however long its name is.
                line.content += white(&whole[line.content..next]).0;
                line.column += 4;
            } else {
                line.column += marker;
            }
        }
    }

    /// The line in which this byte stands.
    pub(super) fn around(whole: &'a str, at: usize) -> Self {
        Self::read(whole, whole[..at].rfind('\n').map_or(0, |newline| newline + 1))
    }

    /// What is left of a line from this byte on, in what `before` stands in.
    pub(super) fn rest(whole: &'a str, at: usize, before: &Self) -> Self {
        let next = whole[at..].find('\n').map_or(whole.len(), |newline| at + newline + 1);
        Self { content: at, next, marker: false, ..before.clone() }
    }

    /// Where the line that begins here goes on behind the marks of so many quotations; `None` if it has fewer.
    pub(super) fn without_quotes(whole: &str, start: usize, quotes: usize) -> Option<usize> {
        let mut at = start;
        for _ in 0..quotes {
            let (spaces, _) = white(&whole[at..]);
            let rest = whole[at + spaces..].strip_prefix('>')?;
            at = whole.len() - rest.strip_prefix(' ').unwrap_or(rest).len();
        }
        Some(at)
    }

    /// Its text, without the end of the line.
    pub(super) fn text(&self) -> &'a str {
        self.whole[self.content..self.next].trim_end()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text().is_empty() && !self.marker
    }

    pub(super) fn is_heading(&self) -> bool {
        let text = self.text();
        let level = text.len() - text.trim_start_matches('#').len();
        (1..=6).contains(&level) && text[level..].starts_with([' ', '\t'])
    }

    pub(super) fn is_fence(&self) -> bool {
        fence(self.text()).is_some()
    }
}

/// Bytes and columns of the white space at the beginning.
fn white(text: &str) -> (usize, usize) {
    let bytes = text.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let columns = text
        .bytes()
        .take(bytes)
        .fold(0, |column, byte| if byte == b'\t' { column + 4 - column % 4 } else { column + 1 });
    (bytes, columns)
}

/// The length of a marker of a list item, a footnote or a definition, with the space behind it; 0 if there is none.
fn marker(text: &str) -> usize {
    let spaced = |length: usize| match text.as_bytes().get(length) {
        None | Some(b'\n' | b'\r') => length,
        Some(b' ' | b'\t') => length + 1,
        Some(_) => 0,
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if text.starts_with(['-', '+', '*', ':']) {
        spaced(1)
    } else if (1..=9).contains(&digits) && text[digits..].starts_with(['.', ')']) {
        spaced(digits + 1)
    } else if let Some(label) = text.strip_prefix("[^").and_then(|rest| rest.split("]:").next())
        && text[2 + label.len()..].starts_with("]:")
        && !label.contains([']', '\n'])
    {
        2 + label.len() + 2
    } else {
        0
    }
}

/// The character and length of a fence of code that this text begins with.
fn fence(text: &str) -> Option<(char, usize)> {
    let c = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.len() - text.trim_start_matches(c).len();
    (length >= 3 && !(c == '`' && text[length..].contains('`'))).then_some((c, length))
}

/// Where a block of fenced code ends that begins with this line.
pub(super) fn end_of_fence(text: &str, line: &Line<'_>) -> Option<usize> {
    let (c, length) = fence(line.text())?;
    let item = if line.marker { line.column } else { 0 };
    let mut at = line.next;
    while at < text.len() {
        let Some(content) = Line::without_quotes(text, at, line.quotes) else { return Some(at) };
        let next = text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1);
        let inside = text[content..next].trim();
        let (_, columns) = white(&text[content..next]);
        if columns < item && !inside.is_empty() {
            return Some(at);
        }
        at = next;
        let closing = inside.len() >= length && inside.chars().all(|found| found == c);
        if closing {
            return Some(at);
        }
    }
    Some(at)
}

/// Where a block of HTML ends that begins with this line.
pub(super) fn end_of_html(text: &str, line: &Line<'_>) -> Option<usize> {
    let content = line.text().strip_prefix('<')?;
    let lower = content.get(..content.floor_char_boundary(12))?.to_ascii_lowercase();
    let raw = ["script", "pre", "style", "textarea"].into_iter().find(|name| {
        lower.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '>']))
    });
    let end = match content {
        _ if content.starts_with("!--") => Some("-->".to_owned()),
        _ if content.starts_with('?') => Some("?>".to_owned()),
        _ if content.starts_with("![CDATA[") => Some("]]>".to_owned()),
        _ if content.starts_with('!') => Some(">".to_owned()),
        _ => raw.map(|name| format!("</{name}>")),
    };
    if let Some(end) = end {
        let found = text[line.content..].find(&end).map_or(text.len(), |found| line.content + found);
        return Some(text[found..].find('\n').map_or(text.len(), |newline| found + newline + 1));
    }
    let name = lower.trim_start_matches('/');
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    let alone = || {
        let whole = line.content..line.content + line.text().len();
        tag_end(text, whole.start, whole.end) == Some(whole.end)
    };
    if !BLOCK_TAGS.contains(&name) && !alone() {
        return None;
    }
    let mut at = line.next;
    while at < text.len() {
        let line = Line::read(text, at);
        if line.is_blank() {
            break;
        }
        at = line.next;
    }
    Some(at)
}

/// Where running text ends that begins with this line.
pub(super) fn end_of_leaf(text: &str, line: &Line<'_>) -> usize {
    let mut at = line.next;
    if line.is_heading() {
        return at;
    }
    while at < text.len() {
        let next = Line::read(text, at);
        let begins = next.marker || next.quotes > line.quotes || next.is_heading() || next.is_fence();
        if next.is_blank() || begins {
            break;
        }
        at = next.next;
    }
    at
}

/// Where a paragraph ends if nothing but an empty line, a fence or the end of its quotation ends it.
pub(super) fn end_of_paragraph(text: &str, line: &Line<'_>) -> usize {
    let mut at = line.next;
    while at < text.len() {
        let next = Line::read(text, at);
        if next.is_blank() || next.is_fence() || next.is_heading() || next.quotes != line.quotes {
            break;
        }
        at = next.next;
    }
    at
}

/// Where the next empty line begins, at most so many bytes further: code goes on no further.
pub(super) fn end_of_lines(text: &str, at: usize, most: usize) -> usize {
    let most = text.floor_char_boundary(at + most);
    let mut end = at;
    while let Some(newline) = text[end..most].find('\n').map(|newline| end + newline + 1) {
        if Line::read(text, newline).is_blank() {
            return newline;
        }
        end = newline;
    }
    most
}

/// Where a tag, comment or address in angle brackets ends that begins here.
pub(super) fn tag_end(text: &str, at: usize, end: usize) -> Option<usize> {
    let rest = &text[at + 1..end];
    if let Some(comment) = rest.strip_prefix("!--") {
        return comment.find("-->").map(|length| at + 4 + length + 3);
    }
    let name = rest.strip_prefix('/').unwrap_or(rest);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || "+.-".contains(c))).unwrap_or(name.len());
    let mut inside = &name[length..];
    if inside.starts_with([':', '@']) {
        let close = inside.find(['>', '<', ' ', '\n'])?;
        return inside[close..].starts_with('>').then(|| end - inside.len() + close + 1);
    }
    loop {
        let trimmed = inside.trim_start();
        if let Some(after) = trimmed.strip_prefix("/>").or_else(|| trimmed.strip_prefix('>')) {
            return Some(end - after.len());
        }
        let word = trimmed.find(|c: char| !(c.is_ascii_alphanumeric() || "_:.-".contains(c)))?;
        if word == 0 || trimmed.len() == inside.len() {
            return None;
        }
        inside = attribute_value(&trimmed[word..])?;
    }
}

/// What follows the value of an attribute, or all if there is no value.
fn attribute_value(rest: &str) -> Option<&str> {
    let Some(value) = rest.trim_start().strip_prefix('=') else { return Some(rest) };
    let value = value.trim_start();
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split_once(quote).map(|(_, after)| after),
        _ => {
            let length = value.find(|c: char| c.is_whitespace() || "\"'=<>`".contains(c))?;
            (length > 0).then(|| &value[length..])
        }
    }
}

/// The number of columns, if this text is a table.
pub(super) fn table_columns(text: &str, line: &Line<'_>, end: usize) -> Option<usize> {
    if line.next >= end || !line.text().contains('|') {
        return None;
    }
    let second = Line::read(text, line.next).text();
    let cells: Vec<&str> = second.trim_matches('|').split('|').map(str::trim).collect();
    let rule = |cell: &str| {
        let dashes = cell.trim_matches(':');
        !dashes.is_empty() && dashes.chars().all(|c| c == '-')
    };
    (second.contains('|') && cells.iter().all(|cell| rule(cell))).then_some(cells.len())
}

/// A row of a table.
#[derive(Clone, Debug)]
pub(super) struct TableRow {
    /// Where it ends.
    pub(super) end: usize,
    /// Whether each of its `|` stands between cells, so that none is part of a formula.
    pub(super) needs_pipes: bool,
}

impl TableRow {
    /// The row in which this byte stands.
    pub(super) fn read(text: &str, at: usize, columns: usize) -> Self {
        let line = Line::around(text, at);
        let row = line.text();
        let inner = row.strip_prefix('|').unwrap_or(row);
        let inner = inner.strip_suffix('|').filter(|rest| !rest.ends_with('\\')).unwrap_or(inner);
        Self { end: line.next, needs_pipes: pipes(inner) < columns }
    }
}

/// How many `|` stand here without a backslash before them.
fn pipes(text: &str) -> usize {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter(|at| bytes[*at] == b'|' && (*at == 0 || bytes[*at - 1] != b'\\')).count()
}
