//! Every version of a draft: who saved it when, how any two differ, and the way back to one.

use axum::extract::{Path, Query};
use serde_json::json;

use super::{
    super::{
        enter::{Answer, Desk},
        form::Form,
        page::{self, Frame},
        time::Times,
        words::text,
    },
    here,
    plain::differences,
};
use crate::{approve::State, compose::write, people::Role, problem::Problem};

/// Which two are compared; without a choice the latest with the one before.
#[derive(serde::Deserialize)]
pub(in crate::console) struct Two {
    from: Option<i64>,
    to: Option<i64>,
}

/// The page.
pub(in crate::console) async fn show(desk: Desk, Path(id): Path<i64>, Query(two): Query<Two>) -> Answer {
    let update = desk.app.store.update(id).await?;
    let incident = desk.app.store.incident(update.incident_id).await?;
    let times = Times::of(&desk.app);
    let versions = desk.app.store.versions(id).await?;
    let to = two.to.unwrap_or(update.version);
    let from = two.from.unwrap_or((to - 1).max(1));
    let find = |wanted: i64| {
        let found = versions.iter().find(|known| known.version == wanted);
        found.ok_or_else(|| Problem::missing(text!("versions-none", wanted = wanted, last = update.version)))
    };
    let changes = differences(&times, &find(from)?.content, &find(to)?.content);
    let mut rows = Vec::new();
    for (place, version) in versions.iter().enumerate().rev() {
        let before = place.checked_sub(1).and_then(|place| versions.get(place));
        let changed = before.map_or(0, |before| differences(&times, &before.content, &version.content).len());
        rows.push(json!({
            "version": version.version, "before": before.map(|before| before.version), "changed": changed,
            "by": here::author(&desk, version.author_id).await?, "at": times.full(version.created_at),
            "away": times.away(version.created_at), "from": version.version == from, "to": version.version == to,
            "latest": version.version == update.version,
        }));
    }
    let may_go_back =
        desk.person.role >= Role::Author && update.state != State::Approved && update.state != State::Discarded;
    let body = json!({ "id": id, "number": update.number, "incident": incident.title, "version": update.version, "from": from,
        "to": to, "same": from == to, "changes": changes, "rows": rows, "may_go_back": may_go_back, "submitted": update.state == State::Submitted });
    let title = text!("versions-head", number = update.number);
    page::show(&desk, &Frame { template: "versions", nav: "write", title, exercise: incident.exercise }, body).await
}

/// Back to an older version: it becomes the newest, and everything between stays in the list.
pub(in crate::console) async fn restore(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let number =
        |name: &str| form.get(name).parse::<i64>().map_err(|_| Problem::unreadable(text!("versions-no-version")));
    let old = desk.app.store.version(id, number("restore")?).await?;
    write::save(&desk.app, &desk.actor, id, number("version")?, &old.content).await?;
    page::to(&format!("/console/updates/{id}"))
}
