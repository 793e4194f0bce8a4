//! What the store keeps, what it notices, and who may use it at the same time.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod forgetting;
#[path = "../support/mod.rs"]
mod support;

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;

use octavo::store::{ActionRecord, Keep, Notes, Output, Problem, Store, StoreError};
use octavo_plugin::Digest;
use serde_json::json;
use support::{child as child_command, names};

/// Not a test by itself: what the child processes of the other tests do.
#[test]
#[ignore = "runs only as a child process of the other tests"]
fn child() {
    let Some((project, task)) = support::task() else { return };
    if task == "alone" {
        let store = Store::exclusive(&project, &mut |message| println!("\nwaits {message}")).unwrap();
        println!("\ndone {}", store.gc(&Keep::default()).unwrap().actions);
        return;
    }
    // Everybody has another result for the same key.
    let store = Store::open(&project).unwrap();
    let mut results = Vec::new();
    for number in 0..20 {
        let bytes = format!("{task} says {number}");
        let standing = store.record(&Digest::of(&[number]), &remember(&store, bytes.as_bytes())).unwrap();
        results.push(store.get(&standing.outputs["out"].digest).unwrap().unwrap());
    }
    println!("\nresults {}", String::from_utf8(results.join(&b';')).unwrap());
}

fn remember(store: &Store, bytes: &[u8]) -> ActionRecord {
    let output = Output { digest: store.put(bytes).unwrap(), size: bytes.len() as u64 };
    ActionRecord {
        outputs: [("out".to_owned(), output)].into(),
        meta: Notes::of(&json!({"note": 1})),
        ..ActionRecord::default()
    }
}

fn project() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn file(project: &Path, kind: &str, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    project.join(".octavo").join(kind).join(&hex[..2]).join(&hex[2..])
}

fn problems(store: &Store) -> Vec<Problem> {
    store.take_warnings().into_iter().map(|warning| warning.problem).collect()
}

/// Which of the keys 0, 1, 2... are remembered.
fn kept(store: &Store, count: u8) -> Vec<u8> {
    (0..count).filter(|number| store.lookup(&Digest::of(&[*number])).unwrap().is_some()).collect()
}

/// A build that makes or uses these keys.
fn build(project: &Path, keys: &[u8]) {
    let store = Store::open(project).unwrap();
    for number in keys {
        let key = Digest::of(&[*number]);
        if store.lookup(&key).unwrap().is_none() {
            store.record(&key, &remember(&store, &[*number; 9])).unwrap();
        }
    }
    store.finish().unwrap();
}

/// Writes into a file as an editor run by its owner could, whatever its permissions.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap().write_all(bytes).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o444)).unwrap();
}

#[test]
fn bytes_come_back_and_are_written_once() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    let many: Vec<_> = (0..100_u32).map(|number| vec![7; number as usize]).collect();
    let digests = store.put_all(&many).unwrap();
    for (digest, bytes) in digests.iter().zip(&many) {
        assert_eq!(*digest, Digest::of(bytes));
        assert_eq!(store.get(digest).unwrap().as_ref(), Some(bytes));
        let metadata = fs::metadata(file(project.path(), "blobs", digest)).unwrap();
        assert_eq!(metadata.mode() & 0o777, 0o444);
    }
    let path = file(project.path(), "blobs", &digests[3]);
    let before = fs::metadata(&path).unwrap().ino();
    assert_eq!(store.put(&many[3]).unwrap(), digests[3]);
    assert_eq!(store.put_all(&[&many[3], &many[3]]).unwrap(), [digests[3], digests[3]]);
    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
    assert_eq!(store.get(&Digest::of(b"never put")).unwrap(), None);
    assert_eq!(names(&project.path().join(".octavo/tmp")), [""; 0]);
    assert_eq!(problems(&store), []);
}

#[test]
fn a_record_comes_back_and_the_first_one_stands() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    let key = Digest::of(b"key");
    assert_eq!(store.lookup(&key).unwrap(), None);
    let first = remember(&store, b"first");
    assert_eq!(store.record(&key, &first).unwrap(), first);
    assert_eq!(store.record(&key, &remember(&store, b"second")).unwrap(), first);
    assert_eq!(store.lookup(&key).unwrap(), Some(first));
}

