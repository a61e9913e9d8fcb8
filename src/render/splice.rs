//! One person's message: the stored literals with that person's values between them. This runs once for each of a
//! million people, so it allocates the message once and looks at each octet of it once.

use std::borrow::Cow;

use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter, tz::TimeZone};
use onevoice_channels::{
    contract::{Content, SmsEncoding},
    sms::encoding::transliterate,
};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    quoted::Encoder,
    rendering::{Body, Encode, HeaderLine, Hole, MailBody, Piece, Rendering, SmsBody, Source},
    value,
};

/// What differs by person.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// The mail address or number.
    pub address: &'a str,
    /// The fields that the text shows, by name; None where a person has none.
    pub values: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    /// The delivery's token.
    pub token: &'a str,
    /// The Message-ID without angle brackets; the same at every attempt.
    pub message_id: &'a str,
    /// The mail's date.
    pub date: Timestamp,
    /// The page behind this person's unsubscribe link.
    pub unsubscribe_url: &'a str,
    /// The Message-ID of the incident's first mail to this person, without angle brackets; None for that mail itself.
    pub thread: Option<&'a str>,
}

/// The message as a provider carries it.
pub fn splice(rendering: &Rendering, person: &Person<'_>) -> Content {
    match &rendering.body {
        Body::Mail(mail) => {
            let (envelope_from, raw) = splice_mail(mail, person);
            Content::Mail { envelope_from, raw: raw.into() }
        }
        Body::Sms(sms) => {
            let (text, encoding) = splice_sms(sms, person);
            Content::Sms { text, encoding }
        }
        Body::Posts(parts) => Content::Post { parts: parts.clone() },
        Body::Page { document, .. } => Content::Page { document: document.clone() },
    }
}

/// MAIL FROM and the whole mail with CRLF line ends, not dot-stuffed.
pub fn splice_mail(mail: &MailBody, person: &Person<'_>) -> (String, Vec<u8>) {
    let mut raw = Vec::with_capacity(room(&mail.raw, person) + 256);
    for piece in &mail.raw {
        match piece {
            Piece::Literal(literal) => raw.extend_from_slice(literal.as_bytes()),
            Piece::Hole(Hole { source: Source::Header(line), .. }) => header(*line, person, &mut raw),
            Piece::Hole(hole) if hole.encode == Encode::QuotedPrintable => {
                let mut encoder = Encoder::new(&mut raw);
                fill(hole, person, None, |run| encoder.push(run));
                encoder.finish();
            }
            Piece::Hole(hole) => fill(hole, person, None, |run| raw.extend_from_slice(run.as_bytes())),
        }
    }
    (text(&mail.return_path, person, None), raw)
}

/// The text message. No value changes its alphabet: it is written in it, or the fallback stands in its place.
pub fn splice_sms(sms: &SmsBody, person: &Person<'_>) -> (String, SmsEncoding) {
    (text(&sms.text, person, Some(sms.encoding)), sms.encoding)
}

/// The text as this person reads it; for a mail, its text part.
pub fn splice_text(rendering: &Rendering, person: &Person<'_>) -> String {
    match &rendering.body {
        Body::Mail(mail) => text(&mail.text, person, None),
        Body::Sms(sms) => splice_sms(sms, person).0,
        Body::Posts(_) | Body::Page { .. } => rendering.plain_text(),
    }
}

/// The HTML part as this person reads it; None for anything but a mail.
pub fn splice_html(rendering: &Rendering, person: &Person<'_>) -> Option<String> {
    match &rendering.body {
        Body::Mail(mail) => Some(text(&mail.html, person, None)),
        _ => None,
    }
}

fn text(pieces: &[Piece], person: &Person<'_>, encoding: Option<SmsEncoding>) -> String {
    let mut text = String::with_capacity(room(pieces, person));
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Hole(hole) => fill(hole, person, encoding, |run| text.push_str(run)),
        }
    }
    text
}

/// About how many octets the filled pieces take.
fn room(pieces: &[Piece], person: &Person<'_>) -> usize {
    let known = 64 + person.address.len() + 2 * person.unsubscribe_url.len();
    let octets = |piece: &Piece| match piece {
        Piece::Literal(literal) => literal.len(),
        Piece::Hole(_) => known,
    };
    pieces.iter().map(octets).sum()
}

/// Passes the value of a hole on in runs, escaped but not encoded.
fn fill(hole: &Hole, person: &Person<'_>, encoding: Option<SmsEncoding>, mut push: impl FnMut(&str)) {
    match &hole.source {
        Source::Attribute(attribute) => {
            let (mut before, mut shown) = value::shown(attribute, (person.values)(&attribute.name));
            if encoding == Some(SmsEncoding::Gsm7) {
                match in_gsm(shown, attribute.max) {
                    Some(text) => shown = text,
                    None => (before, shown) = ("", Cow::Borrowed(attribute.fallback.as_str())),
                }
            }
            value::escaped(hole.escape, before, &mut push);
            value::escaped(hole.escape, &shown, &mut push);
        }
        Source::UnsubscribeUrl => value::escaped(hole.escape, person.unsubscribe_url, push),
        Source::Token => push(person.token),
        Source::Header(_) => {}
    }
}

/// The value in the GSM alphabet, still at most `max` characters long ("…" becomes three); None where it has none.
fn in_gsm(shown: Cow<'_, str>, max: u32) -> Option<Cow<'_, str>> {
    if shown.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" .,-'".contains(&byte)) {
        return Some(shown);
    }
    let mut text = transliterate(&shown)?;
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    if let Some((end, _)) = text.grapheme_indices(true).nth(max) {
        text.truncate(end);
    }
    Some(Cow::Owned(text))
}

/// Writes a header line, or none. Values that no header may hold leave their line out: an address is checked when it
/// is imported, and this is the last place where a line break in one could become a header of its own.
fn header(line: HeaderLine, person: &Person<'_>, raw: &mut Vec<u8>) {
    let mut write = |parts: &[&str]| parts.iter().for_each(|part| raw.extend_from_slice(part.as_bytes()));
    match line {
        HeaderLine::To if is_address(person.address) => write(&["To: ", person.address, "\r\n"]),
        HeaderLine::To => write(&["To: undisclosed-recipients:;\r\n"]),
        HeaderLine::MessageId if is_token(person.message_id) => {
            write(&["Message-ID: <", person.message_id, ">\r\n"]);
        }
        HeaderLine::Thread => {
            if let Some(first) = person.thread.filter(|first| is_token(first) && *first != person.message_id) {
                write(&["In-Reply-To: <", first, ">\r\nReferences: <", first, ">\r\n"]);
            }
        }
        HeaderLine::ListUnsubscribe if is_token(person.unsubscribe_url) => write(&[
            "List-Unsubscribe: <",
            person.unsubscribe_url,
            ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        ]),
        HeaderLine::MessageId | HeaderLine::ListUnsubscribe => {}
        HeaderLine::Date => {
            let date = person.date.to_zoned(TimeZone::UTC);
            raw.extend_from_slice(b"Date: ");
            // Only years before 1 or beyond 9999 cannot be written, and a clock tells neither.
            let _ = DateTimePrinter::new().print_zoned(&date, &mut *raw);
            raw.extend_from_slice(b"\r\n");
        }
    }
}

/// One bare address: nothing that a header reads as more, or as something else, than an address.
fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>(),;:\\\"[]".contains(c);
    text.len() <= 320 && text.contains('@') && text.chars().all(plain)
}

/// What may stand between angle brackets in a line of its own.
fn is_token(text: &str) -> bool {
    (1..=900).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>')
}
