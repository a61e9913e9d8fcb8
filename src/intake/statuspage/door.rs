//! `/intake/statuspage/{source}/v1/…`: where Statuspage's own clients call, answered in its shapes.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Noun, Target, keep, shape};
use crate::{
    app::App,
    config::intake::{Source, SourceKind},
    intake::{door, take},
    problem::Problem,
    world::{hex, random_hex},
};

/// For how many seconds the same call makes no second incident: once to twice as long.
const AGAIN: i64 = 300;
/// The most incidents of a list.
const LISTED: i64 = 100;
/// What an id may be made of; it becomes a part of a line that is kept.
const LONGEST_ID: usize = 100;

/// A refusal, as Statuspage words it.
struct Refused(Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Refused {
        Refused(problem)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Refused(problem) = self;
        let at = problem.pointer.as_deref().filter(|at| !at.is_empty());
        let said = at.map_or(problem.detail.clone(), |at| format!("{at} {}", problem.detail));
        let error = if problem.status == 422 { json!([said]) } else { json!(said) };
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({ "error": error }))).into_response()
    }
}

type Answer = Result<Response, Refused>;

/// The routes.
pub fn router(app: App) -> Router {
    let at = |rest: &str| format!("/intake/statuspage/{{source}}/v1/pages{rest}");
    Router::new()
        .route(&at(""), get(pages))
        .route(&at("/{page}"), get(page))
        .route(&at("/{page}/incidents"), get(incidents).post(open))
        .route(&at("/{page}/incidents/unresolved"), get(unresolved))
        .route(&at("/{page}/incidents/{id}"), get(incident).patch(change_incident).put(change_incident))
        .route(&at("/{page}/components"), get(components))
        .route(&at("/{page}/components/{id}"), get(component).patch(change_component).put(change_component))
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// The source that calls, once it has proved that it is it, and its body.
async fn admit<'a>(app: &'a App, name: &str, request: Request) -> Result<(&'a Source, Bytes), Refused> {
    let sources = app.config.intake.source.iter();
    let named = sources.filter(|source| source.kind == SourceKind::Statuspage && source.name == name);
    Ok(door::admit(named, request).await?)
}

fn plain(id: &str) -> Result<(), Refused> {
    let known = |c: char| !c.is_control() && c != '/';
    if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(known) {
        return Err(Problem::missing(format!("an id has 1 to {LONGEST_ID} characters, and no stroke")).into());
    }
    Ok(())
}

/// Takes a change, and answers what it is about as it stands then.
async fn change(app: &App, source: &Source, target: Target, body: &[u8], status: StatusCode) -> Answer {
    plain(&target.page)?;
    plain(&target.id)?;
    take::take(app, source, &keep(&target, body), false, None).await?;
    let document = app.store.page_thing(&source.name, target.noun, &target.id).await.map_err(Problem::from)?;
    Ok((status, Json(document.ok_or_else(Problem::internal)?)).into_response())
}

async fn open(State(app): State<App>, Path((source, page)): Path<(String, String)>, request: Request) -> Answer {
    let (source, body) = admit(&app, &source, request).await?;
    // Whose answer was lost asks the same again, soon: that is the incident that it made, not a second one.
    let slot = app.world.clock.now().as_second().div_euclid(AGAIN);
    let named = |slot: i64| {
        let asked = [source.name.as_bytes(), page.as_bytes(), &slot.to_be_bytes(), &body].map(Sha256::digest).concat();
        hex(&Sha256::digest(asked)[..6])
    };
    let mut id = named(slot);
    for known in [named(slot), named(slot - 1)] {
        match app.store.page_thing(&source.name, Noun::Incident, &known).await.map_err(Problem::from)? {
            Some(open) if !shape::is_over(&open) => return Ok((StatusCode::CREATED, Json(open)).into_response()),
            // It was resolved since: this is another one.
            Some(_) => id = random_hex::<6>(app.world.random.as_ref()),
            None => {}
        }
    }
    let target = Target { new: true, noun: Noun::Incident, page, id };
    change(&app, source, target, &body, StatusCode::CREATED).await
}

