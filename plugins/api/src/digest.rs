//! Digests of content: BLAKE3, 256 bits, over an unambiguous byte stream.

use std::fmt;
use std::str::FromStr;

/// The BLAKE3 digest of some content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digest of plain bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The digest as 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// The first 12 hexadecimal digits: enough to show to people.
    pub fn short(&self) -> String {
        self.hex()[..12].to_owned()
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a digest of 64 hexadecimal digits")]
pub struct BadDigest(String);

impl FromStr for Digest {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        blake3::Hash::from_hex(text)
            .map(|hash| Self(*hash.as_bytes()))
            .map_err(|_| BadDigest(text.to_owned()))
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hex())
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// [`Digest::of`] bytes that come piece by piece.
#[derive(Clone, Default)]
pub struct DigestOf(blake3::Hasher);

impl DigestOf {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes so far.
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

/// Collects values into one digest. Every part carries its length, so that no two sequences of parts give one stream.
#[derive(Clone)]
pub struct ContentHasher(blake3::Hasher);

impl ContentHasher {
    /// A hasher for one purpose; the same parts under two domains give two digests.
    pub fn new(domain: &str) -> Self {
        let mut hasher = Self(blake3::Hasher::new());
        hasher.bytes(domain.as_bytes());
        hasher
    }

    /// Adds bytes, preceded by their length.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds text, preceded by its length.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Adds a number of fixed width.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// Adds whatever knows its content.
    pub fn add(&mut self, content: &(impl ContentHash + ?Sized)) -> &mut Self {
        content.content_hash(self);
        self
    }

    /// The digest of all that was added.
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

/// A value whose identity is its content. The standard `Hash` will not do: it is free to change between releases and
/// platforms and does not delimit strings.
pub trait ContentHash {
    /// Adds this value to the hasher.
    fn content_hash(&self, hasher: &mut ContentHasher);
}

impl ContentHash for Digest {
    fn content_hash(&self, hasher: &mut ContentHasher) {
        hasher.bytes(&self.0);
    }
}

impl ContentHash for str {
    fn content_hash(&self, hasher: &mut ContentHasher) {
        hasher.text(self);
    }
}

impl ContentHash for serde_json::Value {
    /// Objects are hashed in the order of their keys, numbers by their kind and bits.
    fn content_hash(&self, hasher: &mut ContentHasher) {
        use serde_json::Value as Json;
        match self {
            Json::Null => hasher.number(0),
            Json::Bool(value) => hasher.number(1).number(u64::from(*value)),
            Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), _, _) => hasher.number(2).number(value),
                (None, Some(value), _) => hasher.number(3).number(value.cast_unsigned()),
                (None, None, value) => hasher.number(4).number(value.unwrap_or(f64::NAN).to_bits()),
            },
            Json::String(text) => hasher.number(5).text(text),
            Json::Array(items) => {
                hasher.number(6).number(items.len() as u64);
                items.iter().for_each(|item| item.content_hash(hasher));
                hasher
            }
            Json::Object(map) => {
                let mut keys: Vec<_> = map.keys().collect();
                keys.sort();
                hasher.number(7).number(keys.len() as u64);
                for key in keys {
                    hasher.text(key);
                    map[key].content_hash(hasher);
                }
                hasher
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn digest(value: &serde_json::Value) -> Digest {
        ContentHasher::new("test").add(value).finish()
    }

    #[test]
    fn parts_are_delimited() {
        let join = |parts: &[&str]| {
            let mut hasher = ContentHasher::new("test");
            parts.iter().for_each(|part| {
                hasher.text(part);
            });
            hasher.finish()
        };
        assert_ne!(join(&["ab", "c"]), join(&["a", "bc"]));
        assert_ne!(join(&["ab"]), join(&["ab", ""]));
    }

    #[test]
    fn the_order_of_keys_is_no_content_but_a_kind_is() {
        assert_eq!(digest(&json!({"a": 1, "b": 2})), digest(&json!({"b": 2, "a": 1})));
        assert_ne!(digest(&json!(1)), digest(&json!(1.0)));
        assert_ne!(digest(&json!([])), digest(&json!({})));
        assert_ne!(digest(&json!("1")), digest(&json!(1)));
    }

    #[test]
    fn text_form_round_trips() {
        let digest = Digest::of(b"octavo");
        let mut pieces = DigestOf::default();
        [b"oct", b"avo"].iter().for_each(|piece| pieces.update(*piece));
        assert_eq!(pieces.finish(), digest);
        assert_eq!(digest, digest.hex().parse().unwrap());
        assert!("xyz".parse::<Digest>().is_err());
    }
}
