//! Kills, full disks and failing disks at every numbered file operation, and kills at random moments: the live folder is
//! wholly one release or wholly the other, and the next run succeeds.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use octavo::disk::fault::operations;
use octavo::publish::SiteManifest;
use octavo::store::{Problem, Store, StoreWarning};
use rustix::fs::{Mode, OFlags, openat};
use support::{Files, build, child as child_command, key, live, names, quick_folder, read_tree, release};

/// Pages in a release of the tests that go through all operations.
const FEW: usize = 2;
/// Pages in a release of the test with random moments.
const MANY: usize = 60;
const KILL: i32 = 9;

/// Not a test by itself: what the child processes of the other tests do.
#[test]
#[ignore = "runs only as a child process of the other tests"]
fn child() {
    let Some((project, task)) = support::task() else { return };
    match task.as_str() {
        "both" => {
            for name in ["a", "b"] {
                match build(&project, name, FEW) {
                    Ok(_) => println!("\ndone {name} {}", operations()),
                    Err(error) => return println!("\nfailed {error}"),
                }
            }
        }
        "forever" => {
            println!("\nready");
            for name in ["a", "b"].into_iter().cycle() {
                build(&project, name, MANY).unwrap();
            }
        }
        other => panic!("there is no task `{other}`"),
    }
}

fn run(project: &Path, fault: &str) -> Output {
    child_command(project, "both", fault).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// How many operations the first release and both releases take.
fn count(fault: &str) -> (u64, u64) {
    let folder = quick_folder();
    let text = printed(&run(folder.path(), fault));
    let number = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("done {name} "))).unwrap();
        line.parse::<u64>().unwrap()
    };
    (number("a"), number("b"))
}

/// Runs both releases with one fault and checks all that was promised.
fn survives(fault: &str, may_be_absent: bool) {
    let folder = quick_folder();
    let project = folder.path();
    let output = run(project, fault);
    let text = printed(&output);
    let killed = output.status.signal() == Some(KILL);
    assert!(killed || output.status.success(), "{fault}: {text} {}", String::from_utf8_lossy(&output.stderr));

    let site = read_tree(&project.join("site"));
    let (a, b) = (live("a", FEW), live("b", FEW));
    let allowed: &[Option<&Files>] = match (text.contains("done b"), text.contains("done a")) {
        (true, _) => &[Some(&b)],
        (_, true) if may_be_absent => &[None, Some(&a), Some(&b)],
        (_, true) => &[Some(&a), Some(&b)],
        _ => &[None, Some(&a)],
    };
    assert!(allowed.contains(&site.as_ref()), "{fault}: {text} {:?}", site.map(|files| files.into_keys()));

    store_is_sound(project, fault);
    build(project, "b", FEW).unwrap();
    assert_eq!(read_tree(&project.join("site")), Some(b), "{fault}");
    assert_eq!(names(project), [".octavo", "site"], "{fault}");
    assert_eq!(names(&project.join(".octavo/tmp")), [""; 0], "{fault}");
}

/// What the store says it has, it has.
fn store_is_sound(project: &Path, fault: &str) {
    let store = Store::open(project).unwrap();
    for name in ["a", "b"] {
        for (route, bytes) in release(name, FEW) {
            if let Some(record) = store.lookup(&key(name, &route)).unwrap() {
                let stored = store.get(&record.outputs["page"].digest).unwrap();
                assert_eq!(stored, Some(bytes), "{fault}: {route}");
            }
        }
    }
    // A file that cannot be read counts as damaged: it was set aside, and its record misses it.
    let unread = |warning: &StoreWarning| fault.contains("eio") && warning.problem == Problem::MissingBlob;
    let damaged: Vec<_> = store.take_warnings().into_iter().filter(|warning| !unread(warning)).collect();
    assert_eq!(damaged, [], "{fault}: a kill damages nothing");
}

/// Goes through faults on several threads, as most of the time is the start of processes.
fn all_survive(faults: &[String], may_be_absent: bool) {
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(fault) = faults.get(index as usize) else { break };
                    survives(fault, may_be_absent);
                }
            });
        }
    });
}

#[test]
fn a_fault_at_any_operation_leaves_the_old_release_or_the_new_one() {
    let (first, both) = count("");
    assert!(first > 50 && both > first + 50, "the operations are counted: {first}, {both}");
    let kinds = ["kill", "full", "full-partial", "eio"];
    let faults: Vec<_> = (1..=both).flat_map(|number| kinds.map(|kind| format!("{kind}:{number}"))).collect();
    all_survive(&faults, false);
    survives(&format!("kill-after:{both}"), false);
}

#[test]
fn two_renames_are_completed_or_undone_by_the_next_run() {
    let (first, both) = count("no-exchange");
    let faults: Vec<_> = (first..=both)
        .flat_map(|number| ["kill", "full", "eio"].map(|kind| format!("no-exchange,{kind}:{number}")))
        .collect();
    all_survive(&faults, true);
}

#[test]
fn copies_survive_like_links() {
    let (first, both) = count("no-link");
    let faults: Vec<_> = (first..=both)
        .step_by(3)
        .flat_map(|number| ["kill", "full-partial"].map(|kind| format!("no-link,{kind}:{number}")))
        .collect();
    all_survive(&faults, false);
}

