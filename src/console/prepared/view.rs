//! What the pages of prepared messages show.

use serde_json::{Value, json};

use super::{
    super::{
        enter::Desk,
        sheet, texts,
        time::length,
        words::{say, text, word},
        write::{PROSE, prose},
    },
    form::{QUESTIONS, Question, STAGES, Typed},
};
use crate::{
    compose::{
        content::{Facts, Severity},
        status::{ComponentStatus, Status},
    },
    problem::Problem,
    render::MessageKind,
    schedule::playbook::{Playbook, VariableKind, keep::Read},
    store::playbooks::Stored,
};

/// What the sender is asked, and what each answer takes.
pub fn questions(playbook: &Playbook) -> Vec<Value> {
    let one = |variable: &crate::schedule::playbook::Variable| {
        let takes = match &variable.kind {
            VariableKind::Choice { options } => {
                options.iter().map(|option| option.label.as_str()).collect::<Vec<_>>().join(" · ")
            }
            VariableKind::Number { min, max } => text!("prepared-one-takes-number", min = *min, max = *max),
            VariableKind::Component { components } => components.values().cloned().collect::<Vec<_>>().join(" · "),
            VariableKind::Time { from_minutes, to_minutes } => {
                text!("prepared-one-takes-time", from = from_minutes.to_string(), to = to_minutes.to_string())
            }
            VariableKind::Text { pattern, max_length } => {
                text!("prepared-one-takes-text", n = *max_length, pattern = pattern.as_str())
            }
        };
        json!({ "question": variable.question, "takes": takes })
    };
    playbook.variables.iter().map(one).collect()
}

/// Every stage with every text: the usual values open, the longest and each further choice below.
pub fn stages(desk: &Desk, stored: &Stored, read: &[Read]) -> Vec<Value> {
    let severity = stored.playbook.severity;
    let default = desk.app.default_locale();
    let mut stages = Vec::new();
    for (status, stage) in &stored.playbook.stages {
        let of_stage = read.iter().filter(|read| read.stage == *status);
        let samples: Vec<Value> = of_stage
            .enumerate()
            .map(|(place, read)| {
                // The first set shows every text; what differs in the others is read on the roomiest place.
                let whole = place < 2;
                let shown = read.preview.texts.iter().filter(|text| {
                    let page = text.channel == onevoice_channels::contract::Channel::StatusPage;
                    if whole { text.turn == 0 } else { page && text.message == MessageKind::Update }
                });
                let mut texts: Vec<Value> = shown
                    .map(|text| {
                        let mut card = texts::shown(text, &[], severity);
                        card["message"] = json!((text.message != MessageKind::Update).then(|| say("message", text.message.as_str())));
                        card
                    })
                    .collect();
                texts.sort_by_key(|card| (card["message"].is_string(), card["locale"] != default));
                json!({ "id": format!("{}-{place}", status.as_str()), "shows": read.shows, "open": false, "texts": texts })
            })
            .collect();
        let usual = read.iter().find(|read| read.stage == *status);
        let first = usual.into_iter().flat_map(|read| &read.preview.texts);
        let first =
            first.filter(|text| text.message == MessageKind::Update && text.locale == default && text.banner.is_some());
        stages.push(json!({
            "status": say("status", status.as_str()),
            "component": say("component", stage.component_status.as_str()),
            "promises": stage.next_update_minutes.iter().map(|minutes| length(u64::from(*minutes) * 60)).collect::<Vec<_>>().join(&word("list-comma")),
            "first": first.map(|text| texts::shown(text, &[], severity)).collect::<Vec<_>>(),
            "samples": samples,
            "sheets": sheet::shown(desk, stage.staff.iter()),
        }));
    }
    stages
}

