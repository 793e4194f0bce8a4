//! A formula as an author writes it to one that the converter takes: definitions are carried out, commands of LaTeX that
//! the converter does not know are written with those it does, and what belongs to the page is taken out.

use std::ops::Range;

use super::commands::known;
use super::lines::{Lines, Numbered};
use super::macros::{Macros, our_names, ours};
use super::token::{Token, TokenKind, tokens_at};
use super::{Problem, environment, hints, operators, primes, rewrite, text};
use octavo_definition::diagnostic::nearest;

/// Most expansions of a formula, and most tokens that it may become.
const MOST_EXPANSIONS: usize = 5_000;
const MOST_TOKENS: usize = 40_000;

/// What a formula stands for.
pub(super) struct Expanded {
    pub(super) tokens: Vec<Token>,
    pub(super) numbers: Vec<Numbered>,
    /// Names of equations that it refers to; slots with higher numbers than those of results.
    pub(super) references: Vec<(String, Range<usize>)>,
    /// Whether it defines commands.
    pub(super) defines: bool,
}

/// What has been opened and not closed.
pub(super) struct Group {
    pub(super) kind: Opened,
    /// Where its tokens begin in the output: behind the last `&` or line break.
    pub(super) start: usize,
    pub(super) at: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    Brace,
    Left,
    Environment(environment::Environment),
}

/// Reads tokens and writes tokens.
pub(super) struct Expander<'m> {
    /// What is still to be read, last first.
    input: Vec<Token>,
    pub(super) out: Vec<Token>,
    pub(super) groups: Vec<Group>,
    pub(super) macros: &'m mut Macros,
    pub(super) lines: Lines,
    pub(super) defines: bool,
    /// Where `&` stand and lines break outside of everything.
    pub(super) breaks: Option<Range<usize>>,
    pub(super) aligns: Option<Range<usize>>,
    pub(super) references: Vec<(String, Range<usize>)>,
    pub(super) slots: usize,
    /// The length of the source.
    end: usize,
    expansions: usize,
    cell_starts: usize,
}

/// Expands a formula; `slots` results stand in it already.
pub(super) fn expand(
    mut tokens: Vec<Token>,
    slots: usize,
    end: usize,
    display: bool,
    macros: &mut Macros,
) -> Result<Expanded, Problem> {
    tokens.reverse();
    let mut expander = Expander {
        input: tokens,
        out: Vec::new(),
        groups: Vec::new(),
        macros,
        lines: Lines::default(),
        defines: false,
        breaks: None,
        aligns: None,
        references: Vec::new(),
        slots,
        end,
        expansions: 0,
        cell_starts: 0,
    };
    expander.run()?;
    match expander.breaks.clone() {
        Some(_) if display => expander.wrap_lines(),
        Some(at) => return Err(Problem::at("a formula within a line of text has one line", &at)),
        None => {
            if let Some(at) = &expander.aligns {
                let help =
                    "write `\\begin{aligned} ... \\end{aligned}` around the lines; the sign itself is `\\&`";
                return Err(Problem::at("`&` aligns lines, and there is one line", at).help(help));
            }
        }
    }
    let Expander { out: tokens, lines, references, defines, .. } = expander;
    Ok(Expanded { tokens, numbers: lines.numbers()?, references, defines })
}

