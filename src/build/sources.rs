//! What all pages show of the project beside their own texts.

use crate::project::Project;
use crate::render::made_of::{MadeOf, PartKind};

/// What pages show of the project beside their own texts.
pub(super) fn sources(project: &Project) -> MadeOf {
    let mut parts = MadeOf::default();
    let files = [
        Some(&project.config_source),
        project.bibliography.as_ref(),
        project.csl_source.as_ref(),
        project.glossary_source.as_ref(),
    ];
    for file in files.into_iter().flatten() {
        parts.add_text(PartKind::File, &file.path, &file.text);
    }
    // Every page leads to their list.
    let lists = [
        ("statements", project.statements.is_some()),
        ("glossary", project.glossary.is_some()),
        ("changes", !project.history.is_empty()),
    ];
    for (name, _) in lists.into_iter().filter(|(_, there)| *there) {
        parts.add_text(PartKind::Site, format!("list of {name}"), "");
    }
    if let Some(icon) = project.icon() {
        parts.add_text(PartKind::Site, "icon", icon);
    }
    if let Some(citation) = &project.citation {
        parts.add_text(PartKind::Site, "citation", &format!("{citation:?}"));
    }
    parts
}
