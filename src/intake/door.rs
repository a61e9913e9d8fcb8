//! `POST /intake/{kind}`: who calls proves itself, and is answered once what it said is kept.

use axum::{
    Json, Router,
    body::{Bytes, to_bytes},
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, header},
    routing::post,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    statuspage,
    take::{self, Taken},
};
use crate::{
    app::App,
    config::intake::{Source, SourceKind},
    problem::Problem,
    world::hex,
};

/// How a call is taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct How {
    /// True says what would become of it, and writes nothing.
    #[serde(default)]
    dry_run: bool,
}

/// `/intake/{kind}`.
pub fn router(app: App) -> Router {
    // Each source has a limit of its own.
    Router::new()
        .route("/intake/{kind}", post(receive))
        .layer(DefaultBodyLimit::disable())
        .with_state(app.clone())
        .merge(statuspage::door::router(app))
}

fn limit(source: &Source) -> usize {
    usize::try_from(source.max_body_kb).unwrap_or_default() << 10
}

async fn receive(
    State(app): State<App>,
    Path(kind): Path<String>,
    how: Result<Query<How>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Result<Json<Taken>, Problem> {
    let kind = SourceKind::parse(&kind).filter(|kind| *kind != SourceKind::Statuspage).ok_or_else(|| {
        Problem::missing("there is no such intake; there are /intake/alertmanager, /intake/grafana, /intake/pagerduty, /intake/json and /intake/statuspage/SOURCE/v1")
    })?;
    let (source, body) = admit(app.config.intake.source.iter().filter(|source| source.kind == kind), request).await?;
    let Query(how) = how.map_err(|_| Problem::unreadable("the query may have `dry_run=true`, and nothing else"))?;
    take::take(&app, source, &body, how.dry_run, None).await.map(Json)
}

/// Who calls, of these, and its body.
///
/// # Errors
/// 401 for anybody else; 413 for more than the source may send.
pub(super) async fn admit<'a>(
    sources: impl Iterator<Item = &'a Source>,
    request: Request,
) -> Result<(&'a Source, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    // A stranger's call is not read: it would fill the memory of whoever is to tell customers of the outage.
    let known: Vec<&Source> = sources.filter(|source| shows(source, headers)).collect();
    let largest = known.iter().map(|source| limit(source)).max().ok_or_else(unknown)?;
    let body = to_bytes(body, largest).await.map_err(|_| too_large())?;
    let source = known.into_iter().find(|source| proves(source, headers, &body)).ok_or_else(unknown)?;
    if body.len() > limit(source) {
        return Err(too_large());
    }
    Ok((source, body))
}

fn unknown() -> Problem {
    Problem::unauthenticated("this is not the credential of an [[intake.source]] of this kind; see docs/machines.md")
}

fn too_large() -> Problem {
    Problem::too_large("the call is larger than `intake.source.max_body_kb` allows; send less at once")
}

/// Whether the head of a call may be that of a source: the credential itself, or that there is a signature.
fn shows(source: &Source, headers: &HeaderMap) -> bool {
    match &source.hmac {
        Some(hmac) => headers.contains_key(hmac.header.as_str()),
        None => proves(source, headers, b""),
    }
}

/// Whether a call has what its source proves itself by.
fn proves(source: &Source, headers: &HeaderMap, body: &[u8]) -> bool {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = authorization.and_then(|value| value.split_once(' ')).map(|(scheme, rest)| (scheme, rest.trim()));
    if let Some(bearer) = &source.bearer {
        return given.is_some_and(|(scheme, token)| {
            ["bearer", "oauth"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) && same(token, bearer.expose())
        });
    }
    if let Some(basic) = &source.basic {
        let expected = BASE64_STANDARD.encode(format!("{}:{}", basic.user, basic.password.expose()));
        return given.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("basic") && same(token, &expected));
    }
    let Some(hmac) = &source.hmac else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(hmac.secret.expose().as_bytes()) else { return false };
    mac.update(body);
    let expected = format!("{}{}", hmac.prefix, hex(&mac.finalize().into_bytes()));
    // Several may be listed, while a secret is changed.
    let signatures = headers.get_all(hmac.header.as_str()).iter().filter_map(|value| value.to_str().ok());
    signatures.flat_map(|value| value.split(',')).any(|signature| same(signature.trim(), &expected))
}

/// Compares without telling by the time it takes how much of it is right.
fn same(given: &str, expected: &str) -> bool {
    Sha256::digest(given).ct_eq(&Sha256::digest(expected)).into()
}

#[cfg(test)]
mod tests {
    use onevoice_channels::secret::Secret;

    use super::*;
    use crate::config::intake;

    fn source(change: impl FnOnce(&mut Source)) -> Source {
        let mut source = Source {
            name: "a".to_owned(),
            kind: SourceKind::Json,
            person: "ana@acme.example".to_owned(),
            bearer: None,
            basic: None,
            hmac: None,
            max_body_kb: 1,
            exercise: false,
            fields: None,
        };
        change(&mut source);
        source
    }

    fn with(name: &str, value: &str) -> HeaderMap {
        let name: axum::http::HeaderName = name.parse().unwrap();
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn each_credential_counts_as_it_is_written_and_no_other_does() {
        let bearer = source(|source| source.bearer = Some(Secret::new("hush")));
        for good in ["Bearer hush", "bearer hush", "OAuth hush"] {
            assert!(proves(&bearer, &with("authorization", good), b""), "{good}");
        }
        for bad in ["Bearer hus", "Bearer hush2", "hush", "Basic hush", "Bearer "] {
            assert!(!proves(&bearer, &with("authorization", bad), b""), "{bad}");
        }
        assert!(!proves(&bearer, &HeaderMap::new(), b""));

        let basic = source(|source| {
            source.basic = Some(intake::Basic { user: "am".to_owned(), password: Secret::new("hush") });
        });
        assert!(proves(&basic, &with("authorization", "Basic YW06aHVzaA=="), b""));
        assert!(!proves(&basic, &with("authorization", "Basic YW06aHVzaB=="), b""));
        assert!(!proves(&basic, &with("authorization", "Bearer YW06aHVzaA=="), b""));
    }

    #[test]
    fn a_signature_is_over_the_body_and_one_of_several_is_enough() {
        let hmac = |header: &str, prefix: &str, secret: &str| intake::Hmac {
            header: header.to_owned(),
            prefix: prefix.to_owned(),
            secret: Secret::new(secret),
        };
        // RFC 4231, test case 2.
        let right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let signed = source(|source| source.hmac = Some(hmac("X-Signature", "sha256=", "Jefe")));
        let body = b"what do ya want for nothing?";
        assert!(proves(&signed, &with("x-signature", &format!("sha256={right}")), body));
        assert!(proves(&signed, &with("x-signature", &format!("sha256=00, sha256={right}")), body));
        assert!(!proves(&signed, &with("x-signature", &format!("sha256={right}")), b"another"));
        assert!(!proves(&signed, &with("x-signature", right), body));
        assert!(!proves(&signed, &HeaderMap::new(), body));
    }
}
