//! Who gets nothing: the people behind a number of Write and Approve, with the reason of each; and as a file.

use axum::{
    body::Body,
    extract::{Path, Query},
    http::header,
    response::IntoResponse as _,
};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    words::{say, spoken_while, text, word},
};
use crate::{
    compose::draft::Draft,
    people::Role,
    plan::nothing,
    problem::Problem,
    store::nothing::{LeftOut, Nothing},
};

/// People on a page.
const SHOWN: usize = 50;
/// People that are read at once for a file.
const AT_ONCE: usize = 1_000;

/// Which list, and where it goes on.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    on: String,
    #[serde(default)]
    after: i64,
}

/// A page of the list.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Answer {
    let on = if asked.on.is_empty() { "at_all" } else { asked.on.as_str() };
    let which = nothing::which(on)?;
    let mut people = nothing::list(&desk.app, &desk.actor, id, which, asked.after, SHOWN + 1).await?;
    let more = people.len() > SHOWN;
    people.truncate(SHOWN);
    let draft = Draft::read(&desk.app, id, None).await?;
    let tab = |name: &str| json!({ "name": name, "label": say("nothing", name), "here": name == on });
    let channels = draft.channels.iter().filter(|channel| channel.is_personal()).map(|channel| channel.as_str());
    let tabs: Vec<Value> = ["at_all"].into_iter().chain(channels).chain(["in_none"]).map(tab).collect();
    let body = json!({
        "id": id, "number": draft.update.number, "incident": draft.incident.title, "on": on, "tabs": tabs,
        "label": say("nothing", on), "first": asked.after == 0, "may": desk.person.role >= Role::Author,
        "rows": people.iter().map(|left| json!({ "id": left.id, "name": left.name, "customer": left.customer_id, "why": why(left, which) })).collect::<Vec<_>>(),
        "next": people.last().filter(|_| more).map(|left| left.id),
        "waits": draft.update.state == crate::approve::State::Submitted,
    });
    let exercise = draft.incident.exercise;
    let title = text!("left_out-head", on = say("nothing", on));
    page::show(&desk, &Frame { template: "nothing", nav: "write", title, exercise }, body).await
}

/// The reasons in words, by channel where there are several.
fn why(left: &LeftOut, which: Nothing) -> String {
    if which == Nothing::InNone {
        return say("nothing", "no_group").to_owned();
    }
    let words = |reason: &String| match reason.as_str() {
        "no_address" => say("nothing", "no_address").to_owned(),
        reason => say("reason", reason).to_lowercase(),
    };
    let of = left.why.iter().map(|(channel, reasons)| {
        let reasons: Vec<String> = reasons.iter().map(words).collect();
        format!("{}: {}", say("channel", channel.as_str()), reasons.join(&*word("list-comma")))
    });
    of.collect::<Vec<_>>().join("; ")
}

/// The whole list as CSV, written as it is read.
pub(super) async fn file(desk: Desk, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Answer {
    let which = nothing::which(&asked.on)?;
    nothing::note_download(&desk.app, &desk.actor, id, &asked.on).await?;
    // A list that cannot be read is refused before the file begins.
    let first = nothing::list(&desk.app, &desk.actor, id, which, 0, AT_ONCE).await?;
    let name = format!("attachment; filename=\"update-{id}-nothing-{}.csv\"", asked.on);
    let pages = stream::try_unfold((desk, Some(first), true), move |(desk, people, head)| async move {
        let Some(people) = people else { return Ok(None) };
        let bytes = rows(&people, which, head)?;
        let next = match people.last().filter(|_| people.len() == AT_ONCE) {
            Some(left) => Some(nothing::list(&desk.app, &desk.actor, id, which, left.id, AT_ONCE).await?),
            None => None,
        };
        Ok::<_, Problem>(Some((bytes, (desk, next, false))))
    });
    let head = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((head, Body::from_stream(spoken_while(pages.boxed()))).into_response())
}

fn rows(people: &[LeftOut], which: Nothing, head: bool) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let title = ["customer_id", "name", "why"].map(str::to_owned);
    let rows = people.iter().map(|left| [left.customer_id.clone(), left.name.clone(), why(left, which)]);
    for row in head.then_some(title).into_iter().chain(rows) {
        writer.write_record(row.iter().map(|cell| plain(cell))).map_err(|_| Problem::internal())?;
    }
    writer.into_inner().map_err(|_| Problem::internal())
}

/// A cell that no table program takes for a formula (OWASP, CSV injection): an apostrophe before what would begin one.
fn plain(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_cell_begins_a_formula() {
        for begun in ["=1+1", "+1", "-1", "@x", "\t=1"] {
            assert_eq!(plain(begun), format!("'{begun}"));
        }
        assert_eq!(plain("O'Hara = 1"), "O'Hara = 1");
    }
}
