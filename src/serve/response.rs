//! Heads of responses.

/// The kind of a file, by the end of its name.
pub(super) fn content_type(route: &str) -> &'static str {
    let name = route.rsplit('/').next().unwrap_or(route);
    let end = name.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_ascii_lowercase());
    match end.as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "ipynb" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" | "toml" | "bib" | "py" | "rs" | "log" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        _ => "application/octet-stream",
    }
}

/// How a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    Moved,
    BadRequest,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Timeout,
    HeadTooLarge,
    Unavailable,
}

impl Status {
    /// Its number and name.
    pub(super) fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::Moved => "302 Found",
            Self::BadRequest => "400 Bad Request",
            Self::Forbidden => "403 Forbidden",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::Timeout => "408 Request Timeout",
            Self::HeadTooLarge => "431 Request Header Fields Too Large",
            Self::Unavailable => "503 Service Unavailable",
        }
    }
}

/// The head of a response. A browser keeps nothing: the next request may find another site. No other site's page may take what is served
/// here into itself.
pub(super) fn head(status: Status, kind: &str, length: Option<u64>, more: &str) -> String {
    let length = length.map_or(String::new(), |length| format!("Content-Length: {length}\r\n"));
    format!(
        "HTTP/1.1 {}\r\nContent-Type: {kind}\r\n{length}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
         Cross-Origin-Resource-Policy: same-origin\r\nReferrer-Policy: same-origin\r\nConnection: close\r\n{more}\r\n",
        status.line()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_kind_that_their_names_say() {
        let cases = [
            ("a/index.html", "text/html; charset=utf-8"),
            ("assets/style.css", "text/css; charset=utf-8"),
            ("figures/x.SVG", "image/svg+xml"),
            ("data/a.b/table", "application/octet-stream"),
            ("files/x.tar.gz", "application/gzip"),
            ("html", "application/octet-stream"),
        ];
        for (route, kind) in cases {
            assert_eq!(content_type(route), kind, "{route}");
        }
    }

    #[test]
    fn a_head_ends_with_an_empty_line() {
        let head = head(Status::Ok, "text/plain", Some(3), "Allow: GET, HEAD\r\n");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"));
        assert!(head.ends_with("Connection: close\r\nAllow: GET, HEAD\r\n\r\n"));
    }
}
