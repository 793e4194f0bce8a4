//! The theme: templates and static files, built in and overridden file by file from a project's `templates/` folder.
//!
//! Everything a template writes is escaped, unless it is a [`SafeHtml`](crate::prose::SafeHtml); an undefined name is an
//! error, not an empty text.

use std::collections::BTreeMap;

use minijinja::value::{Value, ValueKind};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, escape_formatter,
};
use octavo_plugin::ContentHasher;
use octavo_plugin::Digest;

use crate::config::Theme as ThemeConfig;
use crate::prose::escape;

/// Templates by name.
const TEMPLATES: &[(&str, &str)] = &[
    ("404.html", include_str!("../templates/404.html")),
    ("analyses.html", include_str!("../templates/analyses.html")),
    ("analysis.html", include_str!("../templates/analysis.html")),
    ("base.html", include_str!("../templates/base.html")),
    ("claim.html", include_str!("../templates/claim.html")),
    ("claims.html", include_str!("../templates/claims.html")),
    ("figure.html", include_str!("../templates/figure.html")),
    ("home.html", include_str!("../templates/home.html")),
    ("mark.svg", include_str!("../templates/mark.svg")),
    ("navigation.html", include_str!("../templates/navigation.html")),
    ("page.html", include_str!("../templates/page.html")),
    ("table.html", include_str!("../templates/table.html")),
];

/// Files that are copied to the site as they are.
const ASSETS: &[(&str, &[u8])] = &[
    ("assets/highlight.css", include_bytes!("../templates/assets/highlight.css")),
    ("assets/icon.svg", include_bytes!("../templates/assets/icon.svg")),
    ("assets/math.css", include_bytes!("../templates/assets/math.css")),
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
    digest: Digest,
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
    /// The template's name and line, and what is wrong in it.
    pub fn new(overrides: &BTreeMap<String, Vec<u8>>, config: &ThemeConfig) -> Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(write_escaped);
        environment.add_function("t", word);
        let mut hasher = ContentHasher::new("octavo theme");
        for (name, text) in TEMPLATES {
            let own = overrides.get(*name).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let text = own.unwrap_or_else(|| (*text).to_owned());
            hasher.text(name).text(&text);
            environment.add_template_owned(*name, text).map_err(|error| describe(&error))?;
        }
        let mut assets: BTreeMap<String, Vec<u8>> =
            ASSETS.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        for (name, bytes) in overrides {
            if name.starts_with("assets/") || (name.starts_with("fonts/") && is_web_font(name)) {
                assets.insert(name.clone(), bytes.clone());
            }
        }
        if let Some(style) = assets.get_mut("assets/style.css") {
            style.extend_from_slice(accent_rule(config)?.as_bytes());
        }
        Ok(Self { environment, assets, digest: hasher.finish() })
    }

    /// Renders a template.
    ///
    /// # Errors
    /// The template's name and line, and what is wrong in it.
    pub fn render(&self, template: &str, context: Value) -> Result<String, String> {
        let template = self.environment.get_template(template).map_err(|error| describe(&error))?;
        template.render(context).map_err(|error| describe(&error))
    }

    /// Static files by route.
    pub fn assets(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.assets
    }

    /// Digest of all templates.
    pub fn digest(&self) -> Digest {
        self.digest
    }
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

fn describe(error: &Error) -> String {
    let place = error.name().map(|name| format!("template `{name}`, line {}: ", error.line().unwrap_or(0)));
    let mut text = format!("{}{}", place.unwrap_or_default(), error.kind());
    if let Some(detail) = error.detail() {
        text.push_str(&format!(": {detail}"));
    }
    text
}

fn accent_rule(config: &ThemeConfig) -> Result<String, String> {
    let colours = [&config.accent, &config.accent_dark];
    for colour in colours.into_iter().flatten() {
        let good = colour.len() == 7
            && colour.starts_with('#')
            && colour[1..].chars().all(|c| c.is_ascii_hexdigit());
        if !good {
            return Err(format!("the accent `{colour}` is no colour of the form `#rrggbb`"));
        }
    }
    Ok(match (&config.accent, &config.accent_dark) {
        (None, None) => String::new(),
        (Some(light), None) => format!("\n:root {{ --accent: light-dark({light}, #8cb8e0); }}\n"),
        (None, Some(dark)) => format!("\n:root {{ --accent: light-dark(#1f4e79, {dark}); }}\n"),
        (Some(light), Some(dark)) => format!("\n:root {{ --accent: light-dark({light}, {dark}); }}\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn theme(name: &str, text: &str) -> Theme {
        Theme::new(&BTreeMap::from([(name.to_owned(), text.as_bytes().to_vec())]), &ThemeConfig::default())
            .unwrap()
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
        let error = theme.render("claim.html", context! {}).unwrap_err();
        assert!(error.contains("claim.html") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_project_may_override_a_template_a_style_and_the_accent() {
        let overrides = BTreeMap::from([("assets/style.css".to_owned(), b"body{}".to_vec())]);
        let config = ThemeConfig { accent: Some("#102030".into()), accent_dark: None };
        let theme = Theme::new(&overrides, &config).unwrap();
        let style = String::from_utf8(theme.assets()["assets/style.css"].clone()).unwrap();
        assert!(style.starts_with("body{}") && style.contains("#102030"));
        let bad = ThemeConfig { accent: Some("red; }".into()), accent_dark: None };
        assert!(Theme::new(&BTreeMap::new(), &bad).is_err());
    }
}
