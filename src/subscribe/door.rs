//! What comes in from the status page's visitors. Opening a link changes nothing, because mail scanners open every link.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, RawQuery, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use onevoice_channels::contract::Channel;

use super::{
    ask::{self, Answer, Given, Lack},
    confirm, limit, numbers, own, spoken, token,
};
use crate::{
    api::mask,
    app::App,
    console::from_here,
    listener::Peer,
    public::{SubscribePage, query_value, secured, subscribe_words},
    store::StoreError,
};

/// The largest form, in bytes: an address, and every component ticked.
const LARGEST: usize = 16 << 10;
/// The most components that a form names.
const MOST_TICKED: usize = 1_000;

/// `/subscribe` and what it leads to. Where nobody may subscribe (any more), those who did still find theirs.
pub fn router(app: App) -> Router {
    let mut router = Router::new()
        .route("/subscribe/confirm/{token}", get(look).post(confirmed))
        .route("/subscription/{token}", get(show).post(act));
    if !app.config.public.subscribe.is_empty() {
        router = router.route("/subscribe", get(form).post(asked)).route("/subscribe/code", post(coded));
    }
    secured(router.layer(DefaultBodyLimit::max(LARGEST)).with_state(app))
}

/// Whoever asks: their language, and where they are.
struct Visitor {
    app: App,
    path: String,
    locale: String,
}

impl Visitor {
    fn of(app: &App, path: String, query: Option<&str>, headers: &HeaderMap) -> Visitor {
        Visitor { app: app.clone(), path, locale: app.public.locale_of(query, headers) }
    }

    fn page(&self, status: StatusCode, page: &SubscribePage<'_>) -> Response {
        self.app.public.subscribe_page(status, &self.path, &self.locale, page)
    }

    /// Refuses a form that comes from another website, or one too many of the same caller.
    fn refusal(&self, peer: Option<&Peer>, headers: &HeaderMap) -> Option<Response> {
        if !from_here(headers) {
            return Some(self.page(StatusCode::FORBIDDEN, &SubscribePage::Elsewhere));
        }
        let admitted = self.app.doorkeeper.callers.admit(&limit::caller(peer), self.app.world.clock.now());
        (!admitted).then(|| self.page(StatusCode::TOO_MANY_REQUESTS, &SubscribePage::Later))
    }

    /// The store's trouble is none of theirs.
    fn or_later(&self, answered: Result<Response, StoreError>) -> Response {
        answered.unwrap_or_else(|error| {
            tracing::error!(%error, "a subscription could not be read or written");
            self.page(StatusCode::SERVICE_UNAVAILABLE, &SubscribePage::Later)
        })
    }
}

/// A form's fields.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(body: &[u8]) -> Fields {
        let pairs = url::form_urlencoded::parse(body).take(MOST_TICKED);
        Fields(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    fn ticked(&self) -> Vec<i64> {
        let values = self.0.iter().filter(|(name, _)| name == "component").map(|(_, value)| value);
        values.filter_map(|value| value.parse().ok()).collect()
    }
}

/// A form to subscribe, of somebody who may send one. It is not read of anybody else.
struct Sent {
    visitor: Visitor,
    fields: Fields,
}

impl FromRequest<App> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Sent, Response> {
        let headers = request.headers();
        let visitor = Visitor::of(app, "/subscribe".to_owned(), request.uri().query(), headers);
        if let Some(refusal) = visitor.refusal(request.extensions().get(), headers) {
            return Err(refusal);
        }
        let body = Bytes::from_request(request, app).await.map_err(IntoResponse::into_response)?;
        Ok(Sent { visitor, fields: Fields::read(&body) })
    }
}

async fn form(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let visitor = Visitor::of(&app, "/subscribe".to_owned(), query.as_deref(), &headers);
    let ticked: Option<i64> = query_value(query.as_deref(), "component").and_then(|id| id.parse().ok());
    let ticked = ticked.map(|id| [id]);
    let page = SubscribePage::Form { typed: "", ticked: ticked.as_ref().map(|one| &one[..]), wrong: None };
    visitor.page(StatusCode::OK, &page)
}

async fn asked(Sent { visitor, fields }: Sent) -> Response {
    let app = &visitor.app;
    let ticked = fields.get("all").is_empty().then(|| fields.ticked());
    let given = Given { to: fields.get("to").to_owned(), ticked, locale: visitor.locale.clone() };
    // People do not see that field. A program that fills it in is told what everybody is told, and nothing is sent.
    let is_trapped = !fields.get("website").is_empty();
    let answered = if is_trapped {
        Ok(ask::read(app, &given.to).map_or_else(Answer::Lacks, |(channel, to)| Answer::Asked(channel, to)))
    } else {
        ask::ask(app, &given).await
    };
    visitor.or_later(answered.map(|answer| told(&visitor, &given, &answer)))
}

