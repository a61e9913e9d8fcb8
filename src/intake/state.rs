//! What a voice does: it holds until its alerts have fired long enough, speaks once, and says that it is over once they
//! have been quiet long enough. One step at a time, by a table that knows no clock.

/// Where a voice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Its alerts fire, and nobody was told yet.
    Holding,
    /// It was announced.
    Speaking,
    /// It was announced, and its alerts are quiet.
    Clearing,
    /// Over.
    Closed,
}

/// What happens to a voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// An alert fires.
    Firing,
    /// No alert fires any more.
    Quiet,
    /// Its time has come, and what it had to say was taken.
    Due,
}

/// Until when it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// For the hold-down before the first word.
    Hold,
    /// For the hold-down before the last.
    Clear,
    /// Until something happens.
    Open,
    /// As long as before.
    Same,
}

impl State {
    /// Every state.
    pub const ALL: [State; 4] = [State::Holding, State::Speaking, State::Clearing, State::Closed];

    /// The name in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Holding => "holding",
            State::Speaking => "speaking",
            State::Clearing => "clearing",
            State::Closed => "closed",
        }
    }

    /// Reads a name written by [`State::as_str`].
    pub fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Where it goes next, and until when.
    pub fn step(self, event: Event) -> (State, Wait) {
        match (self, event) {
            (State::Holding, Event::Firing) => (State::Holding, Wait::Same),
            // A blip: nobody was told, so there is nothing to say.
            (State::Holding, Event::Quiet) => (State::Closed, Wait::Open),
            (State::Holding, Event::Due) => (State::Speaking, Wait::Open),
            (State::Speaking, Event::Quiet) => (State::Clearing, Wait::Clear),
            (State::Speaking, Event::Firing | Event::Due) => (State::Speaking, Wait::Open),
            // It flaps: customers were told, and it is still so.
            (State::Clearing, Event::Firing) => (State::Speaking, Wait::Open),
            (State::Clearing, Event::Quiet) => (State::Clearing, Wait::Same),
            (State::Clearing, Event::Due) => (State::Closed, Wait::Open),
            (State::Closed, _) => (State::Closed, Wait::Open),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_pair_goes_where_the_table_says() {
        use Event::{Due, Firing, Quiet};
        use State::{Clearing, Closed, Holding, Speaking};
        let table = [
            (Holding, [Holding, Closed, Speaking]),
            (Speaking, [Speaking, Clearing, Speaking]),
            (Clearing, [Speaking, Clearing, Closed]),
            (Closed, [Closed, Closed, Closed]),
        ];
        for (from, to) in table {
            assert_eq!([Firing, Quiet, Due].map(|event| from.step(event).0), to, "{from:?}");
        }
    }

    proptest! {
        // Whatever monitoring does, seconds apart: who was told is told once that it began and once that it is over, it
        // fired through the whole hold-down before the first, and was quiet through the whole one before the last.
        #[test]
        fn one_first_word_and_one_last_and_each_after_its_hold_down(
            changes in proptest::collection::vec((any::<bool>(), 1_i64..120), 1..60),
            hold in 0_i64..90,
            clear in 0_i64..90,
        ) {
            let (mut state, mut due, mut said) = (State::Closed, None, Vec::new());
            let (mut now, mut fires, mut since) = (0, false, 0);
            for (firing, pause) in changes {
                if firing != fires {
                    (fires, since) = (firing, now);
                }
                if firing && state == State::Closed {
                    (state, due) = (State::Holding, Some(now + hold));
                } else {
                    let (next, wait) = state.step(if firing { Event::Firing } else { Event::Quiet });
                    due = match wait {
                        Wait::Hold => Some(now + hold),
                        Wait::Clear => Some(now + clear),
                        Wait::Open => None,
                        Wait::Same => due,
                    };
                    state = next;
                }
                let until = now + pause;
                if let Some(at) = due.filter(|at| *at < until) {
                    let first = state == State::Holding;
                    let least = if first { hold } else { clear };
                    prop_assert!(at - since >= least, "{} after {}", at, since);
                    prop_assert_eq!(first, fires);
                    said.push(first);
                    (state, due) = (state.step(Event::Due).0, None);
                }
                now = until;
            }
            for (place, first) in said.iter().enumerate() {
                prop_assert_eq!(*first, place % 2 == 0, "first, last, first, last");
            }
        }
    }
}
