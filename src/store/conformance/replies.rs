//! Replies: kept once, tied to the incident of the last message, acted on and answered in one transaction.

use super::*;
use crate::{
    store::replies::{NewReply, Owed},
    track::replies::Word,
};

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

fn reply<'a>(bench: &Bench, seconds: i64, id: Option<&'a str>, text: &'a str, word: Word) -> NewReply<'a> {
    NewReply {
        provider: "relay",
        provider_id: id,
        channel: Channel::Email,
        from: "a@x",
        to: "12345",
        text,
        word,
        at: bench.later(seconds),
    }
}

/// Keeps a reply that is owed an answer in the language that it is asked with; whether it was new.
async fn keep(bench: &Bench, new: &NewReply<'_>) -> bool {
    let owed = |word: Word, locale: Option<&str>| {
        let text = format!("{} {}", word.as_str(), locale.unwrap_or("-"));
        Some(Owed { channel: Channel::Email, address: "a@x".to_owned(), provider: "relay".to_owned(), text })
    };
    bench.store.keep_reply(new, HOUR, owed).await.unwrap().is_some()
}

/// What is due, each of which counts as sent.
async fn sent(bench: &Bench) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(due) = bench.store.due_service_message(bench.now).await.unwrap() {
        bench.store.service_message_tried(due.id, "sent", None).await.unwrap();
        texts.push(due.text);
    }
    texts
}

async fn reasons(bench: &Bench) -> Vec<String> {
    let found = bench.store.suppressions(Some((Channel::Email, "a@x")), None, 10).await.unwrap();
    found.into_iter().map(|suppression| suppression.reason).collect()
}

#[tokio::test]
async fn a_reply_is_kept_once_by_its_name_or_by_what_it_says_just_then() {
    let bench = Bench::new().await;
    assert!(keep(&bench, &reply(&bench, 0, Some("m1"), "hello", Word::Other)).await);
    assert!(!keep(&bench, &reply(&bench, 90_000, Some("m1"), "hello", Word::Other)).await, "a repeat of the day after");
    assert!(keep(&bench, &reply(&bench, 1, Some("m2"), "hello", Word::Other)).await);
    assert!(keep(&bench, &reply(&bench, 2, None, "what?", Word::Other)).await);
    assert!(!keep(&bench, &reply(&bench, 3, None, "what?", Word::Other)).await);
    assert!(keep(&bench, &reply(&bench, 700, None, "what?", Word::Other)).await, "ten minutes later it is said again");
    assert_eq!(bench.store.replies(None, 0, 10).await.unwrap().len(), 4);
}

#[tokio::test]
async fn stop_and_start_take_turns_and_lift_nothing_else() {
    let bench = Bench::new().await;
    let bounced = crate::store::recipients::Suppression {
        channel: Channel::Email,
        value: "a@x".to_owned(),
        reason: "complaint".to_owned(),
        note: String::new(),
        created_at: bench.now,
        expires_at: None,
        created_by: "test".to_owned(),
    };
    bench.store.suppress(&bounced, &entry(bench.now)).await.unwrap();
    keep(&bench, &reply(&bench, 0, None, "yes", Word::Start)).await;
    assert_eq!(
        bench.store.replies(None, 0, 1).await.unwrap()[0].word,
        Word::Other,
        "who had not stopped starts nothing"
    );
    assert_eq!(sent(&bench).await, ["other -"]);
    for (seconds, text, word, left) in [
        (1, "stop", Word::Stop, &["complaint", "opted_out"][..]),
        (2, "start", Word::Start, &["complaint"]),
        (3, "stop", Word::Stop, &["complaint", "opted_out"]),
    ] {
        assert!(keep(&bench, &reply(&bench, seconds, None, text, word)).await);
        assert_eq!(reasons(&bench).await, left, "{seconds}");
        assert_eq!(sent(&bench).await, [format!("{} -", word.as_str())], "each turn has its answer");
    }
    assert_eq!(bench.store.audit_verify().await.unwrap().1, None);
    assert_eq!(bench.store.audit_of("email").await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_same_word_is_answered_once_in_a_while() {
    let bench = Bench::new().await;
    for (seconds, answered) in [(0, 1), (1000, 0), (3000, 0), (4000, 1)] {
        assert!(keep(&bench, &reply(&bench, seconds, None, "help", Word::Help)).await);
        assert_eq!(sent(&bench).await.len(), answered, "{seconds}");
    }
}

#[tokio::test]
async fn a_reply_belongs_to_the_incident_whose_message_they_got_last_and_practice_reaches_nobody() {
    let bench = Bench::new().await;
    let mut incidents = Vec::new();
    for kind in [Kind_::default(), Kind_::default()] {
        let incident = bench.incident().await;
        bench.started(incident, &["a@x"], kind).await;
        let claim = bench.claim(10).await.unwrap();
        bench.record(&claim.items, accepted()).await;
        incidents.push(incident);
    }
    let practice =
        bench.store.add_incident(Kind::Incident, "t", true, false, Some(1), &entry(bench.now)).await.unwrap();
    bench.started(practice, &["a@x"], Kind_ { exercise: true, ..Kind_::default() }).await;
    let claim = bench.store.claim(Channel::Email, "relay", true, false, 10, bench.now).await.unwrap().unwrap();
    bench.record(&claim.items, accepted()).await;
    keep(&bench, &reply(&bench, 0, None, "hello", Word::Other)).await;
    assert_eq!(sent(&bench).await, ["other en"], "in the language of that message");
    for (incident, replies) in [(incidents[0], 0), (incidents[1], 1), (practice, 0)] {
        assert_eq!(bench.store.replies(Some(incident), 0, 10).await.unwrap().len(), replies);
    }
    assert!(bench.store.replies(None, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_is_owed_until_it_was_sent_across_a_crash_and_late_tries() {
    let bench = Bench::new().await;
    keep(&bench, &reply(&bench, 0, None, "stop", Word::Stop)).await;
    let bench = bench.reopened().await;
    let due = bench.store.due_service_message(bench.now).await.unwrap().unwrap();
    bench.store.service_message_tried(due.id, "waiting", Some(bench.later(30))).await.unwrap();
    assert!(bench.store.due_service_message(bench.now).await.unwrap().is_none());
    let again = bench.store.due_service_message(bench.later(30)).await.unwrap().unwrap();
    assert_eq!((again.id, again.tries, again.text.as_str()), (due.id, 1, "stop -"));
    bench.store.service_message_tried(due.id, "sent", None).await.unwrap();
    assert!(bench.store.due_service_message(bench.later(99_999)).await.unwrap().is_none());
    assert_eq!(bench.store.replies(None, 0, 10).await.unwrap()[0].answer.as_deref(), Some("sent"));
}
