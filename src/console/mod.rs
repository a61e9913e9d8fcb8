//! The web console: pages for somebody whose phone is ringing. Rendered here; every path works without scripts.
//!
//! * `enter` is the door: session, CSRF token, where a form came from, security headers.
//! * `page` puts a template into the frame that every page has: the nearest promise, "Stop everything", who is signed in.
//! * Each page is one file with its template beside it. Templates escape whatever they show; a test holds that none has a
//!   way around it. What domain operations decide, pages only show.
//!
//! What a page says stands in `words/en.ftl`, by the sentence; a second language is a file like it.

mod approve;
mod assets;
mod broadcast;
mod channels;
mod components;
mod deadlines;
mod diff;
mod duty;
mod enter;
mod exercise;
mod factor;
mod form;
mod history;
mod imports;
mod incident;
mod new;
mod nothing;
mod now;
mod outbox;
mod own;
mod page;
mod passkeys;
mod people;
mod person_edit;
mod plans;
mod prepared;
mod pressing;
mod proposals;
mod quick;
mod reach;
mod replies;
mod report;
mod restricted;
mod routes;
mod schedule;
mod segment;
mod segment_rows;
mod segments;
mod settings;
mod sheet;
mod sign_in;
mod stop;
mod story;
#[cfg(test)]
mod tests;
mod texts;
mod time;
mod timers;
mod timing;
mod waits;
mod webhooks;
pub mod words;
mod write;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    response::Redirect,
    routing::{get, post},
};

use crate::app::App;
pub(crate) use enter::from_here;

