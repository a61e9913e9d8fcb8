//! The properties that the daemon relies on: a spliced message is what lettre would have built whole, no value breaks
//! out of its place, no name changes a text's alphabet, everything fits, and the same input gives the same bytes.

use std::{collections::BTreeSet, sync::OnceLock};

use jiff::Timestamp;
use lettre::message::{Mailbox, MultiPart, SinglePart, header};
use mail_parser::{Message, MessageParser, MimeHeaders};
use onevoice_channels::{
    contract::{Channel, SmsEncoding},
    sms::encoding::measure,
    text,
};
use proptest::prelude::*;

use super::*;
use crate::compose::content::Facts;

const NOON: &str = "2026-11-21T10:51:00Z";

/// Loaded once: a property renders hundreds of times.
fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::load(None, &["en".to_owned(), "de".to_owned()]).unwrap())
}

fn person<'a>(values: &'a (dyn Fn(&str) -> Option<&'a str> + Sync)) -> Person<'a> {
    Person {
        address: "maria@example.com",
        values,
        token: "0123456789abcdef0123456789abcdef",
        message_id: "0123456789abcdef0123456789abcdef@mail.acme.example",
        date: NOON.parse::<Timestamp>().unwrap(),
        unsubscribe_url: "https://status.acme.example/u/12-email-4711?k=a&b=c",
        thread: Some("first@mail.acme.example"),
    }
}

fn rendered(message: MessageKind, channel: Channel, locale: &str) -> Rendering {
    let sample = Sample::built_in().unwrap();
    render(templates(), &sample.input(message, locale).unwrap(), channel).unwrap()
}

fn mail_of(rendering: &Rendering) -> &MailBody {
    match &rendering.body {
        Body::Mail(mail) => mail,
        _ => panic!("not a mail"),
    }
}

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
fn every_template_renders_its_sample() {
    templates();
    Templates::load(None, &["de-AT".to_owned(), "en-GB".to_owned()]).unwrap();
}

#[test]
fn a_mail_says_all_of_it_in_order_and_nothing_empty() {
    let rendering = rendered(MessageKind::Update, Channel::Email, "en");
    let text = rendering.plain_text();
    let expected = [
        "Card payments are failing in Europe: cause found",
        "Hello,",
        "Since 10:10",
        "What it means for you: Failed payments are not charged.",
        "We are sorry for the trouble this causes.",
        "Why it happened: One",
        "What we are doing: We are moving",
        "What you can do:\n- Pay by bank transfer (recommended: it is not affected)\n- Try the card again later.",
        "What happens next: ",
        "What may still go wrong: ",
        "Good to know: ",
        "How we keep it from happening again: ",
        "Helpful links:\n- How to pay by bank transfer: https://acme.example/help/transfer",
        "How to reach us:\n- Urgent payments: +44 20 7946 0000\n",
        "- Questions: Chat https://acme.example/chat (8–20 h; answers take about an hour)",
        "Next update: 11:30 London time",
        "https://status.acme.example/incidents/7",
        "Unsubscribe: ",
    ];
    let mut rest = text.as_str();
    for words in expected {
        let place = rest.find(words).unwrap_or_else(|| panic!("{words:?} is missing or too early in:\n{text}"));
        rest = &rest[place + words.len()..];
    }
    let sample = Sample::built_in().unwrap();
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let bare = Facts { headline: "Down".to_owned(), ..Facts::default() };
    let input = RenderInput { facts: &bare, routes: &[], next_update_at: None, ..input };
    let text = render(templates(), &input, Channel::Email).unwrap().plain_text();
    for label in templates().words("en").unwrap().sections.values() {
        assert!(!text.contains(label.as_str()), "{label} in:\n{text}");
    }
}

#[test]
fn both_parts_of_a_mail_say_the_same() {
    for message in MessageKind::ALL {
        for locale in ["en", "de"] {
            let rendering = rendered(message, Channel::Email, locale);
            let html = rendering.html().unwrap();
            let body = html.split_once("<h1").unwrap().1;
            let words = mail_parser::decoders::html::html_to_text(body);
            let bag = |text: &str| -> BTreeSet<String> {
                let letters = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
                text.split_whitespace().map(letters).filter(|word| word.chars().all(char::is_alphabetic)).collect()
            };
            let (html, text) = (bag(&words), bag(&rendering.plain_text()));
            let missing: Vec<_> = html.difference(&text).filter(|word| !word.is_empty()).collect();
            assert!(missing.iter().all(|word| *word == "class" || body.contains(&format!("={word}"))), "{missing:?}");
        }
    }
}

#[test]
fn a_correction_does_not_repeat_what_was_wrong() {
    for channel in Channel::ALL {
        let rendering = rendered(MessageKind::Correction, channel, "en");
        let text = rendering.plain_text();
        assert!(text.contains("was wrong. Please ignore it."), "{channel}: {text}");
        assert!(!text.contains("one card payment in five"), "{channel}: {text}");
        assert!(!text.contains("Next update"), "{channel}: {text}");
        let whole = serde_json::to_string(&rendering.body).unwrap();
        assert!(!whole.contains("bank transfer"), "{channel}: {whole}");
    }
}

#[test]
fn a_holding_statement_names_the_next_update() {
    for channel in Channel::ALL {
        let text = rendered(MessageKind::Holding, channel, "de").plain_text();
        assert!(text.contains("Noch gibt es nichts Neues"), "{channel}: {text}");
        assert!(text.contains("11:30 Uhr (London)"), "{channel}: {text}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for message in MessageKind::ALL {
        for channel in Channel::ALL {
            let [first, second] =
                [(); 2].map(|()| serde_json::to_string(&rendered(message, channel, "en")).unwrap());
            assert_eq!(first, second);
            let read: Rendering = serde_json::from_str(&first).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), first);
        }
    }
}