/// Nothing gets its final name before its bytes are on the disk, and no release goes live before its names are.
#[test]
fn bytes_are_synced_before_names() {
    let folder = quick_folder();
    let output = run(folder.path(), "trace");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let trace: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("disk ")?.split_once(' ')?.1.split_once(' '))
        .collect();
    let synced_since = |path: &str, from: usize, to: usize| {
        trace[from..to].iter().any(|&(verb, synced)| verb == "sync" && synced == path)
    };
    let (mut renames, mut exchanges, mut written) = (0, 0, 0);
    for (at, (verb, path)) in trace.iter().enumerate() {
        if *verb == "rename" && path.contains("/tmp/") {
            renames += 1;
            let written = trace[..at].iter().rposition(|step| step.0 == "write" && step.1 == *path).unwrap();
            assert!(synced_since(path, written, at), "{path}");
        }
        if *verb == "exchange" {
            exchanges += 1;
            for (link, (verb, name)) in trace[..at].iter().enumerate() {
                if *verb == "write" && name.contains(".site.octavo-next/") {
                    written += 1;
                    assert!(synced_since(name, link, at), "{name}");
                }
                if ["link", "write"].contains(verb) && name.contains(".site.octavo-next/") {
                    let parent = name.rsplit_once('/').unwrap().0;
                    // The release's own folder is written with a slash at its end.
                    let alias = format!("{parent}/");
                    assert!(synced_since(parent, link, at) || synced_since(&alias, link, at), "{name}");
                }
            }
        }
    }
    assert!(renames > 10 && exchanges == 1, "{renames} renames, {exchanges} exchanges");
    assert!(written > 10, "{written} files were written into releases");
}

/// Reads the whole site through one open folder; says which release it is, or `None` if the folder was replaced
/// meanwhile and nothing can be said.
fn read_through_handle(site: &Path, releases: &[(String, Files)]) -> Option<String> {
    let folder = File::open(site).expect("there is a live folder at every instant");
    let read = |route: &str| {
        let file = openat(&folder, route, OFlags::RDONLY, Mode::empty()).ok()?;
        let mut bytes = Vec::new();
        File::from(file).read_to_end(&mut bytes).ok().map(|_| bytes)
    };
    let whole = read("octavo.json").and_then(|bytes| SiteManifest::read(&bytes)).and_then(|manifest| {
        let title = manifest.about["title"].as_str()?;
        let (name, files) = releases.iter().find(|(name, _)| name == title)?;
        files.iter().all(|(route, bytes)| read(route).as_ref() == Some(bytes)).then(|| name.clone())
    });
    // The handle keeps the folder's number from being used again: equal numbers mean that it was live all the time.
    let still = fs::metadata(site).expect("there is a live folder at every instant");
    let is_live = still.ino() == folder.metadata().unwrap().ino();
    assert!(whole.is_some() || !is_live, "the live folder is neither release");
    whole
}

/// Reads one page by its path, as a web server does. A path that is being resolved during the exchange may have to be
/// resolved once more.
fn read_by_path(site: &Path, releases: &[(String, Files)]) {
    let page = (0..3).find_map(|_| fs::read(site.join("pages/7.html")).ok());
    let page = page.expect("the page can be read at every instant");
    assert!(releases.iter().any(|(_, files)| files["pages/7.html"] == page));
}

#[test]
fn a_reader_sees_whole_releases_while_builds_are_killed() {
    let folder = quick_folder();
    let (project, site) = (folder.path(), folder.path().join("site"));
    let releases: Vec<_> = ["a", "b"].map(|name| (name.to_owned(), live(name, MANY))).into();
    build(project, "a", MANY).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = Vec::new();
            while !over.load(Ordering::SeqCst) {
                seen.extend(read_through_handle(&site, &releases));
                read_by_path(&site, &releases);
            }
            seen
        });
        // Nothing but a look, so that no gap is too short to be noticed.
        let watcher = scope.spawn(|| {
            let mut looks = 0_u64;
            while !over.load(Ordering::SeqCst) {
                assert!(site.is_dir(), "there is a live folder at every instant (look {looks})");
                looks += 1;
            }
            looks
        });
        let killer = scope.spawn(|| kill_at_random_moments(project, &site, &releases));
        let killed = killer.join();
        over.store(true, Ordering::SeqCst);
        let seen = reader.join().unwrap();
        assert!(watcher.join().unwrap() > 1000, "the watcher looked often");
        killed.unwrap();
        assert!(["a", "b"].iter().all(|name| seen.iter().any(|one| one == name)), "both releases were seen");
    });
    build(project, "b", MANY).unwrap();
    assert_eq!(read_tree(&site).as_ref(), Some(&releases[1].1));
    assert_eq!(names(project), [".octavo", "site"]);
}

fn kill_at_random_moments(project: &Path, site: &Path, releases: &[(String, Files)]) {
    let mut state = 12345_u32;
    for round in 0..100 {
        let mut process = child_command(project, "forever", "").spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"));
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        thread::sleep(Duration::from_micros(u64::from(state >> 16) % 40_000));
        process.kill().unwrap();
        assert_eq!(process.wait().unwrap().signal(), Some(KILL), "round {round}: the loop ended by itself");
        let found = read_tree(site).unwrap();
        assert!(releases.iter().any(|(_, files)| *files == found), "round {round}");
    }
}
