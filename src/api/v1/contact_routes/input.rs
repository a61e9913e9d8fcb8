//! A contact route as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    app::App,
    audience::recipient,
    compose::route::ContactRoute,
    people::{Actor, Role, Scope},
    problem::{Problem, line},
    send::Event,
};

/// The longest text of a route, in characters.
const LONGEST: usize = 200;

/// A contact route as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContactRouteInput")]
pub struct Input {
    /// What it is best for, by locale: "Urgent payments". The default locale must be there.
    need: BTreeMap<String, String>,
    /// A phone number, a mail address or an https address.
    how: String,
    /// What to call it, by locale.
    #[serde(default)]
    label: BTreeMap<String, String>,
    /// When somebody answers, by locale.
    #[serde(default)]
    hours: BTreeMap<String, String>,
    /// What is said while it is overloaded, by locale.
    #[serde(default)]
    overloaded_wording: BTreeMap<String, String>,
    /// The place in the list.
    #[serde(default)]
    position: i64,
}

/// Writes a contact route: a new one (id 0), or the one of that number. Whether it is overloaded stays as it is.
pub async fn write(app: &App, actor: &Actor, id: i64, input: &Input) -> Result<ContactRoute, Problem> {
    app.may(actor, Role::Author, Scope::Write.as_str())?;
    let before = app.store.routes().await?.into_iter().find(|route| route.id == id);
    let mut route = ContactRoute {
        id,
        need: texts(app, "/need", &input.need)?,
        how: how(&input.how)?,
        label: texts(app, "/label", &input.label)?,
        hours: texts(app, "/hours", &input.hours)?,
        overloaded: before.is_some_and(|route| route.overloaded),
        overloaded_wording: texts(app, "/overloaded_wording", &input.overloaded_wording)?,
        position: input.position,
    };
    let default = app.default_locale();
    if !route.need.contains_key(default) {
        return Err(Problem::invalid(
            format!("/need/{default}"),
            "is missing; say what the route is best for in the default language",
        ));
    }
    let by = actor.audit_name();
    route.id = app.store.put_route(&route, &app.entry(&by, "contact_route.put", "", serde_json::json!({}))).await?;
    app.engine.tell(Event::Public);
    Ok(route)
}

/// Texts by locale, each a line in a configured locale.
fn texts(app: &App, pointer: &str, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Problem> {
    let known = &app.config.organisation.locales;
    let read = |(locale, text): (&String, &String)| {
        let pointer = format!("{pointer}/{locale}");
        if !known.contains(locale) {
            return Err(Problem::invalid(
                pointer,
                format!("is no configured locale; the locales are {}", known.join(", ")),
            ));
        }
        Ok((locale.clone(), line(&pointer, text, LONGEST)?))
    };
    given.iter().map(read).collect()
}

/// A way that `ContactRoute::href` makes a link of.
fn how(given: &str) -> Result<String, Problem> {
    let how = line("/how", given, LONGEST)?;
    let is_phone = how.chars().filter(char::is_ascii_digit).count() >= 3
        && how.chars().all(|c| c.is_ascii_digit() || "+-() ./".contains(c));
    let is_link = how.starts_with("https://") && url::Url::parse(&how).is_ok();
    let is_mail = recipient::address(onevoice_channels::contract::Channel::Email, &how).is_ok();
    if is_phone || is_link || is_mail {
        return Ok(how);
    }
    Err(Problem::invalid("/how", "give a phone number, a mail address or an address that begins with https://"))
}
