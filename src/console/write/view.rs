//! From the content to the page.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    super::{
        enter::Desk,
        sheet,
        time::{Times, length},
        timing,
        words::{say, text},
    },
    here, list, notes, previews, read,
    slots::{Slots, dashed},
};
use crate::{
    approve::State,
    audience::listed::OnList,
    check::Finding,
    compose::{
        content::{Content, Facts, PlannedTime, Severity, Subscribers},
        status::{ComponentStatus, Kind, Step},
    },
    preview::{self, Preview},
    problem::Problem,
    send::trial,
    store::incidents::{Incident, Update},
};

/// Fields that are open from the start; the others are behind "More".
const FIRST: usize = 5;

/// What the page shows.
pub(super) struct Shown {
    /// The content, which may not be saved.
    pub(super) content: Content,
    /// What is wrong with it.
    pub(super) problem: Option<Problem>,
    /// The version to which better words can be taken back.
    pub(super) undo: Option<i64>,
    /// True while somebody types: the numbers are those of what they saved last.
    pub(super) typing: bool,
}

impl Shown {
    pub(super) fn of(content: Content) -> Shown {
        Shown { content, problem: None, undo: None, typing: false }
    }
}

/// The page's values. Content that cannot be looked at is shown all the same, with what is wrong.
pub(super) async fn view(desk: &Desk, update: &Update, incident: &Incident, shown: Shown) -> Result<Value, Problem> {
    let Shown { content, problem, undo, typing } = shown;
    let app = &desk.app;
    let times = Times::of(app);
    let before = typing.then(|| app.typed.typed(update.id, desk.person.id, &content, times.now)).flatten();
    let (typed, numbers) = before.unzip();
    let looked = preview::look(app, update.id, Some(content.clone()), numbers).await;
    if let (None, Ok(looked)) = (typed, &looked) {
        app.typed.measured(update.id, desk.person.id, &looked.numbers, times.now);
    }
    let (looked, unlooked) = match looked {
        Ok(looked) => (Some(looked), None),
        Err(problem) => (None, Some(problem.detail)),
    };
    let none = Vec::new();
    let findings = looked.as_ref().map_or(&none, |looked| &looked.findings);
    let mut slots = Slots::new(&content, findings);
    for (field, notes) in notes::by_field(desk, update, &content).await? {
        slots.left.entry(field).or_default().extend(notes);
    }
    let segments = app.store.segments().await?;
    let names: Vec<&str> = segments.iter().map(|segment| segment.name.as_str()).collect();
    let variants: Vec<Value> =
        (0..content.variants.len()).map(|place| variant(desk, &content, place, &names, &mut slots)).collect();
    let list = list::known(desk, incident.id).await?;
    let before = previous(desk, update).await?;
    let kept = words_kept(findings);
    let channels = app.customer_channels().into_iter().map(|channel| {
        json!({ "name": channel.as_str(), "label": say("channel", channel.as_str()), "checked": content.uses(channel) })
    });
    let locales = &app.config.organisation.locales;
    let mut own = |field: &str, texts: &BTreeMap<String, String>| {
        let row = |locale: &String| {
            let key = format!("{field}.{locale}");
            let text = texts.get(locale).cloned().unwrap_or_default();
            json!({ "key": key, "id": dashed(&key), "label": say("field", field), "hint": text!("write-own-hint", language = say("language", locale)),
                "line": false, "wrong": false, "marks": slots.marks(&key, &text), "text": text, "found": slots.take(&key) })
        };
        locales.iter().map(row).collect::<Vec<_>>()
    };
    let (correction, holding) = (own("correction", &content.correction), own("holding", &content.holding));
    let first = content.variants.first();
    let written = |locale: &&String| {
        content.staff.contains_key(*locale) || first.is_some_and(|first| first.facts.contains_key(*locale))
    };
    let sheet_locales: Vec<&String> = locales.iter().filter(written).collect();
    let sheet = sheet::edit(desk, "staff.", &sheet_locales, &content.staff, Some(&mut slots));
    let next = next(&times, &content, looked.as_ref());
    let next_found = slots.take("next_update_at");
    let status_found = slots.take("status");
    let told = |at: fn(&PlannedTime) -> Timestamp| content.window.as_ref().map(|window| times.input(at(window)));
    let window = (incident.kind == Kind::Maintenance).then(|| {
        json!({ "from": told(|window| window.from), "until": told(|window| window.until), "found": slots.take("window") })
    });
    // Whatever has no field of its own on this page stands at its top.
    let rest: Vec<Value> = std::mem::take(&mut slots.left).into_values().flatten().collect();
    slots.shown.push(json!({ "slot": "all", "findings": rest.clone() }));
    let blocking = findings.iter().filter(|finding| finding.blocks()).count();
    let asking = findings.len() - blocking - kept;
    Ok(json!({
        "id": update.id,
        "version": update.version,
        "number": update.number,
        "list": list,
        "title": incident.title,
        "exercise": incident.exercise,
        "incident": incident.id,
        "saved": times.near(update.saved_at),
        "here": here::seen(desk, update, update.version).await?,
        "undo": undo.filter(|version| (1..update.version).contains(version)),
        "test": tested(desk, update.id),
        "submitted": update.state == State::Submitted,
        "returned": update.return_reason.clone().filter(|_| update.state == State::Returned || update.state == State::Draft),
        "problem": problem.map(|problem| problem.detail).or(unlooked),
        "statuses": statuses(incident, before.as_ref(), &content),
        "status_found": status_found,
        "window": window,
        "variants": variants,
        "several": content.variants.len() > 1,
        "next": next,
        "next_found": next_found,
        "zone": times.name,
        "routes": routes(desk, &content).await?,
        "severities": severities(&content),
        "components": components(desk, &content).await?,
        "channels": channels.collect::<Vec<_>>(),
        "timing": timing::controls(app, &content),
        "start": content.start_at.as_ref().map(|start| times.input(start.at)),
        "law": content.required_by_law,
        "over_ceiling": content.over_ceiling,
        "correction": correction,
        "holding": holding,
        "sheet": sheet,
        "rest": { "slot": "all", "findings": rest },
        "slots": slots.shown,
        "marked": slots.marked,
        "by_text": app.channels().contains(&Channel::Sms),
        "blocking": blocking,
        "asking": asking,
        "ready": looked.as_ref().is_some_and(|looked| looked.ready),
        "preview": looked.as_ref().map(|looked| previews::previews(desk, &times, &content, looked, typed)),
    }))
}

