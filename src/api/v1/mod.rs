//! Version 1: one noun a folder, one operation a file.

mod announcements;
mod broadcasts;
mod components;
mod contact_routes;
mod control;
mod deliveries;
mod duty;
mod exercises;
mod imports;
mod incidents;
mod keys;
mod people;
mod playbooks;
mod recipients;
mod second_factor;
mod segments;
mod sessions;
mod suppressions;
mod updates;

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
        .merge(recipients::routes())
        .merge(suppressions::routes())
        .merge(segments::routes())
        .merge(components::routes())
        .merge(contact_routes::routes())
        .merge(people::routes())
        .merge(second_factor::routes())
        .merge(duty::routes())
        .merge(exercises::routes())
        .merge(keys::routes())
        .merge(announcements::routes())
        .merge(playbooks::routes())
}
