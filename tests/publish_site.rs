//! What a publication does, and what it refuses to do.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use octavo::publish::{How, PublishError, PublishOptions, PublishReport, Publisher, Recovery, TargetProblem};
use octavo::store::Store;
use octavo_plugin::Digest;
use support::{Files, live, names, options, publish_files, read_tree, release};

struct Project {
    folder: tempfile::TempDir,
    store: Store,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        Self { folder, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn publish(&self, name: &str) -> Result<PublishReport, PublishError> {
        publish_files(&self.store, &self.path("site"), &release(name, 3), &options(name))
    }

    fn publish_to(&self, target: &Path) -> Result<PublishReport, PublishError> {
        publish_files(&self.store, target, &release("a", 3), &options("a"))
    }
}

fn problem(result: Result<PublishReport, PublishError>) -> TargetProblem {
    match result.unwrap_err() {
        PublishError::Target { problem, .. } => problem,
        other => panic!("{other}"),
    }
}

#[test]
fn a_first_release_and_the_next_are_reported_file_by_file() {
    let project = Project::new();
    let report = project.publish("a").unwrap();
    assert_eq!(report.how, How::Created);
    assert_eq!(report.added.len(), 7);
    assert_eq!(read_tree(&project.path("site")), Some(live("a", 3)));

    let report = project.publish("b").unwrap();
    assert!(matches!(report.how, How::Exchange | How::Renames));
    assert_eq!(report.added, ["only/b/deep/data.csv"]);
    assert_eq!(report.removed, ["only/a/deep/data.csv"]);
    let changed = ["index.html", "octavo.json", "pages/0.html", "pages/1.html", "pages/2.html"];
    assert_eq!(report.changed, changed);
    assert_eq!((report.unchanged, report.copied, report.recovery), (1, 0, Recovery::Nothing));
    assert_eq!(read_tree(&project.path("site")), Some(live("b", 3)));
    assert_eq!(names(project.folder.path()), [".octavo", "site"]);
}

#[test]
fn an_unchanged_release_writes_nothing() {
    let project = Project::new();
    project.publish("a").unwrap();
    let look = || {
        let metadata = fs::metadata(project.path("site")).unwrap();
        (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
    };
    let before = look();
    let report = project.publish("a").unwrap();
    assert_eq!((report.how, report.unchanged, report.swapped()), (How::Unchanged, 7, false));
    assert_eq!(look(), before);
}

#[test]
fn files_are_links_to_read_only_blobs_and_the_folder_keeps_its_mode() {
    let project = Project::new();
    project.publish("a").unwrap();
    fs::set_permissions(project.path("site"), Permissions::from_mode(0o750)).unwrap();
    project.publish("b").unwrap();
    let style = fs::metadata(project.path("site/style.css")).unwrap();
    assert_eq!((style.nlink(), style.mode() & 0o777), (2, 0o444));
    assert_eq!(fs::metadata(project.path("site")).unwrap().mode() & 0o777, 0o750);
}

#[test]
fn an_empty_folder_is_filled_and_missing_parents_are_made() {
    let project = Project::new();
    fs::create_dir(project.path("site")).unwrap();
    assert_eq!(project.publish("a").unwrap().how, How::Created);
    let deep = project.path("out/of/the/way");
    assert_eq!(project.publish_to(&deep).unwrap().how, How::Created);
    assert_eq!(read_tree(&deep), Some(live("a", 3)));
}

#[test]
fn what_is_not_ours_is_refused_and_left_alone() {
    let project = Project::new();
    let target = project.path("thesis");
    for marker in [None, Some("{}"), Some(r#"{"generator": "other", "files": {}}"#)] {
        fs::create_dir_all(&target).unwrap();
        fs::write(target.join("thesis.tex"), "x").unwrap();
        if let Some(text) = marker {
            fs::write(target.join("octavo.json"), text).unwrap();
        }
        let before = read_tree(&target);
        assert_eq!(problem(project.publish_to(&target)), TargetProblem::NotOurs);
        assert_eq!(read_tree(&target), before);
        assert_eq!(names(project.folder.path()), [".octavo", "thesis"]);
    }
    fs::write(project.path("file"), "x").unwrap();
    assert_eq!(problem(project.publish_to(&project.path("file"))), TargetProblem::NotAFolder);
    symlink("thesis", project.path("link")).unwrap();
    assert_eq!(problem(project.publish_to(&project.path("link"))), TargetProblem::Link);
    symlink("nowhere", project.path("dangling")).unwrap();
    assert_eq!(problem(project.publish_to(&project.path("dangling"))), TargetProblem::Link);
}

#[test]
fn the_project_its_parents_the_store_and_mount_points_are_refused() {
    let project = Project::new();
    let root = project.folder.path();
    for (target, expected) in [
        (root.to_owned(), TargetProblem::HoldsProject),
        (root.parent().unwrap().to_owned(), TargetProblem::HoldsProject),
        (root.join("sub/.."), TargetProblem::NoName),
        (PathBuf::from("/"), TargetProblem::NoName),
        (root.join(".octavo"), TargetProblem::InStore),
        (root.join(".octavo/site"), TargetProblem::InStore),
        #[cfg(target_os = "linux")]
        (PathBuf::from("/proc"), TargetProblem::MountPoint),
    ] {
        assert_eq!(problem(project.publish_to(&target)), expected, "{}", target.display());
    }
    // A detour through a link changes nothing.
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(root.parent().unwrap(), elsewhere.path().join("detour")).unwrap();
    let detour = elsewhere.path().join("detour").join(root.file_name().unwrap());
    assert_eq!(problem(project.publish_to(&detour)), TargetProblem::HoldsProject);
    assert_eq!(names(root), [".octavo"]);
}

#[test]
fn hostile_routes_are_refused_before_anything_is_written() {
    let project = Project::new();
    for route in ["../escape", "/etc/x", "a//b", "a\\b", "a\0b", "NUL", "octavo.json", "", "a/./b"] {
        let files = Files::from([("index.html".into(), b"x".to_vec()), (route.into(), b"y".to_vec())]);
        let result = publish_files(&project.store, &project.path("site"), &files, &options("a"));
        assert!(matches!(result, Err(PublishError::Route { .. })), "{route:?}");
    }
    let files = Files::from([("A.html".into(), b"x".to_vec()), ("a.html".into(), b"y".to_vec())]);
    let result = publish_files(&project.store, &project.path("site"), &files, &options("a"));
    assert!(matches!(result, Err(PublishError::Collision { .. })));
    assert_eq!(names(project.folder.path()), [".octavo"]);
}

#[test]
fn a_file_that_somebody_added_stops_the_publication() {
    let project = Project::new();
    project.publish("a").unwrap();
    let site = project.path("site");
    fs::create_dir_all(site.join(".git")).unwrap();
    fs::write(site.join(".git/HEAD"), "ref").unwrap();
    fs::write(site.join("CNAME"), "example.org").unwrap();
    fs::write(site.join(".DS_Store"), "junk").unwrap();
    // It stands where the next release has a file.
    fs::create_dir_all(site.join("only/b/deep")).unwrap();
    symlink("/nowhere", site.join("only/b/deep/data.csv")).unwrap();
    let before = names(&site);
    let error = project.publish("b").unwrap_err();
    let PublishError::Strays { files, .. } = &error else { panic!("{error}") };
    assert_eq!(files, &[".git/HEAD", "CNAME", "only/b/deep/data.csv"]);
    assert!(error.to_string().contains("`.git/HEAD`, `CNAME`"), "{error}");
    assert_eq!(names(&site), before);
    // An unchanged release would not remove them, but they do not belong to it either.
    assert!(matches!(project.publish("a"), Err(PublishError::Strays { .. })));

    let allowed = PublishOptions { remove_strays: true, ..options("b") };
    let report = publish_files(&project.store, &site, &release("b", 3), &allowed).unwrap();
    assert_eq!(report.strays, [".git/HEAD", "CNAME", "only/b/deep/data.csv"]);
    assert_eq!(read_tree(&site), Some(live("b", 3)));
}

#[test]
fn an_edited_page_is_replaced_and_named() {
    let project = Project::new();
    project.publish("a").unwrap();
    let site = project.path("site");
    // As most editors save: a new file under the old name.
    fs::remove_file(site.join("index.html")).unwrap();
    fs::write(site.join("index.html"), "<p>X").unwrap();
    fs::remove_file(site.join("pages/1.html")).unwrap();
    let report = project.publish("a").unwrap();
    assert_eq!(
        (&report.edited[..], &report.changed[..]),
        (&["index.html".into()][..], &["index.html".into()][..])
    );
    assert_eq!(report.added, ["pages/1.html"]);
    assert_eq!(read_tree(&site), Some(live("a", 3)));
}

/// A published page is the blob itself, so writing into it damages the store; a rebuild must not publish that.
#[test]
fn writing_into_a_published_page_is_noticed() {
    let project = Project::new();
    project.publish("a").unwrap();
    let page = project.path("site/index.html");
    fs::set_permissions(&page, Permissions::from_mode(0o644)).unwrap();
    fs::write(&page, "<p>A").unwrap();
    let digests: BTreeMap<_, _> =
        release("a", 3).iter().map(|(route, bytes)| (route.clone(), Digest::of(bytes))).collect();
    let publish =
        || Publisher::publish(&project.path("site"), &digests, &project.store, &options("a"), &mut |_| {});
    match publish().unwrap_err() {
        PublishError::MissingBlob { route, .. } => assert_eq!(route, "index.html"),
        other => panic!("{other}"),
    }
    assert_eq!(names(project.folder.path()), [".octavo", "site"]);
    project.store.put(b"<p>a").unwrap();
    let report = publish().unwrap();
    assert_eq!(
        (report.edited, report.changed),
        (vec!["index.html".to_owned()], vec!["index.html".to_owned()])
    );
    assert_eq!(read_tree(&project.path("site")), Some(live("a", 3)));
}

#[test]
fn only_what_is_said_about_the_site_changes() {
    let project = Project::new();
    project.publish("a").unwrap();
    let report =
        publish_files(&project.store, &project.path("site"), &release("a", 3), &options("other")).unwrap();
    assert_eq!((report.changed, report.unchanged), (vec!["octavo.json".to_owned()], 6));
}

#[test]
fn a_site_that_was_copied_without_its_times_is_still_ours() {
    let project = Project::new();
    project.publish("a").unwrap();
    let copy = project.path("copy");
    for (route, bytes) in read_tree(&project.path("site")).unwrap() {
        fs::create_dir_all(copy.join(&route).parent().unwrap()).unwrap();
        fs::write(copy.join(&route), bytes).unwrap();
    }
    assert_eq!(project.publish_to(&copy).unwrap().how, How::Unchanged);
}

#[test]
fn another_file_system_gets_copies_once_and_links_to_them_later() {
    let project = Project::new();
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else { return };
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    if device(folder.path()) == device(project.folder.path()) {
        return;
    }
    let site = folder.path().join("site");
    let publish = |name| publish_files(&project.store, &site, &release(name, 3), &options(name)).unwrap();
    assert_eq!(publish("a").copied, 7);
    assert_eq!(publish("a").how, How::Unchanged);
    let style = fs::metadata(site.join("style.css")).unwrap().ino();
    assert_eq!(publish("b").copied, 6);
    assert_eq!(fs::metadata(site.join("style.css")).unwrap().ino(), style, "carried over by link");
    assert_eq!(read_tree(&site), Some(live("b", 3)));
    assert_eq!(names(folder.path()), ["site"]);
}

#[test]
fn builds_that_publish_at_once_take_turns() {
    let project = Project::new();
    let other = Project::new();
    let site = project.path("site");
    thread::scope(|scope| {
        for (store, name) in
            [(&project.store, "a"), (&project.store, "b"), (&other.store, "a"), (&other.store, "b")]
        {
            let site = &site;
            scope.spawn(move || {
                for _ in 0..10 {
                    publish_files(store, site, &release(name, 3), &options(name)).unwrap();
                }
            });
        }
    });
    let found = read_tree(&site);
    assert!(found == Some(live("a", 3)) || found == Some(live("b", 3)));
    assert_eq!(names(project.folder.path()), [".octavo", "site"]);
}

#[test]
fn leftovers_are_completed_undone_or_removed() {
    let project = Project::new();
    let [site, next, old, journal] =
        ["site", ".site.octavo-next", ".site.octavo-old", ".site.octavo-journal"]
            .map(|name| project.path(name));
    let recover = || Publisher::recover(&site, &project.store).unwrap();
    assert_eq!(recover(), Recovery::Nothing);
    project.publish("a").unwrap();

    // Killed while the release was built.
    fs::create_dir(&next).unwrap();
    fs::write(next.join("index.html"), "half").unwrap();
    assert_eq!(recover(), Recovery::Tidied);
    assert_eq!(read_tree(&site), Some(live("a", 3)));

    // Killed between the two renames.
    project.publish_to(&next).unwrap();
    fs::rename(&site, &old).unwrap();
    fs::create_dir(&journal).unwrap();
    assert_eq!(recover(), Recovery::Completed);
    assert_eq!(read_tree(&site), Some(live("a", 3)));

    // The new release is gone: the old one is put back.
    fs::rename(&site, &old).unwrap();
    fs::create_dir(&journal).unwrap();
    assert_eq!(recover(), Recovery::RolledBack);
    assert_eq!(read_tree(&site), Some(live("a", 3)));
    assert_eq!(names(project.folder.path()), [".octavo", "site"]);
}
