//! `GET /broadcasts/{id}/reach`: how many had it when.

use std::collections::BTreeMap;

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use onevoice_channels::contract::Channel;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    problem::Problem,
    track::reach::{self, Reach},
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Reads how many had it when, how fast it goes and when it will be done, by channel. Points are some \
                seconds apart at the beginning and a minute apart later; where nothing changed there is none.";
    get_with(handle, describe("readReach", "broadcasts", text, &[404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<BTreeMap<Channel, Reach>>, Problem> {
    let broadcast = auth::broadcast(&app, &actor, id).await?;
    reach::read(&app, &broadcast).await.map(Json)
}
