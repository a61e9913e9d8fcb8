//! What a forecast reckons with: an audience by what decides how long it takes, and what goes out already.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::Row as _;

use super::{Result, Store, channel_of, count::Addresses, plan::Audience};
use crate::{pace::Timing, world::millis};

/// What of an audience's shape a forecast asks for; nothing is read that it does not need.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShapeWanted {
    /// Addresses by variant.
    pub variants: bool,
    /// Addresses by the recipients' time zone.
    pub zones: bool,
    /// The domain with the most addresses.
    pub domains: bool,
}

/// An audience by what decides how long it takes; without addresses that must not be written to.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Addresses by the variant's place.
    pub variants: BTreeMap<Channel, BTreeMap<usize, i64>>,
    /// Addresses by time zone, empty where it is not known.
    pub zones: BTreeMap<Channel, BTreeMap<String, i64>>,
    /// How many addresses the largest domain has.
    pub largest_domain: BTreeMap<Channel, i64>,
}

/// A broadcast that goes out, on one channel.
#[derive(Clone, Debug)]
pub struct Running {
    /// The channel.
    pub channel: Channel,
    /// Its lane.
    pub lane: i64,
    /// Deliveries that are left to send now: without an end, and not waiting for a later time.
    pub left: i64,
    /// Seconds over which these are spread; None where they go as fast as they can.
    pub spread_left: Option<f64>,
}

impl Store {
    /// Counts an audience by what decides how long it takes.
    ///
    /// # Errors
    /// The database's.
    pub async fn audience_shape(&self, audience: &Audience, wanted: ShapeWanted, now: Timestamp) -> Result<Shape> {
        let mut shape = Shape::default();
        if !(wanted.variants || wanted.zones || wanted.domains) {
            return Ok(shape);
        }
        // What is not asked for does not divide what is.
        let only = |wanted, column| if wanted { column } else { "''" };
        let domain = only(wanted.domains, "lower(substr(value, instr(value, '@') + 1))");
        let by = [only(wanted.variants, "variant"), only(wanted.zones, "time_zone"), domain];
        let mut domains: BTreeMap<(Channel, String), i64> = BTreeMap::new();
        for Addresses { channel, suppressed, of: [variant, zone, domain], n } in
            self.count_addresses(audience, now, by).await?
        {
            if suppressed {
                continue;
            }
            if wanted.variants {
                let variant = variant.parse().unwrap_or_default();
                *shape.variants.entry(channel).or_default().entry(variant).or_default() += n;
            }
            if wanted.zones {
                *shape.zones.entry(channel).or_default().entry(zone).or_default() += n;
            }
            if wanted.domains {
                let of_domain = domains.entry((channel, domain)).or_default();
                *of_domain += n;
                let largest = shape.largest_domain.entry(channel).or_default();
                *largest = (*largest).max(*of_domain);
            }
        }
        Ok(shape)
    }

    /// What goes out now, by channel: practice, or what is real.
    ///
    /// # Errors
    /// The database's.
    pub async fn running(&self, exercise: bool, now: Timestamp) -> Result<Vec<Running>> {
        let rows = sqlx::query(
            "SELECT c.channel, b.lane, b.timing, ?2 - b.started_at - b.paused_for AS elapsed, SUM(c.total)
               - COALESCE((SELECT SUM(n) FROM counter k WHERE k.broadcast_id = b.id AND k.channel = c.channel), 0)
               - (SELECT COUNT(*) FROM queue q WHERE q.broadcast_id = b.id AND q.channel = c.channel AND q.again IN (0, 1)
                  AND q.due_at > ?2) AS left
             FROM broadcast b CROSS JOIN cursor c ON c.broadcast_id = b.id
             WHERE b.state = 'running' AND b.exercise = ?1 GROUP BY b.id, c.channel",
        )
        .bind(exercise)
        .bind(millis(now))
        .fetch_all(self.read())
        .await?;
        rows.iter()
            .map(|row| {
                let timing: Option<Timing> =
                    row.get::<Option<&str>, _>("timing").map(serde_json::from_str).transpose()?;
                let minutes = timing.and_then(|timing| timing.spread_minutes);
                let left = |minutes: u32| f64::from(minutes) * 60.0 - row.get::<i64, _>("elapsed") as f64 / 1000.0;
                Ok(Running {
                    channel: channel_of(row.get("channel")),
                    lane: row.get("lane"),
                    left: row.get("left"),
                    spread_left: minutes.map(left).filter(|seconds| *seconds > 0.0),
                })
            })
            .collect()
    }
}
