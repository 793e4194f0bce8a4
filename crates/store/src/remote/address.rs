//! Where another store is.

use std::fmt::Write;
use std::net::IpAddr;

use octavo_definition::plain;

/// `http://` or `https://`, a host, and perhaps a port and a path; of a bucket of S3, this is where it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Without `/` at its end.
    text: String,
    /// So many bytes of it say scheme, host and port.
    origin: usize,
    bucket: Option<Bucket>,
}

/// What a bucket is called beside where it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    /// `s3://`, its name, and perhaps a prefix of names in it.
    pub(super) text: String,
    pub(super) region: String,
}

/// Why a text is no address of a store. It never shows what may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAddress {
    /// It has no form that is known.
    #[error("`{0}` is no address of a store; write it as in `https://example.org/octavo`")]
    Form(String),
    /// It names who asks.
    #[error(
        "the address of a store holds a user name or password; leave it out, and put what gives access into OCTAVO_STORE_TOKEN"
    )]
    Credentials,
    /// It names no bucket of S3.
    #[error(
        "`{0}` is no bucket; write it as in `s3://bucket/prefix`, with the 3 to 63 small letters, digits, `-` and `.` of its name"
    )]
    Bucket(String),
    /// Where a bucket is, nothing says.
    #[error(
        "nothing says in which region `{0}` is; write `region = \"eu-central-1\"` into `[store]` of `octavo.toml`, or set AWS_REGION"
    )]
    Region(String),
}

impl Address {
    /// An address as somebody writes it.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, WrongAddress> {
        let whole = text.trim_end_matches('/');
        let wrong = || WrongAddress::Form(plain::line(text));
        let scheme = ["https://", "http://"].into_iter().find(|scheme| whole.starts_with(scheme));
        let Some(scheme) = scheme else {
            return Err(if text.contains('@') { WrongAddress::Credentials } else { wrong() });
        };
        let authority = whole[scheme.len()..].split('/').next().unwrap_or_default();
        if whole.contains('@') {
            return Err(WrongAddress::Credentials);
        }
        let is_odd =
            |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii() || "?#\"<>\\^`{|}".contains(c);
        if host_of(authority).is_none() || whole.contains(is_odd) {
            return Err(wrong());
        }
        Ok(Self { text: whole.to_owned(), origin: scheme.len() + authority.len(), bucket: None })
    }

    /// `s3://BUCKET/PREFIX`, in a region, as a service of Amazon or at another endpoint.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of_bucket(text: &str, region: Option<&str>, endpoint: Option<&str>) -> Result<Self, WrongAddress> {
        let wrong = || WrongAddress::Bucket(plain::line(text));
        if text.contains('@') {
            return Err(WrongAddress::Credentials);
        }
        let text = text.trim_end_matches('/');
        let rest = text.strip_prefix("s3://").ok_or_else(wrong)?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_odd = |segment: &str| matches!(segment, "" | "." | "..");
        let has_odd = !prefix.is_empty() && prefix.split('/').any(is_odd);
        if !is_bucket(name) || has_odd || text.contains(char::is_control) {
            return Err(wrong());
        }
        let region = region.or(endpoint.map(|_| "us-east-1"));
        let region = region.ok_or_else(|| WrongAddress::Region(plain::line(text)))?;
        if region.is_empty() || !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(WrongAddress::Region(plain::line(text)));
        }
        let base = match endpoint {
            Some(endpoint) => format!("{}/{name}", endpoint.trim_end_matches('/')),
            // A certificate vouches for no name with a dot before that of the service.
            None if name.contains('.') => format!("https://s3.{region}.amazonaws.com/{name}"),
            None => format!("https://{name}.s3.{region}.amazonaws.com"),
        };
        let below = if prefix.is_empty() { String::new() } else { format!("/{}", escaped(prefix)) };
        let bucket = Bucket { text: text.to_owned(), region: region.to_owned() };
        Ok(Self { bucket: Some(bucket), ..Self::parse(&format!("{base}{below}"))? })
    }

    /// Whether a text names a bucket.
    pub fn names_bucket(text: &str) -> bool {
        text.starts_with("s3:")
    }

    /// The address as it was written.
    pub fn text(&self) -> &str {
        self.bucket.as_ref().map_or(&self.text, |bucket| &bucket.text)
    }

    /// What the bucket is called, if it is one.
    pub(super) fn bucket(&self) -> Option<&Bucket> {
        self.bucket.as_ref()
    }

    /// Host and port of an address at this host, and what is asked for there.
    #[cfg(any(test, feature = "s3"))]
    pub(super) fn parts<'a>(&'a self, address: &'a str) -> (&'a str, &'a str) {
        let origin = &self.text[..self.origin];
        let path = address.get(self.origin..).unwrap_or_default();
        (origin.split_once("//").map_or("", |(_, authority)| authority), path)
    }

    /// Whether nobody on the way can read what is sent.
    pub fn is_encrypted(&self) -> bool {
        self.text.starts_with("https://")
    }

    /// Whether it is this machine.
    pub(super) fn is_here(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Whether it is this machine or one of a network of one's own, by its name or number.
    pub(super) fn is_near(&self) -> bool {
        let host = self.host();
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
            Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
            Err(_) => {
                !host.contains('.')
                    || [".local", ".lan", ".internal", ".home.arpa"].iter().any(|end| host.ends_with(end))
            }
        }
    }

    /// The address of something below it.
    pub(super) fn of(&self, name: &str) -> String {
        format!("{}/{name}", self.text)
    }

    /// Where an answer sends that says `location`.
    ///
    /// # Errors
    /// The host, if it is another one than here, or what is no address.
    pub(super) fn sent_to(&self, location: &str) -> Result<String, String> {
        let origin = &self.text[..self.origin];
        if location.starts_with('/') && !location.starts_with("//") {
            return Ok(format!("{origin}{location}"));
        }
        let below = location.strip_prefix(origin);
        if below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])) {
            return Ok(location.to_owned());
        }
        let rest = location.split_once("//").map_or(location, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // What stands before `@` may be a password.
        Err(plain::line(authority.rsplit('@').next().unwrap_or_default()))
    }

    fn host(&self) -> &str {
        let authority = self.text[..self.origin].split_once("//").map_or("", |(_, authority)| authority);
        host_of(authority).unwrap_or_default()
    }
}