/// The console's routes, all under `/console`, with their security headers.
pub fn router(app: App) -> Router {
    let pages = Router::new()
        .route("/console", get(now::show))
        .route("/console/", get(|| async { Redirect::permanent("/console") }))
        .route("/console/sign-out", post(sign_in::out))
        .route("/console/stop", get(stop::show).post(stop::stop))
        .route("/console/start", post(stop::start))
        .route("/console/held", get(stop::held))
        .route("/console/held/events", get(stop::events))
        .route("/console/new", get(quick::broken).post(new::open))
        .route("/console/new/other", get(new::show))
        .route("/console/new/prepared/{id}", post(quick::act))
        .route("/console/new/prepared/{id}/words", post(quick::words))
        .route("/console/sent/{id}", get(quick::sent).post(quick::ask))
        .route("/console/sent/{id}/live", get(quick::live))
        .route("/console/prepared", get(prepared::list))
        .route("/console/prepared/new", get(prepared::new).post(prepared::add))
        .route("/console/prepared/{id}", get(prepared::show).post(prepared::act))
        .route("/console/prepared/{id}/passkey", post(prepared::ask))
        .route("/console/prepared/{id}/edit", get(prepared::edit).post(prepared::save))
        .route("/console/updates/{id}", get(write::show).post(write::act))
        .route("/console/updates/{id}/save", post(write::autosave))
        .route("/console/updates/{id}/look", post(write::look))
        .route("/console/updates/{id}/mail/{variant}/{locale}", get(write::mail))
        .route("/console/updates/{id}/here", get(write::here))
        .route("/console/updates/{id}/versions", get(write::versions).post(write::restore))
        .route("/console/updates/{id}/groups", get(write::groups))
        .route("/console/updates/{id}/nothing", get(nothing::show))
        .route("/console/updates/{id}/nothing.csv", get(nothing::file))
        .route("/console/updates/{id}/list", get(write::list).post(write::give_list))
        .route("/console/updates/{id}/list/{file}", get(write::list_file))
        .route("/console/exercises", get(exercise::list))
        .route("/console/exercises/{id}", get(exercise::show).post(exercise::end))
        .route("/console/approvals", get(approve::list))
        .route("/console/updates/{id}/approve", get(approve::show).post(approve::decide))
        .route("/console/updates/{id}/approve/passkey", post(approve::ask))
        .route("/console/updates/{id}/approve/opened", post(approve::open))
        .route("/console/broadcasts/{id}", get(broadcast::show).post(broadcast::act))
        .route("/console/broadcasts/{id}/progress", get(broadcast::fragment))
        .route("/console/broadcasts/{id}/events", get(broadcast::events))
        .route("/console/incidents", get(history::show))
        .route("/console/incidents/{id}", get(incident::show))
        .route("/console/incidents/{id}/updates", post(incident::begin))
        .route("/console/incidents/{id}/replies", get(replies::of))
        .route("/console/replies", get(replies::all))
        .route("/console/replies/{id}", post(replies::act))
        .route("/console/incidents/{id}/named", post(restricted::act))
        .route("/console/promises/{id}", post(incident::hand_over))
        .route("/console/incidents/{id}/deadlines", post(deadlines::add))
        .route("/console/deadlines/{id}", post(deadlines::mark))
        .route("/console/people", get(people::search))
        .route("/console/people/{id}", get(people::show).post(people::act))
        .route("/console/people/new", get(person_edit::new).post(person_edit::add))
        .route("/console/people/{id}/edit", get(person_edit::show).post(person_edit::save))
        .route("/console/people/import", get(imports::form))
        .route("/console/imports/{id}", get(imports::show))
        .route("/console/imports/{id}/bad.csv", get(imports::bad_lines))
        .route("/console/segments", get(segments::list).post(segment::add))
        .route("/console/segments/new", get(segment::new))
        .route("/console/segments/look", post(segment::look))
        .route("/console/segments/{id}", get(segment::show).post(segment::change))
        .route("/console/channels", get(channels::show).post(channels::act))
        .route("/console/channels/live", get(channels::fragment))
        .route("/console/channels/events", get(channels::events))
        .route("/console/webhooks", get(webhooks::show).post(webhooks::act))
        .route("/console/routes", get(routes::list).post(routes::overload))
        .route("/console/routes/new", get(routes::new).post(routes::add))
        .route("/console/routes/{id}", get(routes::show).post(routes::save))
        .route("/console/components", get(components::list))
        .route("/console/components/new", get(components::new).post(components::add))
        .route("/console/components/{id}", get(components::show).post(components::save))
        .route("/console/proposals/{id}", post(proposals::decide))
        .route("/console/schedule", get(schedule::show))
        .route("/console/timers", post(timers::add))
        .route("/console/timers/{id}/cancel", post(timers::cancel))
        .route("/console/plans", post(plans::add))
        .route("/console/plans/{id}", post(plans::change))
        .route("/console/report", get(report::show))
        .route("/console/report.csv", get(report::file))
        .route("/console/outbox", get(outbox::show))
        .route("/console/outbox/{id}", get(outbox::mail))
        .route("/console/settings", get(settings::show).post(settings::change))
        .route("/console/settings/own", get(own::show).post(own::act))
        .route("/console/settings/factor", get(factor::show).post(factor::act))
        .route("/console/settings/factor/passkey", post(passkeys::offer))
        .route("/console/settings/factor/prove", post(passkeys::prove))
        .route("/console/{*elsewhere}", get(nowhere).post(nowhere))
        .layer(from_fn_with_state(app.clone(), enter::admit));
    // A file is longer than a form, so its door leaves the body to who reads it.
    let uploads = Router::new()
        .route("/console/people/import", post(imports::take))
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(app.clone(), enter::admit_upload));
    Router::new()
        .route("/console/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/console/sign-in/code", post(sign_in::second))
        .route("/console/sign-in/passkey", post(sign_in::ask))
        .merge(pages)
        .merge(uploads)
        .merge(assets::router())
        .layer(DefaultBodyLimit::max(enter::LARGEST_LIST))
        .layer(from_fn(enter::secure))
        .layer(from_fn_with_state(app.clone(), words::speak))
        .with_state(app)
}

/// An address without a page: a link that was cut, or an old one.
async fn nowhere() -> enter::Answer {
    Err(crate::problem::Problem::missing(words::text!("nowhere")).into())
}
