//! What accounts and rooms have in common: a thread is posted part by part, each below the one before, and deleted part
//! by part; and most places' HTTP statuses mean the same.
//!
//! | answer | outcome |
//! |---|---|
//! | other 2xx, 408, other 5xx | in doubt |
//! | 3xx | later: bad_answer; redirects are not followed |
//! | 401, 403 | later: unauthorized |
//! | 429 | later: throttled, until `Retry-After` |
//! | 503 | later: temporary, until `Retry-After` |
//! | other 4xx | rejected: bad_content |
//! | no connection | later: unreachable |
//! | no answer | in doubt |

use std::time::Duration;

use async_trait::async_trait;
use reqwest::RequestBuilder;

use crate::{
    contract::{CheckReport, Clock, Outcome, Parcel, Reason, Unavailable},
    exchange::{Answer, Silence, exchange},
    social::{about_part, named, posts, reference},
};

/// How often, and how long at the most, a thread that has begun waits for a place that asks to go slower.
const WAITS: usize = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A place that takes one post at a time.
#[async_trait]
pub(crate) trait Place: Send + Sync {
    /// Posts one part, below `parent` if there is one. Answers how the place calls it, where it says so.
    async fn post(
        &self,
        parcel: &Parcel,
        place: usize,
        text: &str,
        parent: Option<&str>,
    ) -> Result<Option<String>, Outcome>;

    /// Deletes one post by the place's name for it. What is gone already is deleted.
    async fn delete(&self, _parcel: &Parcel, _id: &str) -> Result<(), Outcome> {
        let detail = "nothing that was posted can be deleted from here; delete it there by hand".to_owned();
        Err(Outcome::Rejected { reason: Reason::BadContent, detail })
    }
}

/// Posts a parcel. `repeatable` says that a repeat of a part makes no second post. Where it would make one, a thread that
/// has begun is seen through, since what is retried later begins at its first part; if it cannot be, it is in doubt.
pub(crate) async fn send(place: &impl Place, clock: &dyn Clock, parcel: &Parcel, repeatable: bool) -> Outcome {
    let parts = match posts(parcel) {
        Ok(parts) => parts,
        Err(refusal) => return refusal,
    };
    let mut parent = parcel.thread.as_ref().map(|thread| thread.parent.clone());
    let mut ids = Vec::with_capacity(parts.len());
    let mut waits = 0;
    for (number, text) in parts.iter().enumerate() {
        let has_begun = number > 0 && !repeatable;
        let id = loop {
            let outcome = match place.post(parcel, number, text, parent.as_deref()).await {
                Ok(id) => break id,
                Err(Outcome::Later { after, reason: Reason::Throttled, .. }) if has_begun && waits < WAITS => {
                    waits += 1;
                    clock.sleep(after.unwrap_or(Duration::from_secs(1)).min(LONGEST_WAIT)).await;
                    continue;
                }
                Err(outcome) => about_part(outcome, number, parts.len()),
            };
            return if has_begun { begun(outcome) } else { outcome };
        };
        if let Some(id) = id {
            parent = Some(id.clone());
            ids.push(id);
        }
    }
    Outcome::Accepted { reference: reference(&ids), parts: u32::try_from(parts.len()).unwrap_or(u32::MAX) }
}

/// The parts before are out, whatever became of this one.
fn begun(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Later { detail, .. } | Outcome::Rejected { detail, .. } | Outcome::InDoubt { detail } => {
            let detail = format!("what comes before is out; {detail}").chars().take(200).collect();
            Outcome::InDoubt { detail }
        }
        done @ (Outcome::Accepted { .. } | Outcome::Delivered { .. }) => done,
    }
}

/// Deletes the posts that a reference names.
pub(crate) async fn withdraw(place: &impl Place, parcel: &Parcel, reference: Option<&str>) -> Outcome {
    let refused = |detail: &str| Outcome::Rejected { reason: Reason::BadAnswer, detail: detail.to_owned() };
    let known: Vec<&str> = reference.map(|reference| named(reference).collect()).unwrap_or_default();
    if known.is_empty() {
        return refused("the place never said which post it is; look at it, and delete it there by hand");
    }
    for (number, id) in known.iter().enumerate() {
        if let Err(outcome) = place.delete(parcel, id).await {
            return about_part(outcome, number, known.len());
        }
    }
    match posts(parcel) {
        Ok(parts) if parts.len() > known.len() => {
            refused("only the ends of this thread are known, and deleted; delete what is between by hand")
        }
        _ => Outcome::Accepted { reference: None, parts: u32::try_from(known.len()).unwrap_or(u32::MAX) },
    }
}

/// Sends a request that carries a post.
pub(crate) async fn ask(request: RequestBuilder) -> Result<Answer, Outcome> {
    exchange(request).await.map_err(|silence| match silence {
        Silence::NotSent(why) => Outcome::Later { after: None, reason: Reason::Unreachable, detail: why.to_owned() },
        Silence::NoAnswer(why) => Outcome::InDoubt { detail: why.to_owned() },
    })
}

/// What a status means where the place's own table says nothing else. `after` is the place's own wish.
pub(crate) fn by_status(status: u16, after: Option<Duration>, detail: String) -> Outcome {
    match status {
        200..=299 | 408 => Outcome::InDoubt { detail },
        300..=399 => Outcome::Later { after: None, reason: Reason::BadAnswer, detail },
        401 | 403 => Outcome::Later { after: None, reason: Reason::Unauthorized, detail },
        429 => Outcome::Later { after, reason: Reason::Throttled, detail },
        503 => Outcome::Later { after, reason: Reason::Temporary, detail },
        400..=499 => Outcome::Rejected { reason: Reason::BadContent, detail },
        _ => Outcome::InDoubt { detail },
    }
}

/// Sends a request that only looks, for a credential check.
pub(crate) async fn look(request: RequestBuilder) -> Result<Answer, Unavailable> {
    exchange(request).await.map_err(|silence| match silence {
        Silence::NotSent(why) | Silence::NoAnswer(why) => unavailable(Reason::Unreachable, why),
    })
}

/// A check that failed.
pub(crate) fn unavailable(reason: Reason, detail: &str) -> Unavailable {
    Unavailable { reason, detail: detail.to_owned(), after: None }
}

/// What a status means to a check that hoped for another.
pub(crate) fn check_failed(answer: &Answer, after: Option<Duration>) -> Unavailable {
    match answer.status {
        401 | 403 => unavailable(Reason::Unauthorized, "the place refuses the credentials"),
        429 => Unavailable { after, ..unavailable(Reason::Throttled, "the place asks to go slower") },
        status => unavailable(Reason::BadAnswer, &format!("the place answers {status} to the check")),
    }
}

/// A check that found nothing wrong.
pub(crate) fn checked(summary: String) -> Result<CheckReport, Unavailable> {
    Ok(CheckReport { summary: summary.chars().take(200).collect(), ..CheckReport::default() })
}

/// The text that a place put into its answer, cut to what people read.
pub(crate) fn short(text: Option<&str>) -> String {
    text.unwrap_or("?").chars().take(100).collect()
}

#[cfg(test)]
mod tests;
