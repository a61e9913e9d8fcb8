//! A stored text: literals and typed holes. It is part of what an approval binds, so its JSON is the same for the
//! same input: no map without an order, no date, no random boundary.

use std::collections::BTreeSet;

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, SmsEncoding};
use serde::{Deserialize, Serialize};

use super::input::MessageKind;

/// The text of one message for one variant, channel and locale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendering {
    /// Which message.
    pub message: MessageKind,
    /// The variant's name.
    pub variant: String,
    /// The channel.
    pub channel: Channel,
    /// The language, as BCP 47.
    pub locale: String,
    /// The subject of a mail.
    pub subject: Option<String>,
    /// The text in the form that its channel needs.
    pub body: Body,
    /// How many "no news yet" messages in a row go before this one.
    #[serde(default, skip_serializing_if = "is_first")]
    pub turn: u8,
    /// When a "no news yet" message says that the next update comes: the promise that it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promises: Option<Timestamp>,
}

/// What was approved before there were turns reads and hashes as ever.
fn is_first(turn: &u8) -> bool {
    *turn == 0
}

/// A text in the form that its channel needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A mail.
    Mail(MailBody),
    /// A text message.
    Sms(SmsBody),
    /// The posts of a thread in order; one for a text that fits.
    Posts(Vec<String>),
    /// A banner or an entry of the status page.
    Page {
        /// What a reader reads, for checks and comparisons.
        text: String,
        /// [`super::BannerDocument`] or [`super::PageDocument`] as JSON.
        document: String,
    },
}

/// A mail, once as people read it and once as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailBody {
    /// MAIL FROM.
    pub return_path: Vec<Piece>,
    /// The text part as it is read.
    pub text: Vec<Piece>,
    /// The HTML part as it is read.
    pub html: Vec<Piece>,
    /// The whole message as it is sent, with CRLF line ends: both parts quoted-printable within MIME.
    pub raw: Vec<Piece>,
}

/// A text message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsBody {
    /// The text.
    pub text: Vec<Piece>,
    /// The alphabet of its literals and fallbacks, which every person's text keeps.
    pub encoding: SmsEncoding,
    /// The parts it takes with every hole at its longest.
    pub most_parts: u32,
}

/// A run of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// The same for everyone.
    Literal(String),
    /// What differs by person.
    Hole(Hole),
}

/// A place that each person's own value fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// Where the value comes from.
    pub source: Source,
    /// How it is made harmless.
    #[serde(default)]
    pub escape: Escape,
    /// How it is then encoded.
    #[serde(default)]
    pub encode: Encode,
}

/// Where a hole's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A recipient's field.
    Attribute(Attribute),
    /// Computed: the page behind the unsubscribe link.
    UnsubscribeUrl,
    /// Computed: the delivery's token.
    Token,
    /// Computed or envelope: a whole header line, or none.
    Header(HeaderLine),
}

/// A recipient's field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What stands before the value, and only then: the space of "Hello Maria,".
    #[serde(default)]
    pub before: String,
    /// What stands for a missing, empty or unusable value.
    pub fallback: String,
    /// The most of it that is shown, in grapheme clusters.
    pub max: u32,
}

/// The header lines that differ by person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderLine {
    /// `To`.
    To,
    /// `Message-ID`.
    MessageId,
    /// `Date`.
    Date,
    /// `In-Reply-To` and `References`, from the second mail of an incident on.
    Thread,
    /// `List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 8058).
    ListUnsubscribe,
}

/// How a value is made harmless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// Plain text.
    #[default]
    Text,
    /// Text or a quoted attribute's value in HTML.
    Html,
}

/// How a value is encoded once it is harmless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encode {
    /// Not at all.
    #[default]
    None,
    /// Quoted-printable (RFC 2045, section 6.7), between two soft line breaks.
    QuotedPrintable,
}

impl Rendering {
    /// The text with every hole at its fallback: what checks read and previews show. Posts of a thread are
    /// separated by an empty line; a mail's subject is not part of it.
    pub fn plain_text(&self) -> String {
        match &self.body {
            Body::Mail(mail) => with_fallbacks(&mail.text),
            Body::Sms(sms) => with_fallbacks(&sms.text),
            Body::Posts(parts) => parts.join("\n\n"),
            Body::Page { text, .. } => text.clone(),
        }
    }

    /// The HTML part of a mail with every hole at its fallback.
    pub fn html(&self) -> Option<String> {
        match &self.body {
            Body::Mail(mail) => Some(with_fallbacks(&mail.html)),
            _ => None,
        }
    }

    /// The recipients' fields that the text shows, so that a snapshot keeps these and no more.
    pub fn attributes(&self) -> BTreeSet<&str> {
        let names = self.holes().into_iter().filter_map(|hole| match &hole.source {
            Source::Attribute(attribute) => Some(attribute.name.as_str()),
            _ => None,
        });
        names.collect()
    }

    /// Every hole, in the order of the text, those of the sent form included.
    pub fn holes(&self) -> Vec<&Hole> {
        let runs: Vec<&[Piece]> = match &self.body {
            Body::Mail(mail) => vec![&mail.return_path, &mail.text, &mail.html, &mail.raw],
            Body::Sms(sms) => vec![&sms.text],
            Body::Posts(_) | Body::Page { .. } => Vec::new(),
        };
        let holes = runs.into_iter().flatten().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(hole),
            Piece::Literal(_) => None,
        });
        holes.collect()
    }
}

/// The pieces as one text, each hole showing its fallback.
pub(super) fn with_fallbacks(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Hole(Hole { source: Source::Attribute(attribute), escape, .. }) => {
                super::value::escaped(*escape, &attribute.fallback, |run| text.push_str(run));
            }
            Piece::Hole(Hole { source: Source::UnsubscribeUrl, .. }) => text.push_str("https://…/unsubscribe"),
            Piece::Hole(_) => {}
        }
    }
    text
}
