//! Notes on passages: what an approver wants changed, at the words that it is about.

use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    app::App,
    people::Person,
    preview::{self, Text},
    problem::Problem,
    render::{MessageKind, Rendering},
    store::{broadcasts::Broadcast, remarks::Note},
};

/// Notes that one return may carry.
const MOST: usize = 100;

/// A note, as it is given.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The update, its correction, or its "no news yet".
    #[serde(default = "of_update")]
    pub message: MessageKind,
    /// The variant's place, from 0.
    #[serde(default)]
    pub variant: usize,
    /// The channel.
    pub channel: Channel,
    /// The locale.
    pub locale: String,
    /// The words that it is about, as they stand in the text; empty for the whole text.
    #[serde(default)]
    pub quote: String,
    /// What is to change.
    pub text: String,
}

fn of_update() -> MessageKind {
    MessageKind::Update
}

/// The notes as they are kept: each is about words that stand in its text.
///
/// # Errors
/// 422 at the note and field.
pub async fn check(app: &App, person: &Person, broadcast: &Broadcast, given: &[Given]) -> Result<Vec<Note>, Problem> {
    if given.len() > MOST {
        return Err(Problem::invalid("/notes", format!("at most {MOST} notes; say the rest in the reason")));
    }
    let mut texts: Vec<(MessageKind, usize, Text)> = Vec::new();
    for stored in app.store.renderings(broadcast.id).await? {
        let rendering: Rendering = serde_json::from_str(&stored.document).map_err(|_| Problem::internal())?;
        texts.push((stored.message, stored.variant, preview::text_of(app, &rendering)));
    }
    let check = |(place, note): (usize, &Given)| {
        let at = |field: &str, detail: &str| Problem::invalid(format!("/notes/{place}/{field}"), detail);
        let of_note = |(message, variant, text): &&(MessageKind, usize, Text)| {
            (*message, *variant, text.channel, text.locale.as_str())
                == (note.message, note.variant, note.channel, note.locale.as_str())
        };
        let Some((_, _, text)) = texts.iter().find(of_note) else {
            return Err(at("channel", "there is no text of this variant, channel and language"));
        };
        let (quote, words) = (plain(&note.quote), note.text.trim());
        if words.is_empty() || words.len() > 2_000 {
            return Err(at("text", "say what should change, in at most 2,000 characters"));
        }
        if !plain(&format!("{} {}", text.subject.as_deref().unwrap_or_default(), text.text)).contains(&quote) {
            let detail =
                format!("“{quote}” does not stand in this text; copy the words as they are, or leave them out");
            return Err(at("quote", &detail));
        }
        Ok(Note {
            message: note.message,
            variant: note.variant,
            channel: note.channel,
            locale: note.locale.clone(),
            quote,
            text: words.to_owned(),
            person_id: person.id,
        })
    };
    given.iter().enumerate().map(check).collect()
}

/// Words with one space between them, so that a line end on a page does not hide them.
pub fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
