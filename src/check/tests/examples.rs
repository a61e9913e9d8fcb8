//! Runs the sentences that stand beside the rules in the data files.

use super::*;
use crate::check::rules::Check;

/// Facts in which `text` stands in `field`.
fn with(field: &str, text: &str) -> Facts {
    let mut facts = Facts::default();
    let text = text.to_owned();
    match field {
        "headline" => facts.headline = text,
        "prevention" => facts.prevention = text,
        "options" => facts.options = vec![ChoiceOption { text, ..ChoiceOption::default() }],
        _ => facts.what_happened = text,
    }
    facts
}

/// What `rule` finds where `text` stands in the first field that it reads, in an update that it concerns.
fn findings(rule: &Rule, locale: &'static str, text: &str) -> Vec<Finding> {
    let field = rule.fields.first().map_or("what_happened", String::as_str);
    let status = rule.statuses.first().copied().unwrap_or(Status::Investigating);
    let content = content(status, [(locale, with(field, text))]);
    let went_back = rule.when == Some(When::WentBack);
    let step = if went_back { Step::Setback } else { Step::First };
    // The same text last time, for the rule that asks for news.
    let subject = Subject { step, previous: Some(&content), ..subject(&content) };
    let mut findings = check_words(&RULES, &subject);
    findings.retain(|finding| finding.rule == rule.id);
    findings
}

#[test]
fn every_example_is_judged_as_the_data_says() {
    let mut wrong = Vec::new();
    for (rule, locale, words) in RULES.all_words() {
        let locale = if locale == "de" { "de" } else { "en" };
        for bad in &words.bad {
            let found = findings(rule, locale, bad);
            if found.is_empty() {
                wrong.push(format!("{}/{locale} misses: {bad}", rule.id));
            }
            for finding in found {
                let Some(instead) = &finding.instead else { continue };
                let mended = format!("{}{instead}{}", &bad[..finding.start], &bad[finding.end..]);
                let again = findings(rule, locale, &mended);
                if again.iter().any(|again| again.start < finding.start + instead.len() && finding.start < again.end) {
                    wrong.push(format!("{}/{locale}: {bad} -> {mended} is found again: {}", rule.id, again[0].words));
                }
            }
        }
        for good in &words.good {
            for finding in findings(rule, locale, good) {
                wrong.push(format!("{}/{locale} false alarm at {:?}: {good}", rule.id, finding.words));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_about_words_has_examples_in_every_language() {
    for rule in RULES.iter() {
        let by_words = matches!(rule.check, Check::Words | Check::NoWords);
        if !by_words && !RULES.language("en").unwrap().rules.contains_key(&rule.id) {
            continue;
        }
        for locale in RULES.languages() {
            let lists: Vec<_> = RULES.words(rule, locale).filter(|words| !words.is_empty()).collect();
            assert!(!lists.is_empty(), "{} has no words in {locale}", rule.id);
            for words in lists {
                assert!(!words.bad.is_empty() && !words.good.is_empty(), "{} lacks examples in {locale}", rule.id);
            }
        }
    }
}

/// What the better words make of a sentence, as a person would accept them one by one.
#[test]
fn better_words_read_well() {
    for (locale, rule, bad, better) in [
        (
            "en",
            "blame",
            "This was caused by our supplier.",
            "This was caused by a fault in a service that we chose and answer for.",
        ),
        ("en", "repair_time", "Payments will be fixed by 11:00.", "We will tell you more at 11:30."),
        (
            "en",
            "repair_time",
            "We found the cause, payments will be fixed by 11:00.",
            "We found the cause, we will tell you more at 11:30.",
        ),
        ("en", "repair_time", "Please try again after 11:00.", "Wait for our next update at 11:30."),
        ("en", "certain", "No data was lost.", "As far as we know now, no data was lost."),
        ("en", "vague_time", "We will tell you more soon.", "We will tell you more at 11:30."),
        ("en", "vague_time", "Payments will be restored shortly.", "We will tell you more at 11:30."),
        ("en", "exclamation", "Payments are down!!", "Payments are down."),
        ("en", "shouting", "PAYMENTS DOWN since 9:40", "Payments down since 9:40"),
        (
            "de",
            "repair_time",
            "Zahlungen werden bis 11:00 Uhr wieder möglich sein.",
            "Wir melden uns wieder um 11:30 Uhr.",
        ),
        ("de", "vague_time", "Wir melden uns in Kürze.", "Wir melden uns um 11:30 Uhr."),
        ("de", "certain", "Ihre Daten sind sicher.", "Nach heutigem Stand gilt: Ihre Daten sind sicher."),
    ] {
        let found = findings(RULES.iter().find(|known| known.id == rule).unwrap(), locale, bad);
        let [finding] = found.as_slice() else { panic!("{bad}: {found:?}") };
        let instead = finding.instead.as_ref().unwrap();
        assert_eq!(format!("{}{instead}{}", &bad[..finding.start], &bad[finding.end..]), better);
    }
}

#[test]
fn every_line_of_the_guidance_that_is_about_words_has_a_rule() {
    for line in 1..=13 {
        let line = format!("G{line}");
        assert!(RULES.iter().any(|rule| rule.guidance == line), "{line} has no rule");
    }
}