/// What became of the test that this person sent themselves last.
fn tested(desk: &Desk, update: i64) -> Value {
    let times = Times::of(&desk.app);
    let Some(trial) = desk.app.trials.last(desk.person.id, update) else { return Value::Null };
    json!({ "at": times.near(trial.at), "to": trial.to, "texts": trial.channel == Channel::Sms, "sent": trial.sent, "of": trial.of,
        "why": trial.trouble.map(|trouble| match trouble {
            trial::Trouble::Refused(reason) => say("reason", reason.as_str()).to_owned(),
            trial::Trouble::Busy => text!("write-test-busy"),
            trial::Trouble::InDoubt => text!("write-test-in-doubt"),
        }) })
}

fn words_kept(findings: &[Finding]) -> usize {
    findings
        .iter()
        .filter(|finding| !finding.blocks() && (finding.kept.is_some() || finding.confirmed.is_some()))
        .count()
}

async fn previous(desk: &Desk, update: &Update) -> Result<Option<Content>, Problem> {
    let updates = desk.app.store.updates(update.incident_id).await?;
    Ok(updates
        .into_iter()
        .rev()
        .find(|other| other.number < update.number && other.state == State::Approved)
        .map(|other| other.content))
}

fn statuses(incident: &Incident, before: Option<&Content>, content: &Content) -> Vec<Value> {
    let from = before.map(|content| content.status);
    let offered =
        incident.kind.statuses().iter().filter_map(|status| Some((status, incident.kind.step(from, *status)?)));
    offered
        .map(|(status, step)| {
            let word = say("status", status.as_str());
            let label = match step {
                Step::Setback => format!("{}: {}", say("step", "setback"), word.to_lowercase()),
                Step::Reopened => format!("{}: {}", say("step", "reopened"), word.to_lowercase()),
                Step::First | Step::Progress => word.to_owned(),
            };
            json!({ "name": status.as_str(), "label": label, "checked": *status == content.status })
        })
        .collect()
}

