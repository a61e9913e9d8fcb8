//! The staff sheet on pages: its fields while it is written, and itself as colleagues read it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    enter::Desk,
    form::Form,
    words::{say, text},
    write::{Slots, dashed},
};
use crate::compose::staff::{Answer, MOST_ANSWERS, MOST_AVOID, StaffSheet};

/// Reads the sheets of a form whose fields begin with `prefix` and a locale. One that was emptied is taken out; one whose
/// fields the form has not stays as it was.
pub(super) fn read(form: &Form, prefix: &str, locales: &[String], sheets: &mut BTreeMap<String, StaffSheet>) {
    for locale in locales {
        let at = |name: &str| format!("{prefix}{locale}.{name}");
        if form.raw(&at("phone")).is_none() {
            continue;
        }
        let get = |name: &str| form.get(&at(name)).trim().to_owned();
        let answer = |row| Answer {
            question: get(&format!("answers.{row}.question")),
            answer: get(&format!("answers.{row}.answer")),
        };
        let sheet = StaffSheet {
            answers: (0..MOST_ANSWERS).map(answer).filter(|answer| *answer != Answer::default()).collect(),
            avoid: (0..MOST_AVOID).map(|row| get(&format!("avoid.{row}"))).filter(|text| !text.is_empty()).collect(),
            phone: get("phone"),
            abuse: get("abuse"),
        };
        if sheet.is_empty() {
            sheets.remove(locale);
        } else {
            sheets.insert(locale.clone(), sheet);
        }
    }
}

/// The fields of a sheet in each of `locales`, for the `sheet_edit` template. `slots` puts findings under them.
pub(super) fn edit(
    desk: &Desk,
    prefix: &str,
    locales: &[&String],
    sheets: &BTreeMap<String, StaffSheet>,
    mut slots: Option<&mut Slots<'_>>,
) -> Value {
    let none = StaffSheet::default();
    let one = |locale: &&String| {
        let sheet = sheets.get(*locale).unwrap_or(&none);
        let at = format!("{prefix}{locale}.");
        let mut field = |name: String, label: String, hint: &str, line: bool, text: &str| {
            let key = format!("{at}{name}");
            let found = slots.as_mut().map(|slots| slots.take(&key));
            let wrong = found.as_ref().and_then(|found| found["findings"].as_array());
            let wrong = wrong.is_some_and(|list| list.iter().any(|finding| finding["class"] == "block"));
            let marks = slots.as_mut().map(|slots| slots.marks(&key, text));
            json!({ "id": dashed(&key), "key": key, "label": label, "hint": hint, "line": line, "text": text,
                "wrong": wrong, "found": found, "marks": marks })
        };
        // Always one empty row to write on.
        let rows = (sheet.answers.len() + 1).clamp(2, MOST_ANSWERS);
        let mut answers = Vec::new();
        for row in 0..rows {
            let answer = sheet.answers.get(row).cloned().unwrap_or_default();
            let n = row + 1;
            answers.push(field(
                format!("answers.{row}.question"),
                text!("sheet-question", n = n),
                "",
                true,
                &answer.question,
            ));
            answers.push(field(
                format!("answers.{row}.answer"),
                text!("sheet-answer", n = n),
                "",
                false,
                &answer.answer,
            ));
        }
        let rows = (sheet.avoid.len() + 1).clamp(2, MOST_AVOID);
        let avoid: Vec<Value> = (0..rows)
            .map(|row| {
                let text = sheet.avoid.get(row).map_or("", String::as_str);
                field(format!("avoid.{row}"), text!("sheet-avoid-n", n = row + 1), "", true, text)
            })
            .collect();
        let rest = [
            field("phone".to_owned(), text!("sheet-phone"), &text!("sheet-phone-hint"), false, &sheet.phone),
            field("abuse".to_owned(), text!("sheet-abuse"), &text!("sheet-abuse-hint"), false, &sheet.abuse),
        ];
        json!({ "id": dashed(&format!("{prefix}{locale}")), "language": say("language", locale), "open": !sheet.is_empty(),
            "answers": answers, "avoid": avoid, "rest": rest })
    };
    let locales: Vec<Value> = locales.iter().map(one).collect();
    json!({ "locales": locales, "several": locales.len() > 1, "nowhere": !desk.app.channels().iter().any(|to| to.is_staff()) })
}

/// Sheets as colleagues read them, for the `sheet` template; the default language first.
pub(super) fn shown<'a>(desk: &Desk, sheets: impl Iterator<Item = (&'a String, &'a StaffSheet)>) -> Vec<Value> {
    let mut sheets: Vec<_> = sheets.collect();
    sheets.sort_by_key(|(locale, _)| *locale != desk.app.default_locale());
    let several = sheets.len() > 1;
    let one = |(locale, sheet): (&String, &StaffSheet)| {
        json!({ "language": several.then(|| say("language", locale)), "locale": locale, "answers": sheet.answers,
            "avoid": sheet.avoid, "phone": sheet.phone, "abuse": sheet.abuse })
    };
    sheets.into_iter().map(one).collect()
}

/// The texts of sheets with their names, for comparing.
pub(super) fn plain(sheets: &BTreeMap<String, StaffSheet>) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (locale, sheet) in sheets {
        let mut add = |name: String, text: &str| {
            if !text.is_empty() {
                texts.push((
                    format!("{name} ({})", text!("sheet-for", language = say("language", locale))),
                    text.to_owned(),
                ));
            }
        };
        for (row, answer) in sheet.answers.iter().enumerate() {
            add(text!("sheet-question", n = row + 1), &answer.question);
            add(text!("sheet-answer", n = row + 1), &answer.answer);
        }
        for (row, text) in sheet.avoid.iter().enumerate() {
            add(text!("sheet-avoid-n", n = row + 1), text);
        }
        add(text!("sheet-phone"), &sheet.phone);
        add(text!("sheet-abuse"), &sheet.abuse);
    }
    texts
}
