//! What `gc` forgets, and what it keeps.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use octavo::store::{ExclusiveStore, Keep, Store};
use octavo_plugin::Digest;

use super::support::names;
use super::{build, file, kept, overwrite, problems, project, remember};

/// A time after everything that a test does.
const NEVER: u64 = u64::MAX;

fn alone(project: &Path) -> ExclusiveStore {
    Store::exclusive(project, &mut |_| {}).unwrap()
}

#[test]
fn forgetting_keeps_what_recent_builds_used_and_what_is_named() {
    let project = project();
    for keys in [[0, 1], [1, 2], [2, 3]] {
        build(project.path(), &keys);
    }
    let store = alone(project.path());
    store.put(b"without a record").unwrap();
    let keep = |builds| Keep { since: NEVER, builds, ..Keep::default() };
    let rehearsal = Keep { dry_run: true, ..keep(1) };
    let would = store.gc(&rehearsal).unwrap();
    assert_eq!((would.actions, would.blobs, would.kept_actions), (2, 3, 2));
    assert_eq!(store.gc(&rehearsal).unwrap(), would, "a rehearsal removes nothing");
    assert!(would.bytes > 2 * 9 + 16);
    let report = store.gc(&keep(2)).unwrap();
    assert_eq!((report.actions, report.blobs, report.kept_actions, report.kept_blobs), (1, 2, 3, 3));
    assert_eq!(kept(&store, 4), [1, 2, 3]);
    let named = Keep { keys: [Digest::of(&[1])].into(), ..keep(0) };
    assert_eq!(store.gc(&named).unwrap().kept_actions, 1);
    assert_eq!(kept(&store, 4), [1]);
    assert_eq!(problems(&store), []);
}

#[test]
fn forgetting_keeps_what_was_used_within_a_period_whoever_used_it() {
    let (mine, other) = (project(), project());
    build(mine.path(), &[0, 1]);
    // Another checkout, which shares the store.
    std::os::unix::fs::symlink(mine.path().join(".octavo"), other.path().join(".octavo")).unwrap();
    build(other.path(), &[1, 2]);
    build(other.path(), &[3]);
    assert_eq!(names(&mine.path().join(".octavo/uses")).len(), 2, "one file a checkout");
    // All of this was long ago, but for the last build of the other checkout.
    let uses = mine.path().join(".octavo/uses");
    for name in names(&uses) {
        let text = fs::read_to_string(uses.join(&name)).unwrap();
        let lines = text.lines().map(|line| match line.strip_prefix("build ") {
            Some(build) if !build.starts_with("2 ") => format!("build {} 1000\n", &build[..1]),
            _ => format!("{line}\n"),
        });
        fs::write(uses.join(&name), lines.collect::<String>()).unwrap();
    }
    let records = walkdir::WalkDir::new(mine.path().join(".octavo/actions")).into_iter().map(Result::unwrap);
    for record in records.filter(|entry| entry.file_type().is_file()) {
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1000);
        fs::File::open(record.path()).unwrap().set_modified(long_ago).unwrap();
    }
    let store = alone(mine.path());
    assert_eq!(store.gc(&Keep { since: 1000, ..Keep::default() }).unwrap().actions, 0);
    let keep = |builds| Keep { since: 1001, builds, ..Keep::default() };
    assert_eq!(store.gc(&keep(1)).unwrap().kept_actions, 3);
    assert_eq!(kept(&store, 4), [0, 1, 3], "the builds of the other checkout count by their time alone");
    assert_eq!(store.gc(&keep(0)).unwrap().kept_actions, 1);
    assert_eq!(kept(&store, 4), [3]);
}

