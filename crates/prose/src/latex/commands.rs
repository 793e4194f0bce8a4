//! Commands of LaTeX that stand in bibliographies.

use super::Style;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// It stands for a text.
    Text(&'static str),
    /// It takes one argument and gives it a look.
    Styled(Style),
    /// It gives a look, or none, to the rest of its group.
    Declares(Option<Style>),
    /// It prints its argument.
    Plain,
    /// It prints its second argument.
    Second,
    /// Its argument is not printed: a key for sorting.
    Dropped,
    /// It sets its argument in quotation marks.
    Quoted,
    /// It sets its argument in capitals, or without any.
    Cased(bool),
    /// Its argument is mathematics.
    Math,
    /// All up to its partner is mathematics.
    MathUntil(&'static str),
    /// Its argument is an address, after this.
    Address(&'static str),
    /// An address and what is shown.
    Link,
}

/// What a command does; `None` if it is not known.
pub(super) fn command(name: &str) -> Option<Command> {
    TEXTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| Command::Text(text))
        .or_else(|| effect(name))
}

fn effect(name: &str) -> Option<Command> {
    Some(match name {
        "emph" | "textit" | "textsl" | "mkbibemph" | "mkbibitalic" | "underline" => {
            Command::Styled(Style::Emphasis)
        }
        "textbf" | "mkbibbold" => Command::Styled(Style::Strong),
        "texttt" | "verb" => Command::Styled(Style::Code),
        "textsc" => Command::Styled(Style::SmallCapitals),
        "textsuperscript" | "mkbibsuperscript" => Command::Styled(Style::Raised),
        "textsubscript" => Command::Styled(Style::Lowered),
        "em" | "it" | "itshape" | "sl" | "slshape" => Command::Declares(Some(Style::Emphasis)),
        "bf" | "bfseries" => Command::Declares(Some(Style::Strong)),
        "tt" | "ttfamily" => Command::Declares(Some(Style::Code)),
        "sc" | "scshape" => Command::Declares(Some(Style::SmallCapitals)),
        "rm" | "rmfamily" | "sf" | "sffamily" | "upshape" | "mdseries" | "normalfont" | "small"
        | "normalsize" => Command::Declares(None),
        "mbox" | "hbox" | "fbox" | "text" | "textrm" | "textup" | "textsf" | "textmd" | "textnormal"
        | "bibnamefont" | "bibfnamefont" | "textlatin" | "textgreek" | "textcyrillic" | "mkbibparens"
        | "mkbibbrackets" => Command::Plain,
        "foreignlanguage" | "bibinfo" | "textcolor" => Command::Second,
        "noopsort" | "SortNoop" | "sortnoop" | "natexlab" | "hspace" | "vspace" | "label" => Command::Dropped,
        "enquote" | "mkbibquote" => Command::Quoted,
        "uppercase" | "MakeUppercase" => Command::Cased(true),
        "lowercase" | "MakeLowercase" => Command::Cased(false),
        "ensuremath" => Command::Math,
        "(" => Command::MathUntil("\\)"),
        "[" => Command::MathUntil("\\]"),
        "url" | "nolinkurl" | "path" | "urlprefix" => Command::Address(""),
        "doi" => Command::Address("https://doi.org/"),
        "href" => Command::Link,
        _ => return None,
    })
}

const TEXTS: &[(&str, &str)] = &[
    // Letters.
    ("ss", "ß"),
    ("SS", "ẞ"),
    ("o", "ø"),
    ("O", "Ø"),
    ("l", "ł"),
    ("L", "Ł"),
    ("i", "ı"),
    ("j", "ȷ"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("oe", "œ"),
    ("OE", "Œ"),
    ("aa", "å"),
    ("AA", "Å"),
    ("dh", "ð"),
    ("DH", "Ð"),
    ("th", "þ"),
    ("TH", "Þ"),
    ("dj", "đ"),
    ("DJ", "Đ"),
    ("ng", "ŋ"),
    ("NG", "Ŋ"),
    ("ij", "ĳ"),
    ("IJ", "Ĳ"),
    ("ohorn", "ơ"),
    ("OHORN", "Ơ"),
    ("uhorn", "ư"),
    ("UHORN", "Ư"),
    // Characters that mean something to LaTeX.
    ("&", "&"),
    ("%", "%"),
    ("$", "$"),
    ("#", "#"),
    ("_", "_"),
    ("{", "{"),
    ("}", "}"),
    ("textbackslash", "\\"),
    ("textasciitilde", "~"),
    ("textasciicircum", "^"),
    ("textunderscore", "_"),
    ("textdollar", "$"),
    ("textbar", "|"),
    ("textless", "<"),
    ("textgreater", ">"),
    ("textbraceleft", "{"),
    ("textbraceright", "}"),
    // Spaces and breaks.
    (" ", " "),
    ("\n", " "),
    ("\t", " "),
    ("\\", " "),
    (",", "\u{202f}"),
    (";", " "),
    (":", " "),
    (">", " "),
    ("!", ""),
    ("/", ""),
    ("@", ""),
    ("-", "\u{ad}"),
    ("thinspace", "\u{202f}"),
    ("nobreakspace", "\u{a0}"),
    ("space", " "),
    ("quad", " "),
    ("qquad", " "),
    ("enspace", " "),
    ("newline", " "),
    ("linebreak", " "),
    ("par", " "),
    ("newblock", " "),
    ("relax", ""),
    ("protect", ""),
    ("allowbreak", ""),
    ("nobreak", ""),
    ("hfill", " "),
    ("slash", "/"),
    ("hyp", "-"),
    // Marks.
    ("textendash", "–"),
    ("textemdash", "—"),
    ("textquoteleft", "‘"),
    ("lq", "‘"),
    ("textquoteright", "’"),
    ("rq", "’"),
    ("textquotedblleft", "“"),
    ("textquotedblright", "”"),
    ("textquotesingle", "'"),
    ("textquotedbl", "\""),
    ("quotedblbase", "„"),
    ("quotesinglbase", "‚"),
    ("glqq", "„"),
    ("grqq", "“"),
    ("flqq", "«"),
    ("frqq", "»"),
    ("guillemotleft", "«"),
    ("guillemotright", "»"),
    ("guillemetleft", "«"),
    ("guillemetright", "»"),
    ("og", "«\u{a0}"),
    ("fg", "\u{a0}»"),
    ("guilsinglleft", "‹"),
    ("guilsinglright", "›"),
    ("textexclamdown", "¡"),
    ("textquestiondown", "¿"),
    ("dots", "…"),
    ("ldots", "…"),
    ("textellipsis", "…"),
    ("textbullet", "•"),
    ("textperiodcentered", "·"),
    ("cdot", "·"),
    ("textdegree", "°"),
    ("degree", "°"),
    ("textregistered", "®"),
    ("texttrademark", "™"),
    ("textcopyright", "©"),
    ("copyright", "©"),
    ("S", "§"),
    ("textsection", "§"),
    ("P", "¶"),
    ("textparagraph", "¶"),
    ("pounds", "£"),
    ("textsterling", "£"),
    ("euro", "€"),
    ("texteuro", "€"),
    ("textyen", "¥"),
    ("dag", "†"),
    ("ddag", "‡"),
    ("textordfeminine", "ª"),
    ("textordmasculine", "º"),
    ("textnumero", "№"),
    ("textmu", "µ"),
    ("texttimes", "×"),
    ("times", "×"),
    ("textpm", "±"),
    ("textonehalf", "½"),
    ("cprime", "ʹ"),
    ("cdprime", "ʺ"),
    ("Dbar", "Đ"),
    ("dbar", "đ"),
    ("TeX", "TeX"),
    ("LaTeX", "LaTeX"),
    ("LaTeXe", "LaTeX2e"),
    ("BibTeX", "BibTeX"),
    ("XeTeX", "XeTeX"),
];
