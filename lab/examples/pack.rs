//! Packs modules that `lab/build.sh` built: `pack FOLDER NAME...` writes `lab/modules/NAME.wasm.gz` and the digest of its sources, or with
//! `OCTAVO_LAB_CHECK=1` compares them with what is there.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool of the build: it reads files, arguments and one variable, and says what it did"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

use flate2::{Compression, GzBuilder};

#[path = "../sources.rs"]
mod sources;

/// Most bytes of a packed module of an analysis.
const MOST: usize = 450_000;
/// The same of the one that draws figures, which has letters and pictures in it.
const MOST_OF_DRAWING: usize = 900_000;
/// What begins a path of some machine.
const PLACES: [&str; 5] = ["/home/", "/root/", "/usr/", "/tmp/", ".cargo/"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the crate lies in a folder")?;
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let check = env::var("OCTAVO_LAB_CHECK").is_ok_and(|value| value == "1");
    let list = root.join("lab/modules/sources.txt");
    let known = fs::read_to_string(&list).unwrap_or_default();
    let mut digests: BTreeMap<String, String> = known
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, digest)| (name.to_owned(), digest.to_owned()))
        .collect();
    let mut wrong = Vec::new();
    for name in arguments {
        let bytes = fs::read(Path::new(&folder).join(format!("{name}.wasm")))?;
        wrong.extend(paths(&bytes, root).map(|place| format!("{name}: it has the path `{place}` in it")));
        let packed = pack(&bytes)?;
        println!("{name}: {} bytes, {} packed", bytes.len(), packed.len());
        let most = if name == "figure" { MOST_OF_DRAWING } else { MOST };
        if packed.len() > most {
            wrong.push(format!("{name}: {} bytes, more than {most}", packed.len()));
        }
        let (file, digest) =
            (root.join(format!("lab/modules/{name}.wasm.gz")), sources::digest(root, &name)?);
        if check && (fs::read(&file)? != packed || digests.get(&name) != Some(&digest)) {
            wrong.push(format!("{name}: lab/modules has another one; `just lab` writes it anew"));
        } else if !check {
            fs::write(&file, packed)?;
            digests.insert(name, digest);
        }
    }
    if !check {
        fs::write(
            &list,
            digests.iter().map(|(name, digest)| format!("{name} {digest}\n")).collect::<String>(),
        )?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// The module as a gzip file without name and time.
fn pack(bytes: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut out = GzBuilder::new().write(Vec::new(), Compression::best());
    out.write_all(bytes)?;
    out.finish()
}

/// Paths of this machine in a module.
fn paths(bytes: &[u8], root: &Path) -> impl Iterator<Item = String> {
    let own = root.display().to_string();
    let has = |place: &String| bytes.windows(place.len()).any(|window| window == place.as_bytes());
    PLACES
        .into_iter()
        .map(str::to_owned)
        .chain([own])
        .filter(move |place| has(place))
        .collect::<Vec<_>>()
        .into_iter()
}
