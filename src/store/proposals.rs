//! Proposed changes of components and contact routes, and what of a route changed while an update waited.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, channel_code, channel_of, taken};
use crate::{
    compose::{
        content::Content,
        route::{ContactRoute, in_locale},
    },
    propose::change::{Change, ComponentText, Ending, Noun, Proposal, RouteText},
    world::{from_millis, millis},
};

/// What became of a contact route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteChangeKind {
    /// More people come this way than can be served.
    Overloaded,
    /// That is over.
    Free,
    /// It says something else.
    Changed,
    /// It is gone.
    Removed,
}

impl RouteChangeKind {
    /// The name in the store and the words.
    pub fn as_str(self) -> &'static str {
        match self {
            RouteChangeKind::Overloaded => "overloaded",
            RouteChangeKind::Free => "free",
            RouteChangeKind::Changed => "changed",
            RouteChangeKind::Removed => "removed",
        }
    }

    fn parse(name: &str) -> RouteChangeKind {
        let all = [RouteChangeKind::Overloaded, RouteChangeKind::Free, RouteChangeKind::Removed];
        all.into_iter().find(|kind| kind.as_str() == name).unwrap_or(RouteChangeKind::Changed)
    }
}

/// What changed of a contact route while an update waited for its approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteChange {
    /// What waits.
    pub broadcast_id: i64,
    /// The route.
    pub route_id: i64,
    /// What the route was for, in English where it had it: for when it is gone.
    pub need: String,
    /// What became of it.
    pub what: RouteChangeKind,
    /// When.
    pub at: Timestamp,
}

/// A word to an approver about such a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteCall {
    /// The change.
    pub change: RouteChange,
    /// Who is told.
    pub person_id: i64,
    /// By mail or by text.
    pub channel: Channel,
}

fn proposal(row: &SqliteRow) -> Result<Proposal> {
    let noun = if row.get::<&str, _>("noun") == "component" { Noun::Component } else { Noun::ContactRoute };
    let before: Option<&str> = row.get("before");
    Ok(Proposal {
        id: row.get("id"),
        noun,
        target_id: row.get("target_id"),
        document: serde_json::from_str(row.get("document"))?,
        before: before.map(serde_json::from_str).transpose()?,
        proposed_by: row.get("proposed_by"),
        proposed_at: from_millis(row.get("proposed_at")),
        decided_by: row.get("decided_by"),
        decided_at: row.get::<Option<i64>, _>("decided_at").map(from_millis),
        outcome: row.get::<Option<&str>, _>("outcome").and_then(Ending::parse),
    })
}

fn route_change(row: &SqliteRow) -> RouteChange {
    RouteChange {
        broadcast_id: row.get("broadcast_id"),
        route_id: row.get("route_id"),
        need: row.get("need"),
        what: RouteChangeKind::parse(row.get("what")),
        at: from_millis(row.get("at")),
    }
}

impl Store {
    /// Writes a proposal. Where there has never been a second person it counts at once.
    ///
    /// # Errors
    /// Then, as [`Store::accept_proposal`]; the database's.
    pub async fn add_proposal(
        &self,
        noun: Noun,
        target: Option<i64>,
        change: &Change,
        before: Option<&Change>,
        by: Option<i64>,
        entry: &audit::Entry<'_>,
    ) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO proposal (noun, target_id, document, before, proposed_by, proposed_at)
             VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(noun.as_str())
        .bind(target)
        .bind(serde_json::to_string(change)?)
        .bind(before.map(serde_json::to_string).transpose()?)
        .bind(by)
        .bind(millis(entry.at))
        .fetch_one(&mut *tx)
        .await?;
        let subject = format!("proposal:{id}");
        audit::append(&mut tx, &audit::Entry { subject: &subject, ..entry.clone() }).await?;
        let people: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM person").fetch_one(&mut *tx).await?;
        if people <= 1 {
            let detail = serde_json::json!({ "alone": true });
            let alone = audit::Entry { action: "proposal.accept", subject: &subject, detail, ..entry.clone() };
            accept(&mut tx, id, None, &alone).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// One proposal.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn proposal(&self, id: i64) -> Result<Proposal> {
        let row = sqlx::query("SELECT * FROM proposal WHERE id = ?").bind(id).fetch_optional(self.read()).await?;
        row.as_ref().map_or(Err(StoreError::Missing("proposal")), proposal)
    }

