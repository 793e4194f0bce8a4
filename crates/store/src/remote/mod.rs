//! A store on another machine, by HTTP: `GET`, `HEAD` and `PUT` of names below an address. What the names mean, and whether what comes is what it
//! should be, others know; here is how it is asked for, how much and how long is too much, and what is told if nothing comes.

mod address;
mod client;

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

/// How another store is used.
#[derive(Clone)]
pub struct Settings {
    /// Where it is.
    pub address: Address,
    /// Whether new results are brought there.
    pub push: bool,
    /// Longest time without an answer.
    pub timeout: Duration,
    /// What gives access. It is sent to the address alone, and shown nowhere.
    pub token: Option<String>,
}

/// Why a store cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The program is built without TLS.
    #[error("the remote store `{0}` is asked by `https`, and this program is built without it")]
    Encrypted(String),
    /// Whoever listens on the way could read the token.
    #[error("OCTAVO_STORE_TOKEN would be sent to `{0}` where others can read it; use `https`")]
    Readable(String),
    /// No header can hold the token.
    #[error("OCTAVO_STORE_TOKEN holds characters that no request can have")]
    Token,
}

impl Unusable {
    /// The next step, where there is one.
    pub fn help(&self) -> Option<&'static str> {
        matches!(self, Self::Encrypted(_)).then_some(
            "`cargo install --path . --features https`, in Octavo's source, builds a program that can; with an empty OCTAVO_STORE_REMOTE the remote store is not asked",
        )
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
        let Settings { address, push, timeout, token } = settings;
        if address.is_encrypted() && !ENCRYPTED {
            return Err(Unusable::Encrypted(address.text().to_owned()));
        }
        if token.is_some() && !address.is_encrypted() && !address.is_near() {
            return Err(Unusable::Readable(address.text().to_owned()));
        }
        let client = Client::new(address.clone(), token.as_deref(), timeout).ok_or(Unusable::Token)?;
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
