//! One incident with everything that customers were told about it.

use serde::Serialize;

use super::super::view::PublicIncident;
use super::frame::{Frame, FrameView};
use super::parts::{self, Hero, Update};

/// The page as its template sees it.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    frame: FrameView<'a>,
    hero: Hero,
    status: String,
    components: Vec<&'a str>,
    told: &'a str,
    updates: Vec<Update>,
    back: &'a str,
}

/// Builds the page.
pub(super) fn page<'a>(frame: &Frame<'a>, incident: &PublicIncident) -> Page<'a> {
    let hero = parts::hero(frame, incident);
    let touched = frame.view.components.iter().filter(|component| incident.components.contains(&component.id));
    Page {
        frame: frame.titled(&hero.headline).describing(&hero.prose),
        hero,
        status: frame.words.status(incident.status).to_owned(),
        components: touched.map(|component| component.name.as_str()).collect(),
        told: &frame.words.told,
        updates: parts::updates(frame, incident),
        back: &frame.words.back,
    }
}
