//! `onevoice approve`: one person reads what another wrote, and binds their yes to it.

use clap::Args;
use serde_json::{Value, json};

use super::{
    client::Daemon,
    failure::Failure,
    person,
    steer::say_if_held,
    table::{grouped, plain},
};

/// Which update is approved.
#[derive(Args, Clone, Debug)]
pub struct Approve {
    /// The update's number.
    pub update: i64,
    /// Your mail address; asked for when not given.
    #[arg(long, env = "ONEVOICE_EMAIL")]
    pub email: Option<String>,
    #[command(flatten)]
    pub daemon: Daemon,
}

/// Shows what would go out and to how many, and approves it once the number and the password were typed.
///
/// # Errors
/// [`Failure`].
pub async fn run(approve: &Approve) -> Result<(), Failure> {
    let client = person::sign_in(approve.daemon.client()?, approve.email.as_deref()).await?;
    let update = client.get(&format!("/updates/{}", approve.update)).await?;
    let Some(broadcast) = update.get("waiting").filter(|waiting| waiting.is_object()) else {
        return Err(Failure::refused(format!("update {} does not wait for an approval", approve.update)));
    };
    let number = |name: &str| broadcast.get(name).and_then(Value::as_i64).unwrap_or_default();
    let digest = broadcast.get("digest").and_then(Value::as_str).unwrap_or_default();
    // What was frozen at the submit, not what the templates make of it today.
    for text in client.list(&format!("/broadcasts/{}/texts", number("id"))).await? {
        println!("{}", shown(&text));
    }
    let start = broadcast.get("start_at").and_then(Value::as_str).map(|at| format!("at {}", plain(at)));
    let start = start.as_deref().unwrap_or("as soon as it is approved");
    println!("Update {} goes to {} people, {start}.", approve.update, grouped(number("people")));
    println!("Digest {}", plain(digest));
    let typed = person::ask("Type the number of people to approve, or nothing to leave it")?;
    let Ok(recipients) = typed.replace([',', '.', ' ', '\''], "").parse::<i64>() else {
        return Err(Failure::refused("not approved; nothing was sent"));
    };
    let password = person::ask_secret("Your password, again")?;
    let yes = json!({ "digest": digest, "recipients": recipients, "password": password });
    person::with_code(&client, &format!("/updates/{}/approve", approve.update), yes).await?;
    say_if_held(&client).await;
    println!("Approved. Watch it with: onevoice watch {}", number("id"));
    Ok(())
}

/// One text under a line that names it.
fn shown(text: &Value) -> String {
    let part = |name: &str| text.get(name).and_then(Value::as_str).unwrap_or_default();
    let names = ["message", "variant", "channel", "locale"].map(|name| plain(part(name)));
    let subject = text.get("subject").and_then(Value::as_str).map(|subject| format!("Subject: {subject}\n"));
    let body = subject.unwrap_or_default() + part("text");
    let lines: Vec<String> = body.lines().map(|line| format!("  {}\n", plain(line))).collect();
    format!("── {} ──\n{}", names.join(" · "), lines.concat())
}
