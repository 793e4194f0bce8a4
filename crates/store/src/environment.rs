//! The one place where the engine reads its environment, so that whatever a build can depend on is listed here.
//! (`OCTAVO_SIMD` is the exception: the contract crate reads it where the lane width is chosen. On what no build depends, others read
//! for themselves: `OCTAVO_COMPLETE`, by which a shell asks what may be typed, and proxies, for `octavo check --external` and remote stores.)
#![allow(clippy::disallowed_methods, reason = "this is where reading the environment is declared")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, io};

/// A variable holds something that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable `{name}` is `{value}`; {expected}")]
pub struct BadVariable {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub value: String,
    /// What it may hold.
    pub expected: &'static str,
}

/// `OCTAVO_FAULT`: a test aid that lets file operations fail or kills the process at one of them; see
/// [`disk::fault`](crate::disk::fault). Nobody sets it outside tests.
pub fn fault() -> Option<String> {
    env::var("OCTAVO_FAULT").ok().filter(|text| !text.is_empty())
}

/// `PATH`: where plugins and what they start are looked for. It is handed on to them and to nothing else.
pub fn search_path() -> Option<OsString> {
    env::var_os("PATH")
}

/// What differs for a build that `octavo verify` starts, from what every other build has: variables and their values. The time zone needs no
/// list of zones, and the locale is one in which `I` and `,` are not what programs expect.
pub const ELSEWHERE: [(&str, &str); 4] =
    [("OCTAVO_ELSEWHERE", "1"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "tr_TR.UTF-8"), ("TZ", "<+14>-14")];

/// `OCTAVO_ELSEWHERE`: whether this is the build of `octavo verify`, in which all that must not matter is otherwise.
pub fn is_elsewhere() -> bool {
    env::var_os(ELSEWHERE[0].0).is_some_and(|value| !value.is_empty())
}

/// The variables of plugins: `PATH`, where they and what they start are looked for, and what is the same on every machine, except in
/// the build of `octavo verify`. `threads` is how many threads they may use.
pub fn of_plugins(threads: usize) -> Vec<(&'static str, OsString)> {
    let threads = OsString::from(threads.to_string());
    let mut all = vec![("OMP_NUM_THREADS", threads.clone()), ("OPENBLAS_NUM_THREADS", threads)];
    all.extend(search_path().map(|path| ("PATH", path)));
    if is_elsewhere() {
        all.extend(ELSEWHERE[1..].iter().map(|(name, value)| (*name, value.into())));
        all.push(("PYTHONHASHSEED", "4021".into()));
        all.extend(env::var_os(LANES).map(|lanes| (LANES, lanes)));
    } else {
        all.extend(
            [("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("PYTHONHASHSEED", "0")].map(|(n, v)| (n, v.into())),
        );
    }
    all
}

/// The variable that chooses the lane width, which the contract crate reads.
pub const LANES: &str = "OCTAVO_SIMD";

/// What it holds, if somebody set it.
pub fn lanes() -> Option<String> {
    env::var(LANES).ok().filter(|lanes| !lanes.is_empty())
}

/// `NO_COLOR`: present and not empty, no colour is wanted (<https://no-color.org>).
pub fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// `SOURCE_DATE_EPOCH`: the date that outputs may state, in seconds since 1970 (UTC); without it they state none
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
pub fn source_date_epoch() -> Result<Option<u64>, BadVariable> {
    let name = "SOURCE_DATE_EPOCH";
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    let value = value.to_string_lossy().into_owned();
    match value.parse() {
        Ok(seconds) if seconds <= crate::date::LAST => Ok(Some(seconds)),
        _ => Err(BadVariable { name, value, expected: "give seconds since 1970 as a whole number" }),
    }
}

/// The time, in seconds since 1970 (UTC). It dates what the store remembers, for `gc`; nothing that is published depends on it.
pub fn seconds_since_1970() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |duration| duration.as_secs())
}

/// The time in seconds and nanoseconds since 1970 (UTC), to compare with those of files.
pub fn now() -> (i64, i64) {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (since.as_secs().cast_signed(), since.subsec_nanos().into())
}

/// Where the user's own configuration is, whether it is there or not: `octavo/config.toml` below `XDG_CONFIG_HOME`, or else below `.config` in
/// `HOME`. It says how work is handed to other machines, and nothing that a result depends on.
pub fn user_configuration() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || folder("HOME").map(|home| home.join(".config"));
    Some(folder("XDG_CONFIG_HOME").or_else(home)?.join("octavo/config.toml"))
}

/// `OCTAVO_STORE_REMOTE`: the address of a store on another machine, in place of the one in `octavo.toml`; empty, there is none. What a build gives
/// does not depend on it.
pub fn remote_store() -> Option<String> {
    env::var_os("OCTAVO_STORE_REMOTE").map(|value| value.to_string_lossy().trim().to_owned())
}

/// `OCTAVO_STORE_TOKEN`: what gives access to it. It is shown nowhere, and no plugin has it.
pub fn store_token() -> Option<String> {
    let value = env::var_os("OCTAVO_STORE_TOKEN")?.to_string_lossy().trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// `OCTAVO_STORE_CA`: the file with the certificates of those who vouch for it, in place of what `octavo.toml` says.
pub fn store_authorities() -> Option<PathBuf> {
    env::var_os("OCTAVO_STORE_CA").filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What programs know of a service of buckets from variables that begin with `AWS_`. No plugin has them.
#[derive(Clone, Default)]
pub struct Buckets {
    /// `AWS_REGION`, or else `AWS_DEFAULT_REGION`.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL_S3`, or else `AWS_ENDPOINT_URL`.
    pub endpoint: Option<String>,
    /// `AWS_ACCESS_KEY_ID`.
    pub id: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`. It is sent and shown nowhere.
    pub secret: Option<String>,
    /// `AWS_SESSION_TOKEN`. It is shown nowhere.
    pub session: Option<String>,
}

/// What the environment says of buckets.
pub fn buckets() -> Buckets {
    let text = |name: &str| {
        let value = env::var_os(name)?.to_string_lossy().trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    Buckets {
        region: text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION")),
        endpoint: text("AWS_ENDPOINT_URL_S3").or_else(|| text("AWS_ENDPOINT_URL")),
        id: text("AWS_ACCESS_KEY_ID"),
        secret: text("AWS_SECRET_ACCESS_KEY"),
        session: text("AWS_SESSION_TOKEN"),
    }
}

/// `OCTAVO_STORE_PUSH`: whether new results are brought there, `1` or `0`, in place of what `octavo.toml` says.
pub fn store_push() -> Result<Option<bool>, BadVariable> {
    let name = "OCTAVO_STORE_PUSH";
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    match value.to_str() {
        Some("1" | "true") => Ok(Some(true)),
        Some("0" | "false") => Ok(Some(false)),
        _ => Err(BadVariable {
            name,
            value: value.to_string_lossy().into_owned(),
            expected: "write `1` if results are to be brought to the remote store, or `0`",
        }),
    }
}

/// The command line, the program's name first. Commands are parsed by `clap`; this is for what a shell asks when it completes one
/// (`OCTAVO_COMPLETE`, src/cli/complete.rs).
pub fn arguments() -> Vec<OsString> {
    env::args_os().collect()
}

/// The folder in which the program was started.
pub fn current_folder() -> io::Result<PathBuf> {
    env::current_dir()
}

/// A path from the command line, seen from the folder in which the program was started. Nothing is looked up: links and
/// `..` stay as they are.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

/// The running program's own file.
///
/// # Errors
/// If the system does not say where it is.
pub fn program() -> io::Result<PathBuf> {
    env::current_exe()
}