    /// The proposals that wait, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_proposals(&self) -> Result<Vec<Proposal>> {
        let rows =
            sqlx::query("SELECT * FROM proposal WHERE outcome IS NULL ORDER BY id").fetch_all(self.read()).await?;
        rows.iter().map(proposal).collect()
    }

    /// Makes a proposal count.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for one that is decided, or whose target was changed since; [`StoreError::Taken`] for a
    /// component's name; [`StoreError::Missing`].
    pub async fn accept_proposal(&self, id: i64, by: i64, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        accept(&mut tx, id, Some(by), entry).await?;
        Ok(tx.commit().await?)
    }

    /// Ends a proposal without it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] for one that is decided.
    pub async fn end_proposal(&self, id: i64, by: Option<i64>, ending: Ending, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        end(&mut tx, id, by, ending, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Says that a contact route is overloaded, or no longer; and notes it for what waits.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn load_route(&self, id: i64, overloaded: bool, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let known = one_route(&mut tx, id).await?;
        sqlx::query("UPDATE contact_route SET overloaded = ?, updated_at = ? WHERE id = ?")
            .bind(overloaded)
            .bind(millis(entry.at))
            .bind(id)
            .execute(&mut *tx)
            .await?;
        let what = if overloaded { RouteChangeKind::Overloaded } else { RouteChangeKind::Free };
        note(&mut tx, &known, what, entry.at).await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// What changed of contact routes since a broadcast was submitted: the last change of each.
    ///
    /// # Errors
    /// The database's.
    pub async fn route_changes(&self, broadcast_id: i64) -> Result<Vec<RouteChange>> {
        let rows = sqlx::query(
            "SELECT * FROM route_change WHERE id IN (
               SELECT MAX(id) FROM route_change WHERE broadcast_id = ? GROUP BY route_id) ORDER BY id",
        )
        .bind(broadcast_id)
        .fetch_all(self.read())
        .await?;
        Ok(rows.iter().map(route_change).collect())
    }

    /// Takes the next word to an approver, about something that still waits. It is noted as sent before it goes.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_route_call(&self, now: Timestamp) -> Result<Option<RouteCall>> {
        let due = sqlx::query(
            "SELECT r.*, c.change_id, c.person_id, c.channel FROM route_call c JOIN route_change r ON r.id = c.change_id
             JOIN broadcast b ON b.id = r.broadcast_id AND b.state = 'submitted'
             WHERE c.sent_at IS NULL ORDER BY c.change_id, c.person_id, c.channel LIMIT 1",
        )
        .fetch_optional(self.read())
        .await?;
        let Some(row) = due else { return Ok(None) };
        let (person_id, code): (i64, i64) = (row.get("person_id"), row.get("channel"));
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE route_call SET sent_at = ? WHERE change_id = ? AND person_id = ? AND channel = ?")
            .bind(millis(now))
            .bind(row.get::<i64, _>("change_id"))
            .bind(person_id)
            .bind(code)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(RouteCall { change: route_change(&row), person_id, channel: channel_of(code) }))
    }
}

async fn end(
    tx: &mut SqliteConnection,
    id: i64,
    by: Option<i64>,
    ending: Ending,
    entry: &audit::Entry<'_>,
) -> Result<()> {
    let ended =
        sqlx::query("UPDATE proposal SET outcome = ?, decided_by = ?, decided_at = ? WHERE id = ? AND outcome IS NULL")
            .bind(ending.as_str())
            .bind(by)
            .bind(millis(entry.at))
            .bind(id)
            .execute(&mut *tx)
            .await?;
    if ended.rows_affected() == 0 {
        return Err(StoreError::Conflict("this proposal was decided already".to_owned()));
    }
    audit::append(tx, entry).await
}

