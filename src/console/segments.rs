//! Who gets it: every segment, and how many people are in it now.

use serde_json::json;

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    words::text,
};
use crate::{
    audience::filter::{self, Filter},
    problem::Problem,
    store::plan::Audience,
};

/// Every segment.
pub(super) async fn list(desk: Desk) -> Answer {
    let mut rows = Vec::new();
    for segment in desk.app.store.segments().await? {
        let people = match filter::parse(&segment.filter) {
            Ok(filter) => Some(people(&desk, filter).await?.0),
            Err(_) => None,
        };
        rows.push(json!({ "id": segment.id, "name": segment.name, "filter": segment.filter, "people": people }));
    }
    let body = json!({ "rows": rows, "count": desk.app.store.recipient_count().await? });
    let frame = Frame { template: "segments", nav: "people", title: text!("segments-title"), exercise: false };
    page::show(&desk, &frame, body).await
}

/// How many people a filter finds now, and how many of them have no address that may be written to.
pub(super) async fn people(desk: &Desk, filter: Filter) -> Result<(i64, i64), Problem> {
    let channels = desk.app.channels().into_iter().filter(|channel| channel.is_personal()).collect();
    let audience = Audience { variants: vec![filter], channels, required_by_law: false };
    let count = desk.app.store.count_audience(&audience, desk.app.world.clock.now()).await?;
    Ok((count.by_variant.iter().sum(), count.unreached))
}
