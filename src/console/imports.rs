//! The list of people from a file: sent, read as it arrives, and what came of it.

use std::io;

use axum::{
    extract::{Multipart, Path, multipart::Field},
    http::header,
    response::IntoResponse as _,
};
use futures_util::TryStreamExt as _;
use serde_json::json;

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    people,
    time::Times,
    words::text,
};
use crate::{
    audience::import,
    people::{Role, Scope, credentials},
    problem::Problem,
};

/// Bad lines on the page; the file to download has the rest.
const SHOWN: usize = 20;

/// The longest field besides the file, in bytes.
const SHORT: usize = 1_024;

/// Where the file is chosen.
pub(super) async fn form(desk: Desk) -> Answer {
    let refreshed = desk.app.store.audience_refreshed_at().await?.map(|at| Times::of(&desk.app).full(at));
    let frame = Frame { template: "import_form", nav: "people", title: text!("import-form-heading"), exercise: false };
    page::show(&desk, &frame, json!({ "refreshed": refreshed })).await
}

/// Takes the file. Its fields come in the order of the form: the token, how, and then the file, which is read as it
/// arrives.
pub(super) async fn take(desk: Desk, mut parts: Multipart) -> Answer {
    let broken = |_| Problem::unreadable(text!("import-form-broken"));
    let (mut ours, mut replace) = (false, false);
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default() {
            "csrf" => {
                let sent = short(field).await?;
                ours = credentials::same(sent.as_bytes(), desk.csrf().as_bytes());
            }
            "replace" => replace = short(field).await? == "1",
            "file" if !ours => break,
            "file" if field.file_name().is_none_or(str::is_empty) => {
                return Err(Problem::invalid("/file", text!("import-form-no-file")).into());
            }
            "file" => {
                let bytes = field.map_err(io::Error::other);
                let outcome = import::import(&desk.app, &desk.actor, bytes, replace).await;
                return match outcome {
                    Ok(summary) => page::to(&format!("/console/imports/{}", summary.import)),
                    Err(problem) => refused(&desk, &problem).await,
                };
            }
            _ => {}
        }
    }
    if !ours {
        return Err(Problem::forbidden(text!("import-form-not-yours")).into());
    }
    Err(Problem::invalid("/file", text!("import-form-no-file")).into())
}

/// The text of a field of the form. The route bounds no body, because of the file; what stands before it is short.
async fn short(mut field: Field<'_>) -> Result<String, Problem> {
    let mut text = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|_| Problem::unreadable(text!("import-form-broken-form")))? {
        if text.len() + piece.len() > SHORT {
            return Err(Problem::too_large(text!("import-form-too-long")));
        }
        text.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// An import that ended early is remembered too, with the lines that could not be used.
async fn refused(desk: &Desk, problem: &Problem) -> Answer {
    match problem.more.get("import").and_then(serde_json::Value::as_i64) {
        Some(id) => account(desk, id, Some(problem)).await,
        None => Err(problem.clone().into()),
    }
}

/// What came of it.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    account(&desk, id, None).await
}

async fn account(desk: &Desk, id: i64, problem: Option<&Problem>) -> Answer {
    let times = Times::of(&desk.app);
    let import = desk.app.store.import(id).await?;
    let lines: Vec<_> = import.bad_lines.iter().take(SHOWN).collect();
    let body = json!({
        "id": id, "good": import.good, "bad": import.bad, "removed": import.removed, "lines": lines,
        "more": import.bad - lines.len() as i64, "by": people::who(desk, &import.started_by).await?,
        "at": times.full(import.ended_at.unwrap_or(import.started_at)),
        "took": import.ended_at.map(|end| super::time::length(end.duration_since(import.started_at).as_secs().max(0).unsigned_abs())),
        "problem": problem.map(|problem| problem.detail.clone()),
    });
    let title = if problem.is_some() { text!("import-heading-early") } else { text!("import-heading") };
    let frame = Frame { template: "import", nav: "people", title, exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| axum::http::StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// The bad lines as a file: the number of each line and why it was not taken, without its values.
pub(super) async fn bad_lines(desk: Desk, Path(id): Path<i64>) -> Answer {
    desk.app.may(&desk.actor, Role::Viewer, Scope::Audience.as_str())?;
    let import = desk.app.store.import(id).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = import.bad_lines.iter().map(|bad| [bad.line.to_string(), bad.reason.clone()]);
    let mut all = std::iter::once(["line".to_owned(), "reason".to_owned()]).chain(rows);
    all.try_for_each(|row| writer.write_record(row)).map_err(|_| Problem::internal())?;
    let bytes = writer.into_inner().map_err(|_| Problem::internal())?;
    let name = format!("attachment; filename=\"import-{id}-bad-lines.csv\"");
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}
