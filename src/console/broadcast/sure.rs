//! What cannot be taken back is said once more, with how many it concerns and what else could be done.

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    super::{
        enter::{Answer, Desk},
        page::{self, Frame},
        time::length,
        words::text,
    },
    may_correct,
};
use crate::{
    api::auth,
    approve::State,
    plan,
    problem::Problem,
    store::{broadcasts::Broadcast, progress::ChannelProgress},
    track::DeliveryState as Outcome,
};

/// A question: its title, what happens, what else is to be known, and its buttons.
struct Question {
    title: String,
    what: String,
    more: String,
    buttons: Vec<Value>,
}

/// The page that asks.
pub(super) async fn ask(desk: &Desk, id: i64, action: &str, channel: Option<Channel>) -> Answer {
    let broadcast = auth::broadcast(&desk.app, &desk.actor, id).await?;
    let asked = match action {
        "correct" => correct(desk, &broadcast).await?,
        "retract" => take_down(desk, &broadcast).await?,
        "delete" => delete(desk, &broadcast).await?,
        _ => resend(desk, &broadcast, channel).await?,
    };
    let frame = Frame { template: "sure", nav: "now", title: asked.title, exercise: broadcast.exercise };
    let body = json!({ "id": id, "channel": channel, "what": asked.what, "more": asked.more, "buttons": asked.buttons,
        "exercise": broadcast.exercise });
    page::show(desk, &frame, body).await
}

fn have_it(progress: &ChannelProgress) -> i64 {
    progress.outcomes.iter().filter(|(state, _)| state.may_have_it()).map(|(_, n)| n).sum()
}

/// How many have it, or may have it.
async fn have(desk: &Desk, broadcast: &Broadcast) -> Result<i64, Problem> {
    Ok(desk.app.store.progress(broadcast.id).await?.values().map(have_it).sum())
}

fn button(action: &str, text: String, class: &str) -> Value {
    json!({ "action": action, "text": text, "class": class })
}

/// Whether nothing is real, for a button's words, which say so.
fn exercise(broadcast: &Broadcast) -> &'static str {
    if broadcast.exercise { "true" } else { "false" }
}

async fn correct(desk: &Desk, broadcast: &Broadcast) -> Result<Question, Problem> {
    let progress = desk.app.store.progress(broadcast.id).await?;
    let have = have(desk, broadcast).await?;
    let seconds = |(channel, progress): (&Channel, &ChannelProgress)| {
        plan::seconds(&desk.app, *channel, have_it(progress), broadcast.exercise)
    };
    let longest = progress.iter().map(seconds).fold(0.0, f64::max);
    Ok(Question {
        title: text!("sure-correct"),
        what: text!("sure-correct-what", have = have),
        more: text!("sure-correct-more", length = length(longest.ceil() as u64)),
        buttons: vec![button(
            "correct",
            text!("sure-correct-button", exercise = exercise(broadcast), have = have),
            "main",
        )],
    })
}

async fn take_down(desk: &Desk, broadcast: &Broadcast) -> Result<Question, Problem> {
    let (have, posts) = (have(desk, broadcast).await?, desk.app.store.posts_out(broadcast.id).await?);
    let corrected = desk.app.store.broadcasts_of(broadcast.update_id).await?;
    let corrected = corrected.iter().any(|other| other.is_correction_of(broadcast.id));
    let mut buttons = Vec::new();
    let exercise = exercise(broadcast);
    if posts == 0 {
        buttons.push(button("retract", text!("sure-down", exercise = exercise), "main"));
    } else {
        let delete = button("delete", text!("sure-down-delete", exercise = exercise, posts = posts), "danger");
        let keep = button("retract", text!("sure-down-leave", exercise = exercise, posts = posts), "");
        if !corrected && may_correct(desk, broadcast) {
            buttons.push(button("correct", text!("sure-reply", exercise = exercise, posts = posts), "main"));
        }
        buttons.extend([delete, keep]);
    }
    Ok(Question {
        title: text!("sure-take-down"),
        what: text!("sure-take-down-what", have = have),
        more: text!("sure-take-down-more", posts = posts),
        buttons,
    })
}

async fn delete(desk: &Desk, broadcast: &Broadcast) -> Result<Question, Problem> {
    let posts = desk.app.store.posts_out(broadcast.id).await?;
    let what = match broadcast.state.allows(State::Retracted) {
        true => text!("sure-delete-what-unsent"),
        false => text!("sure-delete-what"),
    };
    Ok(Question {
        title: text!("sure-delete"),
        what,
        more: text!("sure-delete-more"),
        buttons: vec![button(
            "delete",
            text!("sure-delete-button", exercise = exercise(broadcast), posts = posts),
            "danger",
        )],
    })
}

async fn resend(desk: &Desk, broadcast: &Broadcast, channel: Option<Channel>) -> Result<Question, Problem> {
    let progress = desk.app.store.progress(broadcast.id).await?;
    let of = progress.iter().filter(|(of, _)| channel.is_none_or(|channel| channel == **of));
    let doubt: i64 = of.filter_map(|(_, progress)| progress.outcomes.get(&Outcome::InDoubt)).sum();
    Ok(Question {
        title: text!("sure-resend"),
        what: text!("sure-resend-what", n = doubt),
        more: text!("sure-resend-more"),
        buttons: vec![button("resend", text!("sure-resend-button", exercise = exercise(broadcast), n = doubt), "main")],
    })
}
