//! A server of files by HTTP, good or not, on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    /// With small names.
    pub(super) headers: BTreeMap<String, String>,
}

impl Asked {
    pub(super) fn is_get_of(&self, kind: &str) -> bool {
        self.method == "GET" && self.path.contains(&format!("/{kind}/"))
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// The length that is told, if it is not that of the body.
    pub(super) length: Option<u64>,
    /// Whether bytes go on to come without an end.
    pub(super) endless: bool,
    /// How long nothing is answered.
    pub(super) after: Duration,
}

impl Answer {
    pub(super) fn of(status: u16) -> Self {
        Self::with(status, b"")
    }

    pub(super) fn with(status: u16, body: &[u8]) -> Self {
        let (headers, body, after) = (Vec::new(), body.to_vec(), Duration::ZERO);
        Self { status, headers, body, length: None, endless: false, after }
    }
}

/// What a server does other than it should, by what it is asked and has.
type Manner = Box<dyn Fn(&Asked, Option<&Vec<u8>>) -> Option<Answer> + Send>;

struct Shared {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    asked: Mutex<Vec<Asked>>,
    manner: Mutex<Manner>,
}

/// It listens until the test ends.
pub(super) struct Server {
    pub(super) address: String,
    shared: Arc<Shared>,
}

impl Server {
    /// One that does what it should.
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/store", listener.local_addr().unwrap());
        let manner: Manner = Box::new(|_, _| None);
        let shared =
            Arc::new(Shared { files: Mutex::default(), asked: Mutex::default(), manner: Mutex::new(manner) });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&of_thread);
                thread::spawn(move || serve(&shared, stream.unwrap()));
            }
        });
        Self { address, shared }
    }

    /// From now on it does this where that gives an answer.
    pub(super) fn misbehaves(
        &self,
        manner: impl Fn(&Asked, Option<&Vec<u8>>) -> Option<Answer> + Send + 'static,
    ) {
        *self.shared.manner.lock().unwrap() = Box::new(manner);
        self.shared.asked.lock().unwrap().clear();
    }

    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.shared.files.lock().unwrap().clone()
    }

    pub(super) fn put(&self, path: &str, bytes: Vec<u8>) {
        self.shared.files.lock().unwrap().insert(path.to_owned(), bytes);
    }

    pub(super) fn clear(&self) {
        self.shared.files.lock().unwrap().clear();
        self.shared.asked.lock().unwrap().clear();
    }

    /// The requests with this method, in the order in which they came.
    pub(super) fn asked(&self, method: &str) -> Vec<Asked> {
        let asked = self.shared.asked.lock().unwrap();
        asked.iter().filter(|one| one.method == method).cloned().collect()
    }
}

/// Answers the requests of a connection, one after the other.
fn serve(shared: &Shared, stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (asked, body) = request(&mut reader)?;
        shared.asked.lock().unwrap().push(asked.clone());
        let there = shared.files.lock().unwrap().get(&asked.path).cloned();
        let answer = (shared.manner.lock().unwrap())(&asked, there.as_ref());
        let answer = answer.unwrap_or_else(|| usual(shared, &asked, there, body));
        thread::sleep(answer.after);
        let length = answer.length.unwrap_or(answer.body.len() as u64);
        let mut text = format!("HTTP/1.1 {} X\r\n", answer.status);
        text += &match answer.endless {
            true => "transfer-encoding: chunked\r\n".to_owned(),
            false => format!("content-length: {length}\r\n"),
        };
        answer.headers.iter().for_each(|(name, value)| text += &format!("{name}: {value}\r\n"));
        writer.write_all(format!("{text}\r\n").as_bytes()).ok()?;
        if answer.endless {
            drown(&mut writer)?;
        }
        if asked.method != "HEAD" {
            writer.write_all(&answer.body).ok()?;
        }
        // Who was told of more waits for it, unless the connection ends.
        answer.length.is_none().then_some(())?;
    }
}

/// Sends until nobody takes it.
fn drown(writer: &mut TcpStream) -> Option<()> {
    loop {
        let chunk = [b'x'; 65_536];
        writer.write_all(b"10000\r\n").and_then(|()| writer.write_all(&chunk)).ok()?;
        writer.write_all(b"\r\n").ok()?;
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<(Asked, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((Asked { method, path, headers }, body))
}

/// What a server should do.
fn usual(shared: &Shared, asked: &Asked, there: Option<Vec<u8>>, body: Vec<u8>) -> Answer {
    match (asked.method.as_str(), there) {
        ("GET" | "HEAD", Some(bytes)) => Answer::with(200, &bytes),
        ("GET" | "HEAD", None) => Answer::of(404),
        ("PUT", Some(_)) if asked.headers.contains_key("if-none-match") => Answer::of(412),
        ("PUT", _) => {
            shared.files.lock().unwrap().insert(asked.path.clone(), body);
            Answer::of(201)
        }
        _ => Answer::of(405),
    }
}
