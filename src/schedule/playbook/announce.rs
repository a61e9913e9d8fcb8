//! A machine announces by a playbook: within its bounds it goes out with no person, and whatever lies outside waits for an
//! approval. The key that it names an outage by goes on with one incident until that is over.

#[cfg(test)]
pub(crate) mod bench;
mod look;
mod settle;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

pub use self::settle::recover;
use self::{
    look::{Looked, look},
    settle::{repeated, settle},
};
use super::{Change, fill::Exceeded, instance, named};
use crate::{
    app::App,
    approve::State,
    compose::{content::PlannedTime, status::Status, write},
    people::{Actor, Person, Role, Scope, sight},
    preview::{self, Preview},
    problem::{Problem, line},
    send::Event,
    store::{
        StoreError,
        announced::{Announced, Words},
        broadcasts::Broadcast,
        incidents::{Incident, Update},
        playbooks::{Instance, Stored},
    },
};

/// What a machine asks.
#[derive(Clone, Debug)]
pub struct Request {
    /// The playbook, by number or name.
    pub playbook: String,
    /// The stage.
    pub stage: Status,
    /// The values by the variables' names.
    pub values: BTreeMap<String, String>,
    /// Components by number or name, besides the playbook's own.
    pub components: Vec<String>,
    /// What it calls the outage.
    pub dedup_key: String,
    /// True for practice.
    pub exercise: bool,
    /// True where a value that cannot be read waits for a person, with a sample in its place: whoever asks cannot mend it.
    pub lenient: bool,
    /// What a timer or a plan says besides; None for machines.
    pub timed: Option<Timed>,
}

/// What a timer or a plan says besides.
#[derive(Clone, Debug, Default)]
pub struct Timed {
    /// Which time of it this is: said once, whatever happens in between.
    pub occurrence: String,
    /// Of planned work: when it begins and ends.
    pub window: Option<PlannedTime>,
    /// Of planned work: what of the plan has changed.
    pub change: Option<Change>,
    /// Why it waits for a person although it lies within its bounds.
    pub outside: Vec<Exceeded>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It goes out.
    Sent,
    /// It waits for an approval.
    Queued,
    /// The checker stops it: it is kept as a draft for a person to mend.
    Kept,
    /// It was asked before; nothing is said twice.
    Repeated,
    /// Nothing was ever told of it, so there is nothing to say.
    Nothing,
}

/// What became of an announcement, or of a dry run would.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// In a word.
    pub outcome: Outcome,
    /// The incident.
    pub incident: Option<Incident>,
    /// The update.
    pub update: Option<Update>,
    /// What goes out or waits.
    pub broadcast: Option<Broadcast>,
    /// The bounds that are passed; empty where it goes out.
    pub exceeded: Vec<Exceeded>,
    /// Why it is kept as a draft.
    pub problem: Option<Problem>,
    /// A dry run: every text.
    pub preview: Option<Preview>,
}

/// Announcements of machines are made one after the other, so that two of the same at once find one incident.
#[derive(Default)]
pub struct Turn(tokio::sync::Mutex<()>);

/// What goes before: where the key stands.
enum Step {
    Open,
    GoOn(Announced),
    Repeat(Announced),
    Withdraw(Announced),
    Back(Announced, Box<Update>),
    Nothing,
}

/// What the scope `announce` covers: writing and submitting, within this operation alone.
fn within(actor: &Actor) -> Actor {
    match actor.clone() {
        Actor::Key { id, owner, .. } => {
            let scopes = [Scope::Write, Scope::Submit].map(|scope| scope.as_str().to_owned()).to_vec();
            Actor::Key { id, owner, scopes }
        }
        other => other,
    }
}

fn person<'a>(app: &App, actor: &'a Actor) -> Result<&'a Person, Problem> {
    app.may(actor, Role::Author, Scope::Announce.as_str())?.ok_or_else(|| {
        Problem::forbidden("an announcement needs a person behind it; use a key that belongs to somebody")
    })
}

/// The machine, as the record names it.
fn machine(actor: &Actor) -> String {
    match actor {
        Actor::Key { id, .. } => format!("key:{id}"),
        Actor::Source { name, .. } => format!("intake:{name}"),
        Actor::Timer { name, .. } => name.clone(),
        Actor::Person(_) | Actor::Operator => actor.audit_name(),
    }
}

