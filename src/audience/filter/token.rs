//! Cuts a filter into its words.

use super::{FilterError, Operator};

/// One word of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or a word of the language.
    Word(String),
    /// Text that stood in quotes.
    Text(String),
    Number(f64),
    Operator(Operator),
    Open,
    Close,
    Comma,
    End,
}

/// A token and the byte at which it starts.
pub(super) type Placed = (usize, Token);

/// Cuts `text` into tokens, closed by [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, FilterError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, token) = match first {
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '(' => (1, Token::Open),
            ')' => (1, Token::Close),
            ',' => (1, Token::Comma),
            '"' => quoted(rest, at)?,
            '0'..='9' | '-' => numeral(rest, at)?,
            'A'..='Z' | 'a'..='z' | '_' => {
                let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
                (length, Token::Word(rest[..length].to_owned()))
            }
            _ => operator(rest, at)?,
        };
        tokens.push((at, token));
        at += length;
    }
    tokens.push((text.len(), Token::End));
    Ok(tokens)
}

/// Reads `-?digits[.digits]`; None for anything else, so that a person's attribute is read by the same rule.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn quoted(rest: &str, at: usize) -> Result<(usize, Token), FilterError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Ok((index + 1, Token::Text(text))),
            '\\' => match chars.next() {
                Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                _ => {
                    let mend = r#"write `\\` for a backslash and `\"` for a quote"#;
                    return Err(FilterError::new(at + index, "lone backslash", mend));
                }
            },
            _ => text.push(c),
        }
    }
    Err(FilterError::new(at, "text without an end", r#"close it with `"`"#))
}

fn numeral(rest: &str, at: usize) -> Result<(usize, Token), FilterError> {
    let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    let written = &rest[..length];
    match number(written) {
        Some(number) => Ok((length, Token::Number(number))),
        None => {
            let problem = format!("unreadable number `{}`", shown(written));
            let mend = r#"write it like 18 or -2.5, or put text in quotes: "2024-05-01""#;
            Err(FilterError::new(at, problem, mend))
        }
    }
}

fn operator(rest: &str, at: usize) -> Result<(usize, Token), FilterError> {
    let sign = |c: char| matches!(c, '=' | '!' | '<' | '>' | '&' | '|' | '~');
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let length = rest.find(|c| !sign(c)).unwrap_or(rest.len()).max(first);
    let known = match &rest[..length] {
        "=" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        unknown => {
            let mend = match unknown {
                "==" | "===" => "write `=`",
                "<>" | "!==" | "=!" => "write `!=`",
                "=<" => "write `<=`",
                "=>" => "write `>=`",
                "!" => "write `not`",
                "&" | "&&" => "write `and`",
                "|" | "||" => "write `or`",
                "~" | "=~" => "write `contains`",
                "'" | "“" | "”" | "„" | "‘" | "’" | "«" | "»" => {
                    "put text in straight double quotes: \"DE\""
                }
                _ => "the operators are = != < <= > >= in contains",
            };
            let what = if unknown.chars().all(sign) { "unknown operator" } else { "unexpected" };
            return Err(FilterError::new(at, format!("{what} `{}`", shown(unknown)), mend));
        }
    };
    Ok((length, Token::Operator(known)))
}

/// The start of what was written: an error stays one short line.
fn shown(text: &str) -> &str {
    text.char_indices().nth(20).map_or(text, |(end, _)| &text[..end])
}
