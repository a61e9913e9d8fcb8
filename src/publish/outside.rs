//! A copy as somebody outside gets it.

use reqwest::{Client, StatusCode, header};
use url::Url;

use crate::public::{BANNER, File, digest};

/// What a page or the banner may have at most, in bytes: a copy may be on somebody else's machine.
const MOST: usize = 8 << 20;

/// Whether the first page and the banner are there as they were written.
///
/// # Errors
/// What was seen instead, in words that name no address.
pub async fn look(http: &Client, base: &Url, files: &[File]) -> Result<(), String> {
    for path in ["index.html", BANNER] {
        let Some(file) = files.iter().find(|file| file.path == path) else { continue };
        let url = base.join(path).map_err(|_| "its address cannot be joined".to_owned())?;
        let answer = http.get(url).header(header::CACHE_CONTROL, "no-cache").send().await;
        let mut answer = answer.map_err(|_| "it cannot be reached".to_owned())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("{path}: it answers {}", answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|_| format!("{path}: it broke off"))? {
            body.extend_from_slice(&piece);
            if body.len() > MOST {
                return Err(format!("{path}: it is something else, and large"));
            }
        }
        if digest(&body) != file.digest() {
            return Err(format!("{path}: it still shows another state"));
        }
    }
    Ok(())
}
