//! Recipients, segments, pages.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};

use super::Api;

#[tokio::test]
async fn a_batch_writes_the_good_ones_and_names_the_others() {
    let api = Api::new().await;
    let mail = |value: &str| json!([{ "channel": "email", "value": value }]);
    let recipients = json!([
        { "customer_id": "b1", "addresses": mail("B1@B.EXAMPLE"), "attributes": { "seats": 3, "beta": true } },
        { "customer_id": "b2", "addresses": mail("x@y.example\r\nBcc: z@y.example") },
        { "customer_id": "b3", "name": 7 },
        { "customer_id": "b1" },
        { "customer_id": "b4", "name": "Ana\nBen" },
        { "customer_id": "b5", "colour": "red" }
    ]);
    let answer = api.post("author", "/recipients/batch", json!({ "recipients": recipients })).await;
    assert_eq!((answer.status.as_u16(), &answer.json["written"]), (200, &json!(1)), "{}", answer.text);
    let faults: Vec<(i64, &str)> = answer.json["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["place"].as_i64().unwrap(), fault["pointer"].as_str().unwrap()))
        .collect();
    assert_eq!(faults, [(1, "/addresses/0/value"), (2, "/name"), (3, "/customer_id"), (4, "/name"), (5, "/colour")]);
    let read = api.get("viewer", "/recipients/b1").await;
    assert_eq!(read.json["addresses"][0]["value"], "B1@b.example");
    assert_eq!(read.json["attributes"], json!({ "beta": "true", "seats": "3" }));
    let many: Vec<Value> = (0..1001).map(|n| json!({ "customer_id": n.to_string() })).collect();
    assert_eq!(api.post("author", "/recipients/batch", json!({ "recipients": many })).await.pointer(), "/recipients");
    let differs = Some(json!({ "customer_id": "b2" }));
    assert_eq!(api.ask("author", Method::PUT, "/recipients/b9", differs, None).await.pointer(), "/customer_id");
    assert_eq!(api.ask("author", Method::PUT, "/recipients/b9", Some(json!({})), None).await.status, 200);
    assert_eq!(api.ask("author", Method::DELETE, "/recipients/b9", None, None).await.status, 204);
    assert_eq!(api.ask("author", Method::DELETE, "/recipients/b9", None, None).await.status, 404);
}

#[tokio::test]
async fn pages_name_everyone_once() {
    let api = Api::new().await;
    let (mut seen, mut cursor) = (std::collections::BTreeSet::new(), String::new());
    let all = api.app.store.recipient_count().await.unwrap();
    for _ in 0..=all / 200 {
        let page = api.get("viewer", &format!("/recipients?limit=200{cursor}")).await;
        let items = page.json["items"].as_array().unwrap();
        assert!(items.iter().all(|item| seen.insert(item["customer_id"].as_str().unwrap().to_owned())));
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len() as i64, all);
    assert_eq!(api.get("viewer", "/recipients?cursor=x").await.status, 400);
    // Deliveries cross from one channel to the next within a page.
    api.submitted("author").await;
    let total: i64 = api.app.store.progress(1).await.unwrap().values().map(|channel| channel.total).sum();
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = api.get("viewer", &format!("/broadcasts/1/deliveries?limit=199{cursor}")).await;
        seen += page.json["items"].as_array().unwrap().len() as i64;
        let Some(next) = page.json["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, total);
    assert_eq!(api.get("viewer", "/broadcasts/1/deliveries?state=lost").await.status, 400);
    let delivery = api.get("viewer", "/deliveries/1-email-0").await;
    assert!(delivery.json["message"]["text"].as_str().is_some_and(|text| text.contains("/u/")), "{}", delivery.text);
    let key = api.key("viewer", &["read"]).await;
    assert_eq!(api.get(&key, "/broadcasts/1").await.status, 200);
    assert_eq!(api.get(&key, "/deliveries/1-email-0").await.status, 403, "addresses take the scope audience");
}

#[tokio::test]
async fn a_filter_is_refused_at_its_place() {
    let api = Api::new().await;
    let wrong = api.post("author", "/segments", json!({ "name": "x", "filter": "country = " })).await;
    assert_eq!((wrong.status.as_u16(), wrong.pointer()), (422, "/filter"));
    assert!(wrong.json["position"].is_u64());
    let line = api.post("author", "/segments", json!({ "name": "a\r\nb", "filter": "everyone" })).await;
    assert_eq!(line.pointer(), "/name");
    let count = api.post("viewer", "/segments/count", json!({ "filter": "everyone" })).await;
    assert!(count.json["people"].as_i64().is_some_and(|people| people > 0), "{}", count.text);
    let made = api.post("author", "/segments", json!({ "name": "Germans", "filter": "country=\"DE\"" })).await;
    assert_eq!((made.status.as_u16(), made.json["filter"].as_str()), (201, Some("country = \"DE\"")));
    let taken = api.post("author", "/segments", json!({ "name": "Germans", "filter": "everyone" })).await;
    assert_eq!(taken.status, 409);
}

#[tokio::test]
async fn suppressions_are_added_lifted_and_paged() {
    let api = Api::new().await;
    let before = api.get("viewer", "/suppressions?limit=200").await.json["items"].as_array().unwrap().len();
    for n in 0..3 {
        let new = json!({ "channel": "email", "value": format!("s{n}@S.example"), "note": "asked by telephone" });
        assert_eq!(api.post("author", "/suppressions", new).await.status, 201);
    }
    let one = api.get("viewer", "/suppressions?channel=email&value=s1%40s.EXAMPLE").await;
    assert_eq!(one.json["items"][0]["reason"], "manual", "{}", one.text);
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = api.get("viewer", &format!("/suppressions?limit=1{cursor}")).await;
        seen += page.json["items"].as_array().unwrap().len();
        let Some(next) = page.json["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={}", next.replace('"', "%22").replace('[', "%5B").replace(']', "%5D"));
    }
    assert_eq!(seen, before + 3);
    let lift = |reason: &str| json!({ "channel": "email", "value": "s1@s.example", "reason": reason });
    assert_eq!(api.post("author", "/suppressions/lift", lift(" ")).await.pointer(), "/reason");
    assert_eq!(api.post("author", "/suppressions/lift", lift("asked for it")).await.status, 204);
    assert_eq!(api.post("author", "/suppressions/lift", lift("asked for it")).await.status, 404);
}

#[tokio::test]
async fn an_import_streams_past_the_body_limit() {
    let api = Api::new().await;
    let mut csv = "customer_id,email,name\n".to_owned();
    let lines = 40_000;
    (0..lines).for_each(|n| csv.push_str(&format!("import-{n:06},i{n:06}@import.example,Somebody\n")));
    assert!(csv.len() > api.app.config.http.max_body);
    let request = Request::post("/api/v1/recipients/import").header(header::CONTENT_TYPE, "text/csv");
    let token = &api.tokens["author"];
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::from(csv)).unwrap();
    let answer = api.send(request).await;
    assert_eq!((answer.status.as_u16(), &answer.json["good"]), (200, &json!(lines)), "{}", answer.text);
}
