//! The API over a real store: who may do what, what is answered, what is refused and how.

mod again;
mod approval;
mod audience;
mod document;
mod doors;
mod machines;
mod promises;
mod repeats;
mod sight;
mod staff;

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    app::App,
    config::Config,
    demo::{once, sample},
    listener::Peer,
    people::{Actor, Role, manage, sign_in},
    store::Store,
    world::World,
};

pub const PASSWORD: &str = "correct horse battery";

/// An API with one person of each role, and the demo's audience.
pub struct Api {
    pub app: App,
    router: Router,
    /// Session tokens by role.
    tokens: BTreeMap<&'static str, String>,
    _folder: tempfile::TempDir,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub json: Value,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The pointer of a refusal.
    pub fn pointer(&self) -> &str {
        self.json["pointer"].as_str().unwrap_or_default()
    }
}

impl Api {
    pub async fn new() -> Api {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::demo(folder.path().to_owned(), ([127, 0, 0, 1], 8080).into());
        let world = World::system().unwrap();
        let store = Store::open(&folder.path().join("test.db"), world.random.as_ref()).await.unwrap();
        let app = App::build(config, store, world).unwrap();
        sample::fill(&app).await.unwrap();
        let router = crate::api::router(app.clone());
        let mut api = Api { app, router, tokens: BTreeMap::new(), _folder: folder };
        for role in Role::ALL {
            let token = api.person(role.as_str(), role).await;
            api.tokens.insert(role.as_str(), token);
        }
        api
    }

    /// Adds a person and signs them in; answers the token.
    pub async fn person(&self, name: &str, role: Role) -> String {
        let email = format!("{name}@people.example");
        let new = manage::NewPerson {
            email: email.clone(),
            name: name.to_owned(),
            role,
            password: PASSWORD.to_owned(),
            phone: String::new(),
        };
        manage::add(&self.app, &Actor::Operator, &new).await.unwrap();
        sign_in::sign_in(&self.app, &email, PASSWORD, "test").await.unwrap().1
    }

    /// A key of the person of this role with these scopes.
    pub async fn key(&self, role: &str, scopes: &[&str]) -> String {
        let made = self.post(role, "/keys", json!({ "name": "test", "scopes": scopes })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json["secret"].as_str().unwrap().to_owned()
    }

    /// Asks as a role, with a token or key as it is, or as nobody (the empty word).
    pub async fn ask(
        &self,
        who: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
        idempotency: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !who.is_empty() {
            let token = self.tokens.get(who).map_or(who, String::as_str);
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = idempotency {
            request = request.header("Idempotency-Key", key);
        }
        let body = body.map_or(Body::empty(), |body| {
            request = std::mem::take(&mut request).header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        });
        self.send(request.body(body).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, 64 << 20).await.unwrap().to_vec()).unwrap();
        Answer {
            status: parts.status,
            json: serde_json::from_str(&text).unwrap_or_default(),
            headers: parts.headers,
            text,
        }
    }

    pub async fn get(&self, who: &str, path: &str) -> Answer {
        self.ask(who, Method::GET, path, None, None).await
    }

    pub async fn post(&self, who: &str, path: &str, body: Value) -> Answer {
        self.ask(who, Method::POST, path, Some(body), None).await
    }

    /// The demo's first update, with its promise in 40 minutes.
    pub fn content(&self) -> Value {
        let mut content = once::updates().remove(0);
        content.next_update_at = Some(self.app.world.clock.now() + jiff::SignedDuration::from_mins(40));
        serde_json::to_value(content).unwrap()
    }

    /// An update that waits for an approval, written by the person of this role: its number, digest and people.
    pub async fn submitted(&self, who: &str) -> (i64, String, i64) {
        let incident = self.post(who, "/incidents", json!({ "kind": "incident", "title": "Payments fail" })).await;
        let path = format!("/incidents/{}/updates", incident.json["id"]);
        let update = self.post(who, &path, json!({ "content": self.content() })).await;
        assert_eq!(update.status, 201, "{}", update.text);
        let id = update.json["id"].as_i64().unwrap();
        let waiting = self.post(who, &format!("/updates/{id}/submit"), json!({})).await;
        assert_eq!(waiting.status, 201, "{}", waiting.text);
        (id, waiting.json["digest"].as_str().unwrap().to_owned(), waiting.json["people"].as_i64().unwrap())
    }

    /// A promise and a deadline of what waits, each the first of its kind, due in so many minutes.
    pub async fn promised(&self, minutes: i64) {
        let now = self.app.world.clock.now();
        let due = now + jiff::SignedDuration::from_mins(minutes);
        assert_eq!(self.app.store.put_promise(1, due, now).await, 1);
        let entry = self.app.entry("test", "deadline.add", "", json!({}));
        let deadline = self.app.store.add_deadline(1, "Tell the regulator", due, None, None, &entry).await;
        assert_eq!(deadline.unwrap(), 1);
    }

    /// A request that came over the daemon's socket.
    pub async fn over_socket(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}")).extension(Peer::Unix);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}
