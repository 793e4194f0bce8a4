//! Words within formulas: `\text{...}` and its family, names of operators.

use std::ops::Range;

use super::Problem;
use super::expand::Expander;
use super::mark::Mark;
use super::token::{Token, TokenKind};

/// Commands whose argument is words, and the one of the converter that they are written with.
const TEXTS: &[(&str, &str)] = &[
    ("text", "text"),
    ("mbox", "text"),
    ("hbox", "text"),
    ("textnormal", "text"),
    ("textup", "text"),
    ("textmd", "text"),
    ("textrm", "textrm"),
    ("textbf", "textbf"),
    ("textit", "textit"),
    ("textsl", "textit"),
    ("emph", "textit"),
    ("textsf", "textsf"),
    ("texttt", "texttt"),
];

/// Commands that change nothing within the name of an operator.
const OPENED: &[&str] = &["mathrm", "mathsf", "text", "textrm", "textnormal", "rm", "mathop", "operatorname"];

/// Takes a command whose argument is words, if this is one.
pub(super) fn command(expander: &mut Expander<'_>, name: &str, at: &Range<usize>) -> Result<bool, Problem> {
    if let Some((_, known)) = TEXTS.iter().find(|(own, _)| *own == name) {
        let argument = expander.argument(name, at)?;
        let pieces = pieces(&argument, known, at)?;
        // More than one piece is one group, so that a script belongs to all of it.
        let several = pieces.len() > 1;
        let brace = |c| Token::new(TokenKind::Char(c), at);
        let mut all: Vec<Token> = if several { vec![brace('{')] } else { Vec::new() };
        all.extend(pieces.into_iter().flatten());
        if several {
            all.push(brace('}'));
        }
        expander.insert(all);
        return Ok(true);
    }
    match name {
        "operatorname" => {
            let star = expander.star();
            let argument = expander.argument(name, at)?;
            let words = operator(&argument, name)?;
            let command = if star { "mathop" } else { "operatorname" };
            expander.out.push(Token::new(TokenKind::Words { command, words }, at));
            Ok(true)
        }
        "mathop" => mathop(expander, at),
        _ => Ok(false),
    }
}

fn mathop(expander: &mut Expander<'_>, at: &Range<usize>) -> Result<bool, Problem> {
    let argument = expander.argument("mathop", at)?;
    let single = argument.iter().filter(|token| token.kind != TokenKind::Space).count() == 1;
    let upright = argument.iter().any(|token| {
        matches!(token.kind, TokenKind::Words { .. })
            || token.command().is_some_and(|name| OPENED.contains(&name))
    });
    match operator(&argument, "mathop") {
        Ok(words) if !single && upright => {
            expander.out.push(Token::new(TokenKind::Words { command: "mathop", words }, at));
        }
        Ok(_)
            if single
                && argument
                    .iter()
                    .any(|token| matches!(token.kind, TokenKind::Char(c) if !c.is_alphanumeric())) =>
        {
            expander.write("\\mathop{", at);
            expander.out.extend(argument);
            expander.write("}", at);
        }
        _ => {
            let mut inner = vec![Token::new(TokenKind::Char(Mark::Operator.character()), at)];
            inner.extend(super::rewrite::braced(argument, at));
            super::rewrite::with_limits(expander, inner, at)?;
        }
    }
    Ok(true)
}

/// Words of a text, each piece as tokens: runs of words in one font, and formulas between dollar signs.
fn pieces(argument: &[Token], command: &'static str, at: &Range<usize>) -> Result<Vec<Vec<Token>>, Problem> {
    let mut reader = Reader { command, pieces: Vec::new(), words: String::new(), at: at.clone() };
    reader.read(argument)?;
    reader.flush();
    if reader.pieces.is_empty() {
        let words = TokenKind::Words { command, words: String::new() };
        reader.pieces.push(vec![Token::new(words, at)]);
    }
    Ok(reader.pieces)
}

struct Reader {
    command: &'static str,
    pieces: Vec<Vec<Token>>,
    words: String,
    at: Range<usize>,
}

impl Reader {
    fn flush(&mut self) {
        if !self.words.is_empty() {
            let words = TokenKind::Words { command: self.command, words: self.typeset() };
            self.pieces.push(vec![Token::new(words, &self.at)]);
        }
    }

    /// The words so far with the quotation marks and dashes that TeX makes of signs.
    fn typeset(&mut self) -> String {
        const SIGNS: &[(&str, &str)] =
            &[("``", "“"), ("''", "”"), ("---", "—"), ("--", "–"), ("`", "‘"), ("'", "’")];
        let words = std::mem::take(&mut self.words);
        if self.command == "texttt" {
            return words;
        }
        SIGNS.iter().fold(words, |words, (written, set)| words.replace(written, set))
    }

    fn read(&mut self, tokens: &[Token]) -> Result<(), Problem> {
        let mut index = 0;
        while let Some(token) = tokens.get(index) {
            index += 1;
            match &token.kind {
                TokenKind::Char('$') => {
                    let close = tokens[index..].iter().position(|token| token.is_char('$'));
                    let close = close.ok_or_else(|| Problem::at("this `$` has no second one", &token.at))?;
                    self.formula(tokens[index..index + close].to_vec(), &token.at);
                    index += close + 1;
                }
                TokenKind::Char('{' | '}') => {}
                TokenKind::Char('~') => self.words.push('\u{a0}'),
                TokenKind::Char(c) => self.words.push(*c),
                TokenKind::Space => self.words.push(' '),
                TokenKind::Command(name) => index += self.command(name, &tokens[index..], &token.at)?,
                TokenKind::Words { words, .. } => self.words.push_str(words),
                TokenKind::Slot(_) => {
                    self.flush();
                    self.pieces.push(vec![token.clone()]);
                }
            }
        }
        Ok(())
    }

