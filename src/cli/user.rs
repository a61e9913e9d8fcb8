//! `onevoice user`: who has access. The first one is added while no daemon runs.

use axum::http::Method;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    client::{Client, Daemon},
    failure::{Failure, FailureKind},
    person,
    table::{plain, table},
};
use crate::{
    config::Config,
    people::{Role, credentials},
    serve,
    store::{Store, audit::Entry},
    world,
};

/// What is done with people.
#[derive(Subcommand, Clone, Debug)]
pub enum User {
    /// Adds a person. Before the daemon's first start, --config adds the first one to the database itself.
    Add {
        /// The mail address they sign in with.
        email: String,
        /// How colleagues know them.
        #[arg(long)]
        name: String,
        /// viewer, author, approver or administrator.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Reads the password from standard input, not from the terminal.
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Lists everybody who has, or had, access.
    List {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Gives a person another role, and ends their sessions.
    Role {
        /// Their mail address.
        email: String,
        /// viewer, author, approver or administrator.
        #[arg(value_parser = role)]
        role: Role,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Gives a person a new password, and ends their sessions.
    Password {
        /// Their mail address.
        email: String,
        /// Reads the password from standard input, not from the terminal.
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Takes away the second factor of a person who lost it, and ends their sessions.
    ResetFactor {
        /// Their mail address.
        email: String,
        #[command(flatten)]
        daemon: Daemon,
    },
    /// Takes a person's access away, with their sessions and keys.
    Deactivate {
        /// Their mail address.
        email: String,
        #[command(flatten)]
        daemon: Daemon,
    },
}

fn role(name: &str) -> Result<Role, String> {
    let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::parse(name).ok_or_else(|| format!("the roles are {}", known.join(", ")))
}

/// Does it.
///
/// # Errors
/// [`Failure`].
pub async fn run(user: &User) -> Result<(), Failure> {
    match user {
        User::Add { email, name, role, password_stdin, daemon } => {
            add(daemon, email, name, *role, *password_stdin).await
        }
        User::List { json, daemon } => list(&daemon.client()?, *json).await,
        User::Role { email, role, daemon } => change(daemon, email, json!({ "role": role })).await,
        User::Password { email, password_stdin, daemon } => {
            let password = person::new_password(*password_stdin)?;
            change(daemon, email, json!({ "password": password })).await
        }
        User::ResetFactor { email, daemon } => {
            let client = daemon.client()?;
            let id = find(&client, email).await?;
            client.post(&format!("/people/{id}/second-factor/reset"), &json!({})).await?;
            println!("done; the password is enough until they set up another");
            Ok(())
        }
        User::Deactivate { email, daemon } => change(daemon, email, json!({ "active": false })).await,
    }
}

async fn add(daemon: &Daemon, email: &str, name: &str, role: Role, from_stdin: bool) -> Result<(), Failure> {
    let password = person::new_password(from_stdin)?;
    let body = json!({ "email": email, "name": name, "role": role, "password": password });
    let outcome = match daemon.client()?.post("/people", &body).await {
        Err(failure) if failure.kind == FailureKind::Unreachable && daemon.url.is_none() => match &daemon.config {
            Some(config) => add_first(&Config::load(config)?, email, name, role, &password).await,
            None => Err(failure),
        },
        other => other.map(|_| ()),
    };
    outcome.map(|()| println!("{} can sign in now, as {}", plain(email), role.as_str()))
}

/// Only the first person is added past the daemon: from then on whoever adds somebody is on record.
async fn add_first(config: &Config, email: &str, name: &str, role: Role, password: &str) -> Result<(), Failure> {
    let well_formed = email.parse::<lettre::Address>().is_ok() && !email.contains(char::is_control);
    if !well_formed || name.trim().is_empty() || name.contains(char::is_control) {
        return Err(Failure::usage("give a mail address like jo@example.org, and a name"));
    }
    let (clock, random) = world::system();
    let store = Store::open(&serve::database(config), random.as_ref()).await?;
    let outcome = async {
        if !store.people().await?.is_empty() {
            return Err(Failure::unreachable(
                "the daemon does not run, and somebody has access already; start it first",
            ));
        }
        let hash = credentials::hash_password(password, random.as_ref()).map_err(Failure::refused)?;
        let detail = json!({ "role": role });
        let entry = Entry { at: clock.now(), actor: "operator", action: "person.add", subject: "person", detail };
        store.add_person(email, name.trim(), role, &hash, &entry).await?;
        Ok(())
    };
    let outcome = outcome.await;
    store.close(random.as_ref()).await;
    outcome
}

async fn list(client: &Client, as_json: bool) -> Result<(), Failure> {
    let people = client.list("/people").await?;
    if as_json {
        println!("{}", Value::Array(people));
        return Ok(());
    }
    let text = |person: &Value, key: &str| plain(person.get(key).and_then(Value::as_str).unwrap_or_default());
    let rows: Vec<Vec<String>> = people
        .iter()
        .map(|person| {
            let active = person.get("active").and_then(Value::as_bool).unwrap_or(true);
            let state = if active { "active" } else { "no access" };
            vec![text(person, "email"), text(person, "role"), state.to_owned(), text(person, "name")]
        })
        .collect();
    print!("{}", table(&["mail address", "role", "state", "name"], &rows));
    Ok(())
}

async fn change(daemon: &Daemon, email: &str, body: Value) -> Result<(), Failure> {
    let client = daemon.client()?;
    let id = find(&client, email).await?;
    client.call(Method::PATCH, &format!("/people/{id}"), Some(&body)).await?;
    println!("done; it counts at once");
    Ok(())
}

/// The number of a person by mail address.
///
/// # Errors
/// When nobody has it.
pub async fn find(client: &Client, email: &str) -> Result<i64, Failure> {
    let people = client.list("/people").await?;
    let is_meant = |person: &&Value| {
        person.get("email").and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(email))
    };
    let found = people.iter().find(is_meant).and_then(|person| person.get("id")).and_then(Value::as_i64);
    found.ok_or_else(|| Failure::refused(format!("nobody has the mail address {email}; see `onevoice user list`")))
}
