//! The prepared message on its card: who approved it, what is chosen, the words as they will read.

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    super::{
        enter::Desk,
        form::Form,
        texts,
        time::{Times, length},
        words::{say, text, word},
    },
    asked, colleague,
};
use crate::{
    api::auth,
    check,
    compose::status::{Kind, Status},
    problem::Problem,
    render::MessageKind,
    schedule::playbook::{
        VariableKind,
        bounds::{Standing, standing},
        fill::Asked,
        instance::{self, About},
    },
    store::{incidents::Incident, playbooks::Stored},
};

/// The incident to go on with: the one that was chosen, or the open one that this playbook last told of.
pub(super) async fn incident(
    desk: &Desk,
    stored: &Stored,
    chosen: Option<i64>,
    exercise: bool,
) -> Result<Option<Incident>, Problem> {
    let id = match chosen {
        Some(0) => None,
        Some(id) => Some(id),
        None => desk.app.store.open_instance(stored.id, exercise).await?.map(|open| open.incident_id),
    };
    let Some(id) = id else { return Ok(None) };
    auth::may_see(&desk.app, &desk.actor, id).await?;
    Ok(Some(desk.app.store.incident(id).await?))
}

/// "Dana and Ben on 3 November": who approved it in advance, and when the second one did.
pub(in crate::console) async fn approved_by(desk: &Desk, stored: &Stored) -> Result<String, Problem> {
    let mut names = Vec::new();
    for yes in &stored.approvals {
        let name = desk.app.store.person(yes.person_id).await?.name;
        names.push(name.split(' ').next().unwrap_or_default().to_owned());
    }
    let day = stored.approvals.last().map(|yes| Times::of(&desk.app).day(yes.at)).unwrap_or_default();
    Ok(text!("quick-approved-by", names = listed(&names), day = day))
}

/// The card.
pub(super) async fn card(
    desk: &Desk,
    times: &Times,
    stored: &Stored,
    incident: Option<&Incident>,
    exercise: bool,
    form: &Form,
) -> Result<Value, Problem> {
    let playbook = &stored.playbook;
    let from = incident.and_then(|incident| incident.status);
    let possible: Vec<Status> =
        playbook.stages.keys().copied().filter(|stage| Kind::Incident.step(from, *stage).is_some()).collect();
    let mut asked = asked(stored, form);
    if let Some(incident) = incident.filter(|_| form.get("action").is_empty()) {
        // What was said last still holds, until somebody chooses otherwise.
        let told = desk.app.store.instances_of(incident.id).await?;
        let last = told.into_iter().find(|told| told.playbook_id == stored.id && told.sent_at.is_some());
        asked.values = last.map(|last| last.asked.values).unwrap_or_default();
        asked.values.retain(|name, _| playbook.variables.iter().any(|known| known.name == *name));
    }
    if form.get("stage").is_empty() || !possible.contains(&asked.stage) {
        // Going on, the next word is the one after the last.
        let next = possible.iter().find(|stage| from.is_some_and(|from| **stage > from));
        asked.stage = next.or(possible.first()).copied().unwrap_or(asked.stage);
        asked.next_update_minutes = None;
    }
    let stages: Vec<Value> = possible
        .iter()
        .map(|stage| json!({ "name": stage.as_str(), "label": say("status", stage.as_str()), "checked": *stage == asked.stage }))
        .collect();
    let questions: Vec<Value> = playbook.variables.iter().map(|variable| question(times, variable, &asked)).collect();
    let promises = promises(stored, &asked);
    let about = About { incident: incident.map(|incident| incident.id), exercise };
    let state = standing(stored, times.now);
    let waiting = match state {
        Standing::Approved => None,
        Standing::Waiting(n) => Some(text!("quick-not-approved", n = n)),
        Standing::Expired => Some(text!("quick-expired", day = times.day(playbook.bounds.valid_until))),
        Standing::Retired => Some(text!("quick-retired")),
    };
    let others: Vec<Channel> = desk
        .app
        .customer_channels()
        .into_iter()
        .filter(|channel| !playbook.bounds.channels.contains(channel))
        .collect();
    Ok(json!({
        "id": stored.id,
        "name": playbook.name,
        "approved": approved_by(desk, stored).await?,
        "things": questions.len() + usize::from(promises.len() > 1),
        "usable": state == Standing::Approved && playbook.bounds.person,
        "waiting": waiting.or_else(|| (!playbook.bounds.person).then(|| text!("quick-not-alone"))),
        "incident": incident.map(|incident| json!({ "id": incident.id, "title": incident.title, "since": times.near(incident.created_at) })),
        "component": playbook.component,
        "exercise": exercise,
        "stages": stages,
        "one_stage": possible.len() < 2,
        "first": possible.first() == Some(&asked.stage),
        "questions": questions,
        "promises": promises,
        "where": channels(&playbook.bounds.channels),
        "others": (!others.is_empty()).then(|| channels(&others)),
        "who": colleague::asked(desk).await?,
        "words": words(desk, stored, about, &asked).await?,
    }))
}

