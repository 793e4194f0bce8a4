//! Rich text on its way through the library that knows only plain text, and what it writes as HTML.
//!
//! ```text
//! \emph{On} $x^2$   ->   MARK "On" MARK " " MARK   ->   <i>On</i> <math>...</math>
//! ```
//!
//! What is no text is a mark: control characters, which no text has and no sorting sees.

use hayagriva::citationberg::{Display, FontStyle, FontVariant, FontWeight, TextDecoration, VerticalAlign};
use hayagriva::types::{ChunkKind, ChunkedString};
use hayagriva::{Elem, ElemChild, ElemChildren, ElemMeta, Formatting};

use crate::latex::{Piece, Rich, Style};
use crate::safe_html::escape_into;

/// Stands for those whom `and others` does not name.
pub(super) const OTHERS: &str = "\u{e}";
/// Years from here on stand for texts such as `in press`.
pub(super) const FIRST_TEXT_YEAR: i32 = 100_000;

/// What stands between the words of a text.
#[derive(Clone, Debug)]
enum Mark {
    Open(Style),
    Link(String),
    Close,
    /// Markup of our own converter.
    Math(String),
}

/// What the texts of a page's works have that is no text, and what its years have that is no number.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    marks: Vec<Mark>,
    years: Vec<String>,
}

/// Control characters in which marks are counted, and what ends a mark.
const DIGITS: [char; 7] = ['\u{2}', '\u{3}', '\u{4}', '\u{5}', '\u{6}', '\u{7}', '\u{8}'];
const END: char = '\u{1}';
/// Ends the words for others: a full stop of theirs needs no second one.
const OTHERS_END: char = '\u{12}';
/// Ends a year that is a text: a letter behind it needs a hyphen.
const YEAR_END: char = '\u{f}';

impl Marks {
    /// A text for the library.
    pub(super) fn chunks(&mut self, rich: &Rich) -> ChunkedString {
        let mut chunks = ChunkedString::new();
        self.push(rich.pieces(), false, &mut chunks);
        chunks
    }

    fn push(&mut self, pieces: &[Piece], kept: bool, chunks: &mut ChunkedString) {
        for piece in pieces {
            match piece {
                Piece::Text(text) if kept => chunks.push_str(text, ChunkKind::Verbatim),
                Piece::Text(text) => push_words(text, chunks),
                Piece::Math(mathml) => self.mark(Mark::Math(mathml.clone()), chunks),
                Piece::Styled(Style::Kept, inner) => self.push(inner, true, chunks),
                Piece::Styled(style, inner) => {
                    self.mark(Mark::Open(*style), chunks);
                    self.push(inner, kept, chunks);
                    self.mark(Mark::Close, chunks);
                }
                Piece::Link(address, inner) => {
                    self.mark(Mark::Link(address.clone()), chunks);
                    self.push(inner, kept, chunks);
                    self.mark(Mark::Close, chunks);
                }
            }
        }
    }

    fn mark(&mut self, mark: Mark, chunks: &mut ChunkedString) {
        let opens = matches!(mark, Mark::Open(_) | Mark::Link(_));
        let mut text = String::from(END);
        let mut left = self.marks.len();
        loop {
            text.insert(0, DIGITS[left % DIGITS.len()]);
            left /= DIGITS.len();
            if left == 0 {
                break;
            }
        }
        self.marks.push(mark);
        match chunks.0.last_mut() {
            // Capitals are changed word by word: a mark must not stand at a word's beginning.
            Some(last) if opens && last.value.ends_with(' ') => {
                last.value.pop();
                chunks.push_str(&text, ChunkKind::Verbatim);
                chunks.push_str(" ", ChunkKind::Normal);
            }
            _ => chunks.push_str(&text, ChunkKind::Verbatim),
        }
    }

    fn marked(&self, text: &str) -> Option<&Mark> {
        let digit = |c| DIGITS.iter().position(|digit| *digit == c);
        let index =
            text.chars().try_fold(0_usize, |sum, c| sum.checked_mul(DIGITS.len())?.checked_add(digit(c)?))?;
        self.marks.get(index)
    }

