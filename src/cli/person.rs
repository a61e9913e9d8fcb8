//! Who sits at the terminal: asking for words and secrets, and signing in.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use serde_json::{Value, json};

use super::{
    client::{Client, SIGN_IN},
    failure::Failure,
};

/// Asks a question and reads a line.
///
/// # Errors
/// When standard input is no terminal, or has ended.
pub fn ask(question: &str) -> Result<String, Failure> {
    require_terminal(question)?;
    eprint!("{question}: ");
    let _ = std::io::stderr().flush();
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(read) if read > 0 => Ok(line.trim().to_owned()),
        _ => Err(Failure::refused("no answer was given; nothing was done")),
    }
}

/// Asks for a secret without showing it.
///
/// # Errors
/// As [`ask`].
pub fn ask_secret(question: &str) -> Result<String, Failure> {
    require_terminal(question)?;
    rpassword::prompt_password(format!("{question}: "))
        .map_err(|_| Failure::refused("no answer was given; nothing was done"))
}

/// A new password: typed twice, or the first line of standard input where that is asked for.
///
/// # Errors
/// When the two differ, or nothing was given.
pub fn new_password(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or_default();
        let password = line.trim_end_matches(['\r', '\n']);
        return if read > 0 && !password.is_empty() {
            Ok(password.to_owned())
        } else {
            Err(Failure::usage("--password-stdin was given, and standard input has no password"))
        };
    }
    let password = ask_secret("New password (at least 12 characters)")?;
    if ask_secret("Again")? == password {
        Ok(password)
    } else {
        Err(Failure::refused("the two passwords differ; nothing was done"))
    }
}

fn require_terminal(question: &str) -> Result<(), Failure> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(format!("this asks for \"{question}\" and needs a terminal")))
}

/// The client as the person at the terminal, whatever key is set.
///
/// # Errors
/// A wrong password, or what [`ask`] says.
pub async fn sign_in(client: Client, email: Option<&str>) -> Result<Client, Failure> {
    let email = match email {
        Some(email) => email.to_owned(),
        None => ask("Your mail address")?,
    };
    let password = ask_secret(&format!("Password of {email}"))?;
    let credentials = json!({ "email": email, "password": password });
    let answer = with_code(&client, SIGN_IN, credentials).await?;
    match answer.get("token").and_then(|token| token.as_str()) {
        Some(token) => Ok(client.with_token(token.to_owned())),
        None => Err(Failure::refused("the daemon answered without a session")),
    }
}

/// Sends `body`; where the daemon asks for a second factor, asks for its code and sends it again with that.
///
/// # Errors
/// The daemon's refusal, or what [`ask`] says.
pub async fn with_code(client: &Client, path: &str, mut body: Value) -> Result<Value, Failure> {
    match client.post(path, &body).await {
        Err(failure) if failure.problem["pointer"] == "/code" => {
            body["code"] = json!(ask("Code from your phone, or a recovery code")?);
            client.post(path, &body).await
        }
        other => other,
    }
}

/// The client as somebody: by the key that is set, or else by signing in.
///
/// # Errors
/// As [`sign_in`].
pub async fn somebody(client: Client, email: Option<&str>) -> Result<Client, Failure> {
    if client.is_somebody() { Ok(client) } else { sign_in(client, email).await }
}
