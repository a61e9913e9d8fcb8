//! A mail in the pieces that SendGrid takes.
//!
//! | of the mail | goes into |
//! |---|---|
//! | `From`, `Reply-To` | `from`, `reply_to` |
//! | `Subject` | `subject` |
//! | the parts `text/plain` and `text/html` | `content`, in this order |
//! | `To`, `Cc`, `Bcc`, `Date`, `MIME-Version`, `Content-…`, `Received`, `Return-Path`, `DKIM-Signature`, `X-SG-…` | nothing: SendGrid writes its own, and refuses most of them in `headers` |
//! | every other header line | `headers`, as it is, but on one line |
//!
//! A mail with anything else in it (an attachment, a second text) is refused rather than sent without it.

use std::borrow::Cow;

use mail_parser::{Addr, Address, MessageParser, MimeHeaders as _, PartType};
use serde_json::{Map, Value, json};

/// What SendGrid writes itself, in lower case. A name that ends in `-` stands for all that begin so.
const ITS_OWN: &[&str] = &[
    "to",
    "cc",
    "bcc",
    "from",
    "reply-to",
    "subject",
    "date",
    "mime-version",
    "content-",
    "received",
    "return-path",
    "dkim-signature",
    "x-sg-",
];

/// The mail as SendGrid's JSON, without recipients.
///
/// # Errors
/// Why it cannot be sent so.
pub(super) fn of(raw: &[u8]) -> Result<Value, &'static str> {
    let message = MessageParser::new().parse(raw).ok_or("the mail cannot be read")?;
    let from = message.from().and_then(only).ok_or("the mail has no From, or more than one")?;
    let (mut text, mut html) = (None, None);
    for part in &message.parts {
        let place = match &part.body {
            PartType::Multipart(_) => continue,
            PartType::Text(_) if is_plain(part) => &mut text,
            PartType::Html(_) => &mut html,
            _ => return Err("the mail has a part that is neither its text nor its HTML"),
        };
        if place.replace(part.text_contents().unwrap_or_default()).is_some() {
            return Err("the mail has two texts, or two HTML parts");
        }
    }
    let content: Vec<Value> = [("text/plain", text), ("text/html", html)]
        .into_iter()
        .filter_map(|(kind, value)| Some(json!({ "type": kind, "value": value.filter(|value| !value.is_empty())? })))
        .collect();
    if content.is_empty() {
        return Err("the mail has no text");
    }
    // RFC 5322, section 2.2: what is no name would be a line of its own, or none.
    if message.headers_raw().any(|(name, _)| name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err("the mail has a header line without a name");
    }
    let headers: Map<String, Value> = message
        .headers_raw()
        .filter(|(name, _)| !is_its_own(&name.to_ascii_lowercase()))
        .map(|(name, value)| (name.to_owned(), json!(one_line(value))))
        .collect();
    let mut mail = json!({ "from": from, "subject": message.subject().unwrap_or_default(), "content": content });
    if let Some(reply_to) = message.reply_to().and_then(only) {
        mail["reply_to"] = reply_to;
    }
    if !headers.is_empty() {
        mail["headers"] = Value::Object(headers);
    }
    Ok(mail)
}

fn is_plain(part: &mail_parser::MessagePart<'_>) -> bool {
    part.attachment_name().is_none()
        && part.content_type().is_none_or(|kind| kind.subtype().is_none_or(|sub| sub.eq_ignore_ascii_case("plain")))
}

fn is_its_own(name: &str) -> bool {
    ITS_OWN.iter().any(|own| if own.ends_with('-') { name.starts_with(own) } else { name == *own })
}

/// The one address of a header line.
fn only(address: &Address<'_>) -> Option<Value> {
    let mut all = address.iter();
    let (Some(Addr { name, address: Some(address) }), None) = (all.next(), all.next()) else { return None };
    Some(match name.as_ref().filter(|name| !name.is_empty()) {
        Some(name) => json!({ "email": address, "name": name }),
        None => json!({ "email": address }),
    })
}

/// A header's value, unfolded (RFC 5322, section 2.2.3).
fn one_line(value: &str) -> Cow<'_, str> {
    let value = value.trim();
    if value.contains(['\r', '\n']) { value.replace("\r\n", "").replace(['\r', '\n'], "").into() } else { value.into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAIL: &str = concat!(
        "To: reader@example.com\r\n",
        "Message-ID: <12-email-1@sender.example>\r\n",
        "Date: Sun, 1 Mar 2026 12:00:00 +0000\r\n",
        "References: <11-email-1@sender.example>\r\n <10-email-1@sender.example>\r\n",
        "List-Unsubscribe: <https://alerts.example/u/abc>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "From: =?utf-8?b?QmFuayBGw7xuZg==?= <alerts@sender.example>\r\n",
        "Reply-To: help@sender.example\r\n",
        "Subject: =?utf-8?q?St=C3=B6rung?=\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "DKIM-Signature: v=1; a=rsa-sha256; b=abc\r\n",
        "MIME-Version: 1.0\r\n",
        "Content-Type: multipart/alternative; boundary=\"=_x\"\r\n\r\n",
        "--=_x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        "Karten gehen gerade nicht. =C3=84hnliches=\r\n folgt.\r\n",
        "--=_x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        "<p style=3D\"x\">Karten</p>\r\n--=_x--\r\n",
    );

    #[test]
    fn every_piece_of_a_mail_has_its_place() {
        let expected = json!({
            "from": { "email": "alerts@sender.example", "name": "Bank Fünf" },
            "subject": "Störung",
            "content": [
                { "type": "text/plain", "value": "Karten gehen gerade nicht. Ähnliches folgt." },
                { "type": "text/html", "value": "<p style=\"x\">Karten</p>" },
            ],
            "reply_to": { "email": "help@sender.example" },
            "headers": {
                "Message-ID": "<12-email-1@sender.example>",
                "References": "<11-email-1@sender.example> <10-email-1@sender.example>",
                "List-Unsubscribe": "<https://alerts.example/u/abc>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        });
        assert_eq!(of(MAIL.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        let attachment = MAIL.replace("text/html", "application/pdf");
        assert!(of(attachment.as_bytes()).unwrap_err().contains("neither"));
        let calendar = MAIL.replace("text/html", "text/calendar");
        assert!(of(calendar.as_bytes()).unwrap_err().contains("neither"));
        assert!(of(MAIL.replace("text/html", "text/plain").as_bytes()).unwrap_err().contains("two texts"));
        assert!(of(b"Subject: a\r\n\r\ntext").unwrap_err().contains("From"));
        assert!(of(b"From: a@b.example, c@d.example\r\n\r\ntext").unwrap_err().contains("From"));
        assert!(of(b"From: a@b.example\r\n\r\n").unwrap_err().contains("no text"));
        assert!(of(b"").is_err());
    }

    #[test]
    fn a_mail_of_one_part_is_its_text() {
        let mail = of(b"From: a@b.example\r\nSubject: s\r\n\r\nWe know of it.\r\n").unwrap();
        assert_eq!(mail["content"], json!([{ "type": "text/plain", "value": "We know of it.\r\n" }]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = of(&raw);
        }

        #[test]
        fn no_header_of_ours_has_a_line_end(value in "[ -~\r\n\t]{0,80}") {
            if let Ok(mail) = of(format!("X-A: {value}\r\nFrom: a@b.example\r\n\r\ntext").as_bytes()) {
                let values = mail["headers"].as_object().into_iter().flat_map(|headers| headers.values());
                for value in values.filter_map(Value::as_str) {
                    prop_assert!(!value.contains(['\r', '\n']), "{value:?}");
                }
            }
        }
    }
}
