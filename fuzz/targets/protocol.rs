//! Lines of a plugin: whatever it writes, each is understood or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_plugin::artifact::Artifact;
use octavo_plugin::process::{Reply, Request, Welcome};

fuzz_target!(|line: &[u8]| {
    let _ = Welcome::parse(line);
    let _ = Request::parse(line);
    let _ = Reply::parse(line);
    if let Ok(artifact) = Artifact::decode(line) {
        assert_eq!(artifact.encode(), line, "what is read is what was written");
    }
});