impl Expander<'_> {
    fn run(&mut self) -> Result<(), Problem> {
        while let Some(token) = self.input.pop() {
            self.token(token)?;
            if self.out.len() + self.input.len() > MOST_TOKENS {
                let message = format!("the formula becomes longer than {MOST_TOKENS} tokens");
                return Err(Problem::at(message, &(0..self.end)));
            }
        }
        match self.groups.pop() {
            None => Ok(()),
            Some(Group { kind, at, .. }) => Err(match kind {
                Opened::Brace => Problem::at("this `{` has no `}`", &at),
                Opened::Left => Problem::at("this `\\left` has no `\\right`", &at),
                Opened::Environment(environment) => {
                    Problem::at(format!("`\\begin{{{}}}` has no `\\end`", environment.name), &at)
                }
            }),
        }
    }

    fn token(&mut self, token: Token) -> Result<(), Problem> {
        let at = token.at.clone();
        match token.kind {
            TokenKind::Command(ref name) => {
                let name = name.clone();
                return self.command(&name, token);
            }
            TokenKind::Char('{') => {
                self.out.push(token);
                self.open(Opened::Brace, at);
                return Ok(());
            }
            TokenKind::Char('}') => self.close_brace(&at)?,
            TokenKind::Char('&') => {
                self.out.push(token);
                if self.groups.is_empty() {
                    self.aligns.get_or_insert_with(|| at.clone());
                }
                self.cell();
                environment::cell_style(self, &at);
                return Ok(());
            }
            TokenKind::Char('$') => {
                return Err(Problem::at("a `$` inside of a formula stands in `\\text{...}` only", &at));
            }
            TokenKind::Char('#') => return Err(Problem::at("`#` is written `\\#` in a formula", &at)),
            TokenKind::Char(',') => {
                self.out.push(token);
                // The converter takes `0,1` for one number.
                if self.input.last().is_some_and(|next| matches!(next.kind, TokenKind::Char('0'..='9'))) {
                    self.out.push(Token::new(TokenKind::Space, &at));
                }
                return Ok(());
            }
            TokenKind::Char(':') if self.input.last().is_some_and(|next| next.is_char('=')) => {
                self.input.pop();
                self.out.push(Token::new(TokenKind::Command("coloneqq".to_owned()), &at));
                return Ok(());
            }
            TokenKind::Char(':') if self.is_punctuation() => {
                self.out.push(Token::new(TokenKind::Command("colon".to_owned()), &at));
                return Ok(());
            }
            TokenKind::Char('=') if self.input.last().is_some_and(|next| next.is_char(':')) => {
                self.input.pop();
                self.out.push(Token::new(TokenKind::Command("eqqcolon".to_owned()), &at));
                return Ok(());
            }
            TokenKind::Char('\'') => return primes::take(self, token),
            TokenKind::Char(sign @ ('^' | '_')) if self.following(1, false) == 0 => {
                return Err(operators::empty_script(sign, &at));
            }
            _ => {}
        }
        self.out.push(token);
        Ok(())
    }

    /// Whether the colon that was read belongs to what stands before it, as in `f: A \to B`, and is no relation as in
    /// `\{x : x > 0\}` and `1:2`.
    fn is_punctuation(&self) -> bool {
        // A brace behind `\left` stands right before its group.
        let opened =
            self.out[self.start().saturating_sub(1)..].iter().fold(0_i32, |depth, token| {
                match token.command() {
                    Some("{" | "lbrace") => depth + 1,
                    Some("}" | "rbrace") => depth - 1,
                    _ => depth,
                }
            });
        let spaced = |token: Option<&Token>| token.is_some_and(|token| token.kind == TokenKind::Space);
        let rest = self.input.iter().rev().take_while(|token| !token.is_char(',') && !token.is_char('}'));
        let maps = [
            "to",
            "rightarrow",
            "longrightarrow",
            "mapsto",
            "hookrightarrow",
            "xrightarrow",
            "twoheadrightarrow",
        ];
        let arrow = rest.filter_map(Token::command).any(|name| maps.contains(&name));
        opened < 1 && !spaced(self.out.last()) && (spaced(self.input.last()) || arrow)
    }

    fn command(&mut self, name: &str, token: Token) -> Result<(), Problem> {
        let at = token.at.clone();
        if self.macros.get(name).is_some() {
            return self.expand_macro(name, &at);
        }
        if rewrite::command(self, name, &at)? || text::command(self, name, &at)? {
            return Ok(());
        }
        if let Some(ours) = ours(name) {
            let arguments = self.arguments(name, ours.parameters(), ours.default(), &at)?;
            self.insert(ours.expand(&arguments, &at));
            return self.count(name, &at);
        }
        let symbol = !name.starts_with(|c: char| c.is_ascii_alphabetic());
        let taken = if symbol { ",:;>!{}|#%&$_\\ ~/".contains(name) } else { known().contains(name) };
        if taken {
            operators::arguments_follow(self, name, &at)?;
            self.out.push(token);
            return Ok(());
        }
        Err(self.unknown(name, &at))
    }

    fn unknown(&self, name: &str, at: &Range<usize>) -> Problem {
        let message = format!("unknown command `\\{name}`");
        if let Some(help) = hints::of(name) {
            return Problem::at(message, at).help(help);
        }
        let mut names: Vec<&str> = known().iter().copied().collect();
        for ours in our_names() {
            names.push(ours);
        }
        names.extend(self.macros.names());
        let capital = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        names.retain(|known| capital(known) == capital(name));
        let near = nearest(name, names)
            .filter(|near| near.starts_with("did you mean"))
            .map(|near| near.replacen('`', "`\\", 1));
        let help = near.unwrap_or_else(|| {
            "define it in `[math.macros]` of `octavo.toml` or of the page, as in `name = \"...\"`".to_owned()
        });
        Problem::at(message, at).help(help)
    }

    fn expand_macro(&mut self, name: &str, at: &Range<usize>) -> Result<(), Problem> {
        let Some(definition) = self.macros.get(name).cloned() else { return Ok(()) };
        let arguments = self.arguments(name, definition.parameters(), definition.default(), at)?;
        self.insert(definition.expand(&arguments, at));
        self.count(name, at)
    }

    fn count(&mut self, name: &str, at: &Range<usize>) -> Result<(), Problem> {
        self.expansions += 1;
        if self.expansions > MOST_EXPANSIONS {
            let message =
                format!("`\\{name}` expands more than {MOST_EXPANSIONS} times: does it name itself?");
            return Err(Problem::at(message, at));
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        name: &str,
        count: usize,
        default: Option<&str>,
        at: &Range<usize>,
    ) -> Result<Vec<Vec<Token>>, Problem> {
        let mut arguments = Vec::with_capacity(count);
        if let Some(default) = default {
            arguments.push(self.optional().unwrap_or_else(|| tokens_at(default, at)));
        }
        while arguments.len() < count {
            arguments.push(self.argument(name, at)?);
        }
        Ok(arguments)
    }

    // What the modules beside this one use.

    pub(super) fn open(&mut self, kind: Opened, at: Range<usize>) {
        self.groups.push(Group { kind, start: self.out.len(), at });
    }

    fn close_brace(&mut self, at: &Range<usize>) -> Result<(), Problem> {
        match self.groups.pop() {
            Some(Group { kind: Opened::Brace, .. }) => Ok(()),
            Some(Group { kind: Opened::Left, at, .. }) => {
                Err(Problem::at("this `\\left` has no `\\right` in its group", &at))
            }
            _ => Err(Problem::at("this `}` closes nothing", at)),
        }
    }

    /// Something new begins: a cell or a line.
    pub(super) fn cell(&mut self) {
        let start = self.out.len();
        match self.groups.last_mut() {
            Some(group) => group.start = start,
            None => self.cell_starts = start,
        }
    }

    /// Where the innermost group, cell or line begins in the output.
    pub(super) fn start(&self) -> usize {
        self.groups.last().map_or(self.cell_starts, |group| group.start)
    }

    /// Tokens to read next.
    pub(super) fn insert(&mut self, tokens: Vec<Token>) {
        self.input.extend(tokens.into_iter().rev());
    }

    /// A text of ours to read next, with these for `#1` and so on.
    pub(super) fn insert_text(&mut self, tex: &str, arguments: &[Vec<Token>], at: &Range<usize>) {
        let text = super::macros::Macro::new(arguments.len(), None, tex.to_owned());
        self.insert(text.expand(arguments, at));
    }

    /// A text of ours that needs no more reading.
    pub(super) fn write(&mut self, tex: &str, at: &Range<usize>) {
        self.out.extend(tokens_at(tex, at));
    }

    pub(super) fn skip_space(&mut self) {
        while self.input.last().is_some_and(|token| token.kind == TokenKind::Space) {
            self.input.pop();
        }
    }

    /// The next token that is no white space.
    pub(super) fn peek(&mut self) -> Option<&Token> {
        self.skip_space();
        self.input.last()
    }

    /// The very next token.
    pub(super) fn peek_close(&self) -> Option<&Token> {
        self.input.last()
    }

    pub(super) fn next_token(&mut self) -> Option<Token> {
        self.skip_space();
        self.input.pop()
    }

    /// A star behind a command.
    pub(super) fn star(&mut self) -> bool {
        let star = self.peek().is_some_and(|token| token.is_char('*'));
        if star {
            self.input.pop();
        }
        star
    }

    /// What stands in the braces that come next, or the one token that does.
    pub(super) fn argument(&mut self, name: &str, at: &Range<usize>) -> Result<Vec<Token>, Problem> {
        let shown = if name.starts_with(['^', '_']) { name.to_owned() } else { format!("\\{name}") };
        let missing = || Problem::at(format!("`{shown}` needs an argument"), at);
        let first = self.next_token().ok_or_else(missing)?;
        if first.is_char('}') || first.is_char('&') {
            return Err(missing());
        }
        if !first.is_char('{') {
            return Ok(vec![first]);
        }
        let mut depth = 1;
        let mut inside = Vec::new();
        while let Some(token) = self.input.pop() {
            depth += i32::from(token.is_char('{')) - i32::from(token.is_char('}'));
            if depth == 0 {
                return Ok(inside);
            }
            inside.push(token);
        }
        Err(Problem::at("this `{` has no `}`", &first.at))
    }

    /// How many arguments come next, up to so many: groups or single tokens; before them brackets, if those are asked for.
    pub(super) fn following(&mut self, most: usize, brackets: bool) -> usize {
        let mut tokens = self.input.iter().rev().filter(|token| token.kind != TokenKind::Space).peekable();
        if brackets && tokens.peek().is_some_and(|next| next.is_char('[')) {
            tokens.find(|token| token.is_char(']'));
        }
        let mut count = 0;
        while count < most
            && let Some(first) = tokens.next()
        {
            if first.is_char('}')
                || first.is_char('&')
                || matches!(first.command(), Some("\\" | "right" | "end"))
            {
                break;
            }
            let mut depth = i32::from(first.is_char('{'));
            while depth > 0
                && let Some(token) = tokens.next()
            {
                depth += i32::from(token.is_char('{')) - i32::from(token.is_char('}'));
            }
            // A group without an end takes all the rest: that is what is wrong, and told as such.
            if depth > 0 {
                return most;
            }
            count += 1;
        }
        count
    }

    /// What stands in the brackets that come next, if any do.
    pub(super) fn optional(&mut self) -> Option<Vec<Token>> {
        if !self.peek()?.is_char('[') {
            return None;
        }
        let mut depth = 0;
        let close = self.input.iter().rev().skip(1).position(|token| {
            depth += i32::from(token.is_char('{')) - i32::from(token.is_char('}'));
            depth == 0 && token.is_char(']')
        })?;
        self.input.pop();
        let inside = (0..close).filter_map(|_| self.input.pop()).collect();
        self.input.pop();
        Some(inside)
    }

    /// What stands up to the end of the group, cell or line.
    pub(super) fn rest_of_group(&mut self) -> Vec<Token> {
        let (mut braces, mut others) = (0_i32, 0_i32);
        let mut rest = Vec::new();
        while let Some(token) = self.input.last() {
            let command = token.command().unwrap_or_default();
            let open = braces > 0 || others > 0;
            let ends =
                token.is_char('}') || token.is_char('&') || matches!(command, "right" | "end" | "\\" | "cr");
            if !open && ends {
                break;
            }
            braces += i32::from(token.is_char('{')) - i32::from(token.is_char('}'));
            others += match command {
                "left" | "begin" => 1,
                "right" | "end" => -1,
                _ => 0,
            };
            rest.extend(self.input.pop());
        }
        rest
    }

    /// Lines that break outside of any environment.
    fn wrap_lines(&mut self) {
        let name = if self.aligns.is_some() { "aligned" } else { "gathered" };
        let at = 0..self.end;
        let inner = std::mem::take(&mut self.out);
        self.write(&format!("\\begin{{{name}}}"), &at);
        self.out.extend(inner);
        self.write(&format!("\\end{{{name}}}"), &at);
    }
}

/// The words of tokens, as they stand in the source.
pub(super) fn plain(tokens: &[Token]) -> String {
    let mut plain = String::new();
    for token in tokens {
        match &token.kind {
            TokenKind::Char(c) => plain.push(*c),
            TokenKind::Space => plain.push(' '),
            TokenKind::Command(name) => {
                plain.push('\\');
                plain.push_str(name);
            }
            TokenKind::Words { words, .. } => plain.push_str(words),
            TokenKind::Slot(_) => {}
        }
    }
    plain.trim().to_owned()
}
