//! Promises that fall due soon or are late: the first thing on Now, with what happens if nobody writes.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    enter::Desk,
    quick,
    time::Times,
    words::{say, text},
};
use crate::{
    people::Person,
    problem::Problem,
    schedule::promise::{self, Why},
    store::lookups::Promise,
};

/// Without reminders a promise still comes near.
const NEAR: SignedDuration = SignedDuration::from_mins(15);

/// One of them; nothing where it is not near. `card` is its incident's on the same page.
pub(super) async fn view(
    desk: &Desk,
    times: &Times,
    people: &[Person],
    promise: &Promise,
    card: &Value,
) -> Result<Option<Value>, Problem> {
    let app = &desk.app;
    let lead = app.config.promises.remind.first().map_or(NEAR, |lead| lead.0.max(NEAR));
    let left = promise.due_at.duration_since(times.now);
    if left > lead {
        return Ok(None);
    }
    let late = left.is_negative();
    let name = |id: i64| people.iter().find(|person| person.id == id).map(|person| person.name.as_str());
    let called: Vec<&str> = promise::called(app, promise).await?.into_iter().filter_map(name).collect();
    let happens = match (promise.escalated_at, promise::outlook(app, promise).await?) {
        (Some(at), _) => {
            let why = say("why", promise.escalated_why.unwrap_or(Why::Stopped).as_str()).to_owned();
            let called = quick::listed(&called);
            if called.is_empty() {
                text!("pressing-nobody-called", why = why)
            } else {
                text!("pressing-called", why = why, at = times.near(at), names = called)
            }
        }
        (None, Ok(turn)) => {
            text!("pressing-holding", turn = i64::from(turn) + 1, of = i64::from(app.config.promises.at_most))
        }
        (None, Err(why)) => text!("pressing-people", why = say("why", why.as_str()).to_owned()),
    };
    Ok(Some(json!({
        "id": card["id"], "title": card["title"], "exercise": card["exercise"], "draft": card["draft"], "next": card["next"],
        "promise": card["promise"], "late": late, "happens": happens,
        "time": times.full(promise.due_at), "away": times.away(promise.due_at), "at": promise.due_at.to_string(),
    })))
}