/// Announces. What was asked before is not said again.
///
/// # Errors
/// 403 for who may not; 409 when the key is another playbook's, or a person writes in its incident; 422 for an unknown
/// playbook, variable, component or stage, and a value that cannot be read. Nothing is left behind by a refusal.
pub async fn announce(app: &App, actor: &Actor, request: &Request) -> Result<Spoken, Problem> {
    person(app, actor)?;
    let stored = named::find(app, &request.playbook).await?;
    let _turn = app.machines.0.lock().await;
    match step(app, request, &stored).await? {
        Step::Nothing => Ok(nothing()),
        Step::Repeat(known) if known.settled => repeated(app, known).await,
        Step::Repeat(known) => settle(app, known).await,
        Step::Withdraw(known) => withdraw(app, actor, &known).await,
        Step::Back(known, told) => back(app, actor, known, &told).await,
        Step::Open => speak(app, actor, request, &stored, None).await,
        Step::GoOn(known) => speak(app, actor, request, &stored, Some(known)).await,
    }
}

/// What would become of it. Writes nothing.
///
/// # Errors
/// As [`announce`].
pub async fn rehearse(app: &App, actor: &Actor, request: &Request) -> Result<Spoken, Problem> {
    person(app, actor)?;
    let stored = named::find(app, &request.playbook).await?;
    let known = match step(app, request, &stored).await? {
        Step::Nothing | Step::Withdraw(_) => return Ok(nothing()),
        Step::Repeat(known) | Step::Back(known, _) => return repeated(app, known).await,
        Step::Open => None,
        Step::GoOn(known) => {
            may_go_on(app, actor, &known).await?;
            Some(known)
        }
    };
    let looked = look(app, request, &stored, known.as_ref()).await?;
    let instance = instance_of(app, actor, &stored, &looked, request.exercise)?;
    let mut exceeded = looked.exceeded;
    exceeded.extend(instance::too_many(&stored, looked.preview.numbers.count.people));
    let last = app.store.last_sent(&instance, looked.filled.at).await?;
    if last.is_some_and(|last| looked.filled.at.duration_since(last) < stored.playbook.bounds.every()) {
        exceeded.push(instance::too_soon(&stored));
    }
    let problem = (!looked.preview.ready).then(|| preview::refuse(&looked.preview.findings));
    let outcome = match (&problem, exceeded.is_empty()) {
        (Some(_), _) => Outcome::Kept,
        (None, true) => Outcome::Sent,
        (None, false) => Outcome::Queued,
    };
    let incident = match &known {
        Some(known) => Some(app.store.incident(known.incident_id).await?),
        None => None,
    };
    let preview = Some(looked.preview);
    Ok(Spoken { outcome, incident, update: None, broadcast: None, exceeded, problem, preview })
}

fn nothing() -> Spoken {
    let (incident, update, broadcast, problem, preview) = Default::default();
    Spoken { outcome: Outcome::Nothing, incident, update, broadcast, exceeded: Vec::new(), problem, preview }
}

/// What customers were told last, and whether the incident was ended.
///
/// # Errors
/// The store's.
pub(in crate::schedule) async fn told(app: &App, incident: i64) -> Result<(Option<Update>, bool), StoreError> {
    let updates = app.store.updates(incident).await?;
    let last = updates.into_iter().rev().find(|update| update.state == State::Approved);
    Ok((last, app.store.incident(incident).await?.ended_at.is_some()))
}

async fn step(app: &App, request: &Request, stored: &Stored) -> Result<Step, Problem> {
    let key = line("/dedup_key", &request.dedup_key, 200)?;
    if request.timed.is_none() && ["timer/", "plan/"].iter().any(|ours| key.starts_with(ours)) {
        let detail = format!("{key:?} begins like the key of a timer or of planned work; choose another");
        return Err(Problem::invalid("/dedup_key", detail));
    }
    let last = request.stage.is_final();
    let Some(known) = app.store.announced(&key, request.exercise).await? else {
        return Ok(if last { Step::Nothing } else { Step::Open });
    };
    let (told, ended) = told(app, known.incident_id).await?;
    if let Some(timed) = &request.timed {
        return Ok(match () {
            () if known.occurrence.as_deref() == Some(timed.occurrence.as_str()) => Step::Repeat(known),
            // A person ended it: a plan begins nothing anew.
            () if ended || known.closed_at.is_some() => Step::Nothing,
            () if told.as_ref().is_some_and(|told| told.content.status.is_final()) => Step::Nothing,
            () if last && told.is_none() => Step::Withdraw(known),
            () => Step::GoOn(known),
        });
    }
    if ended || told.as_ref().is_some_and(|told| told.content.status.is_final()) || known.closed_at.is_some() {
        let same = request.stage == known.stage && known.closed_at.is_none();
        return Ok(match () {
            () if !last => Step::Open,
            () if same => Step::Repeat(known),
            () => Step::Nothing,
        });
    }
    if known.playbook_id != stored.id {
        let detail = format!(
            "{key:?} is open by another prepared message, number {}; take another key, or go on with that one",
            known.playbook_id
        );
        return Err(Problem::conflict(detail).with("incident_id", known.incident_id));
    }
    Ok(match () {
        () if request.stage == known.stage => Step::Repeat(known),
        () if last && told.is_none() => Step::Withdraw(known),
        () => match told {
            // The step after it was never taken: what was said last still holds.
            Some(told) if told.content.status == request.stage && told.id != known.update_id => {
                Step::Back(known, Box::new(told))
            }
            _ => Step::GoOn(known),
        },
    })
}

