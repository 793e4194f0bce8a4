//! TeX formulas to MathML, at build time: a page shows its mathematics without a script.
//!
//! `expand` writes a formula with commands that the converter (pulldown-latex) knows, `convert` converts it, `polish` mends
//! the result. Every token knows the bytes of the formula from which it comes, so that what is refused has a place.

mod chemistry;
mod commands;
mod convert;
mod definitions;
mod environment;
mod expand;
mod filling;
mod hints;
mod known;
mod lines;
mod macros;
mod mark;
mod operators;
mod physics;
mod polish;
mod primes;
mod rewrite;
mod slot;
mod spacing;
mod table;
mod text;
mod token;
mod tree;
mod unit;

use std::ops::Range;

pub(super) use filling::filling;
pub(super) use lines::{Numbered, Tag};
pub use macros::Macros;
pub(super) use slot::Slot;
pub use slot::substitution_in;

use token::{MOST_SLOTS, Text, is_private, number_mark, row_mark, slot_mark};

use super::mathml;
use super::safe_html::escape;

/// Deeper groups are refused: the converter recurses.
const MAX_DEPTH: usize = 64;
/// The same for what a formula becomes.
const MAX_EXPANDED_DEPTH: usize = 160;
/// Longer formulas are refused.
const MAX_BYTES: usize = 20_000;

/// What is wrong with a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The bytes of the formula that it concerns; nothing for all of it.
    pub(super) at: Option<Range<usize>>,
}

impl Problem {
    fn at(message: impl Into<String>, at: &Range<usize>) -> Self {
        Self { message: message.into(), help: None, at: Some(at.clone()) }
    }

    fn whole(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, at: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// A formula that has been converted; results, and numbers of its lines and of others, are still to be put in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Formula {
    markup: String,
    /// What stands in it that only a page or its results know.
    pub(super) slots: Vec<Slot>,
    /// Which of its lines have numbers.
    pub(super) numbers: Vec<Numbered>,
}

impl Formula {
    /// Reads a formula. What it defines is added to the macros; one that only defines is `None`.
    pub(super) fn read(tex: &str, display: bool, macros: &mut Macros) -> Result<Option<Self>, Problem> {
        known::recall(tex, display, macros, |macros| Self::read_anew(tex, display, macros))
    }

    fn read_anew(tex: &str, display: bool, macros: &mut Macros) -> Result<Option<Self>, Problem> {
        limits(tex)?;
        let (tokens, mut slots, source) = slot::tokens(tex)?;
        let expanded = expand::expand(tokens, slots.len(), tex.len(), display, macros)?;
        slots.extend(expanded.references.into_iter().map(|(name, at)| Slot::Reference { name, at }));
        if slots.len() > MOST_SLOTS || expanded.numbers.len() > MOST_SLOTS {
            return Err(Problem::whole(format!("the formula has more than {MOST_SLOTS} results or numbers")));
        }
        let empty = expanded.tokens.iter().all(|token| token.kind == token::TokenKind::Space);
        if empty && expanded.defines {
            return Ok(None);
        }
        if empty {
            return Err(Problem::whole("the formula is empty"));
        }
        let text = Text::of(&expanded.tokens);
        expanded_limits(&text.tex)?;
        let raw = convert::convert(&text, &escape(source.trim()), display)?;
        let markup = polish::polish(&mathml::repair(&raw), &expanded.numbers);
        mathml::check(&markup)
            .map_err(|reason| Problem::whole(format!("the formula does not convert cleanly ({reason})")))?;
        Ok(Some(Self { markup, slots, numbers: expanded.numbers }))
    }

    /// The formula as MathML, numbers with this decimal mark: `filling` gives what stands in a slot, as MathML and as plain text.
    pub(super) fn mathml(&self, decimal: &str, mut filling: impl FnMut(&Slot) -> (String, String)) -> String {
        let mut markup = self.markup.replace(mark::DECIMAL, &escape(decimal));
        for (index, slot) in self.slots.iter().enumerate() {
            let mark = slot_mark(index);
            let (filled, plain) = filling(slot);
            markup = markup.replace(&format!("<mi>{mark}</mi>"), &filled).replace(mark, &escape(&plain));
        }
        markup
    }

