//! Who is meant: filters in SQL say what the language says, and counts are right.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use proptest::prelude::*;

use super::*;
use crate::{
    audience::filter::{self, Filter},
    store::{
        plan::Audience,
        recipients::{Address, Recipient, Suppression},
    },
};

fn person(place: usize, attributes: &[(&str, &str)], tags: &[&str], mail: Option<&str>) -> Recipient {
    Recipient {
        customer_id: format!("c{place:03}"),
        name: format!("Name {place}"),
        locale: if place.is_multiple_of(2) { "de".to_owned() } else { String::new() },
        addresses: mail.map(|value| Address { channel: Channel::Email, value: value.to_owned() }).into_iter().collect(),
        attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        components: vec!["Payments".to_owned()],
        ..Recipient::default()
    }
}

fn everyone(variants: Vec<Filter>) -> Audience {
    Audience { variants, channels: vec![Channel::Email], required_by_law: false }
}

#[tokio::test]
async fn counts_divide_people_by_what_becomes_of_them() {
    let bench = Bench::new().await;
    let people = [
        person(0, &[("plan", "free")], &[], Some("a@x")),
        person(1, &[("plan", "free")], &[], Some("b@x")),
        person(2, &[("plan", "pro")], &["vip"], Some("b@x")),
        person(3, &[], &[], None),
    ];
    bench.store.put_recipients(&people, 1, bench.now).await.unwrap();
    let count = bench.store.count_audience(&everyone(vec![Filter::Everyone]), bench.now).await.unwrap();
    assert_eq!((count.people, count.unreached, count.addresses[&Channel::Email]), (3, 1, 2), "two share an address");
    let variants =
        vec![filter::parse("plan = \"free\"").unwrap(), filter::parse("tag \"vip\" or plan = \"free\"").unwrap()];
    let division = bench.store.divide(&variants, &Filter::Everyone).await.unwrap();
    assert_eq!((division.in_two, division.in_none), (2, 1));
    assert_eq!(division.in_two_examples, ["c000", "c001"]);
    assert_eq!(division.in_none_examples, ["c003"]);
    let members: Vec<_> = bench.store.audience(&everyone(variants), bench.now).try_collect().await.unwrap();
    let seen: Vec<(&str, usize)> = members.iter().map(|member| (member.address.as_str(), member.variant)).collect();
    assert_eq!(seen, [("a@x", 0), ("b@x", 0), ("b@x", 1)]);
}

#[tokio::test]
async fn stages_come_one_after_the_other_and_who_shares_an_address_comes_with_the_first() {
    let bench = Bench::new().await;
    let people = [
        person(0, &[], &[], Some("a@x")),
        person(1, &[], &[], Some("shared@x")),
        person(2, &[], &["staff"], Some("shared@x")),
        person(3, &[], &["staff"], Some("z@x")),
        person(4, &[], &["staff"], Some("b@x")),
    ];
    bench.store.put_recipients(&people, 1, bench.now).await.unwrap();
    let variants = everyone(vec![filter::parse("not tag \"staff\"").unwrap(), filter::parse("tag \"staff\"").unwrap()]);
    let members: Vec<_> = bench.store.staged_audience(&variants, &[1, 0], bench.now).try_collect().await.unwrap();
    let seen: Vec<(&str, &str)> =
        members.iter().map(|member| (member.address.as_str(), member.customer_id.as_str())).collect();
    assert_eq!(seen, [("b@x", "c004"), ("shared@x", "c001"), ("shared@x", "c002"), ("z@x", "c003"), ("a@x", "c000")]);
}

#[tokio::test]
async fn an_import_that_replaces_removes_who_is_not_in_it() {
    let bench = Bench::new().await;
    bench.store.put_recipients(&[person(0, &[], &[], None), person(1, &[], &[], None)], 1, bench.now).await.unwrap();
    let generation = bench.store.begin_import("test", bench.now).await.unwrap() + 10;
    bench.store.put_recipients(&[person(1, &[], &[], Some("new@x"))], generation, bench.now).await.unwrap();
    assert_eq!(bench.store.end_import(generation, 1, 0, true, &entry(bench.now)).await.unwrap(), 1);
    let left = bench.store.recipients(0, 10).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].recipient.addresses[0].value, "new@x");
    assert_eq!(bench.store.find_recipients("new@", None, 5).await.unwrap().len(), 1);
    assert_eq!(bench.store.find_recipients("Name 1", None, 5).await.unwrap().len(), 1);
}

