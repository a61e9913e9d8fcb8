//! Plan: who gets what, what it costs, when the last one has it; and the freezing of it all at the submit.

pub mod digest;
pub mod forecast;
pub mod freeze;
pub mod load;
pub mod nothing;
pub mod samples;
pub mod texts;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::{contract::Channel, sms::encoding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::texts::{Bill, Texts};
use crate::{
    app::App,
    audience::listed::OnList,
    compose::{
        content::{Subscribers, Variant},
        draft::Draft,
    },
    pace::Timing,
    problem::Problem,
    render::{MessageKind, Rendering},
    store::{
        broadcasts::Broadcast,
        count::{Count, Division},
        plan::Audience,
    },
};

/// Seconds for the connection and the last answer, whatever the number.
const ANSWER: f64 = 1.0;

/// What a channel will take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// Messages or posts.
    pub messages: i64,
    /// Seconds from the start to the last one who does not wait for their morning: by the limits of the providers or, where
    /// they have none, by what was measured, by what goes out already, and by what was chosen about time.
    pub seconds: f64,
    /// Messages to people who sleep then and get it in their morning.
    pub in_their_morning: i64,
    /// When the last of those has it.
    pub last_morning_at: Option<Timestamp>,
    /// Messages that are left out because people sleep then.
    pub not_at_all: i64,
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
    /// The text messages by what they cost; null where there are none, or nothing is known of prices.
    pub texts: Option<Texts>,
    /// Cost of all channels.
    pub cost: f64,
    /// Its currency.
    pub currency: String,
    /// When it would start.
    pub starts_at: Timestamp,
    /// What was chosen about time; null where it goes to everybody at once.
    pub timing: Option<Timing>,
    /// Addresses by time zone (empty where it is not known), of channels that have quiet hours.
    pub zones: load::Zones,
    /// Addresses whose quiet hours it is at the start, by channel; what happens to them is what was chosen.
    pub asleep: BTreeMap<Channel, i64>,
    /// When the last one has it who does not wait for their morning.
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
    let chosen = |variant: &Variant| {
        variant.segment.is_some() || variant.list != OnList::Any || variant.subscribers == Subscribers::Only
    };
    let division = if draft.filters.len() > 1 || draft.content.variants.iter().any(chosen) {
        app.store.divide(&draft.filters, &draft.heard).await?
    } else {
        Division::default()
    };
    let outlets: BTreeMap<Channel, Vec<String>> = draft
        .channels
        .iter()
        .filter(|channel| !channel.is_personal())
        .map(|channel| (*channel, app.outlets(*channel)))
        .collect();
    let starts_at = draft.content.start_at.as_ref().map_or(now, |start| start.at.max(now));
    let timing = draft.timing(app);
    let loads = load::of_draft(app, draft, timing.as_ref(), &count, &outlets, now).await?;
    let arrivals = forecast::forecast(&loads, timing.as_ref(), starts_at);
    let zones: load::Zones = loads
        .iter()
        .filter(|(_, load)| !load.zones.is_empty())
        .map(|(channel, load)| (*channel, load.zones.iter().map(|(zone, n)| (zone.clone(), *n as i64)).collect()))
        .collect();
    let texts = count.addresses.get(&Channel::Sms).copied().filter(|_| draft.channels.contains(&Channel::Sms));
    let parts = sms_parts(draft, renderings);
    let bills = bills(app, &audience, texts.unwrap_or_default(), parts, now).await?;
    let mut forecast = BTreeMap::new();
    for channel in &draft.channels {
        let messages = match outlets.get(channel) {
            Some(names) => i64::try_from(names.len()).unwrap_or(i64::MAX),
            None => count.addresses.get(channel).copied().unwrap_or_default(),
        };
        let costs = |bill: &Bill| if *channel == Channel::Sms { bill.cost() } else { 0.0 };
        let arrival = arrivals.get(channel).cloned().unwrap_or_default();
        let told = Forecast {
            messages,
            seconds: ANSWER + arrival.seconds,
            in_their_morning: arrival.in_the_morning.round() as i64,
            last_morning_at: arrival.last_morning_at,
            not_at_all: arrival.not_at_all.round() as i64,
            cost: costs(&bills[1]),
            cost_at_least: costs(&bills[0]),
        };
        forecast.insert(*channel, told);
    }
    let longest = forecast.values().map(|channel| channel.seconds).fold(0.0, f64::max);
    let day_ago = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    Ok(Measured {
        fallback: fallback(app, draft, &count),
        texts: texts.filter(|_| app.config.sms.has_prices()).map(|_| bills[1].texts(parts.0, parts.1)),
        cost: forecast.values().map(|channel| channel.cost).sum(),
        currency: app.config.sms.currency.clone(),
        last_at: starts_at + SignedDuration::from_millis((longest * 1000.0) as i64),
        asleep: load::asleep(app, &zones, starts_at),
        zones,
        starts_at,
        timing,
        refreshed_at: app.store.audience_refreshed_at().await?,
        most_messages_today: app.store.most_messages_to_one(&audience, day_ago, now).await?,
        count,
        division,
        outlets,
        forecast,
    })
}

