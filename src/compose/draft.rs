//! A draft with everything that its checks, plan and renderings need, read once.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;

use super::{
    content::{Content, Facts, Subscribers},
    route::ContactRoute,
    status::{ComponentStatus, Kind, Step},
};
use crate::{
    app::App,
    audience::{filter::Filter, listed::OnList},
    pace::{AtNight, STAGE_PERCENT, Timing},
    problem::Problem,
    store::{
        components::Component,
        incidents::{Incident, Update},
        plan::Audience,
    },
    subscribe,
};

/// The most variants, and so the most stages, that an update has.
const MOST_VARIANTS: usize = 8;
/// The longest time that an update may be spread over, in minutes: a week.
const LONGEST_SPREAD: u32 = 7 * 24 * 60;

/// A draft as it was read.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its incident.
    pub incident: Incident,
    /// Itself, with its latest version.
    pub update: Update,
    /// The content looked at: the latest version's, or one that is being typed.
    pub content: Content,
    /// The last update that was approved before it.
    pub previous: Option<Content>,
    /// What the step from the incident's status is, seen from the customer.
    pub step: Step,
    /// The worst that earlier updates did to a component.
    pub worst: Option<ComponentStatus>,
    /// Every component.
    pub components: Vec<Component>,
    /// The contact routes to name, most fitting first.
    pub routes: Vec<ContactRoute>,
    /// The channels used: configured, and not left out by the content.
    pub channels: Vec<Channel>,
    /// The filters of the variants, in order.
    pub filters: Vec<Filter>,
    /// Who may hear of the incident at all: everybody but those who subscribed to something else.
    pub heard: Filter,
}

impl Draft {
    /// Reads a draft; `typed` looks at content that is not saved.
    ///
    /// # Errors
    /// [`Problem`] 404, or 422 at the field that cannot be used.
    pub async fn read(app: &App, update_id: i64, typed: Option<Content>) -> Result<Draft, Problem> {
        let update = app.store.update(update_id).await?;
        let incident = app.store.incident(update.incident_id).await?;
        let content = typed.unwrap_or_else(|| update.content.clone());
        Draft::with(app, incident, update, content).await
    }

    /// The same for an update that is not stored yet: its number is 0, and its place the one that it would have.
    ///
    /// # Errors
    /// [`Problem`] 422 at the field that cannot be used.
    pub async fn with(app: &App, incident: Incident, update: Update, content: Content) -> Result<Draft, Problem> {
        validate(app, &content)?;
        let components = app.store.components().await?;
        for id in content.components.keys() {
            if !components.iter().any(|component| component.id == *id) {
                return Err(Problem::invalid(format!("/components/{id}"), format!("there is no component {id}")));
            }
        }
        let earlier = app.store.updates(incident.id).await?;
        let sent = || {
            earlier
                .iter()
                .filter(|other| other.number < update.number && other.state == crate::approve::State::Approved)
        };
        let previous = sent().next_back().map(|other| other.content.clone());
        let worst = sent()
            .flat_map(|other| other.content.components.values().copied())
            .filter(|status| *status != ComponentStatus::UnderMaintenance)
            .max();
        let from = previous.as_ref().map(|content| content.status);
        let Some(step) = incident.kind.step(from, content.status) else {
            let known: Vec<&str> = incident.kind.statuses().iter().map(|status| status.as_str()).collect();
            let detail = format!(
                "{} cannot follow {}; the statuses of this kind are {}",
                content.status.as_str(),
                from.map_or("nothing", |status| status.as_str()),
                known.join(", ")
            );
            return Err(Problem::invalid("/status", detail));
        };
        // What one update touched stays touched, though the next one may not name it.
        let touched = components.iter().filter(|component| {
            content.components.contains_key(&component.id)
                || sent().any(|other| other.content.components.contains_key(&component.id))
        });
        let subscribed = subscribe::subscribed(touched);
        let heard = if subscribe::is_used(app).await? { subscribe::heard(&subscribed) } else { Filter::Everyone };
        let routes = routes(app, &content).await?;
        let by_list = content.variants.iter().any(|variant| variant.list != OnList::Any);
        let has_list = by_list && app.store.incident_list(incident.id, app.world.clock.now()).await?.is_some();
        let mut filters = Vec::new();
        for (place, variant) in content.variants.iter().enumerate() {
            let segment = app.segment_filter(variant.segment.as_deref(), &format!("/variants/{place}/segment")).await?;
            let segment = match variant.subscribers {
                Subscribers::Any => segment,
                Subscribers::Too => Filter::any(vec![segment, subscribed.clone()]),
                Subscribers::Only => Filter::all(vec![segment, subscribed.clone()]),
            };
            let segment = if heard == Filter::Everyone { segment } else { Filter::all(vec![segment, heard.clone()]) };
            filters.push(match variant.list {
                OnList::Any => segment,
                _ if !has_list => {
                    return Err(Problem::invalid(
                        format!("/variants/{place}/list"),
                        format!(
                            "“{}” is chosen by a list of customer ids, and this incident has none (any more); give it again, or choose otherwise",
                            variant.name
                        ),
                    ));
                }
                OnList::On => Filter::all(vec![segment, Filter::Listed(incident.id)]),
                OnList::Off => Filter::all(vec![segment, Filter::Not(Box::new(Filter::Listed(incident.id)))]),
            });
        }
        let channels = app.channels().into_iter().filter(|channel| content.uses(*channel)).collect();
        Ok(Draft { incident, update, content, previous, step, worst, components, routes, channels, filters, heard })
    }

