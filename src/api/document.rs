//! The OpenAPI document, made from the routes themselves.

use aide::{
    openapi::{
        Components, Info, MediaType, OpenApi, Operation, Parameter, ReferenceOr, Response, SchemaObject,
        SecurityScheme, Server, StatusCode,
    },
    transform::TransformOperation,
};
use schemars::json_schema;

use super::problem::MEDIA_TYPE;
use crate::problem::Problem;

/// What stands at the top of the document.
const ABOUT: &str = "\
One approved message, every channel, in order, accounted for.

**Who asks.** `Authorization: Bearer` with an API key (`ov_…`) or the token of `POST /api/v1/sessions`. Over the daemon's \
Unix socket nothing is needed. Cookies are not looked at. A key does what its scopes and its owner's role allow: `read`, \
`write`, `submit`, `stop`, `correct`, `audience`, `admin`, `announce`. No key approves, and none sees restricted incidents.

**Refusals** are `application/problem+json` (RFC 9457) with a `pointer` to the field at fault. Nothing was changed then.

**Lists** answer `items` and `next_cursor`; give that as `cursor` for the next page. `limit` is at most 200.

**Repeating.** A POST with an `Idempotency-Key` counts once: the same request again gets the same answer, with \
`Idempotency-Replayed: true`, for a day. The same key with another request is refused with 422. Operations that handle a \
secret (`/sessions`, `/keys`, `/people`, `/me/password`, `/me/second-factor`, `/updates/{id}/approve`) and the import refuse the header.";

/// Says what an operation is; `errors` are its own refusals besides those that every operation has.
pub fn describe(
    id: &'static str,
    tag: &'static str,
    text: &'static str,
    errors: &'static [u16],
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |operation| {
        let summary = text.split(". ").next().unwrap_or(text).trim_end_matches('.');
        let mut operation = operation.id(id).tag(tag).summary(summary).description(text);
        for status in errors {
            refusal(operation.inner_mut(), *status);
        }
        operation
    }
}

fn refusal(operation: &mut Operation, status: u16) {
    let description = match status {
        400 => "The request cannot be read.",
        401 => "Nobody is signed in, or with what does not count.",
        403 => "This person or key may not.",
        404 => "There is none.",
        409 => "Not in this state, or the same Idempotency-Key is under way.",
        413 => "The body is too large.",
        415 => "The body is not in a format that is read here.",
        422 => "A value cannot be used; `pointer` says which.",
        429 => "Too many tries.",
        _ => "The database cannot do this now; nothing was changed.",
    };
    let schema = SchemaObject {
        json_schema: json_schema!({ "$ref": "#/components/schemas/Problem" }),
        example: None,
        external_docs: None,
    };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    let content = [(MEDIA_TYPE.to_owned(), media)].into_iter().collect();
    let response = Response { description: description.to_owned(), content, ..Response::default() };
    let responses = operation.responses.get_or_insert_default();
    responses.responses.entry(StatusCode::Code(status)).or_insert(ReferenceOr::Item(response));
}

/// An empty document with its head.
pub fn empty() -> OpenApi {
    OpenApi {
        info: Info {
            title: "Onevoice".to_owned(),
            description: Some(ABOUT.to_owned()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Info::default()
        },
        servers: vec![Server { url: super::PREFIX.to_owned(), ..Server::default() }],
        ..OpenApi::default()
    }
}

/// Adds what all operations have in common.
pub fn finish(document: &mut OpenApi) {
    complete(document);
    // Queries and paths are spelled out where they are used, and leave their types behind.
    let text = serde_json::to_string(document).unwrap_or_default();
    if let Some(components) = &mut document.components {
        components.schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
    }
}

fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::default);
    let schema = schemars::schema_for!(Problem);
    let schema = SchemaObject { json_schema: schema, example: None, external_docs: None };
    components.schemas.insert("Problem".to_owned(), schema);
    let bearer = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some("An API key or a session's token.".to_owned()),
        extensions: Default::default(),
    };
    components.security_schemes.insert("bearer".to_owned(), ReferenceOr::Item(bearer));
    let Some(paths) = &mut document.paths else { return };
    for (path, item) in &mut paths.paths {
        let ReferenceOr::Item(item) = item else { continue };
        let signs_in = path == "/sessions";
        let methods = [
            (&mut item.get, &[][..]),
            (&mut item.delete, &[]),
            (&mut item.put, &[400, 413, 415, 422]),
            (&mut item.patch, &[400, 413, 415, 422]),
            (&mut item.post, &[400, 409, 413, 415, 422]),
        ];
        for (operation, errors) in methods {
            let Some(operation) = operation else { continue };
            if operation.parameters.iter().any(|one| matches!(one, ReferenceOr::Item(Parameter::Query { .. }))) {
                refusal(operation, 400);
            }
            errors.iter().chain(&[401, 403, 503]).for_each(|status| refusal(operation, *status));
            if !signs_in {
                operation.security.push([("bearer".to_owned(), Vec::new())].into_iter().collect());
            }
        }
        let takes_key = !super::idempotency::REFUSED.iter().any(|refused| path == refused);
        if let Some(post) = item.post.as_mut().filter(|_| takes_key) {
            post.parameters.push(ReferenceOr::Item(idempotency_key()));
        }
    }
}

fn idempotency_key() -> Parameter {
    use aide::openapi::{HeaderStyle, ParameterData, ParameterSchemaOrContent};
    Parameter::Header {
        parameter_data: ParameterData {
            name: "Idempotency-Key".to_owned(),
            description: Some("A fresh name for this request, so that sending it again counts once.".to_owned()),
            required: false,
            deprecated: None,
            format: ParameterSchemaOrContent::Schema(SchemaObject {
                json_schema: json_schema!({ "type": "string", "minLength": 1, "maxLength": 255 }),
                example: None,
                external_docs: None,
            }),
            example: None,
            examples: Default::default(),
            explode: None,
            extensions: Default::default(),
        },
        style: HeaderStyle::Simple,
    }
}
