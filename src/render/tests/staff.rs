//! Texts for colleagues: customers' words first, then the sheet, in no text but theirs.

use super::*;
use crate::compose::staff::{Answer, StaffSheet};

fn with_sheet(sheet: StaffSheet) -> Sample {
    let mut sample = Sample::built_in().unwrap();
    sample.content.staff = std::collections::BTreeMap::from([("en".to_owned(), sheet)]);
    sample
}

#[test]
fn a_sheet_stands_behind_what_customers_read_in_the_room_and_the_mail() {
    for (locale, told, parts) in [
        (
            "en",
            "about one card payment in five",
            [
                "What customers read",
                "If they ask",
                "Was I charged twice?",
                "Do not say",
                "Message for the phone line",
                "If a caller becomes abusive",
            ],
        ),
        (
            "de",
            "etwa jede fünfte Kartenzahlung",
            [
                "Das lesen unsere Kunden",
                "Wenn gefragt wird",
                "Wurde doppelt abgebucht?",
                "Bitte nicht sagen",
                "Ansage für die Telefonleitung",
                "ausfällig",
            ],
        ),
    ] {
        for channel in [Channel::StaffChat, Channel::StaffMail] {
            let rendering = rendered(MessageKind::Update, channel, locale);
            for text in [Some(rendering.plain_text()), rendering.html()].into_iter().flatten() {
                let mut from = 0;
                for part in [parts[0], told, parts[1], parts[2], parts[3], parts[4], parts[5]] {
                    let at = text[from..].find(part);
                    from += at.unwrap_or_else(|| panic!("{part} is not in its place on {channel}: {text}"));
                }
                assert!(!text.contains(" \n"), "{channel}: {text:?}");
            }
        }
    }
}

#[test]
fn mail_to_colleagues_has_nothing_to_unsubscribe_from_and_no_hole_of_a_person() {
    for message in [MessageKind::Update, MessageKind::Correction] {
        let rendering = rendered(message, Channel::StaffMail, "en");
        assert!(rendering.subject.as_deref().is_some_and(|subject| subject.starts_with("For colleagues: ")));
        assert!(rendering.attributes().is_empty());
        let (_, raw) = splice_mail(mail_of(&rendering), &person(&|_| None));
        let raw = String::from_utf8(raw).unwrap();
        assert!(raw.contains("Message-ID:") && raw.contains("List-Id: <staff."), "{raw}");
        assert!(!raw.to_lowercase().contains("unsubscribe") && !raw.contains("/u/12-email"), "{raw}");
    }
}

#[test]
fn what_is_too_long_for_a_room_goes_on_in_the_next_message_and_nothing_is_left_out() {
    let answers: Vec<Answer> = (0..20)
        .map(|n| Answer {
            question: format!("Question number {n}?"),
            answer: format!("Answer number {n}. {}", "It is so. ".repeat(30)),
        })
        .collect();
    let sample = with_sheet(StaffSheet { answers, ..StaffSheet::default() });
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let rendering = render(templates(), &input, Channel::StaffChat).unwrap();
    let Body::Posts(posts) = &rendering.body else { panic!("a room takes posts") };
    let limit = Channel::StaffChat.post_limit().unwrap();
    assert!(posts.len() > 1 && posts.iter().all(|post| onevoice_channels::text::fits(post, limit)));
    let whole = posts.join(" ");
    for n in 0..20 {
        assert!(whole.contains(&format!("Question number {n}?")) && whole.contains(&format!("Answer number {n}.")));
    }
}

#[test]
fn what_a_sheet_says_is_text_and_never_markup() {
    let text = "<b onclick=\"x\">bold</b>".to_owned();
    let answers = vec![Answer { question: text.clone(), answer: text.clone() }];
    let sample = with_sheet(StaffSheet { answers, avoid: vec![text.clone()], phone: text.clone(), abuse: text });
    let input = sample.input(MessageKind::Update, "en").unwrap();
    let html = render(templates(), &input, Channel::StaffMail).unwrap().html().unwrap();
    assert!(!html.contains("<b onclick") && html.matches("&lt;b onclick").count() == 5, "{html}");
}

#[test]
fn a_template_for_customers_cannot_show_the_sheet() {
    for file in ["email.text.hbs", "post.text.hbs", "banner.text.hbs", "status_page.text.hbs"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("update")).unwrap();
        std::fs::write(folder.path().join("update").join(file), "{{words.exercise}} {{staff.phone}}").unwrap();
        let error = Templates::load(Some(folder.path()), &["en".to_owned()]).err().expect(file);
        assert!(error.to_string().contains("staff"), "{file}: {error}");
    }
}
