//! An exercise: how it goes, its end, and its score beside the ones before.

use axum::extract::Path;
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    time::{Times, length},
    words::text,
};
use crate::{api::auth, people::Role, problem::Problem, store::exercises::Score, track::exercise};

/// Earlier exercises beside this one.
const BESIDE: usize = 7;
/// Exercises in the list.
const MOST: i64 = 100;

/// Something that is measured, by its name for people.
type Measure<T> = (fn() -> String, fn(&Score) -> T);

/// The times, in the order of an exercise.
const TIMES: [Measure<Option<i64>>; 4] = [
    (|| text!("exercise-first-draft"), |score| score.first_draft),
    (|| text!("exercise-approval"), |score| score.approval),
    (|| text!("exercise-first-message"), |score| score.first_message),
    (|| text!("exercise-last-message"), |score| score.last_message),
];
const COUNTS: [Measure<i64>; 2] =
    [(|| text!("exercise-kept"), |score| score.kept), (|| text!("exercise-blocked"), |score| score.blocked)];

/// How an exercise goes, or went.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let (app, times) = (&desk.app, Times::of(&desk.app));
    auth::may_see(app, &desk.actor, id).await?;
    let score = exercise::score(app, id).await?;
    let incident = app.store.incident(id).await?;
    let by = match score.ended_by {
        Some(id) => Some(app.store.person(id).await?.name),
        None => None,
    };
    let before = earlier(&desk, &score).await?;
    let tiles = TIMES.iter().map(|(label, of)| tile(&label(), of(&score), before.first().and_then(of)));
    let counts = COUNTS.iter().map(|(label, of)| json!({ "label": label(), "n": of(&score) }));
    let rows = TIMES.iter().map(|(label, of)| {
        let cells: Vec<Option<i64>> = std::iter::once(&score).chain(&before).map(of).collect();
        json!({ "label": label(), "cells": cells.iter().map(|cell| cell.map_or("–".to_owned(), written)).collect::<Vec<_>>(),
            "spark": spark(&cells), "said": said(&cells) })
    });
    let counted = COUNTS.iter().map(|(label, of)| {
        let cells: Vec<String> = std::iter::once(&score).chain(&before).map(|score| of(score).to_string()).collect();
        json!({ "label": label(), "cells": cells, "spark": null, "said": "" })
    });
    let dates =
        before.iter().filter_map(|score| Some(json!({ "id": score.incident_id, "at": times.near(score.ended_at?) })));
    let body = json!({
        "id": id,
        "title": incident.title,
        "began": times.full(score.began_at),
        "took": length(score.ended_at.unwrap_or(times.now).duration_since(score.began_at).as_secs().unsigned_abs()),
        "ended": score.ended_at.map(|at| times.full(at)),
        "by": by,
        "tiles": tiles.collect::<Vec<_>>(),
        "counts": counts.collect::<Vec<_>>(),
        "rows": rows.chain(counted).collect::<Vec<_>>(),
        "dates": dates.collect::<Vec<_>>(),
    });
    let title = text!("exercise-heading", ended = score.ended_at.is_some().to_string());
    let frame = Frame { template: "exercise", nav: "now", title, exercise: true };
    page::show(&desk, &frame, body).await
}

/// Ends it.
pub(super) async fn end(desk: Desk, Path(id): Path<i64>) -> Answer {
    auth::may_see(&desk.app, &desk.actor, id).await?;
    exercise::end(&desk.app, &desk.actor, id).await?;
    page::to(&format!("/console/exercises/{id}"))
}

/// Every exercise with its score.
pub(super) async fn list(desk: Desk) -> Answer {
    let (app, times) = (&desk.app, Times::of(&desk.app));
    let mut rows = Vec::new();
    for score in app.store.exercise_scores(None, MOST).await? {
        if auth::may_see(app, &desk.actor, score.incident_id).await.is_ok() {
            let cells = TIMES.iter().map(|(_, of)| of(&score).map_or("–".to_owned(), written));
            rows.push(json!({ "id": score.incident_id, "title": app.store.incident(score.incident_id).await?.title,
                "ended": score.ended_at.map(|at| times.full(at)), "cells": cells.collect::<Vec<_>>(),
                "kept": score.kept, "blocked": score.blocked }));
        }
    }
    let labels: Vec<String> = TIMES.iter().map(|(label, _)| label()).collect();
    let frame = Frame { template: "exercises", nav: "history", title: text!("exercises-heading"), exercise: false };
    let body = json!({ "rows": rows, "labels": labels, "may": desk.person.role >= Role::Author });
    page::show(&desk, &frame, body).await
}