    /// Writes the numbers of its lines, each with the id of its line.
    pub(super) fn set_numbers(&mut self, numbers: &[(String, String)]) {
        for (index, (id, text)) in numbers.iter().enumerate() {
            let empty = if id.is_empty() { format!(" id=\"{}\"", row_mark(index)) } else { String::new() };
            if !empty.is_empty() {
                self.markup = self.markup.replace(&empty, "");
            }
            self.markup =
                self.markup.replace(row_mark(index), &escape(id)).replace(number_mark(index), &escape(text));
        }
    }

    /// Its source, without what stands in its slots.
    pub(super) fn source(&self) -> String {
        mathml::text(&self.markup).chars().filter(|c| !is_private(*c)).collect()
    }
}

/// A TeX formula as MathML that is well-formed, holds known elements and attributes only, and carries its source as an
/// annotation for readers who copy it.
///
/// # Errors
/// What is wrong with the formula, in one sentence.
pub fn to_mathml(tex: &str, display: bool) -> Result<String, String> {
    let formula = Formula::read(tex, display, &mut Macros::default()).map_err(|problem| problem.message)?;
    let formula = formula.ok_or("the formula only defines commands")?;
    if let Some(Slot::Value { .. }) = formula.slots.first() {
        return Err("results stand in formulas of pages only".to_owned());
    }
    let mut formula = formula;
    let numbers: Vec<(String, String)> =
        (1..=formula.numbers.len()).map(|number| (String::new(), format!("({number})"))).collect();
    formula.set_numbers(&numbers);
    Ok(formula.mathml(".", |_| (String::new(), String::new())))
}

fn limits(tex: &str) -> Result<(), Problem> {
    if tex.len() > MAX_BYTES {
        return Err(Problem::whole(format!("the formula is longer than {MAX_BYTES} bytes")));
    }
    if let Some((at, c)) = tex.char_indices().find(|(_, c)| is_private(*c)) {
        let message = format!("the character U+{:X} is not for texts", u32::from(c));
        return Err(Problem::at(message, &(at..at + c.len_utf8())));
    }
    if let Some(at) = empty_line(tex) {
        let help = "remove the empty line; `\\\\` begins a new line of the formula, and a second formula has its own `$$`";
        return Err(Problem::at("an empty line within a formula", &(at..at + 1)).help(help));
    }
    match too_deep(tex, MAX_DEPTH) {
        Some(at) => Err(Problem::at(format!("groups are nested more than {MAX_DEPTH} deep"), &(at..at + 1))),
        None => fences(tex),
    }
}

/// Where an empty line stands between two others: TeX ends the paragraph there, and without a word two lines would be set as one.
fn empty_line(tex: &str) -> Option<usize> {
    let tex = tex.trim_end();
    let mut at = tex.len() - tex.trim_start().len();
    while let Some(next) = tex[at..].find('\n').map(|newline| at + newline + 1) {
        let rest = &tex[next..];
        if rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n') {
            return Some(next);
        }
        at = next;
    }
    None
}

fn expanded_limits(tex: &str) -> Result<(), Problem> {
    if too_deep(tex, MAX_EXPANDED_DEPTH).is_some() {
        return Err(Problem::whole(format!(
            "groups are nested more than {MAX_EXPANDED_DEPTH} deep once expanded"
        )));
    }
    fences(tex)
}

fn too_deep(tex: &str, most: usize) -> Option<usize> {
    let mut depth = 0_usize;
    tex.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > most
    })
}

fn fences(tex: &str) -> Result<(), Problem> {
    let commands = |name: &str| tex.matches(name).count();
    if commands(r"\left") > MAX_DEPTH || commands(r"\begin") > MAX_DEPTH {
        return Err(Problem::whole(format!("the formula has more than {MAX_DEPTH} `\\left` or `\\begin`")));
    }
    Ok(())
}
