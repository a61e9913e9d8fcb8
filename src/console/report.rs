//! Report: what customers were told in a month, by part of the service; to read, to print, and as a file.

use axum::{extract::Query, http::header, response::IntoResponse as _};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    time::{length, number},
    words::{say, text},
};
use crate::{
    people::Role,
    problem::Problem,
    report::{self, Line, Report},
};

/// Which report.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    month: String,
    #[serde(default)]
    exercises: String,
}

impl Asked {
    async fn report(&self, desk: &Desk) -> Result<Report, Problem> {
        report::of(&desk.app, &self.month, !self.exercises.is_empty()).await
    }
}

/// The page.
pub(super) async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let report = asked.report(&desk).await?;
    let mut rows: Vec<Value> = report.components.iter().map(|part| row(&part.name, &part.line)).collect();
    if rows.len() > 1 {
        rows.push(row("", &report.whole));
        rows.last_mut().expect("it was just put there")["total"] = json!(true);
    }
    let body = json!({
        "rows": rows,
        "whole": row("", &report.whole),
        "month": named(&report.month),
        "key": report.month,
        "before": report.before,
        "after": report.after,
        "exercises": report.exercises,
        "cut": report.cut,
        "may_file": desk.person.role >= Role::Author,
    });
    let title = text!("report-title", month = named(&report.month));
    let frame = Frame { template: "report", nav: "history", title, exercise: report.exercises };
    page::show(&desk, &frame, body).await
}

/// "November 2026".
fn named(month: &str) -> String {
    let day: Option<jiff::civil::Date> = format!("{month}-01").parse().ok();
    let Some(day) = day else { return month.to_owned() };
    let month = say("month", &day.month().to_string()).to_owned();
    text!("report-month", month = month, year = day.year().to_string())
}

fn row(name: &str, line: &Line) -> Value {
    let seconds = |seconds: i64| length(seconds.max(0).unsigned_abs());
    json!({
        "name": name,
        "total": false,
        "incidents": number(line.incidents),
        "updates": number(line.updates),
        "corrections": number(line.corrections),
        "kept": number(line.promises_kept),
        "holding": number(line.promises_by_holding),
        "by_holding": line.promises_by_holding > 0,
        "late": number(line.promises_late),
        "missed": number(line.promises_missed),
        "is_missed": line.promises_missed > 0,
        "is_late": line.promises_late > 0,
        "first": line.first_update_seconds.map(seconds),
        "messages": number(line.messages),
        "handed": number(line.handed_over),
        "confirmed": number(line.confirmed),
    })
}

/// The same as a file.
pub(super) async fn file(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "read")?;
    let report = asked.report(&desk).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = [
        "month",
        "part",
        "incidents",
        "updates",
        "corrections",
        "promises_kept",
        "promises_late",
        "first_update_seconds",
        "messages",
        "handed_over",
        "confirmed",
        "promises_by_holding",
        "promises_missed",
    ];
    let mut written = writer.write_record(head);
    let parts = report
        .components
        .iter()
        .map(|part| (if part.name.is_empty() { "(none)" } else { part.name.as_str() }, &part.line));
    for (name, line) in parts.chain([("(all)", &report.whole)]) {
        let numbers = [line.incidents, line.updates, line.corrections, line.promises_kept, line.promises_late];
        let mut row = vec![report.month.clone(), harmless(name)];
        row.extend(numbers.map(|n| n.to_string()));
        row.push(line.first_update_seconds.map(|n| n.to_string()).unwrap_or_default());
        let more = [line.messages, line.handed_over, line.confirmed, line.promises_by_holding, line.promises_missed];
        row.extend(more.map(|n| n.to_string()));
        written = written.and_then(|()| writer.write_record(row));
    }
    written.map_err(|_| Problem::internal())?;
    let bytes = writer.into_inner().map_err(|_| Problem::internal())?;
    let name = format!("attachment; filename=\"report-{}.csv\"", report.month);
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}

/// A spreadsheet takes a cell that begins so for a formula.
fn harmless(name: &str) -> String {
    let formula = name.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_formula() {
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!((harmless("@x"), harmless("Payments")), ("'@x".to_owned(), "Payments".to_owned()));
        assert_eq!(named("2026-11"), "November 2026");
    }
}
