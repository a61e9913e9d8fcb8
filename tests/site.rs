//! A daemon of a test's own: its folder, its process, and people who are signed in to it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use onevoice::{
    people::{Role, credentials},
    store::{Store, audit::Entry, recipients::Recipient},
    world::{SystemRandom, World},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::parts::{folder, http, port, ready};

/// What everyone in these tests signs in with.
pub const PASSWORD: &str = "correct horse battery";

/// A folder with a configuration and a database that has people in it.
pub struct Site {
    pub folder: TempDir,
    pub port: u16,
}

/// A running daemon.
pub struct Daemon {
    child: Child,
    pub base: String,
}

/// How a daemon is started other than plainly.
#[derive(Clone, Copy, Default)]
pub struct Start<'a> {
    /// Variables added to its environment.
    pub env: &'a [(&'a str, &'a str)],
    /// The program, with its arguments, that starts it.
    pub under: &'a [&'a str],
}

/// Somebody who is signed in. A session outlives the daemon, so a client goes on after a restart.
pub struct Client {
    pub http: reqwest::Client,
    pub base: String,
    pub token: String,
}

/// An answer that was not a success.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    pub problem: Value,
}

/// The instant, from the machine's clock.
pub fn now() -> Timestamp {
    World::system().expect("this machine has TLS").clock.now()
}

pub fn entry() -> Entry<'static> {
    Entry { at: now(), actor: "test", action: "test", subject: "test", detail: json!({}) }
}

impl Site {
    /// Makes a site whose configuration has these providers, with an author, an approver and these recipients.
    pub async fn new(providers: &str, recipients: &[Recipient]) -> Site {
        Site::at(folder::work(), providers, recipients).await
    }

    /// The same in a folder that is there already.
    pub async fn at(folder: TempDir, providers: &str, recipients: &[Recipient]) -> Site {
        let site = Site { folder, port: port::free() };
        site.configure(providers);
        let store = Store::open(&site.database(), &SystemRandom).await.expect("a fresh database opens");
        let hash = credentials::hash_password(PASSWORD, &SystemRandom).expect("the password is long enough");
        for (email, name, role) in [
            ("ana@acme.example", "Ana", Role::Author),
            ("ben@acme.example", "Ben", Role::Approver),
            ("ada@acme.example", "Ada", Role::Administrator),
        ] {
            store.add_person(email, name, role, &hash, &entry()).await.expect("people can be added");
        }
        for batch in recipients.chunks(1000) {
            store.put_recipients(batch, 1, now()).await.expect("recipients can be added");
        }
        store.close(&SystemRandom).await;
        site
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/onevoice.db")
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("onevoice.toml")
    }

    /// Writes the configuration anew.
    pub fn configure(&self, providers: &str) {
        let text = format!(
            "data = \"data\"\n[http]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}/\"\n\
             [organisation]\nname = \"Acme\"\nstatus_url = \"http://127.0.0.1:{port}/\"\ntime_zone = \"Europe/London\"\n\
             locales = [\"en\"]\nmail_from = \"Acme Status <status@sender.test>\"\n\
             [retry]\ndelays = [1, 1, 1, 1, 1]\njitter = 0.0\n{providers}",
            port = self.port
        );
        std::fs::write(self.config(), text).expect("the folder is writable");
    }

    /// Starts the daemon and waits until it is ready.
    pub async fn start(&self) -> Daemon {
        self.adopt(self.spawn()).await
    }

    /// The same in a way of its own.
    pub async fn start_as(&self, how: &Start<'_>) -> Daemon {
        self.adopt(self.spawn_as(how)).await
    }

    /// Waits until a daemon that was spawned is ready.
    pub async fn adopt(&self, mut child: Child) -> Daemon {
        let base = format!("http://127.0.0.1:{}", self.port);
        let client = http::client();
        let log = self.log();
        ready::until("the daemon to be ready", async || {
            if let Some(status) = child.try_wait().expect("the child can be looked at") {
                panic!("the daemon ended with {status}: {}", std::fs::read_to_string(&log).unwrap_or_default());
            }
            client.get(format!("{base}/readyz")).send().await.ok()?.error_for_status().ok()
        })
        .await;
        Daemon { child, base }
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("daemon.log")
    }

