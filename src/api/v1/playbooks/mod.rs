//! Prepared messages: approved in advance, sent by one person within their bounds.

mod approve;
mod create;
mod list;
mod preview;
mod read;
mod replace;
mod rest;
mod retire;
mod send;

use aide::axum::ApiRouter;

use crate::app::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/playbooks", list::route().merge(create::route()))
        .api_route("/playbooks/{id}", read::route().merge(replace::route()).merge(retire::route()))
        .api_route("/playbooks/{id}/approve", approve::route())
        .api_route("/playbooks/{id}/preview", preview::route())
        .api_route("/playbooks/{id}/send", send::route())
        .api_route("/updates/{id}/rest", rest::route())
}
