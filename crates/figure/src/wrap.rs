//! Titles and names on a few lines: as few as fit, broken where a reader would break them, of lengths as even as may be.

use super::scene::{self, Level, Span, Weight, label};
use super::text;

/// The weight of titles.
pub(crate) const WEIGHT: Weight = Weight::Semibold;
/// Room between the baselines of lines.
pub(crate) const LEADING: f64 = 16.0;
/// The most lines.
pub(crate) const LINES: usize = 3;
/// The most words of a text for which all breaks are tried.
const WORDS: usize = 40;
/// The smallest size of texts.
const SMALLEST: f64 = 12.0;

/// A title on lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wrapped {
    /// The lines from top to bottom.
    pub(crate) lines: Vec<Vec<Span>>,
    /// Size of the font in pixels.
    pub(crate) size: f64,
}

impl Wrapped {
    /// Height of the lines beyond the first.
    pub(crate) fn more(&self) -> f64 {
        self.lines.len().saturating_sub(1) as f64 * LEADING
    }
}

/// The title on lines of at most this width. Where a word is wider, the title is smaller; where even that does not do, lines end
/// with an ellipsis.
pub(crate) fn wrapped(title: &str, size: f64, room: f64) -> Wrapped {
    let words = words(&label(title));
    let lines = broken(&words, (size, WEIGHT), room, LINES);
    let widest = lines.iter().map(|line| text::width(line, size, WEIGHT)).fold(0.0, f64::max);
    let size = if widest > room { (size * room / widest).max(SMALLEST) } else { size };
    // A line that was made as wide as the room is not cut for a rounding.
    let cut = |line: &Vec<Span>| text::cut(line, size, WEIGHT, room + 1e-6);
    Wrapped { lines: lines.iter().map(cut).collect(), size }
}

/// A text on at most so many lines of at most this width, each whole; `None` if it does not fit.
pub(crate) fn lines(text: &[Span], font: (f64, Weight), room: f64, most: usize) -> Option<Vec<Vec<Span>>> {
    let words = words(text);
    let lines = broken(&words, font, room, most.min(LINES));
    lines.iter().all(|line| text::width(line, font.0, font.1) <= room).then_some(lines)
}

/// What stands between spaces.
fn words(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut words: Vec<Vec<Span>> = vec![Vec::new()];
    for span in spans {
        let parts =
            if span.level == Level::Base { span.text.split(' ').collect() } else { vec![&*span.text] };
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                words.push(Vec::new());
            }
            if let (Some(word), false) = (words.last_mut(), part.is_empty()) {
                scene::append(word, Span { text: part.to_owned(), level: span.level });
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The lines that fit with the fewest awkward breaks, then the fewest lines, then the least width; if none fit, the narrowest.
fn broken(words: &[Vec<Span>], (size, weight): (f64, Weight), room: f64, most: usize) -> Vec<Vec<Span>> {
    let lines = |breaks: &[usize]| -> Vec<Vec<Span>> {
        let starts = std::iter::once(0).chain(breaks.iter().copied());
        let ends = breaks.iter().copied().chain(std::iter::once(words.len()));
        starts.zip(ends).map(|(start, end)| joined(&words[start..end])).collect()
    };
    let cost = |breaks: &Vec<usize>| {
        let widths = lines(breaks).into_iter().map(|line| text::width(&line, size, weight));
        let widest = widths.fold(0.0, f64::max);
        let awkward = breaks.iter().filter(|at| is_awkward(&words[**at - 1], &words[**at])).count();
        if widest <= room { (0.0, awkward, breaks.len(), widest) } else { (widest, 0, 0, 0.0) }
    };
    let most = if words.len() > WORDS { 1 } else { most };
    let costs = choices(words.len(), most).into_iter().map(|breaks| (cost(&breaks), breaks));
    let best = costs.min_by(|(a, _), (b, _)| {
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)).then(a.3.total_cmp(&b.3))
    });
    lines(&best.expect("one line is always a choice").1)
}

/// Where a text of so many words may be broken, before these words, into at most so many lines.
fn choices(words: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 1..most {
        let longer = |breaks: &Vec<usize>| -> Vec<Vec<usize>> {
            let next = breaks.last().map_or(1, |at| at + 1);
            (next..words).map(|at| breaks.iter().copied().chain([at]).collect()).collect()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn joined(words: &[Vec<Span>]) -> Vec<Span> {
    let mut line = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            scene::append(&mut line, Span { text: " ".to_owned(), level: Level::Base });
        }
        word.iter().for_each(|span| scene::append(&mut line, span.clone()));
    }
    line
}

/// Whether a break between these words takes a formula apart, as beside the sign in `ε = 0.05`. A point or dash may end a line.
fn is_awkward(before: &[Span], after: &[Span]) -> bool {
    let sign = |word: &[Span]| word.iter().all(|span| !span.text.chars().any(char::is_alphanumeric));
    let ends = |word: &[Span]| matches!(word, [one] if matches!(&*one.text, "·" | "–" | "—" | ":" | ";"));
    sign(after) || sign(before) && !ends(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::flat;

    fn check(title: &str, room: f64, expected: &[&str]) {
        let Wrapped { lines, size } = wrapped(title, 13.0, room);
        assert_eq!(lines.iter().map(|line| flat(line)).collect::<Vec<_>>(), expected, "{title} in {room}");
        let widest = lines.iter().map(|line| text::width(line, size, Weight::Semibold)).fold(0.0, f64::max);
        assert!(widest <= room + 1e-6 && size >= SMALLEST, "{title} in {room}: {widest}");
    }

    #[test]
    fn titles_take_as_few_lines_as_fit_and_fill_them_evenly() {
        check("a wave", 100.0, &["a wave"]);
        check("saw of four teeth", 100.0, &["saw of", "four teeth"]);
        check("scie à quatre dents très pointues", 100.0, &["scie à quatre", "dents très", "pointues"]);
        check("", 100.0, &[""]);
    }

    #[test]
    fn formulas_stay_whole_where_they_fit() {
        check("Sinkhorn, ε = 0.05", 100.0, &["Sinkhorn,", "ε = 0.05"]);
        check("4 × 16 · 64 / 881", 80.0, &["4 × 16 ·", "64 / 881"]);
        check("after layer number σ_w = 2", 90.0, &["after layer", "number", "σ_w = 2"]);
    }

    #[test]
    fn a_word_that_is_too_wide_shrinks_and_is_cut_only_then() {
        let word = "Wasserstein";
        let wide = text::width(&label(word), 13.0, Weight::Semibold);
        let Wrapped { lines, size } = wrapped(word, 13.0, 0.95 * wide);
        assert_eq!(flat(&lines[0]), word);
        assert!((size - 0.95 * 13.0).abs() < 1e-9, "{size}");
        check("Wasserstein", 0.8 * wide, &["Wassers…"]);
    }

    /// Between the widths of the two weights: what fits on a line only if it is not bold is broken.
    #[test]
    fn titles_are_measured_bold() {
        let title = "minimum width";
        let [regular, bold] =
            [Weight::Regular, Weight::Semibold].map(|w| text::width(&label(title), 13.0, w));
        assert!(bold > regular + 1.0);
        check(title, (regular + bold) / 2.0, &["minimum", "width"]);
    }
}
