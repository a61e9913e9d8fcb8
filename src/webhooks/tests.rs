//! Endpoints that take, refuse, hang and are gone, with a clock that is turned.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use jiff::SignedDuration;
use onevoice_channels::{
    secret::Secret,
    testkit::http_server::{HttpAnswer, HttpRequest, HttpServer},
};

use super::{
    deliver::Post,
    manage::{self, Replay, Standing},
    schedule::WAITS,
};
use crate::{
    compose::status::Kind,
    config::webhooks::Endpoint,
    people::{Actor, Role},
    schedule::playbook::announce::bench::Bench,
    world::Clock as _,
};

const DAY: i64 = 86_400;

fn endpoint(name: &str, server: &HttpServer) -> Endpoint {
    Endpoint {
        name: name.to_owned(),
        url: Secret::new(&server.url("/hook")),
        secrets: vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
        events: vec!["incident".to_owned()],
        exercises: false,
        restricted: false,
        allow_networks: vec!["127.0.0.0/8".to_owned()],
        timeout_seconds: 60,
        allow_cleartext: false,
    }
}

/// A receiver whose answer a test sets.
async fn receiver(status: u16) -> (HttpServer, Arc<AtomicU16>) {
    let says = Arc::new(AtomicU16::new(status));
    let answer = says.clone();
    let server = HttpServer::start(move |_| match answer.load(Ordering::SeqCst) {
        429 => HttpAnswer::reply(429, "").with_header("retry-after", "3000"),
        status => HttpAnswer::reply(status, "hunter2"),
    })
    .await;
    (server, says)
}

async fn bench(endpoints: Vec<Endpoint>) -> Bench {
    let bench = Bench::with(|config| config.webhooks.endpoint = endpoints).await;
    let names: Vec<&str> = bench.app.config.webhooks.endpoint.iter().map(|endpoint| endpoint.name.as_str()).collect();
    bench.app.store.put_endpoints(&names).await.unwrap();
    bench
}

impl Bench {
    async fn opened(&self) -> i64 {
        let entry = self.app.entry("test", "incident.open", "", serde_json::json!({}));
        self.app.store.add_incident(Kind::Incident, "t", false, false, None, &entry).await.unwrap()
    }

    /// Delivers what is due at an endpoint now.
    async fn deliver(&self, place: usize) {
        let post = Post::new(&self.app, &self.app.config.webhooks.endpoint[place]).unwrap();
        while post.turn().await.unwrap() {}
    }

    async fn stands(&self) -> Standing {
        manage::all(&self.app).await.unwrap().remove(0)
    }

    async fn administrator(&self) -> Actor {
        let Actor::Person(mut person) = self.ana.clone() else { panic!("Ana is a person") };
        person.role = Role::Administrator;
        Actor::Person(person)
    }
}

fn ids(seen: &[HttpRequest]) -> Vec<&str> {
    seen.iter().map(|request| request.headers["webhook-id"].as_str()).collect()
}

#[tokio::test]
async fn an_event_that_is_never_taken_is_tried_for_days_then_given_up_and_its_endpoint_switched_off() {
    let (server, says) = receiver(500).await;
    let bench = bench(vec![endpoint("tickets", &server)]).await;
    bench.opened().await;
    let began = bench.clock.steady();
    bench.deliver(0).await;
    for (tries, wait) in WAITS.iter().enumerate() {
        bench.clock.on(i64::try_from(*wait).unwrap() * 4 / 5 - 1);
        bench.deliver(0).await;
        assert_eq!(server.seen().len(), tries + 1, "it is too early");
        bench.clock.on(i64::try_from(*wait).unwrap() * 2 / 5 + 2);
        bench.deliver(0).await;
        assert_eq!(server.seen().len(), tries + 2, "it is due");
    }
    let seen = server.seen();
    assert!(seen.iter().all(|request| request.body == seen[0].body && ids(&seen)[0] == request.headers["webhook-id"]));
    let stands = bench.stands().await.endpoint;
    assert_eq!((stands.waiting, stands.failed, stands.disabled_at), (0, 1, None));
    assert_eq!(stands.failing_since, Some(began));
    assert_eq!(stands.trouble.as_deref(), Some("the receiver answered 500"), "and nothing of its own words");

    bench.clock.on(2 * DAY);
    bench.opened().await;
    bench.opened().await;
    bench.deliver(0).await;
    let stands = bench.stands().await.endpoint;
    assert_eq!((stands.disabled_why.as_deref(), stands.waiting), (Some("failing"), 2));
    assert_eq!(bench.app.store.audit_of("webhook:tickets").await.unwrap()[0].1, "webhook.disable");
    let calls = server.seen().len();
    bench.clock.on(DAY);
    bench.deliver(0).await;
    assert_eq!(server.seen().len(), calls, "it is left alone");

    says.store(204, Ordering::SeqCst);
    let ada = bench.administrator().await;
    assert_eq!(manage::enable(&bench.app, &bench.ana, "tickets").await.unwrap_err().status, 403);
    assert_eq!(manage::test(&bench.app, &ada, "tickets").await.unwrap_err().status, 409, "it is off");
    manage::enable(&bench.app, &ada, "tickets").await.unwrap();
    assert_eq!(manage::enable(&bench.app, &ada, "tickets").await.unwrap_err().status, 409);
    bench.deliver(0).await;
    let stands = bench.stands().await.endpoint;
    assert_eq!((stands.waiting, stands.failing_since, stands.trouble), (0, None, None));
    assert_eq!(server.seen().len(), calls + 2);
}

