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
        let event = event.map_err(|error| problem(&error.to_string(), text))?;
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
