//! Names that are too long for their place: shortened so that different names stay different.

use std::collections::BTreeSet;

use super::scene::{self, Level, Span, Weight};
use super::text;

/// The names, each at most this wide. Where cutting the ends would make two of them one, the middles are cut; where that does
/// not help either, those that look alike are numbered.
pub(crate) fn shortened(names: &[Vec<Span>], size: f64, room: f64) -> Vec<Vec<Span>> {
    let different = count(names);
    // The share of the room that the end of a name gets.
    let tries = [0.0, 0.35, 0.6, 0.8].map(|tail| move |name: &Vec<Span>| cut(name, size, room, tail));
    let cuts = tries.iter().map(|cut| names.iter().map(cut).collect::<Vec<_>>());
    cuts.into_iter().find(|cut| count(cut) == different).unwrap_or_else(|| numbered(names, size, room))
}

fn count(names: &[Vec<Span>]) -> usize {
    names.iter().map(|name| text_of(name)).collect::<BTreeSet<_>>().len()
}

fn text_of(name: &[Span]) -> String {
    name.iter().map(|span| span.text.as_str()).collect()
}

fn span(text: impl Into<String>) -> Span {
    Span { text: text.into(), level: Level::Base }
}

/// A name cut in its middle, with this share of the room for its end; at its end for none.
fn cut(name: &[Span], size: f64, room: f64, tail: f64) -> Vec<Span> {
    if tail == 0.0 || text::width(name, size, Weight::Regular) <= room {
        return text::cut(name, size, Weight::Regular, room);
    }
    let mut end: Vec<Span> = Vec::new();
    let mut left = room * tail;
    let characters: Vec<(char, Level)> =
        name.iter().flat_map(|span| span.text.chars().map(|c| (c, span.level))).collect();
    for (character, level) in characters.iter().rev() {
        let one = Span { text: character.to_string(), level: *level };
        left -= text::width(std::slice::from_ref(&one), size, Weight::Regular);
        if left < 0.0 {
            break;
        }
        end.insert(0, one);
    }
    // An end begins with a word if it has one.
    let word = end.iter().position(|span| span.text == " ").map_or(0, |space| space + 1);
    let end = if word < end.len() { end.split_off(word) } else { end };
    let rest = room - text::width(&end, size, Weight::Regular);
    let mut kept = text::cut(name, size, Weight::Regular, rest);
    end.into_iter().for_each(|span| scene::append(&mut kept, span));
    kept
}

/// Names cut at their ends, with a number behind those that are not the first of their look.
fn numbered(names: &[Vec<Span>], size: f64, room: f64) -> Vec<Vec<Span>> {
    let mut places: Vec<(String, usize)> = Vec::new();
    let number = |name: &Vec<Span>| {
        let whole = text_of(name);
        let next = places.len() + 1;
        let number = places.iter().find(|(other, _)| *other == whole).map_or(next, |(_, number)| *number);
        if number == next {
            places.push((whole, next));
        }
        let mark = span(format!(" ({number})"));
        let rest = room - text::width(std::slice::from_ref(&mark), size, Weight::Regular);
        let mut kept = text::cut(name, size, Weight::Regular, rest);
        scene::append(&mut kept, mark);
        kept
    };
    names.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{flat, label};

    fn check(names: &[&str], room: f64) -> Vec<String> {
        let names: Vec<Vec<Span>> = names.iter().map(|name| label(name)).collect();
        let short = shortened(&names, 12.0, room);
        for name in &short {
            assert!(text::width(name, 12.0, Weight::Regular) <= room, "{}", flat(name));
        }
        assert_eq!(count(&short), count(&names), "{short:?}");
        short.iter().map(|name| flat(name)).collect()
    }

    #[test]
    fn names_that_fit_are_whole_and_others_lose_their_end() {
        assert_eq!(check(&["one", "two"], 100.0), ["one", "two"]);
        let short = check(&["a rather long name of one thing", "another rather long name"], 100.0);
        assert!(short[0].starts_with("a rather") && short[0].ends_with('…'), "{short:?}");
    }

    #[test]
    fn names_that_differ_at_their_end_keep_it() {
        let names: Vec<String> =
            (0..6).map(|n| format!("A very long name of a category, number {n}")).collect();
        let short = check(&names.iter().map(String::as_str).collect::<Vec<_>>(), 110.0);
        assert!(
            short[3].starts_with("A very") && short[3].contains('…') && short[3].ends_with('3'),
            "{short:?}"
        );
    }

    #[test]
    fn names_that_differ_in_their_middle_are_numbered() {
        let names = ["x".repeat(60), format!("{}y{}", "x".repeat(30), "x".repeat(29))];
        let short = check(&[&names[0], &names[1], &names[0]], 90.0);
        assert!(short[0].ends_with("(1)") && short[1].ends_with("(2)") && short[0] == short[2], "{short:?}");
    }
}
