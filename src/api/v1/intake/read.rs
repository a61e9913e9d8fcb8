//! `GET /intake/calls/{id}`.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    api::{
        auth::Caller,
        body::{At, Id, Json},
        document::describe,
    },
    app::App,
    people::{Role, Scope},
    problem::Problem,
    store::calls::Call,
};

/// A call with its body.
#[derive(Serialize, JsonSchema)]
struct WholeCall {
    /// The call.
    call: Call,
    /// Its body as it came; what is no UTF-8 in it is replaced.
    body: String,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Reads a call of monitoring with its body, as it came. Takes an author.";
    get_with(handle, describe("readIntakeCall", "intake", text, &[404]))
}

async fn handle(
    State(app): State<App>,
    Caller(actor): Caller,
    At(Id { id }): At<Id>,
) -> Result<Json<WholeCall>, Problem> {
    app.may(&actor, Role::Author, Scope::Read.as_str())?;
    let (call, body) = app.store.call(id).await?;
    Ok(Json(WholeCall { call, body: String::from_utf8_lossy(&body).into_owned() }))
}
