//! Receives what parts call back with: receipts, customers' texts, webhooks.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use tokio::sync::watch;
use tokio::time::timeout;

use super::server::Server;

/// A receiver; it answers everything with 200 and an empty body.
pub struct Callbacks {
    server: Server,
    received: watch::Receiver<Vec<Callback>>,
}

/// One request that came.
#[derive(Debug, Clone)]
pub struct Callback {
    /// GET, POST and so on.
    pub method: Method,
    /// The path, without the query.
    pub path: String,
    /// The query's fields, decoded. Of a field that came twice, the last.
    pub query: HashMap<String, String>,
    /// The header lines.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Callbacks {
    /// Starts a receiver.
    pub async fn start() -> Self {
        let (sender, received) = watch::channel(Vec::new());
        let router = Router::new().fallback(async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let fields = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
            let query = fields.into_owned().collect();
            let callback = Callback { method, path: uri.path().to_owned(), query, headers, body };
            sender.send_modify(|all| all.push(callback));
        });
        Self { server: Server::start(router).await, received }
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Waits until `count` requests that please came, and gives all of those, in their order.
    ///
    /// # Panics
    /// When they do not come within a minute.
    pub async fn wait_for(&self, count: usize, pleases: impl Fn(&Callback) -> bool) -> Vec<Callback> {
        let mut received = self.received.clone();
        let enough = received.wait_for(|all| all.iter().filter(|callback| pleases(callback)).count() >= count);
        let all = match timeout(Duration::from_secs(60), enough).await {
            Ok(all) => all.expect("the receiver lives as long as this handle").clone(),
            Err(_) => panic!("waited a minute for {count} callbacks; came: {:?}", self.received.borrow()),
        };
        all.into_iter().filter(|callback| pleases(callback)).collect()
    }
}

#[tokio::test]
async fn it_keeps_what_came_as_it_came() {
    let callbacks = Callbacks::start().await;
    let request = crate::parts::http::client().post(format!("{}/hook?a=b%20c", callbacks.url()));
    let answer = request.header("x-signature", "1234").body("text").send().await.expect("the receiver answers");
    assert_eq!(answer.status(), 200);
    let received = &callbacks.wait_for(1, |_| true).await[0];
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/hook"));
    assert_eq!(received.query["a"], "b c");
    assert_eq!(received.headers["x-signature"], "1234");
    assert_eq!(received.body, "text");
}
