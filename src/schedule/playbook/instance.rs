//! An instance: a playbook with its values, looked at and sent. Within its bounds one person sends it; what lies outside
//! is queued for an approval, and says which bound.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Change, Playbook,
    bounds::{Standing, standing},
    fill::{self, Asked, Exceeded, Filled},
};
use crate::{
    api::auth,
    app::App,
    approve::{State, sign},
    check,
    compose::{
        content::{Content, PlannedTime},
        draft::Draft,
        status::{Kind, Status, Step},
        write::{self, NewIncident},
    },
    path,
    people::{Actor, Person, Role},
    preview::{self, Preview},
    problem::Problem,
    send::Event,
    store::{
        broadcasts::Broadcast,
        incidents::{Incident, Update},
        playbooks::{Instance, Stored},
    },
    track::steer,
    world::{from_millis, millis},
};

/// What an instance is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// The incident to go on with; None opens one.
    pub incident: Option<i64>,
    /// For a new incident: true for practice.
    pub exercise: bool,
}

/// An instance as it would go out.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The content, and the values as they were taken.
    pub filled: Filled,
    /// Every text, and what the checker says.
    pub preview: Preview,
    /// Which bounds it passes.
    pub exceeded: Vec<Exceeded>,
}

/// What came of sending.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sent {
    /// The incident that was opened, or gone on with.
    pub incident: Incident,
    /// Its update.
    pub update: Update,
    /// The broadcast: approved and going out, or waiting for an approval.
    pub broadcast: Broadcast,
    /// The bounds that were passed; empty where it goes out.
    pub exceeded: Vec<Exceeded>,
}

/// The person who may send by themselves.
///
/// # Errors
/// 403 for keys, scripts and viewers.
pub fn sender<'a>(app: &App, actor: &'a Actor) -> Result<&'a Person, Problem> {
    let Actor::Person(person) = actor else {
        return Err(Problem::forbidden(
            "only a signed-in person sends a prepared message alone; announce it, and it waits for an approval",
        ));
    };
    app.may(actor, Role::Author, "")?;
    Ok(person)
}

/// An incident and update of which nothing is stored yet.
pub(super) async fn unstored(
    app: &App,
    about: About,
    content: &Content,
    at: Timestamp,
) -> Result<(Incident, Update), Problem> {
    let incident = match about.incident {
        Some(id) => app.store.incident(id).await?,
        None => Incident {
            id: 0,
            kind: content.status.kind(),
            title: title(app, content),
            status: None,
            exercise: about.exercise,
            restricted: false,
            created_by: None,
            created_at: at,
            ended_at: None,
        },
    };
    let number = app.store.updates(incident.id).await?.last().map_or(1, |update| update.number + 1);
    let update = Update {
        id: 0,
        incident_id: incident.id,
        number,
        state: State::Draft,
        version: 0,
        return_reason: None,
        content: content.clone(),
        author_id: None,
        created_at: at,
        saved_at: at,
    };
    Ok((incident, update))
}

/// The working title: the headline in the default language, which holds approved words and checked values.
pub(super) fn title(app: &App, content: &Content) -> String {
    let facts = content.variants.first().and_then(|variant| variant.facts.get(app.default_locale()));
    facts.map(|facts| facts.headline.chars().take(200).collect()).unwrap_or_default()
}

/// A stage with sample values, on every channel: what it may go to alone, and the rest.
///
/// # Errors
/// [`Problem`] 422 at what cannot be used.
pub async fn sample(
    app: &App,
    playbook: &Playbook,
    stage: Status,
    change: Option<Change>,
    values: BTreeMap<String, String>,
) -> Result<Preview, Problem> {
    let at = app.world.clock.now();
    let asked = Asked { window: sample_window(stage, at), change, ..Asked::new(stage, values) };
    let mut content = fill::fill(playbook, &asked, at, &app.config.organisation.zone())?.content;
    content.channels = Vec::new();
    // A last word is never the first one: each is read as what follows the first.
    let first = stage.kind().statuses()[0];
    content.status = first;
    let (incident, update) = unstored(app, About::default(), &content, at).await?;
    let mut draft = Draft::with(app, incident, update, content).await?;
    if stage != first {
        (draft.content.status, draft.step) = (stage, Step::Progress);
    }
    preview::of(app, &draft).await
}

