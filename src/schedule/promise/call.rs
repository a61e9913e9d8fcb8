//! Who is called about a promise or a deadline, and what they are told: by mail and by text, at once.

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;

use super::{super::timed, APPROVERS, ESCALATE, Why};
use crate::{
    app::App,
    approve::{
        State,
        summon::{self, Message},
    },
    send::Event,
    store::{
        StoreError,
        incidents::Incident,
        lookups::Promise,
        named,
        reminders::{Call, Noun},
    },
};

/// Calls to these people: each once, by mail and by text, where they may see the incident and can be reached.
///
/// # Errors
/// The store's.
pub(super) async fn to(app: &App, incident: &Incident, people: &[i64]) -> Result<Vec<(i64, Channel)>, StoreError> {
    let (mut calls, configured) = (Vec::new(), app.channels());
    for id in people {
        let person = app.store.person(*id).await?;
        let sees = app.store.is_seen(named::Noun::Incident, incident.id, Some(*id)).await?;
        for channel in [Channel::Email, Channel::Sms] {
            let reached = configured.contains(&channel) && summon::address(&person, channel).is_some();
            if sees && person.active && reached && !calls.contains(&(*id, channel)) {
                calls.push((*id, channel));
            }
        }
    }
    Ok(calls)
}

/// The owner, and then everybody who is on duty now.
///
/// # Errors
/// The store's.
pub(in crate::schedule) async fn owner_and_duty(
    app: &App,
    incident: &Incident,
    owner: Option<i64>,
    now: Timestamp,
) -> Result<Vec<(i64, Channel)>, StoreError> {
    let people: Vec<i64> = owner.into_iter().chain(app.store.on_duty(now).await?).collect();
    to(app, incident, &people).await
}

/// Every approver.
///
/// # Errors
/// The store's.
pub(super) async fn approvers(app: &App, incident: &Incident) -> Result<Vec<(i64, Channel)>, StoreError> {
    to(app, incident, &app.store.approvers().await?).await
}

/// Makes the calls that were written down, mails beside texts: who cannot be reached one way is reached the other. What is
/// settled meanwhile is not called about.
///
/// # Errors
/// The store's. A provider that does not take a call is noted, and the next call is made.
pub(super) async fn make(app: &App, now: Timestamp) -> Result<(), StoreError> {
    let (mails, texts) = tokio::join!(by(app, Channel::Email, now), by(app, Channel::Sms, now));
    mails.and(texts)
}

async fn by(app: &App, channel: Channel, now: Timestamp) -> Result<(), StoreError> {
    // A copy of the database calls nobody, and "Stop everything" stops this too.
    while !app.store.is_held().await?
        && let Some(call) = app.store.take_reminder_call(channel, now).await?
    {
        let (incident_id, message) = match call.noun {
            Noun::Firing => timed::tell::message(app, call.target_id, now).await?,
            Noun::Promise => {
                let promise = app.store.promise(call.target_id).await?;
                (Some(promise.incident_id), of_promise(app, &promise, &call, now).await?)
            }
            Noun::Deadline => {
                let deadline = app.store.deadline(call.target_id).await?;
                let incident = app.store.incident(deadline.incident_id).await?;
                let title = if incident.restricted { "A deadline" } else { deadline.title.as_str() };
                (Some(incident.id), of_deadline(app, &incident, title, deadline.due_at, now))
            }
        };
        let sees = match incident_id {
            Some(incident) => app.store.is_seen(named::Noun::Incident, incident, Some(call.person_id)).await?,
            None => true,
        };
        if !sees || !summon::send(app, call.person_id, call.channel, &message, now).await? {
            tracing::warn!(call = call.id, channel = %call.channel, "no provider took a reminder; the others are made");
            app.store.reminder_call_failed(call.id).await?;
        }
        app.engine.tell(Event::Desk);
    }
    Ok(())
}