    fn formula(&mut self, inner: Vec<Token>, at: &Range<usize>) {
        self.flush();
        let mut piece = vec![Token::new(TokenKind::Char('{'), at)];
        piece.extend(inner);
        piece.push(Token::new(TokenKind::Char('}'), at));
        self.pieces.push(piece);
    }

    /// A command within words; says how many tokens behind it belong to it.
    fn command(&mut self, name: &str, after: &[Token], at: &Range<usize>) -> Result<usize, Problem> {
        if let Some(c) = character(name) {
            self.words.push_str(c);
            let letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
            return Ok(usize::from(
                letter && after.first().is_some_and(|next| next.kind == TokenKind::Space),
            ));
        }
        if let Some(mark) = accent(name) {
            // `\'e` and `\'{e}`.
            let group = usize::from(after.first().is_some_and(|next| next.is_char('{')));
            if let Some(Token { kind: TokenKind::Char(letter), .. }) = after.get(group) {
                self.words.push(*letter);
                self.words.push(mark);
                return Ok(group + 1);
            }
        }
        if matches!(name, "eqref" | "ref") {
            self.flush();
            let length = braced(after).ok_or_else(|| Problem::at(format!("`\\{name}` needs a name"), at))?;
            let mut piece = vec![Token::new(TokenKind::Command(name.to_owned()), at)];
            piece.extend_from_slice(&after[..length]);
            self.pieces.push(piece);
            return Ok(length);
        }
        let font = TEXTS.iter().find(|(own, _)| *own == name).map(|(_, known)| *known);
        if let (Some(font), Some(length)) = (font, braced(after)) {
            self.flush();
            let outer = std::mem::replace(&mut self.command, font);
            self.read(&after[1..length - 1])?;
            self.flush();
            self.command = outer;
            return Ok(length);
        }
        if OPENED.contains(&name) {
            return Ok(0);
        }
        let help = format!("write mathematics between dollar signs there, as in `\\text{{if $\\{name}$}}`");
        Err(Problem::at(format!("`\\{name}` inside of a text"), at).help(help))
    }
}

/// The combining mark that a command for an accent sets on the letter behind it.
fn accent(name: &str) -> Option<char> {
    Some(match name {
        "'" => '\u{301}',
        "`" => '\u{300}',
        "^" => '\u{302}',
        "\"" => '\u{308}',
        "~" => '\u{303}',
        "c" => '\u{327}',
        "v" => '\u{30c}',
        _ => return None,
    })
}

/// How many tokens the group in braces has that begins here, with its braces.
fn braced(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0;
    tokens.first().filter(|token| token.is_char('{'))?;
    let close = tokens.iter().position(|token| {
        depth += i32::from(token.is_char('{')) - i32::from(token.is_char('}'));
        depth == 0
    })?;
    Some(close + 1)
}

/// What a command stands for within words.
fn character(name: &str) -> Option<&'static str> {
    Some(match name {
        "," | ":" | ";" | ">" | "thinspace" => "\u{2009}",
        " " => " ",
        "!" | "/" | "-" => "",
        "&" => "&",
        "%" => "%",
        "$" => "$",
        "#" => "#",
        "_" => "_",
        "{" => "{",
        "}" => "}",
        "quad" => "\u{2003}",
        "qquad" => "\u{2003}\u{2003}",
        "ldots" | "dots" | "textellipsis" => "…",
        "S" => "§",
        "textendash" => "–",
        "textemdash" => "—",
        "textasciitilde" => "~",
        "textbackslash" => "\\",
        "LaTeX" => "LaTeX",
        "TeX" => "TeX",
        "ss" => "ß",
        "degree" | "textdegree" => "°",
        _ => return None,
    })
}

/// The name of an operator: words without groups and upright fonts.
fn operator(argument: &[Token], name: &str) -> Result<String, Problem> {
    let mut words = String::new();
    for token in argument {
        match &token.kind {
            TokenKind::Char('{' | '}') | TokenKind::Space => {}
            TokenKind::Char('~') => words.push('\u{a0}'),
            TokenKind::Char(c @ ('^' | '_' | '&' | '$')) => {
                return Err(Problem::at(format!("`{c}` inside of `\\{name}`"), &token.at));
            }
            TokenKind::Char('-') => words.push('-'),
            TokenKind::Char(c) => words.push(*c),
            TokenKind::Words { words: inner, .. } => words.push_str(inner),
            TokenKind::Command(command) if OPENED.contains(&command.as_str()) => {}
            TokenKind::Command(command) => match character(command) {
                Some(c) => words.push_str(c),
                None => {
                    let message = format!("`\\{command}` inside of `\\{name}`");
                    return Err(Problem::at(message, &token.at));
                }
            },
            TokenKind::Slot(_) => {
                return Err(Problem::at(format!("a result inside of `\\{name}`"), &token.at));
            }
        }
    }
    Ok(words)
}
