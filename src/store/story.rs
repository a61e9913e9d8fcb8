//! What was done with an incident, from the audit.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row as _;

use super::{Result, Store};
use crate::world::from_millis;

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// Who: `person:3`, `key:7/person:3`, `operator`, `system`.
    pub actor: String,
    /// What: `broadcast.pause`.
    pub action: String,
    /// To what: `broadcast:12`.
    pub subject: String,
}

/// What belongs to the story. Drafts are saved at every pause, and that is no news.
const TOLD: [&str; 30] = [
    "incident.open",
    "incident.restrict",
    "incident.unrestrict",
    "incident.name",
    "incident.name_unseen",
    "update.submit",
    "update.return",
    "update.sign",
    "update.remark",
    "update.approve",
    "update.expire",
    "broadcast.start",
    "broadcast.next_stage",
    "broadcast.pause",
    "broadcast.resume",
    "broadcast.retract",
    "broadcast.correct",
    "broadcast.retry",
    "broadcast.resend_in_doubt",
    "broadcast.leave_in_doubt",
    "broadcast.digest_mismatch",
    "broadcast.end",
    "promise.hand_over",
    "promise.holding",
    "promise.holding_dropped",
    "promise.escalate",
    "promise.call_approvers",
    "deadline.add",
    "deadline.done",
    "deadline.reopen",
];

impl Store {
    /// What was done with an incident, its updates, broadcasts and promises, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn deeds(&self, incident_id: i64) -> Result<Vec<Deed>> {
        let rows = sqlx::query(
            "SELECT at, actor, action, subject FROM audit WHERE subject IN (
               SELECT 'incident:' || ?1 UNION ALL SELECT 'update:' || id FROM incident_update WHERE incident_id = ?1
               UNION ALL SELECT 'broadcast:' || id FROM broadcast WHERE incident_id = ?1
               UNION ALL SELECT 'promise:' || id FROM promise WHERE incident_id = ?1
               UNION ALL SELECT 'deadline:' || id FROM deadline WHERE incident_id = ?1)
             AND action IN (SELECT value FROM json_each(?2)) ORDER BY id LIMIT 1000",
        )
        .bind(incident_id)
        .bind(serde_json::to_string(&TOLD)?)
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| Deed {
                at: from_millis(row.get("at")),
                actor: row.get("actor"),
                action: row.get("action"),
                subject: row.get("subject"),
            })
            .collect())
    }
}
