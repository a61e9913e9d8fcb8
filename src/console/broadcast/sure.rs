//! What cannot be taken back is said once more, with how many it concerns and what else could be done.

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    super::{
        enter::{Answer, Desk},
        page::{self, Frame},
        time::{length, number},
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
    title: &'static str,
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
    let frame = Frame { template: "sure", nav: "now", title: asked.title.to_owned(), exercise: broadcast.exercise };
    let body = json!({ "id": id, "channel": channel, "what": asked.what, "more": asked.more, "buttons": asked.buttons,
        "exercise": broadcast.exercise });
    page::show(desk, &frame, body).await
}

fn have_it(progress: &ChannelProgress) -> i64 {
    progress.outcomes.iter().filter(|(state, _)| state.may_have_it()).map(|(_, n)| n).sum()
}

/// How many have it, or may have it.
async fn have(desk: &Desk, broadcast: &Broadcast) -> Result<String, Problem> {
    Ok(number(desk.app.store.progress(broadcast.id).await?.values().map(have_it).sum()))
}

fn button(action: &str, text: String, class: &str) -> Value {
    json!({ "action": action, "text": text, "class": class })
}

/// A button's words, which say so where nothing is real.
fn practised(broadcast: &Broadcast, text: String) -> String {
    if broadcast.exercise { format!("Practise: {}{}", text[..1].to_lowercase(), &text[1..]) } else { text }
}

async fn correct(desk: &Desk, broadcast: &Broadcast) -> Result<Question, Problem> {
    let progress = desk.app.store.progress(broadcast.id).await?;
    let have = have(desk, broadcast).await?;
    let seconds = |(channel, progress): (&Channel, &ChannelProgress)| {
        plan::seconds(&desk.app, *channel, have_it(progress), broadcast.exercise)
    };
    let longest = progress.iter().map(seconds).fold(0.0, f64::max);
    Ok(Question {
        title: "Send the correction?",
        what: format!(
            "The correction goes to {have} who have the text, or may have it. What was not sent yet is not sent any more."
        ),
        more: format!(
            "It was read and approved together with the text. It goes out at once, before everything else; the last one \
             has it after about {}. Posts stay, and it replies to them.",
            length(longest.ceil() as u64)
        ),
        buttons: vec![button("correct", practised(broadcast, format!("Send the correction to {have}")), "main")],
    })
}

async fn take_down(desk: &Desk, broadcast: &Broadcast) -> Result<Question, Problem> {
    let (have, posts) = (have(desk, broadcast).await?, desk.app.store.posts_out(broadcast.id).await?);
    let corrected = desk.app.store.broadcasts_of(broadcast.update_id).await?;
    let corrected = corrected.iter().any(|other| other.source_id == Some(broadcast.id));
    let mut buttons = Vec::new();
    let down = practised(broadcast, "Take it down".to_owned());
    if posts == 0 {
        buttons.push(button("retract", down, "main"));
    } else {
        let (which, stay) = match posts {
            1 => ("its post".to_owned(), "as it is"),
            posts => (format!("its {} posts", number(posts)), "as they are"),
        };
        let delete = button("delete", format!("{down}, and delete {which}"), "danger");
        let keep = button("retract", format!("{down}, and leave {which} {stay}"), "");
        if !corrected && may_correct(desk, broadcast) {
            let reply = format!("Keep {which}, and reply with the correction (recommended)");
            buttons.push(button("correct", practised(broadcast, reply), "main"));
        }
        buttons.extend([delete, keep]);
    }
    let of_posts = match posts {
        0 => "",
        _ => " Who saw a post that is gone asks what was hidden; who sees a reply knows what is true.",
    };
    Ok(Question {
        title: "Take it down?",
        what: format!(
            "What was not sent is not sent, and its banner and status page entries go. {have} have it, or may have it; \
             what is in mailboxes and on phones stays there."
        ),
        more: format!(
            "It cannot be put back up. If the text is wrong, send the correction: everybody who has it is told.{of_posts}"
        ),
        buttons,
    })
}

async fn delete(desk: &Desk, broadcast: &Broadcast) -> Result<Question, Problem> {
    let posts = desk.app.store.posts_out(broadcast.id).await?;
    let text = if posts == 1 { "Delete its post".to_owned() } else { format!("Delete its {} posts", number(posts)) };
    let also = if broadcast.state.allows(State::Retracted) { " What was not sent is not sent any more." } else { "" };
    Ok(Question {
        title: "Delete its posts?",
        what: format!("Each post goes from the account that made it, so that replies to it lead nowhere.{also}"),
        more: "It cannot be undone. Copies that others made stay. Mail and text messages stay with their readers."
            .to_owned(),
        buttons: vec![button("delete", practised(broadcast, text), "danger")],
    })
}

async fn resend(desk: &Desk, broadcast: &Broadcast, channel: Option<Channel>) -> Result<Question, Problem> {
    let progress = desk.app.store.progress(broadcast.id).await?;
    let of = progress.iter().filter(|(of, _)| channel.is_none_or(|channel| channel == **of));
    let doubt = number(of.filter_map(|(_, progress)| progress.outcomes.get(&Outcome::InDoubt)).sum());
    Ok(Question {
        title: "Send again to those who may have it?",
        what: format!("{doubt} may have it already; some of them get it twice."),
        more: "Leaving it as it is means that some of them may never get it.".to_owned(),
        buttons: vec![button("resend", practised(broadcast, format!("Send again to {doubt}")), "main")],
    })
}
