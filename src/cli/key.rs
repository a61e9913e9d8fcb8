//! `onevoice key`: keys for programs. A key belongs to a person, and none approves.

use axum::http::Method;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    client::Daemon,
    failure::Failure,
    person,
    table::{plain, table},
    user,
};

/// What is done with keys.
#[derive(Subcommand, Clone, Debug)]
pub enum Key {
    /// Makes a key and prints it, once. It belongs to --person, or to you, who are asked to sign in.
    Create {
        /// What it is for.
        #[arg(long)]
        name: String,
        /// What it may do: read, write, submit, stop, correct, audience, admin, announce. Give it once for each.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// When it ends by itself, such as 2027-01-31T00:00:00Z.
        #[arg(long)]
        expires_at: Option<jiff::Timestamp>,
        /// Whose it is, by mail address; over the socket nobody signs in for that.
        #[arg(long, value_name = "EMAIL")]
        person: Option<String>,
        /// Your mail address; asked for when not given.
        #[arg(long, env = "ONEVOICE_EMAIL", conflicts_with = "person")]
        email: Option<String>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Lists keys, without their secrets.
    List {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Takes a key back, at once.
    Revoke {
        /// Its number, as `key list` shows it.
        id: i64,
        #[command(flatten)]
        daemon: Daemon,
    },
}

/// Does it.
///
/// # Errors
/// [`Failure`].
pub async fn run(key: &Key) -> Result<(), Failure> {
    match key {
        Key::Create { name, scopes, expires_at, person: owner, email, json: as_json, daemon } => {
            let mut body = json!({ "name": name, "scopes": scopes, "expires_at": expires_at });
            let mut client = daemon.client()?;
            match owner {
                Some(owner) => body["person_id"] = json!(user::find(&client, owner).await?),
                None => client = person::sign_in(client, email.as_deref()).await?,
            }
            let made = client.post("/keys", &body).await?;
            if *as_json {
                println!("{made}");
                return Ok(());
            }
            let shown = made.get("secret").and_then(Value::as_str).unwrap_or_default();
            println!("{shown}");
            eprintln!("This is the only time it is shown. Give it to the program as ONEVOICE_KEY, never on a command line.");
            Ok(())
        }
        Key::List { json: as_json, daemon } => {
            let keys = daemon.client()?.list("/keys").await?;
            if *as_json {
                println!("{}", Value::Array(keys));
            } else {
                print!("{}", table(&["key", "begins with", "state", "scopes", "name"], &keys.iter().map(row).collect::<Vec<_>>()));
            }
            Ok(())
        }
        Key::Revoke { id, daemon } => {
            daemon.client()?.call(Method::DELETE, &format!("/keys/{id}"), None).await?;
            println!("key {id} does not count any more");
            Ok(())
        }
    }
}

fn row(key: &Value) -> Vec<String> {
    let text = |name: &str| plain(key.get(name).and_then(Value::as_str).unwrap_or_default());
    let scopes = key.get("scopes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let state = match (text("revoked_at").as_str(), text("expires_at").get(..10)) {
        ("", None) => "active".to_owned(),
        ("", Some(day)) => format!("until {day}"),
        _ => "taken back".to_owned(),
    };
    let id = key.get("id").and_then(Value::as_i64).unwrap_or_default();
    vec![id.to_string(), text("prefix"), state, scopes.collect::<Vec<_>>().join(" "), text("name")]
}