#[test]
fn an_exercise_carries_its_mark_everywhere() {
    let (sample, templates) = (Sample::built_in().unwrap(), templates());
    for message in MessageKind::ALL {
        for channel in Channel::ALL {
            let input = RenderInput { exercise: true, ..sample.input(message, "en").unwrap() };
            let rendering = render(templates, &input, channel).unwrap();
            assert!(rendering.plain_text().contains("EXERCISE"), "{channel}");
            assert!(rendering.subject.is_none_or(|subject| subject.contains("EXERCISE")), "{channel}");
        }
    }
}

#[test]
fn a_text_message_keeps_to_its_parts_and_its_words() {
    for locale in ["en", "de"] {
        for message in MessageKind::ALL {
            let rendering = rendered(message, Channel::Sms, locale);
            let text = rendering.plain_text();
            let size = measure(&text);
            assert_eq!(size.encoding, SmsEncoding::Gsm7, "{text}");
            assert!(size.parts <= 2, "{} parts: {text}", size.parts);
            assert!(text.starts_with("Acme: "), "{text}");
            assert!(text.contains("status.acme.example/incidents/7") && text.contains("STOP"), "{text}");
        }
    }
    let text = rendered(MessageKind::Update, Channel::Sms, "en").plain_text();
    assert_eq!(
        text,
        "Acme: Card payments are failing in Europe: cause found. Failed payments are not charged. Payments outside \
         Europe work. We are sorry. Pay by bank transfer. Next update 11:30 London time. Urgent payments: +44 20 7946 \
         0000. status.acme.example/incidents/7 Reply STOP to end"
    );
}

#[test]
fn a_post_loses_sentences_in_their_order_until_it_fits() {
    let (sample, templates) = (Sample::built_in().unwrap(), templates());
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let mut limits = sample.limits.clone();
    let mut last = usize::MAX;
    for max in (120..700).rev().step_by(20) {
        limits.texts.insert(Channel::Bluesky, onevoice_channels::contract::TextLimit {
            max,
            unit: onevoice_channels::contract::TextUnit::Graphemes,
        });
        let rendering = render(templates, &RenderInput { limits: &limits, ..input }, Channel::Bluesky).unwrap();
        let Body::Posts(parts) = &rendering.body else { panic!("not posts") };
        let whole = parts.join(" ");
        assert!(parts.iter().all(|part| text::fits(part, limits.texts[&Channel::Bluesky])), "{parts:?}");
        assert!(parts[0].starts_with("Card payments are failing in Europe"), "{whole}");
        assert!(whole.contains("https://status.acme.example/incidents/7"), "{whole}");
        assert!(whole.contains("Next update 11:30 London time."), "{whole}");
        assert!(whole.contains("sorry"), "{whole}");
        if parts.len() == 1 {
            assert!(whole.len() <= last);
            last = whole.len();
        }
    }
}

