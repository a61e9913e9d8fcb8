//! Tests of the checker as a whole: the data's own examples, two good updates, and the ways in which each built-in
//! rule is broken.

use std::sync::LazyLock;

use crate::compose::{
    content::{ChoiceOption, Link, Variant},
    status::Status,
};

use super::*;

mod examples;
mod mechanics;
mod structure;

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::load(None).unwrap());
static LOCALES: LazyLock<Vec<String>> = LazyLock::new(|| vec!["en".to_owned(), "de".to_owned()]);
static NEXT_UPDATE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    [("en", "11:30"), ("de", "11:30 Uhr")].map(|(locale, text)| (locale.to_owned(), text.to_owned())).into()
});

fn now() -> Timestamp {
    "2026-03-02T09:45:00Z".parse().unwrap()
}

/// A complete, calm first update in English and German: nothing is to be found in it.
fn good() -> Content {
    let english = Facts {
        headline: "Card payments are failing".to_owned(),
        what_happened:
            "Since 9:40 card payments have failed in our app and on our website. All customers are affected.".to_owned(),
        impact: "You cannot pay by card. Transfers and cash machines work as usual.".to_owned(),
        apology: "We are sorry: we know that you rely on your card every day.".to_owned(),
        doing: "Two teams are looking for the cause and are going through the changes of this morning.".to_owned(),
        next_steps: "At 11:30 we tell you what we have found, even if there is nothing new.".to_owned(),
        risks: "A payment may be shown twice. We check this and cancel the second one.".to_owned(),
        reassurance: "We have found no sign that anybody else can see your account.".to_owned(),
        options: vec![
            ChoiceOption {
                text: "Pay by transfer in the app".to_owned(),
                recommended: true,
                reason: "It arrives within seconds and costs nothing.".to_owned(),
            },
            ChoiceOption { text: "Withdraw cash at any machine".to_owned(), ..ChoiceOption::default() },
        ],
        links: vec![Link {
            label: "How to pay by transfer".to_owned(),
            url: "https://help.example.com/transfer".to_owned(),
        }],
        short: [(
            onevoice_channels::contract::Channel::Sms,
            "Card payments are failing. We are sorry. Transfers work. Next update 11:30.".to_owned(),
        )]
        .into(),
        ..Facts::default()
    };
    let german = Facts {
        headline: "Kartenzahlungen fallen aus".to_owned(),
        what_happened: "Seit 9:40 Uhr fallen Kartenzahlungen in der App und auf der Website aus. Betroffen sind alle \
                        Kundinnen und Kunden."
            .to_owned(),
        impact: "Sie können nicht mit Karte zahlen. Überweisungen und Geldautomaten funktionieren wie gewohnt."
            .to_owned(),
        apology: "Das tut uns leid: Wir wissen, dass Sie Ihre Karte jeden Tag brauchen.".to_owned(),
        doing: "Zwei Teams suchen die Ursache und gehen die Änderungen von heute früh durch.".to_owned(),
        next_steps: "Um 11:30 Uhr sagen wir Ihnen, was wir gefunden haben, auch wenn es nichts Neues gibt.".to_owned(),
        risks: "Eine Zahlung kann doppelt erscheinen. Wir prüfen das und stornieren die zweite.".to_owned(),
        reassurance: "Wir haben keinen Hinweis darauf, dass jemand anderes Ihr Konto sehen kann.".to_owned(),
        options: vec![
            ChoiceOption {
                text: "Überweisen Sie in der App".to_owned(),
                recommended: true,
                reason: "Das Geld kommt in Sekunden an und kostet nichts.".to_owned(),
            },
            ChoiceOption { text: "Heben Sie Bargeld ab, an jedem Automaten".to_owned(), ..ChoiceOption::default() },
        ],
        links: vec![Link {
            label: "So überweisen Sie".to_owned(),
            url: "https://help.example.com/de/transfer".to_owned(),
        }],
        ..Facts::default()
    };
    content(Status::Investigating, [("en", english), ("de", german)])
}

