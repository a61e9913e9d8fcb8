//! Each built-in rule and each rule about an empty or filled field, broken one at a time.

use super::*;
use onevoice_channels::contract::Channel;

fn rules_found(content: &Content) -> Vec<String> {
    rules_of(found(content))
}

fn rules_of(findings: Vec<Finding>) -> Vec<String> {
    let mut rules: Vec<String> = findings.into_iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

/// One change to a good update, and the rules that notice it.
type Break = (fn(&mut Content), &'static [&'static str]);

#[test]
fn each_rule_notices_its_own_breach_only() {
    let breaches: [Break; 27] = [
        (|c| c.next_update_at = None, &["missing_next_update"]),
        (|c| c.next_update_at = Some(now()), &["past_next_update"]),
        (|c| each(c, |f| f.headline.clear()), &["missing_headline"]),
        (|c| each(c, |f| f.headline = "Kartenzahlung ".repeat(6).trim().to_owned()), &["long_headline"]),
        (|c| facts(c, "en").headline.push_str("\r\nBcc: x@example.com"), &["headline_lines"]),
        (|c| facts(c, "en").headline.push('\u{2028}'), &["headline_lines"]),
        (|c| facts(c, "en").impact.push('\u{7}'), &["control_characters"]),
        (|c| each(c, |f| f.what_happened.clear()), &["missing_what_happened"]),
        (|c| each(c, |f| f.doing = " ".to_owned()), &["missing_doing"]),
        (|c| each(c, |f| f.impact.clear()), &["missing_impact"]),
        (|c| each(c, |f| f.why = "A cable broke. Ein Kabel brach.".to_owned()), &["early_why"]),
        (|c| each(c, |f| f.prevention = "Two cables. Zwei Kabel.".to_owned()), &["early_prevention"]),
        (|c| each(c, |f| f.options[0].recommended = false), &["no_recommendation"]),
        (
            |c| {
                each(c, |f| {
                    f.options[1].recommended = true;
                    f.options[1].reason = "OK".to_owned();
                })
            },
            &["several_recommended"],
        ),
        (|c| each(c, |f| f.options[0].reason.clear()), &["reason_missing"]),
        (|c| facts(c, "en").links[0].url = "javascript:alert(1)".to_owned(), &["bad_link"]),
        (|c| facts(c, "en").links[0].url = "https://a:b@example.com".to_owned(), &["bad_link"]),
        (|c| facts(c, "en").links[0].url = String::new(), &["bad_link"]),
        (|c| facts(c, "en").links[0].url = "https://wiki.corp/x".to_owned(), &["guarded_host"]),
        (|c| drop(c.variants[0].facts.remove("en")), &["missing_default_locale"]),
        (|c| drop(c.variants[0].facts.remove("de")), &["missing_locale"]),
        (|c| facts(c, "de").risks.clear(), &["locale_field_missing"]),
        (|c| facts(c, "de").what_happened = "Seit 9:45 Uhr.".to_owned(), &["times_differ"]),
        (|c| facts(c, "de").impact = "Betroffen sind 48.000 Karten.".to_owned(), &["numbers_differ"]),
        (|c| drop(facts(c, "de").options.pop()), &["counts_differ"]),
        (|c| drop(facts(c, "de").links.pop()), &["counts_differ"]),
        (
            |c| facts(c, "en").doing = format!("We look {}for the cause.", "here and there ".repeat(8)),
            &["long_sentence"],
        ),
    ];
    for (index, (breach, expected)) in breaches.into_iter().enumerate() {
        let mut content = good();
        breach(&mut content);
        assert_eq!(rules_found(&content), expected, "breach {index}");
    }
}

#[test]
fn planned_work_has_times_that_lie_ahead() {
    let window = |from: &str, until: &str| {
        Some(crate::compose::content::PlannedTime { from: from.parse().unwrap(), until: until.parse().unwrap() })
    };
    let ahead = window("2026-03-03T22:00:00Z", "2026-03-03T23:30:00Z");
    let begun = window("2026-03-01T22:00:00Z", "2026-03-03T23:30:00Z");
    let over = window("2026-03-01T22:00:00Z", "2026-03-01T23:30:00Z");
    for (status, window, expected) in [
        (Status::Scheduled, None, Some("missing_window")),
        (Status::Scheduled, ahead, None),
        (Status::Scheduled, begun, Some("past_window")),
        (Status::InProgress, None, None),
        (Status::InProgress, begun, None),
        (Status::InProgress, over, Some("past_window")),
        (Status::Completed, over, None),
    ] {
        let content = Content { status, window, ..good() };
        let subject = Subject { kind: Kind::Maintenance, ..subject(&content) };
        let found = rules_of(check_words(&RULES, &subject));
        let about: Vec<&str> = found.iter().map(String::as_str).filter(|rule| rule.contains("window")).collect();
        assert_eq!(about, expected.into_iter().collect::<Vec<_>>(), "{status:?} {window:?}");
    }
}

