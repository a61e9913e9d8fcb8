//! `GET /broadcasts/{id}/events`: progress as it happens, as server-sent events.

use std::{convert::Infallible, time::Duration};

use aide::{
    OperationOutput,
    axum::routing::{ApiMethodRouter, get_with},
    generate::GenContext,
    openapi,
};
use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event as Message, KeepAlive, Sse},
    },
};
use futures_util::stream;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::progress::Progress;
use crate::{
    api::{
        auth::{self, Caller},
        body::{At, Id},
        document::describe,
    },
    app::App,
    people::Actor,
    problem::Problem,
    send::Event,
};

/// The least time between two events: four a second are enough for any eye.
const APART: Duration = Duration::from_millis(250);
/// How often a quiet stream looks whether the daemon stops.
const LOOK: Duration = Duration::from_secs(1);

pub(super) fn route() -> ApiMethodRouter<App> {
    let text = "Follows a broadcast. Each event `progress` is a whole snapshot with the time as its id, the first one at once, so \
                that who reconnects has missed nothing; at most four a second. The stream ends after the final state.";
    get_with(handle, describe("followBroadcast", "broadcasts", text, &[404]))
}

async fn handle(State(app): State<App>, Caller(actor): Caller, At(Id { id }): At<Id>) -> Result<Events, Problem> {
    auth::broadcast(&app, &actor, id).await?;
    // Listening begins before the first snapshot is read, so that no change falls between them.
    let follower = Follower { changes: app.engine.listen(), app, actor, id, last: None };
    let messages = stream::unfold(Some(follower), |follower| async { follower?.next().await });
    Ok(Events(Sse::new(messages).keep_alive(KeepAlive::default()).into_response()))
}

struct Follower {
    app: App,
    actor: Actor,
    id: i64,
    changes: Receiver<Event>,
    last: Option<Progress>,
}

impl Follower {
    /// The next snapshot that differs from the last one; with it what follows, nothing after the final state.
    async fn next(mut self) -> Option<(Result<Message, Infallible>, Option<Follower>)> {
        loop {
            if self.last.is_some() {
                self.changed().await?;
                self.app.world.clock.sleep(APART).await;
                self.forget();
            }
            // Who was named when they began to follow may no longer be.
            auth::broadcast(&self.app, &self.actor, self.id).await.ok()?;
            // A reader who lost the store reconnects and gets a whole snapshot.
            let progress = Progress::read(&self.app, self.id).await.ok()?;
            if self.last.as_ref() == Some(&progress) {
                continue;
            }
            let at = self.app.world.clock.now().as_millisecond();
            let message = Message::default().event("progress").id(at.to_string()).json_data(&progress).ok()?;
            let ended = progress.is_final();
            self.last = Some(progress);
            return Some((Ok(message), (!ended).then_some(self)));
        }
    }

    /// Waits for a change of this broadcast; None when the daemon stops.
    async fn changed(&mut self) -> Option<()> {
        loop {
            let clock = self.app.world.clock.clone();
            tokio::select! {
                event = self.changes.recv() => match event {
                    Ok(Event::Progress { broadcast } | Event::State { broadcast }) if broadcast == self.id => return Some(()),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return Some(()),
                    Err(RecvError::Closed) => return None,
                },
                () = clock.sleep(LOOK) => if self.app.engine.is_stopping() { return None },
            }
        }
    }

    /// Drops the changes that the next snapshot shows.
    fn forget(&mut self) {
        use tokio::sync::broadcast::error::TryRecvError;
        while matches!(self.changes.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
    }
}

/// A stream of server-sent events.
struct Events(Response);

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        self.0
    }
}

impl OperationOutput for Events {
    type Inner = Progress;

    fn inferred_responses(ctx: &mut GenContext, _: &mut openapi::Operation) -> Vec<(Option<u16>, openapi::Response)> {
        let schema = openapi::SchemaObject {
            json_schema: ctx.schema.subschema_for::<Progress>(),
            example: None,
            external_docs: None,
        };
        let media = openapi::MediaType { schema: Some(schema), ..Default::default() };
        let content = [("text/event-stream".to_owned(), media)].into_iter().collect();
        let description = "Events named `progress`; the schema is that of their data.".to_owned();
        vec![(Some(200), openapi::Response { description, content, ..Default::default() })]
    }
}
