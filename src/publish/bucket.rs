//! A copy in a bucket of S3-compatible storage. An object is put whole or not at all: its length and its hash are signed
//! with the request. What is no longer public is deleted before the inventory, which is last.
//!
//! | the storage says | here it means |
//! |---|---|
//! | 404 `NoSuchBucket` | there is no such bucket |
//! | 403 `InvalidAccessKeyId`, 403 `SignatureDoesNotMatch`, 401 | the credentials are wrong |
//! | 403 `AccessDenied` | they may not do this |
//! | 403 `RequestTimeTooSkewed` | this machine's clock is wrong |
//! | 301, `PermanentRedirect`, `AuthorizationHeaderMalformed`, `IllegalLocationConstraintException` | it is another region's |
//! | 404 `NoSuchKey`, of the inventory | there is none yet |
//! | anything else, or nothing | it is tried again, as all of these are |

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::{
    Attribute, Attributes, Error, ObjectStore as _, ObjectStoreExt as _, PutOptions, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    client::{
        ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    },
    path::Path,
};
use reqwest::{Client, Request, Url};

use super::{Known, is_ours};
use crate::{
    config,
    public::{File, INVENTORY, Inventory},
};

/// Pages that nobody reads before another one leads to them are put so many at a time.
const AT_ONCE: usize = 8;
/// What the storage may answer at most, in bytes: an inventory, or a fault in words.
const MOST: usize = 8 << 20;

/// A bucket that is written to.
pub(super) struct Bucket(AmazonS3);

impl Bucket {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// When these settings make no client, in words.
    pub(super) fn new(place: &config::Bucket<'_>, http: Client) -> Result<Bucket, String> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(place.name)
            .with_region(place.region)
            .with_access_key_id(place.key)
            .with_secret_access_key(place.secret.expose())
            // One by one, because not every storage knows the other way.
            .with_disable_bulk_delete(true)
            // When it is tried again is decided above.
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            .with_http_connector(Ours(http));
        if let Some(endpoint) = place.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        builder.build().map(Bucket).map_err(|_| "these settings make no client of the storage".to_owned())
    }

    /// Brings the bucket to these files, in their order; what it got stays in `known`, whatever comes after.
    ///
    /// # Errors
    /// Which file, and why, in words that name no address.
    pub(super) async fn write(&self, files: &[File], known: &mut Known) -> Result<(), String> {
        // A detail is read by who was led to it, so those beside each other need no order.
        let is_detail = |file: &File| file.path.contains("incidents/") && file.path.ends_with(".html");
        for group in files.chunk_by(|one, next| is_detail(one) && is_detail(next)) {
            let new = group.iter().map(|file| (file, file.digest()));
            let new: Vec<_> = new.filter(|(file, digest)| known.get(&file.path) != Some(digest)).collect();
            if new.iter().any(|(file, _)| file.path == INVENTORY) {
                self.remove_old(files).await.map_err(|why| format!("what is no longer public stays: {why}"))?;
            }
            let puts: Vec<_> = new.into_iter().map(|(file, digest)| self.put(file, digest)).collect();
            let mut put = stream::iter(puts).buffer_unordered(AT_ONCE);
            while let Some((path, digest)) = put.try_next().await? {
                known.insert(path, digest);
            }
        }
        known.retain(|path, _| files.iter().any(|file| file.path == *path));
        Ok(())
    }

    async fn put(&self, file: &File, digest: String) -> Result<(String, String), String> {
        let attributes = Attributes::from_iter([
            (Attribute::ContentType, file.content_type),
            (Attribute::CacheControl, file.cache_control()),
        ]);
        let options = PutOptions { attributes, ..PutOptions::default() };
        let put = self.0.put_opts(&Path::from(file.path.as_str()), file.bytes.clone().into(), options).await;
        put.map(|_| (file.path.clone(), digest)).map_err(|error| format!("{}: {}", file.path, in_words(&error)))
    }

    /// Deletes what the inventory names and the new state has not.
    async fn remove_old(&self, files: &[File]) -> Result<(), String> {
        let text = match self.0.get(&Path::from(INVENTORY)).await {
            Ok(found) => found.bytes().await,
            Err(Error::NotFound { source, .. }) if code(&source.to_string()) != Some("NoSuchBucket") => return Ok(()),
            Err(error) => Err(error),
        };
        let text = text.map_err(|error| in_words(&error))?;
        let inventory: Inventory = serde_json::from_slice(&text).unwrap_or_default();
        let gone = |path: &str| is_ours(path) && files.iter().all(|file| file.path != path);
        for old in inventory.files.iter().filter(|old| gone(old)) {
            match self.0.delete(&Path::from(old.as_str())).await {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(in_words(&error)),
            }
        }
        Ok(())
    }
}

/// What the storage said, or that it said nothing. Its own words may repeat the key, so only its code is looked at.
fn in_words(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    let text = error.to_string();
    let code = code(&text);
    if code.is_none() {
        while let Some(source) = cause.source() {
            if let Some(http) = source.downcast_ref::<HttpError>() {
                return match http.kind() {
                    HttpErrorKind::Timeout => "the storage does not answer in time".to_owned(),
                    _ => "the storage cannot be reached".to_owned(),
                };
            }
            cause = source;
        }
    }
    let words = match (code, error) {
        (Some("NoSuchBucket"), _) => "there is no such bucket; make it, or correct `bucket`",
        (Some("InvalidAccessKeyId"), _) => "the storage does not know the access key; correct `access_key_id`",
        (Some("SignatureDoesNotMatch"), _) => "the secret is not that of the access key; correct `secret_access_key`",
        (Some("RequestTimeTooSkewed"), _) => "this machine's clock differs from the storage's; correct it",
        (Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"), _) => {
            "the bucket is in another region; correct `region` or `endpoint`"
        }
        (Some("AccessDenied"), _) | (None, Error::PermissionDenied { .. }) => {
            "the access key may not do this; it needs s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket"
        }
        (_, Error::Unauthenticated { .. }) => {
            "the storage does not take the credentials; correct `access_key_id` and `secret_access_key`"
        }
        (Some(code), _) => return format!("the storage refuses it ({code})"),
        (None, _) => "the storage gives no answer that it should",
    };
    words.to_owned()
}

/// The code in a storage's answer.
fn code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    ((1..=60).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric())).then_some(code)
}

/// The daemon's own client, with its limits.
#[derive(Clone)]
struct Ours(Client);

impl fmt::Debug for Ours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the daemon's client")
    }
}

impl HttpConnector for Ours {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Ours {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |error: reqwest::Error| {
            let kind = if error.is_timeout() { HttpErrorKind::Timeout } else { HttpErrorKind::Connect };
            HttpError::new(kind, error.without_url())
        };
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let mut request = Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(reqwest::Body::wrap(body));
        let mut answer = self.0.execute(request).await.map_err(failed)?;
        let mut text = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(failed)? {
            text.extend_from_slice(&piece);
            if text.len() > MOST {
                let error = std::io::Error::other("the answer is too long");
                return Err(HttpError::new(HttpErrorKind::Decode, error));
            }
        }
        let mut response = HttpResponse::new(Bytes::from(text).into());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

#[cfg(test)]
mod tests;
