//! What is wrong with a CSL file, and where. The library that reads it knows no places, and believes that a style ends.

use std::collections::BTreeMap;
use std::ops::Range;

use hayagriva::citationberg::taxonomy::Variable;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::StrDeserializer;

/// Why a file cannot be used.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) at: Range<usize>,
    pub(super) help: Option<String>,
}

/// What is known of a style before it is read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Whether it asks what was cited before.
    pub(super) positions: bool,
}

/// Elements within elements; known styles have about fifteen.
const DEEPEST: usize = 100;
/// How many macros may run for one work, all that they call counted; known styles have up to some hundred thousand.
const MOST_CALLS: u64 = 5_000_000;

impl Wrong {
    fn new(message: impl Into<String>, at: Range<usize>) -> Self {
        Self { message: message.into(), at, help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// The macros that a part of the style calls, with their places.
type Calls = Vec<(String, Range<usize>)>;

/// Reads the file as XML.
struct Walk<'t> {
    text: &'t str,
    /// Names of the elements that are open.
    open: Vec<String>,
    /// What each macro calls; what stands in none is called ``.
    macros: BTreeMap<String, Calls>,
    /// The macro that is open.
    inside: String,
    parent: Option<(String, Range<usize>)>,
    cites: bool,
    /// Whether there is an element.
    any: bool,
    found: Found,
}

/// Whether the file is a style that can be used, as far as its XML tells.
pub(super) fn check(text: &str) -> Result<Found, Wrong> {
    let mut walk = Walk {
        text,
        open: Vec::new(),
        macros: BTreeMap::from([(String::new(), Calls::new())]),
        inside: String::new(),
        parent: None,
        cites: false,
        any: false,
        found: Found::default(),
    };
    walk.read()?;
    if let (Some((parent, at)), false) = (walk.parent, walk.cites) {
        let message = format!("this is a dependent style: it says only that it looks like `{parent}`");
        return Err(Wrong::new(message, at).help("save that style in the project and name it instead"));
    }
    check_macros(&walk.macros)?;
    Ok(walk.found)
}

impl Walk<'_> {
    fn read(&mut self) -> Result<(), Wrong> {
        let mut reader = Reader::from_str(self.text);
        loop {
            let start = offset(reader.buffer_position());
            let event = reader.read_event();
            let end = offset(reader.buffer_position());
            match event {
                Ok(Event::Start(element)) => self.start(&element, start..end)?,
                Ok(Event::Empty(element)) => {
                    self.start(&element, start..end)?;
                    self.end();
                }
                Ok(Event::End(_)) => self.end(),
                Ok(Event::DocType(_)) => {
                    return Err(Wrong::new("a style has no document type of its own", start..end));
                }
                Ok(Event::Eof) => return self.finish(end),
                Ok(_) => {}
                Err(error) => {
                    let at = offset(reader.error_position()).min(self.text.len());
                    return Err(Wrong::new(format!("this is no XML: {error}"), at..at));
                }
            }
        }
    }

    fn finish(&self, end: usize) -> Result<(), Wrong> {
        match self.open.last() {
            Some(name) => Err(Wrong::new(format!("the file ends before `</{name}>`"), end..end)),
            None if !self.any => Err(Wrong::new("this is no CSL style: it has no `<style>`", 0..0)),
            None => Ok(()),
        }
    }

    fn start(&mut self, element: &BytesStart<'_>, at: Range<usize>) -> Result<(), Wrong> {
        let name = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
        if self.open.is_empty() && name != "style" {
            let wrong = Wrong::new(format!("this is no CSL style: it is a `{name}`"), at);
            return Err(wrong.help("name a file that ends in `.csl`, with `<style ...>` around all"));
        }
        if self.open.len() >= DEEPEST {
            return Err(Wrong::new("elements stand too deep in each other", at));
        }
        let mut attributes = BTreeMap::new();
        for attribute in element.attributes() {
            let attribute =
                attribute.map_err(|error| Wrong::new(format!("this is no XML: {error}"), at.clone()))?;
            let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            let value = attribute.unescape_value();
            let value = value.map_err(|error| Wrong::new(format!("this is no XML: {error}"), at.clone()))?;
            attributes.insert(key, value.into_owned());
        }
        self.element(&name, &attributes, at)?;
        self.any = true;
        self.open.push(name);
        Ok(())
    }

    fn element(
        &mut self,
        name: &str,
        attributes: &BTreeMap<String, String>,
        at: Range<usize>,
    ) -> Result<(), Wrong> {
        let value = |key: &str| attributes.get(key).map(String::as_str);
        match name {
            "style" if value("class") == Some("note") => {
                let wrong = Wrong::new("this style cites in footnotes, and pages cite in the text", at);
                return Err(
                    wrong.help("choose a style whose `class` is `in-text`, by author and date or by numbers")
                );
            }
            "style" if value("class").is_some_and(|class| class != "in-text") => {
                return Err(Wrong::new("the `class` of a style is `in-text` or `note`", at));
            }
            "citation" if self.open.len() == 1 => self.cites = true,
            "link" if value("rel") == Some("independent-parent") => {
                self.parent = Some((value("href").unwrap_or_default().to_owned(), at.clone()));
            }
            "macro" => {
                self.inside = value("name").unwrap_or_default().to_owned();
                self.macros.entry(self.inside.clone()).or_default();
            }
            _ => {}
        }
        let mut variables = value("variable").unwrap_or_default().split_whitespace();
        if let Some(unknown) = variables.find(|name| !is_variable(name)) {
            return Err(Wrong::new(format!("there is no variable `{unknown}`"), at));
        }
        self.found.positions |= value("position").is_some();
        if let Some(called) = value("macro") {
            self.macros.entry(self.inside.clone()).or_default().push((called.to_owned(), at));
        }
        Ok(())
    }

    fn end(&mut self) {
        if self.open.pop().as_deref() == Some("macro") {
            self.inside.clear();
        }
    }
}

/// Whether CSL has a variable of this name.
fn is_variable(name: &str) -> bool {
    let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
    Variable::deserialize(name).is_ok()
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Refuses macros that are not there, that call themselves, or that call each other so often that a page would never end.
fn check_macros(macros: &BTreeMap<String, Calls>) -> Result<(), Wrong> {
    let mut costs: BTreeMap<&str, u64> = BTreeMap::new();
    // Macros that are open, each with how many of its calls are counted already.
    for root in macros.keys() {
        let mut open: Vec<(&str, usize)> = vec![(root, 0)];
        while let Some((name, done)) = open.pop() {
            let calls = &macros[name];
            let Some((called, at)) = calls.get(done) else {
                let cost = calls.iter().map(|(called, _)| costs.get(called.as_str()).copied().unwrap_or(1));
                costs.insert(name, cost.fold(1, u64::saturating_add));
                continue;
            };
            open.push((name, done + 1));
            let Some((called, _)) = macros.get_key_value(called).filter(|(called, _)| !called.is_empty())
            else {
                return Err(Wrong::new(format!("there is no macro `{called}`"), at.clone()));
            };
            if open.iter().any(|(name, _)| name == called) {
                return Err(Wrong::new(format!("the macro `{called}` calls itself"), at.clone()));
            }
            if open.len() > DEEPEST {
                return Err(Wrong::new("macros call each other too deep", at.clone()));
            }
            if !costs.contains_key(called.as_str()) {
                open.push((called, 0));
            }
        }
    }
    match costs.iter().find(|(_, cost)| **cost > MOST_CALLS) {
        Some((name, _)) => Err(Wrong::new(format!("the macro `{name}` calls too many others"), 0..0)),
        None => Ok(()),
    }
}

/// Where a name stands that a message quotes: the library that reads styles tells no places.
pub(super) fn place_of(text: &str, message: &str) -> Range<usize> {
    let quoted = message.split('`').nth(1).unwrap_or_default();
    let forms = [format!("\"{quoted}\""), format!("{quoted}="), format!("<{quoted}")];
    let found = forms.iter().filter(|_| !quoted.is_empty()).find_map(|form| text.find(form.as_str()));
    found.map_or(0..0, |at| at..at + quoted.len() + 1)
}