/// "in 5 min", or "12 min ago": counted at the moment of the call, however late that is.
fn away(at: Timestamp, now: Timestamp) -> String {
    let left = at.duration_since(now);
    let minutes = (left.abs() + SignedDuration::from_secs(30)).as_mins();
    let length = match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    match minutes {
        0 => "now".to_owned(),
        _ if left.is_negative() => format!("{length} ago"),
        _ => format!("in {length}"),
    }
}

/// A moment as its reader's clock shows it.
pub(in crate::schedule) fn clock(app: &App, at: Timestamp, now: Timestamp) -> String {
    let zone = app.config.organisation.zone();
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone));
    let pattern = if at.date() == now.date() { "%H:%M %Z" } else { "%-d %b, %H:%M %Z" };
    at.strftime(pattern).to_string()
}

async fn of_promise(app: &App, promise: &Promise, call: &Call, now: Timestamp) -> Result<Message, StoreError> {
    let incident = app.store.incident(promise.incident_id).await?;
    let waiting = app.store.broadcasts_in(&[State::Submitted]).await?;
    let waiting = waiting.iter().find(|it| it.incident_id == incident.id);
    let link = match waiting {
        Some(waiting) => summon::link(app, waiting.update_id),
        None => summon::page(app, &format!("incidents/{}", incident.id)),
    };
    let (name, at, away) = (summon::named(&incident), clock(app, promise.due_at, now), away(promise.due_at, now));
    let todo = match waiting {
        Some(_) => "The next update is written and waits for a yes.",
        None => "Nobody has sent the next update for approval yet.",
    };
    let owner = match promise.owner_id {
        Some(id) if id == call.person_id => "It is yours to keep.".to_owned(),
        Some(id) => format!("It is {}'s to keep.", app.store.person(id).await?.name),
        None => "It is nobody's yet: take it over.".to_owned(),
    };
    let (subject, said) = match call.step.as_str() {
        ESCALATE | APPROVERS => {
            let why = match promise.escalated_why {
                Some(Why::Enough) => "As many \"no news yet\" messages as may go in a row went out.",
                Some(Why::TooLate) => "It is too late for the \"no news yet\" message.",
                Some(Why::NothingApproved) => "No \"no news yet\" message was approved for it.",
                Some(Why::Stopped) | None => "Its \"no news yet\" message, or the update before, was stopped.",
            };
            (
                format!("Customers wait for the update on {name}"),
                format!("The update on {name} was promised for {at} ({away}) and did not come. {why}"),
            )
        }
        step if step.starts_with("handed") => (
            format!("Yours now: the update on {name}"),
            format!("The next update on {name}, promised for {at} ({away}), was handed to you."),
        ),
        _ => (
            format!("Promised for {at}: the update on {name}"),
            format!("The next update on {name} is promised for {at} ({away})."),
        ),
    };
    Ok(Message {
        subject,
        text: format!("Onevoice: {said} {todo} {link}"),
        body: format!(
            "{said}\r\n{todo} {owner}\r\n\r\nWrite it, or hand it over (you are asked to sign in):\r\n{link}\r\n"
        ),
    })
}

fn of_deadline(app: &App, incident: &Incident, title: &str, due: Timestamp, now: Timestamp) -> Message {
    let (name, at, away) = (summon::named(incident), clock(app, due, now), away(due, now));
    let link = summon::page(app, &format!("incidents/{}", incident.id));
    Message {
        subject: format!("Due {at}: {title}"),
        text: format!("Onevoice: {title}, due {at} ({away}), for {name}. {link}"),
        body: format!(
            "{title}: due {at} ({away}), for {name}.\r\n\r\nMark it as done (you are asked to sign in):\r\n{link}\r\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_away_it_is_is_said_as_people_do() {
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        for (due, now, said) in
            [(5, 0, "in 5 min"), (0, 0, "now"), (0, 12, "12 min ago"), (120, 0, "in 2 h"), (0, 4_325, "72 h 5 min ago")]
        {
            assert_eq!(away(at(due), at(now)), said);
        }
    }
}
