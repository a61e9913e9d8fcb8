//! An approver's notes, at the fields whose words they are about.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{
    enter::Desk,
    words::{say, word},
};
use crate::{
    approve::notes::plain,
    compose::{
        content::{Content, Facts},
        staff::StaffSheet,
    },
    problem::Problem,
    render::MessageKind,
    store::{incidents::Update, remarks::Note},
};

/// The notes by the field of the form that they stand under; at the top of the page where the words are no field's.
pub(super) async fn by_field(
    desk: &Desk,
    update: &Update,
    content: &Content,
) -> Result<BTreeMap<String, Vec<Value>>, Problem> {
    let mut by_field: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for note in desk.app.store.notes(update.id).await? {
        let by = desk.app.store.person(note.person_id).await?.name;
        let variant = content.variants.get(note.variant).filter(|_| content.variants.len() > 1);
        let place = [
            Some(say("channel", note.channel.as_str())),
            Some(say("language", &note.locale)),
            variant.map(|variant| variant.name.as_str()),
        ];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        let value = json!({ "note": { "by": by, "quote": note.quote, "text": note.text, "place": place.join(&*word("list-comma")) } });
        by_field.entry(field(content, &note)).or_default().push(value);
    }
    Ok(by_field)
}

/// The field that holds the quoted words.
fn field(content: &Content, note: &Note) -> String {
    let own = match note.message {
        MessageKind::Update => None,
        MessageKind::Correction => Some(("correction", &content.correction)),
        MessageKind::Holding => Some(("holding", &content.holding)),
    };
    if let Some((name, texts)) = own {
        return if texts.contains_key(&note.locale) { format!("{name}.{}", note.locale) } else { "all".to_owned() };
    }
    if note.channel.is_staff()
        && let Some(field) = content.staff.get(&note.locale).and_then(|sheet| within_sheet(sheet, note))
    {
        return field;
    }
    let facts = content.variants.get(note.variant).and_then(|variant| variant.facts.get(&note.locale));
    match facts.and_then(|facts| within(facts, note)) {
        Some(field) => format!("v{}.{}.{field}", note.variant, note.locale),
        None => "all".to_owned(),
    }
}

/// What was written by hand for the note's channel first; then the fact that has the words.
fn within(facts: &Facts, note: &Note) -> Option<String> {
    let has = |text: &str| !note.quote.is_empty() && plain(text).contains(&note.quote);
    if facts.short.get(&note.channel).is_some_and(|text| !text.is_empty()) {
        return Some(format!("short.{}", note.channel));
    }
    facts.prose().find(|(_, text)| has(text)).map(|(field, _)| field.replace('/', "."))
}

/// The field of the sheet that has the words.
fn within_sheet(sheet: &StaffSheet, note: &Note) -> Option<String> {
    let has = |text: &str| !note.quote.is_empty() && plain(text).contains(&note.quote);
    let (field, _) = sheet.prose().into_iter().find(|(_, text)| has(text))?;
    Some(format!("staff.{}{}", note.locale, field.trim_start_matches("staff").replace('/', ".")))
}

#[cfg(test)]
mod tests {
    use onevoice_channels::contract::Channel;

    use super::*;

    #[test]
    fn a_note_stands_at_the_fact_that_has_its_words_or_at_the_top() {
        let facts =
            Facts { headline: "Cards fail".into(), doing: "We look\nfor the cause.".into(), ..Facts::default() };
        let content: Content = serde_json::from_value(serde_json::json!({
            "status": "investigating",
            "variants": [{ "name": "everyone", "facts": { "en": facts } }],
            "correction": { "en": "It was wrong." },
        }))
        .unwrap();
        let note = |message, quote: &str| Note {
            message,
            variant: 0,
            channel: Channel::Email,
            locale: "en".to_owned(),
            quote: quote.to_owned(),
            text: "x".to_owned(),
            person_id: 1,
        };
        assert_eq!(field(&content, &note(MessageKind::Update, "look for the cause")), "v0.en.doing");
        assert_eq!(field(&content, &note(MessageKind::Update, "Urgent payments")), "all");
        assert_eq!(field(&content, &note(MessageKind::Update, "")), "all");
        assert_eq!(field(&content, &note(MessageKind::Correction, "wrong")), "correction.en");
        assert_eq!(field(&content, &note(MessageKind::Holding, "x")), "all");
    }
}
