//! One connection: its request is read, checked and answered.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use octavo_plugin::{Digest, DigestOf};
use serde_json::json;

use super::address::{self, Address};
use super::inject::{OWN, SCRIPT, empty_page, inject};
use super::listen::{Connections, Phase};
use super::live::{Changed, Held, Live, Told};
use super::request::{self, LONGEST_HEAD, Method, Refusal, Request};
use super::response::{Status, content_type, head};
use super::sources::Sources;
use super::watch::Reporter;
use crate::disk::Look;
use crate::file;
use crate::store::Store;

/// A head must be complete after this time.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// A client must take something of what is sent within this time.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// A page that is about to be written anew is waited for so long.
const FRESH_WITHIN: Duration = Duration::from_secs(30);
/// So often it is looked whether who waits for events is still there.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Pages beyond this size are sent as they are, piece by piece.
const LARGEST_PAGE: u64 = 16 << 20;
/// Files are sent in pieces of this size.
const PIECE: usize = 1 << 16;

/// All that is needed to answer.
pub(super) struct Answers {
    pub(super) live: Arc<Live>,
    pub(super) sources: Arc<Mutex<Sources>>,
    pub(super) store: Store,
    pub(super) reporter: Reporter,
    pub(super) port: u16,
}

/// A file of the site, found.
struct Found {
    route: String,
    held: Held,
    version: u64,
}

impl Answers {
    /// Answers the one request of a connection. A client that goes away or is too slow is no trouble.
    pub(super) fn answer(&self, stream: &TcpStream, number: u64, connections: &Connections) {
        let _ = stream.set_nodelay(true);
        let _ = stream.set_write_timeout(Some(TAKEN_WITHIN));
        let asked = read_head(stream);
        if !connections.enter(number, Phase::Body) {
            return;
        }
        let _ = match asked {
            Ok(head) => self.reply(stream, &head, number, connections),
            Err(Some(status)) => refuse(stream, status, Method::Get),
            Err(None) => Ok(()),
        };
        finish(stream);
    }

    fn reply(
        &self,
        stream: &TcpStream,
        head: &[u8],
        number: u64,
        connections: &Connections,
    ) -> io::Result<()> {
        let request = match request::parse(head, self.port) {
            Ok(request) => request,
            Err(Refusal::ForeignHost) => return refuse(stream, Status::Forbidden, Method::Get),
            Err(Refusal::Method) => return refuse(stream, Status::MethodNotAllowed, Method::Get),
            Err(Refusal::Malformed) => return refuse(stream, Status::BadRequest, Method::Get),
        };
        let Some(address) = address::parse(&request.path) else {
            return refuse(stream, Status::BadRequest, request.method);
        };
        match request.path.strip_prefix(OWN) {
            Some("serve.js") => {
                send(stream, Status::Ok, content_type("serve.js"), SCRIPT.as_bytes(), request.method)
            }
            Some("events") if request.method == Method::Head => {
                send(stream, Status::Ok, "text/event-stream", b"", request.method)
            }
            Some("events") if connections.enter(number, Phase::Events) => self.events(stream, &request),
            Some("events") => refuse(stream, Status::Unavailable, request.method),
            Some(_) => refuse(stream, Status::NotFound, request.method),
            None => self.site(stream, &request, &address),
        }
    }

    /// A page or file of the site.
    fn site(&self, stream: &TcpStream, request: &Request, address: &Address) -> io::Result<()> {
        let route = match address.is_folder {
            true => format!("{}/index.html", address.route).trim_start_matches('/').to_owned(),
            false => address.route.clone(),
        };
        self.freshen(&route);
        match self.find(&route) {
            Some(found) => self.send_found(stream, &found, request.method),
            None if !address.is_folder && self.is_folder(&route) => {
                let query =
                    if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
                let to = format!("Location: {}/{query}\r\n", request.path);
                (&*stream).write_all(head(Status::Moved, "text/plain", Some(0), &to).as_bytes())
            }
            None => self.missing(stream, &route, request.method),
        }
    }

    fn is_folder(&self, route: &str) -> bool {
        let index = format!("{route}/index.html");
        self.freshen(&index);
        self.live.has(&index)
    }