const VALUES: [&str; 9] = ["", "DE", "de", "10", "9", "-2.5", "1e3", "12abc", "Hamburg"];

fn filters() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let literal = prop::sample::select(vec!["\"DE\"", "\"10\"", "10", "-2.5", "0", "\"\""]);
    let leaf = prop_oneof![
        ("[ab]", operator, literal).prop_map(|(name, operator, literal)| format!("{name} {operator} {literal}")),
        "[ab]".prop_map(|name| format!("has {name}")),
        "[ab]".prop_map(|name| format!("{name} contains \"aM\"")),
        "[ab]".prop_map(|name| format!("{name} in (\"DE\", 9)")),
        Just("tag \"vip\"".to_owned()),
        Just("component \"Payments\"".to_owned()),
        Just("locale = \"de\"".to_owned()),
        Just("everyone".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| format!("not ({filter})")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) and ({right})")),
            (inner.clone(), inner).prop_map(|(left, right)| format!("({left}) or ({right})")),
        ]
    })
}

#[test]
fn a_filter_in_sql_chooses_whom_the_language_chooses() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(1).build().unwrap();
    let bench = runtime.block_on(Bench::new());
    let mut people = Vec::new();
    for a in VALUES.iter().map(Some).chain([None]) {
        for b in [None, Some("DE"), Some("9.5")] {
            let attributes: Vec<(&str, &str)> = a.map(|a| ("a", *a)).into_iter().chain(b.map(|b| ("b", b))).collect();
            let tags: &[&str] = if people.len() % 3 == 0 { &["vip"] } else { &[] };
            people.push(person(people.len(), &attributes, tags, Some(&format!("{:03}@x", people.len()))));
        }
    }
    runtime.block_on(bench.store.put_recipients(&people, 1, bench.now)).unwrap();
    proptest!(ProptestConfig::with_cases(200), |(text in filters())| {
        let filter = filter::parse(&text).unwrap();
        let expected: BTreeSet<String> = people.iter().filter(|person| filter.matches(&as_person(person))).map(|person| person.customer_id.clone()).collect();
        let read = async { bench.store.audience(&everyone(vec![filter]), bench.now).try_collect::<Vec<_>>().await };
        let members = runtime.block_on(read).unwrap();
        let found: BTreeSet<String> = members.into_iter().map(|member: crate::store::plan::Member| member.customer_id).collect();
        prop_assert_eq!(found, expected, "{}", text);
    });
}

