//! TeX formulas to MathML, at build time: a page shows its mathematics without a script.

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
    (r"\operatorname*", r"\operatorname"),
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
    let rewritten = rewrite(tex);
    let storage = Storage::new();
    let mut events = Vec::new();
    for event in Parser::new(&rewritten, &storage) {
        events.push(mended(event.map_err(|error| message(&error.to_string()))?));
    }
    let source = escape(tex.trim());
    let config = RenderConfig {
        display_mode: if display { DisplayMode::Block } else { DisplayMode::Inline },
        annotation: Some(&source),
        ..RenderConfig::default()
    };
    let mut raw = String::new();
    let events = events.into_iter().map(Ok::<_, std::fmt::Error>);
    pulldown_latex::push_mathml(&mut raw, events, config).map_err(|error| error.to_string())?;
    let markup = mathml::repair(&raw);
    mathml::check(&markup).map_err(|reason| format!("the formula does not convert cleanly ({reason})"))?;
    Ok(markup)
}

/// The converter writes function names unescaped: as text they are escaped. It writes `\mu` as the micro sign, which has no
/// italic form: here it is the Greek letter.
fn mended(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Content(Content::Ordinary { content: '\u{b5}', stretchy }) => {
            Event::Content(Content::Ordinary { content: '\u{3bc}', stretchy })
        }
        Event::Content(Content::Function(name)) if name.contains(['<', '>', '&']) => {
            Event::Content(Content::Text(name))
        }
        other => other,
    }
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