    /// Waits until the site takes in all that has happened on disk, if this is a page. What nobody has told yet is looked for.
    fn freshen(&self, route: &str) {
        if !route.ends_with(".html") {
            self.live.wait_first(FRESH_WITHIN);
            return;
        }
        let news = self.sources.lock().unwrap_or_else(PoisonError::into_inner).news(route);
        news.into_iter().for_each(|path| self.reporter.report(path));
        self.live.wait_settled(FRESH_WITHIN);
    }

    fn find(&self, route: &str) -> Option<Found> {
        let (held, version) = self.live.file(route);
        held.map(|held| Found { route: route.to_owned(), held, version })
    }

    fn send_found(&self, stream: &TcpStream, found: &Found, method: Method) -> io::Result<()> {
        let kind = content_type(&found.route);
        let is_page = kind.starts_with("text/html");
        match &found.held {
            Held::Bytes(bytes) if is_page => {
                send(stream, Status::Ok, kind, &inject(bytes, &found.route, found.version, false), method)
            }
            Held::Bytes(bytes) => send(stream, Status::Ok, kind, bytes, method),
            Held::Stored(digest) => {
                let opened = self.store.open_blob(digest).ok().flatten();
                let size = opened.as_ref().and_then(|file| Some(file.metadata().ok()?.len()));
                let (Some(file), Some(size)) = (opened, size) else { return self.lost(stream, method) };
                if !is_page || size > LARGEST_PAGE {
                    return self.stream(stream, file, (kind, size), Some(digest), method);
                }
                let Some(bytes) = self.store.get(digest).ok().flatten() else {
                    return self.lost(stream, method);
                };
                send(stream, Status::Ok, kind, &inject(&bytes, &found.route, found.version, false), method)
            }
            Held::File(path, look) => match open_as(path, look) {
                Some((file, size)) => self.stream(stream, file, (kind, size), None, method),
                // It is another file by now: it is looked at before it is sent.
                None => {
                    self.reporter.report(path.clone());
                    self.live.wait_settled(FRESH_WITHIN);
                    let again = self.live.file(&found.route).0;
                    match again.and_then(|held| {
                        if let Held::File(path, look) = held { open_as(&path, &look) } else { None }
                    }) {
                        Some((file, size)) => self.stream(stream, file, (kind, size), None, method),
                        None => refuse(stream, Status::NotFound, method),
                    }
                }
            },
        }
    }

    /// What was remembered is gone: it is made again.
    fn lost(&self, stream: &TcpStream, method: Method) -> io::Result<()> {
        self.reporter.report(self.store.project().to_owned());
        refuse(stream, Status::Unavailable, method)
    }

    /// A file piece by piece. The last piece of what the store holds is sent when all of it has the right digest: what is damaged does not arrive
    /// as if it were whole.
    fn stream(
        &self,
        mut stream: &TcpStream,
        file: File,
        (kind, size): (&str, u64),
        digest: Option<&Digest>,
        method: Method,
    ) -> io::Result<()> {
        stream.write_all(head(Status::Ok, kind, Some(size), "").as_bytes())?;
        if method == Method::Head {
            return Ok(());
        }
        let (mut file, mut digested) = (file.take(size), DigestOf::default());
        let (mut piece, mut next) = (vec![0; PIECE], vec![0; PIECE]);
        let mut length = read_piece(&mut file, &mut piece)?;
        while length > 0 {
            digested.update(&piece[..length]);
            let following = read_piece(&mut file, &mut next)?;
            if following == 0 && digest.is_some_and(|digest| digested.clone().finish() != *digest) {
                self.reporter.report(self.store.project().to_owned());
                return Ok(());
            }
            stream.write_all(&piece[..length])?;
            std::mem::swap(&mut piece, &mut next);
            length = following;
        }
        Ok(())
    }

    /// The page for wrong addresses, or else a plain one.
    fn missing(&self, stream: &TcpStream, route: &str, method: Method) -> io::Result<()> {
        let kind = content_type("404.html");
        let (held, version) = self.live.file("404.html");
        let page = match held {
            Some(Held::Bytes(bytes)) => Some(bytes.to_vec()),
            Some(Held::Stored(digest)) => self.store.get(&digest).ok().flatten(),
            _ => None,
        };
        let (status, text) = match (version, page) {
            (0, _) => {
                let text = "Nothing could be built yet. The page appears here as soon as there is one.";
                (Status::Unavailable, empty_page("No page yet", text).into_bytes())
            }
            (_, Some(page)) if route.ends_with(".html") => (Status::NotFound, page),
            _ => (Status::NotFound, empty_page("Not found", "There is no such page.").into_bytes()),
        };
        send(stream, status, kind, &inject(&text, route, version, true), method)
    }

