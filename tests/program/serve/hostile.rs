//! What no browser of somebody who writes sends: it is refused, and costs nothing.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use super::client::Server;
use crate::harness::Place;

fn project() -> Place {
    Place::project(&[("index.md", "# Home\n\n[A page](a/b.md)\n"), ("a/b.md", "# B\n\nText.\n")])
}

#[test]
fn other_hosts_methods_and_paths_are_refused_on_every_route() {
    let (place, secret) = (project(), "octavo = \"1\"");
    let server = Server::start(&place, &[]);
    assert_eq!(server.get("/").status, 200);
    let status = |request: &str, host: &str| {
        let answer = server.send(format!("{request}\r\nHost: {host}\r\n\r\n").as_bytes());
        assert!(!answer.contains(secret), "{answer}");
        answer.split(' ').nth(1).unwrap_or_else(|| panic!("{request}: {answer:?}")).to_owned()
    };
    let own = format!("localhost:{}", server.port);
    let routes = [
        "/",
        "/index.html",
        "/a/b.html",
        "/assets/style.css",
        "/.octavo/serve.js",
        "/.octavo/events",
        "/none",
    ];
    for route in routes {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "DELETE"] {
            for host in ["example.org", "localhost", "example.org:80", "127.0.0.1.example.org", ""] {
                assert_eq!(
                    status(&format!("{method} {route} HTTP/1.1"), host),
                    "403",
                    "{method} {route} {host}"
                );
            }
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
            assert_eq!(status(&format!("{method} {route} HTTP/1.1"), &own), "405", "{method} {route}");
        }
    }
    for path in [
        "/../octavo.toml",
        "/a/../../octavo.toml",
        "/%2e%2e/octavo.toml",
        "/..%2foctavo.toml",
        "/a%5c..%5c..%5coctavo.toml",
        "/octavo.toml%00.html",
        "//etc/passwd",
        "/%zz",
    ] {
        assert_eq!(status(&format!("GET {path} HTTP/1.1"), &own), "400", "{path}");
    }
    for path in
        ["/octavo.toml", "/experiments/index.md", "/index.md", "/.octavo/version", "/.octavo/../octavo.toml"]
    {
        assert!(["404", "400"].contains(&&*status(&format!("GET {path} HTTP/1.1"), &own)), "{path}");
    }
    assert_eq!(status("GET http://localhost/ HTTP/1.1", &own), "400");
    assert_eq!(status("nonsense", &own), "400");
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(20_000)), &own), "431");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn links_lead_nowhere_out_of_the_site() {
    let place = project();
    place.write("secret.txt", "a secret");
    place.write("experiments/index.md", "# Home\n\n[A file](data.txt)\n");
    place.write("experiments/data.txt", "a file");
    let server = Server::start(&place, &[]);
    assert_eq!(server.get("/files/data.txt").body, "a file");
    // A link in place of the file, and nobody has looked at it yet.
    std::fs::remove_file(place.path("experiments/data.txt")).unwrap();
    std::os::unix::fs::symlink(place.path("../../etc/passwd"), place.path("experiments/data.txt")).unwrap();
    let answer = server.get("/files/data.txt");
    assert!(!answer.body.contains("root:"), "{}", answer.body);
    std::fs::create_dir(place.path("site")).unwrap();
    std::os::unix::fs::symlink(place.path("secret.txt"), place.path("site/secret.txt")).unwrap();
    assert_eq!(server.get("/secret.txt").status, 404);
}

#[test]
fn who_is_slow_to_ask_takes_nothing_from_others() {
    let place = project();
    let server = Server::start(&place, &[]);
    assert_eq!(server.get("/").status, 200);
    let mut slow: Vec<_> = (0..300).map(|_| server.connect()).collect();
    for stream in &mut slow {
        // Those that were closed in favour of others cannot be written to.
        let _ = stream.write_all(b"GET / HT");
    }
    for _ in 0..5 {
        assert_eq!(server.get("/a/b.html").status, 200);
    }
    // Pages that are closed again give their places back.
    for _ in 0..3 {
        (0..50).for_each(|_| drop(server.events()));
        std::thread::sleep(Duration::from_secs(2));
    }
    drop(slow);
    server.events();
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn the_command_line_is_held_and_the_port_is_given_back() {
    let place = project();
    place
        .octavo(&["serve", "--output", "x"])
        .run()
        .exits(2)
        .says(&["error[usage]: `octavo serve` writes no site", "octavo build --output FOLDER"]);
    Place::new().octavo(&["serve"]).run().exits(2).says(&["error[no-project]"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let server = Server::start(&place, &["--port", &port.to_string()]);
    assert!(server.port > port && server.port < port + 100, "{} and {port}", server.port);
    let own = server.port;
    server.events();
    assert_eq!(server.interrupt().code(), Some(0));
    TcpListener::bind(("127.0.0.1", own)).unwrap();
}
