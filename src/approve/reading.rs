//! What was opened before a decision: the page's script says which text somebody has just opened, and it is written down.
//! Without scripts nothing is: then the box ticked at each text is all there is.

use super::decide;
use crate::{
    api::auth,
    app::App,
    people::{Actor, Role},
    problem::Problem,
    render::MessageKind,
    store::renderings::StoredRendering,
};

/// A text's name on pages and in records: message, variant, channel, language.
pub fn name(text: &StoredRendering) -> String {
    format!("{}-{}-{}-{}", text.word(), text.variant, text.channel, text.locale)
}

/// Notes that somebody opened a text of what waits.
///
/// # Errors
/// 403 for keys; 404 for who may not see it; 409 when none waits; 422 for what is no text of it.
pub async fn open(app: &App, actor: &Actor, update_id: i64, text: &str) -> Result<(), Problem> {
    let Actor::Person(person) = actor else {
        return Err(Problem::forbidden("only a signed-in person reads what waits"));
    };
    app.may(actor, Role::Viewer, "")?;
    auth::update(app, actor, update_id).await?;
    let broadcast = decide::waiting(app, update_id).await?;
    if !app.store.renderings(broadcast.id).await?.iter().any(|known| name(known) == text) {
        return Err(Problem::invalid("/text", "no text of this update has that name"));
    }
    Ok(app.store.open_text(broadcast.id, person.id, text, app.world.clock.now()).await?)
}

/// How many of an update's own texts there are, and how many of them a person opened.
///
/// # Errors
/// The store's.
pub async fn opened(app: &App, broadcast_id: i64, person_id: i64) -> Result<(usize, usize), Problem> {
    let all = app.store.renderings(broadcast_id).await?;
    let own: Vec<String> = all.iter().filter(|text| text.message == MessageKind::Update).map(name).collect();
    let opened = app.store.opened_texts(broadcast_id).await?.into_iter().find(|opened| opened.person_id == person_id);
    let opened = opened.map_or(0, |opened| opened.texts.iter().filter(|text| own.contains(text)).count());
    Ok((own.len(), opened))
}
