//! Who gets nothing, and why.

use serde_json::json;

use super::*;
use crate::{
    audience::filter,
    store::{
        nothing::Nothing,
        plan::Audience,
        recipients::{Recipient, Suppression},
    },
};

fn person(customer: &str, country: &str, addresses: &[(&str, &str)]) -> Recipient {
    let addresses: Vec<_> =
        addresses.iter().map(|(channel, value)| json!({ "channel": channel, "value": value })).collect();
    serde_json::from_value(
        json!({ "customer_id": customer, "attributes": { "country": country }, "addresses": addresses }),
    )
    .unwrap()
}

#[tokio::test]
async fn everybody_who_gets_nothing_is_listed_once_with_the_reason() {
    let bench = Bench::new().await;
    let people = [
        person("both", "DE", &[("email", "a@x.example"), ("sms", "+447700900001")]),
        person("opted-out", "DE", &[("email", "b@x.example")]),
        person("bounced", "DE", &[("email", "c@x.example"), ("sms", "+447700900003")]),
        person("nowhere", "DE", &[]),
        person("other", "AT", &[]),
    ];
    bench.store.put_recipients(&people, 1, bench.now).await.unwrap();
    let past = bench.now - jiff::SignedDuration::from_hours(1);
    for (value, reason, expires_at) in
        [("b@x.example", "opted_out", None), ("c@x.example", "bounce", None), ("a@x.example", "manual", Some(past))]
    {
        let suppression = Suppression {
            channel: Channel::Email,
            value: value.to_owned(),
            reason: reason.to_owned(),
            note: String::new(),
            created_at: bench.now,
            expires_at,
            created_by: "test".to_owned(),
        };
        bench.store.suppress(&suppression, &entry(bench.now)).await.unwrap();
    }
    let audience = |required_by_law| Audience {
        variants: vec![filter::parse("country = \"DE\"").unwrap()],
        channels: vec![Channel::Email, Channel::Sms],
        required_by_law,
    };
    let listed = async |which, law, cursor, limit| -> Vec<(String, String)> {
        let found = bench.store.left_out(&audience(law), which, cursor, limit, bench.now).await.unwrap();
        let why = |left: crate::store::nothing::LeftOut| {
            let why = left.why.iter().map(|(channel, reasons)| format!("{channel} {}", reasons.join("+")));
            (left.customer_id.clone(), why.collect::<Vec<_>>().join(", "))
        };
        found.into_iter().map(why).collect()
    };
    let told = |who: &str, why: &str| (who.to_owned(), why.to_owned());
    let at_all = listed(Nothing::AtAll, false, 0, 10).await;
    let nowhere = told("nowhere", "email no_address, sms no_address");
    assert_eq!(at_all, [told("opted-out", "email opted_out, sms no_address"), nowhere.clone()]);
    let count = bench.store.count_audience(&audience(false), bench.now).await.unwrap();
    assert_eq!(count.unreached, 2, "as many as are counted");
    assert_eq!(listed(Nothing::AtAll, true, 0, 10).await, [nowhere], "a law outweighs an opt-out");
    let by_mail = listed(Nothing::On(Channel::Email), false, 0, 10).await;
    assert_eq!(
        by_mail,
        [told("opted-out", "email opted_out"), told("bounced", "email bounce"), told("nowhere", "email no_address")]
    );
    assert_eq!(listed(Nothing::InNone, false, 0, 10).await, [told("other", "")]);
    let first = bench.store.left_out(&audience(false), Nothing::AtAll, 0, 1, bench.now).await.unwrap();
    let rest = listed(Nothing::AtAll, false, first[0].id, 10).await;
    assert_eq!((first[0].customer_id.as_str(), rest.len(), rest[0].0.as_str()), ("opted-out", 1, "nowhere"));
}
