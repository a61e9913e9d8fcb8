//! Tells the approvers of what waits that a contact route has changed: what they read stays as it was submitted. Whoever
//! was called about it, or has opened it, is told the same way. The calls are rows, so a restart forgets and repeats none.

use jiff::Timestamp;

use crate::{
    app::App,
    approve::summon,
    problem::Problem,
    store::{
        StoreError,
        proposals::{RouteCall, RouteChangeKind},
    },
};

/// Sends what is to be told.
///
/// # Errors
/// The store's. A provider that does not take it is logged: the page says it too.
pub async fn tick(app: &App, now: Timestamp) -> Result<(), StoreError> {
    while let Some(call) = app.store.take_route_call(now).await? {
        match said(app, &call).await {
            Ok(message) => {
                if !summon::send(app, call.person_id, call.channel, &message, now).await? {
                    tracing::warn!(broadcast = call.change.broadcast_id, channel = %call.channel, "no provider took the word that a contact route has changed");
                }
            }
            Err(error) => tracing::error!(%error, "the word that a contact route has changed cannot be made"),
        }
    }
    Ok(())
}

async fn said(app: &App, call: &RouteCall) -> Result<summon::Message, Problem> {
    let broadcast = app.store.broadcast(call.change.broadcast_id).await?;
    let incident = app.store.incident(broadcast.incident_id).await?;
    let update = app.store.update(broadcast.update_id).await?;
    let what = format!("update {} of {}", update.number, summon::named(&incident));
    let now = match call.change.what {
        RouteChangeKind::Overloaded => "is overloaded now",
        RouteChangeKind::Free => "is no longer overloaded",
        RouteChangeKind::Changed => "was changed",
        RouteChangeKind::Removed => "was removed",
    };
    let link = summon::link(app, update.id);
    let need = &call.change.need;
    Ok(summon::Message {
        subject: format!("A contact route has changed: {what}"),
        text: format!("Onevoice: {need} {now}; {what} still says what was sent to you. {link}"),
        body: format!(
            "The contact route “{need}” {now}. The banner and the status page say so already.\r\n\r\n\
             {what} waits for your yes, and its texts stay as they were sent to you. If they should say it, return it: \
             a new version says it by itself.\r\n\r\nRead it and decide (you are asked to sign in):\r\n{link}\r\n"
        ),
    })
}