    /// Tells a browser what changes, until it goes away.
    fn events(&self, mut stream: &TcpStream, request: &Request) -> io::Result<()> {
        let since = request.query.split('&').find_map(|part| part.strip_prefix("since=")?.parse().ok());
        let mut told = Told::of_site(since.unwrap_or_default());
        stream.write_all(head(Status::Ok, "text/event-stream", None, "").as_bytes())?;
        stream.write_all(b": octavo\n\n")?;
        stream.set_read_timeout(Some(Duration::from_millis(1)))?;
        loop {
            let news = self.live.news(&mut told, LOOK_EVERY);
            let mut text = String::new();
            if let Some(changed) = &news.site {
                let routes = match changed {
                    Changed::Routes(routes) => Some(&routes[..]),
                    Changed::Anything => None,
                };
                let json = json!({ "version": told.version, "routes": routes });
                text.push_str(&format!("event: site\ndata: {json}\n\n"));
            }
            for (kind, json) in [("problems", &news.problems), ("progress", &news.progress)] {
                text.extend(json.iter().map(|json| format!("event: {kind}\ndata: {json}\n\n")));
            }
            if news.ended || (text.is_empty() && is_closed(stream)) {
                return Ok(());
            }
            stream.write_all(text.as_bytes())?;
        }
    }
}

/// The head of the request; `Err(None)` from a client that went away, or the status to refuse it with.
fn read_head(mut stream: &TcpStream) -> Result<Vec<u8>, Option<Status>> {
    let end = Instant::now() + HEAD_WITHIN;
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Some(Status::Timeout));
        }
        stream.set_read_timeout(Some(left)).map_err(|_| None)?;
        match stream.read(&mut piece) {
            Ok(0) => return Err(None),
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if is_timeout(&error) => return Err(Some(Status::Timeout)),
            Err(_) => return Err(None),
        }
        match request::end_of_head(&bytes) {
            Some(end) if end <= LONGEST_HEAD => {
                bytes.truncate(end);
                return Ok(bytes);
            }
            None if bytes.len() <= LONGEST_HEAD => {}
            _ => return Err(Some(Status::HeadTooLarge)),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether the other side has gone. What it sends after its request is not read by anybody else.
fn is_closed(mut stream: &TcpStream) -> bool {
    match stream.read(&mut [0; 1024]) {
        Ok(length) => length == 0,
        Err(error) => !is_timeout(&error) && error.kind() != ErrorKind::Interrupted,
    }
}

/// A file of the project with its size, if it is still the one that was looked at.
fn open_as(path: &std::path::Path, look: &Look) -> Option<(File, u64)> {
    let file = file::open(path).ok()?;
    let about = file.metadata().ok()?;
    (Look::from(&about) == *look).then_some((file, about.len()))
}

fn read_piece(file: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match file.read(&mut piece[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

fn send(mut stream: &TcpStream, status: Status, kind: &str, body: &[u8], method: Method) -> io::Result<()> {
    let more = if status == Status::MethodNotAllowed { "Allow: GET, HEAD\r\n" } else { "" };
    let mut bytes = head(status, kind, Some(body.len() as u64), more).into_bytes();
    if method == Method::Get {
        bytes.extend_from_slice(body);
    }
    stream.write_all(&bytes)
}

fn refuse(stream: &TcpStream, status: Status, method: Method) -> io::Result<()> {
    send(stream, status, "text/plain; charset=utf-8", format!("{}\n", status.line()).as_bytes(), method)
}

/// Ends a connection so that the other side reads all of the answer: what it still sends is taken for a moment, since it would be told
/// that it was lost otherwise, and the answer with it.
fn finish(mut stream: &TcpStream) {
    const MOST: usize = 1 << 18;
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    let (mut taken, mut piece, end) = (0, [0; 4096], Instant::now() + Duration::from_secs(1));
    while let Ok(length) = stream.read(&mut piece) {
        taken += length;
        if length == 0 || taken > MOST || Instant::now() > end {
            return;
        }
    }
}
