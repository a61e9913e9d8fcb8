//! What the public sees, as plain values. The daemon builds it from committed rows only, and leaves out what is not
//! for everyone: restricted incidents, exercises, drafts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compose::content::Severity;
use crate::compose::route::ContactRoute;
use crate::compose::status::{ComponentStatus, Kind, Status, Step};

/// Everything that the banner and the status page are made of, in every locale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublicView {
    /// The organisation's name, as its customers know it.
    pub organisation: String,
    /// The public address of the status page, http or https.
    pub status_url: String,
    /// The locale of readers whose own is not offered.
    pub default_locale: String,
    /// The offered locales (BCP 47), in the order in which the page names them.
    pub locales: Vec<String>,
    /// The IANA zone in which times are written; an unknown one is taken for UTC.
    pub time_zone: String,
    /// Where copies of all this are, for websites to ask when the daemon does not answer.
    #[serde(default)]
    pub copies: Vec<String>,
    /// How people may subscribe by themselves; None where nobody may.
    #[serde(default)]
    pub subscribe: Option<Subscribe>,
    /// When the daemon built this. It stands on no page, so that an ETag changes only when what a reader sees does.
    pub generated_at: Timestamp,
    /// What the banner says now.
    pub banner: Option<Banner>,
    /// Open and past incidents, in any order.
    pub incidents: Vec<PublicIncident>,
    /// The parts of the service, in any order.
    pub components: Vec<PublicComponent>,
    /// How to reach the organisation, in any order.
    pub routes: Vec<ContactRoute>,
}

/// How people may subscribe by themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Subscribe {
    /// By mail, by text, or both.
    pub channels: Vec<Channel>,
    /// The form's address on the daemon, for copies: they can take no form themselves.
    pub url: String,
}

/// What the banner says, in every locale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Banner {
    /// The incident it speaks of.
    pub id: i64,
    /// A critical one interrupts a screen reader; others wait for a pause.
    pub severity: Severity,
    /// Its words by locale.
    pub texts: BTreeMap<String, BannerText>,
    /// Where to read more, http or https; anything else is left out.
    pub link: Option<String>,
    /// When the next update is promised for.
    pub next_update_at: Option<Timestamp>,
    /// When these words went up.
    pub updated_at: Timestamp,
    /// Grows with every change of the words; a dismissed banner comes back when it does.
    pub sequence: i64,
}

/// The banner's words in one locale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BannerText {
    /// What is the matter, in bold.
    pub headline: String,
    /// The rest, in one or two sentences.
    pub text: String,
    /// The words of the link.
    pub link_label: String,
}

/// An incident, a maintenance or a notice, as the public may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublicIncident {
    /// Its number, part of its address.
    pub id: i64,
    /// What it is.
    pub kind: Kind,
    /// Its name, shown in a locale in which no update has a headline.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// How urgent its latest update is.
    pub severity: Severity,
    /// How urgent its most urgent update was.
    pub gravest: Severity,
    /// When it began; for a maintenance, when it is to begin.
    pub started_at: Timestamp,
    /// For a maintenance, when it is to end.
    #[serde(default)]
    pub planned_until: Option<Timestamp>,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
    /// The components it touches, by id.
    pub components: Vec<i64>,
    /// What customers were told, in any order.
    pub updates: Vec<PublicUpdate>,
    /// When the next update is promised for.
    pub next_update_at: Option<Timestamp>,
}

/// One update, as it was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublicUpdate {
    /// Its number within the incident, from 1.
    pub number: i64,
    /// Where the incident stood with it.
    pub status: Status,
    /// What the step was, seen from the customer.
    pub step: Step,
    /// When it was published.
    pub at: Timestamp,
    /// The promise that this update kept or missed: it was due by then.
    pub promised_before: Option<Timestamp>,
    /// Its words by locale.
    pub documents: BTreeMap<String, Document>,
}

/// An update's words in one locale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// One line: what is the matter.
    pub headline: String,
    /// The facts, in the order to show them.
    pub sections: Vec<Section>,
}

/// One fact of an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// The fact's name as `Facts` has it: `what_happened`, `options`.
    pub key: String,
    /// Its heading in the reader's language; empty shows the text alone.
    pub label: String,
    /// Plain text. Empty lines part paragraphs; http and https addresses become links.
    pub text: String,
}

/// A part of the customers' service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublicComponent {
    /// Its number.
    pub id: i64,
    /// Its name, as customers know it.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// The heading it stands under, if any.
    pub group: Option<String>,
    /// How it does.
    pub status: ComponentStatus,
    /// Its place on the page, lowest first.
    pub position: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl PublicView {
    /// When something last changed for customers.
    pub fn changed_at(&self) -> Timestamp {
        let incidents = self.incidents.iter().map(PublicIncident::changed_at);
        let components = self.components.iter().map(|component| component.updated_at);
        incidents.chain(components).max().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl PublicIncident {
    /// When its latest update was published.
    pub fn changed_at(&self) -> Timestamp {
        self.updates.iter().map(|update| update.at).max().unwrap_or(self.started_at)
    }

    /// Its updates, the newest first.
    pub fn newest_first(&self) -> Vec<&PublicUpdate> {
        let mut updates: Vec<_> = self.updates.iter().collect();
        updates.sort_by_key(|update| std::cmp::Reverse((update.number, update.at)));
        updates
    }
}
