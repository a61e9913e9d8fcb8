//! The rest: what was put on the website, asked for on the other channels too.

use super::instance;
use crate::{
    app::App,
    approve::State,
    check,
    compose::{draft::Draft, write},
    path,
    people::Actor,
    preview,
    problem::Problem,
    store::{broadcasts::Broadcast, incidents::Update},
};

/// Asks for an approval of what an instance said, on the channels that it did not go to: an update of its own with the
/// same words. It shares no channel with the first, so it replaces nothing of it and posts nothing twice, and its promise
/// is the same promise.
///
/// # Errors
/// 403 for who may not; 404 where the update came of no prepared message; 409 where it was asked for, or the incident went
/// on since; 422 with the findings that block.
pub async fn ask(app: &App, actor: &Actor, update_id: i64) -> Result<Broadcast, Problem> {
    instance::sender(app, actor)?;
    let missing = || Problem::missing("this update was not sent by a prepared message");
    let instance =
        app.store.instance(update_id).await?.filter(|instance| instance.sent_at.is_some()).ok_or_else(missing)?;
    crate::api::auth::may_see(app, actor, instance.incident_id).await?;
    let (source, incident) = (app.store.update(update_id).await?, app.store.incident(instance.incident_id).await?);
    let updates = app.store.updates(incident.id).await?;
    let later = updates.iter().find(|later| later.number > source.number && later.state != State::Discarded);
    if let Some(later) = later {
        return Err(Problem::conflict(format!(
            "update {} of this incident was begun since; go on with that one",
            later.number
        )));
    }
    let mut content = source.content.clone();
    content.channels = instance::others(app, &source.content);
    content.replaces_everywhere = Some(false);
    // Colleagues have the sheet from the first of the two.
    content.staff.clear();
    if content.channels.is_empty() {
        return Err(Problem::conflict("it went to every channel that there is"));
    }
    // Looked at before anything is begun, so that a refusal leaves nothing behind.
    let number = updates.last().map_or(1, |last| last.number + 1);
    let unstored = Update { id: 0, number, state: State::Draft, content: content.clone(), ..source };
    let looked = preview::of(app, &Draft::with(app, incident.clone(), unstored, content.clone()).await?).await?;
    if check::blocking(&looked.findings).next().is_some() {
        return Err(preview::refuse(&looked.findings));
    }
    let rest = write::begin_update(app, actor, incident.id, Some(content)).await?;
    app.store.set_rest(update_id, Some(rest.id)).await?;
    path::prepare(app, actor, rest.id).await
}
