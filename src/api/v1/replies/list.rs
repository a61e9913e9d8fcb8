//! `GET /replies`: what people wrote who had got no message of ours.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;

use crate::{
    api::{
        auth::Caller,
        body::{Json, Search},
        document::describe,
        reply::Page,
        v1::incidents::replies::{self, Asked},
    },
    app::App,
    people::{Role, Scope},
    problem::Problem,
    store::replies::Reply,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Lists what people wrote who had got no message of ours, the oldest first; the other replies are with their incidents. A key needs the scope `audience`.";
    get_with(handle, describe("listStrayReplies", "incidents", text, &[400]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Reply>>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    replies::page(&app, None, asked).await
}
