//! Who was called about what waits: "Ben was texted 02:05, not opened. Next: Dana, 02:07".

use onevoice_channels::contract::Channel;

use super::super::{enter::Desk, time::Times, words::text};
use crate::{
    problem::Problem,
    store::{broadcasts::Broadcast, duty::Summons},
};

/// The sentence; empty where there is nothing to say.
pub(in super::super) async fn sentence(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<String, Problem> {
    let store = &desk.app.store;
    if let Some((person, at)) = store.opened(broadcast.id).await?.first() {
        let name = store.person(*person).await?.name;
        return Ok(text!("approve-chase-opened", name = name, at = times.near(*at)));
    }
    if broadcast.exercise {
        return Ok(text!("approve-chase-practice"));
    }
    let calls = store.summons_of(broadcast.id).await?;
    let mut told = Vec::new();
    if let Some(last) = calls.iter().rev().find(|call| call.sent_at.is_some()) {
        let (name, at) = (store.person(last.person_id).await?.name, times.near(last.sent_at.unwrap_or(last.due_at)));
        told.push(match last.failed {
            true => text!("approve-chase-failed", name = name, by = by(last), at = at),
            false => text!("approve-chase-told", name = name, by = by(last), at = at),
        });
    }
    match calls.iter().find(|call| call.sent_at.is_none()) {
        Some(next) => {
            let (name, at) = (store.person(next.person_id).await?.name, times.near(next.due_at));
            told.push(text!("approve-chase-next", name = name, by = by(next), at = at));
        }
        None if calls.is_empty() => told.push(text!("approve-chase-nobody")),
        None => told.push(text!("approve-chase-nobody-else")),
    }
    Ok(told.join(" "))
}

/// How somebody is called, as the sentences have it.
fn by(call: &Summons) -> &'static str {
    if call.channel == Channel::Sms { "text" } else { "mail" }
}
