//! What is done about one promise now. A table over facts, so that every case can be read and tested.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{approve::State, config::Promises};

/// Why nothing was sent, and people were called instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// As many "no news yet" messages went out in a row as may.
    Enough,
    /// The time for it has passed: this machine was off, or everything was stopped.
    TooLate,
    /// No such message was approved with the update, or it has nowhere to go.
    NothingApproved,
    /// The update that made the promise was stopped, taken down or corrected, or the message itself was.
    Stopped,
}

impl Why {
    /// Each of them.
    pub const ALL: [Why; 4] = [Why::Enough, Why::TooLate, Why::NothingApproved, Why::Stopped];

    /// The name in the API, the store and the words.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Enough => "enough",
            Why::TooLate => "too_late",
            Why::NothingApproved => "nothing_approved",
            Why::Stopped => "stopped",
        }
    }

    /// Reads a name written by [`Why::as_str`].
    pub fn parse(name: &str) -> Option<Why> {
        Why::ALL.into_iter().find(|why| why.as_str() == name)
    }
}

/// What is known of a promise that nobody kept yet.
#[derive(Clone, Debug)]
pub struct Facts {
    /// For when it was made.
    pub due: Timestamp,
    /// True for practice.
    pub exercise: bool,
    /// An approved update of the incident starts in time.
    pub written: bool,
    /// An update of the incident waits for its approval.
    pub waits: bool,
    /// The leads whose reminders were made.
    pub reminded: Vec<SignedDuration>,
    /// The state of the "no news yet" message that was begun for it.
    pub begun: Option<State>,
    /// What the next "no news yet" message would promise, or why there is none.
    pub holding: Result<Timestamp, Why>,
    /// When those on duty were called because nobody kept it.
    pub escalated_at: Option<Timestamp>,
    /// Somebody took it over since.
    pub taken: bool,
    /// Every approver was called, too.
    pub approvers_called: bool,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Wait,
    /// One reminder, for all these leads: who comes back after two of them needs to hear it once.
    Remind(Vec<SignedDuration>),
    /// The "no news yet" message goes out.
    Hold,
    /// Those on duty are called.
    Escalate(Why),
    /// Every approver is called.
    CallApprovers,
}

/// Decides.
pub fn decide(facts: &Facts, rules: &Promises, now: Timestamp) -> Step {
    if facts.written && facts.escalated_at.is_none() {
        return Step::Wait;
    }
    if now < facts.due {
        return remind(facts, rules, now);
    }
    if let Some(at) = facts.escalated_at {
        let called = facts.exercise || facts.approvers_called || facts.taken || facts.written || facts.waits;
        let late = now.duration_since(at) >= rules.call_approvers_after.0;
        return if late && !called { Step::CallApprovers } else { Step::Wait };
    }
    let late = now.duration_since(facts.due);
    match (facts.begun, facts.holding) {
        // It starts within a second, and then keeps the promise.
        (Some(State::Scheduled), _) => Step::Wait,
        (Some(_), _) => Step::Escalate(Why::Stopped),
        // There is news, and somebody is about to say yes to it: "no news yet" would not be true. Only for minutes: the
        // promise matters more than the wait.
        _ if facts.waits && late < rules.wait_for_approval.0 => Step::Wait,
        (None, Err(why)) => Step::Escalate(why),
        (None, Ok(promises)) if late > rules.send_within.0 || promises <= now => Step::Escalate(Why::TooLate),
        (None, Ok(_)) => Step::Hold,
    }
}