    /// Starts the process and does not wait.
    pub fn spawn(&self) -> Child {
        self.spawn_as(&Start::default())
    }

    /// The same in a way of its own.
    pub fn spawn_as(&self, how: &Start<'_>) -> Child {
        let binary = env!("CARGO_BIN_EXE_onevoice");
        let mut command = match how.under.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        let log = std::fs::File::options().create(true).append(true).open(self.log()).expect("the folder is writable");
        command
            .args(["serve", "--config"])
            .arg(self.config())
            .envs(how.env.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts")
    }

    /// Runs a command of the binary to its end: exit code, standard output, standard error.
    pub async fn command(&self, arguments: &[&str]) -> (i32, String, String) {
        command(self.folder.path(), arguments).await
    }
}

/// Runs a command of the binary in a folder.
pub async fn command(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_onevoice"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("ONEVOICE_KEY")
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the binary starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

impl Daemon {
    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the daemon runs")
    }

    /// Ends it as a power cut would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the daemon can be killed");
    }

    /// Ends it as a power cut would, and keeps the handle.
    pub async fn kill_now(&mut self) {
        self.child.kill().await.expect("the daemon can be killed");
    }

    /// Waits until it has ended by itself.
    pub async fn gone(mut self) -> ExitStatus {
        let ended = tokio::time::timeout(Duration::from_secs(60), self.child.wait()).await;
        ended.expect("waited a minute for the daemon to end").expect("the daemon ends")
    }

    /// Ends it as an operator does.
    pub async fn stop(mut self) -> ExitStatus {
        self.end().await
    }

    /// The same, keeping the handle.
    pub async fn end(&mut self) -> ExitStatus {
        let id = self.child.id().expect("the daemon runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs");
        assert!(sent.success());
        self.child.wait().await.expect("the daemon ends")
    }

    /// Has it read its configuration again.
    pub async fn hang_up(&self) {
        let id = self.child.id().expect("the daemon runs").to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().await.expect("kill runs").success());
    }

    pub async fn sign_in(&self, email: &str) -> Client {
        let http = http::client();
        let answer = http
            .post(format!("{}/api/v1/sessions", self.base))
            .json(&json!({ "email": email, "password": PASSWORD }))
            .send()
            .await
            .expect("the daemon answers");
        let body: Value = answer.json().await.expect("JSON");
        let token = body["token"].as_str().unwrap_or_else(|| panic!("no token: {body}")).to_owned();
        Client { http, base: self.base.clone(), token }
    }
}

impl Client {
    pub async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Value, Refused> {
        let answer = request.bearer_auth(&self.token).send().await.expect("the daemon answers");
        let status = answer.status();
        let text = answer.text().await.expect("the daemon answers to its end");
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() { Ok(body) } else { Err(Refused { status: status.as_u16(), problem: body }) }
    }

    /// The text of the answer to a request that may be refused while the database cannot be written: then nothing was changed.
    pub async fn retried(&self, request: impl Fn() -> reqwest::RequestBuilder) -> String {
        ready::until("an answer other than 503", async || {
            let answer = request().bearer_auth(&self.token).send().await.expect("the daemon answers");
            if answer.status() == 503 {
                return None;
            }
            Some(answer.error_for_status().expect("a success").text().await.expect("the daemon answers to its end"))
        })
        .await
    }

    /// The text of the answer to a request that has to succeed.
    pub async fn text(&self, request: reqwest::RequestBuilder) -> String {
        let answer = request.bearer_auth(&self.token).send().await.expect("the daemon answers");
        answer.error_for_status().expect("a success").text().await.expect("the daemon answers to its end")
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask(self.http.get(format!("{}/api/v1{path}", self.base))).await;
        answer.unwrap_or_else(|refused| panic!("GET {path}: {} {}", refused.status, refused.problem))
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        self.ask(self.http.post(format!("{}/api/v1{path}", self.base)).json(body)).await
    }

