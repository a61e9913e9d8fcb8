//! Who is asleep, by the clock on their own wall, and what is done about it.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::{
    enter::Desk,
    form::Form,
    time::{Times, number},
    words::{say, text},
};
use crate::{
    approve::sleepers::{self, Consequence},
    compose::content::Content,
    pace::AtNight,
    plan,
    problem::Problem,
    store::broadcasts::Broadcast,
};

/// The choice that the form makes; None where it makes none.
pub(super) fn chosen(form: &Form) -> Result<Option<AtNight>, Problem> {
    match form.get("quiet_hours") {
        "" => Ok(None),
        name => {
            AtNight::parse(name).map(Some).ok_or_else(|| Problem::invalid("/quiet_hours", text!("approve-no-night")))
        }
    }
}

/// The choices with what would come of each; null where nobody sleeps, whatever is chosen.
pub(super) fn view(
    desk: &Desk,
    times: &Times,
    broadcast: &Broadcast,
    content: &Content,
    by: &str,
    typed: Option<AtNight>,
) -> Value {
    let app = &desk.app;
    let of = |choice| (choice, sleepers::consequence(app, broadcast, content, choice));
    let all = [AtNight::Morning, AtNight::Now, AtNight::NotAtAll].map(of);
    if all.iter().all(|(_, found)| found.woken + found.in_the_morning + found.not_at_all == 0) {
        return Value::Null;
    }
    let proposed = sleepers::proposed(broadcast);
    let checked = typed.unwrap_or(proposed);
    let choices = all.iter().map(|(choice, found)| {
        json!({ "name": choice.as_str(), "label": say("at_night", choice.as_str()), "checked": *choice == checked,
            "proposed": *choice == proposed, "comes": comes(times, *choice, found) })
    });
    let nights = plan::asleep_by_zone(app, broadcast);
    let start = plan::starts_at(app, broadcast);
    let clock = |zone: &str, at: jiff::Timestamp| {
        let zone = TimeZone::get(zone).unwrap_or_else(|_| app.config.organisation.zone());
        at.to_zoned(zone).strftime("%H:%M").to_string()
    };
    let rows = nights.iter().map(|night| {
        let name = match night.zone.as_str() {
            "" => text!("approve-zone-unknown"),
            zone => zone.rsplit('/').next().unwrap_or(zone).replace('_', " "),
        };
        json!({ "channel": say("channel", night.channel.as_str()), "zone": name, "n": number(night.messages),
            "then": clock(&night.zone, start), "until": clock(&night.zone, night.until) })
    });
    let asleep: i64 = nights.iter().map(|night| night.messages).sum();
    json!({ "asleep": asleep, "by": by, "choices": choices.collect::<Vec<_>>(),
        "zones": rows.collect::<Vec<_>>() })
}

/// "6,300 get it in their morning, the last about 07:00".
fn comes(times: &Times, choice: AtNight, found: &Consequence) -> String {
    match choice {
        AtNight::Now => text!("approve-night-now", n = found.woken),
        AtNight::Morning => match found.last_morning_at {
            Some(at) => text!("approve-night-morning-last", n = found.in_the_morning, at = times.near(at)),
            None => text!("approve-night-morning", n = found.in_the_morning),
        },
        AtNight::NotAtAll => text!("approve-night-not-at-all", n = found.not_at_all),
    }
}
