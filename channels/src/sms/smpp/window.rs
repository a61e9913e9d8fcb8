//! Many texts over one connection: as many under way as the window allows, their answers matched by sequence number.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use super::{
    Centre,
    link::{Link, unavailable},
    parts::{Letter, Next, Part},
    pdu::{self, Pdu, command},
    status, text,
};
use crate::{
    contract::{Content, Outcome, Parcel, Reason, Run, Unavailable},
    failpoint,
    sms::encoding,
};

/// How long the rest of a text that was begun waits after the centre had enough.
const REST: Duration = Duration::from_secs(1);

/// A connection that is no more.
pub(super) struct Lost {
    pub(super) why: Unavailable,
    /// What was taken from the run and not written, in order.
    pub(super) held: Vec<Parcel>,
    /// True where the connection carried something before.
    pub(super) progressed: bool,
}

/// One part that was written, or will be: of which text, and which of it.
#[derive(Clone, Copy)]
struct Place {
    letter: u64,
    part: usize,
}

pub(super) struct Window<'a> {
    centre: &'a Arc<Centre>,
    link: &'a mut Link,
    letters: HashMap<u64, Letter>,
    /// What comes next, in order.
    queue: VecDeque<Place>,
    /// What waits for an answer, by sequence number in the order of writing, and until when.
    sent: BTreeMap<u64, (u32, Place, Instant)>,
    /// Ends when the rest of begun texts may go.
    rest: Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
    resting: Vec<Place>,
    count: u64,
    progressed: bool,
}

/// What happened while the window waited.
enum Event {
    Answer(Option<Pdu>),
    Parcel(Option<Parcel>),
    Rested,
    Late,
}

