use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::store::Notes;
use crate::store::action::Output;

/// A store in a folder of its own.
fn empty() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn key() -> Digest {
    Digest::of(b"key")
}

fn record(store: &Store, note: &str) -> ActionRecord {
    let blob = Output { digest: store.put(b"large").unwrap(), size: 5 };
    let outputs = [("blob".to_owned(), blob), ("here".to_owned(), Output::of(b"small"))].into();
    ActionRecord { outputs, meta: Notes::of(&note), inline: [("here".to_owned(), b"small".to_vec())].into() }
}

/// A store with two blobs, two records, and where its archive is to be.
fn filled() -> (TempDir, Store, PathBuf) {
    let (folder, store) = empty();
    store.record(&key(), &record(&store, "first")).unwrap();
    store.record(&Digest::of(b"other"), &ActionRecord::default()).unwrap();
    store.put(b"of no record").unwrap();
    let file = folder.path().join("store.tar");
    (folder, store, file)
}

/// The bytes of an archive of these entries, as this program writes them.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in entries {
        let size = content.len() as u64;
        bytes.extend(ustar::header(name, size));
        bytes.extend(*content);
        bytes.resize(bytes.len() + usize::try_from(ustar::padding(size)).unwrap(), 0);
    }
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    bytes
}

fn count(store: &Store) -> usize {
    ["blobs", "actions"].iter().map(|kind| store.entries(kind).unwrap().len()).sum()
}

/// What is said when these bytes are imported; nothing is added then.
fn refused(bytes: &[u8]) -> String {
    let (folder, store) = empty();
    refused_by(&store, &folder.path().join("a.tar"), bytes)
}

fn refused_by(store: &Store, file: &Path, bytes: &[u8]) -> String {
    fs::write(file, bytes).unwrap();
    let error = store.import(file).unwrap_err().to_string();
    assert_eq!(count(store), 0);
    error
}

#[test]
fn a_store_comes_out_of_its_archive_and_gives_the_same_archive() {
    let (_folder, store, file) = filled();
    let exported = store.export(&file).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert_eq!(exported, Exported { records: 2, blobs: 2, bytes: bytes.len() as u64 });
    let (other, copy) = empty();
    copy.put(b"large").unwrap();
    let imported = copy.import(&file).unwrap();
    assert_eq!((imported.records, imported.blobs, imported.known), (2, 1, 1));
    assert_eq!(copy.lookup(&key()).unwrap(), store.lookup(&key()).unwrap());
    let again = copy.import(&file).unwrap();
    assert_eq!(again, Imported { known: 4, ..Imported::default() });
    let second = other.path().join("b.tar");
    copy.export(&second).unwrap();
    assert!(fs::read(&second).unwrap() == bytes);
    assert!(copy.export(&second).unwrap_err().to_string().ends_with("b.tar` exists"));
}

#[test]
fn what_is_there_is_never_overwritten_but_for_what_is_damaged() {
    let (_folder, store, file) = filled();
    store.export(&file).unwrap();
    let (_other, copy) = empty();
    let own = copy.record(&key(), &record(&copy, "of its own")).unwrap();
    copy.import(&file).unwrap();
    assert_eq!(copy.lookup(&key()).unwrap(), Some(own));
    let blob = copy.blob_path(&Digest::of(b"large"));
    fs::remove_file(&blob).unwrap();
    fs::write(&blob, "LARGE").unwrap();
    let imported = copy.import(&file).unwrap();
    assert_eq!((imported.blobs, imported.known), (1, 3));
    assert_eq!(copy.get(&Digest::of(b"large")).unwrap(), Some(b"large".to_vec()));
    fs::write(copy.action_path(&key()), "octavo action 2 ").unwrap();
    let imported = copy.import(&file).unwrap();
    assert_eq!((imported.records, imported.known), (1, 3));
    assert_eq!(copy.lookup(&key()).unwrap(), store.lookup(&key()).unwrap());
}

#[test]
fn nothing_that_is_damaged_is_exported() {
    let (_folder, store, file) = filled();
    let blob = store.blob_path(&Digest::of(b"large"));
    fs::remove_file(&blob).unwrap();
    fs::write(&blob, "LARGE").unwrap();
    let exported = store.export(&file).unwrap();
    assert_eq!((exported.records, exported.blobs), (1, 1));
    assert!(!store.take_warnings().is_empty());
}

#[test]
fn any_changed_byte_and_any_missing_part_is_noticed_and_nothing_is_added() {
    let (_folder, store, file) = filled();
    store.export(&file).unwrap();
    let good = fs::read(&file).unwrap();
    let (other, copy) = empty();
    let target = other.path().join("a.tar");
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        refused_by(&copy, &target, &bad);
        if at % 64 == 0 {
            refused_by(&copy, &target, &good[..at]);
        }
    }
    refused(&[&good[..], b"more"].concat());
    let cut = refused(&good[..2 * BLOCK + BLOCK + 2]);
    assert!(cut.contains("the entry `blobs/") && cut.ends_with("is cut off"), "{cut}");
}

#[test]
fn names_that_lead_out_and_foreign_entries_are_named() {
    let version = ("version", VERSION.as_bytes());
    let digest = Digest::of(b"x").hex();
    let right = format!("blobs/{}/{}", &digest[..2], &digest[2..]);
    for (name, why) in [
        ("../x", "leads out of the store"),
        ("/etc/x", "leads out of the store"),
        ("blobs/../../x", "leads out of the store"),
        ("blobs/ab/cd", "is neither a record nor a result"),
        ("uses/1234", "is neither a record nor a result"),
        (&right.to_uppercase().replace("BLOBS", "blobs"), "is neither a record nor a result"),
        (&format!("./{right}"), "is neither a record nor a result"),
    ] {
        let said = refused(&archive(&[version, (name, b"x")]));
        assert!(said.starts_with(&format!("the entry `{name}` of ")) && said.ends_with(why), "{said}");
    }
    let twice = refused(&archive(&[version, (&right, b"x"), (&right, b"x")]));
    assert!(twice.ends_with("is there twice, or not in its place"), "{twice}");
    let other = refused(&archive(&[version, (&right, b"y")]));
    assert!(other.contains(&right) && other.contains("damaged"), "{other}");
    let hex = key().hex();
    let name = format!("actions/{}/{}", &hex[..2], &hex[2..]);
    let (_folder, store) = empty();
    let alone = record(&store, "").encode(&key());
    let said = refused(&archive(&[version, (&name, &alone)]));
    assert!(said.contains(&name) && said.ends_with("names a result that is not in the file"), "{said}");
    let mut link = archive(&[version, (&right, b"")]);
    link[2 * BLOCK + 156] = b'1';
    link[2 * BLOCK + 153] += 1;
    let said = refused(&link);
    assert!(said.ends_with("is not as `octavo store export` writes it"), "{said}");
    assert!(refused(b"text").contains("ends too early"));
    assert!(refused(&archive(&[(&right, b"x")])).contains("does not begin with `version`"));
    let newer = refused(&archive(&[("version", b"octavo store 2\n")]));
    assert!(newer.contains("`octavo store 2`, this program reads `octavo store 1`"), "{newer}");
    assert!(refused(&archive(&[("version", b"x")])).contains("is no exported store"));
    let said = store.import(store.folder()).unwrap_err().to_string();
    assert!(said.ends_with("is no file"), "{said}");
    let said = store.import(&store.folder().join("none")).unwrap_err().to_string();
    assert!(said.ends_with("is not there"), "{said}");
}
