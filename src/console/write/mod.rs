//! Write: the facts on one side, every channel's text on the other. Saved at every pause in typing; every button is a
//! submit button, so that all of it works without scripts.

mod notes;
mod read;
mod view;

use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _},
};
use serde_json::json;

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    time::Times,
};
use crate::{
    approve::State,
    compose::{
        content::{Content, Facts, Variant},
        write,
    },
    path, preview,
    problem::Problem,
    render::MessageKind,
    store::incidents::Update,
};

/// The policy of a mail in its frame: it may look as it likes and do nothing.
pub(super) const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// The page.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let update = desk.app.store.update(id).await?;
    if update.state == State::Approved {
        let broadcasts = desk.app.store.broadcasts_of(id).await?;
        if let Some(broadcast) = broadcasts.iter().rev().find(|broadcast| broadcast.approved_at.is_some()) {
            return page::to(&format!("/console/broadcasts/{}", broadcast.id));
        }
    }
    written(&desk, &update, update.content.clone(), None).await
}

/// The page with content that may not be saved yet, and with what is wrong with it.
async fn written(desk: &Desk, update: &Update, content: Content, problem: Option<Problem>) -> Answer {
    let incident = desk.app.store.incident(update.incident_id).await?;
    let status = problem
        .as_ref()
        .map_or(StatusCode::OK, |problem| StatusCode::from_u16(problem.status).unwrap_or(StatusCode::OK));
    let body = view::view(desk, update, &incident, content, problem).await?;
    let title = format!("Update {} · {}", update.number, incident.title);
    let mut response =
        page::show(desk, &Frame { template: "write", nav: "write", title, exercise: incident.exercise }, body).await?;
    *response.status_mut() = status;
    Ok(response)
}

/// What a script sends at every pause: saves, and answers the previews, findings and numbers as they are now.
pub(super) async fn autosave(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let update = desk.app.store.update(id).await?;
    let content = read::content(&desk.app, &Times::of(&desk.app), &form, &update.content)?;
    let saved = write::save(&desk.app, &desk.actor, id, version(&form)?, &content).await?;
    let incident = desk.app.store.incident(saved.incident_id).await?;
    let content = saved.content.clone();
    page::piece(&desk, "write_fragment", view::view(&desk, &saved, &incident, content, None).await?)
}

fn version(form: &Form) -> Result<i64, Problem> {
    form.get("version")
        .parse()
        .map_err(|_| Problem::unreadable("this form does not say which version it was made from"))
}

