//! Requests over HTTP: bounded in size and time, tried again where that may help, and never followed to another host.

use std::io::{ErrorKind, Read};
use std::thread::sleep;
use std::time::Duration;

use octavo_definition::plain;
use ureq::http::header::{IF_NONE_MATCH, LOCATION};
use ureq::http::{Method, Request, Response, StatusCode};
use ureq::{Agent, Body, Error};

use super::access::Shown;
use super::address::Address;
use super::{Access, Unusable};

/// How often something is asked for before it is given up.
const TRIES: u32 = 3;
/// The pause before the second try; the one before the third is four times as long.
const PAUSE: Duration = Duration::from_millis(200);
/// How often an answer may send to another place of the same host.
const REDIRECTIONS: usize = 3;
/// Whoever sends slower than so many bytes a second takes too long.
const SLOWEST: u64 = 100_000;

/// Why something is not had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing can be had from there: what the store does.
    Store(String),
    /// This one thing is no good: what it is.
    One(&'static str),
    /// Nothing can be brought there: what the store does.
    Writing(String),
}

/// One try.
enum Failed {
    /// Another one may go better.
    Perhaps(Trouble),
    Surely(Trouble),
}

/// A bounded thing to ask for.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// More bytes are not read.
    pub(super) most: u64,
    /// So many are likely.
    pub(super) likely: u64,
}

pub(super) struct Client {
    agent: Agent,
    address: Address,
    shown: Shown,
    timeout: Duration,
}

impl Client {
    /// A client.
    ///
    /// # Errors
    /// If no header can hold what gives access, or nobody is among the authorities.
    pub(super) fn new(
        address: Address,
        access: Access,
        timeout: Duration,
        authorities: Option<&[u8]>,
    ) -> Result<Self, Unusable> {
        let shown = Shown::new(access)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .timeout_resolve(Some(timeout))
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .timeout_per_write(Some(timeout))
            .max_idle_connections(super::TOGETHER)
            .max_idle_connections_per_host(super::TOGETHER)
            .user_agent(concat!("octavo/", env!("CARGO_PKG_VERSION")));
        // No proxy stands between a machine and itself.
        let config = if address.is_here() { config.proxy(None) } else { config };
        #[cfg(feature = "https")]
        let config = config.tls_config(super::trust::trusting(authorities)?);
        // Without `https` nobody vouches for anybody.
        #[cfg(not(feature = "https"))]
        let _ = authorities;
        Ok(Self { agent: Agent::new_with_config(config.build()), address, shown, timeout })
    }

    /// What stands under a name; `None` if nothing does.
    pub(super) fn get(
        &self,
        name: &str,
        bounds: Bounds,
        is_up: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        tried(is_up, || {
            let time = self.timeout + Duration::from_secs(bounds.likely / SLOWEST);
            let response = self.ask(&Method::GET, name, time)?;
            let Some(response) = self.found(response)? else { return Ok(None) };
            let body = response.into_body();
            if body.content_length().is_some_and(|length| length > bounds.most) {
                return Err(Failed::Surely(TOO_LARGE));
            }
            let mut bytes = Vec::new();
            match body.into_reader().take(bounds.most + 1).read_to_end(&mut bytes) {
                Ok(_) if bytes.len() as u64 > bounds.most => Err(Failed::Surely(TOO_LARGE)),
                Ok(_) => Ok(Some(bytes)),
                Err(error) if error.kind() == ErrorKind::TimedOut => Err(self.slow()),
                Err(_) => Err(Failed::Perhaps(Trouble::One("is cut off"))),
            }
        })
    }

    /// Whether something stands under a name.
    pub(super) fn has(&self, name: &str, is_up: &dyn Fn() -> bool) -> Result<bool, Trouble> {
        tried(is_up, || {
            let response = self.ask(&Method::HEAD, name, self.timeout)?;
            Ok(self.found(response)?.is_some())
        })
    }

