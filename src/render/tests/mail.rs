//! A spliced mail is what lettre would have built whole, and no value breaks out of its place.

use std::sync::OnceLock;

use lettre::message::{Mailbox, MultiPart, SinglePart, header};
use mail_parser::{Message, MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::*;

fn parse(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

/// What lettre builds from the filled texts.
fn whole(rendering: &Rendering, person: &Person<'_>) -> Vec<u8> {
    let part = |kind, text: String| {
        SinglePart::builder()
            .header(header::ContentTransferEncoding::QuotedPrintable)
            .header::<header::ContentType>(kind)
            .body(text)
    };
    lettre::Message::builder()
        .from("Acme Status <status@mail.acme.example>".parse().unwrap())
        .reply_to("help@acme.example".parse().unwrap())
        .to(Mailbox::new(None, person.address.parse().unwrap()))
        .subject(rendering.subject.clone().unwrap())
        .message_id(Some(format!("<{}>", person.message_id)))
        .in_reply_to(format!("<{}>", person.thread.unwrap()))
        .references(format!("<{}>", person.thread.unwrap()))
        .date(std::time::SystemTime::from(person.date))
        .multipart(
            MultiPart::alternative()
                .singlepart(part(header::ContentType::TEXT_PLAIN, splice_text(rendering, person)))
                .singlepart(part(header::ContentType::TEXT_HTML, splice_html(rendering, person).unwrap())),
        )
        .unwrap()
        .formatted()
}

/// Line ends are CRLF, and no line is longer than RFC 5322 allows.
fn check_lines(raw: &[u8]) {
    let text = std::str::from_utf8(raw).unwrap();
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "{line}");
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    }
    let body = text.split_once("\r\n\r\n").unwrap().1;
    assert!(body.lines().all(|line| line.len() <= 76), "{body}");
}

fn header_names(message: &Message<'_>) -> Vec<String> {
    message.headers().iter().map(|header| header.name().to_owned()).collect()
}

#[test]
fn a_mail_carries_the_headers_of_bulk_mail() {
    let rendering = rendered(MessageKind::Update, Channel::Email, "en");
    let (envelope_from, raw) = splice_mail(mail_of(&rendering), &person(&|_| None));
    assert_eq!(envelope_from, "bounce+0123456789abcdef0123456789abcdef@mail.acme.example");
    let head = String::from_utf8(raw).unwrap().split_once("\r\n\r\n").unwrap().0.to_owned();
    for line in [
        "To: maria@example.com",
        "Message-ID: <0123456789abcdef0123456789abcdef@mail.acme.example>",
        "Date: Sat, 21 Nov 2026 10:51:00 +0000",
        "In-Reply-To: <first@mail.acme.example>",
        "References: <first@mail.acme.example>",
        "List-Unsubscribe: <https://status.acme.example/u/12-email-4711?k=a&b=c>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "List-Id: <updates.mail.acme.example>",
        "Auto-Submitted: auto-generated",
        "Feedback-ID: update:everyone:en:onevoice",
        "MIME-Version: 1.0",
    ] {
        assert!(head.lines().any(|found| found == line), "{line} is missing in:\n{head}");
    }
    let first = Person { thread: Some("0123456789abcdef0123456789abcdef@mail.acme.example"), ..person(&|_| None) };
    let (_, raw) = splice_mail(mail_of(&rendering), &first);
    assert!(!String::from_utf8(raw).unwrap().contains("In-Reply-To"));
}

/// Renderings are made once for all cases of a property.
fn update_mail() -> &'static Rendering {
    static MAIL: OnceLock<Rendering> = OnceLock::new();
    MAIL.get_or_init(|| rendered(MessageKind::Update, Channel::Email, "de"))
}

fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,80}",
        "\\PC{0,80}",
        "[a-z=. \r\n\t\u{0}<>&\"'\u{202e}\u{200b}üß€😀]{0,120}",
        Just("Eve\r\nBcc: all@example.com\r\n\r\nbody".to_owned()),
        Just(".\r\n.\n.\r.".to_owned()),
        Just("<script>alert(1)</script>".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_spliced_mail_is_what_lettre_builds_whole(name in nasty()) {
        let rendering = update_mail();
        let values = |field: &str| (field == "name").then_some(name.as_str());
        let person = person(&values);
        let (_, raw) = splice_mail(mail_of(rendering), &person);
        check_lines(&raw);
        let expected = whole(rendering, &person);
        let (ours, theirs) = (parse(&raw), parse(&expected));
        for part in 0..1 {
            prop_assert_eq!(ours.body_text(part), theirs.body_text(part));
            prop_assert_eq!(ours.body_html(part), theirs.body_html(part));
        }
        prop_assert_eq!(ours.parts.len(), 3);
        prop_assert_eq!(ours.subject(), theirs.subject());
        prop_assert_eq!(ours.from(), theirs.from());
        prop_assert_eq!(ours.to(), theirs.to());
        prop_assert_eq!(ours.reply_to(), theirs.reply_to());
        prop_assert_eq!(ours.message_id(), theirs.message_id());
        prop_assert_eq!(ours.in_reply_to(), theirs.in_reply_to());
        prop_assert_eq!(ours.references(), theirs.references());
        prop_assert_eq!(ours.date().map(|date| date.to_timestamp()), theirs.date().map(|date| date.to_timestamp()));
        let kind = |message: &Message<'_>| message.content_type().map(|kind| kind.subtype().map(str::to_owned));
        prop_assert_eq!(kind(&ours), kind(&theirs));
        let kinds = |message: &Message<'_>| message.parts.iter().map(|part| part.content_type().map(|kind| kind.subtype().map(str::to_owned))).collect::<Vec<_>>();
        prop_assert_eq!(kinds(&ours), kinds(&theirs));
    }

    #[test]
    fn no_value_becomes_a_header_or_markup(name in nasty(), address in nasty(), url in nasty(), id in nasty()) {
        let rendering = update_mail();
        let calm = splice_mail(mail_of(rendering), &person(&|_| None)).1;
        let calm = header_names(&parse(&calm));
        let values = |_: &str| Some(name.as_str());
        let person = Person {
            address: &address, unsubscribe_url: &url, message_id: &id, thread: Some(&id), ..person(&values)
        };
        let (_, raw) = splice_mail(mail_of(rendering), &person);
        check_lines(&raw);
        let message = parse(&raw);
        prop_assert!(header_names(&message).iter().all(|name| calm.contains(name)), "{:?}", header_names(&message));
        prop_assert_eq!(message.parts.len(), 3);
        let html = splice_html(rendering, &person).unwrap();
        let tags = |html: &str| html.matches('<').count();
        prop_assert_eq!(tags(&html), tags(&rendering.html().unwrap()));
    }
}
