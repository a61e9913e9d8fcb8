//! `[promises]`: what is done about promises of a next update, before they fall due and after.

use jiff::SignedDuration;
use onevoice_channels::{contract::Channel, registry::SettingsError};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

/// The most "no news yet" messages in a row: whoever has nothing to say for longer needs people, not messages.
pub const MOST: u8 = 6;
/// The most reminders of one promise.
const REMINDERS: usize = 6;

/// A length of time as people write it: `15m`, `1h 30m`, `48h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String")]
pub struct Span(pub SignedDuration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("{text:?} is no length of time; write it like \"15m\" or \"1h 30m\""));
        let duration: SignedDuration = text.parse().map_err(|_| wrong())?;
        if duration.is_negative() { Err(wrong()) } else { Ok(Span(duration)) }
    }
}

/// What is done about promises of a next update.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Promises {
    /// How long before a promise falls due its owner and who is on duty are reminded, the longest first: `["15m", "5m"]`.
    pub remind: Vec<Span>,
    /// The same for other deadlines of an incident, besides the deadline itself: `["24h", "1h"]`.
    pub remind_of_deadlines: Vec<Span>,
    /// How many automatic "no news yet" messages go out in a row while nobody writes, 0 to 6; after them people are called
    /// instead.
    pub at_most: u8,
    /// Where they go; left out: the banner, the status page and social media, which wake nobody.
    pub channels: Option<Vec<Channel>>,
    /// For how long a promise that fell due waits for an update that waits for its approval, before "no news yet" goes out.
    pub wait_for_approval: Span,
    /// How late "no news yet" may be, after a stop or an outage of this machine. Later than that people are called instead.
    pub send_within: Span,
    /// After how long every approver is called, where those on duty were called and nobody took it over.
    pub call_approvers_after: Span,
    /// How late a promise counts as missed, and no longer as late.
    pub missed_after: Span,
}

fn minutes(minutes: i64) -> Span {
    Span(SignedDuration::from_mins(minutes))
}

impl Default for Promises {
    fn default() -> Self {
        Promises {
            remind: vec![minutes(15), minutes(5)],
            remind_of_deadlines: vec![minutes(24 * 60), minutes(60)],
            at_most: 2,
            channels: None,
            wait_for_approval: minutes(5),
            send_within: minutes(15),
            call_approvers_after: minutes(10),
            missed_after: minutes(120),
        }
    }
}

impl Promises {
    /// Whether "no news yet" goes to a channel.
    pub fn goes_to(&self, channel: Channel) -> bool {
        use Channel::{Banner, Bluesky, Facebook, Linkedin, Mastodon, StatusPage, X};
        match &self.channels {
            // Colleagues read what customers do: there is no sheet for "nothing new".
            Some(channels) => channels.contains(&channel) && !channel.is_staff(),
            None => matches!(channel, Banner | StatusPage | Mastodon | Bluesky | X | Facebook | Linkedin),
        }
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        leads("remind", &self.remind)?;
        leads("remind_of_deadlines", &self.remind_of_deadlines)?;
        if self.at_most > MOST {
            return Err(SettingsError::new("at_most", format!("must be between 0 and {MOST}")));
        }
        let staff = self.channels.iter().flatten().find(|channel| channel.is_staff());
        if let Some(channel) = staff {
            let message = format!("{channel} gets staff sheets, and there is none for \"no news yet\"; take it out");
            return Err(SettingsError::new("channels", message));
        }
        let spans = [
            ("wait_for_approval", self.wait_for_approval, minutes(0), minutes(60)),
            ("send_within", self.send_within, minutes(1), minutes(240)),
            ("call_approvers_after", self.call_approvers_after, minutes(0), minutes(24 * 60)),
            ("missed_after", self.missed_after, minutes(1), minutes(7 * 24 * 60)),
        ];
        for (key, span, least, most) in spans {
            if !(least..=most).contains(&span) {
                let message = format!("must be between \"{:#}\" and \"{:#}\"", least.0, most.0);
                return Err(SettingsError::new(key, message));
            }
        }
        if self.wait_for_approval >= self.send_within {
            let message = "must be shorter than send_within, or nothing is sent after the wait";
            return Err(SettingsError::new("wait_for_approval", message));
        }
        Ok(())
    }
}

fn leads(key: &str, leads: &[Span]) -> Result<(), SettingsError> {
    if leads.len() > REMINDERS {
        return Err(SettingsError::new(
            key,
            format!("has more than {REMINDERS} entries; nobody reads that many reminders"),
        ));
    }
    for (place, lead) in leads.iter().enumerate() {
        let wrong = |message: &str| Err(SettingsError::new(&format!("{key}[{place}]"), message));
        if !(minutes(1)..=minutes(7 * 24 * 60)).contains(lead) {
            return wrong("must be between \"1m\" and \"168h\" (a week)");
        }
        if place > 0 && leads[place - 1] <= *lead {
            return wrong("is not shorter than the one before it; put the longest first");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Promises, String> {
        let promises: Promises = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        promises.validate().map_err(|error| format!("{}: {}", error.key, error.message))?;
        Ok(promises)
    }

    #[test]
    fn what_cannot_work_names_its_key_and_how_to_mend_it() {
        assert_eq!(read("").unwrap(), Promises::default());
        assert_eq!(read("remind = [\"1h 30m\", \"5m\"]").unwrap().remind, [minutes(90), minutes(5)]);
        for (text, said) in [
            ("remind = [\"soon\"]", "no length of time"),
            ("remind = [\"-5m\"]", "no length of time"),
            ("remind = [\"5m\", \"15m\"]", "remind[1]: is not shorter"),
            ("remind = [\"10s\"]", "remind[0]: must be between"),
            ("remind = [\"7h\",\"6h\",\"5h\",\"4h\",\"3h\",\"2h\",\"1h\"]", "remind: has more than 6"),
            ("at_most = 7", "at_most: must be between 0 and 6"),
            ("send_within = \"5h\"", "send_within: must be between"),
            ("missed_after = \"0s\"", "missed_after: must be between"),
            ("wait_for_approval = \"20m\"", "wait_for_approval: must be shorter than send_within"),
            ("channels = [\"banner\", \"staff_chat\"]", "channels: staff_chat gets staff sheets"),
            ("times = 2", "unknown field"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn by_default_it_goes_to_places_and_wakes_nobody() {
        let everywhere = Promises::default();
        assert!([Channel::Banner, Channel::StatusPage, Channel::Mastodon].iter().all(|to| everywhere.goes_to(*to)));
        assert!(!everywhere.goes_to(Channel::Email) && !everywhere.goes_to(Channel::Sms));
        let chosen = Promises { channels: Some(vec![Channel::Email]), ..everywhere };
        assert!(chosen.goes_to(Channel::Email) && !chosen.goes_to(Channel::Banner));
    }
}
