//! Planned work on the schedule's page: what lies ahead of each, with buttons to move, end and cancel it, and a form.

use axum::extract::Path;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page, schedule,
    time::Times,
    timers::{self, Given, shown},
    words::say,
};
use crate::{
    people::Person,
    problem::Problem,
    schedule::timed::work::{self, New, Seen},
    store::{
        playbooks::Stored,
        works::{Work, WorkState},
    },
};

/// Where an announcement ahead is usual.
const LEADS: &str = "7d, 24h, 1h";

/// The section: a row for each, and the form.
pub(super) async fn view(
    desk: &Desk,
    times: &Times,
    known: &[Stored],
    people: &[Person],
    exercises: bool,
    given: &Given,
) -> Result<Value, Problem> {
    let plans = work::all(&desk.app, &desk.actor, false).await?;
    let rows: Vec<Value> = plans
        .into_iter()
        .filter(|plan| plan.work.exercise == exercises)
        .map(|plan| row(times, known, people, given, &plan))
        .collect();
    let zone = &desk.app.config.organisation.time_zone;
    let adds = given.form.get("plan").is_empty();
    Ok(json!({
        "rows": rows, "messages": timers::messages(known, true, given.form.get("playbook")),
        "problem": given.problem.as_ref().filter(|_| adds).map(|problem| problem.detail.as_str()), "times": given.times,
        "open": (given.problem.is_some() && adds) || !given.times.is_empty(),
        "name": given.typed("name", ""), "zone": given.typed("zone", zone), "leads": given.typed("leads", LEADS),
        "from": given.typed("from", ""), "until": given.typed("until", ""), "values": given.typed("values", ""),
        "components": given.typed("components", ""),
        "later": !given.form.get("later").is_empty(),
        "exercise": !given.form.get("exercise").is_empty() || exercises,
    }))
}

fn row(times: &Times, known: &[Stored], people: &[Person], given: &Given, plan: &Seen) -> Value {
    let work = &plan.work;
    let message = known.iter().find(|stored| stored.id == work.playbook_id);
    let by = people.iter().find(|person| person.id == work.made_by);
    let under_way = work.state == WorkState::UnderWay;
    let mine = given.form.get("plan") == work.id.to_string();
    let typed = |name: &str, at| if mine { given.typed(name, "") } else { timers::input(at, &work.zone) };
    let next = plan.next.first();
    json!({
        "id": work.id, "name": work.name, "state": say("work", work.state.as_str()), "under_way": under_way,
        "zone": work.zone, "from": shown(work.from, &work.zone), "until": shown(work.until, &work.zone),
        "message": message.map(|stored| stored.playbook.name.clone()), "playbook": work.playbook_id,
        "by": by.map(|person| person.name.clone()), "incident": plan.incident_id,
        "next": next.map(|next| json!({ "step": say("timed_step", next.step.as_str()), "at": shown(next.at, &work.zone), "away": times.away(next.at) })),
        "last": plan.done.first().map(|fired| timers::last(times, fired)),
        "input_from": typed("from", work.from), "input_until": typed("until", work.until),
        "problem": given.problem.as_ref().filter(|_| mine).map(|problem| problem.detail.as_str()),
    })
}

fn read(form: &Form) -> New {
    let some = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    let list = |name: &str| {
        let parts = form.get(name).split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    New {
        name: form.get("name").to_owned(),
        playbook: form.get("playbook").to_owned(),
        variables: timers::values(form),
        components: list("components"),
        from: form.get("from").to_owned(),
        until: form.get("until").to_owned(),
        zone: some("zone"),
        leads: Some(list("leads")),
        announce_at_once: Some(form.get("later").is_empty()),
        exercise: some("exercise").is_some(),
    }
}

/// What it would do, in order.
fn ahead(new: &New, work: &Work) -> Vec<String> {
    let said = |step: &str, at| format!("{} · {}", shown(at, &work.zone), say("timed_step", step));
    let first = new.announce_at_once.unwrap_or(true).then(|| said("announce", work.made_at));
    let next = work::ahead(work, work.made_at);
    first.into_iter().chain(next.into_iter().map(|(step, at)| said(step.as_str(), at))).collect()
}

/// Plans work, or shows what it would do and writes nothing. What cannot be used comes back with what was typed.
pub(super) async fn add(desk: Desk, form: Form) -> Answer {
    let new = read(&form);
    let looks = form.get("action") == "look";
    let answered = if looks {
        work::read(&desk.app, &desk.actor, &new).await.map(|work| ahead(&new, &work))
    } else {
        work::add(&desk.app, &desk.actor, &new).await.map(|_| Vec::new())
    };
    answer(&desk, form, new.exercise, looks, answered).await
}

/// Moves, extends, ends or cancels one.
pub(super) async fn change(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let exercise = desk.app.store.work(id).await?.exercise;
    let some = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    let done = match form.get("action") {
        "cancel" => work::cancel(&desk.app, &desk.actor, id).await,
        "end" => work::end(&desk.app, &desk.actor, id).await,
        _ => {
            let times = work::Times { from: some("from"), until: some("until") };
            work::move_to(&desk.app, &desk.actor, id, &times).await
        }
    };
    answer(&desk, form, exercise, false, done.map(|_| Vec::new())).await
}

async fn answer(
    desk: &Desk,
    form: Form,
    exercise: bool,
    looks: bool,
    answered: Result<Vec<String>, Problem>,
) -> Answer {
    match answered {
        Ok(_) if !looks => page::to(&format!("/console/schedule{}#plans", schedule::practice(exercise))),
        Ok(times) => schedule::shown(desk, exercise, &Given::default(), &Given { form, problem: None, times }).await,
        Err(problem) if matches!(problem.status, 409 | 422) => {
            let given = Given { form, problem: Some(problem), times: Vec::new() };
            schedule::shown(desk, exercise, &Given::default(), &given).await
        }
        Err(problem) => Err(problem.into()),
    }
}
