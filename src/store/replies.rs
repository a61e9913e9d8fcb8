//! What people write back: kept once, acted on in the same transaction, and answered.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, audit, channel_code, channel_of, recipients};
use crate::{
    track::{DeliveryState, replies::Word},
    world::{from_millis, millis},
};

/// A provider that names no text sends it again within this time, in milliseconds; later the same words are new ones.
const REPEATED: i64 = 600_000;

/// What somebody wrote back.
pub struct NewReply<'a> {
    /// The provider that heard it.
    pub provider: &'a str,
    /// Its own name for it, by which a repeat is known.
    pub provider_id: Option<&'a str>,
    /// The channel it came on.
    pub channel: Channel,
    /// Who wrote.
    pub from: &'a str,
    /// Where to.
    pub to: &'a str,
    /// What.
    pub text: &'a str,
    /// What it asks for, taken by itself.
    pub word: Word,
    /// When.
    pub at: Timestamp,
}

/// A message that a reply is owed.
pub struct Owed {
    /// The channel.
    pub channel: Channel,
    /// To whom.
    pub address: String,
    /// The provider that is to carry it; any of the channel where it is empty.
    pub provider: String,
    /// The words.
    pub text: String,
}

/// A message of the service itself that is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its number.
    pub id: i64,
    /// The channel.
    pub channel: Channel,
    /// To whom.
    pub address: String,
    /// The provider that is to carry it; any of the channel where it is empty.
    pub provider: String,
    /// The words.
    pub text: String,
    /// How often it was tried.
    pub tries: u32,
}

/// A reply that was kept.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// Its number.
    pub id: i64,
    /// The provider that heard it.
    pub provider: String,
    /// The channel it came on.
    pub channel: Channel,
    /// Who wrote.
    pub from: String,
    /// Our number or short code.
    pub to: String,
    /// What.
    pub text: String,
    /// What it asked for: `stop`, `start` or `help`, which were acted on, or `other`.
    pub word: Word,
    /// When.
    pub at: Timestamp,
    /// What became of the answer that it was owed, or of its way to the help desk: `waiting`, `sent` or `failed`; null where
    /// there is none.
    pub answer: Option<String>,
    /// When a colleague saw to it.
    #[serde(default)]
    pub handled_at: Option<Timestamp>,
}

/// Reads a row of `reply` with the state of its answer.
pub(super) fn read(row: &SqliteRow) -> Reply {
    Reply {
        id: row.get("id"),
        provider: row.get("provider"),
        channel: channel_of(row.get("channel")),
        from: row.get("address"),
        to: row.get("sent_to"),
        text: row.get("text"),
        word: Word::parse(row.get("word")),
        at: from_millis(row.get("at")),
        answer: row.get("answer"),
        handled_at: row.get::<Option<i64>, _>("handled_at").map(from_millis),
    }
}