fn as_person(recipient: &Recipient) -> filter::Person {
    let mut attributes = recipient.attributes.clone();
    attributes.insert("customer_id".to_owned(), recipient.customer_id.clone());
    if !recipient.locale.is_empty() {
        attributes.insert("locale".to_owned(), recipient.locale.clone());
    }
    filter::Person {
        attributes,
        tags: recipient.tags.iter().cloned().collect(),
        components: recipient.components.iter().cloned().collect(),
        ..filter::Person::default()
    }
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_whatever_is_known_of_them() {
    let bench = Bench::new().await;
    let mut people =
        [person(0, &[], &[], Some("Maria@x.example")), person(1, &[], &[], None), person(2, &[], &[], None)];
    people[0].name = "Zo\u{eb} O'Brien-Jensen".to_owned();
    people[1].addresses = vec![Address { channel: Channel::Sms, value: "+447700900001".to_owned() }];
    bench.store.put_recipients(&people, 1, bench.now).await.unwrap();
    let found = async |text: &str| -> Vec<String> {
        let found = bench.store.find_recipients(text, None, 5).await.unwrap();
        found.into_iter().map(|known| known.recipient.customer_id).collect()
    };
    for text in ["zoe", "JENS zo", "o'brien", "Zo\u{eb} Brien", "c000", "Maria@x", "zoe\u{308}"] {
        assert_eq!(found(text).await, ["c000"], "{text}");
    }
    for text in ["+44 7700", "0044 (7700) 900001"] {
        assert_eq!(found(text).await, ["c001"], "{text}");
    }
    assert_eq!(found("c00").await, ["c000", "c001", "c002"]);
    for text in ["", " ", "ensen", "\"", "*", "\" OR name:*", "NEAR(", "zoe AND"] {
        assert_eq!(found(text).await, Vec::<String>::new(), "{text:?}");
    }
    let addresses = &bench.store.find_recipients("+447700", None, 5).await.unwrap()[0].recipient.addresses;
    assert_eq!(addresses[0].value, "+447700900001");

    people[0].name = "Ana".to_owned();
    bench.store.put_recipients(&people, 1, bench.now).await.unwrap();
    assert_eq!((found("zoe").await, found("ana").await), (Vec::new(), vec!["c000".to_owned()]), "the new name alone");
    bench.store.delete_recipients(&["c000".to_owned()], &entry(bench.now)).await.unwrap();
    assert_eq!(found("ana").await, Vec::<String>::new(), "nobody is found who is gone");
    let mut tx = bench.store.begin().await.unwrap();
    let check = "INSERT INTO recipient_name (recipient_name, rank) VALUES ('integrity-check', 1)";
    sqlx::query(check).execute(&mut *tx).await.expect("the words are those of the names");
}

#[tokio::test]
async fn a_search_reads_ranges_only() {
    let bench = Bench::new().await;
    let sql = format!("EXPLAIN QUERY PLAN {}", crate::store::search::FIND);
    let plan = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(bench.store.read()).await.unwrap();
    let steps: Vec<String> = plan.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
    let whole = |step: &&String| {
        ["SCAN recipient", "SCAN address", "SCAN r ", "SCAN a "].iter().any(|scan| step.starts_with(scan))
            && !step.contains("VIRTUAL TABLE")
    };
    assert_eq!(steps.iter().find(whole), None, "{steps:#?}");
    // An M after the colon is a match of words; without one every name would be read.
    assert!(
        steps.iter().any(|step| step.contains("recipient_name VIRTUAL TABLE") && step.contains(":M")),
        "{steps:#?}"
    );
}

#[tokio::test]
async fn an_import_is_remembered_with_its_bad_lines() {
    let bench = Bench::new().await;
    let id = bench.store.begin_import("person:1", bench.now).await.unwrap();
    let lines = [crate::audience::import::BadLine { line: 3, reason: "has no customer_id".to_owned() }];
    bench.store.keep_bad_lines(id, 0, 1, &lines).await.unwrap();
    let kept = bench.store.import(id).await.unwrap();
    assert_eq!((kept.bad, kept.ended_at, kept.started_by.as_str()), (1, None, "person:1"));
    assert_eq!(kept.bad_lines, lines);
    assert_eq!(bench.store.audience_refreshed_at().await.unwrap(), None, "nothing was taken from it");
    assert!(bench.store.import(id + 1).await.is_err());
}

#[tokio::test]
async fn numbers_that_begin_alike_are_counted_once_each_and_without_who_opted_out() {
    let bench = Bench::new().await;
    let texted = |n: usize, number: &str| {
        let address = Address { channel: Channel::Sms, value: number.to_owned() };
        Recipient { addresses: vec![address], ..person(n, &[], &[], None) }
    };
    // Two people share a number; one has opted out.
    let numbers = ["+436641234567", "+436641234568", "+436641234568", "+14155550100", "+14165550100", "+447781123456"];
    let mut people: Vec<Recipient> = numbers.iter().enumerate().map(|(n, number)| texted(n, number)).collect();
    people.push(texted(7, "+436641234569"));
    bench.store.put_recipients(&people, 1, bench.now).await.unwrap();
    let suppression = Suppression {
        channel: Channel::Sms,
        value: "+436641234569".to_owned(),
        reason: "opted_out".to_owned(),
        note: String::new(),
        created_at: bench.now,
        expires_at: None,
        created_by: "test".to_owned(),
    };
    bench.store.suppress(&suppression, &entry(bench.now)).await.unwrap();
    let audience = Audience { variants: vec![Filter::Everyone], channels: vec![Channel::Sms], required_by_law: false };
    let alike = bench.store.numbers_alike(&audience, 0, bench.now).await.unwrap();
    let told: Vec<(&str, i64)> = alike.iter().map(|(one, n)| (one.as_str(), *n)).collect();
    assert_eq!(told, [("+14155550100", 1), ("+14165550100", 1), ("+436641234567", 2), ("+447781123456", 1)]);
    let finest = bench.store.numbers_alike(&audience, 15, bench.now).await.unwrap();
    assert_eq!(finest.len(), 5, "{finest:?}");
}
