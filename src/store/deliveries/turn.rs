//! The ledger's transaction: outcomes, what came back, and new claims, all durable at once.
//!
//! One fdatasync then serves every connection. Outcomes come first, so that a claim sees what ended before it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use onevoice_channels::failpoint;

use super::{
    Ask, Record, Returned, Turn, Verdict, claim,
    record::{give_back, open_deliveries, put},
};
use crate::store::{Result, Store};

impl Store {
    /// Writes what happened, takes back what was not written (due again at `now`), and claims what is asked for.
    ///
    /// # Errors
    /// The database's; nothing was written and nothing claimed, and the caller keeps what it had.
    pub async fn turn(&self, records: &[Record], returned: &[Returned], asks: &[Ask], now: Timestamp) -> Result<Turn> {
        let mut tx = self.begin().await?;
        put(&mut tx, records).await?;
        for returned in returned {
            give_back(&mut tx, returned, now).await?;
        }
        let mut turn = Turn::default();
        let ends = |record: &&Record| matches!(record.verdict, Verdict::End { .. });
        let mut touched: BTreeSet<i64> = records.iter().filter(ends).map(|record| record.id.broadcast).collect();
        for ask in asks {
            let claim = claim::claim(&mut tx, ask, now).await?;
            touched.extend(claim.iter().filter(|claim| claim.settled).map(|claim| claim.broadcast_id));
            turn.claims.push(claim);
        }
        for broadcast in touched {
            if open_deliveries(&mut tx, broadcast).await? <= 0 {
                turn.complete.push(broadcast);
            }
        }
        let claimed = turn.claims.iter().flatten().any(|claim| !claim.items.is_empty());
        let passes = [(claimed, "claim", "intent"), (!records.is_empty(), "outcome", "recorded")];
        passes.iter().filter(|(did, ..)| *did).for_each(|(_, before, _)| failpoint::pass(before));
        if !returned.is_empty() {
            failpoint::pass("release");
        }
        tx.commit().await?;
        passes.iter().filter(|(did, ..)| *did).for_each(|(_, _, after)| failpoint::pass(after));
        Ok(turn)
    }
}