impl Store {
    /// Keeps a reply, does what it asks for, and writes down what it is owed, all at once. `owed` is asked with what the
    /// reply asks for and the language in which they were written to last. Answers the reply's number; None for one that
    /// is kept already.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_reply(
        &self,
        new: &NewReply<'_>,
        again_after: i64,
        owed: impl FnOnce(Word, Option<&str>) -> Option<Owed> + Send,
    ) -> Result<Option<i64>> {
        let mut tx = self.begin().await?;
        if is_known(&mut tx, new).await? {
            return Ok(None);
        }
        let (incident, locale) = written_to_last(&mut tx, new.channel, new.from).await?;
        let word = if new.word == Word::Start && !opted_out(&mut tx, new).await? { Word::Other } else { new.word };
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO reply (provider, provider_id, channel, address, sent_to, text, word, incident_id, at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(new.provider)
        .bind(new.provider_id)
        .bind(channel_code(new.channel))
        .bind(new.from)
        .bind(new.to)
        .bind(new.text)
        .bind(word.as_str())
        .bind(incident)
        .bind(millis(new.at))
        .fetch_one(&mut *tx)
        .await?;
        act(&mut tx, new, word, id).await?;
        if (word == Word::Other || !answered_lately(&mut tx, new, word, again_after).await?)
            && let Some(owed) = owed(word, locale.as_deref())
        {
            sqlx::query(
                "INSERT INTO service_message (reply_id, channel, address, provider, word, text, due_at, at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(id)
            .bind(channel_code(owed.channel))
            .bind(owed.address)
            .bind(owed.provider)
            .bind(word.as_str())
            .bind(owed.text)
            // At once, whatever somebody has done to the clock.
            .bind(0)
            .bind(millis(new.at))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Replies after number `after`, the oldest first: of an incident, or those of none.
    ///
    /// # Errors
    /// The database's.
    pub async fn replies(&self, incident: Option<i64>, after: i64, limit: i64) -> Result<Vec<Reply>> {
        let rows = sqlx::query(
            "SELECT r.*, (SELECT m.state FROM service_message m WHERE m.reply_id = r.id LIMIT 1) AS answer
             FROM reply r WHERE r.incident_id IS ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3",
        )
        .bind(incident)
        .bind(after)
        .bind(limit)
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(read).collect())
    }

    /// A message of the service itself that is due.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_service_message(&self, now: Timestamp) -> Result<Option<Due>> {
        let row = sqlx::query("SELECT * FROM service_message WHERE due_at <= ? ORDER BY due_at, id LIMIT 1")
            .bind(millis(now))
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(|row| Due {
            id: row.get("id"),
            channel: channel_of(row.get("channel")),
            address: row.get("address"),
            provider: row.get("provider"),
            text: row.get("text"),
            tries: u32::try_from(row.get::<i64, _>("tries")).unwrap_or(u32::MAX),
        }))
    }

    /// Notes how a try went: the end, or when the next one is due.
    ///
    /// # Errors
    /// The database's.
    pub async fn service_message_tried(&self, id: i64, state: &str, due_at: Option<Timestamp>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE service_message SET state = ?, due_at = ?, tries = tries + 1 WHERE id = ?")
            .bind(state)
            .bind(due_at.map(millis))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Whether this was kept before: by the provider's name for it; without one, when the last words of the same sender are the
/// same and just came.
async fn is_known(tx: &mut SqliteConnection, new: &NewReply<'_>) -> Result<bool> {
    if let Some(id) = new.provider_id {
        let known = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM reply WHERE provider = ? AND provider_id = ?)");
        return Ok(known.bind(new.provider).bind(id).fetch_one(tx).await?);
    }
    let last = sqlx::query(
        "SELECT provider, sent_to, text, at FROM reply WHERE channel = ? AND address = ? ORDER BY id DESC LIMIT 1",
    )
    .bind(channel_code(new.channel))
    .bind(new.from)
    .fetch_optional(tx)
    .await?;
    Ok(last.is_some_and(|row| {
        row.get::<&str, _>("provider") == new.provider
            && row.get::<&str, _>("sent_to") == new.to
            && row.get::<&str, _>("text") == new.text
            && row.get::<i64, _>("at") > millis(new.at) - REPEATED
    }))
}

/// The incident whose message this address got last, and the language it was in. Practice reaches nobody.
async fn written_to_last(
    tx: &mut SqliteConnection,
    channel: Channel,
    address: &str,
) -> Result<(Option<i64>, Option<String>)> {
    let states = [DeliveryState::Delivered, DeliveryState::Accepted, DeliveryState::InDoubt].map(DeliveryState::code);
    let row = sqlx::query(
        // CROSS: broadcasts are few and snapshots are long, which the planner does not know.
        "SELECT b.incident_id, s.locale FROM broadcast b CROSS JOIN snapshot s CROSS JOIN outcome o
         WHERE b.exercise = 0 AND s.broadcast_id = b.id AND s.channel = ?1 AND s.address = ?2
           AND o.broadcast_id = s.broadcast_id AND o.channel = s.channel AND o.ordinal = s.ordinal
           AND o.state IN (?3, ?4, ?5) ORDER BY o.at DESC, b.id DESC LIMIT 1",
    )
    .bind(channel_code(channel))
    .bind(address)
    .bind(states[0])
    .bind(states[1])
    .bind(states[2])
    .fetch_optional(tx)
    .await?;
    Ok(row.map_or((None, None), |row| (Some(row.get("incident_id")), Some(row.get("locale")))))
}

async fn opted_out(tx: &mut SqliteConnection, new: &NewReply<'_>) -> Result<bool> {
    let found = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM suppression WHERE channel = ? AND value = ? AND reason = 'opted_out')",
    );
    Ok(found.bind(channel_code(new.channel)).bind(new.from).fetch_one(tx).await?)
}

async fn act(tx: &mut SqliteConnection, new: &NewReply<'_>, word: Word, reply: i64) -> Result<()> {
    let action = match word {
        Word::Stop => {
            let suppression = recipients::Suppression {
                channel: new.channel,
                value: new.from.to_owned(),
                reason: "opted_out".to_owned(),
                note: "by a message of theirs".to_owned(),
                created_at: new.at,
                expires_at: None,
                created_by: "reader".to_owned(),
            };
            recipients::suppress(&mut *tx, &suppression).await?;
            "suppression.add"
        }
        Word::Start => {
            sqlx::query("DELETE FROM suppression WHERE channel = ? AND value = ? AND reason = 'opted_out'")
                .bind(channel_code(new.channel))
                .bind(new.from)
                .execute(&mut *tx)
                .await?;
            "suppression.lift"
        }
        Word::Help | Word::Other => return Ok(()),
    };
    let entry = audit::Entry {
        at: new.at,
        actor: "reader",
        action,
        subject: new.channel.as_str(),
        detail: serde_json::json!({ "reply": reply }),
    };
    audit::append(tx, &entry).await
}

/// Whether the last answer to this address was to the same word, and not long ago.
async fn answered_lately(tx: &mut SqliteConnection, new: &NewReply<'_>, word: Word, again_after: i64) -> Result<bool> {
    let last =
        sqlx::query("SELECT word, at FROM service_message WHERE channel = ? AND address = ? ORDER BY id DESC LIMIT 1")
            .bind(channel_code(new.channel))
            .bind(new.from)
            .fetch_optional(tx)
            .await?;
    Ok(last.is_some_and(|row| {
        row.get::<&str, _>("word") == word.as_str() && row.get::<i64, _>("at") > millis(new.at) - again_after
    }))
}
