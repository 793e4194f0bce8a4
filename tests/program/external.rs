//! `octavo check --external` against a server on this machine: who is asked, how often, and what is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::harness::{CONFIG, Done, Place, Run};

/// A server that answers by path, and what it was asked, `METHOD PATH`. It ends with the test's process.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, own) = (Arc::clone(&asked), address.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, own) = (Arc::clone(&log), own.clone());
                std::thread::spawn(move || answer(&stream, &log, &own));
            }
        });
        Self { address, asked }
    }

    /// What was asked since this was last called, sorted.
    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

fn answer(mut stream: &TcpStream, log: &Mutex<Vec<String>>, own: &str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let words: Vec<&str> = first.split(' ').collect();
    let (method, path) = (words[0], words[1]);
    log.lock().unwrap().push(format!("{method} {path}"));
    lines.by_ref().find(String::is_empty);
    let (status, more) = match (method, path) {
        (_, "/good") => ("200 OK", String::new()),
        ("GET", "/no-head") => ("200 OK", String::new()),
        (_, "/no-head") => ("405 Method Not Allowed", String::new()),
        (_, "/moved") => ("301 Moved Permanently", format!("Location: {own}/good\r\n")),
        (_, "/round") => ("302 Found", format!("Location: {own}/round\r\n")),
        (_, "/broken") => return,
        _ => ("404 Not Found", String::new()),
    };
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n");
}

/// A project with this page. No proxy stands between it and this machine.
fn project(page: &str) -> Place {
    Place::project(&[("index.md", page)])
}

fn check(place: &Place, arguments: &[&str]) -> Done {
    let run: Run = place.octavo(&[&["check"], arguments].concat());
    ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        .into_iter()
        .fold(run, |run, name| run.env(name, ""))
        .run()
}

#[test]
fn each_address_is_asked_once_and_remembered_for_the_next_time() {
    let server = Server::start();
    let own = &server.address;
    let page = format!(
        "# T\n\n[a]({own}/good) [b]({own}/good#part) {own}/no-head [c]({own}/moved)\n\n[d]({own}/gone) [e](mailto:a@b.org) [again]({own}/gone)\n"
    );
    let place = project(&page);
    let done = check(&place, &["--external"]).exits(0);
    let gone = format!("`{own}/gone` answers 404 Not Found");
    assert_eq!(done.err.matches(&gone).count(), 2, "{}", done.err);
    assert_eq!(done.err.matches("external-link").count(), 2, "{}", done.err);
    let done = done.says(&["experiments/index.md:5", "in a browser"]);
    assert!(done.err.contains("pages are good"));
    let asked = server.asked();
    let expected = [
        "GET /gone",
        "GET /no-head",
        "HEAD /gone",
        "HEAD /good",
        "HEAD /good",
        "HEAD /moved",
        "HEAD /no-head",
    ];
    assert_eq!(asked, expected, "one of /good for itself, and one where /moved leads");
    let again = check(&place, &["--external"]).exits(0);
    assert_eq!(again.err, done.err);
    assert_eq!(server.asked(), Vec::<String>::new());
    // Warnings are errors where that is wanted; nobody is asked for who does not want it.
    check(&place, &["--external", "--strict"]).exits(2).says(&["error[external-link]"]);
    check(&place, &[]).exits(0).says_nothing_of("external-link");
    // What is remembered is in the store alone, and a site does not know of it.
    place.octavo(&["build"]).run().exits(0);
    let site = place.tree("site");
    place.octavo(&["clean"]).run().exits(0);
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(place.tree("site"), site);
    assert_eq!(server.asked(), Vec::<String>::new());
    check(&place, &["--external"]).exits(0);
    assert_eq!(server.asked(), expected);
}

#[test]
fn who_does_not_answer_is_told_and_asked_again() {
    let server = Server::start();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/x", listener.local_addr().unwrap())
    };
    let own = &server.address;
    let place = project(&format!("# T\n\n[a]({own}/broken) [b]({own}/round) [c]({closed})\n"));
    for _ in 0..2 {
        let done = check(&place, &["--external"]).exits(0);
        let done =
            done.says(&[&format!("`{own}/broken` does not answer"), &format!("`{closed}` does not answer")]);
        done.says(&["again and again", "the next check asks again"]);
        assert!(server.asked().contains(&"HEAD /broken".to_owned()));
    }
}

#[test]
fn the_key_asks_for_it_and_the_menu_is_asked_too() {
    let server = Server::start();
    let own = &server.address;
    let place = project("# T\n");
    place.write(
        "octavo.toml",
        format!("{CONFIG}[links]\nexternal = true\n[[menu]]\ntitle = \"M\"\nto = \"{own}/menu\"\n"),
    );
    check(&place, &[]).exits(0).says(&["octavo.toml:7", "/menu` answers 404"]);
    // What is wrong by itself is told first.
    place.write("experiments/index.md", "# T\n\n[x](nothing.md)\n");
    server.asked();
    place.octavo(&["clean"]).run();
    check(&place, &[]).exits(2).says_nothing_of("external-link");
    assert_eq!(server.asked(), Vec::<String>::new());
    // A build asks nobody.
    place.write("experiments/index.md", "# T\n");
    place.octavo(&["build", "--strict"]).run().exits(0);
    assert_eq!(server.asked(), Vec::<String>::new());
}
