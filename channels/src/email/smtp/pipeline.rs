//! Many messages over one connection, and what is known of each when it breaks.
//!
//! With PIPELINING (RFC 2920) one write carries body(n), its dot, and MAIL, RCPT and DATA of n+1, so that a message
//! costs one round trip. DATA ends such a group: its 354 must be seen before the body may follow, and is only followed
//! where MAIL and RCPT were taken too. So at most two messages are under way: one whose dot waits for its reply, and
//! one of which only the envelope was written.

use lettre::transport::smtp::commands::Rset;

use super::{
    Relay,
    reply::{self, Reply, Stage},
    session::Session,
    wire::{self, Outgoing},
};
use crate::contract::{Outcome, Parcel, Reason, Run, Unavailable};

const DATA: &str = "DATA\r\n";

/// A connection that is no more.
struct Lost {
    why: Unavailable,
    /// What was taken from the run and not written, in order.
    held: Vec<Parcel>,
    /// True where the connection carried something before.
    progressed: bool,
}

/// What the replies to an envelope say.
enum Envelope {
    /// The relay waits for the body.
    Open,
    /// It does not want the message.
    Refused(Outcome),
    /// It does not, and waits for a body that must not come: only closing says so safely.
    RefusedButOpen(Outcome),
}

/// Carries parcels until the run ends. A relay that closes an idle or used connection is called again; one that does
/// so before it took anything is unavailable.
pub(super) async fn carry(relay: &Relay, run: &mut Run) -> Result<(), Unavailable> {
    let mut held: Vec<Parcel> = run.next().await.into_iter().collect();
    while !held.is_empty() {
        let mut session = Session::open(relay).await?;
        match (Carrier { relay, session: &mut session, needs_reset: false, progressed: false, buffer: Vec::new() })
            .drive(held, run)
            .await
        {
            Ok(()) => {
                session.quit().await;
                return Ok(());
            }
            Err(lost) if lost.progressed && matches!(lost.why.reason, Reason::Unreachable | Reason::Temporary) => {
                held = lost.held;
                if held.is_empty() {
                    held.extend(run.next().await);
                }
            }
            Err(lost) => return Err(lost.why),
        }
    }
    Ok(())
}

struct Carrier<'a> {
    relay: &'a Relay,
    session: &'a mut Session,
    /// A refused envelope leaves a transaction open, which RSET ends.
    needs_reset: bool,
    progressed: bool,
    /// What is written next; kept, so that it grows once.
    buffer: Vec<u8>,
}

