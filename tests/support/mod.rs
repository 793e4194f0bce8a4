//! What the tests of store and publisher share: two releases, a look at the live folder, and child processes that are
//! this test program itself.
#![allow(dead_code, reason = "each test program uses a part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use octavo::ids::Route;
use octavo::publish::{
    Content, Destination, PublishError, PublishOptions, PublishReport, Publisher, SiteManifest,
};
use octavo::store::{ActionRecord, Notes, Output, Store};
use octavo_plugin::Digest;
use serde_json::{Map, json};

/// The name of the project that publishes.
pub(crate) const PROJECT: &str = "Test";

/// Where a store's project publishes.
pub(crate) fn destination(store: &Store, folder: &Path) -> Destination {
    let (root, project) = (store.project().to_owned(), PROJECT.to_owned());
    Destination { folder: folder.to_owned(), root, project, sources: Vec::new() }
}

/// Files by route.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A release of `pages` pages and a few other files; releases with other names share only the style.
pub(crate) fn release(name: &str, pages: usize) -> Files {
    let mut files = Files::new();
    files.insert("index.html".into(), format!("<p>{name}").into_bytes());
    files.insert("style.css".into(), b"p { margin: 0 }".to_vec());
    files.insert(format!("only/{name}/deep/data.csv"), format!("x\n{name}\n").into_bytes());
    for page in 0..pages {
        files.insert(format!("pages/{page}.html"), format!("<p>{name} {page}").into_bytes());
    }
    files
}

/// Options whose manifest names the release.
pub(crate) fn options(name: &str) -> PublishOptions {
    PublishOptions { about: Map::from_iter([("title".to_owned(), json!(name))]), ..Default::default() }
}

/// What the live folder must hold: the release and its manifest.
pub(crate) fn live(name: &str, pages: usize) -> Files {
    let mut files = release(name, pages);
    let digests = files.iter().map(|(route, bytes)| (route.clone(), Digest::of(bytes))).collect();
    let manifest = SiteManifest { project: PROJECT.to_owned(), about: options(name).about, files: digests };
    files.insert("octavo.json".into(), manifest.to_bytes());
    files
}

/// Keeps files in the store.
pub(crate) fn put(store: &Store, files: &Files) -> BTreeMap<Route, Content> {
    let contents: Vec<_> = files.values().collect();
    let digests = store.put_all(&contents).expect("the store can be written");
    files.keys().map(Route::new).zip(digests.into_iter().map(Content::Stored)).collect()
}

/// Keeps files in the store and publishes them.
pub(crate) fn publish_files(
    store: &Store,
    target: &Path,
    files: &Files,
    options: &PublishOptions,
) -> Result<PublishReport, PublishError> {
    Publisher::publish(&destination(store, target), put(store, files), store, options, &mut |_| {})
}

/// Publishes a release as a build would: its pages are actions, too.
pub(crate) fn build(project: &Path, name: &str, pages: usize) -> Result<PublishReport, PublishError> {
    let store = Store::open(project)?;
    let mut digests = BTreeMap::new();
    for (route, bytes) in release(name, pages) {
        let key = key(name, &route);
        let output = match store.lookup(&key)? {
            Some(record) => record.outputs["page"],
            None => {
                let output = Output { digest: store.put(&bytes)?, size: bytes.len() as u64 };
                let outputs = [("page".to_owned(), output)].into();
                store.record(
                    &key,
                    &ActionRecord { outputs, meta: Notes::of(&route), ..ActionRecord::default() },
                )?;
                output
            }
        };
        digests.insert(Route::new(route), Content::Stored(output.digest));
    }
    let to = destination(&store, &project.join("site"));
    let report = Publisher::publish(&to, digests, &store, &options(name), &mut |_| {})?;
    store.finish()?;
    Ok(report)
}

/// The key of a page in [`build`].
pub(crate) fn key(name: &str, route: &str) -> Digest {
    Digest::of(format!("{name}/{route}").as_bytes())
}

/// All files below a folder; `None` if there is no folder.
pub(crate) fn read_tree(folder: &Path) -> Option<Files> {
    folder.is_dir().then(|| {
        walkdir::WalkDir::new(folder)
            .into_iter()
            .map(|entry| entry.expect("the tree can be listed"))
            .filter(|entry| !entry.file_type().is_dir())
            .map(|entry| {
                let route =
                    entry.path().strip_prefix(folder).expect("it is below").to_str().expect("it is text");
                (route.to_owned(), fs::read(entry.path()).expect("the file can be read"))
            })
            .collect()
    })
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A folder of its own, in memory if the system has such a place: what is tested there is order, not waiting.
pub(crate) fn quick_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    }
    .expect("there is a place for temporary files")
}

/// This test program as a child process that runs the ignored test `child`, which asks [`task`] what to do.
pub(crate) fn child(project: &Path, task: &str, fault: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the program has a path"));
    command
        .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"])
        .env("OCTAVO_TEST_PROJECT", project)
        .env("OCTAVO_TEST_TASK", task)
        .env("OCTAVO_FAULT", fault)
        .env("RAYON_NUM_THREADS", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// In a child: the project and what to do.
#[expect(clippy::disallowed_methods, reason = "this is how a test program learns that it is a child")]
pub(crate) fn task() -> Option<(PathBuf, String)> {
    let project = std::env::var_os("OCTAVO_TEST_PROJECT")?;
    Some((project.into(), std::env::var("OCTAVO_TEST_TASK").ok()?))
}
