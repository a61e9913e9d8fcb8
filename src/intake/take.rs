//! Taking a call: read, judged by the rules, and kept with what it changes before it is answered.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{
    alert::{Alert, Group},
    alertmanager::{self, ALERTMANAGER, GRAFANA},
    json, pagerduty,
    rules::{Rules, Voice},
    statuspage,
};
use crate::{
    app::App,
    config::intake::{Source, SourceKind},
    people::{Actor, Role, Scope},
    problem::Problem,
    store::{calls::Now, voices::Change},
    world::hex,
};

/// The most voices that a verdict names.
const NAMED: usize = 50;

/// What becomes of a call.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Verdict {
    /// Alerts that fire and have a rule.
    pub firing: usize,
    /// Alerts that are over.
    pub over: usize,
    /// Alerts that fire and that no rule is for.
    pub unmatched: usize,
    /// The voices of those that fire: rule and digest; the first fifty.
    pub voices: Vec<String>,
    /// Why it could not be read.
    pub refused: Option<String>,
}

/// A call that was taken.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Taken {
    /// Its number; null where nothing was written.
    pub call: Option<i64>,
    /// What becomes of it.
    pub verdict: Verdict,
}

fn read(source: &Source, body: &[u8]) -> Result<Vec<Group>, Problem> {
    match (source.kind, &source.fields) {
        (SourceKind::Alertmanager, _) => alertmanager::read(body, ALERTMANAGER),
        (SourceKind::Grafana, _) => alertmanager::read(body, GRAFANA),
        (SourceKind::Pagerduty, _) => pagerduty::read(body),
        (SourceKind::Json, Some(fields)) => json::read(body, fields),
        (SourceKind::Json, None) | (SourceKind::Statuspage, _) => Err(Problem::internal()),
    }
}

/// What a call changes, and the verdict on it.
fn judge(rules: &Rules<'_>, groups: Vec<Group>) -> (Vec<Change>, Verdict) {
    let mut verdict = Verdict::default();
    let mut changes = Vec::new();
    for Group { name, alerts, complete, changes: may_change } in groups {
        let (mut firing, mut over): (BTreeMap<String, Voice>, Vec<String>) = Default::default();
        let goes_on = may_change && alerts.iter().any(|alert| alert.firing);
        for Alert { firing: fires, fields } in alerts {
            match (fires, rules.voice(&fields)) {
                (true, Some(voice)) => {
                    verdict.firing += 1;
                    firing.insert(voice.name(), voice);
                }
                (true, None) => verdict.unmatched += 1,
                (false, voice) => {
                    verdict.over += 1;
                    over.extend(voice.map(|voice| voice.name()));
                }
            }
        }
        for name in firing.keys() {
            if verdict.voices.len() < NAMED && !verdict.voices.contains(name) {
                verdict.voices.push(name.clone());
            }
        }
        // A name of any length, with whatever is in it, is kept as its digest.
        let group = hex(&Sha256::digest(name.as_bytes()));
        changes.push(Change { group, firing: firing.into_values().collect(), over, complete, goes_on });
    }
    (changes, verdict)
}

/// Takes a call of a source that proved who it is. With `dry_run` it only says what would become of it.
///
/// # Errors
/// 400 and 422 for a body that cannot be read, which is kept all the same; the store's.
pub async fn take(
    app: &App,
    source: &Source,
    body: &[u8],
    dry_run: bool,
    replay_of: Option<i64>,
) -> Result<Taken, Problem> {
    // What changes a part of something reads it first: one after the other, so that no change is lost.
    let _turn = match source.kind {
        SourceKind::Statuspage => Some(app.intake.turn().await),
        _ => None,
    };
    let read = match source.kind {
        SourceKind::Statuspage => {
            let read = statuspage::read(app, source, body, app.world.clock.now()).await;
            read.map(|(groups, thing)| (groups, Some(thing)))
        }
        _ => read(source, body).map(|groups| (groups, None)),
    };
    let rules = Rules::of(&app.config.intake, source);
    let (changes, verdict, refused, thing) = match read {
        Ok((groups, thing)) => {
            let (changes, verdict) = judge(&rules, groups);
            (changes, verdict, None, thing)
        }
        // A fault of ours is no verdict on the call: it is sent again.
        Err(problem) if problem.status >= 500 => return Err(problem),
        Err(problem) => {
            let at = problem.pointer.as_deref().filter(|at| !at.is_empty()).map(|at| format!(" (at {at})"));
            let refused = Some(format!("{}{}", problem.detail, at.unwrap_or_default()));
            (Vec::new(), Verdict { refused, ..Verdict::default() }, Some(problem), None)
        }
    };
    let call = match dry_run {
        true => None,
        false => {
            let clock = &app.world.clock;
            let (kept, now) =
                (serde_json::to_value(&verdict).unwrap_or_default(), Now { wall: clock.now(), steady: clock.steady() });
            Some(app.store.take_call(&source.name, body, &kept, replay_of, &changes, thing.as_ref(), now).await?)
        }
    };
    app.intake.ring();
    match refused {
        Some(problem) => Err(problem.with("call", call)),
        None => Ok(Taken { call, verdict }),
    }
}

/// Takes a call again, by the rules as they are now.
///
/// # Errors
/// 403 for less than an author; 404; 409 when its source is not configured any more; as [`take`].
pub async fn replay(app: &App, actor: &Actor, id: i64) -> Result<Taken, Problem> {
    app.may(actor, Role::Author, Scope::Write.as_str())?;
    let (call, body) = app.store.call(id).await?;
    let source = app.config.intake.source.iter().find(|source| source.name == call.source);
    let source = source.ok_or_else(|| {
        Problem::conflict(format!("the source {:?} is not configured any more; configure it again first", call.source))
    })?;
    let (by, subject) = (actor.audit_name(), format!("call:{id}"));
    app.store.audit(&app.entry(&by, "intake.replay", &subject, serde_json::json!({}))).await?;
    take(app, source, &body, false, Some(id)).await
}