async fn change_incident(app: State<App>, path: Path<(String, String, String)>, request: Request) -> Answer {
    change_of(Noun::Incident, app, path, request).await
}

async fn change_component(app: State<App>, path: Path<(String, String, String)>, request: Request) -> Answer {
    change_of(Noun::Component, app, path, request).await
}

async fn change_of(
    noun: Noun,
    State(app): State<App>,
    Path((source, page, id)): Path<(String, String, String)>,
    request: Request,
) -> Answer {
    let (source, body) = admit(&app, &source, request).await?;
    change(&app, source, Target { new: false, noun, page, id }, &body, StatusCode::OK).await
}

async fn incident(
    State(app): State<App>,
    Path((source, _, id)): Path<(String, String, String)>,
    request: Request,
) -> Answer {
    let (source, _) = admit(&app, &source, request).await?;
    let found = app.store.page_thing(&source.name, Noun::Incident, &id).await.map_err(Problem::from)?;
    Ok(Json(found.ok_or_else(|| Problem::missing("there is no such incident"))?).into_response())
}

async fn incidents(State(app): State<App>, Path((source, _)): Path<(String, String)>, request: Request) -> Answer {
    list(&app, &source, request, false).await
}

async fn unresolved(State(app): State<App>, Path((source, _)): Path<(String, String)>, request: Request) -> Answer {
    list(&app, &source, request, true).await
}

async fn list(app: &App, source: &str, request: Request, open: bool) -> Answer {
    let (source, _) = admit(app, source, request).await?;
    let found = app.store.page_things(&source.name, Noun::Incident, open, LISTED).await.map_err(Problem::from)?;
    Ok(Json(found).into_response())
}

async fn components(State(app): State<App>, Path((source, page)): Path<(String, String)>, request: Request) -> Answer {
    let (source, _) = admit(&app, &source, request).await?;
    let ours = app.store.components().await.map_err(Problem::from)?;
    let mut found = Vec::new();
    for component in &ours {
        found.push(component_of(&app, source, &page, &component.id.to_string()).await?);
    }
    Ok(Json(found).into_response())
}

async fn component(
    State(app): State<App>,
    Path((source, page, id)): Path<(String, String, String)>,
    request: Request,
) -> Answer {
    let (source, _) = admit(&app, &source, request).await?;
    Ok(Json(component_of(&app, source, &page, &id).await?).into_response())
}

/// A component as the tool set it last, or as it stands with us.
async fn component_of(app: &App, source: &Source, page: &str, id: &str) -> Result<Value, Problem> {
    if let Some(known) = app.store.page_thing(&source.name, Noun::Component, id).await? {
        return Ok(known);
    }
    let components = app.store.components().await?;
    if !components.iter().any(|ours| ours.id.to_string() == id || ours.name.eq_ignore_ascii_case(id)) {
        return Err(Problem::missing("there is no such component"));
    }
    let about = shape::About { page, id, components: &components, now: app.world.clock.now() };
    Ok(shape::component_shape(&about, id))
}

async fn pages(State(app): State<App>, Path(source): Path<String>, request: Request) -> Answer {
    let (source, _) = admit(&app, &source, request).await?;
    Ok(Json(json!([page_shape(&app, &source.name)])).into_response())
}

async fn page(State(app): State<App>, Path((source, page)): Path<(String, String)>, request: Request) -> Answer {
    admit(&app, &source, request).await?;
    Ok(Json(page_shape(&app, &page)).into_response())
}

fn page_shape(app: &App, id: &str) -> Value {
    let organisation = &app.config.organisation;
    let at: Timestamp = app.world.clock.now();
    json!({
        "id": id, "name": organisation.name, "url": organisation.status_url.as_str(), "time_zone": organisation.time_zone,
        "created_at": at, "updated_at": at,
    })
}
