//! What lies within a playbook's bounds. Looked at before it is sent, and once more before it starts: what was changed in
//! the store meanwhile is covered by nobody's yes.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Bounds, fill};
use crate::{
    compose::content::Content,
    store::{Store, StoreError, approvals::Approval, broadcasts::Broadcast, playbooks::Stored},
};

/// How a playbook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Two people approved it, and its time is not over.
    Approved,
    /// So many more have to approve it.
    Waiting(usize),
    /// Its time is over.
    Expired,
    /// It was put away.
    Retired,
}

/// How a playbook stands at `now`.
pub fn standing(stored: &Stored, now: Timestamp) -> Standing {
    let yes = stored.approvals.iter().filter(|yes| !stored.writers.contains(&yes.person_id)).count();
    match () {
        () if stored.retired_at.is_some() || !stored.latest => Standing::Retired,
        () if stored.playbook.bounds.valid_until <= now => Standing::Expired,
        () if stored.is_approved() => Standing::Approved,
        () => Standing::Waiting(crate::store::playbooks::PEOPLE.saturating_sub(yes)),
    }
}

/// Who sends with no other person's yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// One person alone.
    Person,
    /// A machine.
    Machine,
    /// A timer, or a plan.
    Timer,
}

impl Sender {
    /// Who sent an instance, by the machine that is noted for it.
    pub fn of(machine: Option<&str>) -> Sender {
        match machine.and_then(|machine| machine.split_once(':')) {
            Some(("timer" | "plan", _)) => Sender::Timer,
            _ if machine.is_some() => Sender::Machine,
            _ => Sender::Person,
        }
    }
}

impl Bounds {
    /// Whether it may be sent so.
    pub fn allow(&self, sender: Sender) -> bool {
        match sender {
            Sender::Person => self.person,
            Sender::Machine => self.machine,
            Sender::Timer => self.timer,
        }
    }

    /// The time between two updates of a stage.
    pub fn every(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.every_minutes))
    }

    /// Why what a submitted broadcast costs lies outside; None where it does not.
    pub fn too_costly(&self, broadcast: &Broadcast) -> Option<String> {
        let (most, plan) = (self.largest_cost?, &broadcast.plan);
        let texts = plan["totals"]["sms"].as_i64().unwrap_or_default();
        let unknown = plan["texts"]["without_price"].as_i64().unwrap_or(texts);
        if unknown > 0 {
            return Some(format!("What it costs is not known: {unknown} of its texts go where a part has no price."));
        }
        let (cost, currency) =
            (plan["cost"].as_f64().unwrap_or_default(), plan["currency"].as_str().unwrap_or_default());
        (cost > most).then(|| format!("It costs {cost:.2} {currency}; {most:.2} are approved."))
    }
}

/// Whether the playbook that an approval rests on covers what is stored: the very version, unchanged and approved by two
/// who wrote no word of it; the content that its values give, word for word; its channels and audience. With `now`, it must
/// also be the latest version, in its time and rate; a correction of what went out is held up by none of these.
///
/// # Errors
/// The store's.
pub async fn cover(
    store: &Store,
    broadcast: &Broadcast,
    content: &Content,
    approval: &Approval,
    zone: &TimeZone,
    now: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let Some((id, version, digest)) = &approval.playbook else { return Ok(false) };
    let Some(asked) = store.instance(broadcast.update_id).await? else { return Ok(false) };
    let stored = match store.playbook_version(*id, *version).await {
        Err(StoreError::Missing(_)) => return Ok(false),
        stored => stored?,
    };
    let playbook = &stored.playbook;
    let same = [&stored.digest, &asked.digest, &playbook.digest()?].into_iter().all(|known| known == digest)
        && (asked.playbook_id, asked.version, asked.incident_id) == (*id, *version, broadcast.incident_id)
        && asked.exercise == broadcast.exercise
        && asked.person_id == approval.person_id
        && playbook.bounds.allow(Sender::of(asked.machine.as_deref()));
    if !same || !stored.is_approved() {
        return Ok(false);
    }
    // Filled again from what was asked: each word is an approved one, or a value within its bounds.
    let Ok(filled) = fill::fill(playbook, &asked.asked, asked.at, zone) else { return Ok(false) };
    if !filled.exceeded.is_empty()
        || filled.content != *content
        || broadcast.people > playbook.bounds.largest_audience
        || playbook.bounds.too_costly(broadcast).is_some()
    {
        return Ok(false);
    }
    let Some(now) = now else { return Ok(true) };
    let Some(sent_at) = asked.sent_at else { return Ok(false) };
    let before = store.last_sent(&asked, sent_at).await?;
    let paced = before.is_none_or(|before| sent_at.duration_since(before) >= playbook.bounds.every());
    Ok(paced && standing(&stored, now) == Standing::Approved)
}
