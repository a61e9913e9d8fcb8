//! Check: reads a draft as a calm and experienced colleague would, before anyone approves it.
//!
//! The rules are data (`config/rules/`): which words, for which kind and status, why, and what to write instead.
//! Findings stand at the words. Those that block are mended or, where the rule allows, kept with a reason that the
//! approver reads.
//!
//! * [`check_words`] reads the facts.
//! * [`check_limits`], [`check_parity`] and [`check_promise`] read what was rendered and measured.
//! * [`settle`] writes the author's reasons into findings; [`blocking`] is what is left to mend.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::compose::{
    content::{Content, Facts, Severity as Urgency},
    status::{ComponentStatus, Kind, Step},
};

mod audience;
mod finding;
mod limits;
mod locales;
mod parity;
mod promise;
mod reading;
mod rules;
mod staff;
mod structure;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use audience::{AudienceFacts, check_audience};
pub use finding::{Finding, Severity, blocking, settle};
pub use limits::{Measured, check_limits};
pub use parity::{Fact, FactRow, Needles, Presence, check_parity, parity};
pub use promise::check_promise;
pub use rules::{RuleError, Rules};

use rules::{Place, Rule, When};

/// The rules that code knows by name; `rules.toml` must have each of them.
const BUILT_IN_RULES: [&str; 38] = [
    "bad_link",
    "control_characters",
    "cost_ceiling",
    "counts_differ",
    "day_ceiling",
    "fallback_language",
    "guarded_term",
    "hard_to_read",
    "headline_lines",
    "left_in_no_variant",
    "left_out",
    "locale_field_missing",
    "long_banner",
    "long_headline",
    "long_post",
    "long_sentence",
    "long_sms",
    "long_subject",
    "missing_default_locale",
    "missing_locale",
    "missing_next_update",
    "missing_window",
    "no_contact_routes",
    "no_recommendation",
    "nobody",
    "nothing_new",
    "numbers_differ",
    "past_next_update",
    "past_window",
    "promise_too_early",
    "reason_missing",
    "several_recommended",
    "staff_half",
    "sms_alphabet",
    "thread",
    "times_differ",
    "unchecked_language",
    "variants_overlap",
];

/// What is checked, and what must be known beside it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The incident's kind.
    pub kind: Kind,
    /// What the step from the previous update's status to this one's is.
    pub step: Step,
    /// The draft.
    pub content: &'a Content,
    /// The update before it, as it was sent.
    pub previous: Option<&'a Content>,
    /// The configured locales, the default one first.
    pub locales: &'a [String],
    /// Now.
    pub now: Timestamp,
    /// Words that must not get out: code names, customers' names. Matched as whole words, case ignored.
    pub guarded: &'a [String],
    /// The worst that the incident did to a component so far.
    pub worst: Option<ComponentStatus>,
    /// How many contact routes the renderings will name.
    pub contact_routes: usize,
    /// The promised time as the renderings write it, by locale: `11:30 CET`.
    pub next_update_text: &'a BTreeMap<String, String>,
}

impl Subject<'_> {
    /// The locale that everyone without a better one reads; `en` where none is configured.
    fn default_locale(&self) -> &str {
        self.locales.first().map_or("en", String::as_str)
    }

    fn is_severe(&self) -> bool {
        let down =
            |status: &ComponentStatus| matches!(status, ComponentStatus::PartialOutage | ComponentStatus::MajorOutage);
        self.content.severity == Urgency::Critical || self.content.components.values().chain(&self.worst).any(down)
    }

    fn concerns(&self, rule: &Rule) -> bool {
        let when = match rule.when {
            None => true,
            Some(When::SevereImpact) => self.is_severe(),
            Some(When::WentBack) => matches!(self.step, Step::Setback | Step::Reopened),
        };
        when && (rule.kinds.is_empty() || rule.kinds.contains(&self.kind))
            && (rule.statuses.is_empty() || rule.statuses.contains(&self.content.status))
    }
}

/// What is said in one variant and locale.
#[derive(Clone, Copy)]
struct Telling<'a> {
    variant: &'a str,
    locale: &'a str,
    facts: &'a Facts,
}

impl<'a> Telling<'a> {
    fn place(self) -> Place<'a> {
        Place { variant: Some(self.variant), locale: Some(self.locale), field: None }
    }
}

/// Everything that can be said of the facts themselves, settled, in the order in which an author reads them.
pub fn check_words(rules: &Rules, subject: &Subject<'_>) -> Vec<Finding> {
    let check = Checker { rules, subject };
    let mut findings = check.update();
    for variant in &subject.content.variants {
        for (locale, facts) in &variant.facts {
            let telling = Telling { variant: &variant.name, locale, facts };
            findings.extend(check.telling(telling));
        }
        findings.extend(check.locales(variant));
    }
    findings.extend(check.own_words());
    findings.extend(staff::check(check));
    settle(subject.content, &mut findings);
    findings
}

/// The two things that every check needs.
#[derive(Clone, Copy)]
struct Checker<'a> {
    rules: &'a Rules,
    subject: &'a Subject<'a>,
}

impl<'a> Checker<'a> {
    /// The built-in rule, where it concerns this update.
    fn rule(self, id: &str) -> Option<&'a Rule> {
        Some(self.rules.built_in(id)).filter(|rule| self.subject.concerns(rule))
    }

    fn telling(self, telling: Telling<'a>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let fields = text::fields(telling.facts);
        for (name, text) in &fields {
            let mut at_field = text::check(self, telling.place().field(name), text);
            at_field.extend(reading::check(self, telling.place().field(name), text));
            at_field.sort_by_key(|finding| (finding.start, finding.severity));
            findings.extend(at_field);
        }
        findings.extend(text::absences(self, telling, &fields));
        findings.extend(self.structure(telling));
        findings
    }

    /// The correction's and the automatic message's own words.
    fn own_words(self) -> Vec<Finding> {
        let content = self.subject.content;
        let own = [("correction", &content.correction), ("holding", &content.holding)];
        own.into_iter()
            .flat_map(|(field, texts)| texts.iter().map(move |(locale, text)| (field, locale, text)))
            .flat_map(|(field, locale, text)| {
                let place = Place { variant: None, locale: Some(locale), field: Some(field) };
                text::check(self, place, text)
            })
            .collect()
    }
}
