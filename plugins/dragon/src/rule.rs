//! How a folded curve turns: its crease pattern from the digits of the vertex index.
//!
//! Segments are numbered from 0, vertices from 0 to the number of segments; a turn of +1 is one step to the left. The
//! heading of a segment is the sum of the turns before it. Both follow in constant time from the digits, so that no
//! vertex needs the ones before it.

/// The directions of the folds of a strip that is folded in two, at most 62.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Bit a is set if fold n - a is `U`: the last fold, which makes the odd creases, is bit 0.
    up: u64,
    folds: u32,
}

impl Word {
    /// `folds` folds in the same direction: the dragon.
    pub fn all_up(folds: u32) -> Self {
        Self { up: (1 << folds) - 1, folds }
    }

    /// The first fold first; any letter but `U` is a fold in the other direction.
    pub fn parse(word: &str) -> Self {
        word.chars().fold(Self::all_up(0), |word, letter| word.then(letter == 'U'))
    }

    /// The word with one more fold.
    #[must_use]
    pub fn then(self, up: bool) -> Self {
        Self { up: self.up << 1 | u64::from(up), folds: self.folds + 1 }
    }

    /// The first `folds` folds.
    #[must_use]
    pub fn prefix(self, folds: u32) -> Self {
        Self { up: self.up >> (self.folds - folds), folds }
    }

    /// Number of folds.
    pub fn folds(self) -> u32 {
        self.folds
    }

    /// +1 for `U`, -1 for `D`: the fold that makes the creases at odd multiples of 2^a.
    fn sign(self, a: u32) -> i32 {
        if self.up >> a & 1 == 1 { 1 } else { -1 }
    }

    /// f_{n-a} (-1)^b at the vertex 2^a (2b + 1).
    fn turn(self, vertex: u64) -> i32 {
        let a = vertex.trailing_zeros();
        if vertex >> (a + 1) & 1 == 0 { self.sign(a) } else { -self.sign(a) }
    }

    /// Creases of one fold alternate, so each fold adds its sign if an odd number of its creases lie before the segment:
    /// exactly where the Gray code of the index has a one.
    fn heading(self, segment: u64) -> i32 {
        let gray = (segment ^ segment >> 1) & ((1 << self.folds) - 1);
        (gray & self.up).count_ones() as i32 - (gray & !self.up).count_ones() as i32
    }

    fn left_turns(self) -> u64 {
        let of_fold = |a: u32| {
            let creases = 1_u64 << (self.folds - 1 - a);
            if self.sign(a) > 0 { creases.div_ceil(2) } else { creases / 2 }
        };
        (0..self.folds).map(of_fold).sum()
    }
}

/// A substitution by which every segment becomes two or three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A strip folded in two by this word.
    Halves(Word),
    /// A strip folded in three, left then right, this many times: the terdragon.
    Thirds(u32),
}

impl Rule {
    /// Number of segments that one becomes at the next level.
    pub fn radix(self) -> u64 {
        match self {
            Self::Halves(_) => 2,
            Self::Thirds(_) => 3,
        }
    }

    /// Number of levels.
    pub fn folds(self) -> u32 {
        match self {
            Self::Halves(word) => word.folds(),
            Self::Thirds(folds) => folds,
        }
    }

    /// Number of segments of a block of this level.
    pub fn power(self, level: u32) -> u64 {
        self.radix().pow(level)
    }

    /// Number of segments.
    pub fn segments(self) -> u64 {
        self.power(self.folds())
    }

    /// The same strip after fewer folds.
    #[must_use]
    pub fn prefix(self, folds: u32) -> Self {
        match self {
            Self::Halves(word) => Self::Halves(word.prefix(folds)),
            Self::Thirds(_) => Self::Thirds(folds),
        }
    }

