//! `/banner/snippet.txt`: what goes into a website for the banner, with this installation's key and copies.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use url::Url;

use super::state::PublicState;
use super::view::PublicView;
use super::{assets, links, text};

/// The tags and the lines for a content security policy.
pub(super) async fn text(State(state): State<PublicState>) -> Response {
    let published = state.current();
    let body = snippet(&published.view, &state.public_key());
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

fn snippet(view: &PublicView, key: &str) -> String {
    let own = text::absolute(view, "").unwrap_or_default();
    let copies: Vec<String> = view.copies.iter().filter_map(|copy| links::page(copy)).collect();
    let all = || std::iter::once(&own).chain(&copies);
    let listed = all().map(String::as_str).collect::<Vec<_>>().join(" ");
    let listed = if copies.is_empty() { String::new() } else { format!(" data-origins=\"{listed}\"") };
    let tag = |name: &str, more: &str| {
        let tags = all()
            .map(|base| format!("<script src=\"{base}{name}\" data-key=\"{key}\"{listed}{more} async></script>\n"));
        tags.collect::<String>()
    };
    let origins: Vec<String> =
        all().filter_map(|base| Some(Url::parse(base).ok()?.origin().ascii_serialization())).collect();
    let origins = origins.join(" ");
    let pinned = format!(" integrity=\"{}\" crossorigin=\"anonymous\"", assets::integrity());
    format!(
        "The banner, for your websites: anywhere in each page. Where there are several tags, the first that loads shows it.\n\n\
         {}\n\
         The same with a script that can never change, not even by us:\n\n\
         {}\n\
         With data-paths=\"/shop/* /account\" it shows on these pages only.\n\n\
         A content security policy needs these sources, and nothing else:\n\n\
         script-src {origins};\nconnect-src {origins};\n",
        tag("banner.js", ""),
        tag(&assets::PINNED[1..], &pinned),
    )
}
