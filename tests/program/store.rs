//! Damage in the store: what reaches a page or a task is right, whatever is in there.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::Path;

use crate::harness::{Place, Tree, differences};

/// Figures, values, claims, tables and a task that takes another one's result.
fn project() -> Place {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [1, 2, 3, 4]\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n\
                 [figures.growth]\nfrom = \"scalars\"\nmark = \"line\"\nx = \"folds\"\ny = \"segments\"\n\
                 [claims.grows]\ntext = \"It grows\"\ncheck = \"most == 16\"\n";
    let back = "title = \"B\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { from = \"strip\", artifact = \"vertices\", where = { folds = 3 } }\ntarget = { from = \"strip\", artifact = \"vertices\", where = { folds = 2 } }\n\
                [figures.plan]\nfrom = \"epsilon\"\nmark = \"point\"\nx = \"epsilon\"\ny = \"ot_eps\"\n";
    Place::project(&[
        ("strip.toml", strip),
        ("back.toml", back),
        (
            "strip.md",
            "# Strip\n\n![G.](figure:growth)\n\n![T.](table:scalars)\n\n{{ value(\"most\") }}\n\n{{ claim(\"grows\") }}\n",
        ),
        ("back.md", "# Back\n\n![P.](figure:plan)\n\n![G.](figure:strip#growth)\n"),
        ("index.md", "# Home\n"),
    ])
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Damages one entry; says how.
fn mutate(path: &Path, numbers: &mut Numbers) -> String {
    let time = fs::symlink_metadata(path).unwrap().modified().unwrap();
    let keeps_time = numbers.below(2) == 0;
    let mut bytes = fs::read(path).unwrap_or_default();
    let kind = numbers.below(9);
    if kind < 6 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        match kind {
            0 | 1 if !bytes.is_empty() => {
                let at = numbers.below(bytes.len());
                bytes[at] ^= 1 << numbers.below(8);
            }
            2 => bytes.truncate(bytes.len() / 2),
            3 => bytes.clear(),
            4 => bytes.extend(b"more"),
            _ => bytes.fill(0),
        }
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        file.write_all_at(&bytes, 0).unwrap();
        if keeps_time {
            file.set_modified(time).unwrap();
        }
    } else {
        fs::remove_file(path).unwrap();
        match kind {
            6 => fs::create_dir(path).unwrap(),
            7 => symlink("nowhere", path).unwrap(),
            _ => {
                let (fifo, mode) = (rustix::fs::FileType::Fifo, 0o644.into());
                rustix::fs::mknodat(rustix::fs::CWD, path, fifo, mode, 0).unwrap();
            }
        }
    }
    format!("{} kind {kind}, time kept: {keeps_time}", path.display())
}

/// The plain files of the store that hold results and records.
fn entries(place: &Place) -> Vec<String> {
    let is_entry = |path: &&String| path.starts_with("blobs/") || path.starts_with("actions/");
    let walk = walkdir::WalkDir::new(place.path(".octavo")).into_iter().map(Result::unwrap);
    let files = walk.filter(|entry| entry.file_type().is_file());
    let paths: Vec<String> = files
        .map(|entry| entry.path().strip_prefix(place.path(".octavo")).unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut paths: Vec<_> = paths.iter().filter(is_entry).cloned().collect();
    paths.sort();
    paths
}

/// Three hundred entries damaged, ten at a time, and after each ten a site that is as it was: published anew, or over the
/// standing one.
#[test]
fn three_hundred_mutations_of_the_store_reach_no_page() {
    let place = project();
    place.build();
    let site: Tree = place.tree("site");
    let mut numbers = Numbers(7);
    for round in 0..30 {
        let mut done = Vec::new();
        for _ in 0..10 {
            let all = entries(&place);
            let one = &all[numbers.below(all.len())];
            done.push(mutate(&place.path(&format!(".octavo/{one}")), &mut numbers));
        }
        if round % 3 == 0 {
            place.octavo(&["clean", "--site"]).run().exits(0);
        }
        let build = if round % 3 == 1 { &["build", "--strict"][..] } else { &["build"] };
        place.octavo(build).run().exits(0);
        assert_eq!(differences(&site, &place.tree("site")), "", "round {round}: {done:#?}");
        // Damage that nobody asked for is found by reading everything, and made again by the next build.
        if round % 3 == 2 {
            place.octavo(&["verify", "--store"]).run();
            place.octavo(&["build"]).run().exits(0);
            place.octavo(&["verify", "--store"]).run().exits(0);
            assert_eq!(differences(&site, &place.tree("site")), "", "round {round}: {done:#?}");
        }
    }
}

#[test]
fn verify_tells_what_is_damaged_and_the_next_build_mends_it() {
    let place = project();
    place.build();
    place.octavo(&["verify", "--store"]).run().exits(0).says(&["results", "records are good"]);
    let blob = entries(&place).into_iter().find(|path| path.starts_with("blobs/")).unwrap();
    let path = place.path(&format!(".octavo/{blob}"));
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let length = fs::read(&path).unwrap().len();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&path, vec![7; length]).unwrap();
    fs::File::open(&path).unwrap().set_modified(time).unwrap();
    let done = place.octavo(&["verify", "--store"]).run().exits(1);
    done.says(&["error[damaged-store]", &blob, "1 entry is damaged"]);
    place.octavo(&["build"]).run().exits(0);
    let site = place.tree("site");
    place.octavo(&["clean", "--site"]).run().exits(0);
    place.build();
    assert_eq!(differences(&site, &place.tree("site")), "");
    place.octavo(&["verify", "--store"]).run().exits(0);
}

#[test]
fn run_tells_of_damage_as_build_does() {
    let place = project();
    place.octavo(&["run", "strip"]).run().exits(0);
    for entry in entries(&place) {
        let path = place.path(&format!(".octavo/{entry}"));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
    }
    place.octavo(&["run", "strip"]).run().exits(0).says(&["warning[damaged-store]", "is done again"]);
    place.octavo(&["run", "strip"]).run().exits(0).says_nothing_of("damaged-store");
}

/// What cannot be stored is published all the same, and what cannot be read is made again.
#[test]
fn a_store_that_takes_nothing_degrades_no_page() {
    let place = project();
    place.build();
    let site = place.tree("site");
    for blocked in ["blobs", "actions"] {
        fs::remove_dir_all(place.path(&format!(".octavo/{blocked}"))).unwrap();
        place.write(&format!(".octavo/{blocked}"), "a file where a folder should be");
        let done = place.octavo(&["build"]).run();
        assert!(matches!(done.code, Some(0 | 1)), "{}", done.err);
        assert_eq!(differences(&site, &place.tree("site")), "", "{blocked}: {}", done.err);
        fs::remove_file(place.path(&format!(".octavo/{blocked}"))).unwrap();
        place.octavo(&["build"]).run().exits(0);
        assert_eq!(differences(&site, &place.tree("site")), "");
    }
}
