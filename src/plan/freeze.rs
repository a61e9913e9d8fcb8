//! The submit: the audience is written down as it is now, each person's text measured, and all of it bound in a digest.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt as _;
use jiff::SignedDuration;
use onevoice_channels::{
    contract::{Channel, Content as Wire},
    sms::encoding,
};

use super::{Measured, digest, samples::Samples, texts::Bill};
use crate::{
    app::App,
    check::Finding,
    compose::draft::Draft,
    pace::Timing,
    people::Actor,
    problem::Problem,
    render::{MessageKind, Person, Rendering, splice},
    store::{
        broadcasts::{Broadcast, NewBroadcast},
        plan::{Member, SnapshotRow},
        renderings::StoredRendering,
    },
};

/// Rows of the snapshot in one statement.
const CHUNK: usize = 2_000;

/// Everything that a submit binds.
pub struct Ready<'a> {
    /// The draft.
    pub draft: &'a Draft,
    /// Every rendering.
    pub renderings: &'a [Rendering],
    /// The numbers.
    pub measured: &'a Measured,
    /// What the checker said; kept findings are read by the approver.
    pub findings: &'a [Finding],
}

/// Freezes a draft that may be submitted.
///
/// # Errors
/// [`Problem`] 409 when it was changed meanwhile, or the store's.
pub async fn freeze(app: &App, actor: &Actor, ready: &Ready<'_>) -> Result<Broadcast, Problem> {
    let now = app.world.clock.now();
    let draft = ready.draft;
    let start_at = draft.content.start_at.as_ref().map(|start| start.at);
    let waits = SignedDuration::from_mins(i64::from(app.config.approval.expires_after_minutes));
    let new = NewBroadcast {
        incident_id: draft.incident.id,
        update_id: draft.update.id,
        version: draft.update.version,
        exercise: draft.incident.exercise,
        replaces_everywhere: draft.content.replaces_everywhere(),
        required_by_law: draft.content.required_by_law.is_some(),
        lane: draft.content.severity.lane(),
        submitted_by: actor.person().map(|person| person.id),
        expires_at: now + waits,
        start_at,
        timing: draft.timing(app),
    };
    let id = app.store.begin_broadcast(&new, now).await?;
    match seal(app, actor, ready, id).await {
        Ok(()) => Ok(app.store.broadcast(id).await?),
        Err(problem) => {
            // What was begun is given up; a failure to do so is swept at the next start.
            let _ = app.store.abandon_broadcast(id, now).await;
            Err(problem)
        }
    }
}

async fn seal(app: &App, actor: &Actor, ready: &Ready<'_>, id: i64) -> Result<(), Problem> {
    let draft = ready.draft;
    let mut frozen = Frozen::new(app, ready, id);
    let stages = frozen.timing.as_ref().map_or(&[][..], |timing| &timing.stages);
    let members = app.store.staged_audience(&draft.audience(), stages, app.world.clock.now());
    tokio::pin!(members);
    while let Some(member) = members.next().await {
        frozen.add(member?).await?;
    }
    frozen.flush().await?;
    for (channel, outlets) in &ready.measured.outlets {
        frozen.outlets(*channel, outlets).await?;
    }
    let Frozen { totals, stages, bill, parts, hash, reached, samples, .. } = frozen;
    let places: HashMap<&str, usize> =
        draft.content.variants.iter().enumerate().map(|(place, variant)| (variant.name.as_str(), place)).collect();
    let mut renderings = Vec::new();
    for rendering in ready.renderings {
        renderings.push(StoredRendering {
            message: rendering.message,
            turn: rendering.turn,
            variant: places.get(rendering.variant.as_str()).copied().unwrap_or_default(),
            channel: rendering.channel,
            locale: rendering.locale.clone(),
            document: serde_json::to_string(rendering).map_err(|_| Problem::internal())?,
        });
    }
    let people = reached.len;
    let forecast: BTreeMap<Channel, f64> =
        ready.measured.forecast.iter().map(|(channel, forecast)| (*channel, forecast.seconds)).collect();
    let texts = app.config.sms.has_prices().then(|| bill.texts(parts.0, parts.1));
    let plan = serde_json::json!({
        "snapshot_hash": hash.end(),
        "totals": totals,
        "stages": stages,
        "measured": ready.measured,
        "seconds": forecast,
        "sms_parts": bill.parts(),
        "texts": texts,
        "samples": samples,
        "cost": bill.cost(),
        "currency": app.config.sms.currency,
        "findings": ready.findings,
    });
    let mut broadcast = app.store.broadcast(id).await?;
    broadcast.people = people;
    broadcast.plan = plan;
    let digest =
        digest::of(&draft.incident, &broadcast, &draft.content, &renderings).map_err(|_| Problem::internal())?;
    let (by, subject) = (actor.audit_name(), format!("broadcast:{id}"));
    let detail = serde_json::json!({ "update": draft.update.id, "version": draft.update.version, "digest": digest, "people": people });
    let entry = app.entry(&by, "update.submit", &subject, detail);
    app.store.seal_broadcast(id, &renderings, &stages, &digest, people, &broadcast.plan, &entry).await?;
    Ok(())
}

