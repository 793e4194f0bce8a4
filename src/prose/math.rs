//! TeX formulas to MathML, at build time: a page shows its mathematics without a script.

use std::iter::Peekable;
use std::str::Chars;

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::event::Content;
use pulldown_latex::{Event, Parser, Storage};

use super::mathml;
use super::safe_html::escape;

/// Deeper groups are refused: the converter recurses.
const MAX_DEPTH: usize = 64;
/// Longer formulas are refused.
const MAX_BYTES: usize = 20_000;

/// Commands that the converter does not know, written with those it does. The first matches before its prefix.
const REWRITES: &[(&str, &str)] = &[
    (r"\operatorname*", r"\mathop"),
    (r"\bm", r"\boldsymbol"),
    (r"\mathscr", r"\mathcal"),
    (r"\dfrac", r"\displaystyle\frac"),
    (r"\nonumber", ""),
    (r"\notag", ""),
];

/// A TeX formula as MathML that is well-formed, holds known elements and attributes only, and carries its source as an
/// annotation for readers who copy it.
///
/// # Errors
/// What is wrong with the formula, in one sentence.
pub fn to_mathml(tex: &str, display: bool) -> Result<String, String> {
    limits(tex)?;
    if tex.trim().is_empty() {
        return Err("the formula is empty".to_owned());
    }
    let rewritten = rewrite(tex);
    let storage = Storage::new();
    let mut events = Vec::new();
    // What the converter would print as it stands in the source, commands and all.
    let mut words = Vec::new();
    for event in Parser::new(&rewritten, &storage) {
        let event = event.map_err(|error| message(&error.to_string()))?;
        words.push(match &event {
            Event::Content(Content::Function(raw) | Content::Text(raw)) => words_of(raw)?,
            _ => String::new(),
        });
        events.push(event);
    }
    let source = escape(tex.trim());
    let config = RenderConfig {
        display_mode: if display { DisplayMode::Block } else { DisplayMode::Inline },
        annotation: Some(&source),
        ..RenderConfig::default()
    };
    let mut raw = String::new();
    let events =
        events.into_iter().zip(&words).map(|(event, words)| Ok::<_, std::fmt::Error>(mended(event, words)));
    pulldown_latex::push_mathml(&mut raw, events, config).map_err(|error| error.to_string())?;
    let markup = mathml::repair(&raw);
    mathml::check(&markup).map_err(|reason| format!("the formula does not convert cleanly ({reason})"))?;
    Ok(markup)
}

/// An event with its words, if it has any. Function names are written unescaped by the converter: those that need escaping
/// become text. It writes `\mu` as the micro sign, which has no italic form: here it is the Greek letter.
fn mended<'a>(event: Event<'a>, words: &'a str) -> Event<'a> {
    match event {
        Event::Content(Content::Function(_)) if !words.contains(['<', '>', '&']) => {
            Event::Content(Content::Function(words))
        }
        Event::Content(Content::Function(_) | Content::Text(_)) => Event::Content(Content::Text(words)),
        Event::Content(Content::Ordinary { content: '\u{b5}', stretchy }) => {
            Event::Content(Content::Ordinary { content: '\u{3bc}', stretchy })
        }
        other => other,
    }
}

/// The words of `\text` or `\operatorname`: spaces and escaped characters resolved, groups and upright fonts opened.
fn words_of(raw: &str) -> Result<String, String> {
    let mut words = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => push_command(&mut words, &mut chars)
                .map_err(|what| format!("{what} inside the text `{raw}`"))?,
            '{' | '}' => {}
            '~' => words.push('\u{a0}'),
            '$' => return Err(format!("mathematics inside the text `{raw}`; close the text before it")),
            other => words.push(other),
        }
    }
    Ok(words)
}

fn push_command(words: &mut String, chars: &mut Peekable<Chars<'_>>) -> Result<(), String> {
    const OPENED: &[&str] = &["mathrm", "mathsf", "text", "textrm", "rm", "mathop", "operatorname"];
    match chars.next() {
        Some(',' | ':' | ';' | '>') => words.push('\u{2009}'),
        Some(' ') => words.push(' '),
        Some('!') => {}
        Some(escaped @ ('&' | '%' | '$' | '#' | '_' | '{' | '}' | '-')) => words.push(escaped),
        Some(letter) if letter.is_ascii_alphabetic() => {
            let mut name = String::from(letter);
            while let Some(next) = chars.next_if(char::is_ascii_alphabetic) {
                name.push(next);
            }
            if !OPENED.contains(&name.as_str()) {
                return Err(format!("`\\{name}`"));
            }
        }
        _ => return Err("a command".to_owned()),
    }
    Ok(())
}

fn limits(tex: &str) -> Result<(), String> {
    if tex.len() > MAX_BYTES {
        return Err(format!("the formula is longer than {MAX_BYTES} bytes"));
    }
    let mut depth = 0_usize;
    for byte in tex.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("groups are nested more than {MAX_DEPTH} deep"));
        }
    }
    let commands = |name: &str| tex.matches(name).count();
    if commands(r"\left") > MAX_DEPTH || commands(r"\begin") > MAX_DEPTH {
        return Err(format!("the formula has more than {MAX_DEPTH} `\\left` or `\\begin`"));
    }
    Ok(())
}

fn rewrite(tex: &str) -> String {
    let mut text = String::with_capacity(tex.len());
    let mut rest = tex;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let hit = REWRITES.iter().find(|(name, _)| {
            rest.strip_prefix(name).is_some_and(|after| {
                name.ends_with('*') || !after.starts_with(|c: char| c.is_ascii_alphabetic())
            })
        });
        if let Some((name, instead)) = hit {
            text.push_str(instead);
            rest = &rest[name.len()..];
        } else {
            // The character after a backslash belongs to the command: `\\bm` is a line break and two letters.
            let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            text.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    text.push_str(rest);
    text
}

/// The converter's message without its drawing of the context.
fn message(error: &str) -> String {
    let mut lines = error.lines();
    let first = lines.next().unwrap_or_default();
    let what = first
        .trim_start_matches("parsing error: ")
        .replace("unkown", "unknown")
        .replace("unknown primitive command found", "unknown command");
    let context = lines
        .filter_map(|line| line.strip_prefix('│'))
        .map(|line| line.trim().trim_matches('…'))
        .find(|line| !line.is_empty() && !line.starts_with('^'));
    match context {
        Some(context) => format!("{what}, near `{context}`"),
        None => what,
    }
}
