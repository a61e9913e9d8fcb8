//! `onevoice approve`: one person reads what another wrote, and binds their yes to it.

use clap::Args;
use serde_json::{Value, json};

use super::{
    client::Daemon,
    failure::Failure,
    person,
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
    let broadcasts = client.list(&format!("/updates/{}/broadcasts", approve.update)).await?;
    let waits = |broadcast: &&Value| broadcast.get("state").and_then(Value::as_str) == Some("submitted");
    let Some(broadcast) = broadcasts.iter().rfind(waits) else {
        return Err(Failure::refused(format!("update {} does not wait for an approval", approve.update)));
    };
    let number = |name: &str| broadcast.get(name).and_then(Value::as_i64).unwrap_or_default();
    let digest = broadcast.get("digest").and_then(Value::as_str).unwrap_or_default();
    for rendering in client.list(&format!("/broadcasts/{}/renderings", number("id"))).await? {
        println!("{}", shown(&rendering));
    }
    println!("Update {} goes to {} people, as soon as it is approved.", approve.update, grouped(number("people")));
    println!("Digest {}", plain(digest));
    let typed = person::ask("Type the number of people to approve, or nothing to leave it")?;
    let Ok(recipients) = typed.replace([',', '.', ' ', '\''], "").parse::<i64>() else {
        return Err(Failure::refused("not approved; nothing was sent"));
    };
    let password = person::ask_secret("Your password, again")?;
    let yes = json!({ "digest": digest, "recipients": recipients, "password": password });
    client.post(&format!("/updates/{}/approve", approve.update), &yes).await?;
    println!("Approved. Watch it with: onevoice watch {}", number("id"));
    Ok(())
}

/// One text under a line that names it.
fn shown(rendering: &Value) -> String {
    let text = |name: &str| rendering.get(name).and_then(Value::as_str).unwrap_or_default();
    let lines: Vec<String> = text("text").lines().map(|line| format!("  {}", plain(line))).collect();
    format!("── {} · {} · {}\n{}\n", plain(text("channel")), plain(text("locale")), plain(text("message")), lines.join("\n"))
}