    /// Sends a POST whose answer may not come.
    pub async fn send(&self, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        self.http.post(format!("{}/api/v1{path}", self.base)).json(body).bearer_auth(&self.token).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.try_post(path, body).await;
        answer.unwrap_or_else(|refused| panic!("POST {path}: {} {}", refused.status, refused.problem))
    }

    /// Opens an incident and answers its number.
    pub async fn incident(&self) -> i64 {
        self.post("/incidents", &json!({ "kind": "incident", "title": "Card payments fail" })).await["id"]
            .as_i64()
            .expect("a number")
    }

    /// Writes and submits an update; answers the update's number and the broadcast.
    pub async fn submit(&self, incident: i64, content: Value) -> (i64, Value) {
        let update = self.post(&format!("/incidents/{incident}/updates"), &json!({ "content": content })).await;
        let id = update["id"].as_i64().expect("a number");
        (id, self.post(&format!("/updates/{id}/submit"), &json!({})).await)
    }

    /// Approves what was submitted; answers the broadcast's number.
    pub async fn approve(&self, update: i64, broadcast: &Value) -> i64 {
        let yes = json!({ "digest": broadcast["digest"], "recipients": broadcast["people"], "password": PASSWORD });
        self.post(&format!("/updates/{update}/approve"), &yes).await["id"].as_i64().expect("a number")
    }

    /// The same where the daemon may end before it answers.
    pub async fn approve_and_crash(&self, update: i64, broadcast: &Value) -> i64 {
        let yes = json!({ "digest": broadcast["digest"], "recipients": broadcast["people"], "password": PASSWORD });
        let _ = self.send(&format!("/updates/{update}/approve"), &yes).await;
        broadcast["id"].as_i64().expect("a number")
    }

    /// Waits until a broadcast has ended, and gives it.
    pub async fn ended(&self, broadcast: i64) -> Value {
        ready::until("the broadcast to end", async || {
            let seen = self.get(&format!("/broadcasts/{broadcast}")).await;
            (!seen["ended_at"].is_null()).then_some(seen)
        })
        .await
    }

    /// Deliveries of a channel, by address.
    pub async fn deliveries(&self, broadcast: i64, channel: &str) -> BTreeMap<String, Value> {
        let page = self.get(&format!("/broadcasts/{broadcast}/deliveries?channel={channel}&limit=200")).await;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items.into_iter().map(|item| (item["address"].as_str().unwrap_or_default().to_owned(), item)).collect()
    }
}

/// Somebody with these addresses.
pub fn person(id: &str, name: &str, email: Option<&str>, sms: Option<&str>) -> Recipient {
    let mut addresses = Vec::new();
    addresses.extend(email.map(|value| json!({ "channel": "email", "value": value })));
    addresses.extend(sms.map(|value| json!({ "channel": "sms", "value": value })));
    serde_json::from_value(json!({ "customer_id": id, "name": name, "locale": "en", "addresses": addresses }))
        .expect("a recipient")
}

/// A good update: nothing in it stops it.
pub fn content(status: &str, headline: &str) -> Value {
    let ended = status == "resolved";
    let mut content = json!({
        "status": status,
        "variants": [{ "name": "everyone", "facts": { "en": {
            "headline": headline,
            "what_happened": "Since 10:10 about one card payment in five has failed in Europe.",
            "impact": "A failed payment is not charged. Transfers work as usual.",
            "apology": "We are sorry: we know that you rely on your card every day.",
            "why": "One of our connections to the card network is failing.",
            "doing": "We are moving payments to a second connection and watch each step.",
            "prevention": "From today the change is made within a minute by our systems, and we try it every month.",
        } } }],
    });
    if !ended {
        content["next_update_at"] = json!((now() + SignedDuration::from_mins(60)).to_string());
    }
    content
}