/// The score of an exercise in a few words, for lists: the time that customers would have waited.
pub(super) fn in_words(score: &Score) -> String {
    match score.first_message {
        Some(seconds) => text!("exercise-first-reader", length = written(seconds)),
        None => text!("exercise-nobody-reached"),
    }
}

/// The exercises that ended before this one, the last first.
async fn earlier(desk: &Desk, score: &Score) -> Result<Vec<Score>, Problem> {
    let mut found = Vec::new();
    for other in desk.app.store.exercise_scores(score.ended_at, MOST).await? {
        if found.len() < BESIDE && auth::may_see(&desk.app, &desk.actor, other.incident_id).await.is_ok() {
            found.push(other);
        }
    }
    Ok(found)
}

/// One time, large, and how it compares with the last exercise.
fn tile(label: &str, seconds: Option<i64>, last: Option<i64>) -> Value {
    let than = seconds.zip(last).map(|(now, last)| match now - last {
        0 => (text!("exercise-as-long"), ""),
        more @ 1.. => (text!("exercise-longer", length = written(more)), "longer"),
        less => (text!("exercise-faster", length = written(-less)), "faster"),
    });
    let class = than.as_ref().map_or("", |(_, class)| class);
    json!({ "label": label, "figure": seconds.map(written), "than": than.as_ref().map(|(text, _)| text), "class": class })
}

/// "4 min 12 s": an exercise is measured closer than a clock is read.
fn written(seconds: i64) -> String {
    match seconds {
        60..3600 if seconds % 60 > 0 => {
            text!("exercise-minutes-seconds", minutes = seconds / 60, seconds = seconds % 60)
        }
        _ => length(seconds.unsigned_abs()),
    }
}

/// Bars, the earliest at the left and this one at the right: heights and places in percent.
fn spark(cells: &[Option<i64>]) -> Option<Vec<Value>> {
    let most = cells.iter().flatten().max().copied().filter(|_| cells.iter().flatten().count() > 1)?.max(1) as f64;
    let wide = 100.0 / cells.len() as f64;
    let bar = |(place, cell): (usize, &Option<i64>)| {
        let height = ((*cell)? as f64 * 100.0 / most).max(3.0);
        Some(json!({ "x": format!("{:.2}%", place as f64 * wide), "width": format!("{:.2}%", wide * 0.8),
            "y": format!("{:.2}%", 100.0 - height), "height": format!("{height:.2}%"), "own": place + 1 == cells.len() }))
    };
    Some(cells.iter().rev().enumerate().filter_map(bar).collect())
}

/// The same for who cannot see it.
fn said(cells: &[Option<i64>]) -> String {
    let said = cells.iter().rev().map(|cell| cell.map_or_else(|| text!("exercise-not-reached"), written));
    said.reduce(|before, next| text!("exercise-then", before = before, next = next)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_compared_with_the_last_one_and_written_to_the_second() {
        assert_eq!([5, 60, 252, 3600].map(written), ["5 s", "1 min", "4 min 12 s", "1 h"]);
        let than = |now, last| tile("", now, last)["than"].as_str().map(str::to_owned);
        assert_eq!(than(Some(60), Some(90)).as_deref(), Some("30 s faster than last time"));
        assert_eq!(than(Some(90), Some(60)).as_deref(), Some("30 s longer than last time"));
        assert_eq!((than(Some(90), None), than(None, Some(1))), (None, None));
        let bars = spark(&[Some(50), None, Some(100)]).unwrap();
        assert_eq!((bars.len(), &bars[0]["height"], &bars[1]["height"]), (2, &json!("100.00%"), &json!("50.00%")));
        assert!(bars[1]["own"] == true && spark(&[Some(5), None]).is_none(), "one bar compares nothing");
    }
}
