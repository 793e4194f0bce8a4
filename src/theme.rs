//! The theme: templates and static files, built in and overridden file by file from a project's `templates/` folder.
//!
//! Everything a template writes is escaped, unless it is a [`SafeHtml`](crate::prose::SafeHtml); an undefined name is an
//! error, not an empty text. A template cannot end the process: [`bounds`] says what it may cost.

#[cfg(test)]
mod bombs;
mod bounds;
mod threads;

use std::collections::BTreeMap;
use std::io;

use minijinja::value::{Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, escape_formatter,
};
use octavo_plugin::Digest;

use crate::config::{Theme as ThemeConfig, is_colour};
use crate::diagnostic::Diagnostic;
use crate::prose::escape;
use crate::source::{Location, SourceFile};

pub use threads::in_batches;

/// The code of problems of templates: with one of them no page can be relied on.
pub const TEMPLATE: &str = "template";

/// Templates by name.
const TEMPLATES: &[(&str, &str)] = &[
    ("404.html", include_str!("../templates/404.html")),
    ("analyses.html", include_str!("../templates/analyses.html")),
    ("analysis.html", include_str!("../templates/analysis.html")),
    ("appendix.html", include_str!("../templates/appendix.html")),
    ("back.html", include_str!("../templates/back.html")),
    ("card.html", include_str!("../templates/card.html")),
    ("base.html", include_str!("../templates/base.html")),
    ("callout.html", include_str!("../templates/callout.html")),
    ("changes.html", include_str!("../templates/changes.html")),
    ("cite.html", include_str!("../templates/cite.html")),
    ("claim.html", include_str!("../templates/claim.html")),
    ("claims.html", include_str!("../templates/claims.html")),
    ("glossary.html", include_str!("../templates/glossary.html")),
    ("statements.html", include_str!("../templates/statements.html")),
    ("status.html", include_str!("../templates/status.html")),
    ("contents.html", include_str!("../templates/contents.html")),
    ("exercise.html", include_str!("../templates/exercise.html")),
    ("figure.html", include_str!("../templates/figure.html")),
    ("footnotes.html", include_str!("../templates/footnotes.html")),
    ("home.html", include_str!("../templates/home.html")),
    ("mark.svg", include_str!("../templates/mark.svg")),
    ("landing.html", include_str!("../templates/landing.html")),
    ("navigation.html", include_str!("../templates/navigation.html")),
    ("page.html", include_str!("../templates/page.html")),
    ("references.html", include_str!("../templates/references.html")),
    ("search-form.html", include_str!("../templates/search-form.html")),
    ("search.html", include_str!("../templates/search.html")),
    ("solution.html", include_str!("../templates/solution.html")),
    ("table.html", include_str!("../templates/table.html")),
];

/// Files that are copied to the site as they are.
const ASSETS: &[(&str, &[u8])] = &[
    ("assets/find.js", include_bytes!("../templates/assets/find.js")),
    ("assets/highlight.css", include_bytes!("../templates/assets/highlight.css")),
    ("assets/icon.svg", include_bytes!("../templates/assets/icon.svg")),
    ("assets/knobs.js", include_bytes!("../templates/assets/knobs.js")),
    ("assets/lab.js", include_bytes!("../templates/assets/lab.js")),
    ("assets/math.css", include_bytes!("../templates/assets/math.css")),
    ("assets/search.js", include_bytes!("../templates/assets/search.js")),
    ("assets/style.css", include_bytes!("../templates/assets/style.css")),
    ("assets/theme.js", include_bytes!("../templates/assets/theme.js")),
    ("fonts/math.woff2", include_bytes!("../templates/fonts/math.woff2")),
    ("fonts/mono.woff2", include_bytes!("../templates/fonts/mono.woff2")),
    ("fonts/sans-semibold.woff2", include_bytes!("../templates/fonts/sans-semibold.woff2")),
    ("fonts/sans.woff2", include_bytes!("../templates/fonts/sans.woff2")),
    ("fonts/serif-italic.woff2", include_bytes!("../templates/fonts/serif-italic.woff2")),
    ("fonts/serif-semibold.woff2", include_bytes!("../templates/fonts/serif-semibold.woff2")),
    ("fonts/serif.woff2", include_bytes!("../templates/fonts/serif.woff2")),
];