    /// A year that stands for a text.
    pub(super) fn year(&mut self, text: &str) -> i32 {
        let index = self.years.iter().position(|known| known == text).unwrap_or_else(|| {
            self.years.push(text.to_owned());
            self.years.len() - 1
        });
        i32::try_from(index).map_or(FIRST_TEXT_YEAR, |index| FIRST_TEXT_YEAR.saturating_add(index))
    }

    /// A text with the years that stand for texts as these.
    fn with_years(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // The longer numbers first, lest one be found in another.
        for (index, year) in self.years.iter().enumerate().rev() {
            let number = i64::from(FIRST_TEXT_YEAR) + i64::try_from(index).unwrap_or_default();
            text = text.replace(&number.to_string(), &format!("{year}{YEAR_END}"));
        }
        text
    }
}

/// Words that a change of capitals would spoil, such as `ReLU`, are kept, and the first one behind a mark.
fn push_words(text: &str, chunks: &mut ChunkedString) {
    for word in text.split_inclusive([' ', '-', '–', '/']) {
        let first = matches!(chunks.0.as_slice(), [only] if only.value.ends_with(END));
        if let (true, Some((word, rest))) = (first, word.split_at_checked(word.trim_end().len())) {
            chunks.push_str(word, ChunkKind::Verbatim);
            chunks.push_str(rest, ChunkKind::Normal);
            continue;
        }
        let inner = word.chars().skip(1).any(char::is_uppercase) && word.contains(char::is_lowercase);
        chunks.push_str(word, if inner { ChunkKind::Verbatim } else { ChunkKind::Normal });
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    italic: bool,
    bold: bool,
    small_capitals: bool,
    underlined: bool,
    code: bool,
    raised: bool,
    lowered: bool,
}

impl Look {
    pub(super) fn of(formatting: &Formatting) -> Self {
        Self {
            italic: formatting.font_style == FontStyle::Italic,
            bold: formatting.font_weight == FontWeight::Bold,
            small_capitals: formatting.font_variant == FontVariant::SmallCaps,
            underlined: formatting.text_decoration == TextDecoration::Underline,
            code: false,
            raised: formatting.vertical_align == VerticalAlign::Sup,
            lowered: formatting.vertical_align == VerticalAlign::Sub,
        }
    }

    /// With a style of the text itself. Emphasis within italics is upright.
    fn with(mut self, style: Style) -> Self {
        match style {
            Style::Emphasis => self.italic = !self.italic,
            Style::Strong => self.bold = true,
            Style::Code => self.code = true,
            Style::SmallCapitals => self.small_capitals = true,
            Style::Raised => self.raised = true,
            Style::Lowered => self.lowered = true,
            Style::Kept => {}
        }
        self
    }

    fn tags(self) -> impl DoubleEndedIterator<Item = (&'static str, &'static str)> {
        let tags = [
            (self.italic, "<i>", "</i>"),
            (self.bold, "<b>", "</b>"),
            (self.small_capitals, "<span class=\"small-capitals\">", "</span>"),
            (self.underlined, "<span class=\"underlined\">", "</span>"),
            (self.code, "<code>", "</code>"),
            (self.raised, "<sup>", "</sup>"),
            (self.lowered, "<sub>", "</sub>"),
        ];
        tags.into_iter().filter(|(there, _, _)| *there).map(|(_, open, close)| (open, close))
    }
}

/// A piece of what a style wrote.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bit {
    pub(super) what: What,
    pub(super) look: Look,
    pub(super) link: Option<String>,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Text(String),
    Math(String),
    /// A line of its own, or the first field, with its class.
    Block(&'static str, Vec<Bit>),
    /// The work with this index in its citation, and whether it has names.
    Work(usize, bool, Vec<Bit>),
}

impl Bit {
    pub(super) fn text(text: &str, look: Look) -> Self {
        Self { what: What::Text(text.to_owned()), look, link: None }
    }

    /// Its text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.what {
            What::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads what the library wrote.
pub(super) struct Flat<'m> {
    marks: &'m Marks,
    /// The words for those who are not named.
    others: &'m str,
    /// Marks that are open.
    open: Vec<&'m Mark>,
    /// Whether one was opened just now.
    opened: bool,
}

impl<'m> Flat<'m> {
    pub(super) fn new(marks: &'m Marks, others: &'m str) -> Self {
        Self { marks, others, open: Vec::new(), opened: false }
    }

    pub(super) fn children(&mut self, children: &ElemChildren) -> Vec<Bit> {
        let mut bits = Vec::new();
        self.push_all(children, false, &mut bits);
        mend(&mut bits, &mut ' ');
        bits
    }

    /// One piece alone.
    pub(super) fn child(&mut self, child: &ElemChild) -> Vec<Bit> {
        self.children(&ElemChildren(vec![child.clone()]))
    }

    fn push_all(&mut self, children: &ElemChildren, date: bool, bits: &mut Vec<Bit>) {
        for (index, child) in children.0.iter().enumerate() {
            match child {
                ElemChild::Text(text) if is_others(children.0.get(index + 1)) => {
                    // The comma or `and` before a name that is none.
                    let look = Look::of(&text.formatting);
                    let text = format!("\u{a0}{}{OTHERS_END}", self.others);
                    bits.push(self.bit(What::Text(text), look));
                }
                _ if is_others(Some(child)) => {}
                ElemChild::Text(text) if date => {
                    let shown = self.marks.with_years(&text.text);
                    bits.push(self.bit(What::Text(shown), Look::of(&text.formatting)));
                }
                ElemChild::Text(text) => self.text(&text.text, Look::of(&text.formatting), bits),
                ElemChild::Elem(elem) => self.elem(elem, date, bits),
                ElemChild::Markup(text) => self.text(text, Look::default(), bits),
                ElemChild::Link { text, url } => {
                    let bit = self.bit(What::Text(text.text.clone()), Look::of(&text.formatting));
                    bits.push(Bit { link: Some(url.clone()).filter(|url| is_web(url)), ..bit });
                }
                ElemChild::Transparent { .. } => {}
            }
        }
    }

    fn elem(&mut self, elem: &Elem, date: bool, bits: &mut Vec<Bit>) {
        let date = date || elem.meta == Some(ElemMeta::Date);
        let mut inner = Vec::new();
        self.push_all(&elem.children, date, &mut inner);
        let class = match elem.display {
            Some(Display::Block | Display::Indent) => Some("entry-line"),
            Some(Display::LeftMargin) => Some("entry-label"),
            Some(Display::RightInline) | None => None,
        };
        match (class, &elem.meta) {
            (_, Some(ElemMeta::Entry(index))) => {
                let named = elem.children.find_names().is_some_and(|names| !names.children.is_empty());
                bits.push(plain(What::Work(*index, named, inner)));
            }
            (Some(class), _) => bits.push(plain(What::Block(class, inner))),
            (None, _) => bits.append(&mut inner),
        }
    }

    /// A text, its marks apart.
    fn text(&mut self, text: &str, look: Look, bits: &mut Vec<Bit>) {
        for part in text.split_inclusive(END) {
            let marked = part.strip_suffix(END).and_then(|part| Some((part, part.find(DIGITS)?)));
            let (words, mark) = marked.map_or((part, ""), |(part, at)| part.split_at(at));
            self.words(words, look, bits);
            if !mark.is_empty() {
                self.mark(mark, bits);
            }
        }
    }

    fn words(&mut self, mut words: &str, look: Look, bits: &mut Vec<Bit>) {
        if words.is_empty() {
            return;
        }
        // The mark stood before the space, for the sake of capitals.
        if let (true, Some(rest), Some(Bit { what: What::Text(last), .. })) =
            (std::mem::take(&mut self.opened), words.strip_prefix(' '), bits.last_mut())
        {
            last.push(' ');
            words = rest;
        }
        bits.push(self.bit(What::Text(words.to_owned()), look));
    }

    fn mark(&mut self, text: &str, bits: &mut Vec<Bit>) {
        match self.marks.marked(text) {
            Some(Mark::Math(mathml)) => bits.push(self.bit(What::Math(mathml.clone()), Look::default())),
            Some(Mark::Close) => drop(self.open.pop()),
            Some(mark) => {
                self.open.push(mark);
                self.opened = true;
            }
            None => {}
        }
    }

    /// A piece in the light of the marks that are open.
    fn bit(&self, what: What, mut look: Look) -> Bit {
        let mut link = None;
        for mark in &self.open {
            match mark {
                Mark::Open(style) => look = look.with(*style),
                Mark::Link(address) => link = Some(address.clone()).filter(|url| is_web(url)),
                Mark::Close | Mark::Math(_) => {}
            }
        }
        Bit { what, look, link }
    }
}

/// Mends what the library does not know of: `in press-a` for `in pressa`, `et al.` for `et al..`, `Why?` for `Why?.`.
fn mend(bits: &mut [Bit], before: &mut char) {
    for bit in bits {
        match &mut bit.what {
            What::Text(text) if bit.link.is_none() => {
                let mut mended = String::with_capacity(text.len());
                for letter in text.chars() {
                    match (*before, letter) {
                        (YEAR_END, 'a'..='z') => mended.extend(['-', letter]),
                        ('?' | '!' | OTHERS_END, '.') => continue,
                        (_, YEAR_END | OTHERS_END) => {}
                        // A part of a date that is not there.
                        (',', '.' | ')') if mended.ends_with(',') => {
                            mended.pop();
                            mended.push(letter);
                        }
                        _ => mended.push(letter),
                    }
                    *before = letter;
                }
                *text = mended;
            }
            What::Work(_, _, inner) | What::Block(_, inner) => mend(inner, before),
            What::Text(_) | What::Math(_) => *before = ' ',
        }
    }
}

fn plain(what: What) -> Bit {
    Bit { what, look: Look::default(), link: None }
}

/// Whether this is the name of those who have none.
fn is_others(child: Option<&ElemChild>) -> bool {
    let Some(ElemChild::Elem(elem)) = child else { return false };
    let named = matches!(elem.meta, Some(ElemMeta::Name(..)));
    named && matches!(elem.children.0.as_slice(), [ElemChild::Text(text)] if text.text.trim() == OTHERS)
}

fn is_web(address: &str) -> bool {
    let web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    web && !address.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Writes pieces; links of their own only where there is none around them.
pub(super) fn push_bits(html: &mut String, bits: &[Bit], links: bool) {
    let mut open: Option<&str> = None;
    let bits: Vec<&Bit> = bits.iter().filter(|bit| bit.as_text() != Some("")).collect();
    for (index, bit) in bits.iter().enumerate() {
        let link = bit.link.as_deref().filter(|_| links);
        if link != open {
            if open.take().is_some() {
                html.push_str("</a>");
            }
            if let Some(address) = link {
                html.push_str("<a href=\"");
                escape_into(html, address);
                html.push_str("\">");
                open = link;
            }
        }
        push_bit(html, bit, bits.get(index.wrapping_sub(1)).copied(), bits.get(index + 1).copied(), links);
    }
    if open.is_some() {
        html.push_str("</a>");
    }
}

fn push_bit(html: &mut String, bit: &Bit, before: Option<&Bit>, after: Option<&Bit>, links: bool) {
    // Neighbours that look the same share their tags.
    let same = |other: Option<&Bit>| {
        other.is_some_and(|other| {
            other.look == bit.look && other.link == bit.link && other.as_text().is_some()
        })
    };
    match &bit.what {
        What::Text(text) => {
            if !same(before) {
                bit.look.tags().for_each(|(open, _)| html.push_str(open));
            }
            escape_into(html, text);
            if !same(after) {
                bit.look.tags().rev().for_each(|(_, close)| html.push_str(close));
            }
        }
        What::Math(mathml) => html.push_str(mathml),
        What::Block(class, inner) => {
            html.push_str("<span class=\"");
            html.push_str(class);
            html.push_str("\">");
            push_bits(html, inner, links);
            html.push_str("</span> ");
        }
        What::Work(_, _, inner) => push_bits(html, inner, links),
    }
}
