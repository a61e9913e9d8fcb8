//! A write is whole or not at all: whichever of its statements fails, nothing of it is there.

use super::*;
use crate::approve::State;

const PLAIN: Kind_ = Kind_ { everywhere: false, by_law: false, exercise: false };

/// Makes each change of a table fail, or lets it be again.
async fn refuse(bench: &Bench, table: &str, change: &str, refuse: bool) {
    let sql = if refuse {
        format!(
            "CREATE TRIGGER refused BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
        )
    } else {
        "DROP TRIGGER refused".to_owned()
    };
    let mut tx = bench.store.begin().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Every row that sending writes.
async fn rows(bench: &Bench) -> BTreeMap<&'static str, Vec<String>> {
    let mut rows = BTreeMap::new();
    for table in
        ["outcome", "counter", "claim", "queue", "attempt", "cursor", "reference", "suppression", "bounce", "broadcast"]
    {
        let columns = format!("SELECT group_concat(name, ',') FROM pragma_table_info('{table}')");
        let columns: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(columns)).fetch_one(bench.store.read()).await.unwrap();
        let sql = format!("SELECT json_array({columns}) FROM {table} ORDER BY 1");
        let found: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(bench.store.read()).await.unwrap();
        rows.insert(table, found);
    }
    rows
}

#[tokio::test]
async fn outcomes_and_their_counters_are_written_together_or_not_at_all() {
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x", "c@x", "d@x"], PLAIN).await;
    let claim = bench.claim(4).await.unwrap();
    let sent = Verdict::End { state: DeliveryState::Accepted, reason: None, reference: Some("r".to_owned()), parts: 1 };
    let again = Verdict::Again { due_at: bench.later(60), counts: true, reason: Reason::Temporary };
    let mut records = bench.records(&claim.items[..1], sent);
    let reason = Some(Reason::NoSuchAddress);
    let gone = Verdict::End { state: DeliveryState::Failed, reason, reference: None, parts: 0 };
    records.extend(bench.records(&claim.items[1..2], gone));
    records.extend(bench.records(&claim.items[2..3], again));
    records.extend(bench.records(&claim.items[3..], failed()));
    records[1].suppress = Some("b@x".to_owned());
    records[3].suppress = Some("d@x".to_owned());
    records[2].attempt = Some(("later", Some(Reason::Temporary), String::new()));
    let before = rows(&bench).await;
    for (table, change) in [
        ("outcome", "INSERT"),
        ("counter", "INSERT"),
        ("reference", "INSERT"),
        ("queue", "INSERT"),
        ("attempt", "INSERT"),
        ("suppression", "INSERT"),
        ("bounce", "INSERT"),
        ("claim", "DELETE"),
    ] {
        refuse(&bench, table, change, true).await;
        assert!(bench.store.record(&records).await.is_err(), "{change} of {table} was refused");
        assert_eq!(rows(&bench).await, before, "{change} of {table} was refused");
        refuse(&bench, table, change, false).await;
    }
    bench.store.record(&records).await.unwrap();
    bench.counters_match(id).await;
    let states = bench.states(id).await;
    assert_eq!(states.values().collect::<Vec<_>>(), ["accepted", "failed", "waiting", "failed"]);
}

#[tokio::test]
async fn a_receipt_a_retry_and_a_claim_are_whole_or_not_at_all() {
    use onevoice_channels::contract::ReceiptWord;
    let bench = Bench::new().await;
    let id = bench.started(bench.incident().await, &["a@x", "b@x"], PLAIN).await;
    bench.record(&bench.claim(2).await.unwrap().items, accepted()).await;
    for (table, change) in [("outcome", "UPDATE"), ("counter", "INSERT"), ("attempt", "INSERT")] {
        let before = rows(&bench).await;
        refuse(&bench, table, change, true).await;
        let word = ReceiptWord::Failed(Reason::Undelivered);
        assert!(bench.store.apply_receipt(delivery(id, 0), "relay", word, bench.now).await.is_err());
        assert_eq!(rows(&bench).await, before, "{change} of {table} was refused");
        refuse(&bench, table, change, false).await;
    }
    let word = ReceiptWord::Failed(Reason::Undelivered);
    bench.store.apply_receipt(delivery(id, 0), "relay", word, bench.now).await.unwrap();
    assert_eq!(bench.store.close_if_done(id, bench.now).await.unwrap(), Some(State::Partial));
    let retry = async || bench.store.retry(id, &[DeliveryState::Failed], None, bench.now, &entry(bench.now)).await;
    for (table, change) in [
        ("outcome", "DELETE"),
        ("counter", "INSERT"),
        ("queue", "INSERT"),
        ("attempt", "INSERT"),
        ("broadcast", "UPDATE"),
        ("audit", "INSERT"),
    ] {
        let before = rows(&bench).await;
        refuse(&bench, table, change, true).await;
        assert!(retry().await.is_err());
        assert_eq!(rows(&bench).await, before, "{change} of {table} was refused");
        refuse(&bench, table, change, false).await;
    }
    assert_eq!(retry().await.unwrap(), 1);
    let before = rows(&bench).await;
    for (table, change) in [("claim", "INSERT"), ("queue", "DELETE")] {
        refuse(&bench, table, change, true).await;
        let claimed = bench.store.claim(Channel::Email, "relay", false, false, 10, bench.now).await;
        assert!(claimed.is_err(), "{change} of {table} was refused");
        assert_eq!(rows(&bench).await, before, "{change} of {table} was refused");
        refuse(&bench, table, change, false).await;
    }
    bench.counters_match(id).await;
}