/// Templates and static files of one project.
pub struct Theme {
    environment: Environment<'static>,
    assets: BTreeMap<String, Vec<u8>>,
    templates: BTreeMap<String, Digest>,
}

/// Text is escaped as everywhere else in this crate: the library's own escaping lets control characters pass.
fn write_escaped(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) => out.write_str(&escape(text)).map_err(Error::from),
        None => escape_formatter(out, state, value),
    }
}

impl Theme {
    /// The built-in theme with a project's own files over it.
    ///
    /// # Errors
    /// What is wrong in a template, with its place.
    pub fn new(overrides: &BTreeMap<String, Vec<u8>>, config: &ThemeConfig) -> Result<Self, Diagnostic> {
        bounds::with_stack(|| Self::parsed(overrides, config)).unwrap_or_else(|error| Err(no_thread(&error)))
    }

    fn parsed(overrides: &BTreeMap<String, Vec<u8>>, config: &ThemeConfig) -> Result<Self, Diagnostic> {
        let mut environment = environment();
        let mut templates = BTreeMap::new();
        let built_in = TEMPLATES.iter().map(|(name, text)| (*name, *text));
        let own = overrides.keys().filter(|name| is_own_page(name)).map(|name| (name.as_str(), ""));
        for (name, text) in built_in.chain(own) {
            let text = match overrides.get(name) {
                Some(bytes) => own_text(name, bytes)?,
                None => text.to_owned(),
            };
            templates.insert(name.to_owned(), Digest::of(text.as_bytes()));
            if let Some(span) = bounds::beyond(&text) {
                return Err(too_long(name, text, span));
            }
            let added = environment.add_template_owned(name.to_owned(), text.clone());
            added.map_err(|error| problem(&error, &|_| Some(text.clone())))?;
        }
        let mut assets: BTreeMap<String, Vec<u8>> =
            ASSETS.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        for (name, bytes) in overrides {
            if name.starts_with("assets/") || (name.starts_with("fonts/") && is_web_font(name)) {
                assets.insert(name.clone(), bytes.clone());
            }
        }
        if let Some(style) = assets.get_mut("assets/style.css") {
            style.extend_from_slice(accent_rule(config).as_bytes());
        }
        Ok(Self { environment, assets, templates })
    }

    /// Renders a template.
    ///
    /// # Errors
    /// What is wrong in the template, or in one that it includes, with its place.
    pub fn render(&self, template: &str, context: Value) -> Result<String, Diagnostic> {
        bounds::with_stack(|| self.rendered(template, context)).unwrap_or_else(|error| Err(no_thread(&error)))
    }

    fn rendered(&self, template: &str, context: Value) -> Result<String, Diagnostic> {
        let text = |name: &str| Some(self.environment.get_template(name).ok()?.source().to_owned());
        let rendered = self.environment.get_template(template).and_then(|template| template.render(context));
        rendered.map_err(|error| problem(&error, &text))
    }

    /// The templates that a page may ask to be written by.
    pub fn for_pages(&self) -> impl Iterator<Item = &str> {
        let all = self.environment.templates().map(|(name, _)| name);
        all.filter(|name| is_own_page(name) || ["landing.html", "page.html", "home.html"].contains(name))
    }

    /// Static files by route.
    pub fn assets(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.assets
    }

    /// Digests of all templates by name.
    pub fn templates(&self) -> &BTreeMap<String, Digest> {
        &self.templates
    }
}

/// What every theme's templates may use, and what they may cost.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(write_escaped);
    environment.set_fuel(Some(bounds::FUEL));
    environment.set_recursion_limit(bounds::MAX_RECURSION);
    environment.add_function("t", word);
    environment.add_function("namespace", no_namespace);
    // What they write of a nested value takes time with the square of its depth.
    environment.remove_filter("pprint");
    environment.remove_global("debug");
    environment
}

