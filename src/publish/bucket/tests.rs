//! Buckets, as they are written: against a storage that notes what it is asked, and refuses as it is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use onevoice_channels::{endpoint::Endpoint, secret::Secret};

use super::super::tests::state;
use super::*;

const KEY: &str = "AKIACANARY";
const SECRET: &str = "a-secret-canary";

/// What it has, what it was asked in order, and what it answers in place of doing it.
#[derive(Clone, Default)]
struct Storage {
    objects: Arc<Mutex<BTreeMap<String, (HeaderMap, Bytes)>>>,
    asked: Arc<Mutex<Vec<String>>>,
    refuses: Arc<Mutex<Option<(StatusCode, &'static str)>>>,
}

impl Storage {
    /// It, and a bucket in it.
    async fn start() -> (Storage, Bucket) {
        let storage = Storage::default();
        let app = Router::new().fallback(answer).with_state(storage.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, app).into_future());
        (storage, bucket(&url))
    }

    fn refuse(&self, how: Option<(StatusCode, &'static str)>) {
        *self.refuses.lock().unwrap() = how;
    }

    fn has(&self, path: &str) -> Option<String> {
        let objects = self.objects.lock().unwrap();
        objects.get(&format!("/acme/{path}")).map(|(_, text)| String::from_utf8(text.to_vec()).unwrap())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn bucket(url: &str) -> Bucket {
    let endpoint = Endpoint::from(url.parse::<Url>().unwrap());
    let secret = Secret::new(SECRET);
    let place = config::Bucket { name: "acme", region: "eu", endpoint: Some(&endpoint), key: KEY, secret: &secret };
    Bucket::new(&place, crate::world::http_client().unwrap()).unwrap()
}

async fn answer(State(storage): State<Storage>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let body = axum::body::to_bytes(body, MOST).await.unwrap();
    storage.asked.lock().unwrap().push(format!("{} {path}", parts.method));
    if let Some((status, code)) = *storage.refuses.lock().unwrap() {
        let text = format!("<Error><Code>{code}</Code><AWSAccessKeyId>{KEY}</AWSAccessKeyId></Error>");
        return (status, text).into_response();
    }
    let mut objects = storage.objects.lock().unwrap();
    match parts.method {
        Method::PUT => {
            objects.insert(path, (parts.headers, body));
            [("etag", "\"1\"")].into_response()
        }
        Method::DELETE => {
            objects.remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match objects.get(&path) {
            Some((_, text)) => {
                let headers = [("etag", "\"1\""), ("last-modified", "Tue, 17 Nov 2026 02:10:00 GMT")];
                (headers, text.clone()).into_response()
            }
            None => (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response(),
        },
    }
}

#[tokio::test]
async fn a_bucket_has_what_is_public_and_nothing_else_of_ours() {
    let (storage, bucket) = Storage::start().await;
    let theirs = (HeaderMap::new(), Bytes::from_static(b"theirs"));
    storage.objects.lock().unwrap().insert("/acme/robots.txt".to_owned(), theirs);
    let before =
        state(&[("status.css", "c"), ("en/incidents/7.html", "7"), ("en/incidents/8.html", "8"), ("index.html", "1")]);
    let mut known = Known::default();
    bucket.write(&before, &mut known).await.unwrap();
    let asked = storage.asked();
    assert_eq!(asked[0], "PUT /acme/status.css");
    assert_eq!(
        asked[3..],
        ["PUT /acme/index.html", "GET /acme/copy.json", "PUT /acme/copy.json"],
        "details first, the inventory last"
    );
    // Taken down meanwhile, also by a daemon that was started anew and remembers nothing.
    let after = state(&[("status.css", "c"), ("en/incidents/8.html", "8"), ("index.html", "2")]);
    for mut known in [known, Known::default()] {
        bucket.write(&before, &mut Known::default()).await.unwrap();
        let news = if known.is_empty() { 4 } else { 2 };
        storage.asked();
        bucket.write(&after, &mut known).await.unwrap();
        assert_eq!((storage.has("en/incidents/7.html"), storage.has("index.html").as_deref()), (None, Some("2")));
        let puts = storage.asked().iter().filter(|asked| asked.starts_with("PUT")).count();
        assert_eq!(puts, news, "what did not change is not put again");
    }
    assert_eq!(storage.has("robots.txt").as_deref(), Some("theirs"));
}

#[tokio::test]
async fn an_object_says_what_it_is_and_for_how_long() {
    let (storage, bucket) = Storage::start().await;
    let file = |path: &str, kind| File { path: path.to_owned(), content_type: kind, bytes: Bytes::from_static(b"x") };
    let files =
        [file("banner-1.js", "text/javascript"), file("status.css", "text/css"), file("index.html", "text/html")];
    bucket.write(&files, &mut Known::default()).await.unwrap();
    for (path, kind, kept) in [
        ("banner-1.js", "text/javascript", "immutable"),
        ("status.css", "text/css", "max-age=300"),
        ("index.html", "text/html", "max-age=10,"),
    ] {
        let objects = storage.objects.lock().unwrap();
        let (headers, _) = &objects[&format!("/acme/{path}")];
        assert_eq!(headers["content-type"], kind);
        assert!(headers["cache-control"].to_str().unwrap().contains(kept), "{path}");
        assert_eq!(headers["content-length"], "1");
        // Of "x": the storage refuses whatever else arrives.
        assert!(headers["x-amz-content-sha256"].to_str().unwrap().starts_with("2d711642b726b044"));
    }
}

#[tokio::test]
async fn what_the_storage_refuses_is_said_in_words_and_made_good_later() {
    let (storage, bucket) = Storage::start().await;
    let mut known = Known::default();
    bucket.write(&state(&[("index.html", "1")]), &mut known).await.unwrap();
    let next = state(&[("index.html", "2")]);
    for (status, code, words) in [
        (404, "NoSuchBucket", "there is no such bucket"),
        (403, "InvalidAccessKeyId", "correct `access_key_id`"),
        (403, "SignatureDoesNotMatch", "correct `secret_access_key`"),
        (403, "AccessDenied", "it needs s3:PutObject"),
        (401, "x!", "does not take the credentials"),
        (403, "RequestTimeTooSkewed", "clock differs"),
        (400, "AuthorizationHeaderMalformed", "correct `region`"),
        (503, "SlowDown", "refuses it (SlowDown)"),
        (500, "</Code>", "gives no answer that it should"),
        (418, "AKIACANARY!", "gives no answer that it should"),
    ] {
        storage.refuse(Some((StatusCode::from_u16(status).unwrap(), code)));
        let said = bucket.write(&next, &mut known).await.unwrap_err();
        assert!(said.starts_with("index.html: ") && said.contains(words), "{code}: {said}");
        assert!(![KEY, SECRET, "127.0.0.1"].iter().any(|secret| said.contains(secret)), "{said}");
        assert_eq!(storage.has("index.html").as_deref(), Some("1"), "{code}");
    }
    storage.refuse(None);
    bucket.write(&next, &mut known).await.unwrap();
    assert_eq!(storage.has("index.html").as_deref(), Some("2"));
    let nobody = super::tests::bucket("http://127.0.0.1:1/");
    let said = nobody.write(&next, &mut Known::default()).await.unwrap_err();
    assert_eq!(said, "index.html: the storage cannot be reached");
}

#[tokio::test]
async fn an_inventory_leads_nowhere_else_in_the_storage() {
    let (storage, bucket) = Storage::start().await;
    let inventory = serde_json::to_vec(&Inventory { files: vec!["../other/x".to_owned(), ".x".to_owned()] }).unwrap();
    storage.objects.lock().unwrap().insert("/acme/copy.json".to_owned(), (HeaderMap::new(), inventory.into()));
    bucket.write(&state(&[("index.html", "1")]), &mut Known::default()).await.unwrap();
    assert!(storage.asked().iter().all(|asked| !asked.starts_with("DELETE")));
}
