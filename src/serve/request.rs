//! Requests as bytes, read without a network: who is asked, for what, and what is refused.

/// Longest head of a request, in bytes.
pub(super) const LONGEST_HEAD: usize = 16 * 1024;

/// What a request may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// The head and the body.
    Get,
    /// The head alone.
    Head,
}

/// A request that may be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// The path as it was sent, without a query; it begins with `/`.
    pub(super) path: String,
    /// What stands after `?`, if anything does.
    pub(super) query: String,
}

/// Why a request is not answered with what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no request that a browser sends.
    Malformed,
    /// It is meant for another host than this one.
    ForeignHost,
    /// It wants more than to read.
    Method,
}

/// The end of a head in these bytes: the number of bytes up to the empty line, with it.
pub(super) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let crlf = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let lf = bytes.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
    crlf.into_iter().chain(lf).min()
}

/// A request for the server at this port. The host is checked before anything else: what a page of another site sends here
/// under a name of its own learns nothing, not even which requests are well formed.
///
/// # Errors
/// Why it is refused.
pub(super) fn parse(head: &[u8], port: u16) -> Result<Request, Refusal> {
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next().unwrap_or_default();
    let fields: Vec<&[u8]> = lines.take_while(|line| !line.is_empty()).collect();
    let named = |line: &&[u8]| line.len() > 4 && line[..4].eq_ignore_ascii_case(b"host") && line[4] == b':';
    let hosts: Vec<&[u8]> =
        fields.iter().copied().filter(|line| named(line)).map(|line| line[5..].trim_ascii()).collect();
    match hosts[..] {
        [host] if is_ours(host, port) => {}
        _ => return Err(Refusal::ForeignHost),
    }
    if !fields.iter().all(|line| is_field(line)) {
        return Err(Refusal::Malformed);
    }
    let first = std::str::from_utf8(first).map_err(|_| Refusal::Malformed)?;
    let [method, target, version] = first.split(' ').collect::<Vec<_>>()[..] else {
        return Err(Refusal::Malformed);
    };
    if !["HTTP/1.1", "HTTP/1.0"].contains(&version) {
        return Err(Refusal::Malformed);
    }
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => return Err(Refusal::Method),
    };
    // A target with a host of its own would be for a proxy.
    if !target.starts_with('/') || target.contains('#') || target.bytes().any(|byte| byte.is_ascii_control())
    {
        return Err(Refusal::Malformed);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(Request { method, path: path.to_owned(), query: query.to_owned() })
}

/// Whether a host is this machine's own name for itself, with our port. Nothing is looked up: a name that leads here today is not ours.
fn is_ours(host: &[u8], port: u16) -> bool {
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host == format!("{name}:{port}").as_bytes() || (port == 80 && host == name.as_bytes()))
}

/// Whether a line is a field of a head: a name of letters, digits and signs, a colon, and a value on the same line.
fn is_field(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    colon > 0
        && line[..colon].iter().all(is_name)
        && line[colon..].iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(head: &str) -> Refusal {
        parse(head.as_bytes(), 4000).unwrap_err()
    }

    #[test]
    fn what_a_browser_sends_is_a_request() {
        let head = "GET /a/b.html?x=1 HTTP/1.1\r\nHost: localhost:4000\r\nAccept: */*\r\nX: \u{e9}\r\n\r\n";
        let (path, query) = ("/a/b.html".to_owned(), "x=1".to_owned());
        assert_eq!(parse(head.as_bytes(), 4000), Ok(Request { method: Method::Get, path, query }));
        for host in ["127.0.0.1:4000", "[::1]:4000", "localhost:4000", " \tlocalhost:4000 "] {
            let head = format!("HEAD / HTTP/1.0\nhOsT:{host}\n\n");
            assert_eq!(parse(head.as_bytes(), 4000).unwrap().method, Method::Head, "{host}");
        }
        assert!(parse(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 80).is_ok());
    }

    #[test]
    fn no_other_host_is_answered_whatever_it_asks() {
        let foreign = [
            "example.org",
            "example.org:4000",
            "localhost",
            "localhost:4001",
            "localhost:04000",
            "localhost.:4000",
            "LOCALHOST:4000",
            "127.0.0.2:4000",
            "127.1:4000",
            "0.0.0.0:4000",
            "2130706433:4000",
            "[::]:4000",
            "[::ffff:127.0.0.1]:4000",
            "::1:4000",
            "localhost:4000.example.org",
            "localhost:4000@example.org",
            "localhost:4000, example.org",
            "",
        ];
        for first in [
            "GET / HTTP/1.1",
            "POST / HTTP/1.1",
            "GET /../x HTTP/1.1",
            "nonsense",
            "GET http://localhost:4000/ HTTP/1.1",
        ] {
            for host in foreign {
                assert_eq!(
                    refusal(&format!("{first}\r\nHost: {host}\r\n\r\n")),
                    Refusal::ForeignHost,
                    "{host}"
                );
            }
            assert_eq!(refusal(&format!("{first}\r\n\r\n")), Refusal::ForeignHost);
            let twice = format!("{first}\r\nHost: localhost:4000\r\nHost: example.org\r\n\r\n");
            assert_eq!(refusal(&twice), Refusal::ForeignHost);
            // A space makes it another field, and a field after the end is none.
            assert_eq!(refusal(&format!("{first}\r\nHost : localhost:4000\r\n\r\n")), Refusal::ForeignHost);
            assert_eq!(
                refusal(&format!("{first}\r\n\r\nHost: localhost:4000\r\n\r\n")),
                Refusal::ForeignHost
            );
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        let of = |first: &str| refusal(&format!("{first}\r\nHost: localhost:4000\r\n\r\n"));
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "GETS"] {
            assert_eq!(of(&format!("{method} / HTTP/1.1")), Refusal::Method, "{method}");
        }
        let malformed = [
            "",
            "GET",
            "GET /",
            "GET / HTTP/2",
            "GET  / HTTP/1.1",
            "GET / x HTTP/1.1",
            "GET * HTTP/1.1",
            "GET index.html HTTP/1.1",
            "GET http://localhost:4000/ HTTP/1.1",
            "GET /a#b HTTP/1.1",
            "GET /a\u{0}b HTTP/1.1",
            "GET /a\tb HTTP/1.1",
            "GET /a\u{7f} HTTP/1.1",
        ];
        for first in malformed {
            assert_eq!(of(first), Refusal::Malformed, "{first:?}");
        }
        for field in ["no colon", ": x", "a b: c", "a: \u{0}", " folded: x", "a: \u{1}"] {
            let head = format!("GET / HTTP/1.1\r\nHost: localhost:4000\r\n{field}\r\n\r\n");
            assert_eq!(refusal(&head), Refusal::Malformed, "{field:?}");
        }
        let head = b"GET /\xff HTTP/1.1\r\nHost: localhost:4000\r\n\r\n";
        assert_eq!(parse(head, 4000), Err(Refusal::Malformed));
    }

    #[test]
    fn a_head_ends_with_an_empty_line() {
        assert_eq!(end_of_head(b"GET / HTTP/1.1\r\na: b\r\n"), None);
        assert_eq!(end_of_head(b"a\r\n\r\nrest"), Some(5));
        assert_eq!(end_of_head(b"a\n\nb\r\n\r\n"), Some(3));
        assert_eq!(end_of_head(b""), None);
    }
}
