//! Citations and the list as HTML, from what the library rendered.

use std::fmt::Write as _;

use hayagriva::citationberg::ToFormatting as _;
use hayagriva::{Formatting, Rendered};

use super::page::{CLOSE, Cluster, Item, OPEN, Request, is_single, is_suppressed};
use super::rich::{Bit, Flat, Look, Marks, What, push_bits};
use super::{Brackets, Csl};
use crate::safe_html::escape;
use octavo_definition::locale::Locale;

/// Writes what the library rendered.
pub(super) struct Writer<'w> {
    pub(super) csl: &'w Csl,
    pub(super) locale: &'w Locale,
    pub(super) marks: &'w Marks,
    pub(super) who: &'w dyn Fn(&str) -> String,
}

impl Writer<'_> {
    fn flat(&self) -> Flat<'_> {
        Flat::new(self.marks, self.locale.word("et-al"))
    }

    /// How brackets and what stands between works look.
    fn look(&self) -> Look {
        let layout = self.csl.style.citation.layout.to_formatting();
        let formatting = Formatting {
            font_style: layout.font_style.unwrap_or_default(),
            font_variant: layout.font_variant.unwrap_or_default(),
            font_weight: layout.font_weight.unwrap_or_default(),
            text_decoration: layout.text_decoration.unwrap_or_default(),
            vertical_align: layout.vertical_align.unwrap_or_default(),
        };
        Look::of(&formatting)
    }

    fn push_text(&self, text: &str, html: &mut String) {
        push_bits(html, &[Bit::text(text, self.look())], false);
    }

    pub(super) fn clusters(
        &self,
        clusters: &[Cluster],
        requests: &[Request],
        rendered: &Rendered,
    ) -> Vec<String> {
        let mut parts: Vec<Vec<Vec<Bit>>> = vec![Vec::new(); clusters.len()];
        for (asked, given) in requests.iter().zip(&rendered.citations) {
            let mut bits = self.flat().children(&given.citation);
            for bit in &mut bits {
                // The library counts the works that it was asked for, which were in another order.
                if let What::Work(index, _, _) = &mut bit.what {
                    *index = asked.items.get(*index).copied().unwrap_or(usize::MAX);
                }
            }
            parts[asked.cluster].push(bits);
        }
        let write = |(cluster, parts): (&Cluster, Vec<Vec<Bit>>)| {
            let mut html = String::new();
            match (is_single(self.csl, cluster), cluster.narrative) {
                (false, _) => self.together(cluster, &parts.concat(), &mut html),
                (true, narrative) => self.single(cluster, parts, narrative, &mut html),
            }
            html
        };
        clusters.iter().zip(parts).map(write).collect()
    }

    /// A citation as the style wrote it as a whole.
    fn together(&self, cluster: &Cluster, bits: &[Bit], html: &mut String) {
        let brackets = self.csl.brackets();
        let mut linked = vec![false; cluster.items.len()];
        self.push_text(&brackets.open, html);
        for (at, bit) in bits.iter().enumerate() {
            let unnamed = matches!(bits.get(at + 1).map(|next| &next.what), Some(What::Work(_, false, _)));
            match &bit.what {
                What::Text(text) if unnamed && self.csl.groups() && *text == brackets.delimiter => {
                    self.push_text(&self.csl.grouped, html);
                }
                What::Work(index, _, inner) if linked.get(*index) == Some(&false) => {
                    linked[*index] = true;
                    self.link(&cluster.items[*index], inner, html);
                }
                _ => push_bits(html, std::slice::from_ref(bit), false),
            }
        }
        self.push_text(&brackets.close, html);
        // Those that `1–3` swallowed are places that the list leads back to, too.
        for (item, _) in cluster.items.iter().zip(linked).filter(|(_, linked)| !linked) {
            if let Some(count) = item.count {
                let _ = write!(html, "<span id=\"cite-{}-{count}\"></span>", escape(&item.key));
            }
        }
    }

    /// A citation of works that stand each by itself; the first may be part of a sentence.
    fn single(&self, cluster: &Cluster, parts: Vec<Vec<Bit>>, narrative: bool, html: &mut String) {
        let mut brackets = self.csl.brackets();
        if narrative && !self.csl.is_numeric() && brackets.open.is_empty() && brackets.close.is_empty() {
            brackets.open.push('(');
            brackets.close.push(')');
        }
        let mut parts = parts.into_iter();
        let mut closed = false;
        for (at, item) in cluster.items.iter().enumerate() {
            let bits =
                if item.count.is_some() { inner(parts.next().unwrap_or_default()) } else { Vec::new() };
            if at > 0 {
                self.push_text(&brackets.delimiter, html);
                if !item.prefix.is_empty() && !brackets.delimiter.ends_with(char::is_whitespace) {
                    html.push(' ');
                }
                self.prefix(item, html);
            }
            if narrative && at == 0 {
                closed = self.sentence(item, bits, cluster.items.len() == 1, &brackets, html);
            } else {
                if at == 0 {
                    self.push_text(&brackets.open, html);
                    self.prefix(item, html);
                }
                self.link(item, &self.without_name(item, bits), html);
            }
            // The suffix of a narrative citation that is closed stood in it.
            html.push_str(&item.suffix);
        }
        if !closed {
            self.push_text(&brackets.close, html);
        }
    }

    /// A work as it is called in brackets. If nothing is left without the name, it stays.
    fn without_name(&self, item: &Item, bits: Vec<Bit>) -> Vec<Bit> {
        if !is_suppressed(self.csl, item) {
            return bits;
        }
        let (who, rest) = split(bits);
        if is_blank(&rest) { who } else { rest }
    }

    fn prefix(&self, item: &Item, html: &mut String) {
        if !item.prefix.is_empty() {
            let _ = write!(html, "{} ", item.prefix);
        }
    }

    /// The first work of a citation in a sentence, `Poole (2016`; whether its bracket is closed already.
    fn sentence(
        &self,
        item: &Item,
        bits: Vec<Bit>,
        alone: bool,
        brackets: &Brackets,
        html: &mut String,
    ) -> bool {
        let (mut who, rest) = if self.csl.is_numeric() { (Vec::new(), bits) } else { split(bits) };
        if item.suppressed {
            who.clear();
        } else if item.count.is_some() && is_blank(&who) {
            who = vec![Bit::text(&(self.who)(&item.key), Look::default())];
        }
        let last = alone && item.suffix.is_empty();
        // A style without years has nothing to put in brackets.
        if last && is_blank(&rest) {
            self.link(item, &who, html);
            return true;
        }
        let look = self.look();
        if !who.is_empty() && !self.csl.is_raised() {
            who.push(Bit::text(" ", Look::default()));
        }
        who.push(Bit::text(&brackets.open, look));
        who.extend(rest);
        if last {
            who.push(Bit::text(&brackets.close, look));
        }
        self.link(item, &who, html);
        last
    }

    fn link(&self, item: &Item, bits: &[Bit], html: &mut String) {
        let key = escape(&item.key);
        let Some(count) = item.count else {
            // The caller has checked every key against the bibliography, with its place.
            let _ = write!(html, "<span class=\"failed\">{key}?</span>");
            return;
        };
        let _ = write!(html, "<a class=\"citation\" id=\"cite-{key}-{count}\" href=\"#ref-{key}\">");
        push_bits(html, bits, false);
        html.push_str("</a>");
    }

    /// The list, each work with its key.
    pub(super) fn list(&self, list: &hayagriva::RenderedBibliography) -> Vec<(String, String)> {
        let item = |item: &hayagriva::BibliographyItem| {
            let mut html = String::new();
            if let Some(first) = &item.first_field {
                let mut label = String::new();
                push_bits(&mut label, &inner(self.flat().child(first)), false);
                let _ = write!(html, "<span class=\"entry-label\">{}</span> ", label.trim());
            }
            push_bits(&mut html, &self.flat().children(&item.content), true);
            (item.key.clone(), html.trim().to_owned())
        };
        list.items.iter().map(item).collect()
    }
}

