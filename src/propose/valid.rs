//! What a component and a contact route may say.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;

use super::change::{Change, ComponentText, RouteText};
use crate::{
    app::App,
    audience::recipient,
    problem::{Problem, line},
};

/// The longest text of a route, in characters.
const LONGEST: usize = 200;

/// The change with its white space in order.
///
/// # Errors
/// 422 at the field.
pub(super) fn read(app: &App, change: &Change) -> Result<Change, Problem> {
    match change {
        Change::Component(text) => component(text).map(Change::Component),
        Change::ContactRoute(text) => route(app, text).map(Change::ContactRoute),
        Change::Remove {} => Ok(Change::Remove {}),
    }
}

fn component(text: &ComponentText) -> Result<ComponentText, Problem> {
    let or_empty = |pointer: &str, text: &str, most| {
        if text.trim().is_empty() { Ok(String::new()) } else { line(pointer, text, most) }
    };
    Ok(ComponentText {
        name: line("/name", &text.name, 100)?,
        description: or_empty("/description", &text.description, 500)?,
        group: or_empty("/group", &text.group, 100)?,
        position: text.position.max(0),
    })
}

fn route(app: &App, text: &RouteText) -> Result<RouteText, Problem> {
    let default = app.default_locale();
    if !text.need.contains_key(default) {
        return Err(Problem::invalid(
            format!("/need/{default}"),
            "is missing; say what the route is best for in the default language",
        ));
    }
    Ok(RouteText {
        need: texts(app, "/need", &text.need)?,
        how: how(&text.how)?,
        label: texts(app, "/label", &text.label)?,
        hours: texts(app, "/hours", &text.hours)?,
        overloaded_wording: texts(app, "/overloaded_wording", &text.overloaded_wording)?,
        position: text.position.max(0),
    })
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
    let is_mail = recipient::address(Channel::Email, &how, None).is_ok();
    if is_phone || is_link || is_mail {
        return Ok(how);
    }
    Err(Problem::invalid("/how", "give a phone number, a mail address or an address that begins with https://"))
}
