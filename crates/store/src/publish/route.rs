//! Which routes can be files on every system that a site may be copied to.

use std::collections::BTreeMap;

use super::{MARKER, PublishError, RouteProblem};

/// Checks one route: parts separated by `/`, each a plain file name on Linux, macOS and Windows.
pub fn check_route(route: &str) -> Result<(), RouteProblem> {
    route.split('/').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), RouteProblem> {
    let forbidden = |c: char| c.is_control() || "\\:*?\"<>|".contains(c);
    match part {
        "" => Err(RouteProblem::EmptyPart),
        "." | ".." => Err(RouteProblem::Dots),
        _ if part.contains(forbidden) => Err(RouteProblem::Character),
        _ if part.len() > 255 => Err(RouteProblem::Long),
        _ if part.ends_with(['.', ' ']) => Err(RouteProblem::End),
        _ if is_device(part) => Err(RouteProblem::Device),
        _ => Ok(()),
    }
}

/// Names that Windows keeps for devices, with any extension.
/// Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_lowercase();
    let mut characters = stem.chars();
    let last = characters.next_back();
    match characters.as_str() {
        "com" | "lpt" => last.is_some_and(|c| "0123456789\u{b9}\u{b2}\u{b3}".contains(c)),
        _ => ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&stem.as_str()),
    }
}

/// Checks all routes of a site, each and together.
pub(super) fn check_all<'a>(routes: impl Iterator<Item = &'a String>) -> Result<(), PublishError> {
    // Folded names of files, and of folders with one route in each.
    let mut files: BTreeMap<String, &str> = BTreeMap::new();
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    for route in routes {
        let folded = route.to_lowercase();
        let reserved = if folded == MARKER { Err(RouteProblem::Reserved) } else { Ok(()) };
        check_route(route)
            .and(reserved)
            .map_err(|problem| PublishError::Route { route: route.clone(), problem })?;
        for (at, _) in folded.match_indices('/') {
            folders.entry(folded[..at].to_owned()).or_insert(route);
        }
        if let Some(one) = files.insert(folded, route) {
            return Err(PublishError::Collision { one: one.to_owned(), other: route.clone() });
        }
    }
    match files.iter().find_map(|(folded, file)| Some((*file, *folders.get(folded)?))) {
        Some((one, other)) => Err(PublishError::Collision { one: one.to_owned(), other: other.to_owned() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_that_some_system_could_not_hold_are_refused() {
        for (route, problem) in [
            ("", RouteProblem::EmptyPart),
            ("/etc/passwd", RouteProblem::EmptyPart),
            ("a//b", RouteProblem::EmptyPart),
            ("a/", RouteProblem::EmptyPart),
            ("../a", RouteProblem::Dots),
            ("a/../../b", RouteProblem::Dots),
            ("./a", RouteProblem::Dots),
            ("a\0b", RouteProblem::Character),
            ("a\\b", RouteProblem::Character),
            ("a\nb", RouteProblem::Character),
            ("C:/a", RouteProblem::Character),
            ("a?.html", RouteProblem::Character),
            ("a./b", RouteProblem::End),
            ("a ", RouteProblem::End),
            ("con", RouteProblem::Device),
            ("x/NUL.html", RouteProblem::Device),
            ("lpt1.a.b", RouteProblem::Device),
            ("COM\u{b9}", RouteProblem::Device),
        ] {
            assert_eq!(check_route(route), Err(problem), "{route:?}");
        }
        assert_eq!(check_route(&"x".repeat(256)), Err(RouteProblem::Long));
        for good in
            ["index.html", "fr/dragon/index.html", ".nojekyll", "console.html", "com.html", "com10", "é/ü"]
        {
            assert_eq!(check_route(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn routes_must_differ_where_case_does_not_count() {
        let check = |routes: &[&str]| {
            let routes: Vec<_> = routes.iter().map(|&route| route.to_owned()).collect();
            check_all(routes.iter())
        };
        assert!(check(&["a/b", "a/c", "b/a", "a.b"]).is_ok());
        for wrong in [["a/B", "A/b"], ["É", "é"], ["a", "a/b"], ["A/b/c", "a/B"]] {
            assert!(matches!(check(&wrong), Err(PublishError::Collision { .. })), "{wrong:?}");
        }
        for wrong in ["octavo.json", "Octavo.JSON"] {
            assert!(matches!(
                check(&[wrong]),
                Err(PublishError::Route { problem: RouteProblem::Reserved, .. })
            ));
        }
    }
}