fn remind(facts: &Facts, rules: &Promises, now: Timestamp) -> Step {
    let left = facts.due.duration_since(now);
    let reached = rules.remind.iter().map(|lead| lead.0).filter(|lead| left <= *lead);
    let new: Vec<SignedDuration> = reached.filter(|lead| !facts.reminded.contains(lead)).collect();
    // Practice reaches no provider.
    if new.is_empty() || facts.exercise { Step::Wait } else { Step::Remind(new) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn minutes(minutes: i64) -> SignedDuration {
        SignedDuration::from_mins(minutes)
    }

    fn facts() -> Facts {
        Facts {
            due: at(0),
            exercise: false,
            written: false,
            waits: false,
            reminded: Vec::new(),
            begun: None,
            holding: Ok(at(60)),
            escalated_at: None,
            taken: false,
            approvers_called: false,
        }
    }

    fn step(change: impl FnOnce(&mut Facts), now: i64) -> Step {
        let mut facts = facts();
        change(&mut facts);
        decide(&facts, &Promises::default(), at(now))
    }

    #[test]
    fn before_it_is_due_each_lead_is_reminded_of_once() {
        assert_eq!(step(|_| {}, -16), Step::Wait);
        assert_eq!(step(|_| {}, -15), Step::Remind(vec![minutes(15)]));
        assert_eq!(step(|facts| facts.reminded = vec![minutes(15)], -6), Step::Wait);
        assert_eq!(step(|facts| facts.reminded = vec![minutes(15)], -5), Step::Remind(vec![minutes(5)]));
        assert_eq!(step(|_| {}, -3), Step::Remind(vec![minutes(15), minutes(5)]), "one message for both");
        assert_eq!(step(|facts| facts.waits = true, -5), Step::Remind(vec![minutes(15), minutes(5)]));
        assert_eq!(step(|facts| facts.written = true, -5), Step::Wait, "nobody has anything to do");
        assert_eq!(step(|facts| facts.exercise = true, -5), Step::Wait, "practice reaches no provider");
    }

    #[test]
    fn when_it_is_due_and_nobody_wrote_the_approved_message_goes() {
        assert_eq!(step(|_| {}, 0), Step::Hold);
        assert_eq!(step(|facts| facts.exercise = true, 0), Step::Hold, "practice walks the whole path");
        assert_eq!(step(|facts| facts.written = true, 0), Step::Wait);
        assert_eq!(step(|facts| facts.begun = Some(State::Scheduled), 0), Step::Wait);
        assert_eq!(step(|_| {}, 15), Step::Hold);
    }

    #[test]
    fn what_waits_for_a_yes_is_waited_for_and_not_for_long() {
        assert_eq!(step(|facts| facts.waits = true, 0), Step::Wait);
        assert_eq!(step(|facts| facts.waits = true, 4), Step::Wait);
        assert_eq!(step(|facts| facts.waits = true, 5), Step::Hold);
    }

    #[test]
    fn where_nothing_may_go_people_are_called() {
        assert_eq!(step(|_| {}, 16), Step::Escalate(Why::TooLate), "nothing stale goes without a person");
        assert_eq!(step(|facts| facts.holding = Ok(at(10)), 10), Step::Escalate(Why::TooLate));
        for why in Why::ALL {
            assert_eq!(step(|facts| facts.holding = Err(why), 0), Step::Escalate(why));
            assert_eq!(Why::parse(why.as_str()), Some(why));
        }
        for state in [State::Paused, State::Retracted] {
            assert_eq!(step(|facts| facts.begun = Some(state), 0), Step::Escalate(Why::Stopped));
        }
    }

    #[test]
    fn after_a_while_every_approver_is_called_once_where_nobody_moved() {
        let escalated = |facts: &mut Facts| facts.escalated_at = Some(at(0));
        assert_eq!(step(escalated, 9), Step::Wait);
        assert_eq!(step(escalated, 10), Step::CallApprovers);
        type Change = fn(&mut Facts);
        let moved: [Change; 5] = [
            |facts| facts.approvers_called = true,
            |facts| facts.taken = true,
            |facts| facts.waits = true,
            |facts| facts.written = true,
            |facts| facts.exercise = true,
        ];
        for moved in moved {
            let both = |facts: &mut Facts| {
                escalated(facts);
                moved(facts);
            };
            assert_eq!(step(both, 30), Step::Wait);
        }
    }
}
