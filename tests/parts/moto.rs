//! moto's server: somebody else's Amazon SES, S3 and IAM, asked by Amazon's own client. Its state is in memory.

use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::{self, Process};
use super::{folder, http, port, ready};

/// A running moto.
pub struct Moto {
    _process: Process,
    /// Where it is, without a slash at the end.
    pub url: String,
    _folder: TempDir,
}

/// A raw mail that it took.
#[derive(Debug, Deserialize)]
pub struct Taken {
    /// The id that it answered with.
    pub id: String,
    /// Whom it is for: first as the request says, then as the mail's own header does.
    pub destinations: Vec<String>,
    /// The mail as it came.
    pub raw_data: String,
}

impl Moto {
    /// One in which senders of this domain may send.
    pub async fn start(domain: &str) -> Self {
        let moto = Self::empty().await;
        moto.ask("verify", &json!({ "domain": domain })).await;
        moto
    }

    /// One in which there is nothing, and who may do what is not asked.
    pub async fn empty() -> Self {
        let (folder, port) = (folder::work(), port::free());
        let mut command = Command::new(folder::installed("moto/bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let process = Process::start("moto", &command, folder.path());
        let url = format!("http://127.0.0.1:{port}");
        ready::answering(&format!("{url}/moto-api/"), |_| true).await;
        Self { _process: process, url, _folder: folder }
    }

    /// What Amazon's own client says of this one.
    pub async fn ask(&self, what: &str, given: &Value) -> Value {
        let mut given = given.clone();
        given["url"] = self.url.as_str().into();
        answer(what, &given).await
    }

    /// Whether who may do what is asked from now on: keys, signatures and policies, as Amazon does.
    pub async fn guard(&self, guarded: bool) {
        let unasked = if guarded { "0" } else { "inf" };
        let set = http::client().post(format!("{}/moto-api/reset-auth", self.url)).body(unasked);
        set.send().await.expect("it answers").error_for_status().expect("it is set");
    }

    /// The mails that it took, in their order.
    pub async fn taken(&self) -> Vec<Taken> {
        let state = http::client().get(format!("{}/moto-api/data.json", self.url));
        let state: Value = state.send().await.expect("it answers").json().await.expect("it answers in JSON");
        serde_json::from_value(state["ses"]["RawMessage"].clone()).expect("mails are as they were in 5.2")
    }
}

/// What Amazon's own client says.
pub async fn boto(what: &str, given: &Value) -> String {
    serde_json::from_value(answer(what, given).await).expect("it is a text")
}

async fn answer(what: &str, given: &Value) -> Value {
    let mut command = Command::new(folder::installed("moto/bin/python"));
    command.arg(folder::source().join("tests/parts/moto.py")).args([what, &given.to_string()]);
    serde_json::from_str(&process::run(command).await).expect("the script answers in JSON")
}
