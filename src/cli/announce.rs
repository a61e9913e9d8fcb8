//! `onevoice announce` and `onevoice submit`: what a person or a script writes, and hands over for approval.

use std::{io::Read as _, path::PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{
    client::Daemon,
    failure::{Failure, FailureKind},
    person,
    prepared::{self, Prepared},
    table::{grouped, plain},
};

/// What happens to people whose quiet hours it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AtNight {
    /// They get it now.
    Now,
    /// They get it in their morning, if it still holds then.
    Morning,
    /// They do not get it.
    NotAtAll,
}

impl From<AtNight> for crate::pace::AtNight {
    fn from(choice: AtNight) -> Self {
        match choice {
            AtNight::Now => Self::Now,
            AtNight::Morning => Self::Morning,
            AtNight::NotAtAll => Self::NotAtAll,
        }
    }
}

/// What is announced.
#[derive(Args, Clone, Debug)]
pub struct Announce {
    /// The whole announcement as the API takes it, JSON; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["title", "headline", "playbook"])]
    pub file: Option<PathBuf>,
    /// How colleagues call it.
    #[arg(long, required_unless_present_any = ["file", "playbook"])]
    pub title: Option<String>,
    /// incident, maintenance or notice.
    #[arg(long, default_value = "incident")]
    pub kind: String,
    /// Where it stands: investigating, identified, monitoring, scheduled, published, …
    #[arg(long, default_value = "investigating")]
    pub status: String,
    /// The language of the message.
    #[arg(long, default_value = "en")]
    pub locale: String,
    /// The headline that customers read.
    #[arg(long, required_unless_present_any = ["file", "playbook"])]
    pub headline: Option<String>,
    /// What happened.
    #[arg(long)]
    pub what_happened: Option<String>,
    /// What it means for customers.
    #[arg(long)]
    pub impact: Option<String>,
    /// What is being done.
    #[arg(long)]
    pub doing: Option<String>,
    /// That you are sorry, once and in plain words.
    #[arg(long)]
    pub apology: Option<String>,
    /// When the next update comes, such as 2027-01-31T12:00:00Z.
    #[arg(long)]
    pub next_update_at: Option<jiff::Timestamp>,
    /// What happens to people whose quiet hours it is: now, morning (they get it then, if it still holds) or not-at-all.
    #[arg(long, value_enum, default_value = "now")]
    pub quiet_hours: AtNight,
    /// Spreads the messages to people evenly over so many minutes.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=10080))]
    pub spread_minutes: Option<u32>,
    #[command(flatten)]
    pub prepared: Prepared,
    /// Practice: reaches no real provider and no public page.
    #[arg(long)]
    pub exercise: bool,
    /// Prints the answer as JSON.
    #[arg(long)]
    pub json: bool,
    /// Your mail address, if no key is set; asked for when not given.
    #[arg(long, env = "ONEVOICE_EMAIL")]
    pub email: Option<String>,
    #[command(flatten)]
    pub daemon: Daemon,
}

/// Which update is submitted.
#[derive(Args, Clone, Debug)]
pub struct Submit {
    /// The update's number.
    pub update: i64,
    /// Prints the answer as JSON.
    #[arg(long)]
    pub json: bool,
    /// Your mail address, if no key is set; asked for when not given.
    #[arg(long, env = "ONEVOICE_EMAIL")]
    pub email: Option<String>,
    #[command(flatten)]
    pub daemon: Daemon,
}

/// Queues an announcement for approval.
///
/// # Errors
/// [`Failure`], with the findings that block; a partial one when it was kept as a draft.
pub async fn announce(announce: &Announce) -> Result<(), Failure> {
    if announce.prepared.playbook.is_some() {
        let client = person::somebody(announce.daemon.client()?, announce.email.as_deref()).await?;
        return prepared::announce(&client, &announce.prepared, announce.exercise, announce.json).await;
    }
    let body = match &announce.file {
        Some(file) => read(file)?,
        None => simple(announce),
    };
    let client = person::somebody(announce.daemon.client()?, announce.email.as_deref()).await?;
    let answer = client.post("/announcements", &body).await?;
    if announce.json {
        println!("{answer}");
    }
    let update = answer.pointer("/update/id").and_then(Value::as_i64).unwrap_or_default();
    if let Some(problem) = answer.get("problem").filter(|problem| problem.is_object()) {
        let mut failure = Failure::of_problem(422, problem.clone());
        failure.kind = FailureKind::Partial;
        failure.message = format!("update {update} is kept as a draft and waits for nobody: {}", failure.message);
        return Err(failure);
    }
    match answer.get("broadcast").filter(|broadcast| broadcast.is_object()) {
        _ if announce.json => {}
        Some(broadcast) => tell(broadcast),
        None => println!("Update {update} is a draft; submit it with: onevoice submit {update}"),
    }
    Ok(())
}

/// Submits a draft for approval.
///
/// # Errors
/// [`Failure`], with the findings that block.
pub async fn submit(submit: &Submit) -> Result<(), Failure> {
    let client = person::somebody(submit.daemon.client()?, submit.email.as_deref()).await?;
    let broadcast = client.post(&format!("/updates/{}/submit", submit.update), &json!({})).await?;
    if submit.json {
        println!("{broadcast}");
    } else {
        tell(&broadcast);
    }
    Ok(())
}

fn read(file: &PathBuf) -> Result<Value, Failure> {
    let mut text = String::new();
    let outcome = if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|found| text = found)
    };
    outcome.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    serde_json::from_str(&text).map_err(|error| Failure::usage(format!("{} is no JSON: {error}", file.display())))
}

/// One variant in one language, for everyone.
fn simple(announce: &Announce) -> Value {
    let mut facts = json!({});
    let parts = [
        ("headline", &announce.headline),
        ("what_happened", &announce.what_happened),
        ("impact", &announce.impact),
        ("doing", &announce.doing),
        ("apology", &announce.apology),
    ];
    for (name, text) in parts {
        if let Some(text) = text {
            facts[name] = json!(text);
        }
    }
    let mut content = json!({
        "status": announce.status,
        "variants": [{ "name": "everyone", "facts": { &announce.locale: facts } }],
    });
    if let Some(at) = announce.next_update_at {
        content["next_update_at"] = json!(at);
    }
    if announce.quiet_hours != AtNight::Now {
        content["quiet_hours"] = json!(crate::pace::AtNight::from(announce.quiet_hours));
    }
    if let Some(minutes) = announce.spread_minutes {
        content["spread_minutes"] = json!(minutes);
    }
    json!({ "title": announce.title, "kind": announce.kind, "exercise": announce.exercise, "content": content })
}

fn tell(broadcast: &Value) {
    let number = |name: &str| broadcast.get(name).and_then(Value::as_i64).unwrap_or_default();
    let digest = broadcast.get("digest").and_then(Value::as_str).unwrap_or_default();
    println!("Update {} waits for an approval, as broadcast {}.", number("update_id"), number("id"));
    println!("  people  {}", grouped(number("people")));
    println!("  digest  {}", plain(digest));
    println!("Somebody else approves it, in the console or with: onevoice approve {}", number("update_id"));
}
