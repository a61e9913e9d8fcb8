//! The operator's own templates: what they may do, and how their mistakes are told.

use std::sync::OnceLock;

use onevoice_channels::{contract::SmsEncoding, sms::encoding::measure};
use proptest::prelude::*;

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
    assert!(message.contains("holding/lead.hbs") && message.contains("own_word"), "{message}");
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