fn severities(content: &Content) -> Vec<Value> {
    let one = |severity: &Severity| json!({ "name": severity.as_str(), "label": say("severity", severity.as_str()), "checked": *severity == content.severity });
    [Severity::Info, Severity::Warning, Severity::Critical].iter().map(one).collect()
}

async fn components(desk: &Desk, content: &Content) -> Result<Vec<Value>, Problem> {
    let components = desk.app.store.components().await?;
    let one = |component: &crate::store::components::Component| {
        let chosen = content.components.get(&component.id);
        let options = ComponentStatus::ALL.iter().map(|status| {
            json!({ "name": status.as_str(), "label": say("component", status.as_str()), "selected": chosen == Some(status) })
        });
        json!({ "id": component.id, "name": component.name, "now": say("component", component.status.as_str()),
            "options": options.collect::<Vec<_>>() })
    };
    Ok(components.iter().map(one).collect())
}

async fn routes(desk: &Desk, content: &Content) -> Result<Vec<Value>, Problem> {
    let default = desk.app.default_locale();
    let one = |route: &crate::compose::route::ContactRoute| {
        let need = crate::compose::route::in_locale(&route.need, default, default);
        json!({ "id": route.id, "need": need, "how": route.how, "overloaded": route.overloaded, "checked": content.contact_routes.contains(&route.id) })
    };
    Ok(desk.app.store.routes().await?.iter().map(one).collect())
}

/// The offered times. They are instants, so that saving twice promises the same.
fn next(times: &Times, content: &Content, looked: Option<&Preview>) -> Value {
    let mut chosen = content.next_update_at;
    let mut offers: Vec<Value> = Vec::new();
    for minutes in [15_u32, 30, 60] {
        let label = if minutes == 60 { text!("write-next-hour") } else { length(u64::from(minutes) * 60) };
        let at = times.ahead(minutes.into());
        let checked = chosen == Some(at);
        if checked {
            chosen = None;
        }
        offers.push(
            json!({ "at": at.to_string(), "label": format!("{label} · {}", times.near(at)), "checked": checked }),
        );
    }
    if let Some(at) = chosen {
        offers.insert(0, json!({ "at": at.to_string(), "label": times.full(at), "checked": true }));
    }
    // The time that works, where the promised one does not.
    let last = looked.map(|looked| looked.numbers.last_at);
    let works = match (content.next_update_at, last) {
        (Some(promised), Some(last)) if promised <= last || promised <= times.now => {
            let minutes = last.duration_since(times.now).as_secs().max(0) / 60 + 30;
            let at = times.ahead(minutes);
            Some(json!({ "at": at.to_string(), "label": times.full(at) }))
        }
        _ => None,
    };
    json!({ "offers": offers, "none": content.next_update_at.is_none(), "works": works,
        "last": last.map(|last| times.near(last)) })
}

fn variant(desk: &Desk, content: &Content, place: usize, segments: &[&str], slots: &mut Slots<'_>) -> Value {
    let known = &desk.app.config.organisation.locales;
    let variant = &content.variants[place];
    let options =
        segments.iter().map(|name| json!({ "name": name, "selected": variant.segment.as_deref() == Some(*name) }));
    let locales: Vec<Value> = known
        .iter()
        .filter_map(|locale| Some((locale, variant.facts.get(locale)?)))
        .map(|(locale, facts)| facts_view(desk, place, locale, facts, slots))
        .collect();
    let missing = known.iter().filter(|locale| !variant.facts.contains_key(*locale));
    json!({
        "place": place,
        "name": variant.name,
        "segment": variant.segment,
        "segments": options.collect::<Vec<_>>(),
        "removable": place > 0,
        "lists": OnList::ALL.map(|choice| json!({ "name": choice.as_str(), "label": say("on_list", choice.as_str()), "selected": choice == variant.list })),
        "by_list": variant.list != OnList::Any,
        "subscribers": subscribers(desk, variant.subscribers),
        "places": timing::places(content, place),
        "locales": locales,
        "missing": missing.map(|locale| json!({ "code": locale, "language": say("language", locale) })).collect::<Vec<_>>(),
    })
}

