//! npm's smpp behind a small script: a short message centre with receipts, replies, and every fault, as a test tells it.

use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::certificate::Certificate;
use super::process::{self, Process};
use super::{folder, http, port, ready};

/// The `system_id` and the password that it wants.
pub const LOGIN: (&str, &str) = ("onevoice", "horse");

/// A running centre.
pub struct Smsc {
    _process: Process,
    /// Its port without TLS.
    pub port: u16,
    /// Its port with TLS.
    pub tls_port: u16,
    /// What its clients have to trust.
    pub authority: PathBuf,
    control_port: u16,
    _folder: TempDir,
}

/// What it does beside taking every text.
#[derive(Debug, Default, Serialize)]
pub struct Script {
    /// The first rule that fits is used.
    pub rules: Vec<Rule>,
    /// How it reports what it was asked to report: not, in words, or in parameters.
    pub receipts: Receipts,
    /// Whether its ids are numbers, in hexadecimal in its answers and in decimal in its receipts.
    pub hex_ids: bool,
}

/// How receipts look.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipts {
    /// There are none.
    #[default]
    None,
    /// `id:… stat:…`.
    Text,
    /// `receipted_message_id` and `message_state`.
    Parameters,
}

/// How one stage of a session goes wrong.
#[derive(Debug, Default, Serialize)]
pub struct Rule {
    /// `bind` or `submit`.
    pub stage: &'static str,
    /// Part of the recipient's number that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'static str>,
    /// The answer's `command_status`.
    pub status: u32,
    /// Only every n-th time that it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Only this many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Milliseconds before the answer.
    pub delay: u32,
    /// Hang up instead of answering.
    pub drop: bool,
    /// Keep the text although nobody is told.
    pub keep: bool,
}

/// What came so far.
#[derive(Debug, Deserialize)]
pub struct State {
    /// How each session was bound, in their order.
    pub binds: Vec<String>,
    /// How many took leave.
    pub unbinds: u32,
    /// The texts that were taken.
    pub texts: Vec<Text>,
    /// The status of each answer to what it delivered.
    pub answered: Vec<u32>,
    /// How many texts waited for their answers at once, at the most.
    pub most_under_way: u32,
}

/// A text that was taken.
#[derive(Debug, Deserialize)]
pub struct Text {
    /// The sender.
    pub from: String,
    /// Its type of number and numbering plan.
    pub from_type: (u8, u8),
    /// The recipient's number.
    pub to: String,
    /// Its type of number and numbering plan.
    pub to_type: (u8, u8),
    /// What npm's smpp reads, by its own tables of characters.
    pub text: String,
    /// The user data header without its length.
    pub header: Option<Vec<u8>>,
    /// Whether it came in `message_payload`.
    pub payload: bool,
    /// Its `data_coding`.
    pub coding: u8,
    /// Its `registered_delivery`.
    pub receipt: u8,
    /// What the centre called it.
    pub id: String,
}

impl Smsc {
    /// Starts one.
    pub async fn start() -> Self {
        let folder = folder::work();
        let certificate = Certificate::make(folder.path()).await;
        let [port, tls_port, control_port] = [(); 3].map(|()| port::free());
        let settings = json!({
            "port": port,
            "tls_port": tls_port,
            "control_port": control_port,
            "key": certificate.key,
            "certificate": certificate.certificate,
            "login": LOGIN,
        });
        let mut command = Command::new("node");
        command.arg(folder::source().join("tests/parts/smsc.cjs")).arg(settings.to_string());
        command.env("NODE_PATH", folder::installed("npm/smsc/node_modules"));
        let process = Process::start("smsc", &command, folder.path());
        for port in [port, tls_port, control_port] {
            ready::listening(port, "smsc").await;
        }
        let authority = certificate.authority;
        Self { _process: process, port, tls_port, authority, control_port, _folder: folder }
    }

    /// Replaces what it does. Rules before are forgotten with their counts.
    pub async fn script(&self, script: &Script) {
        let answer = http::client().put(self.control()).json(script).send().await;
        answer.and_then(reqwest::Response::error_for_status).expect("the control port answers");
    }

    /// A customer writes.
    pub async fn customer_writes(&self, from: &str, to: &str, text: &str) {
        let pdu = json!({
            "source_addr_ton": 1, "source_addr_npi": 1, "source_addr": from, "destination_addr": to,
            // Left to itself npm's smpp says 1, which is ASCII, and writes GSM 03.38.
            "data_coding": 0, "short_message": text,
        });
        self.deliver(&pdu).await;
    }

    /// Sends a deliver_sm of these fields to whoever was bound last.
    pub async fn deliver(&self, pdu: &Value) {
        let answer = http::client().post(self.control()).json(pdu).send().await;
        answer.and_then(reqwest::Response::error_for_status).expect("the control port answers");
    }

    /// Takes leave of everybody.
    pub async fn unbind(&self) {
        http::client().delete(self.control()).send().await.expect("the control port answers");
    }

    /// What came so far.
    pub async fn state(&self) -> State {
        let answer = http::client().get(self.control()).send().await.expect("the control port answers");
        answer.json().await.expect("the control port answers in JSON")
    }

    /// Waits until what came is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&State) -> bool) -> State {
        ready::until(what, async || Some(self.state().await).filter(&wanted)).await
    }

    fn control(&self) -> String {
        format!("http://127.0.0.1:{}/", self.control_port)
    }
}

/// smpplib, a client that others wrote, sends, gets its receipts and hears a reply: what this centre says is understood by
/// more than us.
#[tokio::test]
async fn another_client_understands_it() {
    let smsc = Smsc::start().await;
    smsc.script(&Script { receipts: Receipts::Text, ..Script::default() }).await;
    let mut command = Command::new("python3");
    command.arg(folder::source().join("tests/parts/smpp_client.py"));
    command.args([smsc.port.to_string(), LOGIN.0.to_owned(), LOGIN.1.to_owned(), "Störung € ".repeat(20)]);
    command.env("PYTHONPATH", folder::installed("pip/smpplib"));
    let seen: Value = serde_json::from_str(&process::run(command).await).expect("the client prints JSON");
    let state = smsc.state().await;
    assert_eq!(state.texts.iter().map(|text| text.text.as_str()).collect::<String>(), "Störung € ".repeat(20));
    let ids: Vec<_> = state.texts.iter().map(|text| text.id.as_str()).collect();
    assert_eq!((&seen["ids"], &seen["receipts"]), (&json!(ids), &json!(ids)));
    assert_eq!((state.binds, state.unbinds), (vec!["transceiver".to_owned()], 1));
}