#[test]
fn beyond_a_size_what_was_used_least_recently_is_forgotten_and_what_is_needed_stays() {
    let project = project();
    for key in [0, 1, 2, 3, 4] {
        build(project.path(), &[key]);
    }
    // Each was used a second after the one before, and made long ago.
    let uses = project.path().join(".octavo/uses");
    let name = &names(&uses)[0];
    let text = fs::read_to_string(uses.join(name)).unwrap();
    let line = |line: &str| match line.strip_prefix("build ") {
        Some(build) => format!("build {} {}\n", &build[..1], 1000 + build[..1].parse::<u64>().unwrap()),
        None => format!("{line}\n"),
    };
    fs::write(uses.join(name), text.lines().map(line).collect::<String>()).unwrap();
    let records =
        walkdir::WalkDir::new(project.path().join(".octavo/actions")).into_iter().map(Result::unwrap);
    for record in records.filter(|entry| entry.file_type().is_file()) {
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
        fs::File::open(record.path()).unwrap().set_modified(long_ago).unwrap();
    }
    let store = alone(project.path());
    let all = store.gc(&Keep { dry_run: true, ..Keep::default() }).unwrap();
    assert_eq!((all.kept_actions, all.kept_blobs), (5, 5));
    let each = all.kept_bytes / 5;
    let keep = |max_bytes: u64, keys: &[u8], builds| Keep {
        keys: keys.iter().map(|key| Digest::of(&[*key])).collect(),
        builds,
        max_bytes: Some(max_bytes),
        ..Keep::default()
    };
    assert_eq!(store.gc(&keep(all.kept_bytes, &[], 0)).unwrap().kept_actions, 5, "it is not more");
    let rehearsal = Keep { dry_run: true, ..keep(all.kept_bytes - 1, &[0], 0) };
    let would = store.gc(&rehearsal).unwrap();
    assert_eq!((would.actions, would.blobs, kept(&store, 5).len()), (1, 1, 5));
    assert_eq!(store.gc(&keep(all.kept_bytes - 1, &[0], 0)).unwrap(), would);
    assert_eq!(kept(&store, 5), [0, 2, 3, 4], "0 is needed");
    let report = store.gc(&keep(2 * each + 8, &[], 0)).unwrap();
    assert_eq!((report.kept_actions, kept(&store, 5)), (2, vec![3, 4]));
    assert!(report.kept_bytes <= 2 * each + 8);
    // What the last build used stays, whatever it takes.
    let report = store.gc(&keep(0, &[], 1)).unwrap();
    assert_eq!((report.kept_bytes > 0, kept(&store, 5)), (true, vec![4]));
    assert_eq!(store.gc(&keep(0, &[], 0)).unwrap().kept_bytes, 0);
}

#[test]
fn a_blob_of_two_records_goes_with_the_last_of_them() {
    let project = project();
    let store = alone(project.path());
    let record = remember(&store, &[7; 5000]);
    for key in [0, 1] {
        store.record(&Digest::of(&[key]), &record).unwrap();
    }
    store.finish().unwrap();
    let keep = |max_bytes| Keep { max_bytes: Some(max_bytes), ..Keep::default() };
    let all = store.gc(&Keep::default()).unwrap();
    assert_eq!((all.kept_actions, all.kept_blobs), (2, 1));
    let report = store.gc(&Keep { dry_run: true, ..keep(all.kept_bytes - 1) }).unwrap();
    assert_eq!((report.actions, report.blobs, report.kept_actions, report.kept_blobs), (1, 0, 1, 1));
    let report = store.gc(&keep(report.kept_bytes - 1)).unwrap();
    assert_eq!((report.actions, report.blobs, report.kept_bytes), (2, 1, 0));
}

#[test]
fn what_was_made_since_the_last_finished_build_counts_as_used() {
    let project = project();
    build(project.path(), &[0]);
    // A build that was killed.
    let store = Store::open(project.path()).unwrap();
    store.record(&Digest::of(&[1]), &remember(&store, &[1; 9])).unwrap();
    drop(store);
    let now = fs::metadata(file(project.path(), "actions", &Digest::of(&[1]))).unwrap().mtime();
    let store = alone(project.path());
    store.gc(&Keep { since: u64::try_from(now).unwrap(), ..Keep::default() }).unwrap();
    assert_eq!(kept(&store, 2), [0, 1]);
}

#[test]
fn forgetting_removes_what_is_damaged() {
    let project = project();
    let store = alone(project.path());
    let record = remember(&store, b"first");
    store.record(&Digest::of(b"key"), &record).unwrap();
    let other = Digest::of(b"other");
    store.record(&other, &remember(&store, b"second")).unwrap();
    overwrite(&file(project.path(), "blobs", &record.outputs["out"].digest), b"FIRST AND MORE");
    fs::write(file(project.path(), "actions", &other), "junk").unwrap();
    let report = store.gc(&Keep::default()).unwrap();
    assert_eq!((report.actions, report.blobs, report.kept_actions, report.kept_blobs), (1, 2, 1, 0));
    assert_eq!(problems(&store).len(), 2);
    assert_eq!(store.lookup(&Digest::of(b"key")).unwrap(), None);
}
