//! Readers' sign-offs, and notes on passages, as the page shows and sends them.

use serde_json::{Value, json};

use super::{
    super::{
        enter::Desk,
        form::Form,
        time::Times,
        words::{text, word as written},
    },
    Reading,
};
use crate::{
    approve::{
        notes::Given,
        sign::{self, Word},
    },
    problem::Problem,
    store::broadcasts::Broadcast,
};

/// Who has to sign, who did, and what was said beside it.
pub(super) async fn view(desk: &Desk, times: &Times, broadcast: &Broadcast) -> Result<Value, Problem> {
    let app = &desk.app;
    let mut names = std::collections::BTreeMap::new();
    for person in app.store.people().await? {
        names.insert(person.id, person.name);
    }
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for required in sign::required(app, broadcast).await? {
        let may = sign::may_sign(app, &desk.actor, broadcast.update_id, &required.name).await.is_ok();
        rows.push(json!({
            "name": required.name,
            "since": times.near(required.since),
            "away": times.away(required.since),
            "people": required.people.iter().map(|id| name(*id)).collect::<Vec<_>>().join(&*written("list-comma")),
            "mine": may && required.signed.is_none(),
            "signed": required.signed.map(|said| json!({ "by": name(said.person_id), "at": times.near(said.at), "remark": said.remark })),
        }));
    }
    let said = app.store.said(broadcast.id).await?;
    let remarks: Vec<Value> = said
        .iter()
        .filter(|said| !said.signed)
        .map(|said| json!({ "name": said.name, "by": name(said.person_id), "at": times.near(said.at), "text": said.remark }))
        .collect();
    let awaited: Vec<&str> =
        rows.iter().filter(|row| row["signed"].is_null()).filter_map(|row| row["name"].as_str()).collect();
    Ok(json!({ "awaited": awaited.join(&*written("list-and")), "rows": rows, "remarks": remarks }))
}

/// What a reader's button says; None for the other buttons.
pub(super) fn word(form: &Form) -> Option<Word> {
    let (what, name) = form.get("action").split_once(':')?;
    let sign = match what {
        "sign" => true,
        "remark" => false,
        _ => return None,
    };
    Some(Word {
        name: name.to_owned(),
        digest: form.get("digest").to_owned(),
        sign,
        remark: form.get(&format!("remark.{name}")).to_owned(),
    })
}

/// The notes that were typed.
///
/// # Errors
/// 422 for words that are quoted without a note.
pub(super) fn notes(readings: &[Reading], form: &Form) -> Result<Vec<Given>, Problem> {
    let mut given = Vec::new();
    for reading in readings {
        let (quote, text) = (form.get(&format!("quote.{}", reading.key)), form.get(&format!("note.{}", reading.key)));
        if quote.is_empty() && text.is_empty() {
            continue;
        }
        if text.is_empty() {
            return Err(Problem::invalid("/notes", text!("approve-note-empty", quote = quote)));
        }
        given.push(Given {
            message: reading.text.message,
            variant: reading.variant,
            channel: reading.text.channel,
            locale: reading.text.locale.clone(),
            quote: quote.to_owned(),
            text: text.to_owned(),
        });
    }
    Ok(given)
}
