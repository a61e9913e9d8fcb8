//! Who was called about what waits: "Ben was texted 02:05, not opened. Next: Dana, 02:07".

use onevoice_channels::contract::Channel;

use super::super::{enter::Desk, time::Times};
use crate::{
    problem::Problem,
    store::{broadcasts::Broadcast, duty::Summons},
};

/// The sentence; empty where there is nothing to say.
pub(in super::super) async fn sentence(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<String, Problem> {
    let store = &desk.app.store;
    if let Some((person, at)) = store.opened(broadcast.id).await?.first() {
        return Ok(format!("{} opened it at {}.", store.person(*person).await?.name, times.near(*at)));
    }
    if broadcast.exercise {
        return Ok("Practice calls nobody.".to_owned());
    }
    let calls = store.summons_of(broadcast.id).await?;
    let mut told = Vec::new();
    if let Some(last) = calls.iter().rev().find(|call| call.sent_at.is_some()) {
        let (name, at) = (store.person(last.person_id).await?.name, times.near(last.sent_at.unwrap_or(last.due_at)));
        told.push(match last.failed {
            true => format!("{name} could not be reached {} {at}.", by(last, "by text", "by mail")),
            false => format!("{name} was {} {at}, not opened.", by(last, "texted", "mailed")),
        });
    }
    match calls.iter().find(|call| call.sent_at.is_none()) {
        Some(next) => {
            let (name, at) = (store.person(next.person_id).await?.name, times.near(next.due_at));
            told.push(format!("Next: {name}, {} {at}.", by(next, "by text", "by mail")));
        }
        None if calls.is_empty() => told.push("Nobody who may approve it is on duty: nobody is called.".to_owned()),
        None => told.push("Nobody else is on duty.".to_owned()),
    }
    Ok(told.join(" "))
}

fn by(call: &Summons, text: &'static str, mail: &'static str) -> &'static str {
    if call.channel == Channel::Sms { text } else { mail }
}
