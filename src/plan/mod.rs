//! Plan: who gets what, what it costs, when the last one has it; and the freezing of it all at the submit.

pub mod digest;
pub mod freeze;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::{contract::Channel, sms::encoding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    compose::draft::Draft,
    pace,
    problem::Problem,
    render::{MessageKind, Rendering},
    store::plan::{Count, Division},
};

/// What a provider without a limit is taken to carry, messages a second, until it is measured.
const UNPACED: f64 = 300.0;

/// What a channel will take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// Messages or posts.
    pub messages: i64,
    /// Seconds from the start to the last one.
    pub seconds: f64,
    /// Cost in the configured currency. While typing, of a text with the longest values; exact once submitted.
    pub cost: f64,
    /// The least it can cost, while typing.
    pub cost_at_least: f64,
}

/// The numbers beside a draft.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Measured {
    /// People and addresses.
    pub count: Count,
    /// How the variants divide the people.
    pub division: Division,
    /// Posts and pages by channel.
    pub outlets: BTreeMap<Channel, Vec<String>>,
    /// People who read a text in another language than theirs, because there is none in theirs; by locale.
    pub fallback: BTreeMap<String, i64>,
    /// By channel.
    pub forecast: BTreeMap<Channel, Forecast>,
    /// Cost of all channels.
    pub cost: f64,
    /// Its currency.
    pub currency: String,
    /// When it would start.
    pub starts_at: Timestamp,
    /// When the last one has it.
    pub last_at: Timestamp,
    /// When the audience was last imported.
    pub refreshed_at: Option<Timestamp>,
    /// The most messages that one of these addresses got in the last 24 hours, without this one.
    pub most_messages_today: i64,
}

/// Counts and forecasts a draft as things are now.
///
/// # Errors
/// The store's.
pub async fn measure(app: &App, draft: &Draft, renderings: &[Rendering]) -> Result<Measured, Problem> {
    let now = app.world.clock.now();
    let audience = draft.audience();
    let count = app.store.count_audience(&audience, now).await?;
    let division = if draft.filters.len() > 1 || draft.content.variants.iter().any(|variant| variant.segment.is_some())
    {
        app.store.divide(&draft.filters).await?
    } else {
        Division::default()
    };
    let outlets: BTreeMap<Channel, Vec<String>> = draft
        .channels
        .iter()
        .filter(|channel| !channel.is_personal())
        .map(|channel| (*channel, app.outlets(*channel)))
        .collect();
    let mut forecast = BTreeMap::new();
    for channel in &draft.channels {
        let messages = match outlets.get(channel) {
            Some(names) => i64::try_from(names.len()).unwrap_or(i64::MAX),
            None => count.addresses.get(channel).copied().unwrap_or_default(),
        };
        let (least, most) = sms_parts(draft, renderings, *channel);
        let price = app.config.sms.price_per_part * messages as f64;
        let seconds = seconds(app, *channel, messages);
        forecast.insert(*channel, Forecast { messages, seconds, cost: price * most, cost_at_least: price * least });
    }
    let starts_at = draft.content.start_at.as_ref().map_or(now, |start| start.at.max(now));
    let longest = forecast.values().map(|channel| channel.seconds).fold(0.0, f64::max);
    let day_ago = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    Ok(Measured {
        fallback: fallback(app, draft, &count),
        cost: forecast.values().map(|channel| channel.cost).sum(),
        currency: app.config.sms.currency.clone(),
        last_at: starts_at + SignedDuration::from_millis((longest * 1000.0) as i64),
        starts_at,
        refreshed_at: app.store.audience_refreshed_at().await?,
        most_messages_today: app.store.most_messages_to_one(&audience, day_ago, now).await?,
        count,
        division,
        outlets,
        forecast,
    })
}

/// Seconds that a channel's providers take together for so many messages.
pub fn seconds(app: &App, channel: Channel, messages: i64) -> f64 {
    let limits: Vec<_> = app
        .engine
        .routes()
        .map(|route| route.provider.manifest())
        .filter(|manifest| manifest.channel == channel)
        .map(|manifest| manifest.limits.clone())
        .collect();
    let share = messages / i64::try_from(limits.len().max(1)).unwrap_or(1);
    let slowest = |limits| pace::seconds_for(share, limits).unwrap_or(share as f64 / UNPACED);
    // One second for the connection and the answer, whatever the number.
    1.0 + limits.iter().map(slowest).fold(0.0, f64::max)
}

/// The least and the most parts that one text of this update has.
fn sms_parts(draft: &Draft, renderings: &[Rendering], channel: Channel) -> (f64, f64) {
    if channel != Channel::Sms {
        return (0.0, 0.0);
    }
    let of_update =
        renderings.iter().filter(|rendering| rendering.channel == channel && rendering.message == MessageKind::Update);
    let (mut least, mut most) = (u32::MAX, 0);
    for rendering in of_update {
        least = least.min(encoding::measure(&rendering.plain_text()).parts);
        if let crate::render::Body::Sms(body) = &rendering.body {
            most = most.max(body.most_parts);
        }
    }
    if draft.channels.contains(&channel) && most > 0 {
        (f64::from(least.min(most)), f64::from(most))
    } else {
        (0.0, 0.0)
    }
}

fn fallback(app: &App, draft: &Draft, count: &Count) -> BTreeMap<String, i64> {
    let mut fallback: BTreeMap<String, i64> = BTreeMap::new();
    for locales in count.by_locale.values() {
        for (locale, n) in locales.iter().filter(|(locale, _)| !locale.is_empty()) {
            let language = locale.split('-').next().unwrap_or(locale);
            let served = draft
                .locale_for(0, locale, app.default_locale())
                .is_some_and(|(found, _)| found.split('-').next() == Some(language));
            if !served {
                let most = fallback.entry(locale.clone()).or_default();
                *most = (*most).max(*n);
            }
        }
    }
    fallback
}