    /// The same strip after one fold more, `U`.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Halves(word) => Self::Halves(word.then(true)),
            Self::Thirds(folds) => Self::Thirds(folds + 1),
        }
    }

    /// The level of a crease: how often the radix divides its index. The fold `folds - level` made it.
    pub fn level_of(self, vertex: u64) -> u32 {
        (0..).find(|level| !vertex.is_multiple_of(self.power(level + 1))).expect("the vertex is not 0")
    }

    /// +1 for a left turn at an inner vertex, -1 for a right turn.
    pub fn turn(self, vertex: u64) -> i32 {
        match self {
            Self::Halves(word) => word.turn(vertex),
            Self::Thirds(_) => {
                if vertex / self.power(self.level_of(vertex)) % 3 == 1 {
                    1
                } else {
                    -1
                }
            }
        }
    }

    /// The sum of the turns before a segment. For thirds: the number of digits 1 in base 3.
    pub fn heading(self, segment: u64) -> i32 {
        match self {
            Self::Halves(word) => word.heading(segment),
            Self::Thirds(folds) => {
                (0..folds).filter(|level| segment / self.power(*level) % 3 == 1).count() as i32
            }
        }
    }

    /// The heading of the `index`-th block of `level` from the start of the block of `level + 1` that begins the curve.
    pub fn inner_heading(self, level: u32, index: u64) -> i32 {
        match (self, index) {
            (Self::Halves(word), 1) => word.sign(level),
            (Self::Thirds(_), 1) => 1,
            _ => 0,
        }
    }

    /// Whether the block of this level that starts at `segment` has its central crease the other way round than the block
    /// that begins the curve.
    pub fn is_odd(self, level: u32, segment: u64) -> bool {
        matches!(self, Self::Halves(_)) && segment >> level & 1 == 1
    }

    /// Number of left turns; the other creases are right turns.
    pub fn left_turns(self) -> u64 {
        match self {
            Self::Halves(word) => word.left_turns(),
            Self::Thirds(_) => (self.segments() - 1) / 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(rule: Rule) -> String {
        (1..rule.segments()).map(|k| if rule.turn(k) > 0 { 'L' } else { 'R' }).collect()
    }

    #[test]
    fn the_dragon_turns_by_the_bit_above_the_lowest_set_one() {
        let rule = Rule::Halves(Word::all_up(12));
        for k in 1..rule.segments() {
            assert_eq!(rule.turn(k) > 0, (k & k.wrapping_neg()) << 1 & k == 0, "{k}");
            assert_eq!(rule.heading(k), (k ^ k >> 1).count_ones() as i32);
        }
    }

    /// The crease word by folding: S(f1 ... fn) = S(f2 ... fn), f1, and S(f2 ... fn) reversed with turns swapped.
    fn folded(word: &str) -> String {
        let Some(first) = word.chars().next() else { return String::new() };
        let rest = folded(&word[1..]);
        let mirrored: String = rest.chars().rev().map(|turn| if turn == 'L' { 'R' } else { 'L' }).collect();
        format!("{rest}{}{mirrored}", if first == 'U' { 'L' } else { 'R' })
    }

    proptest! {
        #[test]
        fn turns_are_those_of_the_paper(word in "[UD]{0,9}") {
            let rule = Rule::Halves(Word::parse(&word));
            let turns = letters(rule);
            prop_assert_eq!(&turns, &folded(&word));
            prop_assert_eq!(rule.left_turns(), turns.matches('L').count() as u64);
            for level in 0..=rule.folds() {
                let prefix = Rule::Halves(Word::parse(&word[..level as usize]));
                prop_assert_eq!(rule.prefix(level), prefix);
            }
        }

        #[test]
        fn headings_are_sums_of_turns(word in "[UD]{0,9}") {
            for rule in [Rule::Halves(Word::parse(&word)), Rule::Thirds(word.len().min(6) as u32)] {
                let mut heading = 0;
                for segment in 0..rule.segments() {
                    heading += if segment == 0 { 0 } else { rule.turn(segment) };
                    prop_assert_eq!(rule.heading(segment), heading);
                }
            }
        }
    }

    #[test]
    fn the_terdragon_word() {
        assert_eq!(letters(Rule::Thirds(2)), "LRLLRRLR");
        assert_eq!(Rule::Thirds(7).left_turns(), letters(Rule::Thirds(7)).matches('L').count() as u64);
    }
}
