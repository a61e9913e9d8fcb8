//! `/u/{token}`: the unsubscribe link of a message. Opening it changes nothing, because mail scanners open every link;
//! the button does, and so does a mail program's one-click POST (RFC 8058), which brings no cookie and follows no
//! redirect.

use std::{num::NonZeroU32, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Extension, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use onevoice_channels::contract::Channel;

use crate::{app::App, problem::Problem, subscribe, track::receipts};

/// Requests a second of all readers together. A mail to a million people brings a few dozen.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(100).expect("100 is not 0");

pub(super) fn router() -> Router<App> {
    let limiter: Arc<DefaultDirectRateLimiter> = Arc::new(RateLimiter::direct(Quota::per_second(PER_SECOND)));
    // The body says "List-Unsubscribe=One-Click" and is not needed.
    Router::new()
        .route("/u/{token}", get(ask).post(opt_out))
        .layer(Extension(limiter))
        .layer(DefaultBodyLimit::max(4 << 10))
}

async fn ask(
    State(app): State<App>,
    Extension(limiter): Extension<Arc<DefaultDirectRateLimiter>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let words = Words::of(&headers);
    let found = async {
        allow(&limiter)?;
        let (channel, address) = receipts::subscription(&app, &token).await?;
        let own = subscribe::link_of(&app, channel, &address).await?;
        Ok::<_, Problem>((channel, address, own))
    };
    match found.await {
        Ok((channel, address, own)) => {
            let masked = escape(&mask(channel, &address));
            let button = format!("<form method=\"post\"><button>{}</button></form>", words.button);
            let own = match &own {
                Some(link) => format!("<p><a href=\"{}\">{}</a></p>", escape(link), words.change),
                None => String::new(),
            };
            page(StatusCode::OK, words, words.question, &format!("<p>{masked}</p>{button}{own}"))
        }
        Err(problem) => refuse(words, &problem),
    }
}

async fn opt_out(
    State(app): State<App>,
    Extension(limiter): Extension<Arc<DefaultDirectRateLimiter>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let words = Words::of(&headers);
    let done = async {
        allow(&limiter)?;
        receipts::unsubscribe(&app, &token).await
    };
    match done.await {
        Ok(()) => page(StatusCode::OK, words, words.done, ""),
        Err(problem) => refuse(words, &problem),
    }
}

fn allow(limiter: &DefaultDirectRateLimiter) -> Result<(), Problem> {
    limiter.check().map_err(|_| Problem::too_many("many people use this at the moment; try again in a minute"))
}

fn refuse(words: &Words, problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    page(status, words, if status == StatusCode::NOT_FOUND { words.unknown } else { words.later }, "")
}

/// What the page says, in a language that the reader's browser asks for.
struct Words {
    locale: &'static str,
    title: &'static str,
    question: &'static str,
    button: &'static str,
    /// For who subscribed by themselves.
    change: &'static str,
    done: &'static str,
    unknown: &'static str,
    later: &'static str,
}

const ENGLISH: Words = Words {
    locale: "en",
    title: "Unsubscribe",
    question: "Do you want no further messages at this address?",
    button: "Unsubscribe",
    change: "Or choose which services you are told about",
    done: "Done. This address gets no further messages, except where a law requires them.",
    unknown: "This link is not one of ours, or it was cut short. Use the one in the message.",
    later: "This does not work at the moment. Please try again in a few minutes.",
};

const GERMAN: Words = Words {
    locale: "de",
    title: "Abmelden",
    question: "Möchten Sie an diese Adresse keine weiteren Nachrichten erhalten?",
    button: "Abmelden",
    change: "Oder wählen Sie, zu welchen Diensten wir Ihnen schreiben",
    done: "Erledigt. An diese Adresse gehen keine weiteren Nachrichten, außer wo ein Gesetz sie verlangt.",
    unknown: "Dieser Link ist keiner von uns, oder er wurde abgeschnitten. Nehmen Sie den in der Nachricht.",
    later: "Das geht im Augenblick nicht. Bitte versuchen Sie es in einigen Minuten noch einmal.",
};

impl Words {
    fn of(headers: &HeaderMap) -> &'static Words {
        let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if wanted.trim_start().to_ascii_lowercase().starts_with("de") { &GERMAN } else { &ENGLISH }
    }
}

fn page(status: StatusCode, words: &Words, text: &str, rest: &str) -> Response {
    let Words { locale, title, .. } = words;
    let html = format!(
        "<!doctype html><html lang=\"{locale}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title></head><body><main><h1>{title}</h1><p>{text}</p>{rest}</main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        // The token in the address must not travel to anybody else.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, html).into_response()
}

/// As much of an address as its owner needs to know it again.
pub(crate) fn mask(channel: Channel, address: &str) -> String {
    match address.rsplit_once('@') {
        Some((user, domain)) if channel == Channel::Email => {
            format!("{}•••@{domain}", user.chars().next().unwrap_or('•'))
        }
        _ => {
            let kept = address.chars().count().saturating_sub(2);
            format!("•••{}", address.chars().skip(kept).collect::<String>())
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_masked() {
        assert_eq!(mask(Channel::Email, "ana@acme.example"), "a•••@acme.example");
        assert_eq!(mask(Channel::Sms, "+442079460042"), "•••42");
        assert_eq!(escape("<\"&"), "&lt;&quot;&amp;");
    }
}