impl<'a> Window<'a> {
    pub(super) fn new(centre: &'a Arc<Centre>, link: &'a mut Link) -> Window<'a> {
        Window {
            centre,
            link,
            letters: HashMap::new(),
            queue: VecDeque::new(),
            sent: BTreeMap::new(),
            rest: None,
            resting: Vec::new(),
            count: 0,
            progressed: false,
        }
    }

    /// Carries until the run ends and everything written has its answer.
    pub(super) async fn drive(mut self, held: Vec<Parcel>, run: &mut Run) -> Result<(), Lost> {
        let mut held = VecDeque::from(held);
        let mut open = true;
        loop {
            let why = match self.fill(&mut held, run).await {
                Err(why) => why,
                Ok(()) if !open && self.letters.is_empty() => return Ok(()),
                Ok(()) => match self.wait(open, run).await {
                    Event::Answer(Some(answer)) => match self.answered(answer, run).await {
                        Ok(()) => continue,
                        Err(why) => why,
                    },
                    Event::Answer(None) => unavailable(Reason::Unreachable, "the connection ended"),
                    Event::Late => unavailable(Reason::Unreachable, "no answer in time"),
                    Event::Parcel(Some(parcel)) => {
                        held.push_back(parcel);
                        continue;
                    }
                    Event::Parcel(None) => {
                        open = false;
                        continue;
                    }
                    Event::Rested => {
                        self.rest = None;
                        let resting = std::mem::take(&mut self.resting);
                        resting.into_iter().rev().for_each(|place| self.queue.push_front(place));
                        continue;
                    }
                },
            };
            return Err(self.lost(why, held, run).await);
        }
    }

    fn has_room(&self, batch: usize) -> bool {
        self.sent.len() + batch < self.centre.settings.window.get() as usize
    }

    /// Writes what the window has room for, in one write.
    async fn fill(&mut self, held: &mut VecDeque<Parcel>, run: &mut Run) -> Result<(), Unavailable> {
        let (mut wire, mut batch) = (Vec::new(), Vec::new());
        while self.has_room(batch.len()) {
            let Some(place) = self.queue.pop_front() else {
                let Some(parcel) = held.pop_front().or_else(|| run.try_next()) else { break };
                self.admit(parcel, run).await;
                continue;
            };
            let Some(letter) = self.letters.get(&place.letter).filter(|letter| !letter.is_spoilt()) else { continue };
            let number = self.link.number();
            Pdu::request(command::SUBMIT_SM, number, letter.bodies[place.part].clone()).write(&mut wire);
            batch.push((number, place, wire.len()));
        }
        if batch.is_empty() {
            return Ok(());
        }
        let outcome = self.link.write(&wire).await;
        failpoint::pass("write");
        let until = Instant::now() + self.centre.settings.timeouts.answer();
        let written = outcome.as_ref().err().map_or(wire.len(), |unwritten| unwritten.written);
        for (number, place, end) in batch {
            // What went in part only is no message.
            if end <= written {
                self.count += 1;
                self.sent.insert(self.count, (number, place, until));
                self.mark(place, Part::Sent);
            }
        }
        outcome.map_err(|unwritten| unwritten.why)
    }

    async fn wait(&mut self, open: bool, run: &mut Run) -> Event {
        let wants_more = open && self.queue.is_empty() && self.has_room(0);
        let first = self.sent.first_key_value().map(|(_, (_, _, until))| *until);
        let answers = async {
            match first {
                // Idle, the end of the connection is noticed by the next write.
                None => Event::Answer(self.link.answer().await),
                Some(until) => timeout_at(until, self.link.answer()).await.map_or(Event::Late, Event::Answer),
            }
        };
        let rested = async {
            match &mut self.rest {
                Some(rest) => rest.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = answers => event,
            () = rested => Event::Rested,
            parcel = run.next(), if wants_more => Event::Parcel(parcel),
        }
    }

    /// Takes a parcel up, or reports one that must not be written.
    async fn admit(&mut self, parcel: Parcel, run: &Run) {
        let messages = match text::messages(&self.centre.settings, &parcel) {
            Ok(messages) => messages,
            Err((reason, detail)) => {
                run.report(parcel, Outcome::Rejected { reason, detail: detail.to_owned() }).await;
                return;
            }
        };
        let counted = match &parcel.content {
            Content::Sms { text, .. } if messages.len() == 1 => encoding::measure(text).parts,
            _ => u32::try_from(messages.len()).unwrap_or(u32::MAX),
        };
        self.count += 1;
        let letter = self.count;
        self.queue.extend((0..messages.len()).map(|part| Place { letter, part }));
        let parts = vec![Part::Waiting; messages.len()];
        let bodies = messages.iter().map(pdu::Message::body).collect();
        self.letters.insert(letter, Letter { parcel, bodies, parts, counted, again: 0 });
    }

    fn mark(&mut self, place: Place, part: Part) {
        if let Some(letter) = self.letters.get_mut(&place.letter) {
            letter.parts[place.part] = part;
        }
    }

    async fn answered(&mut self, answer: Pdu, run: &Run) -> Result<(), Unavailable> {
        failpoint::pass("reply");
        let found =
            self.sent.iter().find(|(_, (number, _, _))| *number == answer.sequence).map(|(key, sent)| (*key, sent.1));
        // An answer to nothing that waits: late, or repeated.
        let Some((key, place)) = found else { return Ok(()) };
        let is_nack = answer.command == command::GENERIC_NACK;
        if !is_nack && !answer.answers(command::SUBMIT_SM) || is_nack && answer.status == status::OK {
            return Err(unavailable(Reason::BadAnswer, "the centre's answer does not fit the text"));
        }
        let part = match answer.status {
            status::OK => Part::Taken(self.reference(&answer, place)?),
            refused => Part::Refused(status::refusal(refused, &self.centre.own_statuses)),
        };
        self.sent.remove(&key);
        if let Part::Refused(Outcome::Later { reason: Reason::Unauthorized, detail, .. }) = &part {
            let why = unavailable(Reason::Unauthorized, detail);
            self.mark(place, Part::Waiting);
            return Err(why);
        }
        self.progressed = true;
        self.mark(place, part);
        self.settle(place.letter, run).await;
        Ok(())
    }

    /// The centre's id for a text, unless it repeats a number or a secret: then it is none that may be kept.
    fn reference(&self, answer: &Pdu, place: Place) -> Result<Option<String>, Unavailable> {
        let id = pdu::message_id(&answer.body)
            .map_err(|_| unavailable(Reason::BadAnswer, "the centre's answer cannot be read"))?;
        let number = self.letters.get(&place.letter).map_or("", |letter| letter.parcel.to.trim_start_matches('+'));
        let id = id.filter(|id| number.is_empty() || !id.contains(number));
        Ok(id.map(|id| self.centre.settings.answer_ids.read(&self.centre.scrubber.reference(&id, ""))))
    }

    async fn settle(&mut self, number: u64, run: &Run) {
        let Some(letter) = self.letters.get_mut(&number) else { return };
        match letter.next(false) {
            Next::Wait | Next::Unwritten => {}
            Next::Report(outcome) => {
                if let Some(letter) = self.letters.remove(&number) {
                    run.report(letter.parcel, outcome).await;
                }
            }
            Next::Again(parts) => {
                self.queue.retain(|place| place.letter != number);
                self.resting.extend(parts.into_iter().map(|part| Place { letter: number, part }));
                let centre = self.centre;
                self.rest.get_or_insert_with(|| Box::pin(async move { centre.clock.sleep(REST).await }));
            }
        }
    }

    /// Reports what was written; gives back what was not.
    async fn lost(mut self, why: Unavailable, held: VecDeque<Parcel>, run: &Run) -> Lost {
        for (_, place, _) in std::mem::take(&mut self.sent).into_values() {
            self.mark(place, Part::Lost(why.detail.clone()));
        }
        let mut letters: Vec<_> = self.letters.drain().collect();
        letters.sort_unstable_by_key(|(number, _)| *number);
        let mut unwritten = Vec::new();
        for (_, mut letter) in letters {
            match letter.next(true) {
                Next::Report(outcome) => run.report(letter.parcel, outcome).await,
                _ => unwritten.push(letter.parcel),
            }
        }
        unwritten.extend(held);
        Lost { why, held: unwritten, progressed: self.progressed }
    }
}
