//! Accounts that post once for everyone, and how their posts are referred to.
//!
//! A delivery's reference names its posts in order in one line, with ` .. ` between them; where the line would be too long,
//! the first and the last of them. A later update replies to the last post of the one before, in the thread of the
//! incident's very first.

pub mod bluesky;
pub mod facebook;
mod facets;
pub mod linkedin;
pub mod mastodon;
mod oauth1;
mod session;
mod tid;
pub mod x;

use crate::contract::{Content, Outcome, Parcel, Reason, Thread};

const BETWEEN: &str = " .. ";
/// The longest reference that is kept, in bytes ([`Outcome::Accepted`]).
const LONGEST: usize = 512;

/// The one-line reference of a delivery's posts, in order; None without any.
pub fn reference(posts: &[String]) -> Option<String> {
    let whole = posts.join(BETWEEN);
    match posts {
        [] => None,
        [first, .., last] if whole.len() > LONGEST => Some(format!("{first}{BETWEEN}{last}")),
        _ => Some(whole),
    }
}

/// The posts that a delivery's reference names.
pub fn named(reference: &str) -> impl Iterator<Item = &str> {
    reference.split(BETWEEN)
}

/// The first post of a delivery's reference.
pub fn first(reference: &str) -> &str {
    reference.split_once(BETWEEN).map_or(reference, |(first, _)| first)
}

/// The last post of a delivery's reference.
pub fn last(reference: &str) -> &str {
    reference.rsplit_once(BETWEEN).map_or(reference, |(_, last)| last)
}

/// Where an update goes: into the thread of the incident's first delivery, below its latest one.
pub fn thread(first_reference: &str, latest_reference: &str) -> Thread {
    Thread { root: first(first_reference).to_owned(), parent: last(latest_reference).to_owned() }
}

/// The posts of a parcel, or the refusal of a parcel that is none.
pub(crate) fn posts(parcel: &Parcel) -> Result<&[String], Outcome> {
    match &parcel.content {
        Content::Post { parts } if !parts.is_empty() => Ok(parts),
        _ => Err(Outcome::Rejected {
            reason: Reason::BadContent,
            detail: "a social account carries posts only".to_owned(),
        }),
    }
}

/// Says which post of a thread it was, in an outcome about it.
pub(crate) fn about_part(outcome: Outcome, place: usize, total: usize) -> Outcome {
    if total == 1 {
        return outcome;
    }
    let name = |detail: String| format!("part {} of {total}: {detail}", place + 1).chars().take(200).collect();
    match outcome {
        Outcome::Later { after, reason, detail } => Outcome::Later { after, reason, detail: name(detail) },
        Outcome::Rejected { reason, detail } => Outcome::Rejected { reason, detail: name(detail) },
        Outcome::InDoubt { detail } => Outcome::InDoubt { detail: name(detail) },
        done @ (Outcome::Accepted { .. } | Outcome::Delivered { .. }) => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_posts_or_where_that_is_too_long_the_first_and_the_last() {
        let posts = |ids: &[&str]| ids.iter().map(|id| id.to_string()).collect::<Vec<_>>();
        assert_eq!(reference(&posts(&[])), None);
        assert_eq!(reference(&posts(&["at://a c1"])).as_deref(), Some("at://a c1"));
        let three = reference(&posts(&["at://a c1", "at://b c2", "at://c c3"])).unwrap();
        assert_eq!((first(&three), last(&three)), ("at://a c1", "at://c c3"));
        assert_eq!(named(&three).collect::<Vec<_>>(), ["at://a c1", "at://b c2", "at://c c3"]);
        let long: Vec<String> = (0..40).map(|post| format!("at://{post:020}")).collect();
        let ends = reference(&long).unwrap();
        assert_eq!(named(&ends).collect::<Vec<_>>(), [&long[0], &long[39]], "a line has an end");
        assert_eq!((first("111"), last("111")), ("111", "111"));
        assert_eq!(thread("1 .. 3", "7 .. 9"), Thread { root: "1".into(), parent: "9".into() });
    }
}
