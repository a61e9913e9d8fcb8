//! Pace on a real server that fails as it is told: dead and slow relays and destinations, and what they cost the others.

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
};
use jiff::{SignedDuration, Timestamp};
use onevoice::store::recipients::Recipient;
use serde_json::{Value, json};

use super::{Daemon, Site, content, person};
use crate::{
    parts::{
        port, ready,
        smtp_server::{Rule, SmtpServer},
        smtp_sink::SmtpSink,
    },
    simulators::server::Server,
};

fn people(domains: &[&str], each: usize) -> Vec<Recipient> {
    let address = |place: usize| format!("p{place:03}@{}", domains[place % domains.len()]);
    (0..each * domains.len())
        .map(|place| person(&format!("c{place:03}"), "Maria", Some(&address(place)), None))
        .collect()
}

fn relay(name: &str, port: u16, more: &str) -> String {
    format!(
        "[[provider]]\nname = \"{name}\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n{more}\n"
    )
}

/// Starts the daemon and sends one update to everybody; answers the daemon and the broadcast's number.
async fn send(site: &Site) -> (Daemon, i64) {
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    (daemon, broadcast)
}

/// How a provider stands.
async fn standing(daemon: &Daemon, name: &str) -> Value {
    let status = daemon.sign_in("ana@acme.example").await.get("/status").await;
    let providers = status["providers"].as_array().cloned().unwrap_or_default();
    providers.into_iter().find(|provider| provider["name"] == name).unwrap_or_default()
}

/// Whom the server has mail for, in the order in which it came.
async fn readers(server: &SmtpServer) -> Vec<String> {
    server.state().await.messages.into_iter().flat_map(|message| message.to).collect()
}

fn sorted(mut readers: Vec<String>) -> Vec<String> {
    readers.sort_unstable();
    readers
}