/// A set of row numbers, a bit each: those of a million people take an eighth of a megabyte.
#[derive(Default)]
struct Numbers {
    words: BTreeMap<i64, u64>,
    len: i64,
}

impl Numbers {
    fn add(&mut self, number: i64) {
        let word = self.words.entry(number >> 6).or_default();
        let bit = 1 << (number & 63);
        self.len += i64::from(*word & bit == 0);
        *word |= bit;
    }
}

/// The snapshot on its way into the store.
struct Frozen<'a> {
    app: &'a App,
    ready: &'a Ready<'a>,
    id: i64,
    /// The people behind the address at hand; they come in a row.
    group: Vec<Member>,
    rows: Vec<SnapshotRow>,
    channel: Option<Channel>,
    totals: BTreeMap<Channel, i64>,
    /// The totals of each stage.
    stages: BTreeMap<Channel, Vec<i64>>,
    timing: Option<Timing>,
    bill: Bill,
    /// The fewest and the most parts of a text.
    parts: (u32, u32),
    hash: digest::SnapshotHash,
    /// Who has an address that may be written to.
    reached: Numbers,
    samples: Samples,
    texts: HashMap<(usize, Channel, String), &'a Rendering>,
    attributes: Vec<&'a str>,
}

impl<'a> Frozen<'a> {
    fn new(app: &'a App, ready: &'a Ready<'a>, id: i64) -> Frozen<'a> {
        let mut texts = HashMap::new();
        for (place, variant) in ready.draft.content.variants.iter().enumerate() {
            let of_variant =
                |rendering: &&Rendering| rendering.variant == variant.name && rendering.message == MessageKind::Update;
            for rendering in ready.renderings.iter().filter(of_variant) {
                texts.insert((place, rendering.channel, rendering.locale.clone()), rendering);
            }
        }
        let mut attributes: Vec<&str> = ready.renderings.iter().flat_map(Rendering::attributes).collect();
        attributes.sort_unstable();
        attributes.dedup();
        Frozen {
            app,
            ready,
            id,
            group: Vec::new(),
            rows: Vec::with_capacity(CHUNK),
            channel: None,
            totals: BTreeMap::new(),
            stages: BTreeMap::new(),
            timing: ready.draft.timing(app),
            bill: Bill::default(),
            parts: (0, 0),
            hash: digest::SnapshotHash::default(),
            reached: Numbers::default(),
            samples: Samples::default(),
            texts,
            attributes,
        }
    }

    async fn add(&mut self, member: Member) -> Result<(), Problem> {
        let same =
            self.group.first().is_some_and(|first| first.channel == member.channel && first.address == member.address);
        if !same {
            self.end_group().await?;
        }
        self.group.push(member);
        Ok(())
    }

    async fn end_group(&mut self) -> Result<(), Problem> {
        let mut group = std::mem::take(&mut self.group);
        // Who goes first brings the variant that all behind the address get.
        if let Some(earliest) = (0..group.len()).min_by_key(|place| self.stage(group[*place].variant)) {
            group[..=earliest].rotate_right(1);
        }
        let Some(first) = group.first() else { return Ok(()) };
        if self.channel != Some(first.channel) || self.rows.len() == CHUNK {
            self.write().await?;
            self.channel = Some(first.channel);
        }
        let default = self.app.default_locale();
        let draft = self.ready.draft;
        let (locale, _) = draft.locale_for(first.variant, &first.locale, default).ok_or_else(|| {
            Problem::invalid("/variants", format!("a variant has no text in the default locale {default}"))
        })?;
        let values = if group.len() == 1 { Some(self.values(first)) } else { None };
        let ordinal = self.count(first.channel, first.variant, 1);
        if first.channel == Channel::Sms && !first.suppressed {
            let parts = self.parts_of(first, locale, values.as_ref());
            self.bill.add(&self.app.config.sms, &first.address, 1, i64::from(parts));
            let least = if self.parts.0 == 0 { parts } else { self.parts.0.min(parts) };
            self.parts = (least, self.parts.1.max(parts));
        }
        self.samples.see(first.channel, ordinal, (group.len() == 1).then_some(first.name.as_str()));
        if !first.suppressed {
            group.iter().for_each(|member| self.reached.add(member.recipient_id));
        }
        let row = SnapshotRow {
            ordinal,
            address: first.address.clone(),
            recipient_id: Some(first.recipient_id),
            variant: first.variant,
            locale: locale.to_owned(),
            hole_values: values.map(|values| serde_json::to_string(&values).unwrap_or_default()),
            sharers: group[1..].iter().map(|member| member.recipient_id).collect(),
        };
        self.hash.add(first.channel, &row);
        self.rows.push(row);
        Ok(())
    }

    /// The stage of a variant; 0 for all where none go before others.
    fn stage(&self, variant: usize) -> usize {
        self.timing.as_ref().map_or(0, |timing| timing.stage(variant))
    }

    /// Counts so many deliveries of a variant; answers how many its channel had before.
    fn count(&mut self, channel: Channel, variant: usize, n: i64) -> i64 {
        let stage = self.stage(variant);
        let stages = self.stages.entry(channel).or_default();
        stages.resize(stages.len().max(stage + 1), 0);
        stages[stage] += n;
        let total = self.totals.entry(channel).or_default();
        let before = *total;
        *total += n;
        before
    }

    /// What this person's holes are filled with: only the fields that a text shows.
    fn values(&self, member: &Member) -> BTreeMap<String, String> {
        let attributes: BTreeMap<String, String> = serde_json::from_str(&member.attributes).unwrap_or_default();
        let mut values = BTreeMap::new();
        for name in &self.attributes {
            let value = match *name {
                "name" => Some(member.name.clone()),
                "customer_id" => Some(member.customer_id.clone()),
                other => attributes.get(other).cloned(),
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                values.insert((*name).to_owned(), value);
            }
        }
        values
    }

    /// The parts of this person's own text: what it will cost, exactly.
    fn parts_of(&self, member: &Member, locale: &str, values: Option<&BTreeMap<String, String>>) -> u32 {
        let Some(rendering) = self.texts.get(&(member.variant, Channel::Sms, locale.to_owned())) else { return 0 };
        let person = Person {
            address: &member.address,
            values: &|name| values.and_then(|values| values.get(name)).map(String::as_str),
            token: "",
            message_id: "",
            date: self.app.world.clock.now(),
            unsubscribe_url: "",
            thread: None,
        };
        match splice(rendering, &person) {
            Wire::Sms { text, .. } => encoding::measure(&text).parts,
            _ => 0,
        }
    }

    async fn write(&mut self) -> Result<(), Problem> {
        if let Some(channel) = self.channel.filter(|_| !self.rows.is_empty()) {
            self.app.store.append_snapshot(self.id, channel, &self.rows).await?;
            self.rows.clear();
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        self.end_group().await?;
        self.write().await
    }

    async fn outlets(&mut self, channel: Channel, outlets: &[String]) -> Result<(), Problem> {
        let locales = &self.app.config.organisation.locales;
        let sheet = self.ready.draft.content.sheet_locale(locales).filter(|_| channel.is_staff());
        let locale = sheet.unwrap_or_else(|| self.app.default_locale());
        let row = |(place, name): (usize, &String)| SnapshotRow {
            ordinal: place as i64,
            address: name.clone(),
            recipient_id: None,
            variant: 0,
            locale: locale.to_owned(),
            hole_values: None,
            sharers: Vec::new(),
        };
        let rows: Vec<SnapshotRow> = outlets.iter().enumerate().map(row).collect();
        rows.iter().for_each(|row| self.hash.add(channel, row));
        self.app.store.append_snapshot(self.id, channel, &rows).await?;
        self.count(channel, 0, rows.len() as i64);
        Ok(())
    }
}
