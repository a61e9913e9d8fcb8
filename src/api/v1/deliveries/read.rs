//! `GET /deliveries/{id}`: its attempts, and the text word for word.

use aide::axum::routing::{ApiMethodRouter, get_with};
use axum::extract::State;
use onevoice_channels::contract::DeliveryId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Json},
        document::describe,
    },
    app::App,
    people::{Role, Scope},
    problem::Problem,
    render::{splice_html, splice_text},
    send::loaded::Loaded,
    store::deliveries::{Claimed, Listed, ListedAttempt},
};

/// Which delivery.
#[derive(Deserialize, JsonSchema)]
struct Asked {
    /// Its name: `12-email-4711`.
    id: String,
}

/// A delivery with all that happened to it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeliveryWithText")]
struct Whole {
    /// The delivery.
    #[serde(flatten)]
    delivery: Listed,
    /// The attempts that did not simply succeed, and later words of the provider, in order.
    attempts_made: Vec<ListedAttempt>,
    /// What this reader got, or is to get.
    message: Message,
}

/// A text with one reader's values in it.
#[derive(Serialize, JsonSchema)]
struct Message {
    /// Mail: the subject.
    subject: Option<String>,
    /// The text.
    text: String,
    /// Mail: the HTML part.
    html: Option<String>,
}

pub(super) fn route() -> ApiMethodRouter<App> {
    get_with(
        handle,
        describe(
            "readDelivery",
            "deliveries",
            "Reads a delivery: its attempts, and the text word for word. A key needs the scope `audience`.",
            &[404],
        ),
    )
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(asked): At<Asked>) -> Result<Json<Whole>, Problem> {
    app.may(&actor, Role::Viewer, Scope::Audience.as_str())?;
    let id: DeliveryId = asked.id.parse().map_err(|()| Problem::missing("a delivery is named like 12-email-4711"))?;
    auth::broadcast(&app, &actor, id.broadcast).await?;
    let delivery = app.store.delivery(id).await?;
    let message = message(&app, id, &delivery).await?;
    Ok(Json(Whole { attempts_made: app.store.attempts(id).await?, delivery, message }))
}

async fn message(app: &App, id: DeliveryId, delivery: &Listed) -> Result<Message, Problem> {
    let loaded = Loaded::read(&app.store, &app.config, id.broadcast).await?;
    let item = Claimed {
        claim: 0,
        id,
        address: delivery.address.clone(),
        recipient_id: delivery.recipient_id,
        variant: usize::try_from(delivery.variant).unwrap_or_default(),
        locale: delivery.locale.clone(),
        hole_values: delivery.hole_values.clone(),
        attempts: 0,
        pinned: None,
    };
    let at = delivery.at.unwrap_or_else(|| app.world.clock.now());
    let shown = loaded.filled(&item, app.store.secrets(), at, |rendering, person| Message {
        subject: rendering.subject.clone(),
        text: splice_text(rendering, person),
        html: splice_html(rendering, person),
    })?;
    Ok(shown)
}
