//! Synapse, the homeserver of Matrix's own foundation, cut off from the world.

use std::process::Command;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::Process;
use super::{folder, http, port, ready};

/// A running homeserver with its usual limits.
pub struct Synapse {
    _process: Process,
    /// Where it is, without a slash at the end.
    pub url: String,
    client: Client,
    _folder: TempDir,
}

/// An account on it.
pub struct Account {
    /// What a program signs in with.
    pub token: String,
}

impl Synapse {
    /// Starts one without accounts.
    pub async fn start() -> Self {
        let folder = folder::work();
        let port = port::free();
        let (own, config) = (folder.path().join("own.yaml"), folder.path().join("homeserver.yaml"));
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let listener = json!({
            "port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": false,
            "resources": [{ "names": ["client"], "compress": false }],
        });
        // JSON is YAML.
        let settings = json!({
            "listeners": [listener],
            "database": { "name": "sqlite3", "args": { "database": path("homeserver.db") } },
            "media_store_path": path("media"),
            "pid_file": path("homeserver.pid"),
            "enable_registration": true,
            "enable_registration_without_verification": true,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
        });
        std::fs::write(&own, settings.to_string()).expect("the part's folder is writable");
        let mut generate = python();
        generate.args(["--server-name", "localhost", "--generate-config", "--report-stats=no", "--config-path"]);
        generate.arg(&config).arg("--config-directory").arg(folder.path()).arg("--data-directory").arg(folder.path());
        generate.current_dir(folder.path());
        super::process::run(generate).await;
        let mut serve = python();
        serve.arg("--config-path").arg(&config).arg("--config-path").arg(&own);
        let process = Process::start("synapse", &serve, folder.path());
        let url = format!("http://127.0.0.1:{port}");
        ready::answering(&format!("{url}/_matrix/client/versions"), |_| true).await;
        Self { _process: process, url, client: http::client(), _folder: folder }
    }

    /// Makes an account.
    pub async fn register(&self, name: &str) -> Account {
        let wish = json!({ "username": name, "password": "only for tests", "auth": { "type": "m.login.dummy" } });
        let made = self.call(Method::POST, "register", None, &wish).await;
        Account { token: made["access_token"].as_str().expect("a token").to_owned() }
    }

    /// Makes a room that anybody may join, and gives its id.
    pub async fn create_room(&self, owner: &Account) -> String {
        let made = self.call(Method::POST, "createRoom", Some(owner), &json!({ "preset": "public_chat" })).await;
        made["room_id"].as_str().expect("a room").to_owned()
    }

    /// Lets an account join.
    pub async fn join(&self, room: &str, account: &Account) {
        self.call(Method::POST, &format!("rooms/{room}/join"), Some(account), &json!({})).await;
    }

    /// What was said in a room, oldest first, as a member sees it. A redacted message has no body.
    pub async fn messages(&self, room: &str, member: &Account) -> Vec<Value> {
        let path = format!("rooms/{room}/messages?dir=f&limit=100");
        let mut found = self.call(Method::GET, &path, Some(member), &Value::Null).await;
        let events: Vec<Value> = serde_json::from_value(found["chunk"].take()).expect("a list of events");
        events.into_iter().filter(|event| event["type"] == "m.room.message").collect()
    }

    async fn call(&self, method: Method, path: &str, account: Option<&Account>, body: &Value) -> Value {
        let mut request = self.client.request(method, format!("{}/_matrix/client/v3/{path}", self.url));
        if let Some(account) = account {
            request = request.bearer_auth(&account.token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the homeserver answers");
        let status = answer.status();
        let answer: Value = answer.json().await.expect("the homeserver answers in JSON");
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }
}

fn python() -> Command {
    let mut command = Command::new(folder::installed("synapse/bin/python"));
    command.args(["-m", "synapse.app.homeserver"]);
    command
}
