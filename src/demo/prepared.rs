//! The demo's prepared messages: written by Ana, approved in advance by Dana and Ben. Ben is on duty.

use jiff::SignedDuration;

use super::sample::Colleague;
use crate::{
    app::App,
    people::{Actor, Person, Role, duty},
    problem::Problem,
    schedule::playbook::{Playbook, keep},
    store::people::Change,
};

const PLAYBOOKS: &str = include_str!("prepared.json");

/// The prepared messages; each is about one of the sample's components, by its place from 1.
///
/// # Panics
/// Never: a test reads them.
pub fn playbooks() -> Vec<Playbook> {
    serde_json::from_str(PLAYBOOKS).expect("a test reads the demo's prepared messages")
}

/// The third colleague, who approves too: a prepared message takes two. With a fresh password.
pub async fn colleague(app: &App) -> Result<Colleague, Problem> {
    let dana = Colleague {
        name: "Dana Levi",
        email: "dana@acme.example",
        role: Role::Approver,
        password: super::sample::password(app),
    };
    let hash = crate::people::sign_in::hash_password(app, &dana.password).await?;
    let entry = app.entry("system", "person.set", "demo", serde_json::json!({}));
    match app.store.person_by_email(dana.email).await? {
        Some((known, _)) => {
            let change = Change { active: Some(true), password_hash: Some(&hash), ..Change::default() };
            app.store.change_person(known.id, &change, &entry).await?;
        }
        None => drop(app.store.add_person(dana.email, dana.name, dana.role, &hash, &entry).await?),
    }
    Ok(dana)
}

/// Prepares the messages, where nothing was prepared yet: `author` writes, the other two approve, the last one is on duty.
pub async fn fill(app: &App, author: &str, approvers: [&str; 2]) -> Result<(), Problem> {
    if !app.store.playbooks().await?.is_empty() {
        return Ok(());
    }
    let [_, on_duty] = put(app, playbooks(), author, approvers).await?;
    let now = app.world.clock.now();
    let turn = duty::Turn {
        person_id: on_duty.id,
        place: 1,
        from_at: now,
        until_at: now + SignedDuration::from_hours(24 * 7),
    };
    duty::add(app, &Actor::Person(on_duty), &turn).await.map(drop)
}

/// Writes prepared messages in somebody's name and has two others approve them; answers those.
pub(super) async fn put(
    app: &App,
    playbooks: Vec<Playbook>,
    author: &str,
    approvers: [&str; 2],
) -> Result<[Person; 2], Problem> {
    let person =
        async |email| Ok::<_, Problem>(app.store.person_by_email(email).await?.ok_or_else(Problem::internal)?.0);
    let (author, now) = (Actor::Person(person(author).await?), app.world.clock.now());
    let approvers = [person(approvers[0]).await?, person(approvers[1]).await?];
    let components = app.store.components().await?;
    for mut playbook in playbooks {
        let place = usize::try_from(playbook.component - 1).unwrap_or_default();
        let Some(component) = components.get(place) else { continue };
        playbook.component = component.id;
        playbook.bounds.valid_until = now + SignedDuration::from_hours(24 * 180);
        let stored = keep::save(app, &author, None, &playbook).await?;
        for approver in &approvers {
            let (by, subject) = (format!("person:{}", approver.id), format!("playbook:{}", stored.id));
            let entry = app.entry(&by, "playbook.approve", &subject, serde_json::json!({ "digest": stored.digest }));
            app.store.approve_playbook(stored.id, &stored.digest, approver.id, &entry).await?;
        }
    }
    Ok(approvers)
}