#[test]
fn a_blob_that_was_written_into_is_noticed_and_replaced() {
    for damage in [b"firs".as_slice(), b"", b"first and more"] {
        let project = project();
        let store = Store::open(project.path()).unwrap();
        let key = Digest::of(b"key");
        let record = remember(&store, b"first");
        store.record(&key, &record).unwrap();
        let digest = record.outputs["out"].digest;
        overwrite(&file(project.path(), "blobs", &digest), damage);
        assert_eq!(store.lookup(&key).unwrap(), None);
        assert!(!store.holds(&digest).unwrap());
        assert_eq!(store.get(&digest).unwrap(), None);
        assert_eq!(problems(&store), [Problem::CorruptBlob], "{damage:?}");
        assert_eq!(store.record(&key, &remember(&store, b"first")).unwrap(), record);
        assert_eq!(store.get(&digest).unwrap().unwrap(), b"first");
        assert_eq!(store.lookup(&key).unwrap(), Some(record));
    }
}

/// A failing disk changes bytes and no times. Only reading shows it; then the blob counts as missing for everybody.
#[test]
fn a_blob_that_rotted_is_noticed_when_read_and_then_replaced() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    let digest = store.put(b"bytes").unwrap();
    let path = file(project.path(), "blobs", &digest);
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    overwrite(&path, b"bytEs");
    fs::File::open(&path).unwrap().set_modified(time).unwrap();
    assert!(store.holds(&digest).unwrap(), "only reading can show this");
    assert_eq!(store.get(&digest).unwrap(), None);
    assert!(!store.holds(&digest).unwrap());
    store.put(b"bytes").unwrap();
    assert_eq!(store.get(&digest).unwrap().unwrap(), b"bytes");
    assert_eq!(problems(&store), [Problem::CorruptBlob]);
}

/// Puts something that is no plain file in place of an entry.
fn block(path: &Path, with: &str) {
    fs::remove_file(path).unwrap();
    match with {
        "folder" => {
            fs::create_dir(path).unwrap();
            fs::write(path.join("thesis.tex"), "x").unwrap();
        }
        "fifo" => {
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        }
        "link" => std::os::unix::fs::symlink("/etc/passwd", path).unwrap(),
        "dangling" => std::os::unix::fs::symlink("nowhere", path).unwrap(),
        other => panic!("{other}"),
    }
}

#[test]
fn what_stands_in_place_of_a_blob_or_record_is_set_aside_and_made_again() {
    for with in ["folder", "fifo", "link", "dangling"] {
        let project = project();
        let store = Store::open(project.path()).unwrap();
        let key = Digest::of(b"key");
        let record = remember(&store, b"first");
        let digest = record.outputs["out"].digest;
        let blob = file(project.path(), "blobs", &digest);
        store.record(&key, &record).unwrap();

        block(&blob, with);
        assert_eq!(store.get(&digest).unwrap(), None, "{with}");
        assert_eq!(problems(&store), [Problem::CorruptBlob], "{with}");
        store.put(b"first").unwrap();
        block(&blob, with);
        store.put(b"first").unwrap();
        assert_eq!(store.get(&digest).unwrap().unwrap(), b"first", "{with}");
        block(&blob, with);
        assert_eq!(store.lookup(&key).unwrap(), None, "{with}");
        assert_eq!(problems(&store), [Problem::CorruptBlob], "{with}");

        assert_eq!(store.record(&key, &remember(&store, b"first")).unwrap(), record);
        block(&file(project.path(), "actions", &key), with);
        assert_eq!(store.lookup(&key).unwrap(), None, "{with}");
        assert_eq!(problems(&store), [Problem::CorruptAction], "{with}");
        store.record(&key, &record).unwrap();
        block(&file(project.path(), "actions", &key), with);
        assert_eq!(store.record(&key, &record).unwrap(), record, "{with}");
        assert_eq!(store.lookup(&key).unwrap(), Some(record), "{with}");
        assert!(!names(&project.path().join(".octavo/damaged")).is_empty(), "nothing is lost");
    }
}

#[test]
fn verifying_reads_everything_and_sets_aside_what_is_damaged() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    let good =
        |store: &Store| store.verify().map(|report| (report.blobs, report.bytes, report.actions)).unwrap();
    for number in 0..10_u8 {
        store.record(&Digest::of(&[number]), &remember(&store, &[number; 5])).unwrap();
    }
    assert_eq!(good(&store), (10, 50, 10));
    for number in [2, 5] {
        let path = file(project.path(), "blobs", &Digest::of(&[number; 5]));
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        overwrite(&path, &[99; 5]);
        fs::File::open(&path).unwrap().set_modified(time).unwrap();
    }
    fs::write(file(project.path(), "actions", &Digest::of(&[7])), "junk").unwrap();
    assert_eq!(good(&store), (8, 40, 7));
    let mut found = problems(&store);
    found.sort();
    assert_eq!(found, [Problem::CorruptBlob, Problem::CorruptBlob, Problem::CorruptAction]);
    assert_eq!(good(&store), (8, 40, 7));
    assert_eq!(problems(&store), []);
}

