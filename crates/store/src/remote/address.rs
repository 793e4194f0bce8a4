//! Where another store is.

use std::net::IpAddr;

use octavo_definition::plain;

/// `http://` or `https://`, a host, and perhaps a port and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Without `/` at its end.
    text: String,
    /// So many bytes of it say scheme, host and port.
    origin: usize,
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
        Ok(Self { text: whole.to_owned(), origin: scheme.len() + authority.len() })
    }

    /// The address as a text.
    pub fn text(&self) -> &str {
        &self.text
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
}