/// A namespace can hold itself, and a loop can nest what it holds without end: nothing bounds what it takes to write or to
/// drop such a value.
fn no_namespace(_defaults: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let message = "there are no namespaces here: what one turn of a loop sets, the next does not see";
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

fn no_thread(error: &io::Error) -> Diagnostic {
    Diagnostic::error(TEMPLATE, format!("there is no thread for the templates: {error}"))
}

fn too_long(name: &str, text: String, span: std::ops::Range<usize>) -> Diagnostic {
    let most = bounds::MAX_TOKENS;
    let source = SourceFile::new(format!("templates/{name}"), text);
    let message = format!("the template has more than {most} words and signs within its tags");
    Diagnostic::error(TEMPLATE, message)
        .at(Location::new(&source, span))
        .help("write what it repeats as a macro or a loop")
}

/// Whether this is a template of a project's own, which its pages may ask for.
fn is_own_page(name: &str) -> bool {
    name.starts_with("pages/") && name.ends_with(".html")
}

/// Licences and sources of fonts stay in the repository; the site takes what browsers load.
fn is_web_font(name: &str) -> bool {
    name.ends_with(".woff2")
}

/// `t("key")`: an interface word in the page's language.
fn word(state: &State<'_, '_>, key: &str) -> Result<String, Error> {
    let words =
        state.lookup("words").ok_or_else(|| Error::new(ErrorKind::UndefinedError, "`words` is not set"))?;
    let word = words.get_item(&Value::from(key))?;
    match word.kind() {
        ValueKind::String => Ok(word.to_string()),
        _ => {
            Err(Error::new(ErrorKind::UndefinedError, format!("no language has the interface word `{key}`")))
        }
    }
}

/// A project's own template as text.
fn own_text(name: &str, bytes: &[u8]) -> Result<String, Diagnostic> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let message = format!("`templates/{name}` is not UTF-8 text (byte {})", error.valid_up_to());
        Diagnostic::error(TEMPLATE, message).help("save it as UTF-8")
    })
}

/// An error at its place; of nested errors the innermost, which says what is wrong.
fn problem(error: &Error, text: &dyn Fn(&str) -> Option<String>) -> Diagnostic {
    let mut inner = error;
    while let Some(next) = std::error::Error::source(inner).and_then(|next| next.downcast_ref::<Error>()) {
        inner = next;
    }
    let detail = inner.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let message = match inner.kind() {
        ErrorKind::OutOfFuel => {
            format!("the template does more than {} steps, or makes too much text in them", bounds::FUEL)
        }
        kind => format!("{kind}{detail}"),
    };
    let diagnostic = Diagnostic::error(TEMPLATE, message);
    let Some(name) = inner.name() else { return diagnostic };
    let Some(text) = text(name) else { return diagnostic };
    let source = SourceFile::new(format!("templates/{name}"), text);
    let line = || inner.line().map_or(0..0, |line| line_span(&source.text, line));
    let span = inner.range().filter(|range| range.end <= source.text.len()).unwrap_or_else(line);
    let help = format!("mend `templates/{name}`, or remove it to get the built-in one");
    diagnostic.at(Location::new(&source, span)).help(help)
}

/// The bytes of a line, counted from 1.
fn line_span(text: &str, line: usize) -> std::ops::Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    start..start + text[start..].find('\n').unwrap_or(text.len() - start)
}

/// Whether a file in a project's `templates/` folder has an effect.
pub fn uses(name: &str) -> bool {
    let folder = name.starts_with("assets/") || name.starts_with("fonts/");
    folder || is_own_page(name) || names().any(|known| known == name)
}

/// The names of all templates and static files.
pub fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|(name, _)| *name).chain(ASSETS.iter().map(|(name, _)| *name))
}

