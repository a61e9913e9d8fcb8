//! The digest: what a person's yes is bound to.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;
use sha2::{Digest as _, Sha256};

use crate::{
    compose::content::Content,
    store::{broadcasts::Broadcast, incidents::Incident, plan::SnapshotRow, renderings::StoredRendering},
    world::hex,
};

/// The hash of a snapshot, made while it is written: each channel's rows in their order, then the channels.
#[derive(Default)]
pub struct SnapshotHash(BTreeMap<Channel, Sha256>);

impl SnapshotHash {
    /// Takes the next row of a channel.
    pub fn add(&mut self, channel: Channel, row: &SnapshotRow) {
        let hash = self.0.entry(channel).or_default();
        for place in [row.ordinal, i64::try_from(row.variant).unwrap_or(i64::MAX)] {
            hash.update(place.to_be_bytes());
        }
        for text in [&row.address, &row.locale, row.hole_values.as_deref().unwrap_or_default()] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
    }

    /// 64 hexadecimal characters.
    pub fn end(self) -> String {
        let mut all = Sha256::new();
        for (channel, hash) in self.0 {
            all.update([channel as u8]);
            all.update(hash.finalize());
        }
        hex(&all.finalize())
    }
}

/// SHA-256 over kind, content, every rendering (the correction's and the "no news yet" ones too), the snapshot's hash
/// and numbers, start time, timing and flags. 64 hexadecimal characters.
///
/// # Errors
/// When the content cannot be written as JSON, which it always can.
pub fn of(
    incident: &Incident,
    broadcast: &Broadcast,
    content: &Content,
    renderings: &[StoredRendering],
) -> serde_json::Result<String> {
    let mut sorted: Vec<&StoredRendering> = renderings.iter().collect();
    sorted.sort_by_key(|text| (text.message, text.turn, text.variant, text.channel, text.locale.clone()));
    let mut document = serde_json::json!({
        "incident": incident.id,
        "kind": incident.kind,
        "exercise": incident.exercise,
        "update": broadcast.update_id,
        "version": broadcast.version,
        "content": content,
        "renderings": sorted,
        "snapshot": broadcast.plan.get("snapshot_hash"),
        "totals": broadcast.plan.get("totals"),
        "people": broadcast.people,
        "start_at": broadcast.start_at,
        "required_by_law": broadcast.required_by_law,
        "replaces_everywhere": broadcast.replaces_everywhere,
    });
    // Only where something was chosen, so that what was approved before there was a choice keeps its digest.
    if let Some(timing) = &broadcast.timing {
        document["timing"] = serde_json::to_value(timing)?;
    }
    Ok(hex(&Sha256::digest(&serde_json::to_vec(&document)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ordinal: i64, address: &str, hole_values: Option<&str>) -> SnapshotRow {
        SnapshotRow {
            ordinal,
            address: address.to_owned(),
            recipient_id: Some(1),
            variant: 0,
            locale: "en".to_owned(),
            hole_values: hole_values.map(str::to_owned),
            sharers: Vec::new(),
        }
    }

    fn of(rows: &[(Channel, SnapshotRow)]) -> String {
        let mut hash = SnapshotHash::default();
        rows.iter().for_each(|(channel, row)| hash.add(*channel, row));
        hash.end()
    }

    #[test]
    fn a_snapshot_has_another_hash_as_soon_as_anything_of_it_differs() {
        let (mail, text) = ((Channel::Email, row(0, "a@x", Some("{}"))), (Channel::Sms, row(0, "+441632960000", None)));
        let first = of(&[mail.clone(), text.clone()]);
        assert_eq!(first, of(&[text.clone(), mail.clone()]), "channels are written in any order");
        let others = [
            vec![mail.clone()],
            vec![mail.clone(), (Channel::Mastodon, text.1.clone())],
            vec![mail.clone(), (Channel::Sms, SnapshotRow { variant: 1, ..text.1.clone() })],
            vec![mail.clone(), (Channel::Sms, SnapshotRow { ordinal: 1, ..text.1.clone() })],
            vec![mail.clone(), (Channel::Sms, row(0, "+44163296000", Some("0")))],
            vec![(Channel::Email, row(0, "b@x", Some("{}"))), text.clone()],
        ];
        for other in others {
            assert_ne!(first, of(&other));
        }
    }
}
