//! Writing: incidents are opened, drafts begun and saved. Every version is kept.

use super::{
    content::{Content, Facts, Subscribers, Variant},
    draft, staff,
    status::Kind,
};
use crate::{
    app::App,
    audience::listed::OnList,
    people::{Actor, Person, Role, sight},
    problem::Problem,
    send::Event,
    store::{
        incidents::{Incident, Update},
        named::Noun,
    },
};

/// What an incident is opened with.
#[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIncident {
    /// What it is.
    pub kind: Kind,
    /// Its working title; at most 200 characters.
    pub title: String,
    /// True for practice: nothing of it leaves. Set now and for ever.
    #[serde(default)]
    pub exercise: bool,
    /// True where only named people may see it: whoever opens it, until they name others.
    #[serde(default)]
    pub restricted: bool,
}

/// The person who writes: a draft has a name on it.
fn author<'a>(app: &App, actor: &'a Actor) -> Result<&'a Person, Problem> {
    app.may(actor, Role::Author, "write")?.ok_or_else(|| {
        Problem::forbidden("a draft needs a person behind it; sign in, or use a key that belongs to somebody")
    })
}

/// Opens an incident.
///
/// # Errors
/// 403 for viewers, 422 for a title that cannot be used.
pub async fn open_incident(app: &App, actor: &Actor, new: &NewIncident) -> Result<Incident, Problem> {
    let person = author(app, actor)?;
    let title = new.title.trim();
    if title.is_empty() || title.chars().count() > 200 || title.chars().any(char::is_control) {
        return Err(Problem::invalid("/title", "a title is one line of 1 to 200 characters"));
    }
    if new.restricted && matches!(actor, Actor::Key { .. } | Actor::Source { .. } | Actor::Timer { .. }) {
        let detail = "no key sees a restricted incident; sign in to open one, or leave `restricted` out";
        return Err(Problem::invalid("/restricted", detail));
    }
    let by = actor.audit_name();
    let detail = serde_json::json!({ "kind": new.kind, "exercise": new.exercise, "restricted": new.restricted });
    let entry = app.entry(&by, "incident.open", "", detail);
    let id = app.store.add_incident(new.kind, title, new.exercise, new.restricted, Some(person.id), &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.incident(id).await?)
}

/// An empty draft of the incident's next update: its status, routes and variants as in the one before.
///
/// # Errors
/// The store's.
pub async fn blank(app: &App, incident: &Incident) -> Result<Content, Problem> {
    // What was taken back is nobody's answer any more, and an update for the rest has no sheet of its own.
    let sheet = staff::current(app, incident.id).await?;
    let updates = app.store.updates(incident.id).await?;
    let before = updates
        .iter()
        .rev()
        .find(|update| update.state == crate::approve::State::Approved)
        .map(|update| &update.content);
    let empty = |locales: &[String]| locales.iter().map(|locale| (locale.clone(), Facts::default())).collect();
    let everyone = || Variant {
        name: "everyone".to_owned(),
        segment: None,
        list: OnList::default(),
        subscribers: Subscribers::default(),
        stage: 0,
        facts: empty(&app.config.organisation.locales[..1]),
    };
    let variants = before.map_or_else(
        || vec![everyone()],
        |content| {
            content.variants.iter().map(|variant| Variant { facts: carried(variant), ..variant.clone() }).collect()
        },
    );
    Ok(Content {
        status: before.map_or(incident.kind.statuses()[0], |content| content.status),
        components: before.map(|content| content.components.clone()).unwrap_or_default(),
        variants,
        channels: before.map(|content| content.channels.clone()).unwrap_or_default(),
        next_update_at: None,
        window: None,
        contact_routes: before.map(|content| content.contact_routes.clone()).unwrap_or_default(),
        severity: before.map(|content| content.severity).unwrap_or_default(),
        start_at: None,
        quiet_hours: before.map(|content| content.quiet_hours).unwrap_or_default(),
        spread_minutes: None,
        stage_percent: before.and_then(|content| content.stage_percent),
        required_by_law: None,
        replaces_everywhere: None,
        correction: Default::default(),
        holding: Default::default(),
        staff: sheet.map(|sheet| sheet.sheets).unwrap_or_default(),
        kept_findings: Default::default(),
        over_ceiling: None,
    })
}

/// What the next update starts from: what still holds until somebody writes otherwise.
fn carried(variant: &Variant) -> std::collections::BTreeMap<String, Facts> {
    let kept = |facts: &Facts| Facts {
        headline: facts.headline.clone(),
        impact: facts.impact.clone(),
        apology: facts.apology.clone(),
        options: facts.options.clone(),
        links: facts.links.clone(),
        ..Facts::default()
    };
    variant.facts.iter().map(|(locale, facts)| (locale.clone(), kept(facts))).collect()
}

/// Begins the incident's next update.
///
/// # Errors
/// 404; 409 when one is being written already, or the exercise is over; 422 for content that cannot be used.
pub async fn begin_update(
    app: &App,
    actor: &Actor,
    incident_id: i64,
    content: Option<Content>,
) -> Result<Update, Problem> {
    let person = author(app, actor)?;
    let incident = sight::incident(app, actor, incident_id).await?;
    if incident.exercise && app.store.exercise_score(incident_id).await?.is_some() {
        return Err(Problem::conflict("this exercise is over and has its score; begin another one"));
    }
    let content = match content {
        Some(content) => content,
        None => blank(app, &incident).await?,
    };
    draft::validate(app, &content)?;
    let by = actor.audit_name();
    let entry = app.entry(&by, "update.begin", "", serde_json::json!({ "incident": incident_id }));
    let id = app.store.add_update(incident_id, &content, Some(person.id), &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.update(id).await?)
}

/// Saves a new version; what was submitted or returned becomes a draft again. The same content again is no version.
///
/// # Errors
/// 409 when it is approved, or somebody saved something else since `based_on`; 422 for content that cannot be used.
pub async fn save(
    app: &App,
    actor: &Actor,
    update_id: i64,
    based_on: i64,
    content: &Content,
) -> Result<Update, Problem> {
    let person = author(app, actor)?;
    draft::validate(app, content)?;
    let known = sight::update(app, actor, update_id).await?;
    // Said twice, by a page that was left and the one that came after it, it overwrites nobody.
    if known.content == *content {
        return Ok(known);
    }
    let (by, subject) = (actor.audit_name(), format!("update:{update_id}"));
    let entry = app.entry(&by, "update.save", &subject, serde_json::json!({ "version": based_on + 1 }));
    app.store.save_version(update_id, based_on, content, Some(person.id), &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.update(update_id).await?)
}

/// Drops a draft that never went out.
///
/// # Errors
/// 409 when it is approved.
pub async fn discard(app: &App, actor: &Actor, update_id: i64) -> Result<(), Problem> {
    author(app, actor)?;
    sight::look(app, actor, Noun::Update, update_id).await?;
    let (by, subject) = (actor.audit_name(), format!("update:{update_id}"));
    app.store.discard_update(update_id, &app.entry(&by, "update.discard", &subject, serde_json::json!({}))).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}