/// Seconds that a channel's providers take together for so many messages, with nothing else to do.
pub fn seconds(app: &App, channel: Channel, messages: i64, exercise: bool) -> f64 {
    let load = forecast::Load {
        stages: vec![messages as f64],
        supply: load::supply(app, channel, exercise),
        ..forecast::Load::default()
    };
    ANSWER + load.seconds()
}

/// Who sleeps when a submitted broadcast goes out with this timing, as of now: who is told in the morning or left out, by
/// channel; and who sleeps at its start, whatever was chosen.
pub fn nights(
    app: &App,
    broadcast: &Broadcast,
    timing: Option<&Timing>,
) -> (BTreeMap<Channel, forecast::Arrival>, BTreeMap<Channel, i64>) {
    let (zones, start) = (zones(broadcast), starts_at(app, broadcast));
    let of_channel = |(channel, zones): (&Channel, &BTreeMap<String, i64>)| {
        let zones: BTreeMap<String, f64> = zones.iter().map(|(zone, n)| (zone.clone(), *n as f64)).collect();
        let total = zones.values().sum();
        let supply = load::supply(app, *channel, broadcast.exercise);
        (*channel, forecast::Load { stages: vec![total], zones, supply, ..forecast::Load::default() })
    };
    let loads = zones.iter().map(of_channel).collect();
    (forecast::forecast(&loads, timing, start), load::asleep(app, &zones, start))
}

/// Somebody's night: a time zone, how many messages go there, and until when its people sleep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Night {
    /// The channel.
    pub channel: Channel,
    /// The zone; empty where it is not known, and the organisation's stands in.
    pub zone: String,
    /// Messages.
    pub messages: i64,
    /// When their quiet hours end.
    pub until: Timestamp,
}

/// Whose quiet hours it is when a submitted broadcast starts, the most people first.
pub fn asleep_by_zone(app: &App, broadcast: &Broadcast) -> Vec<Night> {
    let start = starts_at(app, broadcast);
    let mut nights = Vec::new();
    for (channel, zones) in zones(broadcast) {
        let Some(window) = app.config.quiet_hours.0.get(&channel) else { continue };
        let quiet = crate::pace::Quiet::new(*window, crate::pace::AtNight::Now, &app.config.organisation.time_zone);
        for (zone, messages) in zones {
            if let Some(until) = quiet.ends(&zone, start) {
                nights.push(Night { channel, zone, messages, until });
            }
        }
    }
    nights.sort_by_key(|night| (night.channel, -night.messages));
    nights
}

/// When a submitted broadcast would start, were it approved now.
pub fn starts_at(app: &App, broadcast: &Broadcast) -> Timestamp {
    let now = app.world.clock.now();
    broadcast.start_at.map_or(now, |start| start.max(now))
}

fn zones(broadcast: &Broadcast) -> load::Zones {
    serde_json::from_value(broadcast.plan["measured"]["zones"].clone()).unwrap_or_default()
}

/// What so many texts cost, with the least and with the most parts.
async fn bills(
    app: &App,
    audience: &Audience,
    texts: i64,
    parts: (u32, u32),
    now: Timestamp,
) -> Result<[Bill; 2], Problem> {
    let sms = &app.config.sms;
    let alike = match texts {
        0 => Vec::new(),
        // One price for all: whose number it is does not matter.
        _ if sms.prices.is_empty() => vec![(String::new(), texts)],
        _ => app.store.numbers_alike(audience, sms.longest_prefix(), now).await?,
    };
    Ok([parts.0, parts.1].map(|parts| {
        let mut bill = Bill::default();
        alike.iter().for_each(|(number, n)| bill.add(sms, number, *n, i64::from(parts)));
        bill
    }))
}

/// The least and the most parts that one text of this update has.
fn sms_parts(draft: &Draft, renderings: &[Rendering]) -> (u32, u32) {
    let channel = Channel::Sms;
    let of_update =
        renderings.iter().filter(|rendering| rendering.channel == channel && rendering.message == MessageKind::Update);
    let (mut least, mut most) = (u32::MAX, 0);
    for rendering in of_update {
        least = least.min(encoding::measure(&rendering.plain_text()).parts);
        if let crate::render::Body::Sms(body) = &rendering.body {
            most = most.max(body.most_parts);
        }
    }
    if draft.channels.contains(&channel) && most > 0 { (least.min(most), most) } else { (0, 0) }
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
