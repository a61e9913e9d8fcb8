//! What code must look at: the promise, contact routes, options, links, and what has no words.

use url::Url;

use crate::compose::status::Status;

use super::{Checker, Finding, Telling, rules::Place};

impl<'a> Checker<'a> {
    /// The update as a whole.
    pub(super) fn update(self) -> Vec<Finding> {
        let subject = self.subject;
        let next = Place { field: Some("next_update_at"), ..Place::default() };
        let mut findings = Vec::new();
        match subject.content.next_update_at {
            None => findings.extend(self.rule("missing_next_update").map(|rule| rule.about(next, ""))),
            Some(at) if at <= subject.now => {
                findings.extend(self.rule("past_next_update").map(|rule| rule.about(next, at.to_string())));
            }
            Some(_) => {}
        }
        let window = Place { field: Some("window"), ..Place::default() };
        // What is over at the latest before its words go out: a beginning for what is planned, an end for what goes on.
        let wrong = match (subject.content.status, subject.content.window) {
            (Status::Scheduled, None) => Some(("missing_window", String::new())),
            (Status::Scheduled, Some(planned)) if planned.from <= subject.now => {
                Some(("past_window", planned.from.to_string()))
            }
            (Status::InProgress, Some(planned)) if planned.until <= subject.now => {
                Some(("past_window", planned.until.to_string()))
            }
            _ => None,
        };
        findings.extend(wrong.and_then(|(id, found)| Some(self.rule(id)?.about(window, found))));
        if subject.contact_routes == 0 {
            let place = Place { field: Some("contact_routes"), ..Place::default() };
            findings.extend(self.rule("no_contact_routes").map(|rule| rule.about(place, "")));
        }
        findings
    }

    /// One variant in one language.
    pub(super) fn structure(self, telling: Telling<'a>) -> Vec<Finding> {
        let mut findings = self.characters(telling);
        findings.extend(self.links(telling));
        findings.extend(self.options(telling));
        findings.extend(self.nothing_new(telling));
        if self.rules.language(telling.locale).is_none() {
            let rule = self.rule("unchecked_language");
            findings.extend(rule.map(|rule| rule.about(telling.place(), telling.locale)));
        }
        findings
    }

    fn characters(self, telling: Telling<'a>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let headline = &telling.facts.headline;
        if let Some(rule) = self.rule("long_headline") {
            let length = headline.chars().count();
            if length > self.rules.limit(rule, Some(telling.locale)) as usize {
                findings.push(rule.about(telling.place().field("headline"), format!("{length} characters")));
            }
        }
        for (field, text) in super::text::fields(telling.facts) {
            // A line break in a headline would end the mail's subject, and what follows would be read as a header.
            let (id, wrong): (_, fn(char) -> bool) = match field.as_str() {
                "headline" => ("headline_lines", |c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')),
                _ => ("control_characters", |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')),
            };
            let place = telling.place().field(&field);
            if let (Some(rule), Some((start, c))) = (self.rule(id), text.char_indices().find(|(_, c)| wrong(*c))) {
                let finding = rule.at_words(place, text, start..start + c.len_utf8());
                findings.push(Finding { instead: Some(" ".to_owned()), ..finding });
            }
        }
        findings
    }

    fn links(self, telling: Telling<'a>) -> Vec<Finding> {
        let Some(rule) = self.rule("bad_link") else { return Vec::new() };
        let good = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        };
        let links = telling.facts.links.iter().enumerate();
        links
            .filter(|(_, link)| !Url::parse(&link.url).is_ok_and(|url| good(&url)))
            .map(|(index, link)| {
                rule.at_words(telling.place().field(&format!("links/{index}/url")), &link.url, 0..link.url.len())
            })
            .collect()
    }

    fn options(self, telling: Telling<'a>) -> Vec<Finding> {
        let options = &telling.facts.options;
        let mut findings = Vec::new();
        let recommended = options.iter().filter(|option| option.recommended).count();
        let whole = match (options.len(), recommended) {
            (2.., 0) => Some("no_recommendation"),
            (_, 2..) => Some("several_recommended"),
            _ => None,
        };
        let place = telling.place().field("options");
        findings.extend(whole.and_then(|id| self.rule(id)).map(|rule| rule.about(place, "")));
        for (index, option) in options.iter().enumerate() {
            if option.recommended && option.reason.trim().is_empty() {
                let field = format!("options/{index}/reason");
                let rule = self.rule("reason_missing");
                findings.extend(rule.map(|rule| rule.about(telling.place().field(&field), "")));
            }
        }
        findings
    }

    /// The same words as in the update before, without a word that says so.
    fn nothing_new(self, telling: Telling<'a>) -> Option<Finding> {
        let rule = self.rule("nothing_new")?;
        let previous = self.subject.previous?;
        let earlier = previous.variants.iter().find(|variant| variant.name == telling.variant)?;
        let earlier = earlier.facts.get(telling.locale)?;
        let news = |facts: &crate::compose::content::Facts| {
            [&facts.what_happened, &facts.impact, &facts.why, &facts.doing, &facts.next_steps].map(Clone::clone)
        };
        let same = previous.status == self.subject.content.status && news(earlier) == news(telling.facts);
        let said = || {
            let mut fields = telling.facts.prose();
            fields.any(|(_, text)| self.rules.words(rule, telling.locale).any(|words| words.any_in(text)))
        };
        (same && !said()).then(|| rule.about(telling.place().field("doing"), ""))
    }
}
