//! What is remembered of texts, so that those that did not change need not be parsed to know what others say of them.

use std::sync::Arc;

use octavo_plugin::{ContentHasher, Digest};

use crate::diagnostic::Diagnostic;
use crate::lines::Lines;
use crate::prose::{Prose, ProseOptions, Sheet};
use crate::source::SourceFile;

/// What is remembered of each text, as a line of JSON, by the digest of all that decides it but for the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheets(pub Lines);

/// A text as it was parsed, or remembered.
pub(super) struct Read {
    pub(super) prose: Prose,
    /// What is wrong with it.
    pub(super) problems: Vec<Diagnostic>,
    /// What is to be remembered of it. What is wrong with a text is told each time.
    pub(super) sheet: Option<(Digest, String)>,
}

impl Sheets {
    pub(super) fn add(&mut self, (key, json): (Digest, String)) {
        self.0.insert(key, json);
    }

    /// A text: what is remembered of it, or else itself, parsed.
    pub(super) fn read(&self, source: &Arc<SourceFile>, options: &ProseOptions) -> Read {
        let mut hasher = ContentHasher::new("octavo sheet");
        hasher.number(u64::from(options.raw_html)).text(&format!("{:?}", options.macros));
        let key = hasher.text(&source.path).text(&source.text).finish();
        let known = self.0.get(&key);
        let sheet = known.and_then(|json| Some((json.clone(), serde_json::from_str::<Sheet>(json).ok()?)));
        if let Some((json, sheet)) = sheet {
            let prose = Prose::remembered(source, options, sheet);
            return Read { prose, problems: Vec::new(), sheet: Some((key, json)) };
        }
        let (prose, problems) = Prose::parse(source, options);
        let json = serde_json::to_string(&prose.sheet()).ok().filter(|_| problems.is_empty());
        Read { prose, problems, sheet: json.map(|json| (key, json)) }
    }
}
