//! `GET` and `POST /broadcasts/{id}/withdrawals`: deleting what was posted.

use aide::axum::routing::{ApiMethodRouter, get_with, post_with};
use axum::extract::State;

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id, Json},
        document::describe,
        reply::Page,
    },
    app::App,
    problem::Problem,
    store::withdrawals::Withdrawal,
    track::withdraw,
};

pub(super) fn route() -> ApiMethodRouter<App> {
    let ask = "Takes a broadcast down, where it is not yet, and deletes its posts. Asked again, what failed is tried once more. Messages to people stay with them.";
    get_with(
        list,
        describe(
            "listWithdrawals",
            "broadcasts",
            "Lists the posts of a broadcast that are to be deleted, and how far that is.",
            &[404],
        ),
    )
    .merge(post_with(handle, describe("deletePosts", "broadcasts", ask, &[404])))
}

async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Withdrawal>>, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    Ok(Json(Page::whole(app.store.withdrawals(id).await?)))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<Page<Withdrawal>>, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    Ok(Json(Page::whole(withdraw::ask(&app, &actor, id).await?)))
}
