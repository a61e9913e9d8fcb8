//! The staff sheet: what colleagues answer, say on the phone and leave unsaid, approved with the update that customers
//! read. It goes to colleagues' places alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::{Content, Variant};
use crate::{app::App, approve::State, problem::Problem, render::MessageKind};

/// The most answers.
pub const MOST_ANSWERS: usize = 20;
/// The most things not to say.
pub const MOST_AVOID: usize = 10;
/// The longest text of a sheet, in bytes: what is longer is not read out.
const LONGEST: usize = 2_000;

/// What colleagues work from, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StaffSheet {
    /// What customers ask, each with its approved answer; at most twenty.
    pub answers: Vec<Answer>,
    /// What not to say; at most ten.
    pub avoid: Vec<String>,
    /// The message to record on the phone line.
    pub phone: String,
    /// What to say to somebody who becomes abusive.
    pub abuse: String,
}

/// A question with its approved answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// What customers ask.
    pub question: String,
    /// What they are answered.
    pub answer: String,
}

impl StaffSheet {
    /// True where nothing is said.
    pub fn is_empty(&self) -> bool {
        self.prose().iter().all(|(_, text)| text.trim().is_empty())
    }

    /// Every text with the name that findings and pointers use: `staff/answers/0/question`, `staff/phone`.
    pub fn prose(&self) -> Vec<(String, &str)> {
        let answers = self.answers.iter().enumerate().flat_map(|(row, answer)| {
            [
                (format!("staff/answers/{row}/question"), answer.question.as_str()),
                (format!("staff/answers/{row}/answer"), answer.answer.as_str()),
            ]
        });
        let avoid = self.avoid.iter().enumerate().map(|(row, text)| (format!("staff/avoid/{row}"), text.as_str()));
        let rest = [("staff/phone", &self.phone), ("staff/abuse", &self.abuse)];
        answers.chain(avoid).chain(rest.map(|(name, text)| (name.to_owned(), text.as_str()))).collect()
    }

    /// Every text, to be changed.
    pub fn each(&mut self, with: &mut dyn FnMut(&mut String)) {
        for answer in &mut self.answers {
            with(&mut answer.question);
            with(&mut answer.answer);
        }
        self.avoid.iter_mut().for_each(&mut *with);
        with(&mut self.phone);
        with(&mut self.abuse);
    }

    /// A text by the name that findings use.
    pub fn at(&mut self, field: &str) -> Option<&mut String> {
        let parts: Vec<&str> = field.split('/').collect();
        match parts[..] {
            ["staff", "answers", row, part] => {
                let answer = self.answers.get_mut(row.parse::<usize>().ok()?)?;
                match part {
                    "question" => Some(&mut answer.question),
                    "answer" => Some(&mut answer.answer),
                    _ => None,
                }
            }
            ["staff", "avoid", row] => self.avoid.get_mut(row.parse::<usize>().ok()?),
            ["staff", "phone"] => Some(&mut self.phone),
            ["staff", "abuse"] => Some(&mut self.abuse),
            _ => None,
        }
    }
}

impl Content {
    /// The sheets that say something, by locale.
    pub fn sheets(&self) -> impl Iterator<Item = (&String, &StaffSheet)> {
        self.staff.iter().filter(|(_, sheet)| !sheet.is_empty())
    }

    /// Whether colleagues are told anything.
    pub fn has_sheet(&self) -> bool {
        self.sheets().next().is_some()
    }

    /// The language of the sheet that goes to colleagues' places: the first of `locales` that has one.
    pub fn sheet_locale<'a>(&self, locales: &'a [String]) -> Option<&'a str> {
        let has = |locale: &&String| self.sheets().any(|(known, _)| known == *locale);
        locales.iter().find(has).map(String::as_str)
    }
}

/// What the types do not say.
///
/// # Errors
/// [`Problem`] 422 at the field.
pub fn validate(locales: &[String], content: &Content) -> Result<(), Problem> {
    if let Some(place) = content.channels.iter().position(|channel| channel.is_staff()) {
        let detail = "colleagues get the staff sheet wherever it is configured to go; take this channel out";
        return Err(Problem::invalid(format!("/channels/{place}"), detail));
    }
    for (locale, sheet) in &content.staff {
        let at = format!("/staff/{locale}");
        if !locales.contains(locale) {
            let detail = format!("the locale {locale:?} is not configured; the locales are {}", locales.join(", "));
            return Err(Problem::invalid(at, detail));
        }
        if sheet.answers.len() > MOST_ANSWERS {
            return Err(Problem::invalid(format!("{at}/answers"), format!("at most {MOST_ANSWERS} answers")));
        }
        if sheet.avoid.len() > MOST_AVOID {
            return Err(Problem::invalid(format!("{at}/avoid"), format!("at most {MOST_AVOID} things not to say")));
        }
        for (field, text) in sheet.prose() {
            if text.len() > LONGEST {
                let name = field.trim_start_matches("staff/");
                let detail = format!("{name} has {} bytes; at most {LONGEST} fit", text.len());
                return Err(Problem::invalid(format!("{at}/{name}"), detail));
            }
        }
    }
    Ok(())
}

/// What colleagues go by in an incident.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CurrentStaffSheet")]
pub struct Current {
    /// The number of the update that it came with.
    pub update: i64,
    /// When that went out.
    pub since: Timestamp,
    /// True where that update was taken down or corrected: nothing of its sheet is to be said any more.
    pub withdrawn: bool,
    /// The number of the latest update that customers were told since, which has no sheet; null where there is none.
    pub newer: Option<i64>,
    /// The sheets by locale; empty where it was withdrawn.
    pub sheets: BTreeMap<String, StaffSheet>,
}

