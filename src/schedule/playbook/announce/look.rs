//! An announcement as it would go out: filled, looked at, and held against the bounds. Writes nothing.

use std::collections::BTreeMap;

use super::{
    super::{
        Playbook, VariableKind,
        bounds::{Sender, Standing, standing},
        fill::{self, Asked, Exceeded, Filled},
        instance::{self, About},
        samples,
        valid::MOST_VARIABLES,
    },
    Request,
};
use crate::{
    app::App,
    compose::draft::Draft,
    preview::{self, Preview},
    problem::Problem,
    store::{announced::Announced, playbooks::Stored},
    track::steer,
    world::{from_millis, millis},
};

/// An instance as it would go out.
pub(super) struct Looked {
    pub filled: Filled,
    pub preview: Preview,
    pub exceeded: Vec<Exceeded>,
}

pub(super) async fn look(
    app: &App,
    request: &Request,
    stored: &Stored,
    known: Option<&Announced>,
) -> Result<Looked, Problem> {
    let playbook = &stored.playbook;
    // As precise as it is stored: filled again from there it is the same.
    let at = from_millis(millis(app.world.clock.now()));
    let mut values = request.values.clone();
    let others = components(app, playbook, request, &mut values).await?;
    let (mut filled, unread) = read(app, playbook, request, values, at)?;
    let sender = if request.timed.is_some() { Sender::Timer } else { Sender::Machine };
    let mut exceeded = std::mem::take(&mut filled.exceeded);
    exceeded.extend(unread);
    for (id, name) in others {
        if let (Some(id), Some(stage)) = (id, playbook.stages.get(&request.stage)) {
            filled.content.components.insert(id, stage.component_status);
        }
        exceeded.push(Exceeded::new("component", format!("{name} is not among the components approved.")));
    }
    let about = About { incident: known.map(|known| known.incident_id), exercise: request.exercise };
    let (incident, update) = instance::unstored(app, about, &filled.content, at).await?;
    let draft = Draft::with(app, incident, update, filled.content.clone()).await;
    let draft = draft.map_err(|mut problem| {
        if problem.pointer.as_deref() == Some("/status") {
            problem.pointer = Some("/stage".to_owned());
        }
        problem
    })?;
    let preview = preview::of(app, &draft).await?;
    if !playbook.bounds.allow(sender) {
        let who = if sender == Sender::Timer { "timer" } else { "machine" };
        exceeded.push(Exceeded::new("sender", format!("It was not approved for a {who} to send.")));
    }
    exceeded.extend(request.timed.iter().flat_map(|timed| timed.outside.clone()));
    exceeded.extend(unusable(app, stored).await?);
    exceeded.extend(instance::signature(app, playbook));
    Ok(Looked { filled, preview, exceeded })
}

/// What of the playbook itself, or of the hour, lets nothing go by it.
async fn unusable(app: &App, stored: &Stored) -> Result<Vec<Exceeded>, Problem> {
    let standing = match standing(stored, app.world.clock.now()) {
        Standing::Approved => None,
        Standing::Waiting(n) => {
            Some(Exceeded::new("approval", format!("{n} more have to approve this prepared message.")))
        }
        Standing::Expired => Some(Exceeded::new("expired", "The time of this prepared message is over.")),
        Standing::Retired => Some(Exceeded::new("retired", "This prepared message was put away.")),
    };
    let held = steer::held(app).await?;
    let held = held.map(|why| Exceeded::new("stopped", format!("Nothing is sent: {why}.")));
    Ok(standing.into_iter().chain(held).collect())
}

/// Fills the playbook. Where whoever asks cannot mend a value, a sample stands in its place and a person decides.
fn read(
    app: &App,
    playbook: &Playbook,
    request: &Request,
    values: BTreeMap<String, String>,
    at: jiff::Timestamp,
) -> Result<(Filled, Vec<Exceeded>), Problem> {
    let zone = app.config.organisation.zone();
    let (window, change) = request.timed.as_ref().map_or((None, None), |timed| (timed.window, timed.change));
    let mut asked = Asked { window, change, ..Asked::new(request.stage, values) };
    let mut unread = Vec::new();
    loop {
        let problem = match fill::fill(playbook, &asked, at, &zone) {
            Ok(filled) => return Ok((filled, unread)),
            Err(problem) => problem,
        };
        let name = problem.pointer.as_deref().and_then(|pointer| pointer.strip_prefix("/values/")).unwrap_or_default();
        let sample = samples::first(playbook).remove(name);
        if !request.lenient || name.is_empty() || unread.len() > MOST_VARIABLES {
            return Err(renamed(problem));
        }
        unread.push(Exceeded::new("value", format!("{} Correct it: a sample stands there.", problem.detail)));
        match sample {
            Some(sample) => asked.values.insert(name.to_owned(), sample),
            None => asked.values.remove(name),
        };
    }
}

/// A machine calls them variables.
fn renamed(mut problem: Problem) -> Problem {
    problem.pointer = problem.pointer.map(|pointer| pointer.replacen("/values", "/variables", 1));
    problem
}

/// Puts components into the variables that ask for one; what is left lies outside.
async fn components(
    app: &App,
    playbook: &Playbook,
    request: &Request,
    values: &mut BTreeMap<String, String>,
) -> Result<Vec<(Option<i64>, String)>, Problem> {
    let known = app.store.components().await?;
    let mut outside = Vec::new();
    for (place, name) in request.components.iter().enumerate() {
        let number = name.parse::<i64>().ok();
        let found =
            known.iter().find(|known| Some(known.id) == number || known.name.to_lowercase() == name.to_lowercase());
        let Some(component) = found else {
            if request.lenient {
                outside.push((None, name.clone()));
                continue;
            }
            let names: Vec<&str> = known.iter().map(|known| known.name.as_str()).collect();
            let detail = format!("there is no component {name:?}; there are: {}", names.join(", "));
            return Err(Problem::invalid(format!("/components/{place}"), detail));
        };
        let named = |value: &String| *value == component.id.to_string();
        if component.id == playbook.component || values.values().any(named) {
            continue;
        }
        let free = playbook.variables.iter().find(|variable| {
            !values.contains_key(&variable.name)
                && matches!(&variable.kind, VariableKind::Component { components } if components.contains_key(&component.id))
        });
        match free {
            Some(variable) => drop(values.insert(variable.name.clone(), component.id.to_string())),
            None => outside.push((Some(component.id), component.name.clone())),
        }
    }
    Ok(outside)
}
