//! What shows that somebody may ask.

use ureq::http::header::AUTHORIZATION;
use ureq::http::{HeaderName, HeaderValue, Method};

use super::address::Address;
use super::{Access, Keys, Unusable};

/// What is sent with every request to show who asks.
pub(super) enum Shown {
    Nothing,
    Token(HeaderValue),
    Keys(Keys),
}

impl Shown {
    /// What is sent to show this.
    ///
    /// # Errors
    /// If no header can hold it.
    pub(super) fn new(access: Access) -> Result<Self, Unusable> {
        Ok(match access {
            Access::Open => Self::Nothing,
            Access::Token(token) => Self::Token(
                sensitive(&format!("Bearer {token}")).ok_or(Unusable::Token("OCTAVO_STORE_TOKEN"))?,
            ),
            Access::Keys(keys) => {
                let parts = [Some(&keys.id), Some(&keys.secret), keys.session.as_ref()];
                let is_odd = |part: &&String| sensitive(part).is_none();
                if parts.into_iter().flatten().any(|part| is_odd(&part)) {
                    return Err(Unusable::Token(
                        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN",
                    ));
                }
                Self::Keys(keys)
            }
        })
    }

    /// The headers of a request to an address at the host of a store.
    pub(super) fn headers(
        &self,
        method: &Method,
        store: &Address,
        address: &str,
        payload: &[u8],
    ) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Token(token) => vec![(AUTHORIZATION, token.clone())],
            Self::Keys(keys) => signed(keys, method, store, address, payload),
        }
    }
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(feature = "s3")]
fn signed(
    keys: &Keys,
    method: &Method,
    store: &Address,
    address: &str,
    payload: &[u8],
) -> Vec<(HeaderName, HeaderValue)> {
    let Some(bucket) = store.bucket() else { return Vec::new() };
    let (host, path) = store.parts(address);
    let time = crate::date::iso(crate::environment::seconds_since_1970());
    let time: String = time.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let signed = super::signature::Signed {
        method: method.as_str(),
        path,
        headers: &[("host", host)],
        payload,
        region: &bucket.region,
        time: &time,
    };
    // Names are ours, and values were tried before: none is left out.
    let header =
        |(name, value): (&'static str, String)| Some((HeaderName::from_static(name), sensitive(&value)?));
    let own = signed.headers(keys).into_iter().filter_map(header);
    own.chain(HeaderValue::from_str(host).ok().map(|host| (ureq::http::header::HOST, host))).collect()
}

#[cfg(not(feature = "s3"))]
fn signed(
    _keys: &Keys,
    _method: &Method,
    _store: &Address,
    _address: &str,
    _payload: &[u8],
) -> Vec<(HeaderName, HeaderValue)> {
    Vec::new()
}
