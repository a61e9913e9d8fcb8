//! What an update says: facts in fields, by variant and locale. Versions of a draft store this as JSON.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    staff::StaffSheet,
    status::{ComponentStatus, Status},
};
use crate::audience::listed::OnList;
use crate::pace::{AtNight, STAGE_PERCENT};

/// The content of one version of an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Where the incident stands once this update is out.
    pub status: Status,
    /// What this update does to components' statuses, by component id.
    #[serde(default)]
    pub components: BTreeMap<i64, ComponentStatus>,
    /// One variant for each group that is told something different; at least one.
    pub variants: Vec<Variant>,
    /// The channels to use; empty means every configured one.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// When the next update is promised for.
    #[serde(default)]
    pub next_update_at: Option<Timestamp>,
    /// When planned work begins and ends; of a maintenance only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub window: Option<PlannedTime>,
    /// Contact routes to name, by id, most fitting first; empty means all.
    #[serde(default)]
    pub contact_routes: Vec<i64>,
    /// How urgent the reader's screen reader and the sending lanes take it.
    #[serde(default)]
    pub severity: Severity,
    /// Start then and not at the approval.
    #[serde(default)]
    pub start_at: Option<StartAt>,
    /// What happens to people whose quiet hours it is when their message would go. A correction wakes everybody.
    #[serde(default, skip_serializing_if = "is_default")]
    pub quiet_hours: AtNight,
    /// Minutes over which the first messages to people are spread evenly, 1 to 10080; null sends as fast as the providers
    /// allow. Posts and pages are never spread.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spread_minutes: Option<u32>,
    /// How many percent of the variants of a stage have to be handed over, or have another end, before those of the next
    /// stage start: 1 to 100; null means 95.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(range(min = 1, max = 100))]
    pub stage_percent: Option<u8>,
    /// Goes to people who opted out too, for the reason given; the approver reads it.
    #[serde(default)]
    pub required_by_law: Option<String>,
    /// True where unsent earlier updates are dropped for everyone, not only for those whom this one reaches.
    /// None takes the default: true for a resolution, else false.
    #[serde(default)]
    pub replaces_everywhere: Option<bool>,
    /// The staged correction's own words by locale; a locale without takes the template's.
    #[serde(default)]
    pub correction: BTreeMap<String, String>,
    /// The "no news yet" message's own words by locale; a locale without takes the template's.
    #[serde(default)]
    pub holding: BTreeMap<String, String>,
    /// What colleagues answer, say on the phone and leave unsaid, by locale. Customers never read it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub staff: BTreeMap<String, StaffSheet>,
    /// Findings that the author keeps, with the reason that the approver reads; by the finding's id.
    #[serde(default)]
    pub kept_findings: BTreeMap<String, String>,
    /// The reason for exceeding a ceiling on spending or on messages a person and day.
    #[serde(default)]
    pub over_ceiling: Option<String>,
}

/// What one group of people is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name, unique within the update: `everyone`, `affected`.
    pub name: String,
    /// The segment that gets it; None means everyone. Outlets (posts, banner, status page) show the first variant.
    #[serde(default)]
    pub segment: Option<String>,
    /// Whether the list of customer ids that was given for the incident chooses too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub list: OnList,
    /// Whether who subscribed to a component that the incident touches gets it too, or they alone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subscribers: Subscribers,
    /// When it starts: 0 at once, 1 when enough of stage 0 is out, and so on to 7. Outlets go with the first variant; a
    /// correction goes to all at once.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(range(max = 7))]
    pub stage: u8,
    /// The facts by locale (BCP 47). The first configured locale must be there.
    pub facts: BTreeMap<String, Facts>,
}

/// What becomes of those who subscribed to a component that the incident touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subscribers {
    /// They get it where they are in the segment; everyone is.
    #[default]
    Any,
    /// They get it, beside the segment.
    Too,
    /// They alone get it, as far as they are in the segment.
    Only,
}

impl Subscribers {
    /// Every choice, in the order of pages.
    pub const ALL: [Subscribers; 3] = [Subscribers::Any, Subscribers::Too, Subscribers::Only];

    /// The name in the API and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Subscribers::Any => "any",
            Subscribers::Too => "too",
            Subscribers::Only => "only",
        }
    }

    /// Reads a name written by [`Subscribers::as_str`].
    pub fn parse(name: &str) -> Option<Subscribers> {
        Subscribers::ALL.into_iter().find(|choice| choice.as_str() == name)
    }
}

