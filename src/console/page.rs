//! Templates, and the frame around every page: the nearest promise, "Stop everything", who is signed in.

use std::sync::LazyLock;

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use handlebars::{Handlebars, handlebars_helper};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    time::{Times, number},
    words::{Sentence, tag, text},
};
use crate::{
    approve::State,
    people::{Role, sight},
    problem::Problem,
    track::steer,
};

/// Every template, by name.
pub(super) const FILES: [(&str, &str); 89] = [
    ("layout", include_str!("layout.hbs")),
    ("csrf", include_str!("csrf.hbs")),
    ("bare", include_str!("bare.hbs")),
    ("refused", include_str!("refused.hbs")),
    ("sign_in", include_str!("sign_in.hbs")),
    ("sign_in_code", include_str!("sign_in_code.hbs")),
    ("factor", include_str!("factor.hbs")),
    ("carry_on", include_str!("carry_on.hbs")),
    ("now", include_str!("now.hbs")),
    ("exercise", include_str!("exercise.hbs")),
    ("exercises", include_str!("exercises.hbs")),
    ("live", include_str!("live.hbs")),
    ("new", include_str!("new.hbs")),
    ("stop", include_str!("stop.hbs")),
    ("stopped", include_str!("stopped.hbs")),
    ("held", include_str!("held.hbs")),
    ("stop_button", include_str!("stop_button.hbs")),
    ("held_parts", include_str!("held_parts.hbs")),
    ("write", include_str!("write.hbs")),
    ("write_field", include_str!("write_field.hbs")),
    ("write_findings", include_str!("write_findings.hbs")),
    ("write_previews", include_str!("write_previews.hbs")),
    ("write_foot", include_str!("write_foot.hbs")),
    ("write_fragment", include_str!("write_fragment.hbs")),
    ("write_here", include_str!("write_here.hbs")),
    ("sheet", include_str!("sheet.hbs")),
    ("sheet_edit", include_str!("sheet_edit.hbs")),
    ("groups", include_str!("groups.hbs")),
    ("list", include_str!("list.hbs")),
    ("nothing", include_str!("nothing.hbs")),
    ("versions", include_str!("versions.hbs")),
    ("runs", include_str!("runs.hbs")),
    ("conflict", include_str!("conflict.hbs")),
    ("marked", include_str!("marked.hbs")),
    ("text", include_str!("text.hbs")),
    ("approvals", include_str!("approvals.hbs")),
    ("approve", include_str!("approve.hbs")),
    ("proof", include_str!("proof.hbs")),
    ("broadcast", include_str!("broadcast.hbs")),
    ("broadcast_live", include_str!("broadcast_live.hbs")),
    ("reach", include_str!("reach.hbs")),
    ("sure", include_str!("sure.hbs")),
    ("delivery", include_str!("delivery.hbs")),
    ("incident", include_str!("incident.hbs")),
    ("history", include_str!("history.hbs")),
    ("replies", include_str!("replies.hbs")),
    ("reply", include_str!("reply.hbs")),
    ("story_tabs", include_str!("story_tabs.hbs")),
    ("schedule", include_str!("schedule.hbs")),
    ("timers", include_str!("timers.hbs")),
    ("timed_last", include_str!("timed_last.hbs")),
    ("plans", include_str!("plans.hbs")),
    ("report", include_str!("report.hbs")),
    ("people", include_str!("people.hbs")),
    ("person", include_str!("person.hbs")),
    ("person_edit", include_str!("person_edit.hbs")),
    ("import_form", include_str!("import_form.hbs")),
    ("import", include_str!("import.hbs")),
    ("segments", include_str!("segments.hbs")),
    ("segment", include_str!("segment.hbs")),
    ("segment_values", include_str!("segment_values.hbs")),
    ("segment_text", include_str!("segment_text.hbs")),
    ("segment_count", include_str!("segment_count.hbs")),
    ("segment_tried", include_str!("segment_tried.hbs")),
    ("segment_look", include_str!("segment_look.hbs")),
    ("channels", include_str!("channels.hbs")),
    ("channels_live", include_str!("channels_live.hbs")),
    ("webhooks", include_str!("webhooks.hbs")),
    ("routes", include_str!("routes.hbs")),
    ("route_edit", include_str!("route_edit.hbs")),
    ("components", include_str!("components.hbs")),
    ("component_edit", include_str!("component_edit.hbs")),
    ("proposal", include_str!("proposal.hbs")),
    ("outbox", include_str!("outbox.hbs")),
    ("settings", include_str!("settings.hbs")),
    ("incident_who", include_str!("incident_who.hbs")),
    ("incident_deadlines", include_str!("incident_deadlines.hbs")),
    ("pressing", include_str!("pressing.hbs")),
    ("hidden", include_str!("hidden.hbs")),
    ("quick", include_str!("quick.hbs")),
    ("quick_words", include_str!("quick_words.hbs")),
    ("quick_promises", include_str!("quick_promises.hbs")),
    ("quick_piece", include_str!("quick_piece.hbs")),
    ("quick_sent", include_str!("quick_sent.hbs")),
    ("quick_sent_live", include_str!("quick_sent_live.hbs")),
    ("prepared", include_str!("prepared.hbs")),
    ("prepared_one", include_str!("prepared_one.hbs")),
    ("prepared_edit", include_str!("prepared_edit.hbs")),
    ("own", include_str!("own.hbs")),
];