async fn accept(tx: &mut SqliteConnection, id: i64, by: Option<i64>, entry: &audit::Entry<'_>) -> Result<()> {
    end(tx, id, by, Ending::Accepted, entry).await?;
    let row = sqlx::query("SELECT * FROM proposal WHERE id = ?").bind(id).fetch_one(&mut *tx).await?;
    let proposal = proposal(&row)?;
    if let (Some(target), Some(before)) = (proposal.target_id, &proposal.before) {
        let current = match proposal.noun {
            Noun::Component => Change::Component(one_component(tx, target).await?),
            Noun::ContactRoute => Change::ContactRoute((&one_route(tx, target).await?).into()),
        };
        if !current.says_the_same(before) {
            let detail =
                "it was changed after this was proposed; decline this, and propose it again from what it says now";
            return Err(StoreError::Conflict(detail.to_owned()));
        }
    }
    let target = match (&proposal.document, proposal.noun) {
        (Change::Component(text), _) => put_component(tx, proposal.target_id, text, entry.at).await?,
        (Change::ContactRoute(text), _) => put_route(tx, proposal.target_id, text, entry.at).await?,
        (Change::Remove {}, noun) => {
            let target = proposal.target_id.ok_or(StoreError::Missing("proposal's target"))?;
            remove(tx, noun, target, entry.at).await?;
            target
        }
    };
    sqlx::query("UPDATE proposal SET target_id = ? WHERE id = ?").bind(target).bind(id).execute(tx).await?;
    Ok(())
}

async fn one_component(tx: &mut SqliteConnection, id: i64) -> Result<ComponentText> {
    let row = sqlx::query("SELECT name, description, group_name, position FROM component WHERE id = ?")
        .bind(id)
        .fetch_optional(tx)
        .await?
        .ok_or(StoreError::Missing("component"))?;
    Ok(ComponentText {
        name: row.get("name"),
        description: row.get("description"),
        group: row.get("group_name"),
        position: row.get("position"),
    })
}

async fn one_route(tx: &mut SqliteConnection, id: i64) -> Result<ContactRoute> {
    let row = sqlx::query("SELECT document, overloaded, position FROM contact_route WHERE id = ?")
        .bind(id)
        .fetch_optional(tx)
        .await?
        .ok_or(StoreError::Missing("contact route"))?;
    let route: ContactRoute = serde_json::from_str(row.get("document"))?;
    Ok(ContactRoute { id, overloaded: row.get("overloaded"), position: row.get("position"), ..route })
}

/// A component's status is not touched: updates say it.
async fn put_component(tx: &mut SqliteConnection, id: Option<i64>, text: &ComponentText, at: Timestamp) -> Result<i64> {
    let id: Option<i64> = sqlx::query_scalar(if id.is_some() {
        "UPDATE component SET name = ?2, description = ?3, group_name = ?4, updated_at = ?5 WHERE id = ?1 RETURNING id"
    } else {
        "INSERT INTO component (name, description, group_name, created_at, updated_at)
         VALUES (?2, ?3, ?4, ?5, ?5) RETURNING id"
    })
    .bind(id)
    .bind(&text.name)
    .bind(&text.description)
    .bind(&text.group)
    .bind(millis(at))
    .fetch_optional(&mut *tx)
    .await
    .map_err(taken("component with this name"))?;
    let id = id.ok_or(StoreError::Missing("component"))?;
    place(tx, Noun::Component, id, text.position).await?;
    Ok(id)
}

async fn put_route(tx: &mut SqliteConnection, id: Option<i64>, text: &RouteText, at: Timestamp) -> Result<i64> {
    let route = ContactRoute {
        need: text.need.clone(),
        how: text.how.clone(),
        label: text.label.clone(),
        hours: text.hours.clone(),
        overloaded_wording: text.overloaded_wording.clone(),
        ..ContactRoute::default()
    };
    let before = match id {
        Some(id) => Some(one_route(tx, id).await?),
        None => None,
    };
    let id: Option<i64> = sqlx::query_scalar(if id.is_some() {
        "UPDATE contact_route SET document = ?2, updated_at = ?3 WHERE id = ?1 RETURNING id"
    } else {
        "INSERT INTO contact_route (document, updated_at) VALUES (?2, ?3) RETURNING id"
    })
    .bind(id)
    .bind(serde_json::to_string(&route)?)
    .bind(millis(at))
    .fetch_optional(&mut *tx)
    .await?;
    let id = id.ok_or(StoreError::Missing("contact route"))?;
    place(tx, Noun::ContactRoute, id, text.position).await?;
    if let Some(before) = before {
        note(tx, &before, RouteChangeKind::Changed, at).await?;
    }
    Ok(id)
}

