//! What the public sees, read from committed rows and published to the pages.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;
use tokio::sync::broadcast::error::RecvError;

use crate::{
    app::App,
    compose::{content::Severity, status::Step},
    config::Config,
    public::view::{
        self, Banner, BannerText, Document, PublicComponent, PublicIncident, PublicUpdate, PublicView, Section,
    },
    render::{BannerDocument, Body, MessageKind, PageDocument, Rendering},
    send::Event,
    store::{Result, lookups::Shown},
};

/// How long past incidents stay on the history page.
const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The view before anything was read.
pub fn empty(config: &Config, now: Timestamp) -> PublicView {
    let organisation = &config.organisation;
    PublicView {
        organisation: organisation.name.clone(),
        status_url: organisation.status_url.to_string(),
        default_locale: organisation.locales[0].clone(),
        locales: organisation.locales.clone(),
        time_zone: organisation.time_zone.clone(),
        copies: config.publish.iter().filter_map(|copy| copy.url.as_ref().map(ToString::to_string)).collect(),
        subscribe: (!config.public.subscribe.is_empty()).then(|| view::Subscribe {
            channels: config.public.subscribe.clone(),
            url: crate::subscribe::address(config, "subscribe"),
        }),
        generated_at: now,
        banner: None,
        incidents: Vec::new(),
        components: Vec::new(),
        routes: Vec::new(),
    }
}

/// How often it is published where nothing changes: what is signed says until when it is valid.
const AGAIN: Duration = Duration::from_secs(3600);

