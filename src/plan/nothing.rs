//! Who gets nothing of an update as things are now: one by one, with the reason.

use onevoice_channels::contract::Channel;

use crate::{
    api::auth,
    app::App,
    compose::draft::Draft,
    people::{Actor, Role, Scope},
    problem::Problem,
    store::nothing::{LeftOut, Nothing},
};

/// Reads whom a list is of: `at_all`, `in_none`, or a channel of people.
///
/// # Errors
/// 422 for anything else.
pub fn which(name: &str) -> Result<Nothing, Problem> {
    match (name, Channel::parse(name)) {
        ("at_all", _) => Ok(Nothing::AtAll),
        ("in_none", _) => Ok(Nothing::InNone),
        (_, Some(channel)) if channel.is_personal() => Ok(Nothing::On(channel)),
        _ => Err(Problem::invalid("/on", "choose at_all, in_none, email or sms")),
    }
}

/// People who get nothing of the latest version, after `cursor`, at most `limit`.
///
/// # Errors
/// 403; 404 for who may not see it; 422 where the update's groups cannot be read, or it does not use the channel.
pub async fn list(
    app: &App,
    actor: &Actor,
    update_id: i64,
    which: Nothing,
    cursor: i64,
    limit: usize,
) -> Result<Vec<LeftOut>, Problem> {
    app.may(actor, Role::Viewer, Scope::Audience.as_str())?;
    auth::update(app, actor, update_id).await?;
    let audience = Draft::read(app, update_id, None).await?.audience();
    if matches!(which, Nothing::On(channel) if !audience.channels.contains(&channel)) {
        return Err(Problem::invalid("/on", "this update does not use that channel"));
    }
    Ok(app.store.left_out(&audience, which, cursor, limit, app.world.clock.now()).await?)
}

/// Notes that the whole list was taken as a file: it holds people's names.
///
/// # Errors
/// 403 for viewers.
pub async fn note_download(app: &App, actor: &Actor, update_id: i64, name: &str) -> Result<(), Problem> {
    app.may(actor, Role::Author, Scope::Audience.as_str())?;
    let (by, subject) = (actor.audit_name(), format!("update:{update_id}"));
    let entry = app.entry(&by, "update.nothing", &subject, serde_json::json!({ "on": name }));
    Ok(app.store.audit(&entry).await?)
}