/// Every button of the page.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let update = desk.app.store.update(id).await?;
    let action = form.get("action");
    if action == "discard" {
        write::discard(&desk.app, &desk.actor, id).await?;
        return page::to(&format!("/console/incidents/{}", update.incident_id));
    }
    let times = Times::of(&desk.app);
    let mut content = match read::content(&desk.app, &times, &form, &update.content) {
        Ok(content) => content,
        Err(problem) => return written(&desk, &update, update.content.clone(), Some(problem)).await,
    };
    let based_on = version(&form)?;
    if based_on != update.version && content != update.content {
        return conflict(&desk, &update, &form).await;
    }
    if let Err(problem) = change(&desk, id, &mut content, action).await {
        return written(&desk, &update, content, Some(problem)).await;
    }
    let saved = match write::save(&desk.app, &desk.actor, id, update.version, &content).await {
        Ok(saved) => saved,
        Err(problem) if problem.status == 422 => return written(&desk, &update, content, Some(problem)).await,
        Err(problem) => return Err(problem.into()),
    };
    if action != "submit" {
        return page::to(&format!("/console/updates/{id}"));
    }
    match path::prepare(&desk.app, &desk.actor, id).await {
        Ok(_) => page::to(&format!("/console/updates/{id}/approve")),
        Err(problem) if problem.status == 422 => written(&desk, &saved, content, Some(problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// What a button changes in the content before it is saved.
async fn change(desk: &Desk, id: i64, content: &mut Content, action: &str) -> Result<(), Problem> {
    let (verb, rest) = action.split_once(':').unwrap_or((action, ""));
    match verb {
        "use" => better_words(desk, id, content, rest).await?,
        "next" => content.next_update_at = rest.parse().ok(),
        "add_variant" => {
            let taken = |name: &str| content.variants.iter().any(|variant| variant.name == name);
            let name = (2..).map(|n| format!("group {n}")).find(|name| !taken(name)).unwrap_or_default();
            // What the first group is told is where the words for the next one start.
            let facts = content.variants.first().map(|variant| variant.facts.clone()).unwrap_or_default();
            content.variants.push(Variant { name, segment: None, stage: 0, facts });
        }
        "remove_variant" => {
            if let Some(place) =
                rest.parse::<usize>().ok().filter(|place| *place > 0 && *place < content.variants.len())
            {
                content.variants.remove(place);
            }
        }
        "add_locale" => {
            if let Some((place, locale)) = rest.split_once(':')
                && let Some(variant) = place.parse::<usize>().ok().and_then(|place| content.variants.get_mut(place))
            {
                variant.facts.entry(locale.to_owned()).or_insert_with(Facts::default);
            }
        }
        "remove_locale" => {
            if let Some((place, locale)) = rest.split_once(':')
                && let Some(variant) = place.parse::<usize>().ok().and_then(|place| content.variants.get_mut(place))
                && locale != desk.app.default_locale()
            {
                variant.facts.remove(locale);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Puts a finding's better words in, where they still stand.
async fn better_words(desk: &Desk, id: i64, content: &mut Content, finding: &str) -> Result<(), Problem> {
    let looked = preview::preview(&desk.app, id, Some(content.clone())).await?;
    let Some(finding) = looked.findings.into_iter().find(|known| known.id == finding) else { return Ok(()) };
    let (Some(instead), Some(field), Some(locale)) = (finding.instead, finding.field, finding.locale) else {
        return Ok(());
    };
    let text = match field.as_str() {
        "correction" => content.correction.get_mut(&locale),
        "holding" => content.holding.get_mut(&locale),
        field => {
            let variant = content.variants.iter_mut().find(|variant| Some(&variant.name) == finding.variant.as_ref());
            variant.and_then(|variant| variant.facts.get_mut(&locale)).and_then(|facts| at(facts, field))
        }
    };
    if let Some(text) = text
        && text.get(finding.start..finding.end) == Some(finding.words.as_str())
    {
        text.replace_range(finding.start..finding.end, &instead);
    }
    Ok(())
}

/// A field by the name that findings use: `headline`, `options/0/text`, `short/sms`.
fn at<'a>(facts: &'a mut Facts, field: &str) -> Option<&'a mut String> {
    let parts: Vec<&str> = field.split('/').collect();
    match parts[..] {
        ["options", row, "text"] => facts.options.get_mut(row.parse::<usize>().ok()?).map(|option| &mut option.text),
        ["options", row, "reason"] => {
            facts.options.get_mut(row.parse::<usize>().ok()?).map(|option| &mut option.reason)
        }
        ["links", row, "label"] => facts.links.get_mut(row.parse::<usize>().ok()?).map(|link| &mut link.label),
        ["links", row, "url"] => facts.links.get_mut(row.parse::<usize>().ok()?).map(|link| &mut link.url),
        ["short", channel] => facts.short.get_mut(&onevoice_channels::contract::Channel::parse(channel)?),
        _ => read::prose(facts, field),
    }
}

/// Somebody else saved meanwhile: both texts, and nothing lost.
async fn conflict(desk: &Desk, update: &Update, form: &Form) -> Answer {
    let incident = desk.app.store.incident(update.incident_id).await?;
    let versions = desk.app.store.versions(update.id).await?;
    let author = match versions.last().and_then(|version| version.author_id) {
        Some(id) => desk.app.store.person(id).await?.name,
        None => "a program".to_owned(),
    };
    let theirs = view::plain(&update.content);
    let yours = view::plain(&read::content(&desk.app, &Times::of(&desk.app), form, &update.content)?);
    let fields = yours.iter().filter_map(|(name, text)| {
        let other = theirs.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.as_str());
        (other != text).then(|| json!({ "name": name, "yours": text, "theirs": other }))
    });
    let gone = theirs.iter().filter(|(name, _)| !yours.iter().any(|(known, _)| known == name));
    let gone = gone.map(|(name, text)| json!({ "name": name, "yours": "", "theirs": text }));
    let pairs: Vec<_> = form
        .kept()
        .filter(|(name, _)| *name != "version" && *name != "action")
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let body = json!({ "id": update.id, "version": update.version, "author": author, "saved": Times::of(&desk.app).full(update.saved_at),
        "fields": fields.chain(gone).collect::<Vec<_>>(), "pairs": pairs });
    let title = format!("Two people wrote update {}", update.number);
    let frame = Frame { template: "conflict", nav: "write", title, exercise: incident.exercise };
    let mut response = page::show(desk, &frame, body).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

/// A mail as a mail program shows it, in a frame where it can do nothing.
pub(super) async fn mail(desk: Desk, Path((id, variant, locale)): Path<(i64, usize, String)>) -> Answer {
    let looked = preview::preview(&desk.app, id, None).await?;
    let update = desk.app.store.update(id).await?;
    let name = update.content.variants.get(variant).map(|variant| variant.name.clone());
    let text = looked.texts.into_iter().find(|text| {
        Some(&text.variant) == name.as_ref()
            && text.locale == locale
            && text.message == MessageKind::Update
            && text.html.is_some()
    });
    let html = text.and_then(|text| text.html).ok_or_else(|| Problem::missing("there is no mail in this language"))?;
    framed(html)
}

/// Somebody's HTML as a page of its own, boxed in.
pub(super) fn framed(html: String) -> Answer {
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(MAIL_POLICY));
    response.headers_mut().insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}