/// The same incident's resolution: the four questions are answered.
fn good_resolution() -> Content {
    let english = Facts {
        headline: "Card payments work again".to_owned(),
        what_happened: "From 9:40 to 12:05 card payments failed for all customers.".to_owned(),
        impact: "You can pay by card again. Payments that failed were not charged, as far as we know now.".to_owned(),
        apology: "We are sorry that you could not rely on us this morning.".to_owned(),
        why: "We changed a setting and did not test it with every kind of card.".to_owned(),
        doing: "We took the change back and watched payments for half an hour.".to_owned(),
        prevention: "From today every such change is first tried with each kind of card, and a second person signs it."
            .to_owned(),
        ..Facts::default()
    };
    let german = Facts {
        headline: "Kartenzahlungen sind wieder möglich".to_owned(),
        what_happened: "Von 9:40 bis 12:05 Uhr fielen Kartenzahlungen für alle Kundinnen und Kunden aus.".to_owned(),
        impact: "Sie können wieder mit Karte zahlen. Nach heutigem Stand wurde keine misslungene Zahlung abgebucht."
            .to_owned(),
        apology: "Es tut uns leid, dass Sie sich heute Morgen nicht auf uns verlassen konnten.".to_owned(),
        why: "Wir haben eine Einstellung geändert und sie nicht mit jeder Kartenart geprüft.".to_owned(),
        doing: "Wir haben die Änderung zurückgenommen und die Zahlungen eine halbe Stunde lang beobachtet.".to_owned(),
        prevention: "Ab heute wird jede solche Änderung zuerst mit jeder Kartenart geprüft, und eine zweite Person \
                     zeichnet sie ab."
            .to_owned(),
        ..Facts::default()
    };
    Content { next_update_at: None, ..content(Status::Resolved, [("en", english), ("de", german)]) }
}

fn content(status: Status, facts: impl IntoIterator<Item = (&'static str, Facts)>) -> Content {
    let facts = facts.into_iter().map(|(locale, facts)| (locale.to_owned(), facts)).collect();
    Content {
        status,
        components: [(1, ComponentStatus::MajorOutage)].into(),
        variants: vec![Variant {
            name: "everyone".to_owned(),
            segment: None,
            list: Default::default(),
            subscribers: Default::default(),
            stage: 0,
            facts,
        }],
        channels: Vec::new(),
        next_update_at: Some("2026-03-02T10:30:00Z".parse().unwrap()),
        window: None,
        contact_routes: Vec::new(),
        severity: Urgency::Warning,
        start_at: None,
        quiet_hours: Default::default(),
        spread_minutes: None,
        stage_percent: None,
        required_by_law: None,
        replaces_everywhere: None,
        correction: BTreeMap::new(),
        holding: BTreeMap::new(),
        kept_findings: BTreeMap::new(),
        staff: BTreeMap::new(),
        over_ceiling: None,
    }
}

fn subject(content: &Content) -> Subject<'_> {
    Subject {
        kind: Kind::Incident,
        step: Step::First,
        content,
        previous: None,
        locales: &LOCALES,
        now: now(),
        guarded: &[],
        worst: None,
        contact_routes: 2,
        next_update_text: &NEXT_UPDATE,
    }
}

fn found(content: &Content) -> Vec<Finding> {
    check_words(&RULES, &subject(content))
}

fn facts<'c>(content: &'c mut Content, locale: &str) -> &'c mut Facts {
    content.variants[0].facts.get_mut(locale).unwrap()
}

#[test]
fn nothing_is_found_in_a_good_update() {
    assert_eq!(found(&good()), []);
    let resolution = good_resolution();
    let after = Subject { step: Step::Progress, previous: None, ..subject(&resolution) };
    assert_eq!(check_words(&RULES, &after), []);
}
