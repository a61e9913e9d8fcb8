//! The first page: what is open, how to reach us, how the components do.

use std::cmp::Reverse;

use serde::Serialize;

use super::super::links;
use super::super::locale::pick;
use super::super::view::{PublicComponent, PublicIncident};
use super::super::words::fill;
use super::days::{self, Days};
use super::frame::{Frame, FrameView};
use super::parts::{self, Hero, Line, Update};
use super::subscribe::{self, Invitation};
use crate::compose::route::ContactRoute;
use crate::compose::status::{ComponentStatus, Status};

/// How many past incidents the first page shows.
const PAST_SHOWN: usize = 5;

/// The page as its template sees it.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    frame: FrameView<'a>,
    words: Headings<'a>,
    hero: Hero,
    updates: Vec<Update>,
    others: Vec<Other>,
    planned: Vec<Line>,
    routes: Vec<Route>,
    groups: Vec<Group<'a>>,
    invitation: Option<Invitation<'a>>,
    past: Vec<Line>,
    history: String,
}

#[derive(Serialize)]
struct Headings<'a> {
    told: &'a str,
    planned: &'a str,
    reach_us: &'a str,
    services: &'a str,
    past: &'a str,
    past_none: &'a str,
    past_all: &'a str,
}

#[derive(Serialize)]
struct Other {
    heading: String,
    line: Line,
}

#[derive(Serialize)]
struct Route {
    need: String,
    label: Option<String>,
    how: String,
    href: Option<String>,
    hours: Option<String>,
    overloaded: Option<String>,
}

#[derive(Serialize)]
struct Group<'a> {
    name: Option<&'a str>,
    components: Vec<Component<'a>>,
}

#[derive(Serialize)]
struct Component<'a> {
    name: &'a str,
    status: &'a str,
    tone: &'static str,
    days: Days,
    subscribe: Option<Follow<'a>>,
}

/// To the form, with one component ticked.
#[derive(Serialize)]
struct Follow<'a> {
    href: String,
    text: &'a str,
    said: String,
}

/// Builds the page.
pub(super) fn page<'a>(frame: &Frame<'a>) -> Page<'a> {
    let open = open(frame);
    let planned = frame.view.incidents.iter().filter(|incident| incident.status == Status::Scheduled);
    let hero = open.first().map_or_else(|| calm(frame), |incident| parts::hero(frame, incident));
    let words = frame.words;
    Page {
        frame: frame.titled(&hero.headline).describing(&hero.prose),
        words: Headings {
            told: &words.told,
            planned: &words.planned,
            reach_us: &words.reach_us,
            services: &words.services,
            past: &words.past,
            past_none: &words.past_none,
            past_all: &words.past_all,
        },
        hero,
        updates: open.first().map(|incident| parts::updates(frame, incident)).unwrap_or_default(),
        others: open.iter().skip(1).map(|incident| other(frame, incident)).collect(),
        planned: planned.map(|incident| parts::line(frame, incident)).collect(),
        routes: routes(frame),
        groups: groups(frame),
        invitation: subscribe::invitation(frame),
        past: parts::past(frame, PAST_SHOWN),
        history: frame.link("/status/history"),
    }
}

/// What is open, the most urgent and then the newest first. Announced work is not open yet.
fn open<'a>(frame: &Frame<'a>) -> Vec<&'a PublicIncident> {
    let is_open = |incident: &&PublicIncident| !incident.status.is_final() && incident.status != Status::Scheduled;
    let mut open: Vec<_> = frame.view.incidents.iter().filter(is_open).collect();
    open.sort_by_key(|incident| Reverse((incident.severity, incident.started_at, incident.id)));
    open
}

/// The head while nothing is open. It never says that all is well while a component below says otherwise.
fn calm(frame: &Frame<'_>) -> Hero {
    let all_well = frame.view.components.iter().all(|component| component.status == ComponentStatus::Operational);
    let (tone, headline) = if all_well { ("ok", &frame.words.all_well) } else { ("warn", &frame.words.not_all_well) };
    Hero { tone, headline: headline.clone(), lang: None, prose: Vec::new(), next: None }
}

fn other(frame: &Frame<'_>, incident: &PublicIncident) -> Other {
    let line = parts::line(frame, incident);
    Other { heading: fill(&frame.words.also_open, &[("title", line.title())]), line }
}

fn routes(frame: &Frame<'_>) -> Vec<Route> {
    let mut routes: Vec<_> = frame.view.routes.iter().collect();
    routes.sort_by_key(|route| (route.position, route.id));
    routes.into_iter().map(|route| one_route(frame, route)).collect()
}

/// A number or a mail address is always spelled out; a page shows its label alone.
fn one_route(frame: &Frame<'_>, route: &ContactRoute) -> Route {
    let local = |texts| {
        pick(texts, frame.locale, &frame.view.default_locale)
            .map(|(_, text): (_, &String)| text.clone())
            .filter(|text| !text.is_empty())
    };
    let label = local(&route.label);
    let is_page = links::page(&route.how).is_some();
    let (label, how) = match label {
        Some(label) if is_page => (None, label),
        label => (label, route.how.clone()),
    };
    Route {
        need: local(&route.need).unwrap_or_default(),
        label,
        how,
        href: links::contact(&route.how),
        hours: local(&route.hours),
        overloaded: local(&route.overloaded_wording).filter(|_| route.overloaded),
    }
}

/// The components by group, in the order of the first of each group.
fn groups<'a>(frame: &Frame<'a>) -> Vec<Group<'a>> {
    let mut components: Vec<_> = frame.view.components.iter().collect();
    components.sort_by_key(|component| (component.position, component.id));
    let mut groups: Vec<Group<'a>> = Vec::new();
    for component in components {
        let name = component.group.as_deref();
        let shown = one_component(frame, component);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.components.push(shown),
            None => groups.push(Group { name, components: vec![shown] }),
        }
    }
    groups
}

fn one_component<'a>(frame: &Frame<'a>, component: &'a PublicComponent) -> Component<'a> {
    let tone = match component.status {
        ComponentStatus::Operational => "ok",
        ComponentStatus::DegradedPerformance | ComponentStatus::PartialOutage => "warn",
        ComponentStatus::MajorOutage => "bad",
        ComponentStatus::UnderMaintenance => "info",
    };
    Component {
        name: &component.name,
        status: frame.words.component(component.status),
        tone,
        days: days::days(frame, component),
        subscribe: frame.subscribe(Some(component.id)).map(|href| Follow {
            href,
            text: &frame.words.subscribe.link,
            said: fill(&frame.words.subscribe.link_to, &[("service", &component.name)]),
        }),
    }
}
