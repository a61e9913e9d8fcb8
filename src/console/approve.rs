//! Approvals: reading is the work here, not clicking. Everything that is bound is shown, and each text has to be opened.

pub(super) mod chase;
mod readers;
mod samples;
mod sleepers;

use std::collections::BTreeMap;

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    diff::{self, Change},
    enter::{Answer, Desk},
    form::Form,
    now,
    page::{self, Frame},
    passkeys, proposals, sheet, texts,
    time::{Times, length, money, number},
    timing,
    words::{say, text},
};
use crate::{
    approve::{
        State,
        decide::{self, Proof, Yes},
        reading as opening, sign, summon,
    },
    check::Finding,
    compose::route::in_locale,
    plan::texts::Texts,
    preview::{self, Text},
    problem::Problem,
    render::{MessageKind, Rendering},
    store::{
        broadcasts::Broadcast,
        incidents::Update,
        proposals::{RouteChange, RouteChangeKind},
    },
};

/// Where most of an update is said, first; posts come after all of these.
const ROOMIEST: [Channel; 4] = [Channel::StatusPage, Channel::Email, Channel::Sms, Channel::Banner];

/// What waits.
pub(super) async fn list(desk: Desk) -> Answer {
    let waiting = now::waiting(&desk, &Times::of(&desk.app)).await?;
    let proposals = proposals::waiting(&desk).await?;
    let frame = Frame { template: "approvals", nav: "approvals", title: text!("approvals-head"), exercise: false };
    page::show(&desk, &frame, json!({ "waiting": waiting, "proposals": proposals })).await
}

/// The page for reading and deciding.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let update = desk.app.store.update(id).await?;
    if update.state != State::Submitted {
        return page::to(&format!("/console/updates/{id}"));
    }
    let broadcast = decide::waiting(&desk.app, id).await?;
    summon::open(&desk.app, &desk.actor, &broadcast).await?;
    reading(&desk, &update, None, &Form::default()).await
}