fn instance_of(
    app: &App,
    actor: &Actor,
    stored: &Stored,
    looked: &Looked,
    exercise: bool,
) -> Result<Instance, Problem> {
    Ok(Instance {
        update_id: 0,
        incident_id: 0,
        playbook_id: stored.id,
        version: stored.version,
        digest: stored.digest.clone(),
        asked: looked.filled.asked.clone(),
        component_id: stored.playbook.component,
        person_id: Some(person(app, actor)?.id),
        machine: Some(machine(actor)),
        exercise,
        at: looked.filled.at,
        sent_at: None,
        rest_update_id: None,
    })
}

/// Refuses where a person writes in the incident, or it is theirs alone.
async fn may_go_on(app: &App, actor: &Actor, known: &Announced) -> Result<(), Problem> {
    sight::may_see(app, actor, known.incident_id).await?;
    let updates = app.store.updates(known.incident_id).await?;
    let open = updates.iter().find(|update| matches!(update.state, State::Draft | State::Submitted | State::Returned));
    let rests = app.store.instances_of(known.incident_id).await?;
    match open {
        // Our own, which nobody touched, is old news once the next one is there.
        Some(update) if update.id == known.update_id && update.version == 1 => Ok(()),
        Some(update) if rests.iter().any(|instance| instance.rest_update_id == Some(update.id)) => Ok(()),
        Some(update) => Err(Problem::conflict(format!(
            "a person is writing update {} of this incident; ask again once that is approved or dropped",
            update.number
        ))
        .with("incident_id", known.incident_id)),
        None => Ok(()),
    }
}

/// Drops our own last update where it never went out.
async fn drop_last(app: &App, actor: &Actor, known: &Announced) -> Result<(), Problem> {
    let state = app.store.update(known.update_id).await?.state;
    if matches!(state, State::Draft | State::Submitted | State::Returned) {
        write::discard(app, actor, known.update_id).await?;
    }
    instance::drop_rest(app, actor, known.incident_id).await
}

/// It is over before anybody was told of it: what waits is dropped, and nothing is said.
async fn withdraw(app: &App, actor: &Actor, known: &Announced) -> Result<Spoken, Problem> {
    let actor = within(actor);
    may_go_on(app, &actor, known).await?;
    drop_last(app, &actor, known).await?;
    let by = actor.audit_name();
    app.store.close_announced(known, true, &app.entry(&by, "incident.end", "", serde_json::json!({}))).await?;
    app.engine.tell(Event::Desk);
    Ok(nothing())
}

/// What waits for an approval is no longer so: it is dropped, and what was said before it holds.
async fn back(app: &App, actor: &Actor, known: Announced, told: &Update) -> Result<Spoken, Problem> {
    let actor = within(actor);
    may_go_on(app, &actor, &known).await?;
    drop_last(app, &actor, &known).await?;
    app.store.announced_back(known.id, told.content.status, told.id).await?;
    let (stage, update_id, exceeded) = (told.content.status, told.id, Vec::new());
    repeated(app, Announced { stage, update_id, exceeded, ..known }).await
}

async fn speak(
    app: &App,
    actor: &Actor,
    request: &Request,
    stored: &Stored,
    known: Option<Announced>,
) -> Result<Spoken, Problem> {
    let looked = look(app, request, stored, known.as_ref()).await?;
    let instance = instance_of(app, actor, stored, &looked, request.exercise)?;
    let actor = within(actor);
    if let Some(known) = &known {
        may_go_on(app, &actor, known).await?;
        drop_last(app, &actor, known).await?;
    }
    let by = actor.audit_name();
    let entry = app.entry(&by, "announce", "", serde_json::json!({ "playbook": stored.id, "version": stored.version }));
    if known.is_none()
        && let Some(last) = app.store.announced(request.dedup_key.trim(), request.exercise).await?
    {
        app.store.close_announced(&last, false, &entry).await?;
    }
    let title = instance::title(app, &looked.filled.content);
    let words = Words {
        dedup_key: request.dedup_key.trim(),
        title: &title,
        content: &looked.filled.content,
        instance,
        exceeded: &looked.exceeded,
        occurrence: request.timed.as_ref().map(|timed| timed.occurrence.as_str()),
    };
    let (known, _) = app.store.announce(known.as_ref(), &words, &entry).await?;
    settle(app, known).await
}
