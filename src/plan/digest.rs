//! The digest: what a person's yes is bound to.

use sha2::{Digest as _, Sha256};

use crate::{
    compose::content::Content,
    store::{
        broadcasts::{Broadcast, StoredRendering},
        incidents::Incident,
    },
    world::hex,
};

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
    sorted.sort_by_key(|rendering| (rendering.message, rendering.variant, rendering.channel, rendering.locale.clone()));
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
