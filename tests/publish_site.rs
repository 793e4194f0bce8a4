//! What a publication does, and what it refuses to do.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use octavo::publish::{
    Destination, How, PublishError, PublishOptions, PublishReport, Publisher, Recovery, TargetProblem,
};
use octavo::store::Store;
use octavo_plugin::Digest;
use support::{Files, destination, live, names, options, publish_files, put, read_tree, release};

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
    assert_eq!((report.unchanged, report.written, report.recovery), (1, 6, Recovery::Nothing));
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

/// What the umask of whoever runs the tests leaves of 0o666 and 0o777.
fn usual_modes(folder: &Path) -> (u32, u32) {
    fs::write(folder.join("probe"), "").unwrap();
    fs::create_dir(folder.join("probes")).unwrap();
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().mode() & 0o777;
    let modes = (mode("probe"), mode("probes"));
    fs::remove_file(folder.join("probe")).unwrap();
    fs::remove_dir(folder.join("probes")).unwrap();
    modes
}

#[test]
fn published_files_are_their_owners_to_write_and_no_part_of_the_store() {
    let project = Project::new();
    let (file, folder) = usual_modes(project.folder.path());
    project.publish("a").unwrap();
    fs::set_permissions(project.path("site"), Permissions::from_mode(0o750)).unwrap();
    for name in ["b", "a"] {
        project.publish(name).unwrap();
        for entry in walkdir::WalkDir::new(project.path("site")).min_depth(1) {
            let metadata = entry.unwrap().metadata().unwrap();
            let expected = if metadata.is_dir() { folder } else { file };
            assert_eq!(metadata.mode() & 0o777, expected);
            assert!(metadata.is_dir() || metadata.nlink() == 1);
        }
    }
    assert_eq!(fs::metadata(project.path("site")).unwrap().mode() & 0o777, 0o750);
    for (route, bytes) in live("a", 3) {
        fs::write(project.path("site").join(&route), "defaced").unwrap();
        assert_eq!(project.store.get(&Digest::of(&bytes)).unwrap().is_some(), route != "octavo.json");
    }
    assert_eq!(project.store.take_warnings(), []);
}

#[test]
fn a_file_that_nobody_touched_is_carried_over_and_one_that_somebody_did_is_written_anew() {
    let project = Project::new();
    project.publish("a").unwrap();
    let style = project.path("site/style.css");
    let inode = || fs::metadata(&style).unwrap().ino();
    let before = inode();
    assert_eq!(project.publish("b").unwrap().written, 6);
    assert_eq!(inode(), before, "carried over");
    // A second name, another mode: the bytes are the same, but somebody else may hold the file.
    fs::hard_link(&style, project.path("backup.css")).unwrap();
    let report = project.publish("a").unwrap();
    assert_eq!((report.written, report.unchanged, &report.edited[..]), (7, 1, &[][..]));
    assert_ne!(inode(), before);
    // Where nothing else changes, a touched file stays: its owner may have given it to the web server.
    fs::set_permissions(&style, Permissions::from_mode(0o640)).unwrap();
    assert_eq!(project.publish("a").unwrap().how, How::Unchanged);
    assert_eq!(fs::metadata(&style).unwrap().mode() & 0o777, 0o640);
}

/// Two hundred edits that keep length and times, in releases that carry the file over: each is noticed.
#[test]
fn an_edit_that_keeps_its_times_is_noticed() {
    let project = Project::new();
    let style = project.path("site/style.css");
    let good = &release("a", 3)["style.css"];
    for round in 0..200_usize {
        project.publish(["a", "b"][round % 2]).unwrap();
        let metadata = fs::metadata(&style).unwrap();
        let mut bytes = good.clone();
        bytes[round % good.len()] ^= 1;
        let file = fs::OpenOptions::new().write(true).open(&style).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0).unwrap();
        file.set_modified(metadata.modified().unwrap()).unwrap();
        let report = project.publish(["a", "b"][(round + round / 100) % 2]).unwrap();
        assert_eq!(report.edited, ["style.css"], "round {round}");
        assert_eq!(&fs::read(&style).unwrap(), good, "round {round}");
    }
}