#[test]
fn a_missing_blob_makes_its_record_a_miss() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    let key = Digest::of(b"key");
    let record = remember(&store, b"first");
    store.record(&key, &record).unwrap();
    fs::remove_file(file(project.path(), "blobs", &record.outputs["out"].digest)).unwrap();
    assert_eq!(store.lookup(&key).unwrap(), None);
    assert_eq!(problems(&store), [Problem::MissingBlob]);
}

#[test]
fn a_damaged_or_misplaced_record_is_noticed_and_replaced() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    let (key, other) = (Digest::of(b"key"), Digest::of(b"other"));
    let record = remember(&store, b"first");
    store.record(&key, &record).unwrap();
    let path = file(project.path(), "actions", &key);
    let good = fs::read(&path).unwrap();
    let misplaced = file(project.path(), "actions", &other);
    fs::create_dir_all(misplaced.parent().unwrap()).unwrap();
    fs::copy(&path, &misplaced).unwrap();
    assert_eq!(store.lookup(&other).unwrap(), None);
    assert_eq!(problems(&store), [Problem::CorruptAction]);
    for damage in
        [good[..good.len() / 2].to_vec(), Vec::new(), vec![0; good.len()], [&good[..], b" "].concat()]
    {
        fs::write(&path, &damage).unwrap();
        assert_eq!(store.lookup(&key).unwrap(), None);
        assert!(!path.exists());
        assert_eq!(problems(&store), [Problem::CorruptAction]);
        fs::write(&path, &damage).unwrap();
        assert_eq!(store.record(&key, &record).unwrap(), record, "a damaged record does not stand");
        assert_eq!(store.lookup(&key).unwrap().as_ref(), Some(&record));
        store.take_warnings();
    }
}

#[test]
fn another_version_is_refused_with_the_next_step_and_clean_helps() {
    let project = project();
    drop(Store::open(project.path()).unwrap());
    let version = project.path().join(".octavo/version");
    fs::write(&version, "octavo store 2\n").unwrap();
    let error = Store::open(project.path()).unwrap_err();
    assert!(matches!(&error, StoreError::Version { found, .. } if found == "octavo store 2"));
    assert!(
        error.to_string().ends_with("has the format `octavo store 2`, this program reads `octavo store 1`")
    );
    assert!(error.help().unwrap().contains("octavo clean"));
    assert_eq!(fs::read_to_string(&version).unwrap(), "octavo store 2\n", "nothing was touched");
    Store::clean(project.path(), &mut |_| {}).unwrap();
    Store::open(project.path()).unwrap();
}

#[test]
fn a_folder_that_is_no_store_is_left_alone() {
    let project = project();
    let folder = project.path().join(".octavo");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("thesis.tex"), "x").unwrap();
    assert!(matches!(Store::open(project.path()), Err(StoreError::NotAStore { .. })));
    assert!(matches!(Store::clean(project.path(), &mut |_| {}), Err(StoreError::NotAStore { .. })));
    assert_eq!(fs::read_to_string(folder.join("thesis.tex")).unwrap(), "x");
}

#[test]
fn a_store_that_cannot_be_written_says_so() {
    let project = project();
    fs::write(project.path().join(".octavo"), "a file").unwrap();
    let error = Store::open(project.path()).unwrap_err();
    assert!(error.to_string().starts_with("cannot create `"), "{error}");
    fs::remove_file(project.path().join(".octavo")).unwrap();
    fs::set_permissions(project.path(), Permissions::from_mode(0o555)).unwrap();
    // Permissions do not bind the superuser; the kernel's own folder does.
    let bound = fs::write(project.path().join("probe"), "").is_err();
    let read_only = if bound { project.path() } else { Path::new("/proc") };
    let error = Store::open(read_only).unwrap_err();
    assert!(matches!(error, StoreError::Disk(_)) && error.to_string().contains(".octavo"), "{error}");
}

#[test]
fn what_a_killed_process_left_is_removed_when_nobody_else_is_there() {
    let project = project();
    let first = Store::open(project.path()).unwrap();
    let leftover = project.path().join(".octavo/tmp/123-4");
    fs::write(&leftover, "half").unwrap();
    drop(Store::open(project.path()).unwrap());
    assert!(leftover.exists(), "it may belong to the process that holds the lock");
    drop(first);
    drop(Store::open(project.path()).unwrap());
    assert!(!leftover.exists());
}