/// The form, with what is typed.
pub async fn editor(
    desk: &Desk,
    known: Option<(i64, i64)>,
    typed: &Typed,
    problem: Option<Problem>,
) -> Result<Value, Problem> {
    let option =
        |set: &str, name: &str, chosen: bool| json!({ "name": name, "label": say(set, name), "selected": chosen });
    let mut questions: Vec<Question> = typed.questions.clone();
    // Two empty rows to write on; more come with each save.
    let filled = questions.iter().rposition(|question| *question != Question::default()).map_or(0, |last| last + 1);
    questions.resize((filled + 2).min(QUESTIONS), Question::default());
    let rows: Vec<Value> = questions
        .iter()
        .enumerate()
        .map(|(place, question)| {
            let kinds = ["choice", "number", "component", "time", "text"].map(|kind| option("question", kind, question.kind == kind));
            json!({ "n": place, "number": place + 1, "name": question.name, "question": question.question, "detail": question.detail, "kinds": kinds })
        })
        .collect();
    let components = desk.app.store.components().await?;
    let components: Vec<Value> = components
        .iter()
        .map(|component| json!({ "id": component.id, "name": component.name, "selected": typed.component == component.id.to_string() }))
        .collect();
    let severities = [Severity::Info, Severity::Warning, Severity::Critical]
        .map(|severity| option("severity", severity.as_str(), typed.severity == severity.as_str()));
    let channels: Vec<Value> = desk
        .app
        .customer_channels()
        .into_iter()
        .map(|channel| option("channel", channel.as_str(), typed.channels.contains(&channel)))
        .collect();
    let who = |name: &str| typed.who.iter().any(|known| known == name);
    Ok(json!({
        "id": known.map(|(id, _)| id),
        "version": known.map(|(_, version)| version),
        "problem": problem.map(|problem| problem.detail),
        "name": typed.name, "components": components, "severities": severities, "questions": rows,
        "stages": STAGES.map(|status| stage(desk, typed, status)),
        "person": who("person"), "machine": who("machine"), "timer": who("timer"),
        "channels": channels, "most": typed.most, "most_cost": typed.most_cost, "currency": desk.app.config.sms.currency, "every": typed.every, "until": typed.until,
        "languages": desk.app.config.organisation.locales.iter().map(|locale| say("language", locale)).collect::<Vec<_>>().join(" | "),
    }))
}

fn stage(desk: &Desk, typed: &Typed, status: Status) -> Value {
    let name = status.as_str();
    let Some(stage) = typed.stages.get(&status) else { return Value::Null };
    let default = desk.app.default_locale();
    let locales: Vec<Value> = desk
        .app
        .config
        .organisation
        .locales
        .iter()
        .map(|locale| {
            let mut facts = stage.facts.get(locale).cloned().unwrap_or_default();
            let fields = PROSE.map(|field| {
                let text = prose(&mut facts, field).cloned().unwrap_or_default();
                json!({ "key": format!("{name}.{locale}.{field}"), "id": format!("{name}-{locale}-{field}"), "label": say("field", field),
                    "hint": say("hint", field), "text": text, "line": field == "headline" })
            });
            let options: Vec<Value> = (0..3)
                .map(|row| {
                    let option = facts.options.get(row).cloned().unwrap_or_default();
                    json!({ "key": format!("{name}.{locale}.options.{row}"), "n": row + 1, "text": option.text, "reason": option.reason, "recommended": option.recommended })
                })
                .collect();
            json!({ "code": locale, "language": say("language", locale), "fields": fields, "options": options, "stage": name,
                "correction": stage.correction.get(locale).cloned().unwrap_or_default(), "open": locale == default })
        })
        .collect();
    let statuses: Vec<Value> = ComponentStatus::ALL
        .iter()
        .filter(|known| **known != ComponentStatus::UnderMaintenance)
        .map(|known| json!({ "name": known.as_str(), "label": say("component", known.as_str()), "selected": *known == stage.component_status }))
        .collect();
    let written: Vec<&String> = desk.app.config.organisation.locales.iter().collect();
    let sheet = sheet::edit(desk, &format!("{name}.staff."), &written, &stage.staff, None);
    let said = stage.facts.get(default).is_some_and(|facts| *facts != Facts::default());
    json!({ "name": name, "label": say("status", name), "said": said, "open": status == Status::Investigating,
        "final": status.is_final(), "next": stage.next, "statuses": statuses, "locales": locales, "sheet": sheet })
}
