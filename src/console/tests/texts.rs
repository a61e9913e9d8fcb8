//! Text messages on the pages: what they cost by country, and numbers as people write them.

use super::*;
use crate::store::recipients::Recipient;

fn person(customer: &str, number: &str) -> Recipient {
    serde_json::from_value(serde_json::json!({
        "customer_id": customer, "name": customer, "locale": "en", "addresses": [{ "channel": "sms", "value": number }],
    }))
    .unwrap()
}

#[tokio::test]
async fn what_texts_cost_by_country_is_read_by_who_writes_and_who_approves() {
    let site = Site::with(|config| {
        config.sms.price_per_part = None;
        config.sms.prices = [("AT".to_owned(), 0.08), ("+1".to_owned(), 0.01)].into();
    })
    .await;
    let numbers = ["+436641234567", "+436761234567", "+14155550100", "+4915123456789"];
    let people: Vec<Recipient> =
        numbers.iter().zip(2..).map(|(number, place)| person(&format!("c-{place}"), number)).collect();
    site.app.store.put_recipients(&people, 1, site.app.world.clock.now()).await.unwrap();
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let looked = crate::preview::preview(&site.app, id, None).await.unwrap();
    let texts = looked.numbers.texts.clone().unwrap();
    assert_eq!((texts.numbers, texts.without_price), (4, 1));
    let places: Vec<(&str, i64)> = texts.places.iter().map(|place| (place.place.as_str(), place.numbers)).collect();
    assert_eq!(places, [("AT", 2), ("+1", 1), ("DE", 1)]);
    let expected = 0.17 * f64::from(texts.most_parts);
    assert!((looked.numbers.cost - expected).abs() < 1e-9, "{} for {texts:?}", looked.numbers.cost);

    let page = site.get(Some(&ben), &format!("/console/updates/{id}/approve")).await;
    let said = page.text.split("<p>About €").nth(1).and_then(|rest| rest.split("</p>").next()).unwrap_or_else(|| {
        panic!("{}", page.text);
    });
    assert!(said.contains("for 4 texts of") && said.ends_with("; 1 number is in a country without a price."), "{said}");
    // Submitted, it is exact: this text has the same parts for everybody.
    let broadcast = site.app.store.broadcasts_of(id).await.unwrap().pop().unwrap();
    assert_eq!(broadcast.plan["texts"]["without_price"], 1);
    let parts = broadcast.plan["texts"]["most_parts"].as_f64().unwrap();
    assert!((broadcast.plan["cost"].as_f64().unwrap() - 0.17 * parts).abs() < 1e-9, "{}", broadcast.plan);
}

#[tokio::test]
async fn what_nobody_knows_the_price_of_is_not_called_free() {
    for price in [None, Some(0.1)] {
        let site = Site::with(|config| config.sms.price_per_part = price).await;
        let people = [person("c-2", "+436641234567")];
        site.app.store.put_recipients(&people, 1, site.app.world.clock.now()).await.unwrap();
        let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
        let id = submitted(&site, &ana).await;
        let page = site.get(Some(&ben), &format!("/console/updates/{id}/approve")).await;
        assert_eq!((page.text.contains("€0.00"), page.text.contains("€0.")), (false, price.is_some()), "{}", page.text);
    }
}

#[tokio::test]
async fn the_forecast_waits_for_the_sender_that_takes_the_longest() {
    let settings = |senders: serde_json::Value| {
        serde_json::from_value(serde_json::json!({
            "kind": "sms-http", "url": "http://127.0.0.1:9/send", "from": "Acme", "senders": senders,
            "query": { "to": "{to}", "from": "{from}", "text": "{text}" },
        }))
        .unwrap()
    };
    let mut seconds = Vec::new();
    for senders in [serde_json::json!([]), serde_json::json!([{ "country": "AT", "from": "12345", "per_second": 0.1 }])]
    {
        let site = Site::with(|config| {
            let texts = |entry: &&mut crate::config::ProviderEntry| {
                entry.settings.channel() == onevoice_channels::contract::Channel::Sms
            };
            config.provider.iter_mut().find(texts).unwrap().settings = settings(senders);
        })
        .await;
        let people = [person("c-2", "+436641234567"), person("c-3", "+436761234567"), person("c-4", "+14155550100")];
        site.app.store.put_recipients(&people, 1, site.app.world.clock.now()).await.unwrap();
        let ana = site.sign_in("ana").await;
        open(&site, &ana, "Card payments fail").await;
        let looked = crate::preview::preview(&site.app, 1, None).await.unwrap();
        seconds.push(looked.numbers.forecast[&onevoice_channels::contract::Channel::Sms].seconds);
    }
    assert!(seconds[0] < 2.0 && seconds[1] > 10.0, "{seconds:?}");
}

#[tokio::test]
async fn a_number_is_typed_as_at_home_and_found_as_at_home() {
    let site = Site::with(|config| config.sms.default_country = Some("AT".to_owned())).await;
    let ana = site.sign_in("ana").await;
    let form = |number: &'static str| [("customer_id", "c-7"), ("name", "Maria"), ("sms", number), ("action", "save")];
    let page = site.send(&ana, "/console/people/new", &form("01 23")).await;
    assert!(page.text.contains("is too short for Austria") && page.text.contains("01 23"), "{}", page.text);
    let page = site.send(&ana, "/console/people/new", &form("0664 123 4567")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    assert_eq!(site.app.store.recipient("c-7").await.unwrap().recipient.addresses[0].value, "+436641234567");
    for sought in ["0664%20123%204567", "%2B43664", "+43%20664%201234567"] {
        let page = site.get(Some(&ana), &format!("/console/people?q={}", sought.replace('+', "%2B"))).await;
        assert!(page.text.contains("Maria"), "{sought}: {}", page.text);
    }
}
