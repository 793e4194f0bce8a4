//! How a file of delimited text is written, as its author declares it beside the file's name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a CSV file is written: `{ file = "a.csv", separator = ";", decimal = "," }`. What is left out is as in RFC 4180: commas
/// between cells, points before decimals, UTF-8, and a cell that lacks its value is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TextForm {
    /// What stands between two cells of a CSV file, `,` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<Separator>,
    /// What stands before the decimals of a number, `.` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<Decimal>,
    /// What stands between groups of three digits, nothing if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<Thousands>,
    /// Cells that mean that a value is missing, beside an empty one where a number is needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// How characters are written, `utf-8` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
}

/// What parts cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Separator {
    /// Commas.
    #[serde(rename = ",")]
    Comma,
    /// Semicolons.
    #[serde(rename = ";")]
    Semicolon,
    /// Tabulators.
    #[serde(rename = "\t")]
    Tab,
    /// Vertical bars.
    #[serde(rename = "|")]
    Bar,
}

/// What stands before decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Decimal {
    /// A point.
    #[serde(rename = ".")]
    Point,
    /// A comma.
    #[serde(rename = ",")]
    Comma,
}

/// What parts groups of three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Thousands {
    /// A comma.
    #[serde(rename = ",")]
    Comma,
    /// A point.
    #[serde(rename = ".")]
    Point,
    /// A blank, also one that does not break.
    #[serde(rename = " ")]
    Blank,
    /// An apostrophe, straight or curved.
    #[serde(rename = "'")]
    Apostrophe,
    /// A low line.
    #[serde(rename = "_")]
    LowLine,
}

/// How characters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1: a byte a character.
    #[serde(rename = "latin-1")]
    Latin1,
    /// What Windows calls ANSI in western Europe.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Separator {
    /// All of them, in the order in which a file is searched for them.
    pub(super) const ALL: [Self; 4] = [Self::Semicolon, Self::Tab, Self::Bar, Self::Comma];

    /// The sign.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Bar => '|',
        }
    }

    /// The sign as a TOML text holds it.
    pub(super) fn written(self) -> String {
        self.sign().escape_default().to_string()
    }
}

impl Thousands {
    /// Whether this sign parts groups of digits.
    pub(super) fn is(self, sign: char) -> bool {
        match self {
            Self::Comma => sign == ',',
            Self::Point => sign == '.',
            Self::Blank => is_blank(sign),
            Self::Apostrophe => matches!(sign, '\'' | '\u{2019}'),
            Self::LowLine => sign == '_',
        }
    }

    fn written(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
            Self::Blank => ' ',
            Self::Apostrophe => '\'',
            Self::LowLine => '_',
        }
    }
}

/// What may stand around a cell and is no part of it.
pub(super) fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

impl TextForm {
    /// Whether nothing is declared.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What contradicts itself: the key, what is wrong, and what to do. A separator may also stand within numbers: their cells
    /// are in quotation marks then.
    pub fn problem(&self) -> Option<(&'static str, String, &'static str)> {
        let decimal = self.decimal();
        self.thousands.filter(|thousands| thousands.is(decimal))?;
        let message = format!("groups of digits and decimals are both parted by `{decimal}`");
        Some(("thousands", message, "each sign has one meaning: change `decimal` or `thousands`"))
    }

    pub(crate) fn separator(&self) -> Separator {
        self.separator.unwrap_or(Separator::Comma)
    }

    pub(super) fn decimal(&self) -> char {
        if self.decimal == Some(Decimal::Comma) { ',' } else { '.' }
    }

    /// Whether a cell says that its value is missing.
    pub(crate) fn is_missing(&self, text: &str) -> bool {
        self.missing.iter().any(|word| word == text)
    }

    /// The declaration of a file in this form, as a definition has it.
    pub(super) fn declared(&self, file: &str) -> String {
        let mut keys = vec![format!("file = \"{file}\"")];
        keys.extend(self.separator.map(|separator| format!("separator = \"{}\"", separator.written())));
        keys.extend(self.decimal.map(|_| format!("decimal = \"{}\"", self.decimal())));
        keys.extend(self.thousands.map(|thousands| format!("thousands = \"{}\"", thousands.written())));
        if !self.missing.is_empty() {
            let words: Vec<String> = self.missing.iter().map(|word| format!("\"{word}\"")).collect();
            keys.push(format!("missing = [{}]", words.join(", ")));
        }
        keys.extend(self.encoding.map(|encoding| format!("encoding = \"{}\"", encoding.written())));
        format!("`{{ {} }}`", keys.join(", "))
    }
}

impl Encoding {
    fn written(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
            Self::Windows1252 => "windows-1252",
        }
    }
}
