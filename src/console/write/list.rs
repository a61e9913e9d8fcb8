//! A list of customer ids for one incident: pasted or uploaded, what of it was found, and its use for this update.

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::IntoResponse as _,
};
use serde_json::{Value, json};

use super::{
    super::{
        enter::{Answer, Desk},
        form::Form,
        page::{self, Frame},
        time::Times,
        words::text,
    },
    here,
};
use crate::{
    audience::listed::{self, OnList},
    compose::write,
    people::Role,
    problem::Problem,
    store::incidents::Update,
};

/// Customer ids that the page shows of those that nobody has.
const SHOWN: i64 = 20;
/// Customer ids of a file to download: more than a list has.
const ALL: i64 = 1_000_000;

/// The page.
pub(in crate::console) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let update = desk.app.store.update(id).await?;
    page_of(&desk, &update, "", None).await
}

/// Takes a list, uses it for the update, or forgets it.
pub(in crate::console) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let update = desk.app.store.update(id).await?;
    let incident = update.incident_id;
    match form.get("action") {
        "give" => {
            let text = form.raw("ids").unwrap_or_default();
            match listed::give(&desk.app, &desk.actor, incident, &listed::read(text)).await {
                Ok(_) => page::to(&format!("/console/updates/{id}/list")),
                Err(problem) if problem.status == 422 => page_of(&desk, &update, text, Some(problem)).await,
                Err(problem) => Err(problem.into()),
            }
        }
        "forget" => {
            listed::forget(&desk.app, &desk.actor, incident).await?;
            page::to(&format!("/console/updates/{id}/list"))
        }
        "use" => {
            let mut content = update.content.clone();
            if let Some(first) = content.variants.first_mut() {
                first.list = OnList::On;
            }
            write::save(&desk.app, &desk.actor, id, update.version, &content).await?;
            page::to(&format!("/console/updates/{id}"))
        }
        _ => Err(Problem::unreadable(text!("list-no-button")).into()),
    }
}

async fn page_of(desk: &Desk, update: &Update, typed: &str, problem: Option<Problem>) -> Answer {
    let incident = desk.app.store.incident(update.incident_id).await?;
    let status = problem.as_ref().map(|problem| problem.status);
    let may = desk.person.role >= Role::Author;
    let used = update.content.variants.iter().any(|variant| variant.list != OnList::Any);
    let body = json!({
        "id": update.id, "number": update.number, "incident": incident.title, "typed": typed, "used": used,
        "problem": problem.map(|problem| problem.detail), "list": known(desk, incident.id).await?,
        "missing": if may { desk.app.store.incident_listed(incident.id, false, SHOWN).await? } else { Vec::new() },
        "days": desk.app.config.audience.forget_lists_after_days, "may": may,
    });
    let title = text!("list-head", incident = incident.title.as_str());
    let frame = Frame { template: "list", nav: "write", title, exercise: incident.exercise };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = status.and_then(|status| axum::http::StatusCode::from_u16(status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// The list of an incident as pages show it; null where there is none.
pub(super) async fn known(desk: &Desk, incident: i64) -> Result<Value, Problem> {
    let times = Times::of(&desk.app);
    let Some(list) = desk.app.store.incident_list(incident, times.now).await? else { return Ok(Value::Null) };
    Ok(json!({
        "matched": list.matched, "unmatched": list.unmatched, "by": here::author(desk, list.created_by).await?,
        "at": times.full(list.created_at), "until": times.full(list.expires_at),
    }))
}

/// Who was found, or who was not, as a file.
pub(in crate::console) async fn file(desk: Desk, Path((id, which)): Path<(i64, String)>) -> Answer {
    // They are customer ids: whoever may give a list may take it home.
    desk.app.may(&desk.actor, Role::Author, "audience")?;
    let update = desk.app.store.update(id).await?;
    let matched = match which.as_str() {
        "found.txt" => true,
        "not-found.txt" => false,
        _ => return Err(Problem::missing(text!("list-no-file")).into()),
    };
    let ids = desk.app.store.incident_listed(update.incident_id, matched, ALL).await?;
    let mut text = ids.join("\n");
    text.push('\n');
    let name = format!("attachment; filename=\"incident-{}-{which}\"", update.incident_id);
    let mut response = text.into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
