//! Who else has the draft open, and whether somebody saved a newer version.

use axum::extract::{Path, Query};
use serde_json::{Value, json};

use super::super::{
    enter::{Answer, Desk},
    page,
    time::Times,
    words::text,
};
use crate::{problem::Problem, store::incidents::Update};

/// The version that a page was made from.
#[derive(serde::Deserialize)]
pub(in crate::console) struct Shown {
    version: i64,
}

/// What a page asks for every few seconds; asking says that somebody is there.
pub(in crate::console) async fn show(desk: Desk, Path(id): Path<i64>, Query(shown): Query<Shown>) -> Answer {
    let update = desk.app.store.update(id).await?;
    let here = seen(&desk, &update, shown.version).await?;
    page::piece(&desk, "write_here", json!({ "here": here }))
}

/// The colleagues who have it open, and what is newer than the `version` that a page shows.
pub(super) async fn seen(desk: &Desk, update: &Update, version: i64) -> Result<Value, Problem> {
    let times = Times::of(&desk.app);
    let mut others = Vec::new();
    for (id, at) in desk.app.presence.here(update.id, desk.person.id, times.now) {
        others.push(json!({ "name": desk.app.store.person(id).await?.name, "ago": times.away(at) }));
    }
    let newer = if update.version > version {
        json!({ "by": author(desk, update.author_id).await?, "at": times.near(update.saved_at) })
    } else {
        Value::Null
    };
    Ok(json!({ "others": others, "newer": newer }))
}

/// Who wrote something, by name.
pub(super) async fn author(desk: &Desk, id: Option<i64>) -> Result<String, Problem> {
    Ok(match id {
        Some(id) if id == desk.person.id => text!("write-you"),
        Some(id) => desk.app.store.person(id).await?.name,
        None => text!("write-program"),
    })
}