fn each(content: &mut Content, change: fn(&mut Facts)) {
    content.variants[0].facts.values_mut().for_each(change);
}

#[test]
fn questions_are_asked_by_stage() {
    let mut content = good_resolution();
    each(&mut content, |facts| facts.why.clear());
    each(&mut content, |facts| facts.prevention.clear());
    assert_eq!(rules_found(&content), ["missing_prevention", "missing_why", "missing_prevention", "missing_why"]);
    content.status = Status::Identified;
    content.next_update_at = good().next_update_at;
    let asked = rules_found(&content);
    assert!(asked.contains(&"missing_why".to_owned()) && !asked.contains(&"missing_prevention".to_owned()));
}

#[test]
fn a_notice_needs_neither_apology_nor_promise() {
    let facts = Facts {
        headline: "New opening hours".to_owned(),
        what_happened: "From Monday our telephone line is open until 20:00.".to_owned(),
        ..Facts::default()
    };
    let mut content = content(Status::Published, [("en", facts)]);
    content.next_update_at = None;
    content.components.clear();
    let locales = ["en".to_owned()];
    let subject = Subject { kind: Kind::Notice, locales: &locales, ..subject(&content) };
    assert_eq!(check_words(&RULES, &subject), []);
}

#[test]
fn an_unset_apology_field_needs_the_word_elsewhere() {
    let mut content = good();
    each(&mut content, |facts| facts.apology.clear());
    // The text for SMS says sorry in English; German says it nowhere.
    let stopping: Vec<_> = blocking(&found(&content)).map(|f| (f.rule.clone(), f.locale.clone())).collect();
    assert_eq!(stopping, [("no_apology".to_owned(), Some("de".to_owned()))]);
}

#[test]
fn the_same_words_again_must_say_so() {
    let mut content = good();
    each(&mut content, |facts| facts.next_steps.clear());
    let earlier = content.clone();
    let subject = Subject { step: Step::Progress, previous: Some(&earlier), ..subject(&content) };
    assert_eq!(rules_of(check_words(&RULES, &subject)), ["nothing_new"]);
    let good = good();
    let says_so = Subject { content: &good, previous: Some(&good), ..subject };
    assert_eq!(check_words(&RULES, &says_so), []);
}

#[test]
fn going_back_must_say_what_changed() {
    let content = good();
    for step in [Step::Setback, Step::Reopened] {
        let subject = Subject { step, ..subject(&content) };
        assert_eq!(rules_of(check_words(&RULES, &subject)), ["setback_unsaid"]);
    }
}

#[test]
fn playing_down_is_measured_by_the_impact() {
    let mut content = good();
    facts(&mut content, "en").what_happened = "Since 9:40 card payments are slow.".to_owned();
    assert_eq!(rules_found(&content), ["playing_down"]);
    content.components = [(1, ComponentStatus::DegradedPerformance)].into();
    assert_eq!(rules_found(&content), Vec::<String>::new());
    content.severity = Urgency::Critical;
    assert_eq!(rules_found(&content), ["playing_down"]);
}

#[test]
fn guarded_terms_and_missing_routes_are_told() {
    let content = good();
    let guarded = ["cash machines".to_owned()];
    let subject = Subject { guarded: &guarded, contact_routes: 0, ..subject(&content) };
    assert_eq!(rules_of(check_words(&RULES, &subject)), ["no_contact_routes", "guarded_term"]);
}

#[test]
fn words_of_an_unknown_language_are_said_to_be_unchecked() {
    let mut content = good();
    let french = facts(&mut content, "en").clone();
    content.variants[0].facts.insert("fr".to_owned(), french);
    assert_eq!(rules_found(&content), ["unchecked_language"]);
}

#[test]
fn own_words_of_correction_and_holding_are_read() {
    let mut content = good();
    content.holding.insert("en".to_owned(), "No news yet! More at 11:30.".to_owned());
    let found = found(&content);
    assert_eq!(found[0].field.as_deref(), Some("holding"));
    assert_eq!(rules_of(found), ["exclamation"]);
}

