//! Bluesky's own server (PDS) and its directory of accounts (PLC), cut off from the world.

use std::process::Command;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::Process;
use super::{folder, http, port, ready};

/// A running server with its directory.
pub struct Pds {
    _server: Process,
    _directory: Process,
    /// Where it is, without a slash at the end: `http://localhost:PORT`.
    pub url: String,
    client: Client,
    _folder: TempDir,
}

/// An account on it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account's permanent name.
    pub did: String,
    /// The account's name for people, which ends in `.test`.
    pub handle: String,
    /// What the owner types. A program gets an app password.
    pub password: String,
    /// What a program logs in with.
    pub app_password: String,
}

impl Pds {
    /// Starts one without limits on how often one may log in.
    pub async fn start() -> Self {
        Self::start_with(false).await
    }

    /// Starts one that answers 429 from the 31st login of five minutes on.
    pub async fn start_with_limits() -> Self {
        Self::start_with(true).await
    }

    async fn start_with(limits: bool) -> Self {
        let folder = folder::work();
        let [port, plc_port] = [(); 2].map(|()| port::free());
        let mut plc = script("plc.cjs", "npm/plc/node_modules");
        let directory = Process::start("plc", plc.arg(plc_port.to_string()), folder.path());
        ready::listening(plc_port, "the directory of accounts").await;

        let mut pds = script("pds.cjs", "npm/pds/node_modules");
        pds.envs([
            ("PDS_HOSTNAME", "localhost"),
            ("PDS_PORT", &port.to_string()),
            ("PDS_DATA_DIRECTORY", &folder.path().join("data").to_string_lossy()),
            ("PDS_BLOBSTORE_DISK_LOCATION", &folder.path().join("blobs").to_string_lossy()),
            ("PDS_REPO_SIGNING_KEY_K256_PRIVATE_KEY_HEX", &"11".repeat(32)),
            ("PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX", &"22".repeat(32)),
            ("PDS_DPOP_SECRET", &"33".repeat(32)),
            ("PDS_JWT_SECRET", "only for tests"),
            ("PDS_ADMIN_PASSWORD", "only for tests"),
            ("PDS_DID_PLC_URL", &format!("http://localhost:{plc_port}")),
            ("PDS_SERVICE_HANDLE_DOMAINS", ".test"),
            ("PDS_INVITE_REQUIRED", "0"),
            ("PDS_DEV_MODE", "1"),
            ("PDS_DISABLE_SSRF_PROTECTION", "1"),
            ("PDS_RATE_LIMITS_ENABLED", if limits { "1" } else { "0" }),
        ]);
        std::fs::create_dir(folder.path().join("data")).expect("the part's folder is writable");
        let server = Process::start("pds", &pds, folder.path());
        let url = format!("http://localhost:{port}");
        ready::answering(&format!("{url}/xrpc/_health"), |_| true).await;
        Self { _server: server, _directory: directory, url, client: http::client(), _folder: folder }
    }

    /// Makes an account; `name` becomes `name.test`.
    pub async fn create_account(&self, name: &str) -> Account {
        let handle = format!("{name}.test");
        let password = format!("password of {name}");
        let wish = json!({ "handle": handle, "email": format!("{name}@example.test"), "password": password });
        let account = self.call("com.atproto.server.createAccount", None, &wish).await;
        let token = account["accessJwt"].as_str();
        let app = self.call("com.atproto.server.createAppPassword", token, &json!({ "name": "onevoice" })).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Account { did: text(&account["did"]), handle, password, app_password: text(&app["password"]) }
    }

    /// The posts of an account, newest first: each has `uri`, `cid` and `value`.
    pub async fn posts(&self, account: &Account) -> Vec<Value> {
        let url = format!("{}/xrpc/com.atproto.repo.listRecords", self.url);
        let query = [("repo", account.did.as_str()), ("collection", "app.bsky.feed.post"), ("limit", "100")];
        let answer = self.client.get(url).query(&query).send().await.expect("the server answers");
        let mut answer: Value = answer.json().await.expect("the server answers in JSON");
        serde_json::from_value(answer["records"].take()).expect("a list of records")
    }

    /// Calls a procedure as `token`'s owner and gives its answer.
    ///
    /// # Panics
    /// When the answer is not a success.
    pub async fn call(&self, procedure: &str, token: Option<&str>, input: &Value) -> Value {
        let mut request = self.client.post(format!("{}/xrpc/{procedure}", self.url)).json(input);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.expect("the server answers");
        let status = answer.status();
        let answer: Value = answer.json().await.expect("the server answers in JSON");
        assert!(status.is_success(), "{procedure}: {status} {answer}");
        answer
    }
}

/// One of our scripts, with the packages of a folder, kept to loopback.
fn script(name: &str, packages: &str) -> Command {
    let scripts = folder::source().join("tests/parts");
    let mut command = Command::new("node");
    command.arg("-r").arg(scripts.join("loopback.cjs")).arg(scripts.join(name));
    command.env("NODE_PATH", folder::installed(packages));
    command
}
