//! What went wrong in a broadcast, in words.

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, Reason};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{app::App, problem::Problem};

/// Deliveries of a channel that did not go as hoped for the same reason.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Trouble {
    /// The channel.
    pub channel: Channel,
    /// `waiting`, or an outcome.
    pub state: String,
    /// Why; empty where the state says it.
    pub reason: String,
    /// How many.
    pub deliveries: i64,
    /// When the first of them is tried again.
    pub next_try_at: Option<Timestamp>,
    /// All of that in a sentence.
    pub words: String,
}

impl Trouble {
    /// What went wrong, the most frequent first.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(app: &App, broadcast: i64) -> Result<Vec<Trouble>, Problem> {
        let found = app.store.troubles(broadcast).await?;
        let trouble =
            |(channel, state, reason, deliveries, next_try_at): (Channel, String, String, i64, Option<Timestamp>)| {
                let words = format!("{deliveries} by {channel} {}", sentence(&state, &reason));
                Trouble { channel, state, reason, deliveries, next_try_at, words }
            };
        Ok(found.into_iter().map(trouble).collect())
    }
}

fn sentence(state: &str, reason: &str) -> String {
    let why = because(reason);
    match state {
        "waiting" => format!("wait for another try: {why}."),
        "failed" => format!("failed: {why}."),
        "in_doubt" => {
            "may have arrived: they were handed over, and nobody answered. Decide whether to send them again."
                .to_owned()
        }
        "suppressed" => format!("were not written to: {why}."),
        "superseded" => "were replaced by a later update before they were sent.".to_owned(),
        "retracted" => "were not sent, because the broadcast was taken down.".to_owned(),
        _ => format!("are {state}: {why}."),
    }
}

fn because(reason: &str) -> &str {
    let Some(known) = Reason::parse(reason) else {
        return match reason {
            "pace" => "their destination takes no more for the moment",
            "outlet" => "another account posts them",
            "order" => "an earlier message to the same reader is still on its way",
            "stopped" => "it was stopped before it was sent",
            "retry" => "it is sent again",
            "complaint" => "the reader complained",
            "manual" => "somebody asked for it",
            "" => "no reason was given",
            other => other,
        };
    };
    match known {
        Reason::NoSuchAddress => "there is no such address",
        Reason::MailboxFull => "the mailbox is full",
        Reason::BadAddress => "the address is not well formed",
        Reason::Blocked => "refused by a policy of the other side",
        Reason::OptedOut => "the reader opted out",
        Reason::BadContent => "the provider refuses the text",
        Reason::Unauthorized => "the provider refuses our credentials; look at the configuration",
        Reason::Throttled => "the provider asks us to go slower",
        Reason::Quota => "the provider's quota or credit is used up",
        Reason::Temporary => "a temporary fault of the other side",
        Reason::Unreachable => "the provider cannot be reached",
        Reason::BadAnswer => "the provider answered something unexpected",
        Reason::Undelivered => "the network reported that it did not arrive",
        Reason::Expired => "it expired on its way",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_as_a_sentence() {
        for reason in Reason::ALL {
            let words = sentence("failed", reason.as_str());
            assert!(words.starts_with("failed: ") && words.ends_with('.') && !words.contains('_'), "{words}");
        }
    }
}
