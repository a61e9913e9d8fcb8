//! What reports mean, as data: `config/bounces/rules.toml`, whose head explains each key.

use std::path::Path;

use onevoice_channels::contract::Reason;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

const BUILT_IN: &str = include_str!("../../config/bounces/rules.toml");
/// What a delivery may fail with by a report: the others are said by providers while they take a message.
const REASONS: [Reason; 6] = [
    Reason::NoSuchAddress,
    Reason::MailboxFull,
    Reason::Blocked,
    Reason::BadContent,
    Reason::Expired,
    Reason::Undelivered,
];

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: Vec<WrittenRule>,
    #[serde(default)]
    auto_reply: Vec<WrittenReply>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    reason: Reason,
    #[serde(default)]
    status: Vec<String>,
    #[serde(default)]
    text: Vec<String>,
    #[serde(default)]
    examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenReply {
    header: String,
    text: String,
    #[serde(default)]
    examples: Vec<String>,
}

/// The rules, in their order.
pub struct Rules {
    rules: Vec<Rule>,
    replies: Vec<(String, Regex)>,
}

struct Rule {
    reason: Reason,
    status: Vec<String>,
    text: Vec<Regex>,
}

impl Rule {
    fn fits(&self, status: &str, words: &str) -> bool {
        // "5.7." stands for what begins with it, "5.1.1" for itself.
        let is_of = |known: &String| if known.ends_with('.') { status.starts_with(known) } else { status == known };
        (self.status.is_empty() || self.status.iter().any(is_of))
            && (self.text.is_empty() || self.text.iter().any(|pattern| pattern.is_match(words)))
    }
}

impl Rules {
    /// Those of a file, or the built-in ones.
    ///
    /// # Errors
    /// What is wrong with which rule.
    pub fn load(file: Option<&Path>) -> Result<Rules, RuleError> {
        let Some(path) = file else { return Rules::parse(BUILT_IN) };
        let located = |why: String| RuleError(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| located(format!("cannot be read: {error}")))?;
        Rules::parse(&text).map_err(|error| located(error.0))
    }

    fn parse(text: &str) -> Result<Rules, RuleError> {
        let written: Written = toml::from_str(text).map_err(|error| RuleError(error.to_string()))?;
        let mut rules = Vec::new();
        for (place, rule) in written.rule.iter().enumerate() {
            let wrong = |why: String| RuleError(format!("rule[{place}]: {why}"));
            if !REASONS.contains(&rule.reason) {
                let known: Vec<&str> = REASONS.iter().map(|reason| reason.as_str()).collect();
                return Err(wrong(format!(
                    "no report says {:?}; take one of {}",
                    rule.reason.as_str(),
                    known.join(", ")
                )));
            }
            if rule.status.is_empty() && rule.text.is_empty() {
                return Err(wrong("fits everything; give `status`, `text` or both".to_owned()));
            }
            let text: Result<Vec<Regex>, RuleError> =
                rule.text.iter().map(|text| pattern(text).map_err(wrong)).collect();
            rules.push(Rule { reason: rule.reason, status: rule.status.clone(), text: text? });
        }
        let mut replies = Vec::new();
        for (place, reply) in written.auto_reply.iter().enumerate() {
            let text = pattern(&reply.text).map_err(|why| RuleError(format!("auto_reply[{place}]: {why}")))?;
            replies.push((reply.header.to_ascii_lowercase(), text));
        }
        let rules = Rules { rules, replies };
        rules.hold_to_examples(&written)?;
        Ok(rules)
    }

    /// A rule that another one hides, or that does not say what its author thinks, is found when it is loaded.
    fn hold_to_examples(&self, written: &Written) -> Result<(), RuleError> {
        for (place, rule) in written.rule.iter().enumerate() {
            for example in &rule.examples {
                let (status, words) = example.split_once(' ').unwrap_or((example, ""));
                let first = self.rules.iter().position(|rule| rule.fits(status, words));
                if first != Some(place) {
                    let fits = first.map_or("none does".to_owned(), |first| format!("rule[{first}] does"));
                    return Err(RuleError(format!(
                        "rule[{place}] is not the first to fit its example {example:?}; {fits}"
                    )));
                }
            }
        }
        for (place, reply) in written.auto_reply.iter().enumerate() {
            if let Some(example) = reply.examples.iter().find(|example| !self.replies[place].1.is_match(example)) {
                return Err(RuleError(format!("auto_reply[{place}] does not fit its example {example:?}")));
            }
        }
        Ok(())
    }

    /// Why a delivery failed, by the status code (RFC 3463) and the server's words; None where no rule fits.
    pub fn reason(&self, status: &str, words: &str) -> Option<Reason> {
        self.rules.iter().find(|rule| rule.fits(status, words)).map(|rule| rule.reason)
    }

    /// Whether a header says that a machine wrote the mail. `name` is in lower case.
    pub fn is_auto_reply(&self, name: &str, value: &str) -> bool {
        self.replies.iter().any(|(header, text)| header == name && text.is_match(value))
    }
}

fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).case_insensitive(true).size_limit(1 << 20).build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_are_held_to_their_examples() {
        let rules = Rules::load(None).unwrap();
        assert!(rules.rules.len() > 5 && rules.replies.len() > 5);
        assert_eq!(rules.reason("5.1.1", ""), Some(Reason::NoSuchAddress));
        assert_eq!(rules.reason("2.0.0", "ok"), None);
        assert!(!rules.is_auto_reply("auto-submitted", "no") && !rules.is_auto_reply("subject", "Re: out of cash"));
    }

    #[test]
    fn rules_that_cannot_be_used_are_named() {
        for (text, words) in [
            ("[[rule]]\nreason = \"throttled\"\nstatus = [\"4.\"]", "rule[0]: no report says \"throttled\""),
            ("[[rule]]\nreason = \"blocked\"", "rule[0]: fits everything"),
            ("[[rule]]\nreason = \"blocked\"\ntext = ['(']", "rule[0]: regex parse error"),
            ("[[rule]]\nreason = \"blocked\"\nstatus = [\"5.7.\"]\nexamples = [\"5.1.1 x\"]", "none does"),
            (
                "[[rule]]\nreason = \"blocked\"\nstatus = [\"5.\"]\n[[rule]]\nreason = \"expired\"\nstatus = [\"5.4.7\"]\n\
                 examples = [\"5.4.7 x\"]",
                "rule[1] is not the first to fit its example \"5.4.7 x\"; rule[0] does",
            ),
            ("rule = []\n[[auto_reply]]\nheader = \"X\"\ntext = 'a'\nexamples = [\"b\"]", "auto_reply[0] does not fit"),
            ("[[rule]]\nreson = 1", "unknown field `reson`"),
        ] {
            let error = Rules::parse(text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(words), "{words}: {error}");
        }
        let error = Rules::load(Some(Path::new("/nowhere/rules.toml"))).err().unwrap().to_string();
        assert!(error.starts_with("/nowhere/rules.toml: cannot be read"), "{error}");
    }
}