/// Times to read planned work with: tomorrow, for two hours.
pub(super) fn sample_window(stage: Status, at: Timestamp) -> Option<PlannedTime> {
    let from = at + SignedDuration::from_hours(24);
    (stage.kind() == Kind::Maintenance).then(|| PlannedTime { from, until: from + SignedDuration::from_hours(2) })
}

/// Fills a playbook and looks at it, on the channels that it may go to alone; `everywhere` on every one.
///
/// # Errors
/// [`Problem`] 422 at what cannot be used.
pub async fn look(
    app: &App,
    playbook: &Playbook,
    about: About,
    asked: &Asked,
    everywhere: bool,
) -> Result<Looked, Problem> {
    // As precise as it is stored: filled again from there it is the same.
    let at = from_millis(millis(app.world.clock.now()));
    let mut filled = fill::fill(playbook, asked, at, &app.config.organisation.zone())?;
    if everywhere {
        filled.content.channels = Vec::new();
    }
    let (incident, update) = unstored(app, about, &filled.content, at).await?;
    let draft = Draft::with(app, incident, update, filled.content.clone()).await?;
    let preview = preview::of(app, &draft).await?;
    let mut exceeded = filled.exceeded.clone();
    if !playbook.bounds.person {
        exceeded.push(Exceeded::new("sender", "It was not approved for one person to send alone."));
    }
    exceeded.extend(signature(app, playbook));
    Ok(Looked { filled, preview, exceeded })
}

/// The signature that an update of this severity needs.
pub(super) fn signature(app: &App, playbook: &Playbook) -> Option<Exceeded> {
    let mut signs = app.config.approval.sign_off.iter();
    let sign_off = signs.find(|sign_off| sign_off.concerns(playbook.kind(), playbook.severity))?;
    Some(Exceeded::new("sign_off", format!("It needs the signature of {}.", sign_off.name)))
}

/// Says when a playbook cannot be sent by.
///
/// # Errors
/// 409, with how to mend it.
pub fn usable(app: &App, stored: &Stored) -> Result<(), Problem> {
    let detail = match standing(stored, app.world.clock.now()) {
        Standing::Approved => return Ok(()),
        Standing::Waiting(1) => {
            "one more colleague has to approve it; ask for an approval of this one instead".to_owned()
        }
        Standing::Waiting(n) => format!("{n} colleagues have to approve it; ask for an approval of this one instead"),
        Standing::Expired => format!(
            "its time was over on {}; ask for an approval of this one instead",
            stored.playbook.bounds.valid_until.strftime("%-d %B")
        ),
        Standing::Retired => "it was put away; write the update in full".to_owned(),
    };
    Err(Problem::conflict(format!("“{}” cannot be sent by one person: {detail}", stored.playbook.name)))
}