    /// Whom it is for.
    pub fn audience(&self) -> Audience {
        Audience {
            variants: self.filters.clone(),
            channels: self.channels.iter().copied().filter(|channel| channel.is_personal()).collect(),
            required_by_law: self.content.required_by_law.is_some(),
        }
    }

    /// What was chosen about time, with the quiet hours as they are configured now; None where it goes to everybody at once.
    pub fn timing(&self, app: &App) -> Option<Timing> {
        let content = &self.content;
        // Stages are counted without gaps, so that the first one that has somebody starts at once.
        let mut used: Vec<u8> = content.variants.iter().map(|variant| variant.stage).collect();
        used.sort_unstable();
        used.dedup();
        let place = |stage: u8| used.iter().position(|known| *known == stage).unwrap_or_default() as u8;
        let windows = &app.config.quiet_hours.0;
        let timing = Timing {
            quiet_hours: content.quiet_hours,
            windows: windows
                .iter()
                .filter(|(channel, _)| self.channels.contains(channel))
                .map(|(c, w)| (*c, *w))
                .collect(),
            zone: app.config.organisation.time_zone.clone(),
            spread_minutes: content.spread_minutes,
            stages: content.variants.iter().map(|variant| place(variant.stage)).collect(),
            stage_percent: content.stage_percent(),
        };
        let quiet = timing.quiet_hours != AtNight::Now && !timing.windows.is_empty();
        (quiet || timing.spread_minutes.is_some() || timing.is_staged()).then_some(timing)
    }

    /// The locale of the facts that a reader gets: theirs, their language's, or the default.
    pub fn locale_for<'a>(&'a self, variant: usize, locale: &str, default: &str) -> Option<(&'a str, &'a Facts)> {
        self.content.variants.get(variant)?.facts_for(locale, default)
    }

    /// Components that it touches, as renderings name them.
    pub fn touched(&self) -> Vec<crate::render::Component> {
        let status = |component: &Component| self.content.components.get(&component.id).copied();
        self.components
            .iter()
            .filter_map(|component| {
                status(component).map(|status| crate::render::Component { name: component.name.clone(), status })
            })
            .collect()
    }
}