impl Carrier<'_> {
    async fn drive(mut self, held: Vec<Parcel>, run: &mut Run) -> Result<(), Lost> {
        let mut held = held.into_iter();
        loop {
            let taken = match held.next() {
                Some(parcel) => Some(parcel),
                None => run.next().await,
            };
            let Some(parcel) = taken else { return Ok(()) };
            let Some(message) = self.admit(parcel, run).await else { continue };
            if let Err(mut lost) = self.chain(message, run).await {
                lost.held.extend(held);
                return Err(lost);
            }
        }
    }

    /// Reports a parcel that must not be written.
    async fn admit(&self, parcel: Parcel, run: &Run) -> Option<Outgoing> {
        match wire::commands(&parcel, self.session.server()) {
            Ok((mail, rcpt)) => Some(Outgoing { parcel, mail, rcpt }),
            Err((reason, detail)) => {
                run.report(parcel, Outcome::Rejected { reason, detail: detail.to_owned() }).await;
                None
            }
        }
    }

    /// Carries a message, and those that are ready when its body is written.
    async fn chain(&mut self, first: Outgoing, run: &mut Run) -> Result<(), Lost> {
        if self.session.is_pipelining() {
            self.buffer.clear();
            self.envelope(&first);
            if let Err(why) = self.session.write_commands(&self.buffer).await {
                return Err(self.lost(why, [first.parcel]));
            }
        }
        let mut next = Some(first);
        while let Some(message) = next.take() {
            match self.read_envelope(&message).await {
                Ok(Envelope::Open) => next = self.body(message, run).await?,
                Ok(Envelope::Refused(outcome)) => self.refused(message, outcome, run).await,
                Ok(Envelope::RefusedButOpen(outcome)) => {
                    self.refused(message, outcome, run).await;
                    let detail = "the relay waited for the body of a message that it had refused".to_owned();
                    return Err(self.lost(Unavailable { reason: Reason::Unreachable, detail, after: None }, []));
                }
                Err(why) => return Err(self.lost(why, [message.parcel])),
            }
        }
        Ok(())
    }

    async fn refused(&mut self, message: Outgoing, outcome: Outcome, run: &Run) {
        self.progressed = true;
        self.needs_reset = true;
        run.report(message.parcel, outcome).await;
    }

    /// RSET if it is due, MAIL, RCPT and DATA.
    fn envelope(&mut self, message: &Outgoing) {
        if self.needs_reset {
            self.buffer.extend_from_slice(Rset.to_string().as_bytes());
        }
        for command in [message.mail.as_str(), message.rcpt.as_str(), DATA] {
            self.buffer.extend_from_slice(command.as_bytes());
        }
    }

    /// The replies to an envelope, one by one. Without pipelining each command is written when the one before was
    /// answered, and what follows a refusal is not written at all.
    async fn read_envelope(&mut self, message: &Outgoing) -> Result<Envelope, Unavailable> {
        if std::mem::take(&mut self.needs_reset) {
            let reply = self.ask(&Rset.to_string()).await?;
            if !(200..400).contains(&reply.code()) {
                // 421 here is how Postfix says that one connection has named too many dead addresses: another may go on.
                reply::refusal(&reply, Stage::Mail, &self.relay.scrubber, &message.parcel.to)?;
                let detail = self.relay.scrubber.clean(&reply::words(&reply), &message.parcel.to);
                return Err(Unavailable { reason: Reason::BadAnswer, detail, after: None });
            }
        }
        let steps = [
            (Stage::Mail, message.mail.as_str(), 250..=259),
            (Stage::Rcpt, message.rcpt.as_str(), 250..=259),
            (Stage::Data, DATA, 354..=354),
        ];
        let mut refusal = None;
        let mut recipient_taken = false;
        for (stage, command, taken) in steps {
            let reply = match self.ask(command).await {
                Ok(reply) => reply,
                // What was refused is refused, however the connection ended after it.
                Err(why) => return refusal.map(Envelope::RefusedButOpen).ok_or(why),
            };
            if taken.contains(&reply.code()) {
                recipient_taken |= stage == Stage::Rcpt;
                match (stage, refusal) {
                    (Stage::Data, None) => return Ok(Envelope::Open),
                    (Stage::Data, Some(outcome)) => return self.unwanted_body(outcome, recipient_taken).await,
                    (_, earlier) => refusal = earlier,
                }
                continue;
            }
            if refusal.is_none() {
                refusal = Some(reply::refusal(&reply, stage, &self.relay.scrubber, &message.parcel.to)?);
            }
            if !self.session.is_pipelining() {
                break;
            }
        }
        // The loop ends early only with a refusal, and otherwise at DATA, which was refused.
        refusal.map(Envelope::Refused).ok_or_else(|| Unavailable {
            reason: Reason::BadAnswer,
            detail: "the relay's replies do not follow the commands".to_owned(),
            after: None,
        })
    }

    /// DATA got its 354 although the envelope was refused. With no recipient taken a lone dot ends it and reaches
    /// nobody (RFC 2920, section 3.1); with one taken the dot would send them an empty message.
    async fn unwanted_body(&mut self, outcome: Outcome, recipient_taken: bool) -> Result<Envelope, Unavailable> {
        if !recipient_taken && self.session.command(".\r\n").await.is_ok() {
            return Ok(Envelope::Refused(outcome));
        }
        Ok(Envelope::RefusedButOpen(outcome))
    }

    /// A command's reply; with pipelining the command itself is written already.
    async fn ask(&mut self, command: &str) -> Result<Reply, Unavailable> {
        if self.session.is_pipelining() { self.session.reply().await } else { self.session.command(command).await }
    }

    /// Writes a body and its dot, with the envelope of the next message if one is ready, and reports the first.
    async fn body(&mut self, message: Outgoing, run: &mut Run) -> Result<Option<Outgoing>, Lost> {
        let next = self.ready(run).await;
        self.buffer.clear();
        message.body(&mut self.buffer);
        let end = self.buffer.len();
        if let Some(next) = &next {
            self.envelope(next);
        }
        let waiting = |next: Option<Outgoing>| next.map(|next| next.parcel);
        if let Err(unwritten) = self.session.write_body(&self.buffer).await {
            if unwritten.written < end {
                return Err(self.lost(unwritten.why, [message.parcel].into_iter().chain(waiting(next))));
            }
            run.report(message.parcel, Outcome::InDoubt { detail: unwritten.why.detail.clone() }).await;
            return Err(self.lost(unwritten.why, waiting(next)));
        }
        match self.session.accept_reply().await {
            Err(why) => {
                run.report(message.parcel, Outcome::InDoubt { detail: why.detail.clone() }).await;
                Err(self.lost(why, waiting(next)))
            }
            Ok(reply) if (200..300).contains(&reply.code()) => {
                self.progressed = true;
                let reference = Some(self.relay.scrubber.reference(&reply::words(&reply), &message.parcel.to));
                run.report(message.parcel, Outcome::Accepted { reference, parts: 1 }).await;
                Ok(next)
            }
            Ok(reply) => match reply::refusal(&reply, Stage::Dot, &self.relay.scrubber, &message.parcel.to) {
                Ok(outcome) => {
                    self.progressed = true;
                    run.report(message.parcel, outcome).await;
                    Ok(next)
                }
                Err(why) => {
                    run.report(message.parcel, after_the_dot(&why)).await;
                    Err(self.lost(why, waiting(next)))
                }
            },
        }
    }

    /// The next message, if the relay pipelines and the run has one at hand.
    async fn ready(&self, run: &mut Run) -> Option<Outgoing> {
        if !self.session.is_pipelining() {
            return None;
        }
        while let Some(parcel) = run.try_next() {
            if let Some(message) = self.admit(parcel, run).await {
                return Some(message);
            }
        }
        None
    }

    fn lost(&self, why: Unavailable, held: impl IntoIterator<Item = Parcel>) -> Lost {
        Lost { why, held: held.into_iter().collect(), progressed: self.progressed }
    }
}

/// A message whose dot was answered with the end of the connection: 421 and its like say that it was not taken; what
/// is no reply at all leaves it in doubt.
fn after_the_dot(why: &Unavailable) -> Outcome {
    match why.reason {
        Reason::BadAnswer => Outcome::InDoubt { detail: why.detail.clone() },
        reason => Outcome::Later { after: why.after, reason, detail: why.detail.clone() },
    }
}