    /// Puts bytes under a name; whether they are new there. What has the name already is replaced only if that is asked for.
    pub(super) fn put(
        &self,
        name: &str,
        bytes: &[u8],
        replace: bool,
        is_up: &dyn Fn() -> bool,
    ) -> Result<bool, Trouble> {
        let mut has_folders = false;
        tried(is_up, || {
            let mut response = self.send(name, bytes, replace)?;
            // Servers of WebDAV want folders to be made first. A bucket has none.
            if matches!(response.status(), StatusCode::CONFLICT | StatusCode::NOT_FOUND)
                && self.address.bucket().is_none()
                && !std::mem::replace(&mut has_folders, true)
            {
                self.make_folders(name)?;
                response = self.send(name, bytes, replace)?;
            }
            let status = response.status();
            let unwritable = |what: String| Failed::Surely(Trouble::Writing(what));
            match status.as_u16() {
                200 | 201 | 204 => Ok(true),
                412 => Ok(false),
                401 | 403 => Err(unwritable(format!(
                    "does not let this machine write (it {}); {}",
                    self.answers(response),
                    self.access()
                ))),
                413 => Err(Failed::Surely(Trouble::One("is larger than the remote store takes"))),
                507 => Err(unwritable("is full".to_owned())),
                // Somebody else puts the same into a bucket at this moment.
                409 if self.address.bucket().is_some() => {
                    Err(Failed::Perhaps(Trouble::Writing(self.answers(response))))
                }
                _ if may_mend(status) => Err(Failed::Perhaps(Trouble::Writing(self.answers(response)))),
                _ => Err(unwritable(format!("takes nothing: it {}", self.answers(response)))),
            }
        })
    }

    /// The answer to a request without a body, wherever on the same host it stands.
    fn ask(&self, method: &Method, name: &str, time: Duration) -> Result<Response<Body>, Failed> {
        let mut address = self.address.of(name);
        for _ in 0..=REDIRECTIONS {
            let request = self.request(method, &address, &[]).body(()).map_err(|_| nonsense())?;
            let request = self.agent.configure_request(request).timeout_recv_body(Some(time)).build();
            let response = self.agent.run(request).map_err(|error| self.failed(&error))?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            let header = |name: &str| response.headers().get(name).and_then(|to| to.to_str().ok());
            if let (Some(bucket), Some(region)) = (self.address.bucket(), header("x-amz-bucket-region")) {
                let what =
                    format!("is in the region `{}`, and not in `{}`", plain::line(region), bucket.region);
                return Err(Failed::Surely(Trouble::Store(what)));
            }
            let location = header(LOCATION.as_str()).unwrap_or("");
            address = self.address.sent_to(location).map_err(|host| {
                let what = format!("sends elsewhere, to `{host}`, which is not followed");
                Failed::Surely(Trouble::Store(what))
            })?;
        }
        Err(Failed::Surely(Trouble::Store("sends elsewhere again and again".to_owned())))
    }

    fn send(&self, name: &str, bytes: &[u8], replace: bool) -> Result<Response<Body>, Failed> {
        let mut request = self.request(&Method::PUT, &self.address.of(name), bytes);
        if !replace {
            request = request.header(IF_NONE_MATCH, "*");
        }
        let request = request.body(bytes).map_err(|_| nonsense())?;
        self.agent.run(request).map_err(|error| self.failed(&error))
    }

