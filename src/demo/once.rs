//! The whole path by itself: an update, a second one that overtakes it, a resolution. Two people, every channel, and a
//! table whose sums equal the audience.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use onevoice_channels::contract::Channel;

use super::sample;
use crate::{
    app::App,
    approve::decide::{self, Yes},
    compose::{
        content::Content,
        status::Kind,
        write::{self, NewIncident},
    },
    path,
    people::{Actor, sign_in},
    preview,
    problem::Problem,
    send::Event,
    store::{broadcasts::Broadcast, progress::ChannelProgress},
    track::DeliveryState,
};

const UPDATES: &str = include_str!("updates.json");

/// The demo's three updates, without their promises.
///
/// # Panics
/// Never: a test reads them.
pub fn updates() -> Vec<Content> {
    serde_json::from_str(UPDATES).expect("a test reads the demo's updates")
}

/// Walks the path; true when every sum is right.
///
/// # Errors
/// The first step that was refused.
pub async fn walk(app: &App) -> Result<bool, Problem> {
    sample::fill(app).await?;
    let [ana, ben] = sample::colleagues(app).await?;
    let (author, _) = sign_in::sign_in(app, ana.email, &ana.password, "demo").await?;
    let (approver, _) = sign_in::sign_in(app, ben.email, &ben.password, "demo").await?;
    let (author, approver) = (Actor::Person(author), Actor::Person(approver));
    let engine = app.engine.clone();
    let carrying = tokio::spawn(async move { path::carry_out(&engine).await });
    let outcome = steps(app, &author, &approver, &ben.password).await;
    app.engine.stop();
    if !matches!(carrying.await, Ok(Ok(()))) {
        return Err(Problem::internal());
    }
    outcome
}

async fn steps(app: &App, author: &Actor, approver: &Actor, password: &str) -> Result<bool, Problem> {
    let new = NewIncident {
        kind: Kind::Incident,
        title: "Card payments fail in Europe".to_owned(),
        exercise: false,
        restricted: false,
    };
    let incident = write::open_incident(app, author, &new).await?;
    println!("Ana opens incident {}: {}", incident.id, incident.title);
    let mut broadcasts = Vec::new();
    for (place, mut content) in updates().into_iter().enumerate() {
        content.next_update_at =
            (!content.status.is_final()).then(|| app.world.clock.now() + SignedDuration::from_mins(40));
        let broadcast = one(app, author, approver, password, incident.id, content).await?;
        // The second one starts while the first is still going out, and overtakes it.
        let wait_for = if place == 0 { 0.3 } else { 1.0 };
        until(app, broadcast.id, wait_for).await?;
        broadcasts.push(broadcast.id);
    }
    let mut right = true;
    for id in broadcasts {
        until(app, id, 1.0).await?;
        right &= table(app, id).await?;
    }
    let (lines, broken) = app.store.audit_verify().await?;
    println!("Audit: {lines} lines, {}", if broken.is_none() { "the chain is whole" } else { "THE CHAIN IS BROKEN" });
    Ok(right && broken.is_none())
}

async fn one(
    app: &App,
    author: &Actor,
    approver: &Actor,
    password: &str,
    incident: i64,
    content: Content,
) -> Result<Broadcast, Problem> {
    let update = write::begin_update(app, author, incident, Some(content)).await?;
    let seen = preview::preview(app, update.id, None).await?;
    println!(
        "\nUpdate {} ({}): {} texts, {} findings, {} people, {:.2} {} at the most",
        update.number,
        update.content.status.as_str(),
        seen.texts.len(),
        seen.findings.len(),
        seen.numbers.count.people,
        seen.numbers.cost,
        seen.numbers.currency,
    );
    for finding in &seen.findings {
        println!("  {} {:?}: {}", if finding.blocks() { "stops" } else { "asks " }, finding.title, finding.words);
    }
    let submitted = path::prepare(app, author, update.id).await?;
    println!("  submitted for {} people, digest {}…", submitted.people, &submitted.digest[..12]);
    let by_author = Yes {
        digest: submitted.digest.clone(),
        recipients: submitted.people,
        password: String::new(),
        code: String::new(),
        quiet_hours: None,
        passkey: None,
    };
    if decide::approve(app, author, update.id, &by_author).await.is_ok() {
        return Err(Problem::conflict("an author could approve their own words"));
    }
    let yes = Yes { password: password.to_owned(), ..by_author };
    let approved = decide::approve(app, approver, update.id, &yes).await?;
    println!("  approved by Ben; going out");
    Ok(approved)
}

/// Waits until this part of a broadcast has an end; 1.0 until it is closed.
async fn until(app: &App, id: i64, part: f64) -> Result<(), Problem> {
    let mut events = app.engine.listen();
    loop {
        let broadcast = app.store.broadcast(id).await?;
        let progress = app.store.progress(id).await?;
        let (done, total) =
            progress.values().fold((0, 0), |sum, channel| (sum.0 + done(channel), sum.1 + channel.total));
        let enough = part < 1.0 && done as f64 >= part * total as f64;
        if enough || broadcast.ended_at.is_some() {
            return Ok(());
        }
        loop {
            match events.recv().await {
                Ok(Event::Progress { broadcast } | Event::State { broadcast }) if broadcast == id => break,
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
}

fn done(channel: &ChannelProgress) -> i64 {
    channel.outcomes.values().sum()
}

/// Prints channel x outcome; true when each row sums up to its audience.
async fn table(app: &App, id: i64) -> Result<bool, Problem> {
    let broadcast = app.store.broadcast(id).await?;
    let progress: BTreeMap<Channel, ChannelProgress> = app.store.progress(id).await?;
    let update = app.store.update(broadcast.update_id).await?;
    println!("\nUpdate {}: {}", update.number, broadcast.state.as_str());
    print!("  {:<12}{:>9}", "", "audience");
    DeliveryState::ALL.iter().for_each(|state| print!("{:>11}", state.as_str()));
    println!("{:>9}", "sum");
    let mut right = !progress.is_empty();
    for (channel, numbers) in &progress {
        let sum = done(numbers);
        right &= sum == numbers.total;
        print!("  {:<12}{:>9}", channel.as_str(), numbers.total);
        DeliveryState::ALL.iter().for_each(|state| print!("{:>11}", numbers.outcomes.get(state).copied().unwrap_or(0)));
        println!("{sum:>9}{}", if sum == numbers.total { "" } else { "  WRONG" });
    }
    Ok(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_updates_can_be_read_and_tell_a_whole_story() {
        let statuses: Vec<&str> = updates().iter().map(|content| content.status.as_str()).collect();
        assert_eq!(statuses, ["investigating", "identified", "resolved"]);
    }
}
