use std::sync::Mutex;

use super::*;
use crate::{contract::Channel, testkit::parcels};

/// Answers as scripted, and keeps what it was asked.
#[derive(Default)]
struct Scripted {
    answers: Mutex<Vec<Result<Option<String>, Outcome>>>,
    asked: Mutex<Vec<String>>,
}

impl Scripted {
    fn with(answers: impl IntoIterator<Item = Result<Option<String>, Outcome>>) -> Scripted {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        Scripted { answers: Mutex::new(answers), ..Scripted::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Place for Scripted {
    async fn post(
        &self,
        _: &Parcel,
        place: usize,
        text: &str,
        parent: Option<&str>,
    ) -> Result<Option<String>, Outcome> {
        self.asked.lock().unwrap().push(format!("{place} {text} below {}", parent.unwrap_or("nothing")));
        self.answers.lock().unwrap().pop().unwrap()
    }
}

fn made(id: &str) -> Result<Option<String>, Outcome> {
    Ok(Some(id.to_owned()))
}

fn later(reason: Reason) -> Result<Option<String>, Outcome> {
    Err(Outcome::Later { after: Some(Duration::from_secs(7)), reason, detail: "no".to_owned() })
}

#[tokio::test]
async fn a_thread_that_has_begun_is_seen_through_where_a_repeat_would_post_twice() {
    let world = crate::testkit::world();
    let parcel = parcels::post(Channel::Mastodon, &["one", "two"]);
    let place = Scripted::with([made("a"), later(Reason::Throttled), made("b")]);
    let before = world.clock.now();
    let outcome = send(&place, &*world.clock, &parcel, false).await;
    assert_eq!(outcome, Outcome::Accepted { reference: Some("a .. b".to_owned()), parts: 2 });
    assert_eq!(place.asked(), ["0 one below nothing", "1 two below a", "1 two below a"]);
    assert_eq!(world.clock.now().duration_since(before).as_secs(), 7, "it waited as asked");
}

#[tokio::test]
async fn what_cannot_be_seen_through_is_in_doubt_and_never_begun_anew() {
    let world = crate::testkit::world();
    let parcel = parcels::post(Channel::Mastodon, &["one", "two"]);
    for failure in [later(Reason::Unauthorized), Err(by_status(400, None, "no".to_owned()))] {
        let place = Scripted::with([made("a"), failure]);
        let outcome = send(&place, &*world.clock, &parcel, false).await;
        assert!(matches!(&outcome, Outcome::InDoubt { detail } if detail.contains("part 2 of 2")), "{outcome:?}");
    }
    // It does not wait for ever.
    let place = Scripted::with([made("a")].into_iter().chain((0..=WAITS).map(|_| later(Reason::Throttled))));
    assert!(matches!(send(&place, &*world.clock, &parcel, false).await, Outcome::InDoubt { .. }));
}

#[tokio::test]
async fn before_its_first_part_is_out_and_where_a_repeat_does_no_harm_it_comes_back_later() {
    let world = crate::testkit::world();
    let parcel = parcels::post(Channel::Mastodon, &["one", "two"]);
    for (answers, repeatable) in
        [(vec![later(Reason::Throttled)], false), (vec![made("a"), later(Reason::Throttled)], true)]
    {
        let outcome = send(&Scripted::with(answers), &*world.clock, &parcel, repeatable).await;
        assert!(matches!(outcome, Outcome::Later { reason: Reason::Throttled, .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_place_that_cannot_delete_says_who_can() {
    let parcel = parcels::post(Channel::Mastodon, &["one"]);
    let outcome = withdraw(&Scripted::default(), &parcel, Some("a")).await;
    assert!(matches!(outcome, Outcome::Rejected { detail, .. } if detail.contains("by hand")));
}