/// What may be chosen about those who subscribed; nothing where nobody can.
fn subscribers(desk: &Desk, chosen: Subscribers) -> Vec<Value> {
    if desk.app.config.public.subscribe.is_empty() && chosen == Subscribers::Any {
        return Vec::new();
    }
    let option = |choice: Subscribers| json!({ "name": choice.as_str(), "label": say("subscribers", choice.as_str()), "selected": choice == chosen });
    Subscribers::ALL.map(option).to_vec()
}

fn facts_view(desk: &Desk, place: usize, locale: &str, facts: &Facts, slots: &mut Slots<'_>) -> Value {
    let prefix = format!("v{place}.{locale}.");
    let mut copy = facts.clone();
    let mut fields: Vec<Value> = read::PROSE
        .iter()
        .map(|name| {
            let key = format!("{prefix}{name}");
            let text = read::prose(&mut copy, name).cloned().unwrap_or_default();
            let found = slots.take(&key);
            let wrong = found["findings"].as_array().is_some_and(|list| list.iter().any(|finding| finding["class"] == "block"));
            json!({ "key": key, "id": dashed(&key), "label": say("field", name), "hint": say("hint", name), "text": text,
                "line": *name == "headline", "marks": slots.marks(&key, &text), "found": found, "wrong": wrong })
        })
        .collect();
    let more = fields.split_off(FIRST);
    let more_open = more
        .iter()
        .any(|field| field["text"] != "" || field["found"]["findings"].as_array().is_some_and(|list| !list.is_empty()));
    let options: Vec<Value> = (0..(facts.options.len() + 1).clamp(3, 10))
        .map(|row| {
            let option = facts.options.get(row).cloned().unwrap_or_default();
            let key = format!("{prefix}options.{row}");
            json!({ "key": key, "id": dashed(&key), "text": option.text, "recommended": option.recommended, "reason": option.reason, "n": row + 1,
                "found": [slots.take(&format!("{key}.text")), slots.take(&format!("{key}.reason"))] })
        })
        .collect();
    let options_found = slots.take(&format!("{prefix}options"));
    let links: Vec<Value> = (0..(facts.links.len() + 1).clamp(1, 10))
        .map(|row| {
            let link = facts.links.get(row).cloned().unwrap_or_default();
            let key = format!("{prefix}links.{row}");
            json!({ "key": key, "id": dashed(&key), "label": link.label, "url": link.url, "n": row + 1,
                "found": [slots.take(&format!("{key}.label")), slots.take(&format!("{key}.url"))] })
        })
        .collect();
    let shorts: Vec<Value> = desk
        .app
        .customer_channels()
        .into_iter()
        .filter(|channel| !matches!(channel, Channel::Email | Channel::StatusPage))
        .map(|channel| {
            let key = format!("{prefix}short.{channel}");
            let text = facts.short.get(&channel).cloned().unwrap_or_default();
            json!({ "key": key, "id": dashed(&key), "label": say("channel", channel.as_str()), "hint": "", "line": false,
                "wrong": false, "marks": slots.marks(&key, &text), "text": text, "found": slots.take(&key) })
        })
        .collect();
    json!({
        // Other languages are folded while nothing in them blocks: a phone shows one at a time.
        "open": locale == desk.app.default_locale() || fields.iter().any(|field| field["wrong"] == true || field["text"] == ""),
        "code": locale,
        "language": say("language", locale),
        "removable": locale != desk.app.default_locale(),
        "fields": fields,
        "more": more,
        "more_open": more_open,
        "options": options,
        "options_found": options_found,
        "links": links,
        "shorts": shorts,
        "shorts_open": !facts.short.is_empty(),
    })
}
