//! Which routes can be files on every system that a site may be copied to.

use std::collections::BTreeMap;

use octavo_definition::ids::{Route, RouteProblem};

use super::{MARKER, PublishError};

/// Checks all routes of a site, each and together.
pub(super) fn check_all<'a>(routes: impl Iterator<Item = &'a Route>) -> Result<(), PublishError> {
    // Folded names of files, and of folders with one route in each.
    let mut files: BTreeMap<String, &str> = BTreeMap::new();
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    for route in routes {
        let folded = route.to_lowercase();
        let reserved = if folded == MARKER { Err(RouteProblem::Reserved) } else { Ok(()) };
        route
            .check()
            .and(reserved)
            .map_err(|problem| PublishError::Route { route: route.to_string(), problem })?;
        for (at, _) in folded.match_indices('/') {
            folders.entry(folded[..at].to_owned()).or_insert(route);
        }
        if let Some(one) = files.insert(folded, route) {
            return Err(PublishError::Collision { one: one.to_owned(), other: route.to_string() });
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
    fn routes_must_differ_where_case_does_not_count() {
        let check = |routes: &[&str]| {
            let routes: Vec<_> = routes.iter().map(|&route| Route::new(route)).collect();
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
