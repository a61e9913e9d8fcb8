//! Writing, approving and putting away playbooks. Two people approve one who wrote no word of it since it was last
//! approved; an edit voids both.

use super::{
    Playbook,
    bounds::{Standing, standing},
    instance, samples, valid,
};
use crate::{
    app::App,
    approve::decide::{self, Yes},
    check::{self, Finding},
    people::{Actor, Person, Role, Scope, ceremony::Purpose, passkey},
    preview::Preview,
    problem::Problem,
    send::Event,
    store::playbooks::Stored,
};

/// Writes a playbook: a new one, or the next version of `known` (its number, and the version that this is based on).
/// The same words again are no version, and void nothing.
///
/// # Errors
/// 403 for viewers and for who is no person; 409 when somebody saved meanwhile; 422 at what cannot be used.
pub async fn save(app: &App, actor: &Actor, known: Option<(i64, i64)>, playbook: &Playbook) -> Result<Stored, Problem> {
    let person = app.may(actor, Role::Author, Scope::Write.as_str())?.ok_or_else(|| {
        Problem::forbidden(
            "a prepared message needs a person behind it; sign in, or use a key that belongs to somebody",
        )
    })?;
    let playbook = valid::check(app, playbook, &app.store.components().await?, app.world.clock.now())?;
    if let Some((id, based_on)) = known {
        let before = app.store.playbook(id).await?;
        if before.version == based_on && before.playbook == playbook {
            return Ok(before);
        }
    }
    let by = actor.audit_name();
    let digest = playbook.digest().map_err(|_| Problem::internal())?;
    let entry = app.entry(&by, "playbook.save", "", serde_json::json!({ "digest": digest }));
    let id = app.store.put_playbook(known, &playbook, Some(person.id), &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.playbook(id).await?)
}

/// One set of values, and what comes of it.
pub struct Read {
    /// What it shows.
    pub shows: String,
    /// The stage.
    pub stage: crate::compose::status::Status,
    /// Every text.
    pub preview: Preview,
}

/// Reads a playbook as it will be: each stage with the usual values, the longest, and each further choice.
///
/// # Errors
/// [`Problem`] 422 at what cannot be used.
pub async fn read(app: &App, playbook: &Playbook) -> Result<Vec<Read>, Problem> {
    let mut all = Vec::new();
    let stages = playbook.stages.keys().map(|stage| (*stage, None));
    let changes = playbook.changes.keys().map(|change| (change.stage(), Some(*change)));
    for (stage, change) in stages.chain(changes) {
        for (shows, values) in samples::all(playbook) {
            let preview = instance::sample(app, playbook, stage, change, values).await?;
            let shows = change.map_or(shows.clone(), |change| format!("{}: {shows}", change.shown()));
            all.push(Read { shows, stage, preview });
        }
    }
    Ok(all)
}

/// What of a playbook the checker stops, with each value.
pub fn stopped(read: &[Read]) -> Vec<&Finding> {
    let mut found: Vec<&Finding> = Vec::new();
    for finding in read.iter().flat_map(|read| check::blocking(&read.preview.findings)) {
        if !found
            .iter()
            .any(|known| (known.id == finding.id) || (known.title == finding.title && known.words == finding.words))
        {
            found.push(finding);
        }
    }
    found
}

fn approver<'a>(app: &App, actor: &'a Actor) -> Result<&'a Person, Problem> {
    let Actor::Person(person) = actor else {
        return Err(Problem::forbidden("only a signed-in person approves; no key and no script can"));
    };
    app.may(actor, Role::Approver, "")?;
    Ok(person)
}

/// Who may approve a playbook: a signed-in approver who wrote no word of it since it was last approved.
///
/// # Errors
/// 403, saying why not.
pub fn may_approve<'a>(app: &App, actor: &'a Actor, stored: &Stored) -> Result<&'a Person, Problem> {
    let person = approver(app, actor)?;
    if stored.writers.contains(&person.id) {
        return Err(Problem::forbidden("you wrote a part of this prepared message; two others have to approve it"));
    }
    Ok(person)
}

/// A person's yes to the version whose digest they read. The second one lets it be used.
///
/// # Errors
/// 403 for its writers, keys, and a wrong password; 409 when it changed, expired, or was approved; 422 for another digest,
/// or what the checker would stop.
pub async fn approve(app: &App, actor: &Actor, id: i64, yes: &Yes) -> Result<Stored, Problem> {
    approver(app, actor)?;
    let stored = app.store.playbook(id).await?;
    let person = may_approve(app, actor, &stored)?;
    if yes.digest != stored.digest {
        return Err(another_version());
    }
    match standing(&stored, app.world.clock.now()) {
        Standing::Waiting(_) => {}
        Standing::Approved => return Err(Problem::conflict("two people approved it already")),
        Standing::Expired => return Err(Problem::conflict("its time is over; give it a later date first")),
        Standing::Retired => return Err(Problem::conflict("it was put away")),
    }
    if stored.approvals.iter().any(|known| known.person_id == person.id) {
        return Err(Problem::conflict("you approved it already; somebody else is the second"));
    }
    let read = read(app, &stored.playbook).await?;
    if let Some(finding) = stopped(&read).first() {
        return Err(Problem::invalid(
            "/playbook",
            format!("the checker would stop it: {}. {}", finding.title, finding.why),
        ));
    }
    decide::prove(app, person, yes).await?;
    let (by, subject) = (actor.audit_name(), format!("playbook:{id}"));
    let entry = app.entry(&by, "playbook.approve", &subject, serde_json::json!({ "digest": yes.digest }));
    app.store.approve_playbook(id, &yes.digest, person.id, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(app.store.playbook(id).await?)
}

/// Asks for a passkey at an approval in advance: the answer counts for what has this digest, and for nothing else.
///
/// # Errors
/// As [`may_approve`] and [`passkey::ask`]; 422 for another digest.
pub async fn ask_passkey(
    app: &App,
    actor: &Actor,
    id: i64,
    digest: &str,
    holder: &[u8],
) -> Result<serde_json::Value, Problem> {
    let stored = app.store.playbook(id).await?;
    let person = may_approve(app, actor, &stored)?;
    if stored.digest != digest {
        return Err(another_version());
    }
    passkey::ask(app, person, holder, Purpose::Approve(digest.to_owned())).await
}

fn another_version() -> Problem {
    Problem::invalid("/digest", "this is not its latest version; read it again and approve that")
}

/// Puts a playbook away for good.
///
/// # Errors
/// 403 for viewers; 404.
pub async fn retire(app: &App, actor: &Actor, id: i64) -> Result<(), Problem> {
    app.may(actor, Role::Author, Scope::Write.as_str())?;
    let (by, subject) = (actor.audit_name(), format!("playbook:{id}"));
    app.store.retire_playbook(id, &app.entry(&by, "playbook.retire", &subject, serde_json::json!({}))).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}
