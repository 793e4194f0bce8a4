//! Patterns of paths: `*` and `?` within a name, `**` for any folders.

/// Whether a path with `/` matches.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').filter(|part| *part != ".").collect();
    let path: Vec<&str> = path.split('/').collect();
    parts(&pattern, &path)
}

fn parts(pattern: &[&str], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&"**", rest)) => (0..=path.len()).any(|skipped| parts(rest, &path[skipped..])),
        Some((first, rest)) => path.split_first().is_some_and(|(name, below)| {
            let (first, name): (Vec<char>, Vec<char>) = (first.chars().collect(), name.chars().collect());
            is_name(&first, &name) && parts(rest, below)
        }),
    }
}

/// The usual walk with one place to come back to: the last star.
fn is_name(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, n) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stay_within_a_name_and_double_stars_do_not() {
        for (pattern, path, expected) in [
            ("a.py", "a.py", true),
            ("*.py", "a.py", true),
            ("*.py", "x/a.py", false),
            ("x/*.py", "x/a.py", true),
            ("**/*.py", "a.py", true),
            ("**/*.py", "x/y/a.py", true),
            ("x/**", "x/y/z", true),
            ("a?c*e", "abcdde", true),
            ("a?c*e", "abcdd", false),
            ("*a*b*", "xxaxxbxx", true),
            ("./a", "a", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
