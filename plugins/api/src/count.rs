//! Counts in English messages: the noun agrees with the number.

use std::fmt::Display;

/// A count and its noun, which is given in the singular: `1 task`, `2 tasks`, `0 entries`.
pub fn counted<N: Display + PartialEq + Copy + From<u8>>(count: N, noun: &str) -> String {
    format!("{count} {}", plural(&count, noun))
}

/// The form of a noun that agrees with a count.
pub fn plural<N: PartialEq + From<u8>>(count: &N, noun: &str) -> String {
    if *count == N::from(1) {
        return noun.to_owned();
    }
    let before_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match (before_y, noun.strip_suffix("is")) {
        (Some(stem), _) => format!("{stem}ies"),
        (None, Some(stem)) => format!("{stem}es"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") || noun.ends_with("sh") => {
            format!("{noun}es")
        }
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_agree_with_their_counts() {
        assert_eq!([counted(0_usize, "task"), counted(1_u32, "task")], ["0 tasks", "1 task"]);
        let two = ["finished task", "entry", "array", "analysis", "index", "process", "branch"];
        let expected =
            ["finished tasks", "entries", "arrays", "analyses", "indexes", "processes", "branches"];
        assert_eq!(two.map(|noun| plural(&2_u64, noun)), expected);
        assert_eq!(two.map(|noun| plural(&1_u64, noun)), two);
    }
}
