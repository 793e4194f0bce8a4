//! Asks a host for an address, without reading what is there.

use std::time::Duration;

use ureq::http::StatusCode;
use ureq::{Agent, Error};

use super::Answer;

/// How long a host may take to be reached, and to answer, redirections included.
const TO_CONNECT: Duration = Duration::from_secs(10);
const TO_ANSWER: Duration = Duration::from_secs(20);

/// How often a host may send elsewhere.
const REDIRECTIONS: u32 = 8;

pub(super) struct Client(Agent);

impl Client {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(REDIRECTIONS)
            .timeout_connect(Some(TO_CONNECT))
            .timeout_global(Some(TO_ANSWER))
            .user_agent(concat!("octavo/", env!("CARGO_PKG_VERSION"), " (checks links)"))
            .build();
        Self(Agent::new_with_config(config))
    }

    /// Asks for the head alone, and where that is refused, which some hosts do for no reason, for the whole.
    pub(super) fn ask(&self, address: &str) -> Answer {
        let status = match self.0.head(address).call() {
            Ok(response) if response.status().as_u16() < 400 => Ok(response.status()),
            _ => self.0.get(address).call().map(|response| response.status()),
        };
        match status {
            Ok(status) => Answer::Status(status.as_u16()),
            Err(Error::TooManyRedirects) => Answer::None("it sends elsewhere again and again".to_owned()),
            Err(error) => Answer::None(error.to_string()),
        }
    }
}

/// What a status means, in words.
pub(super) fn reason(status: u16) -> Option<&'static str> {
    StatusCode::from_u16(status).ok()?.canonical_reason()
}
