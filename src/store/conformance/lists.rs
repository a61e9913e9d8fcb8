//! Lists of customer ids for one incident: who is meant, what nobody has, and when it is forgotten.

use futures_util::TryStreamExt as _;
use jiff::SignedDuration;

use super::*;
use crate::{
    audience::filter::{self, Filter},
    store::{
        plan::Audience,
        recipients::{Address, Recipient},
    },
};

fn person(id: &str, tag: &str) -> Recipient {
    Recipient {
        customer_id: id.to_owned(),
        addresses: vec![Address { channel: Channel::Email, value: format!("{id}@x") }],
        tags: vec![tag.to_owned()],
        ..Recipient::default()
    }
}

async fn chosen(bench: &Bench, variants: Vec<Filter>) -> Vec<(String, usize)> {
    let audience = Audience { variants, channels: vec![Channel::Email], required_by_law: false };
    let members: Vec<_> = bench.store.audience(&audience, bench.now).try_collect().await.unwrap();
    members.into_iter().map(|member: crate::store::plan::Member| (member.customer_id, member.variant)).collect()
}

#[tokio::test]
async fn a_list_chooses_its_people_beside_segments_and_is_forgotten_in_time() {
    let bench = Bench::new().await;
    let (incident, other) = (bench.incident().await, bench.incident().await);
    bench.store.put_recipients(&[person("a", "vip"), person("b", ""), person("c", "vip")], 1, bench.now).await.unwrap();
    let ids = ["c", "b", "x", "b"].map(str::to_owned);
    let until = bench.now + SignedDuration::from_hours(1);
    bench.store.put_incident_list(incident, &ids, None, until, &entry(bench.now)).await.unwrap();

    let list = bench.store.incident_list(incident, bench.now).await.unwrap().unwrap();
    assert_eq!((list.matched, list.unmatched), (2, 1));
    assert_eq!(bench.store.incident_listed(incident, true, 9).await.unwrap(), ["b", "c"]);
    assert_eq!(bench.store.incident_listed(incident, false, 9).await.unwrap(), ["x"]);
    assert_eq!(bench.store.incident_list(other, bench.now).await.unwrap(), None);

    let listed = Filter::Listed(incident);
    let vip = filter::parse("tag \"vip\"").unwrap();
    let variants = vec![Filter::all(vec![vip, listed.clone()]), Filter::Not(Box::new(listed.clone()))];
    assert_eq!(chosen(&bench, variants.clone()).await, [("a".to_owned(), 1), ("c".to_owned(), 0)]);
    let division = bench.store.divide(&variants, &Filter::Everyone).await.unwrap();
    assert_eq!((division.in_two, division.in_none, division.in_none_examples), (0, 1, vec!["b".to_owned()]));
    assert_eq!(chosen(&bench, vec![Filter::Listed(other)]).await, []);

    assert_eq!(bench.store.expired_incident_lists(bench.now).await.unwrap(), Vec::<i64>::new());
    assert_eq!(bench.store.expired_incident_lists(until).await.unwrap(), [incident]);
    assert_eq!(bench.store.incident_list(incident, until).await.unwrap(), None, "past its time it counts no more");
    bench.store.forget_incident_list(incident, &entry(until)).await.unwrap();
    assert!(bench.store.forget_incident_list(incident, &entry(until)).await.is_err());
    assert_eq!(chosen(&bench, vec![listed]).await, []);
}

#[tokio::test]
async fn who_is_removed_is_on_no_list() {
    let bench = Bench::new().await;
    let incident = bench.incident().await;
    bench.store.put_recipients(&[person("a", "")], 1, bench.now).await.unwrap();
    let until = bench.now + SignedDuration::from_hours(1);
    bench.store.put_incident_list(incident, &["a".to_owned()], None, until, &entry(bench.now)).await.unwrap();
    bench.store.delete_recipients(&["a".to_owned()], &entry(bench.now)).await.unwrap();
    let list = bench.store.incident_list(incident, bench.now).await.unwrap().unwrap();
    assert_eq!((list.matched, list.unmatched), (0, 0));
}