/// Sends an instance. Within the bounds one person is enough; what lies outside waits for an approval.
///
/// # Errors
/// 403 for who may not; 404; 409 when the playbook is not approved or its time is over, or everything is stopped; 422 at a
/// value that cannot be used, or with the findings that block. Nothing is left behind by a refusal.
pub async fn send(app: &App, actor: &Actor, id: i64, about: About, asked: &Asked) -> Result<Sent, Problem> {
    let person = sender(app, actor)?;
    let stored = app.store.playbook(id).await?;
    usable(app, &stored)?;
    if let Some(why) = steer::held(app).await? {
        return Err(Problem::conflict(format!("nothing is sent: {why}; start again first, with a reason")));
    }
    let looked = look(app, &stored.playbook, about, asked, false).await?;
    if let Some(again) = sent_just_now(app, person, &stored, about, &looked.filled.asked).await? {
        return Ok(again);
    }
    let (incident, update) = begin(app, actor, about, &looked).await?;
    let instance = note(app, person, &stored, &incident, &update, &looked).await?;
    let mut exceeded = looked.exceeded;
    let broadcast =
        path::prepare(app, actor, update.id).await.map_err(|problem| problem.with("incident_id", incident.id))?;
    exceeded.extend(too_many(&stored, broadcast.people));
    exceeded.extend(too_costly(&stored, &broadcast));
    if exceeded.is_empty() && !approve(app, actor, &stored, &instance, &broadcast).await? {
        exceeded.push(too_soon(&stored));
    }
    app.engine.tell(Event::Desk);
    let (update, broadcast) = (app.store.update(update.id).await?, app.store.broadcast(broadcast.id).await?);
    Ok(Sent { incident: app.store.incident(incident.id).await?, update, broadcast, exceeded })
}

/// The bound on the people, where it is passed.
pub(super) fn too_many(stored: &Stored, people: i64) -> Option<Exceeded> {
    let most = stored.playbook.bounds.largest_audience;
    let detail = format!("It goes to {people} people; {most} are approved.");
    (people > most).then(|| Exceeded::new("audience", detail))
}

/// The bound on the cost, where it is passed.
pub(super) fn too_costly(stored: &Stored, broadcast: &Broadcast) -> Option<Exceeded> {
    stored.playbook.bounds.too_costly(broadcast).map(|why| Exceeded::new("cost", why))
}

/// The bound on how often, passed.
pub(super) fn too_soon(stored: &Stored) -> Exceeded {
    let every = stored.playbook.bounds.every_minutes;
    Exceeded::new("rate", format!("Another of this stage went out less than {every} minutes ago."))
}

/// The bounded approval. False where another went out too short a time ago.
pub(super) async fn approve(
    app: &App,
    actor: &Actor,
    stored: &Stored,
    instance: &Instance,
    broadcast: &Broadcast,
) -> Result<bool, Problem> {
    sign::complete(app, broadcast).await?;
    let (by, subject) = (actor.audit_name(), format!("broadcast:{}", broadcast.id));
    let detail = serde_json::json!({ "playbook": stored.id, "version": stored.version, "playbook_digest": stored.digest, "digest": broadcast.digest });
    let entry = app.entry(&by, "playbook.send", &subject, detail);
    let every = stored.playbook.bounds.every();
    let approved = app.store.approve_within(broadcast.id, &broadcast.digest, instance, every, &entry).await?;
    if approved {
        tracing::info!(
            broadcast = broadcast.id,
            playbook = stored.id,
            version = stored.version,
            "sent by a prepared message"
        );
        app.engine.wake();
    }
    Ok(approved)
}

/// Asks for an approval of an instance on every channel, as an ordinary update. That needs no approved playbook.
///
/// # Errors
/// 403 for who may not; 404; 422 at a value that cannot be used, or with the findings that block.
pub async fn ask(app: &App, actor: &Actor, id: i64, about: About, asked: &Asked) -> Result<Broadcast, Problem> {
    let person = sender(app, actor)?;
    let stored = app.store.playbook(id).await?;
    let looked = look(app, &stored.playbook, about, asked, true).await?;
    let (incident, update) = begin(app, actor, about, &looked).await?;
    note(app, person, &stored, &incident, &update, &looked).await?;
    path::prepare(app, actor, update.id).await
}

/// Writes an instance down as a draft, for somebody to change; answers its update.
///
/// # Errors
/// 403 for who may not; 404; 422 at a value that cannot be used.
pub async fn write_out(app: &App, actor: &Actor, id: i64, about: About, asked: &Asked) -> Result<Update, Problem> {
    let person = sender(app, actor)?;
    let stored = app.store.playbook(id).await?;
    let looked = look(app, &stored.playbook, about, asked, true).await?;
    let (incident, update) = opened(app, actor, about, &looked).await?;
    note(app, person, &stored, &incident, &update, &looked).await?;
    Ok(update)
}