async fn routes(app: &App, content: &Content) -> Result<Vec<ContactRoute>, Problem> {
    let known = app.store.routes().await?;
    if content.contact_routes.is_empty() {
        return Ok(known);
    }
    let by_id: BTreeMap<i64, &ContactRoute> = known.iter().map(|route| (route.id, route)).collect();
    let mut chosen = Vec::new();
    for (place, id) in content.contact_routes.iter().enumerate() {
        match by_id.get(id) {
            Some(route) => chosen.push((*route).clone()),
            None => {
                return Err(Problem::invalid(
                    format!("/contact_routes/{place}"),
                    format!("there is no contact route {id}"),
                ));
            }
        }
    }
    Ok(chosen)
}

/// What the types of the content do not say.
///
/// # Errors
/// [`Problem`] 422 at the field.
pub fn validate(app: &App, content: &Content) -> Result<(), Problem> {
    if content.variants.is_empty() || content.variants.len() > MOST_VARIANTS {
        return Err(Problem::invalid("/variants", "an update has one to eight variants"));
    }
    let mut names = std::collections::BTreeSet::new();
    for (place, variant) in content.variants.iter().enumerate() {
        if variant.name.trim().is_empty() || !names.insert(&variant.name) {
            let detail = format!("each variant needs a name of its own; {:?} is taken or empty", variant.name);
            return Err(Problem::invalid(format!("/variants/{place}/name"), detail));
        }
        for (locale, facts) in &variant.facts {
            if !app.config.organisation.locales.contains(locale) {
                let known = app.config.organisation.locales.join(", ");
                let detail = format!("the locale {locale:?} is not configured; the locales are {known}");
                return Err(Problem::invalid(format!("/variants/{place}/facts/{locale}"), detail));
            }
            for (field, text) in facts.prose() {
                if text.len() > 8_000 {
                    let detail = format!("{field} has {} bytes; at most 8,000 fit", text.len());
                    return Err(Problem::invalid(format!("/variants/{place}/facts/{locale}/{field}"), detail));
                }
            }
            if facts.options.len() > 10 || facts.links.len() > 10 {
                return Err(Problem::invalid(
                    format!("/variants/{place}/facts/{locale}"),
                    "at most ten options and ten links",
                ));
            }
        }
    }
    super::staff::validate(&app.config.organisation.locales, content)?;
    timing(content)?;
    if let Some(window) = &content.window {
        if !Kind::Maintenance.statuses().contains(&content.status) {
            return Err(Problem::invalid(
                "/window",
                "only planned work has a beginning and an end that are told before",
            ));
        }
        if window.until <= window.from {
            let detail = format!("planned work that begins at {} cannot end at {}", window.from, window.until);
            return Err(Problem::invalid("/window/until", detail));
        }
    }
    if let Some(start) = &content.start_at
        && jiff::tz::TimeZone::get(&start.zone).is_err()
    {
        return Err(Problem::invalid(
            "/start_at/zone",
            format!("{:?} is no IANA time zone, like Europe/London", start.zone),
        ));
    }
    let blank = |reason: &Option<String>| reason.as_ref().is_some_and(|reason| reason.trim().is_empty());
    if blank(&content.required_by_law) {
        return Err(Problem::invalid("/required_by_law", "say which law requires it, and why"));
    }
    Ok(())
}

/// What was chosen about time.
fn timing(content: &Content) -> Result<(), Problem> {
    if let Some(minutes) = content.spread_minutes.filter(|minutes| !(1..=LONGEST_SPREAD).contains(minutes)) {
        let detail =
            format!("{minutes} minutes cannot be spread over; give 1 to {LONGEST_SPREAD} (a week), or nothing");
        return Err(Problem::invalid("/spread_minutes", detail));
    }
    if let Some(percent) = content.stage_percent.filter(|percent| !(1..=100).contains(percent)) {
        let detail = format!("{percent} percent is no share; give 1 to 100, or nothing for {STAGE_PERCENT}");
        return Err(Problem::invalid("/stage_percent", detail));
    }
    let place = content.variants.iter().position(|variant| usize::from(variant.stage) >= MOST_VARIANTS);
    match place {
        Some(place) => Err(Problem::invalid(
            format!("/variants/{place}/stage"),
            format!("stages are 0 (at once) to {}", MOST_VARIANTS - 1),
        )),
        None => Ok(()),
    }
}
