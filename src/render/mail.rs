//! A mail as it is sent: MIME built by lettre, both parts quoted-printable so that holes may hold any script.
//!
//! The headers that differ by person stand first, each a hole. Nothing in the literals changes with time: the date is
//! a hole and the boundary is a hash of the text, so the same mail has the same bytes when it is approved again.

use std::fmt::Write;

use lettre::{
    Address,
    message::{
        Body, Mailbox, Mailboxes, MultiPart, SinglePart,
        header::{
            ContentTransferEncoding, ContentType, From, HeaderName, HeaderValue, Headers, MIME_VERSION_1_0, ReplyTo,
            Subject,
        },
    },
};
use sha2::{Digest, Sha256};

use super::{
    Page, RenderError,
    helpers::{MARK_END, MARK_START},
    input::Organisation,
    quoted,
    rendering::{Encode, Escape, HeaderLine, Hole, MailBody, Piece, Source, with_fallbacks},
    source::Part,
};

/// A subject is cut here, in characters; no client shows more.
const SUBJECT: usize = 250;

/// The header lines that differ by person, in their order; the last one is for subscribers.
const LINES: [HeaderLine; 5] =
    [HeaderLine::To, HeaderLine::MessageId, HeaderLine::Date, HeaderLine::Thread, HeaderLine::ListUnsubscribe];

/// The mail of a page.
pub(super) fn compile(page: &Page<'_>) -> Result<MailBody, RenderError> {
    let staff = page.channel.is_staff();
    let parts = if staff { [Part::StaffText, Part::StaffHtml] } else { [Part::Text, Part::Html] };
    let (text, _) = page.pieces(parts[0], &[])?;
    let (html, _) = page.pieces(parts[1], &[])?;
    let organisation = page.input.organisation;
    let headers = headers(page)?;
    // Colleagues are no subscribers: there is nothing to unsubscribe from.
    let lines: &[HeaderLine] = if staff { &LINES[..4] } else { &LINES };
    Ok(MailBody { return_path: return_path(organisation)?, raw: raw(lines, &headers, &text, &html), text, html })
}

/// The whole message: the holes of the headers, the other headers, the parts.
fn raw(lines: &[HeaderLine], headers: &Headers, text: &[Piece], html: &[Piece]) -> Vec<Piece> {
    let mut holes = Vec::new();
    let mut part = |kind: ContentType, pieces: &[Piece]| {
        let body = Body::dangerous_pre_encoded(encoded(pieces, &mut holes), ContentTransferEncoding::QuotedPrintable);
        SinglePart::builder().content_type(kind).body(body)
    };
    let parts = [part(ContentType::TEXT_PLAIN, text), part(ContentType::TEXT_HTML, html)];
    let multipart =
        parts.into_iter().fold(MultiPart::alternative().boundary(boundary(text, html)).build(), MultiPart::singlepart);
    let formatted = format!("{headers}{}", String::from_utf8_lossy(&multipart.formatted()));
    let head = lines
        .iter()
        .map(|line| Piece::Hole(Hole { source: Source::Header(*line), escape: Escape::Text, encode: Encode::None }));
    head.chain(cut(&formatted, holes)).collect()
}

/// A part's pieces in quoted-printable, with a numbered mark for each hole, which is added to `holes`.
fn encoded(pieces: &[Piece], holes: &mut Vec<Hole>) -> Vec<u8> {
    let mut text = String::new();
    for (place, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(literal) => {
                let value_follows = matches!(pieces.get(place + 1), Some(Piece::Hole(_)));
                text.push_str(&quoted::literal(literal, value_follows));
            }
            Piece::Hole(hole) => {
                // Writing to a string cannot fail.
                let _ = write!(text, "{MARK_START}{}{MARK_END}", holes.len());
                holes.push(Hole { encode: Encode::QuotedPrintable, ..hole.clone() });
            }
        }
    }
    text.into_bytes()
}

/// The formatted message cut at its numbered marks. No fact can hold a mark: quoted-printable is ASCII.
fn cut(formatted: &str, holes: Vec<Hole>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = formatted;
    for hole in holes {
        let Some((before, marked)) = rest.split_once(MARK_START) else { break };
        let Some((_, after)) = marked.split_once(MARK_END) else { break };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        pieces.push(Piece::Hole(hole));
        rest = after;
    }
    pieces.push(Piece::Literal(rest.to_owned()));
    pieces
}

/// The same for the same text. `=_` never stands in quoted-printable (RFC 2045, section 6.7), so no value, whatever
/// it holds, can end a part.
fn boundary(text: &[Piece], html: &[Piece]) -> String {
    let digest = Sha256::new().chain_update(with_fallbacks(text)).chain_update(with_fallbacks(html)).finalize();
    let mut boundary = "=_".to_owned();
    for byte in &digest[..15] {
        let _ = write!(boundary, "{byte:02x}");
    }
    boundary
}

/// The headers that are the same for everyone.
fn headers(page: &Page<'_>) -> Result<Headers, RenderError> {
    let mail = &page.input.organisation.mail;
    let sender = address(&mail.from_address, "from_address")?;
    let list = format!("<{}.{}>", if page.channel.is_staff() { "staff" } else { "updates" }, sender.domain());
    let name = mail.from_name.replace(char::is_control, " ");
    let mut headers = Headers::new();
    headers.set(From::from(Mailboxes::from(Mailbox::new(Some(name), sender))));
    if let Some(reply_to) = &mail.reply_to {
        headers.set(ReplyTo::from(Mailboxes::from(Mailbox::new(None, address(reply_to, "reply_to")?))));
    }
    headers.set(Subject::from(page.headline.chars().take(SUBJECT).collect::<String>()));
    headers.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("List-Id"), list));
    // RFC 3834, section 5: nobody's absence notice answers this.
    headers.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    headers.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Feedback-ID"), feedback_id(page)));
    headers.set(MIME_VERSION_1_0);
    Ok(headers)
}

/// What Gmail counts complaints by: kind, variant and language of the message, and the sender, which is always the same.
fn feedback_id(page: &Page<'_>) -> String {
    let plain = |text: &str| -> String {
        text.chars().take(40).map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
    };
    let input = page.input;
    format!("{}:{}:{}:onevoice", input.message.as_str(), plain(input.variant), plain(input.locale))
}

/// MAIL FROM, in which the token of the delivery is a hole.
fn return_path(organisation: &Organisation) -> Result<Vec<Piece>, RenderError> {
    const TOKEN: &str = "{token}";
    let mail = &organisation.mail;
    let pattern = mail.return_path.as_deref().unwrap_or(&mail.from_address);
    address(&pattern.replacen(TOKEN, "0", 1), "return_path")?;
    let Some((before, after)) = pattern.split_once(TOKEN) else {
        return Ok(vec![Piece::Literal(pattern.to_owned())]);
    };
    let token = Hole { source: Source::Token, escape: Escape::Text, encode: Encode::None };
    Ok(vec![Piece::Literal(before.to_owned()), Piece::Hole(token), Piece::Literal(after.to_owned())])
}

fn address(text: &str, field: &str) -> Result<Address, RenderError> {
    text.parse().map_err(|_| RenderError::Address { field: field.to_owned() })
}
