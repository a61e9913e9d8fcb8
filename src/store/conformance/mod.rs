//! The conformance suite: what any database behind the store's interface must do. Written against the interface only;
//! what is said of SQLite's own files stands in `file.rs`.

mod approvals;
mod audience;
mod bounces;
mod corrections;
mod exercises;
mod fields;
mod file;
mod history;
mod inbox;
mod lists;
mod model;
mod nothing;
mod order;
mod outcomes;
mod people;
mod playbooks;
mod proposals;
mod reach;
mod replies;
mod timing;
mod turns;
mod webhooks;
mod whole;
mod withdrawals;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId, Reason};
use tempfile::TempDir;

use super::{
    Store,
    audit::Entry,
    broadcasts::{NewBroadcast, StartEffects},
    deliveries::{Claim, Claimed, Record, Verdict},
    plan::SnapshotRow,
    renderings::StoredRendering,
};
use crate::{
    compose::{
        content::{Content, Facts, Variant},
        status::{Kind, Status},
    },
    pace::Timing,
    people::Role,
    render::MessageKind,
    track::DeliveryState,
    world::Random,
};

/// Randomness that repeats: a counter.
#[derive(Default)]
pub struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = (self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
        }
    }
}

/// A store of its own with two people in it.
pub struct Bench {
    pub store: Store,
    pub folder: TempDir,
    pub random: Counting,
    pub now: Timestamp,
}

/// How a test's broadcast differs from a plain one.
#[derive(Clone, Copy, Default)]
pub struct Kind_ {
    pub everywhere: bool,
    pub by_law: bool,
    pub exercise: bool,
}

pub fn entry(now: Timestamp) -> Entry<'static> {
    Entry { at: now, actor: "test", action: "test", subject: "test", detail: serde_json::json!({}) }
}

pub fn content(status: Status) -> Content {
    let variant = Variant {
        name: "everyone".to_owned(),
        segment: None,
        list: Default::default(),
        subscribers: Default::default(),
        stage: 0,
        facts: BTreeMap::from([("en".to_owned(), Facts::default())]),
    };
    serde_json::from_value(serde_json::json!({ "status": status, "variants": [variant] })).unwrap()
}

