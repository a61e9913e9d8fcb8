//! `GET /broadcasts/{id}/deliveries`: one by one.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json, Search},
        document::describe,
        reply::{self, Page, bad_cursor},
    },
    app::App,
    people::{Role, Scope},
    problem::Problem,
    store::deliveries::Listed,
    track::DeliveryState,
};

/// States of deliveries that have no outcome yet.
const UNDER_WAY: [&str; 3] = ["pending", "sending", "waiting"];

/// Which deliveries.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Of one channel.
    channel: Option<Channel>,
    /// In one state: `pending`, `sending`, `waiting`, or an outcome.
    state: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The items of a page, at most 200.
    limit: Option<i64>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "listDeliveries",
            "broadcasts",
            "Lists a broadcast's deliveries, in the order of channels and places. A key needs the scope `audience`, because they hold addresses.",
            &[400, 404],
        ),
    )
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
    Search(asked): Search<Asked>,
) -> Result<Json<Page<Listed>>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    auth::broadcast(&app, &actor, id).await?;
    let limit = reply::limit(asked.limit)?;
    let after = asked.cursor.as_deref().map(place).transpose()?;
    let state = asked.state.as_deref();
    if let Some(state) = state.filter(|state| !UNDER_WAY.contains(state) && DeliveryState::parse(state).is_none()) {
        let known: Vec<&str> = UNDER_WAY.into_iter().chain(DeliveryState::ALL.map(DeliveryState::as_str)).collect();
        return Err(Problem::unreadable(format!("there is no state {state:?}; the states are {}", known.join(", "))));
    }
    let found = app.store.deliveries(id, asked.channel, state, after, limit + 1).await?;
    Ok(Json(Page::of(found, limit, |delivery| format!("{}-{}", delivery.channel, delivery.ordinal))))
}

fn place(cursor: &str) -> Result<(Channel, i64), Problem> {
    let (channel, ordinal) = cursor.split_once('-').ok_or_else(bad_cursor)?;
    Channel::parse(channel).zip(ordinal.parse().ok()).ok_or_else(bad_cursor)
}