/// The host of `HOST` or `HOST:PORT`, without the brackets of a number of IPv6.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let named = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':');
    (named && port.is_none_or(|port| port.parse::<u16>().is_ok())).then_some(host)
}

/// Whether a bucket can have this name.
fn is_bucket(name: &str) -> bool {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(is_end) && name.bytes().last().is_some_and(is_end);
    let is_inner = |byte: u8| is_end(byte) || matches!(byte, b'-' | b'.');
    ends && (3..=63).contains(&name.len()) && name.bytes().all(is_inner) && !name.contains("..")
}

/// A path as it stands in an address and under a signature: of a character that is no letter, digit or one of `-._~/`, the bytes.
pub(super) fn escaped(path: &str) -> String {
    let mut all = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'/' => all.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => all.push(char::from(byte)),
            _ => {
                let _ = write!(all, "%{byte:02X}");
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn an_address_has_a_host_and_nothing_secret() {
        for good in ["http://localhost:8000/", "https://example.org/a/b", "http://[::1]:9", "http://10.0.0.1"]
        {
            assert_eq!(address(good).of("x"), format!("{}/x", good.trim_end_matches('/')));
        }
        for bad in [
            "",
            "example.org",
            "ftp://a",
            "http://",
            "http://:80",
            "http://a:b",
            "http://a:99999",
            "http://a/?x",
            "http://a b",
            "http://[::1",
            "http://é.org",
        ] {
            assert!(matches!(Address::parse(bad), Err(WrongAddress::Form(_))), "{bad}");
        }
        for secret in ["https://me:secret@example.org", "me:secret@example.org", "http://a/me:secret@b"] {
            let wrong = Address::parse(secret).unwrap_err();
            assert!(!wrong.to_string().contains("secret"), "{wrong}");
        }
    }

    #[test]
    fn near_is_what_no_stranger_is_between() {
        let near = |text: &str| (address(text).is_here(), address(text).is_near());
        for here in ["http://localhost", "http://127.0.0.1:80/a", "http://[::1]:80"] {
            assert_eq!(near(here), (true, true), "{here}");
        }
        for own in [
            "http://10.1.2.3",
            "http://192.168.1.1",
            "http://store",
            "http://store.lan:1",
            "http://[fd00::1]",
        ] {
            assert_eq!(near(own), (false, true), "{own}");
        }
        for far in ["http://example.org", "http://8.8.8.8", "http://localhost.example.org"] {
            assert_eq!(near(far), (false, false), "{far}");
        }
    }

    #[test]
    fn nothing_is_followed_to_another_host() {
        let store = address("http://a.org:80/x");
        assert_eq!(store.sent_to("/y/z"), Ok("http://a.org:80/y/z".to_owned()));
        assert_eq!(store.sent_to("http://a.org:80/y"), Ok("http://a.org:80/y".to_owned()));
        for (elsewhere, host) in [
            ("http://b.org/y", "b.org"),
            ("//b.org/y", "b.org"),
            ("http://a.org:81/y", "a.org:81"),
            ("https://a.org:80/y", "a.org:80"),
            ("http://a.org:80@b.org/y", "b.org"),
            ("http://a.org:80.b.org/y", "a.org:80.b.org"),
            ("y", "y"),
        ] {
            assert_eq!(store.sent_to(elsewhere), Err(host.to_owned()), "{elsewhere}");
        }
    }

    #[test]
    fn a_bucket_is_asked_at_amazon_or_at_another_endpoint() {
        let of = |text: &str, region, endpoint| {
            let address = Address::of_bucket(text, region, endpoint)?;
            Ok::<_, WrongAddress>((address.text().to_owned(), address.of("x")))
        };
        let home = Some("eu-central-1");
        for (text, endpoint, expected) in [
            ("s3://results", None, "https://results.s3.eu-central-1.amazonaws.com/x"),
            ("s3://results/a b/c=d", None, "https://results.s3.eu-central-1.amazonaws.com/a%20b/c%3Dd/x"),
            ("s3://my.results/a", None, "https://s3.eu-central-1.amazonaws.com/my.results/a/x"),
            ("s3://results/a", Some("http://minio:9000/"), "http://minio:9000/results/a/x"),
        ] {
            assert_eq!(of(text, home, endpoint), Ok((text.to_owned(), expected.to_owned())));
        }
        assert_eq!(of("s3://results/", home, None).unwrap().0, "s3://results");
        assert!(of("s3://results", None, Some("http://minio")).is_ok(), "no region is asked for there");
        assert!(matches!(of("s3://results", None, None), Err(WrongAddress::Region(_))));
        assert!(matches!(of("s3://results", Some("a.b/"), None), Err(WrongAddress::Region(_))));
        for bad in
            ["s3://", "s3:/results", "s3://R", "s3://Results", "s3://re_sults", "s3://-results", "s3://a..b"]
        {
            assert!(matches!(of(bad, home, None), Err(WrongAddress::Bucket(_))), "{bad}");
        }
        for bad in ["s3://results/a//b", "s3://results/../b", "s3://results/./b", "s3://results/a\nb"] {
            assert!(matches!(of(bad, home, None), Err(WrongAddress::Bucket(_))), "{bad}");
        }
        assert_eq!(of("s3://id:secret@results", home, None), Err(WrongAddress::Credentials));
        let address = Address::of_bucket("s3://results/a", home, Some("http://minio:9000")).unwrap();
        assert_eq!(address.parts("http://minio:9000/results/a/x"), ("minio:9000", "/results/a/x"));
    }
}
