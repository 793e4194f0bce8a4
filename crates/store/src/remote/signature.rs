//! Requests that are signed as S3 asks for it: version 4 of Amazon's signatures, in headers.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Keys;

/// What is signed of a request.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// What is asked for, as it is sent: with `/` before it and no query.
    pub(super) path: &'a str,
    /// The host and what else the signature is to hold, with small names.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) payload: &'a [u8],
    pub(super) region: &'a str,
    /// A time such as `20130524T000000Z`.
    pub(super) time: &'a str,
}

impl Signed<'_> {
    /// Names and values of the headers that show who asks.
    pub(super) fn headers(&self, keys: &Keys) -> Vec<(&'static str, String)> {
        let mut own =
            vec![("x-amz-content-sha256", digest(self.payload)), ("x-amz-date", self.time.to_owned())];
        own.extend(keys.session.clone().map(|session| ("x-amz-security-token", session)));
        let mut all: Vec<(&str, &str)> = self.headers.to_vec();
        all.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
        all.sort_unstable();
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = all.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let request = format!("{}\n{}\n\n{lines}\n{names}\n{}", self.method, self.path, own[0].1);
        let day = self.time.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", self.time, digest(request.as_bytes()));
        let key = signing_key(&keys.secret, day, self.region, "s3");
        let signature = hex(&hmac(&key, text.as_bytes()));
        let shown = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={signature}",
            keys.id
        );
        own.push(("authorization", shown));
        own
    }
}

/// The key of one day, region and service.
fn signing_key(secret: &str, day: &str, region: &str, service: &str) -> Vec<u8> {
    let first = hmac(format!("AWS4{secret}").as_bytes(), day.as_bytes());
    [region, service, "aws4_request"].iter().fold(first, |key, part| hmac(&key, part.as_bytes()))
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is one");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::address::escaped;
    use super::*;

    /// The signature of a request of Amazon's documentation ("Signature Calculations for the Authorization Header: Transferring Payload in a
    /// Single Chunk"), all of which have the same keys, bucket and time.
    fn signature(method: &str, path: &str, more: &[(&str, &str)], payload: &[u8]) -> String {
        let keys = Keys {
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            session: None,
        };
        let headers: Vec<_> =
            [("host", "examplebucket.s3.amazonaws.com")].iter().chain(more).copied().collect();
        let (region, time) = ("us-east-1", "20130524T000000Z");
        let signed = Signed { method, path, headers: &headers, payload, region, time };
        let all = signed.headers(&keys);
        let shown = &all.last().unwrap().1;
        let start = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,";
        assert!(shown.starts_with(start), "{shown}");
        shown.rsplit_once("Signature=").unwrap().1.to_owned()
    }

    #[test]
    fn the_requests_of_the_documentation_have_its_signatures() {
        assert_eq!(
            signature("GET", "/test.txt", &[("range", "bytes=0-9")], b""),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        let more = [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")];
        assert_eq!(
            signature("PUT", &escaped("/test$file.text"), &more, b"Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
    }

    #[test]
    fn the_key_of_the_documentation_follows_from_its_secret() {
        let key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam");
        assert_eq!(hex(&key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    }

    #[test]
    fn what_shows_a_session_is_signed_and_a_secret_is_in_no_header() {
        let keys =
            Keys { id: "id".to_owned(), secret: "sesame".to_owned(), session: Some("token".to_owned()) };
        let headers = [("host", "minio:9000")];
        let (region, time) = ("us-east-1", "20130524T000000Z");
        let signed = Signed { method: "GET", path: "/a", headers: &headers, payload: b"", region, time };
        let all = signed.headers(&keys);
        assert!(all.contains(&("x-amz-security-token", "token".to_owned())));
        let shown = &all.last().unwrap().1;
        assert!(shown.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"));
        assert!(all.iter().all(|(_, value)| !value.contains("sesame")));
    }
}