/// What stands in the only work or block.
fn inner(bits: Vec<Bit>) -> Vec<Bit> {
    bits.into_iter()
        .flat_map(|bit| match bit.what {
            What::Work(_, _, inner) | What::Block(_, inner) => inner,
            _ => vec![bit],
        })
        .collect()
}

/// What stands before the brackets of a citation in a sentence and what in them.
fn split(bits: Vec<Bit>) -> (Vec<Bit>, Vec<Bit>) {
    let (mut who, mut rest) = (Vec::new(), Vec::new());
    // How many of the marks around the work were passed.
    let mut marks = 0;
    for bit in bits {
        let Some(text) = bit.as_text().map(str::to_owned) else {
            if marks < 2 { &mut who } else { &mut rest }.push(bit);
            continue;
        };
        let mut pieces = [String::new(), String::new()];
        for letter in text.chars() {
            match (letter, marks) {
                (OPEN, _) => marks += 1,
                (CLOSE, _) => {}
                (_, 0) => pieces[0].push(letter),
                (_, 1) => {}
                _ => pieces[1].push(letter),
            }
        }
        for (piece, bits) in pieces.into_iter().zip([&mut who, &mut rest]) {
            if !piece.is_empty() {
                bits.push(Bit { what: What::Text(piece), ..bit.clone() });
            }
        }
    }
    trim(&mut who, str::trim_end);
    (who, rest)
}

/// Takes spaces off the last text.
fn trim(bits: &mut Vec<Bit>, trimmed: fn(&str) -> &str) {
    while let Some(Bit { what: What::Text(text), .. }) = bits.last_mut() {
        *text = trimmed(text).to_owned();
        if !text.is_empty() {
            break;
        }
        bits.pop();
    }
}

fn is_blank(bits: &[Bit]) -> bool {
    bits.iter().all(|bit| bit.as_text().is_some_and(|text| text.trim().is_empty()))
}