#[tokio::test]
async fn a_dead_relay_beside_a_healthy_one_costs_no_attempt() {
    let (dead, healthy) = (port::free(), port::free());
    let relays = relay("dead", dead, "weight = 9") + &relay("healthy", healthy, "weight = 1");
    let site = Site::new(&relays, &people(&["a.test"], 150)).await;
    let (daemon, broadcast) = send(&site).await;
    // Before that the healthy one might carry all of it, and the dead one nobody would have tried.
    let tried = async || (standing(&daemon, "dead").await["up"] == false).then_some(());
    ready::until("the dead relay to be tried", tried).await;
    let sink = SmtpSink::start_with(healthy, &[]).await;
    let client = daemon.sign_in("ana@acme.example").await;
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    let deliveries = client.deliveries(broadcast, "email").await;
    assert_eq!(deliveries.len(), 150);
    for delivery in deliveries.values() {
        assert_eq!((&delivery["provider"], &delivery["attempts"]), (&json!("healthy"), &json!(1)), "{delivery}");
    }
    assert_eq!(sink.mails().len(), 150);
    assert_eq!(standing(&daemon, "dead").await["up"], false);
    assert_eq!(standing(&daemon, "healthy").await["up"], true);
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_relay_that_cannot_be_reached_opens_its_breaker_and_one_probe_closes_it() {
    let port = port::free();
    let site = Site::new(&relay("relay", port, ""), &people(&["a.test"], 30)).await;
    let (daemon, broadcast) = send(&site).await;
    let breaker = async |wanted: &str| {
        ready::until(wanted, async || (standing(&daemon, "relay").await["breaker"] == wanted).then_some(())).await;
    };
    breaker("open").await;
    let sink = SmtpSink::start_with(port, &[]).await;
    breaker("closed").await;
    let client = daemon.sign_in("ana@acme.example").await;
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    assert_eq!(sink.mails().len(), 30);
    for delivery in client.deliveries(broadcast, "email").await.values() {
        assert_eq!(delivery["attempts"], 1, "nothing was tried while nothing could be: {delivery}");
    }
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_slow_destination_lets_the_others_pass() {
    let server = SmtpServer::start_open().await;
    let limits = "limits = { connections = 2, domains = { \"slow.test\" = { per_second = 10 } } }";
    let site =
        Site::new(&relay("relay", server.port, limits), &people(&["slow.test", "a.test", "b.test", "c.test"], 40))
            .await;
    let (daemon, broadcast) = send(&site).await;
    let client = daemon.sign_in("ana@acme.example").await;
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    let readers = readers(&server).await;
    let is_slow = |reader: &&String| reader.ends_with("@slow.test");
    let last = readers.iter().rposition(|reader| !is_slow(&reader)).expect("the others have it");
    let slow_before = readers[..last].iter().filter(is_slow).count();
    assert!(slow_before < 35, "{slow_before} of 40 to the slow destination came before the last of the others");
    assert_eq!((readers.len(), sorted(readers.clone()).windows(2).all(|pair| pair[0] != pair[1])), (160, true));
    for delivery in client.deliveries(broadcast, "email").await.values() {
        assert_eq!(delivery["attempts"], 1, "waiting is no attempt: {delivery}");
    }
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn half_of_the_destinations_answering_for_now_cost_the_other_half_nothing() {
    let server = SmtpServer::start_open().await;
    let busy = Rule {
        stage: "rcpt",
        address: Some("@busy.test"),
        code: Some(450),
        text: Some("4.7.1 come back later"),
        times: Some(20),
        ..Rule::default()
    };
    server.rules(&[busy]).await;
    let site = Site::new(&relay("relay", server.port, ""), &people(&["busy.test", "free.test"], 40)).await;
    let (daemon, broadcast) = send(&site).await;
    let client = daemon.sign_in("ana@acme.example").await;
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    for (address, delivery) in client.deliveries(broadcast, "email").await {
        let attempts = delivery["attempts"].as_i64().unwrap_or_default();
        assert!(attempts == 1 || address.ends_with("@busy.test"), "{delivery}");
    }
    let readers = readers(&server).await;
    assert_eq!((readers.len(), sorted(readers.clone()).windows(2).all(|pair| pair[0] != pair[1])), (80, true));
    assert_eq!(standing(&daemon, "relay").await["slowed_to"], Value::Null, "the domain was slow, not the relay");
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn more_than_fifty_errors_shift_the_rest_away_and_nobody_is_lost() {
    let (bad, good) = (SmtpServer::start_open().await, SmtpServer::start_open().await);
    bad.rules(&[Rule { stage: "data", code: Some(451), text: Some("4.3.0 local error"), ..Rule::default() }]).await;
    let providers = relay("bad", bad.port, "weight = 3") + &relay("good", good.port, "");
    let site = Site::new(&providers, &people(&["a.test", "b.test"], 100)).await;
    let (daemon, broadcast) = send(&site).await;
    let client = daemon.sign_in("ana@acme.example").await;
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    assert_eq!(readers(&bad).await, Vec::<String>::new());
    assert_eq!(sorted(readers(&good).await), {
        let everybody = client.deliveries(broadcast, "email").await;
        everybody.into_keys().collect::<Vec<_>>()
    });
    assert_eq!(standing(&daemon, "bad").await["share"], 0.0);
    assert_eq!(standing(&daemon, "good").await["share"], 1.0);
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn what_may_have_arrived_is_sent_again_by_the_same_relay_alone() {
    let (first, second) = (SmtpServer::start_open().await, SmtpServer::start_open().await);
    first.rules(&[Rule { stage: "data", drop: true, keep: true, times: Some(2), ..Rule::default() }]).await;
    let one = "limits = { connections = 1 }";
    let providers = relay("first", first.port, one) + &relay("second", second.port, one);
    let site = Site::new(&providers, &people(&["a.test"], 180)).await;
    let (daemon, broadcast) = send(&site).await;
    let client = daemon.sign_in("ana@acme.example").await;
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    let again: Vec<Value> = client
        .deliveries(broadcast, "email")
        .await
        .into_values()
        .filter(|delivery| delivery["attempts"].as_i64() > Some(1))
        .collect();
    assert!(!again.is_empty());
    for delivery in &again {
        assert_eq!(delivery["provider"], "first", "{delivery}");
    }
    let (first, second) = (readers(&first).await, readers(&second).await);
    assert!(second.iter().all(|reader| !first.contains(reader)), "nobody has it from both");
    let repeats: i64 = again.iter().filter_map(|delivery| delivery["attempts"].as_i64()).map(|tries| tries - 1).sum();
    assert_eq!(first.len() + second.len(), 180 + repeats as usize, "each repeat was of one that had arrived");
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_storm_of_421_slows_the_relay_down_and_ends_complete() {
    let server = SmtpServer::start_open().await;
    let storm =
        Rule { stage: "rcpt", code: Some(421), text: Some("4.7.28 too fast"), every: Some(15), ..Rule::default() };
    server.rules(&[storm]).await;
    let site = Site::new(&relay("relay", server.port, "limits = { per_second = 60 }"), &people(&["a.test"], 60)).await;
    let (daemon, broadcast) = send(&site).await;
    let client = daemon.sign_in("ana@acme.example").await;
    let slowed =
        ready::until("the relay to be slowed down", async || standing(&daemon, "relay").await["slowed_to"].as_f64())
            .await;
    assert!(slowed <= 30.0, "{slowed}");
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    let readers = readers(&server).await;
    assert_eq!((readers.len(), sorted(readers.clone()).windows(2).all(|pair| pair[0] != pair[1])), (60, true));
    for delivery in client.deliveries(broadcast, "email").await.values() {
        assert_eq!(delivery["attempts"], 1, "being told to go slower is no attempt: {delivery}");
    }
    assert!(daemon.stop().await.success());
}

/// A gateway that answers every text with this status and header.
async fn gateway(status: u16, header: Option<(&'static str, &'static str)>) -> Server {
    let answer = async move || {
        let status = StatusCode::from_u16(status).expect("a status");
        (
            status,
            header.map_or_else(HeaderMap::new, |(name, value)| {
                [(name.parse().expect("a name"), value.parse().expect("a value"))].into_iter().collect()
            }),
        )
    };
    Server::start(Router::new().fallback(answer)).await
}

#[tokio::test]
async fn an_absurd_retry_after_holds_a_gateway_for_an_hour_and_its_neighbour_carries_all() {
    let (busy, free) = (gateway(429, Some(("retry-after", "999999999999"))).await, gateway(202, None).await);
    let provider = |name: &str, server: &Server| {
        format!(
            "[[provider]]\nname = \"{name}\"\nkind = \"sms-http\"\nurl = \"{}/\"\nfrom = \"Acme\"\n\
             json = {{ to = \"{{to}}\", text = \"{{text}}\" }}\nlimits = {{ per_second = 1000, burst = 100 }}\n",
            server.url
        )
    };
    let people: Vec<Recipient> = (0..100)
        .map(|place| person(&format!("c{place:03}"), "Maria", None, Some(&format!("+4477009{place:05}"))))
        .collect();
    let site = Site::new(&(provider("busy", &busy) + &provider("free", &free)), &people).await;
    let (daemon, broadcast) = send(&site).await;
    let client = daemon.sign_in("ana@acme.example").await;
    assert_eq!(client.ended(broadcast).await["state"], "completed");
    for delivery in client.deliveries(broadcast, "sms").await.values() {
        assert_eq!((&delivery["provider"], &delivery["attempts"]), (&json!("free"), &json!(1)), "{delivery}");
    }
    let busy = standing(&daemon, "busy").await;
    let until: Timestamp = busy["waits_until"].as_str().and_then(|at| at.parse().ok()).expect("it asked for a pause");
    assert!(until.duration_since(super::now()) <= SignedDuration::from_secs(3600), "{busy}");
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn a_reload_takes_over_limits_and_refuses_what_is_wrong_in_words() {
    let outbox =
        |limits: &str| format!("[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n{limits}\n");
    let site = Site::new(&outbox("limits = { per_second = 0.1, burst = 1 }"), &people(&["a.test"], 100)).await;
    let (daemon, broadcast) = send(&site).await;
    let client = daemon.sign_in("ana@acme.example").await;
    let said = async |what: &str| {
        ready::until(what, async || {
            std::fs::read_to_string(site.log()).ok().filter(|log| log.contains(what)).map(drop)
        })
        .await;
    };
    site.configure(&outbox("limits = { per_second = -1 }"));
    daemon.hang_up().await;
    said("what was in force stays").await;
    said("`provider[0].limits.per_second`: must be above 0").await;
    assert!(client.get(&format!("/broadcasts/{broadcast}")).await["ended_at"].is_null());

    let other = outbox("limits = { per_second = 1000, burst = 100 }")
        + "[[provider]]\nname = \"page\"\nkind = \"status-page\"\n";
    site.configure(&other);
    daemon.hang_up().await;
    let ended = client.ended(broadcast).await;
    assert_eq!((&ended["state"], &ended["progress"]["outcomes"]["accepted"]), (&json!("completed"), &json!(100)));
    said("take effect only when the daemon is started again").await;
    said("provider \\\"page\\\" (new)").await;
    assert!(daemon.stop().await.success());
}
