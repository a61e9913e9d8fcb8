//! Webhooks: which programs are told what happens, what they took, and what to do about one that does not.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::Times,
    words::{say, text},
};
use crate::{
    problem::Problem,
    store::webhooks::Listed,
    webhooks::{
        event::TYPES,
        manage::{self, Replay, Standing},
    },
};

/// Events of each endpoint on the page.
const LATEST: i64 = 8;

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    shown(&desk, None).await
}

async fn shown(desk: &Desk, problem: Option<Problem>) -> Answer {
    let times = Times::of(&desk.app);
    let mut rows = Vec::new();
    for standing in manage::all(&desk.app).await? {
        let latest = manage::events(&desk.app, &desk.actor, &standing.endpoint.name, None, 0, LATEST).await?;
        rows.push(row(&times, &standing, &latest));
    }
    let body = json!({
        "rows": rows,
        "days": desk.app.config.webhooks.keep_days,
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
    });
    let frame = Frame { template: "webhooks", nav: "channels", title: text!("webhooks-title"), exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

fn row(times: &Times, standing: &Standing, latest: &[Listed]) -> Value {
    let endpoint = &standing.endpoint;
    let (care, class) = match (endpoint.disabled_at, endpoint.failing_since) {
        (Some(_), _) => ("off", "bad"),
        (None, Some(_)) => ("failing", "warn"),
        (None, None) => ("well", "ok"),
    };
    let off = endpoint.disabled_at.map(|at| {
        let gone = (endpoint.disabled_why.as_deref() == Some("gone")).to_string();
        text!("webhooks-off", gone = gone, time = times.full(at))
    });
    json!({
        "name": endpoint.name,
        "badge": say("endpoint", care),
        "class": class,
        "off": off,
        "failing": endpoint.failing_since.filter(|_| off.is_none()).map(|since| times.full(since)),
        "trouble": endpoint.trouble,
        "taken": endpoint.delivered_at.map(|at| times.full(at)),
        "waiting": endpoint.waiting,
        "failed": endpoint.failed,
        "all": standing.events.len() == TYPES.len(),
        "told": standing.events.join(" "),
        "exercises": standing.exercises,
        "restricted": standing.restricted,
        "events": latest.iter().map(|event| json!({
            "endpoint": endpoint.name,
            "id": event.event,
            "what": event.kind,
            "at": times.near(event.timestamp),
            "incident": event.incident_id,
            "state": say("event", &event.state),
            "class": match event.state.as_str() { "delivered" => "ok", "failed" => "bad", _ => "" },
            "attempts": event.attempts,
            "next": event.due_at.filter(|_| event.attempts > 0 && care != "off").map(|at| times.near(at)),
            "waits": event.state == "waiting",
        })).collect::<Vec<_>>(),
    })
}

/// Sends a test, sends one event again, or switches an endpoint on.
pub(super) async fn act(desk: Desk, form: Form) -> Answer {
    let (app, actor, name) = (&desk.app, &desk.actor, form.get("name"));
    let done = match form.get("action") {
        "test" => manage::test(app, actor, name).await.map(drop),
        "enable" => manage::enable(app, actor, name).await.map(drop),
        "again" => {
            let replay = Replay { event: Some(form.get("event").to_owned()), since: None };
            manage::replay(app, actor, name, &replay).await.map(drop)
        }
        other => Err(Problem::unreadable(text!("refused-no-button", name = format!("{other:?}")))),
    };
    match done {
        Ok(()) => page::to(&format!("/console/webhooks#to-{name}")),
        Err(problem) if matches!(problem.status, 409 | 422) => shown(&desk, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// The endpoints that are switched off, for Now.
pub(super) async fn switched_off(desk: &Desk) -> Result<Vec<Value>, Problem> {
    let mut all = manage::all(&desk.app).await?;
    all.retain(|standing| standing.endpoint.disabled_at.is_some());
    Ok(all.iter().map(|standing| json!({ "name": standing.endpoint.name })).collect())
}