#[test]
fn processes_with_the_same_keys_keep_one_result() {
    let project = project();
    let lines: Vec<String> = thread::scope(|scope| {
        let run = |name: String| {
            let output = child_command(project.path(), &name, "").output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            text.lines().find(|line| line.starts_with("results ")).unwrap().to_owned()
        };
        let children: Vec<_> =
            (0..6).map(|number| scope.spawn(move || run(format!("child {number}")))).collect();
        children.into_iter().map(|child| child.join().unwrap()).collect()
    });
    assert!(lines.iter().all(|line| *line == lines[0]), "{lines:#?}");
    assert_eq!(lines[0].split(';').count(), 20);
    assert_eq!(problems(&Store::open(project.path()).unwrap()), []);
}

#[test]
fn forgetting_waits_for_builds_and_says_so() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    store.record(&Digest::of(b"key"), &remember(&store, b"first")).unwrap();
    store.finish().unwrap();
    let mut process = child_command(project.path(), "alone", "").spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    let waits = lines.find(|line| line.starts_with("waits ")).unwrap();
    assert!(waits.contains("waiting for another `octavo`"), "{waits}");
    drop(store);
    assert_eq!(lines.find(|line| line.starts_with("done ")).unwrap(), "done 0");
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_version_without_a_word_is_mended_and_another_one_is_cleaned() {
    for content in ["", "\n", "  \n\n"] {
        let project = project();
        build(project.path(), &[0]);
        fs::write(project.path().join(".octavo/version"), content).unwrap();
        assert_eq!(kept(&Store::open(project.path()).unwrap(), 1), [0], "{content:?}");
    }
    for content in ["octavo store 2\n", "rubbish", "\0\0\0"] {
        let project = project();
        build(project.path(), &[0]);
        fs::write(project.path().join(".octavo/version"), content).unwrap();
        let help = Store::open(project.path()).unwrap_err().help().unwrap();
        assert!(help.contains("octavo clean"), "{help}");
        Store::clean(project.path(), &mut |_| {}).unwrap();
        assert_eq!(kept(&Store::open(project.path()).unwrap(), 1), [0_u8; 0], "{content:?}");
    }
}

#[test]
fn clean_leaves_an_empty_store() {
    let project = project();
    assert_eq!(Store::clean(project.path(), &mut |_| {}).unwrap().files, 0);
    assert!(!project.path().join(".octavo").exists());
    let store = Store::open(project.path()).unwrap();
    let digest = store.put(b"12345").unwrap();
    drop(store);
    let report = Store::clean(project.path(), &mut |_| {}).unwrap();
    assert!(report.files >= 1 && report.bytes >= 5);
    assert!(!Store::open(project.path()).unwrap().holds(&digest).unwrap());
}

/// Threads that ask for what others are just writing find it, or nothing yet; never something to set aside.
#[test]
fn what_is_being_written_is_not_taken_for_damage() {
    let project = project();
    let store = Store::open(project.path()).unwrap();
    let record = remember(&store, b"first");
    for round in 0..300_u32 {
        let key = Digest::of(&round.to_le_bytes());
        let bytes = round.to_le_bytes();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    store.record(&key, &record).unwrap();
                    store.put(&bytes).unwrap();
                });
                scope.spawn(|| {
                    while store.lookup(&key).unwrap().is_none() {}
                    while store.get(&Digest::of(&bytes)).unwrap().is_none() {}
                });
            }
        });
    }
    assert_eq!(problems(&store), []);
}

/// Git, archives and some copying programs keep no empty folders.
#[test]
fn a_store_that_lost_its_empty_folders_gets_them_back() {
    let project = project();
    build(project.path(), &[0]);
    for name in ["tmp", "uses"] {
        fs::remove_dir_all(project.path().join(".octavo").join(name)).unwrap();
    }
    build(project.path(), &[0, 1]);
    assert_eq!(kept(&Store::open(project.path()).unwrap(), 2), [0, 1]);
}

#[test]
fn of_many_records_some_are_handed_on() {
    let project = tempfile::tempdir().unwrap();
    let store = Store::open(project.path()).unwrap();
    let keys: Vec<Digest> = (0..300_u32).map(|n| Digest::of(&n.to_le_bytes())).collect();
    let record = ActionRecord::default();
    store.record_all(&keys.iter().map(|key| (*key, &record)).collect::<Vec<_>>()).unwrap();
    let some = |most: usize| {
        let mut all = Vec::new();
        store.each_record(most, |key, _, _| all.push(key)).unwrap();
        assert!(all.iter().all(|key| keys.contains(key)));
        all.len()
    };
    assert_eq!(some(1000), 300);
    assert!((50..100).contains(&some(50)), "{}", some(50));
}
