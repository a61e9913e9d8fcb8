//! Sample people to flip through: the message as each of them gets it.

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, DeliveryId};
use serde_json::{Value, json};

use super::super::{enter::Desk, texts, words::say};
use crate::{
    compose::content::Severity,
    plan::samples::{Kind, Samples},
    preview,
    problem::Problem,
    render,
    send::loaded::Loaded,
    store::{broadcasts::Broadcast, deliveries::Claimed, renderings::StoredRendering},
};

/// Names for when nobody in the list has such a one: what they do to a text is seen all the same.
const INVENTED: [(Kind, &str); 2] = [(Kind::NoName, ""), (Kind::RightToLeft, "نور الهدى عبد الرحمن")];

/// The samples of each channel that goes to people.
pub(super) async fn view(
    desk: &Desk,
    broadcast: &Broadcast,
    number: i64,
    stored: &[StoredRendering],
    severity: Severity,
) -> Result<Vec<Value>, Problem> {
    let app = &desk.app;
    let samples: Samples = serde_json::from_value(broadcast.plan["samples"].clone()).unwrap_or_default();
    let loaded = Loaded::of(broadcast.clone(), number, stored, &app.config)?;
    let show = |item: &Claimed, now: Timestamp| {
        loaded.filled(item, app.store.secrets(), now, |rendering, person| {
            let mut text = preview::text_of(app, rendering);
            text.text = render::splice_text(rendering, person);
            if item.id.channel == Channel::Sms {
                text.size = preview::sms_size(&text.text);
            }
            (texts::shown(&text, &[], severity), rendering.attributes().is_empty())
        })
    };
    let mut channels = Vec::new();
    for (channel, of) in &samples.of {
        let mut found: Vec<(&str, Claimed, bool)> = Vec::new();
        for kind in Kind::ALL {
            if let Some(ordinal) = of.get(&kind) {
                found.push((kind.as_str(), claimed(desk, broadcast, *channel, *ordinal).await?, false));
            }
        }
        let total = broadcast.plan["totals"][channel.as_str()].as_i64().unwrap_or_default();
        for ordinal in [total / 2, total - 1].into_iter().filter(|place| !of.values().any(|known| known == place)) {
            if let Ok(item) = claimed(desk, broadcast, *channel, ordinal).await {
                found.push(("another", item, false));
            }
        }
        if let Some((_, model, _)) = found.first().cloned() {
            for (kind, name) in INVENTED.into_iter().filter(|(kind, _)| !of.contains_key(kind)) {
                let values = if name.is_empty() { json!({}) } else { json!({ "name": name }) };
                let item = Claimed { hole_values: Some(values.to_string()), ..model.clone() };
                found.push((kind.as_str(), item, true));
            }
        }
        let (mut panes, mut same) = (Vec::new(), true);
        for (place, (kind, item, invented)) in found.iter().enumerate() {
            let (text, alike) = show(item, app.world.clock.now())?;
            same &= alike;
            panes.push(json!({ "n": place, "label": say("sample", kind), "invented": invented, "name": name(item), "text": text }));
        }
        if same {
            panes.truncate(1);
        }
        channels.push(json!({ "channel": channel.as_str(), "label": say("channel", channel.as_str()), "same": same, "panes": panes }));
    }
    Ok(channels)
}

async fn claimed(desk: &Desk, broadcast: &Broadcast, channel: Channel, ordinal: i64) -> Result<Claimed, Problem> {
    let id = DeliveryId { broadcast: broadcast.id, channel, ordinal };
    Ok(desk.app.store.delivery(id).await?.claimed(id))
}

/// The name that the text was filled with.
fn name(item: &Claimed) -> Option<String> {
    let values: Value = serde_json::from_str(item.hole_values.as_deref()?).ok()?;
    values["name"].as_str().map(str::to_owned)
}
