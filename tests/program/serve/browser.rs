//! What a reader's browser makes of all that: the document after an edit, the place of the reader, what lies over the page. A machine without
//! Chromium leaves these out.

use std::io::{BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde_json::{Value as Json, json};

use super::client::{END, Server};
use crate::harness::Place;

/// A browser with one page.
struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    number: u64,
    _profile: Place,
}

fn chromium() -> Option<PathBuf> {
    let path = octavo::environment::search_path()?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}

impl Browser {
    /// Chromium that is told by its descriptor 3 what to do, and answers on 4.
    fn start(program: &PathBuf) -> Self {
        let profile = Place::new();
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"])
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
            .args(["--remote-debugging-pipe", "--window-size=900,600"])
            .arg(format!("--user-data-dir={}", profile.path("").display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self { child, to, from, session: None, number: 0, _profile: profile };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        browser
    }

    fn call(&mut self, method: &str, params: &Json) -> Json {
        self.ask(method, params).unwrap_or_else(|why| panic!("{method}: {why}"))
    }

    /// The result, or what went wrong.
    fn ask(&mut self, method: &str, params: &Json) -> Result<Json, String> {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(b"\0").unwrap();
        loop {
            let mut text = Vec::new();
            let mut byte = [0];
            while self.from.read_exact(&mut byte).is_ok() && byte != [0] {
                text.push(byte[0]);
            }
            let answer: Json = serde_json::from_slice(&text).expect("the browser answers");
            if answer["id"] == self.number {
                let error = &answer["error"];
                return if error.is_null() { Ok(answer["result"].clone()) } else { Err(error.to_string()) };
            }
        }
    }

    fn open(&mut self, server: &Server, route: &str) {
        let url = format!("http://localhost:{}/{route}", server.port);
        self.call("Page.navigate", &json!({ "url": url }));
        self.wait("document.readyState === 'complete' && !!document.querySelector('octavo-serve')");
    }

    fn run(&mut self, script: &str) -> Json {
        let asked = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        loop {
            match self.ask("Runtime.evaluate", &asked) {
                Ok(found) => return found["result"]["value"].clone(),
                // A page may load itself anew while it is asked.
                Err(why) if why.contains("navigated") => {}
                Err(why) => panic!("{script}: {why}"),
            }
        }
    }

    /// Waits until a script is true.
    fn wait(&mut self, script: &str) {
        let begin = Instant::now();
        while self.run(script) != true {
            assert!(begin.elapsed() < END, "{script} never holds; {}", self.run("document.body.innerText"));
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Waits until the page has a text.
    fn shows(&mut self, text: &str) {
        self.wait(&format!("document.body.innerText.includes({})", json!(text)));
    }

    /// Waits until what lies over the page has a text.
    fn lies_over(&mut self, text: &str) {
        self.wait(&format!("{OVER}.innerText.includes({})", json!(text)));
    }
}

const OVER: &str = "document.querySelector('octavo-serve').shadowRoot.querySelector('.problems')";

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page of ten parts, each a window high.
fn long(first: &str, parts: impl Iterator<Item = usize>) -> String {
    let part = |number| format!("\n## Part {number}\n\n{}\n", "Some words of it.\n\n".repeat(20));
    format!("# Long\n\n{first}\n{}", parts.map(part).collect::<String>())
}

/// How far the heading of part 7 is below the upper edge of the window.
const TOP: &str = "Math.round(document.getElementById('part-7').getBoundingClientRect().top)";

#[test]
fn an_edit_changes_the_document_and_the_reader_keeps_the_place() {
    let Some(program) = chromium() else { return };
    let place = Place::project(&[("index.md", "# Home\n"), ("long.md", &long("First words.", 1..11))]);
    let server = Server::start(&place, &[]);
    let mut browser = Browser::start(&program);
    browser.open(&server, "long.html");
    browser.run("window.mark = 1; document.getElementById('part-7').scrollIntoView({ behavior: 'instant' }); scrollBy({ top: 40, behavior: 'instant' })");
    let top = browser.run(TOP);
    assert!(top.as_i64().unwrap().abs() < 300, "{top}");
    // Words above push the place down; the same document goes on.
    place.write("experiments/long.md", long(&"Many more words. \n\n".repeat(30), 1..11));
    browser.shows("Many more words.");
    let stays = format!("Math.abs({TOP} - ({top})) <= 1");
    assert_eq!((browser.run(&stays), browser.run("window.mark")), (true.into(), 1.into()));
    // Headings that come and go are no part of the place, as long as its own stays.
    place.write("experiments/long.md", long("Fewer parts.", 4..11));
    browser.shows("Fewer parts.");
    browser.wait(&stays);
    // A title is in the navigation, too: the page is loaded anew, at the same place.
    let titled = long("Titled.", 1..11).replace("# Long", "# Longer");
    place.write("experiments/long.md", titled);
    browser.shows("Titled.");
    browser.wait("document.title.startsWith('Longer') && document.readyState === 'complete'");
    browser.wait(&stays);
    browser.wait(
        "!!document.querySelector('nav') && document.querySelector('nav').textContent.includes('Longer')",
    );
}

#[test]
fn a_server_that_starts_again_finds_the_reader_at_the_same_place() {
    let Some(program) = chromium() else { return };
    let place = Place::project(&[("index.md", "# Home\n"), ("long.md", &long("First words.", 1..11))]);
    let server = Server::start(&place, &[]);
    let mut browser = Browser::start(&program);
    browser.open(&server, "long.html");
    browser.run("document.getElementById('part-7').scrollIntoView({ behavior: 'instant' })");
    let top = browser.run(TOP);
    let port = server.port.to_string();
    drop(server);
    place.write("experiments/long.md", long("Written meanwhile.", 1..11));
    let _server = Server::start(&place, &["--port", &port]);
    browser.shows("Written meanwhile.");
    browser.wait("document.readyState === 'complete'");
    browser.wait(&format!("Math.abs({TOP} - ({top})) <= 1"));
}

#[test]
fn errors_lie_over_the_page_and_a_missing_page_appears() {
    let Some(program) = chromium() else { return };
    let place = Place::project(&[("index.md", "# Home\n"), ("a.md", "# A\n\nGood words.\n")]);
    let server = Server::start(&place, &[]);
    let mut browser = Browser::start(&program);
    browser.open(&server, "a.html");
    place.write("experiments/a.md", "# A\n\nBad words, <b>[x](nowhere.md)</b> and $\\frac{1}$.\n");
    browser.lies_over("experiments/a.md:3:");
    browser.lies_over("this is the last good page");
    browser.shows("Good words.");
    assert_eq!(browser.run(&format!("{OVER}.querySelectorAll('b').length")), 0, "texts are texts");
    place.write("experiments/a.md", "# A\n\nMended words.\n");
    browser.shows("Mended words.");
    browser.wait(&format!("{OVER}.hidden"));
    browser.open(&server, "later.html");
    place.write("experiments/later.md", "# Later\n\nNow it is there.\n");
    browser.shows("Now it is there.");
    std::fs::remove_file(place.path("experiments/later.md")).unwrap();
    browser.wait("!document.body.innerText.includes('Now it is there.')");
    // A picture that changes is shown as it is now.
    let square =
        |side: u32| format!("<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}'/>");
    place.write("experiments/p.svg", square(10));
    place.write("experiments/a.md", "# A\n\n![A square](p.svg)\n");
    browser.open(&server, "a.html");
    let width = |side: u32| format!("document.querySelector('main img').naturalWidth === {side}");
    browser.wait(&width(10));
    place.write("experiments/p.svg", square(20));
    browser.wait(&width(20));
}