#[test]
fn a_hand_written_text_is_used_as_it_is_with_the_link_where_it_has_none() {
    let (sample, templates) = (Sample::built_in().unwrap(), templates());
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let mut facts = input.facts.clone();
    let mut short = |text: &str| {
        facts.short = Channel::ALL.into_iter().map(|channel| (channel, text.to_owned())).collect();
        let texts = [Channel::Sms, Channel::Bluesky, Channel::Banner];
        texts.map(|channel| render(templates, &RenderInput { facts: &facts, ..input }, channel).unwrap().plain_text())
    };
    let [sms, post, banner] = short("Cards fail.\nTransfers work");
    assert_eq!(sms, "Acme: Cards fail.\nTransfers work. status.acme.example/incidents/7 Reply STOP to end");
    assert_eq!(post, "Cards fail.\nTransfers work\n\nhttps://status.acme.example/incidents/7");
    assert!(banner.ends_with("Cards fail.\nTransfers work"), "{banner}");
    let [sms, post, _] = short("Acme: see https://status.acme.example/incidents/7 or STOP");
    assert_eq!(sms, "Acme: see https://status.acme.example/incidents/7 or STOP.");
    assert_eq!(post, "Acme: see https://status.acme.example/incidents/7 or STOP");
}

#[test]
fn pages_are_documents_with_the_facts() {
    let rendering = rendered(MessageKind::Update, Channel::StatusPage, "en");
    let Body::Page { document, .. } = &rendering.body else { panic!("not a page") };
    let page: PageDocument = serde_json::from_str(document).unwrap();
    assert_eq!(page.sections.iter().map(|section| section.key.as_str()).collect::<Vec<_>>(), SECTION_KEYS);
    assert_eq!(page.status_label, "We found the cause");
    assert_eq!(page.components[0].label, "Down for some");
    let rendering = rendered(MessageKind::Correction, Channel::StatusPage, "de");
    let Body::Page { document, .. } = &rendering.body else { panic!("not a page") };
    let page: PageDocument = serde_json::from_str(document).unwrap();
    assert_eq!(page.sections[0].label, "Richtigstellung");
    let rendering = rendered(MessageKind::Update, Channel::Banner, "en");
    let Body::Page { document, .. } = &rendering.body else { panic!("not a page") };
    let banner: BannerDocument = serde_json::from_str(document).unwrap();
    assert_eq!(banner.next_update, "11:30 London time");
    assert!(text::count(&banner.text, onevoice_channels::contract::TextUnit::Graphemes) <= 280);
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
        "MIME-Version: 1.0",
    ] {
        assert!(head.lines().any(|found| found == line), "{line} is missing in:\n{head}");
    }
    let first = Person { thread: Some("0123456789abcdef0123456789abcdef@mail.acme.example"), ..person(&|_| None) };
    let (_, raw) = splice_mail(mail_of(&rendering), &first);
    assert!(!String::from_utf8(raw).unwrap().contains("In-Reply-To"));
}

#[test]
fn only_the_fields_that_are_shown_are_named() {
    let rendering = rendered(MessageKind::Update, Channel::Email, "en");
    assert_eq!(rendering.attributes().into_iter().collect::<Vec<_>>(), ["name"]);
    assert!(rendered(MessageKind::Update, Channel::Sms, "en").attributes().is_empty());
}

#[test]
fn links_lead_to_the_web_only() {
    let sample = Sample::built_in().unwrap();
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let mut facts = input.facts.clone();
    facts.links[0].url = "javascript:alert(1)".to_owned();
    let error = render(templates(), &RenderInput { facts: &facts, ..input }, Channel::Email).unwrap_err();
    assert_eq!(error, RenderError::Link { field: "links/0/url".to_owned() });
}