/// The facts, in the customers' words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// One line: what is the matter.
    pub headline: String,
    /// What happened, and whom it affects.
    pub what_happened: String,
    /// What it means for the reader: what works, what does not.
    pub impact: String,
    /// The apology, in one sentence.
    pub apology: String,
    /// Why, once it is known.
    pub why: String,
    /// What we are doing.
    pub doing: String,
    /// What keeps it from happening again, as a process.
    pub prevention: String,
    /// What happens next.
    pub next_steps: String,
    /// What may still go wrong.
    pub risks: String,
    /// What makes the reader safer to know.
    pub reassurance: String,
    /// What the reader can do meanwhile.
    pub options: Vec<ChoiceOption>,
    /// Helpful links.
    pub links: Vec<Link>,
    /// Texts written by hand for one channel in place of the template's: `sms`, `mastodon`, `bluesky`, `banner`.
    pub short: BTreeMap<Channel, String>,
    /// Who confirmed a fact that is stated as certain, and when, by finding id.
    pub confirmed: BTreeMap<String, String>,
}

/// Something the reader can do meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChoiceOption {
    /// What to do.
    pub text: String,
    /// True for the one that we advise.
    pub recommended: bool,
    /// Why it is advised.
    pub reason: String,
}

/// A helpful link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Link {
    /// What is behind it.
    pub label: String,
    /// An http or https address.
    pub url: String,
}

/// How urgent an update is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Announcements that can wait.
    Info,
    /// The usual incident.
    #[default]
    Warning,
    /// People must act or are at risk.
    Critical,
}

impl Severity {
    /// The lane in which it is sent: the lower, the earlier. Lane 0 is for corrections.
    pub fn lane(self) -> i64 {
        match self {
            Severity::Critical => 1,
            Severity::Warning => 2,
            Severity::Info => 3,
        }
    }

    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// From when to when planned work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedTime {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends, as far as is known.
    pub until: Timestamp,
}

/// A start time with the zone it was meant in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartAt {
    /// The instant.
    pub at: Timestamp,
    /// The IANA zone in which it was written, shown with it everywhere.
    pub zone: String,
}

/// What was not chosen is not written, so that what was stored before there was a choice reads and hashes as ever.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Content {
    /// How much of a stage has to have its end before the next one starts, in percent.
    pub fn stage_percent(&self) -> u8 {
        self.stage_percent.unwrap_or(STAGE_PERCENT)
    }

    /// Whether unsent earlier updates are dropped for everyone.
    pub fn replaces_everywhere(&self) -> bool {
        self.replaces_everywhere.unwrap_or(self.status.is_final())
    }

    /// Whether `channel` is used, given that it is configured. The staff sheet goes to all of colleagues' places.
    pub fn uses(&self, channel: Channel) -> bool {
        if channel.is_staff() {
            return self.has_sheet();
        }
        self.channels.is_empty() || self.channels.contains(&channel)
    }
}

impl Variant {
    /// The facts for a reader's locale: the very one, its language, or the default.
    pub fn facts_for<'a>(&'a self, locale: &str, default: &str) -> Option<(&'a str, &'a Facts)> {
        let language = locale.split('-').next().unwrap_or(locale);
        [locale, language, default]
            .into_iter()
            .find_map(|name| self.facts.get_key_value(name))
            .map(|(name, facts)| (name.as_str(), facts))
    }
}

impl Facts {
    /// Every prose field with the name that findings and pointers use.
    pub fn prose(&self) -> impl Iterator<Item = (String, &str)> {
        let fixed = [
            ("headline", &self.headline),
            ("what_happened", &self.what_happened),
            ("impact", &self.impact),
            ("apology", &self.apology),
            ("why", &self.why),
            ("doing", &self.doing),
            ("prevention", &self.prevention),
            ("next_steps", &self.next_steps),
            ("risks", &self.risks),
            ("reassurance", &self.reassurance),
        ];
        let options = self.options.iter().enumerate().flat_map(|(index, option)| {
            [
                (format!("options/{index}/text"), option.text.as_str()),
                (format!("options/{index}/reason"), option.reason.as_str()),
            ]
        });
        let links =
            self.links.iter().enumerate().map(|(index, link)| (format!("links/{index}/label"), link.label.as_str()));
        let short = self.short.iter().map(|(channel, text)| (format!("short/{channel}"), text.as_str()));
        fixed.into_iter().map(|(name, text)| (name.to_owned(), text.as_str())).chain(options).chain(links).chain(short)
    }
}