#[test]
fn a_site_of_an_earlier_version_gets_files_of_its_own() {
    let project = Project::new();
    let site = project.path("site");
    project.publish("a").unwrap();
    fs::remove_dir_all(project.path(".octavo/releases")).unwrap();
    // As it was: every file a link to a blob, and no name of a project.
    for (route, bytes) in live("a", 3) {
        let digest = project.store.put(&bytes).unwrap().hex();
        fs::remove_file(site.join(&route)).unwrap();
        fs::hard_link(project.path(".octavo/blobs").join(&digest[..2]).join(&digest[2..]), site.join(&route))
            .unwrap();
    }
    let report = project.publish("a").unwrap();
    assert_eq!((report.written, report.changed.len(), report.unchanged), (7, 0, 7));
    assert_eq!(read_tree(&site), Some(live("a", 3)));
    assert_eq!(fs::metadata(site.join("style.css")).unwrap().nlink(), 1);
    assert_eq!(project.publish("a").unwrap().how, How::Unchanged);
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

#[test]
fn damaged_and_missing_blobs_are_named_and_nothing_is_published() {
    let project = Project::new();
    project.publish("a").unwrap();
    let files = put(&project.store, &release("b", 3));
    for route in ["index.html", "pages/1.html"] {
        let hex = files[route].digest().hex();
        let blob = project.path(".octavo/blobs").join(&hex[..2]).join(&hex[2..]);
        let time = fs::metadata(&blob).unwrap().modified().unwrap();
        let length = fs::read(&blob).unwrap().len();
        fs::set_permissions(&blob, Permissions::from_mode(0o644)).unwrap();
        fs::write(&blob, vec![b'x'; length]).unwrap();
        fs::File::open(&blob).unwrap().set_modified(time).unwrap();
    }
    let to = destination(&project.store, &project.path("site"));
    let publish = || Publisher::publish(&to, files.clone(), &project.store, &options("b"), &mut |_| {});
    match publish().unwrap_err() {
        PublishError::MissingBlobs { routes } => assert_eq!(routes, ["index.html", "pages/1.html"]),
        other => panic!("{other}"),
    }
    assert_eq!(names(project.folder.path()), [".octavo", "site"]);
    assert_eq!(read_tree(&project.path("site")), Some(live("a", 3)));
    assert_eq!(project.store.take_warnings().len(), 2);
    put(&project.store, &release("b", 3));
    assert_eq!(publish().unwrap().edited, [""; 0]);
    assert_eq!(read_tree(&project.path("site")), Some(live("b", 3)));
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
fn another_file_system_is_published_to_like_this_one() {
    let project = Project::new();
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else { return };
    let site = folder.path().join("site");
    let publish = |name| publish_files(&project.store, &site, &release(name, 3), &options(name)).unwrap();
    assert_eq!(publish("a").written, 7);
    assert_eq!(publish("a").how, How::Unchanged);
    let style = fs::metadata(site.join("style.css")).unwrap().ino();
    assert_eq!(publish("b").written, 6);
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
    let to = destination(&project.store, &site);
    let recover = || Publisher::recover(&to).unwrap();
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

#[test]
fn a_site_of_another_project_is_refused_and_one_of_an_earlier_title_is_not() {
    let project = Project::new();
    let other = Project::new();
    project.publish("a").unwrap();
    let site = project.path("site");
    let publish = |from: &Project, name: &str| {
        let to = Destination { project: name.to_owned(), ..destination(&from.store, &site) };
        Publisher::publish(&to, put(&from.store, &release("b", 3)), &from.store, &options("b"), &mut |_| {})
    };
    match publish(&other, "Other").unwrap_err() {
        PublishError::OtherProject { other, project, .. } => {
            assert_eq!((other.as_str(), project.as_str()), ("Test", "Other"));
        }
        error => panic!("{error}"),
    }
    assert_eq!(read_tree(&site), Some(live("a", 3)));
    // Another checkout of the same project may; and so may this one after it got another title.
    publish(&other, "Test").unwrap();
    assert!(matches!(publish(&project, "New title"), Err(PublishError::OtherProject { .. })));
    publish(&other, "New title").unwrap();
    publish(&project, "New title").unwrap();
}

#[test]
fn a_removal_refuses_what_a_publication_refuses_to_replace() {
    let project = Project::new();
    let remove = |folder: &Path, strays: bool| {
        Publisher::remove(&destination(&project.store, folder), strays, &mut |_| {})
    };
    let site = project.path("site");
    assert_eq!(remove(&site, false).unwrap().files, 0);
    fs::create_dir(&site).unwrap();
    assert_eq!(remove(&site, false).unwrap().files, 0);
    assert!(site.is_dir(), "an empty folder is not ours");
    project.publish("a").unwrap();
    fs::write(site.join("CNAME"), "example.org").unwrap();
    fs::write(site.join("index.html"), "edited").unwrap();
    assert!(matches!(remove(&site, false), Err(PublishError::Strays { files, .. }) if files == ["CNAME"]));
    assert!(site.join("CNAME").exists() && site.join("index.html").exists());
    let report = remove(&site, true).unwrap();
    assert_eq!(
        (report.files, &report.edited[..], &report.strays[..]),
        (7, &["index.html".to_owned()][..], &["CNAME".to_owned()][..])
    );
    assert_eq!(names(project.folder.path()), [".octavo"]);
    // A publication begins with what a removal that was cut short left.
    project.publish("a").unwrap();
    fs::rename(&site, project.path(".site.octavo-next")).unwrap();
    project.publish("b").unwrap();
    assert_eq!(read_tree(&site), Some(live("b", 3)));
    assert_eq!(names(project.folder.path()), [".octavo", "site"]);
}
