//! Python's own SMTP client: somebody else's view of a mail server, with which the server parts are checked.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::folder;
use super::process::run;

/// How the connection is protected.
#[derive(Clone, Copy)]
pub enum Security<'a> {
    /// Not at all.
    Plain,
    /// STARTTLS, trusting the authority in this file.
    StartTls(&'a Path),
    /// TLS from the first byte, trusting the authority in this file.
    Implicit(&'a Path),
}

/// One try at sending a mail.
pub struct Submission<'a> {
    /// A port of 127.0.0.1.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security<'a>,
    /// Name and password, for AUTH.
    pub login: Option<(&'a str, &'a str)>,
    /// The envelope's sender.
    pub from: &'a str,
    /// The envelope's recipients.
    pub to: &'a [&'a str],
    /// The message's header lines and body, with LF.
    pub message: &'a str,
}

impl<'a> Submission<'a> {
    /// A mail over an unprotected connection.
    pub fn plain(port: u16, from: &'a str, to: &'a [&'a str], message: &'a str) -> Self {
        Self { port, security: Security::Plain, login: None, from, to, message }
    }

    /// Sends it and gives the code of the reply that settled it: 250, a refusal's code, or 0 when the connection was lost.
    pub async fn send(&self) -> u16 {
        let mut command = Command::new("python3");
        command.arg(folder::source().join("tests/parts/smtp_client.py")).arg(self.port.to_string());
        match self.security {
            Security::Plain => command.args(["plain", ""]),
            Security::StartTls(authority) => command.arg("starttls").arg(authority),
            Security::Implicit(authority) => command.arg("implicit").arg(authority),
        };
        let (name, password) = self.login.unwrap_or_default();
        command.args([name, password, self.from, self.message]).args(self.to);
        let answer: Value = serde_json::from_str(&run(command).await).expect("the client answers in JSON");
        answer["code"].as_u64().and_then(|code| u16::try_from(code).ok()).expect("the client answers with a code")
    }
}
