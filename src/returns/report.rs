//! What a mail that came back says: a delivery report (RFC 3464), a complaint (RFC 5965), an automatic answer, a bounce in
//! a server's own words, or what a person wrote. Nothing here believes it: whom it is about is known from elsewhere.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use onevoice_channels::contract::{Reason, ReceiptWord};

use super::rules::Rules;

/// Of a report no more is read than this, in bytes and recipients.
const LONGEST: usize = 256 << 10;
const MOST_RECIPIENTS: usize = 100;
/// A server's words are in the first of these many bytes of a bounce that has no report.
const WORDS: usize = 16 << 10;

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A server's later word on the delivery; None where it says nothing that ends it, such as a delay.
    Report(Option<ReceiptWord>),
    /// The reader marked the message as unwanted. With it the tokens that stand in the message it is about.
    Complaint(Vec<String>),
    /// A machine's answer, or a bounce that no rule knows: it changes nothing.
    Nothing,
    /// A person's words.
    Words,
}

/// Reads a mail. `from_nobody` is whether its envelope has no sender, as that of a bounce.
pub fn read(raw: &[u8], from_nobody: bool, rules: &Rules) -> Said {
    // The parser panics at a nested message whose multipart is never closed, and strangers write these bytes.
    let parsed = std::panic::catch_unwind(|| MessageParser::default().parse(raw));
    let Ok(Some(message)) = parsed else { return Said::Nothing };
    if let Some(part) = part_of(&message, "message", "feedback-report") {
        return complaint(&message, contents(&message, part));
    }
    for kind in ["delivery-status", "global-delivery-status"] {
        if let Some(part) = part_of(&message, "message", kind) {
            return Said::Report(status(contents(&message, part), rules));
        }
    }
    let is_automatic = message.headers_raw().any(|(name, value)| {
        rules.is_auto_reply(
            &name.to_ascii_lowercase(),
            &decoded(&message, name).unwrap_or_else(|| value.trim().to_owned()),
        )
    });
    if from_nobody || is_postmaster(&message) {
        // Answers of machines have no sender either (RFC 3834).
        let word = if is_automatic && !is_postmaster(&message) { None } else { bounce(&message, rules) };
        return word.map_or(Said::Nothing, |word| Said::Report(Some(word)));
    }
    if is_automatic { Said::Nothing } else { Said::Words }
}

/// The subject as it is read; other headers stand as they are.
fn decoded(message: &Message<'_>, name: &str) -> Option<String> {
    if name.eq_ignore_ascii_case("subject") { message.subject().map(str::to_owned) } else { None }
}

fn is_postmaster(message: &Message<'_>) -> bool {
    let from = message.from().and_then(|from| from.first()?.address());
    let user = from.and_then(|from| from.split('@').next()).unwrap_or_default();
    user.eq_ignore_ascii_case("mailer-daemon") || user.eq_ignore_ascii_case("postmaster")
}

fn part_of<'m, 'x>(message: &'m Message<'x>, kind: &str, subtype: &str) -> Option<&'m MessagePart<'x>> {
    message.parts.iter().find(|part| {
        part.content_type().is_some_and(|found| {
            found.ctype().eq_ignore_ascii_case(kind)
                && found.subtype().is_some_and(|found| found.eq_ignore_ascii_case(subtype))
        })
    })
}

/// The text of a part; of a nested message, the message.
fn contents<'m>(message: &'m Message<'_>, part: &'m MessagePart<'_>) -> &'m [u8] {
    let bytes = match &part.body {
        PartType::Message(_) | PartType::Multipart(_) => {
            let place = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
            message.raw_message.get(place).unwrap_or_default()
        }
        _ => part.contents(),
    };
    &bytes[..bytes.len().min(LONGEST)]
}

/// The fields of a report's blocks, names in lower case, folded lines joined.
fn blocks(text: &[u8]) -> Vec<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(text);
    let mut blocks: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines().map(str::trim_end) {
        let Some(block) = blocks.last_mut() else { break };
        if line.is_empty() {
            if !block.is_empty() && blocks.len() <= MOST_RECIPIENTS {
                blocks.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.last_mut() {
                value.push(' ');
                value.push_str(line.trim_start());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            block.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    blocks
}

fn field<'b>(block: &'b [(String, String)], name: &str) -> Option<&'b str> {
    block.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// One message has one recipient; behind it an alias may have several. Where one of them has it, it has arrived.
fn status(text: &[u8], rules: &Rules) -> Option<ReceiptWord> {
    let words: Vec<ReceiptWord> = blocks(text).iter().filter_map(|block| recipient(block, rules)).collect();
    words.iter().find(|word| **word == ReceiptWord::Delivered).or(words.first()).copied()
}

/// What the report says of one recipient: `delayed` goes on, `relayed` and `expanded` are the last that is known.
fn recipient(block: &[(String, String)], rules: &Rules) -> Option<ReceiptWord> {
    match field(block, "action")?.to_ascii_lowercase().as_str() {
        "delivered" => Some(ReceiptWord::Delivered),
        "failed" => {
            let diagnostic = field(block, "diagnostic-code").unwrap_or_default();
            let status = field(block, "status").unwrap_or_default();
            let status = code(status).unwrap_or_default();
            // "5.0.0" says nothing; the server's own words often have the code.
            let better = if status.ends_with(".0.0") || status.is_empty() { code(diagnostic) } else { None };
            let reason = rules.reason(better.unwrap_or(status), diagnostic);
            Some(ReceiptWord::Failed(reason.unwrap_or(Reason::Undelivered)))
        }
        _ => None,
    }
}

/// The first enhanced status code in a text: class, subject, detail (RFC 3463).
fn code(text: &str) -> Option<&str> {
    let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|word| word.trim_matches('.'));
    words.find(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        let short = |part: &str| (1..=3).contains(&part.len());
        matches!(parts[..], ["2" | "4" | "5", subject, detail] if short(subject) && short(detail))
    })
}

/// A bounce without a report: only where the server's words fit a rule, and say that it is for good.
fn bounce(message: &Message<'_>, rules: &Rules) -> Option<ReceiptWord> {
    let text = message.body_text(0)?;
    let end = (0..=WORDS.min(text.len())).rev().find(|end| text.is_char_boundary(*end))?;
    let text = &text[..end];
    let status = code(text)?;
    if !status.starts_with('5') {
        return None;
    }
    rules.reason(status, text).map(ReceiptWord::Failed)
}

/// Only what a reader did counts; `not-spam`, `dmarc` and the like are of no delivery.
fn complaint(message: &Message<'_>, text: &[u8]) -> Said {
    let fields = blocks(text).concat();
    let kind = field(&fields, "feedback-type").unwrap_or_default().to_ascii_lowercase();
    if !matches!(kind.as_str(), "abuse" | "fraud" | "opt-out" | "opt-out-list") {
        return Said::Nothing;
    }
    let raw = String::from_utf8_lossy(&message.raw_message[..message.raw_message.len().min(LONGEST)]);
    // Our tokens are 32 hexadecimal digits: in the unsubscribe link and in the return path.
    let tokens = raw.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
        word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    let mut tokens: Vec<String> = tokens.map(str::to_owned).collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens.truncate(16);
    Said::Complaint(tokens)
}

#[cfg(test)]
mod tests;
