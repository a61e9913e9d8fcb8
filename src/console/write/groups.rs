//! What each group is told, side by side, with the proof of who is in which.

use axum::extract::{Path, Query};
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    texts,
    words::{say, text},
};
use crate::{
    audience::listed::OnList,
    compose::{content::Subscribers, draft::Draft},
    preview::{self, Preview},
    problem::Problem,
    render::MessageKind,
};

/// People of each group that are named.
const SAMPLES: i64 = 5;

/// In which language.
#[derive(serde::Deserialize)]
pub(in crate::console) struct Language {
    locale: Option<String>,
}

/// The page.
pub(in crate::console) async fn show(desk: Desk, Path(id): Path<i64>, Query(asked): Query<Language>) -> Answer {
    let app = &desk.app;
    let draft = Draft::read(app, id, None).await?;
    let looked = preview::preview(app, id, None).await?;
    let known = &app.config.organisation.locales;
    let locale = asked.locale.filter(|asked| known.contains(asked)).unwrap_or_else(|| app.default_locale().to_owned());
    let groups = groups(&desk, &draft, &looked).await?;
    let rows: Vec<Value> =
        app.channels().into_iter().filter_map(|channel| row(&draft, &looked, channel, &locale)).collect();
    let locales =
        known.iter().map(|code| json!({ "code": code, "language": say("language", code), "chosen": *code == locale }));
    let body = json!({
        "id": id, "number": draft.update.number, "incident": draft.incident.title, "groups": groups, "rows": rows,
        "locales": if known.len() > 1 { locales.collect() } else { Vec::new() },
        "in_two": who(looked.numbers.division.in_two, &looked.numbers.division.in_two_examples),
        "in_none": who(looked.numbers.division.in_none, &looked.numbers.division.in_none_examples),
    });
    let title = text!("groups-head", number = draft.update.number);
    page::show(&desk, &Frame { template: "groups", nav: "write", title, exercise: draft.incident.exercise }, body).await
}

fn who(n: i64, examples: &[String]) -> Value {
    json!({ "n": n, "examples": examples })
}

/// Each group: how many are in it, and some of them.
async fn groups(desk: &Desk, draft: &Draft, looked: &Preview) -> Result<Vec<Value>, Problem> {
    let samples = desk.app.store.sample_people(&draft.filters, SAMPLES).await?;
    let groups = draft.content.variants.iter().zip(&looked.numbers.count.by_variant).zip(samples);
    Ok(groups
        .map(|((variant, n), people)| {
            let people = people.iter().map(|(id, customer, name)| json!({ "id": id, "name": if name.is_empty() { customer } else { name } }));
            json!({ "name": variant.name, "segment": variant.segment, "list": (variant.list != OnList::Any).then(|| say("on_list", variant.list.as_str())), "subscribers": (variant.subscribers != Subscribers::Any).then(|| say("subscribers", variant.subscribers.as_str())), "n": n, "people": people.collect::<Vec<_>>() })
        })
        .collect())
}

/// One channel: what each group reads there. Posts and pages show what the first group is told.
fn row(draft: &Draft, looked: &Preview, channel: Channel, locale: &str) -> Option<Value> {
    let marks = texts::marks(&looked.findings);
    let cell = |name: &str| {
        let text = looked.texts.iter().find(|text| {
            text.variant == name
                && text.channel == channel
                && text.locale == locale
                && text.message == MessageKind::Update
        });
        text.map(|text| texts::shown(text, &marks, draft.content.severity))
    };
    let variants = &draft.content.variants;
    let shown = if channel.is_personal() { variants.len() } else { 1 };
    let cells: Vec<Value> = variants
        .iter()
        .take(shown)
        .map(|variant| json!({ "name": variant.name, "text": cell(&variant.name) }))
        .collect();
    cells.iter().any(|cell| !cell["text"].is_null()).then(|| {
        json!({ "label": say("channel", channel.as_str()), "cells": cells, "for_all": !channel.is_personal() && variants.len() > 1 })
    })
}
