//! Segments: by rows and by text, kept in step without scripts; tried on people.

use super::*;
use crate::store::recipients::Recipient;

async fn with_people(site: &Site) {
    let one = |customer: &str, name: &str, country: &str, tags: &[&str]| -> Recipient {
        serde_json::from_value(serde_json::json!({
            "customer_id": customer, "name": name, "locale": "en", "attributes": { "country": country }, "tags": tags,
            "addresses": [{ "channel": "email", "value": format!("{customer}@example.org") }],
        }))
        .unwrap()
    };
    let people = [
        one("c-1", "Maria", "DE", &["vip"]),
        one("c-2", "Noor", "DE", &[]),
        one("c-3", "<script>alert(3)</script>", "AT", &["vip"]),
    ];
    site.app.store.put_recipients(&people, 1, site.app.world.clock.now()).await.unwrap();
}

const ROWS: [(&str, &str); 8] = [
    ("mode", "rows"),
    ("join", "all"),
    ("field.0", "country"),
    ("how.0", "is"),
    ("value.0", "DE"),
    ("field.1", "tag"),
    ("how.1", "is"),
    ("value.1", "vip"),
];

fn with(pairs: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&ROWS, pairs].concat()
}

#[tokio::test]
async fn a_group_is_chosen_row_by_row_counted_and_saved_without_scripts() {
    let site = Site::new().await;
    with_people(&site).await;
    let ana = site.sign_in("ana").await;
    let page = site.get(Some(&ana), "/console/segments/new").await;
    assert!(page.text.contains("<option value=\"country\">country (3 people)</option>"), "{}", page.text);
    let begun = [("mode", "rows"), ("join", "all"), ("field.0", "country"), ("how.0", "is"), ("value.0", "DE")];
    let added = site.send(&ana, "/console/segments", &[&begun[..], &[("action", "add")]].concat()).await;
    assert!(added.status == StatusCode::OK && added.text.contains("name=\"field.1\""), "{}", added.text);
    assert!(added.text.contains("<b>DE</b> 2 · <b>AT</b> 1"), "what there is, the most frequent first: {}", added.text);
    let looked = site.send(&ana, "/console/segments", &with(&[("action", "look")])).await;
    let words = "country &#x3D; &quot;DE&quot; and tag &quot;vip&quot;";
    assert!(looked.text.contains("1 person</p>") && looked.text.contains(words), "{}", looked.text);
    let fewer = site.send(&ana, "/console/segments", &with(&[("action", "drop:0")])).await;
    assert!(fewer.text.contains("2 people</p>") && !fewer.text.contains("name=\"field.1\""), "{}", fewer.text);
    assert_eq!(site.app.store.segments().await.unwrap(), [], "looking keeps nothing");
    let saved = site.send(&ana, "/console/segments", &with(&[("name", "VIPs"), ("action", "save")])).await;
    assert_eq!((saved.status, saved.place.as_str()), (StatusCode::SEE_OTHER, "/console/segments/1"), "{}", saved.text);
    assert_eq!(site.app.store.segments().await.unwrap()[0].filter, "country = \"DE\" and tag \"vip\"");
    let again = site.get(Some(&ana), "/console/segments/1").await;
    assert!(again.text.contains("name=\"field.1\"") && again.text.contains("value=\"vip\""), "{}", again.text);
}

#[tokio::test]
async fn rows_and_text_turn_into_each_other_and_what_rows_cannot_say_stays_text() {
    let site = Site::new().await;
    with_people(&site).await;
    let ana = site.sign_in("ana").await;
    let text = site.send(&ana, "/console/segments", &with(&[("action", "as_text"), ("name", "Kept")])).await;
    let words = "country &#x3D; &quot;DE&quot; and tag &quot;vip&quot;</textarea>";
    assert!(text.text.contains(words) && text.text.contains("value=\"Kept\""), "{}", text.text);
    let back = [("mode", "text"), ("filter", "country = \"DE\""), ("action", "as_rows")];
    let rows = site.send(&ana, "/console/segments", &back).await;
    assert!(rows.text.contains("name=\"field.0\"") && rows.text.contains("value=\"DE\""), "{}", rows.text);
    let much = "(country = \"DE\" or tag \"vip\") and has country";
    let stays =
        site.send(&ana, "/console/segments", &[("mode", "text"), ("filter", much), ("action", "as_rows")]).await;
    assert!(
        stays.text.contains("says more than the form can show") && stays.text.contains("3 people</p>"),
        "{}",
        stays.text
    );
    let broken = [("mode", "text"), ("filter", "country == DE"), ("name", "x"), ("action", "save")];
    let broken = site.send(&ana, "/console/segments", &broken).await;
    assert!(
        broken.status == StatusCode::UNPROCESSABLE_ENTITY && broken.text.contains("country &#x3D;&#x3D; DE"),
        "{}",
        broken.text
    );
    let unfinished = [("mode", "rows"), ("name", "x"), ("field.0", "country"), ("how.0", "is"), ("value.0", "")];
    let unfinished = site.send(&ana, "/console/segments", &unfinished).await;
    assert_eq!(unfinished.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unfinished.text.contains("condition 1: give a value"), "{}", unfinished.text);
}

#[tokio::test]
async fn it_is_tried_on_people_and_says_what_keeps_them_out() {
    let site = Site::new().await;
    with_people(&site).await;
    let vera = site.sign_in("vera").await;
    let page = site.send(&vera, "/console/segments/look", &with(&[])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(page.text.matches(">in it<").count(), 1);
    assert_eq!(page.text.matches(">not in it<").count(), 2);
    assert!(page.text.contains("they have: <b>AT</b>") && page.text.contains("they have nothing there"));
    assert!(!page.text.contains("<script>alert(3)"), "names are escaped");
    let one = site.send(&vera, "/console/segments/look", &with(&[("who", "Noor")])).await;
    let code = "<code>tag &quot;vip&quot;</code> does not hold";
    assert!(one.text.matches("<li>").count() == 1 && one.text.contains(code), "{}", one.text);
    let nobody = site.send(&vera, "/console/segments/look", &with(&[("who", "Zzz")])).await;
    assert!(nobody.text.contains("Nobody is found"));
    let refused = site.send(&vera, "/console/segments", &with(&[("name", "x"), ("action", "save")])).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "who only reads keeps nothing");
}
