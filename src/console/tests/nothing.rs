//! "See them": who gets nothing, with the reason, and as a file.

use super::*;
use crate::store::recipients::{Recipient, Suppression};

async fn with_people(site: &Site) {
    let one = |customer: &str, name: &str, email: Option<&str>| -> Recipient {
        let addresses: Vec<_> =
            email.iter().map(|value| serde_json::json!({ "channel": "email", "value": value })).collect();
        serde_json::from_value(
            serde_json::json!({ "customer_id": customer, "name": name, "locale": "en", "addresses": addresses }),
        )
        .unwrap()
    };
    let people =
        [one("c-2", "=HYPERLINK(\"x\")", None), one("c-3", "<script>alert(3)</script>", Some("no@example.org"))];
    let now = site.app.world.clock.now();
    site.app.store.put_recipients(&people, 1, now).await.unwrap();
    let suppression = Suppression {
        channel: onevoice_channels::contract::Channel::Email,
        value: "no@example.org".to_owned(),
        reason: "opted_out".to_owned(),
        note: String::new(),
        created_at: now,
        expires_at: None,
        created_by: "test".to_owned(),
    };
    let entry = site.app.entry("operator", "suppression.add", "", serde_json::json!({}));
    site.app.store.suppress(&suppression, &entry).await.unwrap();
}

#[tokio::test]
async fn whoever_gets_nothing_is_seen_with_the_reason_from_write_and_from_approve() {
    let site = Site::new().await;
    with_people(&site).await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let approve = site.get(Some(&ben), &format!("/console/updates/{id}/approve")).await;
    let link = format!("href=\"/console/updates/{id}/nothing\">see them</a>");
    assert!(approve.text.contains("2 people get nothing at all") && approve.text.contains(&link), "{}", approve.text);
    let page = site.get(Some(&ben), &format!("/console/updates/{id}/nothing")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("Email: the reader opted out; SMS: no address"), "{}", page.text);
    assert!(page.text.contains("Email: no address; SMS: no address") && !page.text.contains("<script>alert(3)"));
    let by_mail = site.get(Some(&ben), &format!("/console/updates/{id}/nothing?on=email")).await;
    assert!(by_mail.text.contains(">Email: the reader opted out</td>"), "{}", by_mail.text);
    let none = site.get(Some(&ben), &format!("/console/updates/{id}/nothing?on=in_none")).await;
    assert!(none.text.contains("Nobody is left out"), "{}", none.text);
    let wrong = site.get(Some(&ben), &format!("/console/updates/{id}/nothing?on=banner")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_file_is_for_authors_holds_no_formula_and_is_written_down() {
    let site = Site::new().await;
    with_people(&site).await;
    let (ana, vera) = (site.sign_in("ana").await, site.sign_in("vera").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/nothing.csv?on=at_all");
    assert_eq!(site.get(Some(&vera), &place).await.status, StatusCode::FORBIDDEN);
    assert!(!site.get(Some(&vera), &format!("/console/updates/{id}/nothing")).await.text.contains("nothing.csv"));
    let file = site.get(Some(&ana), &place).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(lines[0], "customer_id,name,why");
    assert_eq!(lines[1], "c-2,\"'=HYPERLINK(\"\"x\"\")\",Email: no address; SMS: no address");
    assert_eq!(lines.len(), 3);
    let audit = site.app.store.audit_of(&format!("update:{id}")).await.unwrap();
    assert!(audit.iter().any(|(_, action)| action == "update.nothing"), "{audit:?}");
}
