//! The converter, and what it says.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::event::{Content, DelimiterType};
use pulldown_latex::{Event, Parser, Storage};

use super::Problem;
use super::mark::BARS;
use super::token::{Text, decoded};

/// The characters of context that the converter shows before the place of an error.
const CONTEXT: usize = 12;

/// Converts a formula; the annotation is escaped already.
pub(super) fn convert(text: &Text, annotation: &str, display: bool) -> Result<String, Problem> {
    let storage = Storage::new();
    let mut events = Vec::new();
    // Words as they stand in the formula, without what protects them from the converter.
    let mut words = Vec::new();
    for event in Parser::new(&text.tex, &storage) {
        let event = event.map_err(|error| {
            twice(&error.to_string(), text).unwrap_or_else(|| problem(&error.to_string(), text))
        })?;
        words.push(match &event {
            Event::Content(Content::Function(raw) | Content::Text(raw)) => decoded(raw),
            _ => String::new(),
        });
        events.push(event);
    }
    let config = RenderConfig {
        display_mode: if display { DisplayMode::Block } else { DisplayMode::Inline },
        annotation: Some(annotation),
        ..RenderConfig::default()
    };
    let mut raw = String::new();
    let events =
        events.into_iter().zip(&words).map(|(event, words)| Ok::<_, std::fmt::Error>(mended(event, words)));
    pulldown_latex::push_mathml(&mut raw, events, config)
        .map_err(|error| Problem::whole(error.to_string()))?;
    Ok(raw)
}

/// An event with its words, if it has any. Function names are written unescaped by the converter: those that need escaping
/// become text. It writes `\mu` as the micro sign, which has no italic form: here it is the Greek letter. A bar that opens
/// or closes is marked, because the element does not say which.
fn mended<'a>(event: Event<'a>, words: &'a str) -> Event<'a> {
    match event {
        Event::Content(Content::Function(_)) if !words.contains(['<', '>', '&']) => {
            Event::Content(Content::Function(words))
        }
        Event::Content(Content::Function(_) | Content::Text(_)) => Event::Content(Content::Text(words)),
        Event::Content(Content::Ordinary { content: '\u{b5}', stretchy }) => {
            Event::Content(Content::Ordinary { content: '\u{3bc}', stretchy })
        }
        Event::Content(Content::Delimiter { content, size, ty }) => {
            let form = match ty {
                DelimiterType::Open => "prefix",
                DelimiterType::Close => "postfix",
                DelimiterType::Fence => "",
            };
            let bar = BARS.iter().find(|(_, bar, own)| *bar == content && *own == form);
            Event::Content(Content::Delimiter { content: bar.map_or(content, |(mark, ..)| *mark), size, ty })
        }
        other => other,
    }
}

/// A second script of one kind, at its own place: `x^2^3`.
fn twice(error: &str, text: &Text) -> Option<Problem> {
    let sign = match error.lines().next().unwrap_or_default() {
        first if first.contains("superscript twice") => '^',
        first if first.contains("subscript twice") => '_',
        _ => return None,
    };
    let at = text.place(second_script(&text.tex, sign)?)?;
    let what = if sign == '^' { "raised" } else { "lowered" };
    let problem = Problem::at(format!("a second `{sign}`: one thing is {what} twice"), &at);
    Some(problem.help(format!("write `{{x{sign}a}}{sign}b` or `x{sign}{{a b}}`, whichever is meant")))
}

/// Where the sign of a script stands whose base has one already.
fn second_script(tex: &str, sign: char) -> Option<usize> {
    let bytes = tex.as_bytes();
    // Behind an atom of each open group: whether it has such a script.
    let mut scripted = vec![false];
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b' ' => at += 1,
            b'^' | b'_' => {
                let own = char::from(bytes[at]) == sign;
                if own && std::mem::replace(scripted.last_mut()?, true) {
                    return Some(at);
                }
                at = end_of_token(tex, at + 1);
            }
            b'{' => {
                *scripted.last_mut()? = false;
                scripted.push(false);
                at += 1;
            }
            b'}' => {
                scripted.pop();
                at += 1;
            }
            _ => {
                *scripted.last_mut()? = false;
                at = end_of_token(tex, at);
            }
        }
    }
    None
}

/// Where a group, a command or a character ends that begins here, behind white space.
fn end_of_token(tex: &str, from: usize) -> usize {
    let at = from + (tex[from..].len() - tex[from..].trim_start().len());
    let rest = &tex[at..];
    if rest.starts_with('{') {
        let mut depth = 0_usize;
        let close = rest.bytes().position(|byte| {
            depth = match byte {
                b'{' => depth + 1,
                b'}' => depth.saturating_sub(1),
                _ => depth,
            };
            depth == 0
        });
        return close.map_or(tex.len(), |close| at + close + 1);
    }
    let name = rest.strip_prefix('\\').map_or(0, |name| {
        let letters = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        1 + if letters == 0 { name.chars().next().map_or(0, char::len_utf8) } else { letters }
    });
    at + if name > 0 { name } else { rest.chars().next().map_or(0, char::len_utf8) }
}

/// The converter's message without its drawing of the context, which says where.
fn problem(error: &str, text: &Text) -> Problem {
    let mut lines = error.lines();
    let first = lines.next().unwrap_or_default();
    let what = first
        .trim_start_matches("parsing error: ")
        .replace("unkown", "unknown")
        .replace("unknown primitive command found", "unknown command");
    let context = lines
        .filter_map(|line| line.strip_prefix('│'))
        .find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('^'));
    let Some(context) = context else { return Problem::whole(what) };
    // The first character says whether something stands before the context.
    let inside = context.strip_prefix(['…', ' ']).unwrap_or(context);
    let place = || {
        let (at, _) =
            text.tex.match_indices(inside).next().filter(|_| text.tex.matches(inside).count() == 1)?;
        let at =
            if context.starts_with('…') { at + CONTEXT.min(inside.len().saturating_sub(1)) } else { at };
        text.place(at.min(text.tex.len().saturating_sub(1)))
    };
    let shown: String = decoded(inside.trim()).chars().filter(|c| !super::is_private(*c)).collect();
    let message = format!("{what}, near `{shown}`");
    match place() {
        Some(at) => Problem::at(message, &at),
        None => Problem::whole(message),
    }
}