    /// Makes the folders in which a name stands. What cannot be made, or is there, is told by what is put into it.
    fn make_folders(&self, name: &str) -> Result<(), Failed> {
        let ends = name.match_indices('/').map(|(at, _)| &name[..=at]);
        for folder in ends {
            let method = Method::from_bytes(b"MKCOL").map_err(|_| nonsense())?;
            let request =
                self.request(&method, &self.address.of(folder), &[]).body(()).map_err(|_| nonsense())?;
            self.agent.run(request).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    fn request(&self, method: &Method, address: &str, payload: &[u8]) -> ureq::http::request::Builder {
        let request = Request::builder().method(method).uri(address);
        let headers = self.shown.headers(method, &self.address, address, payload);
        headers.into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// What an answer says of something that was asked for.
    fn found(&self, response: Response<Body>) -> Result<Option<Response<Body>>, Failed> {
        let status = response.status();
        let store = |what: String| Failed::Surely(Trouble::Store(what));
        match status.as_u16() {
            200 => Ok(Some(response)),
            404 if self.address.bucket().is_some() => match self.code(response) {
                Some(code) if code == "NoSuchBucket" => Err(store("is no bucket there".to_owned())),
                _ => Ok(None),
            },
            404 | 410 => Ok(None),
            401 | 403 => Err(store(format!(
                "does not let this machine read (it {}); {}",
                self.answers(response),
                self.access()
            ))),
            _ if may_mend(status) => Err(Failed::Perhaps(Trouble::Store(self.answers(response)))),
            _ => Err(store(self.answers(response))),
        }
    }

    /// What an answer says, for a message. A bucket has a word for what is wrong.
    fn answers(&self, response: Response<Body>) -> String {
        let status = response.status().as_u16();
        match self.code(response) {
            Some(code) => format!("answers {status}, `{code}`"),
            None => format!("answers {status}"),
        }
    }

    /// The word in which a service of buckets says what is wrong.
    fn code(&self, response: Response<Body>) -> Option<String> {
        /// What stands before it is shorter.
        const MOST: u64 = 4096;
        self.address.bucket()?;
        let mut bytes = Vec::new();
        // What comes of a page that breaks off may have it.
        let _ = response.into_body().into_reader().take(MOST).read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
        (code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.to_owned())
    }

    /// What gives access, for a message.
    fn access(&self) -> &'static str {
        if self.address.bucket().is_some() {
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold what gives access, which must allow to list the bucket, too"
        } else {
            "OCTAVO_STORE_TOKEN holds what gives access"
        }
    }

    fn failed(&self, error: &Error) -> Failed {
        match error {
            Error::Timeout(_) => self.slow(),
            Error::Io(error) if error.kind() == ErrorKind::TimedOut => self.slow(),
            other => {
                let why = plain::line(&other.to_string());
                // The next try would be shown the same certificate.
                if self.address.is_encrypted() && why.contains("certificate") {
                    let what = format!(
                        "is not trusted: {why}; `ca` of `[store]` or OCTAVO_STORE_CA names a file with the certificate of who vouches for it"
                    );
                    return Failed::Surely(Trouble::Store(what));
                }
                Failed::Perhaps(Trouble::Store(format!("cannot be asked: {why}")))
            }
        }
    }

    /// Whoever took too long once will do so again.
    fn slow(&self) -> Failed {
        let what = format!("took longer than {} s to answer", self.timeout.as_secs_f64());
        Failed::Surely(Trouble::Store(what))
    }
}

const TOO_LARGE: Trouble = Trouble::One("is larger than it can be");

fn nonsense() -> Failed {
    Failed::Surely(Trouble::Store("has an address that cannot be asked".to_owned()))
}

/// Whether the same request may go better a moment later.
fn may_mend(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
}

/// Tries again, after a pause, what may go better then; not if the store was given up meanwhile.
fn tried<T>(is_up: &dyn Fn() -> bool, mut once: impl FnMut() -> Result<T, Failed>) -> Result<T, Trouble> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match once() {
            Ok(done) => return Ok(done),
            Err(Failed::Surely(trouble)) => return Err(trouble),
            Err(Failed::Perhaps(trouble)) if !is_up() => return Err(trouble),
            Err(Failed::Perhaps(_)) => sleep(pause),
        }
        pause *= 4;
    }
    once().map_err(|(Failed::Perhaps(trouble) | Failed::Surely(trouble))| trouble)
}
