//! What a rendering is made from. Everything is handed in, so that the same input gives the same bytes for ever.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, TextLimit, TextUnit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compose::{
    content::{Content, Facts},
    route::ContactRoute,
    status::{ComponentStatus, Step},
};

/// Which of an update's three messages is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The update itself.
    Update,
    /// The staged correction: what we said was wrong.
    Correction,
    /// The "no news yet" message, for a promise that nobody kept.
    Holding,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [MessageKind; 3] = [MessageKind::Update, MessageKind::Correction, MessageKind::Holding];

    /// The name in the API and the store, and of its folder of templates.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageKind::Update => "update",
            MessageKind::Correction => "correction",
            MessageKind::Holding => "holding",
        }
    }

    /// Reads a name written by [`MessageKind::as_str`].
    pub fn parse(name: &str) -> Option<MessageKind> {
        MessageKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Everything that one rendering is made from.
#[derive(Clone, Copy, Debug)]
pub struct RenderInput<'a> {
    /// Which message.
    pub message: MessageKind,
    /// The update's content.
    pub content: &'a Content,
    /// The variant's name.
    pub variant: &'a str,
    /// The facts of that variant in `locale`. A correction and a holding statement do not repeat them.
    pub facts: &'a Facts,
    /// The language of `facts`, as BCP 47; labels, times and templates follow it.
    pub locale: &'a str,
    /// What the step from the incident's last status to this one is.
    pub step: Step,
    /// The update's number within its incident, from 1.
    pub number: u32,
    /// The incident's title.
    pub incident_title: &'a str,
    /// The incident's own page; None where the status page stands for it.
    pub incident_url: Option<&'a str>,
    /// The components that this update touches, in the order of the status page.
    pub components: &'a [Component],
    /// The contact routes to name, most fitting first.
    pub routes: &'a [ContactRoute],
    /// Who sends.
    pub organisation: &'a Organisation,
    /// What fits where.
    pub limits: &'a Limits,
    /// The message that a correction corrects; None where the update's own headline stands for it.
    pub original: Option<Original<'a>>,
    /// When the next update is promised for: the content's own time, and for a holding statement the time after it.
    pub next_update_at: Option<Timestamp>,
    /// About when it is sent. Only decides whether a time needs its date.
    pub now: Timestamp,
    /// True where this is an exercise: every text carries the mark.
    pub exercise: bool,
}

/// The message that a correction corrects.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// Its headline.
    pub headline: &'a str,
    /// When it went out, once that is known.
    pub sent_at: Option<Timestamp>,
}

/// A component with the status that an update gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Its name, as customers know it.
    pub name: String,
    /// Its status from this update on.
    pub status: ComponentStatus,
}

/// Who sends, as templates show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Organisation {
    /// Its name, as customers know it.
    pub name: String,
    /// The public status page.
    pub status_url: String,
    /// The IANA zone in which times are told.
    pub time_zone: String,
    /// The locale to fall back to.
    pub locale: String,
    /// How mails are signed.
    pub mail: MailIdentity,
}

/// The addresses of outgoing mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MailIdentity {
    /// The name beside the sender's address.
    pub from_name: String,
    /// The sender's address. Its domain also makes Message-ID and List-Id.
    pub from_address: String,
    /// Where answers go, if elsewhere.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The return path, in which `{token}` stands for the delivery's token, so that a bounce names its delivery:
    /// `bounce+{token}@mail.acme.example`. None: the sender's address.
    #[serde(default)]
    pub return_path: Option<String>,
}

/// What fits where. Texts lose their less important sentences until they fit, in the order of the template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// The parts that a text message may take.
    pub sms_parts: u32,
    /// The longest post, and banner text, by channel. A channel that is not named has no limit.
    pub texts: BTreeMap<Channel, TextLimit>,
}

impl Default for Limits {
    /// Two parts for a text message, each place's own limit for a post, 280 for the banner.
    fn default() -> Self {
        let posts = Channel::ALL.into_iter().filter_map(|channel| Some((channel, channel.post_limit()?)));
        let banner = (Channel::Banner, TextLimit { max: 280, unit: TextUnit::Graphemes });
        Limits { sms_parts: 2, texts: posts.chain([banner]).collect() }
    }
}