/// Notes of which playbook an update came, and by which values: who wrote a word of that wrote a word of this.
async fn note(
    app: &App,
    person: &Person,
    stored: &Stored,
    incident: &Incident,
    update: &Update,
    looked: &Looked,
) -> Result<Instance, Problem> {
    let instance = Instance {
        update_id: update.id,
        incident_id: incident.id,
        playbook_id: stored.id,
        version: stored.version,
        digest: stored.digest.clone(),
        asked: looked.filled.asked.clone(),
        component_id: stored.playbook.component,
        person_id: Some(person.id),
        machine: None,
        exercise: incident.exercise,
        at: looked.filled.at,
        sent_at: None,
        rest_update_id: None,
    };
    app.store.put_instance(&instance).await?;
    Ok(instance)
}

/// Opens the incident, or goes on with it, and begins the update, once nothing blocks.
async fn begin(app: &App, actor: &Actor, about: About, looked: &Looked) -> Result<(Incident, Update), Problem> {
    if check::blocking(&looked.preview.findings).next().is_some() {
        return Err(preview::refuse(&looked.preview.findings));
    }
    opened(app, actor, about, looked).await
}

async fn opened(app: &App, actor: &Actor, about: About, looked: &Looked) -> Result<(Incident, Update), Problem> {
    let content = looked.filled.content.clone();
    let incident = match about.incident {
        Some(id) => {
            auth::may_see(app, actor, id).await?;
            drop_rest(app, actor, id).await?;
            app.store.incident(id).await?
        }
        None => {
            let new = NewIncident {
                kind: content.status.kind(),
                title: title(app, &content),
                exercise: about.exercise,
                restricted: false,
            };
            write::open_incident(app, actor, &new).await?
        }
    };
    let update = write::begin_update(app, actor, incident.id, Some(content)).await?;
    Ok((incident, update))
}

/// What waits for an approval of the stage before is old news once the next one is sent.
pub(super) async fn drop_rest(app: &App, actor: &Actor, incident: i64) -> Result<(), Problem> {
    for id in app.store.instances_of(incident).await?.iter().filter_map(|instance| instance.rest_update_id) {
        if matches!(app.store.update(id).await?.state, State::Draft | State::Submitted | State::Returned) {
            write::discard(app, actor, id).await?;
        }
    }
    Ok(())
}

/// The same, sent by the same person within the last minute: a form that was sent twice is one message.
async fn sent_just_now(
    app: &App,
    person: &Person,
    stored: &Stored,
    about: About,
    asked: &Asked,
) -> Result<Option<Sent>, Problem> {
    let exercise = match about.incident {
        Some(id) => app.store.incident(id).await?.exercise,
        None => about.exercise,
    };
    let now = app.world.clock.now();
    let Some(known) = app.store.open_instance(stored.id, exercise).await? else { return Ok(None) };
    let same = known.asked == *asked
        && known.person_id == Some(person.id)
        && known.version == stored.version
        && about.incident.is_none_or(|incident| incident == known.incident_id)
        && known.sent_at.is_some_and(|at| now.duration_since(at).as_secs() < 60);
    if !same {
        return Ok(None);
    }
    let broadcasts = app.store.broadcasts_of(known.update_id).await?;
    let Some(broadcast) = broadcasts.into_iter().next_back() else { return Ok(None) };
    let (incident, update) = (app.store.incident(known.incident_id).await?, app.store.update(known.update_id).await?);
    Ok(Some(Sent { incident, update, broadcast, exceeded: Vec::new() }))
}

/// The channels that are left for an approval, once it went to those that it may go to alone.
pub fn others(app: &App, content: &Content) -> Vec<Channel> {
    app.customer_channels().into_iter().filter(|channel| !content.uses(*channel)).collect()
}