#[tokio::test]
async fn one_that_says_it_is_gone_is_switched_off_at_once() {
    let (server, _) = receiver(410).await;
    let bench = bench(vec![endpoint("tickets", &server)]).await;
    bench.opened().await;
    bench.opened().await;
    bench.deliver(0).await;
    let stands = bench.stands().await.endpoint;
    assert_eq!((stands.disabled_why.as_deref(), stands.waiting, server.seen().len()), (Some("gone"), 2, 1));
}

#[tokio::test]
async fn one_that_asks_for_time_is_left_alone_with_everything() {
    let (server, says) = receiver(429).await;
    let bench = bench(vec![endpoint("tickets", &server)]).await;
    bench.opened().await;
    bench.opened().await;
    bench.deliver(0).await;
    assert_eq!(server.seen().len(), 1);
    says.store(200, Ordering::SeqCst);
    bench.clock.on(2_999);
    bench.deliver(0).await;
    assert_eq!(server.seen().len(), 1);
    bench.clock.on(1);
    bench.deliver(0).await;
    let seen = server.seen();
    assert_eq!(ids(&seen)[0], ids(&seen)[1], "the one that was refused comes first");
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn the_wall_clock_moves_no_retry() {
    let (server, _) = receiver(503).await;
    let bench = bench(vec![endpoint("tickets", &server)]).await;
    bench.opened().await;
    bench.deliver(0).await;
    bench.clock.set(30 * DAY);
    bench.deliver(0).await;
    assert_eq!((server.seen().len(), bench.stands().await.endpoint.disabled_at), (1, None));
}

#[tokio::test]
async fn one_that_hangs_holds_nobody_else_up() {
    let silent = HttpServer::start(|_| HttpAnswer::Silence).await;
    let (server, _) = receiver(200).await;
    let bench = bench(vec![endpoint("silent", &silent), endpoint("tickets", &server)]).await;
    bench.opened().await;
    let hangs = Post::new(&bench.app, &bench.app.config.webhooks.endpoint[0]).unwrap();
    tokio::select! {
        turn = hangs.turn() => panic!("{turn:?}"),
        () = bench.deliver(1) => {}
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn events_are_sent_again_as_they_were_by_who_may() {
    let (server, _) = receiver(200).await;
    let bench = bench(vec![endpoint("tickets", &server)]).await;
    bench.opened().await;
    let between = bench.clock.now() + SignedDuration::from_secs(30);
    bench.clock.on(60);
    bench.opened().await;
    bench.deliver(0).await;
    let (seen, ada) = (server.seen(), bench.administrator().await);
    let one = |id: &str| Replay { event: Some(id.to_owned()), since: None };
    let first = one(ids(&seen)[0]);
    assert_eq!(manage::replay(&bench.app, &bench.ana, "tickets", &first).await.unwrap_err().status, 403);
    assert_eq!(manage::replay(&bench.app, &ada, "nobody", &first).await.unwrap_err().status, 404);
    for (unknown, status) in [(one("evt_1_1"), 404), (one("evt_1_999"), 404), (one("x"), 404), (Replay::default(), 422)]
    {
        assert_eq!(manage::replay(&bench.app, &ada, "tickets", &unknown).await.unwrap_err().status, status);
    }
    assert_eq!(manage::replay(&bench.app, &ada, "tickets", &first).await.unwrap().events, 1);
    bench.deliver(0).await;
    let since = Replay { event: None, since: Some(between) };
    assert_eq!(manage::replay(&bench.app, &ada, "tickets", &since).await.unwrap().events, 1);
    bench.deliver(0).await;
    let again = server.seen();
    assert_eq!((again.len(), ids(&again)[2], ids(&again)[3]), (4, ids(&seen)[0], ids(&seen)[1]));
    assert_eq!(again[2].body, seen[0].body);

    let tested = manage::test(&bench.app, &ada, "tickets").await.unwrap();
    bench.deliver(0).await;
    let last = server.seen().pop().unwrap();
    assert_eq!(
        (last.headers["webhook-id"].as_str(), &last.json()["type"]),
        (tested.event.as_str(), &"webhook.test".into())
    );
    let listed = manage::events(&bench.app, &ada, "tickets", Some("delivered"), 0, 10).await.unwrap();
    assert_eq!((listed.len(), listed[0].event.as_str(), listed[1].attempts), (3, tested.event.as_str(), 1));
    assert_eq!(manage::events(&bench.app, &ada, "tickets", Some("lost"), 0, 10).await.unwrap_err().status, 400);
}

#[tokio::test]
async fn a_copy_of_a_database_tells_nobody() {
    let (server, _) = receiver(200).await;
    let bench = bench(vec![endpoint("tickets", &server)]).await;
    bench.opened().await;
    bench.app.store.set_meta("restored", Some("x")).await.unwrap();
    bench.deliver(0).await;
    assert!(server.seen().is_empty());
    bench.app.store.set_meta("restored", None).await.unwrap();
    bench.deliver(0).await;
    assert_eq!(server.seen().len(), 1);
}
