//! A store on another machine, by HTTP or in a bucket of S3: `GET`, `HEAD` and `PUT` of names below an address. What the names mean, and whether what comes is what it
//! should be, others know; here is how it is asked for, how much and how long is too much, and what is told if nothing comes.

mod access;
mod address;
mod client;
#[cfg(feature = "s3")]
mod signature;
#[cfg(feature = "https")]
mod trust;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use client::{Bounds, Client, Trouble};

pub use address::{Address, WrongAddress};

/// So many requests are under way together.
pub const TOGETHER: usize = 16;

/// After so many things that are not what they should be, nothing more is asked for.
const MOST_DAMAGED: usize = 20;

/// Whether this program can ask by `https`.
pub const ENCRYPTED: bool = cfg!(feature = "https");

/// Whether this program can ask buckets of S3.
pub const BUCKETS: bool = cfg!(feature = "s3");

/// What shows that somebody may ask. It is sent, or what follows from it, to the address alone, and shown nowhere.
#[derive(Clone)]
pub enum Access {
    /// Nothing.
    Open,
    /// A token that is sent as it is.
    Token(String),
    /// Keys by which requests to a bucket are signed.
    Keys(Keys),
}

/// Keys of a service of buckets.
#[derive(Clone)]
pub struct Keys {
    /// Whose they are.
    pub id: String,
    /// What is never sent.
    pub secret: String,
    /// What goes with keys of some hours.
    pub session: Option<String>,
}

/// How another store is used.
#[derive(Clone)]
pub struct Settings {
    /// Where it is.
    pub address: Address,
    /// Whether new results are brought there.
    pub push: bool,
    /// Longest time without an answer.
    pub timeout: Duration,
    /// What gives access.
    pub access: Access,
    /// Certificates of those who vouch for the host, as PEM, in place of those that the program knows.
    pub authorities: Option<Vec<u8>>,
}

/// Why a store cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The program is built without TLS.
    #[error("the remote store `{0}` is asked by `https`, and this program is built without it")]
    Encrypted(String),
    /// The program is built without buckets.
    #[error("the remote store `{0}` is a bucket of S3, and this program is built without them")]
    Bucket(String),
    /// Whoever listens on the way could read the token.
    #[error("OCTAVO_STORE_TOKEN would be sent to `{0}` where others can read it; use `https`")]
    Readable(String),
    /// Whoever listens on the way could use what is signed.
    #[error(
        "requests for `{0}` would be signed and sent where others can read them; use an endpoint with `https`"
    )]
    Usable(String),
    /// No header can hold what these variables hold.
    #[error("{0} holds characters that no request can have")]
    Token(&'static str),
    /// No certificate, or something else beside.
    #[error(
        "the file that `ca` of `[store]` or OCTAVO_STORE_CA names does not hold certificates alone (PEM, `BEGIN CERTIFICATE`)"
    )]
    Authorities,
}

impl Unusable {
    /// The next step, where there is one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Encrypted(_) => Some(
                "`cargo install --path . --features https`, in Octavo's source, builds a program that can; with an empty OCTAVO_STORE_REMOTE the remote store is not asked",
            ),
            Self::Bucket(_) => Some(
                "`cargo install --path . --features s3`, in Octavo's source, builds a program that can; with an empty OCTAVO_STORE_REMOTE the remote store is not asked",
            ),
            _ => None,
        }
    }
}

/// What is found under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing has the name.
    Nothing,
    /// Nobody knows: what is wrong is among [`Remote::take_troubles`].
    Trouble,
}

/// Whether something was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is there now.
    New,
    /// Something was there already.
    Known,
    /// It could not be put: what is wrong is among [`Remote::take_troubles`].
    Trouble,
}

/// A store on another machine. One that does not answer is given up until the program ends, and told once.
pub struct Remote {
    client: Client,
    address: Address,
    push: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether nothing more is asked for.
    given_up: bool,
    /// Whether nothing more is brought there.
    read_only: bool,
    /// How many things were not what they should be.
    damaged: usize,
    /// What is to be told.
    troubles: Vec<String>,
    /// The first that was not what it should be.
    first: Option<String>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("address", &self.address.text()).finish_non_exhaustive()
    }
}

