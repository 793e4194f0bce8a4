//! What would become of pages, and why.

use crate::build::{PageProspect, Today};
use crate::render::made_of::{PartChange, PartKind};

/// Changes in a line; of more than `most` the number of the others.
fn listed(changes: &[PartChange], most: usize) -> String {
    let shown: Vec<String> = changes.iter().take(most).map(ToString::to_string).collect();
    let more = changes.len() - shown.len();
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", shown.join("; "))
}

/// What would become of all pages alike.
pub(super) fn of_all(today: &Today<'_>, most: usize) -> Vec<String> {
    let (loads, writes): (Vec<_>, Vec<_>) =
        today.of_all().into_iter().partition(|change| change.kind == PartKind::Loaded);
    let line = |what: &str, changes: &[PartChange]| {
        (!changes.is_empty()).then(|| format!("all pages would {what} ({})", listed(changes, most)))
    };
    [line("be written anew", &writes), line("look otherwise", &loads)].into_iter().flatten().collect()
}

/// What would become of a page, and what made it what it is.
pub(super) fn of_page(page: &PageProspect) -> Vec<String> {
    let route = page.route.as_str();
    let mut lines = vec![match page.changes.as_deref() {
        None => format!("`{route}`: nothing of it is remembered here"),
        Some([]) => format!("`{route}`: is as it was written, unless results differ"),
        Some(changes) => format!("`{route}`: would be written anew ({})", listed(changes, usize::MAX)),
    }];
    if page.changes.is_some() {
        lines.push(match page.last.as_deref() {
            None => "  before it was written last, nothing is known of it".to_owned(),
            Some(changes) => format!("  written last since: {}", listed(changes, usize::MAX)),
        });
    }
    if !page.loads.is_empty() {
        lines.push(format!("  would look otherwise: {}", listed(&page.loads, usize::MAX)));
    }
    if let Some(changes) = page.loaded.as_deref() {
        lines.push(format!("  looks otherwise since: {}", listed(changes, usize::MAX)));
    }
    lines
}
