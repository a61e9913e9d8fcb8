//! `POST /channels/{name}/check`: are the credentials taken?

use aide::axum::routing::{ApiMethodRouter, post_with};
use axum::extract::State;

use super::Name;
use crate::{
    api::{
        auth::Caller,
        body::{At, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    send::{check, standing::Standing},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Asks a provider whether it takes our credentials. Nothing is sent. It is asked daily as well; a second \
        question within 20 seconds gets the first one's answer.";
    post_with(handle, describe("checkChannel", "channels", text, &[404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Name { name }): At<Name>,
) -> Result<Json<Standing>, Problem> {
    check::check(&app, &actor, &name).await.map(Json)
}
