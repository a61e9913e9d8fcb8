//! Approve: where an update and its broadcast may go next, and whose yes it takes.

pub mod decide;
pub mod notes;
pub mod reading;
pub mod sign;
pub mod sleepers;
pub mod summon;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an update, and then its broadcast, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being written.
    Draft,
    /// Its audience is being frozen.
    Planning,
    /// Frozen, waiting for an approval.
    Submitted,
    /// Sent back with a reason.
    Returned,
    /// What was submitted no longer counts: it was edited, sent back or expired.
    Voided,
    /// Dropped before it went out.
    Discarded,
    /// Approved. An update stays here; its broadcast goes on.
    Approved,
    /// Approved, waiting for its start time.
    Scheduled,
    /// Going out.
    Running,
    /// Stopped for now.
    Paused,
    /// Every delivery has an end, and none failed or is in doubt.
    Completed,
    /// Every delivery has an end, and some failed or are in doubt.
    Partial,
    /// Stopped for good.
    Retracted,
}

impl State {
    /// Every state.
    pub const ALL: [State; 13] = [
        State::Draft,
        State::Planning,
        State::Submitted,
        State::Returned,
        State::Voided,
        State::Discarded,
        State::Approved,
        State::Scheduled,
        State::Running,
        State::Paused,
        State::Completed,
        State::Partial,
        State::Retracted,
    ];

    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Planning => "planning",
            State::Submitted => "submitted",
            State::Returned => "returned",
            State::Voided => "voided",
            State::Discarded => "discarded",
            State::Approved => "approved",
            State::Scheduled => "scheduled",
            State::Running => "running",
            State::Paused => "paused",
            State::Completed => "completed",
            State::Partial => "partial",
            State::Retracted => "retracted",
        }
    }

    /// Reads a name written by [`State::as_str`].
    pub fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Where it may go from here: the whole table, for the update's half and the broadcast's.
    pub fn next(self) -> &'static [State] {
        match self {
            State::Draft => &[State::Draft, State::Planning, State::Submitted, State::Discarded],
            State::Planning => &[State::Submitted, State::Voided],
            State::Submitted => &[
                State::Draft,
                State::Approved,
                State::Scheduled,
                State::Running,
                State::Returned,
                State::Voided,
                State::Discarded,
            ],
            State::Returned => &[State::Draft, State::Submitted, State::Discarded],
            State::Approved | State::Voided | State::Discarded => &[],
            State::Scheduled => &[State::Running, State::Paused, State::Retracted],
            State::Running => &[State::Paused, State::Completed, State::Partial, State::Retracted],
            State::Paused => &[State::Running, State::Scheduled, State::Completed, State::Partial, State::Retracted],
            State::Completed => &[State::Partial, State::Retracted],
            State::Partial => &[State::Running, State::Completed, State::Retracted],
            State::Retracted => &[],
        }
    }

    /// Whether the step to `to` is in the table.
    pub fn allows(self, to: State) -> bool {
        self.next().contains(&to)
    }

    /// True where deliveries may still go out some day.
    pub fn is_open(self) -> bool {
        matches!(self, State::Scheduled | State::Running | State::Paused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as people read it. Every pair that is not named here is forbidden.
    const ALLOWED: &str = "
        draft: draft planning submitted discarded
        planning: submitted voided
        submitted: draft approved scheduled running returned voided discarded
        returned: draft submitted discarded
        scheduled: running paused retracted
        running: paused completed partial retracted
        paused: running scheduled completed partial retracted
        completed: partial retracted
        partial: running completed retracted";

    #[test]
    fn every_pair_of_states_is_allowed_or_forbidden_as_the_table_says() {
        let allowed: std::collections::BTreeSet<(String, String)> = ALLOWED
            .lines()
            .filter_map(|line| line.trim().split_once(':'))
            .flat_map(|(from, list)| list.split_whitespace().map(move |to| (from.to_owned(), to.to_owned())))
            .collect();
        for from in State::ALL {
            for to in State::ALL {
                let named = allowed.contains(&(from.as_str().to_owned(), to.as_str().to_owned()));
                assert_eq!(from.allows(to), named, "{} -> {}", from.as_str(), to.as_str());
            }
        }
    }

    #[test]
    fn nothing_goes_out_that_was_not_submitted_and_nothing_that_ended_goes_on_but_for_a_retry() {
        for from in State::ALL.into_iter().filter(|from| from.allows(State::Running)) {
            assert!(matches!(from, State::Submitted | State::Scheduled | State::Paused | State::Partial), "{from:?}");
        }
        assert!(State::Retracted.next().is_empty() && State::Voided.next().is_empty());
    }
}
