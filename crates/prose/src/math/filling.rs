//! A result as it stands in a formula: a number as a number.

use crate::safe_html::escape;

const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/// A value as MathML. It begins as a number in the page's language; what follows the number, or no number at all, is words.
pub(crate) fn filling(text: &str) -> String {
    let trimmed = text.trim();
    let (sign, rest) = match trimmed.chars().next() {
        Some(c @ ('\u{2212}' | '+' | '-')) => {
            (Some(if c == '-' { '\u{2212}' } else { c }), &trimmed[c.len_utf8()..])
        }
        _ => (None, trimmed),
    };
    let length = if rest.starts_with('∞') { '∞'.len_utf8() } else { number_length(rest) };
    if length == 0 {
        return format!("<mtext>{}</mtext>", escape(text));
    }
    let (number, rest) = rest.split_at(length);
    let element = if number == "∞" { "mi" } else { "mn" };
    let mut parts = Vec::new();
    if let Some(sign) = sign {
        parts.push(format!("<mo form=\"prefix\">{sign}</mo>"));
    }
    parts.push(format!("<{element}>{}</{element}>", escape(number)));
    let rest = match power(rest) {
        Some((exponent, rest)) => {
            parts.push("<mo>×</mo>".to_owned());
            parts.push(format!("<msup><mn>10</mn>{exponent}</msup>"));
            rest
        }
        None => rest,
    };
    if !rest.is_empty() {
        parts.push(format!("<mtext>{}</mtext>", escape(rest)));
    }
    if parts.len() == 1 { parts.concat() } else { format!("<mrow>{}</mrow>", parts.concat()) }
}

/// The bytes of a number: digits with single separators between them.
fn number_length(text: &str) -> usize {
    let mut length = 0;
    let mut separator = 0;
    for c in text.chars() {
        if c.is_ascii_digit() {
            length += separator + 1;
            separator = 0;
        } else if separator == 0
            && length > 0
            && matches!(c, '.' | ',' | '\u{202f}' | '\u{a0}' | '\u{2009}' | '’')
        {
            separator = c.len_utf8();
        } else {
            break;
        }
    }
    length
}

/// `×10⁻⁹` and what follows it.
fn power(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix("×10")?;
    let (minus, digits) = rest.strip_prefix('⁻').map_or((false, rest), |digits| (true, digits));
    let end = digits.find(|c| !RAISED.contains(c)).unwrap_or(digits.len());
    let plain: String = digits[..end]
        .chars()
        .filter_map(|c| RAISED.chars().position(|raised| raised == c))
        .map(|digit| digit.to_string())
        .collect();
    let number = format!("<mn>{plain}</mn>");
    let exponent =
        if minus { format!("<mrow><mo form=\"prefix\">\u{2212}</mo>{number}</mrow>") } else { number };
    (end > 0).then(|| (exponent, &digits[end..]))
}

#[cfg(test)]
mod tests {
    use super::filling;

    #[test]
    fn numbers_are_numbers_and_the_rest_is_words() {
        for (text, expected) in [
            ("1.5", "<mn>1.5</mn>"),
            ("1,5", "<mn>1,5</mn>"),
            ("500,501", "<mn>500,501</mn>"),
            ("1\u{202f}234,5", "<mn>1\u{202f}234,5</mn>"),
            ("\u{2212}0.5", "<mrow><mo form=\"prefix\">\u{2212}</mo><mn>0.5</mn></mrow>"),
            (
                "1.5×10⁻⁹",
                "<mrow><mn>1.5</mn><mo>×</mo><msup><mn>10</mn><mrow><mo form=\"prefix\">\u{2212}</mo><mn>9</mn></mrow></msup></mrow>",
            ),
            ("31.6%", "<mrow><mn>31.6</mn><mtext>%</mtext></mrow>"),
            ("∞", "<mi>∞</mi>"),
            ("a <b>", "<mtext>a &lt;b&gt;</mtext>"),
            ("3, 4", "<mrow><mn>3</mn><mtext>, 4</mtext></mrow>"),
        ] {
            assert_eq!(filling(text), expected, "{text}");
        }
    }
}