/// Colours that are none were refused with the project file.
fn accent_rule(config: &ThemeConfig) -> String {
    let colour = |colour: &Option<String>| colour.clone().filter(|colour| is_colour(colour));
    match (colour(&config.accent), colour(&config.accent_dark)) {
        (None, None) => String::new(),
        (Some(light), None) => format!("\n:root {{ --accent: light-dark({light}, #8cb8e0); }}\n"),
        (None, Some(dark)) => format!("\n:root {{ --accent: light-dark(#1f4e79, {dark}); }}\n"),
        (Some(light), Some(dark)) => format!("\n:root {{ --accent: light-dark({light}, {dark}); }}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn theme(name: &str, text: &str) -> Theme {
        Theme::new(&BTreeMap::from([(name.to_owned(), text.as_bytes().to_vec())]), &ThemeConfig::default())
            .unwrap()
    }

    /// Pages and files show the same colours, those whose contrasts and distances are tested. The paper of a file is white.
    #[test]
    fn the_style_has_the_palette_of_figures() {
        let style = include_str!("../templates/assets/style.css");
        let [light, dark] = [octavo_figure::palette::LIGHT, octavo_figure::palette::DARK]
            .map(|theme| theme.roles().collect::<Vec<_>>());
        for ((name, light), (_, dark)) in light.into_iter().zip(dark) {
            let light = if name == "paper" { "#fffefb".to_owned() } else { light.hex() };
            let rule = format!("  --{name}: light-dark({light}, {});", dark.hex());
            assert!(style.contains(&rule), "templates/assets/style.css lacks `{rule}`");
        }
    }

    #[test]
    fn what_a_template_writes_is_escaped() {
        let theme = theme("claim.html", "{{ text }}");
        let text = "<script>alert(1)</script>\u{1}\u{1b}";
        let html = theme.render("claim.html", context! { text => text }).unwrap();
        assert_eq!(html, "&lt;script&gt;alert(1)&lt;/script&gt;");
    }

    #[test]
    fn an_undefined_name_is_an_error_with_its_place() {
        let theme = theme("claim.html", "a\n{{ nothing }}");
        let marked = |problem: Diagnostic| {
            let at = problem.location.unwrap();
            (at.source.path.clone(), at.source.text[at.span.clone()].to_owned())
        };
        let found = marked(theme.render("claim.html", context! {}).unwrap_err());
        assert_eq!(found, ("templates/claim.html".into(), "nothing".into()));
        let outer = self::theme("page.html", "{% include \"mark.svg\" %}");
        assert!(outer.render("page.html", context! {}).is_ok());
        let broken = BTreeMap::from([
            ("page.html".to_owned(), b"{% include \"claim.html\" %}".to_vec()),
            ("claim.html".to_owned(), b"a\n{{ nothing }}".to_vec()),
        ]);
        let outer = Theme::new(&broken, &ThemeConfig::default()).unwrap();
        assert_eq!(marked(outer.render("page.html", context! {}).unwrap_err()), found, "the innermost");
        let syntax = BTreeMap::from([("page.html".to_owned(), b"a\n{% if %}".to_vec())]);
        let (path, _) = marked(Theme::new(&syntax, &ThemeConfig::default()).err().unwrap());
        assert_eq!(path, "templates/page.html");
        let bytes = BTreeMap::from([("page.html".to_owned(), vec![0xff])]);
        assert!(Theme::new(&bytes, &ThemeConfig::default()).is_err());
    }

    #[test]
    fn a_project_may_override_a_template_a_style_and_the_accent() {
        let overrides = BTreeMap::from([("assets/style.css".to_owned(), b"body{}".to_vec())]);
        let config = ThemeConfig { accent: Some("#102030".into()), accent_dark: None };
        let theme = Theme::new(&overrides, &config).unwrap();
        let style = String::from_utf8(theme.assets()["assets/style.css"].clone()).unwrap();
        assert!(style.starts_with("body{}") && style.contains("#102030"));
    }
}
