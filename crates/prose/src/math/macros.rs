//! Commands that are written with others: those of an author, and those of ours.

use octavo_plugin::counted;
use std::collections::BTreeMap;
use std::ops::Range;

use super::Problem;
use super::token::{Token, TokenKind, tokens, tokens_at};

/// Most parameters that a command may have.
const MOST_PARAMETERS: usize = 9;

/// A command that stands for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Macro {
    parameters: usize,
    /// What the first parameter is if it is not given in brackets.
    default: Option<String>,
    body: String,
}

/// Commands by their name, without the backslash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Macros(BTreeMap<String, Macro>);

impl Macros {
    /// Defines a command: its name with or without a backslash, and what it stands for, with `#1` to `#9` for its parameters.
    /// Without `parameters`, it has as many as the body names.
    ///
    /// # Errors
    /// What is wrong with the definition, in one sentence.
    pub fn define(&mut self, name: &str, body: &str, parameters: Option<usize>) -> Result<(), String> {
        let name = name.strip_prefix('\\').unwrap_or(name);
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphabetic()) {
            return Err(format!("`{name}` is no name of a command: it has letters only"));
        }
        if super::substitution_in(body).is_some() {
            return Err("a result stands in a formula, not in a command".to_owned());
        }
        let named = highest(body)?;
        let parameters = parameters.unwrap_or(named);
        if parameters > MOST_PARAMETERS {
            return Err(format!("a command has at most {MOST_PARAMETERS} parameters"));
        }
        if named > parameters {
            return Err(format!("`#{named}` is no parameter: the command has {parameters}"));
        }
        let mut depth = 0_i32;
        for token in tokens(body) {
            depth += i32::from(token.is_char('{')) - i32::from(token.is_char('}'));
            if depth < 0 {
                break;
            }
        }
        if depth != 0 {
            return Err(format!("the braces of `{body}` do not match"));
        }
        self.insert(name, Macro { parameters, default: None, body: body.to_owned() });
        Ok(())
    }

    pub(super) fn insert(&mut self, name: &str, definition: Macro) {
        self.0.insert(name.to_owned(), definition);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Macro> {
        self.0.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// These and others; what both define is what the others say.
    #[must_use]
    pub fn with(&self, others: &Self) -> Self {
        let mut all = self.clone();
        all.0.extend(others.0.iter().map(|(name, definition)| (name.clone(), definition.clone())));
        all
    }
}

/// The highest parameter that a body names.
fn highest(body: &str) -> Result<usize, String> {
    let mut highest = 0;
    for part in tokens(body).windows(2).filter(|part| part[0].is_char('#')) {
        match part[1].kind {
            TokenKind::Char(digit @ '1'..='9') => highest = highest.max(usize::from(digit as u8 - b'0')),
            _ => return Err("behind `#` stands the number of a parameter, `#1` to `#9`".to_owned()),
        }
    }
    Ok(highest)
}

impl Macro {
    /// A command with so many parameters.
    pub(super) fn new(parameters: usize, default: Option<String>, body: String) -> Self {
        Self { parameters, default, body }
    }

    /// What a command with these parameters stands for; all that is not of them comes from the place of the command.
    pub(super) fn expand(&self, arguments: &[Vec<Token>], at: &Range<usize>) -> Vec<Token> {
        let mut expanded = Vec::new();
        let mut body = tokens_at(&self.body, at).into_iter().peekable();
        while let Some(token) = body.next() {
            if token.is_char('#')
                && let Some(Token { kind: TokenKind::Char(digit), .. }) = body.peek()
                && let Some(number) = digit.to_digit(10)
                && let Some(argument) =
                    (number as usize).checked_sub(1).and_then(|index| arguments.get(index))
            {
                body.next();
                expanded.extend(argument.iter().cloned());
            } else {
                expanded.push(token);
            }
        }
        expanded
    }

    pub(super) fn parameters(&self) -> usize {
        self.parameters
    }

    pub(super) fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// Checks a definition of a formula.
    pub(super) fn check(&self, name: &str, at: &Range<usize>) -> Result<(), Problem> {
        let named = highest(&self.body).map_err(|reason| Problem::at(reason, at))?;
        if self.parameters > MOST_PARAMETERS || named > self.parameters {
            let message = format!(
                "`\\{name}` has {}, and its body names `#{named}`",
                counted(self.parameters, "parameter")
            );
            return Err(Problem::at(message, at));
        }
        Ok(())
    }
}

/// Commands of LaTeX and its common packages, written with those that the converter knows: name, parameters, body. A
/// parameter in brackets has its default before the body.
const OURS: &[(&str, usize, Option<&str>, &str)] = &[
    ("Bbb", 1, None, r"\mathbb{#1}"),
    ("Bra", 1, None, r"\left\langle #1\right|"),
    ("Braket", 1, None, r"\left\langle #1\right\rangle"),
    ("Ket", 1, None, r"\left|#1\right\rangle"),
    ("argmax", 0, None, r"\operatorname*{arg\,max}"),
    ("argmin", 0, None, r"\operatorname*{arg\,min}"),
    ("arraystretch", 0, None, ""),
    ("bm", 0, None, r"\boldsymbol"),
    ("bold", 0, None, r"\mathbf"),
    ("bra", 1, None, r"\langle #1\rvert"),
    ("braket", 1, None, r"\langle #1\rangle"),
    ("dddot", 1, None, r"\overset{\cdots}{#1}"),
    ("dd", 0, None, r"\mathrm{d}"),
    ("displaylimits", 0, None, ""),
    ("ensuremath", 1, None, "{#1}"),
    ("frak", 1, None, r"\mathfrak{#1}"),
    ("hfill", 0, None, r"\quad"),
    ("hdots", 0, None, r"\ldots"),
    ("idotsint", 0, None, r"\int\!\cdots\!\int"),
    ("injlim", 0, None, r"\operatorname*{inj\,lim}"),
    ("ket", 1, None, r"\lvert #1\rangle"),
    ("ketbra", 2, None, r"\lvert #1\rangle\langle #2\rvert"),
    ("mathds", 1, None, r"\mathbb{#1}"),
    ("mod", 1, None, r"\quad\operatorname{mod}\,#1"),
    ("nobreak", 0, None, ""),
    ("allowbreak", 0, None, ""),
    ("pmb", 1, None, r"\boldsymbol{#1}"),
    ("pod", 1, None, r"\quad(#1)"),
    ("prescript", 3, None, r"{}^{#1}_{#2}#3"),
    ("projlim", 0, None, r"\operatorname*{proj\,lim}"),
    ("ratio", 0, None, r"\mathrel{:}"),
    ("vcenter", 1, None, "{#1}"),
    ("varinjlim", 0, None, r"\underrightarrow{\operatorname{lim}}"),
    ("varliminf", 0, None, r"\underline{\operatorname{lim}}"),
    ("varlimsup", 0, None, r"\overline{\operatorname{lim}}"),
    ("varprojlim", 0, None, r"\underleftarrow{\operatorname{lim}}"),
    ("vcentcolon", 0, None, r"\mathrel{:}"),
    ("xLeftarrow", 2, Some(""), r"\underset{#1}{\overset{#2}{\Longleftarrow}}"),
    ("xLeftrightarrow", 2, Some(""), r"\underset{#1}{\overset{#2}{\Longleftrightarrow}}"),
    ("xRightarrow", 2, Some(""), r"\underset{#1}{\overset{#2}{\Longrightarrow}}"),
    ("xhookrightarrow", 2, Some(""), r"\underset{#1}{\overset{#2}{\hookrightarrow}}"),
    ("xleftrightarrow", 2, Some(""), r"\underset{#1}{\overset{#2}{\longleftrightarrow}}"),
    ("xlongequal", 2, Some(""), r"\underset{#1}{\overset{#2}{=}}"),
    ("xmapsto", 2, Some(""), r"\underset{#1}{\overset{#2}{\longmapsto}}"),
];

/// A command of ours.
pub(super) fn ours(name: &str) -> Option<Macro> {
    let (_, parameters, default, body) = OURS.iter().find(|(known, ..)| *known == name)?;
    Some(Macro::new(*parameters, default.map(str::to_owned), (*body).to_owned()))
}

/// The names of our commands.
pub(super) fn our_names() -> impl Iterator<Item = &'static str> {
    OURS.iter().map(|(name, ..)| *name)
}
