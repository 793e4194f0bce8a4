//! Whether a PDF is one page that does nothing by itself. Its bytes are handed on as they are: a reader downloads it, and no page shows it.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// Most bytes of a PDF.
const MOST_BYTES: usize = 16 << 20;
/// Most bytes of a stream of objects when it is unpacked.
const MOST_OBJECTS: u64 = 16 << 20;
/// Names of what acts when a file is opened or looked at, of what leads elsewhere, and of what hides the rest.
const ACTS: &[&str] = &[
    "AA",
    "AcroForm",
    "EmbeddedFile",
    "EmbeddedFiles",
    "Encrypt",
    "GoToE",
    "GoToR",
    "ImportData",
    "JS",
    "JavaScript",
    "Launch",
    "Movie",
    "OpenAction",
    "RichMedia",
    "Sound",
    "SubmitForm",
    "URI",
    "XFA",
];

/// Holds a PDF against what may be offered for download beside a picture.
///
/// # Errors
/// A sentence with the next step.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    if !bytes.starts_with(b"%PDF-") {
        return Err("the PDF does not begin with `%PDF-`: save it again".to_owned());
    }
    if bytes.len() > MOST_BYTES {
        return Err(format!(
            "the PDF has {} bytes, more than {} MiB: draw less",
            bytes.len(),
            MOST_BYTES >> 20
        ));
    }
    let tail = &bytes[bytes.len().saturating_sub(1024)..];
    if find(tail, b"%%EOF").is_none() {
        return Err("the PDF is cut off: its last lines have no `%%EOF`".to_owned());
    }
    let mut names = Names::default();
    look_through(bytes, &mut names)?;
    if let Some(act) = &names.acting {
        return Err(format!(
            "the PDF has `/{act}`, by which it would act or lead elsewhere when it is opened: save the page alone"
        ));
    }
    match names.pages {
        1 => Ok(()),
        count => Err(format!("the PDF has {count} pages, and a figure is one: save one page a file")),
    }
}

#[derive(Default)]
struct Names {
    pages: usize,
    acting: Option<String>,
}

/// Reads the names of all objects, those that are packed in streams of objects, too. Other streams hold drawings, fonts and pixels.
fn look_through(bytes: &[u8], names: &mut Names) -> Result<(), String> {
    let mut rest = bytes;
    while let Some(at) = stream(rest) {
        let (objects, after) = rest.split_at(at);
        names.read(objects);
        let content = &after[b"stream".len()..];
        let end = find(content, b"endstream").ok_or("the PDF has a stream without an end")?;
        if written(objects).any(|name| name == "ObjStm") {
            names.read(&unpacked(&content[..end])?);
        }
        rest = &content[end + b"endstream".len()..];
    }
    names.read(rest);
    Ok(())
}

/// Where the next stream begins: the word `stream` after a dictionary, and not within a text or a remark.
fn stream(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if depth > 0 => at += 1,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'%' if depth == 0 => at += bytes[at..].iter().take_while(|byte| !b"\r\n".contains(byte)).count(),
            b's' if depth == 0 && bytes[at..].starts_with(b"stream") => {
                let before = bytes[..at].trim_ascii_end();
                if before.ends_with(b">>") {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn unpacked(content: &[u8]) -> Result<Vec<u8>, String> {
    let start = content.iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let mut objects = Vec::new();
    let read = ZlibDecoder::new(&content[start..]).take(MOST_OBJECTS + 1).read_to_end(&mut objects);
    if read.is_err() || objects.len() as u64 > MOST_OBJECTS {
        return Err(
            "the PDF packs its objects in a way that is not understood: save it as PDF 1.4".to_owned()
        );
    }
    Ok(objects)
}

impl Names {
    fn read(&mut self, objects: &[u8]) {
        let mut before = String::new();
        for name in written(objects) {
            self.pages += usize::from(before == "Type" && name == "Page");
            if self.acting.is_none() && ACTS.contains(&name.as_str()) {
                self.acting = Some(name.clone());
            }
            before = name;
        }
    }
}

/// The names in a part of a file, `#41` in them read as `A`.
fn written(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0 || b"/<>[](){}%".contains(byte);
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at + 1);
    starts.map(move |start| {
        let raw = &bytes[start..];
        let raw = &raw[..raw.iter().position(ends).unwrap_or(raw.len()).min(127)];
        let mut name = String::new();
        let mut at = 0;
        while at < raw.len() {
            let code = (raw[at] == b'#').then(|| raw.get(at + 1..at + 3)).flatten();
            let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
            name.push(char::from(code.unwrap_or(raw[at])));
            at += if code.is_some() { 3 } else { 1 };
        }
        name
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let first = what[0];
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(what) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}
