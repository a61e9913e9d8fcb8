//! One person of the list, as they are written: added, or changed. What cannot be used is said, and stays typed.

use std::collections::BTreeMap;

use axum::{extract::Path, http::StatusCode};
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    words::{say, text},
};
use crate::{
    audience::manage,
    people::{Role, Scope},
    problem::Problem,
    store::recipients::{Address, Recipient},
};

/// The fields of the form, in its order.
const FIELDS: [&str; 9] =
    ["customer_id", "name", "locale", "time_zone", "email", "sms", "tags", "components", "attributes"];

/// An empty form.
pub(super) async fn new(desk: Desk) -> Answer {
    let blank = FIELDS.map(|name| (name.to_owned(), String::new()));
    shown(&desk, None, &BTreeMap::from(blank), None).await
}

/// The form of somebody who is known.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let known = desk.app.store.recipient_by_id(id).await?;
    shown(&desk, Some(id), &typed_as(&known.recipient), None).await
}

/// Adds somebody. A customer number that is known already is somebody else's.
pub(super) async fn add(desk: Desk, form: Form) -> Answer {
    desk.app.may(&desk.actor, Role::Author, Scope::Audience.as_str())?;
    if let Ok(known) = desk.app.store.recipient(form.get("customer_id")).await {
        let problem = Problem::invalid("/customer_id", text!("person_edit-number-taken")).with("known", known.id);
        return shown(&desk, None, &typed(&form), Some(&problem)).await;
    }
    put(&desk, None, &form, form.get("customer_id")).await
}

/// Changes somebody; their customer number is theirs for life.
pub(super) async fn save(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let known = desk.app.store.recipient_by_id(id).await?;
    if form.get("action") == "delete" {
        if form.get("sure") != "1" {
            let problem = Problem::invalid("/sure", text!("person_edit-not-sure"));
            return shown(&desk, Some(id), &typed(&form), Some(&problem)).await;
        }
        manage::delete(&desk.app, &desk.actor, &[known.recipient.customer_id]).await?;
        return page::to("/console/people");
    }
    put(&desk, Some(id), &form, &known.recipient.customer_id).await
}

async fn put(desk: &Desk, id: Option<i64>, form: &Form, customer_id: &str) -> Answer {
    let outcome = match read(form, customer_id) {
        Ok(recipient) => manage::put(&desk.app, &desk.actor, recipient).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(known) => page::to(&format!("/console/people/{}", known.id)),
        Err(problem) if problem.status == 422 => {
            let mut typed = typed(form);
            typed.insert("customer_id".to_owned(), customer_id.to_owned());
            shown(desk, id, &typed, Some(&problem)).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The form's words as somebody to be told.
fn read(form: &Form, customer_id: &str) -> Result<Recipient, Problem> {
    let lines = |name: &str| -> Vec<String> {
        let text = form.raw(name).unwrap_or_default().to_owned();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let list = |name: &str| -> Vec<String> {
        form.get(name).split([',', '\n']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let of = |channel: Channel| {
        lines(channel.as_str()).into_iter().map(move |value| Address { channel, value }).collect::<Vec<_>>()
    };
    let mut attributes = BTreeMap::new();
    for line in lines("attributes") {
        let Some((name, value)) = line.split_once('=') else {
            return Err(Problem::invalid("/attributes", text!("person_edit-attributes-wrong")));
        };
        attributes.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(Recipient {
        customer_id: customer_id.to_owned(),
        name: form.get("name").to_owned(),
        locale: form.get("locale").to_owned(),
        time_zone: form.get("time_zone").to_owned(),
        addresses: [of(Channel::Email), of(Channel::Sms)].concat(),
        attributes,
        tags: list("tags"),
        components: list("components"),
    })
}

fn typed(form: &Form) -> BTreeMap<String, String> {
    FIELDS.iter().map(|name| ((*name).to_owned(), form.raw(name).unwrap_or_default().to_owned())).collect()
}

fn typed_as(recipient: &Recipient) -> BTreeMap<String, String> {
    let of = |channel: Channel| {
        let values = recipient.addresses.iter().filter(|address| address.channel == channel);
        values.map(|address| address.value.as_str()).collect::<Vec<_>>().join("\n")
    };
    let attributes: Vec<String> =
        recipient.attributes.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let texts = [
        recipient.customer_id.clone(),
        recipient.name.clone(),
        recipient.locale.clone(),
        recipient.time_zone.clone(),
        of(Channel::Email),
        of(Channel::Sms),
        recipient.tags.join(", "),
        recipient.components.join(", "),
        attributes.join("\n"),
    ];
    FIELDS.iter().zip(texts).map(|(name, text)| ((*name).to_owned(), text)).collect()
}

/// Which field of the form a pointer speaks of.
fn field(recipient: Option<&Recipient>, pointer: &str) -> String {
    let mut parts = pointer.trim_start_matches('/').split('/');
    let first = parts.next().unwrap_or_default();
    if first != "addresses" {
        return first.to_owned();
    }
    let place: Option<usize> = parts.next().and_then(|place| place.parse().ok());
    let address = recipient.zip(place).and_then(|(recipient, place)| recipient.addresses.get(place));
    address.map_or("email", |address| address.channel.as_str()).to_owned()
}

async fn shown(desk: &Desk, id: Option<i64>, typed: &BTreeMap<String, String>, problem: Option<&Problem>) -> Answer {
    let mut errors = serde_json::Map::new();
    for name in FIELDS.iter().chain(&["sure"]) {
        errors.insert((*name).to_owned(), Value::Null);
    }
    if let Some(problem) = problem {
        let pairs = Form::read(
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(typed.iter()).finish().as_bytes(),
        );
        let read = read(&pairs, typed.get("customer_id").map_or("", String::as_str)).ok();
        let at = field(read.as_ref(), problem.pointer.as_deref().unwrap_or_default());
        errors.insert(at, json!(problem.detail));
    }
    let known: Vec<String> = desk.app.store.components().await?.into_iter().map(|component| component.name).collect();
    let locales = desk.app.config.organisation.locales.iter();
    let locales: Vec<Value> = locales.map(|one| json!({ "name": one, "label": say("language", one) })).collect();
    let body = json!({
        "id": id, "typed": typed, "errors": errors, "known": problem.and_then(|problem| problem.more.get("known")),
        "known_components": known.join(", "), "locales": locales, "zone": desk.app.config.organisation.time_zone,
    });
    let title = if id.is_some() { text!("person_edit-title-edit") } else { text!("person_edit-title-add") };
    let frame = Frame { template: "person_edit", nav: "people", title, exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if problem.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
