//! Posts that somebody wants deleted: "deleted at 10:52", and what could not be.

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::super::{
    time::Times,
    words::{say, text},
};
use crate::store::withdrawals::{Stands, Withdrawal};

/// Adds to a channel's note what became of its posts.
pub(super) fn note(row: &mut Value, times: &Times, channel: Channel, deleting: &[Withdrawal]) {
    let own = || deleting.iter().filter(|one| one.channel == channel);
    let gone = || own().filter(|one| one.state == Stands::Deleted);
    let Some(last) = gone().filter_map(|one| one.at).max() else { return };
    let said = match (gone().count(), own().count()) {
        (all, total) if all == total => text!("broadcast-deleted", at = times.near(last)),
        (some, total) => text!("broadcast-deleted-some", some = some, total = total, at = times.near(last)),
    };
    let before = row["note"].as_str().unwrap_or_default();
    row["note"] = json!(if before.is_empty() { said } else { format!("{before} · {said}") });
}

/// What is not deleted yet, or cannot be from here.
pub(super) fn undeleted(times: &Times, deleting: &[Withdrawal], may: bool) -> Value {
    let open = deleting.iter().filter(|one| one.state != Stands::Deleted);
    let rows = open.map(|one| {
        let failed = one.state == Stands::Failed;
        let why = one.reason.as_deref().map(|reason| say("reason", reason));
        let next = match (failed, one.at) {
            (true, _) => text!("broadcast-delete-failed"),
            (false, Some(at)) => text!("broadcast-delete-tried", away = times.away(at)),
            (false, None) => text!("broadcast-deleting"),
        };
        json!({ "channel": say("channel", one.channel.as_str()), "why": why, "detail": one.detail, "next": next,
            "again": failed && may })
    });
    json!(rows.collect::<Vec<_>>())
}
