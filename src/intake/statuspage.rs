//! Statuspage's manage API, version 1, as far as tools write to it: incidents are made and changed, components are set.
//!
//! Each incident and each component of theirs is one alert. It fires while the incident is not resolved, or the component
//! not operational. A call changes a part of it only, so what is known of it is a row; rules read that: their fields are
//! JSON pointers into the incident or component as Statuspage shows it, such as `/name`, `/impact` and `/components/0/name`.

pub mod door;
mod shape;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::alert::{Alert, Fields, Group};
use crate::{app::App, config::intake::Source, problem::Problem, store::pages::Thing};

/// What a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// An incident of theirs.
    Incident,
    /// A component.
    Component,
}

impl Noun {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Noun::Incident => "incident",
            Noun::Component => "component",
        }
    }
}

/// What a call is about, with whether it makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    new: bool,
    noun: Noun,
    page: String,
    id: String,
}

/// A call as it is kept: a line that says what it is about, and its body as it came.
fn keep(target: &Target, body: &[u8]) -> Vec<u8> {
    let does = if target.new { "POST" } else { "PATCH" };
    let line = format!("{does} /v1/pages/{}/{}s/{}\n", target.page, target.noun.as_str(), target.id);
    [line.as_bytes(), body].concat()
}

/// What [`keep`] wrote.
fn open(kept: &[u8]) -> Option<(Target, &[u8])> {
    let end = kept.iter().position(|byte| *byte == b'\n')?;
    let (does, path) = std::str::from_utf8(&kept[..end]).ok()?.split_once(' ')?;
    let mut parts = path.strip_prefix("/v1/pages/")?.split('/');
    let (page, noun, id) = (parts.next()?, parts.next()?, parts.next()?);
    let noun =
        [Noun::Incident, Noun::Component].into_iter().find(|known| noun.strip_suffix('s') == Some(known.as_str()))?;
    let target = Target { new: does == "POST", noun, page: page.to_owned(), id: id.to_owned() };
    Some((target, &kept[end + 1..]))
}

/// The most incidents and components of a source that are not over: each is kept until it is.
const MOST: i64 = 5_000;

/// Reads a call that was kept: what it is about as it stands then, and what that says.
///
/// # Errors
/// 400 for what is no JSON; 404 for an incident that nobody made; 422 with a pointer for what does not fit.
pub async fn read(app: &App, source: &Source, kept: &[u8], now: Timestamp) -> Result<(Vec<Group>, Thing), Problem> {
    let (target, body) = open(kept).ok_or_else(Problem::internal)?;
    let known = if target.new { None } else { app.store.page_thing(&source.name, target.noun, &target.id).await? };
    if known.is_none() && app.store.open_page_things(&source.name).await? >= MOST {
        let detail = format!("{MOST} incidents and components are open; resolve those that are over first");
        return Err(Problem::conflict(detail));
    }
    let components = app.store.components().await?;
    let about = shape::About { page: &target.page, id: &target.id, components: &components, now };
    let (document, firing) = match target.noun {
        Noun::Incident if !target.new && known.is_none() => {
            return Err(Problem::missing("there is no such incident; make it with a POST first"));
        }
        Noun::Incident => shape::incident(&about, known, body)?,
        Noun::Component => shape::component(&about, known, body)?,
    };
    let thing = Thing { noun: target.noun, id: target.id, document: document.clone(), over: !firing };
    let name = format!("{}:{}", thing.noun.as_str(), thing.id);
    let alerts = vec![Alert { firing, fields: Fields::Json(document) }];
    Ok((vec![Group { name, alerts, complete: true, changes: true }], thing))
}
