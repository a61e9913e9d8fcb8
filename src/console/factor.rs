//! One's own second factor: an authenticator app, passkeys, recovery codes, and taking them away.

use axum::http::StatusCode;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    passkeys,
    words::text,
};
use crate::{
    people::{
        factor::{self, RecoveryCodes},
        passkey,
    },
    problem::Problem,
};

/// The page.
pub(super) async fn show(desk: Desk) -> Answer {
    view(&desk, None, None).await
}

/// Begins, confirms, adds a passkey, renews the codes, or takes one away.
pub(super) async fn act(desk: Desk, form: Form) -> Answer {
    let (app, actor) = (&desk.app, &desk.actor);
    let given = passkeys::given(&desk.token, &form);
    let done = match form.get("action") {
        "begin" => factor::offer(app, actor).await.map(|_| None),
        "confirm" => {
            let password = form.raw("password").unwrap_or_default();
            factor::confirm(app, actor, password, &given.code).await.map(|codes| Some((codes, false)))
        }
        "passkey" => match &given.passkey {
            Some(answer) => passkey::register(app, actor, answer, form.get("name"))
                .await
                .map(|codes| codes.map(|codes| (codes, false))),
            None => Err(Problem::invalid("/passkey", text!("factor-needs-scripts"))),
        },
        "renew" => factor::renew(app, actor, &given).await.map(|codes| Some((codes, true))),
        "remove" => factor::remove(app, actor, &given).await.map(|()| None),
        other => match other.strip_prefix("forget:").and_then(|id| id.parse().ok()) {
            Some(id) => passkey::remove(app, actor, id, &given).await.map(|()| None),
            None => return Err(Problem::unreadable(text!("refused-no-button", name = format!("{other:?}"))).into()),
        },
    };
    match done {
        Ok(None) => page::to("/console/settings/factor"),
        // Shown this once, so not behind a redirect.
        Ok(Some(codes)) => view(&desk, None, Some(codes)).await,
        Err(problem) => view(&desk, Some(problem), None).await,
    }
}

async fn view(desk: &Desk, problem: Option<Problem>, codes: Option<(RecoveryCodes, bool)>) -> Answer {
    let (app, person) = (&desk.app, &desk.person);
    let offer = factor::pending(app, person).await?;
    let body = json!({
        "problem": problem.as_ref().map(|problem| problem.detail.clone()),
        "renewed": codes.as_ref().is_some_and(|(_, renewed)| *renewed),
        "codes": codes.map(|(codes, _)| codes.recovery_codes),
        "qr": offer.as_ref().and_then(|offer| qr(&offer.uri)),
        "offer": offer.map(|offer| in_fours(&offer.secret)),
        "ways": passkeys::ways(app, person).await?,
        "rows": passkeys::rows(desk).await?,
        "left": app.store.recovery_codes_left(person.id).await?,
        "required": app.config.approval.second_factor,
    });
    let frame = Frame { template: "factor", nav: "", title: text!("factor-title"), exercise: false };
    let mut response = page::show(desk, &frame, body).await?;
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// A QR code as the path of an SVG, one square a module, with the quiet zone of four that readers need.
fn qr(text: &str) -> Option<Value> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    Some(json!({ "size": code.size() + 2 * QUIET, "path": path }))
}

fn in_fours(secret: &str) -> String {
    let fours: Vec<String> =
        secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    fours.join(" ")
}
