//! Whether each rendering fits the place where it is read.

use std::ops::Range;

use onevoice_channels::contract::Channel;

use super::{Finding, Place, Rules, rules::Rule};
use crate::compose::content::Content;

/// One rendering, measured as its channel counts.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The variant.
    pub variant: &'a str,
    /// The locale.
    pub locale: &'a str,
    /// The channel.
    pub channel: Channel,
    /// Email: the subject.
    pub subject: Option<&'a str>,
    /// Banner: the line that everyone sees.
    pub headline: Option<&'a str>,
    /// SMS: parts that are paid for. Posts: how many the thread has. Else 1.
    pub parts: u32,
    /// SMS: each character that is not in the GSM alphabet, with what stands for it there if anything does.
    pub beyond_gsm: &'a [(char, Option<String>)],
}

/// What is too long for its channel, or dearer than it need be. Settled by the caller ([`super::settle`]).
pub fn check_limits(rules: &Rules, content: &Content, measured: &[Measured<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rendering in measured {
        let check = Limits { rules, rendering };
        match rendering.channel {
            Channel::Email => findings.extend(check.longer("long_subject", "subject", rendering.subject)),
            Channel::Banner => findings.extend(check.longer("long_banner", "short/banner", rendering.headline)),
            Channel::Sms => {
                findings.extend(check.parts("long_sms", "parts"));
                findings.extend(check.alphabet(content));
            }
            channel if channel.is_post() => {
                let thread = check.parts("thread", "posts");
                findings.extend(check.parts("long_post", "posts").or(thread));
            }
            _ => {}
        }
    }
    findings
}

#[derive(Clone, Copy)]
struct Limits<'a> {
    rules: &'a Rules,
    rendering: &'a Measured<'a>,
}

impl<'a> Limits<'a> {
    fn place(self) -> Place<'a> {
        Place { variant: Some(self.rendering.variant), locale: Some(self.rendering.locale), field: None }
    }

    fn rule(self, id: &str) -> (&'a Rule, u32) {
        let rule = self.rules.built_in(id);
        (rule, self.rules.limit(rule, Some(self.rendering.locale)))
    }

    fn longer(self, id: &str, field: &str, line: Option<&str>) -> Option<Finding> {
        let (rule, limit) = self.rule(id);
        let length = line?.chars().count();
        (length > limit as usize).then(|| rule.about(self.place().field(field), format!("{length} characters")))
    }

    fn parts(self, id: &str, unit: &str) -> Option<Finding> {
        let (rule, limit) = self.rule(id);
        let field = format!("short/{}", self.rendering.channel);
        let parts = self.rendering.parts;
        (parts > limit).then(|| rule.about(self.place().field(&field), format!("{parts} {unit}")))
    }

    /// The characters that cost a text message half its room: each where the author wrote it if all of them can be
    /// replaced, else one finding that only tells.
    fn alphabet(self, content: &Content) -> Vec<Finding> {
        let (rule, _) = self.rule("sms_alphabet");
        let beyond = self.rendering.beyond_gsm;
        if beyond.is_empty() {
            return Vec::new();
        }
        let replaced: Option<Vec<Finding>> = beyond
            .iter()
            .map(|(c, instead)| {
                let (field, text, range) = written(content, self.rendering, *c)?;
                let finding = rule.at_words(self.place().field(&field), text, range);
                Some(Finding { instead: Some(instead.clone()?), ..finding })
            })
            .collect();
        replaced.unwrap_or_else(|| {
            let characters: String = beyond.iter().map(|(c, _)| *c).collect();
            vec![rule.about(self.place().field("short/sms"), characters)]
        })
    }
}

/// Where the author wrote a character: in the text for SMS if there is one, else in any prose field.
fn written<'c>(content: &'c Content, rendering: &Measured<'_>, c: char) -> Option<(String, &'c str, Range<usize>)> {
    let variant = content.variants.iter().find(|variant| variant.name == rendering.variant)?;
    let facts = variant.facts.get(rendering.locale)?;
    let own = facts.short.contains_key(&Channel::Sms);
    let mut fields = facts.prose().filter(|(field, _)| field == "short/sms" || (!own && !field.starts_with("short/")));
    fields.find_map(|(field, text)| {
        let start = text.find(c)?;
        Some((field, text, start..start + c.len_utf8()))
    })
}
