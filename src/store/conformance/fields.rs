//! What is known of people: counted where all are looked at, a part of a long list otherwise.

use serde_json::json;

use super::*;
use crate::store::{
    fields::{Found, LOOKED_AT},
    recipients::Recipient,
};

fn person(n: usize, country: &str, tags: &[&str]) -> Recipient {
    let attributes = if country.is_empty() { json!({}) } else { json!({ "country": country }) };
    serde_json::from_value(
        json!({ "customer_id": format!("c{n}"), "locale": "en", "attributes": attributes, "tags": tags }),
    )
    .unwrap()
}

fn found(all: &[(&str, i64)]) -> Vec<Found> {
    all.iter().map(|(name, people)| Found { name: (*name).to_owned(), people: *people }).collect()
}

#[tokio::test]
async fn fields_and_values_are_counted_the_most_frequent_first() {
    let bench = Bench::new().await;
    let none = bench.store.fields(10).await.unwrap();
    assert_eq!((none.looked_at, none.items), (0, Vec::new()));
    let people =
        [person(1, "DE", &["vip", "beta"]), person(2, "DE", &["vip"]), person(3, "AT", &[]), person(4, "", &[])];
    bench.store.put_recipients(&people, 1, bench.now).await.unwrap();
    let fields = bench.store.fields(10).await.unwrap();
    assert_eq!((fields.looked_at, fields.of), (4, 4));
    assert_eq!(fields.items, found(&[("locale", 4), ("country", 3), ("tag", 2)]));
    assert_eq!(bench.store.field_values("country", 10).await.unwrap().items, found(&[("DE", 2), ("AT", 1)]));
    assert_eq!(bench.store.field_values("tag", 1).await.unwrap().items, found(&[("vip", 2)]), "no more than asked for");
    assert_eq!(bench.store.field_values("none", 5).await.unwrap().items, []);
}

#[tokio::test]
async fn of_a_long_list_a_part_is_looked_at_from_all_over_it() {
    let bench = Bench::new().await;
    let all = usize::try_from(LOOKED_AT).unwrap() * 2;
    let people: Vec<Recipient> =
        (0..all).map(|n| person(n, if n < all / 2 { "first half" } else { "second half" }, &[])).collect();
    for batch in people.chunks(5_000) {
        bench.store.put_recipients(batch, 1, bench.now).await.unwrap();
    }
    let values = bench.store.field_values("country", 5).await.unwrap();
    assert_eq!((values.looked_at, values.of), (LOOKED_AT, 2 * LOOKED_AT));
    let halves: Vec<i64> = values.items.iter().map(|item| item.people).collect();
    assert_eq!((halves.len(), halves.iter().sum::<i64>()), (2, LOOKED_AT));
    assert!(halves.iter().all(|half| half.abs_diff(LOOKED_AT / 2) < 100), "as many of either half: {halves:?}");
}
