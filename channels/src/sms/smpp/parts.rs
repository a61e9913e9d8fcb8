//! What is known of a text while its parts are under way, and what becomes of it when all are settled.

use crate::contract::{Outcome, Parcel, Reason};

/// What is known of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Not written.
    Waiting,
    /// Written, not answered.
    Sent,
    /// Taken, with the centre's id.
    Taken(Option<String>),
    /// Refused.
    Refused(Outcome),
    /// Written, and nobody will answer.
    Lost(String),
}

/// A text under way.
pub(super) struct Letter {
    pub(super) parcel: Parcel,
    /// The bodies of its parts.
    pub(super) bodies: Vec<Vec<u8>>,
    /// What is known of each.
    pub(super) parts: Vec<Part>,
    /// How many parts it counts for; more than there are where the centre cuts it.
    pub(super) counted: u32,
    /// How often parts of it were put back.
    pub(super) again: u32,
}

/// How often the rest of a text is tried again, once some of it was taken.
const AGAIN: u32 = 8;

/// What is to be done about a text whose parts are not under way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Something is on the wire still, or nothing is to be said.
    Wait,
    /// This became of it.
    Report(Outcome),
    /// Some of it was taken and some has to be tried again after a rest: its numbers.
    Again(Vec<usize>),
    /// Nothing of it was written.
    Unwritten,
}

impl Letter {
    /// Whether a part was refused or lost, so that no further one is written.
    pub(super) fn is_spoilt(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Refused(_) | Part::Lost(_)))
    }

    /// What to do now; `ended` where its connection is no more.
    pub(super) fn next(&mut self, ended: bool) -> Next {
        let is = |wanted: fn(&Part) -> bool| self.parts.iter().filter(|part| wanted(part)).count();
        let taken = is(|part| matches!(part, Part::Taken(_)));
        let waiting = is(|part| matches!(part, Part::Waiting));
        if is(|part| matches!(part, Part::Sent)) > 0 || waiting > 0 && !ended && !self.is_spoilt() {
            return Next::Wait;
        }
        if taken == self.parts.len() {
            let reference = match self.parts.last() {
                Some(Part::Taken(id)) => id.clone(),
                _ => None,
            };
            return Next::Report(Outcome::Accepted { reference, parts: self.counted });
        }
        let of = self.parts.len();
        let partly = |why: &str| Outcome::InDoubt { detail: format!("{taken} of {of} parts were taken; {why}") };
        if let Some(Part::Lost(why)) = self.parts.iter().find(|part| matches!(part, Part::Lost(_))) {
            return Next::Report(if of == 1 { Outcome::InDoubt { detail: why.clone() } } else { partly(why) });
        }
        let Some(refusal) = self.parts.iter().find_map(|part| match part {
            Part::Refused(refusal) => Some(refusal.clone()),
            _ => None,
        }) else {
            return if taken == 0 { Next::Unwritten } else { Next::Report(partly("then the connection ended")) };
        };
        if taken == 0 {
            return Next::Report(refusal);
        }
        let passes = matches!(refusal, Outcome::Later { reason: Reason::Throttled | Reason::Temporary, .. });
        if !passes || ended || self.again >= AGAIN {
            let why = match &refusal {
                Outcome::Later { detail, .. } | Outcome::Rejected { detail, .. } => detail.as_str(),
                _ => "the rest was refused",
            };
            return Next::Report(partly(why));
        }
        self.again += 1;
        let rest: Vec<usize> = (0..of).filter(|place| !matches!(self.parts[*place], Part::Taken(_))).collect();
        for place in &rest {
            self.parts[*place] = Part::Waiting;
        }
        Next::Again(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::parcels;

    fn letter(parts: &[Part]) -> Letter {
        let parcel = parcels::sms("text");
        let count = u32::try_from(parts.len()).unwrap();
        Letter { parcel, bodies: vec![Vec::new(); parts.len()], parts: parts.to_vec(), counted: count, again: 0 }
    }

    fn taken() -> Part {
        Part::Taken(Some("m".to_owned()))
    }

    fn refused(reason: Reason) -> Part {
        Part::Refused(Outcome::Later { after: None, reason, detail: "busy".to_owned() })
    }

    fn in_doubt(next: &Next) -> bool {
        matches!(next, Next::Report(Outcome::InDoubt { .. }))
    }

    #[test]
    fn it_is_accepted_only_whole() {
        let reference = Some("m".to_owned());
        assert_eq!(letter(&[taken(), taken()]).next(false), Next::Report(Outcome::Accepted { reference, parts: 2 }));
        assert_eq!(letter(&[taken(), Part::Sent]).next(false), Next::Wait);
        assert_eq!(letter(&[taken(), Part::Waiting]).next(false), Next::Wait);
        assert!(in_doubt(&letter(&[taken(), Part::Waiting]).next(true)));
        assert!(in_doubt(&letter(&[taken(), Part::Lost("gone".to_owned())]).next(true)));
    }

    #[test]
    fn what_was_refused_at_once_is_refused_and_its_rest_is_not_written() {
        let next = letter(&[refused(Reason::Throttled), Part::Waiting]).next(false);
        assert!(matches!(next, Next::Report(Outcome::Later { reason: Reason::Throttled, .. })), "{next:?}");
        assert_eq!(letter(&[refused(Reason::Throttled), Part::Sent]).next(false), Next::Wait);
    }

    #[test]
    fn the_rest_of_what_was_begun_is_tried_again_and_not_for_ever() {
        let mut begun = letter(&[taken(), refused(Reason::Throttled), Part::Waiting]);
        for _ in 0..AGAIN {
            assert_eq!(begun.next(false), Next::Again(vec![1, 2]));
            begun.parts[1] = refused(Reason::Throttled);
        }
        assert!(in_doubt(&begun.next(false)));
        assert!(
            in_doubt(&letter(&[taken(), refused(Reason::Quota)]).next(false)),
            "what does not pass is told at once"
        );
    }

    #[test]
    fn what_was_not_written_is_not_reported() {
        assert_eq!(letter(&[Part::Waiting]).next(true), Next::Unwritten);
        assert!(in_doubt(&letter(&[Part::Lost("gone".to_owned()), Part::Waiting]).next(true)));
    }
}
