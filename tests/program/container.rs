//! `Dockerfile` names what is there, and `.dockerignore` hides nothing that building reads.

use std::path::Path;

/// A file at the top of the repository.
fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_container_has_all_that_building_reads() {
    let hidden = read(".dockerignore");
    let hidden: Vec<&str> = hidden.lines().filter_map(|line| line.strip_prefix('/')).collect();
    for needed in [
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "commit",
        ".cargo",
        "crates",
        "plugins",
        "src",
        "templates",
        "tests",
        "benches",
    ] {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(needed).exists(), "{needed}");
        assert!(!hidden.contains(&needed), "{needed}");
    }
    // What git leaves out is no source either.
    let ignored = read(".gitignore");
    let built = ignored.lines().filter(|line| !line.starts_with("/fuzz"));
    for line in built {
        assert!(hidden.contains(&line.trim_start_matches('/')), "{line} of .gitignore");
    }
}

#[test]
fn the_container_runs_the_program_as_nobody_in_particular() {
    let dockerfile = read("Dockerfile");
    let program = Path::new(env!("CARGO_BIN_EXE_octavo")).file_name().unwrap().to_str().unwrap();
    for part in [
        format!("--package {} --bin {program} ", env!("CARGO_PKG_NAME")),
        format!("target/release/{program} /built/{program}"),
        format!("COPY --from=build /built/{program} /usr/local/bin/{program}"),
        format!("ENTRYPOINT [\"{program}\"]"),
    ] {
        assert!(dockerfile.contains(&part), "{part}");
    }
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    let (user, entry) = (last.find("\nUSER octavo\n"), last.find("\nENTRYPOINT"));
    assert!(user.is_some() && user < entry, "{last}");
    // The program is linked with the C library of the release on which it runs.
    let releases: Vec<&str> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("FROM ")?.split_once(':'))
        .map(|(_, tag)| tag)
        .collect();
    assert!(releases.len() == 2 && releases.iter().all(|tag| tag.contains("trixie")), "{releases:?}");
}
