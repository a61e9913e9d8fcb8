//! Who hears of what: subscribers of what they chose, and everybody else as ever.

use futures_util::TryStreamExt as _;
use serde_json::json;

use super::*;
use crate::compose::{content::Content, draft::Draft, status::Kind};

/// A draft about these components, after an update about `before`, for everyone or as `variant` says.
async fn draft(site: &Site, touched: serde_json::Value, variant: serde_json::Value) -> Draft {
    let mut group = json!({ "name": "everyone", "facts": { "en": {} } });
    group.as_object_mut().unwrap().extend(variant.as_object().cloned().unwrap_or_default());
    let content: Content =
        serde_json::from_value(json!({ "status": "investigating", "components": touched, "variants": [group] }))
            .unwrap();
    let store = &site.app.store;
    let incident = store.add_incident(Kind::Incident, "t", false, false, None, &site.entry()).await.unwrap();
    let update = store.add_update(incident, &content, None, &site.entry()).await.unwrap();
    Draft::read(&site.app, update, None).await.unwrap()
}

async fn told(site: &Site, draft: &Draft) -> Vec<String> {
    let members: Vec<crate::store::plan::Member> =
        site.app.store.audience(&draft.audience(), site.clock.now()).try_collect().await.unwrap();
    let mut addresses: Vec<String> =
        members.into_iter().map(|member| member.address.split('@').next().unwrap().to_owned()).collect();
    addresses.sort();
    addresses
}

/// A customer in Germany, one elsewhere whom the list has as a subscriber of Payments, and subscribers of Payments, of
/// Search and of everything.
async fn people(site: &Site) {
    let mut german = customer("c-1", "german@x.example");
    german.attributes.insert("country".to_owned(), "DE".to_owned());
    let mut listed = customer("c-2", "listed@x.example");
    listed.components = vec!["Payments".to_owned()];
    site.app.store.put_recipients(&[german, listed], 0, site.clock.now()).await.unwrap();
    site.subscribed("payments@x.example", &["1"]).await;
    site.subscribed("search@x.example", &["3"]).await;
    site.subscribed("all@x.example", &[]).await;
    site.app.store.put_segment(None, "Germany", "country = \"DE\"", &site.entry()).await.unwrap();
}

#[tokio::test]
async fn a_subscriber_hears_of_what_they_chose_and_of_nothing_else() {
    let site = Site::new().await;
    people(&site).await;
    let payments = json!({ "1": "major_outage" });
    let everyone = draft(&site, payments.clone(), json!({})).await;
    assert_eq!(told(&site, &everyone).await, ["all", "german", "listed", "payments"]);
    let of_none = draft(&site, json!({}), json!({})).await;
    assert_eq!(
        told(&site, &of_none).await,
        ["all", "german", "listed"],
        "what touches none is for those who chose all"
    );
    let only = draft(&site, payments.clone(), json!({ "subscribers": "only" })).await;
    assert_eq!(told(&site, &only).await, ["all", "listed", "payments"]);
    let segment = draft(&site, payments.clone(), json!({ "segment": "Germany" })).await;
    assert_eq!(told(&site, &segment).await, ["german"]);
    let too = draft(&site, payments.clone(), json!({ "segment": "Germany", "subscribers": "too" })).await;
    assert_eq!(told(&site, &too).await, ["all", "german", "listed", "payments"]);
}

#[tokio::test]
async fn who_chose_something_else_is_not_missed_in_the_division() {
    let site = Site::new().await;
    people(&site).await;
    let payments = json!({ "1": "major_outage" });
    let segment = draft(&site, payments.clone(), json!({ "segment": "Germany" })).await;
    let division = site.app.store.divide(&segment.filters, &segment.heard).await.unwrap();
    assert_eq!(division.in_none, 3, "listed, payments and all: an author has to know");
    let too = draft(&site, payments, json!({ "segment": "Germany", "subscribers": "too" })).await;
    assert_eq!(site.app.store.divide(&too.filters, &too.heard).await.unwrap().in_none, 0);
}

#[tokio::test]
async fn what_one_update_touched_stays_touched() {
    let site = Site::new().await;
    people(&site).await;
    let first = draft(&site, json!({ "1": "major_outage" }), json!({})).await;
    let store = &site.app.store;
    let mut next = first.content.clone();
    next.components.clear();
    site.app.store.tamper("UPDATE incident_update SET state = 'approved'").await;
    let second = store.add_update(first.incident.id, &next, None, &site.entry()).await.unwrap();
    let second = Draft::read(&site.app, second, None).await.unwrap();
    assert_eq!(told(&site, &second).await, ["all", "german", "listed", "payments"]);
}

#[tokio::test]
async fn segments_know_who_subscribed_to_everything() {
    let site = Site::new().await;
    people(&site).await;
    let count = async |filter: &str| crate::audience::manage::count(&site.app, filter).await.unwrap().people;
    assert_eq!(count("component \"Payments\"").await, 3, "listed, payments and all");
    assert_eq!(count("component \"Cards\"").await, 1);
    assert_eq!(count("customer_id contains \"subscriber:\" and component \"Search\"").await, 2);
    let known = site.app.store.field_values("component", 9).await.unwrap();
    let names: Vec<&str> = known.items.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["Payments", "Search"], "what stands for all is no component");
}
