//! Version 1: one noun a folder, one operation a file.

mod announcements;
mod broadcasts;
mod channels;
mod components;
mod contact_routes;
mod control;
mod copies;
mod deadlines;
mod deliveries;
mod duty;
mod exercises;
mod imports;
mod incidents;
mod intake;
mod keys;
mod own;
mod people;
mod plans;
mod playbooks;
mod promises;
mod proposals;
mod recipients;
mod replies;
mod reports;
mod second_factor;
mod segments;
mod sessions;
mod suppressions;
mod timers;
mod updates;
mod webhooks;

use aide::axum::ApiRouter;

use crate::app::App;

/// What anybody may call.
pub fn open() -> ApiRouter<App> {
    ApiRouter::new().api_route("/sessions", sessions::create::route())
}

/// What takes a caller.
pub fn guarded() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(sessions::routes())
        .merge(imports::routes())
        .merge(incidents::routes())
        .merge(updates::routes())
        .merge(broadcasts::routes())
        .merge(deliveries::routes())
        .merge(control::routes())
        .merge(copies::routes())
        .merge(recipients::routes())
        .merge(suppressions::routes())
        .merge(replies::routes())
        .merge(segments::routes())
        .merge(channels::routes())
        .merge(components::routes())
        .merge(contact_routes::routes())
        .merge(proposals::routes())
        .merge(reports::routes())
        .merge(people::routes())
        .merge(own::routes())
        .merge(second_factor::routes())
        .merge(duty::routes())
        .merge(exercises::routes())
        .merge(keys::routes())
        .merge(announcements::routes())
        .merge(playbooks::routes())
        .merge(promises::routes())
        .merge(deadlines::routes())
        .merge(intake::routes())
        .merge(webhooks::routes())
        .merge(timers::routes())
        .merge(plans::routes())
}