/// The times of the next update that a stage offers.
pub(super) fn promises(stored: &Stored, asked: &Asked) -> Vec<Value> {
    let Some(stage) = stored.playbook.stages.get(&asked.stage) else { return Vec::new() };
    let chosen = asked.next_update_minutes.or(stage.next_update_minutes.first().copied());
    let one = |(place, offered): (usize, &u32)| {
        let label = length(u64::from(*offered) * 60);
        let label = if place == 0 { text!("quick-after-sending", length = label) } else { label };
        json!({ "minutes": offered, "label": label, "checked": Some(*offered) == chosen })
    };
    stage.next_update_minutes.iter().enumerate().map(one).collect()
}

/// A channel within a sentence.
fn spoken(channel: Channel) -> String {
    say("spoken", channel.as_str()).to_owned()
}

/// "website and status page".
pub(in crate::console) fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => text!("list-last", list = first.join(&word("list-comma")), last = *last),
    }
}

/// The same of channels.
pub(in crate::console) fn channels(of: &[Channel]) -> String {
    listed(&of.iter().map(|channel| spoken(*channel)).collect::<Vec<_>>())
}

fn question(times: &Times, variable: &crate::schedule::playbook::Variable, asked: &Asked) -> Value {
    let typed = asked.values.get(&variable.name).map_or("", String::as_str);
    // An instant is shown as the time of day that the field takes.
    let clock = typed.parse().ok().map(|at| times.input(at)[11..].to_owned());
    let typed = match (&variable.kind, &clock) {
        (VariableKind::Time { .. }, Some(clock)) => clock.as_str(),
        _ => typed,
    };
    let chip = |value: &str, label: &str, first: bool| json!({ "value": value, "label": label, "checked": if typed.is_empty() { first } else { typed == value } });
    let (mut chips, mut input) = (Vec::new(), Value::Null);
    match &variable.kind {
        VariableKind::Choice { options } => {
            chips = options
                .iter()
                .enumerate()
                .map(|(place, option)| chip(&option.label, &option.label, place == 0))
                .collect();
        }
        VariableKind::Component { components } => {
            chips = components
                .iter()
                .enumerate()
                .map(|(place, (id, name))| chip(&id.to_string(), name, place == 0))
                .collect();
        }
        VariableKind::Number { min, max } => {
            input = json!({ "type": "number", "hint": text!("quick-takes-number", min = *min, max = *max), "mode": "numeric" })
        }
        VariableKind::Time { .. } => {
            input = json!({ "type": "time", "hint": text!("quick-takes-time"), "mode": "text" })
        }
        VariableKind::Text { max_length, .. } => {
            input = json!({ "type": "text", "hint": text!("quick-takes-text", n = *max_length), "mode": "text" })
        }
    }
    json!({ "name": variable.name, "question": variable.question, "chips": chips, "input": input, "typed": typed })
}

/// The words as they will read, in each language; or why they cannot be shown yet.
pub(super) async fn words(desk: &Desk, stored: &Stored, about: About, asked: &Asked) -> Result<Value, Problem> {
    let looked = match instance::look(&desk.app, &stored.playbook, about, asked, false).await {
        Ok(looked) => looked,
        Err(problem) if problem.status == 422 => return Ok(json!({ "missing": problem.detail })),
        Err(problem) => return Err(problem),
    };
    let marks = texts::marks(&looked.preview.findings);
    let severity = looked.filled.content.severity;
    let shown = looked.preview.texts.iter().filter(|text| text.message == MessageKind::Update);
    let (mine, further): (Vec<_>, Vec<_>) = shown.partition(|text| text.locale == desk.app.default_locale());
    let of = |text: &&crate::preview::Text| texts::shown(text, &marks, severity);
    let banner = mine.iter().find_map(|text| text.banner.as_ref());
    let words = banner.map(|banner| json!({ "headline": banner.headline, "text": banner.text }));
    let stops: Vec<Value> = check::blocking(&looked.preview.findings)
        .map(|finding| json!({ "title": finding.title, "why": finding.why }))
        .collect();
    Ok(json!({
        "words": words,
        "cards": mine.iter().map(of).collect::<Vec<_>>(),
        "further": further.iter().map(of).collect::<Vec<_>>(),
        "open": words.is_none(),
        "stops": stops,
        "exceeded": looked.exceeded.iter().map(|exceeded| exceeded.detail.clone()).collect::<Vec<_>>(),
    }))
}