async fn remove(tx: &mut SqliteConnection, noun: Noun, id: i64, at: Timestamp) -> Result<()> {
    let (statement, what) = match noun {
        Noun::Component => ("DELETE FROM component WHERE id = ?", "component"),
        Noun::ContactRoute => {
            let before = one_route(tx, id).await?;
            note(tx, &before, RouteChangeKind::Removed, at).await?;
            ("DELETE FROM contact_route WHERE id = ?", "contact route")
        }
    };
    match sqlx::query(statement).bind(id).execute(tx).await?.rows_affected() {
        0 => Err(StoreError::Missing(what)),
        _ => Ok(()),
    }
}

/// Puts one at its place in the list; the others make room. Lists are a handful.
async fn place(tx: &mut SqliteConnection, noun: Noun, id: i64, position: i64) -> Result<()> {
    let (read, write) = match noun {
        Noun::Component => {
            ("SELECT id FROM component ORDER BY position, id", "UPDATE component SET position = ? WHERE id = ?")
        }
        Noun::ContactRoute => {
            ("SELECT id FROM contact_route ORDER BY position, id", "UPDATE contact_route SET position = ? WHERE id = ?")
        }
    };
    let mut ids: Vec<i64> = sqlx::query_scalar(read).fetch_all(&mut *tx).await?;
    ids.retain(|other| *other != id);
    let at = usize::try_from(position).unwrap_or_default().min(ids.len());
    ids.insert(at, id);
    for (position, id) in ids.into_iter().enumerate() {
        sqlx::query(write).bind(position as i64).bind(id).execute(&mut *tx).await?;
    }
    Ok(())
}

/// Notes a change for each update that waits and names this route; whoever was called about it, or has opened it, is told.
/// Practice reaches no provider, so only its page says it.
async fn note(tx: &mut SqliteConnection, route: &ContactRoute, what: RouteChangeKind, at: Timestamp) -> Result<()> {
    let waiting = sqlx::query(
        "SELECT b.id, b.exercise, v.content FROM broadcast b
         JOIN update_version v ON v.update_id = b.update_id AND v.version = b.version WHERE b.state = 'submitted'",
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in &waiting {
        let content: Content = serde_json::from_str(row.get("content"))?;
        if !content.contact_routes.is_empty() && !content.contact_routes.contains(&route.id) {
            continue;
        }
        let broadcast: i64 = row.get("id");
        // What was not sent yet is said by what is newer.
        sqlx::query(
            "DELETE FROM route_call WHERE sent_at IS NULL AND change_id IN (
               SELECT id FROM route_change WHERE broadcast_id = ? AND route_id = ?)",
        )
        .bind(broadcast)
        .bind(route.id)
        .execute(&mut *tx)
        .await?;
        let change: i64 = sqlx::query_scalar(
            "INSERT INTO route_change (broadcast_id, route_id, need, what, at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(broadcast)
        .bind(route.id)
        .bind(in_locale(&route.need, "en", "en"))
        .bind(what.as_str())
        .bind(millis(at))
        .fetch_one(&mut *tx)
        .await?;
        if !row.get::<bool, _>("exercise") {
            sqlx::query(
                "INSERT INTO route_call (change_id, person_id, channel)
                 SELECT ?1, person_id, channel FROM summons WHERE broadcast_id = ?2 AND sent_at IS NOT NULL AND failed = 0
                 UNION SELECT ?1, person_id, ?3 FROM opened WHERE broadcast_id = ?2",
            )
            .bind(change)
            .bind(broadcast)
            .bind(channel_code(Channel::Email))
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}