/// The sheet of the latest update that went out with one; None where none did.
///
/// # Errors
/// The store's.
pub async fn current(app: &App, incident_id: i64) -> Result<Option<Current>, Problem> {
    let mut newer: Option<(i64, Vec<Variant>)> = None;
    for update in app.store.updates(incident_id).await?.into_iter().rev() {
        let broadcasts = app.store.broadcasts_of(update.id).await?;
        let of = |message| broadcasts.iter().rev().find(move |one| one.message == message && one.started_at.is_some());
        let Some((told, since)) = of(MessageKind::Update).and_then(|told| Some((told, told.started_at?))) else {
            continue;
        };
        if !update.content.has_sheet() {
            newer = newer.or(Some((update.number, update.content.variants)));
            continue;
        }
        let corrected = broadcasts.iter().any(|one| one.message == MessageKind::Correction);
        let withdrawn = corrected || told.state == State::Retracted;
        let sheets = update.content.sheets().map(|(locale, sheet)| (locale.clone(), sheet.clone()));
        // The same words on the channels that were left say nothing new.
        let newer = newer.filter(|(_, told)| *told != update.content.variants).map(|(number, _)| number);
        let sheets = if withdrawn { BTreeMap::new() } else { sheets.collect() };
        return Ok(Some(Current { update: update.number, since, withdrawn, newer, sheets }));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(staff: serde_json::Value) -> Content {
        serde_json::from_value(serde_json::json!({
            "status": "investigating", "staff": staff,
            "variants": [{ "name": "everyone", "facts": { "en": { "headline": "Payments fail" } } }],
        }))
        .unwrap()
    }

    fn refused(staff: serde_json::Value) -> String {
        validate(&["en".to_owned(), "de".to_owned()], &content(staff)).unwrap_err().pointer.unwrap_or_default()
    }

    #[test]
    fn a_sheet_that_is_too_much_is_refused_where_it_is() {
        let json = |value| serde_json::json!({ "en": value });
        assert_eq!(refused(serde_json::json!({ "fr": { "phone": "Bonjour" } })), "/staff/fr");
        assert_eq!(refused(json(serde_json::json!({ "answers": vec![Answer::default(); 21] }))), "/staff/en/answers");
        assert_eq!(refused(json(serde_json::json!({ "avoid": vec!["x"; 11] }))), "/staff/en/avoid");
        let long = "x".repeat(2_001);
        assert_eq!(refused(json(serde_json::json!({ "phone": long }))), "/staff/en/phone");
        assert_eq!(
            refused(json(serde_json::json!({ "answers": [{}, { "answer": long }] }))),
            "/staff/en/answers/1/answer"
        );
        let mut named = content(json(serde_json::json!({ "phone": "Hello" })));
        assert!(validate(&["en".to_owned()], &named).is_ok());
        named.channels = vec![onevoice_channels::contract::Channel::StaffChat];
        assert!(validate(&["en".to_owned()], &named).is_err());
    }

    #[test]
    fn a_name_that_findings_use_is_found_again() {
        let mut sheet = StaffSheet {
            answers: vec![Answer { question: "When?".into(), answer: "At 11:00.".into() }],
            avoid: vec!["A guess".into()],
            phone: "We know.".into(),
            abuse: "I end this call now.".into(),
        };
        let named: Vec<(String, String)> =
            sheet.prose().into_iter().map(|(name, text)| (name, text.to_owned())).collect();
        assert_eq!(named.len(), 5);
        for (name, text) in named {
            assert_eq!(sheet.at(&name), Some(&mut text.clone()), "{name}");
        }
        for name in ["staff/answers/1/answer", "staff/avoid/1", "staff/answers/0/x", "staff", "headline"] {
            assert_eq!(sheet.at(name), None, "{name}");
        }
    }

    #[test]
    fn an_empty_sheet_is_none_and_content_without_one_is_written_as_ever() {
        assert!(!content(serde_json::json!({ "en": { "avoid": [" "], "answers": [{}] } })).has_sheet());
        assert!(content(serde_json::json!({ "de": { "phone": "Wir wissen es." } })).has_sheet());
        let plain = serde_json::to_string(&content(serde_json::json!({}))).unwrap();
        assert!(!plain.contains("staff"), "{plain}");
    }

    #[test]
    fn colleagues_get_the_first_language_that_has_a_sheet() {
        let locales = ["en".to_owned(), "de".to_owned()];
        let one = content(serde_json::json!({ "en": {}, "de": { "phone": "Wir wissen es." } }));
        assert_eq!(one.sheet_locale(&locales), Some("de"));
        let both = content(serde_json::json!({ "en": { "phone": "We know." }, "de": { "phone": "Wir wissen es." } }));
        assert_eq!(both.sheet_locale(&locales), Some("en"));
        assert_eq!(content(serde_json::json!({})).sheet_locale(&locales), None);
    }

    #[test]
    fn two_peoples_sheets_are_put_together_text_by_text() {
        let sheet = |phone, abuse| content(serde_json::json!({ "en": { "phone": phone, "abuse": abuse } }));
        let (base, mine, theirs) = (sheet("A", "B"), sheet("A2", "B"), sheet("A", "B2"));
        assert_eq!(super::super::merge::merge(&base, &mine, &theirs).unwrap(), sheet("A2", "B2"));
    }
}
