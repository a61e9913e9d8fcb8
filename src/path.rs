//! The path of a message, from a draft to the last outcome. Read this first.
//!
//! The state between the two functions is in the store: hours, or a restart, may lie between them, and an approval
//! always does.

use std::sync::Arc;

use crate::{
    app::App,
    check, compose,
    people::{Actor, Role, sight},
    plan::{self, freeze::Ready},
    preview,
    problem::Problem,
    send::Engine,
    store::{broadcasts::Broadcast, named::Noun},
};

/// Prepare: compose -> check -> plan -> render -> submit. Ends in a digest, stored, that waits for a person's yes.
///
/// # Errors
/// [`Problem`] 403 for who may not submit; 422 with the findings that block, or with what cannot be used; 409 when it is
/// not a draft.
pub async fn prepare(app: &App, actor: &Actor, update_id: i64) -> Result<Broadcast, Problem> {
    if app.may(actor, Role::Author, "submit")?.is_none() {
        return Err(Problem::forbidden(
            "a submitted update needs a person behind it; sign in, or use a key that belongs to somebody",
        ));
    }
    sight::look(app, actor, Noun::Update, update_id).await?;
    let draft = compose::draft::Draft::read(app, update_id, None).await?;
    let renderings = preview::render(app, &draft)?;
    let measured = plan::measure(app, &draft, &renderings).await?;
    let findings = preview::check(app, &draft, &renderings, &measured);
    let blocking = check::blocking(&findings).count();
    if blocking > 0 {
        if draft.incident.exercise {
            // It is part of how an exercise went.
            let (by, subject) = (actor.audit_name(), format!("update:{update_id}"));
            let detail = serde_json::json!({ "findings": blocking });
            app.store.audit(&app.entry(&by, "update.refused", &subject, detail)).await?;
        }
        return Err(preview::refuse(&findings));
    }
    plan::freeze::freeze(
        app,
        actor,
        &Ready { draft: &draft, renderings: &renderings, measured: &measured, findings: &findings },
    )
    .await
}

/// Carry out: start -> pace -> send -> track, for everything that is approved, until the engine is stopped.
/// `send/starter.rs` starts, `pace/` says when, `send/worker.rs` sends, `send/ledger.rs` and `track/` keep account.
///
/// # Errors
/// The store's, when what a crash left cannot be read.
pub async fn carry_out(engine: &Arc<Engine>) -> crate::store::Result<()> {
    engine.run().await
}
