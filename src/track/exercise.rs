//! Exercises: how one goes, and its end with a score that stands beside the earlier ones.

use super::steer;
use crate::{
    app::App,
    approve::State,
    people::{Actor, Role},
    problem::Problem,
    send::Event,
    store::exercises::Score,
};

/// How an exercise stands: its score once it ended, else what was measured so far.
///
/// # Errors
/// 404 for what is no exercise.
pub async fn score(app: &App, incident_id: i64) -> Result<Score, Problem> {
    if !app.store.incident(incident_id).await?.exercise {
        return Err(Problem::missing("this incident is no exercise; it has no score"));
    }
    match app.store.exercise_score(incident_id).await? {
        Some(score) => Ok(score),
        None => Ok(app.store.measure_exercise(incident_id).await?),
    }
}

/// Ends an exercise: its score is kept, what still goes out to the outbox is stopped, and drafts of it are dropped.
///
/// # Errors
/// 403 for viewers; 404 for what is no exercise; 409 when it ended before.
pub async fn end(app: &App, actor: &Actor, incident_id: i64) -> Result<Score, Problem> {
    let person = app.may(actor, Role::Author, "stop")?.map(|person| person.id);
    let mut score = score(app, incident_id).await?;
    if score.ended_at.is_some() {
        return Err(Problem::conflict("this exercise ended before; its score stays as it is"));
    }
    // Measured before anything is stopped: what is cut short has no last message.
    let (by, subject) = (actor.audit_name(), format!("incident:{incident_id}"));
    let entry = app.entry(&by, "exercise.end", &subject, serde_json::to_value(&score).unwrap_or_default());
    (score.ended_at, score.ended_by) = (Some(entry.at), person);
    app.store.end_exercise(&score, &entry).await?;
    for broadcast in app.store.broadcasts_in(&[State::Scheduled, State::Running, State::Paused]).await? {
        if broadcast.incident_id == incident_id {
            steer::retract(app, actor, broadcast.id).await?;
        }
    }
    app.engine.tell(Event::Desk);
    Ok(score)
}
