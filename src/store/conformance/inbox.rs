//! Replies at the desk: open until somebody saw to them, hidden with their incident, forgotten in time, erased with the person.

use super::*;
use crate::{
    store::{
        inbox::Replies,
        recipients::{Address, Recipient},
        replies::{NewReply, Owed, Reply},
    },
    track::replies::Word,
};

const HELP_DESK: &str = "help@x";

/// Keeps a reply of this address, which is handed on; its number.
async fn keep(bench: &Bench, seconds: i64, from: &str, text: &str, word: Word) -> i64 {
    let new = NewReply {
        provider: "relay",
        provider_id: None,
        channel: Channel::Email,
        from,
        to: "12345",
        text,
        word,
        at: bench.later(seconds),
    };
    let owed = |_: Word, _: Option<&str>| {
        let text = format!("From: {from}\r\n\r\n{text}");
        Some(Owed { channel: Channel::Email, address: HELP_DESK.to_owned(), provider: String::new(), text })
    };
    bench.store.keep_reply(&new, 0, owed).await.unwrap().unwrap()
}

/// The texts of what waits, or of the rest, as this person may see them.
async fn texts(bench: &Bench, open: bool, person: Option<i64>) -> Vec<String> {
    let found = bench.store.inbox(None, open, (false, person), i64::MAX, 10).await.unwrap();
    found.into_iter().map(|received| received.reply.text).collect()
}

fn recipient(customer_id: &str, name: &str, address: &str) -> Recipient {
    let addresses = vec![Address { channel: Channel::Email, value: address.to_owned() }];
    Recipient { customer_id: customer_id.to_owned(), name: name.to_owned(), addresses, ..Recipient::default() }
}

#[tokio::test]
async fn what_asks_for_nothing_is_open_until_somebody_saw_to_it() {
    let bench = Bench::new().await;
    keep(&bench, 0, "a@x", "stop", Word::Stop).await;
    let first = keep(&bench, 1, "a@x", "is my money gone?", Word::Other).await;
    keep(&bench, 2, "b@x", "thank you", Word::Other).await;
    assert_eq!(texts(&bench, true, None).await, ["thank you", "is my money gone?"], "the newest first");
    assert_eq!(texts(&bench, false, None).await, ["stop"], "it was acted on at once");
    bench.store.handle_reply(first, Some(1), &entry(bench.later(60))).await.unwrap();
    assert_eq!(texts(&bench, true, None).await, ["thank you"]);
    let done = bench.store.inbox(None, false, (false, None), i64::MAX, 1).await.unwrap().pop().unwrap();
    assert_eq!((done.handled_by, done.reply.handled_at), (Some(1), Some(bench.later(60))));
    assert_eq!(done.forwarded_to.as_deref(), Some(HELP_DESK));
    let before = bench.store.inbox(None, false, (false, None), done.reply.id, 10).await.unwrap();
    assert_eq!(before.len(), 1, "the page after it");
    bench.store.handle_reply(first, None, &entry(bench.now)).await.unwrap();
    assert_eq!(texts(&bench, true, None).await.len(), 2, "open again");
    assert!(bench.store.handle_reply(99, Some(1), &entry(bench.now)).await.is_err());
}

#[tokio::test]
async fn a_reply_is_hidden_with_its_incident_and_says_whose_number_it_is_where_that_is_known() {
    let bench = Bench::new().await;
    let people = [recipient("c1", "Maria", "a@x"), recipient("c2", "Omar", "b@x"), recipient("c3", "Zoe", "b@x")];
    bench.store.put_recipients(&people, 0, bench.now).await.unwrap();
    let incident =
        bench.store.add_incident(Kind::Incident, "secret", false, true, Some(1), &entry(bench.now)).await.unwrap();
    bench.started(incident, &["a@x"], Kind_::default()).await;
    let claim = bench.claim(10).await.unwrap();
    bench.record(&claim.items, accepted()).await;
    keep(&bench, 1, "a@x", "about the secret", Word::Other).await;
    keep(&bench, 2, "b@x", "about nothing", Word::Other).await;
    assert_eq!(texts(&bench, true, Some(1)).await.len(), 2);
    assert_eq!(texts(&bench, true, Some(99)).await, ["about nothing"], "who is not named");
    assert_eq!(texts(&bench, true, None).await, ["about nothing"]);
    let found = bench.store.inbox(None, true, (true, None), i64::MAX, 10).await.unwrap();
    let known: Vec<_> = found.iter().map(|one| (one.recipient.clone(), one.incident.clone())).collect();
    let maria = (Some((1, "Maria".to_owned())), Some((incident, "secret".to_owned())));
    assert_eq!(known, [(None, None), maria], "a number that two people have is nobody's");
    assert_eq!(bench.store.count_replies(incident).await.unwrap(), Replies { all: 1, open: 1 });
    assert_eq!(bench.store.incident_of_reply(found[1].reply.id).await.unwrap(), Some(incident));
}

#[tokio::test]
async fn old_replies_are_forgotten_but_not_before_their_answer_went() {
    let bench = Bench::new().await;
    keep(&bench, 0, "a@x", "old", Word::Other).await;
    keep(&bench, 10, "a@x", "old, and not handed on yet", Word::Other).await;
    keep(&bench, 20, "a@x", "new", Word::Other).await;
    let due = bench.store.due_service_message(bench.now).await.unwrap().unwrap();
    bench.store.service_message_tried(due.id, "sent", None).await.unwrap();
    assert_eq!(bench.store.forget_replies(bench.later(20), 10).await.unwrap(), 1);
    assert_eq!(texts(&bench, true, None).await, ["new", "old, and not handed on yet"]);
    let due = bench.store.due_service_message(bench.now).await.unwrap().unwrap();
    bench.store.service_message_tried(due.id, "sent", None).await.unwrap();
    assert_eq!(bench.store.forget_replies(bench.later(21), 1).await.unwrap(), 1, "so many at once");
    assert_eq!(bench.store.forget_replies(bench.later(20), 10).await.unwrap(), 0);
    assert_eq!(texts(&bench, true, None).await, ["new"]);
}

#[tokio::test]
async fn who_is_removed_takes_along_what_they_wrote() {
    let bench = Bench::new().await;
    let people = [recipient("c1", "Maria", "a@x"), recipient("c2", "Omar", "b@x")];
    bench.store.put_recipients(&people, 0, bench.now).await.unwrap();
    keep(&bench, 0, "a@x", "call me at home", Word::Other).await;
    keep(&bench, 1, "b@x", "what now?", Word::Other).await;
    bench.store.delete_recipients(&["c1".to_owned()], &entry(bench.now)).await.unwrap();
    let left: Vec<(String, String)> = replies(&bench).await.into_iter().map(|one| (one.from, one.text)).collect();
    assert_eq!(left, [(String::new(), String::new()), ("b@x".to_owned(), "what now?".to_owned())]);
    let due = bench.store.due_service_message(bench.now).await.unwrap().unwrap();
    assert!(due.text.contains("what now?"), "hers is not handed on any more");
    for (table, column) in [("reply", "address"), ("reply", "text"), ("service_message", "text")] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%a@x%' OR {column} LIKE '%at home%'");
        let n: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(bench.store.read()).await.unwrap();
        assert_eq!(n, 0, "{table}.{column}");
    }
}

async fn replies(bench: &Bench) -> Vec<Reply> {
    bench.store.replies(None, 0, 10).await.unwrap()
}