fn told(visitor: &Visitor, given: &Given, answer: &Answer) -> Response {
    let words = subscribe_words(&visitor.locale);
    match answer {
        Answer::Asked(Channel::Sms, to) => visitor.page(StatusCode::OK, &SubscribePage::Code { to, wrong: false }),
        Answer::Asked(_, to) => visitor.page(StatusCode::OK, &SubscribePage::Mailed(to)),
        Answer::Later => visitor.page(StatusCode::TOO_MANY_REQUESTS, &SubscribePage::Later),
        Answer::Lacks(lack) => {
            let wrong = match lack {
                Lack::Address => &words.wrong_address,
                Lack::Kind => &words.wrong_kind,
                Lack::Services => &words.wrong_services,
            };
            let page = SubscribePage::Form { typed: &given.to, ticked: given.ticked.as_deref(), wrong: Some(wrong) };
            visitor.page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn coded(Sent { visitor, fields }: Sent) -> Response {
    let app = &visitor.app;
    let Ok((channel, to)) = ask::read(app, fields.get("to")) else {
        return visitor.page(StatusCode::UNPROCESSABLE_ENTITY, &SubscribePage::Unknown);
    };
    let answered = confirm::by_code(app, channel, &to, fields.get("code")).await;
    visitor.or_later(answered.map(|customer_id| match customer_id {
        Some(customer_id) => done(&visitor, channel, &to, &customer_id),
        None => visitor.page(StatusCode::UNPROCESSABLE_ENTITY, &SubscribePage::Code { to: &to, wrong: true }),
    }))
}

fn done(visitor: &Visitor, channel: Channel, address: &str, customer_id: &str) -> Response {
    let own = token::own(&visitor.app.store.secrets().token_key, customer_id);
    let manage = format!("/subscription/{own}?lang={}", visitor.locale);
    visitor.page(StatusCode::OK, &SubscribePage::Done { to: &mask(channel, address), manage: &manage })
}

async fn look(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = Visitor::of(&app, format!("/subscribe/confirm/{token}"), query.as_deref(), &headers);
    let found = confirm::request(&app, &token).await;
    visitor.or_later(found.map(|request| match request {
        Some(request) => {
            let action = format!("{}?lang={}", visitor.path, visitor.locale);
            let to = mask(request.channel, &request.address);
            let services = spoken(&request.components);
            visitor.page(StatusCode::OK, &SubscribePage::Confirm { action: &action, to: &to, services })
        }
        None => unknown(&visitor),
    }))
}

async fn confirmed(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = Visitor::of(&app, "/subscribe".to_owned(), query.as_deref(), &headers);
    let found = confirm::by_link(&app, &token).await;
    visitor.or_later(found.map(|found| match found {
        Some((request, customer_id)) => done(&visitor, request.channel, &request.address, &customer_id),
        None => unknown(&visitor),
    }))
}

fn unknown(visitor: &Visitor) -> Response {
    visitor.page(StatusCode::NOT_FOUND, &SubscribePage::Unknown)
}

async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = Visitor::of(&app, format!("/subscription/{token}"), query.as_deref(), &headers);
    let shown = mine(&visitor, &token, None).await;
    visitor.or_later(shown)
}

/// Somebody's subscription as it is now, after `saved` said whether it was changed.
async fn mine(visitor: &Visitor, token: &str, saved: Option<bool>) -> Result<Response, StoreError> {
    let app = &visitor.app;
    let Some((known, address)) = own::behind(app, token).await? else { return Ok(unknown(visitor)) };
    let components = app.store.components().await?;
    let ticked = numbers(&components, &known.recipient.components);
    let words = subscribe_words(&visitor.locale);
    let page = SubscribePage::Manage {
        action: &format!("/subscription/{token}?lang={}", visitor.locale),
        to: &mask(address.channel, &address.value),
        ticked: ticked.as_deref(),
        saved: saved == Some(true),
        wrong: (saved == Some(false)).then_some(words.wrong_services.as_str()),
    };
    let status = if saved == Some(false) { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(visitor.page(status, &page))
}

/// Changes a subscription or ends it: by the page's buttons, or by a mail program's one click (RFC 8058).
async fn act(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let visitor = Visitor::of(&app, format!("/subscription/{token}"), query.as_deref(), &headers);
    let fields = Fields::read(&body);
    let leaves = fields.get("action") == "leave" || fields.get("List-Unsubscribe") == "One-Click";
    let acted = async {
        let Some((known, address)) = own::behind(&app, &token).await? else { return Ok(unknown(&visitor)) };
        if leaves {
            own::leave(&app, &known, &address).await?;
            return Ok(visitor.page(StatusCode::OK, &SubscribePage::Left));
        }
        let saved = own::change(&app, &known, &fields.ticked()).await?;
        mine(&visitor, &token, Some(saved)).await
    };
    visitor.or_later(acted.await)
}