/// The yes, a reader's signature, or back to the author.
pub(super) async fn decide(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let update = desk.app.store.update(id).await?;
    match decided(&desk, id, &form).await {
        Ok(place) => page::to(&place),
        // The page again, with what is missing and with what was typed; whoever may not at all gets the refusal.
        Err(problem)
            if update.state == State::Submitted
                && (problem.pointer.is_some()
                    || problem.status == 429
                    || ["awaited", "works_at"].iter().any(|fact| problem.more.contains_key(*fact))) =>
        {
            reading(&desk, &update, Some(problem), &form).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Does what the button says; answers where to go from there.
async fn decided(desk: &Desk, id: i64, form: &Form) -> Result<String, Problem> {
    let readings = read(desk, &decide::waiting(&desk.app, id).await?).await?;
    if let Some(at) = form.get("action").strip_prefix("promise:") {
        let at = at.parse().map_err(|_| Problem::unreadable(text!("approve-no-time")))?;
        let reason = text!("approve-late-reason", at = Times::of(&desk.app).full(at));
        decide::send_back(&desk.app, &desk.actor, id, &reason, &readers::notes(&readings, form)?).await?;
        return Ok("/console/approvals".to_owned());
    }
    if form.get("action") == "return" {
        let notes = readers::notes(&readings, form)?;
        decide::send_back(&desk.app, &desk.actor, id, form.get("reason"), &notes).await?;
        return Ok("/console/approvals".to_owned());
    }
    let word = readers::word(form);
    if word.is_none() && form.get("action") != "approve" {
        return Err(Problem::unreadable(text!("approve-no-button", name = format!("{:?}", form.get("action")))));
    }
    if word.as_ref().is_none_or(|word| word.sign) {
        all_read(&readings, form)?;
    }
    if let Some(word) = word {
        sign::say(&desk.app, &desk.actor, id, &word).await?;
        return Ok(format!("/console/updates/{id}/approve"));
    }
    if !readers::notes(&readings, form)?.is_empty() {
        return Err(Problem::invalid("/notes", text!("approve-note-unsent")));
    }
    Ok(format!("/console/broadcasts/{}", yes(desk, id, form).await?.id))
}

/// Refuses while a text of the update is not ticked as read.
fn all_read(readings: &[Reading], form: &Form) -> Result<(), Problem> {
    let is_unread = |reading: &&Reading| {
        reading.text.message == MessageKind::Update && !form.all("read").any(|read| read == reading.key)
    };
    match readings.iter().filter(is_unread).count() {
        0 => Ok(()),
        unread => Err(Problem::invalid("/read", text!("approve-all-unread", n = unread))),
    }
}

async fn yes(desk: &Desk, id: i64, form: &Form) -> Result<Broadcast, Problem> {
    let typed: String = form.get("recipients").chars().filter(char::is_ascii_digit).collect();
    let yes = Yes {
        digest: form.get("digest").to_owned(),
        recipients: typed.parse().map_err(|_| Problem::invalid("/recipients", text!("approve-no-number")))?,
        password: form.raw("password").unwrap_or_default().to_owned(),
        code: form.get("code").to_owned(),
        quiet_hours: sleepers::chosen(form)?,
        passkey: passkeys::answer(&desk.token, form),
    };
    decide::approve(&desk.app, &desk.actor, id, &yes).await
}

/// A text that has to be read.
struct Reading {
    /// The name that its box carries.
    key: String,
    /// The variant's place.
    variant: usize,
    text: Text,
}

/// Every text that has to be read.
async fn read(desk: &Desk, broadcast: &Broadcast) -> Result<Vec<Reading>, Problem> {
    let mut found = Vec::new();
    for stored in desk.app.store.renderings(broadcast.id).await? {
        let rendering: Rendering = serde_json::from_str(&stored.document).map_err(|_| Problem::internal())?;
        let key = opening::name(&stored);
        found.push(Reading { key, variant: stored.variant, text: preview::text_of(&desk.app, &rendering) });
    }
    // In the order of every other table, the default language first.
    let (channels, default) = (desk.app.channels(), desk.app.default_locale());
    found.sort_by_key(|Reading { variant, text, .. }| {
        (*variant, channels.iter().position(|channel| *channel == text.channel), text.locale != default)
    });
    Ok(found)
}

async fn reading(desk: &Desk, update: &Update, problem: Option<Problem>, typed: &Form) -> Answer {
    let app = &desk.app;
    let times = Times::of(app);
    let broadcast = decide::waiting(app, update.id).await?;
    let incident = app.store.incident(update.incident_id).await?;
    let texts = read(desk, &broadcast).await?;
    let several = update.content.variants.len() > 1;
    let mut readings: BTreeMap<&str, Vec<Value>> = BTreeMap::from([("update", Vec::new()), ("correction", Vec::new())]);
    let mut holdings: BTreeMap<u8, (Option<jiff::Timestamp>, Vec<Value>)> = BTreeMap::new();
    for Reading { key, text, .. } in &texts {
        let view = json!({
            "key": key,
            "text": texts::shown(text, &[], update.content.severity),
            "variant": if several { text.variant.as_str() } else { "" },
            "read": typed.all("read").any(|read| read == key),
            "quote": typed.get(&format!("quote.{key}")),
            "note": typed.get(&format!("note.{key}")),
        });
        if text.message == MessageKind::Holding {
            holdings.entry(text.turn).or_insert_with(|| (text.promises, Vec::new())).1.push(view);
        } else {
            readings.entry(text.message.as_str()).or_default().push(view);
        }
    }
    // Each goes out when the one before said that the next news would come.
    let mut falls_due = update.content.next_update_at;
    let holdings: Vec<Value> = holdings
        .into_values()
        .map(|(promises, texts)| {
            let at = std::mem::replace(&mut falls_due, promises);
            json!({ "at": at.map(|at| times.full(at)), "texts": texts })
        })
        .collect();
    let outside: Vec<String> =
        app.store.why_it_waits(update.id).await?.into_iter().map(|exceeded| exceeded.detail).collect();
    let by = match broadcast.submitted_by {
        Some(id) => app.store.person(id).await?.name,
        None => text!("approve-program"),
    };
    let may = decide::may_approve(app, &desk.actor, update.id).await;
    let may = if broadcast.submitted_by == Some(desk.person.id) {
        Err(Problem::forbidden(text!("approve-own")))
    } else {
        may.map(drop)
    };
    let findings: Vec<Finding> = serde_json::from_value(broadcast.plan["findings"].clone()).unwrap_or_default();
    let status =
        problem.as_ref().and_then(|problem| StatusCode::from_u16(problem.status).ok()).unwrap_or(StatusCode::OK);
    let night = sleepers::chosen(typed).ok().flatten();
    let chosen = night.unwrap_or(crate::approve::sleepers::proposed(&broadcast));
    let late = decide::too_late(app, &broadcast, &update.content, chosen, times.now);
    let paced = broadcast.timing.as_ref();
    let paced: Vec<String> = paced
        .and_then(timing::spread)
        .into_iter()
        .chain(paced.and_then(|timing| timing::order(timing, &update.content.variants)))
        .collect();
    let mut body = json!({
        "id": update.id,
        "number": update.number,
        "title": incident.title,
        "exercise": incident.exercise,
        "by": by,
        "submitted": times.near(broadcast.submitted_at),
        "expires": times.full(broadcast.expires_at),
        "start": broadcast.start_at.map(|at| json!({ "at": times.full(at), "away": times.away(at) })),
        "law": update.content.required_by_law,
        "outside": outside,
        "status": say("status", update.content.status.as_str()),
        "promise": update.content.next_update_at.map(|at| times.full(at)),
        "changes": changes(desk, update, &texts).await?,
        "readings": readings["update"],
        "corrections": readings["correction"],
        "people_instead": falls_due.filter(|_| !holdings.is_empty()).map(|at| times.full(at)),
        "holdings": holdings,
        "count": readings["update"].len(),
        "kept": kept(&findings),
        "over_ceiling": update.content.over_ceiling,
        "people": broadcast.people,
        "people_written": number(broadcast.people),
        "numbers": numbers(app, &broadcast),
        "nothing": nothing(&broadcast),
        "timing": paced,
        "sleepers": sleepers::view(desk, &times, &broadcast, &update.content, &by, night),
        "late": late.map(|late| json!({ "promised": times.full(late.promised), "last": times.near(late.last_at),
            "works": times.full(late.works_at), "works_at": late.works_at.to_string() })),
        "refreshed": broadcast.plan["measured"]["refreshed_at"].as_str().and_then(|at| at.parse().ok()).map(|at| times.near(at)),
        "opened": opened(desk, &times, &broadcast).await?,
        "digest": broadcast.digest,
        "version": broadcast.version,
        "broadcast": broadcast.id,
        "proof": proof(desk).await?,
        "chase": chase::sentence(desk, &times, &broadcast).await?,
        "route_changes": route_changes(desk, &times, &broadcast).await?,
        "signing": readers::view(desk, &times, &broadcast).await?,
        "samples": samples::view(desk, &broadcast, update.number, &app.store.renderings(broadcast.id).await?, update.content.severity).await?,
        "typed": { "recipients": typed.get("recipients"), "reason": typed.get("reason") },
        "may_not": may.err().map(|problem| problem.detail),
        // What is too late stands on the page in plain times, with its button.
        "problem": problem.filter(|problem| !problem.more.contains_key("works_at")).map(|problem| problem.detail),
    });
    body["sheets"] = json!(sheet::shown(desk, update.content.sheets()));
    body["sheet_goes"] = json!(texts.iter().any(|reading| reading.text.channel.is_staff()));
    let frame = Frame {
        template: "approve",
        nav: "approvals",
        title: text!("approve-head", number = update.number, title = incident.title.as_str()),
        exercise: incident.exercise,
    };
    let mut response = page::show(desk, &frame, body).await?;
    *response.status_mut() = status;
    Ok(response)
}

/// Notes that a text was opened: the page's script says so.
pub(super) async fn open(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    opening::open(&desk.app, &desk.actor, id, form.get("text")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Who opened how many of the texts that have to be read.
async fn opened(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<Vec<Value>, Problem> {
    let mut shown = Vec::new();
    for known in desk.app.store.opened_texts(broadcast.id).await? {
        let (texts, opened) = opening::opened(&desk.app, broadcast.id, known.person_id).await?;
        let name = desk.app.store.person(known.person_id).await?.name;
        shown.push(json!({ "name": name, "n": opened, "of": texts, "at": times.near(known.last_at) }));
    }
    Ok(shown)
}

/// Asks for a passkey in place of the code.
pub(super) async fn ask(desk: Desk, Path(id): Path<i64>, form: Form) -> Response {
    let holder = passkeys::holder(&desk.token);
    passkeys::asked(decide::ask_passkey(&desk.app, &desk.actor, id, form.get("digest"), &holder).await)
}

/// What changed of contact routes since this was submitted: its texts stay as they are.
async fn route_changes(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<Vec<Value>, Problem> {
    let (routes, default) = (desk.app.store.routes().await?, desk.app.default_locale());
    let changes = desk.app.store.route_changes(broadcast.id).await?;
    let row = |change: &RouteChange| {
        let known = routes.iter().find(|route| route.id == change.route_id);
        let need = known.map_or(change.need.as_str(), |route| in_locale(&route.need, default, default));
        let public = matches!(change.what, RouteChangeKind::Overloaded | RouteChangeKind::Free);
        json!({ "need": need, "what": say("route_change", change.what.as_str()), "at": times.near(change.at), "public": public })
    };
    Ok(changes.iter().map(row).collect())
}

/// How this person proves that it is they: the page asks for just that.
pub(super) async fn proof(desk: &Desk) -> Result<Value, Problem> {
    let proof = decide::proof(&desk.app, &desk.person).await?;
    let ways = passkeys::ways(&desk.app, &desk.person).await?;
    Ok(json!({ "factor": proof == Proof::Factor, "missing": proof == Proof::Missing, "ways": ways }))
}

/// What changes for each group since the last update that went out: on the channel with the most room.
async fn changes(desk: &Desk, update: &Update, texts: &[Reading]) -> Result<Value, Problem> {
    let earlier = desk.app.store.updates(update.incident_id).await?;
    let Some(previous) =
        earlier.iter().rev().find(|other| other.number < update.number && other.state == State::Approved)
    else {
        return Ok(Value::Null);
    };
    let broadcasts = desk.app.store.broadcasts_of(previous.id).await?;
    let Some(sent) = broadcasts
        .iter()
        .rev()
        .find(|broadcast| broadcast.approved_at.is_some() && broadcast.message == MessageKind::Update)
    else {
        return Ok(Value::Null);
    };
    let before = read(desk, sent).await?;
    let default = desk.app.default_locale();
    let of = |texts: &[Reading], variant: &str, channel: Channel| {
        let is = |reading: &&Reading| {
            let Text { message, channel: of, locale, .. } = &reading.text;
            (*message, *of, locale.as_str()) == (MessageKind::Update, channel, default)
        };
        // A group that is new has heard what the first one heard.
        let own = texts.iter().filter(is).find(|reading| reading.text.variant == variant);
        own.or_else(|| texts.iter().filter(is).find(|reading| reading.variant == 0)).map(|Reading { text, .. }| {
            format!("{}\n{}", text.subject.as_deref().unwrap_or_default(), text.text).trim().to_owned()
        })
    };
    let mut groups = Vec::new();
    for variant in update.content.variants.iter().map(|variant| variant.name.as_str()) {
        let both = ROOMIEST
            .into_iter()
            .chain(Channel::ALL.into_iter().filter(|channel| channel.is_post()))
            .find_map(|channel| Some((channel, of(&before, variant, channel)?, of(texts, variant, channel)?)));
        let Some((channel, old, new)) = both else { continue };
        let runs = diff::words(&old, &new).into_iter().map(
            |(change, text)| json!({ "text": text, "new": change == Change::New, "gone": change == Change::Gone }),
        );
        groups.push(json!({ "variant": variant, "channel": say("channel", channel.as_str()), "runs": runs.collect::<Vec<_>>() }));
    }
    let at = sent.started_at.map(|at| Times::of(&desk.app).near(at));
    Ok(json!({ "number": previous.number, "at": at, "several": groups.len() > 1, "groups": groups }))
}

/// What was found, with the reason for which each was kept.
pub(super) fn kept(findings: &[Finding]) -> Vec<Value> {
    let said =
        findings.iter().filter_map(|finding| Some((finding, finding.kept.as_ref().or(finding.confirmed.as_ref())?)));
    let answered = said.map(|(finding, reason)| json!({ "title": finding.title, "words": finding.words, "at_words": finding.end > finding.start, "why": finding.why, "reason": reason, "confirmed": finding.kept.is_none() }));
    let open = findings.iter().filter(|finding| finding.kept.is_none() && finding.confirmed.is_none());
    answered.chain(open.map(|finding| json!({ "title": finding.title, "words": finding.words, "at_words": finding.end > finding.start, "why": finding.why, "reason": null, "confirmed": false }))).collect()
}

/// The table of channels: how many, when the last one has it, what it costs.
fn numbers(app: &crate::app::App, broadcast: &Broadcast) -> Value {
    let plan = &broadcast.plan;
    let currency = plan["currency"].as_str().unwrap_or_default();
    let told: Option<Texts> = serde_json::from_value(plan["texts"].clone()).ok();
    // What nobody knows is not free.
    let priced = told.as_ref().is_some_and(|told| told.without_price < told.numbers);
    let rows = app.channels().into_iter().filter_map(|channel| {
        let total = plan["totals"][channel.as_str()].as_i64()?;
        let seconds = plan["seconds"][channel.as_str()].as_f64().unwrap_or_default();
        let cost = (channel == Channel::Sms && priced).then(|| money(plan["cost"].as_f64().unwrap_or_default(), currency));
        Some(json!({ "label": say("channel", channel.as_str()), "total": number(total), "last": length(seconds.ceil().max(0.0) as u64), "cost": cost }))
    });
    let told = told.and_then(|told| texts::cost(&told, plan["cost"].as_f64().unwrap_or_default(), currency));
    json!({ "rows": rows.collect::<Vec<_>>(), "texts": told, "cost": money(plan["cost"].as_f64().unwrap_or_default(), currency) })
}

/// Who gets nothing: on one channel, and at all.
fn nothing(broadcast: &Broadcast) -> Value {
    let count = &broadcast.plan["measured"]["count"];
    let suppressed: i64 =
        count["suppressed"].as_object().map(|by| by.values().filter_map(Value::as_i64).sum()).unwrap_or_default();
    let division = &broadcast.plan["measured"]["division"];
    let channels = count["suppressed"].as_object().into_iter().flat_map(|by| by.keys());
    let channels = channels.map(|name| json!({ "name": name, "label": say("nothing", name) }));
    json!({ "channels": channels.collect::<Vec<_>>(), "at_all": count["unreached"].as_i64().unwrap_or_default(), "one_channel": suppressed, "in_none": division["in_none"].as_i64().unwrap_or_default() })
}
