//! A server that was started, and what a client hears from it.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use crate::harness::Place;

/// No test asserts a time; this one is about an end that never comes.
pub(super) const END: Duration = Duration::from_secs(20);

pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
    lines: Receiver<String>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Server {
    pub(super) fn start(place: &Place, arguments: &[&str]) -> Self {
        let port: &[&str] = if arguments.contains(&"--port") { &[] } else { &["--port", "0"] };
        let all = [&["serve", "--log-format", "json"], port, arguments].concat();
        let mut child = place.octavo(&all).command().spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut server = Self { child, port: 0, lines };
        let serving = server.line("serving");
        let address = serving["address"].as_str().unwrap();
        server.port = address.rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap();
        server
    }

    /// The next line of standard error with this event.
    pub(super) fn line(&self, event: &str) -> Json {
        loop {
            let line = self.lines.recv_timeout(END).unwrap_or_else(|_| panic!("no `{event}`"));
            let json: Json = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if json["event"] == event || json["code"] == event {
                return json;
            }
        }
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(END)).unwrap();
        stream
    }

    /// What is answered to these bytes.
    pub(super) fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that has heard enough need not read the rest.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(super) fn ask(&self, method: &str, path: &str) -> Answer {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port);
        let text = self.send(request.as_bytes());
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path)
    }

    /// The number of bytes of a file, as they arrive.
    pub(super) fn length(&self, path: &str) -> u64 {
        let mut stream = BufReader::new(self.connect());
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", self.port);
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert_ne!(stream.read_line(&mut line).unwrap(), 0);
        }
        std::io::copy(&mut stream, &mut std::io::sink()).unwrap()
    }

    /// Most memory that the server has had, in bytes; 0 where the system does not tell.
    pub(super) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
    }

    /// Waits until a page has a text.
    pub(super) fn wait_for(&self, path: &str, text: &str) {
        let begin = Instant::now();
        while !self.get(path).body.contains(text) {
            assert!(begin.elapsed() < END, "{path} never has `{text}`");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What is told from now on.
    pub(super) fn events(&self) -> Events {
        let mut stream = self.connect();
        let request = format!("GET /.octavo/events HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", self.port);
        stream.write_all(request.as_bytes()).unwrap();
        let mut events = Events { lines: BufReader::new(stream) };
        events.next("problems");
        events
    }

    /// Ends it as Ctrl-C does.
    pub(super) fn interrupt(mut self) -> ExitStatus {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < END, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a server tells of changes.
pub(super) struct Events {
    lines: BufReader<TcpStream>,
}

impl Events {
    /// The next event of this kind.
    pub(super) fn next(&mut self, kind: &str) -> Json {
        let mut line = String::new();
        let wanted = format!("event: {kind}\n");
        loop {
            let found = line == wanted;
            line.clear();
            let read = self.lines.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "the server went away before `{kind}`");
            if found {
                return serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap();
            }
        }
    }

    /// How many changes of the site are told until nothing is for a while.
    pub(super) fn changes_until_quiet(&mut self, quiet: Duration) -> usize {
        self.lines.get_ref().set_read_timeout(Some(quiet)).unwrap();
        let (mut changes, mut line) = (0, String::new());
        loop {
            match self.lines.read_line(&mut line) {
                Ok(0) => return changes,
                Ok(_) => changes += usize::from(line == "event: site\n"),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return changes;
                }
                Err(error) => panic!("{error}"),
            }
            line.clear();
        }
    }
}