/// Publishes after each committed change, until the engine is gone.
pub async fn run(app: App) {
    let mut events = app.engine.listen();
    loop {
        if let Err(error) = publish(&app).await {
            tracing::error!(%error, "the public view could not be read; the last one stays");
        }
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = app.world.clock.sleep(AGAIN) => break,
            };
            match event {
                Ok(Event::Public) | Err(RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}

/// Reads the state as committed and publishes it.
///
/// # Errors
/// The store's; the last view stays.
pub async fn publish(app: &App) -> Result<()> {
    let now = app.world.clock.now();
    let mut view = empty(&app.config, now);
    let since = now.checked_sub(HISTORY).unwrap_or(Timestamp::MIN);
    view.routes = app.store.routes().await?;
    for component in app.store.components().await? {
        view.components.push(PublicComponent {
            id: component.id,
            name: component.name,
            description: component.description,
            group: Some(component.group).filter(|group| !group.is_empty()),
            status: component.status,
            position: component.position,
            created_at: component.created_at,
            updated_at: component.updated_at,
        });
    }
    view.incidents = incidents(app, &app.store.shown(Channel::StatusPage, since).await?).await?;
    view.banner = banner(app, &app.store.shown(Channel::Banner, now).await?).await?;
    app.public.publish(view);
    Ok(())
}

/// Groups what is shown by broadcast, in order.
fn by_broadcast(shown: &[Shown]) -> Vec<Vec<&Shown>> {
    let mut groups: Vec<Vec<&Shown>> = Vec::new();
    for row in shown {
        match groups.last_mut().filter(|group| group[0].broadcast_id == row.broadcast_id) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

async fn incidents(app: &App, shown: &[Shown]) -> Result<Vec<PublicIncident>> {
    let mut found: BTreeMap<i64, PublicIncident> = BTreeMap::new();
    for group in by_broadcast(shown) {
        let first = group[0];
        let broadcast = app.store.broadcast(first.broadcast_id).await?;
        let mut documents = BTreeMap::new();
        let mut status = None;
        for row in &group {
            let rendering: Rendering = serde_json::from_str(&row.document)?;
            let Body::Page { document, .. } = &rendering.body else { continue };
            let page: PageDocument = serde_json::from_str(document)?;
            status = Some((page.status, page.severity));
            let sections = page.sections.into_iter().map(|section| Section {
                key: section.key,
                // As in mails: "We are sorry: We are sorry that…" would be said twice.
                label: if section.lead { String::new() } else { section.label },
                text: section.text,
            });
            documents.insert(row.locale.clone(), Document { headline: page.headline, sections: sections.collect() });
        }
        let Some((status, severity)) = status else { continue };
        let content = content_of(app, &broadcast).await?;
        let promises = app.store.promises_of(first.incident_id).await?;
        let promised_before =
            promises.iter().find(|promise| promise.kept_by == Some(broadcast.id)).map(|promise| promise.due_at);
        let at = broadcast.started_at.unwrap_or(first.at);
        let incident = match found.entry(first.incident_id) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let known = app.store.incident(first.incident_id).await?;
                entry.insert(PublicIncident {
                    id: known.id,
                    kind: known.kind,
                    title: known.title,
                    status,
                    severity,
                    gravest: severity,
                    started_at: at,
                    planned_until: None,
                    resolved_at: known.ended_at,
                    components: Vec::new(),
                    updates: Vec::new(),
                    next_update_at: None,
                })
            }
        };
        let before = incident.updates.last().map(|update| update.status);
        let step = incident.kind.step(before, status).unwrap_or(Step::Progress);
        if broadcast.message == MessageKind::Update {
            (incident.status, incident.severity) = (status, severity);
            incident.gravest = incident.gravest.max(severity);
            if let Some(window) = content.window {
                (incident.started_at, incident.planned_until) = (window.from, Some(window.until));
            }
            // What one update touched stays touched, though the next one may not name it.
            let new = content.components.keys().filter(|id| !incident.components.contains(id));
            let new: Vec<i64> = new.copied().collect();
            incident.components.extend(new);
        }
        incident.next_update_at =
            promises.iter().rfind(|promise| promise.kept_at.is_none()).map(|promise| promise.due_at);
        incident.updates.push(PublicUpdate { number: first.number, status, step, at, promised_before, documents });
    }
    Ok(found.into_values().collect())
}

async fn content_of(
    app: &App,
    broadcast: &crate::store::broadcasts::Broadcast,
) -> Result<crate::compose::content::Content> {
    let versions = app.store.versions(broadcast.update_id).await?;
    versions
        .into_iter()
        .find(|version| version.version == broadcast.version)
        .map(|version| version.content)
        .ok_or(crate::store::StoreError::Missing("version"))
}

/// The most urgent open incident's latest word; among equals the newest.
async fn banner(app: &App, shown: &[Shown]) -> Result<Option<Banner>> {
    let mut latest: BTreeMap<i64, Vec<&Shown>> = BTreeMap::new();
    for group in by_broadcast(shown) {
        latest.insert(group[0].incident_id, group);
    }
    let mut best: Option<(Severity, Banner)> = None;
    for (incident, group) in latest {
        let mut texts = BTreeMap::new();
        let (mut severity, mut link, mut next) = (Severity::Info, None, None);
        for row in &group {
            let rendering: Rendering = serde_json::from_str(&row.document)?;
            let Body::Page { document, .. } = &rendering.body else { continue };
            let banner: BannerDocument = serde_json::from_str(document)?;
            (severity, link, next) = (banner.severity, Some(banner.link.clone()), banner.next_update_at);
            texts.insert(
                row.locale.clone(),
                BannerText { headline: banner.headline, text: banner.text, link_label: banner.link_label },
            );
        }
        let promises = app.store.promises_of(incident).await?;
        next = promises.iter().rfind(|promise| promise.kept_at.is_none()).map(|promise| promise.due_at).or(next);
        let banner = Banner {
            id: incident,
            severity,
            texts,
            link,
            next_update_at: next,
            updated_at: group[0].at,
            sequence: group[0].broadcast_id,
        };
        if best.as_ref().is_none_or(|(known, _)| severity >= *known) {
            best = Some((severity, banner));
        }
    }
    Ok(best.map(|(_, banner)| banner))
}
