//! Whether the right people get it: nobody twice, nobody forgotten unknowingly, nobody too often, not dearer than agreed.

use std::collections::BTreeMap;

use super::{Finding, Place, Rules};

/// What was counted of an audience.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudienceFacts {
    /// People who get it.
    pub people: i64,
    /// True where posts or pages are used: then it reaches somebody even without people.
    pub has_outlets: bool,
    /// People in more than one variant.
    pub in_two: i64,
    /// Some of them.
    pub in_two_examples: Vec<String>,
    /// People in no variant.
    pub in_none: i64,
    /// Some of them.
    pub in_none_examples: Vec<String>,
    /// People who read another language than theirs, by theirs.
    pub fallback: BTreeMap<String, i64>,
    /// What it costs at the most.
    pub cost: f64,
    /// What it may cost without a reason.
    pub cost_ceiling: Option<f64>,
    /// Messages that one address has had in 24 hours, with this one.
    pub messages_today: i64,
    /// How many are allowed without a reason.
    pub messages_ceiling: Option<i64>,
}

/// What is amiss with an audience. Settled by the caller ([`super::settle`]).
pub fn check_audience(rules: &Rules, facts: &AudienceFacts) -> Vec<Finding> {
    let about = |rule: &str, measure: String| {
        let place = Place { field: Some("variants"), ..Place::default() };
        // The id must not change with the number: a reason given for 12 people holds for 13.
        let mut finding = rules.built_in(rule).about(place, "");
        finding.words = measure;
        finding
    };
    let mut findings = Vec::new();
    if facts.in_two > 0 {
        let who = format!("{} people, among them {}", facts.in_two, facts.in_two_examples.join(", "));
        findings.push(about("variants_overlap", who));
    }
    if facts.people == 0 && !facts.has_outlets {
        findings.push(about("nobody", "0 people".to_owned()));
    }
    if facts.in_none > 0 {
        let who = format!("{} people, among them {}", facts.in_none, facts.in_none_examples.join(", "));
        findings.push(about("left_in_no_variant", who));
    }
    if !facts.fallback.is_empty() {
        let who: Vec<String> =
            facts.fallback.iter().map(|(locale, n)| format!("{n} people who read {locale}")).collect();
        findings.push(about("fallback_language", who.join(", ")));
    }
    if let Some(ceiling) = facts.cost_ceiling.filter(|ceiling| facts.cost > *ceiling) {
        findings.push(about("cost_ceiling", format!("{:.2}, and the ceiling is {ceiling:.2}", facts.cost)));
    }
    if let Some(ceiling) = facts.messages_ceiling.filter(|ceiling| facts.messages_today > *ceiling) {
        findings.push(about("day_ceiling", format!("{} messages, and the ceiling is {ceiling}", facts.messages_today)));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules_of(facts: &AudienceFacts) -> Vec<String> {
        let rules = Rules::load(None).unwrap();
        check_audience(&rules, facts).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn an_audience_without_fault_raises_nothing_and_each_fault_its_own_rule() {
        let good = AudienceFacts { people: 5, messages_today: 1, ..AudienceFacts::default() };
        assert_eq!(rules_of(&good), Vec::<String>::new());
        assert_eq!(rules_of(&AudienceFacts { people: 0, ..good.clone() }), ["nobody"]);
        assert_eq!(rules_of(&AudienceFacts { in_two: 1, ..good.clone() }), ["variants_overlap"]);
        assert_eq!(rules_of(&AudienceFacts { in_none: 1, ..good.clone() }), ["left_in_no_variant"]);
        assert_eq!(
            rules_of(&AudienceFacts { fallback: [("fr".to_owned(), 2)].into(), ..good.clone() }),
            ["fallback_language"]
        );
        assert_eq!(rules_of(&AudienceFacts { cost: 2.0, cost_ceiling: Some(1.0), ..good.clone() }), ["cost_ceiling"]);
        assert_eq!(rules_of(&AudienceFacts { messages_today: 3, messages_ceiling: Some(2), ..good }), ["day_ceiling"]);
    }

    #[test]
    fn a_reason_outlives_a_change_of_the_number() {
        let rules = Rules::load(None).unwrap();
        let id = |in_none| {
            check_audience(&rules, &AudienceFacts { people: 1, in_none, ..AudienceFacts::default() })[0].id.clone()
        };
        assert_eq!(id(12), id(13));
    }
}
