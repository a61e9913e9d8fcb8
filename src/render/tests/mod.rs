//! What the daemon relies on: everything is said once and in order, it fits, and the same input gives the same bytes.

mod folder;
mod mail;
mod staff;

use std::{collections::BTreeSet, sync::OnceLock};

use jiff::Timestamp;
use onevoice_channels::{
    contract::{Channel, Content, Form, SmsEncoding, TextLimit, TextUnit},
    sms::encoding::measure,
    text,
};

use super::*;
use crate::compose::content::{Facts, PlannedTime};

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

/// Where a message goes: there is no staff sheet for "no news yet".
fn channels_of(message: MessageKind) -> impl Iterator<Item = Channel> {
    Channel::ALL.into_iter().filter(move |channel| message != MessageKind::Holding || !channel.is_staff())
}

fn mail_of(rendering: &Rendering) -> &MailBody {
    match &rendering.body {
        Body::Mail(mail) => mail,
        _ => panic!("not a mail"),
    }
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
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    for message in MessageKind::ALL {
        for locale in ["en", "de"] {
            let rendering = rendered(message, Channel::Email, locale);
            let html = rendering.html().unwrap();
            let shown = mail_parser::decoders::html::html_to_text(&html[html.find("<h1").unwrap()..]);
            let (shown, text) = (words(&shown), words(&rendering.plain_text()));
            assert!(shown.is_subset(&text), "{:?}", shown.difference(&text));
            // Only the text part writes addresses out.
            let links = words("https http status acme example incidents 7 help transfer chat unsubscribe");
            let rest: Vec<_> = text.difference(&shown).filter(|word| !links.contains(*word)).collect();
            let kicker = words(&format!("Acme {}", rendering.plain_text().lines().next().unwrap()));
            assert!(rest.iter().all(|word| kicker.contains(*word)), "{rest:?}");
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
    for channel in Channel::ALL.into_iter().filter(|channel| !channel.is_staff()) {
        let text = rendered(MessageKind::Holding, channel, "de").plain_text();
        assert!(text.contains("Noch gibt es nichts Neues"), "{channel}: {text}");
        assert!(text.contains("11:30 Uhr (London)"), "{channel}: {text}");
    }
}

#[test]
fn planned_work_says_when_on_every_channel() {
    let sample = Sample::built_in().unwrap();
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let window =
        PlannedTime { from: "2026-11-24T22:00:00Z".parse().unwrap(), until: "2026-11-24T23:30:00Z".parse().unwrap() };
    let content = crate::compose::content::Content { window: Some(window), ..input.content.clone() };
    for channel in Channel::ALL {
        let bare = Facts { headline: "Planned work".to_owned(), ..Facts::default() };
        let input = RenderInput { content: &content, facts: &bare, ..input };
        let text = render(templates(), &input, channel).unwrap().plain_text();
        assert!(text.contains("When: Tuesday 24 November, 22:00 to 23:30 London time"), "{channel}: {text}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for message in MessageKind::ALL {
        for channel in channels_of(message) {
            let [first, second] = [(); 2].map(|()| serde_json::to_string(&rendered(message, channel, "en")).unwrap());
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
        for channel in channels_of(message) {
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
        limits.texts.insert(Channel::Bluesky, TextLimit { max, unit: TextUnit::Graphemes });
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
    // The sample is no planned work.
    let expected: Vec<&str> = SECTION_KEYS.into_iter().filter(|key| *key != "window").collect();
    assert_eq!(page.sections.iter().map(|section| section.key.as_str()).collect::<Vec<_>>(), expected);
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
    assert!(text::count(&banner.text, TextUnit::Graphemes) <= 280);
}

#[test]
fn each_channel_gets_its_own_kind_of_content() {
    let calm = person(&|_| None);
    let kind = |channel| match splice(&rendered(MessageKind::Update, channel, "en"), &calm) {
        Content::Mail { .. } => "mail",
        Content::Sms { .. } => "sms",
        Content::Post { .. } => "post",
        Content::Page { .. } => "page",
    };
    for channel in Channel::ALL {
        let form = match channel.form() {
            Form::Mail => "mail",
            Form::Text => "sms",
            Form::Post(_) => "post",
            Form::Page => "page",
        };
        assert_eq!(kind(channel), form, "{channel}");
    }
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