static TEMPLATES: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    handlebars_helper!(num: |n: i64| number(n));
    templates.register_helper("num", Box::new(num));
    // A heading that runs on into a sentence: with a full stop, unless it asks.
    handlebars_helper!(full_stop: |text: str| if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") });
    templates.register_helper("full_stop", Box::new(full_stop));
    templates.register_helper("t", Box::new(Sentence));
    handlebars_helper!(lang: | | tag());
    templates.register_helper("lang", Box::new(lang));
    // An address from its parts.
    handlebars_helper!(cat: |*parts| parts.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect::<String>());
    templates.register_helper("cat", Box::new(cat));
    for (name, text) in FILES {
        templates.register_template_string(name, text).expect("a test reads every template");
    }
    templates
});

/// What stands around a page.
pub(super) struct Frame {
    /// Its template.
    pub template: &'static str,
    /// Which link of the header it belongs to; empty for none.
    pub nav: &'static str,
    /// Its title.
    pub title: String,
    /// True where it is about practice.
    pub exercise: bool,
}

/// A page in its frame. `body` is an object; the frame's own things are added as `chrome`.
pub(super) async fn show(desk: &Desk, frame: &Frame, mut body: Value) -> Answer {
    let chrome = chrome(desk, frame).await?;
    if let Some(body) = body.as_object_mut() {
        body.insert("chrome".to_owned(), chrome);
    }
    Ok(Html(fill(frame.template, &body)?).into_response())
}

/// A piece of a page, for scripts that put it in. It carries the token as the page does.
pub(super) fn piece(desk: &Desk, template: &str, mut body: Value) -> Answer {
    if let Some(body) = body.as_object_mut() {
        body.insert("chrome".to_owned(), json!({ "csrf": desk.csrf() }));
    }
    Ok(Html(fill(template, &body)?).into_response())
}

/// Fills a template.
pub(super) fn fill(template: &str, body: &Value) -> Result<String, Problem> {
    TEMPLATES.render(template, body).map_err(|error| {
        tracing::error!(template, %error, "a page of the console does not render");
        Problem::internal()
    })
}

/// A refusal for somebody who has no session, and for when nothing else can be shown.
pub(super) fn bare_refusal(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match fill("bare", &json!({ "title": problem.title, "detail": problem.detail })) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(_) => (status, problem.detail.clone()).into_response(),
    }
}

/// To another page, after a form.
pub(super) fn to(place: &str) -> Answer {
    Ok(Redirect::to(place).into_response())
}

async fn chrome(desk: &Desk, frame: &Frame) -> Result<Value, Problem> {
    let app = &desk.app;
    let times = Times::of(app);
    let open = sight::open_promises(app, &desk.actor, false).await?;
    let promises = open.len();
    let nearest = open.into_iter().next();
    let clock = match nearest {
        None => Value::Null,
        Some(promise) => {
            let whose = match promise.owner_id {
                Some(id) if id == desk.person.id => text!("promise-yours"),
                Some(id) => app.store.person(id).await.map_or_else(
                    |_| text!("promise-nobodys"),
                    |person| text!("promise-somebodys", name = person.name.split(' ').next().unwrap_or_default()),
                ),
                None => text!("promise-nobodys"),
            };
            let left = promise.due_at.duration_since(times.now).as_secs();
            json!({
                "incident": promise.incident_id,
                "time": times.near(promise.due_at),
                "at": promise.due_at.to_string(),
                "away": times.away(promise.due_at),
                "whose": whose,
                "class": if left < 0 { "late" } else if left < 900 { "near" } else { "" },
            })
        }
    };
    let waiting =
        sight::updates_in(app, &desk.actor, State::Submitted).await?.len() + app.store.open_proposals().await?.len();
    Ok(json!({
        "title": frame.title,
        "nav": frame.nav,
        "exercise": frame.exercise,
        "csrf": desk.csrf(),
        "now": times.now.to_string(),
        "clock": clock,
        "promises": promises,
        "more_promises": promises > 1,
        "waiting": waiting,
        "held": held(desk).await?,
        "who": desk.person.name,
        "may_write": desk.person.role >= Role::Author,
        "may_approve": desk.person.role >= Role::Approver,
        "may_manage": desk.person.role >= Role::Administrator,
        "zone": times.name,
    }))
}

/// Why nothing is sent, if so, with the name of who stopped it: records hold numbers of people, pages speak of colleagues.
pub(super) async fn held(desk: &Desk) -> Result<Option<String>, Problem> {
    let Some(why) = steer::held(&desk.app).await? else { return Ok(None) };
    let number = why.rsplit_once("person:").and_then(|(_, number)| number.parse().ok());
    let (Some(id), Some((what, _))) = (number, why.split_once(" by ")) else { return Ok(Some(why)) };
    Ok(Some(text!("held-by", what = what, who = desk.app.store.person(id).await?.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_reads_and_none_has_a_way_around_the_escaping() {
        LazyLock::force(&TEMPLATES);
        for (name, text) in FILES {
            assert!(!text.contains("{{{") && !text.contains("{{&"), "{name}");
            assert!(
                !text.contains(" style=") && !text.contains("<style") && !text.contains("onclick"),
                "{name}: the policy refuses it"
            );
        }
    }
}
