//! npm's smtp-server behind a small script: AUTH, STARTTLS, implicit TLS, and every fault, as a test tells it.

use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::TempDir;

use super::certificate::Certificate;
use super::process::Process;
use super::{folder, http, port, ready};

/// The name and password that a server started with [`SmtpServer::start`] wants.
pub const LOGIN: (&str, &str) = ("onevoice", "correct horse");

/// A running server.
pub struct SmtpServer {
    _process: Process,
    /// Port without TLS at first; STARTTLS is offered, and AUTH only after it.
    pub port: u16,
    /// Port with TLS from the first byte.
    pub tls_port: u16,
    /// What its clients have to trust.
    pub authority: PathBuf,
    control_port: u16,
    _folder: TempDir,
}

/// How one stage of a session goes wrong. The first rule that fits is used.
#[derive(Debug, Default, Serialize)]
pub struct Rule {
    /// `connect`, `auth`, `mail`, `rcpt` or `data` (when the whole message is there).
    pub stage: &'static str,
    /// Part of the address that it is for; of the login's name at `auth`; of any recipient's address at `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<&'static str>,
    /// The reply's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The reply's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'static str>,
    /// Only every n-th time that it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Only this many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Milliseconds before the answer. Without a code and without a drop the answer is a good one.
    pub delay: u32,
    /// Hang up instead of answering.
    pub drop: bool,
    /// At `data`: keep the mail although the answer is a failure.
    pub keep: bool,
}

/// What came so far.
#[derive(Debug, Deserialize)]
pub struct State {
    /// How many connections were made and greeted, the first looks at whether it listens included: compare two counts.
    pub connections: u32,
    /// How many times a client tried to log in.
    pub logins: u32,
    /// By which mechanism each of them: `PLAIN` or `LOGIN`.
    pub mechanisms: Vec<String>,
    /// The mails that were kept, in their order.
    pub messages: Vec<Received>,
}

/// A mail that was kept.
#[derive(Debug, Deserialize)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Who had logged in.
    pub user: Option<String>,
    /// Whether the connection was encrypted.
    pub tls: bool,
    /// The message as it was sent, with CRLF and without doubled dots.
    pub message: String,
}

impl SmtpServer {
    /// One that wants [`LOGIN`] before it takes a mail.
    pub async fn start() -> Self {
        Self::start_with(Some(LOGIN), &["PLAIN", "LOGIN"]).await
    }

    /// One that wants [`LOGIN`] by AUTH LOGIN and by nothing else, as some old relays do.
    pub async fn start_with_auth_login_only() -> Self {
        Self::start_with(Some(LOGIN), &["LOGIN"]).await
    }

    /// One that takes mail from anyone.
    pub async fn start_open() -> Self {
        Self::start_with(None, &[]).await
    }

    async fn start_with(login: Option<(&str, &str)>, mechanisms: &[&str]) -> Self {
        let folder = folder::work();
        let certificate = Certificate::make(folder.path()).await;
        let [port, tls_port, control_port] = [(); 3].map(|()| port::free());
        let settings = json!({
            "port": port,
            "tls_port": tls_port,
            "control_port": control_port,
            "key": certificate.key,
            "certificate": certificate.certificate,
            "login": login,
            "mechanisms": mechanisms,
        });
        let mut command = Command::new("node");
        command.arg(folder::source().join("tests/parts/smtp_server.cjs")).arg(settings.to_string());
        command.env("NODE_PATH", folder::installed("npm/tools/node_modules"));
        let process = Process::start("smtp-server", &command, folder.path());
        for port in [port, tls_port, control_port] {
            ready::listening(port, "smtp-server").await;
        }
        let authority = certificate.authority;
        Self { _process: process, port, tls_port, authority, control_port, _folder: folder }
    }

    /// Replaces the rules. Those before are forgotten with their counts.
    pub async fn rules(&self, rules: &[Rule]) {
        let answer = http::client().put(self.control()).json(rules).send().await;
        answer.and_then(reqwest::Response::error_for_status).expect("the control port answers");
    }

    /// What came so far.
    pub async fn state(&self) -> State {
        let answer = http::client().get(self.control()).send().await.expect("the control port answers");
        answer.json().await.expect("the control port answers in JSON")
    }

    fn control(&self) -> String {
        format!("http://127.0.0.1:{}/", self.control_port)
    }
}