impl Bench {
    pub async fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let random = Counting::default();
        let store = Store::open(&folder.path().join("onevoice.db"), &random).await.unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (email, name, role) in [("ana@a.example", "Ana", Role::Author), ("ben@a.example", "Ben", Role::Approver)] {
            store.add_person(email, name, role, "hash", &entry(now)).await.unwrap();
        }
        Bench { store, folder, random, now }
    }

    /// The same store after the process ended as it does in a crash: without a word to it.
    pub async fn reopened(self) -> Bench {
        let Bench { store, folder, random, now } = self;
        let path = store.path().to_owned();
        drop(store);
        let store = Store::open(&path, &random).await.unwrap();
        assert!(store.restored().is_none(), "it is the original");
        Bench { store, folder, random, now }
    }

    pub fn later(&self, seconds: i64) -> Timestamp {
        self.now + jiff::SignedDuration::from_secs(seconds)
    }

    pub async fn incident(&self) -> i64 {
        self.store.add_incident(Kind::Incident, "t", false, false, Some(1), &entry(self.now)).await.unwrap()
    }

    /// The incident's next update, submitted for these addresses.
    pub async fn submitted(&self, incident: i64, addresses: &[&str], kind: Kind_) -> i64 {
        let mut sorted = addresses.to_vec();
        sorted.sort_unstable();
        let rows = sorted.iter().enumerate().map(|(place, address)| row(place, address)).collect();
        self.frozen(incident, MessageKind::Update, 2, kind, &BTreeMap::from([(Channel::Email, rows)])).await
    }

    /// The incident's next message in this lane, submitted for these rows.
    pub async fn frozen(
        &self,
        incident: i64,
        message: MessageKind,
        lane: i64,
        kind: Kind_,
        rows: &BTreeMap<Channel, Vec<SnapshotRow>>,
    ) -> i64 {
        let totals = rows.iter().map(|(channel, rows)| (*channel, vec![rows.len() as i64])).collect();
        self.begun(incident, message, lane, kind, rows, &totals, None).await
    }

    /// The incident's next update with rows, totals of its stages, lane and timing of its own.
    pub async fn planned(
        &self,
        incident: i64,
        rows: &[SnapshotRow],
        stages: &[i64],
        lane: i64,
        kind: Kind_,
        timing: Option<Timing>,
    ) -> i64 {
        let totals = BTreeMap::from([(Channel::Email, stages.to_vec())]);
        let rows = BTreeMap::from([(Channel::Email, rows.to_vec())]);
        self.begun(incident, MessageKind::Update, lane, kind, &rows, &totals, timing).await
    }

    #[allow(clippy::too_many_arguments, reason = "what differs between the tests' broadcasts")]
    async fn begun(
        &self,
        incident: i64,
        message: MessageKind,
        lane: i64,
        kind: Kind_,
        rows: &BTreeMap<Channel, Vec<SnapshotRow>>,
        totals: &BTreeMap<Channel, Vec<i64>>,
        timing: Option<Timing>,
    ) -> i64 {
        let now = &entry(self.now);
        let update = self.store.add_update(incident, &content(Status::Investigating), Some(1), now).await.unwrap();
        let new = NewBroadcast {
            incident_id: incident,
            update_id: update,
            version: 1,
            exercise: kind.exercise,
            replaces_everywhere: kind.everywhere,
            required_by_law: kind.by_law,
            lane,
            submitted_by: Some(1),
            expires_at: self.later(3600),
            start_at: None,
            timing,
        };
        let id = self.store.begin_broadcast(&new, self.now).await.unwrap();
        if message != MessageKind::Update {
            // Nothing begins one of these yet.
            let mut tx = self.store.begin().await.unwrap();
            let sql = "UPDATE broadcast SET message = ? WHERE id = ?";
            sqlx::query(sql).bind(message.as_str()).bind(id).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        for (channel, rows) in rows {
            self.store.append_snapshot(id, *channel, rows).await.unwrap();
        }
        let people = rows.values().map(|rows| rows.len() as i64).max().unwrap_or_default();
        let rendering = StoredRendering {
            message,
            turn: 0,
            variant: 0,
            channel: Channel::Email,
            locale: "en".to_owned(),
            document: "{}".to_owned(),
        };
        self.store
            .seal_broadcast(id, &[rendering], totals, "digest", people, &serde_json::json!({}), now)
            .await
            .unwrap();
        id
    }

    pub async fn approved(&self, incident: i64, addresses: &[&str], kind: Kind_) -> i64 {
        let id = self.submitted(incident, addresses, kind).await;
        self.store.approve_broadcast(id, "digest", 2, addresses.len() as i64, &entry(self.now)).await.unwrap();
        id
    }

    /// The same, going out.
    pub async fn started(&self, incident: i64, addresses: &[&str], kind: Kind_) -> i64 {
        let id = self.approved(incident, addresses, kind).await;
        self.start(id).await;
        id
    }

    pub async fn start(&self, id: i64) {
        let effects = StartEffects { status: Status::Investigating, components: Vec::new(), next_update_at: None };
        self.store.start_broadcast(id, Some(&effects), &entry(self.now)).await.unwrap();
    }

    pub async fn claim(&self, max: i64) -> Option<Claim> {
        self.claim_at(max, self.now).await
    }

    pub async fn claim_at(&self, max: i64, now: Timestamp) -> Option<Claim> {
        self.store.claim(Channel::Email, "relay", false, false, max, now).await.unwrap()
    }

    /// Records an outcome for each item; the last of a claim ends it.
    pub async fn record(&self, items: &[Claimed], verdict: Verdict) {
        self.store.record(&self.records(items, verdict)).await.unwrap();
    }

    /// The same, to be changed before they are written.
    pub fn records(&self, items: &[Claimed], verdict: Verdict) -> Vec<Record> {
        items
            .iter()
            .enumerate()
            .map(|(place, item)| Record {
                claim: item.claim,
                id: item.id,
                attempts: item.attempts,
                provider: "relay".to_owned(),
                at: self.now,
                verdict: verdict.clone(),
                attempt: None,
                referable: true,
                ends_claim: items[place + 1..].iter().all(|other| other.claim != item.claim),
                suppress: None,
                pinned: false,
            })
            .collect()
    }

    /// Records outcomes of deliveries whose claims stay open: others of them are on the wire.
    pub async fn record_some(&self, items: &[Claimed], verdict: Verdict) {
        let mut records = self.records(items, verdict);
        records.iter_mut().for_each(|record| record.ends_claim = false);
        self.store.record(&records).await.unwrap();
    }

    /// Nobody knows whether these arrived; the rule says to send them again in a minute.
    pub async fn doubt(&self, items: &[Claimed]) {
        let again = Verdict::Again { due_at: self.later(60), counts: true, reason: Reason::Temporary };
        let mut records = self.records(items, again);
        records.iter_mut().for_each(|record| record.attempt = Some(("in_doubt", None, String::new())));
        self.store.record(&records).await.unwrap();
    }

    /// The state of each delivery, by address.
    pub async fn states(&self, broadcast: i64) -> BTreeMap<String, String> {
        let listed = self.store.deliveries(broadcast, None, None, None, 1000).await.unwrap();
        listed.into_iter().map(|delivery| (delivery.address, delivery.state)).collect()
    }

    /// Counters must match the rows, whatever happened.
    pub async fn counters_match(&self, broadcast: i64) {
        let mut by_row: BTreeMap<String, i64> = BTreeMap::new();
        for state in self.states(broadcast).await.into_values().filter(|state| DeliveryState::parse(state).is_some()) {
            *by_row.entry(state).or_default() += 1;
        }
        let mut by_counter: BTreeMap<String, i64> = BTreeMap::new();
        for progress in self.store.progress(broadcast).await.unwrap().values() {
            for (state, n) in &progress.outcomes {
                *by_counter.entry(state.as_str().to_owned()).or_default() += n;
            }
        }
        assert_eq!(by_counter, by_row);
    }
}

pub fn row(place: usize, address: &str) -> SnapshotRow {
    SnapshotRow {
        ordinal: place as i64,
        address: address.to_owned(),
        recipient_id: None,
        variant: 0,
        locale: "en".to_owned(),
        hole_values: None,
        sharers: Vec::new(),
    }
}

pub fn accepted() -> Verdict {
    Verdict::End { state: DeliveryState::Accepted, reason: None, reference: None, parts: 1 }
}

pub fn failed() -> Verdict {
    Verdict::End { state: DeliveryState::Failed, reason: Some(Reason::MailboxFull), reference: None, parts: 0 }
}

pub fn addresses(claim: &Claim) -> Vec<&str> {
    claim.items.iter().map(|item| item.address.as_str()).collect()
}

pub fn delivery(broadcast: i64, ordinal: i64) -> DeliveryId {
    DeliveryId { broadcast, channel: Channel::Email, ordinal }
}
