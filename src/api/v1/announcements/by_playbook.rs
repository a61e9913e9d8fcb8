//! What a machine announces by a prepared message: the part of `POST /announcements` that sends.

use std::{collections::BTreeMap, fmt};

use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use super::announce::{Announced, Announcement};
use crate::{
    api::reply::Made,
    app::App,
    people::Actor,
    problem::Problem,
    schedule::playbook::announce::{self, Outcome, Request, Spoken},
};

/// A number, or words.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum NameOrNumber {
    /// A number.
    Number(i64),
    /// Words.
    Text(String),
}

impl fmt::Display for NameOrNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameOrNumber::Number(number) => number.fmt(f),
            NameOrNumber::Text(text) => text.fmt(f),
        }
    }
}

fn request(asked: &Announcement, playbook: &NameOrNumber) -> Result<Request, Problem> {
    let free = [
        (asked.content.is_some(), "content"),
        (asked.incident_id.is_some(), "incident_id"),
        (asked.title.is_some(), "title"),
        (asked.kind.is_some(), "kind"),
    ];
    if let Some((_, name)) = free.iter().find(|(given, _)| *given) {
        let detail = format!("leave `{name}` out: a prepared message has its own words, and goes on by `dedup_key`");
        return Err(Problem::invalid(format!("/{name}"), detail));
    }
    let missing = |name: &str, how: &str| Problem::invalid(format!("/{name}"), format!("is missing: {how}"));
    let stage = asked.stage.ok_or_else(|| missing("stage", "say where it stands, such as \"investigating\""))?;
    let dedup_key = asked.dedup_key.clone().ok_or_else(|| {
        missing("dedup_key", "name the outage, so that its next stage goes on with the same incident")
    })?;
    Ok(Request {
        playbook: playbook.to_string(),
        stage,
        values: asked.variables.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
        components: asked.components.iter().map(NameOrNumber::to_string).collect(),
        dedup_key,
        exercise: asked.exercise,
        lenient: false,
        timed: None,
    })
}

/// Announces by a playbook, or says what would happen.
pub(super) async fn handle(
    app: &App,
    actor: &Actor,
    asked: &Announcement,
    playbook: &NameOrNumber,
) -> Result<Made<Announced>, Problem> {
    let request = request(asked, playbook)?;
    let spoken = match asked.dry_run {
        true => announce::rehearse(app, actor, &request).await?,
        false => announce::announce(app, actor, &request).await?,
    };
    let made = !asked.dry_run && matches!(spoken.outcome, Outcome::Sent | Outcome::Queued | Outcome::Kept);
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Made(status, answer(spoken, asked.dry_run)))
}

fn answer(spoken: Spoken, dry_run: bool) -> Announced {
    let Spoken { outcome, incident, update, broadcast, exceeded, problem, preview } = spoken;
    let waits = update.as_ref().is_some_and(|update| update.state == crate::approve::State::Submitted);
    let awaits_approval = waits || (dry_run && outcome == Outcome::Queued);
    let outcome = Some(outcome);
    Announced { outcome, awaits_approval, dry_run, incident, update, broadcast, exceeded, problem, preview }
}

/// The values of a request's variables, by name.
pub(super) type Values = BTreeMap<String, NameOrNumber>;
