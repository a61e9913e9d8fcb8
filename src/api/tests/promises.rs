//! The ledger of promises, their handing over, and other deadlines.

use serde_json::json;

use super::Api;

#[tokio::test]
async fn the_ledger_lists_promises_with_how_they_stand_and_sums_them_up() {
    let api = Api::new().await;
    api.submitted("author").await;
    api.promised(-30).await;
    let page = api.get("viewer", "/promises").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let entry = &page.json["items"][0];
    assert_eq!((&entry["standing"], &entry["kept_at"]), (&json!("overdue"), &json!(null)));
    assert!(entry["late_seconds"].as_i64().unwrap() >= 1_800, "{entry}");
    assert_eq!((&page.json["sums"]["overdue"], &page.json["sums"]["kept"]), (&json!(1), &json!(0)));
    for (query, found) in [
        ("incident=1", 1),
        ("incident=2", 0),
        ("exercises=true", 0),
        ("until=2001-01-01T00:00:00Z", 0),
        ("from=2001-01-01T00:00:00Z&limit=1", 1),
        ("cursor=1", 0),
    ] {
        let page = api.get("viewer", &format!("/promises?{query}")).await;
        assert_eq!(page.json["items"].as_array().map(Vec::len), Some(found), "{query}: {}", page.text);
    }
    assert_eq!(api.get("viewer", "/promises?since=x").await.status, 400);
    let whole = api.get("viewer", "/incidents/1").await;
    assert_eq!(whole.json["promises"][0]["standing"], "overdue", "{}", whole.text);
    assert_eq!(whole.json["promise_sums"]["overdue"], 1);
}

#[tokio::test]
async fn a_promise_is_handed_over_and_a_deadline_is_kept_beside_it() {
    let api = Api::new().await;
    api.submitted("author").await;
    api.promised(30).await;
    let approver = api.get("approver", "/me").await.json["person"]["id"].clone();
    let viewer = api.get("viewer", "/me").await.json["person"]["id"].clone();
    let refused = api.post("author", "/promises/1/hand_over", json!({ "to": viewer })).await;
    assert_eq!((refused.status.as_u16(), refused.pointer()), (422, "/to"), "{}", refused.text);
    let handed = api.post("author", "/promises/1/hand_over", json!({ "to": approver })).await;
    assert_eq!((handed.status.as_u16(), &handed.json["owner_id"]), (200, &approver), "{}", handed.text);

    let new = json!({ "title": "Report to the board", "due_at": "2999-01-01T00:00:00Z", "owner_id": approver });
    let made = api.post("author", "/incidents/1/deadlines", new).await;
    assert_eq!((made.status.as_u16(), &made.json["owner_id"]), (201, &approver), "{}", made.text);
    let past = json!({ "title": "x", "due_at": "2001-01-01T00:00:00Z" });
    assert_eq!(api.post("author", "/incidents/1/deadlines", past).await.pointer(), "/due_at");
    let done = api.post("author", "/deadlines/1/done", json!({ "done": true })).await;
    assert!(done.status == 200 && done.json["done_at"].is_string(), "{}", done.text);
    let listed = api.get("viewer", "/incidents/1/deadlines").await;
    assert_eq!(listed.json["items"].as_array().map(Vec::len), Some(2), "{}", listed.text);
    let due = api.get("viewer", "/schedule").await;
    let titles: Vec<_> = due.json["items"].as_array().unwrap().iter().filter(|due| due["what"] == "deadline").collect();
    assert_eq!(titles.len(), 1, "what is done is due no more: {}", due.text);
    assert_eq!(titles[0]["title"], "Report to the board · Payments fail");
}