#[test]
fn facts_cannot_make_holes_or_markup() {
    let sample = Sample::built_in().unwrap();
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let mut facts = input.facts.clone();
    facts.impact = "\u{f8f0}e30\u{f8f1}<b>{{hole \"name\"}}</b>\r\nX: y\0".to_owned();
    let rendering = render(templates(), &RenderInput { facts: &facts, ..input }, Channel::Email).unwrap();
    assert!(rendering.html().unwrap().contains("e30&lt;b&gt;{{hole &quot;name&quot;}}&lt;/b&gt;<br>X: y"));
    assert_eq!(rendering.attributes().len(), 1);
}

mod folder {
    use super::*;

    fn load(files: &[(&str, &str)]) -> Result<Templates, TemplateError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Templates::load(Some(folder.path()), &["en".to_owned(), "de".to_owned()])
    }

    fn error(file: &str, text: &str) -> String {
        load(&[(file, text)]).err().unwrap().to_string()
    }

    #[test]
    fn an_operators_file_replaces_one_text_in_one_language() {
        let own = "{{#if exercise}}{{words.exercise}} {{/if}}Achtung: {{facts.headline}}";
        let templates = load(&[("update/sms.text.de.hbs", own)]).unwrap();
        let sample = Sample::built_in().unwrap();
        let text = |locale: &str| {
            let input = sample.input(MessageKind::Update, locale).unwrap();
            render(&templates, &input, Channel::Sms).unwrap().plain_text()
        };
        assert!(text("de-AT").starts_with("Achtung: Kartenzahlungen"), "{}", text("de-AT"));
        assert!(text("en").starts_with("Acme: "), "{}", text("en"));
    }

    #[test]
    fn a_mistake_is_named_with_file_and_field_when_it_is_loaded() {
        let message = error("update/sms.text.hbs", "{{facts.headlin}}");
        assert!(message.contains("update/sms.text.hbs") && message.contains("facts.headlin"), "{message}");
        let message = error("update/post.text.hbs", "{{#if facts.nothing}}x{{/if}}");
        assert!(message.contains("update/post.text.hbs") && message.contains("facts.nothing"), "{message}");
        let message = error("update/email.html.de.hbs", "{{#each section}}x{{/each}}");
        assert!(message.contains("update/email.html.de.hbs") && message.contains("section"), "{message}");
        let message = error("holding/lead.hbs", "{{sentence own_word}}");
        assert!(message.contains("holding/lead") && message.contains("own_word"), "{message}");
        let message = error("update/emial.html.hbs", "x");
        assert!(message.contains("update/emial.html.hbs"), "{message}");
        let message = error("update/sms.text.hbs", "{{#if exercise}}");
        assert!(message.contains("update/sms.text.hbs") && message.contains("not well formed"), "{message}");
        let message = error("words.de.json", "{}");
        assert!(message.contains("words.de.json"), "{message}");
        let message = error("update/sms.text.hbs", "{{hole \"name\" max=40}}");
        assert!(message.contains("fallback"), "{message}");
        let message = error("update/sms.text.hbs", "{{facts.headline}}");
        assert!(message.contains("exercise"), "{message}");
    }

    #[test]
    fn a_hole_stands_only_where_each_person_has_a_text() {
        let hole = "{{#if exercise}}{{words.exercise}}{{/if}}{{hole \"name\" fallback=\"you\" max=9}}";
        for file in ["update/email.subject.hbs", "holding/post.text.hbs", "update/banner.text.hbs"] {
            let message = error(file, hole);
            assert!(message.contains(file) && message.contains("hole"), "{message}");
        }
    }

    #[test]
    fn a_template_cannot_ask_about_a_person() {
        let message = error("update/sms.text.hbs", "{{words.exercise}}{{#if name}}x{{/if}}");
        assert!(message.contains("\"name\""), "{message}");
    }

    fn sms_with_hole(words: &str) -> Rendering {
        let text = format!(
            "{{{{#if exercise}}}}{{{{words.exercise}}}}{{{{/if}}}}{words} \
             {{{{hole \"name\" fallback=\"friend\" max=20}}}}: pay by bank."
        );
        let templates = load(&[("update/sms.text.hbs", &text)]).unwrap();
        let sample = Sample::built_in().unwrap();
        render(&templates, &sample.input(MessageKind::Update, "en").unwrap(), Channel::Sms).unwrap()
    }

    #[test]
    fn a_name_is_written_in_the_alphabet_of_its_text() {
        let rendering = sms_with_hole("Dear");
        let Body::Sms(sms) = &rendering.body else { panic!("not a text message") };
        for (name, written) in [
            ("Łukasz", "Dear Lukasz: pay by bank."),
            ("José", "Dear José: pay by bank."),
            ("李小龙", "Dear friend: pay by bank."),
            ("…………………………", "Dear ....................: pay by bank."),
        ] {
            let values = |_: &str| Some(name);
            assert_eq!(splice_sms(sms, &person(&values)), (written.to_owned(), SmsEncoding::Gsm7));
        }
        let rendering = sms_with_hole("亲爱的");
        let Body::Sms(sms) = &rendering.body else { panic!("not a text message") };
        let (text, encoding) = splice_sms(sms, &person(&|_| Some("李小龙")));
        assert_eq!((text.as_str(), encoding), ("亲爱的 李小龙: pay by bank.", SmsEncoding::Ucs2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nobodys_name_makes_a_text_message_longer_than_was_approved(names in prop::collection::vec("\\PC{0,60}|.{0,40}", 32)) {
            static RENDERING: OnceLock<Rendering> = OnceLock::new();
            let rendering = RENDERING.get_or_init(|| sms_with_hole("Dear"));
            let Body::Sms(sms) = &rendering.body else { panic!("not a text message") };
            for name in &names {
                let values = |_: &str| Some(name.as_str());
                let (text, encoding) = splice_sms(sms, &person(&values));
                let size = measure(&text);
                prop_assert_eq!(size.encoding, SmsEncoding::Gsm7, "{}", text);
                prop_assert_eq!(encoding, SmsEncoding::Gsm7);
                prop_assert!(size.parts <= sms.most_parts, "{}", text);
            }
        }
    }
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

#[test]
fn temp_dump() {
    let start = std::time::Instant::now();
    let t = Templates::load(None, &["en".to_owned(), "de".to_owned()]).unwrap();
    eprintln!("load {:?}", start.elapsed());
    let sample = Sample::built_in().unwrap();
    for channel in Channel::ALL {
        let start = std::time::Instant::now();
        render(&t, &sample.input(MessageKind::Update, "en").unwrap(), channel).unwrap();
        eprintln!("{channel} {:?}", start.elapsed());
    }
    let mut out = String::new();
    for message in MessageKind::ALL { for locale in ["en", "de"] { for channel in Channel::ALL {
        let r = rendered(message, channel, locale);
        out += &format!("=== {} {locale} {channel} {:?}\n{}\n", message.as_str(), r.subject, r.plain_text());
        if let Body::Page { document, .. } = &r.body { out += document; out.push('\n'); }
        if channel == Channel::Email {
            let values = |_: &str| Some("Maria");
            std::fs::write(format!("/tmp/mail-{}-{locale}.html", message.as_str()), splice_html(&r, &person(&values)).unwrap()).unwrap();
            std::fs::write(format!("/tmp/mail-{}-{locale}.eml", message.as_str()), splice_mail(mail_of(&r), &person(&values)).1).unwrap();
        }
    }}}
    let input = RenderInput { exercise: true, ..sample.input(MessageKind::Update, "en").unwrap() };
    std::fs::write("/tmp/mail-exercise.html", render(&t, &input, Channel::Email).unwrap().html().unwrap()).unwrap();
    std::fs::write("/tmp/renderings.txt", out).unwrap();
    let r = rendered(MessageKind::Update, Channel::Email, "en");
    let values = |_: &str| Some("Maria");
    let p = person(&values);
    let start = std::time::Instant::now();
    let mut n = 0;
    for _ in 0..10000 { n += splice_mail(mail_of(&r), &p).1.len(); }
    eprintln!("splice {:?} of {} bytes", start.elapsed() / 10000, n / 10000);
}