#[test]
fn limits_of_each_channel() {
    let content = good();
    let base = Measured {
        variant: "everyone",
        locale: "en",
        channel: Channel::Sms,
        subject: None,
        headline: None,
        parts: 1,
        beyond_gsm: &[],
    };
    let long = "x".repeat(91);
    for (measured, expected) in [
        (Measured { parts: 4, ..base }, None),
        (Measured { parts: 5, ..base }, Some(("long_sms", Severity::Block, "5 parts"))),
        (Measured { channel: Channel::Mastodon, parts: 1, ..base }, None),
        (Measured { channel: Channel::Mastodon, parts: 5, ..base }, Some(("thread", Severity::Warn, "5 posts"))),
        (Measured { channel: Channel::Bluesky, parts: 6, ..base }, Some(("long_post", Severity::Block, "6 posts"))),
        (
            Measured { channel: Channel::Banner, headline: Some(&long), ..base },
            Some(("long_banner", Severity::Warn, "91 characters")),
        ),
        (Measured { channel: Channel::Banner, headline: Some(&long[1..]), ..base }, None),
        (
            Measured { channel: Channel::Email, subject: Some(&long[12..]), ..base },
            Some(("long_subject", Severity::Warn, "79 characters")),
        ),
        (Measured { channel: Channel::Email, subject: Some(&long[13..]), ..base }, None),
    ] {
        let found = check_limits(&RULES, &content, &[measured]);
        let shown: Vec<_> = found.iter().map(|f| (f.rule.as_str(), f.severity, f.words.as_str())).collect();
        assert_eq!(shown, expected.into_iter().collect::<Vec<_>>(), "{measured:?}");
    }
}

#[test]
fn a_dear_character_is_shown_where_it_was_written() {
    let mut content = good();
    let text = "We’re sorry. Cards fail.".to_owned();
    facts(&mut content, "en").short.insert(Channel::Sms, text.clone());
    let replaceable = [('’', Some("'".to_owned()))];
    let measured = Measured {
        variant: "everyone",
        locale: "en",
        channel: Channel::Sms,
        subject: None,
        headline: None,
        parts: 1,
        beyond_gsm: &replaceable,
    };
    let found = check_limits(&RULES, &content, &[measured]);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.field.as_deref(), Some("short/sms"));
    assert_eq!((&text[finding.start..finding.end], finding.instead.as_deref()), ("’", Some("'")));

    let hopeless = [('ж', None), ('’', Some("'".to_owned()))];
    let found = check_limits(&RULES, &content, &[Measured { beyond_gsm: &hopeless, ..measured }]);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.words.as_str(), finding.instead.as_deref(), finding.end), ("ж’", None, 0));
}

#[test]
fn a_promise_must_reach_the_last_one_in_time() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let promised = at("2026-03-02T10:30:00Z");
    assert_eq!(check_promise(&RULES, promised, promised), None);
    let finding = check_promise(&RULES, promised, at("2026-03-02T10:46:01Z")).unwrap();
    assert!(finding.blocks());
    assert_eq!(finding.instead.as_deref(), Some("2026-03-02T10:50:00Z"));
    let exact = check_promise(&RULES, promised, at("2026-03-02T10:45:00Z")).unwrap();
    assert_eq!(exact.instead.as_deref(), Some("2026-03-02T10:45:00Z"));
}

#[test]
fn facts_are_found_in_what_was_rendered() {
    let mut content = good();
    let facts = facts(&mut content, "en").clone();
    let needles = Needles {
        status_words: vec!["We are looking".to_owned()],
        next_update_text: Some("11:30".to_owned()),
        contact_routes: vec!["+49 30 123".to_owned()],
        status_link: Some("status.example.com/i/7".to_owned()),
    };
    let full = "Card payments are failing.\nWe are sorry: we know that you\n rely on your card every day. Next update \
                11:30. Pay by transfer in the app. Call +49 30 123. https://help.example.com/transfer";
    let texts = [
        (Channel::Email, full.to_owned()),
        (Channel::Sms, "Card payments are failing. Sorry. More: https://status.example.com/i/7".to_owned()),
        (Channel::Banner, "We are looking. 11:30".to_owned()),
    ]
    .into();
    let rows = parity(&RULES, "en", &facts, &texts, &needles);
    let row = |fact| rows.iter().find(|row| row.fact == fact).unwrap().by_channel.values().copied().collect::<Vec<_>>();
    use Presence::{ByLink, No, Yes};
    assert_eq!(row(Fact::Status), [Yes, Yes, Yes]);
    assert_eq!(row(Fact::Sorry), [Yes, Yes, No]);
    assert_eq!(row(Fact::NextUpdate), [Yes, ByLink, Yes]);
    assert_eq!(row(Fact::WhatToDo), [Yes, ByLink, No]);
    assert_eq!(row(Fact::HowToReachUs), [Yes, ByLink, No]);
    assert_eq!(row(Fact::Link), [Yes, ByLink, No]);

    let missing = check_parity(&RULES, "everyone", "en", &rows);
    assert_eq!(missing.len(), 4);
    assert_eq!(missing[0].title, "Left out on the banner");
    assert!(missing.iter().all(|finding| finding.severity == Severity::Warn));

    let nothing = parity(&RULES, "en", &Facts::default(), &texts, &Needles::default());
    assert_eq!(nothing, [], "what an update does not have cannot be left out");
}
