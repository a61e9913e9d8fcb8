//! A mail as a mail program shows it, in a frame where it can do nothing.

use axum::{
    extract::{Path, Query},
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse as _},
};
use serde::Deserialize;

use super::super::{
    enter::{Answer, Desk},
    texts::{self, Mark},
};
use crate::preview;

/// The policy of a mail in its frame: it may look as it likes and do nothing.
const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// How it is looked at.
#[derive(Deserialize)]
pub(in crate::console) struct Look {
    #[serde(default)]
    look: String,
    /// What is being typed, rather than what is saved.
    typed: Option<u64>,
}

/// One mail of a draft, with marks at the words of findings.
pub(in crate::console) async fn mail(
    desk: Desk,
    Path((id, variant, locale)): Path<(i64, usize, String)>,
    Query(Look { look, typed }): Query<Look>,
) -> Answer {
    let typed = typed.and_then(|_| desk.app.typed.content(id, desk.person.id));
    let (html, findings) = preview::mail(&desk.app, id, typed, variant, &locale).await?;
    let (head, body) = html.split_at(html.find("<body").unwrap_or_default());
    framed(lit(head, look == "dark") + &marked(body, &texts::marks(&findings)))
}

/// Somebody's HTML as a page of its own, boxed in.
pub(in crate::console) fn framed(html: String) -> Answer {
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(MAIL_POLICY));
    response.headers_mut().insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}

/// A mail's head as it counts for a reader in the dark, or in the light, whatever the author's own screen has.
fn lit(head: &str, dark: bool) -> String {
    let (always, never) = ("(min-width: 0)", "(max-width: 0)");
    let mut head = head.replace("light dark", if dark { "dark" } else { "light" });
    for space in ["", " "] {
        head = head
            .replace(&format!("(prefers-color-scheme:{space}dark)"), if dark { always } else { never })
            .replace(&format!("(prefers-color-scheme:{space}light)"), if dark { never } else { always });
    }
    head
}

/// A mail's body with marks at words; tags stay as they are.
fn marked(body: &str, marks: &[Mark]) -> String {
    let marks: Vec<Mark> = marks.iter().map(|(words, class)| (handlebars::html_escape(words), *class)).collect();
    let mut html = String::with_capacity(body.len() + 256);
    let mut rest = body;
    while !rest.is_empty() {
        let in_tag = rest.starts_with('<');
        let end = if in_tag { rest.find('>').map(|at| at + 1) } else { rest.find('<') };
        let (run, left) = rest.split_at(end.unwrap_or(rest.len()));
        rest = left;
        if in_tag {
            html.push_str(run);
            continue;
        }
        texts::cut(run, &marks, |text, mark| match mark {
            None => html.push_str(text),
            Some(class) => {
                let ground = if class == "block" { "#fbdcda" } else { "#ffe08a" };
                html.push_str(&format!("<mark style=\"background:{ground};color:#161b22\">{text}</mark>"));
            }
        });
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_in_the_text_and_never_in_a_tag() {
        let marks = [("it’s \"a\" b".to_owned(), "block"), ("p".to_owned(), "warn")];
        let html = marked("<p class=\"p\">it’s &quot;a&quot; b</p>", &marks);
        assert_eq!(
            html,
            "<p class=\"p\"><mark style=\"background:#fbdcda;color:#161b22\">it’s &quot;a&quot; b</mark></p>"
        );
    }

    #[test]
    fn a_mail_is_shown_light_or_dark_whatever_the_screen_has() {
        let head = "<meta name=\"color-scheme\" content=\"light dark\"><style>@media (prefers-color-scheme: dark) {}";
        assert!(lit(head, true).ends_with("content=\"dark\"><style>@media (min-width: 0) {}"));
        assert!(lit(head, false).ends_with("content=\"light\"><style>@media (max-width: 0) {}"));
    }
}