impl Remote {
    /// The store that these settings say. Nothing is asked yet.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn new(settings: Settings) -> Result<Self, Unusable> {
        let Settings { address, push, timeout, access, authorities } = settings;
        let name = || address.text().to_owned();
        if address.bucket().is_some() && !BUCKETS {
            return Err(Unusable::Bucket(name()));
        }
        if address.is_encrypted() && !ENCRYPTED {
            return Err(Unusable::Encrypted(name()));
        }
        if !address.is_encrypted() && !address.is_near() {
            match access {
                Access::Open => {}
                Access::Token(_) => return Err(Unusable::Readable(name())),
                Access::Keys(_) => return Err(Unusable::Usable(name())),
            }
        }
        let client = Client::new(address.clone(), access, timeout, authorities.as_deref())?;
        Ok(Self { client, address, push, state: Mutex::default() })
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Whether it is still asked.
    pub fn is_up(&self) -> bool {
        !self.state().given_up
    }

    /// Whether new results are brought there.
    pub fn is_written(&self) -> bool {
        let state = self.state();
        self.push && !state.given_up && !state.read_only
    }

    /// Whether something can still be brought there, by whoever asks for that.
    pub fn takes(&self) -> bool {
        let state = self.state();
        !state.given_up && !state.read_only
    }

    /// What stands under a name, of at most `most` bytes, `likely` of which are likely.
    pub fn get(&self, name: &str, most: u64, likely: u64) -> Found {
        if !self.is_up() {
            return Found::Trouble;
        }
        match self.client.get(name, Bounds { most, likely }, &|| self.is_up()) {
            Ok(Some(bytes)) => Found::Bytes(bytes),
            Ok(None) => Found::Nothing,
            Err(trouble) => {
                self.note(name, trouble);
                Found::Trouble
            }
        }
    }

    /// Whether something stands under a name; `None` if nobody knows.
    pub fn has(&self, name: &str) -> Option<bool> {
        if !self.is_up() {
            return None;
        }
        self.client.has(name, &|| self.is_up()).map_err(|trouble| self.note(name, trouble)).ok()
    }

    /// Puts bytes under a name that nothing has, or, if that is said, in place of what has it.
    pub fn put(&self, name: &str, bytes: &[u8], replace: bool) -> Put {
        if !self.takes() {
            return Put::Trouble;
        }
        match self.client.put(name, bytes, replace, &|| self.takes()) {
            Ok(true) => Put::New,
            Ok(false) => Put::Known,
            Err(trouble) => {
                self.note(name, trouble);
                Put::Trouble
            }
        }
    }

    /// Notes that what stands under a name is not what it should be.
    pub fn note_damage(&self, name: &str, what: &'static str) {
        self.note(name, Trouble::One(what));
    }

    fn note(&self, name: &str, trouble: Trouble) {
        let mut state = self.state();
        let address = self.address.text();
        match trouble {
            Trouble::Store(what) if !std::mem::replace(&mut state.given_up, true) => {
                state.troubles.push(format!("the remote store `{address}` {what}; it is not asked any more"));
            }
            Trouble::Writing(what) if !std::mem::replace(&mut state.read_only, true) => {
                state.troubles.push(format!("the remote store `{address}` {what}; results stay here"));
            }
            Trouble::Store(_) | Trouble::Writing(_) => {}
            Trouble::One(what) => {
                state.damaged += 1;
                state.first.get_or_insert_with(|| format!("`{name}` {what}"));
                state.given_up |= state.damaged >= MOST_DAMAGED;
            }
        }
    }

    /// What went wrong since this was last asked, a sentence each.
    pub fn take_troubles(&self) -> Vec<String> {
        let mut state = self.state();
        let mut troubles = std::mem::take(&mut state.troubles);
        if let Some(first) = state.first.take() {
            let more = match state.damaged {
                1 => String::new(),
                MOST_DAMAGED.. => format!(", the first of {}; it is not asked any more", state.damaged),
                damaged => format!(", the first of {damaged}"),
            };
            troubles.push(format!("in the remote store `{}`, {first}{more}", self.address.text()));
        }
        troubles
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
